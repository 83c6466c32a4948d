//! The service levels under `slaProperties`, of which freshness can be checked.

use serde_json::{Map, Value};

use super::fields::{list, text};
use super::planner::Planner;
use crate::checks::Freshness;

impl Planner<'_> {
    pub(super) fn service_levels(&mut self, object: &Map<String, Value>) {
        let document = self.document;
        for (index, level) in list(&document.value, "slaProperties").enumerate() {
            if text(level, "property") == Some("freshness") {
                self.freshness(&format!("/slaProperties/{index}"), level, object);
            }
        }
    }

    fn freshness(
        &mut self,
        pointer: &str,
        level: &Map<String, Value>,
        object: &Map<String, Value>,
    ) {
        let element = text(level, "element").unwrap_or_default();
        let (table, column) = element.split_once('.').unwrap_or(("", element));
        if column.is_empty() {
            return self.problem(
                pointer,
                "`freshness` needs `element`: the column, as `object.column`",
            );
        }
        if !table.is_empty() && text(object, "name") != Some(table) {
            return;
        }
        let value = level.get("value").and_then(|value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        let (Some(value), Some(seconds)) = (value, seconds_per_unit(level)) else {
            return self.problem(
                pointer,
                "`freshness` needs a number as `value` and `d`, `h`, `m` or `y` as `unit`",
            );
        };
        let mut target = self.target(pointer, None);
        target.column = Some(column.to_owned());
        let days_max = value * seconds / 86_400.0;
        self.add(
            target,
            Freshness {
                days_max,
                as_of: self.request.as_of,
                future_allowed: false,
            },
        );
    }
}

/// Seconds in the unit of a service level; days unless said otherwise.
fn seconds_per_unit(level: &Map<String, Value>) -> Option<f64> {
    match text(level, "unit").unwrap_or("d") {
        "d" | "day" | "days" => Some(86_400.0),
        "h" | "hour" | "hours" => Some(3_600.0),
        "m" | "min" | "minute" | "minutes" => Some(60.0),
        "y" | "yr" | "year" | "years" => Some(365.25 * 86_400.0),
        _ => None,
    }
}
