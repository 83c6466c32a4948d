//! Statistics inside conditions: found first, then put in their place as constants.

use std::sync::Arc;

use super::evaluate::Problem;
use crate::engines::EngineError;
use crate::measure::{Interpolation, Measure, Measured, PartMut, Scalar, Statistic, Value};

/// The measures with all statistics as constants; each on its own may be impossible.
///
/// # Errors
/// When the table cannot be read.
pub(super) fn resolve(
    measures: &[Measure],
    measure: impl FnOnce(&[Measure]) -> Result<Vec<Measured>, EngineError>,
) -> Result<Vec<Result<Measure, Problem>>, EngineError> {
    // Asked first by a substitution that only notes what it would need.
    let mut wanted: Vec<Measure> = Vec::new();
    for one in measures {
        let _ = substituted(one, &mut |needed| {
            if !wanted.contains(&needed) {
                wanted.push(needed);
            }
            Ok(None)
        });
    }
    if wanted.is_empty() {
        return Ok(measures.iter().cloned().map(Ok).collect());
    }
    let found = measure(&wanted)?;
    Ok(measures
        .iter()
        .map(|one| {
            substituted(one, &mut |needed| {
                let place = wanted.iter().position(|other| *other == needed);
                match place.and_then(|place| found.get(place)) {
                    Some(Measured::Failed(_, why)) => Err(Problem::Senseless(why.clone())),
                    Some(measured) => Ok(Some(measured.clone())),
                    // The one outside was asked for before the one within it was known.
                    None => Err(Problem::Unsupported(
                        "a statistic of values that depend on another statistic is not evaluated"
                            .to_owned(),
                    )),
                }
            })
        })
        .collect())
}

/// Finds a measure of the whole table.
type Find<'a> = dyn FnMut(Measure) -> Result<Option<Measured>, Problem> + 'a;

fn substituted(measure: &Measure, find: &mut Find<'_>) -> Result<Measure, Problem> {
    let mut measure = measure.clone();
    substitute_in_measure(&mut measure, find)?;
    Ok(measure)
}

fn substitute_in_measure(measure: &mut Measure, find: &mut Find<'_>) -> Result<(), Problem> {
    match measure {
        // The statistics of what is measured on some rows are those of these rows.
        Measure::Where(rows, inner) => {
            substitute(Arc::make_mut(rows).parts_mut(), find)?;
            substitute_in_measure(inner, &mut |needed| {
                find(Measure::Where(rows.clone(), Box::new(needed)))
            })
        }
        Measure::By(_, inner) => substitute_in_measure(inner, &mut |_| {
            Err(Problem::Unsupported(
                "a rule that compares with a statistic cannot be evaluated by slices; give it a `where` for each slice"
                    .to_owned(),
            ))
        }),
        other => substitute(other.parts_mut(), find),
    }
}

fn substitute(parts: Vec<PartMut<'_>>, find: &mut Find<'_>) -> Result<(), Problem> {
    for part in parts {
        match part {
            PartMut::Row | PartMut::Column(_) => {}
            PartMut::Value(value) => substitute_in_value(value, find)?,
            PartMut::Condition(condition) => substitute(condition.parts_mut(), find)?,
            PartMut::Measure(measure) => substitute_in_measure(measure, find)?,
        }
    }
    Ok(())
}

fn substitute_in_value(value: &mut Value, find: &mut Find<'_>) -> Result<(), Problem> {
    substitute(value.parts_mut(), find)?;
    if let Value::Statistic(statistic, inner) = value {
        let found = find(needed(*statistic, inner))?;
        let constant = found.and_then(|measured| constant(*statistic, &measured));
        *value = constant.map_or(Value::Null, Value::Literal);
    }
    Ok(())
}

/// The measure a statistic is found by.
fn needed(statistic: Statistic, of: &Value) -> Measure {
    match statistic {
        Statistic::Mean | Statistic::StandardDeviation { .. } => Measure::Moments(of.clone()),
        Statistic::Quantile(fraction) => {
            Measure::Quantile(of.clone(), fraction, Interpolation::Linear)
        }
        Statistic::Minimum | Statistic::Maximum => Measure::Extremes(of.clone()),
    }
}

/// The statistic in a measurement; `None` when there are too few values.
fn constant(statistic: Statistic, measured: &Measured) -> Option<Scalar> {
    match (statistic, measured) {
        (Statistic::Mean, Measured::Moments(moments)) if 0 < moments.count => {
            Some(Scalar::Number(moments.mean))
        }
        (Statistic::StandardDeviation { ddof }, Measured::Moments(moments)) => moments
            .variance(ddof)
            .map(|variance| Scalar::Number(variance.sqrt())),
        (Statistic::Quantile(_), Measured::Number(number)) => number.map(Scalar::Number),
        (Statistic::Minimum, Measured::Extremes(Some((low, _)))) => Some(low.clone()),
        (Statistic::Maximum, Measured::Extremes(Some((_, high)))) => Some(high.clone()),
        (
            Statistic::Mean
            | Statistic::StandardDeviation { .. }
            | Statistic::Quantile(_)
            | Statistic::Minimum
            | Statistic::Maximum,
            _,
        ) => None,
    }
}
