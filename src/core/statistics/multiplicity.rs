//! One error rate over many columns: at 5 % and 200 columns that have not moved, ten uncorrected tests
//! would cry wolf.
//!
//! Adjusted p-values, so that each can be held against the error rate as it is. *Holm* (1979) keeps the
//! chance of any false alarm below the rate, whatever the dependence between columns. *Benjamini and
//! Hochberg* (1995) keep the expected share of false ones among the alarms below it, for columns that
//! are independent or positively dependent; it finds more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the error rate is shared among tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// The chance of any false alarm is at most the error rate.
    #[default]
    Holm,
    /// The expected share of false alarms among the alarms is at most the error rate.
    BenjaminiHochberg,
    /// Each test has the whole error rate; false alarms grow with the columns.
    None,
}

impl Correction {
    /// The p-values, adjusted, in their order; what is compared with the error rate.
    #[must_use]
    pub fn adjusted(self, p_values: &[f64]) -> Vec<f64> {
        let count = p_values.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|left, right| p_values[*left].total_cmp(&p_values[*right]));
        let mut adjusted = p_values.to_vec();
        match self {
            Self::None => {}
            Self::Holm => {
                let mut largest = 0.0_f64;
                for (rank, index) in order.iter().enumerate() {
                    largest = largest.max((p_values[*index] * (count - rank) as f64).min(1.0));
                    adjusted[*index] = largest;
                }
            }
            Self::BenjaminiHochberg => {
                let mut least = 1.0_f64;
                for (rank, index) in order.iter().enumerate().rev() {
                    least = least.min(p_values[*index] * count as f64 / (rank + 1) as f64);
                    adjusted[*index] = least;
                }
            }
        }
        adjusted
    }

    /// The error rate a test among `count` has in the worst case: the one that sample sizes must suffice
    /// for.
    #[must_use]
    pub fn rate_least(self, count: usize, rate: f64) -> f64 {
        match self {
            Self::None => rate,
            Self::Holm | Self::BenjaminiHochberg => rate / count.max(1) as f64,
        }
    }

    /// The error rate of each test's own interval, such that the interval leaves the threshold out
    /// exactly when the adjusted p-value is at most `rate`: for Holm the rate of the step that rejected
    /// it, or of the first step that did not; for Benjamini and Hochberg the rate of the last rejected.
    #[must_use]
    pub fn interval_rates(self, p_values: &[f64], rate: f64) -> Vec<f64> {
        let count = p_values.len();
        let adjusted = self.adjusted(p_values);
        let rejected = adjusted.iter().filter(|p_value| **p_value <= rate).count();
        match self {
            Self::None => vec![rate; count],
            Self::BenjaminiHochberg => {
                vec![rate * rejected.max(1) as f64 / count.max(1) as f64; count]
            }
            Self::Holm => {
                let mut order: Vec<usize> = (0..count).collect();
                order.sort_by(|left, right| p_values[*left].total_cmp(&p_values[*right]));
                let mut rates = vec![rate; count];
                for (rank, index) in order.into_iter().enumerate() {
                    rates[index] = rate / (count - rank.min(rejected)).max(1) as f64;
                }
                rates
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By hand from the papers: Holm multiplies by 4, 3, 2, 1 and
    /// keeps the order; Benjamini and Hochberg by 4/1, 4/2, 4/3, 4/4 from the top.
    #[test]
    fn adjusted_p_values_are_those_of_the_papers() {
        let p_values = [0.01, 0.04, 0.03, 0.005];
        let close = |found: Vec<f64>, expected: [f64; 4]| {
            let pairs = found.iter().zip(expected);
            assert!(
                pairs
                    .clone()
                    .all(|(found, expected)| (found - expected).abs() < 1e-12),
                "{found:?}"
            );
        };
        close(
            Correction::Holm.adjusted(&p_values),
            [0.03, 0.06, 0.06, 0.02],
        );
        close(
            Correction::BenjaminiHochberg.adjusted(&p_values),
            [0.02, 0.04, 0.04, 0.02],
        );
        close(Correction::None.adjusted(&p_values), p_values);
    }

    proptest! {
        #[test]
        fn an_interval_rate_decides_as_the_adjusted_p_value(
            p_values in prop::collection::vec(0.0..1.0_f64, 1..30),
            small in prop::collection::vec(0.0..0.01_f64, 0..10),
        ) {
            let p_values: Vec<f64> = p_values.into_iter().chain(small).collect();
            for correction in [Correction::Holm, Correction::BenjaminiHochberg, Correction::None] {
                let adjusted = correction.adjusted(&p_values);
                let rates = correction.interval_rates(&p_values, 0.05);
                for ((p_value, adjusted), rate) in p_values.iter().zip(adjusted).zip(rates) {
                    // Away from equality, which rounding decides.
                    if 1e-12 < (adjusted - 0.05).abs() {
                        prop_assert_eq!(adjusted <= 0.05, *p_value <= rate);
                    }
                }
            }
        }
    }
}
