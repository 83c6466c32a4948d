//! `row_condition`: which rows an expectation speaks of, in every form suites have it.
//!
//! Follows Great Expectations 1.24 (`row_conditions.py`) and 0.18. Objects and `pandas` texts mean what
//! pandas makes of them: a missing value is not equal, not smaller and not larger, but differs from
//! everything. `spark` texts are SQL, where a comparison with null selects no row.

use serde_json::{Map, Value as Json};

use super::query;
use super::query_conditions::{compare, member};
use crate::contract::sql;
use crate::measure::{Comparison, Condition, Scalar, Value};

/// Conditions in one row condition, as Great Expectations allows.
const CONDITIONS_MAX: usize = 100;

/// The rows an expectation speaks of.
#[derive(Debug)]
pub(super) struct Rows {
    /// The condition.
    pub(super) condition: Condition,
    /// As the suite says it.
    pub(super) words: String,
}

/// Reads a row condition with its `condition_parser`; `None` when there is none.
///
/// # Errors
/// Says why it cannot be evaluated.
pub(super) fn rows(
    condition: Option<&Json>,
    parser: Option<&Json>,
) -> Result<Option<Rows>, String> {
    match condition {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(Json::String(text)) => {
            let condition = text_condition(text, parser)
                .map_err(|why| format!("the row condition `{text}` {why}"))?;
            Ok(Some(Rows {
                condition,
                words: text.clone(),
            }))
        }
        Some(Json::Object(object)) => {
            let mut left = CONDITIONS_MAX;
            let (condition, words) = object_condition(object, Inside::Nothing, &mut left)
                .map_err(|why| format!("the row condition {why}"))?;
            Ok(Some(Rows { condition, words }))
        }
        Some(other) => Err(format!(
            "the row condition `{other}` is neither text nor object"
        )),
    }
}

fn text_condition(text: &str, parser: Option<&Json>) -> Result<Condition, String> {
    match parser {
        Some(Json::String(parser)) => match parser.as_str() {
            "pandas" | "python" | "great_expectations" | "great_expectations__experimental__" => {
                query::parse(text)
            }
            "spark" => sql::condition(text),
            other => Err(format!("has the unknown `condition_parser` `{other}`")),
        },
        None | Some(Json::Null) => Err("needs a `condition_parser`".to_owned()),
        Some(other) => Err(format!(
            "has the `condition_parser` `{other}`, which is no text"
        )),
    }
}

/// What an object stands in: alternatives do not nest.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    And,
    Or,
}

fn object_condition(
    object: &Map<String, Json>,
    inside: Inside,
    left: &mut usize,
) -> Result<(Condition, String), String> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| format!("has more than {CONDITIONS_MAX} conditions"))?;
    match object.get("type").and_then(Json::as_str) {
        Some("comparison") => comparison(object),
        Some("nullity") => nullity(object),
        Some("and") => group(object, Inside::And, left),
        Some("or") if inside == Inside::Nothing => group(object, Inside::Or, left),
        Some("or") => {
            Err("has an `or` inside another condition, which Great Expectations refuses".to_owned())
        }
        Some("pass_through") => pass_through(object),
        Some(other) => Err(format!("has the unknown type `{other}`")),
        None => Err("has no `type`".to_owned()),
    }
}

fn group(
    object: &Map<String, Json>,
    inside: Inside,
    left: &mut usize,
) -> Result<(Condition, String), String> {
    // Only the leaves count.
    *left += 1;
    let conditions = object.get("conditions").and_then(Json::as_array);
    let conditions = conditions.ok_or("has a group without `conditions`")?;
    let mut parts = Vec::new();
    let mut words = Vec::new();
    for condition in conditions {
        let condition = condition
            .as_object()
            .ok_or("has a condition that is no object")?;
        let (part, said) = object_condition(condition, inside, left)?;
        parts.push(part);
        words.push(said);
    }
    Ok(match inside {
        Inside::Or => (Condition::Any(parts), format!("({})", words.join(" or "))),
        Inside::And | Inside::Nothing => (Condition::All(parts), words.join(" and ")),
    })
}

fn column(object: &Map<String, Json>) -> Result<&str, String> {
    let column = object.get("column");
    let name = column.and_then(|column| column.get("name").unwrap_or(column).as_str());
    name.ok_or_else(|| "has a condition without the name of a column".to_owned())
}

fn nullity(object: &Map<String, Json>) -> Result<(Condition, String), String> {
    let column = column(object)?;
    let missing = Condition::IsNull(Value::column(column));
    match object.get("is_null").and_then(Json::as_bool) {
        Some(true) => Ok((missing, format!("{column} is null"))),
        Some(false) => Ok((missing.negated(), format!("{column} is not null"))),
        None => Err("has a nullity condition without `is_null`".to_owned()),
    }
}

fn comparison(object: &Map<String, Json>) -> Result<(Condition, String), String> {
    let column = column(object)?;
    let operator = object.get("operator").and_then(Json::as_str).unwrap_or("");
    let parameter = object.get("parameter").unwrap_or(&Json::Null);
    let words = format!(
        "{column} {} {}",
        operator.to_lowercase().replace('_', " "),
        plain(parameter)
    );
    let value = Value::column(column);
    let condition = match operator {
        "IN" | "NOT_IN" => {
            let items = parameter
                .as_array()
                .ok_or("has `IN` without a list of values")?;
            let items: Result<Vec<Scalar>, String> = items.iter().map(scalar).collect();
            member(value, items?, operator == "NOT_IN")
        }
        other => {
            let comparison = match other {
                "==" => Comparison::Equal,
                "!=" => Comparison::NotEqual,
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                ">=" => Comparison::GreaterOrEqual,
                _ => return Err(format!("has the unknown operator `{other}`")),
            };
            compare(value, comparison, Value::Literal(scalar(parameter)?))
        }
    };
    Ok((condition, words))
}

fn scalar(value: &Json) -> Result<Scalar, String> {
    Scalar::from_json(value)
        .ok_or_else(|| format!("compares with `{value}`, which is no single value"))
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A filter handed on to the engine as it is: pandas' language, else SQL.
fn pass_through(object: &Map<String, Json>) -> Result<(Condition, String), String> {
    let filter = object.get("pass_through_filter").and_then(Json::as_str);
    let filter = filter.ok_or("has no `pass_through_filter`")?;
    let condition = query::parse(filter)
        .or_else(|in_pandas| sql::condition(filter).map_err(|_| in_pandas))
        .map_err(|why| format!("`{filter}` {why}"))?;
    Ok((condition, filter.to_owned()))
}
