//! What is kept of the rows seen: one file per kind of measure.
//!
//! Pieces of a table come from several threads in any order. Each accumulator works a piece out for
//! itself and then adds the outcome under its own lock, which is held for as long as that takes.

mod approximate;
mod by;
mod comoments;
mod counts;
mod dependency;
mod distribution;
mod extremes;
mod failing;
mod frequencies;
mod groups;
mod lookup;
mod moments;
pub(super) mod near;
mod order;
mod paired;
mod personal;
mod quantile;
mod tally;
mod vectors;

use std::cell::RefCell;
use std::sync::Arc;

use polars_arrow::bitmap::Bitmap;

use super::evaluate::{Evaluated, Problem, Rows};
use super::memory::Memory;
use super::partitions::state::{Kept, State};
use super::related::Related;
use super::values::Values;
use crate::evidence::Reason;
use crate::measure::{Measure, Measured, Value};

/// What is kept of the rows seen, for one measure.
pub(super) trait Accumulator<'m>: Send + Sync {
    /// Takes the selected rows of a batch; all when `selected` is `None`.
    ///
    /// # Errors
    /// When the measure makes no sense on this table, or the file is damaged.
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()>;

    /// The value, when all rows have been seen.
    ///
    /// # Errors
    /// When what was put aside cannot be read back.
    fn finish(&self) -> Evaluated<Measured>;

    /// What a pass in row order would add, such as examples of repeated keys.
    fn wants_rows_in_order(&self) -> bool {
        false
    }

    /// Takes the selected rows of a batch in row order, after [`Accumulator::finish`]; `false` when
    /// nothing more is wanted.
    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let _ = (rows, selected);
        Ok(false)
    }

    /// The same for the rows of one file, which are added later; `None` where the rows of several files
    /// must be seen together.
    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        None
    }

    /// Adds what was kept of the rows of a file whose first row is `first_row`.
    ///
    /// # Errors
    /// When it was kept of something else, or is too much together with that of other files.
    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let _ = (state, first_row);
        Err(not_its_own())
    }
}

/// What is kept of the rows of one file, for one measure.
pub(super) trait OfFile<'m>: Send + Sync {
    /// As [`Accumulator::update`]; rows are numbered as in the table.
    ///
    /// # Errors
    /// As there.
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()>;

    /// What was kept, with rows numbered from `first_row`, which is the first of the file.
    fn state(&self, first_row: u64) -> Kept;
}

/// An accumulator that serves one file as well as a table.
trait Portable {
    fn kept(&self, first_row: u64) -> Kept;
}

impl<'m, A: Accumulator<'m> + Portable> OfFile<'m> for A {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        Accumulator::update(self, rows, selected)
    }

    fn state(&self, first_row: u64) -> Kept {
        self.kept(first_row)
    }
}

/// A state that was kept of another measure.
fn not_its_own() -> Problem {
    Problem::Unsupported("what was kept of a file is of another measure".to_owned())
}

/// What accumulators are made with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// Failing rows given for each measure.
    pub(super) examples_max: usize,
    /// Where keys and values go.
    pub(super) memory: &'a Memory,
    /// What is known of other tables.
    pub(super) related: &'a Related,
}

/// What quantiles of one value, of the same rows, share.
pub(super) type Shared<'m> = RefCell<Vec<(&'m Value, Arc<Values<'m>>)>>;

/// What a quantile keeps, and whether it is the one that fills it.
fn values_of<'m>(
    value: &'m Value,
    surroundings: Surroundings<'m>,
    shared: Option<&Shared<'m>>,
) -> (Arc<Values<'m>>, bool) {
    let fresh = || Arc::new(Values::new(surroundings.memory));
    let Some(shared) = shared else {
        return (fresh(), true);
    };
    let mut shared = shared.borrow_mut();
    match shared.iter().find(|(known, _)| *known == value) {
        Some((_, values)) => (values.clone(), false),
        None => {
            let values = fresh();
            shared.push((value, values.clone()));
            (values, true)
        }
    }
}

/// The accumulator of a measure; `shared` is absent where it speaks of some rows only.
pub(super) fn accumulator<'m>(
    measure: &'m Measure,
    surroundings: Surroundings<'m>,
    shared: Option<&Shared<'m>>,
) -> Result<Box<dyn Accumulator<'m> + 'm>, Problem> {
    Ok(match measure {
        Measure::RowCount => Box::new(counts::RowCount::default()),
        Measure::Count(condition) => Box::new(counts::Count::new(condition)),
        Measure::NullCount(column) => Box::new(counts::NullCount::new(column)),
        Measure::Failing(rule) => Box::new(failing::Failing::new(rule, surroundings.examples_max)),
        Measure::Moments(value) => Box::new(moments::MomentsOf::new(value)),
        Measure::Quantile(value, fraction, interpolation) => Box::new(quantile::Quantile::new(
            value,
            *fraction,
            *interpolation,
            values_of(value, surroundings, shared),
        )),
        Measure::ApproximateQuantile(value, fraction) => {
            Box::new(approximate::ApproximateQuantile::new(value, *fraction))
        }
        Measure::Extremes(value) => Box::new(extremes::Extremes::new(value)),
        Measure::Newest(column) => Box::new(extremes::Newest::new(column)),
        Measure::Groups(grouping) => Box::new(groups::GroupsOf::new(grouping, surroundings)),
        Measure::Frequencies {
            values,
            combinations_max,
        } => Box::new(frequencies::Frequencies::new(values, *combinations_max)),
        Measure::Distribution(column) => Box::new(distribution::DistributionOf::new(
            column,
            surroundings.memory,
        )),
        Measure::Vectors(columns) => Box::new(vectors::VectorsOf::new(columns)),
        Measure::Ordered(order) => Box::new(order::Ordered::new(order, surroundings.examples_max)),
        Measure::Lookup(lookup) => Box::new(lookup::LookupIn::new(lookup, surroundings)?),
        Measure::Comoments(x, y) => Box::new(comoments::ComomentsOf::new(x, y)),
        Measure::By(columns, inner) => Box::new(by::By::new(columns, inner, surroundings)?),
        Measure::Where(condition, inner) => Box::new(counts::Where::new(
            condition,
            accumulator(inner, surroundings, None)?,
        )),
        Measure::Dependency(dependency) => {
            Box::new(dependency::DependencyOf::new(dependency, surroundings))
        }
        Measure::Paired(pairing) => Box::new(paired::PairedWith::new(pairing, surroundings)?),
        Measure::Near(near) => Box::new(near::NearOf::new(near, surroundings)?),
        Measure::Personal(column) => Box::new(personal::PersonalIn::new(column)),
        Measure::ColumnCount => {
            return Err(Problem::Unsupported(
                "columns are not counted by rows".to_owned(),
            ));
        }
        Measure::Query(_) => {
            return Err(Problem::Unsupported(
                "an SQL query is answered by other measures".to_owned(),
            ));
        }
        Measure::Elsewhere(dataset, _) => {
            return Err(Problem::Unsupported(format!(
                "there is no other dataset called `{dataset}`"
            )));
        }
    })
}

/// A problem as a measurement that failed. A damaged file is none: that ends the whole measurement.
pub(super) fn failed(problem: &Problem) -> Measured {
    let reason = match problem {
        Problem::Senseless(_) => Reason::Undefined,
        Problem::Unsupported(_) => Reason::Unsupported,
        Problem::Missing(_) => Reason::MissingInput,
        Problem::Damaged(_) => Reason::UnreadableInput,
    };
    Measured::Failed(reason, problem.to_string())
}

/// The lock of an accumulator. A thread that panicked has left a damaged file behind, which ends the
/// measurement anyway.
pub(super) fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
