//! Metrics of which labels a model gives a row and which it does not.

use super::{Multilabel, of_label};
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Prepared, Shape, Sums};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Subset accuracy.
pub const SUBSET_ACCURACY: Metric = Metric {
    id: "subset_accuracy",
    title: "Subset accuracy",
    task: Some(Task::Multilabel),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of rows that are given exactly their labels",
    reference: "scikit-learn `accuracy_score` of label indicators",
    options: &[],
    recorded: true,
    prepare: |sample, _| {
        let wrong = wrong_labels(sample.multilabel()?);
        let right = wrong.iter().map(|wrong| f64::from(u8::from(*wrong == 0.0)));
        Ok(Prepared::Sums(Sums::mean(right.collect())))
    },
};

/// Hamming loss.
pub const HAMMING_LOSS: Metric = Metric {
    id: "hamming_loss",
    title: "Hamming loss",
    direction: Direction::LowerIsBetter,
    definition: "share of all labels of all rows that are given or left out wrongly",
    reference: "scikit-learn `hamming_loss`",
    prepare: |sample, _| {
        let rows = sample.multilabel()?;
        let labels = rows.labels().len() as f64;
        let wrong = wrong_labels(rows).into_iter();
        Ok(Prepared::Sums(Sums::mean(
            wrong.map(|wrong| wrong / labels).collect(),
        )))
    },
    ..SUBSET_ACCURACY
};

/// How the values of labels become one.
pub(super) const AVERAGE: OptionSpec = OptionSpec::choice(
    "average",
    &["macro", "weighted", "micro", "samples"],
    "the plain mean over labels, the mean weighted by how many rows have them, all decisions pooled, or the mean over rows",
);

/// One label alone.
pub(super) const LABEL: OptionSpec = OptionSpec {
    name: "label",
    kind: OptionKind::Name(Some("*")),
    doc: "the label to look at alone, or `*` for all",
};

/// What stands in for 0 / 0.
const ZERO_DIVISION: OptionSpec = OptionSpec::choice(
    "zero_division",
    &["refuse", "0", "1"],
    "what a label, or with `samples` a row, without anything to divide by counts as; refused, it makes the metric undefined",
);

/// F1 score.
pub const F1: Metric = Metric {
    id: "f1",
    title: "F1 score",
    definition: "harmonic mean of precision and recall; nothing to divide by where a label is in no row and given to none, or with `samples` a row has none and is given none",
    reference: "scikit-learn `f1_score`",
    options: &[AVERAGE, LABEL, ZERO_DIVISION],
    prepare: |sample, options| {
        let of = |counts: Counts| (2.0 * counts.right, counts.labelled + counts.predicted);
        averaged(sample, options, of, || Undefined::NoPositivesAtAll)
    },
    ..SUBSET_ACCURACY
};

/// Precision.
pub const PRECISION: Metric = Metric {
    id: "precision",
    title: "Precision",
    definition: "share of the given labels that are right; nothing to divide by where a label is given to no row, or with `samples` a row is given none",
    reference: "scikit-learn `precision_score`",
    prepare: |sample, options| {
        let of = |counts: Counts| (counts.right, counts.predicted);
        averaged(sample, options, of, || Undefined::NoPredictedPositives)
    },
    ..F1
};

/// Recall.
pub const RECALL: Metric = Metric {
    id: "recall",
    title: "Recall",
    definition: "share of the true labels that are given; nothing to divide by where no row has a label, or with `samples` a row has none",
    reference: "scikit-learn `recall_score`",
    prepare: |sample, options| {
        let of = |counts: Counts| (counts.right, counts.labelled);
        averaged(sample, options, of, || Undefined::NoPositives)
    },
    ..F1
};

/// Jaccard index.
pub const JACCARD: Metric = Metric {
    id: "jaccard",
    title: "Jaccard index",
    definition: "labels that are true and given, of those that are either; nothing to divide by as of `f1`",
    reference: "scikit-learn `jaccard_score`",
    recorded: false,
    prepare: |sample, options| {
        let of = |counts: Counts| {
            let either = counts.labelled + counts.predicted - counts.right;
            (counts.right, either)
        };
        averaged(sample, options, of, || Undefined::NoPositivesAtAll)
    },
    ..F1
};

/// How many labels of each row are wrong.
fn wrong_labels(rows: &Multilabel) -> Vec<f64> {
    let mut wrong = vec![0.0; rows.rows()];
    for binary in rows.labels() {
        let pairs = binary.label().iter().zip(binary.prediction());
        for (wrong, (label, prediction)) in wrong.iter_mut().zip(pairs) {
            *wrong += f64::from(u8::from(label != prediction));
        }
    }
    wrong
}

/// Decisions of some rows on some labels.
#[derive(Clone, Copy, Default)]
struct Counts {
    right: f64,
    labelled: f64,
    predicted: f64,
}

impl Counts {
    fn of(label: bool, prediction: bool) -> Self {
        let one = |holds: bool| f64::from(u8::from(holds));
        Self {
            right: one(label && prediction),
            labelled: one(label),
            predicted: one(prediction),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            labelled: self.labelled + other.labelled,
            predicted: self.predicted + other.predicted,
        }
    }
}

/// Numerator and denominator. A function of sums: what it is of two rows is the sum of what it is of each.
type Ratio = fn(Counts) -> (f64, f64);

/// A ratio of each label, of each row, or of all, averaged as the options say.
fn averaged<'a>(
    sample: &'a Sample,
    options: &Options,
    of: Ratio,
    otherwise: fn() -> Undefined,
) -> Result<Prepared<'a>, Undefined> {
    let rows = sample.multilabel()?;
    let instead = options.text("zero_division");
    let label = options.text("label");
    if label != "*" {
        let terms = each(
            rows.named(label)?.label(),
            rows.named(label)?.prediction(),
            of,
        );
        return Ok(Prepared::Sums(one_ratio(terms, instead, otherwise)));
    }
    let sums = match options.text("average") {
        "samples" => Sums::mean(of_rows(sample, rows, of, instead)?),
        "micro" => one_ratio(pairs(of_row_counts(rows).map(of)), instead, otherwise),
        average => of_labels(sample, rows, of, otherwise, instead, average == "weighted")?,
    };
    Ok(Prepared::Sums(sums))
}

/// Numerators and denominators of rows.
type Terms = [Vec<f64>; 2];

fn pairs(rows: impl Iterator<Item = (f64, f64)>) -> Terms {
    let (numerators, denominators) = rows.unzip();
    [numerators, denominators]
}

fn each(label: &[bool], prediction: &[bool], of: Ratio) -> Terms {
    let rows = label.iter().zip(prediction);
    pairs(rows.map(|(label, prediction)| of(Counts::of(*label, *prediction))))
}

/// The decisions on all labels of each row.
fn of_row_counts(rows: &Multilabel) -> impl Iterator<Item = Counts> {
    let mut counts = vec![Counts::default(); rows.rows()];
    for binary in rows.labels() {
        let decisions = binary.label().iter().zip(binary.prediction());
        for (count, (label, prediction)) in counts.iter_mut().zip(decisions) {
            *count = count.plus(Counts::of(*label, *prediction));
        }
    }
    counts.into_iter()
}

/// The ratio of each row. What a row that does not count would be divided by does not matter.
fn of_rows(
    sample: &Sample,
    rows: &Multilabel,
    of: Ratio,
    instead: &str,
) -> Result<Vec<f64>, Undefined> {
    let ratios: Vec<(f64, f64)> = of_row_counts(rows).map(of).collect();
    let weights = sample.weights();
    let counted = ratios.iter().zip(weights.iter());
    let empty = counted.filter(|(ratio, weight)| ratio.1 == 0.0 && 0.0 < *weight);
    let stand_in = match (instead, empty.count() as u64) {
        ("0", _) | (_, 0) => 0.0,
        ("1", _) => 1.0,
        (_, rows) => return Err(Undefined::NothingToDivideBy { rows }),
    };
    let value = |(part, whole): (f64, f64)| if whole == 0.0 { stand_in } else { part / whole };
    Ok(ratios.into_iter().map(value).collect())
}

fn one_ratio([part, whole]: Terms, instead: &str, otherwise: fn() -> Undefined) -> Sums<'static> {
    let function = match instead {
        "0" => mean_of_ratios::<0>,
        "1" => mean_of_ratios::<1>,
        _ => return Sums::ratio(part, whole, otherwise),
    };
    Sums {
        terms: vec![part.into(), whole.into()],
        shape: Shape::Function(function),
    }
}

/// The mean of the ratios of labels, plain or weighted by their rows.
fn of_labels(
    sample: &Sample,
    rows: &Multilabel,
    of: Ratio,
    otherwise: fn() -> Undefined,
    instead: &str,
    by_rows: bool,
) -> Result<Sums<'static>, Undefined> {
    let weights = sample.weights();
    let mut terms = Vec::with_capacity(3 * rows.labels().len());
    for (name, binary) in rows.names().iter().zip(rows.labels()) {
        let [part, whole] = each(binary.label(), binary.prediction(), of);
        let counted = whole.iter().zip(weights.iter());
        let is_empty = counted.map(|(whole, weight)| whole * weight).sum::<f64>() == 0.0;
        if is_empty && instead == "refuse" {
            return Err(of_label(name, otherwise()));
        }
        terms.extend([part.into(), whole.into()]);
        if by_rows {
            let label = binary.label().iter();
            let label: Vec<f64> = label.map(|label| f64::from(u8::from(*label))).collect();
            terms.push(label.into());
        }
    }
    let function: fn(&[f64]) -> Result<f64, Undefined> = match (by_rows, instead) {
        (false, "0") => mean_of_ratios::<0>,
        (false, "1") => mean_of_ratios::<1>,
        (false, _) => mean_of_ratios::<REFUSE>,
        (true, "0") => weighted_ratios::<0>,
        (true, "1") => weighted_ratios::<1>,
        (true, _) => weighted_ratios::<REFUSE>,
    };
    Ok(Sums {
        terms,
        shape: Shape::Function(function),
    })
}

/// No number stands in for 0 / 0.
const REFUSE: u8 = u8::MAX;

fn ratio<const INSTEAD: u8>(part: f64, whole: f64) -> Result<f64, Undefined> {
    match whole {
        0.0 if INSTEAD == REFUSE => Err(Undefined::NoPositivesAtAll),
        0.0 => Ok(f64::from(INSTEAD)),
        whole => Ok(part / whole),
    }
}

/// Of numerator and denominator of each label.
fn mean_of_ratios<const INSTEAD: u8>(means: &[f64]) -> Result<f64, Undefined> {
    let labels = means.chunks_exact(2);
    let count = labels.len() as f64;
    let ratios = labels.map(|label| ratio::<INSTEAD>(label[0], label[1]));
    let sum: f64 = ratios.sum::<Result<f64, Undefined>>()?;
    Ok(sum / count)
}

/// Of numerator, denominator and weight of each label.
fn weighted_ratios<const INSTEAD: u8>(means: &[f64]) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0.0);
    for label in means.chunks_exact(3) {
        sum += label[2] * ratio::<INSTEAD>(label[0], label[1])?;
        total += label[2];
    }
    if total <= 0.0 {
        return Err(Undefined::NoPositives);
    }
    Ok(sum / total)
}
