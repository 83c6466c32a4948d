//! An identifier must not tell the label or the split: rows in the order of their class, or splits made
//! by the order of the rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::power::{NoPower, cells_of_numbers};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Severity, Unit};
use crate::measure::{Distribution, Measure, Measured, NumericDistribution, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "id-leakage",
    summary: "An identifier or row number predicts neither the label nor the split.",
    remedy: "Leave the identifier out of the features, and shuffle before splitting unless you split by time.",
    references: &["Deepchecks 0.19 `IdentifierLabelCorrelation` (predictive power score 0)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The identifier must be numeric or a time; null is a value of its own, below all others. Ties count half. Rows without a label are left out. A class or split with fewer rows than `rows_min` is left out, and when none is left it is not evaluated.";

/// Bound on how well a numeric identifier predicts the label or the split, as the area under the ROC
/// curve: 0.5 says nothing, 1 everything.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdLeakage {
    /// What must not be predicted.
    pub predicts: Predicted,
    /// What the area must be; at most 0.6 by default.
    #[serde(default = "low")]
    pub power: Bound,
    /// Rows a class or split must have, and the others beside it; below, chance alone goes beyond 0.6.
    #[serde(default = "rows_min")]
    pub rows_min: u64,
    /// How much it matters at most that it cannot be judged.
    #[serde(default)]
    pub unjudged: Severity,
}

/// What an identifier must not predict.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Predicted {
    /// The label, by its column.
    Label(String),
    /// Whether a row is in this split or in this other one, by the name of its dataset.
    Split(String),
}

fn low() -> Bound {
    Bound::AtMost(0.6)
}

fn rows_min() -> u64 {
    100
}

impl Check for IdLeakage {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let distribution = Measure::Distribution(target.column_name());
        match &self.predicts {
            Predicted::Label(label) => {
                vec![Measure::By(vec![label.clone()], Box::new(distribution))]
            }
            Predicted::Split(other) => {
                let there = Measure::Elsewhere(other.clone(), Box::new(distribution.clone()));
                vec![distribution, there]
            }
        }
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let what = match &self.predicts {
            Predicted::Label(label) => format!("label {label}"),
            Predicted::Split(other) => format!("split from {other}"),
        };
        let target = target.narrowed(&what);
        let unjudged = target.at_most(self.unjudged);
        if let Some((reason, why)) = super::failure(measured) {
            return unjudged.failed(&REQUIREMENT, reason, why);
        }
        let distributions: Option<Vec<&NumericDistribution>> = match measured {
            [Measured::Slices(slices)] => {
                let labelled = slices
                    .iter()
                    .filter(|slice| slice.values.iter().all(Option::is_some));
                labelled.map(|slice| numbers(&slice.measured)).collect()
            }
            others => others.iter().map(numbers).collect(),
        };
        let Some(distributions) = distributions else {
            return unjudged.failed(
                &REQUIREMENT,
                Reason::Unsupported,
                "the identifier is not a number",
            );
        };
        let cells = cells_of_numbers(&distributions);
        let rows = cells.rows();
        let power = match cells.ordered_power(self.rows_min) {
            Ok(power) => power,
            Err(NoPower::OneClass) => {
                return unjudged.failed(
                    &REQUIREMENT,
                    Reason::Undefined,
                    "there is nothing to tell apart",
                );
            }
            Err(NoPower::TooFewRows) => {
                let why = format!(
                    "neither side has {} rows beside as many others",
                    self.rows_min
                );
                return unjudged.failed(&REQUIREMENT, Reason::TooFewRows, &why);
            }
        };
        let quantity = Quantity::new(power, Unit::Number).of(rows);
        let message = format!(
            "{} predicts the {what} with an area under the ROC curve of {}, required {}",
            Target {
                rows: None,
                ..target.clone()
            }
            .subject(),
            self.power.beside(power),
            self.power
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.power.judge(&quantity),
                message,
            )
            .measured(quantity, self.power),
        )
    }
}

fn numbers(measured: &Measured) -> Option<&NumericDistribution> {
    match measured {
        Measured::Distribution(Distribution::Numeric(numbers)) => Some(numbers),
        _ => None,
    }
}
