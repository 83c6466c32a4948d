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
use super::partitions::{self, Partitions};
use super::parts::{columns, parts};
use super::patterns::Patterns;
use super::queries::Asked;
use super::related::{Related, no_other};
use super::statistics;
use super::table::Table;
use crate::engines::{EngineError, Measurement, Options, PartitionUse, Request};
use crate::evidence::Reason;
use crate::measure::{Measure, Measured, TableFacts};

pub(in crate::engines) fn measure(
    request: Request<'_>,
    partitions: Option<&Partitions<'_>>,
) -> Result<Measurement, EngineError> {
    let table = Table::open(request.source)?;
    let asked: Vec<Asked> = request
        .measures
        .iter()
        .map(|measure| Asked::read(&table, measure))
        .collect();
    let wanted: Vec<Measure> = asked.iter().flat_map(Asked::measures).cloned().collect();
    let mut of_constants = Vec::new();
    let resolved = statistics::resolve(&wanted, |measures| {
        let all = vec![false; measures.len()];
        let found = measure_table(&table, measures, &all, request, partitions)?;
        of_constants = found.answered_by_statistics.concat();
        Ok(found.measured)
    })?;
    let measures: Vec<Measure> = resolved.iter().flatten().cloned().collect();
    // A constant of the whole table is another one as soon as a file is.
    let of_table: Vec<bool> = resolved
        .iter()
        .zip(&wanted)
        .filter_map(|(one, wanted)| Some(one.as_ref().ok()? != wanted))
        .collect();
    let mut measurement = measure_table(&table, &measures, &of_table, request, partitions)?;
    let measured = std::mem::take(&mut measurement.measured).into_iter();
    let answered = std::mem::take(&mut measurement.answered_by_statistics).into_iter();
    let needs_all = std::mem::take(&mut measurement.needs_all_files).into_iter();
    let mut found = measured.zip(answered).zip(needs_all);
    let mut resolved = resolved.iter().zip(&wanted).map(|(one, wanted)| match one {
        Ok(measure) => {
            let ((measured, mut answered), needs_all) = found
                .next()
                .unwrap_or_else(|| ((failed(&unmeasured()), Vec::new()), false));
            if measure != wanted {
                // A constant in it was found first, perhaps without looking.
                let columns = wanted.columns().into_iter().map(str::to_owned);
                answered.extend(columns.filter(|column| of_constants.contains(column)));
            }
            ((measured, answered), needs_all)
        }
        Err(problem) => ((failed(problem), Vec::new()), false),
    });
    for one in &asked {
        let (found, needs_all): (Vec<_>, Vec<bool>) =
            resolved.by_ref().take(one.measures().len()).unzip();
        let (own, answered): (Vec<Measured>, Vec<Vec<String>>) = found.into_iter().unzip();
        measurement.needs_all_files.push(needs_all.contains(&true));
        measurement.measured.push(one.measured(own));
        let mut answered = answered.concat();
        answered.sort_unstable();
        answered.dedup();
        measurement.answered_by_statistics.push(answered);
    }
    let partitions = partitions.filter(|_| table.reader.files().is_some());
    measurement.partitions = partitions.map(|partitions| PartitionUse {
        files: partitions.files.len() as u64,
        reused: partitions.reused(),
    });
    Ok(measurement)
}

pub(super) fn unmeasured() -> Problem {
    Problem::Unsupported("it was not measured".to_owned())
}

/// Measures whose statistics are constants by now.
fn measure_table(
    table: &Table,
    measures: &[Measure],
    of_table: &[bool],
    request: Request<'_>,
    partitions: Option<&Partitions<'_>>,
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
    let mut needs_all = vec![false; distinct.len()];
    for (place, of_table) in places.iter().zip(of_table) {
        if let Some(needs_all) = needs_all.get_mut(*place) {
            *needs_all |= of_table;
        }
    }
    let elsewhere = measure_elsewhere(&distinct, request);
    let memory = Memory::new(request.options.state_bytes_max);
    let related = Related::read(table, &distinct, request.others, memory.seeds);
    let (facts, values) = scan(
        table,
        &distinct,
        &elsewhere,
        &memory,
        &related,
        request.options,
        partitions.map(|partitions| (partitions, needs_all.as_slice())),
    )?;
    let mut measurement = Measurement {
        facts,
        measured: Vec::new(),
        answered_by_statistics: Vec::new(),
        needs_all_files: Vec::new(),
        partitions: None,
    };
    for place in places {
        let found = values.get(place).cloned();
        let found = found.unwrap_or_else(|| Found::new(failed(&unmeasured())));
        measurement.measured.push(found.measured);
        measurement.answered_by_statistics.push(found.answered);
        measurement.needs_all_files.push(found.needs_all_files);
    }
    Ok(measurement)
}

/// What came of a measure.
#[derive(Clone)]
struct Found {
    measured: Measured,
    /// The columns statistics answered.
    answered: Vec<String>,
    needs_all_files: bool,
}

impl Found {
    fn new(measured: Measured) -> Self {
        Self {
            measured,
            answered: Vec::new(),
            needs_all_files: false,
        }
    }
}

/// A measure of another table, what was measured, and the columns statistics answered.
type Elsewhere = (Measure, Measured, Vec<String>);

/// What was measured on other tables, each read once.
fn measure_elsewhere(
    measures: &[&Measure],
    request: Request<'_>,
) -> BTreeMap<String, Vec<Elsewhere>> {
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
            let failed = |reason, why: String| {
                let one = (Measured::Failed(reason, why), Vec::new());
                vec![one; measures.len()]
            };
            let found = match request.others.get(&dataset) {
                None => failed(Reason::MissingInput, no_other(&dataset).to_string()),
                Some(source) => {
                    let there = Request {
                        source,
                        measures: &measures,
                        others: request.others,
                        options: request.options,
                    };
                    match measure(there, None) {
                        Ok(found) => {
                            let answered = found.answered_by_statistics.into_iter();
                            found.measured.into_iter().zip(answered).collect()
                        }
                        Err(error) => failed(Reason::UnreadableInput, error.to_string()),
                    }
                }
            };
            let named = |columns: Vec<String>| {
                let columns = columns.into_iter();
                columns
                    .map(|column| format!("{dataset}.{column}"))
                    .collect()
            };
            let found = measures
                .into_iter()
                .zip(found)
                .map(|(measure, (measured, answered))| (measure, measured, named(answered)))
                .collect();
            (dataset, found)
        })
        .collect()
}

/// A measure on its way.
pub(super) struct Running<'m> {
    /// What the file answered without its rows.
    pub(super) answer: Option<Measured>,
    pub(super) accumulator: Result<Box<dyn Accumulator<'m> + 'm>, Problem>,
    pub(super) problem: Mutex<Option<Problem>>,
    pub(super) columns: Vec<String>,
    /// Whether the rows of every file are looked at, where results of single files are kept.
    pub(super) needs_all_files: bool,
}

impl<'m> Running<'m> {
    /// What is kept of the rows.
    pub(super) fn accumulated(&self) -> Evaluated<&(dyn Accumulator<'m> + 'm)> {
        self.accumulator.as_deref().map_err(Clone::clone)
    }
}

fn scan(
    table: &Table,
    measures: &[&Measure],
    elsewhere: &BTreeMap<String, Vec<Elsewhere>>,
    memory: &Memory,
    related: &Related,
    options: Options,
    partitions: Option<(&Partitions<'_>, &[bool])>,
) -> Result<(TableFacts, Vec<Found>), EngineError> {
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
    let patterns = Patterns::default();
    let row_count = match (partitions, table.reader.files()) {
        (Some((partitions, of_table)), Some(files)) => {
            for (running, of_table) in running.iter_mut().zip(of_table) {
                if let (Ok(accumulator), None) = (&running.accumulator, &running.answer) {
                    running.needs_all_files = *of_table || accumulator.of_file().is_none();
                }
            }
            let scan = partitions::Scan {
                table,
                files,
                partitions,
                running: &running,
                patterns: &patterns,
                options,
            };
            partitions::scan(&scan, measures)?
        }
        _ => scan_all(table, &running, &patterns)?,
    };
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
    // What a second pass looks for is known when the first is over.
    running.iter().try_for_each(|one| finish(one).map(|_| ()))?;
    revisit(table, &running, &patterns)?;
    let mut values = running
        .iter()
        .map(|one| {
            let answered = match &one.answer {
                Some(_) => one.columns.clone(),
                None => Vec::new(),
            };
            Ok(Found {
                measured: finish(one)?,
                answered,
                needs_all_files: one.needs_all_files,
            })
        })
        .collect::<Result<Vec<_>, EngineError>>()?;
    for (value, measure) in values.iter_mut().zip(measures) {
        if let Measure::Elsewhere(dataset, inner) = measure {
            let mut found = elsewhere.get(dataset).into_iter().flatten();
            if let Some((_, measured, answered)) = found.find(|(known, ..)| known == &**inner) {
                value.measured = measured.clone();
                value.answered.clone_from(answered);
            }
        }
    }
    let facts = TableFacts {
        row_count,
        ..table.facts().clone()
    };
    Ok((facts, values))
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
        needs_all_files: false,
    }
}

/// One scan of the table. Gives the number of rows.
fn scan_all(
    table: &Table,
    running: &[Running<'_>],
    patterns: &Patterns,
) -> Result<u64, EngineError> {
    let wanting = running.iter().enumerate();
    let wanting = wanting.filter(|(_, one)| one.accumulator.is_ok() && one.answer.is_none());
    let parts = parts(wanting.map(|(member, one)| (member, one.columns.as_slice())));
    let columns: Vec<Vec<String>> = parts.iter().map(|part| part.columns.clone()).collect();
    table.guard(|| {
        table.reader.scan(&columns, &|part, batch| {
            let members = parts.get(part).map(|part| part.members.as_slice());
            let rows = Rows::new(table, &batch, patterns);
            feed(&rows, running, members.unwrap_or_default())
        })
    })
}

/// Gives a batch to the measures of its part.
pub(super) fn feed<'m>(
    rows: &Rows<'m, '_>,
    running: &[Running<'m>],
    members: &[usize],
) -> polars::prelude::PolarsResult<bool> {
    for running in members.iter().filter_map(|member| running.get(*member)) {
        let Ok(accumulator) = &running.accumulator else {
            continue;
        };
        if locked(&running.problem).is_some() {
            continue;
        }
        note(&running.problem, accumulator.update(rows, None))?;
    }
    Ok(true)
}

/// Remembers a problem of one measure; a damaged file ends all of them.
pub(super) fn note(
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
