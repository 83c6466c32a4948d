//! Columns taken together: the rows that share their values.

use std::collections::{BTreeMap, HashMap};

use super::Gate;
use super::groups::VALUES_MAX;
use super::slices::{NotSliced, RowsBySlice};
use super::spec::SliceBy;
use crate::evidence::Reason;
use crate::metrics::fairness::MISSING;

/// The values of a column of the candidate.
pub(super) fn group(gate: &Gate<'_>, column: &str) -> Result<Vec<Option<String>>, NotSliced> {
    match gate.candidate.group(column) {
        Some(groups) => Ok(groups.values()),
        None => {
            let message = format!(
                "the predictions of `{}` have no column `{column}`",
                gate.candidate.model()
            );
            Err((Reason::MissingInput, message))
        }
    }
}

/// A column as the place of each row's value among the distinct ones.
pub(super) struct Coded<'a> {
    /// The distinct values in their order, the missing one last.
    pub(super) values: Vec<&'a str>,
    /// Which of them each row has.
    pub(super) codes: Vec<u32>,
}

impl<'a> Coded<'a> {
    /// Numbers the distinct values.
    pub(super) fn of(values: &'a [Option<String>]) -> Self {
        let mut places: HashMap<(bool, &str), u32> = HashMap::new();
        let mut codes = Vec::with_capacity(values.len());
        for value in values {
            let key = (value.is_none(), value.as_deref().unwrap_or(MISSING));
            let next = places.len() as u32;
            codes.push(*places.entry(key).or_insert(next));
        }
        let mut seen: Vec<_> = places.into_iter().collect();
        seen.sort_unstable();
        let mut ranks = vec![0; seen.len()];
        for (rank, (_, place)) in seen.iter().enumerate() {
            ranks[*place as usize] = rank as u32;
        }
        for code in &mut codes {
            *code = ranks[*code as usize];
        }
        Self {
            values: seen.into_iter().map(|((_, value), _)| value).collect(),
            codes,
        }
    }
}

/// The rows of every value of a column, or of every combination of values of several.
pub(super) fn rows_by_values(gate: &Gate<'_>, by: &SliceBy) -> Result<RowsBySlice, NotSliced> {
    let mut columns = Vec::new();
    let values = by.columns().iter().map(|column| group(gate, column));
    let values: Vec<_> = values.collect::<Result<_, _>>()?;
    for (column, values) in by.columns().iter().zip(&values) {
        let coded = Coded::of(values);
        if VALUES_MAX < coded.values.len() {
            let message = format!(
                "column `{column}` has {} values, at most {VALUES_MAX} can be slices",
                coded.values.len()
            );
            return Err((Reason::Unsupported, message));
        }
        columns.push((column.as_str(), coded));
    }
    // At most 200 values in each of at most four columns: all codes together fit.
    let mut rows: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for row in 0..gate.sample.len() {
        let code = columns.iter().fold(0, |code, (_, column)| {
            code * column.values.len() as u64 + u64::from(column.codes[row])
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
    // A value with a comma could otherwise be taken for a crossing.
    let crossed = gate.spec.slices.iter().any(|by| 1 < by.columns().len());
    let named = rows.into_values().map(|rows| {
        let first = rows.first().map_or(0, |row| *row as usize);
        let part = |(column, coded): &(&str, Coded<'_>)| {
            named(column, coded.values[coded.codes[first] as usize], crossed)
        };
        let parts: Vec<String> = columns.iter().map(part).collect();
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
