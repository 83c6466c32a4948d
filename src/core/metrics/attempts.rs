//! Metrics of items a model is asked several times: whether one of k attempts passes (pass@k) and
//! whether all do (pass^k). The attempts at an item share a value of `gate.columns.cluster`.
//!
//! Both are the unbiased estimates from the n attempts there are (Chen et al. 2021, "Evaluating Large
//! Language Models Trained on Code"; Yao et al. 2024, "τ-bench"), a mean over items. An attempt
//! contributes its share of the item, so that the interval is one of means over clusters.

use std::collections::BTreeMap;

use super::columns::{RATE, column};
use super::options::{OptionSpec, Options};
use super::prepared::{Prepared, Sums};
use super::{Direction, Metric, Sample, Undefined};

const OPTIONS: &[OptionSpec] = &[
    column(Some("passed")),
    OptionSpec::whole("k", 1, (1, 1000), "how many attempts"),
];

/// At least one of k attempts passes.
pub(super) const PASS_AT_K: Metric = Metric {
    id: "pass_at_k",
    title: "pass@k",
    direction: Direction::HigherIsBetter,
    definition: "chance that at least one of k attempts at an item passes, 1 - C(n - c, k) / C(n, k) of the c of n attempts that did; mean over items, which are the clusters; undefined where an item has fewer than k attempts",
    reference: "Chen et al. 2021, `estimate_pass_at_k` of human-eval",
    options: OPTIONS,
    prepare: |sample, options| {
        of_items(sample, options, |passed, attempts, k| {
            1.0 - chosen(attempts - passed, attempts, k)
        })
    },
    ..RATE
};

/// All of k attempts pass.
pub(super) const PASS_HAT_K: Metric = Metric {
    id: "pass_hat_k",
    title: "pass^k",
    definition: "chance that all of k attempts at an item pass, C(c, k) / C(n, k) of the c of n attempts that did; mean over items, which are the clusters; undefined where an item has fewer than k attempts",
    reference: "Yao et al. 2024, τ-bench",
    prepare: |sample, options| of_items(sample, options, chosen),
    ..PASS_AT_K
};

/// C(some, k) / C(all, k): the chance that k of all are among some of them.
fn chosen(some: u64, all: u64, k: u64) -> f64 {
    if some < k {
        return 0.0;
    }
    (0..k)
        .map(|drawn| (some - drawn) as f64 / (all - drawn) as f64)
        .product()
}

fn of_items<'a>(
    sample: &'a Sample,
    options: &Options,
    of: fn(u64, u64, u64) -> f64,
) -> Result<Prepared<'a>, Undefined> {
    let name = options.text("column");
    let passed = sample.column(name)?;
    let not_flags = passed.iter().filter(|flag| ![0.0, 1.0].contains(*flag));
    let not_flags = not_flags.count() as u64;
    if 0 < not_flags {
        return Err(Undefined::NotFlags {
            column: name.to_owned(),
            rows: not_flags,
        });
    }
    let item_of = sample.cluster().ok_or(Undefined::NoClusters)?;
    let mut items: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (item, flag) in item_of.iter().zip(passed) {
        let (passes, attempts) = items.entry(*item).or_default();
        *passes += u64::from(*flag == 1.0);
        *attempts += 1;
    }
    let k = options.whole("k") as u64;
    let few = items.values().filter(|(_, attempts)| *attempts < k);
    let few: u64 = few.map(|(_, attempts)| attempts).sum();
    if 0 < few {
        return Err(Undefined::OutOfDomain {
            what: "number of attempts at the item",
            such: "less than `k`",
            rows: few,
        });
    }
    let values: BTreeMap<u32, (f64, f64)> = items
        .into_iter()
        .map(|(item, (passes, attempts))| {
            let share = 1.0 / attempts as f64;
            (item, (share * of(passes, attempts, k), share))
        })
        .collect();
    let shares = item_of.iter().filter_map(|item| values.get(item).copied());
    let (values, shares) = shares.unzip();
    Ok(Prepared::Sums(Sums::ratio(values, shares, || {
        Undefined::NoRows
    })))
}
