//! Configurations of Hugging Face libraries: what they say is imported, fetched or rendered when the model is
//! loaded.
//!
//! Transformers and Diffusers import the Python that `auto_map`, `custom_pipelines` and the like name, from the
//! folder of the model or from another repository, when the user trusts remote code; PEFT and sentence-transformers
//! import what is named without asking.

use serde_json::{Map, Value};

use super::job::Job;
use super::judge::joined;
use super::pickle::escape;
use super::template::Templates;
use crate::evidence::Outcome;

/// Keys of which a configuration has at least one.
pub(super) const KEYS: &[&str] = &[
    "_class_name",
    "auto_map",
    "base_model_name_or_path",
    "chat_template",
    "custom_pipeline",
    "custom_pipelines",
    "trust_remote_code",
];
/// Libraries whose classes `model_index.json` names.
const PIPELINE_LIBRARIES: &[&str] = &["diffusers", "flax", "onnxruntime", "transformers"];
/// Where PEFT finds the class of the model it adapts.
const ADAPTED_LIBRARIES: &[&str] = &["diffusers", "torch", "transformers"];
/// Where sentence-transformers has its modules.
const SENTENCE_LIBRARY: &str = "sentence_transformers";
/// Findings and texts shown.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Whether anything in a value is read by these libraries.
pub(super) fn is_config(value: &Value) -> bool {
    is_module_list(value)
        || any_object(value, &|fields| {
            KEYS.iter().any(|key| fields.contains_key(*key))
        })
}

fn any_object(value: &Value, test: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
    match value {
        Value::Object(fields) => {
            test(fields) || fields.values().any(|inner| any_object(inner, test))
        }
        Value::Array(items) => items.iter().any(|inner| any_object(inner, test)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Judges a configuration.
pub(super) fn judge(value: &Value, job: &mut Job<'_>) {
    let mut seen = Seen::default();
    if is_module_list(value) {
        seen.modules(value);
    }
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(fields) => {
                seen.object(fields);
                pending.extend(fields.values());
            }
            Value::Array(items) => pending.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    if seen.code.is_empty() {
        let clause = "asks for no code beside the libraries'";
        job.judgement.record("remote-code", Outcome::Met, clause);
    } else {
        seen.code.reverse();
        job.judgement
            .record("remote-code", Outcome::NotMet, &joined(&seen.code));
    }
    seen.templates.judge(&mut job.judgement);
    if let Some(base) = seen.base {
        base_model(&base, job);
    }
}

/// An adapter is only as good as what it adapts.
fn base_model(base: &str, job: &mut Job<'_>) {
    let local =
        base.starts_with(['/', '~', '.', '\\']) || base.contains("..") || base.contains(':');
    if local {
        let clause = format!("adapts `{}`, a place outside the model", shown(base));
        job.judgement.warning("base-model", &clause);
    } else {
        let clause = format!("adapts `{}`, which is to be scanned as well", shown(base));
        job.judgement.record("base-model", Outcome::Met, &clause);
    }
}

fn shown(text: &str) -> String {
    escape(&text.chars().take(SHOWN_CHARACTERS_MAX).collect::<String>())
}

/// `modules.json` of sentence-transformers.
fn is_module_list(value: &Value) -> bool {
    let is_module =
        |item: &Value| item.get("type").is_some_and(Value::is_string) && item.get("idx").is_some();
    value
        .as_array()
        .is_some_and(|items| items.iter().any(is_module))
}

/// What a configuration asks for.
#[derive(Default)]
struct Seen {
    code: Vec<String>,
    templates: Templates,
    base: Option<String>,
}

impl Seen {
    fn object(&mut self, fields: &Map<String, Value>) {
        for (key, value) in fields {
            match key.as_str() {
                "auto_map" => self.auto_map(value),
                "trust_remote_code" if truthy(value) => {
                    self.code.push("asks for `trust_remote_code`".to_owned())
                }
                "custom_pipeline" | "custom_pipelines" if truthy(value) => {
                    self.code.push(format!(
                        "names code by `{key}`: `{}`",
                        shown(&value.to_string())
                    ));
                }
                "_class_name" => self.pipeline(value, fields),
                "chat_template" => self.template(value),
                "base_model_name_or_path" => self.base = value.as_str().map(str::to_owned),
                _ => {}
            }
        }
    }

    fn auto_map(&mut self, value: &Value) {
        let Value::Object(classes) = value else {
            // A token of a vocabulary is a number here.
            if matches!(value, Value::Array(_) | Value::String(_)) {
                self.code.push(format!(
                    "has the `auto_map` `{}`",
                    shown(&value.to_string())
                ));
            }
            return;
        };
        if classes.contains_key("base_model_class") || classes.contains_key("parent_library") {
            let library = classes.get("parent_library").unwrap_or(&Value::Null);
            let known = library
                .as_str()
                .is_some_and(|path| is_of(path, ADAPTED_LIBRARIES));
            if !known && !library.is_null() {
                self.code
                    .push(format!("has PEFT import `{}`", shown(&library.to_string())));
            }
            return;
        }
        for (class, path) in classes.iter().filter(|(_, path)| truthy(path)) {
            let path = path
                .as_str()
                .map_or_else(|| path.to_string(), str::to_owned);
            let place = if path.contains("--") {
                "another repository"
            } else {
                "the model"
            };
            let (class, path) = (shown(class), shown(&path));
            self.code.push(format!(
                "runs `{path}` of {place} as `{class}` by its `auto_map`"
            ));
        }
    }

    /// `model_index.json`: the class of the pipeline, and library and class of each of its parts.
    fn pipeline(&mut self, class: &Value, fields: &Map<String, Value>) {
        if class.is_array() {
            self.code.push(format!(
                "names a pipeline of its own, `{}`",
                shown(&class.to_string())
            ));
        }
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with('_')) {
            let Some([Value::String(library), Value::String(class)]) =
                value.as_array().map(Vec::as_slice)
            else {
                continue;
            };
            if !is_of(library, PIPELINE_LIBRARIES) {
                let (library, class, name) = (shown(library), shown(class), shown(name));
                self.code
                    .push(format!("imports `{library}.{class}` as `{name}`"));
            }
        }
    }

    fn modules(&mut self, value: &Value) {
        let types = value.as_array().into_iter().flatten();
        for path in types.filter_map(|item| item.get("type").and_then(Value::as_str)) {
            if !is_of(path, &[SENTENCE_LIBRARY]) {
                self.code.push(format!(
                    "has sentence-transformers import `{}`",
                    shown(path)
                ));
            }
        }
    }

    /// One template, several by name, or a list of objects with name and template.
    fn template(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.templates.read("chat_template", text),
            Value::Object(named) => {
                for (name, text) in named {
                    self.named_template(name, Some(text));
                }
            }
            Value::Array(items) => {
                for item in items {
                    let name = item.get("name").and_then(Value::as_str);
                    self.named_template(name.unwrap_or("chat_template"), item.get("template"));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn named_template(&mut self, name: &str, text: Option<&Value>) {
        match text.and_then(Value::as_str) {
            Some(text) => self.templates.read(name, text),
            None => self.templates.unreadable(name, "is not a text"),
        }
    }
}

/// Whether a value switches something on.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Number(_) => false,
        Value::Bool(true) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Whether a dotted path is in one of the libraries.
fn is_of(path: &str, libraries: &[&str]) -> bool {
    let top = path.split('.').next().unwrap_or(path);
    libraries.contains(&top)
}
