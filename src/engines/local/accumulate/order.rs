//! Rows that are out of order.
//!
//! In file order each batch is looked at for itself, and the seams between batches at the end. Sorted or
//! grouped orders are kept whole and sorted.

use std::cmp::Ordering;
use std::sync::Mutex;

use polars_arrow::array::StaticArray as _;
use polars_arrow::bitmap::Bitmap;

use super::failing::shown_text;
use super::{Accumulator, locked};
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::evidence::{FailingRows, RowExample};
use crate::measure::{Decimal, Measured, Order, OrderRule};

/// Rows kept for sorting.
const SORTED_ROWS_MAX: usize = 50_000_000;

/// Rows that are out of order.
pub(super) struct Ordered<'a> {
    order: &'a Order,
    examples_max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    runs: Vec<Run>,
    entries: Vec<Entry>,
}

/// The rows of one batch, in file order.
struct Run {
    first: Entry,
    last: Entry,
    rows: u64,
    failing: u64,
    examples: Vec<RowExample>,
}

/// One row.
#[derive(Clone, PartialEq, PartialOrd)]
struct Entry {
    within: Vec<Option<String>>,
    sorted_by: Option<Point>,
    row: u64,
    value: Point,
    end: Option<Point>,
}

/// A value that can be compared and subtracted.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Point {
    Whole(i64),
    /// Microseconds.
    Instant(i64),
    Float(f64),
    Decimal(Decimal),
    Text(String),
}

impl Point {
    fn of(data: &Data, row: usize) -> Option<Self> {
        match data {
            Data::Integer(array) => array.get(row).map(Self::Whole),
            Data::Instant(array) => array.get(row).map(Self::Instant),
            Data::Text(array) => array.get(row).map(|text| Self::Text(text.to_owned())),
            Data::Unsigned(array) => array.get(row).map(|value| Self::Float(value as f64)),
            Data::Number(array) => array.get(row).map(Self::Float),
            Data::Decimal(..) => data.decimal_at(row).map(Self::Decimal),
            Data::Time(array) => array.get(row).map(|value| Self::Float(value as f64 / 1e9)),
            Data::Boolean(_) | Data::Constant(..) | Data::Other(_) => None,
        }
    }

    /// How much larger it is than another; in seconds for instants.
    fn minus(&self, other: &Self) -> Option<f64> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => {
                Some((i128::from(*one) - i128::from(*other)) as f64)
            }
            (Self::Instant(one), Self::Instant(other)) => {
                Some((i128::from(*one) - i128::from(*other)) as f64 / 1e6)
            }
            (Self::Float(one), Self::Float(other)) => Some(one - other),
            (Self::Decimal(one), Self::Decimal(other)) => Some(one.minus(*other)),
            (
                Self::Whole(_)
                | Self::Instant(_)
                | Self::Float(_)
                | Self::Decimal(_)
                | Self::Text(_),
                _,
            ) => None,
        }
    }

    /// How it compares with the end of a range, which may be a number of another kind.
    fn beside(&self, end: &Self) -> Option<Ordering> {
        match (self, end) {
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => {
                Some(self.decimal()?.cmp(&end.decimal()?))
            }
            _ => self.partial_cmp(end),
        }
    }

    fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Whole(value) => Decimal::new(i128::from(*value), 0),
            Self::Float(value) => Decimal::of_number(*value),
            Self::Decimal(value) => Some(*value),
            Self::Instant(_) | Self::Text(_) => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Whole(value) => value.to_string(),
            Self::Instant(value) => crate::engines::local::read::instant_text(*value),
            Self::Float(value) => format!("{value:?}"),
            Self::Decimal(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl<'a> Ordered<'a> {
    pub(super) fn new(order: &'a Order, examples_max: usize) -> Self {
        Self {
            order,
            examples_max,
            state: Mutex::default(),
        }
    }

    /// Whether the row is out of order after the one before it.
    fn fails(&self, before: &Entry, now: &Entry) -> bool {
        let order = now.value.partial_cmp(&before.value);
        let step = || now.value.minus(&before.value);
        match &self.order.rule {
            OrderRule::Increasing { strictly: true } => order != Some(Ordering::Greater),
            OrderRule::Increasing { strictly: false } => {
                !matches!(order, Some(Ordering::Greater | Ordering::Equal))
            }
            OrderRule::Decreasing { strictly: true } => order != Some(Ordering::Less),
            OrderRule::Decreasing { strictly: false } => {
                !matches!(order, Some(Ordering::Less | Ordering::Equal))
            }
            OrderRule::Step(wanted) => step() != Some(*wanted),
            OrderRule::GapAtMost(widest) => {
                // No step is a gap of unknown width.
                !step().is_some_and(|step| step <= *widest)
            }
            OrderRule::RangesMeet { .. } => {
                let Some(end) = &before.end else { return true };
                now.value.beside(end) != Some(Ordering::Equal)
            }
            OrderRule::RangesApart { may_touch, .. } => {
                let Some(end) = &before.end else { return true };
                match now.value.beside(end) {
                    Some(Ordering::Greater) => false,
                    Some(Ordering::Equal) => !may_touch,
                    Some(Ordering::Less) | None => true,
                }
            }
        }
    }

    fn entries(&self, rows: &Rows<'a, '_>, selected: Option<&Bitmap>) -> Evaluated<Vec<Entry>> {
        let value = rows.value(&self.order.value)?;
        if matches!(
            value,
            Data::Boolean(_) | Data::Constant(..) | Data::Other(_)
        ) {
            return Err(Problem::Senseless(format!(
                "{} holds {}, which have no order",
                self.order.value,
                value.kind()
            )));
        }
        let needs_steps = matches!(
            self.order.rule,
            OrderRule::Step(_) | OrderRule::GapAtMost(_)
        );
        if needs_steps && matches!(value, Data::Text(_)) {
            return Err(Problem::Senseless(format!(
                "{} holds text, which has no steps",
                self.order.value
            )));
        }
        let end = match &self.order.rule {
            OrderRule::RangesApart { end, .. } | OrderRule::RangesMeet { end } => {
                Some(rows.value(end)?)
            }
            OrderRule::Increasing { .. }
            | OrderRule::Decreasing { .. }
            | OrderRule::Step(_)
            | OrderRule::GapAtMost(_) => None,
        };
        let sorted_by = self
            .order
            .sorted_by
            .as_ref()
            .map(|by| rows.value(by))
            .transpose()?;
        let within = self
            .order
            .within
            .iter()
            .map(|column| {
                rows.needs_all_digits(column)?;
                Ok(rows.column(column)?.texts()?)
            })
            .collect::<Evaluated<Vec<_>>>()?;
        let mut entries = Vec::new();
        for row in 0..rows.len() {
            if selected.is_some_and(|selected| !selected.get_bit(row)) {
                continue;
            }
            let Some(point) = Point::of(&value, row) else {
                continue;
            };
            let place = sorted_by.as_ref().map(|by| Point::of(by, row));
            if matches!(place, Some(None)) {
                continue;
            }
            entries.push(Entry {
                within: within
                    .iter()
                    .map(|texts| texts.get(row).map(str::to_owned))
                    .collect(),
                sorted_by: place.flatten(),
                row: rows.batch.first_row + row as u64,
                value: point,
                end: end.as_ref().and_then(|end| Point::of(end, row)),
            });
        }
        Ok(entries)
    }

    /// The failing rows among entries that follow one another.
    fn walk(&self, entries: &[Entry]) -> (u64, Vec<RowExample>) {
        let mut failing = 0;
        let mut examples = Vec::new();
        for pair in entries.windows(2) {
            if let [before, now] = pair
                && before.within == now.within
                && self.fails(before, now)
            {
                failing += 1;
                if examples.len() < self.examples_max {
                    examples.push(example(now));
                }
            }
        }
        (failing, examples)
    }
}

fn example(entry: &Entry) -> RowExample {
    RowExample {
        row_number: entry.row + 1,
        value: Some(shown_text(&entry.value.text())),
        masked: false,
        is_null: false,
    }
}

impl<'m> Accumulator<'m> for Ordered<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let entries = self.entries(rows, selected)?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(());
        };
        if self.order.sorted_by.is_none() && self.order.within.is_empty() {
            let (failing, examples) = self.walk(&entries);
            let run = Run {
                first: first.clone(),
                last: last.clone(),
                rows: entries.len() as u64,
                failing,
                examples,
            };
            locked(&self.state).runs.push(run);
            return Ok(());
        }
        let mut state = locked(&self.state);
        if SORTED_ROWS_MAX < state.entries.len() + entries.len() {
            return Err(Problem::Unsupported(format!(
                "more than {SORTED_ROWS_MAX} rows would have to be sorted"
            )));
        }
        state.entries.extend(entries);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut state = locked(&self.state);
        state
            .entries
            .sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
        state.runs.sort_by_key(|run| run.first.row);
        let (mut failing, mut examples) = self.walk(&state.entries);
        let seams: Vec<Entry> = state
            .runs
            .windows(2)
            .filter_map(|pair| match pair {
                [before, now] if self.fails(&before.last, &now.first) => Some(now.first.clone()),
                _ => None,
            })
            .collect();
        failing += seams.len() as u64;
        examples.extend(seams.iter().map(example));
        let mut eligible = state.entries.len() as u64;
        for run in &state.runs {
            failing += run.failing;
            eligible += run.rows;
            examples.extend(run.examples.iter().cloned());
        }
        examples.sort_by_key(|example| example.row_number);
        examples.truncate(self.examples_max);
        Ok(Measured::Failing(FailingRows {
            count: failing,
            eligible,
            examples,
        }))
    }
}
