//! Metrics of decisions: everything that follows from the four counts of the confusion matrix.

use super::sample::Sample;
use super::{Direction, Metric, Undefined};

/// The four counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Labelled positive, predicted positive.
    pub true_positives: u64,
    /// Labelled negative, predicted positive.
    pub false_positives: u64,
    /// Labelled positive, predicted negative.
    pub false_negatives: u64,
    /// Labelled negative, predicted negative.
    pub true_negatives: u64,
}

impl Confusion {
    /// The counts of these rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = (&'a bool, &'a bool)>) -> Self {
        Self::weighted(
            rows.into_iter()
                .map(|(label, prediction)| (label, prediction, &1)),
        )
    }

    fn weighted<'a>(rows: impl Iterator<Item = (&'a bool, &'a bool, &'a u32)>) -> Self {
        let mut counts = [0_u64; 4];
        for (label, prediction, weight) in rows {
            counts[2 * usize::from(*label) + usize::from(*prediction)] += u64::from(*weight);
        }
        Self {
            true_negatives: counts[0],
            false_positives: counts[1],
            false_negatives: counts[2],
            true_positives: counts[3],
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.positives() + self.negatives()
    }

    /// Rows labelled positive.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Rows labelled negative.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    /// Rows predicted positive.
    #[must_use]
    pub fn predicted_positives(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    /// Rows predicted negative.
    #[must_use]
    pub fn predicted_negatives(&self) -> u64 {
        self.true_negatives + self.false_negatives
    }
}

const fn metric(
    id: &'static str,
    title: &'static str,
    definition: &'static str,
    reference: &'static str,
    weighted: fn(&Sample<'_>, &[u32]) -> Result<f64, Undefined>,
) -> Metric {
    Metric {
        id,
        title,
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        needs_probability: false,
        definition,
        reference,
        weighted,
    }
}

/// Accuracy.
pub const ACCURACY: Metric = metric(
    "accuracy",
    "Accuracy",
    "share of rows predicted as labelled",
    "scikit-learn `accuracy_score`",
    |sample, weights| {
        let counts = counts(sample, weights);
        let right = counts.true_positives + counts.true_negatives;
        ratio(right, counts.rows(), Undefined::NoRows)
    },
);

/// Balanced accuracy.
pub const BALANCED_ACCURACY: Metric = metric(
    "balanced_accuracy",
    "Balanced accuracy",
    "mean of recall and specificity",
    "scikit-learn `balanced_accuracy_score`; undefined on a single class",
    |sample, weights| {
        let counts = counts(sample, weights);
        let of_positives = ratio(
            counts.true_positives,
            counts.positives(),
            Undefined::SingleClass,
        )?;
        let of_negatives = ratio(
            counts.true_negatives,
            counts.negatives(),
            Undefined::SingleClass,
        )?;
        Ok(0.5 * (of_positives + of_negatives))
    },
);

/// Precision.
pub const PRECISION: Metric = metric(
    "precision",
    "Precision",
    "share of the rows predicted positive that are labelled positive",
    "scikit-learn `precision_score`; undefined without predicted positives",
    |sample, weights| {
        let counts = counts(sample, weights);
        ratio(
            counts.true_positives,
            counts.predicted_positives(),
            Undefined::NoPredictedPositives,
        )
    },
);

/// Recall, the true positive rate.
pub const RECALL: Metric = metric(
    "recall",
    "Recall",
    "share of the rows labelled positive that are predicted positive",
    "scikit-learn `recall_score`; undefined without positive labels",
    |sample, weights| {
        let counts = counts(sample, weights);
        ratio(
            counts.true_positives,
            counts.positives(),
            Undefined::NoPositives,
        )
    },
);

/// Specificity, the true negative rate.
pub const SPECIFICITY: Metric = metric(
    "specificity",
    "Specificity",
    "share of the rows labelled negative that are predicted negative",
    "scikit-learn `recall_score` with `pos_label=0`; undefined without negative labels",
    |sample, weights| {
        let counts = counts(sample, weights);
        ratio(
            counts.true_negatives,
            counts.negatives(),
            Undefined::NoNegatives,
        )
    },
);

/// F1 score.
pub const F1: Metric = metric(
    "f1",
    "F1 score",
    "harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)",
    "scikit-learn `f1_score`; undefined when no row is labelled or predicted positive",
    |sample, weights| {
        let counts = counts(sample, weights);
        let doubled = 2 * counts.true_positives;
        let all = doubled + counts.false_positives + counts.false_negatives;
        ratio(doubled, all, Undefined::NoPositivesAtAll)
    },
);

/// Matthews correlation coefficient.
pub const MCC: Metric = Metric {
    range: (-1.0, 1.0),
    ..metric(
        "mcc",
        "Matthews correlation coefficient",
        "correlation of label and prediction, both as 0 or 1",
        "scikit-learn `matthews_corrcoef`; undefined (there 0) on a single class or a single prediction",
        matthews,
    )
};

/// Selection rate.
pub const SELECTION_RATE: Metric = Metric {
    direction: Direction::Neither,
    ..metric(
        "selection_rate",
        "Selection rate",
        "share of rows predicted positive",
        "Fairlearn `selection_rate`",
        |sample, weights| {
            let counts = counts(sample, weights);
            ratio(
                counts.predicted_positives(),
                counts.rows(),
                Undefined::NoRows,
            )
        },
    )
};

/// Prevalence.
pub const PREVALENCE: Metric = Metric {
    direction: Direction::Neither,
    ..metric(
        "prevalence",
        "Prevalence",
        "share of rows labelled positive; the same for every model on the same rows",
        "numpy `mean` of the labels",
        |sample, weights| {
            let counts = counts(sample, weights);
            ratio(counts.positives(), counts.rows(), Undefined::NoRows)
        },
    )
};

fn matthews(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    let counts = counts(sample, weights);
    if counts.positives() == 0 || counts.negatives() == 0 {
        return Err(Undefined::SingleClass);
    }
    if counts.predicted_positives() == 0 || counts.predicted_negatives() == 0 {
        return Err(Undefined::SinglePrediction);
    }
    // The products of two counts of up to 2^31 rows are exact in 128 bits; one root for each pair
    // keeps the denominator far from overflow.
    let product = |left: u64, right: u64| i128::from(left) * i128::from(right);
    let covariance = product(counts.true_positives, counts.true_negatives)
        - product(counts.false_positives, counts.false_negatives);
    let labels = product(counts.positives(), counts.negatives()) as f64;
    let predictions = product(counts.predicted_positives(), counts.predicted_negatives()) as f64;
    Ok((covariance as f64 / (labels.sqrt() * predictions.sqrt())).clamp(-1.0, 1.0))
}

fn counts(sample: &Sample<'_>, weights: &[u32]) -> Confusion {
    let rows = sample.label().iter().zip(sample.prediction()).zip(weights);
    Confusion::weighted(rows.map(|((label, prediction), weight)| (label, prediction, weight)))
}

fn ratio(part: u64, whole: u64, otherwise: Undefined) -> Result<f64, Undefined> {
    if whole == 0 {
        return Err(otherwise);
    }
    Ok(part as f64 / whole as f64)
}
