//! The kinds of queries that can be answered, what they need measured, and their answers.

use std::sync::Arc;

use super::aggregate::Aggregate;
use super::formula::Formula;
use super::groups::Having;
use crate::evidence::Reason;
use crate::measure::{Answer, Condition, Grouping, Measure, Measured, NullKeys, RowRule, Value};

/// Why there is no answer.
pub(super) type Answered<T> = Result<T, (Reason, String)>;

/// What a query asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// One row with a number computed of aggregates.
    Number {
        aggregates: Vec<Aggregate>,
        formula: Formula,
    },
    /// The rows the condition leaves.
    Rows {
        rows: Condition,
        /// The only column selected, for the first few rows.
        shown: Option<String>,
        limit: Option<u64>,
    },
    /// The different keys of these rows, or those of them that occur as often as is asked; all columns
    /// are the key when it is empty.
    Keys {
        rows: Condition,
        key: Vec<Value>,
        having: Option<Having>,
        limit: Option<u64>,
    },
}

impl Shape {
    pub(super) fn measures(&self) -> Vec<Measure> {
        match self {
            Self::Number { aggregates, .. } => {
                aggregates.iter().flat_map(Aggregate::measures).collect()
            }
            Self::Rows {
                rows: all @ Condition::Constant(true),
                shown: None,
                ..
            } => vec![count(all)],
            Self::Rows { rows, shown, .. } => vec![Measure::Failing(RowRule {
                fails: rows.clone(),
                eligible: Condition::Constant(true),
                shown: shown.clone(),
            })],
            Self::Keys {
                rows, key, having, ..
            } => vec![match having {
                Some(having) if having.needs_frequencies() => within(rows, having.frequencies(key)),
                Some(_) | None => within(
                    rows,
                    Measure::Groups(Grouping {
                        key: key.clone(),
                        nulls: NullKeys::Equal,
                        shows_first: false,
                    }),
                ),
            }],
        }
    }

    pub(super) fn answer(&self, measured: &[Measured]) -> Answered<Answer> {
        if let Some((reason, why)) = measured.iter().find_map(|one| match one {
            Measured::Failed(reason, why) => Some((*reason, why.clone())),
            _ => None,
        }) {
            return Err((reason, why));
        }
        match (self, measured) {
            (
                Self::Number {
                    aggregates,
                    formula,
                },
                measured,
            ) => {
                let mut rest = measured;
                let mut values = Vec::new();
                for aggregate in aggregates {
                    let (own, others) = rest.split_at(aggregate.measures().len().min(rest.len()));
                    rest = others;
                    values.push(aggregate.value(own)?);
                }
                let number = formula.evaluate(&values);
                Ok(Answer {
                    row_count: 1,
                    number,
                    rows: vec![vec![number.map(|number| number.to_string())]],
                    examples: Vec::new(),
                })
            }
            (Self::Rows { limit, .. }, [Measured::Count(count)]) => {
                Ok(of_rows(*count, *limit, Vec::new()))
            }
            (Self::Rows { limit, .. }, [Measured::Failing(found)]) => {
                let values = found.examples.iter();
                let rows = values.map(|example| vec![example.value.clone()]).collect();
                let mut answer = of_rows(found.count, *limit, rows);
                answer.examples.clone_from(&found.examples);
                answer.examples.truncate(answer.rows.len());
                Ok(answer)
            }
            (Self::Keys { having, limit, .. }, [Measured::Groups(groups)]) => {
                let count = match having {
                    Some(having) => having.count(groups),
                    None => Some(groups.distinct),
                };
                let count = count.ok_or_else(something_else)?;
                Ok(of_rows(count, *limit, Vec::new()))
            }
            (
                Self::Keys {
                    having: Some(having),
                    limit,
                    ..
                },
                [Measured::Frequencies(found)],
            ) => {
                let (count, rows) = having.among(found);
                Ok(of_rows(count, *limit, rows))
            }
            (Self::Rows { .. } | Self::Keys { .. }, _) => Err(something_else()),
        }
    }

    /// With a limit on the rows of the answer.
    pub(super) fn limited(mut self, most: Option<u64>) -> Result<Self, String> {
        match (&mut self, most) {
            (Self::Number { .. }, Some(0)) => return Err("has the limit 0".to_owned()),
            (Self::Number { .. }, _) => {}
            (Self::Rows { limit, .. } | Self::Keys { limit, .. }, most) => {
                *limit = match (*limit, most) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
        Ok(self)
    }
}

/// What was measured is not what was asked for.
pub(super) fn something_else() -> (Reason, String) {
    let why = "something else was measured than was asked for";
    (Reason::Unsupported, why.to_owned())
}

fn of_rows(count: u64, limit: Option<u64>, mut rows: Vec<Vec<Option<String>>>) -> Answer {
    let row_count = limit.map_or(count, |limit| count.min(limit));
    rows.truncate(usize::try_from(row_count).unwrap_or(usize::MAX));
    Answer {
        row_count,
        // Which row is the first is not said.
        number: None,
        rows,
        examples: Vec::new(),
    }
}

/// How many rows the condition leaves.
pub(super) fn count(rows: &Condition) -> Measure {
    match rows {
        Condition::Constant(true) => Measure::RowCount,
        rows => Measure::Count(rows.clone()),
    }
}

/// The measure on the rows the condition leaves.
pub(super) fn within(rows: &Condition, measure: Measure) -> Measure {
    match rows {
        Condition::Constant(true) => measure,
        rows => Measure::Where(Arc::new(rows.clone()), Box::new(measure)),
    }
}
