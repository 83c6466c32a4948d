//! Schemas of skops: `schema.json` in its archives, a tree of nodes that each name a class
//! (`skops/io/_general.py`, skops 0.16). Loading one imports the class and makes an object of it.

use serde_json::{Map, Value};

use super::job::Job;
use super::pickle::escape;
use super::{Global, verdict};

/// Nodes that call what they name, or fetch attributes; a class they name says little about them
/// (CVE-2025-54412, CVE-2025-54413).
const CALLING: &[&str] = &["MethodNode", "OperatorFuncNode", "PartialNode"];

/// Whether a value is a schema of skops.
pub(super) fn is_schema(value: &Value) -> bool {
    value.get("__loader__").is_some() && value.get("__class__").is_some()
}

/// Judges the classes it names.
pub(super) fn judge(value: &Value, job: &mut Job<'_>) {
    let mut named: Vec<Global> = Vec::new();
    let mut calling = Vec::new();
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(global) = class(fields, job)
                    && !named.iter().any(|known| known.path() == global.path())
                {
                    named.push(global);
                }
                let loader = fields.get("__loader__").and_then(Value::as_str);
                calling.extend(loader.filter(|loader| CALLING.contains(loader)));
                pending.extend(fields.values());
            }
            Value::Array(items) => pending.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    named.reverse();
    calling.sort_unstable();
    calling.dedup();
    let problems: Vec<String> = calling
        .into_iter()
        .map(|loader| format!("calls what it names by `{}`", escape(loader)))
        .collect();
    job.judgement.named(Some("skops schema"), named, &problems);
}

fn class(fields: &Map<String, Value>, job: &Job<'_>) -> Option<Global> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    // A name that is not a text is none that can be allowed.
    if !fields.contains_key("__class__") && !fields.contains_key("__module__") {
        return None;
    }
    let module = text("__module__").unwrap_or_default();
    let name = text("__class__").unwrap_or_default();
    Some(Global {
        module: module.to_owned(),
        name: name.to_owned(),
        called: true,
        offset: None,
        calls: Vec::new(),
        member: None,
        verdict: verdict::judge(module, name, 4, job.policy),
    })
}
