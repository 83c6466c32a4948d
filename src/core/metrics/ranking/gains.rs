//! Discounted cumulative gain: what the items are worth, the less the lower they stand.

use super::lists::Ranked;
use super::{NONE_RELEVANT, cut, mean, top};
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::{Direction, Metric, Task};

const GAIN: OptionSpec = OptionSpec {
    name: "gain",
    kind: OptionKind::Choice(&["linear", "exponential"]),
    doc: "what an item is worth: its label as in scikit-learn, or 2^label - 1 as in LightGBM",
};

/// Normalized discounted cumulative gain.
pub const NDCG: Metric = Metric {
    id: "ndcg",
    title: "Normalized discounted cumulative gain",
    task: Some(Task::Ranking),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "mean over queries of the discounted cumulative gain (see `dcg`) divided by the largest that any order of the items gives; averaged over the orders of tied items",
    reference: "scikit-learn `ndcg_score` with linear gain, ranx `ndcg_burges` with exponential",
    options: &[top(10), GAIN, NONE_RELEVANT],
    recorded: true,
    prepare: |sample, options| {
        let gain = gain(options);
        let k = cut(options);
        mean(sample, options, |ranked| {
            let best = best(ranked, k, gain);
            (best != 0.0).then(|| of(ranked, k, gain) / best)
        })
    },
};

/// Discounted cumulative gain.
pub const DCG: Metric = Metric {
    id: "dcg",
    title: "Discounted cumulative gain",
    range: (0.0, f64::INFINITY),
    definition: "mean over queries of the sum over the first k items of what each is worth, divided by the logarithm to base 2 of its place plus 1; averaged over the orders of tied items",
    reference: "scikit-learn `dcg_score`",
    options: &[top(10), GAIN],
    recorded: false,
    prepare: |sample, options| {
        let gain = gain(options);
        let k = cut(options);
        mean(sample, options, |ranked| Some(of(ranked, k, gain)))
    },
    ..NDCG
};

type Gain = fn(f64) -> f64;

fn gain(options: &Options) -> Gain {
    match options.text("gain") {
        "exponential" => |label| label.exp2() - 1.0,
        _ => |label| label,
    }
}

/// What the place counts, from 0.
fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}

fn of(ranked: &Ranked<'_>, k: usize, gain: Gain) -> f64 {
    let labels = ranked.list().label;
    let mut sum = 0.0;
    for tie in ranked.ties().take_while(|tie| tie.before < k) {
        let worth: f64 = tie
            .items
            .iter()
            .map(|item| gain(labels[*item as usize]))
            .sum();
        let end = k.min(tie.before + tie.items.len());
        let discounts: f64 = (tie.before..end).map(discount).sum();
        sum += worth / tie.items.len() as f64 * discounts;
    }
    sum
}

/// The gain of the best order.
fn best(ranked: &Ranked<'_>, k: usize, gain: Gain) -> f64 {
    let mut labels = ranked.list().label.to_vec();
    labels.sort_by(|left, right| right.total_cmp(left));
    let first = labels.iter().take(k).enumerate();
    first
        .map(|(place, label)| gain(*label) * discount(place))
        .sum()
}
