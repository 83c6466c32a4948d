//! How often keys repeat: exact, whatever the number of keys.
//!
//! Keys are spread over parts by their hash as they come; at the end each part is counted in a table
//! that fits the caches. Where a piece has few different keys they are counted at once. Rows to show for
//! repeated keys are looked for in a second pass, and only when there are any.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use super::failing::{ShownColumns, merge_examples};
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::{Key, KeyValues, Keys, Spreading, keys, parts};
use crate::engines::local::memory::{Memory, Store};
use crate::evidence::RowExample;
use crate::measure::{Grouping, Groups, Measured};

/// Parts keys are spread over.
const PARTS: usize = 256;

/// Keys of a piece looked at to see whether they repeat much.
const SAMPLE_ROWS: usize = 4_096;

/// Different keys counted as they come; beyond it they are put aside.
const COUNTED_KEYS_MAX: usize = 1 << 17;

/// Repeated keys remembered for the rows to show.
const REPEATED_KEYS_MAX: usize = 1 << 20;

/// How often the keys of a grouping repeat.
pub(super) struct GroupsOf<'a> {
    grouping: &'a Grouping,
    examples_max: usize,
    memory: &'a Memory,
    state: Mutex<State>,
    repeated: Mutex<Repeated>,
}

#[derive(Default)]
struct State {
    nulls: u64,
    narrow: Option<Tally<u64>>,
    wide: Option<Tally<u128>>,
}

/// The keys of one width.
struct Tally<K> {
    counted: HashMap<K, u64, Spreading>,
    put_aside: Store<K>,
}

/// What the second pass looks for.
#[derive(Default)]
struct Repeated {
    groups: Groups,
    narrow: RepeatedKeys<u64>,
    wide: RepeatedKeys<u128>,
    nulls_seen: u64,
}

struct RepeatedKeys<K> {
    /// All of them, unless there are too many.
    keys: Option<HashSet<K, Spreading>>,
    seen: HashSet<K, Spreading>,
}

impl<K> Default for RepeatedKeys<K> {
    fn default() -> Self {
        Self {
            keys: Some(HashSet::default()),
            seen: HashSet::default(),
        }
    }
}

impl<K: Key> Tally<K> {
    fn new() -> Self {
        Self {
            counted: HashMap::default(),
            put_aside: Store::new(PARTS),
        }
    }
}

fn part_of<K: Key>(key: K) -> usize {
    (key.spread() >> 56) as usize % PARTS
}

impl<'a> GroupsOf<'a> {
    pub(super) fn new(grouping: &'a Grouping, surroundings: Surroundings<'a>) -> Self {
        Self {
            grouping,
            examples_max: surroundings.examples_max,
            memory: surroundings.memory,
            state: Mutex::default(),
            repeated: Mutex::default(),
        }
    }

    fn keys_of(&self, rows: &Rows<'a, '_>, selected: Option<&Bitmap>) -> Evaluated<Keys> {
        let parts = parts(rows, &self.grouping.key)?;
        keys(
            &parts,
            self.grouping.nulls,
            selected,
            self.memory.seeds,
            rows.len(),
        )
    }

    /// The columns of the key, whose values are shown; none where whole rows are compared.
    fn shown(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        let key = self.grouping.key.iter();
        key.for_each(|part| part.add_columns(&mut columns));
        columns
    }
}

/// Adds the keys of a piece.
fn add<K: Key>(
    tally: &Mutex<State>,
    of: fn(&mut State) -> &mut Option<Tally<K>>,
    keys: &[K],
    eligible: Option<&Bitmap>,
    memory: &Memory,
) -> Evaluated<()> {
    let chosen = || {
        let all = eligible.is_none().then(|| keys.iter().copied());
        let some = eligible.map(|rows| {
            let rows = rows.true_idx_iter();
            rows.filter_map(|row| keys.get(row).copied())
        });
        all.into_iter().flatten().chain(some.into_iter().flatten())
    };
    let sample: Vec<K> = chosen().take(SAMPLE_ROWS).collect();
    let different = sample.iter().collect::<HashSet<_, Spreading>>().len();
    let repeats_much = 2 * different <= sample.len();
    if repeats_much {
        let mut counts: HashMap<K, u64, Spreading> = HashMap::default();
        for key in chosen() {
            *counts.entry(key).or_default() += 1;
        }
        let mut state = locked(tally);
        let tally = of(&mut state).get_or_insert_with(Tally::new);
        if tally.counted.len() + counts.len() <= COUNTED_KEYS_MAX {
            for (key, count) in counts {
                *tally.counted.entry(key).or_default() += count;
            }
            return Ok(());
        }
    }
    let mut state = locked(tally);
    let tally = of(&mut state).get_or_insert_with(Tally::new);
    tally.put_aside.extend(chosen(), part_of, memory)?;
    Ok(())
}

impl<'m> Accumulator<'m> for GroupsOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let keys = self.keys_of(rows, selected)?;
        if let Some(nulls) = &keys.nulls {
            locked(&self.state).nulls += nulls.set_bits() as u64;
        }
        let eligible = keys.eligible.as_ref();
        match &keys.values {
            KeyValues::Narrow(values) => add(
                &self.state,
                |state| &mut state.narrow,
                values,
                eligible,
                self.memory,
            ),
            KeyValues::Wide(values) => add(
                &self.state,
                |state| &mut state.wide,
                values,
                eligible,
                self.memory,
            ),
        }
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut repeated = locked(&self.repeated);
        if repeated.groups.rows == 0 {
            let state = locked(&self.state);
            let mut sums = Sums::default();
            sums.add(state.nulls);
            if let Some(tally) = &state.narrow {
                sums.join(&count(tally, &mut repeated.narrow.keys)?);
            }
            if let Some(tally) = &state.wide {
                sums.join(&count(tally, &mut repeated.wide.keys)?);
            }
            let examples = std::mem::take(&mut repeated.groups.examples);
            repeated.groups = sums.groups(examples);
        }
        Ok(Measured::Groups(repeated.groups.clone()))
    }

    fn wants_rows_in_order(&self) -> bool {
        0 < self.examples_max && 0 < locked(&self.repeated).groups.repeated
    }

    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let keys = self.keys_of(rows, selected)?;
        let shown = ShownColumns::of(rows, &self.shown())?;
        let mut repeated = locked(&self.repeated);
        let mut found = Vec::new();
        let missing = self
            .examples_max
            .saturating_sub(repeated.groups.examples.len());
        for row in 0..rows.len() {
            if missing <= found.len() {
                break;
            }
            let is_null = keys.nulls.as_ref().is_some_and(|nulls| nulls.get_bit(row));
            let shows = if is_null {
                repeated.nulls_seen += 1;
                // With one null alone there is nothing to show, and then none is repeated.
                1 < repeated.nulls_seen || self.grouping.shows_first
            } else if keys.eligible.as_ref().is_none_or(|rows| rows.get_bit(row)) {
                let shows_first = self.grouping.shows_first;
                match &keys.values {
                    KeyValues::Narrow(values) => values
                        .get(row)
                        .is_some_and(|key| repeated.narrow.shows(*key, shows_first)),
                    KeyValues::Wide(values) => values
                        .get(row)
                        .is_some_and(|key| repeated.wide.shows(*key, shows_first)),
                }
            } else {
                false
            };
            if shows {
                found.push(shown.example(rows.batch.first_row, row));
            }
        }
        merge_examples(&mut repeated.groups.examples, found, self.examples_max);
        Ok(repeated.groups.examples.len() < self.examples_max)
    }
}

impl<K: Key> RepeatedKeys<K> {
    /// Whether the row with this key is shown.
    fn shows(&mut self, key: K, shows_first: bool) -> bool {
        match &self.keys {
            Some(keys) if !keys.contains(&key) => false,
            Some(_) if shows_first => true,
            // Too many repeated keys to remember: repetitions are everywhere, and the search short.
            Some(_) | None => !self.seen.insert(key),
        }
    }
}

/// What is added up over keys.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: u64,
    distinct: u64,
    repeated: u64,
    rows_of_repeated: u64,
    /// Σ count · ln(count).
    count_log_count: f64,
}

impl Sums {
    fn add(&mut self, count: u64) {
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

    fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.distinct += other.distinct;
        self.repeated += other.repeated;
        self.rows_of_repeated += other.rows_of_repeated;
        self.count_log_count += other.count_log_count;
    }

    fn groups(self, examples: Vec<RowExample>) -> Groups {
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
fn count<K: Key>(
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

/// Counts the keys of one part: an open-addressed table of places in a list of the different keys, so
/// that what has to be cleared and looked through is small.
fn count_part<K: Key>(
    store: &Store<K>,
    part: usize,
    counted: &[(K, u64)],
) -> Result<(Sums, Vec<K>), Problem> {
    let keys_max = store.part_len(part) + counted.len();
    if u32::MAX as usize <= keys_max {
        return Err(Problem::Unsupported(
            "there are too many keys to count".to_owned(),
        ));
    }
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
    store.for_each(part, |key| add(key, 1))?;
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
    Ok((sums, repeated))
}
