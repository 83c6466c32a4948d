//! From measures to statements to values: what is found first, what shares a statement, what is asked
//! one by one when an engine rejects a statement.

use std::collections::BTreeMap;

use super::answer;
use super::dialect::Dialect;
use super::examples::fill;
use super::planning::{Plan, Together};
use super::question::{Asked, Read, SLICE_ROWS_MAX};
use super::rows::{Cell, Engine, QueryError, Rows};
use super::table::Table;
use crate::evidence::Reason;
use crate::io::remote::RemoteError;
use crate::measure::{Measure, Measured, Slice};

/// Aggregates in one statement: engines compile a `SELECT`, and give up on long ones.
pub(super) const AGGREGATES_MAX: usize = 60;

/// Slices of one measure.
const SLICES_MAX: usize = 10_000;

/// The tables at hand.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// The one that is measured.
    pub measured: &'a Table,
    /// Those that look-ups and measures elsewhere may name.
    pub others: &'a BTreeMap<String, Table>,
}

/// Measures a table.
///
/// # Errors
/// When there is no talking to the engine.
pub fn measure(
    engine: &dyn Engine,
    dialect: Dialect,
    tables: Tables<'_>,
    measures: &[Measure],
    examples_max: u64,
) -> Result<Vec<Measured>, RemoteError> {
    let mut run = Run {
        engine,
        dialect,
        tables,
        known: BTreeMap::new(),
    };
    let plans = run.plan(measures)?;
    let mut measured: Vec<Option<Measured>> = vec![None; measures.len()];
    let mut together: BTreeMap<Together, Vec<usize>> = BTreeMap::new();
    for (index, plan) in plans.iter().enumerate() {
        match plan {
            Err(failed) => measured[index] = Some(failed.clone()),
            Ok(plan) => match &plan.question.asked {
                Asked::Aggregates(_) => {
                    together
                        .entry(plan.together.clone())
                        .or_default()
                        .push(index);
                }
                Asked::Statement(statement) => {
                    measured[index] = Some(run.ask(plan, statement)?);
                }
            },
        }
    }
    for (from, indices) in &together {
        let plans: Vec<(usize, &Plan)> = indices
            .iter()
            .filter_map(|&index| Some((index, plans[index].as_ref().ok()?)))
            .collect();
        run.ask_together(from, &plans, &mut measured)?;
    }
    let mut values = Vec::with_capacity(measures.len());
    for (plan, value) in plans.iter().zip(measured) {
        let value = value.unwrap_or_else(|| failed("it was not asked"));
        values.push(match plan {
            Ok(plan) => run.follow(plan, value, examples_max)?,
            Err(_) => value,
        });
    }
    Ok(values)
}

pub(super) struct Run<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) dialect: Dialect,
    pub(super) tables: Tables<'a>,
    /// Numbers found before, by relation and aggregate; or why there is none.
    pub(super) known: BTreeMap<(String, String), Result<Option<f64>, String>>,
}

impl Run<'_> {
    /// Asks for aggregates that share their rows and slices, and halves what is rejected until it is
    /// known which measure it is for.
    fn ask_together(
        &self,
        from: &Together,
        plans: &[(usize, &Plan)],
        measured: &mut [Option<Measured>],
    ) -> Result<(), RemoteError> {
        let mut aggregates: Vec<String> = Vec::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        for (_, plan) in plans {
            let Asked::Aggregates(own) = &plan.question.asked else {
                continue;
            };
            places.push(
                own.iter()
                    .map(|aggregate| {
                        let known = aggregates.iter().position(|known| known == aggregate);
                        known.unwrap_or_else(|| {
                            aggregates.push(aggregate.clone());
                            aggregates.len() - 1
                        })
                    })
                    .collect(),
            );
        }
        let halves = plans.split_at(plans.len() / 2);
        if AGGREGATES_MAX < aggregates.len() && 1 < plans.len() {
            self.ask_together(from, halves.0, measured)?;
            return self.ask_together(from, halves.1, measured);
        }
        let rows = match self.query(&statement(from, &aggregates))? {
            Ok(rows) => rows,
            Err(why) => {
                if let [(index, _)] = plans {
                    measured[*index] = Some(failed(&rejected(&why)));
                    return Ok(());
                }
                self.ask_together(from, halves.0, measured)?;
                return self.ask_together(from, halves.1, measured);
            }
        };
        let sliced = from.slices.names.len();
        for ((index, plan), places) in plans.iter().zip(places) {
            let own = Rows {
                fields: rows.fields.iter().take(sliced).cloned().collect(),
                rows: rows
                    .rows
                    .iter()
                    .map(|row| {
                        let slice = row.iter().take(sliced).cloned();
                        let values = places
                            .iter()
                            .map(|place| row.get(sliced + place).cloned().unwrap_or(Cell::Unread));
                        slice.chain(values).collect()
                    })
                    .collect(),
            };
            measured[*index] = Some(read(plan, &plan.question.read, &own));
        }
        Ok(())
    }

    fn ask(&self, plan: &Plan, statement: &str) -> Result<Measured, RemoteError> {
        let rows = match self.query(statement)? {
            Ok(rows) => rows,
            Err(why) => return Ok(failed(&rejected(&why))),
        };
        let sliced = !plan.together.slices.is_empty();
        match &plan.question.read {
            Read::Points { coarse }
                if answer::has_too_many_points(rows.rows.len())
                    && (!sliced || SLICE_ROWS_MAX <= rows.rows.len()) =>
            {
                match self.query(coarse)? {
                    Ok(rows) => Ok(read(plan, &Read::CoarsePoints, &rows)),
                    Err(why) => Ok(failed(&rejected(&why))),
                }
            }
            how => Ok(read(plan, how, &rows)),
        }
    }

    /// Adds what is asked only when there is something to show.
    fn follow(
        &self,
        plan: &Plan,
        mut measured: Measured,
        examples_max: u64,
    ) -> Result<Measured, RemoteError> {
        match (&plan.question.read, &mut measured) {
            (Read::Failing { example } | Read::Groups { example }, measured) => {
                self.show(plan, example, measured, examples_max)?;
            }
            (Read::Answer { rows }, Measured::Answer(answer)) if 0 < answer.row_count => {
                match self.query(rows)? {
                    Ok(rows) => fill(answer, &rows, examples_max),
                    Err(why) => return Ok(failed(&rejected(&why))),
                }
            }
            _ => {}
        }
        Ok(measured)
    }

    /// The rows, or why the engine rejects the statement.
    pub(super) fn query(&self, statement: &str) -> Result<Result<Rows, String>, RemoteError> {
        match self.engine.query(statement) {
            Ok(rows) => Ok(Ok(rows)),
            Err(QueryError::Rejected(why)) => Ok(Err(why)),
            Err(QueryError::Remote(error)) => Err(error),
        }
    }
}

pub(super) fn columns(aggregates: &[String]) -> String {
    aggregates
        .iter()
        .enumerate()
        .map(|(index, aggregate)| format!("{aggregate} AS a{index}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn statement(from: &Together, aggregates: &[String]) -> String {
    let named: Vec<String> = from
        .slices
        .named
        .iter()
        .cloned()
        .chain((!aggregates.is_empty()).then(|| columns(aggregates)))
        .collect();
    let rows = match &from.rows {
        Some(rows) => format!(" WHERE {rows}"),
        None => String::new(),
    };
    let group = match from.slices.is_empty() {
        true => String::new(),
        false => format!(
            " GROUP BY {} LIMIT {}",
            from.slices.keys.join(", "),
            SLICES_MAX + 1
        ),
    };
    format!(
        "SELECT {} FROM {}{rows}{group}",
        named.join(", "),
        from.relation
    )
}

/// Reads an answer, slice by slice where there are slices.
fn read(plan: &Plan, how: &Read, rows: &Rows) -> Measured {
    let sliced = plan.together.slices.names.len();
    if sliced == 0 {
        let rows: Vec<&[Cell]> = rows.rows.iter().map(Vec::as_slice).collect();
        return answer::read(how, &rows);
    }
    if SLICE_ROWS_MAX <= rows.rows.len() {
        return failed("its slices have more values together than are fetched");
    }
    let slices = by_slice(rows, sliced);
    if SLICES_MAX < slices.len() {
        return failed(&format!("there are more than {SLICES_MAX} slices"));
    }
    Measured::Slices(
        slices
            .into_iter()
            .map(|(values, rows)| Slice {
                values,
                measured: answer::read(how, &rows),
            })
            .collect(),
    )
}

/// The rows of each slice, whose columns come first and are taken off.
pub(super) fn by_slice(rows: &Rows, sliced: usize) -> BTreeMap<Vec<Option<String>>, Vec<&[Cell]>> {
    let mut slices: BTreeMap<Vec<Option<String>>, Vec<&[Cell]>> = BTreeMap::new();
    for row in &rows.rows {
        let values = row
            .iter()
            .zip(&rows.fields)
            .take(sliced)
            .map(|(cell, field)| cell.text(field.kind))
            .collect();
        slices
            .entry(values)
            .or_default()
            .push(row.get(sliced..).unwrap_or_default());
    }
    slices
}

pub(super) fn rejected(why: &str) -> String {
    format!("the remote engine does not take it: {why}")
}

pub(super) fn failed(why: &str) -> Measured {
    Measured::Failed(Reason::Unsupported, why.to_owned())
}
