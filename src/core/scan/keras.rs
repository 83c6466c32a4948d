//! Configurations of Keras: `config.json` of a `.keras` archive, and models written as JSON.
//!
//! Loading one imports the classes it names and calls their `from_config`
//! (`keras/src/saving/serialization_lib.py`, Keras 3.15; CVE-2025-1550 and those that followed). So every
//! class and function must be on a list of Keras's own, without those that run code.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::job::Job;
use super::{Global, GlobalVerdict, ScanPolicy, allow, python, verdict};

/// Values that are written as objects of a class and import nothing.
const PLAIN: &[&str] = &[
    "__bytes__",
    "__ellipsis__",
    "__keras_tensor__",
    "__numpy__",
    "__slice__",
    "__tensor__",
];
/// Layers that run code, or load models in formats that do.
const DANGEROUS: &[&str] = &[
    "FlaxLayer",
    "JaxLayer",
    "Lambda",
    "TFSMLayer",
    "TorchModuleWrapper",
    "__lambda__",
];
/// Where built-in functions are written to be.
const BUILTINS: &str = "builtins";

/// Whether a value is a configuration of Keras.
pub(super) fn is_config(value: &Value) -> bool {
    value.get("class_name").is_some_and(Value::is_string) && value.get("config").is_some()
}

/// Judges what it names.
pub(super) fn judge(value: &Value, job: &mut Job<'_>) {
    judge_all(std::slice::from_ref(value), job);
}

/// Judges what several configurations in one file name.
pub(super) fn judge_all(values: &[Value], job: &mut Job<'_>) {
    let mut found: Vec<Global> = Vec::new();
    let mut pending: Vec<&Value> = values.iter().collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(fields) => {
                found.extend(object(fields, job.policy));
                pending.extend(fields.values());
            }
            Value::Array(items) => pending.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found.reverse();
    // One path can be of two classes: what a user registered can be called as Keras's own.
    let mut seen = BTreeSet::new();
    found.retain(|global| seen.insert((global.path(), global.verdict)));
    job.judgement.named(Some("Keras configuration"), found, &[]);
}

fn object(fields: &Map<String, Value>, policy: &ScanPolicy) -> Option<Global> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let class = text("class_name")?;
    let config = fields.get("config")?;
    if PLAIN.contains(&class) {
        return None;
    }
    let module = text("module").unwrap_or_default();
    let name = match (class, config.as_str()) {
        ("function", Some(function)) => function,
        _ => class,
    };
    // A class of the user's, which Keras looks for before its own.
    let registered = text("registered_name").filter(|registered| *registered != name);
    let verdict = if DANGEROUS.contains(&name) {
        GlobalVerdict::Dangerous
    } else if registered.is_none() && is_own(module, name, class == "function") {
        GlobalVerdict::Allowed
    } else {
        let listed = verdict::judge(module, name, 4, policy);
        // What pickles may import is not what Keras may call.
        listed.max(match policy.allow.contains(&format!("{module}.{name}")) {
            true => GlobalVerdict::Allowed,
            false => GlobalVerdict::Unknown,
        })
    };
    Some(Global {
        module: module.to_owned(),
        name: registered.unwrap_or(name).to_owned(),
        called: true,
        offset: None,
        calls: code_names(config).into_iter().collect(),
        member: None,
        verdict,
    })
}

/// Functions are written without their module; a model without modules is of Keras 2.
fn is_own(module: &str, name: &str, is_function: bool) -> bool {
    if module.is_empty() || (is_function && module == BUILTINS) {
        return allow::is_keras_name(name);
    }
    allow::is_keras(module, name)
}

/// What the byte code in a configuration names, where there is some.
fn code_names(config: &Value) -> Option<String> {
    let function = config.get("function").unwrap_or(config);
    let value = function
        .get("config")
        .and_then(|inner| inner.get("code"))
        .or_else(|| {
            function
                .get("value")
                .map(|value| value.get(0).unwrap_or(value))
        })
        .or_else(|| function.get(0))?;
    let text: String = value.as_str()?.split_whitespace().collect();
    let code = STANDARD.decode(text).ok()?;
    let names = python::names(&code);
    (!names.is_empty()).then(|| format!("code that names {}", names.join(", ")))
}
