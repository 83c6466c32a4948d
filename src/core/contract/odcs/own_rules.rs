//! Rules of our own engine: quality rules of the type `custom` with the engine `proofmark`.
//!
//! ```yaml
//! - type: custom
//!   engine: proofmark
//!   implementation:
//!     check: mean                       # the id of a check; its parameters beside it
//!     bound: {between: [1, 2]}
//!     where: country = 'NO'             # the rows it speaks of, an SQL expression
//!     by: [region, year]                # each combination is judged for itself
//! ```
//!
//! The keys `where` and `by` stand inside `implementation`, because the standard's schema allows no keys of
//! others beside it; a library metric with a filter is written as the check of ours it stands for.

use serde_json::{Map, Value};

use super::planner::Planner;
use super::ranges;
use crate::checks::{self, CheckKind, PlannedCheck, Target, instant};
use crate::contract::{schema, sql};

/// Columns whose combinations can be judged apart: beyond them slices have no rows.
const SLICE_COLUMNS_MAX: usize = 8;

impl Planner<'_> {
    pub(super) fn own_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
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
            return self.draft.problem(problem);
        };
        let rows = parameters.remove("where");
        let slices = parameters.remove("by");
        if takes_a_time(kind) {
            let as_of = self.draft.request.as_of.to_rfc3339();
            parameters.entry("as_of").or_insert_with(|| as_of.into());
            // A date is its first instant, as everywhere else.
            let text = parameters.get("as_of").and_then(Value::as_str);
            if let Some(as_of) = text.and_then(instant) {
                parameters.insert("as_of".to_owned(), as_of.to_rfc3339().into());
            }
        }
        if let Some((group, keys)) = bounds_beside(&parameters) {
            let message = format!(
                "parameters of `{id}`: {}{} exclude one another; write one rule for each",
                group.map_or_else(String::new, |group| format!("in `{group}`, ")),
                keys.map(|key| format!("`{key}`")).join(" and ")
            );
            return self.problem(&at, message);
        }
        let parameters = Value::Object(parameters);
        let ranges = ranges::problems(&parameters);
        for (key, message) in &ranges {
            self.problem(&format!("{at}{key}"), message);
        }
        if !ranges.is_empty() {
            return;
        }
        let check = match (kind.parse)(parameters.clone()) {
            Ok(check) => check,
            Err(error) => return self.parameters(&at, kind, parameters, &error),
        };
        if let Some(why) = check.demands_nothing() {
            return self.problem(&at, format!("`{id}` demands nothing: {why}"));
        }
        if let Some(why) = check.problem(&target) {
            return self.problem(&at, format!("parameters of `{id}`: {why}"));
        }
        let of_a_column = check.measures(&target);
        if target.column.is_none()
            && of_a_column
                .iter()
                .any(|measure| measure.columns().contains(&""))
        {
            let message = format!(
                "`{id}` speaks of a column; write it below a property, not below its object"
            );
            return self.problem(&at, message);
        }
        let mut planned = PlannedCheck::new(target, check);
        match rows.as_ref().map(Value::as_str) {
            None => {}
            Some(None) => {
                let message = "expected a text: an SQL expression";
                return self.problem(&format!("{at}/where"), message);
            }
            Some(Some(text)) => match sql::condition(text) {
                Ok(condition) => {
                    planned.rows = Some(condition);
                    planned.target.rows = Some(text.to_owned());
                }
                Err(why) => {
                    let message = format!("the expression `{text}` {why}");
                    return self.problem(&format!("{at}/where"), message);
                }
            },
        }
        match slices.as_ref().map(columns) {
            None => {}
            Some(Some(columns)) => planned.slices = columns,
            Some(None) => {
                let message = format!("expected the names of at most {SLICE_COLUMNS_MAX} columns");
                return self.problem(&format!("{at}/by"), message);
            }
        }
        self.draft.push(planned);
    }

    /// What is wrong with the parameters of a check, each at its place, by their schema.
    fn parameters(
        &mut self,
        at: &str,
        kind: &CheckKind,
        parameters: Value,
        error: &serde_json::Error,
    ) {
        let id = kind.requirement.id;
        let about = format!("`proofmark explain {id}` lists the parameters of `{id}`");
        let schema = (kind.schema)().to_value();
        let problems = match jsonschema::validator_for(&schema) {
            Ok(validator) => {
                let document = self.document.part(at, parameters);
                schema::problems(&document, &schema, &validator)
            }
            Err(_) => Vec::new(),
        };
        for problem in problems.iter().cloned() {
            self.draft.problem(match &problem.hint {
                Some(_) => problem,
                None => problem.hint(about.clone()),
            });
        }
        if problems.is_empty() {
            let message = format!("the parameters of `{id}` cannot be read: {error}");
            let problem = self.document.problem(at, message);
            self.draft.problem(problem.hint(about));
        }
    }
}

/// Bounds on the same rows, of which a check looks at the first only: one says it as a number, one as a
/// share of those that fail, one as a share of those that pass.
const BOUNDS_ON_ROWS: [&str; 4] = ["rows", "fraction", "passing", "complete"];

/// Two bounds on the same rows, and the parameter they stand in when they stand in one.
fn bounds_beside(
    parameters: &Map<String, Value>,
) -> Option<(Option<&'static str>, [&'static str; 2])> {
    let two = |said: &Map<String, Value>| {
        let mut given = BOUNDS_ON_ROWS
            .into_iter()
            .filter(|key| said.get(*key).is_some_and(|bound| !bound.is_null()));
        Some([given.next()?, given.next()?])
    };
    if let Some(keys) = two(parameters) {
        return Some((None, keys));
    }
    let tolerance = parameters.get("tolerance")?.as_object()?;
    Some((Some("tolerance"), two(tolerance)?))
}

/// The names in a list, or the one name.
fn columns(value: &Value) -> Option<Vec<String>> {
    let names = match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<_>>()?
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let fits = (1..=SLICE_COLUMNS_MAX).contains(&names.len());
    fits.then_some(names)
}

/// Whether the check is judged at a time, which is that of the run unless the contract fixes one.
fn takes_a_time(kind: &checks::CheckKind) -> bool {
    (kind.schema)().pointer("/properties/as_of").is_some()
}
