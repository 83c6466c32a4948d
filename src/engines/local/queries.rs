//! SQL queries over the table, answered by the measures they come down to, in the same scan as all others.

use std::sync::Arc;

use super::accumulate::failed;
use super::evaluate::Problem;
use super::table::Table;
use crate::measure::sql::{self, QueryPlan};
use crate::measure::{Condition, LogicalType, Measure, Measured};

/// What stands for a measure that was asked for.
pub(super) enum Asked {
    /// Itself.
    Measure(Measure),
    /// The measures a query comes down to.
    Query(QueryPlan, Vec<Measure>),
    /// Nothing: the query cannot be answered.
    Unanswered(Problem),
}

impl Asked {
    /// The measures with their queries read.
    pub(super) fn read(table: &Table, measure: &Measure) -> Self {
        match measure {
            Measure::Query(query) => asked(table, query, None),
            Measure::Where(rows, inner) => match &**inner {
                Measure::Query(query) => asked(table, query, Some(rows)),
                inner if queries(inner) => Self::Unanswered(sliced()),
                _ => Self::Measure(measure.clone()),
            },
            measure if queries(measure) => Self::Unanswered(sliced()),
            measure => Self::Measure(measure.clone()),
        }
    }

    /// What is measured for it.
    pub(super) fn measures(&self) -> &[Measure] {
        match self {
            Self::Measure(measure) => std::slice::from_ref(measure),
            Self::Query(_, measures) => measures,
            Self::Unanswered(_) => &[],
        }
    }

    /// The value, from what was measured for it.
    pub(super) fn measured(&self, found: Vec<Measured>) -> Measured {
        match self {
            Self::Measure(_) => {
                let unmeasured = || failed(&super::plan::unmeasured());
                found.into_iter().next().unwrap_or_else(unmeasured)
            }
            Self::Query(plan, _) => match plan.answer(&found) {
                Ok(answer) => Measured::Answer(answer),
                Err((reason, why)) => Measured::Failed(reason, why),
            },
            Self::Unanswered(problem) => failed(problem),
        }
    }
}

fn sliced() -> Problem {
    Problem::Unsupported(
        "an SQL query cannot be answered by slices; write `group by` in the query".to_owned(),
    )
}

/// Whether a query of this table is within a measure.
fn queries(measure: &Measure) -> bool {
    matches!(measure.innermost(), Measure::Query(_))
}

/// A query over the rows of the table, or over those a condition leaves.
fn asked(table: &Table, query: &str, rows: Option<&Arc<Condition>>) -> Asked {
    let unsupported = |why: String| {
        let message = format!("without an engine that runs SQL: the query {why}");
        Asked::Unanswered(Problem::Unsupported(message))
    };
    let names: Vec<&str> = table.source.names.iter().map(String::as_str).collect();
    let plan = match sql::query(query, &names) {
        Ok(plan) => plan,
        Err(why) => return unsupported(why),
    };
    let facts = table.facts();
    if let Some(missing) = plan
        .columns
        .iter()
        .find(|column| facts.column(column).is_none())
    {
        let why = format!("the column `{missing}` is missing");
        return Asked::Unanswered(Problem::Senseless(why));
    }
    if let Some(time) = plan.numbers.iter().find(|column| is_time(table, column)) {
        return unsupported(format!(
            "computes with the times of `{time}`, which gives days, seconds or intervals, as the engine has it"
        ));
    }
    let measures = plan.measures().into_iter();
    let measures = measures
        .map(|measure| match rows {
            Some(rows) => Measure::Where(rows.clone(), Box::new(measure)),
            None => measure,
        })
        .collect();
    Asked::Query(plan, measures)
}

fn is_time(table: &Table, column: &str) -> bool {
    let of_file = table
        .facts()
        .column(column)
        .and_then(|column| column.logical_type);
    let is = |kind: LogicalType| {
        matches!(
            kind,
            LogicalType::Date | LogicalType::Timestamp | LogicalType::Time
        )
    };
    of_file.is_some_and(is) || table.contract_type(column).is_some_and(is)
}
