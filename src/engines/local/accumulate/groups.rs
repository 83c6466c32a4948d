//! How often keys repeat: exact, whatever the number of keys.
//!
//! Keys are spread over parts by their hash as they come; at the end each part is counted in a table
//! that fits the caches. Where a piece has few different keys they are counted at once. Rows to show for
//! repeated keys are looked for in a second pass, and only when there are any.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::failing::{merge_examples, shown_text};
use super::tally::{Sums, Tally, count, part_of};
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::keys::{Key, KeyValues, Keys, Spreading, keys, parts};
use crate::engines::local::memory::Memory;
use crate::evidence::RowExample;
use crate::measure::{Grouping, Groups, Measured, Value};
use polars_arrow::bitmap::Bitmap;

/// Keys of a piece looked at to see whether they repeat much.
const SAMPLE_ROWS: usize = 4_096;

/// Different keys counted as they come; beyond it they are put aside.
const COUNTED_KEYS_MAX: usize = 1 << 17;

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
    /// Wide keys that [`packed`] makes narrow.
    packed: Option<Tally<u64>>,
    wide: Option<Tally<u128>>,
}

/// What the second pass looks for.
#[derive(Default)]
struct Repeated {
    groups: Groups,
    narrow: RepeatedKeys<u64>,
    packed: RepeatedKeys<u64>,
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

/// A pair of small numbers in half the memory. Nothing but the key decides, so that equal keys stay
/// together.
fn packed(key: u128) -> Option<u64> {
    let (high, low) = (
        u32::try_from(key >> 64).ok()?,
        u32::try_from(key as u64).ok()?,
    );
    Some(u64::from(high) << 32 | u64::from(low))
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

    /// The column whose value is shown.
    fn shown(&self) -> Option<&str> {
        match self.grouping.key.as_slice() {
            [Value::Column(column) | Value::Raw(column)] => Some(column),
            // The row number says which row; many values side by side would say nothing.
            _ => None,
        }
    }
}

/// The keys that count.
fn chosen<'k, K: Key>(
    keys: &'k [K],
    eligible: Option<&'k Bitmap>,
) -> impl Iterator<Item = K> + use<'k, K> {
    let all = eligible.is_none().then(|| keys.iter().copied());
    let some = eligible.map(|rows| {
        let rows = rows.true_idx_iter();
        rows.filter_map(|row| keys.get(row).copied())
    });
    all.into_iter().flatten().chain(some.into_iter().flatten())
}

/// Adds the keys of a piece.
fn add<K: Key, I: Iterator<Item = K>>(
    tally: &Mutex<State>,
    of: fn(&mut State) -> &mut Option<Tally<K>>,
    keys: impl Fn() -> I,
    memory: &Memory,
) -> Evaluated<()> {
    let sample: Vec<K> = keys().take(SAMPLE_ROWS).collect();
    if sample.is_empty() {
        return Ok(());
    }
    let different = sample.iter().collect::<HashSet<_, Spreading>>().len();
    let repeats_much = 2 * different <= sample.len();
    if repeats_much {
        let mut counts: HashMap<K, u64, Spreading> = HashMap::default();
        keys().for_each(|key| *counts.entry(key).or_default() += 1);
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
    tally.put_aside.extend(keys(), part_of, memory)?;
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
                || chosen(values, eligible),
                self.memory,
            ),
            KeyValues::Wide(values) => {
                let all = || chosen(values, eligible);
                add(
                    &self.state,
                    |state| &mut state.packed,
                    || all().filter_map(packed),
                    self.memory,
                )?;
                add(
                    &self.state,
                    |state| &mut state.wide,
                    || all().filter(|key| packed(*key).is_none()),
                    self.memory,
                )
            }
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
            if let Some(tally) = &state.packed {
                sums.join(&count(tally, &mut repeated.packed.keys)?);
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
        let shown = self.shown().map(|column| rows.raw(column)).transpose()?;
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
                    KeyValues::Wide(values) => {
                        values.get(row).is_some_and(|key| match packed(*key) {
                            Some(key) => repeated.packed.shows(key, shows_first),
                            None => repeated.wide.shows(*key, shows_first),
                        })
                    }
                }
            } else {
                false
            };
            if shows {
                found.push(RowExample {
                    row_number: rows.batch.first_row + row as u64 + 1,
                    value: shown
                        .as_ref()
                        .and_then(|data| data.text_at(row))
                        .map(|text| shown_text(&text)),
                    masked: false,
                });
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
