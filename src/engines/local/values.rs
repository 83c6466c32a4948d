//! Numbers kept for quantiles and distributions: counted while there are few different ones, put aside
//! otherwise. Quantiles are selected by radix, so that nothing is ever sorted as a whole and what has
//! gone to a file stays there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;

use super::accumulate::locked;
use super::evaluate::Evaluated;
use super::keys::Spreading;
use super::memory::{Memory, Store};
use super::numbers::{for_each, sortable, unsortable};
use super::partitions::state::Numbers;

/// Different numbers counted as they come; beyond it they are put aside.
const COUNTED_MAX: usize = 1 << 17;

/// Numbers of a piece looked at to see whether they repeat much.
const SAMPLE: usize = 4_096;

/// Bits looked at in one pass of the selection.
const DIGIT_BITS: u32 = 16;

/// The numbers of a value, as integers that sort like them.
pub(super) struct Values<'a> {
    memory: &'a Memory,
    state: Mutex<State>,
    /// For the numbers of one file: those of the table, which take what is too much to count.
    table: Option<Arc<Values<'a>>>,
}

struct State {
    counted: HashMap<u64, u64, Spreading>,
    put_aside: Store<u64>,
    count: u64,
    nan: u64,
    /// Whether there was too much to count, and the table has it all.
    handed_on: bool,
}

impl<'a> Values<'a> {
    pub(super) fn new(memory: &'a Memory) -> Self {
        Self {
            memory,
            table: None,
            state: Mutex::new(State {
                counted: HashMap::default(),
                put_aside: Store::new(1),
                count: 0,
                nan: 0,
                handed_on: false,
            }),
        }
    }

    /// Those of one file of the table.
    pub(super) fn of_file(table: &Arc<Self>) -> Self {
        Self {
            table: Some(table.clone()),
            ..Self::new(table.memory)
        }
    }

    /// Adds the selected numbers; NaNs are counted and left out.
    pub(super) fn add(
        &self,
        numbers: &PrimitiveArray<f64>,
        selected: Option<&Bitmap>,
    ) -> Evaluated<()> {
        let mut keys = Vec::new();
        let mut nan = 0;
        for_each(numbers, selected, |x| {
            if x.is_nan() {
                nan += 1;
            } else {
                keys.push(sortable(x));
            }
        });
        let sample = keys.get(..SAMPLE).unwrap_or(&keys);
        let different = sample
            .iter()
            .collect::<std::collections::HashSet<_, Spreading>>()
            .len();
        let mut counts: Option<HashMap<u64, u64, Spreading>> = None;
        if 4 * different <= 3 * sample.len() || keys.len() < SAMPLE {
            let mut counted: HashMap<u64, u64, Spreading> = HashMap::default();
            for key in &keys {
                *counted.entry(*key).or_default() += 1;
            }
            counts = Some(counted);
        }
        let mut state = locked(&self.state);
        if let Some(table) = &self.table {
            let fits = counts
                .as_ref()
                .is_some_and(|counts| state.counted.len() + counts.len() <= COUNTED_MAX);
            if state.handed_on || !fits {
                if !state.handed_on {
                    table.absorb(&state.numbers())?;
                    state.handed_on = true;
                    state.counted = HashMap::default();
                }
                return table.add(numbers, selected);
            }
        }
        state.nan += nan;
        state.count += keys.len() as u64;
        match counts {
            Some(counts) if state.counted.len() + counts.len() <= COUNTED_MAX => {
                for (key, count) in counts {
                    *state.counted.entry(key).or_default() += count;
                }
            }
            _ => state
                .put_aside
                .extend(keys.into_iter(), |_| 0, self.memory)?,
        }
        Ok(())
    }

    /// Adds numbers that were counted before.
    pub(super) fn absorb(&self, numbers: &Numbers) -> Evaluated<()> {
        let mut state = locked(&self.state);
        state.nan += numbers.nan;
        let mut aside = Vec::new();
        for (key, count) in &numbers.counted {
            state.count += count;
            if state.counted.len() < COUNTED_MAX || state.counted.contains_key(key) {
                *state.counted.entry(*key).or_default() += count;
            } else {
                aside.push((*key, *count));
            }
        }
        let aside = aside.into_iter();
        let aside = aside.flat_map(|(key, count)| (0..count).map(move |_| key));
        state.put_aside.extend(aside, |_| 0, self.memory)?;
        Ok(())
    }

    /// The numbers of one file, and whether they are all there are: otherwise the table has them.
    pub(super) fn kept(&self) -> (Numbers, bool) {
        let state = locked(&self.state);
        match state.handed_on {
            true => (Numbers::default(), false),
            false => (state.numbers(), true),
        }
    }

    /// How many numbers there are, without NaNs.
    pub(super) fn count(&self) -> u64 {
        locked(&self.state).count
    }

    /// How many NaNs there are.
    pub(super) fn nan_count(&self) -> u64 {
        locked(&self.state).nan
    }

    /// The numbers at these ranks, from 0, in ascending order of the numbers.
    pub(super) fn at_ranks(&self, ranks: &[u64]) -> Evaluated<Vec<f64>> {
        let state = locked(&self.state);
        let mut found = Vec::with_capacity(ranks.len());
        for rank in ranks {
            found.push(unsortable(state.select(*rank)?));
        }
        Ok(found)
    }

    /// All different numbers with their counts, ascending.
    pub(super) fn points(&self) -> Evaluated<Vec<(f64, u64)>> {
        let state = locked(&self.state);
        let mut keys: Vec<(u64, u64)> = state
            .counted
            .iter()
            .map(|(key, count)| (*key, *count))
            .collect();
        keys.reserve(state.put_aside.part_len(0));
        state.put_aside.for_each(0, |key| keys.push((key, 1)))?;
        keys.sort_unstable_by_key(|(key, _)| *key);
        let mut points: Vec<(f64, u64)> = Vec::new();
        let mut last = None;
        for (key, count) in keys {
            match points.last_mut() {
                Some((_, total)) if last == Some(key) => *total += count,
                _ => points.push((unsortable(key), count)),
            }
            last = Some(key);
        }
        Ok(points)
    }
}

impl State {
    /// What has been counted.
    fn numbers(&self) -> Numbers {
        let mut counted: Vec<(u64, u64)> = self
            .counted
            .iter()
            .map(|(key, count)| (*key, *count))
            .collect();
        counted.sort_unstable();
        Numbers {
            counted,
            nan: self.nan,
        }
    }

    /// The key at a rank, digit by digit from the highest.
    fn select(&self, rank: u64) -> Evaluated<u64> {
        let mut rank = rank;
        let mut prefix = 0_u64;
        let mut shift = u64::BITS;
        while 0 < shift {
            let above = shift;
            shift -= DIGIT_BITS;
            let mut histogram = vec![0_u64; 1 << DIGIT_BITS];
            let mut note = |key: u64, count: u64| {
                let in_prefix = above == u64::BITS || key >> above == prefix;
                let digit = (key >> shift) & ((1 << DIGIT_BITS) - 1);
                if in_prefix && let Some(slot) = histogram.get_mut(digit as usize) {
                    *slot += count;
                }
            };
            self.counted
                .iter()
                .for_each(|(key, count)| note(*key, *count));
            self.put_aside.for_each(0, |key| note(key, 1))?;
            for (digit, count) in histogram.iter().enumerate() {
                if rank < *count {
                    prefix = prefix << DIGIT_BITS | digit as u64;
                    break;
                }
                rank -= count;
            }
        }
        Ok(prefix)
    }
}
