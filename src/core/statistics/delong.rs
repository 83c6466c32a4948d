//! Area under the ROC curve with its variance, and the difference of two areas on the same rows
//! (DeLong, DeLong and Clarke-Pearson 1988), by midranks in O(n log n) (Sun and Xu 2014).
//!
//! The area is the mean of the *components* of the positive rows, each the share of negative rows scored
//! below it, ties half; and likewise of the negative rows. The variance is the variance of the two sets
//! of components over their numbers; two areas covary as their components do.
//!
//! Weights: a *count* stands for that many equal rows, and the result is the one of the repeated rows. An
//! *importance* weight says how much of the population a row stands for: components are shares of weight
//! and the variance is the linearised one of a ratio, m/(m-1) · Σ w²(V - A)² / (Σ w)² for each class (as
//! [`mean`](super::mean)); equal weights give the variance without weights. No reference implementation
//! is known for those; the tests hold them against the jackknife.

use super::estimate::{same_length, tail_of};
use super::order::{Order, Placed};
use super::placements::{self, Sums};
use super::special::normal_quantile;
use super::{Estimate, Interval, Undefined};

/// What a row counts for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weights<'a> {
    /// Every row once.
    Equal,
    /// How often the row occurs.
    Counts(&'a [u32]),
    /// How much of the population the row stands for; finite, ≥ 0, of any scale.
    Importance(&'a [f64]),
}

impl Weights<'_> {
    fn checked(&self, rows: usize) -> Result<(), Undefined> {
        match self {
            Self::Equal => Ok(()),
            Self::Counts(counts) => same_length(counts.len(), rows),
            Self::Importance(weights) => {
                same_length(weights.len(), rows)?;
                let sound = |weight: &f64| weight.is_finite() && 0.0 <= *weight;
                if weights.iter().all(sound) {
                    Ok(())
                } else {
                    Err(Undefined::Weights)
                }
            }
        }
    }

    fn of(&self, row: usize) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Counts(counts) => f64::from(counts[row]),
            Self::Importance(weights) => weights[row],
        }
    }

    /// What the square of a row's deviation counts for.
    fn of_square(&self, row: usize) -> f64 {
        match self {
            Self::Equal | Self::Counts(_) => self.of(row),
            Self::Importance(weights) => weights[row] * weights[row],
        }
    }
}

/// An area with its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auc {
    /// Chance that a positive row is scored above a negative one, ties half; 0 to 1.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
}

impl Auc {
    /// The area with its standard error.
    ///
    /// # Errors
    /// [`Undefined::NoVariation`] when the classes are fully separated: the variance is 0 then, however
    /// few the rows.
    pub fn estimate(&self) -> Result<Estimate, Undefined> {
        if self.value <= 0.0 || 1.0 <= self.value {
            return Err(Undefined::NoVariation);
        }
        Ok(Estimate::normal(self.value, self.variance.sqrt()))
    }

    /// Interval on the scale of the log odds, which stays within 0 and 1 and is the better one near 1
    /// (Pepe 2003).
    ///
    /// # Errors
    /// As [`Self::estimate`]; [`Undefined::Setting`] when `level` is not within (0, 1).
    pub fn logit_interval(&self, level: f64) -> Result<Interval, Undefined> {
        let z = -normal_quantile(tail_of(level)?);
        let estimate = self.estimate()?;
        let odds = (estimate.value / (1.0 - estimate.value)).ln();
        let reach = z * estimate.standard_error / (estimate.value * (1.0 - estimate.value));
        let area = |odds: f64| 1.0 / (1.0 + (-odds).exp());
        Ok(Interval {
            lower: area(odds - reach),
            upper: area(odds + reach),
            level,
        })
    }
}

/// Two areas on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedAuc {
    /// Area of the first scores.
    pub first: Auc,
    /// Area of the second scores.
    pub second: Auc,
    /// Covariance of the two.
    pub covariance: f64,
    /// Variance of first - second, summed over differences of components: 0 for equal scores, where
    /// the two variances less twice the covariance would be rounding.
    pub difference_variance: f64,
    /// Whether both rank the rows alike, so that no variance is what there is.
    alike: bool,
}

impl PairedAuc {
    /// First - second, with its standard error: 0 ± 0 for scores that rank the rows alike.
    ///
    /// # Errors
    /// [`Undefined::NoVariation`] when different scores leave no variance, as when both separate the
    /// classes.
    pub fn difference(&self) -> Result<Estimate, Undefined> {
        if self.difference_variance == 0.0 && !self.alike {
            return Err(Undefined::NoVariation);
        }
        let value = self.first.value - self.second.value;
        Ok(Estimate::normal(value, self.difference_variance.sqrt()))
    }
}

/// The scores of a model with the order of its rows by them.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// The scores, none of them NaN.
    pub score: &'a [f64],
    /// The rows by their scores, the positive ones marked.
    pub order: &'a Order,
}

/// Area of one model's scores.
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than two rows of weight in a class; [`Undefined::NotFinite`] for a
/// score that is NaN; [`Undefined::LengthsDiffer`], [`Undefined::Weights`].
pub fn auc(label: &[bool], score: &[f64], weights: Weights<'_>) -> Result<Auc, Undefined> {
    let order = &order_of(label, score)?;
    auc_of(label, Scored { score, order }, weights)
}

/// Area of one model's scores that are in order already.
///
/// # Errors
/// As [`auc`].
pub fn auc_of(label: &[bool], scored: Scored<'_>, weights: Weights<'_>) -> Result<Auc, Undefined> {
    let classes = Classes::of(label, weights)?;
    classes.fits(&scored)?;
    if weights == Weights::Equal {
        let sums = placements::single(scored.order);
        return Ok(classes.counted(&sums, Sums::first, Sums::first_scatter));
    }
    let value = classes.area(&scored);
    let mut squares = Squares::default();
    classes.each_component(scored.order, |placed, component| {
        let deviation = component - value;
        let row = placed.row();
        squares.add(
            placed.is_marked(),
            classes.weighted(row, deviation * deviation),
        );
    });
    let variance = classes.over(squares);
    Ok(Auc { value, variance })
}

/// Areas of two models' scores of the same rows.
///
/// # Errors
/// As [`auc`].
pub fn paired(
    label: &[bool],
    first: &[f64],
    second: &[f64],
    weights: Weights<'_>,
) -> Result<PairedAuc, Undefined> {
    let (one, other) = (order_of(label, first)?, order_of(label, second)?);
    let scored = |score, order| Scored { score, order };
    paired_of(label, scored(first, &one), scored(second, &other), weights)
}

/// Areas of two models' scores of the same rows that are in order already.
///
/// # Errors
/// As [`auc`].
pub fn paired_of(
    label: &[bool],
    first: Scored<'_>,
    second: Scored<'_>,
    weights: Weights<'_>,
) -> Result<PairedAuc, Undefined> {
    let classes = Classes::of(label, weights)?;
    classes.fits(&first)?;
    classes.fits(&second)?;
    if weights == Weights::Equal {
        let sums = placements::paired(first.order, second.order);
        let (one, two) = (
            classes.counted(&sums, Sums::first, Sums::first_scatter),
            classes.counted(&sums, Sums::second, Sums::second_scatter),
        );
        let same = sums.iter().all(|sums| sums.difference_squares() == 0);
        return Ok(PairedAuc {
            first: one,
            second: two,
            covariance: classes.variance(&sums, Sums::joint_scatter),
            difference_variance: classes.variance(&sums, Sums::difference_scatter),
            alike: are_alike(&first, &second, same, one.value),
        });
    }
    let (area, other) = (classes.area(&first), classes.area(&second));
    let mut components = vec![0.0; label.len()];
    classes.each_component(first.order, |placed, component| {
        components[placed.row()] = component;
    });
    let [mut ones, mut twos, mut products, mut differences] = [Squares::default(); 4];
    let mut same_components = true;
    classes.each_component(second.order, |placed, component| {
        let row = placed.row();
        same_components &= components[row] == component;
        let (one, two) = (components[row] - area, component - other);
        let positive = placed.is_marked();
        ones.add(positive, classes.weighted(row, one * one));
        twos.add(positive, classes.weighted(row, two * two));
        products.add(positive, classes.weighted(row, one * two));
        differences.add(positive, classes.weighted(row, (one - two) * (one - two)));
    });
    let of = |value, squares| Auc {
        value,
        variance: classes.over(squares),
    };
    Ok(PairedAuc {
        first: of(area, ones),
        second: of(other, twos),
        covariance: classes.over(products),
        difference_variance: classes.over(differences),
        alike: are_alike(&first, &second, same_components, area),
    })
}

/// Whether both scores rank the rows alike. Where both separate the classes, components say nothing of that.
fn are_alike(first: &Scored<'_>, second: &Scored<'_>, same_components: bool, area: f64) -> bool {
    (same_components && 0.0 < area && area < 1.0) || first.score == second.score
}

fn order_of(label: &[bool], score: &[f64]) -> Result<Order, Undefined> {
    if score.iter().any(|score| score.is_nan()) {
        return Err(Undefined::NotFinite);
    }
    Ok(Order::marked(score, label))
}

/// Rows by class, with what they weigh.
struct Classes<'a> {
    rows: usize,
    weights: Weights<'a>,
    positive: Class,
    negative: Class,
}

/// What there is of one class.
struct Class {
    weight: f64,
    /// What the sum of squares is divided by.
    divisor: f64,
}

/// Products of deviations, summed for each class.
#[derive(Clone, Copy, Default)]
struct Squares {
    positive: f64,
    negative: f64,
}

impl Squares {
    fn add(&mut self, positive: bool, product: f64) {
        if positive {
            self.positive += product;
        } else {
            self.negative += product;
        }
    }
}

impl<'a> Classes<'a> {
    fn of(label: &[bool], weights: Weights<'a>) -> Result<Self, Undefined> {
        weights.checked(label.len())?;
        Ok(Self {
            rows: label.len(),
            weights,
            positive: class(label, weights, true)?,
            negative: class(label, weights, false)?,
        })
    }

    /// The weights of the positive and of the negative rows of a tie.
    fn counts(&self, tie: &[Placed]) -> (f64, f64) {
        let mut counts = [0.0; 2];
        for placed in tie {
            counts[usize::from(placed.is_marked())] += self.weights.of(placed.row());
        }
        (counts[1], counts[0])
    }

    fn fits(&self, scored: &Scored<'_>) -> Result<(), Undefined> {
        same_length(scored.score.len(), self.rows)?;
        same_length(scored.order.len(), self.rows)
    }

    /// The area of rows that count one each, with its variance, from sums of their placements.
    fn counted(&self, sums: &[Sums; 2], sum: fn(&Sums) -> u64, scatter: fn(&Sums) -> f64) -> Auc {
        let [_, positive] = sums;
        // Half a placement in each pair of rows of both classes.
        let pairs = 2.0 * self.positive.weight * self.negative.weight;
        Auc {
            value: sum(positive) as f64 / pairs,
            variance: self.variance(sums, scatter),
        }
    }

    /// The variance of means of components, which are placements over the rows of the other class.
    fn variance(&self, [negative, positive]: &[Sums; 2], scatter: fn(&Sums) -> f64) -> f64 {
        let of = |sums: &Sums, other: f64| scatter(sums) / (4.0 * other * other);
        self.over(Squares {
            positive: of(positive, self.negative.weight),
            negative: of(negative, self.positive.weight),
        })
    }

    /// The mean of the components of the positive rows.
    fn area(&self, scored: &Scored<'_>) -> f64 {
        let (mut sum, mut negative_below) = (0.0, 0.0);
        for tie in scored.order.rising() {
            let (positive, negative) = self.counts(tie);
            sum += positive * ((negative_below + negative / 2.0) / self.negative.weight);
            negative_below += negative;
        }
        sum / self.positive.weight
    }

    /// The component of every row.
    fn each_component(&self, order: &Order, mut each: impl FnMut(Placed, f64)) {
        let (mut positive_below, mut negative_below) = (0.0, 0.0);
        for tie in order.rising() {
            let (positive, negative) = self.counts(tie);
            let of_positive = (negative_below + negative / 2.0) / self.negative.weight;
            let of_negative = 1.0 - (positive_below + positive / 2.0) / self.positive.weight;
            for placed in tie {
                let component = if placed.is_marked() {
                    of_positive
                } else {
                    of_negative
                };
                each(*placed, component);
            }
            positive_below += positive;
            negative_below += negative;
        }
    }

    /// What a product of deviations counts for.
    fn weighted(&self, row: usize, product: f64) -> f64 {
        let weight = self.weights.of_square(row);
        // Rows that count for nothing have a component all the same.
        if weight == 0.0 { 0.0 } else { weight * product }
    }

    /// The sums of both classes, over what makes them a variance of the mean.
    fn over(&self, squares: Squares) -> f64 {
        squares.positive / self.positive.divisor + squares.negative / self.negative.divisor
    }
}

fn class(label: &[bool], weights: Weights<'_>, positive: bool) -> Result<Class, Undefined> {
    let rows = || (0..label.len()).filter(|row| label[*row] == positive);
    let count = match weights {
        Weights::Equal => rows().count() as u64,
        Weights::Counts(counts) => rows().map(|row| u64::from(counts[row])).sum(),
        Weights::Importance(weights) => rows().filter(|row| 0.0 < weights[*row]).count() as u64,
    };
    let weight = match weights {
        Weights::Equal => count as f64,
        Weights::Counts(_) | Weights::Importance(_) => rows().map(|row| weights.of(row)).sum(),
    };
    if count < 2 {
        return Err(Undefined::TooFew {
            of: if positive {
                "positive rows"
            } else {
                "negative rows"
            },
            count,
            needed: 2,
        });
    }
    let size = count as f64;
    let divisor = weight * weight * (size - 1.0) / size;
    if !divisor.is_finite() || divisor == 0.0 {
        return Err(Undefined::Weights);
    }
    Ok(Class { weight, divisor })
}
