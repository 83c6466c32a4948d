//! Every statistic, one file for each family.

mod anderson_darling;
mod chi_square;
mod cramer_von_mises;
mod divergences;
mod energy;
mod epps_singleton;
mod ks;
mod mann_whitney;
mod missing;
mod proportions;
mod psi;
mod t_test;
mod text;
mod wasserstein;

use super::Statistic;

pub(super) use anderson_darling::anderson_darling;
pub(super) use cramer_von_mises::cramer_von_mises;
pub(super) use divergences::TVD;
pub(super) use energy::energy_distance;
pub(super) use epps_singleton::epps_singleton;
pub(super) use ks::{KS, kolmogorov_smirnov};
pub(super) use mann_whitney::{Alternative, mann_whitney};
pub(super) use missing::{MISSING_RATE, missing_rate, new_categories};
pub(super) use proportions::{fisher_p_value, two_proportion_z};
pub(super) use psi::PSI;
pub(super) use t_test::student;
pub(super) use text::{TEXT_LENGTH_KS, lengths};
pub(super) use wasserstein::wasserstein_distance;

/// Every statistic.
pub const STATISTICS: &[Statistic] = &[
    PSI,
    KS,
    wasserstein::WASSERSTEIN,
    wasserstein::WASSERSTEIN_NORMALIZED,
    energy::ENERGY_DISTANCE,
    divergences::JS_DISTANCE_E,
    divergences::JS_DISTANCE_2,
    divergences::JS_DIVERGENCE_E,
    divergences::JS_DIVERGENCE_2,
    divergences::KL_DIVERGENCE_E,
    divergences::HELLINGER,
    TVD,
    divergences::L_INFINITY,
    divergences::NORMALIZED_ABSOLUTE_DIFFERENCE,
    chi_square::CHI_SQUARE,
    chi_square::CRAMERS_V,
    chi_square::G_TEST,
    proportions::TWO_PROPORTION_Z,
    proportions::FISHER_EXACT,
    cramer_von_mises::CRAMER_VON_MISES,
    anderson_darling::ANDERSON_DARLING,
    mann_whitney::MANN_WHITNEY,
    t_test::T_TEST,
    epps_singleton::EPPS_SINGLETON,
    MISSING_RATE,
    missing::NEW_CATEGORIES,
    TEXT_LENGTH_KS,
    text::VOCABULARY_JS_DISTANCE_2,
    text::UNSEEN_WORDS,
];

/// The statistic called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Statistic> {
    STATISTICS.iter().find(|statistic| statistic.id == id)
}
