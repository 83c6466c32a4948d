//! The configuration of a test: how many failures are an error, a warning or neither, and on which
//! rows. dbt counts the rows its query returns as failures and holds them against `error_if` and
//! `warn_if`; a test of severity `error` that does not reach `error_if` still warns by `warn_if`.

use serde_json::{Map, Value};

use crate::contract::zone::{End, Zone};
use crate::evidence::Severity;

/// What a test's configuration says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Config {
    /// Whether the test runs at all.
    pub(super) enabled: bool,
    /// Where the number of failures must lie, for each severity.
    pub(super) passes: Vec<(Severity, Zone)>,
    /// The rows tested, as SQL.
    pub(super) rows: Option<String>,
    /// How failures are counted, when not by rows.
    pub(super) fail_calc: Option<String>,
}

/// Reads the configuration of a test; `defaults` are those of the model.
///
/// # Errors
/// Says which key cannot be read.
pub(super) fn parse(config: &Map<String, Value>) -> Result<Config, String> {
    let text = |key: &str| match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Bool(value)) => Ok(Some(value.to_string())),
        Some(Value::Array(_) | Value::Object(_)) => Err(format!("`{key}` must be a text")),
    };
    let severity = text("severity")?.map(|word| word.to_lowercase());
    let warns = match severity.as_deref() {
        None | Some("error") => false,
        Some("warn") => true,
        Some(other) => return Err(format!("the severity `{other}` is not `error` or `warn`")),
    };
    let limit = match text("limit")? {
        None => None,
        Some(text) => Some(
            text.parse::<u64>()
                .map_err(|_| format!("the limit `{text}` is not a whole number"))?,
        ),
    };
    let fails = |key: &str| -> Result<Zone, String> {
        let zone = match text(key)? {
            None => Zone::Except(0.0),
            Some(text) => comparison(&text).ok_or_else(|| {
                format!("`{key}: {text}` is not one comparison such as `>10` or `between 5 and 10`")
            })?,
        };
        match limit {
            None => Ok(zone),
            Some(limit) => limited(zone, limit as f64)
                .ok_or_else(|| format!("`{key}` together with `limit: {limit}` cannot be judged on the number of failures")),
        }
    };
    let (error_if, warn_if) = (fails("error_if")?, fails("warn_if")?);
    let mut passes = Vec::new();
    if warns {
        passes.push((Severity::Warning, warn_if.complement()));
    } else {
        passes.push((Severity::Error, error_if.complement()));
        if warn_if != error_if {
            passes.push((Severity::Warning, warn_if.complement()));
        }
    }
    let fail_calc = text("fail_calc")?.map(|calculation| squeezed(&calculation));
    Ok(Config {
        enabled: text("enabled")?.is_none_or(|word| !word.eq_ignore_ascii_case("false")),
        passes,
        rows: text("where")?.filter(|rows| !rows.is_empty()),
        fail_calc: fail_calc.filter(|calculation| {
            !matches!(calculation.as_str(), "count(*)" | "coalesce(count(*),0)")
        }),
    })
}

/// Without white space, in lower case.
fn squeezed(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}

/// `!=0`, `> 10`, `between 5 and 10`, `not between 5 and 10`.
fn comparison(text: &str) -> Option<Zone> {
    let text = text.trim().to_lowercase();
    let (inverted, rest) = match text.strip_prefix("not ") {
        Some(rest) => (true, rest.trim()),
        None => (false, text.as_str()),
    };
    if let Some(rest) = rest.strip_prefix("between ") {
        let (lower, upper) = rest.split_once(" and ")?;
        let zone = Zone::Inside(End::closed(number(lower)?), End::closed(number(upper)?));
        return Some(if inverted { zone.complement() } else { zone });
    }
    if inverted {
        return None;
    }
    let length = rest
        .find(|character: char| !"<>=!".contains(character))
        .unwrap_or(rest.len());
    let (operator, value) = rest.split_at(length);
    Zone::compared(operator, number(value)?)
}

fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

/// The failures that count when dbt sees at most `limit` of them; `None` when that is no zone.
fn limited(fails: Zone, limit: f64) -> Option<Zone> {
    match fails {
        Zone::Above(end) if end.value < limit || (end.value == limit && end.belongs) => Some(fails),
        // So many failures are never seen: no count, which is at least 0, fails.
        Zone::Above(_) => Some(Zone::Below(End::open(0.0))),
        Zone::Except(value) if value < limit => Some(fails),
        Zone::Below(_) | Zone::Only(_) | Zone::Except(_) | Zone::Inside(..) | Zone::Outside(..) => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(value: Value) -> Result<Config, String> {
        parse(value.as_object().expect("a mapping"))
    }

    #[test]
    fn errors_come_before_warnings() {
        let none = Zone::Only(0.0);
        let many = Zone::Below(End::closed(10.0));
        let cases = [
            (json!({}), vec![(Severity::Error, none)]),
            (json!({"severity": "WARN"}), vec![(Severity::Warning, none)]),
            (
                json!({"error_if": ">10"}),
                vec![(Severity::Error, many), (Severity::Warning, none)],
            ),
            (
                json!({"severity": "warn", "error_if": ">10", "warn_if": "> 10"}),
                vec![(Severity::Warning, many)],
            ),
            (
                json!({"warn_if": "between 1 and 5"}),
                vec![
                    (Severity::Error, none),
                    (
                        Severity::Warning,
                        Zone::Outside(End::open(1.0), End::open(5.0)),
                    ),
                ],
            ),
        ];
        for (text, passes) in cases {
            assert_eq!(config(text.clone()).expect("read").passes, passes, "{text}");
        }
    }

    #[test]
    fn a_limit_hides_failures_above_it() {
        let never = Zone::Above(End::closed(0.0));
        let read = config(json!({"error_if": ">10", "warn_if": ">10", "limit": 5})).expect("read");
        assert_eq!(read.passes, [(Severity::Error, never)]);
        let read = config(json!({"limit": 5})).expect("read");
        assert_eq!(read.passes, [(Severity::Error, Zone::Only(0.0))]);
        assert!(config(json!({"error_if": "=7", "limit": 5})).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            (json!({"severity": "fatal"}), "`fatal`"),
            (json!({"error_if": "> 10 or < 2"}), "error_if"),
            (json!({"where": ["a"]}), "where"),
            (json!({"limit": "all"}), "limit"),
        ] {
            let error = config(text.clone()).expect_err("wrong");
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
