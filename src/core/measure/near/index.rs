//! An index of rows in which near rows are found.

use std::collections::{HashMap, HashSet};

use super::minhash::{hash, mixed};
use super::{CANDIDATES_MAX, Near, NearRow, Shingles, Signature};

/// Numbers that choose the cell of a row; the others are compared only.
const CELL_NUMBERS_MAX: usize = 3;

/// Rows in which near rows are found. Rows that are the same are kept once. Filled with
/// [`Self::update`], joined with [`Self::merge`], asked with [`Self::nearest`] or [`Self::pairs`].
#[derive(Clone, Debug)]
pub struct NearIndex {
    near: Near,
    rows: Vec<Kept>,
    same: HashMap<u64, Vec<u32>>,
    buckets: HashMap<u64, Vec<u32>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Kept {
    row_number: u64,
    shingles: Shingles,
    numbers: Vec<Option<f64>>,
    equal: u64,
}

/// What a search came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nearest {
    /// A near row, by its number.
    Row(u64),
    /// No row is near.
    None,
    /// None of the first [`CANDIDATES_MAX`] candidates is near.
    Unfinished,
}

impl NearIndex {
    /// An index without rows.
    #[must_use]
    pub fn new(near: Near) -> Self {
        Self {
            near,
            rows: Vec::new(),
            same: HashMap::new(),
            buckets: HashMap::new(),
        }
    }

    /// Adds a row. A row that is the same as one that is there is not added: whatever is near one is
    /// near the other.
    pub fn update(&mut self, row_number: u64, row: &NearRow) {
        let kept = self.kept(row_number, row);
        self.add(kept);
    }

    /// Adds the rows of another index over the same measure.
    pub fn merge(&mut self, other: &Self) {
        other.rows.iter().for_each(|row| self.add(row.clone()));
    }

    /// Different rows in the index.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first row found that is near `row`.
    #[must_use]
    pub fn nearest(&self, row: &NearRow) -> Nearest {
        let row = self.kept(0, row);
        if let Some(same) = self.find_same(&row) {
            return Nearest::Row(self.rows[same].row_number);
        }
        let mut compared = HashSet::new();
        for key in self.probes(&row) {
            for place in self.buckets.get(&key).into_iter().flatten() {
                if CANDIDATES_MAX <= compared.len() {
                    return Nearest::Unfinished;
                }
                let other = &self.rows[*place as usize];
                if compared.insert(*place) && self.is_near(&row, other) {
                    return Nearest::Row(other.row_number);
                }
            }
        }
        Nearest::None
    }

    /// All pairs of different rows that are near, by their numbers, the smaller first, ascending; and
    /// the number of rows whose search was not finished.
    #[must_use]
    pub fn pairs(&self) -> (Vec<(u64, u64)>, u64) {
        let mut found = Vec::new();
        let mut unfinished = 0;
        for row in &self.rows {
            let mut compared = HashSet::new();
            let keys = self.probes(row);
            let candidates = keys
                .iter()
                .filter_map(|key| self.buckets.get(key))
                .flatten();
            for place in candidates {
                if CANDIDATES_MAX <= compared.len() {
                    unfinished += 1;
                    break;
                }
                let other = &self.rows[*place as usize];
                let new = compared.insert(*place) && row.row_number < other.row_number;
                if new && self.is_near(row, other) {
                    found.push((row.row_number, other.row_number));
                }
            }
        }
        found.sort_unstable();
        (found, unfinished)
    }

    fn kept(&self, row_number: u64, row: &NearRow) -> Kept {
        let shingles = if self.near.texts.is_empty() {
            Shingles::default()
        } else {
            Shingles::of(&row.text, self.near.shingles)
        };
        let finite = |number: &Option<f64>| number.filter(|number| !number.is_nan());
        Kept {
            row_number,
            shingles,
            numbers: row.numbers.iter().map(finite).collect(),
            equal: row.equal.iter().fold(row.equal.len() as u64, |key, part| {
                mixed(key ^ part.as_ref().map_or(1, |part| hash(part.as_bytes())))
            }),
        }
    }

    fn add(&mut self, row: Kept) {
        if let Some(place) = self.find_same(&row) {
            let known = &mut self.rows[place].row_number;
            *known = row.row_number.min(*known);
            return;
        }
        let Ok(place) = u32::try_from(self.rows.len()) else {
            return;
        };
        for key in self.own_keys(&row) {
            self.buckets.entry(key).or_default().push(place);
        }
        self.same.entry(row.identity()).or_default().push(place);
        self.rows.push(row);
    }

    fn find_same(&self, row: &Kept) -> Option<usize> {
        let places = self.same.get(&row.identity())?;
        let same = |place: &&u32| self.rows[**place as usize].is_same(row);
        places.iter().find(same).map(|place| *place as usize)
    }

    fn is_near(&self, row: &Kept, other: &Kept) -> bool {
        let tolerances = self.near.numbers.iter().map(|(_, tolerance)| *tolerance);
        let mut numbers = row.numbers.iter().zip(&other.numbers).zip(tolerances);
        let close = numbers.all(|((mine, others), tolerance)| match (mine, others) {
            (None, None) => true,
            (Some(mine), Some(others)) => mine == others || (mine - others).abs() <= tolerance,
            (None, Some(_)) | (Some(_), None) => false,
        });
        let similar = || {
            // Texts without a word say nothing, and two of them are not near each other.
            self.near.texts.is_empty()
                || (!row.shingles.is_empty()
                    && self.near.similarity_min <= row.shingles.similarity(&other.shingles))
        };
        row.equal == other.equal && close && similar()
    }

    /// The keys a row is kept under.
    fn own_keys(&self, row: &Kept) -> Vec<u64> {
        if self.near.texts.is_empty() {
            return vec![self.cell_key(row, &[])];
        }
        self.text_keys(row)
    }

    /// The keys under which rows near a row may be.
    fn probes(&self, row: &Kept) -> Vec<u64> {
        if !self.near.texts.is_empty() {
            return self.text_keys(row);
        }
        let numbers = row.numbers.len().min(CELL_NUMBERS_MAX);
        let steps = 3_usize.pow(numbers as u32);
        let mut keys: Vec<u64> = (0..steps)
            .map(|step| {
                let shifts: Vec<f64> = (0..numbers)
                    .map(|place| (step / 3_usize.pow(place as u32) % 3) as f64 - 1.0)
                    .collect();
                self.cell_key(row, &shifts)
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn text_keys(&self, row: &Kept) -> Vec<u64> {
        if row.shingles.is_empty() {
            return Vec::new();
        }
        let signature = Signature::of(&row.shingles);
        let keys = signature.bands().map(|band| mixed(band ^ row.equal));
        keys.collect()
    }

    /// The cell of a row, or a neighbour of it. Cells are twice as wide as the tolerance, so that whatever
    /// is near lies in the same cell or the next, however its quotient is rounded.
    fn cell_key(&self, row: &Kept, shifts: &[f64]) -> u64 {
        let tolerances = self.near.numbers.iter().map(|(_, tolerance)| *tolerance);
        let numbers = row.numbers.iter().zip(tolerances).take(CELL_NUMBERS_MAX);
        numbers
            .enumerate()
            .fold(row.equal, |key, (place, (number, tolerance))| {
                let cell = match number {
                    None => 1,
                    Some(number) if 0.0 < tolerance => {
                        let cell = (number / (2.0 * tolerance)).floor()
                            + shifts.get(place).unwrap_or(&0.0);
                        (cell + 0.0).to_bits()
                    }
                    Some(number) => (number + 0.0).to_bits(),
                };
                mixed(key ^ mixed(cell))
            })
    }
}

impl Kept {
    fn identity(&self) -> u64 {
        let numbers = self.numbers.iter().fold(self.equal, |key, number| {
            mixed(key ^ number.map_or(1, |number| (number + 0.0).to_bits()))
        });
        mixed(numbers ^ self.shingles.identity())
    }

    fn is_same(&self, other: &Self) -> bool {
        self.equal == other.equal
            && self.numbers == other.numbers
            && self.shingles == other.shingles
    }
}
