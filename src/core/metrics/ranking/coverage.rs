//! How much of the catalogue is ever shown.

use super::lists::Ranked;
use super::{cut, top};
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Prepared, Weights};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Share of the catalogue that is shown.
pub const CATALOGUE_COVERAGE: Metric = Metric {
    id: "catalogue_coverage",
    title: "Catalogue coverage",
    task: Some(Task::Ranking),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of the items that are among the first k of at least one query of weight, averaged over the orders of tied items; without interval, as a resample has fewer different queries and so shows less",
    reference: "numpy `unique` of the first items; needs `columns.id`",
    options: &[
        top(10),
        OptionSpec {
            name: "catalogue",
            kind: OptionKind::Whole {
                default: 0,
                least: 0,
                most: u32::MAX,
            },
            doc: "how many items there are; 0: as many as the file holds",
        },
    ],
    recorded: false,
    prepare,
};

/// The items of each query with the chance that they are not shown.
type Hidden = Vec<Vec<(u32, f64)>>;

fn prepare<'a>(sample: &'a Sample, options: &Options) -> Result<Prepared<'a>, Undefined> {
    let ranking = sample.ranking()?;
    if ranking.item.is_empty() {
        return Err(Undefined::NoItems);
    }
    let k = cut(options);
    let hidden: Hidden = ranking
        .lists()
        .map(|list| hidden(&Ranked::of(list), k))
        .collect();
    let known = ranking.names.len();
    let catalogue = match options.whole("catalogue") {
        0 => known,
        catalogue if catalogue < known => {
            return Err(Undefined::SmallCatalogue {
                items: known as u64,
            });
        }
        catalogue => catalogue,
    };
    Ok(Prepared::Other(Box::new(move |weights| {
        shown(&hidden, known, weights).map(|items| items / catalogue as f64)
    })))
}

/// The items that may be among the first `k`, with the chance that they are not.
fn hidden(ranked: &Ranked<'_>, k: usize) -> Vec<(u32, f64)> {
    let mut hidden = Vec::new();
    for tie in ranked.ties().take_while(|tie| tie.before < k) {
        let within = (k - tie.before).min(tie.items.len());
        let chance = 1.0 - within as f64 / tie.items.len() as f64;
        let item = |place: &u32| ranked.list().item.get(*place as usize).copied();
        let items = tie.items.iter().filter_map(item);
        hidden.extend(items.map(|item| (item, chance)));
    }
    hidden
}

/// How many items are expected to be shown.
fn shown(hidden: &Hidden, known: usize, weights: &Weights<'_>) -> Result<f64, Undefined> {
    if weights.are_drawn() {
        return Err(Undefined::NotResampled);
    }
    let mut chances = vec![1.0; known];
    for (items, weight) in hidden.iter().zip(weights.iter()) {
        for (item, chance) in items.iter().filter(|_| 0.0 < weight) {
            if let Some(product) = chances.get_mut(*item as usize) {
                *product *= chance;
            }
        }
    }
    Ok(chances.iter().map(|chance| 1.0 - chance).sum())
}
