//! The answer of an SQL query must stay within its bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failed_rows::found_rows;
use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "sql-rule",
    summary: "The number the query answers with, or the number of its rows, stays within its bound.",
    remedy: "Run the query on the data to see what it finds, and correct that upstream.",
    references: &[
        "Open Data Contract Standard 3.1: quality type `sql`",
        "Soda: metric `query`",
        "Great Expectations: expect_query_results_to_match_comparison",
        "Deequ: customSql",
        "DQDL: CustomSql",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "On Spark the query is run by the engine, in its dialect; the table has the name of the dataset. On files, queries of one table (aggregates and what is computed of them, the rows a condition leaves, keys that repeat, counts of these) are answered in the scan of the other rules, with the nulls of the SQL standard; joins, windows, `with`, `union` and other tables are not evaluated. `/` does not truncate, and division by zero is null. An answer without a number, and one of several rows where a number is asked for, are not evaluated.";

/// A query with a bound.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRule {
    /// The query.
    pub query: String,
    /// What of its answer is judged.
    #[serde(default)]
    pub result: QueryResult,
    /// The bound.
    pub bound: Bound,
    /// The dialect it is written in, when it is not the common one.
    #[serde(default)]
    pub dialect: Option<String>,
}

/// What of the answer of a query is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryResult {
    /// The first value of its first row.
    #[default]
    Number,
    /// How many rows it has.
    Rows,
}

impl SqlRule {
    fn beside_dialect(&self, why: &str) -> String {
        match &self.dialect {
            Some(dialect) => format!("{why}; the query is written for `{dialect}`"),
            None => why.to_owned(),
        }
    }
}

impl Check for SqlRule {
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
        let number = match (measured, self.result) {
            ([Measured::Answer(answer)], QueryResult::Rows) => Measured::Count(answer.row_count),
            ([Measured::Answer(answer)], QueryResult::Number) => match answer.number {
                Some(number) => Measured::Number(Some(number)),
                None => {
                    let why = "the query answered with no number";
                    return target.failed(&REQUIREMENT, Reason::Undefined, why);
                }
            },
            ([Measured::Failed(reason, why)], _) => {
                return target.failed(&REQUIREMENT, *reason, &self.beside_dialect(why));
            }
            _ => return target.something_else(&REQUIREMENT),
        };
        let unit = match self.result {
            QueryResult::Number => Unit::Number,
            QueryResult::Rows => Unit::Rows,
        };
        let mut evidence = target.judge_number(&REQUIREMENT, &number, unit, None, self.bound);
        if let ([Measured::Answer(answer)], QueryResult::Rows) = (measured, self.result) {
            let rows = target.mask(&found_rows(answer, facts));
            evidence
                .iter_mut()
                .for_each(|record| record.failing_rows = Some(rows.clone()));
        }
        evidence
    }
}
