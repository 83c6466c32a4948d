//! What catches the eye in a column: what a careful person would say first.

use super::ColumnProfile;
use crate::measure::LogicalType;

/// Share of one value from which a column says next to nothing.
const NEARLY_CONSTANT: f64 = 0.99;

/// Share of nulls from which a column is mostly empty.
const MOSTLY_EMPTY: f64 = 0.5;

/// Skewness from which a few large values decide the mean.
const SKEWED: f64 = 3.0;

/// The remarks on a column of a table with this many rows.
pub(super) fn remarks(column: &ColumnProfile, row_count: u64) -> Vec<String> {
    let mut remarks = Vec::new();
    if row_count == 0 {
        return remarks;
    }
    let present = row_count.saturating_sub(column.null_count);
    let share = |count: u64, of: u64| count as f64 / of.max(1) as f64;
    if present == 0 {
        remarks.push("all null".to_owned());
        return remarks;
    }
    if MOSTLY_EMPTY <= share(column.null_count, row_count) {
        remarks.push("mostly null".to_owned());
    }
    match column.distinct_count {
        Some(1) => remarks.push("constant".to_owned()),
        _ if column.unique => remarks.push("identifies rows".to_owned()),
        _ => {}
    }
    if let Some((value, count)) = column.top.first()
        && column.distinct_count != Some(1)
        && NEARLY_CONSTANT <= share(*count, present)
    {
        remarks.push(format!("nearly constant: `{value}`"));
    }
    if let Some(numbers) = &column.numbers {
        if 0 < numbers.nan_count {
            remarks.push("holds NaN".to_owned());
        }
        if 0 < numbers.infinite_count {
            remarks.push("holds infinities".to_owned());
        }
        if numbers
            .skewness
            .is_some_and(|skewness| SKEWED <= skewness.abs())
        {
            remarks.push("skewed".to_owned());
        }
    }
    if column.logical_type == Some(LogicalType::String)
        && column.lengths.is_some_and(|lengths| lengths.minimum == 0)
    {
        remarks.push("holds empty texts".to_owned());
    }
    if column.personal {
        remarks.push("personal by its name or its values, which are not shown".to_owned());
    }
    remarks
}
