//! A column must tell rows apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Distribution, Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "constant-column",
    summary: "No single value, null among them, takes up the column.",
    remedy: "Drop the column, or find out why it stopped varying: often a default where a value should be.",
    references: &["Deepchecks 0.19 `IsSingleValue`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null, NaN and infinity are each a value; values are told apart as they are read. No rows are not evaluated. Where the distribution is a sketch, shares are those of its points.";

/// Bound on the share of the most frequent value, null being a value: less than 1 by default, so that
/// only a constant fails; `less_than: 0.99` finds near-constants.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstantColumn {
    /// What the share must be, in [0, 1].
    #[serde(default = "not_all")]
    pub share: Bound,
}

fn not_all() -> Bound {
    Bound::LessThan(1.0)
}

impl Check for ConstantColumn {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Distribution(target.column_name())]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let distribution = match measured {
            [Measured::Distribution(distribution)] => distribution,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let (most, all) = match distribution {
            Distribution::Numeric(numbers) => {
                let most = numbers
                    .points
                    .iter()
                    .map(|(_, count)| *count)
                    .max()
                    .unwrap_or_default();
                let others = [
                    numbers.null_count,
                    numbers.nan_count,
                    numbers.infinite_count,
                ];
                let most = others.iter().fold(most, |most, count| most.max(*count));
                (most, numbers.count() + others.iter().sum::<u64>())
            }
            Distribution::Categorical(categories) => {
                let most = categories
                    .counts
                    .values()
                    .copied()
                    .max()
                    .unwrap_or_default();
                (
                    most.max(categories.null_count),
                    categories.count() + categories.null_count,
                )
            }
        };
        if all == 0 {
            return target.failed(&REQUIREMENT, Reason::Undefined, "there are no rows");
        }
        let share = most as f64 / all as f64;
        let quantity = Quantity::new(share, Unit::Fraction).of(all);
        let message = format!(
            "the most frequent value of {} is on a fraction of {} of the rows, required {}",
            target.subject(),
            self.share.beside(share),
            self.share
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.share.judge(&quantity),
                message,
            )
            .measured(quantity, self.share),
        )
    }
}
