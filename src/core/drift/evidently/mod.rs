//! Evidently 0.7.23, by name: the same method for the same column, the same score, the same threshold.
//!
//! Written from the behaviour of `evidently/legacy/calculations/stattests`, which the metrics of 0.7
//! still call, and compared with it number by number (`fixtures/drift/evidently.py`). Its defects are
//! reproduced, because a team that moves over wants to see the number it knows before it changes it:
//!
//! - `n_bins` is accepted there and ignored; numbers get as many bins of equal width over both sides as
//!   Sturges says, or one bin a value when the reference has at most 20 different ones.
//! - `mannw` looks for a rise only; a fall has p near 1.
//! - `chisquare` takes the reference for exact: one row of a new category has p = 0.
//! - `t_test`, `chisquare` and `g_test` are NaN on constants; here that is not evaluated, never passed.
//! - `g_test` does not scale expected counts and fails when the sides differ in size.
//! - `wasserstein` divides by at least 0.001, so that a constant that has changed by 1 is 1000 apart.
//! - `cramer_von_mises` stops with an error on very few values.
//! - Nulls, NaN and infinities are dropped on each side, and nothing compares how many there were.
//!
//! Not reproduced: `TVD` and `empirical_mmd`, whose p-values come from numpy's random numbers over the
//! order of the rows, which a distribution has not; the rounding of `cramer_von_mises` on about ten
//! values a side, which counts in half precision there; texts and embeddings by trained classifiers; whole
//! numbers of a narrow range in more than half a million rows, where numpy 2 makes no bin narrower
//! than 1.

mod tables;

use super::columns::{joint, moments};
use super::statistic::Undefined;
use super::statistics as strict;
use crate::evidence::Bound;
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};
use tables::{binned, of_table, table, values};

/// A method of Evidently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `ks`
    Ks,
    /// `chisquare`
    ChiSquare,
    /// `z`
    Z,
    /// `t_test`
    T,
    /// `mannw`
    MannWhitney,
    /// `anderson`
    Anderson,
    /// `cramer_von_mises`
    CramerVonMises,
    /// `es`
    EppsSingleton,
    /// `g_test`
    G,
    /// `fisher_exact`
    Fisher,
    /// `wasserstein`
    Wasserstein,
    /// `ed`
    Energy,
    /// `jensenshannon`
    JensenShannon,
    /// `kl_div`
    KullbackLeibler,
    /// `psi`
    Psi,
    /// `hellinger`
    Hellinger,
}

/// Every method, by its name in Evidently.
pub const TESTS: &[(&str, Test)] = &[
    ("ks", Test::Ks),
    ("chisquare", Test::ChiSquare),
    ("z", Test::Z),
    ("t_test", Test::T),
    ("mannw", Test::MannWhitney),
    ("anderson", Test::Anderson),
    ("cramer_von_mises", Test::CramerVonMises),
    ("es", Test::EppsSingleton),
    ("g_test", Test::G),
    ("fisher_exact", Test::Fisher),
    ("wasserstein", Test::Wasserstein),
    ("ed", Test::Energy),
    ("jensenshannon", Test::JensenShannon),
    ("kl_div", Test::KullbackLeibler),
    ("psi", Test::Psi),
    ("hellinger", Test::Hellinger),
];

/// What Evidently says of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The method.
    pub test: Test,
    /// Its drift score: a p-value or a distance. NaN where Evidently says NaN.
    pub score: f64,
    /// What the score must satisfy for the column not to have drifted.
    pub bound: Bound,
}

/// Share of columns from which Evidently says that a dataset has drifted.
pub const DATASET_SHARE: f64 = 0.5;

/// Reference rows up to which the default is a test; beyond, a distance.
const SMALL_MAX: u64 = 1000;

/// Different values up to which numbers are compared as categories by default.
const FEW_VALUES_MAX: usize = 5;

/// Values of the larger side up to which `cramer_von_mises` is exact.
const CRAMER_VON_MISES_EXACT_MAX: u64 = 20;

/// Different values of the reference up to which numbers get one bin a value.
const BIN_PER_VALUE_MAX: usize = 20;

impl Test {
    /// The name in Evidently.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = TESTS.iter().find(|(_, test)| *test == self);
        found.map_or("", |(name, _)| name)
    }

    /// The name in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ks => "p-value of ks (Evidently)",
            Self::ChiSquare => "p-value of chisquare (Evidently)",
            Self::Z => "p-value of z (Evidently)",
            Self::T => "p-value of t_test (Evidently)",
            Self::MannWhitney => "p-value of mannw (Evidently)",
            Self::Anderson => "p-value of anderson (Evidently)",
            Self::CramerVonMises => "p-value of cramer_von_mises (Evidently)",
            Self::EppsSingleton => "p-value of es (Evidently)",
            Self::G => "p-value of g_test (Evidently)",
            Self::Fisher => "p-value of fisher_exact (Evidently)",
            Self::Wasserstein => "wasserstein (Evidently)",
            Self::Energy => "ed (Evidently)",
            Self::JensenShannon => "jensenshannon (Evidently)",
            Self::KullbackLeibler => "kl_div (Evidently)",
            Self::Psi => "psi (Evidently)",
            Self::Hellinger => "hellinger (Evidently)",
        }
    }

    /// The threshold when nothing else is said.
    #[must_use]
    pub fn threshold_default(self) -> f64 {
        match self {
            Self::Ks
            | Self::ChiSquare
            | Self::Z
            | Self::T
            | Self::MannWhitney
            | Self::EppsSingleton => 0.05,
            Self::Anderson
            | Self::CramerVonMises
            | Self::G
            | Self::Fisher
            | Self::Wasserstein
            | Self::Energy
            | Self::JensenShannon
            | Self::KullbackLeibler
            | Self::Psi
            | Self::Hellinger => 0.1,
        }
    }

    /// What a score must satisfy for no drift: Evidently compares p-values with < but for two tests, and
    /// distances with ≥ but for one.
    #[must_use]
    pub fn bound(self, threshold: f64) -> Bound {
        match self {
            Self::Ks | Self::CramerVonMises => Bound::MoreThan(threshold),
            Self::ChiSquare
            | Self::Z
            | Self::T
            | Self::MannWhitney
            | Self::Anderson
            | Self::EppsSingleton
            | Self::G
            | Self::Fisher => Bound::AtLeast(threshold),
            Self::Energy => Bound::AtMost(threshold),
            Self::Wasserstein
            | Self::JensenShannon
            | Self::KullbackLeibler
            | Self::Psi
            | Self::Hellinger => Bound::LessThan(threshold),
        }
    }
}

/// The method Evidently picks by the rows of the reference and the different values of both sides.
#[must_use]
pub fn default_test(reference: &Distribution, current: &Distribution) -> Test {
    let (rows, different, numeric) = match (reference, current) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            (before.count(), joint(before, now).count(), true)
        }
        (Distribution::Categorical(before), Distribution::Categorical(now)) => {
            (before.count(), table(before, now).reference.len(), false)
        }
        (Distribution::Numeric(_), Distribution::Categorical(_))
        | (Distribution::Categorical(_), Distribution::Numeric(_)) => (0, 0, false),
    };
    let few = !numeric || different <= FEW_VALUES_MAX;
    match (rows <= SMALL_MAX, few) {
        (true, true) if different <= 2 => Test::Z,
        (true, true) => Test::ChiSquare,
        (true, false) => Test::Ks,
        (false, true) => Test::JensenShannon,
        (false, false) => Test::Wasserstein,
    }
}

/// The score of `test`, or of the default.
///
/// # Errors
/// When Evidently raises an error.
pub fn compare(
    test: Option<Test>,
    threshold: Option<f64>,
    reference: &Distribution,
    current: &Distribution,
) -> Result<Score, Undefined> {
    let test = test.unwrap_or_else(|| default_test(reference, current));
    let score = match (reference, current) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            some(before.count(), now.count())?;
            numeric(test, before, now)
        }
        (Distribution::Categorical(before), Distribution::Categorical(now)) => {
            some(before.count(), now.count())?;
            categorical(test, before, now)
        }
        (Distribution::Numeric(_), Distribution::Categorical(_))
        | (Distribution::Categorical(_), Distribution::Numeric(_)) => {
            Err(Undefined::between(reference, current))
        }
    }?;
    Ok(Score {
        test,
        score,
        bound: test.bound(threshold.unwrap_or_else(|| test.threshold_default())),
    })
}

fn some(reference: u64, current: u64) -> Result<(), Undefined> {
    use super::statistic::Side;
    for (count, side) in [(reference, Side::Reference), (current, Side::Current)] {
        if count == 0 {
            return Err(Undefined::NoValues(side));
        }
    }
    Ok(())
}

fn numeric(
    test: Test,
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> Result<f64, Undefined> {
    let p_value = |comparison: super::Comparison| comparison.p_value.unwrap_or(f64::NAN);
    match test {
        Test::Ks => Ok(strict::kolmogorov_smirnov(reference, current).1),
        Test::T => Ok(strict::student(reference, current)),
        Test::MannWhitney => {
            Ok(strict::mann_whitney(reference, current, strict::Alternative::Less).1)
        }
        Test::Anderson => {
            if super::columns::all_equal(reference, current) {
                return Err(Undefined::Other(
                    "Evidently stops: all values are one value",
                ));
            }
            strict::anderson_darling(reference, current).map(p_value)
        }
        Test::CramerVonMises => {
            if table_does_not_fit(reference.count(), current.count()) {
                return Err(Undefined::Other(
                    "Evidently's `cramer_von_mises` stops on so few values",
                ));
            }
            strict::cramer_von_mises(reference, current).map(p_value)
        }
        Test::EppsSingleton => strict::epps_singleton(reference, current).map(p_value),
        Test::Wasserstein => {
            let (count, _, squares) = moments(reference);
            let deviation = (squares / count).sqrt().max(0.001);
            Ok(strict::wasserstein_distance(reference, current) / deviation)
        }
        Test::Energy => Ok(strict::energy_distance(reference, current)),
        Test::ChiSquare | Test::Z | Test::G | Test::Fisher => {
            of_table(test, &values(reference, current))
        }
        Test::JensenShannon | Test::KullbackLeibler | Test::Psi => {
            let bins = if BIN_PER_VALUE_MAX < reference.points.len() {
                let count = reference.count().saturating_add(current.count());
                binned(reference, current, count)
            } else {
                values(reference, current)
            };
            of_table(test, &bins)
        }
        Test::Hellinger => {
            let different = joint(reference, current).count() as u64;
            of_table(test, &binned(reference, current, different))
        }
    }
}

fn categorical(
    test: Test,
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<f64, Undefined> {
    match test {
        Test::ChiSquare
        | Test::Z
        | Test::G
        | Test::Fisher
        | Test::JensenShannon
        | Test::KullbackLeibler
        | Test::Psi
        | Test::Hellinger => of_table(test, &table(reference, current)),
        Test::Ks
        | Test::T
        | Test::MannWhitney
        | Test::Anderson
        | Test::CramerVonMises
        | Test::EppsSingleton
        | Test::Wasserstein
        | Test::Energy => Err(Undefined::NotNumeric),
    }
}

/// Whether its exact table gets a type of whole numbers, into which numpy 2 refuses to add: when the
/// bound of the statistic is above the number of orders.
fn table_does_not_fit(n: u64, m: u64) -> bool {
    if CRAMER_VON_MISES_EXACT_MAX < n.max(m) {
        return false;
    }
    let (n, m) = (n as f64, m as f64);
    let multiple = (1..=m as u32)
        .map(|factor| f64::from(factor) * n)
        .find(|multiple| multiple % m == 0.0)
        .unwrap_or(n * m);
    crate::statistics::special::ln_choose(n + m, n) <= (multiple * multiple * (n + m)).ln()
}
