//! Agreement of annotators beyond chance, from how often each combination of their labels occurs.
//! Verified against scikit-learn 1.9.1 (`cohen_kappa_score`), krippendorff 0.9.0 (`alpha`, nominal) and
//! statsmodels 0.15.0 (`fleiss_kappa`).

use std::collections::BTreeMap;

/// Combinations of labels, one for each annotator, with the rows that have them. An annotator without a
/// label is `None`.
type Combinations = [(Vec<Option<String>>, u64)];

/// Cohen's kappa of two annotators (Cohen 1960), over the rows both have labelled. `None` without such
/// rows, or when chance alone agrees always.
pub(super) fn cohen_kappa(combinations: &Combinations) -> Option<f64> {
    let mut agreeing = 0.0;
    let mut first: BTreeMap<&str, f64> = BTreeMap::new();
    let mut second: BTreeMap<&str, f64> = BTreeMap::new();
    let mut all = 0.0;
    for (labels, rows) in combinations {
        let [Some(one), Some(other)] = labels.as_slice() else {
            continue;
        };
        let rows = *rows as f64;
        *first.entry(one).or_default() += rows;
        *second.entry(other).or_default() += rows;
        agreeing += if one == other { rows } else { 0.0 };
        all += rows;
    }
    let by_chance: f64 = first
        .iter()
        .map(|(label, rows)| rows * second.get(label).unwrap_or(&0.0))
        .sum();
    beyond_chance(agreeing / all, by_chance / (all * all))
}

/// Fleiss' kappa (Fleiss 1971), over the rows every annotator has labelled.
pub(super) fn fleiss_kappa(combinations: &Combinations) -> Option<f64> {
    let (mut agreeing, mut all) = (0.0, 0.0);
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    let mut annotators = 0.0;
    for (labels, rows) in combinations
        .iter()
        .filter(|(labels, _)| labels.iter().all(Option::is_some))
    {
        let counts = counts(labels);
        let rows = *rows as f64;
        annotators = labels.len() as f64;
        let pairs: f64 = counts.values().map(|count| count * (count - 1.0)).sum();
        agreeing += rows * pairs / (annotators * (annotators - 1.0));
        all += rows;
        counts
            .iter()
            .for_each(|(label, count)| *totals.entry(label).or_default() += rows * count);
    }
    let by_chance: f64 = totals
        .values()
        .map(|total| (total / (all * annotators)).powi(2))
        .sum();
    beyond_chance(agreeing / all, by_chance)
}

/// Krippendorff's alpha for nominal data (Krippendorff 2019, chapter 12): any number of annotators, rows
/// with fewer than two labels left out. `None` without such rows, or when all labels are the same.
pub(super) fn krippendorff_alpha(combinations: &Combinations) -> Option<f64> {
    let (mut disagreeing, mut all) = (0.0, 0.0);
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    for (labels, rows) in combinations {
        let counts = counts(labels);
        let given: f64 = counts.values().sum();
        if given < 2.0 {
            continue;
        }
        let rows = *rows as f64;
        let pairs: f64 = counts.values().map(|count| count * (given - count)).sum();
        disagreeing += rows * pairs / (given - 1.0);
        all += rows * given;
        counts
            .iter()
            .for_each(|(label, count)| *totals.entry(label).or_default() += rows * count);
    }
    let expected: f64 = totals
        .values()
        .map(|total| total * (all - total))
        .sum::<f64>()
        / (all - 1.0);
    (0.0 < expected).then(|| 1.0 - disagreeing / expected)
}

/// Rows with at least two labels.
pub(super) fn rows_compared(combinations: &Combinations) -> u64 {
    let compared = combinations
        .iter()
        .filter(|(labels, _)| 2 <= labels.iter().flatten().count());
    compared.map(|(_, rows)| rows).sum()
}

fn counts(labels: &[Option<String>]) -> BTreeMap<&str, f64> {
    let mut counts = BTreeMap::new();
    for label in labels.iter().flatten() {
        *counts.entry(label.as_str()).or_default() += 1.0;
    }
    counts
}

fn beyond_chance(observed: f64, by_chance: f64) -> Option<f64> {
    (observed.is_finite() && by_chance < 1.0).then(|| (observed - by_chance) / (1.0 - by_chance))
}
