//! The keys of another table, and keys that are the same in two tables.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use polars_arrow::array::{Array as _, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::{columns_of, parts_there, read_there, too_many};
use crate::engines::local::accumulate::locked;
use crate::engines::local::data::Data;
use crate::engines::local::decimals;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::{Spreading, counted, mixed};
use crate::engines::local::membership::{Beside, type_beside};
use crate::engines::local::patterns::Patterns;
use crate::engines::local::table::Table;
use crate::engines::local::truth::both;
use crate::measure::{Decimal, Lookup, NullKeys, Scalar, Value};

/// Keys of another table kept in memory.
const KEYS_MAX: usize = 100_000_000;

/// The keys of one other table.
#[derive(Clone)]
pub(in crate::engines::local) struct KeySet {
    keys: Arc<HashSet<u128, Spreading>>,
    shared: SharedKey,
}

/// How a key is made, so that equal ones of two tables are the same.
#[derive(Clone)]
pub(super) struct SharedKey {
    /// What the parts are there, when they are not text: texts here are read as that.
    pub(super) types: Vec<Option<Beside>>,
    /// What a null part means.
    pub(super) nulls: NullKeys,
    /// Of the hash.
    pub(super) seeds: [u64; 2],
}

impl KeySet {
    /// The rows of a batch whose key the table has, and those whose key counts.
    pub(in crate::engines::local) fn are_there(
        &self,
        parts: Vec<Data>,
        rows: usize,
    ) -> Evaluated<(Bitmap, Option<Bitmap>)> {
        if let [Data::Integer(array)] = parts.as_slice()
            && let Some(found) = self.few_are_there(array)?
        {
            return Ok((found, None));
        }
        let (keys, counted) = self.shared.keys_of(parts, rows)?;
        let found = keys.iter().map(|key| self.keys.contains(key));
        Ok((found.collect(), counted))
    }

    /// The same for whole numbers without nulls that lie close together, each of which is looked up once;
    /// `None` when they do not.
    fn few_are_there(&self, array: &PrimitiveArray<i64>) -> Evaluated<Option<Bitmap>> {
        let values = array.values().as_slice();
        let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) else {
            return Ok(None);
        };
        let width = high.checked_sub(*low).map(i64::cast_unsigned);
        let is_narrow = width.is_some_and(|width| width < values.len() as u64 / 2);
        if array.null_count() != 0 || !is_narrow {
            return Ok(None);
        }
        let all = PrimitiveArray::from_vec((*low..=*high).collect());
        let numbers = all.len();
        let (keys, _) = self.shared.keys_of(vec![Data::Integer(all)], numbers)?;
        let found: Vec<bool> = keys.iter().map(|key| self.keys.contains(key)).collect();
        let is_there = |value: &i64| {
            let place = usize::try_from(value - low).unwrap_or(usize::MAX);
            found.get(place).copied().unwrap_or(false)
        };
        Ok(Some(values.iter().map(is_there).collect()))
    }
}

/// A look-up with its key written out: an empty key is the whole row, matched by the names of columns.
pub(super) fn written_out(table: &Table, lookup: &Lookup) -> Lookup {
    let all = || -> Vec<Value> {
        let columns = table.facts().columns.iter();
        columns
            .map(|column| Value::column(column.name.clone()))
            .collect()
    };
    let mut written = lookup.clone();
    if written.key.is_empty() {
        written.key = all();
    }
    if written.key_there.is_empty() {
        written.key_there = written.key.clone();
    }
    written
}

/// Reads the keys of a look-up whose key is written out; `types_here` are what its parts are here.
pub(super) fn read(
    lookup: &Lookup,
    there: &Table,
    types_here: &[Option<Beside>],
    seeds: [u64; 2],
) -> Result<KeySet, Problem> {
    let mut columns = columns_of(lookup.key_there.iter());
    if let Some(rows_there) = &lookup.rows_there {
        rows_there.add_columns(&mut columns);
    }
    let patterns = Patterns::default();
    let keys = Mutex::new(HashSet::default());
    let types: Mutex<Vec<Option<Beside>>> = Mutex::new(vec![None; lookup.key_there.len()]);
    read_there(there, &lookup.dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let parts = lookup.key_there.iter().map(|part| rows.value(part));
        let parts = parts_there(parts.collect::<Evaluated<_>>()?, types_here)?;
        let selected = match &lookup.rows_there {
            Some(condition) => Some(rows.truth(condition)?.yes().clone()),
            None => None,
        };
        *locked(&types) = parts.iter().map(type_beside).collect();
        let (found, present) =
            SharedKey::of_any_type(lookup.nulls, seeds).keys_of(parts, rows.len())?;
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
        shared: SharedKey {
            types,
            nulls: lookup.nulls,
            seeds,
        },
    })
}

impl SharedKey {
    /// Keys of the other table itself, which are of the types they are of.
    pub(super) fn of_any_type(nulls: NullKeys, seeds: [u64; 2]) -> Self {
        Self {
            types: Vec::new(),
            nulls,
            seeds,
        }
    }

    /// The keys of a batch, and the rows whose key counts. They are the same in two tables whatever the
    /// width of their numbers; a null is a value unlike any other.
    pub(super) fn keys_of(
        &self,
        parts: Vec<Data>,
        rows: usize,
    ) -> Evaluated<(Vec<u128>, Option<Bitmap>)> {
        /// No value has this tag.
        const NULL: u128 = 7 << 64;
        let Self {
            types,
            nulls,
            seeds,
        } = self;
        let mut keys = vec![u128::from(seeds[1]); rows];
        let mut validities = Vec::new();
        for (place, part) in parts.into_iter().enumerate() {
            let part = match (part, types.get(place)) {
                (Data::Text(texts), Some(Some(there))) => there.read(texts)?,
                (part, _) => part,
            };
            let validity = part.validity();
            let values = canonical(&part, *seeds)?;
            for (row, (key, value)) in keys.iter_mut().zip(values).enumerate() {
                let is_null = validity.as_ref().is_some_and(|valid| !valid.get_bit(row));
                let value = if is_null { NULL } else { value };
                let high =
                    mixed((*key >> 64) as u64 ^ (value >> 64) as u64).wrapping_add(value as u64);
                let low = mixed((*key as u64).wrapping_add(mixed(value as u64 ^ seeds[0])));
                *key = u128::from(high) << 64 | u128::from(low);
            }
            validities.push(validity);
        }
        Ok((keys, counted(*nulls, &validities, rows)))
    }
}

fn canonical(data: &Data, seeds: [u64; 2]) -> Evaluated<Vec<u128>> {
    const WHOLE: u128 = 1 << 64;
    const LARGE: u128 = 2 << 64;
    const FLOAT: u128 = 3 << 64;
    const BOOLEAN: u128 = 4 << 64;
    const INSTANT: u128 = 5 << 64;
    const TIME: u128 = 6 << 64;
    // A decimal that is a number of another type is the key that number is.
    let of_decimal = |unscaled: i128, scale: u32| {
        let decimal = Decimal::new(unscaled, scale)?;
        if let Some(whole) = decimal.whole() {
            if let Ok(whole) = i64::try_from(whole) {
                return Some(WHOLE | u128::from(whole as u64));
            }
            if let Ok(large) = u64::try_from(whole) {
                return Some(LARGE | u128::from(large));
            }
        }
        match Scalar::from(decimal) {
            Scalar::Number(float) => Some(FLOAT | u128::from(float.to_bits())),
            _ => None,
        }
    };
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
        Data::Decimal(array, scale) => array
            .values()
            .iter()
            .map(|value| {
                let own = || {
                    let bits = decimals::key(*value, *scale, seeds);
                    xxh3_128_with_seed(&bits.to_le_bytes(), seeds[1])
                };
                of_decimal(*value, *scale).unwrap_or_else(own)
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
