//! The rules under `quality`: those of the standard's library, and our own.

use serde_json::{Map, Value};

use super::fields::{text, texts};
use super::planner::Planner;
use crate::checks::{
    self, AcceptedValues, DuplicateRows, MissingValues, NullFraction, PlannedCheck, RowCount,
    Target, Tolerance, Uniqueness, ValuePattern,
};
use crate::contract::schema;
use crate::evidence::{Bound, Severity};
use crate::measure::{Condition, sql};

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
            "sql" => self.unsupported(target, "an SQL rule cannot be run on a file".to_owned()),
            // A text rule is documentation for people.
            _ => {
                target.severity = Severity::Info;
                let what = text(rule, "description").unwrap_or("a rule in words");
                self.unsupported(target, format!("written for people, not evaluated: {what}"));
            }
        }
    }

    fn library_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let bound = match operator(rule) {
            Ok(bound) => bound,
            Err(message) => return self.problem(pointer, message),
        };
        let tolerance = tolerance(rule, bound);
        let empty = Map::new();
        let arguments = rule
            .get("arguments")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        match text(rule, "metric").or_else(|| text(rule, "rule")) {
            Some("rowCount") => self.add(
                Target {
                    column: None,
                    ..target
                },
                RowCount { rows: bound },
            ),
            Some("nullValues") => {
                self.add(
                    target,
                    NullFraction {
                        fraction: tolerance.fraction,
                        rows: tolerance.rows,
                        ..NullFraction::default()
                    },
                );
            }
            Some("missingValues") => {
                let values = texts(arguments, "missingValues");
                self.add(target, MissingValues { values, tolerance });
            }
            Some("duplicateValues") => self.duplicate_values(target, arguments, tolerance),
            Some("invalidValues") => self.invalid_values(pointer, target, arguments, tolerance),
            Some(other) => self.problem(
                &format!("{pointer}/metric"),
                format!("unknown metric `{other}`"),
            ),
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
        let values = texts(arguments, "validValues");
        let pattern = text(arguments, "pattern");
        if values.is_empty() && pattern.is_none() {
            return self.problem(
                pointer,
                "`invalidValues` needs `arguments` with `validValues` or `pattern`",
            );
        }
        if !values.is_empty() {
            let values = values.into_iter().map(Value::String).collect();
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

    /// A rule of our own engine: `implementation: {check: mean, bound: {between: [1, 2]}}`.
    fn own_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let at = format!("{pointer}/implementation");
        let Some(mut parameters) = rule
            .get("implementation")
            .and_then(Value::as_object)
            .cloned()
        else {
            return self.problem(&at, "expected a mapping with `check` and its parameters");
        };
        let Some(Value::String(id)) = parameters.remove("check") else {
            return self.problem(
                &at,
                "the key `check` is missing: the id of the check to run",
            );
        };
        let Some(kind) = checks::find(&id) else {
            let ids = checks::requirements().map(|requirement| requirement.id);
            let problem = self
                .document
                .problem(&format!("{at}/check"), format!("unknown check `{id}`"));
            let problem = match schema::closest(&id, ids) {
                Some(known) => problem.hint(format!("did you mean `{known}`?")),
                None => problem,
            };
            return self.problems.push(problem);
        };
        let (rows, slices) = match spoken_of(&mut parameters) {
            Ok(spoken_of) => spoken_of,
            Err(message) => return self.problem(&at, message),
        };
        if takes_a_time(kind) {
            let as_of = self.request.as_of.to_rfc3339();
            parameters.entry("as_of").or_insert_with(|| as_of.into());
        }
        match (kind.parse)(Value::Object(parameters)) {
            Ok(check) => {
                let mut planned = PlannedCheck::new(target, check);
                planned.rows = rows;
                planned.slices = slices;
                self.plan.checks.push(planned);
            }
            Err(error) => self.problem(&at, format!("parameters of `{id}`: {error}")),
        }
    }
}

/// The rows a rule speaks of and the columns it is judged by, taken out of its parameters: `where`, an SQL
/// condition, and `by`, a list of columns.
fn spoken_of(
    parameters: &mut Map<String, Value>,
) -> Result<(Option<Condition>, Vec<String>), String> {
    let rows = match parameters.remove("where") {
        None => None,
        Some(Value::String(text)) => {
            let condition = sql::condition(&text);
            Some(condition.map_err(|why| format!("the expression `{text}` {why}"))?)
        }
        Some(_) => return Err("`where` must be an SQL condition as text".to_owned()),
    };
    let slices = match parameters.remove("by") {
        None => Vec::new(),
        Some(Value::Array(columns)) => columns
            .iter()
            .map(|column| column.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or("`by` must be a list of columns")?,
        Some(_) => return Err("`by` must be a list of columns".to_owned()),
    };
    Ok((rows, slices))
}

/// Whether the check is judged at a time, which is that of the run unless the contract fixes one.
fn takes_a_time(kind: &checks::CheckKind) -> bool {
    let schema = (kind.schema)();
    schema.pointer("/properties/as_of").is_some()
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
    match bound {
        Bound::AtLeast(percent) => Bound::AtLeast(percent / 100.0),
        Bound::AtMost(percent) => Bound::AtMost(percent / 100.0),
        Bound::MoreThan(percent) => Bound::MoreThan(percent / 100.0),
        Bound::LessThan(percent) => Bound::LessThan(percent / 100.0),
        Bound::Exactly(percent) => Bound::Exactly(percent / 100.0),
        Bound::Not(percent) => Bound::Not(percent / 100.0),
        Bound::Between(lower, upper) => Bound::Between(lower / 100.0, upper / 100.0),
        Bound::Outside(lower, upper) => Bound::Outside(lower / 100.0, upper / 100.0),
    }
}
