//! What is asked for a measure, over which rows of which table, and what has to be found before that can
//! be written.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::expression::Writer;
use super::measuring::{AGGREGATES_MAX, Run, columns, failed, rejected};
use super::question::{self, Question, Slices};
use super::refusal::{Refusal, Written, unsupported};
use super::related;
use super::rows::Cell;
use super::table::Table;
use crate::evidence::Reason;
use crate::io::remote::RemoteError;
use crate::measure::{Condition, Measure, Measured};

/// How deep values may need other values to be found first.
const DEPTH_MAX: usize = 4;

/// What a measure is asked of, and how.
pub(super) struct Plan {
    pub(super) together: Together,
    pub(super) question: Question,
}

/// What measures share that share a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Together {
    pub(super) relation: String,
    pub(super) slices: Slices,
    /// The condition on rows that stands outside of the slices.
    pub(super) rows: Option<String>,
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

impl Run<'_> {
    /// Plans all measures; runs what has to be found for that.
    pub(super) fn plan(
        &mut self,
        measures: &[Measure],
    ) -> Result<Vec<Result<Plan, Measured>>, RemoteError> {
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
        let scope = self.scope(measure).map_err(Measured::from)?;
        let mut columns = scope.measure.columns();
        columns.extend(scope.slices.iter().map(String::as_str));
        for condition in scope.outside.iter().chain(&scope.within) {
            condition.add_columns(&mut columns);
        }
        if let Some(missing) = columns
            .into_iter()
            .find(|column| scope.table.field(column).is_err())
        {
            return Err(Measured::Failed(
                Reason::MissingInput,
                format!("there is no column `{missing}`"),
            ));
        }
        self.write(&scope, wanted).map_err(Measured::from)
    }

    fn scope<'b>(&'b self, measure: &'b Measure) -> Written<Scope<'b>> {
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

    fn other(&self, name: &str) -> Written<&Table> {
        self.tables.others.get(name).ok_or_else(|| {
            Refusal::from(format!(
                "the dataset `{name}` is not on the remote engine this one is on"
            ))
        })
    }

    fn write(
        &self,
        scope: &Scope<'_>,
        wanted: &RefCell<BTreeSet<(String, String)>>,
    ) -> Written<Plan> {
        let relation = scope.table.relation.clone();
        let statistic = |aggregate: String| {
            let key = (relation.clone(), aggregate);
            match self.known.get(&key) {
                Some(known) => known.clone().map_err(Refusal::from),
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
        let both = |all: &[&Condition]| -> Written<Option<String>> {
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
                    statistic: &|_| unsupported("a look-up knows no statistics of the other table"),
                    rows: None,
                    is_sliced: false,
                };
                related::lookup(&writer, &there, &slices, lookup)?
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
}
