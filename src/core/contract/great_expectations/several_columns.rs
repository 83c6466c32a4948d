//! Expectations on several columns of a row. Nulls follow pandas: a comparison with a missing value
//! fails, and `ignore_row_if` says which rows are not looked at.
//!
//! In a file without types two values are compared as numbers where both spell one, else as texts, which
//! is what pandas finds out column by column.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing, scalar};
use super::rules::{AllOf, Demand, RowsOf, is_missing};
use crate::checks::{
    Check, ColumnComparison, ColumnsEqual, DuplicateCount, NullRows, RowSum, Tolerance, Uniqueness,
    ValueCombinations, ValuesUniqueInRow,
};
use crate::evidence::Bound;
use crate::measure::{Comparison, Condition, NullKeys, Scalar, Value};

/// Most columns compared pair by pair.
const COLUMNS_MAX: usize = 200;

/// `ignore_row_if`: which rows are not looked at.
#[derive(Clone, Copy)]
enum Ignored {
    AllMissing,
    AnyMissing,
    None,
}

fn ignored(arguments: &mut Arguments) -> Result<Ignored, String> {
    match arguments.text("ignore_row_if")?.as_deref() {
        None | Some("both_values_are_missing" | "all_values_are_missing") => {
            Ok(Ignored::AllMissing)
        }
        Some("either_value_is_missing" | "any_value_is_missing") => Ok(Ignored::AnyMissing),
        Some("neither" | "never") => Ok(Ignored::None),
        Some(other) => Err(format!("`ignore_row_if` is `{other}`, which is not known")),
    }
}

impl Ignored {
    fn eligible(self, columns: &[String]) -> Condition {
        let missing = || columns.iter().map(|column| is_missing(column)).collect();
        match self {
            Self::AllMissing => Condition::All(missing()).negated(),
            Self::AnyMissing => Condition::Any(missing()).negated(),
            Self::None => Condition::Constant(true),
        }
    }

    fn rows(self) -> NullRows {
        match self {
            Self::AllMissing => NullRows::SkipAll,
            Self::AnyMissing => NullRows::SkipAny,
            Self::None => NullRows::Fail,
        }
    }

    fn keys(self) -> NullKeys {
        match self {
            Self::AllMissing => NullKeys::SkipAll,
            Self::AnyMissing => NullKeys::SkipAny,
            Self::None => NullKeys::Equal,
        }
    }
}

/// Compared as numbers where both are, else as they are; null where either is.
pub(super) fn compare(left: &str, comparison: Comparison, right: &str) -> Condition {
    let number = |column: &str| Value::Number(Box::new(Value::column(column)));
    let whether =
        |left, right| Value::Indicator(Box::new(Condition::Compare(left, comparison, right)));
    let compared = Value::Coalesce(vec![
        whether(number(left), number(right)),
        whether(Value::column(left), Value::column(right)),
    ]);
    Condition::Compare(
        compared,
        Comparison::Equal,
        Value::Literal(Scalar::Integer(1)),
    )
}

/// Equal, or both missing.
fn same(left: &str, right: &str) -> Condition {
    Condition::Any(vec![
        compare(left, Comparison::Equal, right),
        Condition::All(vec![is_missing(left), is_missing(right)]),
    ])
}

fn rows(
    check: impl Check + 'static,
    columns: &[String],
    holds: Condition,
    ignored: Ignored,
) -> Demand {
    let eligible = ignored.eligible(columns);
    Demand::of_table(RowsOf::new(check, holds, eligible)).counted_its_way()
}

fn pair(arguments: &mut Arguments) -> Result<(String, String), String> {
    Ok((
        arguments.needed_text("column_A")?,
        arguments.needed_text("column_B")?,
    ))
}

/// The first column is greater than, or as great as, the second.
pub(super) fn greater(arguments: &mut Arguments) -> Result<Demand, String> {
    let comparison = match arguments.flag("or_equal")? {
        true => Comparison::GreaterOrEqual,
        false => Comparison::Greater,
    };
    if arguments.flag("allow_cross_type_comparisons")? {
        return Err("`allow_cross_type_comparisons` is not supported".to_owned());
    }
    // Texts in ISO 8601 are in the order of their dates.
    arguments.flag("parse_strings_as_datetimes")?;
    pair_compared(arguments, comparison)
}

/// The two columns are equal.
pub(super) fn pair_equal(arguments: &mut Arguments) -> Result<Demand, String> {
    pair_compared(arguments, Comparison::Equal)
}

fn pair_compared(arguments: &mut Arguments, comparison: Comparison) -> Result<Demand, String> {
    let (left, right) = pair(arguments)?;
    let ignored = ignored(arguments)?;
    let check = ColumnComparison {
        column: Some(left.clone()),
        comparison,
        other: right.clone(),
        nulls: ignored.rows(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    let holds = compare(&left, comparison, &right);
    Ok(rows(check, &[left, right], holds, ignored))
}

/// The two columns are one of the pairs; a null of a pair is a missing value.
pub(super) fn pair_in_set(arguments: &mut Arguments) -> Result<Demand, String> {
    let (left, right) = pair(arguments)?;
    let ignored = ignored(arguments)?;
    let pairs = arguments
        .list("value_pairs_set")?
        .ok_or_else(|| missing("value_pairs_set"))?;
    let columns = [left, right];
    let mut any = Vec::new();
    let mut values = Vec::new();
    for pair in &pairs {
        let Some([a, b]) = pair.as_array().map(Vec::as_slice) else {
            return Err(format!(
                "`value_pairs_set` holds `{pair}`, which is no pair"
            ));
        };
        let [left, right] = &columns;
        any.push(Condition::All(vec![is(left, a)?, is(right, b)?]));
        values.push(vec![a.clone(), b.clone()]);
    }
    let check = ValueCombinations {
        columns: columns.to_vec(),
        values: values
            .into_iter()
            .filter(|pair| !pair.iter().any(Json::is_null))
            .collect(),
        nulls: ignored.rows(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    Ok(rows(check, &columns, Condition::Any(any), ignored))
}

fn is(column: &str, value: &Json) -> Result<Condition, String> {
    if value.is_null() {
        return Ok(is_missing(column));
    }
    let value = Value::Literal(scalar("value_pairs_set", value)?);
    Ok(Condition::Compare(
        Value::column(column),
        Comparison::Equal,
        value,
    ))
}

fn columns(arguments: &mut Arguments) -> Result<Vec<String>, String> {
    let columns = arguments.needed_texts("column_list")?;
    match columns.len() {
        0 => Err("`column_list` is empty".to_owned()),
        count if COLUMNS_MAX < count => {
            Err(format!("`column_list` has more than {COLUMNS_MAX} columns"))
        }
        _ => Ok(columns),
    }
}

/// No combination of values repeats; every row of a repeated one fails.
pub(super) fn compound_unique(arguments: &mut Arguments) -> Result<Demand, String> {
    let check = Uniqueness {
        columns: columns(arguments)?,
        count: DuplicateCount::AllRows,
        nulls: ignored(arguments)?.keys(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    Ok(Demand::of_table(check).counted_its_way())
}

/// The sum of the columns is exactly this; with a missing value it is not.
pub(super) fn sum_equals(arguments: &mut Arguments) -> Result<Demand, String> {
    let columns = columns(arguments)?;
    let total = arguments
        .number("sum_total")?
        .ok_or_else(|| missing("sum_total"))?;
    let check = RowSum {
        columns: columns.clone(),
        bound: Bound::Exactly(total),
        null_is_zero: false,
        nulls: ignored(arguments)?.rows(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    Ok(Demand {
        numbers: columns,
        ..Demand::of_table(AllOf::new(vec![Box::new(check)])).counted_its_way()
    })
}

/// All the columns have the same value; missing is the same as missing.
pub(super) fn all_equal(arguments: &mut Arguments) -> Result<Demand, String> {
    let columns = columns(arguments)?;
    let ignored = ignored(arguments)?;
    let check = ColumnsEqual {
        columns: columns.clone(),
        nulls: ignored.rows(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    let mut others = columns.iter();
    let first = others.next().map_or("", String::as_str);
    let holds = Condition::All(others.map(|other| same(first, other)).collect());
    Ok(rows(check, &columns, holds, ignored))
}

/// No two of the columns have the same value; missing is the same as missing.
pub(super) fn unique_within_row(arguments: &mut Arguments) -> Result<Demand, String> {
    let columns = columns(arguments)?;
    let ignored = ignored(arguments)?;
    let check = ValuesUniqueInRow {
        columns: columns.clone(),
        nulls: ignored.keys(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    let mut repeated = Vec::new();
    for (index, one) in columns.iter().enumerate() {
        for other in columns.iter().skip(index + 1) {
            repeated.push(same(one, other));
        }
    }
    let holds = Condition::Any(repeated).negated();
    Ok(rows(check, &columns, holds, ignored))
}
