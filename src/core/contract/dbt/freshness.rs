//! The freshness of a source: the age of the newest `loaded_at_field`, above which dbt warns or fails.

use serde_json::{Map, Value};

use super::run::plain_name;
use super::{Node, jinja};
use crate::checks::Freshness;
use crate::contract::rules::{Rule, Rules, ours};
use crate::contract::sql;
use crate::evidence::Severity;
use crate::measure::LogicalType;

/// Adds what a table of a source, or its source, demands; a model has no freshness.
pub(super) fn freshness(rules: &mut Rules<'_>, node: &Node<'_>) {
    let Some(source) = node.source else {
        return;
    };
    let (own, general) = (own(node.body, "freshness"), own(source, "freshness"));
    let demand = match (own, general) {
        // A table without freshness says `freshness: null`, which is told from silence.
        (Some(Value::Null), _) | (None, None | Some(Value::Null)) => return,
        (Some(own), general) => merged(general, own),
        (None, Some(general)) => merged(None, general),
    };
    let mut rule = Rule {
        pointer: format!("{}/freshness", node.pointer),
        ..Rule::default()
    };
    if let Err(why) = plan(rules, node, source, &demand, &mut rule) {
        let why = format!("the freshness of the source was not evaluated: {why}");
        rules.unsupported(&rule, Severity::Error, why);
    }
}

fn plan(
    rules: &mut Rules<'_>,
    node: &Node<'_>,
    source: &Map<String, Value>,
    demand: &Map<String, Value>,
    rule: &mut Rule,
) -> Result<(), String> {
    if setting(node.body, source, "loaded_at_query").is_some() {
        return Err("`loaded_at_query` is not supported".to_owned());
    }
    let Some(field) = setting(node.body, source, "loaded_at_field").and_then(Value::as_str) else {
        return Err(
            "there is no `loaded_at_field`; the metadata of a warehouse is not read".to_owned(),
        );
    };
    let field = plain_name(&jinja::resolve_text(field)?)?;
    if let Some(filter) = demand.get("filter").and_then(Value::as_str) {
        let filter = jinja::resolve_text(filter)?;
        let rows = sql::condition(&filter).map_err(|why| format!("the filter `{filter}` {why}"))?;
        rule.rows = Some(rows);
    }
    rules.give_type(&field, LogicalType::Timestamp);
    rule.column = Some(field);
    let as_of = rules.request.as_of;
    for (key, severity) in [
        ("error_after", Severity::Error),
        ("warn_after", Severity::Warning),
    ] {
        let Some(after) = demand.get(key).and_then(Value::as_object) else {
            continue;
        };
        let count = after.get("count").and_then(Value::as_f64);
        let period = after.get("period").and_then(Value::as_str);
        let days = match (count, period) {
            (Some(count), Some("minute")) => count / 1_440.0,
            (Some(count), Some("hour")) => count / 24.0,
            (Some(count), Some("day")) => count,
            _ => {
                return Err(format!(
                    "`{key}` needs `count` and `period`, `minute`, `hour` or `day`"
                ));
            }
        };
        let at = Rule {
            pointer: format!("{}/{key}", rule.pointer),
            ..rule.clone()
        };
        let check = Freshness {
            days_max: days,
            as_of,
            future_allowed: true,
        };
        rules.add(&at, severity, ours(check));
    }
    Ok(())
}

/// A setting of a table or source, or of its `config`.
fn own<'a>(owner: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let config = owner.get("config").and_then(Value::as_object);
    owner
        .get(key)
        .or_else(|| config.and_then(|config| config.get(key)))
}

fn setting<'a>(
    table: &'a Map<String, Value>,
    source: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Value> {
    own(table, key).or_else(|| own(source, key))
}

/// What a table says, and what its source says where the table says nothing.
fn merged(general: Option<&Value>, own: &Value) -> Map<String, Value> {
    let mut merged = general
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    merged.extend(own.as_object().cloned().unwrap_or_default());
    merged
}
