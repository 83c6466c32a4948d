//! Vectors of a table: embeddings, in a column of lists or in columns of numbers.
//!
//! Of all rows the mean vector is kept, from sums without rounding, and a uniform sample of
//! [`SAMPLE_MAX`] whole vectors: those with the smallest priorities, numbers that look random and follow
//! from the number of the row alone. So what is kept is bounded by sample and dimension, the same in
//! whatever order rows come, and what is kept of two files is merged into what is kept of both.

use std::collections::BTreeMap;

use super::ExactSum;
use crate::statistics::random::scrambled;

/// Vectors of the sample.
pub const SAMPLE_MAX: usize = 1_000;

/// Longest vector measured; with it a sample holds 64 MiB.
pub const DIMENSION_MAX: usize = 8_192;

/// What is known of the vectors of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    /// Rows seen.
    pub row_count: u64,
    /// Rows without a vector.
    pub null_count: u64,
    /// Vectors that hold a null, NaN or an infinity; they are in no mean and no sample.
    pub broken_count: u64,
    /// Index of the first row with such a vector.
    pub first_broken: Option<u64>,
    /// The shortest and the longest vector; `None` when there is no vector.
    pub lengths: Option<Lengths>,
    /// The mean of the vectors that are whole; empty when there is none, or not all are of one length.
    pub mean: Vec<f64>,
    /// Vectors of the sample, one after the other, in the order of their rows; as long as `mean`.
    pub sample: Vec<f64>,
}

/// The shortest and the longest vector, each as its length and the index of the first row with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// The shortest.
    pub shortest: (usize, u64),
    /// The longest.
    pub longest: (usize, u64),
}

/// One vector where it stands.
#[derive(Clone, Copy, Debug)]
pub struct VectorRow<'a> {
    /// Index of the row in the table, from 0.
    pub row_index: u64,
    /// What decides whether it is sampled, see [`priority`].
    pub priority: u64,
    /// The numbers; anything in the place of a null.
    pub numbers: &'a [f64],
    /// Whether one of the numbers is null.
    pub holds_null: bool,
}

/// What is kept of vectors while rows are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorSketch {
    /// Rows seen.
    pub row_count: u64,
    /// Rows without a vector.
    pub null_count: u64,
    /// See [`Vectors::broken_count`].
    pub broken_count: u64,
    /// See [`Vectors::first_broken`].
    pub first_broken: Option<u64>,
    /// See [`Vectors::lengths`].
    pub lengths: Option<Lengths>,
    /// The sum of each number of the whole vectors.
    pub sums: Vec<ExactSum>,
    /// Whole vectors by priority and index of the row.
    pub sample: BTreeMap<(u64, u64), Vec<f64>>,
    /// A place in the order of the sample from which on nothing is taken.
    pub end: Option<(u64, u64)>,
}

impl Vectors {
    /// Vectors that are whole.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.row_count
            .saturating_sub(self.null_count)
            .saturating_sub(self.broken_count)
    }
}

impl Lengths {
    /// Of one vector.
    #[must_use]
    pub fn of(length: usize, row_index: u64) -> Self {
        Self {
            shortest: (length, row_index),
            longest: (length, row_index),
        }
    }

    /// Of the vectors of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let longer = |(length, row_index): (usize, u64)| (length, std::cmp::Reverse(row_index));
        Self {
            shortest: self.shortest.min(other.shortest),
            longest: match longer(self.longest) < longer(other.longest) {
                true => other.longest,
                false => self.longest,
            },
        }
    }

    /// The one length; `None` when there are several.
    #[must_use]
    pub fn dimension(&self) -> Option<usize> {
        (self.shortest.0 == self.longest.0).then_some(self.longest.0)
    }
}

/// The priority of a row by its index in its file: the smallest ones are sampled. `seed` tells the files
/// of a table apart, whose rows are all numbered from 0.
#[must_use]
pub fn priority(seed: u64, index_in_file: u64) -> u64 {
    scrambled(scrambled(seed).wrapping_add(index_in_file))
}

impl VectorSketch {
    /// An empty sketch of further rows, to be merged with this one: of vectors that this one has no place
    /// for it takes none.
    #[must_use]
    pub fn piece(&self) -> Self {
        Self {
            end: self.last(),
            ..Self::default()
        }
    }

    /// The place in the order of the sample before which vectors are taken; `None` when all are.
    fn last(&self) -> Option<(u64, u64)> {
        match self.sample.last_key_value() {
            Some((last, _)) if SAMPLE_MAX <= self.sample.len() => Some(*last),
            Some(_) | None => self.end,
        }
    }

    /// Adds rows without a vector.
    pub fn add_nulls(&mut self, count: u64) {
        self.row_count = self.row_count.saturating_add(count);
        self.null_count = self.null_count.saturating_add(count);
    }

    /// Adds a vector.
    pub fn add(&mut self, row: &VectorRow<'_>) {
        self.row_count = self.row_count.saturating_add(1);
        self.take_lengths(Lengths::of(row.numbers.len(), row.row_index));
        if row.holds_null || row.numbers.iter().any(|number| !number.is_finite()) {
            self.broken_count = self.broken_count.saturating_add(1);
            let first = self.first_broken.unwrap_or(row.row_index);
            self.first_broken = Some(first.min(row.row_index));
            return;
        }
        if !self.is_even() {
            return;
        }
        if self.sums.is_empty() {
            self.sums = vec![ExactSum::default(); row.numbers.len()];
        }
        for (sum, number) in self.sums.iter_mut().zip(row.numbers) {
            sum.add(*number);
        }
        let key = (row.priority, row.row_index);
        if self.last().is_none_or(|last| key < last) {
            self.sample.insert(key, row.numbers.to_vec());
            self.cut();
        }
    }

    /// Adds what is kept of other rows of the table.
    pub fn merge(&mut self, other: Self) {
        self.row_count = self.row_count.saturating_add(other.row_count);
        self.null_count = self.null_count.saturating_add(other.null_count);
        self.broken_count = self.broken_count.saturating_add(other.broken_count);
        let broken = self.first_broken.into_iter().chain(other.first_broken);
        self.first_broken = broken.min();
        if let Some(lengths) = other.lengths {
            self.take_lengths(lengths);
        }
        if !self.is_even() {
            return;
        }
        if self.sums.is_empty() {
            self.sums = other.sums;
        } else {
            for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
                sum.merge(more);
            }
        }
        self.sample.extend(other.sample);
        self.cut();
    }

    /// What is known when all rows have been seen.
    #[must_use]
    pub fn finish(&self) -> Vectors {
        let whole = self
            .row_count
            .saturating_sub(self.null_count)
            .saturating_sub(self.broken_count);
        let means = self.sums.iter().map(|sum| sum.value() / whole as f64);
        let mut sample: Vec<(u64, &Vec<f64>)> = self
            .sample
            .iter()
            .map(|((_, row_index), vector)| (*row_index, vector))
            .collect();
        sample.sort_unstable_by_key(|(row_index, _)| *row_index);
        Vectors {
            row_count: self.row_count,
            null_count: self.null_count,
            broken_count: self.broken_count,
            first_broken: self.first_broken,
            lengths: self.lengths,
            mean: means.collect(),
            sample: sample
                .into_iter()
                .flat_map(|(_, vector)| vector)
                .copied()
                .collect(),
        }
    }

    /// Vectors of several lengths have neither mean nor sample.
    fn take_lengths(&mut self, lengths: Lengths) {
        let all = self.lengths.map_or(lengths, |known| known.and(lengths));
        self.lengths = Some(all);
        if all.dimension().is_none() {
            self.sums.clear();
            self.sample.clear();
        }
    }

    fn is_even(&self) -> bool {
        self.lengths
            .is_none_or(|lengths| lengths.dimension().is_some())
    }

    fn cut(&mut self) {
        while SAMPLE_MAX < self.sample.len() {
            self.sample.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(rows: &[(u64, Vec<f64>)]) -> VectorSketch {
        let mut sketch = VectorSketch::default();
        for (row_index, numbers) in rows {
            sketch.add(&VectorRow {
                row_index: *row_index,
                priority: priority(0, *row_index),
                numbers,
                holds_null: false,
            });
        }
        sketch
    }

    #[test]
    fn order_and_pieces_change_nothing() {
        let mut rows: Vec<(u64, Vec<f64>)> = (0..2_500)
            .map(|row| (row, vec![row as f64 / 7.0, 1.0 / (row + 1) as f64]))
            .collect();
        let whole = sketch(&rows);
        let (one, other) = rows.split_at(700);
        let mut merged = sketch(other);
        merged.merge(sketch(one));
        assert_eq!(merged, whole);
        rows.reverse();
        assert_eq!(sketch(&rows), whole);
        let found = whole.finish();
        assert_eq!(found.sample.len(), SAMPLE_MAX * 2);
        assert_eq!(found.mean[0], 2_499.0 / 14.0);
        assert!(
            found
                .sample
                .chunks(2)
                .is_sorted_by(|one, other| one[0] < other[0])
        );
    }

    #[test]
    fn the_sample_is_uniform() {
        // Of 10 000 rows 1 000: each tenth of the table gives 100, by chance ± 3 · 9.
        let rows: Vec<_> = (0..10_000).map(|row| (row, vec![row as f64])).collect();
        let found = sketch(&rows).finish();
        for tenth in 0..10 {
            let within = |row: &&f64| (**row / 1_000.0).floor() == f64::from(tenth);
            let count = found.sample.iter().filter(within).count();
            assert!((70..=130).contains(&count), "{tenth}: {count}");
        }
    }

    #[test]
    fn lengths_and_broken_vectors_are_told_by_their_first_rows() {
        let rows = [
            (4, vec![1.0]),
            (2, vec![1.0, 2.0]),
            (3, vec![f64::NAN, 2.0]),
        ];
        let mut turned = rows.clone();
        turned.reverse();
        for rows in [rows, turned] {
            let mut found = sketch(&rows);
            found.add_nulls(2);
            let found = found.finish();
            let lengths = found.lengths.expect("there are vectors");
            assert_eq!((lengths.shortest, lengths.longest), ((1, 4), (2, 2)));
            assert_eq!((found.broken_count, found.first_broken), (1, Some(3)));
            assert_eq!(
                (found.row_count, found.null_count, found.count()),
                (5, 2, 2)
            );
            assert!(found.mean.is_empty() && found.sample.is_empty());
        }
    }
}
