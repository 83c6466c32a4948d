//! Relevant items near the top, each either relevant or not: precision, recall, hits, the place of the
//! first.

use super::lists::{Counts, Ranked};
use super::{NONE_RELEVANT, RELEVANT, cut, mean, top};
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::{Direction, Metric, Task};

/// Mean average precision.
pub const MAP: Metric = Metric {
    id: "map",
    title: "Mean average precision",
    task: Some(Task::Ranking),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "mean over queries of the sum of the precision at the place of each relevant item among the first k, divided by how many items are relevant; averaged over the orders of tied items",
    reference: "ranx `map`",
    options: &[
        top(0),
        OptionSpec {
            name: "divided_by",
            kind: OptionKind::Choice(&["relevant", "reachable"]),
            doc: "all relevant items, as in trec_eval and ranx, or at most k of them",
        },
        RELEVANT,
        NONE_RELEVANT,
    ],
    recorded: true,
    prepare: |sample, options| {
        let (k, least) = (cut(options), options.number("relevant"));
        let reachable = options.text("divided_by") == "reachable";
        mean(sample, options, |ranked| {
            let relevant = some_relevant(ranked, least)?;
            let among = if reachable { relevant.min(k) } else { relevant };
            Some(precisions(ranked, k, least) / among as f64)
        })
    },
};

/// Mean reciprocal rank.
pub const MRR: Metric = Metric {
    id: "mrr",
    title: "Mean reciprocal rank",
    definition: "mean over queries of one divided by the place of the first relevant item, 0 when it is not among the first k; averaged over the orders of tied items",
    reference: "ranx `mrr`",
    options: &[top(0), RELEVANT, NONE_RELEVANT],
    prepare: |sample, options| {
        let (k, least) = (cut(options), options.number("relevant"));
        mean(sample, options, |ranked| {
            some_relevant(ranked, least)?;
            let mut ties = ranked.counts(least);
            let first = ties.find(|tie| 0 < tie.relevant)?;
            Some(reciprocal_place(first, k))
        })
    },
    ..MAP
};

/// Precision at k.
pub const PRECISION: Metric = Metric {
    id: "precision_at_k",
    title: "Precision at k",
    definition: "mean over queries of how many of the first k items are relevant, divided by k even where a query has fewer items; averaged over the orders of tied items",
    reference: "ranx `precision`",
    options: &[top(10), RELEVANT, NONE_RELEVANT],
    recorded: false,
    prepare: |sample, options| {
        let (k, least) = (cut(options), options.number("relevant"));
        mean(sample, options, |ranked| {
            some_relevant(ranked, least)?;
            let places = match k {
                usize::MAX => ranked.list().label.len(),
                k => k,
            };
            Some(found(ranked, k, least) / places as f64)
        })
    },
    ..MAP
};

/// Recall at k.
pub const RECALL: Metric = Metric {
    id: "recall_at_k",
    title: "Recall at k",
    definition: "mean over queries of the share of the relevant items that is among the first k; averaged over the orders of tied items",
    reference: "ranx `recall`",
    prepare: |sample, options| {
        let (k, least) = (cut(options), options.number("relevant"));
        mean(sample, options, |ranked| {
            let relevant = some_relevant(ranked, least)?;
            Some(found(ranked, k, least) / relevant as f64)
        })
    },
    ..PRECISION
};

/// Hit rate at k.
pub const HIT_RATE: Metric = Metric {
    id: "hit_rate_at_k",
    title: "Hit rate at k",
    definition: "share of queries with a relevant item among the first k; averaged over the orders of tied items",
    reference: "ranx `hit_rate`",
    prepare: |sample, options| {
        let (k, least) = (cut(options), options.number("relevant"));
        mean(sample, options, |ranked| {
            some_relevant(ranked, least)?;
            let missed = ranked.counts(least).map(|tie| chance_of_none(tie, k));
            Some(1.0 - missed.product::<f64>())
        })
    },
    ..PRECISION
};

/// How many items are relevant, when some are.
fn some_relevant(ranked: &Ranked<'_>, least: f64) -> Option<usize> {
    Some(ranked.relevant(least)).filter(|relevant| 0 < *relevant)
}

/// How many relevant items are expected among the first `k`.
fn found(ranked: &Ranked<'_>, k: usize, least: f64) -> f64 {
    let of = |tie: Counts| {
        let within = tie.within(k);
        // A whole tie counts as it is, so that no rounding hides a share of exactly 1.
        if within == tie.items {
            return tie.relevant as f64;
        }
        tie.relevant as f64 * within as f64 / tie.items as f64
    };
    ranked.counts(least).map(of).sum()
}

/// The expected sum of the precisions at the places of the relevant items among the first `k`.
fn precisions(ranked: &Ranked<'_>, k: usize, least: f64) -> f64 {
    let (mut sum, mut relevant) = (0.0, 0);
    for tie in ranked.counts(least) {
        let share = tie.relevant as f64 / tie.items as f64;
        // Of two relevant items of a tie, the chance that another one stands at a given place.
        let others = match tie.items {
            1 => 0.0,
            items => (tie.relevant as f64 - 1.0).max(0.0) / (items as f64 - 1.0),
        };
        for place in 0..tie.within(k) {
            let above = relevant as f64 + place as f64 * others + 1.0;
            sum += share * above / (tie.before + place + 1) as f64;
        }
        relevant += tie.relevant;
    }
    sum
}

/// The expected reciprocal of the place of the first relevant item, 0 beyond `k`, where the tie is the
/// first that holds one.
fn reciprocal_place(tie: Counts, k: usize) -> f64 {
    let mut sum = 0.0;
    // The chance that no item of the tie before this place is relevant.
    let mut none = 1.0;
    for place in 0..tie.within(k) {
        let left = (tie.items - place) as f64;
        let relevant = (tie.relevant as f64 / left).min(1.0);
        sum += none * relevant / (tie.before + place + 1) as f64;
        none *= 1.0 - relevant;
    }
    sum
}

/// The chance that no relevant item of a tie is among the first `k`.
fn chance_of_none(tie: Counts, k: usize) -> f64 {
    let chance = |place: usize| {
        let left = (tie.items - place) as f64;
        (1.0 - tie.relevant as f64 / left).max(0.0)
    };
    (0..tie.within(k)).map(chance).product()
}
