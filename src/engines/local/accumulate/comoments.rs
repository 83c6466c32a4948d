//! Means, variances and covariance of pairs of numbers.

use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::measure::{Comoments, Measured, Value};

/// The second moments of two values.
pub(super) struct ComomentsOf<'a> {
    x: &'a Value,
    y: &'a Value,
    batches: Mutex<Vec<(u64, Comoments)>>,
}

impl<'a> ComomentsOf<'a> {
    pub(super) fn new(x: &'a Value, y: &'a Value) -> Self {
        Self {
            x,
            y,
            batches: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for ComomentsOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let (xs, ys) = (rows.numbers(self.x)?, rows.numbers(self.y)?);
        let chosen = |row: usize| selected.is_none_or(|selected| selected.get_bit(row));
        let pairs: Vec<(f64, f64)> = xs
            .iter()
            .zip(ys.iter())
            .enumerate()
            .filter(|(row, _)| chosen(*row))
            .filter_map(|(_, (x, y))| Some((*x?, *y?)))
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        if pairs.is_empty() {
            return Ok(());
        }
        let n = pairs.len() as f64;
        let mut moments = Comoments {
            count: pairs.len() as u64,
            mean_x: pairs.iter().map(|(x, _)| x).sum::<f64>() / n,
            mean_y: pairs.iter().map(|(_, y)| y).sum::<f64>() / n,
            ..Comoments::default()
        };
        for (x, y) in pairs {
            let (dx, dy) = (x - moments.mean_x, y - moments.mean_y);
            moments.m2_x += dx * dx;
            moments.m2_y += dy * dy;
            moments.c += dx * dy;
        }
        locked(&self.batches).push((rows.batch.first_row, moments));
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut batches = locked(&self.batches);
        batches.sort_by_key(|(first_row, _)| *first_row);
        let joined = batches
            .iter()
            .map(|(_, moments)| *moments)
            .reduce(|one, other| join(&one, &other));
        Ok(Measured::Comoments(joined.unwrap_or_default()))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(ComomentsOf::new(self.x, self.y)))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Comoments(others) = state else {
            return Err(not_its_own());
        };
        let others = others.iter();
        let others = others.map(|(row, bits)| (row.saturating_add(first_row), (*bits).into()));
        locked(&self.batches).extend(others);
        Ok(())
    }
}

impl Portable for ComomentsOf<'_> {
    fn kept(&self, first_row: u64) -> Kept {
        let mut batches = locked(&self.batches);
        batches.sort_by_key(|(row, _)| *row);
        let batches = batches.iter();
        let batches =
            batches.map(|(row, moments)| (row.saturating_sub(first_row), (*moments).into()));
        Kept::whole(State::Comoments(batches.collect()))
    }
}

fn join(one: &Comoments, other: &Comoments) -> Comoments {
    let (a, b) = (one.count as f64, other.count as f64);
    let n = a + b;
    let (dx, dy) = (other.mean_x - one.mean_x, other.mean_y - one.mean_y);
    let weight = a * b / n;
    Comoments {
        count: one.count + other.count,
        mean_x: one.mean_x + dx * b / n,
        mean_y: one.mean_y + dy * b / n,
        m2_x: one.m2_x + other.m2_x + dx * dx * weight,
        m2_y: one.m2_y + other.m2_y + dy * dy * weight,
        c: one.c + other.c + dx * dy * weight,
    }
}
