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
use crate::checks::{self, PlannedCheck, Target};
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
        }
        let check = match (kind.parse)(Value::Object(parameters)) {
            Ok(check) => check,
            Err(error) => return self.problem(&at, format!("parameters of `{id}`: {error}")),
        };
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
