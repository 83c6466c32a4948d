//! All measures of a table in one scan.
//!
//! Measures are made distinct, sorted into parts by the columns that must come together, and fed batch
//! by batch. What needs something else first (a statistic inside a condition, the keys of another table,
//! a measure of another table) is measured before; what needs the rows in order (examples of repeated
//! keys) comes after, and only when there is something to find.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use super::accumulate::{Accumulator, Shared, Surroundings, accumulator, failed, locked};
use super::evaluate::{Evaluated, Problem, Rows};
use super::memory::Memory;
use super::patterns::Patterns;
use super::queries::Asked;
use super::related::{Related, no_other};
use super::source::Batch;
use super::statistics;
use super::table::Table;
use crate::engines::{EngineError, Measurement, Options, Request};
use crate::evidence::Reason;
use crate::measure::{Measure, Measured, TableFacts};

pub(in crate::engines) fn measure(request: Request<'_>) -> Result<Measurement, EngineError> {
    let table = Table::open(request.source)?;
    let asked: Vec<Asked> = request
        .measures
        .iter()
        .map(|measure| Asked::read(&table, measure))
        .collect();
    let wanted: Vec<Measure> = asked.iter().flat_map(Asked::measures).cloned().collect();
    let resolved = statistics::resolve(&wanted, |measures| {
        measure_table(&table, measures, request).map(|measurement| measurement.measured)
    })?;
    let measures: Vec<Measure> = resolved.iter().flatten().cloned().collect();
    let mut measurement = measure_table(&table, &measures, request)?;
    let mut measured = std::mem::take(&mut measurement.measured).into_iter();
    let mut resolved = resolved.iter().map(|one| match one {
        Ok(_) => measured.next().unwrap_or_else(|| failed(&unmeasured())),
        Err(problem) => failed(problem),
    });
    for one in &asked {
        let own = resolved.by_ref().take(one.measures().len()).collect();
        measurement.measured.push(one.measured(own));
    }
    Ok(measurement)
}

pub(super) fn unmeasured() -> Problem {
    Problem::Unsupported("it was not measured".to_owned())
}

/// Measures whose statistics are constants by now.
fn measure_table(
    table: &Table,
    measures: &[Measure],
    request: Request<'_>,
) -> Result<Measurement, EngineError> {
    let mut distinct: Vec<&Measure> = Vec::new();
    let places: Vec<usize> = measures
        .iter()
        .map(|measure| {
            let known = distinct.iter().position(|other| *other == measure);
            known.unwrap_or_else(|| {
                distinct.push(measure);
                distinct.len() - 1
            })
        })
        .collect();
    let elsewhere = measure_elsewhere(&distinct, request);
    let memory = Memory::new(request.options.state_bytes_max);
    let related = Related::read(table, &distinct, request.others, memory.seeds);
    let (facts, values, answered) = scan(
        table,
        &distinct,
        &elsewhere,
        &memory,
        &related,
        request.options,
    )?;
    let measured = places
        .iter()
        .map(|place| values.get(*place).cloned())
        .map(|value| value.unwrap_or_else(|| failed(&unmeasured())))
        .collect();
    Ok(Measurement {
        facts,
        measured,
        answered_by_statistics: answered,
    })
}

/// What was measured on other tables, each read once.
fn measure_elsewhere(
    measures: &[&Measure],
    request: Request<'_>,
) -> BTreeMap<String, Vec<(Measure, Measured)>> {
    let mut wanted: BTreeMap<String, Vec<Measure>> = BTreeMap::new();
    for measure in measures {
        if let Measure::Elsewhere(dataset, inner) = measure {
            wanted
                .entry(dataset.clone())
                .or_default()
                .push((**inner).clone());
        }
    }
    wanted
        .into_iter()
        .map(|(dataset, measures)| {
            let measured = match request.others.get(&dataset) {
                None => vec![
                    Measured::Failed(Reason::MissingInput, no_other(&dataset).to_string());
                    measures.len()
                ],
                Some(source) => {
                    let there = Request {
                        source,
                        measures: &measures,
                        others: request.others,
                        options: request.options,
                    };
                    match measure(there) {
                        Ok(measurement) => measurement.measured,
                        Err(error) => {
                            vec![
                                Measured::Failed(Reason::UnreadableInput, error.to_string());
                                measures.len()
                            ]
                        }
                    }
                }
            };
            (dataset, measures.into_iter().zip(measured).collect())
        })
        .collect()
}

/// A measure on its way.
struct Running<'m> {
    /// What the file answered without its rows.
    answer: Option<Measured>,
    accumulator: Result<Box<dyn Accumulator<'m> + 'm>, Problem>,
    problem: Mutex<Option<Problem>>,
    columns: Vec<String>,
}

fn scan(
    table: &Table,
    measures: &[&Measure],
    elsewhere: &BTreeMap<String, Vec<(Measure, Measured)>>,
    memory: &Memory,
    related: &Related,
    options: Options,
) -> Result<(TableFacts, Vec<Measured>, Vec<String>), EngineError> {
    let surroundings = Surroundings {
        examples_max: usize::try_from(options.examples_max).unwrap_or(usize::MAX),
        memory,
        related,
    };
    let shared: Shared<'_> = RefCell::default();
    let mut running: Vec<Running<'_>> = measures
        .iter()
        .map(|measure| start(table, measure, surroundings, &shared))
        .collect();
    if options.trust_statistics {
        for (running, measure) in running.iter_mut().zip(measures) {
            if running.accumulator.is_ok() {
                running.answer = table.reader.answer(measure, table);
            }
        }
    }
    for (running, measure) in running.iter_mut().zip(measures) {
        if **measure == Measure::ColumnCount {
            running.answer = Some(Measured::Count(table.facts().columns.len() as u64));
        }
    }
    let parts = parts(&running);
    let patterns = Patterns::default();
    let columns: Vec<Vec<String>> = parts.iter().map(|part| part.columns.clone()).collect();
    let row_count = table.guard(|| {
        table.reader.scan(&columns, &|part, batch| {
            let members = parts.get(part).map(|part| part.members.as_slice());
            feed(
                table,
                &running,
                members.unwrap_or_default(),
                &batch,
                &patterns,
            )
        })
    })?;
    let finish = |running: &Running<'_>| {
        if let Some(answer) = &running.answer {
            return Ok(answer.clone());
        }
        match (&running.accumulator, &*locked(&running.problem)) {
            (Err(problem), _) | (_, Some(problem)) => Ok(failed(problem)),
            (Ok(accumulator), None) => match accumulator.finish() {
                Ok(measured) => Ok(measured),
                Err(Problem::Damaged(why)) => {
                    table.guard(|| Err(polars::prelude::polars_err!(ComputeError: "{}", why)))
                }
                Err(problem) => Ok(failed(&problem)),
            },
        }
    };
    let mut values = running.iter().map(finish).collect::<Result<Vec<_>, _>>()?;
    revisit(table, &running, &patterns)?;
    for (value, running) in values.iter_mut().zip(&running) {
        *value = finish(running)?;
    }
    for (value, measure) in values.iter_mut().zip(measures) {
        if let Measure::Elsewhere(dataset, inner) = measure {
            let found = elsewhere.get(dataset).into_iter().flatten();
            let found = found.clone().find(|(known, _)| known == &**inner);
            if let Some((_, measured)) = found {
                *value = measured.clone();
            }
        }
    }
    let facts = TableFacts {
        row_count,
        ..table.facts().clone()
    };
    let mut answered: Vec<String> = running
        .iter()
        .filter(|running| running.answer.is_some())
        .flat_map(|running| running.columns.iter().cloned())
        .collect();
    answered.sort_unstable();
    answered.dedup();
    Ok((facts, values, answered))
}

fn start<'m>(
    table: &Table,
    measure: &'m Measure,
    surroundings: Surroundings<'m>,
    shared: &Shared<'m>,
) -> Running<'m> {
    let columns = columns(measure, table.facts());
    let missing = columns
        .iter()
        .find(|column| table.facts().column(column).is_none());
    let accumulator = match missing {
        Some(missing) => Err(Problem::Senseless(format!(
            "the column `{missing}` is missing"
        ))),
        None => accumulator(measure, surroundings, Some(shared)),
    };
    Running {
        answer: None,
        accumulator,
        problem: Mutex::default(),
        columns,
    }
}

/// The columns a measure looks at; all of them where a key is the whole row.
fn columns(measure: &Measure, facts: &TableFacts) -> Vec<String> {
    let mut columns: Vec<String> = measure.columns().into_iter().map(str::to_owned).collect();
    if measure.is_of_rows() {
        for column in &facts.columns {
            if !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
    }
    columns
}

/// Measures whose columns come together.
#[derive(Default)]
struct Part {
    columns: Vec<String>,
    members: Vec<usize>,
}

/// The measures, joined as far as they share a column. Quantiles that share what is kept share a part
/// with it, since they have the same columns.
fn parts(running: &[Running<'_>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (member, running) in running.iter().enumerate() {
        if running.accumulator.is_err() || running.answer.is_some() {
            continue;
        }
        let (joined, mut rest): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| {
            let shares = |column: &String| part.columns.contains(column);
            running.columns.iter().any(shares)
                || (part.columns.is_empty() && running.columns.is_empty())
        });
        let mut part = Part::default();
        for other in joined {
            part.columns.extend(other.columns);
            part.members.extend(other.members);
        }
        for column in &running.columns {
            if !part.columns.contains(column) {
                part.columns.push(column.clone());
            }
        }
        part.members.push(member);
        rest.push(part);
        parts = rest;
    }
    // A shared store must be filled before it is asked, and evidence keeps its order.
    for part in &mut parts {
        part.members.sort_unstable();
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    parts
}

/// Gives a batch to the measures of its part.
fn feed(
    table: &Table,
    running: &[Running<'_>],
    members: &[usize],
    batch: &Batch,
    patterns: &Patterns,
) -> polars::prelude::PolarsResult<bool> {
    let rows = Rows::new(table, batch, patterns);
    for running in members.iter().filter_map(|member| running.get(*member)) {
        let Ok(accumulator) = &running.accumulator else {
            continue;
        };
        if locked(&running.problem).is_some() {
            continue;
        }
        note(&running.problem, accumulator.update(&rows, None))?;
    }
    Ok(true)
}

/// Remembers a problem of one measure; a damaged file ends all of them.
fn note(
    problem: &Mutex<Option<Problem>>,
    outcome: Evaluated<()>,
) -> polars::prelude::PolarsResult<()> {
    match outcome {
        Ok(()) => Ok(()),
        Err(Problem::Damaged(why)) => Err(polars::prelude::polars_err!(ComputeError: "{}", why)),
        Err(other) => {
            *locked(problem) = Some(other);
            Ok(())
        }
    }
}

/// A pass in row order for those that want one.
fn revisit(table: &Table, running: &[Running<'_>], patterns: &Patterns) -> Result<(), EngineError> {
    let mut wanting: Vec<&Running<'_>> = running
        .iter()
        .filter(|running| locked(&running.problem).is_none())
        .filter(|running| match &running.accumulator {
            Ok(accumulator) => accumulator.wants_rows_in_order(),
            Err(_) => false,
        })
        .collect();
    if wanting.is_empty() {
        return Ok(());
    }
    let mut columns: Vec<String> = wanting
        .iter()
        .flat_map(|running| running.columns.iter().cloned())
        .collect();
    columns.sort_unstable();
    columns.dedup();
    table.guard(|| {
        table.reader.scan_in_order(&columns, &mut |batch| {
            let rows = Rows::new(table, &batch, patterns);
            let mut still = Vec::new();
            for running in wanting.drain(..) {
                let Ok(accumulator) = &running.accumulator else {
                    continue;
                };
                match accumulator.revisit(&rows, None) {
                    Ok(true) => still.push(running),
                    Ok(false) => {}
                    Err(problem) => note(&running.problem, Err(problem))?,
                }
            }
            wanting = still;
            Ok(!wanting.is_empty())
        })
    })
}
