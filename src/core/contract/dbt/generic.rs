//! The tests a properties file attaches to a model or column, in every spelling dbt accepts: a name; a
//! name with its arguments; `arguments` and `config` apart or beside each other; `test_name`.

use serde_json::{Map, Value};

use crate::contract::document::escape;

/// A test as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GenericTest {
    /// The package before the dot: `dbt_utils`.
    pub(super) package: Option<String>,
    /// Its name: `accepted_range`.
    pub(super) name: String,
    /// Its arguments, those of the model and column left out.
    pub(super) arguments: Map<String, Value>,
    /// Its configuration.
    pub(super) config: Map<String, Value>,
    /// Where it stands.
    pub(super) pointer: String,
}

/// Keys of a test that are neither arguments nor configuration.
const ABOUT: [&str; 4] = ["name", "description", "test_name", "docs"];

/// Keys of a test's configuration, which may stand beside its arguments.
const CONFIG: [&str; 18] = [
    "severity",
    "error_if",
    "warn_if",
    "where",
    "limit",
    "enabled",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "tags",
    "meta",
    "database",
    "schema",
    "alias",
    "group",
    "snowflake_warehouse",
    "sql_header",
    "static_analysis",
];

/// Reads one entry of `data_tests` or `tests`.
///
/// # Errors
/// Says what an entry must look like.
pub(super) fn parse(pointer: &str, entry: &Value) -> Result<GenericTest, String> {
    match entry {
        Value::String(name) => Ok(test(pointer.to_owned(), name, &Map::new())),
        Value::Object(members) => {
            if let Some(name) = members.get("test_name") {
                let Value::String(name) = name else {
                    return Err("`test_name` must be a text".to_owned());
                };
                return Ok(test(pointer.to_owned(), name, members));
            }
            let mut named = members.iter();
            let (Some((name, body)), None) = (named.next(), named.next()) else {
                return Err(
                    "a test is a name, or one name with its arguments indented below it".to_owned(),
                );
            };
            let at = format!("{pointer}/{}", escape(name));
            match body {
                Value::Null => Ok(test(at, name, &Map::new())),
                Value::Object(body) => Ok(test(at, name, body)),
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    Err(format!("the arguments of `{name}` must be a mapping"))
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err("a test is a name, or a name with its arguments".to_owned())
        }
    }
}

fn test(pointer: String, name: &str, body: &Map<String, Value>) -> GenericTest {
    let (package, name) = match name.rsplit_once('.') {
        Some((package, name)) => (Some(package.to_owned()), name.to_owned()),
        None => (None, name.to_owned()),
    };
    let mut arguments = Map::new();
    let mut config = Map::new();
    for (key, value) in body {
        match key.as_str() {
            "arguments" | "config" => {}
            key if ABOUT.contains(&key) => {}
            key if CONFIG.contains(&key) => {
                config.insert(key.to_owned(), value.clone());
            }
            key => {
                arguments.insert(key.to_owned(), value.clone());
            }
        }
    }
    for (key, into) in [("arguments", &mut arguments), ("config", &mut config)] {
        if let Some(Value::Object(members)) = body.get(key) {
            into.extend(members.clone());
        }
    }
    GenericTest {
        package,
        name,
        arguments,
        config,
        pointer,
    }
}

impl GenericTest {
    /// The name with its package, as the file has it.
    pub(super) fn title(&self) -> String {
        match &self.package {
            Some(package) => format!("{package}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// An argument that is a text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.arguments.get(key).and_then(Value::as_str)
    }

    /// An argument as the text it is written with: numbers too.
    pub(super) fn expression(&self, key: &str) -> Option<String> {
        match self.arguments.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// An argument that is a number, also one written as text.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.arguments.get(key)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// An argument that is true or false.
    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        match self.arguments.get(key) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => {
                default
            }
        }
    }

    /// An argument that is a list.
    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        self.arguments
            .get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
    }

    /// An argument that is a list of texts.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.list(key)?
            .iter()
            .map(|item| item.as_str().map(ToOwned::to_owned))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_is_the_same_test() {
        let wanted = json!({"values": ["a", "b"]});
        let spellings = [
            json!({"accepted_values": {"values": ["a", "b"], "config": {"severity": "warn"}}}),
            json!({"accepted_values": {"arguments": {"values": ["a", "b"]}, "config": {"severity": "warn"}}}),
            json!({"accepted_values": {"name": "n", "arguments": {"values": ["a", "b"]}, "severity": "warn"}}),
            json!({"name": "n", "test_name": "accepted_values", "values": ["a", "b"], "config": {"severity": "warn"}}),
            json!({"test_name": "accepted_values", "arguments": {"values": ["a", "b"]}, "severity": "warn"}),
        ];
        for spelling in spellings {
            let test = parse("/x", &spelling).expect("a test");
            assert_eq!(test.name, "accepted_values", "{spelling}");
            assert_eq!(json!(test.arguments), wanted, "{spelling}");
            assert_eq!(
                json!(test.config),
                json!({"severity": "warn"}),
                "{spelling}"
            );
        }
        let test = parse("/x", &json!("dbt_utils.at_least_one")).expect("a test");
        assert_eq!(test.package.as_deref(), Some("dbt_utils"));
        assert_eq!(test.title(), "dbt_utils.at_least_one");
    }

    #[test]
    fn what_is_no_test_is_told() {
        assert!(parse("/x", &json!(["unique"])).is_err());
        assert!(parse("/x", &json!({"unique": "yes"})).is_err());
        assert!(parse("/x", &json!({"unique": {}, "not_null": {}})).is_err());
    }
}
