//! Columns taken together: the rows that share their values.

use super::Gate;
use super::slices::{NotSliced, RowsBySlice};
use super::spec::SliceBy;
use super::{Groups, VALUES_MAX};
use crate::evidence::Reason;
use crate::metrics::groups::{Combination, MISSING, combinations};

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
    let groups: Vec<&Groups> = columns.iter().map(|(_, groups)| *groups).collect();
    let found = combinations(&groups, VALUES_MAX).ok_or_else(|| {
        let message = format!(
            "columns `{by}` have more than {VALUES_MAX} combinations of values, which is the most that can be slices"
        );
        (Reason::Unsupported, message)
    })?;
    let slice = |found: Combination<'_>| {
        let parts = columns.iter().zip(&found.values);
        let parts =
            parts.map(|((column, _), value)| named(column, value.unwrap_or(MISSING), crossed));
        (parts.collect::<Vec<_>>().join(","), found.rows)
    };
    Ok(found.into_iter().map(slice).collect())
}

/// `column=value`; with `crossed`, a value that holds a comma stands in quotes.
pub(super) fn named(column: &str, value: &str, crossed: bool) -> String {
    if crossed && value.contains(',') {
        format!("{column}={value:?}")
    } else {
        format!("{column}={value}")
    }
}
