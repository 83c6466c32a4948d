//! Which measures come together: those that share a column are fed with the same batches.

use crate::measure::{Measure, TableFacts};

/// The columns a measure looks at; all of them where a key is the whole row.
pub(super) fn columns(measure: &Measure, facts: &TableFacts) -> Vec<String> {
    let mut columns: Vec<String> = measure.columns().into_iter().map(str::to_owned).collect();
    if measure.is_of_rows() {
        for column in &facts.columns {
            if !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
    }
    columns
}

/// Measures whose columns come together.
#[derive(Default)]
pub(super) struct Part {
    pub(super) columns: Vec<String>,
    pub(super) members: Vec<usize>,
}

/// The measures with their columns, joined as far as they share a column. Quantiles that share what is
/// kept share a part with it, since they have the same columns.
pub(super) fn parts<'c>(wanting: impl Iterator<Item = (usize, &'c [String])>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (member, columns) in wanting {
        let (joined, mut rest): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| {
            let shares = |column: &String| part.columns.contains(column);
            columns.iter().any(shares) || (part.columns.is_empty() && columns.is_empty())
        });
        let mut part = Part::default();
        for other in joined {
            part.columns.extend(other.columns);
            part.members.extend(other.members);
        }
        for column in columns {
            if !part.columns.contains(column) {
                part.columns.push(column.clone());
            }
        }
        part.members.push(member);
        rest.push(part);
        parts = rest;
    }
    // A shared store must be filled before it is asked, and evidence keeps its order.
    for part in &mut parts {
        part.members.sort_unstable();
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    parts
}
