//! The distribution of a column must stay near an expected one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::sync::Arc;

use super::distinct_values::reads_as;
use super::{Check, Requirement, Target, parameters_of, scalars};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Comparison, Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "kl-divergence",
    summary: "The Kullback–Leibler divergence of the distribution of the values from the expected one stays within its bound.",
    remedy: "Look for a changed population upstream, or adapt the expected distribution in the contract.",
    references: &[
        "Great Expectations: expect_column_kl_divergence_to_be_less_than",
        "scipy.stats.entropy(pk, qk)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "In nats, of the values found from the values expected: sum of p ln(p / q), both scaled to 1. Nulls and NaN do not count. A value where none is expected makes it infinite, which is not met; without values it is not evaluated.";

/// Bound on the divergence from an expected distribution.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KlDivergence {
    /// The expected distribution.
    pub expected: ExpectedDistribution,
    /// The bound, in nats.
    pub bound: Bound,
}

/// A distribution a column is expected to have. Weights are at least 0.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExpectedDistribution {
    /// Of values that are counted each for itself.
    Values {
        /// The values.
        values: Vec<serde_json::Value>,
        /// The weight of each.
        weights: Vec<f64>,
        /// The weight of all other values together: where some occur, each gets its share of it, and
        /// the expected ones give it up.
        #[serde(default)]
        others: f64,
    },
    /// Of numbers in bins.
    Bins(Vec<Bin>),
}

/// An interval of numbers and its weight.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// The smallest number; open when absent.
    #[serde(default)]
    pub lower: Option<f64>,
    /// Whether `lower` itself is outside.
    #[serde(default)]
    pub lower_excluded: bool,
    /// The largest number; open when absent.
    #[serde(default)]
    pub upper: Option<f64>,
    /// Whether `upper` itself is inside.
    #[serde(default)]
    pub upper_included: bool,
    /// The weight expected.
    pub weight: f64,
}

/// Different values listed, or bins counted.
const PARTS_MAX: usize = 10_000;

impl Bin {
    fn holds(&self, value: &Value) -> Condition {
        let is =
            |comparison, end| Condition::Compare(value.clone(), comparison, Value::number(end));
        let lower = self.lower.map(|lower| match self.lower_excluded {
            true => is(Comparison::Greater, lower),
            false => is(Comparison::GreaterOrEqual, lower),
        });
        let upper = self.upper.map(|upper| match self.upper_included {
            true => is(Comparison::LessOrEqual, upper),
            false => is(Comparison::Less, upper),
        });
        Condition::All(lower.into_iter().chain(upper).collect())
    }
}

impl KlDivergence {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let column = Value::column(target.column_name());
        let (parts, weights) = match &self.expected {
            ExpectedDistribution::Values {
                values,
                weights,
                others,
            } => {
                scalars(values)?;
                if values.len() != weights.len() {
                    return Err("there are not as many weights as values".to_owned());
                }
                let all = weights.iter().copied().chain([*others]).collect();
                (values.len(), all)
            }
            ExpectedDistribution::Bins(bins) => {
                let weights: Vec<f64> = bins.iter().map(|bin| bin.weight).collect();
                (bins.len(), weights)
            }
        };
        if PARTS_MAX < parts {
            return Err(format!("the distribution has more than {PARTS_MAX} parts"));
        }
        if !weights
            .iter()
            .all(|weight| weight.is_finite() && 0.0 <= *weight)
        {
            return Err("a weight is negative or no number".to_owned());
        }
        Ok(match &self.expected {
            ExpectedDistribution::Values { .. } => {
                let present = Arc::new(Condition::present(target.column_name()));
                let listed = Measure::Frequencies {
                    values: vec![column],
                    combinations_max: PARTS_MAX,
                };
                vec![Measure::Where(present, Box::new(listed))]
            }
            ExpectedDistribution::Bins(bins) => bins
                .iter()
                .map(|bin| Measure::Count(bin.holds(&column)))
                .collect(),
        })
    }

    /// Found counts beside expected weights.
    fn paired(&self, measured: &[Measured]) -> Result<Vec<(f64, f64)>, (Reason, String)> {
        let other = || {
            (
                Reason::Unsupported,
                "the engine measured something else".to_owned(),
            )
        };
        match (&self.expected, measured) {
            (_, [Measured::Failed(reason, why), ..]) => Err((*reason, why.clone())),
            (
                ExpectedDistribution::Values {
                    values,
                    weights,
                    others,
                },
                [Measured::Frequencies(found)],
            ) => Ok(pair_values(values, weights, *others, found)),
            (ExpectedDistribution::Values { .. }, _) => Err(other()),
            (ExpectedDistribution::Bins(bins), counts) => bins
                .iter()
                .zip(counts)
                .map(|(bin, count)| match count {
                    Measured::Count(count) => Ok((*count as f64, bin.weight)),
                    Measured::Failed(reason, why) => Err((*reason, why.clone())),
                    _ => Err(other()),
                })
                .collect(),
        }
    }
}

fn pair_values(
    values: &[serde_json::Value],
    weights: &[f64],
    others: f64,
    found: &[(Vec<Option<String>>, u64)],
) -> Vec<(f64, f64)> {
    let mut expected: Vec<(f64, f64)> = weights.iter().map(|weight| (0.0, *weight)).collect();
    let mut unexpected = Vec::new();
    for (texts, count) in found {
        let Some(text) = texts.first().and_then(Option::as_deref) else {
            continue;
        };
        let index = values.iter().position(|value| reads_as(text, value));
        match index.and_then(|index| expected.get_mut(index)) {
            Some((sum, _)) => *sum += *count as f64,
            None => unexpected.push(*count as f64),
        }
    }
    if unexpected.is_empty() {
        return expected;
    }
    let share = others / unexpected.len() as f64;
    for (_, weight) in &mut expected {
        *weight *= 1.0 - others;
    }
    expected.extend(unexpected.into_iter().map(|count| (count, share)));
    expected
}

/// The divergence of the first from the second; `None` where either sums to nothing.
fn divergence(pairs: &[(f64, f64)]) -> Option<f64> {
    let found: f64 = pairs.iter().map(|(p, _)| p).sum();
    let expected: f64 = pairs.iter().map(|(_, q)| q).sum();
    if found <= 0.0 || expected <= 0.0 {
        return None;
    }
    let term = |(p, q): &(f64, f64)| match (p / found, q / expected) {
        (p, _) if p <= 0.0 => 0.0,
        (_, q) if q <= 0.0 => f64::INFINITY,
        (p, q) => p * (p / q).ln(),
    };
    Some(pairs.iter().map(term).sum())
}

impl Check for KlDivergence {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let pairs = match self.paired(measured) {
            Ok(pairs) => pairs,
            Err((reason, why)) => return target.failed(&REQUIREMENT, reason, &why),
        };
        match divergence(&pairs) {
            None => target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value"),
            Some(infinite) if infinite.is_infinite() => {
                let subject = target.subject();
                let message = format!(
                    "kl divergence of {subject} is infinite: values occur where none is expected, required {}",
                    self.bound
                );
                target.verdict(&REQUIREMENT, false, message)
            }
            Some(number) => {
                let rows: f64 = pairs.iter().map(|(count, _)| count).sum();
                let quantity = Quantity::new(number, Unit::Number).of(rows as u64);
                let number = Measured::Number(Some(quantity.value));
                let rows = quantity.sample_count;
                target.judge_number(&REQUIREMENT, &number, Unit::Number, rows, self.bound)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `scipy.stats.entropy([5, 3, 4], [0.5, 0.25, 0.25])` and so on.
    #[test]
    fn divergences_are_scipys() {
        let cases = [
            (
                vec![(5.0, 0.5), (3.0, 0.25), (4.0, 0.25)],
                0.019_926_708_819_779_218,
            ),
            (vec![(6.0, 0.5), (3.0, 0.25), (3.0, 0.25)], 0.0),
            (
                vec![(0.0, 0.1), (7.0, 0.2), (1.0, 0.8)],
                1.154_691_135_842_002,
            ),
        ];
        for (pairs, expected) in cases {
            let found = divergence(&pairs).expect("there are values");
            assert!((found - expected).abs() < 1e-12, "{pairs:?}: {found}");
        }
        assert_eq!(divergence(&[(0.0, 1.0)]), None);
        assert_eq!(divergence(&[(1.0, 0.0), (1.0, 1.0)]), Some(f64::INFINITY));
    }

    #[test]
    fn values_nobody_expected_share_what_is_held_out_for_them() {
        let values = [serde_json::json!("a"), serde_json::json!(2)];
        let text = |text: &str| vec![Some(text.to_owned())];
        let found = [
            (text("a"), 6),
            (text("2.0"), 2),
            (text("x"), 1),
            (text("y"), 1),
        ];
        let pairs = pair_values(&values, &[0.5, 0.5], 0.2, &found);
        assert_eq!(pairs, [(6.0, 0.4), (2.0, 0.4), (1.0, 0.1), (1.0, 0.1)]);
    }
}
