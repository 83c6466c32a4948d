//! The checks of a section: a metric line with its threshold and what stands below it.

use serde_json::{Map, Value};

use super::line::{Argument, Line, Threshold, Wrong, parse, threshold};
use super::{Reader, VALIDITY, condition, merged, validity};
use crate::checks::{
    Denominator, DuplicateCount, FailedRows, Fails, Freshness, QueryResult, ReferentialIntegrity,
    RowCountMatch, SqlRule,
};
use crate::contract::problem::Problem;
use crate::contract::rules::{Drafted, Rule, both, ours};
use crate::contract::soda::queries::{retabled, select};
use crate::contract::soda::rules::{self, Amount};
use crate::contract::soda::validity::Validity;
use crate::contract::zone::Zone;
use crate::evidence::Severity;
use crate::measure::{Comparison, LogicalType};

/// What a check may say that changes nothing here.
const ASIDE: [&str; 7] = [
    "name",
    "identity",
    "attributes",
    "samples limit",
    "samples columns",
    "failed rows query",
    "collect failed rows",
];

/// A check as it stands in the file.
pub(super) struct Entry<'a> {
    /// Where it stands, what it speaks of.
    pub(super) rule: Rule,
    /// What stands below it, variables replaced.
    pub(super) body: &'a Map<String, Value>,
    /// The rows of the section's filter, as SQL.
    filter: Option<String>,
}

/// Where a value must lie, for each severity, and whether in seconds.
struct Passes {
    zones: Vec<(Severity, Zone)>,
    duration: bool,
}

type Done = Result<(), String>;

impl Reader<'_> {
    /// One entry of a list of checks.
    pub(super) fn entry(
        &mut self,
        text: &str,
        pointer: &str,
        below: Option<&Value>,
        rows: &Result<Option<String>, String>,
    ) {
        let rule = Rule {
            pointer: pointer.to_owned(),
            ..Rule::default()
        };
        if let Err(why) = self.entry_of(text, &rule, below, rows) {
            let why = format!("the check `{text}` was not evaluated: {why}");
            self.rules.unsupported(&rule, Severity::Error, why);
        }
    }

    fn entry_of(
        &mut self,
        text: &str,
        rule: &Rule,
        below: Option<&Value>,
        rows: &Result<Option<String>, String>,
    ) -> Done {
        let filter = rows.clone()?;
        let empty = Value::Object(Map::new());
        let below = match below {
            None | Some(Value::Null) => &empty,
            Some(below) => below,
        };
        let Value::Object(body) = self.variables.resolve(below)? else {
            return Err("what stands below a check must be a mapping".to_owned());
        };
        let mut rule = rule.clone();
        rule.rows = filter.as_deref().map(condition).transpose()?;
        let entry = Entry {
            rule,
            body: &body,
            filter,
        };
        match text.trim() {
            "schema" => return self.schema(&entry),
            "failed rows" => return self.failed_rows(&entry),
            "group by" | "group evolution" => {
                return Err("groups of a query are not supported".to_owned());
            }
            _ => {}
        }
        let line = self.variables.resolve_text(text)?;
        match parse(&line) {
            Ok(line) => self.line(&entry, line),
            Err(wrong) => {
                let problem = self.at(&entry.rule.pointer, text == line, &wrong);
                self.rules.problem(problem);
                Ok(())
            }
        }
    }

    /// The problem of a line, at its character when the text is the one in the file.
    fn at(&self, pointer: &str, as_written: bool, wrong: &Wrong) -> Problem {
        let mut position = self.rules.document.position(pointer);
        if as_written && wrong.at < position.length as usize {
            let at = u32::try_from(wrong.at).unwrap_or(0);
            position.column = position.column.saturating_add(at);
            position.length = position.length.saturating_sub(at).max(1);
        }
        Problem::new(&self.rules.document.file, position, wrong.message.clone())
    }

    fn line(&mut self, entry: &Entry<'_>, line: Line) -> Done {
        match line {
            Line::History(why) => Err(format!(
                "{why} needs earlier measurements, which Soda Cloud keeps"
            )),
            Line::RowCountSameAs {
                qualified: true, ..
            } => Err(
                "a comparison with filtered rows or another data source is not supported"
                    .to_owned(),
            ),
            Line::RowCountSameAs { table, .. } => {
                entry.known(&[])?;
                let check = RowCountMatch {
                    dataset: table,
                    comparison: Comparison::Equal,
                    factor: 1.0,
                    margin: 0.0,
                };
                self.rules.add(&entry.rule, Severity::Error, ours(check));
                Ok(())
            }
            Line::Reference {
                columns,
                table,
                columns_there,
                must_not,
            } => {
                entry.known(&[])?;
                let none = Amount {
                    zone: Zone::Only(0.0),
                    percent: false,
                };
                let mut rule = entry.rule.clone();
                if let [column] = columns.as_slice() {
                    rule.column = Some(column.clone());
                }
                let check = rules::reference(columns, table, columns_there, none);
                let fails = if must_not {
                    Fails::Found
                } else {
                    Fails::Absent
                };
                let check = ReferentialIntegrity { fails, ..check };
                self.rules.add(&rule, Severity::Error, ours(check));
                Ok(())
            }
            Line::Metric {
                name,
                arguments,
                passes,
            } => self.metric(entry, &name, &arguments, passes),
        }
    }

    fn metric(
        &mut self,
        entry: &Entry<'_>,
        name: &str,
        arguments: &[Argument],
        passes: Option<Threshold>,
    ) -> Done {
        if name == "distribution_difference" {
            return Err(
                "its reference is a file of Soda's own; compare distributions with `drift`"
                    .to_owned(),
            );
        }
        let custom = [format!("{name} expression"), format!("{name} query")];
        let known: Vec<&str> = VALIDITY
            .iter()
            .copied()
            .chain(["filter", "warn", "fail"])
            .chain(custom.iter().map(String::as_str))
            .collect();
        entry.known(&known)?;
        let passes = entry.passes(passes, None)?;
        if custom.iter().any(|key| entry.body.contains_key(key)) {
            return self.custom(entry, &custom, &passes);
        }
        let mut rule = entry.rule.clone();
        if let Some(filter) = entry.body.get("filter").and_then(Value::as_str) {
            rule.rows = both(rule.rows, Some(condition(filter.trim())?));
        }
        let columns: Vec<String> = arguments
            .iter()
            .filter_map(|argument| match argument {
                Argument::Name(name) => Some(name.clone()),
                Argument::Number(_) => None,
            })
            .collect();
        let said = validity(entry.body)?;
        if name == "row_count" {
            return self.each(&rule, &passes, false, |amount| {
                Ok(rules::row_count(amount.zone))
            });
        }
        let Some(column) = columns.first().cloned() else {
            return Err(format!("`{name}` needs a column, as `{name}(column)`"));
        };
        rule.column = (columns.len() == 1).then(|| column.clone());
        let percent = name.ends_with("_percent");
        match name {
            "freshness" if 1 < columns.len() => Err(
                "the time freshness is taken at is given on the command line, not here".to_owned(),
            ),
            "freshness" => self.freshness(&rule, &column, &passes),
            "duplicate_count" | "duplicate_percent" => {
                self.each(&rule, &passes, percent, |amount| {
                    let of = Denominator::AllRows;
                    Ok(if columns.len() == 1 {
                        rules::repeated_values(DuplicateCount::Keys, amount, of)
                    } else {
                        rules::repeated_keys(columns.clone(), amount)
                    })
                })
            }
            _ if 1 < columns.len() => Err(format!("`{name}` takes one column")),
            "missing_count" | "missing_percent" => {
                let said = self.said(&column, said);
                self.each(&rule, &passes, percent, |amount| {
                    rules::missing(&column, &said, amount)
                })
            }
            "invalid_count" | "invalid_percent" => {
                let said = self.said(&column, said);
                self.each(&rule, &passes, percent, |amount| {
                    rules::invalid(&column, &said, amount)
                })
            }
            "valid_count" => {
                let said = self.said(&column, said);
                rule.rows = Some(rows_valid(rule.rows, &column, &said));
                self.each(&rule, &passes, false, |amount| {
                    Ok(rules::row_count(amount.zone))
                })
            }
            _ => {
                let said = self.said(&column, said);
                self.aggregate(rule, name, arguments, &column, &said, &passes)
            }
        }
    }

    /// A statistic of the values that are neither missing nor invalid.
    fn aggregate(
        &mut self,
        mut rule: Rule,
        name: &str,
        arguments: &[Argument],
        column: &str,
        said: &Validity,
        passes: &Passes,
    ) -> Done {
        if said.says_missing() || said.says_invalid() {
            rule.rows = Some(rows_valid(rule.rows, column, said));
        }
        if !name.contains("length") {
            self.rules.give_type(column, LogicalType::Number);
        }
        let fraction = match arguments {
            [_, Argument::Number(fraction)] => Some(*fraction),
            _ => None,
        };
        self.each(&rule, passes, false, |amount| match (name, fraction) {
            ("percentile", Some(fraction)) => rules::percentile(fraction, amount.zone),
            ("percentile", None) => Err("`percentile` needs a fraction, as `percentile(column, 0.95)`".to_owned()),
            (_, Some(_)) => Err(format!("`{name}` takes no number")),
            (name, None) => rules::statistic(name, amount.zone).ok_or_else(|| {
                format!("there is no metric `{name}`, and neither `{name} expression` nor `{name} query` stands below it")
            }),
        })
    }

    /// A metric of the file's own: an expression or a query.
    fn custom(&mut self, entry: &Entry<'_>, keys: &[String; 2], passes: &Passes) -> Done {
        let text = |key: &String| entry.body.get(key).and_then(Value::as_str).map(str::trim);
        let [expression, query] = keys;
        if entry.body.contains_key("filter") {
            return Err("Soda applies no `filter` to a metric of one's own".to_owned());
        }
        let dataset = self.rules.request.dataset;
        let query = match (text(expression), text(query)) {
            (Some(expression), _) => select(expression, dataset, entry.filter.as_deref()),
            (None, Some(query)) => retabled(query, &self.table, dataset),
            (None, None) => return Err("the expression or query must be a text".to_owned()),
        };
        let rule = entry.of_all_rows();
        self.each(&rule, passes, false, |amount| {
            Ok(ours(SqlRule {
                query: query.clone(),
                result: QueryResult::Number,
                bound: amount.zone.bound(),
                dialect: None,
            }))
        })
    }

    fn failed_rows(&mut self, entry: &Entry<'_>) -> Done {
        entry.known(&["fail condition", "fail query", "warn", "fail"])?;
        let passes = entry.passes(None, Some(Zone::Only(0.0)))?;
        let text = |key: &str| entry.body.get(key).and_then(Value::as_str).map(str::trim);
        match (text("fail condition"), text("fail query")) {
            (Some(condition), _) => self.each(&entry.rule, &passes, false, |amount| {
                rules::rows_with(condition, amount)
            }),
            (None, Some(query)) => {
                // A query reads the table itself, whatever the filter says.
                let query = retabled(query, &self.table, self.rules.request.dataset);
                self.each(&entry.of_all_rows(), &passes, false, |amount| {
                    Ok(ours(FailedRows {
                        query: query.clone(),
                        rows: Some(amount.zone.bound_of_count()),
                        ..FailedRows::default()
                    }))
                })
            }
            (None, None) => Err("it needs `fail condition` or `fail query`".to_owned()),
        }
    }

    /// The age of the newest value. Soda fails an age *above* the threshold, also when it says `<`.
    fn freshness(&mut self, rule: &Rule, column: &str, passes: &Passes) -> Done {
        if !passes.duration {
            return Err("an age is a duration, such as `1d6h`".to_owned());
        }
        let as_of = self.rules.request.as_of;
        self.rules.give_type(column, LogicalType::Timestamp);
        self.each(rule, passes, false, |amount| match amount.zone {
            Zone::Below(end) => Ok(ours(Freshness {
                days_max: end.value / 86_400.0,
                as_of,
                future_allowed: true,
            })),
            Zone::Above(_)
            | Zone::Only(_)
            | Zone::Except(_)
            | Zone::Inside(..)
            | Zone::Outside(..) => {
                Err("an age can only be required to be less than something".to_owned())
            }
        })
    }

    /// What the check and the configuration say of a column.
    fn said(&self, column: &str, check: Validity) -> Validity {
        match self.columns.iter().find(|(name, _)| name == column) {
            Some((_, known)) => merged(check, known.clone()),
            None => check,
        }
    }

    fn each(
        &mut self,
        rule: &Rule,
        passes: &Passes,
        percent: bool,
        check: impl Fn(Amount) -> Result<Drafted, String>,
    ) -> Done {
        let mut checks = Vec::new();
        for (severity, zone) in &passes.zones {
            let zone = *zone;
            checks.push((*severity, check(Amount { zone, percent })?));
        }
        for (severity, check) in checks {
            self.rules.add(rule, severity, check);
        }
        Ok(())
    }
}

impl Entry<'_> {
    /// Nothing but these keys and those that change nothing.
    pub(super) fn known(&self, keys: &[&str]) -> Done {
        let unknown =
            |key: &&String| !ASIDE.contains(&key.as_str()) && !keys.contains(&key.as_str());
        match self.body.keys().find(unknown) {
            None => Ok(()),
            Some(key) => Err(format!("`{key}` below it is not supported")),
        }
    }

    /// What the line demands, or what `fail` and `warn` below it say; `default` when neither does.
    fn passes(&self, line: Option<Threshold>, default: Option<Zone>) -> Result<Passes, String> {
        if let Some(line) = line {
            return Ok(Passes {
                zones: vec![(Severity::Error, line.zone)],
                duration: line.duration,
            });
        }
        let mut zones = Vec::new();
        let mut duration = true;
        for (key, severity) in [("fail", Severity::Error), ("warn", Severity::Warning)] {
            let Some(said) = self.body.get(key) else {
                continue;
            };
            let when = said
                .as_str()
                .and_then(|text| text.trim().strip_prefix("when "));
            let Some(when) = when else {
                return Err(format!("`{key}` must say `when` and a comparison"));
            };
            let fails = threshold(when)
                .map_err(|wrong| format!("`{key}: when {when}`: {}", wrong.message))?;
            duration &= fails.duration;
            zones.push((severity, fails.zone.complement()));
        }
        match (zones.is_empty(), default) {
            (false, _) => Ok(Passes { zones, duration }),
            (true, Some(zone)) => Ok(Passes {
                zones: vec![(Severity::Error, zone)],
                duration: false,
            }),
            (true, None) => Err("it has no threshold".to_owned()),
        }
    }

    fn of_all_rows(&self) -> Rule {
        Rule {
            rows: None,
            ..self.rule.clone()
        }
    }
}

/// The rows among these in which the column is neither missing nor invalid.
fn rows_valid(
    rows: Option<crate::measure::Condition>,
    column: &str,
    said: &Validity,
) -> crate::measure::Condition {
    let present = said.present(column);
    let valid = match said.invalid(column) {
        Some(invalid) => present.and(invalid.negated()),
        None => present,
    };
    match rows {
        Some(rows) => rows.and(valid),
        None => valid,
    }
}
