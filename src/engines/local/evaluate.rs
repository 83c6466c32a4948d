//! Values and conditions over the rows of a batch.

mod arithmetic;
mod calls;
mod choice;
mod faults;

use std::cell::RefCell;
use std::cmp::Ordering;

use polars::prelude::{PolarsResult, polars_err};
use polars_arrow::array::{BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::{Bitmap, MutableBitmap};

use super::compare::compare;
use super::data::Data;
use super::input::SEVERAL_KINDS;
use super::membership::is_in;
use super::patterns::Patterns;
use super::source::Batch;
use super::table::Table;
use super::truth::Truth;
use super::{formats, text};
use crate::measure::{Condition, LogicalType, Value};
use arithmetic::unary;
use faults::{Faults, Watch};

/// The rows of a batch, with what has been found out about them: measures that outlive all batches
/// (`'m`) ask the same things of one batch (`'b`).
pub(super) struct Rows<'m, 'b> {
    pub(super) table: &'b Table,
    pub(super) batch: &'b Batch,
    patterns: &'b Patterns,
    values: RefCell<Vec<(&'m Value, Data, Faults)>>,
    truths: RefCell<Vec<(&'m Condition, Truth, Faults)>>,
    watch: RefCell<Watch>,
}

/// Why something cannot be evaluated on this table.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Problem {
    /// It makes no sense on this table.
    #[error("{0}")]
    Senseless(String),
    /// It cannot be done here.
    #[error("{0}")]
    Unsupported(String),
    /// What it needs beside this table was not given.
    #[error("{0}")]
    Missing(String),
    /// The file is damaged.
    #[error("{0}")]
    Damaged(String),
}

impl From<polars::prelude::PolarsError> for Problem {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Damaged(error.to_string())
    }
}

pub(super) type Evaluated<T> = Result<T, Problem>;

impl<'m, 'b> Rows<'m, 'b> {
    pub(super) fn new(table: &'b Table, batch: &'b Batch, patterns: &'b Patterns) -> Self {
        Self {
            table,
            batch,
            patterns,
            values: RefCell::new(Vec::new()),
            truths: RefCell::new(Vec::new()),
            watch: RefCell::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.batch.row_count
    }

    /// A column as it stands in the file.
    pub(super) fn raw(&self, column: &str) -> PolarsResult<Data> {
        let series = self
            .batch
            .columns
            .iter()
            .find(|series| series.name() == column)
            .ok_or_else(|| polars_err!(ComputeError: "the column `{}` was not read", column))?;
        Data::of(series)
    }

    /// A column read as its contract says.
    pub(super) fn column(&self, column: &str) -> PolarsResult<Data> {
        let raw = self.raw(column)?;
        match self.table.contract_type(column) {
            Some(wanted) if !self.table.facts().typed => raw.read_as(wanted),
            _ => Ok(raw),
        }
    }

    /// The value in every row.
    pub(super) fn value(&self, value: &'m Value) -> Evaluated<Data> {
        if let Value::Literal(scalar) = value {
            return Ok(Data::Constant(Some(scalar.clone()), self.len()));
        }
        let known = self
            .values
            .borrow()
            .iter()
            .find_map(|(other, data, faults)| {
                (*other == value).then(|| (data.clone(), faults.clone()))
            });
        if let Some((data, faults)) = known {
            self.note(&faults)?;
            return Ok(data);
        }
        let (data, faults) = self.watched(|| self.fresh_value(value))?;
        self.values
            .borrow_mut()
            .push((value, data.clone(), faults.clone()));
        self.note(&faults)?;
        Ok(data)
    }

    fn fresh_value(&self, value: &'m Value) -> Evaluated<Data> {
        Ok(match value {
            Value::Column(column) => {
                self.needs_all_digits(column)?;
                self.column(column)?
            }
            Value::Raw(column) => {
                self.needs_all_digits(column)?;
                self.raw(column)?
            }
            Value::Literal(scalar) => Data::Constant(Some(scalar.clone()), self.len()),
            Value::Null => Data::Constant(None, self.len()),
            Value::Length(inner) => Data::Integer(text::lengths(&self.texts(inner)?)),
            Value::Lower(inner) => self.changed(inner, str::to_lowercase)?,
            Value::Upper(inner) => self.changed(inner, str::to_uppercase)?,
            Value::Trim(inner) => self.changed(inner, |text| text.trim().to_owned())?,
            Value::Text(inner) => Data::Text(self.value(inner)?.texts()?),
            Value::Number(inner) => match self.value(inner)? {
                data @ (Data::Integer(_)
                | Data::Unsigned(_)
                | Data::Number(_)
                | Data::Decimal(..)) => data,
                Data::Text(texts) => Data::Text(texts).read_as(LogicalType::Number)?,
                other => Data::Number(self.as_numbers(inner, &other)?),
            },
            Value::Absolute(inner) => match self.value(inner)? {
                Data::Integer(array) if array.values().iter().all(|value| *value != i64::MIN) => {
                    Data::Integer(unary(&array, i64::abs))
                }
                Data::Decimal(array, scale) if !array.values().contains(&i128::MIN) => {
                    Data::Decimal(unary(&array, i128::abs), scale)
                }
                other => Data::Number(unary(&self.as_numbers(inner, &other)?, f64::abs)),
            },
            Value::Arithmetic(left, operator, right) => {
                let (one, other) = (self.value(left)?, self.value(right)?);
                self.arithmetic((left, &one), *operator, (right, &other))?
            }
            Value::Coalesce(values) => self.coalesce(values)?,
            Value::Indicator(condition) => {
                let truth = self.truth(condition)?;
                let ones = truth.yes().iter().map(i64::from).collect();
                let array = PrimitiveArray::<i64>::from_vec(ones);
                Data::Integer(array.with_validity(truth.known().cloned()))
            }
            Value::If(condition, yes, no) => self.choose(condition, yes, no)?,
            Value::Call(function, arguments) => self.call(function, arguments)?,
            Value::Row => Data::Text(self.rows_as_json()?),
            Value::Statistic(statistic, inner) => {
                return Err(Problem::Unsupported(format!(
                    "the {statistic} of {inner} was not measured first"
                )));
            }
        })
    }

    fn texts(&self, value: &'m Value) -> Evaluated<Utf8ViewArray> {
        match self.value(value)? {
            Data::Text(array) => Ok(array),
            constant @ Data::Constant(..) => Ok(constant.texts()?),
            other => Err(Problem::Senseless(format!(
                "{value} holds {}, not text",
                other.kind()
            ))),
        }
    }

    fn changed(&self, value: &'m Value, change: impl Fn(&str) -> String) -> Evaluated<Data> {
        let texts = self.texts(value)?;
        let mut changed =
            polars_arrow::array::MutableBinaryViewArray::<str>::with_capacity(texts.len());
        texts
            .iter()
            .for_each(|text| changed.push(text.map(&change)));
        Ok(Data::Text(changed.into()))
    }

    fn as_numbers(&self, value: &Value, data: &Data) -> Evaluated<PrimitiveArray<f64>> {
        data.numbers()
            .map_err(|kind| Problem::Senseless(format!("{value} holds {kind}, not numbers")))
    }

    /// The value in every row as a number.
    pub(super) fn numbers(&self, value: &'m Value) -> Evaluated<PrimitiveArray<f64>> {
        let data = match self.rounded(value) {
            Some(column) => self.raw(column)?,
            None => self.value(value)?,
        };
        self.as_numbers(value, &data)
    }

    /// The condition in every row.
    pub(super) fn truth(&self, condition: &'m Condition) -> Evaluated<Truth> {
        let known = self
            .truths
            .borrow()
            .iter()
            .find_map(|(other, truth, faults)| {
                (*other == condition).then(|| (truth.clone(), faults.clone()))
            });
        if let Some((truth, faults)) = known {
            self.note(&faults)?;
            return Ok(truth);
        }
        let (truth, faults) = self.watched(|| self.fresh_truth(condition))?;
        self.truths
            .borrow_mut()
            .push((condition, truth.clone(), faults.clone()));
        self.note(&faults)?;
        Ok(truth)
    }

    fn fresh_truth(&self, condition: &'m Condition) -> Evaluated<Truth> {
        if let Some(inner) = condition.of_is_true() {
            return Ok(Truth::new(self.truth(inner)?.yes().clone(), None));
        }
        Ok(match condition {
            Condition::Constant(value) => Truth::constant(Some(*value), self.len()),
            Condition::Compare(left, comparison, right) => {
                let (one, other) = (self.value(left)?, self.value(right)?);
                compare(&one, *comparison, &other).map_err(|(one, other)| {
                    Problem::Senseless(format!(
                        "{left} holds {one} and {right} is {other}; they cannot be compared"
                    ))
                })?
            }
            Condition::IsNull(value) => {
                let validity = match self.rounded(value) {
                    Some(column) => self.raw(column)?.validity(),
                    None => self.value(value)?.validity(),
                };
                match validity {
                    Some(validity) => Truth::new(validity, None).not(),
                    None => Truth::constant(Some(false), self.len()),
                }
            }
            Condition::IsNan(value) => {
                let data = self.value(value)?;
                let nan = match &data {
                    Data::Number(array) => array.values().iter().map(|x| x.is_nan()).collect(),
                    _ => Bitmap::new_zeroed(self.len()),
                };
                Truth::new(nan, data.validity())
            }
            Condition::In(value, scalars) => is_in(&self.value(value)?, scalars),
            Condition::Matches(value, pattern) => {
                let texts = self.texts(value)?;
                let matcher = self.patterns.get(pattern, texts.len());
                let matcher = matcher.map_err(Problem::Unsupported)?;
                let undecided = std::cell::Cell::new(false);
                let truth = text::tested_together(&texts, |texts| {
                    matcher.are_matches(texts).unwrap_or_else(|| {
                        undecided.set(true);
                        Default::default()
                    })
                });
                if undecided.get() {
                    return Err(Problem::Unsupported(format!(
                        "a text takes too many steps to match `{}`",
                        pattern.expression
                    )));
                }
                truth
            }
            Condition::ReadsAs(column, wanted) => {
                let raw = self.raw(column)?;
                let validity = raw.validity();
                // A typed file has said what its columns are; whether that is what was wanted is known
                // without its values.
                if self.table.facts().typed {
                    return Ok(Truth::new(
                        Bitmap::new_with_value(true, self.len()),
                        validity,
                    ));
                }
                if *wanted == LogicalType::String {
                    return Ok(self.is_text(column, &raw));
                }
                let readable = match raw.read_as(*wanted)?.validity() {
                    Some(readable) => readable,
                    None => Bitmap::new_with_value(true, self.len()),
                };
                Truth::new(readable, validity)
            }
            Condition::HasFormat(value, format) => {
                let texts = self.value(value)?.texts()?;
                let matcher = formats::tester(format).map_err(Problem::Unsupported)?;
                text::tested(&texts, |text| matcher(text))
            }
            Condition::All(all) => self.fold(all, true, Truth::and, Truth::no)?,
            Condition::Any(any) => self.fold(any, false, Truth::or, |truth| truth.yes().clone())?,
            Condition::Not(inner) => self.truth(inner)?.not(),
        })
    }

    /// Whether the value is a text where a file without types knows texts from other values, as JSON does.
    /// Among values of several kinds, what stands in the file as a text of JSON is taken for that value.
    fn is_text(&self, column: &str, raw: &Data) -> Truth {
        let known = self.table.facts().column(column);
        let is_mixed = known.is_some_and(|known| known.physical_type == SEVERAL_KINDS);
        let is_text = known
            .is_none_or(|known| matches!(known.logical_type, None | Some(LogicalType::String)));
        let texts = match raw {
            Data::Text(texts) if is_text => texts,
            _ => return Truth::new(Bitmap::new_with_value(is_text, self.len()), raw.validity()),
        };
        if !is_mixed {
            return Truth::new(Bitmap::new_with_value(true, self.len()), raw.validity());
        }
        text::tested(texts, |text| {
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
        })
    }

    /// Joins conditions from left to right; where the outcome is decided, what follows is not asked, so
    /// that `x > 0 and ln(x) < 3` may be said.
    fn fold(
        &self,
        conditions: &'m [Condition],
        start: bool,
        join: fn(Truth, &Truth) -> Truth,
        decided: fn(&Truth) -> Bitmap,
    ) -> Evaluated<Truth> {
        let mut joined: Option<Truth> = None;
        for condition in conditions {
            joined = Some(match joined {
                Some(before) => {
                    let open = !&decided(&before);
                    let truth = self.within(Some(&open), || self.truth(condition))?;
                    join(before, &truth)
                }
                None => self.truth(condition)?,
            });
        }
        Ok(joined.unwrap_or_else(|| Truth::constant(Some(start), self.len())))
    }
}

/// A bit for each row.
pub(super) fn bits(rows: usize, mut bit: impl FnMut(usize) -> bool) -> Bitmap {
    let mut bits = MutableBitmap::with_capacity(rows);
    (0..rows).for_each(|row| bits.push(bit(row)));
    bits.into()
}

/// Whether a comparison holds for an order of its sides; nothing is ordered beside NaN.
pub(super) fn holds(comparison: crate::measure::Comparison, order: Option<Ordering>) -> bool {
    use crate::measure::Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    match (comparison, order) {
        (NotEqual, None) => true,
        (Equal | Less | LessOrEqual | Greater | GreaterOrEqual, None) => false,
        (Equal, Some(order)) => order.is_eq(),
        (NotEqual, Some(order)) => order.is_ne(),
        (Less, Some(order)) => order.is_lt(),
        (LessOrEqual, Some(order)) => order.is_le(),
        (Greater, Some(order)) => order.is_gt(),
        (GreaterOrEqual, Some(order)) => order.is_ge(),
    }
}

/// Booleans as a bitmap of the true ones.
pub(super) fn booleans(array: &BooleanArray) -> Bitmap {
    array.values().clone()
}
