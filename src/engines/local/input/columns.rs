//! What the columns of a table are, when it has many files: those of its log, or those all files have,
//! decimals as wide as the widest.

use polars::prelude::*;

use super::super::data::DECIMAL_DIGITS_MAX;
use super::super::table::{column_facts, decimal};
use super::lake::LakeSchema;
use crate::measure::ColumnFacts;

/// The columns a log says, with what the files say where the log does not.
pub(super) fn columns_of(schema: &LakeSchema, files: &[Vec<ColumnFacts>]) -> Vec<ColumnFacts> {
    let columns = schema.columns.iter();
    columns
        .map(|column| match &column.dtype {
            Some(dtype) => column_facts(&column.name, dtype),
            None => {
                let mut found = files.iter().flatten().filter(|one| one.name == column.name);
                let found = found.next().cloned();
                found.unwrap_or_else(|| ColumnFacts {
                    name: column.name.clone(),
                    logical_type: None,
                    physical_type: "nested".to_owned(),
                })
            }
        })
        .collect()
}

/// Whether a column was made wider after the file was written. Digits after the point are never dropped.
pub(super) fn widens(found: &DataType, said: &DataType) -> bool {
    match (found, said) {
        (DataType::Decimal(_, scale), DataType::Decimal(_, wanted)) => {
            found != said && scale <= wanted
        }
        _ => found != said && found.is_primitive_numeric() && said.is_primitive_numeric(),
    }
}

/// Makes decimals that another file has with other digits as wide as both; leaves those alone that no
/// decimal is wide enough for.
pub(super) fn widen(
    columns: &mut [ColumnFacts],
    other: &[ColumnFacts],
    widest: &mut Vec<(String, DataType)>,
) {
    for column in columns {
        let there = other.iter().find(|one| one.name == column.name);
        let Some(dtype) = there.and_then(|there| both(column, there)) else {
            continue;
        };
        *column = column_facts(&column.name, &dtype);
        widest.retain(|(name, _)| *name != column.name);
        widest.push((column.name.clone(), dtype));
    }
}

/// The decimal type that holds what two different ones do.
fn both(one: &ColumnFacts, other: &ColumnFacts) -> Option<DataType> {
    if one.physical_type == other.physical_type {
        return None;
    }
    let ((digits, scale), (more_digits, more_scale)) = (decimal(one)?, decimal(other)?);
    let whole = digits.checked_sub(scale)?;
    let scale = scale.max(more_scale);
    let digits = whole.max(more_digits.checked_sub(more_scale)?) + scale;
    (digits <= DECIMAL_DIGITS_MAX).then_some(DataType::Decimal(digits, scale))
}

/// The first thing in which two files differ.
pub(super) fn difference(first: &[ColumnFacts], other: &[ColumnFacts]) -> Option<String> {
    if let Some(column) = other
        .iter()
        .find(|column| first.iter().all(|one| one.name != column.name))
    {
        return Some(format!("there is a column `{}`", column.name));
    }
    for column in first {
        match other.iter().find(|one| one.name == column.name) {
            None => return Some(format!("there is no column `{}`", column.name)),
            Some(one)
                if one.physical_type != column.physical_type && both(column, one).is_none() =>
            {
                let why = match (decimal(column), decimal(one)) {
                    (Some(_), Some(_)) => ", of which no decimal of 38 digits holds both",
                    _ => "",
                };
                return Some(format!(
                    "`{}` is {} and not {}{why}",
                    column.name, one.physical_type, column.physical_type
                ));
            }
            Some(_) => {}
        }
    }
    None
}
