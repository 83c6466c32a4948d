//! Expectations on the table as a whole.

use super::arguments::{Arguments, missing};
use super::rules::{AllOf, Demand, bounds};
use crate::checks::{
    ColumnCount, ColumnOrder, ColumnRelation, ColumnSet, FailedRows, RowCount, RowCountMatch,
};
use crate::evidence::Bound;
use crate::measure::Comparison;

fn exactly(arguments: &mut Arguments) -> Result<Bound, String> {
    let value = arguments.number("value")?.ok_or_else(|| missing("value"))?;
    Ok(Bound::Exactly(value))
}

/// So many rows.
pub(super) fn row_count(arguments: &mut Arguments) -> Result<Demand, String> {
    let rows = exactly(arguments)?;
    Ok(Demand::of_table(RowCount { rows }))
}

/// The number of rows is between the ends.
pub(super) fn row_count_between(arguments: &mut Arguments) -> Result<Demand, String> {
    let bounds = bounds(arguments.ends()?, arguments.strict()?);
    let bounds = arguments.needed_bounds(bounds)?;
    Ok(Demand::of_table(AllOf::bounds(bounds, |rows| RowCount {
        rows,
    })))
}

/// As many rows as in another table.
pub(super) fn row_count_of_other(arguments: &mut Arguments) -> Result<Demand, String> {
    Ok(Demand::of_table(RowCountMatch {
        dataset: arguments.needed_text("other_table_name")?,
        comparison: Comparison::Equal,
        factor: 1.0,
        margin: 0.0,
    }))
}

/// So many columns.
pub(super) fn column_count(arguments: &mut Arguments) -> Result<Demand, String> {
    let bound = exactly(arguments)?;
    Ok(Demand::of_table(ColumnCount { bound }))
}

/// The number of columns is between the ends.
pub(super) fn column_count_between(arguments: &mut Arguments) -> Result<Demand, String> {
    let bounds = bounds(arguments.ends()?, [false, false]);
    let bounds = arguments.needed_bounds(bounds)?;
    Ok(Demand::of_table(AllOf::bounds(bounds, |bound| {
        ColumnCount { bound }
    })))
}

/// Exactly these columns in this order.
pub(super) fn ordered_columns(arguments: &mut Arguments) -> Result<Demand, String> {
    Ok(Demand::of_table(ColumnOrder {
        columns: arguments.needed_texts("column_list")?,
        others_allowed: false,
        ignore_case: false,
    }))
}

/// These columns in any order; others too when the match need not be exact.
pub(super) fn column_set(arguments: &mut Arguments) -> Result<Demand, String> {
    let exact = arguments
        .any("exact_match")
        .is_none_or(|exact| exact != false);
    Ok(Demand::of_table(ColumnSet {
        columns: arguments.needed_texts("column_set")?,
        relation: match exact {
            true => ColumnRelation::Equals,
            false => ColumnRelation::Contains,
        },
        ignore_case: false,
    }))
}

/// The query, in which `{batch}` is the table, finds no row. On a file Great Expectations cannot run it.
pub(super) fn unexpected_rows(arguments: &mut Arguments) -> Result<Demand, String> {
    let query = arguments.needed_text("unexpected_rows_query")?;
    let table = format!("\"{}\"", arguments.dataset().replace('"', "\"\""));
    let query = query.replace("{batch}", &table);
    if query.contains('{') {
        return Err("the query has placeholders other than `{batch}`".to_owned());
    }
    Ok(Demand::of_table(FailedRows {
        query,
        rows: None,
        dialect: None,
    }))
}

/// Two queries against two data sources: this program is given one.
pub(super) fn query_results(_: &mut Arguments) -> Result<Demand, String> {
    Err("it compares the answers of two data sources".to_owned())
}
