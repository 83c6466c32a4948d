//! Areas under the ROC curves of several classes.

use super::Multiclass;
use super::decisions::ACCURACY;
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Weights};
use crate::metrics::{Metric, Undefined};

/// Area under the receiver operating characteristic, averaged over classes.
pub const ROC_AUC: Metric = Metric {
    id: "roc_auc",
    title: "Area under the ROC curve",
    definition: "one class against the rest (ovr) or each class against each other (ovo, Hand and Till 2001), averaged over classes or pairs, plainly or by their rows",
    reference: "scikit-learn `roc_auc_score` with `multi_class`; undefined where a class is not labelled; ovo takes no weights",
    options: &[
        OptionSpec {
            name: "multi_class",
            kind: OptionKind::Choice(&["ovr", "ovo"]),
            doc: "one against the rest, or one against one",
        },
        OptionSpec {
            name: "average",
            kind: OptionKind::Choice(&["macro", "weighted"]),
            doc: "the plain mean, or weighted by rows",
        },
    ],
    prepare: |sample, options| {
        let rows = sample.multiclass()?;
        rows.probability()?;
        let by_rows = options.text("average") == "weighted";
        if options.text("multi_class") == "ovo" {
            if sample.is_weighted() {
                return Err(Undefined::Weighted);
            }
            return Ok(Prepared::Other(Box::new(move |weights| {
                one_to_one(rows, weights, by_rows)
            })));
        }
        Ok(Prepared::Other(Box::new(move |weights| {
            one_to_rest(rows, weights, by_rows)
        })))
    },
    ..ACCURACY
};

fn one_to_rest(rows: &Multiclass, weights: &Weights<'_>, by_rows: bool) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (class, score) in rows.score()?.iter().enumerate() {
        let class = class as u32;
        let all = rows.label().iter().enumerate();
        let all = all.map(|(row, label)| (score[row], *label == class, weights.get(row)));
        let area = area(all.collect())?;
        let weight = if by_rows { area.positives } else { 1.0 };
        sum += weight * area.value;
        total += weight;
    }
    Ok(sum / total)
}

fn one_to_one(rows: &Multiclass, weights: &Weights<'_>, by_rows: bool) -> Result<f64, Undefined> {
    let score = rows.score()?;
    let (mut sum, mut total) = (0.0, 0.0);
    for first in 0..score.len() {
        for second in first + 1..score.len() {
            let between = |of: usize| {
                let all = rows.label().iter().enumerate();
                let those = all
                    .filter(|(_, label)| **label as usize == first || **label as usize == second);
                let each = those
                    .map(|(row, label)| (score[of][row], *label as usize == of, weights.get(row)));
                area(each.collect())
            };
            let (one, other) = (between(first)?, between(second)?);
            let weight = if by_rows {
                one.positives + other.positives
            } else {
                1.0
            };
            sum += weight * 0.5 * (one.value + other.value);
            total += weight;
        }
    }
    if total <= 0.0 {
        return Err(Undefined::SingleClass);
    }
    Ok(sum / total)
}

struct Area {
    value: f64,
    positives: f64,
}

/// The area of (score, is positive, weight), ties counting half.
fn area(mut rows: Vec<(f64, bool, f64)>) -> Result<Area, Undefined> {
    rows.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
    let (mut pairs, mut positives, mut negatives) = (0.0, 0.0, 0.0);
    for tie in rows.chunk_by(|left, right| left.0 == right.0) {
        let weight = |positive: bool| -> f64 {
            tie.iter()
                .filter(|row| row.1 == positive)
                .map(|row| row.2)
                .sum()
        };
        let (of_positives, of_negatives) = (weight(true), weight(false));
        pairs += of_negatives * (positives + 0.5 * of_positives);
        positives += of_positives;
        negatives += of_negatives;
    }
    if positives <= 0.0 || negatives <= 0.0 {
        return Err(Undefined::SingleClass);
    }
    Ok(Area {
        value: pairs / (positives * negatives),
        positives,
    })
}
