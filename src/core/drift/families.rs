//! The tests of a comparison that share an error rate, and what that makes of each.

use super::demand::Finding;
use super::judge::Compared;
use super::spec::DriftSpec;
use crate::statistics::Correction;

/// What correction over all columns makes of a record.
#[derive(Clone, Copy)]
pub(super) struct Corrected {
    /// Error rate of the interval of an effect.
    pub(super) rate: f64,
    /// Error rate the least of all tests has; what decides whether there are enough rows.
    pub(super) rate_least: f64,
    /// p-value of a test.
    pub(super) p_value: f64,
    /// Farthest an interval may reach.
    pub(super) resolution: f64,
    /// How the error rate is shared.
    correction: Correction,
}

impl Corrected {
    /// What was done to a p-value, as part of a sentence.
    pub(super) fn said(&self) -> &'static str {
        match self.correction {
            Correction::None => ", not corrected,",
            Correction::Holm | Correction::BenjaminiHochberg => ", corrected over the columns,",
        }
    }

    /// What the end of an interval speaks of, as part of a sentence.
    pub(super) fn together(&self) -> &'static str {
        match self.correction {
            Correction::None => " for this column alone",
            Correction::Holm | Correction::BenjaminiHochberg => " with all columns taken together",
        }
    }
}

/// The tests that share an error rate: all effects; and the p-values of each statistic.
pub(super) struct Families(Vec<Corrected>);

impl Families {
    /// Of the findings of all columns, in their order; `None` where there is none.
    pub(super) fn of(
        spec: &DriftSpec,
        compared: &Compared<'_>,
        findings: &[Option<Finding>],
    ) -> Self {
        let parts = f64::from(compared.parts.max(1));
        let rate = spec.error_rate() / parts;
        let blank = Corrected {
            rate,
            rate_least: rate,
            p_value: 1.0,
            resolution: spec.resolution,
            correction: spec.correction,
        };
        let mut corrected = vec![blank; findings.len()];
        let effects: Vec<(usize, f64)> = findings
            .iter()
            .enumerate()
            .filter_map(|(index, finding)| match finding {
                Some(Finding::Effect(effect, threshold)) => {
                    Some((index, effect.p_value(*threshold)))
                }
                Some(Finding::Number { .. } | Finding::Test(..)) | None => None,
            })
            .collect();
        let p_values: Vec<f64> = effects.iter().map(|(_, p_value)| *p_value).collect();
        let rates = spec.correction.interval_rates(&p_values, rate);
        let least = spec.correction.rate_least(effects.len(), rate);
        for ((index, _), rate) in effects.iter().zip(rates) {
            corrected[*index].rate = rate;
            corrected[*index].rate_least = least;
        }
        let mut names: Vec<&str> = findings.iter().flatten().filter_map(tested).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let tests = p_values_of(name, findings);
            let p_values: Vec<f64> = tests
                .iter()
                .map(|(_, p_value)| (p_value * parts).min(1.0))
                .collect();
            for ((index, _), p_value) in tests.iter().zip(spec.correction.adjusted(&p_values)) {
                corrected[*index].p_value = p_value;
            }
        }
        Self(corrected)
    }

    /// Of the record at a place of that order.
    pub(super) fn of_record(&self, index: usize) -> Corrected {
        self.0[index]
    }
}

/// The statistic whose p-value was found.
fn tested(finding: &Finding) -> Option<&'static str> {
    match finding {
        Finding::Test(name, ..) => Some(name),
        Finding::Effect(..) | Finding::Number { .. } => None,
    }
}

fn p_values_of(name: &str, findings: &[Option<Finding>]) -> Vec<(usize, f64)> {
    let of = |(index, finding): (usize, &Option<Finding>)| match finding {
        Some(Finding::Test(tested, comparison, _)) if *tested == name => {
            comparison.p_value.map(|p_value| (index, p_value))
        }
        Some(Finding::Test(..) | Finding::Effect(..) | Finding::Number { .. }) | None => None,
    };
    findings.iter().enumerate().filter_map(of).collect()
}
