//! Means of several values a row and how they vary together, in one pass and without keeping the rows.
//!
//! Blocks are summed around the first row and joined by the updates of Chan, Golub and LeVeque (1979), so
//! that values which lie close to each other keep their digits and a constant has a variance of exactly 0.

/// Means and sums of products of deviations.
#[derive(Clone, Debug)]
pub struct Moments {
    count: f64,
    /// The first row: values are taken as differences to it.
    origin: Vec<f64>,
    mean: Vec<f64>,
    /// Row by row of the square matrix.
    scatter: Vec<f64>,
}

impl Moments {
    /// Of no rows, with `width` values each.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            count: 0.0,
            origin: Vec::new(),
            mean: vec![0.0; width],
            scatter: vec![0.0; width * width],
        }
    }

    /// Adds rows: one column for each value, all equally long. They are used as scratch space.
    pub fn add(&mut self, columns: &mut [Vec<f64>]) {
        let rows = columns.first().map_or(0, Vec::len);
        if rows == 0 {
            return;
        }
        let added = rows as f64;
        if self.origin.is_empty() {
            self.origin = columns.iter().map(|column| column[0]).collect();
        }
        let mut means = Vec::with_capacity(columns.len());
        for (column, origin) in columns.iter_mut().zip(&self.origin) {
            column.iter_mut().for_each(|value| *value -= origin);
            let mean = dot(column, None) / added;
            column.iter_mut().for_each(|value| *value -= mean);
            means.push(mean);
        }
        let width = self.mean.len();
        let share = self.count * added / (self.count + added);
        for row in 0..width {
            for column in row..width {
                let within = dot(&columns[row], Some(&columns[column]));
                let (one, other) = (
                    means[row] - self.mean[row],
                    means[column] - self.mean[column],
                );
                self.scatter[row * width + column] += within + share * one * other;
            }
        }
        self.count += added;
        for (mean, new) in self.mean.iter_mut().zip(means) {
            *mean += (new - *mean) * (added / self.count);
        }
    }

    /// How many rows there were.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// The mean of each value.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let pairs = self.origin.iter().zip(&self.mean);
        pairs.map(|(origin, mean)| origin + mean).collect()
    }

    /// Variance, over rows less one, of the sum of the values times `slopes`; NaN below two rows. Exactly
    /// 0 where values cancel each other to the last digits, which are rounding.
    #[must_use]
    pub fn variance(&self, slopes: &[f64]) -> f64 {
        /// What products of doubles that cancel leave of their size.
        const ROUNDING: f64 = 1e-14;
        let width = self.mean.len();
        let (mut sum, mut size) = (0.0, 0.0);
        for (row, slope) in slopes.iter().enumerate().take(width) {
            for (column, other) in slopes.iter().enumerate().take(width).skip(row) {
                let twice = if row == column { 1.0 } else { 2.0 };
                let part = twice * slope * other * self.scatter[row * width + column];
                sum += part;
                size += part.abs();
            }
        }
        let left = if sum <= ROUNDING * size { 0.0 } else { sum };
        left / (self.count - 1.0)
    }
}

/// Sum of the values, or of their products with others, in eight lanes that the processor adds at once.
fn dot(values: &[f64], others: Option<&[f64]>) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    match others {
        None => {
            for chunk in chunks {
                for (sum, value) in sums.iter_mut().zip(chunk) {
                    *sum += value;
                }
            }
            sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
        }
        Some(others) => {
            let (other_chunks, other_rest) = others.as_chunks::<LANES>();
            for (chunk, other) in chunks.iter().zip(other_chunks) {
                for (sum, (value, other)) in sums.iter_mut().zip(chunk.iter().zip(other)) {
                    *sum += value * other;
                }
            }
            let rest = rest.iter().zip(other_rest);
            sums.iter().sum::<f64>() + rest.map(|(value, other)| value * other).sum::<f64>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::mean::{Rows, mean, paired};
    use crate::statistics::random::{generator, uniform};

    /// In blocks of uneven size.
    fn moments(columns: &[Vec<f64>]) -> Moments {
        let mut moments = Moments::new(columns.len());
        let rows = columns[0].len();
        let (mut start, mut size) = (0, 1);
        while start < rows {
            let end = rows.min(start + size);
            let mut block: Vec<Vec<f64>> = columns
                .iter()
                .map(|column| column[start..end].to_vec())
                .collect();
            moments.add(&mut block);
            (start, size) = (end, size * 3);
        }
        moments
    }

    fn close(left: f64, right: f64) {
        assert!(
            (left - right).abs() <= 1e-12 * right.abs(),
            "{left} {right}"
        );
    }

    #[test]
    fn variances_are_those_of_kept_rows() {
        let mut random = generator(3, 0);
        let first: Vec<f64> = (0..1000).map(|_| 1e6 + uniform(&mut random)).collect();
        let second: Vec<f64> = first
            .iter()
            .map(|value| value + uniform(&mut random))
            .collect();
        let moments = moments(&[first.clone(), second.clone()]);
        let error = |slopes: &[f64]| (moments.variance(slopes) / moments.count()).sqrt();
        close(
            error(&[1.0, 0.0]),
            mean(&Rows::of(&first)).expect("varies").standard_error,
        );
        close(moments.means()[1], second.iter().sum::<f64>() / 1000.0);
        let difference = paired(&first, &second, &Rows::of(&first)).expect("varies");
        // The cancellation of two near columns costs digits; their difference is better its own column.
        assert!((error(&[1.0, -1.0]) - difference.standard_error).abs() <= 1e-9);
    }

    #[test]
    fn a_constant_does_not_vary() {
        let moments = moments(&[vec![0.1; 777]]);
        assert_eq!(moments.variance(&[1.0]), 0.0);
        assert_eq!(moments.means(), [0.1]);
    }

    #[test]
    fn a_ratio_that_is_the_same_in_every_row_does_not_vary() {
        let mut random = generator(5, 0);
        let below: Vec<f64> = (0..777).map(|_| 1.0 + uniform(&mut random)).collect();
        let above: Vec<f64> = below.iter().map(|value| 0.9 * value).collect();
        assert_eq!(moments(&[above, below]).variance(&[1.0, -0.9]), 0.0);
    }
}
