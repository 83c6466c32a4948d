//! Arithmetic on the values of a batch.

use polars_arrow::array::PrimitiveArray;

use super::{Evaluated, Rows};
use crate::engines::local::data::Data;
use crate::measure::{Operator, Scalar, Value};

impl Rows<'_, '_> {
    pub(super) fn arithmetic(
        &self,
        (left_value, left): (&Value, &Data),
        operator: Operator,
        (right_value, right): (&Value, &Data),
    ) -> Evaluated<Data> {
        if let (Some(one), Some(other)) = (integers(left), integers(right))
            && let Some(whole) = whole_arithmetic(&one, operator, &other)
        {
            return Ok(Data::Integer(whole));
        }
        if let Some(moved) = moved(left, operator, right) {
            return Ok(Data::Instant(moved));
        }
        let one = self.as_numbers(left_value, left)?;
        let other = self.as_numbers(right_value, right)?;
        let numbers = binary(&one, &other, |x, y| match operator {
            Operator::Add => Some(x + y),
            Operator::Subtract => Some(x - y),
            Operator::Multiply => Some(x * y),
            Operator::Divide => (y != 0.0).then(|| x / y),
            Operator::Remainder => (y != 0.0).then(|| x % y),
        });
        Ok(match (left, operator, right) {
            // An instant moved by seconds is an instant.
            (Data::Instant(_), Operator::Add | Operator::Subtract, right)
                if !matches!(
                    right,
                    Data::Instant(_) | Data::Constant(Some(Scalar::Instant(_)), _)
                ) =>
            {
                Data::Instant(
                    numbers
                        .iter()
                        .map(|seconds| seconds.map(|seconds| (seconds * 1e6).round() as i64))
                        .collect(),
                )
            }
            _ => Data::Number(numbers),
        })
    }
}

fn integers(data: &Data) -> Option<PrimitiveArray<i64>> {
    match data {
        Data::Integer(array) => Some(array.clone()),
        Data::Constant(Some(Scalar::Integer(value)), length) => {
            Some(PrimitiveArray::from_vec(vec![*value; *length]))
        }
        _ => None,
    }
}

/// Points in time moved by whole seconds, exactly; `None` when it is something else or overflows.
fn moved(left: &Data, operator: Operator, right: &Data) -> Option<PrimitiveArray<i64>> {
    let (times, seconds, sign) = match (left, operator, right) {
        (Data::Instant(times), Operator::Add, other) => (times, integers(other)?, 1),
        (Data::Instant(times), Operator::Subtract, other) => (times, integers(other)?, -1),
        (other, Operator::Add, Data::Instant(times)) => (times, integers(other)?, 1),
        _ => return None,
    };
    let mut overflow = false;
    let moved = times
        .iter()
        .zip(seconds.iter())
        .map(|(time, seconds)| {
            let (time, seconds) = (*time?, *seconds?);
            let micros = seconds.checked_mul(sign * 1_000_000);
            let moved = micros.and_then(|micros| time.checked_add(micros));
            overflow |= moved.is_none();
            moved
        })
        .collect();
    (!overflow).then_some(moved)
}

/// Whole-number arithmetic; `None` when it overflows anywhere or is a division.
fn whole_arithmetic(
    left: &PrimitiveArray<i64>,
    operator: Operator,
    right: &PrimitiveArray<i64>,
) -> Option<PrimitiveArray<i64>> {
    let mut overflow = false;
    let mut noted = |value: Option<i64>| {
        overflow |= value.is_none();
        value
    };
    let whole: PrimitiveArray<i64> = left
        .iter()
        .zip(right.iter())
        .map(|(x, y)| {
            let (x, y) = (*x?, *y?);
            match operator {
                Operator::Add => noted(x.checked_add(y)),
                Operator::Subtract => noted(x.checked_sub(y)),
                Operator::Multiply => noted(x.checked_mul(y)),
                // Division by zero is null, not an overflow.
                Operator::Remainder if y == 0 => None,
                Operator::Remainder => noted(x.checked_rem(y)),
                Operator::Divide => noted(None),
            }
        })
        .collect();
    (!overflow).then_some(whole)
}

pub(super) fn unary<T: polars_arrow::types::NativeType>(
    array: &PrimitiveArray<T>,
    change: impl Fn(T) -> T,
) -> PrimitiveArray<T> {
    let values: Vec<T> = array.values().iter().map(|value| change(*value)).collect();
    PrimitiveArray::from_vec(values).with_validity(array.validity().cloned())
}

fn binary(
    left: &PrimitiveArray<f64>,
    right: &PrimitiveArray<f64>,
    join: impl Fn(f64, f64) -> Option<f64>,
) -> PrimitiveArray<f64> {
    left.iter()
        .zip(right.iter())
        .map(|(x, y)| join(*x?, *y?))
        .collect()
}
