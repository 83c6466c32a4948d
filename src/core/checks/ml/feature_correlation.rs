//! No two features may say the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Severity, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "feature-correlation",
    summary: "No two numeric features are correlated more strongly than the bound.",
    remedy: "Drop one of the two: it adds noise and makes importances meaningless.",
    references: &[
        "pandas 2.2 `DataFrame.corr`",
        "Deepchecks 0.19 `FeatureFeatureCorrelation` (of ranks, 0.9)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows in which either of the two is null, NaN or infinite are left out of that pair; a pair with a constant column has no correlation and is left out; when no pair has one, or one could not be measured and no other fails, it is not evaluated.";

/// Features above this make too many pairs.
const COLUMNS_MAX: usize = 200;

/// Pairs named in a message.
const PAIRS_MAX: usize = 5;

/// Bound on the absolute value of Pearson's correlation of every pair of columns, over the rows in which
/// both are finite. Pairs with a constant column have none and are left out.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureCorrelation {
    /// The columns, two at least.
    pub columns: Vec<String>,
    /// What each absolute correlation must be; at most 0.99 by default.
    #[serde(default = "nearly_one")]
    pub bound: Bound,
    /// How much it matters at most that it cannot be judged.
    #[serde(default)]
    pub unjudged: Severity,
}

fn nearly_one() -> Bound {
    Bound::AtMost(0.99)
}

impl FeatureCorrelation {
    fn pairs(&self) -> impl Iterator<Item = (&String, &String)> {
        let rest = |place: usize| self.columns.iter().skip(place + 1);
        self.columns
            .iter()
            .enumerate()
            .flat_map(move |(place, one)| rest(place).map(move |other| (one, other)))
    }
}

impl Check for FeatureCorrelation {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        if COLUMNS_MAX < self.columns.len() {
            return Vec::new();
        }
        self.pairs()
            .map(|(one, other)| Measure::Comoments(Value::column(one), Value::column(other)))
            .collect()
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let unjudged = target.at_most(self.unjudged);
        if measured.is_empty() {
            let why = format!(
                "{} columns are named, required 2 to {COLUMNS_MAX}",
                self.columns.len()
            );
            return unjudged.failed(&REQUIREMENT, Reason::Unsupported, &why);
        }
        let mut found: Vec<(f64, u64, &str, &str)> = Vec::new();
        let mut failed = None;
        for ((one, other), measured) in self.pairs().zip(measured) {
            match measured {
                Measured::Comoments(moments) => {
                    let correlation = moments
                        .correlation()
                        .map(f64::abs)
                        .filter(|value| value.is_finite());
                    found.extend(
                        correlation
                            .map(|value| (value, moments.count, one.as_str(), other.as_str())),
                    );
                }
                Measured::Failed(reason, why) => failed = failed.or(Some((*reason, why.as_str()))),
                _ => return target.something_else(&REQUIREMENT),
            }
        }
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        let Some((largest, rows, ..)) = found.first() else {
            let (reason, why) =
                failed.unwrap_or((Reason::Undefined, "no two columns vary together"));
            return unjudged.failed(&REQUIREMENT, reason, why);
        };
        let quantity = Quantity::new(*largest, Unit::Number).of(*rows);
        let outcome = self.bound.judge(&quantity);
        // A pair that could not be measured may be the worst.
        if let (Outcome::Met, Some((reason, why))) = (outcome, failed) {
            return unjudged.failed(&REQUIREMENT, reason, why);
        }
        let pairs: Vec<String> = found
            .iter()
            .take(PAIRS_MAX)
            .map(|(value, _, one, other)| {
                format!("`{one}` and `{other}` {}", self.bound.beside(*value))
            })
            .collect();
        let message = format!(
            "absolute correlations of {}: {}, required {}",
            target.subject(),
            pairs.join(", "),
            self.bound
        );
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, self.bound),
        )
    }
}
