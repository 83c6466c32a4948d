//! The mutual information of two columns must stay where it belongs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "mutual-information",
    summary: "The mutual information of the two columns stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Deequ: hasMutualInformation (natural logarithm)",
        "sklearn.metrics.mutual_info_score",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Values are taken as categories, over the rows in which neither is null; in nats. Not evaluated without such rows, nor with more combinations than can be listed.";

/// Bound on the mutual information of two columns.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MutualInformation {
    /// The other column.
    pub other: String,
    /// The bound, in nats.
    pub bound: Bound,
}

/// Combinations of two columns that are listed.
const COMBINATIONS_MAX: usize = 1_000_000;

/// The sum over all pairs of p(x, y) ln(p(x, y) / (p(x) p(y))); `None` without pairs.
fn information(frequencies: &[(Vec<Option<String>>, u64)]) -> Option<f64> {
    let pairs: Vec<(&str, &str, f64)> = frequencies
        .iter()
        .filter_map(|(values, count)| match values.as_slice() {
            [Some(one), Some(other)] if 0 < *count => {
                Some((one.as_str(), other.as_str(), *count as f64))
            }
            _ => None,
        })
        .collect();
    let mut ones: BTreeMap<&str, f64> = BTreeMap::new();
    let mut others: BTreeMap<&str, f64> = BTreeMap::new();
    let mut total = 0.0;
    for (one, other, count) in &pairs {
        *ones.entry(one).or_default() += count;
        *others.entry(other).or_default() += count;
        total += count;
    }
    let part = |(one, other, count): &(&str, &str, f64)| {
        let expected = ones.get(one)? * others.get(other)?;
        Some(count / total * (count * total / expected).ln())
    };
    (0.0 < total).then(|| pairs.iter().filter_map(part).sum::<f64>().max(0.0))
}

impl Check for MutualInformation {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let [one, other] = [target.column_name(), self.other.clone()].map(Value::Column);
        vec![Measure::Frequencies {
            values: vec![one, other],
            combinations_max: COMBINATIONS_MAX,
        }]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let number = match measured {
            [Measured::Frequencies(frequencies)] => Measured::Number(information(frequencies)),
            [other] => other.clone(),
            _ => return Vec::new(),
        };
        target.judge_number(&REQUIREMENT, &number, Unit::Number, None, self.bound)
    }
}
