//! What a comparison could have found with the rows there are, and how many would decide it.

use super::comparisons::{Comparison, Demand, Terms};
use crate::evidence::Detectable;
use crate::metrics::estimate::Method;
use crate::statistics::decision::rows_needed;
use crate::statistics::power::{POWER_DEFAULT, detectable};

/// What these rows could find, and how many would do.
pub(super) struct Planned {
    /// The least difference told from none.
    pub(super) detectable: Option<Detectable>,
    /// Rows that would decide, where those here do not.
    pub(super) rows: Option<u64>,
}

impl Planned {
    /// The plan of a comparison, judged by how sure it is now.
    pub(super) fn of(comparison: &Comparison<'_>, terms: &Terms) -> Self {
        let demand = terms.demand;
        let alpha = 0.5 * (1.0 - terms.confidence);
        let claim = demand.claim(comparison.champion);
        // An equal model is what claims of not worse and the same are about; one that is to be better is
        // hoped to be as good as it looks.
        let assumed = match demand {
            Demand::NotWorse { .. } | Demand::Same { .. } => 0.0,
            Demand::Better { .. } => comparison.gain.value,
        };
        let of_sequence = || {
            let mean = comparison.gain.running()?;
            Some((
                mean.detectable(alpha, POWER_DEFAULT),
                mean.rows_needed(claim, assumed, alpha, POWER_DEFAULT),
            ))
        };
        let of_estimate = || {
            let estimate = comparison.gain.estimate().ok()?;
            Some((
                detectable(estimate.standard_error, alpha, POWER_DEFAULT),
                rows_needed(
                    &estimate,
                    comparison.rows,
                    claim,
                    assumed,
                    alpha,
                    POWER_DEFAULT,
                ),
            ))
        };
        let found = match comparison.gain.method {
            Method::Sequence => of_sequence(),
            _ => of_estimate(),
        };
        let Some((detectable, needed)) = found else {
            return Self {
                detectable: None,
                rows: None,
            };
        };
        Self {
            detectable: detectable
                .ok()
                .filter(|effect| 0.0 < *effect && effect.is_finite())
                .map(|difference| Detectable {
                    difference,
                    power: POWER_DEFAULT,
                }),
            // Fewer than there are would be no advice, and beyond a million million it is "never".
            rows: needed
                .ok()
                .flatten()
                .filter(|needed| comparison.rows < *needed && *needed < 1_000_000_000_000)
                .map(rounded),
        }
    }
}

/// To two digits, upwards: it is a guess.
fn rounded(rows: u64) -> u64 {
    let step = 10_u64.pow(rows.max(1).ilog10().saturating_sub(1));
    rows.div_ceil(step) * step
}
