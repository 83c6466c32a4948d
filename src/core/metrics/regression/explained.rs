//! How much of the variation of the truth predictions explain.

use super::deviance::{POWER, deviances, unit_deviance};
use super::errors::{ALPHA, MAE, pinball};
use crate::metrics::prepared::{Prepared, Shape, Sums, Weights};
use crate::metrics::rank::{correlation, kendall, quantile, ranks};
use crate::metrics::{Direction, Metric, Undefined};
use crate::statistics::order::Order;

/// Coefficient of determination.
pub const R2: Metric = Metric {
    id: "r2",
    title: "R²",
    direction: Direction::HigherIsBetter,
    range: (f64::NEG_INFINITY, 1.0),
    definition: "1 - sum of squared errors / sum of squared deviations of the label from its mean; undefined where labels are constant",
    reference: "scikit-learn `r2_score`",
    prepare: |sample, _| {
        let rows = sample.regression()?;
        let centre = centre(rows.label());
        let terms = vec![
            rows.each(|label, prediction| (label - prediction) * (label - prediction)),
            rows.each(|label, _| label - centre),
            rows.each(|label, _| (label - centre) * (label - centre)),
        ];
        of_means(terms, |means| {
            let [error, label, label_squared] = means else {
                return Err(Undefined::NotFinite);
            };
            one_minus(*error, label_squared - label * label)
        })
    },
    ..MAE
};

/// Explained variance.
pub const EXPLAINED_VARIANCE: Metric = Metric {
    id: "explained_variance",
    title: "Explained variance",
    definition: "1 - variance of the errors / variance of the label: R² of predictions freed from their bias; undefined where labels are constant",
    reference: "scikit-learn `explained_variance_score`",
    prepare: |sample, _| {
        let rows = sample.regression()?;
        let centre = centre(rows.label());
        let terms = vec![
            rows.each(|label, prediction| label - prediction),
            rows.each(|label, prediction| (label - prediction) * (label - prediction)),
            rows.each(|label, _| label - centre),
            rows.each(|label, _| (label - centre) * (label - centre)),
        ];
        of_means(terms, |means| {
            let [error, error_squared, label, label_squared] = means else {
                return Err(Undefined::NotFinite);
            };
            one_minus(error_squared - error * error, label_squared - label * label)
        })
    },
    ..R2
};

/// Share of the pinball loss saved.
pub const D2_PINBALL: Metric = Metric {
    id: "d2_pinball",
    title: "D² of pinball loss",
    definition: "1 - pinball loss / pinball loss of the quantile of the labels given to every row; undefined where that is 0",
    reference: "scikit-learn `d2_pinball_score`",
    options: &[ALPHA],
    recorded: false,
    prepare: |sample, options| {
        let alpha = options.number("alpha");
        let rows = sample.regression()?;
        let losses = rows.each(|label, prediction| pinball(alpha, label, prediction));
        Ok(Prepared::Other(Box::new(move |weights| {
            let constant = quantile(rows.label(), weights, alpha)?;
            let of_constant = rows
                .label()
                .iter()
                .map(|label| pinball(alpha, *label, constant));
            one_minus(
                weighted_sum(losses.iter().copied(), weights),
                weighted_sum(of_constant, weights),
            )
        })))
    },
    ..R2
};

/// Share of the Tweedie deviance saved.
pub const D2_TWEEDIE: Metric = Metric {
    id: "d2_tweedie",
    title: "D² of Tweedie deviance",
    definition: "1 - Tweedie deviance / Tweedie deviance of the mean label given to every row; undefined where that is 0",
    reference: "scikit-learn `d2_tweedie_score`",
    options: &[POWER],
    prepare: |sample, options| {
        let power = options.number("power");
        let losses = deviances(sample, power)?;
        let rows = sample.regression()?;
        Ok(Prepared::Other(Box::new(move |weights| {
            let total = weights.total();
            if total <= 0.0 {
                return Err(Undefined::NoRows);
            }
            let mean = weighted_sum(rows.label().iter().copied(), weights) / total;
            let of_mean = rows
                .label()
                .iter()
                .map(|label| unit_deviance(power, *label, mean));
            one_minus(
                weighted_sum(losses.iter().copied(), weights),
                weighted_sum(of_mean, weights),
            )
        })))
    },
    ..D2_PINBALL
};

/// Pearson correlation.
pub const PEARSON: Metric = Metric {
    id: "pearson",
    title: "Pearson correlation",
    range: (-1.0, 1.0),
    definition: "covariance of label and prediction divided by the root of the product of their variances; undefined where one is constant",
    reference: "scipy `pearsonr`",
    options: &[],
    prepare: |sample, _| {
        let rows = sample.regression()?;
        let centres = (centre(rows.label()), centre(rows.prediction()));
        let terms = vec![
            rows.each(|label, _| label - centres.0),
            rows.each(|_, prediction| prediction - centres.1),
            rows.each(|label, _| (label - centres.0) * (label - centres.0)),
            rows.each(|_, prediction| (prediction - centres.1) * (prediction - centres.1)),
            rows.each(|label, prediction| (label - centres.0) * (prediction - centres.1)),
        ];
        of_means(terms, |means| {
            let [x, y, xx, yy, xy] = means else {
                return Err(Undefined::NotFinite);
            };
            let (of_label, of_prediction) = (xx - x * x, yy - y * y);
            if of_label <= 0.0 || of_prediction <= 0.0 {
                return Err(Undefined::ConstantLabel);
            }
            Ok(((xy - x * y) / (of_label.sqrt() * of_prediction.sqrt())).clamp(-1.0, 1.0))
        })
    },
    ..D2_PINBALL
};

/// Spearman correlation.
pub const SPEARMAN: Metric = Metric {
    id: "spearman",
    title: "Spearman correlation",
    definition: "Pearson correlation of the ranks of label and prediction, ties sharing their mean rank; undefined where one is constant",
    reference: "scipy `spearmanr`",
    prepare: |sample, _| {
        let rows = sample.regression()?;
        let (label, prediction) = (Order::of(rows.label()), Order::of(rows.prediction()));
        Ok(Prepared::Other(Box::new(move |weights| {
            correlation(
                &ranks(&label, weights),
                &ranks(&prediction, weights),
                weights,
            )
        })))
    },
    ..PEARSON
};

/// Kendall correlation.
pub const KENDALL: Metric = Metric {
    id: "kendall",
    title: "Kendall's tau-b",
    definition: "share of the pairs of rows that label and prediction order alike, minus those ordered otherwise, corrected for ties (tau-b); undefined where one is constant, and with weights",
    reference: "scipy `kendalltau`",
    prepare: |sample, _| {
        if sample.is_weighted() {
            return Err(Undefined::Weighted);
        }
        let rows = sample.regression()?;
        Ok(Prepared::Other(Box::new(move |weights| {
            kendall(rows.label(), rows.prediction(), weights)
        })))
    },
    ..PEARSON
};

fn of_means<'a>(
    terms: Vec<Vec<f64>>,
    function: fn(&[f64]) -> Result<f64, Undefined>,
) -> Result<Prepared<'a>, Undefined> {
    Ok(Prepared::Sums(Sums {
        terms: terms.into_iter().map(Into::into).collect(),
        shape: Shape::Function(function),
    }))
}

fn one_minus(part: f64, whole: f64) -> Result<f64, Undefined> {
    if whole <= 0.0 {
        return Err(Undefined::ConstantLabel);
    }
    Ok(1.0 - part / whole)
}

/// A value near all others: sums of squares around it keep their digits.
fn centre(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn weighted_sum(values: impl Iterator<Item = f64>, weights: &Weights<'_>) -> f64 {
    values
        .zip(weights.iter())
        .map(|(value, weight)| value * weight)
        .sum()
}
