//! The keys of other tables, for look-ups.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use polars_arrow::array::StaticArray as _;
use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::accumulate::locked;
use super::accumulate::near::ROWS_MAX;
use super::data::Data;
use super::evaluate::{Evaluated, Problem, Rows};
use super::keys::{Spreading, mixed};
use super::membership::type_beside;
use super::patterns::Patterns;
use super::plan::no_other;
use super::table::Table;
use super::truth::both;
use crate::measure::{LogicalType, Lookup, Near, NearIndex, NearRow, Pairing, Scalar, Value};

/// Keys of another table kept in memory.
const KEYS_MAX: usize = 100_000_000;

/// What the measures of a table need to know of other tables, read once for each.
#[derive(Default)]
pub(super) struct KeySets {
    keys: Vec<(Lookup, Result<KeySet, Problem>)>,
    values: Vec<(Pairing, Result<Arc<ValuesThere>, Problem>)>,
    near: Vec<(Near, Result<Arc<NearIndex>, Problem>)>,
}

/// The keys of one other table.
#[derive(Clone)]
pub(super) struct KeySet {
    keys: Arc<HashSet<u128, Spreading>>,
    /// What the parts are there, when they are not text: texts here are read as that.
    pub(super) types: Vec<Option<LogicalType>>,
    seeds: [u64; 2],
}

impl KeySets {
    /// Adds the keys for a look-up, read from `there`; `types_here` are what the parts are here, and
    /// `written` is the look-up with its keys written out.
    pub(super) fn add_keys(
        &mut self,
        lookup: &Lookup,
        written: &Lookup,
        there: Result<&Table, Problem>,
        types_here: &[Option<LogicalType>],
        seeds: [u64; 2],
    ) {
        let set = there.and_then(|there| read_keys(written, there, types_here, seeds));
        self.keys.push((lookup.clone(), set));
    }

    /// Adds the values for a pairing.
    pub(super) fn add_values(
        &mut self,
        pairing: &Pairing,
        there: Result<&Table, Problem>,
        types_here: &[Option<LogicalType>],
        seeds: [u64; 2],
    ) {
        let values = there.and_then(|there| read_values(pairing, there, types_here, seeds));
        self.values.push((pairing.clone(), values.map(Arc::new)));
    }

    /// Adds the rows for a search of near duplicates.
    pub(super) fn add_near(&mut self, near: &Near, there: Result<&Table, Problem>) {
        let index = there.and_then(|there| read_near(near, there));
        self.near.push((near.clone(), index.map(Arc::new)));
    }

    pub(super) fn has_keys(&self, lookup: &Lookup) -> bool {
        self.keys.iter().any(|(known, _)| known == lookup)
    }

    pub(super) fn has_values(&self, pairing: &Pairing) -> bool {
        self.values.iter().any(|(known, _)| known == pairing)
    }

    pub(super) fn has_near(&self, near: &Near) -> bool {
        self.near.iter().any(|(known, _)| known == near)
    }

    pub(super) fn get(&self, lookup: &Lookup) -> Result<KeySet, Problem> {
        let found = self.keys.iter().find(|(known, _)| known == lookup);
        found.map_or_else(|| Err(no_other(&lookup.dataset)), |(_, set)| set.clone())
    }

    pub(super) fn values(&self, pairing: &Pairing) -> Result<Arc<ValuesThere>, Problem> {
        let found = self.values.iter().find(|(known, _)| known == pairing);
        found.map_or_else(
            || Err(no_other(&pairing.dataset)),
            |(_, values)| values.clone(),
        )
    }

    pub(super) fn near(&self, near: &Near) -> Result<Arc<NearIndex>, Problem> {
        let found = self.near.iter().find(|(known, _)| known == near);
        let dataset = near.dataset.as_deref().unwrap_or_default();
        found.map_or_else(|| Err(no_other(dataset)), |(_, index)| index.clone())
    }
}

impl KeySet {
    pub(super) fn contains(&self, key: u128) -> bool {
        self.keys.contains(&key)
    }

    /// The keys of a batch, and the rows in which no part is null.
    pub(super) fn keys_of(
        &self,
        parts: Vec<Data>,
        rows: usize,
    ) -> Evaluated<(Vec<u128>, Option<Bitmap>)> {
        canonical_keys(parts, &self.types, self.seeds, rows)
    }
}

/// Reads these columns of another table and hands its batches to `take`, in any order.
fn read_there(
    there: &Table,
    dataset: &str,
    columns: Vec<&str>,
    take: impl Fn(&super::source::Batch) -> Evaluated<()> + Sync,
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
fn parts_there(parts: Vec<Data>, types_here: &[Option<LogicalType>]) -> Evaluated<Vec<Data>> {
    let read = parts
        .into_iter()
        .zip(types_here)
        .map(|(part, here)| match (part, here) {
            (Data::Text(texts), Some(here)) => Data::Text(texts).read_as(*here),
            (part, _) => Ok(part),
        });
    Ok(read.collect::<Result<_, _>>()?)
}

fn read_keys(
    lookup: &Lookup,
    there: &Table,
    types_here: &[Option<LogicalType>],
    seeds: [u64; 2],
) -> Result<KeySet, Problem> {
    let mut columns = Vec::new();
    lookup
        .key_there
        .iter()
        .for_each(|part| part.add_columns(&mut columns));
    if let Some(rows_there) = &lookup.rows_there {
        rows_there.add_columns(&mut columns);
    }
    let patterns = Patterns::default();
    let keys = Mutex::new(HashSet::default());
    let types: Mutex<Vec<Option<LogicalType>>> = Mutex::new(vec![None; lookup.key_there.len()]);
    read_there(there, &lookup.dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let parts = lookup.key_there.iter().map(|part| rows.value(part));
        let parts = parts_there(parts.collect::<Evaluated<_>>()?, types_here)?;
        let selected = match &lookup.rows_there {
            Some(condition) => Some(rows.truth(condition)?.yes().clone()),
            None => None,
        };
        *locked(&types) = parts.iter().map(type_beside).collect();
        let (found, present) = canonical_keys(parts, &[], seeds, rows.len())?;
        let chosen = both(present.as_ref(), selected.as_ref());
        let mut keys = locked(&keys);
        for (row, key) in found.into_iter().enumerate() {
            if chosen.as_ref().is_none_or(|chosen| chosen.get_bit(row)) {
                keys.insert(key);
            }
        }
        if KEYS_MAX < keys.len() {
            return Err(too_many(&lookup.dataset, KEYS_MAX));
        }
        Ok(())
    })?;
    let types = locked(&types).clone();
    let keys = std::mem::take(&mut *locked(&keys));
    Ok(KeySet {
        keys: Arc::new(keys),
        types,
        seeds,
    })
}

/// The values of another table by key.
pub(super) struct ValuesThere {
    values: HashMap<u128, Vec<Option<Scalar>>, Spreading>,
    types: Vec<Option<LogicalType>>,
    seeds: [u64; 2],
}

impl ValuesThere {
    pub(super) fn get(&self, key: u128) -> Option<&[Option<Scalar>]> {
        self.values.get(&key).map(Vec::as_slice)
    }

    /// Keys that more than one row has.
    pub(super) fn ambiguous_keys(&self) -> u64 {
        self.values
            .values()
            .filter(|values| 1 < values.len())
            .count() as u64
    }

    /// The keys of a batch, and the rows in which no part is null.
    pub(super) fn keys_of(
        &self,
        parts: Vec<Data>,
        rows: usize,
    ) -> Evaluated<(Vec<u128>, Option<Bitmap>)> {
        canonical_keys(parts, &self.types, self.seeds, rows)
    }
}

fn read_values(
    pairing: &Pairing,
    there: &Table,
    types_here: &[Option<LogicalType>],
    seeds: [u64; 2],
) -> Result<ValuesThere, Problem> {
    /// Keys whose values are kept in memory.
    const VALUES_MAX: usize = 10_000_000;
    let mut columns = Vec::new();
    pairing
        .key_there
        .iter()
        .for_each(|part| part.add_columns(&mut columns));
    pairing.there.add_columns(&mut columns);
    let patterns = Patterns::default();
    let found = Mutex::new(ValuesThere {
        values: HashMap::default(),
        types: vec![None; pairing.key_there.len()],
        seeds,
    });
    read_there(there, &pairing.dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let parts = pairing.key_there.iter().map(|part| rows.value(part));
        let parts = parts_there(parts.collect::<Evaluated<_>>()?, types_here)?;
        let values = rows.value(&pairing.there)?;
        let mut found = locked(&found);
        found.types = parts.iter().map(type_beside).collect();
        let (keys, present) = canonical_keys(parts, &[], seeds, rows.len())?;
        for (row, key) in keys.into_iter().enumerate() {
            if present.as_ref().is_none_or(|present| present.get_bit(row)) {
                found
                    .values
                    .entry(key)
                    .or_default()
                    .push(values.scalar_at(row));
            }
        }
        if VALUES_MAX < found.values.len() {
            return Err(too_many(&pairing.dataset, VALUES_MAX));
        }
        Ok(())
    })?;
    found
        .into_inner()
        .map_err(|_| too_many(&pairing.dataset, VALUES_MAX))
}

/// The selected rows of a batch as a search of near duplicates wants them, with their numbers.
pub(super) fn near_rows<'m>(
    rows: &Rows<'m, '_>,
    near: &'m Near,
    selected: Option<&Bitmap>,
) -> Evaluated<Vec<(u64, NearRow)>> {
    let texts = |values: &'m [Value]| -> Evaluated<Vec<_>> {
        values
            .iter()
            .map(|value| Ok(rows.value(value)?.texts()?))
            .collect()
    };
    let (joined, equal) = (texts(&near.texts)?, texts(&near.equal)?);
    let numbers = near
        .numbers
        .iter()
        .map(|(value, _)| rows.numbers(value))
        .collect::<Evaluated<Vec<_>>>()?;
    let chosen = (0..rows.len()).filter(|row| selected.is_none_or(|rows| rows.get_bit(*row)));
    Ok(chosen
        .map(|row| {
            let texts: Vec<&str> = joined.iter().filter_map(|texts| texts.get(row)).collect();
            let found = NearRow {
                text: texts.join(" "),
                numbers: numbers
                    .iter()
                    .map(|numbers| numbers.get(row).filter(|number| !number.is_nan()))
                    .collect(),
                equal: equal
                    .iter()
                    .map(|texts| texts.get(row).map(str::to_owned))
                    .collect(),
            };
            (rows.batch.first_row + row as u64 + 1, found)
        })
        .collect())
}

fn read_near(near: &Near, there: &Table) -> Result<NearIndex, Problem> {
    let dataset = near.dataset.as_deref().unwrap_or_default();
    let mut columns = Vec::new();
    near.texts
        .iter()
        .for_each(|value| value.add_columns(&mut columns));
    near.equal
        .iter()
        .for_each(|value| value.add_columns(&mut columns));
    near.numbers
        .iter()
        .for_each(|(value, _)| value.add_columns(&mut columns));
    let patterns = Patterns::default();
    let found: Mutex<Vec<(u64, NearRow)>> = Mutex::default();
    read_there(there, dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let read = near_rows(&rows, near, None)?;
        let mut found = locked(&found);
        found.extend(read);
        if ROWS_MAX < found.len() {
            return Err(Problem::Unsupported(format!(
                "`{dataset}` has more than {ROWS_MAX} rows"
            )));
        }
        Ok(())
    })?;
    let mut rows = std::mem::take(&mut *locked(&found));
    rows.sort_by_key(|(row_number, _)| *row_number);
    let mut index = NearIndex::new(near.clone());
    rows.iter()
        .for_each(|(row_number, row)| index.update(*row_number, row));
    Ok(index)
}

/// Keys that are the same in two tables whatever the width of their numbers.
fn canonical_keys(
    parts: Vec<Data>,
    types: &[Option<LogicalType>],
    seeds: [u64; 2],
    rows: usize,
) -> Evaluated<(Vec<u128>, Option<Bitmap>)> {
    let mut keys = vec![u128::from(seeds[1]); rows];
    let mut present: Option<Bitmap> = None;
    for (place, part) in parts.into_iter().enumerate() {
        let part = match (part, types.get(place)) {
            (Data::Text(texts), Some(Some(there))) => Data::Text(texts).read_as(*there)?,
            (part, _) => part,
        };
        present = both(present.as_ref(), part.validity().as_ref());
        for (key, value) in keys.iter_mut().zip(canonical(&part, seeds)?) {
            let high = mixed((*key >> 64) as u64 ^ (value >> 64) as u64).wrapping_add(value as u64);
            let low = mixed((*key as u64).wrapping_add(mixed(value as u64 ^ seeds[0])));
            *key = u128::from(high) << 64 | u128::from(low);
        }
    }
    Ok((keys, present))
}

fn canonical(data: &Data, seeds: [u64; 2]) -> Evaluated<Vec<u128>> {
    const WHOLE: u128 = 1 << 64;
    const LARGE: u128 = 2 << 64;
    const FLOAT: u128 = 3 << 64;
    const BOOLEAN: u128 = 4 << 64;
    const INSTANT: u128 = 5 << 64;
    const TIME: u128 = 6 << 64;
    let of = |tag: u128, value: i64| tag | u128::from(value as u64);
    Ok(match data {
        Data::Integer(array) => array
            .values()
            .iter()
            .map(|value| of(WHOLE, *value))
            .collect(),
        Data::Instant(array) => array
            .values()
            .iter()
            .map(|value| of(INSTANT, *value))
            .collect(),
        Data::Time(array) => array
            .values()
            .iter()
            .map(|value| of(TIME, *value))
            .collect(),
        Data::Boolean(array) => array
            .values()
            .iter()
            .map(|value| of(BOOLEAN, i64::from(value)))
            .collect(),
        Data::Unsigned(array) => array
            .values()
            .iter()
            .map(|value| match i64::try_from(*value) {
                Ok(whole) => of(WHOLE, whole),
                Err(_) => LARGE | u128::from(*value),
            })
            .collect(),
        Data::Number(array) => array
            .values()
            .iter()
            .map(|value| {
                let whole = *value as i64;
                if whole as f64 == *value && value.abs() < 9.2e18 {
                    of(WHOLE, whole)
                } else {
                    FLOAT | u128::from(value.to_bits())
                }
            })
            .collect(),
        Data::Text(_) | Data::Constant(..) | Data::Other(_) => {
            let texts = data.texts()?;
            texts
                .values_iter()
                .map(|text| xxh3_128_with_seed(text.as_bytes(), seeds[0]))
                .collect()
        }
    })
}
