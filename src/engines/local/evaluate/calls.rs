//! Functions of the expression language over the rows of a batch.

use polars_arrow::array::{MutableBinaryViewArray, PrimitiveArray, StaticArray as _};
use polars_arrow::bitmap::MutableBitmap;

use super::{Evaluated, Problem, Rows};
use crate::engines::local::data::Data;
use crate::measure::function::{Datum, DatumKind, Form, Function};
use crate::measure::{Scalar, Value};

/// Bytes of texts that a function may give over the rows of one batch.
const BATCH_BYTES_MAX: usize = 1 << 28;

impl<'m> Rows<'m, '_> {
    pub(super) fn call(&self, function: &'m Function, arguments: &'m [Value]) -> Evaluated<Data> {
        let columns = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect::<Evaluated<Vec<_>>>()?;
        let kinds = columns
            .iter()
            .zip(arguments)
            .map(|(data, argument)| kind(data, argument))
            .collect::<Evaluated<Vec<_>>>()?;
        let form = function.form(&kinds).map_err(Problem::Senseless)?;
        let mut results = Results::new(form.gives, self.len());
        let mut faults = MutableBitmap::with_capacity(self.len());
        let mut first: Option<String> = None;
        let mut row_arguments: Vec<Option<Datum<'_>>> = Vec::with_capacity(columns.len());
        for row in 0..self.len() {
            row_arguments.clear();
            row_arguments.extend(columns.iter().enumerate().map(|(index, data)| {
                datum(data, row).and_then(|datum| datum.serving_as(wanted(form, index)))
            }));
            let found = match is_beyond(&columns, row) {
                true => Err(format!(
                    "`{}` was given a number beyond 64 bits",
                    function.name
                )),
                false => function.evaluate(form, &row_arguments),
            };
            faults.push(found.is_err());
            results.push(found.unwrap_or_else(|why| {
                first.get_or_insert(why);
                None
            }))?;
        }
        if let Some(why) = first {
            self.note(&Some((faults.into(), why)))?;
        }
        Ok(results.into_data())
    }
}

fn wanted(form: &Form, index: usize) -> DatumKind {
    form.argument(index).unwrap_or(DatumKind::Written)
}

/// The kind of the values; `None` for the constant null.
fn kind(data: &Data, argument: &Value) -> Evaluated<Option<DatumKind>> {
    Ok(Some(match data {
        Data::Integer(_)
        | Data::Unsigned(_)
        | Data::Constant(Some(Scalar::Integer(_) | Scalar::Unsigned(_)), _) => DatumKind::Whole,
        Data::Number(_)
        | Data::Decimal(..)
        | Data::Constant(Some(Scalar::Number(_) | Scalar::Decimal(_)), _) => DatumKind::Number,
        Data::Boolean(_) | Data::Constant(Some(Scalar::Boolean(_)), _) => DatumKind::Boolean,
        Data::Text(_) | Data::Constant(Some(Scalar::Text(_)), _) => DatumKind::Text,
        Data::Instant(_) | Data::Constant(Some(Scalar::Instant(_)), _) => DatumKind::Instant,
        Data::Constant(None, _) => return Ok(None),
        Data::Time(_) | Data::Other(_) => {
            return Err(Problem::Senseless(format!(
                "{argument} holds {}, which no function takes",
                data.kind()
            )));
        }
    }))
}

/// Whether a whole number of the row does not fit a signed one of 64 bits.
fn is_beyond(columns: &[Data], row: usize) -> bool {
    columns.iter().any(|data| match data {
        Data::Unsigned(array) => array
            .get(row)
            .is_some_and(|value| i64::try_from(value).is_err()),
        Data::Constant(scalar, _) => matches!(scalar, Some(Scalar::Unsigned(_))),
        _ => false,
    })
}

/// The value of one row; `None` for null.
fn datum(data: &Data, row: usize) -> Option<Datum<'_>> {
    match data {
        Data::Integer(array) => array.get(row).map(Datum::Whole),
        Data::Unsigned(array) => array
            .get(row)
            .and_then(|value| i64::try_from(value).ok())
            .map(Datum::Whole),
        Data::Number(array) => array.get(row).map(Datum::Number),
        Data::Decimal(..) => data
            .decimal_at(row)
            .map(|decimal| Datum::Number(decimal.number())),
        Data::Boolean(array) => array.get(row).map(Datum::Boolean),
        Data::Text(array) => array.get(row).map(|text| Datum::Text(text.into())),
        Data::Instant(array) => array.get(row).map(Datum::Instant),
        Data::Constant(scalar, _) => match scalar.as_ref()? {
            Scalar::Integer(whole) => Some(Datum::Whole(*whole)),
            Scalar::Number(number) => Some(Datum::Number(*number)),
            Scalar::Decimal(decimal) => Some(Datum::Number(decimal.number())),
            Scalar::Text(text) => Some(Datum::Text(text.as_str().into())),
            Scalar::Boolean(value) => Some(Datum::Boolean(*value)),
            Scalar::Instant(instant) => Some(Datum::Instant(instant.timestamp_micros())),
            // Beyond what functions take; the row is said to be.
            Scalar::Unsigned(_) => None,
        },
        Data::Time(_) | Data::Other(_) => None,
    }
}

/// The values of a function, row by row.
enum Results {
    Whole(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
    Text(MutableBinaryViewArray<str>, usize),
    Boolean(Vec<Option<bool>>),
    Instant(Vec<Option<i64>>),
}

impl Results {
    fn new(kind: DatumKind, rows: usize) -> Self {
        match kind {
            DatumKind::Whole => Self::Whole(Vec::with_capacity(rows)),
            DatumKind::Number => Self::Number(Vec::with_capacity(rows)),
            DatumKind::Text | DatumKind::Written => {
                Self::Text(MutableBinaryViewArray::with_capacity(rows), 0)
            }
            DatumKind::Boolean => Self::Boolean(Vec::with_capacity(rows)),
            DatumKind::Instant => Self::Instant(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, found: Option<Datum<'_>>) -> Evaluated<()> {
        match (self, found) {
            (Self::Whole(all), Some(Datum::Whole(whole))) => all.push(Some(whole)),
            (Self::Number(all), Some(Datum::Number(number))) => all.push(Some(number)),
            (Self::Boolean(all), Some(Datum::Boolean(value))) => all.push(Some(value)),
            (Self::Instant(all), Some(Datum::Instant(micros))) => all.push(Some(micros)),
            (Self::Text(all, bytes), Some(Datum::Text(text))) => {
                *bytes = bytes.saturating_add(text.len());
                if BATCH_BYTES_MAX < *bytes {
                    return Err(Problem::Unsupported(format!(
                        "a function gives more than {BATCH_BYTES_MAX} bytes of text for the rows of one batch"
                    )));
                }
                all.push(Some(text.as_ref()));
            }
            (Self::Whole(all) | Self::Instant(all), None) => all.push(None),
            (Self::Number(all), None) => all.push(None),
            (Self::Boolean(all), None) => all.push(None),
            (Self::Text(all, _), None) => all.push(None::<&str>),
            (_, Some(other)) => {
                return Err(Problem::Unsupported(format!(
                    "a function gives a {} where it gives something else",
                    other.kind().as_str()
                )));
            }
        }
        Ok(())
    }

    fn into_data(self) -> Data {
        match self {
            Self::Whole(all) => Data::Integer(PrimitiveArray::from_iter(all)),
            Self::Number(all) => Data::Number(PrimitiveArray::from_iter(all)),
            Self::Text(all, _) => Data::Text(all.into()),
            Self::Boolean(all) => Data::Boolean(all.into_iter().collect()),
            Self::Instant(all) => Data::Instant(PrimitiveArray::from_iter(all)),
        }
    }
}
