//! From measures to statements to values: what is found first, what shares a statement, what is asked
//! one by one when an engine rejects a statement.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::answer;
use super::dialect::Dialect;
use super::expression::Writer;
use super::question::{self, Asked, Question, Read, SLICE_ROWS_MAX, Slices};
use super::rows::{Cell, Engine, QueryError, Rows};
use super::table::Table;
use crate::evidence::{Reason, RowExample};
use crate::io::remote::RemoteError;
use crate::measure::{Condition, Measure, Measured, Slice};

/// Aggregates in one statement: engines compile a `SELECT`, and give up on long ones.
const AGGREGATES_MAX: usize = 60;

/// How deep values may need other values to be found first.
const DEPTH_MAX: usize = 4;

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

/// What a measure is asked of, and how.
struct Plan {
    together: Together,
    question: Question,
}

/// What measures share that share a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Together {
    relation: String,
    slices: Slices,
    /// The condition on rows that stands outside of the slices.
    rows: Option<String>,
}

struct Run<'a> {
    engine: &'a dyn Engine,
    dialect: Dialect,
    tables: Tables<'a>,
    /// Numbers found before, by relation and aggregate; or why there is none.
    known: BTreeMap<(String, String), Result<Option<f64>, String>>,
}

/// A measure without what says which rows of which table it is of.
struct Scope<'a> {
    table: &'a Table,
    /// Conditions outside of the slices, and within.
    outside: Vec<&'a Condition>,
    within: Vec<&'a Condition>,
    slices: Vec<String>,
    measure: &'a Measure,
}

impl<'a> Run<'a> {
    /// Plans all measures; runs what has to be found for that.
    fn plan(&mut self, measures: &[Measure]) -> Result<Vec<Result<Plan, Measured>>, RemoteError> {
        for _ in 0..DEPTH_MAX {
            let wanted = RefCell::new(BTreeSet::new());
            let plans: Vec<_> = measures
                .iter()
                .map(|measure| self.plan_one(measure, &wanted))
                .collect();
            let wanted = wanted.into_inner();
            if wanted.is_empty() {
                return Ok(plans);
            }
            self.find(wanted)?;
        }
        Ok(measures
            .iter()
            .map(|_| Err(failed("values need too many others to be found first")))
            .collect())
    }

    fn plan_one(
        &self,
        measure: &Measure,
        wanted: &RefCell<BTreeSet<(String, String)>>,
    ) -> Result<Plan, Measured> {
        let scope = self.scope(measure).map_err(|why| failed(&why))?;
        if let Some(missing) = scope
            .measure
            .columns()
            .into_iter()
            .find(|column| scope.table.field(column).is_err())
        {
            return Err(Measured::Failed(
                Reason::MissingInput,
                format!("there is no column `{missing}`"),
            ));
        }
        self.write(&scope, wanted).map_err(|why| failed(&why))
    }

    fn scope<'b>(&'b self, measure: &'b Measure) -> Result<Scope<'b>, String> {
        let mut scope = Scope {
            table: self.tables.measured,
            outside: Vec::new(),
            within: Vec::new(),
            slices: Vec::new(),
            measure,
        };
        loop {
            match scope.measure {
                Measure::Where(condition, inner) => {
                    match scope.slices.is_empty() {
                        true => scope.outside.push(condition),
                        false => scope.within.push(condition),
                    }
                    scope.measure = inner;
                }
                Measure::By(columns, inner) if scope.slices.is_empty() && !columns.is_empty() => {
                    scope.slices.clone_from(columns);
                    scope.measure = inner;
                }
                Measure::Elsewhere(name, inner)
                    if scope.slices.is_empty() && scope.outside.is_empty() =>
                {
                    scope.table = self.other(name)?;
                    scope.measure = inner;
                }
                _ => return Ok(scope),
            }
        }
    }

    fn other(&self, name: &str) -> Result<&Table, String> {
        self.tables.others.get(name).ok_or_else(|| {
            format!("the dataset `{name}` is not on the remote engine this one is on")
        })
    }

    fn write(
        &self,
        scope: &Scope<'_>,
        wanted: &RefCell<BTreeSet<(String, String)>>,
    ) -> Result<Plan, String> {
        let relation = scope.table.relation.clone();
        let statistic = |aggregate: String| {
            let key = (relation.clone(), aggregate);
            match self.known.get(&key) {
                Some(known) => known.clone(),
                None => {
                    wanted.borrow_mut().insert(key);
                    Ok(None)
                }
            }
        };
        let mut writer = Writer {
            dialect: self.dialect,
            table: scope.table,
            statistic: &statistic,
            rows: None,
            is_sliced: !scope.slices.is_empty(),
        };
        let both = |all: &[&Condition]| -> Result<Option<String>, String> {
            let conditions = all
                .iter()
                .map(|condition| writer.condition(condition))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((!conditions.is_empty()).then(|| conditions.join(" AND ")))
        };
        let outside = both(&scope.outside)?;
        let within = both(&scope.within)?;
        let rows: Vec<String> = outside.clone().into_iter().chain(within).collect();
        writer.rows = (!rows.is_empty()).then(|| rows.join(" AND "));
        let slices = Slices::new(self.dialect, &scope.slices)?;
        let question = match scope.measure {
            Measure::Lookup(lookup) => {
                let there = Writer {
                    dialect: self.dialect,
                    table: self.other(&lookup.dataset)?,
                    statistic: &|_| {
                        Err("a look-up knows no statistics of the other table".to_owned())
                    },
                    rows: None,
                    is_sliced: false,
                };
                question::lookup(&writer, &there, &slices, lookup)?
            }
            measure => question::question(&writer, &slices, measure)?,
        };
        Ok(Plan {
            together: Together {
                relation: scope.table.relation.clone(),
                rows: outside.filter(|_| !slices.is_empty()),
                slices,
            },
            question,
        })
    }

    /// Finds numbers, many at once; one by one where the engine rejects that.
    fn find(&mut self, wanted: BTreeSet<(String, String)>) -> Result<(), RemoteError> {
        let mut by_relation: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (relation, aggregate) in wanted {
            by_relation.entry(relation).or_default().push(aggregate);
        }
        for (relation, aggregates) in by_relation {
            for chunk in aggregates.chunks(AGGREGATES_MAX) {
                self.find_chunk(&relation, chunk)?;
            }
        }
        Ok(())
    }

    fn find_chunk(&mut self, relation: &str, chunk: &[String]) -> Result<(), RemoteError> {
        let statement = format!("SELECT {} FROM {relation}", columns(chunk));
        match self.query(&statement)? {
            Ok(rows) => {
                let row = rows.rows.first();
                for (index, aggregate) in chunk.iter().enumerate() {
                    let number = row.and_then(|row| row.get(index)).and_then(Cell::number);
                    let key = (relation.to_owned(), aggregate.clone());
                    self.known.insert(key, Ok(number));
                }
            }
            Err(why) => match chunk {
                [one] => {
                    let key = (relation.to_owned(), one.clone());
                    self.known.insert(key, Err(rejected(&why)));
                }
                several => {
                    let (left, right) = several.split_at(several.len() / 2);
                    self.find_chunk(relation, left)?;
                    self.find_chunk(relation, right)?;
                }
            },
        }
        Ok(())
    }

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
            (
                Read::Failing {
                    example: Some(example),
                },
                Measured::Failing(failing),
            ) if 0 < failing.count => {
                failing.examples = self.examples(example, examples_max)?;
            }
            (
                Read::Groups {
                    example: Some(example),
                },
                Measured::Groups(groups),
            ) if 0 < groups.repeated => {
                groups.examples = self.examples(example, examples_max)?;
            }
            (Read::Answer { rows }, Measured::Answer(answer)) if 0 < answer.row_count => {
                match self.query(rows)? {
                    Ok(rows) => {
                        answer.number = rows
                            .rows
                            .first()
                            .and_then(|row| row.first())
                            .and_then(Cell::number);
                        answer.rows = rows
                            .rows
                            .iter()
                            .map(|row| {
                                row.iter()
                                    .zip(&rows.fields)
                                    .map(|(cell, field)| cell.text(field.kind))
                                    .collect()
                            })
                            .collect();
                    }
                    Err(why) => return Ok(failed(&rejected(&why))),
                }
            }
            _ => {}
        }
        Ok(measured)
    }

    /// A few failing rows. A count without examples is worth more than none, so that a statement that is
    /// rejected here is none.
    fn examples(&self, statement: &str, examples_max: u64) -> Result<Vec<RowExample>, RemoteError> {
        if examples_max == 0 {
            return Ok(Vec::new());
        }
        let rows = match self.query(&format!("{statement} LIMIT {examples_max}"))? {
            Ok(rows) => rows,
            Err(why) => {
                tracing::debug!(why, "no examples");
                return Ok(Vec::new());
            }
        };
        Ok(rows
            .rows
            .iter()
            .map(|row| RowExample {
                row_number: row.first().and_then(Cell::count).unwrap_or_default(),
                value: row
                    .get(1)
                    .zip(rows.fields.get(1))
                    .and_then(|(cell, field)| cell.text(field.kind)),
                masked: false,
            })
            .collect())
    }

    /// The rows, or why the engine rejects the statement.
    fn query(&self, statement: &str) -> Result<Result<Rows, String>, RemoteError> {
        match self.engine.query(statement) {
            Ok(rows) => Ok(Ok(rows)),
            Err(QueryError::Rejected(why)) => Ok(Err(why)),
            Err(QueryError::Remote(error)) => Err(error),
        }
    }
}

fn columns(aggregates: &[String]) -> String {
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

fn rejected(why: &str) -> String {
    format!("the remote engine does not take it: {why}")
}

fn failed(why: &str) -> Measured {
    Measured::Failed(Reason::Unsupported, why.to_owned())
}
