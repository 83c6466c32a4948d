//! The same measure on each slice of the rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use polars_arrow::bitmap::{Bitmap, MutableBitmap};

use super::{Accumulator, Surroundings, accumulator, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::measure::{Measure, Measured, Slice};

/// Slices of one measure. More are no slices but an identifier.
const SLICES_MAX: usize = 1_000;

type Values = Vec<Option<String>>;

/// A measure on each combination of values of some columns.
pub(super) struct By<'a> {
    columns: &'a [String],
    measure: &'a Measure,
    surroundings: Surroundings<'a>,
    slices: Mutex<BTreeMap<Values, Arc<dyn Accumulator<'a> + 'a>>>,
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
            measure,
            surroundings,
            slices: Mutex::default(),
        })
    }

    /// The rows of each slice.
    fn rows_of_slices(
        &self,
        rows: &Rows<'a, '_>,
        selected: Option<&Bitmap>,
    ) -> Evaluated<Vec<(Values, Bitmap)>> {
        let columns = self
            .columns
            .iter()
            .map(|column| Ok(rows.column(column)?.texts()?))
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

    fn slice(&self, values: Values) -> Evaluated<Arc<dyn Accumulator<'a> + 'a>> {
        let mut slices = locked(&self.slices);
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
        for (values, of_slice) in self.rows_of_slices(rows, selected)? {
            self.slice(values)?.update(rows, Some(&of_slice))?;
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let slices = locked(&self.slices);
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
        locked(&self.slices)
            .values()
            .any(|accumulator| accumulator.wants_rows_in_order())
    }

    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let mut going_on = false;
        for (values, of_slice) in self.rows_of_slices(rows, selected)? {
            let accumulator = self.slice(values)?;
            going_on |=
                accumulator.wants_rows_in_order() && accumulator.revisit(rows, Some(&of_slice))?;
        }
        // A slice that has not been met yet may still want its rows.
        Ok(going_on || self.wants_rows_in_order())
    }
}
