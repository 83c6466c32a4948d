//! Statistics against scipy 1.17.1, statsmodels 0.15.0 and others (`fixtures/statistics`), by family, and
//! against their own promises in simulations with fixed seeds.

mod agreement;
mod average_precision;
mod bootstrap;
mod decision;
mod delong;
mod mean;
mod paired;
mod proportion;
mod running;
mod sequential;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::de::DeserializeOwned;

use super::random::uniform;
use super::special::normal_quantile;

/// The golden values of a family.
fn golden<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("the golden file reads")
}

/// Equal within `tolerance`, relative to the larger of the value and a thousandth.
#[track_caller]
fn close(name: &str, found: f64, expected: f64, tolerance: f64) {
    let far = (found - expected).abs() > tolerance * expected.abs().max(1e-3);
    assert!(
        !far && !found.is_nan(),
        "{name}: {found} is not {expected} (off by {:e})",
        (found - expected).abs()
    );
}

/// A standard normal number, by inversion.
fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    normal_quantile(uniform(random).max(f64::MIN_POSITIVE))
}
