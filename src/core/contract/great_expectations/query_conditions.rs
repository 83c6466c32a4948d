//! Conditions on rows as pandas has them, where a missing value differs from everything.

use super::several_columns;
use crate::measure::{Comparison, Condition, Scalar, Value};

/// The columns a condition read by [`super::query::parse`] calculates with. pandas raises where one holds anything but
/// numbers, so these must be found readable before the rows selected mean anything.
pub(super) fn calculated<'a>(condition: &'a Condition, found: &mut Vec<&'a str>) {
    match condition {
        Condition::ReadsAs(column, _) => {
            if !found.contains(&column.as_str()) {
                found.push(column);
            }
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| calculated(part, found));
        }
        Condition::Not(inner) => calculated(inner, found),
        Condition::Constant(_)
        | Condition::Compare(..)
        | Condition::IsNull(_)
        | Condition::IsNan(_)
        | Condition::In(..)
        | Condition::Matches(..)
        | Condition::HasFormat(..) => {}
    }
}

/// A comparison as pandas has it: a missing value differs from everything, itself too.
pub(super) fn compare(left: Value, comparison: Comparison, right: Value) -> Condition {
    let columns = columns_of(&[&left, &right]);
    let compared = match (&left, &right) {
        (Value::Column(left), Value::Column(right)) => {
            several_columns::compare(left, comparison, right)
        }
        _ => Condition::Compare(left, comparison, right),
    };
    match comparison {
        Comparison::NotEqual => or_missing(columns, compared),
        Comparison::Equal
        | Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => compared,
    }
}

/// A value is one of these; where it is missing it is not.
pub(super) fn member(value: Value, of: Vec<Scalar>, negated: bool) -> Condition {
    let columns = columns_of(&[&value]);
    let found = Condition::In(value, of);
    if negated {
        or_missing(columns, found.negated())
    } else {
        found
    }
}

/// The opposite, where a missing value makes a condition false.
pub(super) fn opposite(condition: Condition) -> Condition {
    match condition {
        Condition::IsNull(value) => Condition::IsNull(value).negated(),
        Condition::Not(inner) if matches!(*inner, Condition::IsNull(_)) => *inner,
        other => other.is_true().negated(),
    }
}

fn columns_of(values: &[&Value]) -> Vec<String> {
    let mut columns = Vec::new();
    values
        .iter()
        .for_each(|value| value.add_columns(&mut columns));
    columns.into_iter().map(str::to_owned).collect()
}

fn or_missing(columns: Vec<String>, condition: Condition) -> Condition {
    let missing = |column| Condition::IsNull(Value::Column(column));
    let all = columns.into_iter().map(missing).chain([condition]);
    Condition::Any(all.collect())
}
