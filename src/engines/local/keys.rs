//! Keys of rows, as 64 or 128 bits.
//!
//! One fixed-width column, or two, are their own key, and decimals of up to 36 digits and short texts too.
//! Everything else is hashed to 128 bits with seeds of this process: among a billion keys two different
//! ones would be taken for the same with a probability below 10⁻²⁰, and nobody can prepare a file in which
//! they are.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::data::Data;
use super::decimals;
use super::evaluate::{Evaluated, Rows, bits};
use super::numbers::sortable;
use super::truth::both;
use crate::measure::{NullKeys, Value};

/// The key of every row of a batch.
pub(super) struct Keys {
    pub(super) values: KeyValues,
    /// The rows whose key counts and is not null as a whole; `None` when that is all of them.
    pub(super) eligible: Option<Bitmap>,
    /// The rows whose key counts and is the one null; only where null equals null.
    pub(super) nulls: Option<Bitmap>,
}

/// The bits of the keys, one for every row, also those that are not eligible.
pub(super) enum KeyValues {
    Narrow(Vec<u64>),
    Wide(Vec<u128>),
}

/// The parts of a key: values, or all columns as they stand in the file.
pub(super) fn parts<'m>(rows: &Rows<'m, '_>, key: &'m [Value]) -> Evaluated<Vec<Data>> {
    if !key.is_empty() {
        return key.iter().map(|part| rows.value(part)).collect();
    }
    let columns = rows.table.facts().columns.iter();
    columns
        .map(|column| {
            rows.needs_all_digits(&column.name)?;
            Ok(rows.column(&column.name)?)
        })
        .collect()
}

/// The key of every row.
pub(super) fn keys(
    parts: &[Data],
    nulls: NullKeys,
    selected: Option<&Bitmap>,
    seeds: [u64; 2],
    row_count: usize,
) -> Evaluated<Keys> {
    let validities: Vec<Option<Bitmap>> = parts.iter().map(Data::validity).collect();
    if let [part] = parts {
        let validity = validities.first().cloned().flatten();
        let values = match narrow(part) {
            Some(values) => KeyValues::Narrow(values),
            None => KeyValues::Wide(wide(part, seeds)?),
        };
        let null_rows = match nulls {
            NullKeys::Equal => validity.as_ref().map(|validity| !validity),
            NullKeys::SkipAny | NullKeys::SkipAll => None,
        };
        return Ok(Keys {
            values,
            eligible: both(validity.as_ref(), selected),
            nulls: null_rows.map(|rows| match selected {
                Some(selected) => &rows & selected,
                None => rows,
            }),
        });
    }
    let present = counted(nulls, &validities, row_count);
    let values = match (nulls, parts) {
        (NullKeys::SkipAny, [one, other]) => match (narrow(one), narrow(other)) {
            (Some(one), Some(other)) => one
                .into_iter()
                .zip(other)
                .map(|(one, other)| u128::from(one) << 64 | u128::from(other))
                .collect(),
            _ => combined(parts, &validities, seeds, row_count)?,
        },
        _ => combined(parts, &validities, seeds, row_count)?,
    };
    Ok(Keys {
        values: KeyValues::Wide(values),
        eligible: both(present.as_ref(), selected),
        nulls: None,
    })
}

/// The rows whose key counts; `None` when that is all of them.
pub(super) fn counted(
    nulls: NullKeys,
    validities: &[Option<Bitmap>],
    row_count: usize,
) -> Option<Bitmap> {
    match nulls {
        NullKeys::SkipAny => validities
            .iter()
            .fold(None, |all, validity| both(all.as_ref(), validity.as_ref())),
        NullKeys::SkipAll if validities.iter().all(Option::is_some) => {
            Some(bits(row_count, |row| {
                let mut validities = validities.iter().flatten();
                validities.any(|validity| validity.get_bit(row))
            }))
        }
        NullKeys::SkipAll | NullKeys::Equal => None,
    }
}

/// Keys as 128 bits, whatever their width.
pub(super) fn wide_keys(keys: Keys) -> Vec<u128> {
    match keys.values {
        KeyValues::Narrow(values) => values.into_iter().map(u128::from).collect(),
        KeyValues::Wide(values) => values,
    }
}

/// Values that are their own key.
fn narrow(data: &Data) -> Option<Vec<u64>> {
    match data {
        Data::Integer(array) | Data::Instant(array) | Data::Time(array) => {
            Some(array.values().iter().map(|value| *value as u64).collect())
        }
        Data::Unsigned(array) => Some(array.values().iter().copied().collect()),
        Data::Number(array) => Some(
            array
                .values()
                .iter()
                .map(|value| sortable(*value))
                .collect(),
        ),
        Data::Boolean(array) => Some(array.values().iter().map(u64::from).collect()),
        Data::Decimal(..) | Data::Text(_) | Data::Constant(..) | Data::Other(_) => None,
    }
}

/// One part as 128 bits.
fn wide(data: &Data, seeds: [u64; 2]) -> Evaluated<Vec<u128>> {
    /// Longest text a view holds in itself.
    const INLINE_BYTES_MAX: u32 = 12;
    if let Some(values) = narrow(data) {
        return Ok(values
            .into_iter()
            .map(|value| u128::from(mixed(value ^ seeds[0])) << 64 | u128::from(value))
            .collect());
    }
    if let Data::Decimal(array, scale) = data {
        let values = array.values().iter();
        return Ok(values
            .map(|value| decimals::key(*value, *scale, seeds))
            .collect());
    }
    let texts = data.texts()?;
    Ok(texts
        .views()
        .iter()
        .enumerate()
        .map(|(row, view)| {
            if view.length <= INLINE_BYTES_MAX {
                view.as_u128()
            } else {
                xxh3_128_with_seed(texts.value(row).as_bytes(), seeds[0])
            }
        })
        .collect())
}

/// Several parts as one hash; a null is a value unlike any other.
fn combined(
    parts: &[Data],
    validities: &[Option<Bitmap>],
    seeds: [u64; 2],
    row_count: usize,
) -> Evaluated<Vec<u128>> {
    let mut states = vec![(seeds[0], seeds[1]); row_count];
    for (part, validity) in parts.iter().zip(validities) {
        let values = wide(part, seeds)?;
        for (row, (state, value)) in states.iter_mut().zip(values).enumerate() {
            let (high, low) = match validity {
                Some(validity) if !validity.get_bit(row) => (0x6E75_6C6C, 1),
                _ => ((value >> 64) as u64, value as u64),
            };
            state.0 = mixed(state.0 ^ high).wrapping_add(mixed(low));
            state.1 = mixed(state.1.wrapping_add(low)).rotate_left(29) ^ mixed(high ^ seeds[1]);
        }
    }
    Ok(states
        .into_iter()
        .map(|(one, other)| u128::from(mixed(one)) << 64 | u128::from(mixed(other)))
        .collect())
}

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014): a permutation of 64 bits.
pub(super) fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// What a table of keys needs of them.
pub(super) trait Key: super::memory::Item + Eq + std::hash::Hash + Sync {
    /// Well-mixed bits of the key.
    fn spread(self) -> u64;
}

impl Key for u64 {
    fn spread(self) -> u64 {
        mixed(self ^ *SPREAD_SEED)
    }
}

impl Key for u128 {
    fn spread(self) -> u64 {
        mixed((self >> 64) as u64 ^ (self as u64).rotate_left(17) ^ *SPREAD_SEED)
    }
}

/// Different in every process, so that no file can be made whose keys fall into one slot.
static SPREAD_SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(3_u8));

/// Hashes keys by spreading their bits: several times as fast as the standard's hash, and as safe from
/// prepared keys.
#[derive(Clone, Copy, Default)]
pub(super) struct Spreading;

impl BuildHasher for Spreading {
    type Hasher = Spread;

    fn build_hasher(&self) -> Spread {
        Spread(0)
    }
}

/// The hasher of [`Spreading`].
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mixed(self.0 ^ u64::from(*byte) ^ *SPREAD_SEED);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.spread();
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value.spread();
    }
}
