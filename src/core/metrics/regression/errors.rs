//! Errors: how far predictions are from the truth.

use super::Regression;
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Shape, Sums};
use crate::metrics::rank::quantile;
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Mean absolute error.
pub const MAE: Metric = Metric {
    id: "mae",
    title: "Mean absolute error",
    task: Some(Task::Regression),
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "mean of |prediction - label|",
    reference: "scikit-learn `mean_absolute_error`",
    options: &[],
    recorded: true,
    prepare: |sample, _| mean(sample, |label, prediction| (prediction - label).abs()),
};

/// Mean squared error.
pub const MSE: Metric = Metric {
    id: "mse",
    title: "Mean squared error",
    definition: "mean of (prediction - label)²",
    reference: "scikit-learn `mean_squared_error`",
    prepare: |sample, _| mean(sample, squared),
    ..MAE
};

/// Root of the mean squared error.
pub const RMSE: Metric = Metric {
    id: "rmse",
    title: "Root mean squared error",
    definition: "square root of the mean of (prediction - label)²",
    reference: "scikit-learn `root_mean_squared_error`",
    prepare: |sample, _| root_mean(sample.regression()?.each(squared)),
    ..MAE
};

/// Bias.
pub const MEAN_ERROR: Metric = Metric {
    id: "mean_error",
    title: "Mean error (bias)",
    direction: Direction::Neither,
    range: (f64::NEG_INFINITY, f64::INFINITY),
    definition: "mean of prediction - label; above 0 predictions are too high",
    reference: "numpy `average`",
    prepare: |sample, _| mean(sample, |label, prediction| prediction - label),
    ..MAE
};

/// Median absolute error.
pub const MEDIAN_ABSOLUTE_ERROR: Metric = Metric {
    id: "median_absolute_error",
    title: "Median absolute error",
    definition: "median of |prediction - label|; with weights the mean of the lower and the upper weighted median",
    reference: "scikit-learn `median_absolute_error`",
    recorded: false,
    prepare: |sample, _| {
        let errors = sample
            .regression()?
            .each(|label, prediction| (prediction - label).abs());
        Ok(Prepared::Other(Box::new(move |weights| {
            quantile(&errors, weights, 0.5)
        })))
    },
    ..MAE
};

/// Largest error.
pub const MAX_ERROR: Metric = Metric {
    id: "max_error",
    title: "Largest error",
    definition: "largest |prediction - label| of a row with a weight",
    reference: "scikit-learn `max_error`",
    prepare: |sample, _| {
        let errors = sample
            .regression()?
            .each(|label, prediction| (prediction - label).abs());
        Ok(Prepared::Other(Box::new(move |weights| {
            let counted = errors.iter().zip(weights.iter());
            let counted = counted.filter(|(_, weight)| 0.0 < *weight);
            let largest = counted.map(|(error, _)| *error).reduce(f64::max);
            largest.ok_or(Undefined::NoRows)
        })))
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Mean absolute percentage error.
pub const MAPE: Metric = Metric {
    id: "mape",
    title: "Mean absolute percentage error",
    definition: "mean of |prediction - label| / |label|, as a fraction; undefined where a label is 0",
    reference: "scikit-learn `mean_absolute_percentage_error`, which divides by 2.2e-16 where a label is 0",
    prepare: |sample, _| {
        let rows = sample.regression()?;
        refuse(rows.label(), "label", "0", |label| label == 0.0)?;
        mean(sample, |label, prediction| {
            (prediction - label).abs() / label.abs()
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Symmetric mean absolute percentage error.
pub const SMAPE: Metric = Metric {
    id: "smape",
    title: "Symmetric mean absolute percentage error",
    range: (0.0, 2.0),
    definition: "mean of 2 |prediction - label| / (|label| + |prediction|), as a fraction from 0 to 2; 0 where both are 0. `halved`: half of it, from 0 to 1. `pooled`: 2 times the sum of |prediction - label| divided by the sum of |label| + |prediction|",
    reference: "sktime `mean_absolute_percentage_error` with `symmetric=True`; `halved`: utilsforecast `smape`; `pooled`: numpy on the same sums",
    options: &[OptionSpec {
        name: "variant",
        kind: OptionKind::Choice(&["mean", "halved", "pooled"]),
        doc: "which of the formulas",
    }],
    prepare: |sample, options| {
        let error = |label: f64, prediction: f64| (prediction - label).abs();
        let scale = |label: f64, prediction: f64| label.abs() + prediction.abs();
        let factor = match options.text("variant") {
            "pooled" => {
                let rows = sample.regression()?;
                return Ok(Prepared::Sums(Sums::ratio(
                    rows.each(|label, prediction| 2.0 * error(label, prediction)),
                    rows.each(scale),
                    || Undefined::ConstantLabel,
                )));
            }
            "halved" => 1.0,
            _ => 2.0,
        };
        mean(sample, move |label, prediction| {
            match scale(label, prediction) {
                0.0 => 0.0,
                scale => factor * error(label, prediction) / scale,
            }
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Weighted absolute percentage error.
pub const WAPE: Metric = Metric {
    id: "wape",
    title: "Weighted absolute percentage error",
    definition: "sum of |prediction - label| divided by the sum of |label|; undefined where all labels are 0",
    reference: "numpy on the same sums",
    prepare: |sample, _| {
        let rows = sample.regression()?;
        Ok(Prepared::Sums(Sums::ratio(
            rows.each(|label, prediction| (prediction - label).abs()),
            rows.each(|label, _| label.abs()),
            || Undefined::ConstantLabel,
        )))
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Mean squared logarithmic error.
pub const MSLE: Metric = Metric {
    id: "msle",
    title: "Mean squared logarithmic error",
    definition: "mean of (ln(1 + prediction) - ln(1 + label))²; undefined where one is -1 or less",
    reference: "scikit-learn `mean_squared_log_error`",
    prepare: |sample, _| Ok(Prepared::Sums(Sums::mean(logarithmic(sample)?))),
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Root of the mean squared logarithmic error.
pub const RMSLE: Metric = Metric {
    id: "rmsle",
    title: "Root mean squared logarithmic error",
    definition: "square root of the mean squared logarithmic error",
    reference: "scikit-learn `root_mean_squared_log_error`",
    prepare: |sample, _| root_mean(logarithmic(sample)?),
    ..MSLE
};

/// Pinball loss.
pub const PINBALL: Metric = Metric {
    id: "pinball",
    title: "Pinball loss",
    definition: "mean of alpha (label - prediction) above the prediction and (1 - alpha) (prediction - label) below it",
    reference: "scikit-learn `mean_pinball_loss`",
    options: &[ALPHA],
    prepare: |sample, options| {
        let alpha = options.number("alpha");
        mean(sample, move |label, prediction| {
            pinball(alpha, label, prediction)
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// The quantile that is predicted.
pub(super) const ALPHA: OptionSpec = OptionSpec {
    name: "alpha",
    kind: OptionKind::Number {
        default: 0.5,
        least: 0.0,
        most: 1.0,
    },
    doc: "the quantile that is predicted",
};

pub(in crate::metrics) fn pinball(alpha: f64, label: f64, prediction: f64) -> f64 {
    let error = label - prediction;
    (alpha * error).max((alpha - 1.0) * error)
}

/// Huber loss.
pub const HUBER: Metric = Metric {
    id: "huber",
    title: "Huber loss",
    definition: "mean of half the squared error up to delta, and of delta (|error| - delta / 2) beyond",
    reference: "scipy `huber`",
    options: &[OptionSpec {
        name: "delta",
        kind: OptionKind::Number {
            default: 1.0,
            least: 1e-300,
            most: f64::MAX,
        },
        doc: "error up to which it is squared",
    }],
    prepare: |sample, options| {
        let delta = options.number("delta");
        mean(sample, move |label, prediction| {
            let error = (prediction - label).abs();
            if error <= delta {
                0.5 * error * error
            } else {
                delta * (error - 0.5 * delta)
            }
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Coverage of predicted intervals.
pub const COVERAGE: Metric = Metric {
    id: "interval_coverage",
    title: "Coverage of intervals",
    direction: Direction::Neither,
    range: (0.0, 1.0),
    definition: "share of rows whose label lies within the predicted interval, ends included",
    reference: "numpy `average`",
    prepare: |sample, _| {
        of_intervals(sample, |label, lower, upper| {
            f64::from(u8::from(lower <= label && label <= upper))
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Mean width of predicted intervals.
pub const INTERVAL_WIDTH: Metric = Metric {
    id: "interval_width",
    title: "Mean width of intervals",
    definition: "mean of the upper minus the lower end of the predicted interval",
    reference: "numpy `average`",
    prepare: |sample, _| of_intervals(sample, |_, lower, upper| upper - lower),
    ..MEDIAN_ABSOLUTE_ERROR
};

/// Winkler score.
pub const WINKLER: Metric = Metric {
    id: "winkler",
    title: "Winkler (interval) score",
    definition: "mean of the width of the predicted interval plus 2 / alpha times how far the label lies outside it",
    reference: "Gneiting and Raftery 2007, section 6.2, with numpy",
    options: &[OptionSpec {
        name: "alpha",
        kind: OptionKind::Number {
            default: 0.1,
            least: 1e-6,
            most: 1.0,
        },
        doc: "one minus the coverage the intervals claim",
    }],
    prepare: |sample, options| {
        let alpha = options.number("alpha");
        of_intervals(sample, move |label, lower, upper| {
            let outside = (lower - label).max(label - upper).max(0.0);
            upper - lower + 2.0 / alpha * outside
        })
    },
    ..MEDIAN_ABSOLUTE_ERROR
};

fn squared(label: f64, prediction: f64) -> f64 {
    (prediction - label) * (prediction - label)
}

fn mean(sample: &Sample, of: impl Fn(f64, f64) -> f64) -> Result<Prepared<'_>, Undefined> {
    Ok(Prepared::Sums(Sums::mean(sample.regression()?.each(of))))
}

fn root_mean<'a>(terms: Vec<f64>) -> Result<Prepared<'a>, Undefined> {
    Ok(Prepared::Sums(Sums {
        terms: vec![terms.into()],
        shape: Shape::RootMean,
    }))
}

fn of_intervals(
    sample: &Sample,
    of: impl Fn(f64, f64, f64) -> f64,
) -> Result<Prepared<'_>, Undefined> {
    let rows = sample.regression()?;
    let (lower, upper) = rows.bounds()?;
    let ends = rows.label().iter().zip(lower).zip(upper);
    Ok(Prepared::Sums(Sums::mean(
        ends.map(|((label, lower), upper)| of(*label, *lower, *upper))
            .collect(),
    )))
}

fn logarithmic(sample: &Sample) -> Result<Vec<f64>, Undefined> {
    let rows: &Regression = sample.regression()?;
    let at_most = |value: f64| value <= -1.0;
    refuse(rows.label(), "label", "-1 or less", at_most)?;
    refuse(rows.prediction(), "prediction", "-1 or less", at_most)?;
    Ok(rows.each(|label, prediction| squared(label.ln_1p(), prediction.ln_1p())))
}

/// An error when some of the values are such that the formula has no value.
pub(super) fn refuse(
    values: &[f64],
    what: &'static str,
    such: &'static str,
    refused: impl Fn(f64) -> bool,
) -> Result<(), Undefined> {
    match values.iter().filter(|value| refused(**value)).count() as u64 {
        0 => Ok(()),
        rows => Err(Undefined::OutOfDomain { what, such, rows }),
    }
}
