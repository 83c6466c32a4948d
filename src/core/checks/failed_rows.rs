//! An SQL query must find no failing rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, FailingRows, Quantity};
use crate::measure::{Answer, Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "failed-rows",
    summary: "The query, which selects the rows that are wrong, finds none.",
    remedy: "Look at the rows the query selects, and correct them upstream.",
    references: &[
        "Soda: failed_rows `query`",
        "Great Expectations: UnexpectedRowsExpectation",
        "dbt: singular tests",
    ],
};

/// The rows a query finds, with examples where each of them is a row of the table. What it selects may be
/// personal, whatever the columns are called: where any column of the table is hidden, so are the values.
pub(super) fn found_rows(answer: &Answer, facts: &TableFacts) -> FailingRows {
    FailingRows {
        count: answer.row_count,
        eligible: facts.row_count.max(answer.row_count),
        examples: answer.examples.clone(),
    }
}

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "As `sql-rule`; every row of the answer is a failing row. Of files, rows that a condition leaves are shown with their numbers; of Spark, the first rows of the answer as they are. Both come without values where any column of the table is personal.";

/// A query for failing rows.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedRows {
    /// The query.
    pub query: String,
    /// How many rows it may find; none when absent.
    #[serde(default)]
    pub rows: Option<Bound>,
    /// The dialect it is written in, when it is not the common one.
    #[serde(default)]
    pub dialect: Option<String>,
}

impl Check for FailedRows {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        vec![Measure::Query(self.query.clone())]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let answer = match measured {
            [Measured::Answer(answer)] => answer,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let bound = self.rows.unwrap_or(Bound::AtMost(0.0));
        let quantity = Quantity::rows(answer.row_count);
        let message = format!(
            "{}: the query finds {quantity}, required {bound}",
            target.subject()
        );
        let outcome = bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, bound)
                .rows(target.mask(&found_rows(answer, facts))),
        )
    }
}
