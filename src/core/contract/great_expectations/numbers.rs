//! Expectations on one number over a column. Where Great Expectations finds no number and does not pass
//! (a mean of nothing), the check is not evaluated, which does not pass either.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing};
use super::rules::{AllOf, Demand, Holds, bounds};
use crate::checks::{
    Check, DistinctCount, DistinctFraction, Fences, Mean, Outliers, Quantile, StandardDeviation,
    Sum, Tolerance,
};
use crate::evidence::Bound;
use crate::measure::{Interpolation, NullKeys};

fn read(arguments: &mut Arguments) -> Result<(String, Vec<Bound>), String> {
    let column = arguments.needed_text("column")?;
    let bounds = bounds(arguments.ends()?, arguments.strict()?);
    Ok((column, arguments.needed_bounds(bounds)?))
}

/// The arithmetic mean.
pub(super) fn mean(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    Ok(Demand::of_numbers(
        column,
        AllOf::bounds(bounds, |bound| Mean { bound }),
    ))
}

/// The median, the mean of the middle two of an even number of values.
pub(super) fn median(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    let check = AllOf::bounds(bounds, |bound| Quantile {
        fraction: 0.5,
        approximate: false,
        interpolation: Interpolation::Linear,
        bound,
    });
    Ok(Demand::of_numbers(column, check))
}

/// The standard deviation of a sample: `n - 1` in the denominator.
pub(super) fn standard_deviation(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    let check = AllOf::bounds(bounds, |bound| StandardDeviation { ddof: 1, bound });
    Ok(Demand::of_numbers(column, check))
}

/// The sum. pandas' sum of nothing is 0; here it is not evaluated.
pub(super) fn sum(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    Ok(Demand::of_numbers(
        column,
        AllOf::bounds(bounds, |bound| Sum { bound }),
    ))
}

/// How many different values there are.
pub(super) fn unique_count(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    let check = AllOf::bounds(bounds, |bound| DistinctCount {
        columns: Vec::new(),
        nulls: NullKeys::SkipAny,
        bound,
    });
    Ok(Demand::of(column, check))
}

/// Different values divided by values. Of nothing it is 0 there, and not evaluated here.
pub(super) fn unique_proportion(arguments: &mut Arguments) -> Result<Demand, String> {
    let (column, bounds) = read(arguments)?;
    let check = AllOf::bounds(bounds, |bound| DistinctFraction {
        columns: Vec::new(),
        nulls: NullKeys::SkipAny,
        bound,
    });
    Ok(Demand::of(column, check))
}

/// Quantiles, by default the nearest value; an end is met also when it is missed by no more than
/// `1e-8 + 1e-4 * |end|`, as `isclose` has it there.
pub(super) fn quantiles(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let interpolation = match arguments.any("allow_relative_error") {
        None | Some(Json::Bool(false)) => Interpolation::Nearest,
        Some(Json::String(word)) => interpolation(&word)?,
        Some(other) => {
            return Err(format!(
                "`allow_relative_error` is `{other}`, which pandas does not know"
            ));
        }
    };
    let ranges = arguments
        .any("quantile_ranges")
        .ok_or_else(|| missing("quantile_ranges"))?;
    let fractions = ranges.get("quantiles").and_then(Json::as_array);
    let value_ranges = ranges.get("value_ranges").and_then(Json::as_array);
    let (Some(fractions), Some(value_ranges)) = (fractions, value_ranges) else {
        return Err("`quantile_ranges` needs `quantiles` and `value_ranges`".to_owned());
    };
    if fractions.len() != value_ranges.len() || fractions.is_empty() {
        return Err("`quantiles` and `value_ranges` are not of the same length".to_owned());
    }
    let mut checks: Vec<Box<dyn Check>> = vec![Box::new(Holds::numbers())];
    for (fraction, range) in fractions.iter().zip(value_ranges) {
        let fraction = fraction
            .as_f64()
            .filter(|fraction| (0.0..=1.0).contains(fraction))
            .ok_or_else(|| format!("the quantile `{fraction}` is not between 0 and 1"))?;
        for bound in bounds(range_of(range)?, [false, false]) {
            checks.push(Box::new(Quantile {
                fraction,
                approximate: false,
                interpolation,
                bound,
            }));
        }
    }
    Ok(Demand {
        numbers: vec![column.clone()],
        ..Demand::of(column, AllOf::new(checks)).counted_its_way()
    })
}

fn interpolation(word: &str) -> Result<Interpolation, String> {
    match word {
        "linear" => Ok(Interpolation::Linear),
        "lower" => Ok(Interpolation::Lower),
        "higher" => Ok(Interpolation::Higher),
        "midpoint" => Ok(Interpolation::Midpoint),
        "nearest" => Ok(Interpolation::Nearest),
        other => Err(format!(
            "`allow_relative_error` is `{other}`, which pandas does not know"
        )),
    }
}

fn range_of(range: &Json) -> Result<[Option<f64>; 2], String> {
    let Some([least, most]) = range.as_array().map(Vec::as_slice) else {
        return Err(format!("the range `{range}` is no pair"));
    };
    let end = |end: &Json, outwards: f64| match end {
        Json::Null => Ok(None),
        number => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => Ok(Some(number + outwards * (1e-8 + 1e-4 * number.abs()))),
            None => Err(format!(
                "the end `{number}` of a quantile's range is no number"
            )),
        },
    };
    Ok([end(least, -1.0)?, end(most, 1.0)?])
}

/// Standard deviations from the mean stay below the threshold.
pub(super) fn z_scores(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let threshold = arguments
        .number("threshold")?
        .ok_or_else(|| missing("threshold"))?;
    // The tool's own default is to look at both sides.
    let double_sided = match arguments.any("double_sided") {
        None => true,
        Some(Json::Bool(value)) => value,
        Some(other) => return Err(format!("`double_sided` is `{other}`")),
    };
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    Ok(deviations(column, threshold, double_sided, tolerance))
}

fn deviations(column: String, threshold: f64, double_sided: bool, tolerance: Tolerance) -> Demand {
    let check = Outliers {
        fences: Fences::Deviations {
            minimum: double_sided.then_some(-threshold.abs()),
            maximum: Some(if double_sided {
                threshold.abs()
            } else {
                threshold
            }),
            ddof: 1,
        },
        of_lengths: false,
        ends_fail: true,
        tolerance,
    };
    Demand::of_numbers(column, check)
}

/// Values lie within the quartiles and so many interquartile ranges, or within so many deviations.
pub(super) fn outliers(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let method = arguments
        .text("method")?
        .unwrap_or_else(|| "iqr".to_owned());
    let factor = arguments.number("multiplier")?.unwrap_or(1.5);
    if factor < 0.0 {
        return Err(format!("`multiplier` is {factor}, required at least 0"));
    }
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    match method.as_str() {
        "iqr" => {
            let check = Outliers {
                fences: Fences::Interquartile { factor },
                of_lengths: false,
                ends_fail: false,
                tolerance,
            };
            Ok(Demand::of_numbers(column, check))
        }
        "std" => Ok(deviations(column, factor, true, tolerance)),
        other => Err(format!("`method` is `{other}`, required `iqr` or `std`")),
    }
}
