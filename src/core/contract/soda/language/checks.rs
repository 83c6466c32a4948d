//! The checks of a section: a metric line with its threshold and what stands below it.

use serde_json::{Map, Value};

use super::line::{Line, Threshold, Wrong, parse, threshold};
use super::{Reader, condition};
use crate::checks::{Fails, ReferentialIntegrity, RowCountMatch};
use crate::contract::problem::Problem;
use crate::contract::rules::{Rule, ours};
use crate::contract::soda::rules::{self, Amount};
use crate::contract::zone::Zone;
use crate::evidence::Severity;
use crate::measure::Comparison;

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
    pub(super) filter: Option<String>,
}

/// Where a value must lie, for each severity, and whether in seconds.
pub(super) struct Passes {
    /// For each severity.
    pub(super) zones: Vec<(Severity, Zone)>,
    /// Whether the ends were written as durations.
    pub(super) duration: bool,
}

pub(super) type Done = Result<(), String>;

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
    pub(super) fn passes(
        &self,
        line: Option<Threshold>,
        default: Option<Zone>,
    ) -> Result<Passes, String> {
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

    /// What it speaks of, whatever the filter says.
    pub(super) fn of_all_rows(&self) -> Rule {
        Rule {
            rows: None,
            ..self.rule.clone()
        }
    }
}
