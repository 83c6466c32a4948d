//! A few rows to show for a rule that is not met: asked only when there are any, and of every slice for
//! itself.

use super::measuring::{Run, by_slice};
use super::planning::Plan;
use super::question::{Slices, list};
use super::rows::{Cell, Field, Kind, Rows};
use crate::engines::EXAMPLE_CHARACTERS_MAX;
use crate::evidence::RowExample;
use crate::io::remote::RemoteError;
use crate::measure::{Answer, Measured};

/// Rows fetched to be shown, of all slices together; of slices beyond it none are shown.
const ROWS_MAX: usize = 10_000;

/// How the rows to show are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    /// Gives the columns of the slices, then `r`, the number of the row, `v`, the value, and `n`, how many
    /// rows it stands for.
    pub(super) statement: String,
    /// Whether rows have numbers: the first ones are shown then.
    pub(super) is_numbered: bool,
}

impl Example {
    fn limited(&self, slices: &Slices, examples_max: u64) -> String {
        let statement = &self.statement;
        if slices.is_empty() {
            let order = if self.is_numbered { " ORDER BY r" } else { "" };
            return format!("{statement}{order} LIMIT {examples_max}");
        }
        let columns = list(&slices.names, &["r", "v", "n"]);
        let names = slices.names.join(", ");
        format!(
            "SELECT {columns} FROM (SELECT {columns}, row_number() OVER (PARTITION BY {names} ORDER BY r) AS k FROM ({statement}) AS e) AS f WHERE k <= {examples_max} ORDER BY {names}, k LIMIT {ROWS_MAX}"
        )
    }
}

impl Run<'_> {
    /// Adds rows to what was measured. A count without rows is worth more than none, so that a statement
    /// that is rejected here adds none.
    pub(super) fn show(
        &self,
        plan: &Plan,
        example: &Example,
        measured: &mut Measured,
        examples_max: u64,
    ) -> Result<(), RemoteError> {
        if examples_max == 0 || !has_any(measured) {
            return Ok(());
        }
        let slices = &plan.together.slices;
        let rows = match self.query(&example.limited(slices, examples_max))? {
            Ok(rows) => rows,
            Err(why) => {
                tracing::debug!(why, "no examples");
                return Ok(());
            }
        };
        let sliced = slices.names.len();
        let field = rows.fields.get(sliced + 1);
        let mut shown = by_slice(&rows, sliced);
        match measured {
            Measured::Slices(slices) => {
                for slice in slices {
                    let rows = shown.remove(&slice.values).unwrap_or_default();
                    put(&mut slice.measured, &rows, field, examples_max);
                }
            }
            whole => {
                let rows = shown.remove(&Vec::new()).unwrap_or_default();
                put(whole, &rows, field, examples_max);
            }
        }
        Ok(())
    }
}

/// Puts the first rows of an answer in it, and the number it answers with. Its rows have no numbers in the
/// table, whatever they are made of.
pub(super) fn fill(answer: &mut Answer, rows: &Rows, examples_max: u64) {
    let first = rows.rows.first().and_then(|row| row.first());
    answer.number = first.and_then(Cell::number);
    let texts_of = |row: &Vec<Cell>| -> Vec<Option<String>> {
        let cells = row.iter().zip(&rows.fields);
        cells.map(|(cell, field)| cell.text(field.kind)).collect()
    };
    answer.rows = rows.rows.iter().map(texts_of).collect();
    let examples = rows.rows.iter().zip(&answer.rows).map(|(row, texts)| {
        let value = match texts.as_slice() {
            [value] => value.clone(),
            several => {
                let named = rows.fields.iter().zip(several).map(|(field, value)| {
                    let value = value.as_deref().unwrap_or("null");
                    format!("{}={value}", field.name)
                });
                Some(named.collect::<Vec<_>>().join(", "))
            }
        };
        RowExample {
            row_number: 0,
            value: value.map(|text| text.chars().take(EXAMPLE_CHARACTERS_MAX).collect()),
            masked: false,
            is_null: matches!(row.as_slice(), [Cell::Null]),
        }
    });
    let examples_max = usize::try_from(examples_max).unwrap_or(usize::MAX);
    answer.examples = examples.take(examples_max).collect();
}

fn has_any(measured: &Measured) -> bool {
    match measured {
        Measured::Failing(failing) => 0 < failing.count,
        Measured::Groups(groups) => 0 < groups.repeated,
        Measured::Slices(slices) => slices.iter().any(|slice| has_any(&slice.measured)),
        _ => false,
    }
}

fn put(measured: &mut Measured, rows: &[&[Cell]], field: Option<&Field>, examples_max: u64) {
    let examples = rows
        .iter()
        .flat_map(|row| {
            let example = RowExample {
                row_number: row.first().and_then(Cell::count).unwrap_or_default(),
                value: row
                    .get(1)
                    .zip(field)
                    .and_then(|(cell, field)| cell.text(field.kind))
                    .map(|text| text.chars().take(EXAMPLE_CHARACTERS_MAX).collect()),
                masked: false,
                // Where no single column is shown, the statement has the constant null in its place.
                is_null: field.is_some_and(|field| field.kind != Kind::Null)
                    && row.get(1).is_some_and(|cell| matches!(cell, Cell::Null)),
            };
            let times = row.get(2).and_then(Cell::count).unwrap_or(1);
            std::iter::repeat_n(example, usize::try_from(times).unwrap_or(usize::MAX))
        })
        .take(usize::try_from(examples_max).unwrap_or(usize::MAX))
        .collect();
    match measured {
        Measured::Failing(failing) => failing.examples = examples,
        Measured::Groups(groups) => groups.examples = examples,
        _ => {}
    }
}
