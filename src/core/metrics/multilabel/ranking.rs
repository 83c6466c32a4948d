//! Metrics of how scores order the rows, label by label.

use super::decisions::{LABEL, SUBSET_ACCURACY};
use super::{Multilabel, of_label};
use crate::metrics::binary::Binary;
use crate::metrics::binary::ranking::{Auc, average_precision};
use crate::metrics::options::{OptionSpec, Options};
use crate::metrics::prepared::{Prepared, Weights};
use crate::metrics::{Metric, Sample, Undefined};

const AVERAGE: OptionSpec = OptionSpec::choice(
    "average",
    &["macro", "weighted", "micro"],
    "the plain mean over labels, the mean weighted by how many rows have them, or all labels of all rows ranked together",
);

/// Area under the ROC curve.
pub const ROC_AUC: Metric = Metric {
    id: "roc_auc",
    title: "Area under the ROC curve",
    definition: "of each label, averaged; undefined where all rows have a label or none has",
    reference: "scikit-learn `roc_auc_score`",
    options: &[AVERAGE, LABEL],
    prepare: |sample, options| {
        let area = |binary: &Binary, weights: &Weights<'_>| Auc::of(binary)?.value(weights);
        match options.text("label") {
            "*" => averaged(sample, options, area),
            label => {
                let binary = sample.multilabel()?.named(label)?;
                Ok(Prepared::Auc(Auc::of(binary)?))
            }
        }
    },
    ..SUBSET_ACCURACY
};

/// Average precision.
pub const AVERAGE_PRECISION: Metric = Metric {
    id: "average_precision",
    title: "Average precision",
    definition: "of each label the sum over the distinct scores, from the highest, of the gain in recall times the precision there, averaged; undefined where all rows have a label or none has",
    reference: "scikit-learn `average_precision_score`, which gives 1 to a label all rows have",
    prepare: |sample, options| match options.text("label") {
        "*" => averaged(sample, options, average_precision),
        label => {
            let binary = sample.multilabel()?.named(label)?;
            binary.score()?;
            Ok(Prepared::Other(Box::new(|weights| {
                average_precision(binary, weights)
            })))
        }
    },
    ..ROC_AUC
};

/// A metric of the ranks of rows by one label.
type OfLabel = fn(&Binary, &Weights<'_>) -> Result<f64, Undefined>;

fn averaged<'a>(
    sample: &'a Sample,
    options: &Options,
    of: OfLabel,
) -> Result<Prepared<'a>, Undefined> {
    let rows = sample.multilabel()?;
    rows.scores()?;
    if options.text("average") == "micro" {
        let pooled = rows.pooled()?;
        let labels = rows.labels().len();
        return Ok(Prepared::Other(Box::new(move |weights| {
            let each: Vec<f64> = weights.iter().collect();
            of(
                pooled,
                &Weights::of(each.len() * labels, Some(&each.repeat(labels))),
            )
        })));
    }
    let by_rows = options.text("average") == "weighted";
    Ok(Prepared::Other(Box::new(move |weights| {
        mean(rows, weights, of, by_rows)
    })))
}

fn mean(
    rows: &Multilabel,
    weights: &Weights<'_>,
    of: OfLabel,
    by_rows: bool,
) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (name, binary) in rows.names().iter().zip(rows.labels()) {
        let value = of(binary, weights).map_err(|undefined| of_label(name, undefined))?;
        let weight = if by_rows {
            let labelled = binary.label().iter().zip(weights.iter());
            let labelled = labelled.filter(|(label, _)| **label);
            labelled.map(|(_, weight)| weight).sum()
        } else {
            1.0
        };
        sum += weight * value;
        total += weight;
    }
    Ok(sum / total)
}
