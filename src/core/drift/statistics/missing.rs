//! What other statistics leave out: nulls, and values the reference never had.

use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined};
use crate::measure::{CategoricalDistribution, Distribution};

/// Difference of the shares of nulls.
pub(in crate::drift) const MISSING_RATE: Statistic = Statistic {
    id: "missing_rate",
    title: "Difference of missing rates",
    definition: "absolute difference of the shares of rows that are null, 0 to 1",
    reference: "direct",
    requirement: on_statistic(
        "drift-missing-rate",
        "The share of nulls of the column differs from the reference by no more than its bound.",
        &["Breck et al. 2019, Data validation for machine learning, MLSys"],
    ),
    p_requirement: None,
    compute: Compute::Rows(|reference, current| {
        let mut rates = [0.0; 2];
        for (rate, (side, of)) in rates
            .iter_mut()
            .zip([(Side::Reference, reference), (Side::Current, current)])
        {
            *rate = missing_rate(of).ok_or(Undefined::NoValues(side))?;
        }
        Ok(Comparison::distance((rates[0] - rates[1]).abs()))
    }),
};

/// Share of rows with a value the reference never had.
pub(super) const NEW_CATEGORIES: Statistic = Statistic {
    id: "new_categories",
    title: "Share of new categories",
    definition: "share of the current values that are none of the reference's, 0 to 1; nulls dropped; the message names the most frequent",
    reference: "Deepchecks `new_category`",
    requirement: on_statistic(
        "drift-new-categories",
        "The share of values of the column the reference never had is within its bound.",
        &["Breck et al. 2019, Data validation for machine learning, MLSys"],
    ),
    p_requirement: None,
    compute: Compute::Categorical(|reference, current| {
        let new: u64 = new_categories(reference, current)
            .iter()
            .map(|(_, count)| count)
            .sum();
        // A value may be among those the reference counted together.
        if 0 < reference.other_count {
            return Err(Undefined::Other(
                "the reference profile does not list all its categories",
            ));
        }
        let new = new.saturating_add(current.other_count);
        Ok(Comparison::distance(new as f64 / current.count() as f64))
    }),
};

/// The share of rows that are null; `None` without rows.
pub(in crate::drift) fn missing_rate(of: &Distribution) -> Option<f64> {
    let rows = of.row_count();
    (0 < rows).then(|| of.null_count() as f64 / rows as f64)
}

/// Values of the current data the reference never had, most frequent first.
pub(in crate::drift) fn new_categories<'a>(
    reference: &CategoricalDistribution,
    current: &'a CategoricalDistribution,
) -> Vec<(&'a str, u64)> {
    let unseen = |value: &&String| reference.counts.get(*value).is_none_or(|count| *count == 0);
    let mut new: Vec<(&str, u64)> = current
        .counts
        .iter()
        .filter(|(value, count)| 0 < **count && unseen(value))
        .map(|(value, count)| (value.as_str(), *count))
        .collect();
    // Stable: equally frequent ones stay in the order of their texts.
    new.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    new
}
