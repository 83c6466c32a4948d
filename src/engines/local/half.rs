//! Half-precision numbers (IEEE 754 binary16) as single-precision ones, which hold each of them exactly: the
//! engine is built without a type for them. Lists of a fixed length, as embeddings are stored, are read as
//! lists for the same reason, and decimals of more digits than the engine has as the nearest
//! double-precision numbers. It also knows no type for some other columns; a file
//! that has such a column is readable as long as nobody asks for that column.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::*;
use polars_arrow::array::{Array, FixedSizeListArray, Float16Array, ListArray, PrimitiveArray};
use polars_arrow::offset::OffsetsBuffer;
use polars_arrow::types::i256;

use super::data::DECIMAL_DIGITS_MAX;
use super::table::column_facts;
use crate::measure::{ColumnFacts, LogicalType};

/// How the type of a larger decimal is called.
const WIDE_DECIMAL: &str = "decimal256";

/// What the type of a field means to a contract; of no type a contract can name when the engine has none.
pub(super) fn facts(field: &ArrowField) -> ColumnFacts {
    if field.dtype == ArrowDataType::Float16 {
        return ColumnFacts {
            name: field.name.to_string(),
            logical_type: Some(LogicalType::Number),
            physical_type: "f16".to_owned(),
        };
    }
    if let Some(scale) = wide_scale(field) {
        return ColumnFacts {
            name: field.name.to_string(),
            logical_type: Some(LogicalType::Number),
            physical_type: format!("{WIDE_DECIMAL} with {scale} decimal places"),
        };
    }
    match dtype(as_lists(field).as_ref().unwrap_or(field)) {
        Some(dtype) => column_facts(&field.name, &dtype),
        None => ColumnFacts {
            name: field.name.to_string(),
            logical_type: None,
            physical_type: format!("{:?}", field.dtype),
        },
    }
}

/// The decimal places of a decimal of more digits than the engine has; `None` for every other type.
fn wide_scale(field: &ArrowField) -> Option<usize> {
    match field.dtype {
        ArrowDataType::Decimal256(digits, scale) if DECIMAL_DIGITS_MAX < digits => Some(scale),
        _ => None,
    }
}

/// Whether there are decimals of 256 bits inside of a type. The engine panics on them.
fn holds_wide(dtype: &ArrowDataType) -> bool {
    let inside = |field: &ArrowField| {
        matches!(field.dtype, ArrowDataType::Decimal256(..)) || holds_wide(&field.dtype)
    };
    match dtype {
        ArrowDataType::List(inner)
        | ArrowDataType::LargeList(inner)
        | ArrowDataType::FixedSizeList(inner, _)
        | ArrowDataType::Map(inner, _) => inside(inner),
        ArrowDataType::Struct(fields) => fields.iter().any(inside),
        // The other types hold no types, or are not read at all.
        _ => false,
    }
}

/// Whether the values of a column are decimals that were read as the nearest numbers.
pub(super) fn is_wide_decimal(column: &ColumnFacts) -> bool {
    column.physical_type.starts_with(WIDE_DECIMAL)
}

/// The engine's type of a field; `None` when it has none. It panics then.
pub(super) fn dtype(field: &ArrowField) -> Option<DataType> {
    catch_unwind(AssertUnwindSafe(|| DataType::from_arrow_field(field))).ok()
}

/// The values of a field as one chunk.
pub(super) fn series(field: &ArrowField, arrays: Vec<Box<dyn Array>>) -> PolarsResult<Series> {
    if holds_wide(&field.dtype) {
        polars_bail!(
            ComputeError: "`{}` holds decimals of 256 bits in lists or records, which are not read; hint: \
            write them as text", field.name
        );
    }
    if let Some(of_lists) = as_lists(field) {
        let arrays = arrays
            .iter()
            .map(|array| lists(array.as_ref(), &of_lists))
            .collect::<PolarsResult<Vec<_>>>()?;
        return Ok(Series::try_from((&of_lists, arrays))?.rechunk());
    }
    if let Some(scale) = wide_scale(field) {
        let arrays = arrays
            .iter()
            .map(|array| nearest(array.as_ref(), scale))
            .collect::<PolarsResult<_>>()?;
        return of_numbers(field, ArrowDataType::Float64, arrays);
    }
    if field.dtype != ArrowDataType::Float16 {
        return Ok(Series::try_from((field, arrays))?.rechunk());
    }
    let arrays = arrays
        .iter()
        .map(|array| single(array.as_ref()))
        .collect::<PolarsResult<Vec<_>>>()?;
    of_numbers(field, ArrowDataType::Float32, arrays)
}

fn of_numbers(
    field: &ArrowField,
    dtype: ArrowDataType,
    arrays: Vec<Box<dyn Array>>,
) -> PolarsResult<Series> {
    let field = ArrowField::new(field.name.clone(), dtype, true);
    Ok(Series::try_from((&field, arrays))?.rechunk())
}

/// A field of lists of a fixed length as one of lists; `None` for any other.
fn as_lists(field: &ArrowField) -> Option<ArrowField> {
    match &field.dtype {
        ArrowDataType::FixedSizeList(inner, _) => Some(ArrowField::new(
            field.name.clone(),
            ArrowDataType::LargeList(inner.clone()),
            field.is_nullable,
        )),
        _ => None,
    }
}

fn lists(array: &dyn Array, field: &ArrowField) -> PolarsResult<Box<dyn Array>> {
    let fixed = array
        .as_any()
        .downcast_ref::<FixedSizeListArray>()
        .ok_or_else(another_type)?;
    let offsets = (0..=fixed.len()).map(|row| i64::try_from(row * fixed.size()));
    let offsets: Vec<i64> = offsets
        .collect::<Result<_, _>>()
        .map_err(|_| another_type())?;
    let lists = ListArray::<i64>::try_new(
        field.dtype.clone(),
        OffsetsBuffer::try_from(offsets)?,
        fixed.values().clone(),
        fixed.validity().cloned(),
    )?;
    Ok(Box::new(lists))
}

fn another_type() -> PolarsError {
    polars_err!(ComputeError: "a column is of another type than it says")
}

/// The nearest number of each decimal.
fn nearest(array: &dyn Array, scale: usize) -> PolarsResult<Box<dyn Array>> {
    let decimals = array
        .as_any()
        .downcast_ref::<PrimitiveArray<i256>>()
        .ok_or_else(another_type)?;
    let number = |digits: &i256| format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN);
    let values: Vec<f64> = decimals.values().iter().map(number).collect();
    let numbers = PrimitiveArray::from_vec(values).with_validity(decimals.validity().cloned());
    Ok(Box::new(numbers))
}

fn single(array: &dyn Array) -> PolarsResult<Box<dyn Array>> {
    let halves = array
        .as_any()
        .downcast_ref::<Float16Array>()
        .ok_or_else(another_type)?;
    let values: Vec<f32> = halves
        .values()
        .iter()
        .map(|half| f32::from(*half))
        .collect();
    let singles = PrimitiveArray::from_vec(values).with_validity(halves.validity().cloned());
    Ok(Box::new(singles))
}
