//! Pairs of a relevant and another item of the same query.

use super::RELEVANT;
use super::lists::Ranked;
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Sums};
use crate::metrics::{Direction, Metric, Task, Undefined};

/// Area under the ROC curve within queries.
pub const GROUP_AUC: Metric = Metric {
    id: "group_auc",
    title: "Area under the ROC curve within queries",
    task: Some(Task::Ranking),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "mean over queries of the probability that a relevant item scores above another one, a tie counting half; queries without both are left out",
    reference: "scikit-learn `roc_auc_score` by query",
    options: &[
        RELEVANT,
        OptionSpec {
            name: "weighed_by",
            kind: OptionKind::Choice(&["queries", "items"]),
            doc: "whether each query counts once, or as often as it has items (GAUC of Zhu et al. 2017)",
        },
    ],
    recorded: false,
    prepare: |sample, options| {
        let least = options.number("relevant");
        let by_items = options.text("weighed_by") == "items";
        let (mut areas, mut counted) = (Vec::new(), Vec::new());
        for list in sample.ranking()?.lists() {
            let area = area(&Ranked::of(list), least);
            let weight = match area {
                None => 0.0,
                Some(_) if by_items => list.label.len() as f64,
                Some(_) => 1.0,
            };
            areas.push(area.unwrap_or(0.0) * weight);
            counted.push(weight);
        }
        let sums = Sums::ratio(areas, counted, || Undefined::NoPairs);
        Ok(Prepared::Sums(sums))
    },
};

fn area(ranked: &Ranked<'_>, least: f64) -> Option<f64> {
    let (mut above, mut right, mut others) = (0.0, 0.0, 0.0);
    for tie in ranked.counts(least) {
        let (relevant, other) = (tie.relevant as f64, (tie.items - tie.relevant) as f64);
        right += other * (above + 0.5 * relevant);
        above += relevant;
        others += other;
    }
    (0.0 < above && 0.0 < others).then(|| right / (above * others))
}
