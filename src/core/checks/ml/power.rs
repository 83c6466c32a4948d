//! How well one column alone predicts another, from counts: the area under the ROC curve for classes,
//! the adjusted R² of ranks for numbers. Verified against scikit-learn 1.9.1 (`roc_auc_score`,
//! `r2_score`).
//!
//! A row never speaks for itself: the score of a row is the share of the class among the *other* rows of
//! its cell, so that a category of one row says nothing and a column of names does not seem to know
//! everything.

use std::collections::BTreeMap;

use crate::measure::NumericDistribution;

/// Cells into which the values of a feature are cut.
pub(super) const CELLS: usize = 20;

/// Fewer rows than this in a cell are rare: a column made mostly of such cells cannot be judged.
pub(super) const CELL_ROWS_MIN: u64 = 20;

/// Rows of each class, in each cell of a feature. Cells of ordered features are in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cells(pub Vec<Vec<u64>>);

/// Why there is no power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPower {
    /// All rows are of one class.
    OneClass,
    /// No class has enough rows beside enough others.
    TooFewRows,
}

/// The distribution of a number for each class, as one cell for each different value, missing values
/// first.
pub(super) fn cells_of_numbers(classes: &[&NumericDistribution]) -> Cells {
    let mut cells: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut put = |key: u64, class: usize, rows: u64| {
        let cell = cells.entry(key).or_insert_with(|| vec![0; classes.len()]);
        cell[class] += rows;
    };
    for (class, distribution) in classes.iter().enumerate() {
        for (value, rows) in &distribution.points {
            put(ordered(*value), class, *rows);
        }
        // Missing is a value too: what is missing for one class only tells it.
        let missing = distribution.null_count + distribution.nan_count;
        if 0 < missing {
            put(0, class, missing);
        }
    }
    Cells(cells.into_values().collect())
}

/// Bits that order as the numbers do, above 0.
fn ordered(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    let flipped = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    flipped.max(1)
}

impl Cells {
    /// From a category, a class and their rows.
    pub fn of_categories<'a>(
        pairs: impl Iterator<Item = (Option<&'a str>, usize, u64)>,
        classes: usize,
    ) -> Self {
        let mut cells: BTreeMap<Option<&str>, Vec<u64>> = BTreeMap::new();
        for (category, class, rows) in pairs {
            let cell = cells.entry(category).or_insert_with(|| vec![0; classes]);
            if let Some(count) = cell.get_mut(class) {
                *count += rows;
            }
        }
        Self(cells.into_values().collect())
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|cell| rows_of(cell)).sum()
    }

    /// The share of the rows whose cell has fewer than [`CELL_ROWS_MIN`].
    pub fn rare_share(&self) -> f64 {
        let sizes = self.0.iter().map(|cell| rows_of(cell));
        let rare: u64 = sizes.filter(|rows| *rows < CELL_ROWS_MIN).sum();
        rare as f64 / self.rows().max(1) as f64
    }

    /// Rows of each class.
    fn class_rows(&self) -> Vec<u64> {
        let mut all = vec![0; self.0.first().map_or(0, Vec::len)];
        self.0.iter().for_each(|cell| add(&mut all, cell));
        all
    }

    /// At most [`CELLS`] cells of as equal a number of rows as whole values allow.
    fn binned(&self) -> Self {
        let least = self.rows().div_ceil(CELLS as u64).max(CELL_ROWS_MIN);
        let mut cells: Vec<Vec<u64>> = Vec::new();
        for cell in &self.0 {
            match cells.last_mut() {
                Some(last) if rows_of(last) < least => add(last, cell),
                _ => cells.push(cell.clone()),
            }
        }
        Self(cells)
    }

    /// The area under the ROC curve of one class against the rest when cells rank as they stand.
    fn auc_in_order(&self, class: usize) -> f64 {
        let groups = self
            .0
            .iter()
            .map(|cell| (cell[class], rows_of(cell) - cell[class]));
        area(groups)
    }

    /// The same when a row ranks by the share of the class in the other rows of its cell; at least 0.5,
    /// since leaving the row out turns a feature that says nothing against itself.
    fn auc_by_share(&self, class: usize) -> f64 {
        let mut groups: Vec<(f64, u64, u64)> = Vec::new();
        let positives = self.class_rows()[class] as f64;
        let others = self.rows() as f64 - 1.0;
        for cell in &self.0 {
            let (of_class, all) = (cell[class], rows_of(cell));
            let share = |left_out: u64| match all {
                1 => (positives - left_out as f64) / others,
                _ => (of_class - left_out) as f64 / (all - 1) as f64,
            };
            if 0 < of_class {
                groups.push((share(1), of_class, 0));
            }
            if of_class < all {
                groups.push((share(0), 0, all - of_class));
            }
        }
        groups.sort_by(|one, other| one.0.total_cmp(&other.0));
        let ties = groups.chunk_by(|one, other| one.0 == other.0);
        area(ties.map(|tie| {
            tie.iter()
                .fold((0, 0), |sum, group| (sum.0 + group.1, sum.1 + group.2))
        }))
        .max(0.5)
    }

    /// The power of an unordered feature: the mean over the classes of each one's area against the rest.
    /// Classes with fewer rows than `class_rows_min`, or beside fewer others, are left out of the mean.
    pub fn categorical_power(&self, class_rows_min: u64) -> Result<f64, NoPower> {
        self.mean_over_classes(class_rows_min, |class| self.auc_by_share(class))
    }

    /// The power of an ordered feature: for each class the larger of the area by rank, in whichever
    /// direction, and the area by share in cells, which sees what is not monotone.
    pub fn ordered_power(&self, class_rows_min: u64) -> Result<f64, NoPower> {
        let binned = self.binned();
        self.mean_over_classes(class_rows_min, |class| {
            let rank = self.auc_in_order(class);
            rank.max(1.0 - rank).max(binned.auc_by_share(class))
        })
    }

    fn mean_over_classes(
        &self,
        class_rows_min: u64,
        power: impl Fn(usize) -> f64,
    ) -> Result<f64, NoPower> {
        let classes = self.class_rows();
        let rows = self.rows();
        if classes.iter().filter(|rows| 0 < **rows).count() < 2 {
            return Err(NoPower::OneClass);
        }
        let least = class_rows_min.max(1);
        let judged =
            (0..classes.len()).filter(|class| least <= classes[*class].min(rows - classes[*class]));
        let powers: Vec<f64> = judged.map(power).collect();
        if powers.is_empty() {
            return Err(NoPower::TooFewRows);
        }
        Ok(powers.iter().sum::<f64>() / powers.len() as f64)
    }

    /// The adjusted R² of the rank of the class, classes being in their order, that the cells explain:
    /// `1 - (1 - R²)(n - 1)/(n - k)`, at least 0.
    pub fn explained(&self) -> Result<f64, NoPower> {
        let classes = self.class_rows();
        let mut ranks = Vec::with_capacity(classes.len());
        let mut below = 0.0;
        for rows in &classes {
            ranks.push(below + (*rows as f64 - 1.0) / 2.0);
            below += *rows as f64;
        }
        let rows = self.rows() as f64;
        let mean = |cell: &[u64]| {
            let sum: f64 = cell
                .iter()
                .zip(&ranks)
                .map(|(count, rank)| *count as f64 * rank)
                .sum();
            sum / rows_of(cell).max(1) as f64
        };
        let overall = mean(&classes);
        let squares = |rows: u64, mean: f64| rows as f64 * (mean - overall).powi(2);
        let total: f64 = classes
            .iter()
            .zip(&ranks)
            .map(|(rows, rank)| squares(*rows, *rank))
            .sum();
        let between: f64 = self
            .0
            .iter()
            .map(|cell| squares(rows_of(cell), mean(cell)))
            .sum();
        let cells = self.0.len() as f64;
        if total == 0.0 {
            return Err(NoPower::OneClass);
        }
        if rows <= cells {
            return Err(NoPower::TooFewRows);
        }
        Ok((1.0 - (1.0 - between / total) * (rows - 1.0) / (rows - cells)).max(0.0))
    }
}

/// The area under the ROC curve of groups in ascending order of their score, each with its positive and
/// negative rows; ties count half.
fn area(groups: impl Iterator<Item = (u64, u64)>) -> f64 {
    let (mut area, mut positives, mut negatives) = (0.0, 0.0, 0.0);
    for (of_class, others) in groups {
        area += of_class as f64 * (negatives + others as f64 / 2.0);
        positives += of_class as f64;
        negatives += others as f64;
    }
    area / (positives * negatives)
}

fn rows_of(cell: &[u64]) -> u64 {
    cell.iter().sum()
}

fn add(to: &mut [u64], cell: &[u64]) {
    to.iter_mut().zip(cell).for_each(|(to, count)| *to += count);
}
