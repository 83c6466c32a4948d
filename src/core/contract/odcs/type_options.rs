//! What `logicalTypeOptions` of a property demand of its values.

use serde_json::{Map, Value};

use super::planner::Planner;
use crate::checks::{Target, Tolerance, ValueLength, ValuePattern, ValueRange};
use crate::contract::document::escape;

impl Planner<'_> {
    pub(super) fn type_options(
        &mut self,
        pointer: &str,
        target: &Target,
        options: &Map<String, Value>,
    ) {
        for key in options.keys() {
            let at = self.at(target, &format!("{pointer}/{}", escape(key)));
            match key.as_str() {
                "minLength" | "maxLength" => self.length(at, key, options),
                "pattern" => self.pattern(pointer, at, options),
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                    self.range(pointer, at, key, options);
                }
                // Facts about the text form, not about the values read from a typed file.
                "timezone" | "defaultTimezone" => {}
                other => self.unsupported(
                    at,
                    format!("the type option `{other}` is not evaluated yet"),
                ),
            }
        }
    }

    /// One check for both ends, placed at `minLength` when there is one.
    fn length(&mut self, at: Target, key: &str, options: &Map<String, Value>) {
        let length = |key| options.get(key).and_then(Value::as_u64);
        let (minimum, maximum) = (length("minLength"), length("maxLength"));
        if key == "minLength" || minimum.is_none() {
            self.add(
                at,
                ValueLength {
                    minimum,
                    maximum,
                    ..ValueLength::default()
                },
            );
        }
    }

    fn pattern(&mut self, pointer: &str, at: Target, options: &Map<String, Value>) {
        match options.get("pattern").and_then(Value::as_str) {
            Some(pattern) => self.add(
                at,
                ValuePattern {
                    pattern: pattern.to_owned(),
                    ..ValuePattern::default()
                },
            ),
            None => self.problem(&format!("{pointer}/pattern"), "expected a text"),
        }
    }

    /// One check for all ends, at the first of them.
    fn range(&mut self, pointer: &str, at: Target, key: &str, options: &Map<String, Value>) {
        let first = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]
            .into_iter()
            .find(|key| options.contains_key(*key));
        if first != Some(key) {
            return;
        }
        let value = |key: &str| options.get(key).cloned();
        let check = ValueRange {
            minimum: value("minimum"),
            maximum: value("maximum"),
            exclusive_minimum: value("exclusiveMinimum"),
            exclusive_maximum: value("exclusiveMaximum"),
            tolerance: Tolerance::none(),
        };
        match check.range() {
            Ok(_) => self.add(at, check),
            Err(end) => self.problem(
                &format!("{pointer}/{key}"),
                format!("`{end}` is neither a number nor an ISO 8601 date"),
            ),
        }
    }
}
