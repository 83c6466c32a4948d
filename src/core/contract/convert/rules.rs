//! One check as a rule of a contract.

use serde_json::{Map, Value, json};

use crate::checks::{PlannedCheck, UnsupportedRule};
use crate::evidence::{Bound, Severity};
use crate::measure::sql;

/// A check as it is written.
pub(super) struct WrittenCheck {
    pub(super) rule: Written,
    /// What does not carry over.
    pub(super) note: Option<String>,
}

/// Where a check goes in the contract.
pub(super) enum Written {
    /// Every property of a contract is there.
    Presence,
    /// A key of the property, and the rule that says the same.
    Key(&'static str, Value, Value),
    /// An entry under `quality`.
    Rule(Value),
    /// An entry under `slaProperties`.
    Level(Value),
}

pub(super) fn write(planned: &PlannedCheck, object: &str) -> WrittenCheck {
    let id = planned.check.requirement().id;
    let parameters = match planned.check.parameters() {
        Value::Object(parameters) => without_defaults(parameters),
        _ => Map::new(),
    };
    let is_whole = planned.rows.is_none() && planned.slices.is_empty();
    let on_column = planned.target.column.is_some();
    let plain = |rule| WrittenCheck { rule, note: None };
    if id == "unsupported-rule" {
        let why = parameters.get("why").and_then(Value::as_str);
        let note = format!(
            "stays a rule that is not evaluated: {}",
            why.unwrap_or("no reason given")
        );
        return WrittenCheck {
            rule: Written::Rule(own(id, parameters)),
            note: Some(note),
        };
    }
    if is_whole && let Some(rule) = of_the_standard(id, &parameters, on_column, planned, object) {
        return plain(rule);
    }
    let mut implementation = parameters;
    // The time of the run, not of the conversion.
    implementation.remove("as_of");
    if let Some(rows) = &planned.rows {
        let Some(text) = sql::to_sql(rows) else {
            return lost(
                id,
                &format!("only for rows where {rows}, which no SQL says"),
            );
        };
        implementation.insert("where".to_owned(), text.into());
    }
    if !planned.slices.is_empty() {
        implementation.insert("by".to_owned(), json!(planned.slices));
    }
    plain(Written::Rule(own(id, implementation)))
}

/// A rule that cannot be written stays in the contract as one that is not evaluated, so that the
/// contract is never weaker than the suite without saying so.
fn lost(id: &str, why: &str) -> WrittenCheck {
    let why = format!("`{id}` {why}");
    let rule = UnsupportedRule { why: why.clone() };
    let parameters = match crate::checks::Check::parameters(&rule) {
        Value::Object(parameters) => parameters,
        _ => Map::new(),
    };
    WrittenCheck {
        rule: Written::Rule(own("unsupported-rule", parameters)),
        note: Some(format!("does not carry over: {why}")),
    }
}

/// A rule of our own engine.
fn own(id: &str, parameters: Map<String, Value>) -> Value {
    let mut implementation = Map::new();
    implementation.insert("check".to_owned(), id.into());
    implementation.extend(parameters);
    json!({"type": "custom", "engine": "proofmark", "implementation": implementation})
}

/// Parameters that say nothing: absent ones, and the default of those that are always written.
fn without_defaults(parameters: Map<String, Value>) -> Map<String, Value> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(members) => members
            .values()
            .all(|value| value.is_null() || value == "eligible_rows"),
        _ => false,
    };
    let kept = parameters.into_iter().filter(|(_, value)| !is_empty(value));
    kept.map(|(key, value)| match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            (key, Value::Object(members.collect()))
        }
        value => (key, value),
    })
    .collect()
}

/// The same in the words of the standard.
fn of_the_standard(
    id: &str,
    parameters: &Map<String, Value>,
    on_column: bool,
    planned: &PlannedCheck,
    object: &str,
) -> Option<Written> {
    let only = |keys: &[&str]| parameters.keys().all(|key| keys.contains(&key.as_str()));
    let bound =
        |key: &str| -> Option<Bound> { serde_json::from_value(parameters.get(key)?.clone()).ok() };
    match id {
        "column-presence" if on_column => Some(Written::Presence),
        "column-type" if on_column && only(&["logical_type"]) => {
            let logical_type = parameters.get("logical_type")?.clone();
            let rule = own(id, parameters.clone());
            Some(Written::Key("logicalType", logical_type, rule))
        }
        "null-fraction" if on_column && only(&["fraction"]) => match bound("fraction")? {
            Bound::AtMost(0.0) => {
                let rule = metric("nullValues", None, Bound::AtMost(0.0), true)?;
                Some(Written::Key("required", true.into(), rule))
            }
            bound => Some(Written::Rule(metric("nullValues", None, bound, true)?)),
        },
        "null-fraction" if on_column && only(&["rows"]) => Some(Written::Rule(metric(
            "nullValues",
            None,
            bound("rows")?,
            false,
        )?)),
        "row-count" if !on_column && only(&["rows"]) => Some(Written::Rule(metric(
            "rowCount",
            None,
            bound("rows")?,
            false,
        )?)),
        "missing-values" if on_column && only(&["values"]) => {
            let arguments = json!({"missingValues": parameters.get("values")?});
            let none = Bound::AtMost(0.0);
            Some(Written::Rule(metric(
                "missingValues",
                Some(arguments),
                none,
                false,
            )?))
        }
        "freshness" if on_column && only(&["days_max", "as_of"]) => {
            (planned.target.severity == Severity::Error).then_some(())?;
            let column = planned.target.column.as_deref()?;
            // The standard separates object and column by the first full stop.
            (!object.contains('.')).then_some(())?;
            let days = parameters.get("days_max")?;
            Some(Written::Level(json!({
                "property": "freshness",
                "value": days,
                "unit": "d",
                "element": format!("{object}.{column}"),
            })))
        }
        _ => None,
    }
}

/// A library metric; nothing when its bound cannot be written without loss.
fn metric(name: &str, arguments: Option<Value>, bound: Bound, is_fraction: bool) -> Option<Value> {
    let number = |value: f64| {
        if !is_fraction {
            return Some(value);
        }
        let percent = value * 100.0;
        (percent / 100.0 == value).then_some(percent)
    };
    let (key, value) = match bound {
        Bound::AtLeast(limit) => ("mustBeGreaterOrEqualTo", json!(number(limit)?)),
        Bound::AtMost(limit) => ("mustBeLessOrEqualTo", json!(number(limit)?)),
        Bound::MoreThan(limit) => ("mustBeGreaterThan", json!(number(limit)?)),
        Bound::LessThan(limit) => ("mustBeLessThan", json!(number(limit)?)),
        Bound::Exactly(limit) => ("mustBe", json!(number(limit)?)),
        Bound::Not(limit) => ("mustNotBe", json!(number(limit)?)),
        // The ends of a range must differ in the standard.
        Bound::Between(lower, upper) if lower < upper => {
            ("mustBeBetween", json!([number(lower)?, number(upper)?]))
        }
        Bound::Outside(lower, upper) if lower < upper => {
            ("mustNotBeBetween", json!([number(lower)?, number(upper)?]))
        }
        Bound::Between(..) | Bound::Outside(..) => return None,
    };
    let mut rule = Map::new();
    rule.insert("metric".to_owned(), name.into());
    if let Some(arguments) = arguments {
        rule.insert("arguments".to_owned(), arguments);
    }
    if is_fraction {
        rule.insert("unit".to_owned(), "percent".into());
    }
    rule.insert(key.to_owned(), value);
    Some(rule.into())
}
