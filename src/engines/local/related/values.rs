//! The values of another table by key.

use std::collections::HashMap;
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::keys::SharedKey;
use super::{columns_of, parts_there, read_there, too_many};
use crate::engines::local::accumulate::locked;
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::Spreading;
use crate::engines::local::membership::{Beside, type_beside};
use crate::engines::local::patterns::Patterns;
use crate::engines::local::table::Table;
use crate::measure::{NullKeys, Pairing, Scalar};

/// Keys whose values are kept in memory.
const VALUES_MAX: usize = 10_000_000;

/// The values of another table by key.
pub(in crate::engines::local) struct ValuesThere {
    values: HashMap<u128, Vec<Option<Scalar>>, Spreading>,
    shared: SharedKey,
}

impl ValuesThere {
    /// The values of a key, one for each of its rows.
    pub(in crate::engines::local) fn get(&self, key: u128) -> Option<&[Option<Scalar>]> {
        self.values.get(&key).map(Vec::as_slice)
    }

    /// Keys that more than one row has.
    pub(in crate::engines::local) fn ambiguous_keys(&self) -> u64 {
        self.values
            .values()
            .filter(|values| 1 < values.len())
            .count() as u64
    }

    /// The keys of a batch, and the rows in which no part is null.
    pub(in crate::engines::local) fn keys_of(
        &self,
        parts: Vec<Data>,
        rows: usize,
    ) -> Evaluated<(Vec<u128>, Option<Bitmap>)> {
        self.shared.keys_of(parts, rows)
    }
}

/// Reads the values of a pairing; `types_here` are what the parts of its key are here.
pub(super) fn read(
    pairing: &Pairing,
    there: &Table,
    types_here: &[Option<Beside>],
    seeds: [u64; 2],
) -> Result<ValuesThere, Problem> {
    let columns = columns_of(pairing.key_there.iter().chain([&pairing.there]));
    let patterns = Patterns::default();
    let found = Mutex::new(ValuesThere {
        values: HashMap::default(),
        shared: SharedKey {
            types: vec![None; pairing.key_there.len()],
            nulls: NullKeys::SkipAny,
            seeds,
        },
    });
    read_there(there, &pairing.dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let parts = pairing.key_there.iter().map(|part| rows.value(part));
        let parts = parts_there(parts.collect::<Evaluated<_>>()?, types_here)?;
        let values = rows.value(&pairing.there)?;
        let mut found = locked(&found);
        found.shared.types = parts.iter().map(type_beside).collect();
        let (keys, present) =
            SharedKey::of_any_type(NullKeys::SkipAny, seeds).keys_of(parts, rows.len())?;
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
