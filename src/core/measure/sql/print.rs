//! Conditions written as SQL, for contracts and for engines that are asked in SQL.

use crate::measure::{Condition, Pattern, Scalar, Value};

/// Writes a condition as SQL that [`super::condition`] reads back; `None` when it says what no SQL of the
/// common dialect says: a form of texts, a read as a type, a statistic, the whole row.
#[must_use]
pub fn to_sql(condition: &Condition) -> Option<String> {
    Some(match condition {
        Condition::Constant(value) => value.to_string(),
        // Conditions taken for values are written as people write them.
        Condition::IsNull(Value::Indicator(inner)) => format!("({}) is null", to_sql(inner)?),
        Condition::Compare(left, comparison, right) => {
            if let Some(inner) = is_true(condition) {
                return Some(format!("({}) is true", to_sql(inner)?));
            }
            format!("{} {} {}", part(left)?, comparison.as_str(), part(right)?)
        }
        Condition::IsNull(value) => format!("{} is null", part(value)?),
        Condition::IsNan(value) => format!("isnan({})", written(value)?),
        Condition::In(_, scalars) if scalars.is_empty() => return None,
        Condition::In(value, scalars) => {
            let scalars: Option<Vec<String>> = scalars.iter().map(scalar).collect();
            format!("{} in ({})", part(value)?, scalars?.join(", "))
        }
        Condition::Matches(value, pattern) => {
            format!("regexp_like({}, {})", written(value)?, regular(pattern))
        }
        Condition::ReadsAs(..) | Condition::HasFormat(..) => return None,
        Condition::All(all) => return joined(all, " and ", "true"),
        Condition::Any(any) => return joined(any, " or ", "false"),
        Condition::Not(inner) => format!("not ({})", to_sql(inner)?),
    })
}

/// The inner condition of [`Condition::is_true`].
fn is_true(condition: &Condition) -> Option<&Condition> {
    let Condition::Compare(Value::Coalesce(values), _, _) = condition else {
        return None;
    };
    match values.as_slice() {
        [Value::Indicator(inner), _] if *condition == inner.as_ref().clone().is_true() => {
            Some(inner)
        }
        _ => None,
    }
}

fn joined(conditions: &[Condition], between: &str, none: &str) -> Option<String> {
    if conditions.is_empty() {
        return Some(none.to_owned());
    }
    let written = |condition| to_sql(condition).map(|text| format!("({text})"));
    let written: Option<Vec<String>> = conditions.iter().map(written).collect();
    Some(written?.join(between))
}

/// A value as the side of an operator.
fn part(value: &Value) -> Option<String> {
    let text = written(value)?;
    Some(match value {
        Value::Arithmetic(..) | Value::Indicator(_) => format!("({text})"),
        _ => text,
    })
}

fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Column(name) => identifier(name),
        // As it stands in the file: an engine that is asked in SQL knows no other reading.
        Value::Raw(_) | Value::Row | Value::Statistic(..) => return None,
        Value::Literal(constant) => scalar(constant)?,
        Value::Null => "null".to_owned(),
        Value::Length(inner) => format!("length({})", written(inner)?),
        Value::Lower(inner) => format!("lower({})", written(inner)?),
        Value::Upper(inner) => format!("upper({})", written(inner)?),
        Value::Trim(inner) => format!("trim({})", written(inner)?),
        Value::Text(inner) => format!("cast({} as varchar)", written(inner)?),
        Value::Number(inner) => format!("try_cast({} as double)", written(inner)?),
        Value::Absolute(inner) => format!("abs({})", written(inner)?),
        Value::Arithmetic(left, operator, right) => {
            format!("{} {} {}", part(left)?, operator.as_str(), part(right)?)
        }
        Value::Coalesce(values) if values.is_empty() => "null".to_owned(),
        Value::Coalesce(values) => {
            let values: Option<Vec<String>> = values.iter().map(written).collect();
            format!("coalesce({})", values?.join(", "))
        }
        Value::Call(function, arguments) => {
            let arguments: Option<Vec<String>> = arguments.iter().map(part).collect();
            function.call(&arguments?)
        }
        Value::Indicator(condition) => {
            let condition = to_sql(condition)?;
            format!("case when {condition} then 1 when not ({condition}) then 0 end")
        }
        Value::If(condition, then, otherwise) => format!(
            "case when {} then {} else {} end",
            to_sql(condition)?,
            written(then)?,
            written(otherwise)?
        ),
    })
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn scalar(scalar: &Scalar) -> Option<String> {
    Some(match scalar {
        Scalar::Integer(value) => value.to_string(),
        Scalar::Unsigned(value) => value.to_string(),
        // The debug form keeps the point or the exponent that tells it from a whole number.
        Scalar::Number(value) if value.is_finite() => format!("{value:?}"),
        Scalar::Number(_) => return None,
        Scalar::Decimal(value) => value.to_string(),
        Scalar::Text(value) => text(value),
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Instant(instant) => {
            format!("timestamp '{}'", instant.format("%Y-%m-%d %H:%M:%S%.f"))
        }
    })
}

fn regular(pattern: &Pattern) -> String {
    text(&pattern.anchored())
}
