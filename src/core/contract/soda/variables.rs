//! Variables in the texts of a file: `${var.name}` of contracts, `${name}` of the Soda Checks Language.
//! A variable has the value the file gives it; nothing is taken from the environment.

use serde_json::{Map, Value};

/// Variables that refer to variables, at most so deep; a circle ends here too.
const DEPTH_MAX: usize = 8;

/// Texts are replaced up to this many characters, so that a few lines cannot become gigabytes.
const CHARACTERS_MAX: usize = 1_000_000;

/// The variables of a file by the name that stands between the braces.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: Map<String, Value>,
}

impl Variables {
    /// Gives a variable its value.
    pub(super) fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    /// The value with every variable in its texts replaced. A text that is one variable alone becomes
    /// its value, number or text.
    ///
    /// # Errors
    /// Names the variable that has no value.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::String(text) => self.text(text, DEPTH_MAX),
            Value::Array(items) => {
                let items: Result<Vec<Value>, String> =
                    items.iter().map(|item| self.resolve(item)).collect();
                Ok(Value::Array(items?))
            }
            Value::Object(members) => {
                let members: Result<Map<String, Value>, String> = members
                    .iter()
                    .map(|(key, member)| Ok((key.clone(), self.resolve(member)?)))
                    .collect();
                Ok(Value::Object(members?))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        }
    }

    /// A text with every variable replaced, as text.
    ///
    /// # Errors
    /// As [`Variables::resolve`].
    pub(super) fn resolve_text(&self, text: &str) -> Result<String, String> {
        Ok(as_text(&self.text(text, DEPTH_MAX)?))
    }

    fn text(&self, text: &str, depth: usize) -> Result<Value, String> {
        let mut replaced = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            let value = self.value(name.trim(), depth)?;
            if before.is_empty() && after.is_empty() && replaced.is_empty() {
                return Ok(value);
            }
            replaced.push_str(before);
            replaced.push_str(&as_text(&value));
            if CHARACTERS_MAX < replaced.len() {
                return Err("its variables make it too long".to_owned());
            }
            rest = after;
        }
        replaced.push_str(rest);
        Ok(Value::String(replaced))
    }

    fn value(&self, name: &str, depth: usize) -> Result<Value, String> {
        let value = match self.values.get(name) {
            Some(Value::Null) | None => {
                return Err(format!("the variable `{name}` has no value in the file"));
            }
            Some(value) => value,
        };
        match value {
            Value::String(text) if text.contains("${") => match depth.checked_sub(1) {
                Some(depth) => self.text(text, depth),
                None => Err(format!("the variable `{name}` refers to itself")),
            },
            value => Ok(value.clone()),
        }
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("var.limit", json!(5));
        variables.set("var.country", json!("US"));
        variables.set("var.both", json!("${var.country}-${ var.limit }"));
        variables.set("var.circle", json!("${var.circle}"));
        variables.set("var.required", Value::Null);
        variables
    }

    #[test]
    fn a_variable_alone_keeps_its_type() {
        let resolved =
            variables().resolve(&json!({"must_be": "${var.limit}", "x": ["${var.both}"]}));
        assert_eq!(resolved, Ok(json!({"must_be": 5, "x": ["US-5"]})));
    }

    #[test]
    fn what_has_no_value_is_named() {
        for (text, name) in [
            ("${var.required}", "var.required"),
            ("a ${env.HOME} b", "env.HOME"),
            ("${var.circle}", "var.circle"),
        ] {
            let error = variables().resolve(&json!(text)).expect_err(text);
            assert!(error.contains(name), "{error}");
        }
        assert_eq!(
            variables().resolve_text("cost $5 and ${ unfinished"),
            Ok("cost $5 and ${ unfinished".to_owned())
        );
    }
}
