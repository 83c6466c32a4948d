//! Functions of numbers.

use super::datum::{number, whole};
use super::{Datum, DatumKind, Form, Function, Outcome};
use DatumKind::{Number, Whole};

/// Digits after the point, or before it, that a number may be rounded to: powers of ten up to this one are
/// exact in floating point.
const DIGITS_MAX: i64 = 22;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("round", "to the nearest whole number, halves away from zero", &[
        Form::new(&[Whole], Whole, same).everywhere("{0}"),
        Form::new(&[Number], Number, |a| real(number(a, 0)?.round())).everywhere("round({0})"),
    ]),
    Function::new("round", "to so many digits after the point, before it when negative; at most 22", &[
        Form::new(&[Whole, Whole], Whole, round_whole),
// Spark has no way to tell a half from what scaling has made one.
        Form::new(&[Number, Whole], Number, round_number).spark(
            "CASE WHEN abs({1}) > 22 THEN CAST({raise} AS DOUBLE) \
             WHEN {1} < 0 THEN round({0} / power(10D, -{1})) * power(10D, -{1}) \
             WHEN abs({0} * power(10D, {1})) < 4503599627370496D \
             AND abs({0} * power(10D, {1})) - floor(abs({0} * power(10D, {1}))) = 0.5D THEN CAST({raise} AS DOUBLE) \
             WHEN abs({0} * power(10D, {1})) < CAST('Infinity' AS DOUBLE) \
             THEN round({0} * power(10D, {1})) / power(10D, {1}) ELSE {0} END",
        ),
    ]),
    Function::new("floor", "the next whole number at or below", &[
        Form::new(&[Whole], Whole, same).everywhere("{0}"),
        Form::new(&[Number], Number, |a| real(number(a, 0)?.floor()))
            .spark("CASE WHEN abs({0}) < 4503599627370496D THEN CAST(floor({0}) AS DOUBLE) ELSE {0} END")
            .trino("floor({0})"),
    ]),
    Function::new("ceil", "the next whole number at or above", &[
        Form::new(&[Whole], Whole, same).everywhere("{0}"),
        Form::new(&[Number], Number, |a| real(number(a, 0)?.ceil()))
            .spark("CASE WHEN abs({0}) < 4503599627370496D THEN CAST(ceil({0}) AS DOUBLE) ELSE {0} END")
            .trino("ceil({0})"),
    ])
    .also(&["ceiling"]),
    Function::new("sign", "-1, 0 or 1; 0 for NaN", &[
        Form::new(&[Whole], Whole, |a| Ok(Some(Datum::Whole(whole(a, 0)?.signum()))))
            .everywhere("CASE WHEN {0} > 0 THEN CAST(1 AS BIGINT) WHEN {0} < 0 THEN CAST(-1 AS BIGINT) WHEN {0} = 0 THEN CAST(0 AS BIGINT) END"),
        Form::new(&[Number], Whole, sign)
            .spark("CASE WHEN isnan({0}) THEN CAST(0 AS BIGINT) ELSE CAST(sign({0}) AS BIGINT) END"),
    ]),
    Function::new("sqrt", "the square root; NaN of a number below zero", &[
        Form::new(&[Number], Number, |a| real(number(a, 0)?.sqrt())).everywhere("sqrt({0})"),
    ]),
    Function::new("ln", "the natural logarithm; minus infinity of zero, NaN below", &[
        Form::new(&[Number], Number, |a| real(number(a, 0)?.ln())).spark(
            "CASE WHEN {0} > 0 THEN ln({0}) WHEN {0} = 0 THEN CAST('-Infinity' AS DOUBLE) \
             WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) END",
        ).trino("ln({0})"),
    ]),
    Function::new("log10", "the logarithm to the base of ten", &[
        Form::new(&[Number], Number, |a| real(number(a, 0)?.log10())).spark(
            "CASE WHEN {0} > 0 THEN log10({0}) WHEN {0} = 0 THEN CAST('-Infinity' AS DOUBLE) \
             WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) END",
        ).trino("log10({0})"),
    ]),
    Function::new("log2", "the logarithm to the base of two", &[
        Form::new(&[Number], Number, |a| real(number(a, 0)?.log2())).spark(
            "CASE WHEN {0} > 0 THEN log2({0}) WHEN {0} = 0 THEN CAST('-Infinity' AS DOUBLE) \
             WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) END",
        ).trino("log2({0})"),
    ]),
    Function::new("exp", "*e* to the power of the number", &[
        Form::new(&[Number], Number, |a| real(number(a, 0)?.exp())).everywhere("exp({0})"),
    ]),
    Function::new("power", "the first to the power of the second, as floating-point number", &[
        Form::new(&[Number, Number], Number, |a| real(number(a, 0)?.powf(number(a, 1)?)))
            .everywhere("power({0}, {1})"),
    ])
    .also(&["pow"]),
];

fn real<'a>(number: f64) -> Outcome<'a> {
    Ok(Some(Datum::Number(number)))
}

fn same<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    Ok(arguments.first().cloned())
}

fn sign<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let number = number(arguments, 0)?;
    let sign = i64::from(0.0 < number) - i64::from(number < 0.0);
    Ok(Some(Datum::Whole(sign)))
}

fn round_whole<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (value, digits) = (whole(arguments, 0)?, whole(arguments, 1)?);
    if 0 <= digits {
        return Ok(Some(Datum::Whole(value)));
    }
    // Beyond nineteen digits less than half of the unit remains.
    let Some(power) = u32::try_from(digits.unsigned_abs())
        .ok()
        .filter(|power| *power <= 19)
    else {
        return Ok(Some(Datum::Whole(0)));
    };
    let unit = 10_i128.pow(power);
    let value = i128::from(value);
    let half = unit / 2 * value.signum();
    let rounded = (value + half) / unit * unit;
    let rounded = i64::try_from(rounded).map_err(|_| "gives a number beyond 64 bits".to_owned())?;
    Ok(Some(Datum::Whole(rounded)))
}

/// As DuckDB has it: scaled, rounded, scaled back; what overflows on the way is left as it is. A number that
/// scaling has made a half goes the way it stood before: 2.675 lies below the half and becomes 2.67.
fn round_number<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (value, digits) = (number(arguments, 0)?, whole(arguments, 1)?);
    let power = i32::try_from(digits)
        .ok()
        .filter(|_| (-DIGITS_MAX..=DIGITS_MAX).contains(&digits))
        .ok_or_else(|| format!("rounds to {digits} digits; it does so to {DIGITS_MAX} at most"))?;
    let unit = 10_f64.powi(power.abs());
    if power < 0 {
        let rounded = (value / unit).round() * unit;
        let beyond = !rounded.is_finite() && value.is_finite();
        return real(if beyond { 0.0 } else { rounded });
    }
    let scaled = value * unit;
    let lost = value.mul_add(unit, -scaled);
    let is_below = scaled.fract().abs() == 0.5 && lost * scaled < 0.0;
    let rounded = match is_below {
        true => scaled.trunc() / unit,
        false => scaled.round() / unit,
    };
    real(if rounded.is_finite() { rounded } else { value })
}
