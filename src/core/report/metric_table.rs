//! The table of metrics for a terminal: columns that line up, within the width there is.

use super::metric_rows::{MetricRow, value};
use super::text::shorten;
use crate::evidence::{Bound, Quantity, Unit};

/// Rows of the table; every other format has them all.
pub(super) const ROWS_MAX: usize = 30;

/// Widest name of a metric, and what it is cut to before a column goes.
const METRIC_MAX: usize = 32;
const METRIC_MIN: usize = 12;

/// Space between two columns.
const GAP: usize = 2;

/// A table without its verdicts, which are painted by the caller.
pub(super) struct MetricTable {
    /// The names of the columns.
    pub head: String,
    /// One line for each row, as wide as the others.
    pub lines: Vec<String>,
}

/// A column: its name, its cells, whether they stand on the right.
struct Column {
    name: &'static str,
    cells: Vec<String>,
    is_number: bool,
}

/// The columns that fit into `width` beside verdicts of `verdict_width`: the interval goes first, then
/// the bound, then the champion, then the difference.
pub(super) fn metric_table(rows: &[&MetricRow], width: usize, verdict_width: usize) -> MetricTable {
    let column = |name, is_number, cell: &dyn Fn(&MetricRow) -> String| Column {
        name,
        cells: rows.iter().map(|row| cell(row)).collect(),
        is_number,
    };
    let metric = column("metric", false, &|row| shorten(&row.metric, METRIC_MAX));
    let candidate = || column("candidate", true, &|row| row.value.clone());
    let champion = || column("champion", true, &|row| row.champion.clone());
    let difference = || column("difference", true, &|row| row.difference.clone());
    let with_interval = column("difference", false, &difference_and_interval);
    let bound = || column("bound", false, &bounds);
    let fallbacks = [
        vec![candidate(), champion(), with_interval, bound()],
        vec![candidate(), champion(), difference(), bound()],
        vec![candidate(), champion(), difference()],
        vec![candidate(), difference()],
    ];
    let room = width.saturating_sub(verdict_width + GAP);
    let fitting = fallbacks.into_iter().map(filled);
    let needed = |columns: &Vec<Column>| -> usize {
        columns.iter().map(|column| column.width() + GAP).sum()
    };
    let least = metric.width().min(METRIC_MIN);
    let chosen = fitting
        .into_iter()
        .find(|columns| needed(columns) + least <= room);
    let columns = chosen.unwrap_or_else(|| filled(vec![candidate()]));
    let metric_width = room.saturating_sub(needed(&columns)).min(metric.width());
    lay_out(metric, metric_width, &columns)
}

/// The columns in which anything stands.
fn filled(mut columns: Vec<Column>) -> Vec<Column> {
    columns.retain(|column| column.cells.iter().any(|cell| !cell.is_empty()));
    columns
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(self.name.len())
    }

    fn padded(&self, cell: &str) -> String {
        let width = self.width();
        match self.is_number {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        }
    }
}

fn lay_out(metric: Column, metric_width: usize, columns: &[Column]) -> MetricTable {
    let gap = " ".repeat(GAP);
    let line = |first: &str, cells: &dyn Fn(&Column) -> String| {
        let first = shorten(first, metric_width);
        let mut line = format!("{first:<metric_width$}");
        for column in columns {
            line.push_str(&gap);
            line.push_str(&column.padded(&cells(column)));
        }
        line
    };
    MetricTable {
        head: line(metric.name, &|column| column.name.to_owned()),
        lines: metric
            .cells
            .iter()
            .enumerate()
            .map(|(index, first)| line(first, &|column| column.cells[index].clone()))
            .collect(),
    }
}

/// `+0.0822 [0.0196, 0.1445]`
fn difference_and_interval(row: &MetricRow) -> String {
    let end = |end| value(Quantity::new(end, Unit::Number));
    match row.difference_ends {
        Some((lower, upper)) => format!("{} [{}, {}]", row.difference, end(lower), end(upper)),
        None => row.difference.clone(),
    }
}

/// What is required of the value, then of the difference.
fn bounds(row: &MetricRow) -> String {
    let of_value = row.bound.map(short);
    let of_difference = row
        .difference_bound
        .map(|bound| format!("Δ {}", short(bound)));
    let both = of_value.into_iter().chain(of_difference);
    both.collect::<Vec<_>>().join(", ")
}

/// A bound in signs, where words are too wide.
fn short(bound: Bound) -> String {
    let number = |number| value(Quantity::new(number, Unit::Number));
    match bound {
        Bound::AtLeast(threshold) => format!("≥ {}", number(threshold)),
        Bound::AtMost(threshold) => format!("≤ {}", number(threshold)),
        Bound::MoreThan(threshold) => format!("> {}", number(threshold)),
        Bound::LessThan(threshold) => format!("< {}", number(threshold)),
        Bound::Exactly(threshold) => format!("= {}", number(threshold)),
        Bound::Not(threshold) => format!("≠ {}", number(threshold)),
        Bound::Between(least, most) => format!("{} to {}", number(least), number(most)),
        Bound::Outside(least, most) => {
            format!("outside {} to {}", number(least), number(most))
        }
    }
}
