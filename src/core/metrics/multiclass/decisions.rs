//! Metrics of decisions among several classes: what follows from the confusion matrix.

use super::Multiclass;
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Cells, Column, Prepared, Sums};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Accuracy.
pub const ACCURACY: Metric = Metric {
    id: "accuracy",
    title: "Accuracy",
    task: Some(Task::Multiclass),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of rows predicted as labelled",
    reference: "scikit-learn `accuracy_score`",
    options: &[],
    recorded: true,
    prepare: |sample, _| {
        let rows = sample.multiclass()?;
        let pairs = rows.label().iter().zip(rows.prediction());
        Ok(Prepared::Sums(Sums::mean(
            pairs
                .map(|(label, prediction)| f64::from(u8::from(label == prediction)))
                .collect(),
        )))
    },
};

/// Balanced accuracy.
pub const BALANCED_ACCURACY: Metric = Metric {
    id: "balanced_accuracy",
    title: "Balanced accuracy",
    definition: "mean of the recalls of the classes that are labelled",
    reference: "scikit-learn `balanced_accuracy_score`",
    prepare: |sample, _| {
        of_matrix(sample, |matrix| {
            let present = (0..matrix.classes).filter(|class| 0.0 < matrix.labelled(*class));
            let recalls = present.map(|class| matrix.right(class) / matrix.labelled(class));
            mean(recalls).ok_or(Undefined::NoRows)
        })
    },
    ..ACCURACY
};

/// How the values of classes become one.
const AVERAGE: OptionSpec = OptionSpec {
    name: "average",
    kind: OptionKind::Choice(&["macro", "weighted", "micro"]),
    doc: "the plain mean over classes, the mean weighted by their rows, or all decisions pooled",
};

/// One class alone.
const CLASS: OptionSpec = OptionSpec {
    name: "class",
    kind: OptionKind::Name(Some("*")),
    doc: "the class to look at alone, or `*` for all",
};

/// F1 score.
pub const F1: Metric = Metric {
    id: "f1",
    title: "F1 score",
    definition: "harmonic mean of precision and recall of each class, averaged; undefined where a class is neither labelled nor predicted",
    reference: "scikit-learn `f1_score`",
    options: &[AVERAGE, CLASS],
    prepare: |sample, options| {
        averaged(sample, options, |right, labelled, predicted| {
            (
                2.0 * right,
                labelled + predicted,
                Undefined::NoPositivesAtAll,
            )
        })
    },
    ..ACCURACY
};

/// Precision.
pub const PRECISION: Metric = Metric {
    id: "precision",
    title: "Precision",
    definition: "share of the rows predicted as a class that are labelled so, averaged over classes; undefined where a class is never predicted",
    reference: "scikit-learn `precision_score`",
    prepare: |sample, options| {
        averaged(sample, options, |right, _, predicted| {
            (right, predicted, Undefined::NoPredictedPositives)
        })
    },
    ..F1
};

/// Recall.
pub const RECALL: Metric = Metric {
    id: "recall",
    title: "Recall",
    definition: "share of the rows labelled as a class that are predicted so, averaged over classes; undefined where a class is never labelled",
    reference: "scikit-learn `recall_score`",
    prepare: |sample, options| {
        averaged(sample, options, |right, labelled, _| {
            (right, labelled, Undefined::NoPositives)
        })
    },
    ..F1
};

/// Matthews correlation coefficient.
pub const MCC: Metric = Metric {
    id: "mcc",
    title: "Matthews correlation coefficient",
    range: (-1.0, 1.0),
    definition: "correlation of label and prediction as indicators of classes (Gorodkin 2004)",
    reference: "scikit-learn `matthews_corrcoef`; undefined (there 0) on a single class or a single prediction",
    prepare: |sample, _| {
        of_matrix(sample, |matrix| {
            let all = matrix.all();
            let classes = || 0..matrix.classes;
            let right: f64 = classes().map(|class| matrix.right(class)).sum();
            let sum = |of: &dyn Fn(usize) -> f64| -> f64 { classes().map(of).sum() };
            let both = sum(&|class| matrix.labelled(class) * matrix.predicted(class));
            let labels = all * all - sum(&|class| matrix.labelled(class).powi(2));
            let predictions = all * all - sum(&|class| matrix.predicted(class).powi(2));
            if labels <= 0.0 {
                return Err(Undefined::SingleClass);
            }
            if predictions <= 0.0 {
                return Err(Undefined::SinglePrediction);
            }
            let scale = labels.sqrt() * predictions.sqrt();
            Ok(((right * all - both) / scale).clamp(-1.0, 1.0))
        })
    },
    ..ACCURACY
};

/// Cohen's kappa.
pub const COHEN_KAPPA: Metric = Metric {
    id: "cohen_kappa",
    title: "Cohen's kappa",
    definition: "1 - disagreement / disagreement by chance; with weights it counts by how many places of the list of classes, or their square, an answer is off",
    reference: "scikit-learn `cohen_kappa_score`",
    options: &[OptionSpec {
        name: "weights",
        kind: OptionKind::Choice(&["none", "linear", "quadratic"]),
        doc: "how far apart classes are",
    }],
    prepare: |sample, options| {
        let off: fn(usize, usize) -> f64 = match options.text("weights") {
            "linear" => |i, j| i.abs_diff(j) as f64,
            "quadratic" => |i, j| (i.abs_diff(j) as f64).powi(2),
            _ => |i, j| f64::from(u8::from(i != j)),
        };
        of_matrix(sample, move |matrix| {
            let all = matrix.all();
            let (mut found, mut chance) = (0.0, 0.0);
            for label in 0..matrix.classes {
                for prediction in 0..matrix.classes {
                    let off = off(label, prediction);
                    found += off * matrix.count(label, prediction);
                    chance += off * matrix.labelled(label) * matrix.predicted(prediction) / all;
                }
            }
            if chance <= 0.0 {
                return Err(Undefined::SingleClass);
            }
            Ok(1.0 - found / chance)
        })
    },
    ..MCC
};

/// The weight of rows by label and prediction.
struct Matrix<'a> {
    counts: &'a [f64],
    labelled: Vec<f64>,
    predicted: Vec<f64>,
    classes: usize,
}

impl<'a> Matrix<'a> {
    fn of(counts: &'a [f64], classes: usize) -> Self {
        let (mut labelled, mut predicted) = (vec![0.0; classes], vec![0.0; classes]);
        for (cell, count) in counts.iter().enumerate() {
            labelled[cell / classes] += count;
            predicted[cell % classes] += count;
        }
        Self {
            counts,
            labelled,
            predicted,
            classes,
        }
    }

    fn count(&self, label: usize, prediction: usize) -> f64 {
        self.counts[label * self.classes + prediction]
    }

    fn right(&self, class: usize) -> f64 {
        self.count(class, class)
    }

    fn labelled(&self, class: usize) -> f64 {
        self.labelled[class]
    }

    fn predicted(&self, class: usize) -> f64 {
        self.predicted[class]
    }

    fn all(&self) -> f64 {
        self.labelled.iter().sum()
    }
}

/// A function of the confusion matrix.
fn of_matrix(
    sample: &Sample,
    value: impl Fn(&Matrix<'_>) -> Result<f64, Undefined> + Send + Sync + 'static,
) -> Result<Prepared<'_>, Undefined> {
    /// Cells are numbered in 32 bits, and a matrix is walked for each resample.
    const CLASSES_MAX: usize = 1000;
    let rows: &Multiclass = sample.multiclass()?;
    let classes = rows.classes().len();
    if CLASSES_MAX < classes {
        return Err(Undefined::Option(
            "a confusion matrix has at most 1000 classes",
        ));
    }
    let classes_wide = classes as u32;
    let cell = move |label: &u32, prediction: &u32| label * classes_wide + prediction;
    Ok(Prepared::Cells(Cells {
        cell: Column::of(rows.label(), rows.prediction(), cell),
        count: classes * classes,
        counted: None,
        value: Box::new(move |counts| {
            let matrix = Matrix::of(counts, classes);
            if matrix.all() <= 0.0 {
                return Err(Undefined::NoRows);
            }
            value(&matrix)
        }),
    }))
}

/// A ratio of each class, averaged as the options say. Classes that are neither labelled nor predicted
/// in the rows are left out of averages, as scikit-learn does.
fn averaged<'a>(
    sample: &'a Sample,
    options: &Options,
    of: fn(f64, f64, f64) -> (f64, f64, Undefined),
) -> Result<Prepared<'a>, Undefined> {
    let class = match options.text("class") {
        "*" => None,
        name => Some(sample.multiclass()?.class(name)?),
    };
    let average = options.text("average").to_owned();
    of_matrix(sample, move |matrix| {
        let ratio = |right, labelled, predicted| {
            let (part, whole, otherwise) = of(right, labelled, predicted);
            if whole <= 0.0 {
                return Err(otherwise);
            }
            Ok(part / whole)
        };
        let of_class = |class: usize| {
            let (labelled, predicted) = (matrix.labelled(class), matrix.predicted(class));
            ratio(matrix.right(class), labelled, predicted)
        };
        if let Some(class) = class {
            return of_class(class);
        }
        if average == "micro" {
            let right = (0..matrix.classes).map(|class| matrix.right(class)).sum();
            return ratio(right, matrix.all(), matrix.all());
        }
        let (mut sum, mut weight) = (0.0, 0.0);
        for class in 0..matrix.classes {
            let labelled = matrix.labelled(class);
            if labelled == 0.0 && (matrix.predicted(class) == 0.0 || average == "weighted") {
                continue;
            }
            let share = if average == "weighted" { labelled } else { 1.0 };
            sum += share * of_class(class)?;
            weight += share;
        }
        if weight <= 0.0 {
            return Err(Undefined::NoRows);
        }
        Ok(sum / weight)
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    (0.0 < count).then(|| sum / count)
}
