//! The rules under `quality`: those of the standard's library, and our own.

use serde_json::{Map, Value};

use super::fields::{text, texts};
use super::notes::Trap;
use super::planner::Planner;
use crate::checks::{
    AcceptedValues, DuplicateRows, MissingValues, NullFraction, RowCount, Target, Tolerance,
    Uniqueness, ValuePattern,
};
use crate::evidence::{Bound, Severity};

impl Planner<'_> {
    pub(super) fn rule(
        &mut self,
        pointer: &str,
        rule: &Map<String, Value>,
        property: Option<&Map<String, Value>>,
    ) {
        let mut target = self.target(pointer, property);
        match severity(rule) {
            Ok(severity) => target.severity = severity,
            Err(word) => self.problem(
                &format!("{pointer}/severity"),
                format!("the severity `{word}` is not one of `info`, `warning`, `error`"),
            ),
        }
        match text(rule, "type").unwrap_or("library") {
            "library" => self.library_rule(pointer, target, rule),
            "custom" if text(rule, "engine") == Some("proofmark") => {
                self.own_rule(pointer, target, rule)
            }
            "custom" => {
                let engine = text(rule, "engine").unwrap_or("?");
                self.unsupported(
                    target,
                    format!("a rule of the engine `{engine}` cannot be run here"),
                );
            }
            "sql" => self.query(pointer, target, rule),
            // A text rule is documentation for people.
            _ => {
                target.severity = Severity::Info;
                let what = text(rule, "description").unwrap_or("a rule in words");
                self.unsupported(target, format!("written for people, not evaluated: {what}"));
            }
        }
    }

    fn library_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let metric = text(rule, "metric").or_else(|| text(rule, "rule"));
        let bound = match operator(rule) {
            Ok(bound) => bound,
            // A list of values of version 3.0 says by itself what is wrong.
            Err(_) if metric == Some("validValues") && !has_operator(rule) => Bound::AtMost(0.0),
            Err(message) => return self.problem(pointer, message),
        };
        if matches!(bound, Bound::Between(..) | Bound::Outside(..)) {
            self.note(pointer, &target, Trap::Between);
        }
        // None is none however one counts and whatever one divides by.
        let counting_matters = !matches!(bound, Bound::Exactly(0.0) | Bound::AtMost(0.0));
        let tolerance = tolerance(rule, bound);
        let empty = Map::new();
        let arguments = rule
            .get("arguments")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        if counting_matters
            && tolerance.fraction.is_some()
            && matches!(
                metric,
                Some("invalidValues" | "duplicateValues" | "duplicateCount" | "validValues")
            )
        {
            self.note(pointer, &target, Trap::Percent);
        }
        match metric {
            Some("rowCount") => self.add(
                Target {
                    column: None,
                    ..target
                },
                RowCount { rows: bound },
            ),
            Some("nullValues" | "nullCheck" | "nullCount") => {
                self.add(
                    target,
                    NullFraction {
                        fraction: tolerance.fraction,
                        rows: tolerance.rows,
                    },
                );
            }
            Some("missingValues") => {
                let values = texts(arguments, "missingValues");
                self.add(target, MissingValues { values, tolerance });
            }
            Some("duplicateValues" | "duplicateCount") => {
                if counting_matters {
                    self.note(pointer, &target, Trap::Duplicates);
                }
                self.duplicate_values(target, arguments, tolerance);
            }
            Some("invalidValues") => self.invalid_values(pointer, target, arguments, tolerance),
            // Version 3.0 lists the values beside the rule.
            Some("validValues") => {
                let from = if arguments.is_empty() {
                    rule
                } else {
                    arguments
                };
                self.invalid_values(pointer, target, from, tolerance);
            }
            // In version 3.0 any word was a rule.
            Some(other) => self.unsupported(target, format!("the metric `{other}` is not known")),
            None => self.problem(
                pointer,
                "this rule has neither `metric` nor `type`, so it checks nothing",
            ),
        }
    }

    fn duplicate_values(
        &mut self,
        target: Target,
        arguments: &Map<String, Value>,
        tolerance: Tolerance,
    ) {
        if target.column.is_some() {
            let columns = Vec::new();
            let check = Uniqueness {
                columns,
                tolerance,
                ..Uniqueness::default()
            };
            self.add(target, check);
        } else {
            let columns = texts(arguments, "properties");
            let check = DuplicateRows {
                columns,
                tolerance,
                ..DuplicateRows::default()
            };
            self.add(target, check);
        }
    }

    fn invalid_values(
        &mut self,
        pointer: &str,
        target: Target,
        arguments: &Map<String, Value>,
        tolerance: Tolerance,
    ) {
        let values = match arguments.get("validValues") {
            Some(Value::Array(values)) => values.clone(),
            _ => Vec::new(),
        };
        let pattern = text(arguments, "pattern");
        if values.is_empty() && pattern.is_none() {
            return self.problem(
                pointer,
                "`invalidValues` needs `arguments` with `validValues` or `pattern`",
            );
        }
        if !values.is_empty() {
            let check = AcceptedValues {
                values,
                tolerance,
                ..AcceptedValues::default()
            };
            self.add(target.clone(), check);
        }
        if let Some(pattern) = pattern {
            self.add(
                target,
                ValuePattern {
                    pattern: pattern.to_owned(),
                    tolerance,
                    ..ValuePattern::default()
                },
            );
        }
    }
}

fn severity(rule: &Map<String, Value>) -> Result<Severity, &str> {
    match text(rule, "severity") {
        None => Ok(Severity::Error),
        Some(word) => match word.to_lowercase().as_str() {
            "error" | "critical" | "fatal" => Ok(Severity::Error),
            "warning" | "warn" => Ok(Severity::Warning),
            "info" => Ok(Severity::Info),
            _ => Err(word),
        },
    }
}

pub(in crate::contract) fn operator(rule: &Map<String, Value>) -> Result<Bound, String> {
    let number = |key: &str| rule.get(key).and_then(Value::as_f64);
    let pair = |key: &str| {
        let [lower, upper] = rule.get(key)?.as_array()?.as_slice() else {
            return None;
        };
        Some((lower.as_f64()?, upper.as_f64()?))
    };
    let bounds = [
        number("mustBe").map(Bound::Exactly),
        number("mustNotBe").map(Bound::Not),
        number("mustBeGreaterThan").map(Bound::MoreThan),
        number("mustBeGreaterOrEqualTo").map(Bound::AtLeast),
        number("mustBeLessThan").map(Bound::LessThan),
        number("mustBeLessOrEqualTo").map(Bound::AtMost),
        pair("mustBeBetween").map(|(lower, upper)| Bound::Between(lower, upper)),
        pair("mustNotBeBetween").map(|(lower, upper)| Bound::Outside(lower, upper)),
    ];
    match bounds.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [Bound::Between(lower, upper) | Bound::Outside(lower, upper)] if upper < lower => {
            Err("the smaller number comes first in a range".to_owned())
        }
        [bound] => Ok(*bound),
        _ => Err(
            "this rule needs exactly one operator with a number, such as `mustBeLessThan: 10`"
                .to_owned(),
        ),
    }
}

fn has_operator(rule: &Map<String, Value>) -> bool {
    rule.keys().any(|key| key.starts_with("must"))
}

/// The bound on the rows that break a rule: on their fraction when `unit` is `percent`.
fn tolerance(rule: &Map<String, Value>, bound: Bound) -> Tolerance {
    if text(rule, "unit") == Some("percent") {
        Tolerance {
            fraction: Some(hundredth(bound)),
            ..Tolerance::none()
        }
    } else {
        Tolerance {
            rows: Some(bound),
            ..Tolerance::none()
        }
    }
}

/// The same bound on a fraction instead of a percentage.
fn hundredth(bound: Bound) -> Bound {
    // Divided as a decimal: 0.7 percent is 0.007, which 0.7 / 100 in binary is not.
    let of = |percent: f64| format!("{percent}e-2").parse().unwrap_or(percent / 100.0);
    match bound {
        Bound::AtLeast(percent) => Bound::AtLeast(of(percent)),
        Bound::AtMost(percent) => Bound::AtMost(of(percent)),
        Bound::MoreThan(percent) => Bound::MoreThan(of(percent)),
        Bound::LessThan(percent) => Bound::LessThan(of(percent)),
        Bound::Exactly(percent) => Bound::Exactly(of(percent)),
        Bound::Not(percent) => Bound::Not(of(percent)),
        Bound::Between(lower, upper) => Bound::Between(of(lower), of(upper)),
        Bound::Outside(lower, upper) => Bound::Outside(of(lower), of(upper)),
    }
}
