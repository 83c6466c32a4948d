//! Rates that only comparisons of groups are made of, and the counts behind every rate.

use super::{Direction, Metric, Undefined};
use crate::metrics::Task;
use crate::metrics::binary::confusion::{Confusion, prepared, ratio};
use crate::statistics::proportion::Share;

/// What a rate is the share of: its part and its whole, as whole numbers when rows count one each.
/// `None` when the metric called `id` is no rate of two classes.
pub(super) fn share(id: &str, counts: &Confusion) -> Option<Share> {
    let (part, whole) = match id {
        "selection_rate" => (counts.predicted_positives(), counts.rows()),
        "prevalence" => (counts.positives(), counts.rows()),
        "accuracy" => (counts.true_positives + counts.true_negatives, counts.rows()),
        "misclassification_rate" => (
            counts.false_positives + counts.false_negatives,
            counts.rows(),
        ),
        "recall" => (counts.true_positives, counts.positives()),
        "fnr" => (counts.false_negatives, counts.positives()),
        "specificity" => (counts.true_negatives, counts.negatives()),
        "fpr" => (counts.false_positives, counts.negatives()),
        "precision" => (counts.true_positives, counts.predicted_positives()),
        "false_discovery_rate" => (counts.false_positives, counts.predicted_positives()),
        "npv" => (counts.true_negatives, counts.predicted_negatives()),
        "false_omission_rate" => (counts.false_negatives, counts.predicted_negatives()),
        _ => return None,
    };
    Share::new(part as u64, whole as u64).ok()
}

const fn rate(id: &'static str, title: &'static str, prepare: crate::metrics::Prepare) -> Metric {
    Metric {
        id,
        title,
        task: Some(Task::Binary),
        direction: Direction::LowerIsBetter,
        range: (0.0, 1.0),
        definition: "",
        reference: "",
        options: &[],
        recorded: false,
        prepare,
    }
}

/// Share of the rows predicted positive that are labelled negative.
pub(super) const FALSE_DISCOVERY_RATE: Metric = rate(
    "false_discovery_rate",
    "False discovery rate",
    |sample, _| {
        prepared(sample, |counts| {
            let whole = counts.predicted_positives();
            ratio(
                counts.false_positives,
                whole,
                Undefined::NoPredictedPositives,
            )
        })
    },
);

/// Share of the rows predicted negative that are labelled positive.
pub(super) const FALSE_OMISSION_RATE: Metric =
    rate("false_omission_rate", "False omission rate", |sample, _| {
        prepared(sample, |counts| {
            let whole = counts.predicted_negatives();
            ratio(
                counts.false_negatives,
                whole,
                Undefined::NoPredictedNegatives,
            )
        })
    });

/// Share of rows predicted otherwise than labelled.
pub(super) const MISCLASSIFICATION_RATE: Metric = rate(
    "misclassification_rate",
    "Misclassification rate",
    |sample, _| {
        prepared(sample, |counts| {
            let wrong = counts.false_positives + counts.false_negatives;
            ratio(wrong, counts.rows(), Undefined::NoRows)
        })
    },
);

/// False negatives for each false positive.
pub(super) const ERROR_BALANCE: Metric = Metric {
    range: (0.0, f64::INFINITY),
    direction: Direction::Neither,
    ..rate(
        "false_negatives_per_false_positive",
        "False negatives for each false positive",
        |sample, _| {
            prepared(sample, |counts| {
                ratio(
                    counts.false_negatives,
                    counts.false_positives,
                    Undefined::NoFalsePositives,
                )
            })
        },
    )
};

/// Mean benefit of a decision: prediction less label plus 1, so 0 for a false negative and 2 for a false
/// positive (Speicher and others 2018).
pub(super) const BENEFIT: Metric = Metric {
    range: (0.0, 2.0),
    direction: Direction::Neither,
    ..rate("benefit", "Mean benefit", |sample, _| {
        prepared(sample, |counts| Ok(benefit(counts)))
    })
};

fn benefit(counts: &Confusion) -> f64 {
    1.0 + (counts.false_positives - counts.false_negatives) / counts.rows()
}

/// Generalised entropy of the benefits with α = 2: half the squared coefficient of variation.
pub const GENERALIZED_ENTROPY_INDEX: Metric = Metric {
    range: (0.0, f64::INFINITY),
    definition: "half the squared coefficient of variation of the benefits, prediction - label + 1 of each row (generalised entropy with α = 2)",
    reference: "AIF360 `generalized_entropy_index`; undefined when every row is a false negative",
    ..rate(
        "generalized_entropy_index",
        "Generalised entropy index",
        |sample, _| prepared(sample, |counts| inequality(counts, squared)),
    )
};

/// Theil's index of the benefits, generalised entropy with α = 1.
pub const THEIL_INDEX: Metric = Metric {
    definition: "mean of b/μ ln(b/μ) over the benefits b, prediction - label + 1 of each row, with mean μ (generalised entropy with α = 1)",
    reference: "AIF360 `theil_index`; undefined when every row is a false negative",
    prepare: |sample, _| prepared(sample, |counts| inequality(counts, logarithmic)),
    id: "theil_index",
    title: "Theil index",
    ..GENERALIZED_ENTROPY_INDEX
};

/// What a share of the mean, b/μ, adds to the generalised entropy with α = 2.
pub(super) fn squared(relative: f64) -> f64 {
    0.5 * (relative * relative - 1.0)
}

/// What a share of the mean, b/μ, adds to Theil's index.
pub(super) fn logarithmic(relative: f64) -> f64 {
    if relative == 0.0 {
        return 0.0;
    }
    relative * relative.ln()
}

fn inequality(counts: &Confusion, adds: fn(f64) -> f64) -> Result<f64, Undefined> {
    entropy(
        &[
            (1.0, counts.true_positives + counts.true_negatives),
            (2.0, counts.false_positives),
            (0.0, counts.false_negatives),
        ],
        adds,
    )
}

/// The mean of what each benefit adds, of benefits with their weights.
pub(super) fn entropy(benefits: &[(f64, f64)], adds: fn(f64) -> f64) -> Result<f64, Undefined> {
    let total: f64 = benefits.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = benefits.iter().map(|(value, weight)| value * weight).sum();
    if total <= 0.0 {
        return Err(Undefined::NoRows);
    }
    if sum <= 0.0 {
        return Err(Undefined::NoBenefits);
    }
    let mean = sum / total;
    let added = benefits
        .iter()
        .map(|(value, weight)| adds(value / mean) * weight);
    Ok((added.sum::<f64>() / total).max(0.0))
}
