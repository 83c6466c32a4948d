//! The service levels under `slaProperties`, of which freshness and retention can be checked.

use serde_json::{Map, Value};

use super::fields::{column_name, list, list_of, text};
use super::planner::Planner;
use crate::checks::{Freshness, Retention};

impl Planner<'_> {
    pub(super) fn service_levels(&mut self, object: &Map<String, Value>) {
        let document = self.document;
        for (index, level) in list(&document.value, "slaProperties").enumerate() {
            let pointer = format!("/slaProperties/{index}");
            match text(level, "property") {
                Some("freshness") => self.age(&pointer, level, object, Age::Newest),
                Some("retention") => self.age(&pointer, level, object, Age::Oldest),
                // The others speak of services and people, not of the rows of a dataset.
                _ => {}
            }
        }
    }

    fn age(
        &mut self,
        pointer: &str,
        level: &Map<String, Value>,
        object: &Map<String, Value>,
        age: Age,
    ) {
        let word = age.word();
        let element = text(level, "element").unwrap_or_default();
        let (table, column) = element.split_once('.').unwrap_or(("", element));
        if column.is_empty() {
            return self.problem(
                pointer,
                format!("`{word}` needs `element`: the column, as `object.column`"),
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
                format!("`{word}` needs a number as `value` and `d`, `h`, `m` or `y` as `unit`"),
            );
        };
        let mut target = self.target(pointer, None);
        let property =
            list_of(object, "properties").find(|property| text(property, "name") == Some(column));
        target.column = Some(property.map_or_else(|| column.to_owned(), column_name));
        let days_max = value * seconds / 86_400.0;
        let as_of = self.draft.request.as_of;
        match age {
            Age::Newest => self.add(
                target,
                Freshness {
                    days_max,
                    as_of,
                    future_allowed: false,
                },
            ),
            Age::Oldest => self.add(target, Retention { days_max, as_of }),
        }
    }
}

/// Whose age is bounded.
#[derive(Clone, Copy)]
enum Age {
    /// The newest row's.
    Newest,
    /// The oldest row's.
    Oldest,
}

impl Age {
    fn word(self) -> &'static str {
        match self {
            Self::Newest => "freshness",
            Self::Oldest => "retention",
        }
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
