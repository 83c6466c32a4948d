//! Metrics of the order of scores: area under the receiver operating characteristic, average
//! precision, and the curve itself. Ties are exact: tied rows move together.

use super::Binary;
use crate::metrics::linearised::Linearised;
use crate::metrics::prepared::{Prepared, Weights};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};
use crate::statistics::average_precision;
use crate::statistics::delong::Scored;
use crate::statistics::order::Order;

/// Area under the receiver operating characteristic.
pub const ROC_AUC: Metric = Metric {
    id: "roc_auc",
    title: "Area under the ROC curve",
    task: Some(Task::Binary),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "probability that a random positive row scores above a random negative one, a tie counting half",
    reference: "scikit-learn `roc_auc_score`; undefined on a single class",
    options: &[],
    recorded: true,
    prepare: |sample, _| Ok(Prepared::Auc(auc(sample, false)?)),
};

/// Gini coefficient.
pub const GINI: Metric = Metric {
    id: "gini",
    title: "Gini coefficient",
    range: (-1.0, 1.0),
    definition: "2 times the area under the ROC curve, minus 1",
    reference: "scikit-learn `roc_auc_score`; undefined on a single class",
    recorded: false,
    prepare: |sample, _| Ok(Prepared::Auc(auc(sample, true)?)),
    ..ROC_AUC
};

/// Average precision.
pub const AVERAGE_PRECISION: Metric = Metric {
    id: "average_precision",
    title: "Average precision",
    definition: "sum over the distinct scores, from the highest, of the gain in recall times the precision there; not interpolated",
    reference: "scikit-learn `average_precision_score`; undefined on a single class",
    prepare: |sample, _| {
        let rows = ranked(sample)?;
        Ok(Prepared::Linearised(Linearised {
            label: rows.label(),
            value: Box::new(|weights| average_precision(rows, weights)),
            influence: Box::new(|weights| {
                let weight = |row| weights.get(row);
                let found = average_precision::average_precision(rows.order(), weight);
                Ok(found.ok_or(Undefined::SingleClass)?.influence)
            }),
        }))
    },
    ..ROC_AUC
};

/// The area under the ROC curve of some rows, which has a variance of its own (DeLong).
pub struct Auc<'a> {
    rows: &'a Binary,
    /// Whether it is stretched to [-1, 1]: twice the area minus one.
    pub(in crate::metrics) as_gini: bool,
}

fn auc(sample: &Sample, as_gini: bool) -> Result<Auc<'_>, Undefined> {
    let area = Auc::of(sample.binary()?)?;
    Ok(Auc { as_gini, ..area })
}

/// The rows, when they have scores to rank them by.
pub(super) fn ranked(sample: &Sample) -> Result<&Binary, Undefined> {
    let rows = sample.binary()?;
    rows.score()?;
    Ok(rows)
}

impl<'a> Auc<'a> {
    /// The area of rows that have scores.
    pub(in crate::metrics) fn of(rows: &'a Binary) -> Result<Self, Undefined> {
        rows.score()?;
        Ok(Self {
            rows,
            as_gini: false,
        })
    }
}

impl Auc<'_> {
    /// The labels.
    pub(in crate::metrics) fn label(&self) -> &[bool] {
        self.rows.label()
    }

    /// The scores with their order.
    pub(in crate::metrics) fn scored(&self) -> Scored<'_> {
        Scored {
            score: self.rows.score().unwrap_or_default(),
            order: self.rows.order(),
        }
    }

    pub(in crate::metrics) fn value(&self, weights: &Weights<'_>) -> Result<f64, Undefined> {
        let (mut pairs, mut positives, mut negatives) = (0.0, 0.0, 0.0);
        each_tie(self.rows, weights, |tie| {
            pairs += tie.negatives * (positives + 0.5 * tie.positives);
            positives += tie.positives;
            negatives += tie.negatives;
        });
        let (positives, negatives) = both(positives, negatives)?;
        let area = pairs / (positives * negatives);
        Ok(if self.as_gini { 2.0 * area - 1.0 } else { area })
    }
}

/// Average precision of rows that have scores.
pub(in crate::metrics) fn average_precision(
    rows: &Binary,
    weights: &Weights<'_>,
) -> Result<f64, Undefined> {
    let (mut positives, mut predicted, mut sum) = (0.0, 0.0, 0.0);
    each_tie(rows, weights, |tie| {
        positives += tie.positives;
        predicted += tie.positives + tie.negatives;
        if 0.0 < tie.positives {
            sum += tie.positives * (positives / predicted);
        }
    });
    let (positives, _) = both(positives, predicted - positives)?;
    Ok(sum / positives)
}

/// One point of the curve: false positive rate, true positive rate.
pub type RocPoint = [f64; 2];

/// The receiver operating characteristic from (0, 0) to (1, 1), thinned to at most `points_max`
/// points (but never fewer than the two ends).
///
/// # Errors
/// When the rows hold a single class or have no scores.
pub fn roc_curve(sample: &Sample, points_max: usize) -> Result<Vec<RocPoint>, Undefined> {
    shown(sample, points_max, |point| [point.fpr(), point.tpr()])
}

/// Points `[recall, precision]` of the curve, from above the highest score to the lowest, both ends
/// among them; precision is 1 where nothing is predicted. As `precision_recall_curve` of scikit-learn,
/// in the opposite order and to the lowest score.
///
/// # Errors
/// As [`roc_curve`].
pub fn precision_recall_curve(
    sample: &Sample,
    points_max: usize,
) -> Result<Vec<[f64; 2]>, Undefined> {
    shown(sample, points_max, |point| [point.tpr(), point.precision()])
}

/// At most `points_max` points of a curve over all thresholds, spread over them, both ends among them.
fn shown(
    sample: &Sample,
    points_max: usize,
    place_of: impl Fn(&Point) -> [f64; 2],
) -> Result<Vec<[f64; 2]>, Undefined> {
    let rows = ranked(sample)?;
    let weights = sample.weights();
    // Rows have as many points as different scores: only those that are shown are kept.
    let last = rows.order().ties();
    let shown = points_max.max(2).min(last + 1);
    let mut wanted = (0..shown)
        .map(|step| step * last / (shown - 1).max(1))
        .peekable();
    let mut points = Vec::with_capacity(shown);
    walk(rows, &weights, |place, point| {
        if wanted.next_if_eq(&place).is_some() {
            points.push(place_of(&point));
        }
    })?;
    Ok(points)
}

/// A threshold on the scores and what lies at or above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Weight of positive rows at or above.
    pub(super) true_positives: f64,
    /// Weight of negative rows at or above.
    pub(super) false_positives: f64,
    positives: f64,
    negatives: f64,
}

impl Point {
    /// True positive rate, which is recall.
    pub(super) fn tpr(&self) -> f64 {
        self.true_positives / self.positives
    }

    /// False positive rate.
    pub(super) fn fpr(&self) -> f64 {
        self.false_positives / self.negatives
    }

    /// Precision; 1 above the highest score, as in scikit-learn's `precision_recall_curve`.
    pub(super) fn precision(&self) -> f64 {
        let predicted = self.true_positives + self.false_positives;
        if predicted == 0.0 {
            1.0
        } else {
            self.true_positives / predicted
        }
    }
}

/// All thresholds from above the highest score to the lowest.
pub(super) fn curve(rows: &Binary, weights: &Weights<'_>) -> Result<Vec<Point>, Undefined> {
    let mut points = Vec::new();
    walk(rows, weights, |_, point| points.push(point))?;
    Ok(points)
}

/// Goes through all thresholds from above the highest score to the lowest, counted from 0.
fn walk(
    rows: &Binary,
    weights: &Weights<'_>,
    mut each: impl FnMut(usize, Point),
) -> Result<(), Undefined> {
    let (positives, negatives) = classes(rows, weights)?;
    let mut point = Point {
        true_positives: 0.0,
        false_positives: 0.0,
        positives,
        negatives,
    };
    each(0, point);
    let mut place = 0;
    each_tie(rows, weights, |tie| {
        point.true_positives += tie.positives;
        point.false_positives += tie.negatives;
        place += 1;
        each(place, point);
    });
    Ok(())
}

/// Weight of positive and of negative rows, both above zero.
pub(super) fn classes(rows: &Binary, weights: &Weights<'_>) -> Result<(f64, f64), Undefined> {
    let positives = match weights.are_equal() {
        true => rows.label().iter().filter(|label| **label).count() as f64,
        false => {
            let labels = rows.label().iter().zip(weights.iter());
            let positives = labels.filter(|(label, _)| **label);
            positives.map(|(_, weight)| weight).sum()
        }
    };
    both(positives, weights.total() - positives)
}

/// The two weights, when both are above zero.
fn both(positives: f64, negatives: f64) -> Result<(f64, f64), Undefined> {
    match (0.0 < positives, 0.0 < negatives) {
        (false, false) => Err(Undefined::NoRows),
        (true, true) => Ok((positives, negatives)),
        (_, _) => Err(Undefined::SingleClass),
    }
}

impl Binary {
    /// The rows by score, the positive ones marked, sorted once however many metrics and resamples ask.
    fn order(&self) -> &Order {
        self.order
            .get_or_init(|| Order::marked(self.score().unwrap_or_default(), self.label()))
    }
}

/// Rows of equal score, weighted.
struct Tie {
    positives: f64,
    negatives: f64,
}

/// Goes through the ties from the highest score to the lowest. Some may be empty in a resample.
fn each_tie(rows: &Binary, weights: &Weights<'_>, mut each: impl FnMut(Tie)) {
    let mut of = |[negatives, positives]: [f64; 2]| {
        each(Tie {
            positives,
            negatives,
        });
    };
    if weights.are_equal() {
        let counts = rows.order().falling_counts();
        counts.for_each(|counts| of(counts.map(f64::from)));
        return;
    }
    for tie in rows.order().falling() {
        let mut counts = [0.0; 2];
        for placed in tie {
            counts[usize::from(placed.is_marked())] += weights.get(placed.row());
        }
        of(counts);
    }
}
