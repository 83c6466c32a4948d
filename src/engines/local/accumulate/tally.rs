//! Keys and how often each occurs, counted part by part at the end.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::engines::local::evaluate::{Evaluated, Problem};
use crate::engines::local::keys::{Key, Spreading};
use crate::engines::local::memory::Store;
use crate::evidence::RowExample;
use crate::measure::Groups;

/// Parts keys are spread over.
const PARTS: usize = 256;

/// Repeated keys remembered for the rows to show.
const REPEATED_KEYS_MAX: usize = 1 << 20;

/// The keys of one width.
pub(super) struct Tally<K> {
    pub(super) counted: HashMap<K, u64, Spreading>,
    pub(super) put_aside: Store<K>,
}

impl<K: Key> Tally<K> {
    pub(super) fn new() -> Self {
        Self {
            counted: HashMap::default(),
            put_aside: Store::new(PARTS),
        }
    }
}

/// The part of a key.
pub(super) fn part_of<K: Key>(key: K) -> usize {
    (key.spread() >> 56) as usize % PARTS
}

/// What is added up over keys.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    rows: u64,
    distinct: u64,
    repeated: u64,
    rows_of_repeated: u64,
    /// Σ count · ln(count).
    count_log_count: f64,
}

impl Sums {
    pub(super) fn add(&mut self, count: u64) {
        if count == 0 {
            return;
        }
        self.rows += count;
        self.distinct += 1;
        if 1 < count {
            self.repeated += 1;
            self.rows_of_repeated += count;
            self.count_log_count += count as f64 * (count as f64).ln();
        }
    }

    /// Adds keys that occur once each.
    fn add_alone(&mut self, keys: u64) {
        self.rows += keys;
        self.distinct += keys;
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.distinct += other.distinct;
        self.repeated += other.repeated;
        self.rows_of_repeated += other.rows_of_repeated;
        self.count_log_count += other.count_log_count;
    }

    pub(super) fn groups(self, examples: Vec<RowExample>) -> Groups {
        let rows = self.rows as f64;
        Groups {
            rows: self.rows,
            distinct: self.distinct,
            repeated: self.repeated,
            rows_of_repeated: self.rows_of_repeated,
            entropy: if self.rows == 0 {
                0.0
            } else {
                (rows.ln() - self.count_log_count / rows).max(0.0)
            },
            examples,
        }
    }
}

/// Counts all keys, part by part.
pub(super) fn count<K: Key>(
    tally: &Tally<K>,
    repeated: &mut Option<HashSet<K, Spreading>>,
) -> Evaluated<Sums> {
    let mut counted: Vec<Vec<(K, u64)>> = vec![Vec::new(); PARTS];
    for (key, count) in &tally.counted {
        if let Some(part) = counted.get_mut(part_of(*key)) {
            part.push((*key, *count));
        }
    }
    let parts = counted
        .into_par_iter()
        .enumerate()
        .map(|(part, counted)| count_part(&tally.put_aside, part, &counted))
        .collect::<Result<Vec<_>, Problem>>()?;
    let mut sums = Sums::default();
    for (part, keys) in parts {
        sums.join(&part);
        if let Some(all) = repeated {
            all.extend(keys);
        }
        if repeated
            .as_ref()
            .is_some_and(|all| REPEATED_KEYS_MAX < all.len())
        {
            *repeated = None;
        }
    }
    Ok(sums)
}

/// Counts the keys of one part. Most keys of most tables occur once, and a small filter tells so of nearly
/// all of them; only the others are looked up in a table.
fn count_part<K: Key>(
    store: &Store<K>,
    part: usize,
    counted: &[(K, u64)],
) -> Result<(Sums, Vec<K>), Problem> {
    let stored_max = store.part_len(part);
    if u32::MAX as usize <= stored_max + counted.len() {
        return Err(Problem::Unsupported(
            "there are too many keys to count".to_owned(),
        ));
    }
    let mut keys: Vec<K> = Vec::with_capacity(stored_max);
    let mut filter = Filter::new(stored_max + counted.len());
    counted.iter().for_each(|(key, _)| filter.add(*key));
    store.for_each(part, |key| {
        filter.add(key);
        keys.push(key);
    })?;
    let before = keys.len();
    keys.retain(|key| filter.may_repeat(*key));
    let alone = before - keys.len();
    let (mut sums, repeated) = count_looked_up(&keys, counted);
    sums.add_alone(alone as u64);
    Ok((sums, repeated))
}

/// Tells of keys that they occur once: two bits for each of many more places than there are keys.
struct Filter {
    /// Where a key was seen.
    seen: Vec<u64>,
    /// Where more than one was.
    again: Vec<u64>,
    mask: usize,
}

impl Filter {
    fn new(keys_max: usize) -> Self {
        /// Places for each key: of 16 keys that occur once, one meets another.
        const PLACES: usize = 16;
        let words = (keys_max.saturating_mul(PLACES) / 64)
            .next_power_of_two()
            .max(1);
        Self {
            seen: vec![0; words],
            again: vec![0; words],
            mask: words - 1,
        }
    }

    /// The word and the bit of a key.
    fn place<K: Key>(&self, key: K) -> (usize, u64) {
        let spread = key.spread();
        ((spread >> 6) as usize & self.mask, 1 << (spread % 64))
    }

    fn add<K: Key>(&mut self, key: K) {
        let (word, bit) = self.place(key);
        if let (Some(seen), Some(again)) = (self.seen.get_mut(word), self.again.get_mut(word)) {
            *again |= *seen & bit;
            *seen |= bit;
        }
    }

    fn may_repeat<K: Key>(&self, key: K) -> bool {
        let (word, bit) = self.place(key);
        self.again.get(word).is_none_or(|again| again & bit != 0)
    }
}

/// Counts keys with an open-addressed table of places in a list of the different ones, so that what has to
/// be cleared and looked through is small.
fn count_looked_up<K: Key>(keys: &[K], counted: &[(K, u64)]) -> (Sums, Vec<K>) {
    let keys_max = keys.len() + counted.len();
    let slots = (2 * keys_max).next_power_of_two().max(2);
    let mask = slots - 1;
    // Places count from 1; 0 is an empty slot.
    let mut table: Vec<u32> = vec![0; slots];
    let mut different: Vec<(K, u32)> = Vec::with_capacity(keys_max);
    let mut large: Vec<(K, u64)> = Vec::new();
    let mut add = |key: K, count: u64| {
        let Ok(count) = u32::try_from(count) else {
            large.push((key, count));
            return;
        };
        let mut slot = key.spread() as usize & mask;
        loop {
            let Some(place) = table.get_mut(slot) else {
                return;
            };
            if *place == 0 {
                different.push((key, count));
                *place = different.len() as u32;
                return;
            }
            if let Some((known, total)) = different.get_mut(*place as usize - 1)
                && *known == key
            {
                match total.checked_add(count) {
                    Some(sum) => *total = sum,
                    None => large.push((key, u64::from(count))),
                }
                return;
            }
            slot = (slot + 1) & mask;
        }
    };
    counted.iter().for_each(|(key, count)| add(*key, *count));
    keys.iter().for_each(|key| add(*key, 1));
    // Counts beyond 32 bits are rare and few.
    let mut beyond: HashMap<K, u64, Spreading> = HashMap::default();
    for (key, count) in large {
        *beyond.entry(key).or_default() += count;
    }
    let mut sums = Sums::default();
    let mut repeated = Vec::new();
    let mut close = |key: K, count: u64| {
        sums.add(count);
        if 1 < count && repeated.len() <= REPEATED_KEYS_MAX {
            repeated.push(key);
        }
    };
    for (key, count) in different {
        close(
            key,
            u64::from(count) + beyond.remove(&key).unwrap_or_default(),
        );
    }
    beyond
        .into_iter()
        .for_each(|(key, count)| close(key, count));
    (sums, repeated)
}
