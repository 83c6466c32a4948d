//! The metrics of a check line, each with what its threshold makes of it.

use serde_json::Value;

use super::checks::{Done, Entry, Passes};
use super::line::{Argument, Threshold};
use super::{Reader, VALIDITY, condition, merged, validity};
use crate::checks::{Denominator, DuplicateCount, FailedRows, Freshness, QueryResult, SqlRule};
use crate::contract::rules::{Drafted, Rule, both, ours};
use crate::contract::soda::queries::{retabled, select};
use crate::contract::soda::rules::{self, Amount};
use crate::contract::soda::validity::Validity;
use crate::contract::zone::Zone;
use crate::measure::{Condition, LogicalType};

impl Reader<'_> {
    pub(super) fn metric(
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

    pub(super) fn failed_rows(&mut self, entry: &Entry<'_>) -> Done {
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

/// The rows among these in which the column is neither missing nor invalid.
fn rows_valid(rows: Option<Condition>, column: &str, said: &Validity) -> Condition {
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
