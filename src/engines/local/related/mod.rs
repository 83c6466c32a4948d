//! What the measures of a table need to know of other tables: the keys of a look-up, the values of a
//! pairing, the rows of a search for near duplicates. Each is read once, before the scan.

mod keys;
mod near;
mod values;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::accumulate::locked;
use super::data::Data;
use super::evaluate::{Evaluated, Problem};
use super::membership::Beside;
use super::source::Batch;
use super::table::{Table, TableSource, decimal};
use crate::measure::{Lookup, Measure, Near, NearIndex, Pairing, Value};

pub(super) use keys::KeySet;
pub(super) use near::near_rows;
pub(super) use values::ValuesThere;

/// What the measures of a table need to know of other tables.
#[derive(Default)]
pub(super) struct Related {
    keys: Vec<(Lookup, Result<KeySet, Problem>)>,
    values: Vec<(Pairing, Result<Arc<ValuesThere>, Problem>)>,
    near: Vec<(Near, Result<Arc<NearIndex>, Problem>)>,
}

impl Related {
    /// Reads what `measures` of `table` need of the other tables. What cannot be read is a problem of the
    /// measures that need it.
    pub(super) fn read(
        table: &Table,
        measures: &[&Measure],
        others: &BTreeMap<String, TableSource>,
        seeds: [u64; 2],
    ) -> Self {
        let mut related = Self::default();
        let open = |dataset: &str| match others.get(dataset) {
            Some(source) => {
                Table::open(source).map_err(|error| Problem::Unsupported(error.to_string()))
            }
            None => Err(no_other(dataset)),
        };
        for measure in measures {
            match measure.innermost() {
                Measure::Lookup(lookup) => related.add_keys(table, lookup, open, seeds),
                Measure::Paired(pairing) => related.add_values(table, pairing, open, seeds),
                Measure::Near(near) => related.add_near(near, open),
                // A measure that looks into another table and is not listed finds nothing of it here,
                // which is a problem and no answer.
                _ => {}
            }
        }
        related
    }

    fn add_keys(
        &mut self,
        table: &Table,
        lookup: &Lookup,
        open: impl Fn(&str) -> Result<Table, Problem>,
        seeds: [u64; 2],
    ) {
        if self.keys.iter().all(|(known, _)| known != lookup) {
            let set = open(&lookup.dataset).and_then(|there| {
                let written = keys::written_out(table, lookup);
                let types = types_of(table, &written.key);
                keys::read(&written, &there, &types, seeds)
            });
            self.keys.push((lookup.clone(), set));
        }
    }

    fn add_values(
        &mut self,
        table: &Table,
        pairing: &Pairing,
        open: impl Fn(&str) -> Result<Table, Problem>,
        seeds: [u64; 2],
    ) {
        if self.values.iter().all(|(known, _)| known != pairing) {
            let values = open(&pairing.dataset).and_then(|there| {
                let types = types_of(table, &pairing.key);
                values::read(pairing, &there, &types, seeds)
            });
            self.values.push((pairing.clone(), values.map(Arc::new)));
        }
    }

    fn add_near(&mut self, near: &Near, open: impl Fn(&str) -> Result<Table, Problem>) {
        let Some(dataset) = &near.dataset else {
            return;
        };
        if self.near.iter().all(|(known, _)| known != near) {
            let index = open(dataset).and_then(|there| near::read(near, dataset, &there));
            self.near.push((near.clone(), index.map(Arc::new)));
        }
    }

    /// The keys of a look-up.
    pub(super) fn keys(&self, lookup: &Lookup) -> Result<KeySet, Problem> {
        found(&self.keys, lookup, &lookup.dataset)
    }

    /// The values of a pairing.
    pub(super) fn values(&self, pairing: &Pairing) -> Result<Arc<ValuesThere>, Problem> {
        found(&self.values, pairing, &pairing.dataset)
    }

    /// The rows of another dataset, for a search of near duplicates.
    pub(super) fn near(&self, near: &Near) -> Result<Arc<NearIndex>, Problem> {
        found(
            &self.near,
            near,
            near.dataset.as_deref().unwrap_or_default(),
        )
    }
}

fn found<K: PartialEq, V: Clone>(
    all: &[(K, Result<V, Problem>)],
    wanted: &K,
    dataset: &str,
) -> Result<V, Problem> {
    let found = all.iter().find(|(known, _)| known == wanted);
    found.map_or_else(|| Err(no_other(dataset)), |(_, value)| value.clone())
}

pub(super) fn no_other(dataset: &str) -> Problem {
    Problem::Missing(format!(
        "there is no other dataset called `{dataset}`; name it with `--reference {dataset}=FILE`, or as a dataset of the configuration"
    ))
}

fn types_of(table: &Table, key: &[Value]) -> Vec<Option<Beside>> {
    key.iter().map(|part| type_of(table, part)).collect()
}

/// The type of a part of a key, when it is a column.
fn type_of(table: &Table, part: &Value) -> Option<Beside> {
    let (Value::Column(column) | Value::Raw(column)) = part else {
        return None;
    };
    let facts = table.facts().column(column)?;
    if !table.facts().typed {
        let said = table.contract_type(column).or(facts.logical_type);
        return said.map(Beside::Type);
    }
    match decimal(facts) {
        Some(_) => Some(Beside::Decimal),
        None => facts.logical_type.map(Beside::Type),
    }
}

/// Reads these columns of another table and hands its batches to `take`, in any order.
fn read_there(
    there: &Table,
    dataset: &str,
    columns: Vec<&str>,
    take: impl Fn(&Batch) -> Evaluated<()> + Sync,
) -> Result<(), Problem> {
    if let Some(missing) = columns
        .iter()
        .find(|column| there.facts().column(column).is_none())
    {
        return Err(Problem::Senseless(format!(
            "`{dataset}` has no column `{missing}`"
        )));
    }
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    let problem = Mutex::new(None);
    there
        .guard(|| {
            there
                .reader
                .scan(&[columns], &|_, batch| match take(&batch) {
                    Ok(()) => Ok(true),
                    Err(error) => {
                        *locked(&problem) = Some(error);
                        Ok(false)
                    }
                })
        })
        .map_err(|error| Problem::Unsupported(error.to_string()))?;
    let problem = locked(&problem).take();
    problem.map_or(Ok(()), Err)
}

fn too_many(dataset: &str, most: usize) -> Problem {
    Problem::Unsupported(format!("`{dataset}` has more than {most} different keys"))
}

/// The parts of a key there, texts read as what they are compared with here.
fn parts_there(parts: Vec<Data>, types_here: &[Option<Beside>]) -> Evaluated<Vec<Data>> {
    let read = parts
        .into_iter()
        .zip(types_here)
        .map(|(part, here)| match (part, here) {
            (Data::Text(texts), Some(here)) => here.read(texts),
            (part, _) => Ok(part),
        });
    read.collect()
}

/// The columns that values look at.
fn columns_of<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<&'a str> {
    let mut columns = Vec::new();
    values.for_each(|value| value.add_columns(&mut columns));
    columns
}
