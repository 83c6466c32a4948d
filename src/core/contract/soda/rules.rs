//! From what Soda measures to the vocabulary of checks. Both generations share it; how they count
//! differs and is said by the caller.

use serde_json::Value as Json;

use super::validity::Validity;
use crate::checks::{
    AcceptedValues, Denominator, DuplicateCount, DuplicateRows, ForbiddenValues, Maximum,
    MaximumLength, Mean, MeanLength, Minimum, MinimumLength, NullCondition, NullFraction, Quantile,
    ReferentialIntegrity, RowCondition, RowCount, ScalarBound, StandardDeviation, Sum, Tolerance,
    Uniqueness, ValueLength, ValuePattern, ValueRange, Variance,
};
use crate::contract::rules::{Drafted, ours, theirs};
use crate::contract::sql;
use crate::contract::zone::Zone;
use crate::evidence::Bound;
use crate::measure::{Condition, Interpolation, NullKeys};

/// A number that must lie in a zone: a count, or a percentage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    /// Where it must lie.
    pub(super) zone: Zone,
    /// Whether it is a percentage.
    pub(super) percent: bool,
}

impl Amount {
    /// As a tolerance of failing rows; percentages are of `of`.
    fn tolerance(self, of: Denominator) -> Tolerance {
        if self.percent {
            Tolerance {
                fraction: Some(self.zone.of_percent().bound()),
                of,
                ..Tolerance::none()
            }
        } else {
            Tolerance {
                rows: Some(self.zone.bound_of_count()),
                ..Tolerance::none()
            }
        }
    }
}

/// What cannot be said, in words that read after the name of the check.
pub(super) type Said = Result<Drafted, String>;

/// The number of rows.
pub(super) fn row_count(zone: Zone) -> Drafted {
    ours(RowCount {
        rows: zone.bound_of_count(),
    })
}

/// The rows in which a column is missing; percentages are of all rows.
pub(super) fn missing(column: &str, validity: &Validity, amount: Amount) -> Said {
    if validity.says_missing() {
        return failing_unless(&validity.present(column), amount);
    }
    Ok(ours(if amount.percent {
        NullFraction {
            fraction: Some(amount.zone.of_percent().bound()),
            ..NullFraction::default()
        }
    } else {
        NullFraction {
            rows: Some(amount.zone.bound_of_count()),
            ..NullFraction::default()
        }
    }))
}

/// The rows in which a column is there and invalid; percentages are of all rows.
pub(super) fn invalid(column: &str, validity: &Validity, amount: Amount) -> Said {
    let Some(invalid) = validity.invalid(column) else {
        return Err("nothing says which values are valid".to_owned());
    };
    if !validity.says_missing()
        && let Some(check) = single(validity, amount)
    {
        return Ok(check);
    }
    let holds = if validity.says_missing() {
        Condition::Any(vec![validity.missing(column), invalid.negated()])
    } else {
        invalid.negated()
    };
    failing_unless(&holds, amount)
}

/// The check for validity that says one thing only, so that it has the name of that thing.
fn single(validity: &Validity, amount: Amount) -> Option<Drafted> {
    let tolerance = amount.tolerance(Denominator::AllRows);
    let Validity {
        missing_values: None,
        missing_pattern: None,
        valid_values,
        invalid_values,
        valid_pattern,
        invalid_pattern,
        minimum,
        maximum,
        length,
        length_minimum,
        length_maximum,
        reference: None,
    } = validity
    else {
        return None;
    };
    let ranged = minimum.is_some() || maximum.is_some();
    let sized = length.is_some() || length_minimum.is_some() || length_maximum.is_some();
    let said = [
        valid_values.is_some(),
        invalid_values.is_some(),
        valid_pattern.is_some(),
        invalid_pattern.is_some(),
        ranged,
        sized,
    ];
    if said.into_iter().filter(|said| *said).count() != 1 {
        return None;
    }
    let counted = |check: Drafted| Drafted {
        differently: amount.percent,
        ..check
    };
    if let Some(values) = valid_values {
        let values = values.clone();
        return Some(counted(ours(AcceptedValues {
            values,
            tolerance,
            ..AcceptedValues::default()
        })));
    }
    if let Some(values) = invalid_values {
        let values = values.clone();
        return Some(counted(ours(ForbiddenValues { values, tolerance })));
    }
    if let Some(pattern) = valid_pattern {
        return Some(counted(ours(ValuePattern {
            pattern: pattern.clone(),
            tolerance,
            ..ValuePattern::default()
        })));
    }
    if ranged {
        let range = ValueRange {
            minimum: minimum.clone(),
            maximum: maximum.clone(),
            tolerance,
            ..ValueRange::default()
        };
        return range.range().is_ok().then(|| counted(ours(range)));
    }
    if sized {
        let whole = |length: Option<i64>| length.and_then(|length| u64::try_from(length).ok());
        let minimum = [whole(*length), whole(*length_minimum)].into_iter().max()?;
        let maximum = match (whole(*length), whole(*length_maximum)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        return Some(counted(ours(ValueLength {
            minimum,
            maximum,
            trimmed: false,
            tolerance,
        })));
    }
    None
}

/// The rows for which a condition is not true, those for which it is null aside; percentages are of all
/// rows.
pub(super) fn failing_unless(holds: &Condition, amount: Amount) -> Said {
    let Some(condition) = sql::to_sql(holds) else {
        return Err(format!("`{holds}` cannot be written as a condition"));
    };
    Ok(theirs(RowCondition {
        condition,
        nulls: NullCondition::Pass,
        tolerance: amount.tolerance(Denominator::AllRows),
    }))
}

/// The rows for which a condition is true; percentages are of all rows.
pub(super) fn rows_with(condition: &str, amount: Amount) -> Said {
    sql::condition(condition).map_err(|why| format!("the expression `{condition}` {why}"))?;
    Ok(ours(RowCondition {
        condition: format!("not ({condition})"),
        nulls: NullCondition::Pass,
        tolerance: amount.tolerance(Denominator::AllRows),
    }))
}

/// Repeated values of a column, nulls left out; percentages are of the rows that have one.
pub(super) fn repeated_values(count: DuplicateCount, amount: Amount, of: Denominator) -> Drafted {
    theirs(Uniqueness {
        count,
        tolerance: amount.tolerance(of),
        ..Uniqueness::default()
    })
}

/// Repeated combinations of values, null equal to null; percentages are of all rows.
pub(super) fn repeated_rows(columns: Vec<String>, amount: Amount) -> Drafted {
    ours(DuplicateRows {
        columns,
        tolerance: amount.tolerance(Denominator::AllRows),
        ..DuplicateRows::default()
    })
}

/// Repeated keys, rows with a null in them left out; percentages are of all rows.
pub(super) fn repeated_keys(columns: Vec<String>, amount: Amount) -> Drafted {
    theirs(Uniqueness {
        columns,
        count: DuplicateCount::Keys,
        nulls: NullKeys::SkipAny,
        tolerance: amount.tolerance(Denominator::AllRows),
    })
}

/// Values that must, or must not, be in another table.
pub(super) fn reference(
    columns: Vec<String>,
    dataset: String,
    columns_there: Vec<String>,
    amount: Amount,
) -> ReferentialIntegrity {
    ReferentialIntegrity {
        columns,
        dataset,
        columns_there,
        tolerance: amount.tolerance(Denominator::AllRows),
        ..ReferentialIntegrity::default()
    }
}

/// A statistic of a column, by the name both generations give it; `None` for another name.
pub(super) fn statistic(name: &str, zone: Zone) -> Option<Drafted> {
    let bound = zone.bound();
    Some(match name {
        "avg" => ours(Mean { bound }),
        "sum" => ours(Sum { bound }),
        "min" => ours(Minimum {
            bound: scalar_bound(bound),
        }),
        "max" => ours(Maximum {
            bound: scalar_bound(bound),
        }),
        "avg_length" | "avglength" => ours(MeanLength { bound }),
        "min_length" | "minlength" => ours(MinimumLength { bound }),
        "max_length" | "maxlength" => ours(MaximumLength { bound }),
        "stddev" | "stddev_samp" => ours(StandardDeviation { ddof: 1, bound }),
        "stddev_pop" => ours(StandardDeviation { ddof: 0, bound }),
        "variance" | "var_samp" => ours(Variance { ddof: 1, bound }),
        "var_pop" => ours(Variance { ddof: 0, bound }),
        _ => return None,
    })
}

/// A discrete percentile, as SQL's `percentile_disc`.
pub(super) fn percentile(fraction: f64, zone: Zone) -> Said {
    if !(0.0..=1.0).contains(&fraction) {
        return Err(format!(
            "the fraction {fraction} of the percentile is not in 0 to 1"
        ));
    }
    Ok(ours(Quantile {
        fraction,
        approximate: false,
        interpolation: Interpolation::Inverted,
        bound: zone.bound(),
    }))
}

fn scalar_bound(bound: Bound) -> ScalarBound {
    let json = |number: f64| serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number);
    match bound {
        Bound::AtLeast(value) => ScalarBound::AtLeast(json(value)),
        Bound::AtMost(value) => ScalarBound::AtMost(json(value)),
        Bound::MoreThan(value) => ScalarBound::MoreThan(json(value)),
        Bound::LessThan(value) => ScalarBound::LessThan(json(value)),
        Bound::Exactly(value) => ScalarBound::Exactly(json(value)),
        Bound::Not(value) => ScalarBound::Not(json(value)),
        Bound::Between(lower, upper) => ScalarBound::Between(json(lower), json(upper)),
        Bound::Outside(lower, upper) => ScalarBound::Outside(json(lower), json(upper)),
    }
}
