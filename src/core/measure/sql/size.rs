//! How large what is read may become: some expressions are read as several (`a is distinct from b`), and
//! such within such multiply.

use crate::measure::{Condition, Value};

/// Conditions and values within a condition; far above what people write.
pub(super) const NODES_MAX: usize = 20_000;

/// The condition, unless it has become too large.
pub(super) fn bounded(condition: Condition) -> Result<Condition, String> {
    if NODES_MAX < size_of_condition(&condition) {
        return Err(too_large());
    }
    Ok(condition)
}

pub(super) fn too_large() -> String {
    format!("becomes larger than {NODES_MAX} conditions and values")
}

/// Conditions and values of a condition, itself too.
pub(super) fn size_of_condition(condition: &Condition) -> usize {
    let inner = match condition {
        Condition::Constant(_) | Condition::ReadsAs(..) => 0,
        Condition::Compare(left, _, right) => size_of_value(left) + size_of_value(right),
        Condition::IsNull(value)
        | Condition::IsNan(value)
        | Condition::In(value, _)
        | Condition::Matches(value, _)
        | Condition::HasFormat(value, _) => size_of_value(value),
        Condition::All(all) | Condition::Any(all) => all.iter().map(size_of_condition).sum(),
        Condition::Not(inner) => size_of_condition(inner),
    };
    1 + inner
}

/// Conditions and values of a value, itself too.
pub(super) fn size_of_value(value: &Value) -> usize {
    let inner = match value {
        Value::Column(_) | Value::Raw(_) | Value::Row | Value::Literal(_) | Value::Null => 0,
        Value::Length(inner)
        | Value::Lower(inner)
        | Value::Upper(inner)
        | Value::Trim(inner)
        | Value::Text(inner)
        | Value::Number(inner)
        | Value::Absolute(inner)
        | Value::Statistic(_, inner) => size_of_value(inner),
        Value::Arithmetic(left, _, right) => size_of_value(left) + size_of_value(right),
        Value::Coalesce(values) => values.iter().map(size_of_value).sum(),
        Value::Indicator(condition) => size_of_condition(condition),
        Value::If(condition, then, otherwise) => {
            size_of_condition(condition) + size_of_value(then) + size_of_value(otherwise)
        }
    };
    1 + inner
}
