//! The keys of other tables, for look-ups.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::accumulate::locked;
use super::data::Data;
use super::evaluate::{Evaluated, Problem, Rows};
use super::keys::mixed;
use super::membership::type_beside;
use super::patterns::Patterns;
use super::table::Table;
use super::truth::both;
use crate::measure::{LogicalType, Lookup, Measure};

/// Keys of another table kept in memory.
const KEYS_MAX: usize = 100_000_000;

/// The keys of the look-ups of a measurement, each other table read once for each.
#[derive(Default)]
pub(super) struct KeySets {
    sets: Vec<(Lookup, Result<KeySet, Problem>)>,
}

/// The keys of one other table.
#[derive(Clone)]
pub(super) struct KeySet {
    keys: std::sync::Arc<HashSet<u128, BuildHasherDefault<Spread>>>,
    /// What the parts are there, when they are not text: texts here are read as that.
    pub(super) types: Vec<Option<LogicalType>>,
    seeds: [u64; 2],
}

/// Keys are hashes already; only their bits must be spread.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mixed(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = mixed((value >> 64) as u64 ^ (value as u64).rotate_left(17));
    }
}

impl KeySets {
    /// Adds the keys for a look-up, read from `there`; `types_here` are what the parts are here.
    pub(super) fn add(
        &mut self,
        lookup: &Lookup,
        there: Result<&Table, Problem>,
        types_here: &[Option<LogicalType>],
        seeds: [u64; 2],
    ) {
        let set = there.and_then(|there| read_keys(lookup, there, types_here, seeds));
        self.sets.push((lookup.clone(), set));
    }

    pub(super) fn get(&self, lookup: &Lookup) -> Result<KeySet, Problem> {
        let found = self.sets.iter().find(|(known, _)| known == lookup);
        match found {
            Some((_, set)) => set.clone(),
            None => Err(Problem::Unsupported(format!(
                "there is no other dataset called `{}`",
                lookup.dataset
            ))),
        }
    }

    pub(super) fn contains(&self, lookup: &Lookup) -> bool {
        self.sets.iter().any(|(known, _)| known == lookup)
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

fn read_keys(
    lookup: &Lookup,
    there: &Table,
    types_here: &[Option<LogicalType>],
    seeds: [u64; 2],
) -> Result<KeySet, Problem> {
    // The columns of the key and of the condition on the rows there.
    let measure = Measure::Frequencies {
        values: lookup.key_there.clone(),
        combinations_max: 0,
    };
    let mut columns = measure.columns();
    if let Some(rows_there) = &lookup.rows_there {
        rows_there.add_columns(&mut columns);
    }
    if let Some(missing) = columns
        .iter()
        .find(|column| there.facts().column(column).is_none())
    {
        return Err(Problem::Senseless(format!(
            "`{}` has no column `{missing}`",
            lookup.dataset
        )));
    }
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    let patterns = Patterns::default();
    let keys = Mutex::new(HashSet::default());
    let types: Mutex<Vec<Option<LogicalType>>> = Mutex::new(vec![None; lookup.key_there.len()]);
    let problem = Mutex::new(None);
    let take = |batch: &super::source::Batch| -> Evaluated<()> {
        let rows = Rows::new(there, batch, &patterns);
        let parts = lookup
            .key_there
            .iter()
            .map(|part| rows.value(part))
            .collect::<Evaluated<Vec<_>>>()?;
        let selected = match &lookup.rows_there {
            Some(condition) => Some(rows.truth(condition)?.yes().clone()),
            None => None,
        };
        let parts: Vec<Data> = parts
            .into_iter()
            .zip(types_here)
            .map(|(part, here)| match (part, here) {
                (Data::Text(texts), Some(here)) => Data::Text(texts).read_as(*here),
                (part, _) => Ok(part),
            })
            .collect::<Result<_, _>>()?;
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
            return Err(Problem::Unsupported(format!(
                "`{}` has more than {KEYS_MAX} different keys",
                lookup.dataset
            )));
        }
        Ok(())
    };
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
    if let Some(problem) = locked(&problem).take() {
        return Err(problem);
    }
    let types = locked(&types).clone();
    let keys = std::mem::take(&mut *locked(&keys));
    Ok(KeySet {
        keys: std::sync::Arc::new(keys),
        types,
        seeds,
    })
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
