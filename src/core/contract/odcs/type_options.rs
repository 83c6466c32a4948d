//! What `logicalTypeOptions` of a property demand of its values.

use serde_json::{Map, Value};

use super::planner::Planner;
use crate::checks::{Target, Tolerance, ValueLength, ValueMultiple, ValuePattern, ValueRange};
use crate::contract::document::escape;
use crate::evidence::Severity;
use crate::measure::LogicalType;

/// Names of the zone in which times without an offset are read.
const UTC_NAMES: [&str; 6] = ["UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT", "Zulu"];

impl Planner<'_> {
    pub(super) fn type_options(
        &mut self,
        pointer: &str,
        target: &Target,
        kind: Option<LogicalType>,
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
                "multipleOf" => self.multiple(pointer, at, options),
                "format" => {
                    if let Some(format) = options.get("format").and_then(Value::as_str) {
                        self.format(at, kind, format);
                    }
                }
                "timezone" => self.time_zone(at),
                "defaultTimezone" => self.default_time_zone(at, options),
                // Held against the whole value, as `nested` does.
                "minItems" | "maxItems" | "uniqueItems" | "minProperties" | "maxProperties"
                | "required" => {}
                other => self.unsupported(at, format!("the type option `{other}` is not known")),
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

    fn multiple(&mut self, pointer: &str, at: Target, options: &Map<String, Value>) {
        match options.get("multipleOf").and_then(Value::as_f64) {
            Some(step) => self.add(
                at,
                ValueMultiple {
                    step,
                    tolerance: Tolerance::none(),
                },
            ),
            None => self.problem(&format!("{pointer}/multipleOf"), "expected a number"),
        }
    }

    /// Whether times carry a zone is a matter of how they are stored, which not every file tells.
    fn time_zone(&mut self, at: Target) {
        let at = Target {
            severity: Severity::Info,
            ..at
        };
        self.unsupported(at, "whether times carry a zone is not evaluated".to_owned());
    }

    fn default_time_zone(&mut self, at: Target, options: &Map<String, Value>) {
        let zone = options.get("defaultTimezone").and_then(Value::as_str);
        let zone = zone.unwrap_or("UTC");
        if !UTC_NAMES.contains(&zone) {
            let why = format!("times without an offset are read as UTC, not as `{zone}`");
            self.unsupported(at, why);
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
        // In version 3.0 `exclusiveMinimum: true` says how `minimum` is meant.
        let value = |key: &str| {
            options
                .get(key)
                .filter(|value| !value.is_boolean())
                .cloned()
        };
        let end = |inclusive: &str, exclusive: &str| match options.get(exclusive) {
            Some(Value::Bool(true)) => (None, value(inclusive)),
            _ => (value(inclusive), value(exclusive)),
        };
        let (minimum, exclusive_minimum) = end("minimum", "exclusiveMinimum");
        let (maximum, exclusive_maximum) = end("maximum", "exclusiveMaximum");
        let ends = [&minimum, &maximum, &exclusive_minimum, &exclusive_maximum];
        if ends.iter().all(|end| end.is_none()) {
            return;
        }
        let check = ValueRange {
            minimum,
            maximum,
            exclusive_minimum,
            exclusive_maximum,
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
