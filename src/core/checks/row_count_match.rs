//! A dataset must have as many rows as another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity};
use crate::measure::{Comparison, Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "row-count-match",
    summary: "The number of rows compares as demanded with that of the other dataset.",
    remedy: "Make the two deliveries agree upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_table_row_count_to_equal_other_table",
        "dbt-utils: equal_rowcount, fewer_rows_than",
        "dbt-expectations: expect_table_row_count_to_equal_other_table, _times_factor",
        "DQDL: RowCountMatch",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The other dataset is one of the configuration; without it the rule is not evaluated. The count here is compared with the count there times the factor, exactly up to 2^53.";

/// The rows of two datasets.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowCountMatch {
    /// The other dataset.
    pub dataset: String,
    /// How the count here must compare with the count there.
    #[serde(default)]
    pub comparison: Comparison,
    /// What the count there is multiplied with.
    #[serde(default = "one")]
    pub factor: f64,
    /// How far the counts may differ, as a share of the count there, when they must be equal.
    #[serde(default)]
    pub margin: f64,
}

fn one() -> f64 {
    1.0
}

/// What a comparison with a number demands; the margin widens equality.
pub(super) fn bound(comparison: Comparison, wanted: f64, margin: f64) -> Bound {
    match comparison {
        Comparison::Equal if 0.0 < margin => Bound::Between(wanted - margin, wanted + margin),
        Comparison::Equal => Bound::Exactly(wanted),
        Comparison::NotEqual => Bound::Not(wanted),
        Comparison::Less => Bound::LessThan(wanted),
        Comparison::LessOrEqual => Bound::AtMost(wanted),
        Comparison::Greater => Bound::MoreThan(wanted),
        Comparison::GreaterOrEqual => Bound::AtLeast(wanted),
    }
}

impl Check for RowCountMatch {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        vec![Measure::Elsewhere(
            self.dataset.clone(),
            Box::new(Measure::RowCount),
        )]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let there = match measured {
            [Measured::Count(there)] => *there,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let (here, wanted) = (facts.row_count as f64, there as f64 * self.factor);
        let bound = bound(self.comparison, wanted, (wanted * self.margin).abs());
        let quantity = Quantity::rows(facts.row_count);
        let message = format!(
            "{} has {quantity}, dataset `{}` has {there}, required {bound}",
            target.subject(),
            self.dataset
        );
        let _ = here;
        let outcome = bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, bound),
        )
    }
}
