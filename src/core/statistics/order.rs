//! Rows in the order of their values, ties together: what ranks, areas and curves are read from.
//!
//! Sorting is what costs most of a comparison of two models. Values are therefore sorted by where they
//! lie between the lowest and the highest, as a whole number of 32 bits, digit by digit in time linear in
//! the rows; only values that fall on the same number are compared. Values all in one place, such as with
//! one outlier far from the rest, are compared as ever.

use std::cmp::Ordering;

/// Rows from the lowest value to the highest, by number where values are equal.
#[derive(Clone, Debug)]
pub struct Order {
    rows: Vec<u32>,
    /// Whether the row at this place is the last of its tie.
    ends_tie: Vec<bool>,
}

impl Order {
    /// Orders finite values, of which there are at most 2^32. -0 and 0 are tied.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut placed = placed(values);
        let mut ends_tie = vec![true; placed.len()];
        let mut start = 0;
        for run in placed.chunk_by_mut(|left, right| key_of(*left) == key_of(*right)) {
            let value = |placed: u64| values[row_of(placed) as usize];
            let end = start + run.len();
            if 1 < run.len() {
                // Rows of one number are in their order already.
                let first = value(run[0]);
                if run.iter().any(|place| value(*place) != first) {
                    run.sort_by(|left, right| by_value(value(*left), value(*right)));
                }
                for (pair, ends) in run.windows(2).zip(&mut ends_tie[start..end]) {
                    *ends = value(pair[0]) != value(pair[1]);
                }
            }
            start = end;
        }
        Self {
            rows: placed.into_iter().map(row_of).collect(),
            ends_tie,
        }
    }

    /// The rows of each tie, from the lowest value to the highest.
    pub fn rising(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let length = self.ends_tie.get(start..)?.iter().position(|ends| *ends)? + 1;
            let tie = self.rows.get(start..start + length);
            start += length;
            tie
        })
    }

    /// The rows of each tie, from the highest value to the lowest.
    pub fn falling(&self) -> impl Iterator<Item = &[u32]> {
        let mut end = self.rows.len();
        std::iter::from_fn(move || {
            let before = self.ends_tie.get(..end.checked_sub(1)?)?;
            let start = before
                .iter()
                .rposition(|ends| *ends)
                .map_or(0, |last| last + 1);
            let tie = self.rows.get(start..end);
            end = start;
            tie
        })
    }

    /// How many different values there are.
    #[must_use]
    pub fn ties(&self) -> usize {
        self.ends_tie.iter().filter(|ends| **ends).count()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// As numbers, so that -0 and 0 are equal and stay in the order of their rows.
fn by_value(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}

/// A row below the whole number its value falls on.
fn place(key: u32, row: u32) -> u64 {
    u64::from(key) << 32 | u64::from(row)
}

fn key_of(place: u64) -> u32 {
    (place >> 32) as u32
}

fn row_of(place: u64) -> u32 {
    place as u32
}

/// The rows by the whole numbers their values fall on, by row where those are equal.
fn placed(values: &[f64]) -> Vec<u64> {
    /// Below so many rows, counting digits costs more than it saves.
    const COUNTED_FROM: usize = 1 << 10;
    let (lowest, highest) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    let scale = f64::from(u32::MAX) / (highest - lowest);
    let scale = if scale.is_finite() { scale } else { 0.0 };
    // Rounding is monotone, so that a higher value never falls on a lower number.
    let key = |value: f64| ((value - lowest) * scale) as u32;
    let mut places: Vec<u64> = values
        .iter()
        .zip(0..)
        .map(|(value, row)| place(key(*value), row))
        .collect();
    if places.len() < COUNTED_FROM {
        places.sort_unstable();
    } else {
        sort_by_digits(&mut places);
    }
    places
}

/// Sorts by the upper 32 bits, from their lowest digit to the highest, keeping the order of equal ones.
fn sort_by_digits(places: &mut Vec<u64>) {
    const DIGITS: usize = 4;
    let digit = |place: u64, index: usize| (place >> (32 + 8 * index)) as usize & 0xff;
    let mut counts = [[0_usize; 256]; DIGITS];
    for place in places.iter() {
        for (index, counts) in counts.iter_mut().enumerate() {
            counts[digit(*place, index)] += 1;
        }
    }
    let mut sorted = vec![0_u64; places.len()];
    for (index, counts) in counts.iter().enumerate() {
        if counts.contains(&places.len()) {
            continue;
        }
        let mut starts = [0_usize; 256];
        let mut start = 0;
        for (place, count) in starts.iter_mut().zip(counts) {
            *place = start;
            start += count;
        }
        for place in places.iter() {
            let next = &mut starts[digit(*place, index)];
            sorted[*next] = *place;
            *next += 1;
        }
        std::mem::swap(places, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::random::{generator, uniform};

    fn rows<'a>(ties: impl Iterator<Item = &'a [u32]>) -> Vec<Vec<u32>> {
        ties.map(<[u32]>::to_vec).collect()
    }

    /// Against a sort that compares.
    fn check(values: &[f64]) {
        let mut sorted: Vec<u32> = (0..values.len() as u32).collect();
        let value = |row: &u32| values[*row as usize];
        sorted.sort_by(|left, right| by_value(value(left), value(right)));
        let expected: Vec<Vec<u32>> = sorted
            .chunk_by(|left, right| value(left) == value(right))
            .map(<[u32]>::to_vec)
            .collect();
        let order = Order::of(values);
        assert_eq!(rows(order.rising()), expected);
        let reversed: Vec<Vec<u32>> = expected.iter().rev().cloned().collect();
        assert_eq!(rows(order.falling()), reversed);
        assert_eq!(order.ties(), expected.len());
        assert_eq!(order.len(), values.len());
    }

    #[test]
    fn rows_are_ordered_as_by_comparison() {
        let mut random = generator(7, 0);
        let spread: Vec<f64> = (0..5000).map(|_| uniform(&mut random)).collect();
        let tied = spread.iter().map(|value| (value * 50.0).round() / 50.0);
        let skewed = spread.iter().map(|value| value.powi(40));
        let signed = spread.iter().map(|value| (value - 0.5) * 1e9);
        check(&tied.collect::<Vec<_>>());
        check(&skewed.collect::<Vec<_>>());
        check(&signed.collect::<Vec<_>>());
        check(&spread);
    }

    #[test]
    fn extremes_are_ordered() {
        check(&[]);
        check(&[1.0]);
        check(&[0.0, -0.0, 1.0, -0.0, 0.0]);
        check(&[f64::MAX, f64::MIN, 0.0, 5e-324, -5e-324]);
        let mut outlier = vec![0.25; 3000];
        outlier.extend([1e300, 0.125, 0.5, 0.25]);
        check(&outlier);
        check(&vec![3.0; 2000]);
    }
}
