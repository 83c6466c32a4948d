//! Columns taken together: the rows that share their values.

use std::collections::BTreeMap;

use super::Gate;
use super::groups::{Groups, VALUES_MAX};
use super::slices::{NotSliced, RowsBySlice};
use super::spec::SliceBy;
use crate::evidence::Reason;
use crate::metrics::fairness::MISSING;

/// The values of a column of the candidate.
pub(super) fn group<'a>(gate: &Gate<'a>, column: &str) -> Result<&'a Groups, NotSliced> {
    gate.candidate.group(column).ok_or_else(|| {
        let message = format!(
            "the predictions of `{}` have no column `{column}`",
            gate.candidate.model()
        );
        (Reason::MissingInput, message)
    })
}

/// The rows of every value of a column, or of every combination of values of several.
pub(super) fn rows_by_values(gate: &Gate<'_>, by: &SliceBy) -> Result<RowsBySlice, NotSliced> {
    let mut columns = Vec::new();
    for column in by.columns() {
        let groups = group(gate, column)?;
        if VALUES_MAX < groups.different() {
            let message = format!(
                "column `{column}` has {} values, at most {VALUES_MAX} can be slices",
                groups.different()
            );
            return Err((Reason::Unsupported, message));
        }
        columns.push((column.as_str(), groups));
    }
    // A value with a comma could otherwise be taken for a crossing.
    let crossed = gate.spec.slices.iter().any(|by| 1 < by.columns().len());
    if let [(column, groups)] = columns.as_slice() {
        let slice = |(value, rows): (Option<&str>, Vec<u32>)| {
            (named(column, value.unwrap_or(MISSING), crossed), rows)
        };
        return Ok(groups.rows_by_value().into_iter().map(slice).collect());
    }
    let columns: Vec<_> = columns
        .into_iter()
        .map(|(column, groups)| (column, groups.codes()))
        .collect();
    // At most 200 values in each of at most four columns: all codes together fit.
    let mut rows: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for row in 0..gate.sample.len() {
        let code = columns.iter().fold(0, |code, (_, (values, codes))| {
            let value = codes.get(row).copied().unwrap_or_default();
            code * values.len() as u64 + u64::from(value)
        });
        rows.entry(code).or_default().push(row as u32);
    }
    if VALUES_MAX < rows.len() {
        let message = format!(
            "columns `{by}` have {} combinations of values, at most {VALUES_MAX} can be slices",
            rows.len()
        );
        return Err((Reason::Unsupported, message));
    }
    let named = rows.into_values().map(|rows| {
        let first = rows.first().map_or(0, |row| *row as usize);
        let parts: Vec<String> = columns
            .iter()
            .map(|(column, (values, codes))| {
                let value = codes.get(first).and_then(|code| values.get(*code as usize));
                named(column, value.copied().flatten().unwrap_or(MISSING), crossed)
            })
            .collect();
        (parts.join(","), rows)
    });
    Ok(named.collect())
}

/// `column=value`; with `crossed`, a value that holds a comma stands in quotes.
pub(super) fn named(column: &str, value: &str, crossed: bool) -> String {
    if crossed && value.contains(',') {
        format!("{column}={value:?}")
    } else {
        format!("{column}={value}")
    }
}
