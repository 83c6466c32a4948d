//! Distances between the shares of bins: Jensen-Shannon, Kullback-Leibler, Hellinger, total variation
//! and L-infinity.
//!
//! The same pair of columns is 0.129 apart by Evidently's Jensen-Shannon (distance, base e), 0.155 by
//! NannyML's (distance, base 2) and 0.024 by TFDV's (divergence, base 2): so the form and the base are in
//! the name.

use std::f64::consts::LN_2;

use crate::drift::requirements::on_statistic;
use crate::drift::shares::Shares;
use crate::drift::{Compute, Statistic};

const JENSEN_SHANNON: &[&str] = &[
    "Lin 1991, Divergence measures based on the Shannon entropy",
    "https://docs.scipy.org/doc/scipy/reference/generated/scipy.spatial.distance.jensenshannon.html",
];

const fn jensen_shannon(
    id: &'static str,
    requirement: &'static str,
    title: &'static str,
    definition: &'static str,
    compute: fn(&Shares) -> f64,
) -> Statistic {
    Statistic {
        id,
        title,
        definition,
        reference: "scipy `jensenshannon`, on the bins of `psi` without the one for nulls",
        requirement: on_statistic(
            requirement,
            "The Jensen-Shannon distance or divergence of the column from the reference is within its bound.",
            JENSEN_SHANNON,
        ),
        p_requirement: None,
        compute: Compute::Shares(compute),
    }
}

/// Jensen-Shannon distance, natural logarithm.
pub(super) const JS_DISTANCE_E: Statistic = jensen_shannon(
    "js_distance_e",
    "drift-js-distance-e",
    "Jensen-Shannon distance, base e",
    "square root of the Jensen-Shannon divergence with natural logarithms, 0 to 0.833",
    |shares| jensen_shannon_divergence(shares).sqrt(),
);

/// Jensen-Shannon distance, base 2.
pub(super) const JS_DISTANCE_2: Statistic = jensen_shannon(
    "js_distance_2",
    "drift-js-distance-2",
    "Jensen-Shannon distance, base 2",
    "square root of the Jensen-Shannon divergence with logarithms to base 2, 0 to 1",
    |shares| (jensen_shannon_divergence(shares) / LN_2).sqrt(),
);

/// Jensen-Shannon divergence, natural logarithm.
pub(super) const JS_DIVERGENCE_E: Statistic = jensen_shannon(
    "js_divergence_e",
    "drift-js-divergence-e",
    "Jensen-Shannon divergence, base e",
    "mean of the Kullback-Leibler divergences of both sides from their mean, natural logarithms, 0 to 0.693",
    jensen_shannon_divergence,
);

/// Jensen-Shannon divergence, base 2.
pub(super) const JS_DIVERGENCE_2: Statistic = jensen_shannon(
    "js_divergence_2",
    "drift-js-divergence-2",
    "Jensen-Shannon divergence, base 2",
    "mean of the Kullback-Leibler divergences of both sides from their mean, logarithms to base 2, 0 to 1",
    |shares| jensen_shannon_divergence(shares) / LN_2,
);

/// Kullback-Leibler divergence of the reference from the current data.
pub(super) const KL_DIVERGENCE_E: Statistic = Statistic {
    id: "kl_divergence_e",
    title: "Kullback-Leibler divergence, base e",
    definition: "sum over bins of reference share times ln(reference share / current share); shares below 0.0001 are raised to it and both sides made to sum to 1 again; bins as those of `psi` without the one for nulls; not symmetric",
    reference: "Kullback and Leibler 1951; scipy `entropy`",
    requirement: on_statistic(
        "drift-kl-divergence-e",
        "The Kullback-Leibler divergence of the reference from the column is within its bound.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html"],
    ),
    p_requirement: None,
    compute: Compute::Shares(kullback_leibler),
};

/// Hellinger distance.
pub(super) const HELLINGER: Statistic = Statistic {
    id: "hellinger",
    title: "Hellinger distance",
    definition: "square root of half the sum over bins of the squared difference of the square roots of the shares, 0 to 1; bins as those of `psi` without the one for nulls",
    reference: "Hellinger 1909; numpy",
    requirement: on_statistic(
        "drift-hellinger",
        "The Hellinger distance of the column from the reference is within its bound.",
        &["Hellinger 1909"],
    ),
    p_requirement: None,
    compute: Compute::Shares(|shares| {
        let squares = shares
            .pairs()
            .map(|(reference, current)| (reference.sqrt() - current.sqrt()).powi(2));
        (squares.sum::<f64>() / 2.0).sqrt().min(1.0)
    }),
};

/// Total variation distance.
pub(in crate::drift) const TVD: Statistic = Statistic {
    id: "tvd",
    title: "Total variation distance",
    definition: "half the sum over bins of the absolute difference of the shares, 0 to 1: the share of rows that would have to change their bin; bins as those of `psi` without the one for nulls",
    reference: "numpy; Evidently's statistic before its permutation test",
    requirement: on_statistic(
        "drift-tvd",
        "The total variation distance of the column from the reference is within its bound.",
        &["Levin and Peres 2017, Markov Chains and Mixing Times, 4.1"],
    ),
    p_requirement: None,
    compute: Compute::Shares(total_variation),
};

/// Largest difference of one share.
pub(super) const L_INFINITY: Statistic = Statistic {
    id: "l_infinity",
    title: "L-infinity distance",
    definition: "largest absolute difference of the shares of one bin, 0 to 1; bins as those of `psi` without the one for nulls",
    reference: "TensorFlow Data Validation, `infinity_norm`, for categories",
    requirement: on_statistic(
        "drift-l-infinity",
        "No share of a value of the column differs from the reference by more than its bound.",
        &["https://www.tensorflow.org/tfx/guide/tfdv"],
    ),
    p_requirement: None,
    compute: Compute::Shares(|shares| {
        let differences = shares
            .pairs()
            .map(|(reference, current)| (reference - current).abs());
        differences.fold(0.0, f64::max)
    }),
};

/// Largest difference of one count.
pub(super) const NORMALIZED_ABSOLUTE_DIFFERENCE: Statistic = Statistic {
    id: "normalized_absolute_difference",
    title: "Normalised absolute difference",
    definition: "largest absolute difference of the counts of one bin over the count of both sides together, 0 to 1: changes of volume count too; bins as those of `psi` without the one for nulls",
    reference: "TensorFlow Data Validation, `normalized_abs_difference`, for categories",
    requirement: on_statistic(
        "drift-normalized-absolute-difference",
        "No count of a value of the column differs from the reference by more than its bound, as a share of all values.",
        &["https://www.tensorflow.org/tfx/guide/tfdv"],
    ),
    p_requirement: None,
    compute: Compute::Shares(|shares| {
        let total = shares.reference.iter().chain(&shares.current).sum::<f64>();
        let bins = shares.reference.iter().zip(&shares.current);
        let differences = bins.map(|(reference, current)| (reference - current).abs() / total);
        differences.fold(0.0, f64::max)
    }),
};

/// Smallest share a bin counts with in the Kullback-Leibler divergence, which an empty one makes
/// infinite.
const SHARE_MIN: f64 = 1e-4;

/// With natural logarithms; at least 0 although terms cancel.
fn jensen_shannon_divergence(shares: &Shares) -> f64 {
    let term = |share: f64, mean: f64| {
        if 0.0 < share {
            share * (share / mean).ln()
        } else {
            0.0
        }
    };
    let bins = shares.pairs().map(|(reference, current)| {
        let mean = reference.midpoint(current);
        term(reference, mean) + term(current, mean)
    });
    (bins.sum::<f64>() / 2.0).clamp(0.0, LN_2)
}

fn kullback_leibler(shares: &Shares) -> f64 {
    // Bins that are empty on both sides are not there.
    let raised = shares.pairs().filter(|pair| *pair != (0.0, 0.0));
    let raised: Vec<(f64, f64)> = raised
        .map(|(reference, current)| (reference.max(SHARE_MIN), current.max(SHARE_MIN)))
        .collect();
    let total: f64 = raised.iter().map(|(reference, _)| reference).sum();
    let current_total: f64 = raised.iter().map(|(_, current)| current).sum();
    let terms = raised.iter().map(|(reference, current)| {
        let (reference, current) = (reference / total, current / current_total);
        reference * (reference / current).ln()
    });
    terms.sum::<f64>().max(0.0)
}

fn total_variation(shares: &Shares) -> f64 {
    let differences = shares
        .pairs()
        .map(|(reference, current)| (reference - current).abs());
    (differences.sum::<f64>() / 2.0).min(1.0)
}
