//! A column must be missing as often here as in another dataset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::failure;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "missingness-skew",
    summary: "The null fraction of the column is close to that in another dataset.",
    remedy: "Compare how both pipelines fill the column: a default on one side only, or a join that fails.",
    references: &["TensorFlow Data Validation: `FEATURE_TYPE_LOW_FRACTION_PRESENT`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are those of the file, before any value is read as the type of the contract. The difference is signed: here less there. A dataset without rows is not evaluated.";

/// Bound on the difference of null fractions.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingnessSkew {
    /// The other dataset, by name.
    pub reference: String,
    /// What the null fraction here minus the one there must be; within 0.05 by default.
    #[serde(default = "close")]
    pub difference: Bound,
}

fn close() -> Bound {
    Bound::Between(-0.05, 0.05)
}

impl Check for MissingnessSkew {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let nulls = Measure::NullCount(target.column_name());
        let elsewhere = |measure| Measure::Elsewhere(self.reference.clone(), Box::new(measure));
        vec![
            nulls.clone(),
            elsewhere(nulls),
            elsewhere(Measure::RowCount),
        ]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("nulls beside {}", self.reference));
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let [
            Measured::Count(here),
            Measured::Count(there),
            Measured::Count(rows_there),
        ] = measured
        else {
            return target.something_else(&REQUIREMENT);
        };
        if facts.row_count == 0 || *rows_there == 0 {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "one of the datasets has no rows",
            );
        }
        let here = *here as f64 / facts.row_count as f64;
        let there = *there as f64 / *rows_there as f64;
        let quantity = Quantity::new(here - there, Unit::Number).of(facts.row_count);
        let message = format!(
            "{}: null fraction is {here:.4} here and {there:.4} in `{}`, a difference of {}, required {}",
            target.subject(),
            self.reference,
            self.difference.beside(here - there),
            self.difference
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.difference.judge(&quantity),
                message,
            )
            .measured(quantity, self.difference),
        )
    }
}
