//! Jinja in the arguments of a test, as dbt renders it: `ref` and `source` name a relation; what depends
//! on a project, a profile or the environment is refused with its name.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Rendered};
use regex::Regex;
use serde_json::{Map, Value};

/// Instructions an argument may run: those people write need dozens.
const FUEL_MAX: u64 = 100_000;

/// Functions of dbt that need more than the file.
const REFUSED: [&str; 12] = [
    "var",
    "env_var",
    "doc",
    "run_query",
    "config",
    "statement",
    "load_result",
    "metric",
    "model",
    "this",
    "target",
    "adapter",
];

/// dbt renders a text that is one of these calls even without braces.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:env_var|ref|var|source|doc)\s*\(.+\)\s*$").expect("a constant pattern")
});

/// The arguments with their Jinja rendered.
///
/// # Errors
/// Says which text cannot be rendered and why.
pub(super) fn resolve(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => Ok(Value::String(resolve_text(text)?)),
        Value::Array(items) => {
            let items: Result<Vec<Value>, String> = items.iter().map(resolve).collect();
            Ok(Value::Array(items?))
        }
        Value::Object(members) => {
            let members: Result<Map<String, Value>, String> = members
                .iter()
                .map(|(key, member)| Ok((key.clone(), resolve(member)?)))
                .collect();
            Ok(Value::Object(members?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
    }
}

/// A text with its Jinja rendered.
///
/// # Errors
/// As [`resolve`].
pub(super) fn resolve_text(text: &str) -> Result<String, String> {
    if CALL.is_match(text) {
        return render(&format!("{{{{ {text} }}}}"), text);
    }
    if text.contains("{{") || text.contains("{%") {
        return render(text, text);
    }
    Ok(text.to_owned())
}

fn render(source: &str, shown: &str) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_syntax(SyntaxConfig::default());
    environment.add_function("ref", reference);
    environment.add_function("source", |_source: String, table: String| table);
    for name in REFUSED {
        environment.add_function(name, move |_arguments: minijinja::value::Rest<Rendered>| {
            Err::<String, Error>(Error::new(
                ErrorKind::InvalidOperation,
                format!("`{name}` depends on the dbt project, which is not read"),
            ))
        });
    }
    // The name ends in `.txt` so that nothing is escaped.
    environment
        .render_named_str("argument.txt", source, ())
        .map_err(|error| {
            let why = error
                .detail()
                .map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
            format!("`{shown}` cannot be rendered: {why}")
        })
}

/// `ref('model')` or `ref('package', 'model')`; a version is a table of its own to dbt.
fn reference(first: String, second: Option<String>) -> String {
    second.unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_name_their_relation() {
        let arguments = json!({
            "to": "ref('customers')",
            "other": "{{ source('raw', 'orders') }}",
            "packaged": "ref('shop', 'items')",
            "list": ["{{ 1 + 1 }}", 3, "plain (not a call)"],
        });
        assert_eq!(
            resolve(&arguments),
            Ok(json!({
                "to": "customers",
                "other": "orders",
                "packaged": "items",
                "list": ["2", 3, "plain (not a call)"],
            }))
        );
    }

    #[test]
    fn what_needs_the_project_is_refused_by_name() {
        for (text, part) in [
            ("var('start')", "`var` depends"),
            ("{{ env_var('HOME') }}", "`env_var` depends"),
            ("{{ dbt.current_timestamp() }}", "cannot be rendered"),
            (
                "{% for i in range(9999999) %}{{ i }}{% endfor %}",
                "cannot be rendered",
            ),
            ("{{ broken", "cannot be rendered"),
        ] {
            let error = resolve_text(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
