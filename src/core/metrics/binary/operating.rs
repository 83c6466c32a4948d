//! Metrics of one point or one part of the curves: what a decision threshold could reach.

use super::ranking::{Point, ROC_AUC, curve, ranked};
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::Prepared;
use crate::metrics::{Metric, Sample, Undefined};

const fn fraction(name: &'static str, default: f64, doc: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        kind: OptionKind::Number {
            default,
            least: 1e-6,
            most: 1.0,
        },
        doc,
    }
}

/// Kolmogorov–Smirnov statistic of the scores of both classes.
pub const KS: Metric = Metric {
    id: "ks",
    title: "Kolmogorov–Smirnov statistic",
    definition: "largest difference between true and false positive rate over all thresholds",
    reference: "scipy `ks_2samp` of the scores of positive and negative rows, for scores that are higher for positives; undefined on a single class",
    recorded: false,
    prepare: |sample, _| {
        best(sample, |points| {
            points
                .iter()
                .map(|point| point.tpr() - point.fpr())
                .fold(0.0, f64::max)
        })
    },
    ..ROC_AUC
};

/// Standardised partial area under the ROC curve.
pub const PARTIAL_AUC: Metric = Metric {
    id: "partial_roc_auc",
    title: "Partial area under the ROC curve",
    definition: "area up to a false positive rate, standardised by McClish (1989) so that 0.5 is chance and 1 is perfect",
    reference: "scikit-learn `roc_auc_score` with `max_fpr`; undefined on a single class",
    options: &[fraction(
        "max_fpr",
        0.1,
        "false positive rate up to which the area counts",
    )],
    recorded: false,
    prepare: |sample, options| {
        let max_fpr = options.number("max_fpr");
        best(sample, move |points| partial_area(points, max_fpr))
    },
    ..ROC_AUC
};

/// Precision at a recall.
pub const PRECISION_AT_RECALL: Metric = Metric {
    id: "precision_at_recall",
    title: "Precision at recall",
    definition: "largest precision over the thresholds that reach the recall",
    reference: "torchmetrics `BinaryPrecisionAtFixedRecall`; undefined on a single class",
    options: &[fraction("recall", 0.9, "recall to reach")],
    recorded: false,
    prepare: |sample, options| {
        let recall = options.number("recall");
        best(sample, move |points| {
            let reach = points.iter().filter(|point| recall <= point.tpr());
            reach.map(Point::precision).fold(0.0, f64::max)
        })
    },
    ..ROC_AUC
};

/// Recall at a precision.
pub const RECALL_AT_PRECISION: Metric = Metric {
    id: "recall_at_precision",
    title: "Recall at precision",
    definition: "largest recall over the thresholds that reach the precision; 0 where none does",
    reference: "torchmetrics `BinaryRecallAtFixedPrecision`; undefined on a single class",
    options: &[fraction("precision", 0.9, "precision to reach")],
    prepare: |sample, options| {
        let precision = options.number("precision");
        best(sample, move |points| {
            let reach = points.iter().filter(|point| precision <= point.precision());
            reach.map(Point::tpr).fold(0.0, f64::max)
        })
    },
    ..PRECISION_AT_RECALL
};

/// True positive rate at a false positive rate.
pub const TPR_AT_FPR: Metric = Metric {
    id: "tpr_at_fpr",
    title: "True positive rate at false positive rate",
    definition: "largest true positive rate over the thresholds whose false positive rate is at most the given one",
    reference: "scikit-learn `roc_curve`; undefined on a single class",
    options: &[fraction("fpr", 0.05, "false positive rate not to exceed")],
    prepare: |sample, options| {
        let fpr = options.number("fpr");
        best(sample, move |points| {
            let reach = points.iter().filter(|point| point.fpr() <= fpr);
            reach.map(Point::tpr).fold(0.0, f64::max)
        })
    },
    ..PRECISION_AT_RECALL
};

const TOP: OptionSpec = fraction("fraction", 0.1, "share of the rows with the highest scores");

/// Lift.
pub const LIFT: Metric = Metric {
    id: "lift",
    title: "Lift",
    range: (0.0, f64::INFINITY),
    definition: "share of positives among the rows with the highest scores divided by their share among all; rows tied at the edge count in part",
    reference: "numpy on sorted scores; undefined on a single class",
    options: &[TOP],
    prepare: |sample, options| {
        let fraction = options.number("fraction");
        best(sample, move |points| gain(points, fraction) / fraction)
    },
    ..PRECISION_AT_RECALL
};

/// Gain.
pub const GAIN: Metric = Metric {
    id: "gain",
    title: "Cumulative gain",
    range: (0.0, 1.0),
    definition: "share of all positives that are among the rows with the highest scores; rows tied at the edge count in part",
    prepare: |sample, options| {
        let fraction = options.number("fraction");
        best(sample, move |points| gain(points, fraction))
    },
    ..LIFT
};

/// A number read off the curve.
fn best(
    sample: &Sample,
    read: impl Fn(&[Point]) -> f64 + Send + Sync + 'static,
) -> Result<Prepared<'_>, Undefined> {
    let rows = ranked(sample)?;
    Ok(Prepared::Other(Box::new(move |weights| {
        Ok(read(&curve(rows, weights)?))
    })))
}

fn partial_area(points: &[Point], max_fpr: f64) -> f64 {
    let mut area = 0.0;
    for (left, right) in points.iter().zip(points.iter().skip(1)) {
        if max_fpr <= left.fpr() {
            break;
        }
        let (start, mut end) = (left.fpr(), right.fpr());
        let mut height = right.tpr();
        if max_fpr < end {
            height = left.tpr() + (height - left.tpr()) * (max_fpr - start) / (end - start);
            end = max_fpr;
        }
        area += (end - start) * 0.5 * (left.tpr() + height);
    }
    if 1.0 <= max_fpr {
        return area;
    }
    let least = 0.5 * max_fpr * max_fpr;
    0.5 * (1.0 + (area - least) / (max_fpr - least))
}

/// Share of the positives in the top `fraction` of the weight of all rows.
fn gain(points: &[Point], fraction: f64) -> f64 {
    let Some(last) = points.last() else {
        return 0.0;
    };
    let wanted = fraction * (last.true_positives + last.false_positives);
    let taken = |point: &Point| point.true_positives + point.false_positives;
    for (left, right) in points.iter().zip(points.iter().skip(1)) {
        if wanted <= taken(right) {
            let part = (wanted - taken(left)) / (taken(right) - taken(left));
            return left.tpr() + part * (right.tpr() - left.tpr());
        }
    }
    1.0
}
