//! Placements: for each row the number of rows of the other class below it, a tied one half (Hanley and
//! Hajian-Tilaki 1997). They are what areas under ROC curves and their variances are made of.
//!
//! Of rows that count one each, twice a placement is a whole number, and so are the sums of squares and
//! products of placements: they are exact, and do not depend on the order in which rows are read.

use super::order::{Order, Placed};

/// Sums over the rows of one class of twice their placements by one or two scores.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    rows: u64,
    first: u64,
    second: u64,
    first_squares: u128,
    second_squares: u128,
    products: u128,
}

impl Sums {
    #[inline]
    fn add(&mut self, first: u32, second: u32) {
        let (first, second) = (u64::from(first), u64::from(second));
        self.rows += 1;
        self.first += first;
        self.second += second;
        self.first_squares += u128::from(first * first);
        self.second_squares += u128::from(second * second);
        self.products += u128::from(first * second);
    }

    /// The sum by the first score.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The sum by the second score.
    pub(super) fn second(&self) -> u64 {
        self.second
    }

    /// Sum of squares of deviations by the first score.
    pub(super) fn first_scatter(&self) -> f64 {
        self.scatter(self.first_squares, self.first, self.first)
    }

    /// Sum of squares of deviations by the second score.
    pub(super) fn second_scatter(&self) -> f64 {
        self.scatter(self.second_squares, self.second, self.second)
    }

    /// Sum of products of deviations.
    pub(super) fn joint_scatter(&self) -> f64 {
        let found = self.scaled(self.products, self.first, self.second);
        found as f64 / self.rows as f64
    }

    /// Sum of squares of deviations of the differences.
    pub(super) fn difference_scatter(&self) -> f64 {
        let difference = self.first.abs_diff(self.second);
        self.scatter(self.difference_squares(), difference, difference)
    }

    /// Sum of squares of the differences; 0 when both scores place all rows alike.
    pub(super) fn difference_squares(&self) -> u128 {
        self.first_squares + self.second_squares - 2 * self.products
    }

    fn scatter(&self, squares: u128, left: u64, right: u64) -> f64 {
        self.scaled(squares, left, right) as f64 / self.rows as f64
    }

    /// Rows times the sum of products of deviations. A value is below 2^32 and there are at most 2^31 rows,
    /// so that nothing overflows.
    fn scaled(&self, products: u128, left: u64, right: u64) -> i128 {
        let (all, means) = (
            u128::from(self.rows) * products,
            u128::from(left) * u128::from(right),
        );
        all.cast_signed() - means.cast_signed()
    }
}

/// The sums of the unmarked and of the marked rows, by one score.
pub(super) fn single(order: &Order) -> [Sums; 2] {
    let mut sums = [Sums::default(); 2];
    each(order, |placed, twice| {
        sums[usize::from(placed.is_marked())].add(twice, twice);
    });
    sums
}

/// The sums of the unmarked and of the marked rows by two scores, in whose orders the same rows are marked.
pub(super) fn paired(first: &Order, second: &Order) -> [Sums; 2] {
    let mut waiting = Waiting::of(first.len());
    let mut of_row = vec![0_u32; first.len()];
    waiting.fill(first);
    for (placed, twice) in waiting.entries() {
        if let Some(of_row) = of_row.get_mut(placed.row()) {
            *of_row = twice;
        }
    }
    waiting.fill(second);
    let mut sums = [Sums::default(); 2];
    for (placed, twice) in waiting.entries() {
        if let Some(of_row) = of_row.get(placed.row()) {
            sums[usize::from(placed.is_marked())].add(*of_row, twice);
        }
    }
    sums
}

/// Twice the placement of each row, in their order.
#[inline]
fn each(order: &Order, mut each: impl FnMut(Placed, u32)) {
    let (rows, ends_tie) = order.places();
    let mut below = [0_u32; 2];
    let mut start = 0;
    for (place, ends) in ends_tie.iter().enumerate() {
        if !ends {
            continue;
        }
        let tie = rows.get(start..=place).unwrap_or_default();
        start = place + 1;
        if let [placed] = tie {
            let class = usize::from(placed.is_marked());
            each(*placed, 2 * below[1 - class]);
            below[class] += 1;
            continue;
        }
        let marked = tie.iter().filter(|placed| placed.is_marked()).count() as u32;
        let tied = [tie.len() as u32 - marked, marked];
        for placed in tie {
            let other = usize::from(!placed.is_marked());
            each(*placed, 2 * below[other] + tied[other]);
        }
        below = [below[0] + tied[0], below[1] + tied[1]];
    }
}

/// Placements on their way from the order of a score to the order of the rows: put down by blocks of rows
/// first, because a write far from the one before misses the caches.
struct Waiting {
    /// The row with its mark above twice the placement; zeros cost nothing until they are written over.
    entries: Vec<u64>,
}

impl Waiting {
    /// Rows of a block: what is kept of them is a MiB.
    const BLOCK_BITS: u32 = 18;

    fn of(rows: usize) -> Self {
        Self {
            entries: vec![0; rows],
        }
    }

    fn fill(&mut self, order: &Order) {
        // Every block is full but the last one: where each begins is known.
        let starts = (0..self.entries.len()).step_by(1 << Self::BLOCK_BITS);
        let mut next: Vec<usize> = starts.collect();
        each(order, |placed, twice| {
            let next = next.get_mut(placed.row() >> Self::BLOCK_BITS);
            if let Some(next) = next
                && let Some(entry) = self.entries.get_mut(*next)
            {
                *entry = u64::from(placed.to_bits()) << 32 | u64::from(twice);
                *next += 1;
            }
        });
    }

    fn entries(&self) -> impl Iterator<Item = (Placed, u32)> + '_ {
        let entries = self.entries.iter();
        entries.map(|entry| (Placed::from_bits((entry >> 32) as u32), *entry as u32))
    }
}
