//! Statistics inside conditions: found first, then put in their place as constants.

use std::sync::Arc;

use super::evaluate::Problem;
use crate::engines::EngineError;
use crate::measure::{
    Condition, Interpolation, Measure, Measured, Order, OrderRule, RowRule, Scalar, Statistic,
    Value,
};

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
                    None => Ok(None),
                }
            })
        })
        .collect())
}

/// Finds a measure of the whole table.
type Find<'a> = dyn FnMut(Measure) -> Result<Option<Measured>, Problem> + 'a;

fn substituted(measure: &Measure, find: &mut Find<'_>) -> Result<Measure, Problem> {
    Ok(match measure {
        Measure::Where(rows, inner) => {
            let rows = Arc::new(condition(rows, find)?);
            // The statistics of what is measured on some rows are those of these rows.
            let inner = substituted(inner, &mut |needed| {
                find(Measure::Where(rows.clone(), Box::new(needed)))
            })?;
            Measure::Where(rows, Box::new(inner))
        }
        Measure::By(columns, inner) => {
            let mut needs = false;
            let same = substituted(inner, &mut |_| {
                needs = true;
                Ok(None)
            })?;
            if needs {
                return Err(Problem::Unsupported(
                    "a rule that compares with a statistic cannot be evaluated by slices; give it a `where` for each slice"
                        .to_owned(),
                ));
            }
            Measure::By(columns.clone(), Box::new(same))
        }
        Measure::Count(rows) => Measure::Count(condition(rows, find)?),
        Measure::Failing(rule) => Measure::Failing(RowRule {
            fails: condition(&rule.fails, find)?,
            eligible: condition(&rule.eligible, find)?,
            shown: rule.shown.clone(),
        }),
        Measure::Moments(inner) => Measure::Moments(value(inner, find)?),
        Measure::Quantile(inner, fraction, interpolation) => {
            Measure::Quantile(value(inner, find)?, *fraction, *interpolation)
        }
        Measure::ApproximateQuantile(inner, fraction) => {
            Measure::ApproximateQuantile(value(inner, find)?, *fraction)
        }
        Measure::Extremes(inner) => Measure::Extremes(value(inner, find)?),
        Measure::Frequencies {
            values,
            combinations_max,
        } => Measure::Frequencies {
            values: all(values, find, value)?,
            combinations_max: *combinations_max,
        },
        Measure::Ordered(order) => Measure::Ordered(Order {
            value: value(&order.value, find)?,
            rule: match &order.rule {
                OrderRule::RangesApart { end, may_touch } => OrderRule::RangesApart {
                    end: value(end, find)?,
                    may_touch: *may_touch,
                },
                OrderRule::RangesMeet { end } => OrderRule::RangesMeet {
                    end: value(end, find)?,
                },
                rule @ (OrderRule::Increasing { .. }
                | OrderRule::Decreasing { .. }
                | OrderRule::Step(_)
                | OrderRule::GapAtMost(_)) => rule.clone(),
            },
            ..order.clone()
        }),
        Measure::Comoments(x, y) => Measure::Comoments(value(x, find)?, value(y, find)?),
        Measure::RowCount
        | Measure::ColumnCount
        | Measure::Dependency(_)
        | Measure::Paired(_)
        | Measure::Near(_)
        | Measure::Personal(_)
        | Measure::NullCount(_)
        | Measure::Newest(_)
        | Measure::Groups(_)
        | Measure::Distribution(_)
        | Measure::Lookup(_)
        | Measure::Query(_)
        | Measure::Elsewhere(..) => measure.clone(),
    })
}

fn all<T>(
    items: &[T],
    find: &mut Find<'_>,
    each: fn(&T, &mut Find<'_>) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    items.iter().map(|item| each(item, find)).collect()
}

fn condition(one: &Condition, find: &mut Find<'_>) -> Result<Condition, Problem> {
    Ok(match one {
        Condition::Constant(_) | Condition::ReadsAs(..) => one.clone(),
        Condition::Compare(left, comparison, right) => {
            Condition::Compare(value(left, find)?, *comparison, value(right, find)?)
        }
        Condition::IsNull(inner) => Condition::IsNull(value(inner, find)?),
        Condition::IsNan(inner) => Condition::IsNan(value(inner, find)?),
        Condition::In(inner, scalars) => Condition::In(value(inner, find)?, scalars.clone()),
        Condition::Matches(inner, pattern) => {
            Condition::Matches(value(inner, find)?, pattern.clone())
        }
        Condition::HasFormat(inner, format) => {
            Condition::HasFormat(value(inner, find)?, format.clone())
        }
        Condition::All(conditions) => Condition::All(all(conditions, find, condition)?),
        Condition::Any(conditions) => Condition::Any(all(conditions, find, condition)?),
        Condition::Not(inner) => Condition::Not(Box::new(condition(inner, find)?)),
    })
}

fn value(one: &Value, find: &mut Find<'_>) -> Result<Value, Problem> {
    let boxed = |inner: &Value, find: &mut Find<'_>| value(inner, find).map(Box::new);
    Ok(match one {
        Value::Column(_) | Value::Raw(_) | Value::Row | Value::Literal(_) | Value::Null => {
            one.clone()
        }
        Value::Length(inner) => Value::Length(boxed(inner, find)?),
        Value::Lower(inner) => Value::Lower(boxed(inner, find)?),
        Value::Upper(inner) => Value::Upper(boxed(inner, find)?),
        Value::Trim(inner) => Value::Trim(boxed(inner, find)?),
        Value::Text(inner) => Value::Text(boxed(inner, find)?),
        Value::Number(inner) => Value::Number(boxed(inner, find)?),
        Value::Absolute(inner) => Value::Absolute(boxed(inner, find)?),
        Value::Arithmetic(left, operator, right) => {
            Value::Arithmetic(boxed(left, find)?, *operator, boxed(right, find)?)
        }
        Value::Coalesce(values) => Value::Coalesce(all(values, find, value)?),
        Value::Indicator(inner) => Value::Indicator(Box::new(condition(inner, find)?)),
        Value::If(choice, yes, no) => Value::If(
            Box::new(condition(choice, find)?),
            boxed(yes, find)?,
            boxed(no, find)?,
        ),
        Value::Statistic(statistic, inner) => {
            let inner = value(inner, find)?;
            let needed = match statistic {
                Statistic::Mean | Statistic::StandardDeviation { .. } => Measure::Moments(inner),
                Statistic::Quantile(fraction) => {
                    Measure::Quantile(inner, *fraction, Interpolation::Linear)
                }
                Statistic::Minimum | Statistic::Maximum => Measure::Extremes(inner),
            };
            match find(needed)?.and_then(|measured| constant(*statistic, &measured)) {
                Some(scalar) => Value::Literal(scalar),
                None => Value::Null,
            }
        }
    })
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
