//! Metrics of decisions: everything that follows from the four counts of the confusion matrix.

use super::Binary;
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Cells, Column, Prepared, Sums};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// The weight of rows in each of the four cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confusion {
    /// Labelled negative, predicted negative.
    pub true_negatives: f64,
    /// Labelled negative, predicted positive.
    pub false_positives: f64,
    /// Labelled positive, predicted negative.
    pub false_negatives: f64,
    /// Labelled positive, predicted positive.
    pub true_positives: f64,
}

impl Confusion {
    /// The counts of these rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = (&'a bool, &'a bool)>) -> Self {
        let mut counts = [0.0; 4];
        for (label, prediction) in rows {
            counts[cell(*label, *prediction) as usize] += 1.0;
        }
        Self::from_cells(&counts)
    }

    /// From the weights of the cells, in the order of the fields.
    #[must_use]
    pub fn from_cells(counts: &[f64]) -> Self {
        let count = |cell: usize| counts.get(cell).copied().unwrap_or(0.0);
        Self {
            true_negatives: count(0),
            false_positives: count(1),
            false_negatives: count(2),
            true_positives: count(3),
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.positives() + self.negatives()
    }

    /// Rows labelled positive.
    #[must_use]
    pub fn positives(&self) -> f64 {
        self.true_positives + self.false_negatives
    }

    /// Rows labelled negative.
    #[must_use]
    pub fn negatives(&self) -> f64 {
        self.true_negatives + self.false_positives
    }

    /// Rows predicted positive.
    #[must_use]
    pub fn predicted_positives(&self) -> f64 {
        self.true_positives + self.false_positives
    }

    /// Rows predicted negative.
    #[must_use]
    pub fn predicted_negatives(&self) -> f64 {
        self.true_negatives + self.false_negatives
    }

    fn recall(&self) -> Result<f64, Undefined> {
        ratio(
            self.true_positives,
            self.positives(),
            Undefined::NoPositives,
        )
    }

    fn specificity(&self) -> Result<f64, Undefined> {
        ratio(
            self.true_negatives,
            self.negatives(),
            Undefined::NoNegatives,
        )
    }
}

fn cell(label: bool, prediction: bool) -> u32 {
    2 * u32::from(label) + u32::from(prediction)
}

impl Binary {
    /// How many rows are in each cell, counted once however many metrics ask.
    fn counts(&self) -> &[f64; 4] {
        self.counts.get_or_init(|| {
            let sum = |flags: &[bool]| flags.iter().map(|flag| u64::from(*flag)).sum::<u64>();
            let (labels, predictions) = (sum(self.label()), sum(self.prediction()));
            let both = self.label().iter().zip(self.prediction());
            let both: u64 = both.map(|(one, other)| u64::from(one & other)).sum();
            let neither = self.label().len() as u64 + both - labels - predictions;
            [neither, predictions - both, labels - both, both].map(|count| count as f64)
        })
    }
}

/// The metric of the four counts, on the rows of a sample.
pub(in crate::metrics) fn prepared(
    sample: &Sample,
    value: impl Fn(&Confusion) -> Result<f64, Undefined> + Send + Sync + 'static,
) -> Result<Prepared<'_>, Undefined> {
    let rows = sample.binary()?;
    Ok(Prepared::Cells(Cells {
        cell: Column::of(rows.label(), rows.prediction(), |label, prediction| {
            cell(*label, *prediction)
        }),
        count: 4,
        counted: Some(rows.counts().as_slice()),
        value: Box::new(move |counts| {
            let counts = Confusion::from_cells(counts);
            if counts.rows() <= 0.0 {
                return Err(Undefined::NoRows);
            }
            value(&counts)
        }),
    }))
}

const fn metric(
    id: &'static str,
    title: &'static str,
    definition: &'static str,
    reference: &'static str,
    prepare: for<'a> fn(&'a Sample, &Options) -> Result<Prepared<'a>, Undefined>,
) -> Metric {
    Metric {
        id,
        title,
        task: Some(Task::Binary),
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        definition,
        reference,
        options: &[],
        recorded: false,
        prepare,
    }
}

const fn recorded(metric: Metric) -> Metric {
    Metric {
        recorded: true,
        ..metric
    }
}

/// Accuracy.
pub const ACCURACY: Metric = recorded(metric(
    "accuracy",
    "Accuracy",
    "share of rows predicted as labelled",
    "scikit-learn `accuracy_score`",
    |sample, _| {
        let rows = sample.binary()?;
        let right = |label: &bool, prediction: &bool| indicator(label == prediction);
        let terms = Column::of(rows.label(), rows.prediction(), right);
        Ok(Prepared::Sums(Sums::mean_of(terms)))
    },
));

/// Balanced accuracy.
pub const BALANCED_ACCURACY: Metric = recorded(metric(
    "balanced_accuracy",
    "Balanced accuracy",
    "mean of recall and specificity",
    "scikit-learn `balanced_accuracy_score`; undefined on a single class",
    |sample, _| {
        prepared(sample, |counts| {
            let single = |_| Undefined::SingleClass;
            let recall = counts.recall().map_err(single)?;
            Ok(0.5 * (recall + counts.specificity().map_err(single)?))
        })
    },
));

/// Precision.
pub const PRECISION: Metric = recorded(metric(
    "precision",
    "Precision",
    "share of the rows predicted positive that are labelled positive",
    "scikit-learn `precision_score`; undefined without predicted positives",
    |sample, _| {
        prepared(sample, |counts| {
            let whole = counts.predicted_positives();
            ratio(
                counts.true_positives,
                whole,
                Undefined::NoPredictedPositives,
            )
        })
    },
));

/// Recall, the true positive rate.
pub const RECALL: Metric = recorded(metric(
    "recall",
    "Recall",
    "share of the rows labelled positive that are predicted positive",
    "scikit-learn `recall_score`; undefined without positive labels",
    |sample, _| prepared(sample, Confusion::recall),
));

/// Specificity, the true negative rate.
pub const SPECIFICITY: Metric = recorded(metric(
    "specificity",
    "Specificity",
    "share of the rows labelled negative that are predicted negative",
    "scikit-learn `recall_score` with `pos_label=0`; undefined without negative labels",
    |sample, _| prepared(sample, Confusion::specificity),
));

/// F1 score.
pub const F1: Metric = recorded(metric(
    "f1",
    "F1 score",
    "harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)",
    "scikit-learn `f1_score`; undefined when no row is labelled or predicted positive",
    |sample, _| prepared(sample, |counts| f_score(counts, 1.0)),
));

/// F score that weighs recall `beta` times as much as precision.
pub const FBETA: Metric = Metric {
    options: &[OptionSpec {
        name: "beta",
        kind: OptionKind::Number {
            default: 2.0,
            least: 0.0,
            most: 1e6,
        },
        doc: "how many times recall weighs as much as precision",
    }],
    ..metric(
        "fbeta",
        "F score",
        "(1 + beta²) TP / ((1 + beta²) TP + beta² FN + FP)",
        "scikit-learn `fbeta_score`; undefined when no row is labelled or predicted positive",
        |sample, options| {
            let beta = options.number("beta");
            prepared(sample, move |counts| f_score(counts, beta))
        },
    )
};

fn f_score(counts: &Confusion, beta: f64) -> Result<f64, Undefined> {
    let weight = beta * beta;
    let right = (1.0 + weight) * counts.true_positives;
    let all = right + weight * counts.false_negatives + counts.false_positives;
    ratio(right, all, Undefined::NoPositivesAtAll)
}

/// Matthews correlation coefficient.
pub const MCC: Metric = Metric {
    range: (-1.0, 1.0),
    ..recorded(metric(
        "mcc",
        "Matthews correlation coefficient",
        "correlation of label and prediction, both as 0 or 1",
        "scikit-learn `matthews_corrcoef`; undefined (there 0) on a single class or a single prediction",
        |sample, _| prepared(sample, matthews),
    ))
};

/// Selection rate.
pub const SELECTION_RATE: Metric = Metric {
    direction: Direction::Neither,
    ..recorded(metric(
        "selection_rate",
        "Selection rate",
        "share of rows predicted positive",
        "Fairlearn `selection_rate`",
        |sample, _| Ok(share(sample.binary()?.prediction())),
    ))
};

/// Prevalence.
pub const PREVALENCE: Metric = Metric {
    direction: Direction::Neither,
    ..recorded(metric(
        "prevalence",
        "Prevalence",
        "share of rows labelled positive; the same for every model on the same rows",
        "numpy `mean` of the labels",
        |sample, _| Ok(share(sample.binary()?.label())),
    ))
};

/// Negative predictive value.
pub const NPV: Metric = metric(
    "npv",
    "Negative predictive value",
    "share of the rows predicted negative that are labelled negative",
    "scikit-learn `precision_score` with `pos_label=0`; undefined without predicted negatives",
    |sample, _| {
        prepared(sample, |counts| {
            let whole = counts.predicted_negatives();
            ratio(
                counts.true_negatives,
                whole,
                Undefined::NoPredictedNegatives,
            )
        })
    },
);

/// False positive rate.
pub const FALSE_POSITIVE_RATE: Metric = Metric {
    direction: Direction::LowerIsBetter,
    ..metric(
        "fpr",
        "False positive rate",
        "share of the rows labelled negative that are predicted positive",
        "Fairlearn `false_positive_rate`; undefined without negative labels",
        |sample, _| prepared(sample, |counts| Ok(1.0 - counts.specificity()?)),
    )
};

/// False negative rate.
pub const FALSE_NEGATIVE_RATE: Metric = Metric {
    direction: Direction::LowerIsBetter,
    ..metric(
        "fnr",
        "False negative rate",
        "share of the rows labelled positive that are predicted negative",
        "Fairlearn `false_negative_rate`; undefined without positive labels",
        |sample, _| prepared(sample, |counts| Ok(1.0 - counts.recall()?)),
    )
};

/// Jaccard index.
pub const JACCARD: Metric = metric(
    "jaccard",
    "Jaccard index",
    "TP / (TP + FP + FN)",
    "scikit-learn `jaccard_score`; undefined when no row is labelled or predicted positive",
    |sample, _| {
        prepared(sample, |counts| {
            let all = counts.positives() + counts.false_positives;
            ratio(counts.true_positives, all, Undefined::NoPositivesAtAll)
        })
    },
);

/// Cohen's kappa.
pub const COHEN_KAPPA: Metric = Metric {
    range: (-1.0, 1.0),
    ..metric(
        "cohen_kappa",
        "Cohen's kappa",
        "(accuracy - accuracy by chance) / (1 - accuracy by chance)",
        "scikit-learn `cohen_kappa_score`; undefined when label and prediction are one and the same class throughout",
        |sample, _| {
            prepared(sample, |counts| {
                let all = counts.rows();
                let right = (counts.true_positives + counts.true_negatives) / all;
                let chance = (counts.positives() * counts.predicted_positives()
                    + counts.negatives() * counts.predicted_negatives())
                    / (all * all);
                ratio(right - chance, 1.0 - chance, Undefined::SingleClass)
            })
        },
    )
};

/// Geometric mean of recall and specificity.
pub const G_MEAN: Metric = metric(
    "g_mean",
    "Geometric mean",
    "square root of recall times specificity",
    "imbalanced-learn `geometric_mean_score`; undefined on a single class",
    |sample, _| {
        prepared(sample, |counts| {
            let single = |_| Undefined::SingleClass;
            let recall = counts.recall().map_err(single)?;
            Ok((recall * counts.specificity().map_err(single)?).sqrt())
        })
    },
);

/// Youden's index.
pub const YOUDEN_J: Metric = Metric {
    range: (-1.0, 1.0),
    ..metric(
        "youden_j",
        "Youden's J",
        "recall + specificity - 1",
        "scikit-learn `balanced_accuracy_score` with `adjusted=True`; undefined on a single class",
        |sample, _| {
            prepared(sample, |counts| {
                let single = |_| Undefined::SingleClass;
                let recall = counts.recall().map_err(single)?;
                Ok(recall + counts.specificity().map_err(single)? - 1.0)
            })
        },
    )
};

const fn cost(name: &'static str, default: f64, doc: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        kind: OptionKind::Number {
            default,
            least: -1e12,
            most: 1e12,
        },
        doc,
    }
}

/// Mean cost of a decision.
pub const EXPECTED_COST: Metric = Metric {
    direction: Direction::LowerIsBetter,
    range: (f64::NEG_INFINITY, f64::INFINITY),
    options: &[
        cost("false_positive", 1.0, "cost of a false positive"),
        cost("false_negative", 1.0, "cost of a false negative"),
        cost(
            "true_positive",
            0.0,
            "cost of a true positive; a gain is negative",
        ),
        cost(
            "true_negative",
            0.0,
            "cost of a true negative; a gain is negative",
        ),
    ],
    ..metric(
        "expected_cost",
        "Expected cost",
        "mean over rows of the cost of their cell of the confusion matrix",
        "numpy on the confusion matrix of scikit-learn",
        |sample, options| {
            let rows = sample.binary()?;
            let of_cell = [
                "true_negative",
                "false_positive",
                "false_negative",
                "true_positive",
            ];
            let costs = of_cell.map(|name| options.number(name));
            let pairs = rows.label().iter().zip(rows.prediction());
            Ok(Prepared::Sums(Sums::mean(
                pairs
                    .map(|(label, prediction)| costs[cell(*label, *prediction) as usize])
                    .collect(),
            )))
        },
    )
};

fn matthews(counts: &Confusion) -> Result<f64, Undefined> {
    if counts.positives() == 0.0 || counts.negatives() == 0.0 {
        return Err(Undefined::SingleClass);
    }
    if counts.predicted_positives() == 0.0 || counts.predicted_negatives() == 0.0 {
        return Err(Undefined::SinglePrediction);
    }
    let covariance = counts.true_positives * counts.true_negatives
        - counts.false_positives * counts.false_negatives;
    // One root for each pair keeps the denominator far from overflow.
    let labels = counts.positives() * counts.negatives();
    let predictions = counts.predicted_positives() * counts.predicted_negatives();
    Ok((covariance / (labels.sqrt() * predictions.sqrt())).clamp(-1.0, 1.0))
}

fn share(flags: &[bool]) -> Prepared<'_> {
    let terms = Column::of(flags, flags, |flag, _| indicator(*flag));
    Prepared::Sums(Sums::mean_of(terms))
}

/// 1 for true, 0 for false.
pub(super) fn indicator(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// The part by the whole, or what it is otherwise where there is no whole.
pub(in crate::metrics) fn ratio(
    part: f64,
    whole: f64,
    otherwise: Undefined,
) -> Result<f64, Undefined> {
    if whole <= 0.0 {
        return Err(otherwise);
    }
    Ok(part / whole)
}
