//! What is required of attributions row by row: their signs, their sums, how well surrogates fit.

use super::importance::rank_correlation;
use super::spec::{AttributionRule, Sign};
use super::{Demand, Found, named};
use crate::evidence::{Bound, Reason, Unit};
use crate::gates::problems;
use crate::gates::recorded::Judged;
use crate::recorded::Attributions;

type Outcome = Result<Found, (Reason, String)>;

/// Demands on rows.
pub(super) fn demands(judged: &Judged<'_>, rule: &AttributionRule) -> Vec<Demand> {
    let recording = judged.recorded.candidate;
    let attributions = recording.attributions.as_ref().ok_or_else(|| {
        let why = format!("{} recorded no attributions", recording.origin());
        (Reason::Undefined, why)
    });
    let mut demands = Vec::new();
    for (feature, sign) in &rule.signs {
        let required = match sign {
            Sign::Positive => Bound::MoreThan(0.0),
            Sign::Negative => Bound::LessThan(0.0),
        };
        demands.push(Demand {
            name: format!("signs.{feature}"),
            key: format!("signs.{feature}"),
            required,
            found: attributions
                .clone()
                .and_then(|found| direction(found, feature, *sign, required)),
        });
    }
    if let Some(limit) = rule.additivity_error_at_most {
        let required = Bound::AtMost(limit);
        demands.push(Demand {
            name: "additivity_error".to_owned(),
            key: "additivity_error_at_most".to_owned(),
            required,
            found: attributions
                .clone()
                .and_then(|found| additivity(found, required)),
        });
    }
    if let Some(least) = rule.fit_at_least {
        let required = Bound::AtLeast(least);
        demands.push(Demand {
            name: "fit".to_owned(),
            key: "fit_at_least".to_owned(),
            required,
            found: attributions.and_then(|found| fit(found, required)),
        });
    }
    demands
}

fn missing(why: &str) -> (Reason, String) {
    (Reason::MissingInput, why.to_owned())
}

/// Whether predictions rise or fall with a feature. Rows of which the value is missing say nothing.
fn direction(attributions: &Attributions, feature: &str, sign: Sign, required: Bound) -> Outcome {
    named(attributions)?;
    let Some(column) = attributions.position(feature) else {
        let known: Vec<&str> = attributions.features.iter().map(String::as_str).collect();
        let closest = problems::closest(feature, &known);
        return Err(missing(&format!("there is no such feature; {closest}")));
    };
    let data = attributions
        .data
        .as_ref()
        .filter(|data| data.len() == attributions.values.len())
        .ok_or_else(|| missing("the values of the features are not recorded as numbers"))?;
    let width = attributions.features.len();
    let of_column = |numbers: &[f64]| -> Vec<f64> {
        let column = numbers.iter().skip(column);
        column.step_by(width).copied().collect()
    };
    let (values, moved) = (of_column(data), of_column(&attributions.values));
    if !moved.iter().all(|value| value.is_finite()) {
        let why = "an attribution of it is not a finite number".to_owned();
        return Err((Reason::Undefined, why));
    }
    let rows = values.len();
    let pairs = values.into_iter().zip(moved);
    let (values, moved): (Vec<f64>, Vec<f64>) =
        pairs.filter(|(value, _)| value.is_finite()).unzip();
    let correlation = rank_correlation(&values, &moved).map_err(|why| (Reason::TooFewRows, why))?;
    let mut message = format!(
        "predictions should {} with `{feature}`: the rank correlation of its values with its attributions is {}",
        match sign {
            Sign::Positive => "rise",
            Sign::Negative => "fall",
        },
        required.beside(correlation)
    );
    if values.len() < rows {
        let without = rows - values.len();
        message.push_str(&format!(
            ", without {without} rows that have no value of it"
        ));
    }
    let mut found = Found::new(correlation, Unit::Number, message);
    found.observed.sample_count = Some(values.len() as u64);
    Ok(found)
}

/// The largest difference of base and attributions from the output.
fn additivity(attributions: &Attributions, required: Bound) -> Outcome {
    let rows = attributions.rows();
    let as_many = |numbers: &&Vec<f64>| numbers.len() == rows && 0 < rows;
    let bases = attributions.bases.as_ref().filter(as_many);
    let bases = bases.ok_or_else(|| missing("what attributions start from is not recorded"))?;
    let outputs = attributions.outputs.as_ref().filter(as_many);
    let outputs = outputs.ok_or_else(|| missing("the outputs of the model are not recorded"))?;
    let sums = attributions
        .values
        .chunks(attributions.features.len().max(1));
    let sums = sums.map(|row| row.iter().sum::<f64>());
    let (mut worst, mut worst_row) = (0.0, 0);
    for (row, ((sum, base), output)) in sums.zip(bases).zip(outputs).enumerate() {
        let error = (base + sum - output).abs();
        if !error.is_finite() {
            let why = format!("a number of row {} is not finite", row + 1);
            return Err((Reason::Undefined, why));
        }
        if worst < error {
            (worst, worst_row) = (error, row);
        }
    }
    let message = format!(
        "base and attributions differ from the output of the model by up to {} (row {})",
        required.beside(worst),
        worst_row + 1
    );
    let mut found = Found::new(worst, Unit::Number, message);
    found.observed.sample_count = Some(rows as u64);
    Ok(found)
}

/// The median of how well surrogates fit.
fn fit(attributions: &Attributions, required: Bound) -> Outcome {
    let fits = attributions.fits.as_ref().filter(|fits| !fits.is_empty());
    let mut fits = fits
        .cloned()
        .ok_or_else(|| missing("how well surrogates fit is not recorded"))?;
    if !fits.iter().all(|fit| fit.is_finite()) {
        let why = "the fit of a row is not a finite number".to_owned();
        return Err((Reason::Undefined, why));
    }
    fits.sort_by(f64::total_cmp);
    let middle = |at: usize| fits.get(at).copied().unwrap_or(f64::NAN);
    let median = 0.5 * (middle((fits.len() - 1) / 2) + middle(fits.len() / 2));
    let message = format!(
        "the median R² of local surrogates over {} rows is {}, the lowest {}",
        fits.len(),
        required.beside(median),
        crate::gates::number(middle(0))
    );
    let mut found = Found::new(median, Unit::Number, message);
    found.observed.sample_count = Some(fits.len() as u64);
    Ok(found)
}
