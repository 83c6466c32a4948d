//! Every statistic of embeddings.

use super::Kernel;
use crate::drift::requirements::{
    DRIFT_EMBEDDING_COSINE, DRIFT_EMBEDDING_MMD, DRIFT_EMBEDDING_MMD_DISTANCE,
    DRIFT_EMBEDDING_MMD_P_VALUE,
};
use crate::drift::statistic::Undefined;
use crate::evidence::Requirement;

/// A measure of how far two sets of vectors are apart.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingStatistic {
    /// Stable snake_case name, as in configuration.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The formula in words.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The requirement that bounds its value.
    pub requirement: Requirement,
    /// The requirement that bounds its p-value, when it has one.
    pub p_requirement: Option<Requirement>,
    /// How it is computed.
    pub compute: EmbeddingCompute,
}

/// How a statistic of embeddings is computed.
#[derive(Clone, Copy, Debug)]
pub enum EmbeddingCompute {
    /// From the mean vectors of all rows.
    Means(fn(&[f64], &[f64]) -> Result<f64, Undefined>),
    /// From the pairs of a sample.
    Kernel(fn(&Kernel) -> f64),
}

/// Maximum mean discrepancy.
pub const MMD: EmbeddingStatistic = EmbeddingStatistic {
    id: "mmd",
    title: "Maximum mean discrepancy, squared",
    definition: "unbiased estimate (Gretton et al. 2012, equation 3) with the kernel exp(-gamma |x - y|²) over samples of at most 1,000 vectors a side; `gamma` is 1 over the upper median of the squared distances of all pairs of both sides unless it is given (Evidently: 1 over the squared median of the distances across, and negative values as 0); around 0 for equal distributions, below by chance; p-value by 999 permutations",
    reference: "scikit-learn `rbf_kernel`; Evidently `mmd` with its `gamma`",
    requirement: DRIFT_EMBEDDING_MMD,
    p_requirement: Some(DRIFT_EMBEDDING_MMD_P_VALUE),
    compute: EmbeddingCompute::Kernel(Kernel::mmd),
};

/// What decides by default.
pub const MMD_DISTANCE: EmbeddingStatistic = EmbeddingStatistic {
    id: "mmd_distance",
    title: "Maximum mean discrepancy, normalised",
    definition: "square root of half the biased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, equation 5) with the same kernel and samples, 0 to 1; what `default` judges, with an interval; larger than 0 for small samples of equal distributions",
    reference: "scikit-learn `rbf_kernel`",
    requirement: DRIFT_EMBEDDING_MMD_DISTANCE,
    p_requirement: None,
    compute: EmbeddingCompute::Kernel(Kernel::distance),
};

/// Whether the vectors point elsewhere on average.
pub const MEAN_COSINE: EmbeddingStatistic = EmbeddingStatistic {
    id: "mean_cosine",
    title: "Cosine distance of the mean vectors",
    definition: "one less the cosine of the angle between the mean vectors of all rows, 0 to 2; blind to a change of spread; 0 between two zero means, 1 between one and anything",
    reference: "scipy `spatial.distance.cosine`; Evidently `distance` with `cosine`",
    requirement: DRIFT_EMBEDDING_COSINE,
    p_requirement: None,
    compute: EmbeddingCompute::Means(mean_cosine),
};

/// Every statistic.
pub const STATISTICS: &[EmbeddingStatistic] = &[MMD, MMD_DISTANCE, MEAN_COSINE];

/// The statistic called `id`.
pub(in crate::drift) fn find(id: &str) -> Option<&'static EmbeddingStatistic> {
    STATISTICS.iter().find(|statistic| statistic.id == id)
}

/// The distance of two means.
fn mean_cosine(before: &[f64], now: &[f64]) -> Result<f64, Undefined> {
    if before.len() != now.len() {
        return Err(Undefined::Other(
            "the vectors of the two sides differ in length",
        ));
    }
    if before == now {
        return Ok(0.0);
    }
    // Scaled first, so that no square is too large or too small for a double.
    let (before, now) = (scaled(before), scaled(now));
    let dot = |left: &[f64], right: &[f64]| {
        let products = left.iter().zip(right).map(|(left, right)| left * right);
        products.sum::<f64>()
    };
    let size = dot(&before, &before).sqrt() * dot(&now, &now).sqrt();
    if size == 0.0 {
        return Ok(1.0);
    }
    let distance = 1.0 - dot(&before, &now) / size;
    distance
        .is_finite()
        .then_some(distance.clamp(0.0, 2.0))
        .ok_or(Undefined::Overflow)
}

fn scaled(vector: &[f64]) -> Vec<f64> {
    let largest = vector.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
    match largest {
        0.0 => vector.to_vec(),
        largest => vector.iter().map(|number| number / largest).collect(),
    }
}
