//! The same measure on each slice of the rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use polars_arrow::bitmap::{Bitmap, MutableBitmap};

use super::{Accumulator, OfFile, Surroundings, accumulator, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::measure::{Measure, Measured, Slice};

/// Slices of one measure. More are no slices but an identifier.
const SLICES_MAX: usize = 1_000;

type Values = Vec<Option<String>>;

/// A measure on each combination of values of some columns.
pub(super) struct By<'a> {
    columns: &'a [String],
    slices: Arc<Slices<'a>>,
}

/// The slices of a table.
struct Slices<'a> {
    measure: &'a Measure,
    surroundings: Surroundings<'a>,
    found: Mutex<BTreeMap<Values, Arc<dyn Accumulator<'a> + 'a>>>,
}

impl<'a> By<'a> {
    pub(super) fn new(
        columns: &'a [String],
        measure: &'a Measure,
        surroundings: Surroundings<'a>,
    ) -> Result<Self, Problem> {
        // Says now what would be wrong with every slice.
        accumulator(measure, surroundings, None)?;
        Ok(Self {
            columns,
            slices: Arc::new(Slices {
                measure,
                surroundings,
                found: Mutex::default(),
            }),
        })
    }
}

/// The rows of each slice.
fn rows_of_slices(
    columns: &[String],
    rows: &Rows<'_, '_>,
    selected: Option<&Bitmap>,
) -> Evaluated<Vec<(Values, Bitmap)>> {
    let columns = columns
        .iter()
        .map(|column| {
            rows.needs_all_digits(column)?;
            Ok(rows.column(column)?.texts()?)
        })
        .collect::<Evaluated<Vec<_>>>()?;
    let mut places: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
    let mut slices: Vec<(Values, MutableBitmap)> = Vec::new();
    for row in 0..rows.len() {
        if selected.is_some_and(|selected| !selected.get_bit(row)) {
            continue;
        }
        let values: Vec<Option<&str>> = columns.iter().map(|column| column.get(row)).collect();
        let place = match places.get(&values) {
            Some(place) => *place,
            None => {
                if SLICES_MAX <= slices.len() {
                    return Err(too_many());
                }
                let owned = values
                    .iter()
                    .map(|value| value.map(str::to_owned))
                    .collect();
                slices.push((owned, MutableBitmap::from_len_zeroed(rows.len())));
                places.insert(values, slices.len() - 1);
                slices.len() - 1
            }
        };
        if let Some((_, bits)) = slices.get_mut(place) {
            bits.set(row, true);
        }
    }
    Ok(slices
        .into_iter()
        .map(|(values, bits)| (values, bits.into()))
        .collect())
}

impl<'a> Slices<'a> {
    fn slice(&self, values: Values) -> Evaluated<Arc<dyn Accumulator<'a> + 'a>> {
        let mut slices = locked(&self.found);
        if let Some(found) = slices.get(&values) {
            return Ok(found.clone());
        }
        if SLICES_MAX <= slices.len() {
            return Err(too_many());
        }
        let made: Arc<dyn Accumulator<'a> + 'a> =
            Arc::from(accumulator(self.measure, self.surroundings, None)?);
        slices.insert(values, made.clone());
        Ok(made)
    }
}

fn too_many() -> Problem {
    Problem::Unsupported(format!("there are more than {SLICES_MAX} slices"))
}

impl<'m> Accumulator<'m> for By<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        for (values, of_slice) in rows_of_slices(self.columns, rows, selected)? {
            self.slices.slice(values)?.update(rows, Some(&of_slice))?;
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let slices = locked(&self.slices.found);
        let measured = slices
            .iter()
            .map(|(values, accumulator)| {
                Ok(Slice {
                    values: values.clone(),
                    measured: accumulator.finish()?,
                })
            })
            .collect::<Evaluated<Vec<_>>>()?;
        Ok(Measured::Slices(measured))
    }

    fn wants_rows_in_order(&self) -> bool {
        locked(&self.slices.found)
            .values()
            .any(|accumulator| accumulator.wants_rows_in_order())
    }

    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let mut going_on = false;
        for (values, of_slice) in rows_of_slices(self.columns, rows, selected)? {
            let accumulator = self.slices.slice(values)?;
            going_on |=
                accumulator.wants_rows_in_order() && accumulator.revisit(rows, Some(&of_slice))?;
        }
        // A slice that has not been met yet may still want its rows.
        Ok(going_on || self.wants_rows_in_order())
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        // One slice is as good as another.
        let one = accumulator(self.slices.measure, self.slices.surroundings, None).ok()?;
        one.of_file()?;
        Some(Box::new(ByOfFile {
            columns: self.columns,
            table: self.slices.clone(),
            slices: Mutex::default(),
        }))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Slices(others) = state else {
            return Err(not_its_own());
        };
        for (values, state) in others {
            self.slices
                .slice(values.clone())?
                .absorb(state, first_row)?;
        }
        Ok(())
    }
}

/// The same in one file.
struct ByOfFile<'a> {
    columns: &'a [String],
    table: Arc<Slices<'a>>,
    slices: Mutex<BTreeMap<Values, Arc<dyn OfFile<'a> + 'a>>>,
}

impl<'a> ByOfFile<'a> {
    fn slice(&self, values: Values) -> Evaluated<Arc<dyn OfFile<'a> + 'a>> {
        let mut slices = locked(&self.slices);
        if let Some(found) = slices.get(&values) {
            return Ok(found.clone());
        }
        let of_table = self.table.slice(values.clone())?;
        let made: Arc<dyn OfFile<'a> + 'a> = Arc::from(of_table.of_file().ok_or_else(not_its_own)?);
        slices.insert(values, made.clone());
        Ok(made)
    }
}

impl<'m> OfFile<'m> for ByOfFile<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        for (values, of_slice) in rows_of_slices(self.columns, rows, selected)? {
            self.slice(values)?.update(rows, Some(&of_slice))?;
        }
        Ok(())
    }

    fn state(&self, first_row: u64) -> Kept {
        let slices = locked(&self.slices);
        let mut is_whole = true;
        let slices = slices.iter().map(|(values, of_file)| {
            let kept = of_file.state(first_row);
            is_whole &= kept.is_whole;
            (values.clone(), kept.state)
        });
        Kept {
            state: State::Slices(slices.collect()),
            is_whole,
        }
    }
}
