//! The threshold of a Soda 4 check: one comparison, or two with different levels.

use serde_json::{Map, Value};

use crate::contract::zone::{End, Zone};
use crate::evidence::Severity;

/// Keys of a comparison, with the operator of those that compare with one number.
const SINGLE: [(&str, &str); 6] = [
    ("must_be", "="),
    ("must_not_be", "!="),
    ("must_be_greater_than", ">"),
    ("must_be_greater_than_or_equal", ">="),
    ("must_be_less_than", "<"),
    ("must_be_less_than_or_equal", "<="),
];

/// What a threshold says besides its comparison.
const BESIDE: [&str; 4] = ["level", "additional", "metric", "unit"];

/// What a check demands of its number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Threshold {
    /// Where the number must lie, for each severity.
    pub(super) passes: Vec<(Severity, Zone)>,
    /// Whether the number is a percentage.
    pub(super) percent: bool,
    /// Seconds in the unit of a freshness; an hour unless said otherwise.
    pub(super) unit_seconds: f64,
}

/// Reads the threshold of a check; `default` is what its type demands when the check says nothing.
///
/// # Errors
/// Says what is wrong, as Soda would.
pub(super) fn parse(body: &Map<String, Value>, default: Option<Zone>) -> Result<Threshold, String> {
    let empty = Map::new();
    let threshold = match body.get("threshold") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(threshold)) => threshold,
        Some(_) => return Err("`threshold` must be a mapping".to_owned()),
    };
    let known = |key: &str| {
        BESIDE.contains(&key)
            || matches!(key, "must_be_between" | "must_be_not_between")
            || SINGLE.iter().any(|(known, _)| *known == key)
    };
    if let Some(key) = threshold.keys().find(|key| !known(key)) {
        return Err(format!("the threshold has an unknown key `{key}`"));
    }
    let mut passes = Vec::new();
    match (comparison(threshold)?, default) {
        (Some(zone), _) | (None, Some(zone)) => passes.push((level(threshold), zone)),
        (None, None) => return Err("it needs a `threshold`".to_owned()),
    }
    if let Some(additional) = threshold.get("additional") {
        let Some(additional) = additional.as_object() else {
            return Err("`additional` must be a mapping".to_owned());
        };
        let Some(zone) = comparison(additional)? else {
            return Err("`additional` needs a comparison".to_owned());
        };
        passes.push((level(additional), zone));
    }
    if let [(one, _), (other, _)] = passes.as_slice()
        && one == other
    {
        return Err("a threshold and its `additional` need different levels".to_owned());
    }
    // An error says more than a warning.
    passes.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let word = |key: &str| threshold.get(key).and_then(Value::as_str);
    Ok(Threshold {
        passes,
        percent: match word("metric") {
            None | Some("count") => false,
            Some("percent") => true,
            Some(other) => return Err(format!("the metric `{other}` is not `count` or `percent`")),
        },
        unit_seconds: match word("unit") {
            Some("minute") => 60.0,
            None | Some("hour") => 3_600.0,
            Some("day") => 86_400.0,
            Some(other) => {
                return Err(format!(
                    "the unit `{other}` is not `minute`, `hour` or `day`"
                ));
            }
        },
    })
}

/// Anything but `warn` fails, as in Soda: a word it does not know, too.
fn level(threshold: &Map<String, Value>) -> Severity {
    match threshold.get("level") {
        Some(Value::String(word)) if word.eq_ignore_ascii_case("warn") => Severity::Warning,
        Some(_) | None => Severity::Error,
    }
}

fn comparison(threshold: &Map<String, Value>) -> Result<Option<Zone>, String> {
    let mut zones = Vec::new();
    for (key, operator) in SINGLE {
        if let Some(value) = number(threshold, key)? {
            zones.extend(Zone::compared(operator, value));
        }
    }
    for (key, inside) in [("must_be_between", true), ("must_be_not_between", false)] {
        if let Some(range) = threshold.get(key) {
            let Some(range) = range.as_object() else {
                return Err(format!("`{key}` must be a mapping"));
            };
            zones.push(between(key, range, inside)?);
        }
    }
    match zones.as_slice() {
        [] => Ok(None),
        [zone] => Ok(Some(*zone)),
        _ => Err("the threshold has several comparisons; Soda evaluates none of them".to_owned()),
    }
}

fn between(key: &str, range: &Map<String, Value>, inside: bool) -> Result<Zone, String> {
    let end = |open: &str, closed: &str| match (number(range, open)?, number(range, closed)?) {
        (Some(value), None) => Ok(End::open(value)),
        (None, Some(value)) => Ok(End::closed(value)),
        (Some(_), Some(_)) | (None, None) => {
            Err(format!("`{key}` needs one of `{open}` and `{closed}`"))
        }
    };
    let greater = end("greater_than", "greater_than_or_equal")?;
    let less = end("less_than", "less_than_or_equal")?;
    match (inside, greater.value < less.value) {
        (true, true) => Ok(Zone::Inside(greater, less)),
        (false, false) if less.value < greater.value => Ok(Zone::Outside(less, greater)),
        (true, false) => Err(format!(
            "in `{key}`, what is greater must come below what is less"
        )),
        (false, _) => Err(format!(
            "in `{key}`, what is greater must come above what is less"
        )),
    }
}

/// A number, also one written as text, as a variable gives it.
fn number(map: &Map<String, Value>, key: &str) -> Result<Option<f64>, String> {
    let number = match map.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
    };
    match number.filter(|number| number.is_finite()) {
        Some(number) => Ok(Some(number)),
        None => Err(format!("`{key}` must be a number")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn threshold(value: Value) -> Result<Threshold, String> {
        let body = json!({ "threshold": value });
        parse(body.as_object().expect("a mapping"), Some(Zone::Only(0.0)))
    }

    #[test]
    fn every_comparison_is_read() {
        let cases = [
            (json!(null), Zone::Only(0.0)),
            (json!({"level": "fail"}), Zone::Only(0.0)),
            (json!({"must_be": 3}), Zone::Only(3.0)),
            (json!({"must_not_be": "3"}), Zone::Except(3.0)),
            (
                json!({"must_be_greater_than": 3}),
                Zone::Above(End::open(3.0)),
            ),
            (
                json!({"must_be_greater_than_or_equal": 3}),
                Zone::Above(End::closed(3.0)),
            ),
            (
                json!({"must_be_less_than": 0.5}),
                Zone::Below(End::open(0.5)),
            ),
            (
                json!({"must_be_less_than_or_equal": 3}),
                Zone::Below(End::closed(3.0)),
            ),
            (
                json!({"must_be_between": {"greater_than": 1, "less_than_or_equal": 2}}),
                Zone::Inside(End::open(1.0), End::closed(2.0)),
            ),
            (
                json!({"must_be_not_between": {"less_than": 1, "greater_than_or_equal": 2}}),
                Zone::Outside(End::open(1.0), End::closed(2.0)),
            ),
        ];
        for (text, zone) in cases {
            let read = threshold(text.clone()).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(read.passes, [(Severity::Error, zone)], "{text}");
        }
    }

    #[test]
    fn two_levels_are_two_demands_the_error_first() {
        let read = threshold(json!({
            "metric": "percent", "must_be": 0, "level": "warn",
            "additional": {"must_be_less_than": 5},
        }))
        .expect("read");
        assert!(read.percent);
        assert_eq!(
            read.passes,
            [
                (Severity::Error, Zone::Below(End::open(5.0))),
                (Severity::Warning, Zone::Only(0.0)),
            ]
        );
    }

    #[test]
    fn what_soda_does_not_evaluate_is_told() {
        for (text, part) in [
            (
                json!({"must_be": 1, "must_not_be": 2}),
                "several comparisons",
            ),
            (json!({"must_be": "many"}), "must be a number"),
            (json!({"must_be_les_than": 2}), "`must_be_les_than`"),
            (json!({"must_be_between": {"greater_than": 1}}), "less_than"),
            (
                json!({"must_be_between": {"greater_than": 3, "less_than": 2}}),
                "below",
            ),
            (
                json!({"must_be_not_between": {"greater_than": 1, "less_than": 2}}),
                "above",
            ),
            (
                json!({"must_be": 2, "additional": {"must_be": 3}}),
                "different levels",
            ),
            (json!({"unit": "week", "must_be": 1}), "week"),
        ] {
            let error = threshold(text.clone()).expect_err("wrong");
            assert!(error.contains(part), "{text}: {error}");
        }
        let body = Map::new();
        assert!(parse(&body, None).is_err());
    }
}
