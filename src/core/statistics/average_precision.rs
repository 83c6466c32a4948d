//! Average precision with the influence of each row on it, in O(n log n) and without resamples.
//!
//! With the groups g of equal scores from the highest, p of each the weight of positive rows in it, TP, FP
//! and N the weight of positive, negative and all rows from the highest score to it, and P that of all
//! positive rows, average precision is Σ p·TP/N / P. A row of group h with label y (0 or 1) moves it by
//! its derivative by the weight of the row,
//!
//! 1/P · \[ y · (TP_h/N_h - AP) + Σ_{g from h on down} p · (y·FP - (1 - y)·TP) / N² \],
//!
//! whose products with the weights sum to 0. The sum of the squares of these products is the linearised
//! variance (Deville 1999, Variance estimation for complex statistics and estimators). No reference
//! implementation is known; tests hold it against the numeric derivative, the bootstrap of rows, and
//! simulations.

use super::order::Order;

/// Average precision with the influence of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragePrecision {
    /// The number, above 0 and at most 1.
    pub value: f64,
    /// Its derivative by the weight of each row, times the weight of all rows, so that it does not change
    /// when all weights are multiplied; the weighted mean is 0.
    pub influence: Vec<f64>,
}

/// Average precision of rows in the order of their scores, the positive ones marked; `None` when no
/// positive row has weight. The weights are finite and ≥ 0.
#[must_use]
pub fn average_precision(order: &Order, weight: impl Fn(usize) -> f64) -> Option<AveragePrecision> {
    let mut ties: Vec<Tie> = Vec::with_capacity(order.ties());
    let mut all = Tie::default();
    let mut sum = 0.0;
    for rows in order.falling() {
        let mut tied = 0.0;
        for placed in rows {
            let counted = weight(placed.row());
            all.predicted += counted;
            if placed.is_marked() {
                tied += counted;
            }
        }
        all.positives += tied;
        all.tied = tied;
        sum += tied * all.precision();
        ties.push(all);
    }
    if all.positives <= 0.0 {
        return None;
    }
    let value = sum / all.positives;
    let scale = all.predicted / all.positives;
    let mut influence = vec![0.0; order.len()];
    // What a row adds to all ties at or below its own, when it is positive and when it is negative.
    let (mut gained, mut lost) = (0.0, 0.0);
    for (rows, tie) in order.rising().zip(ties.iter().rev()) {
        let share = tie.share();
        gained += share * (1.0 - tie.precision());
        lost += share * tie.precision();
        for placed in rows {
            let moved = match placed.is_marked() {
                true => tie.precision() - value + gained,
                false => -lost,
            };
            if let Some(influence) = influence.get_mut(placed.row()) {
                *influence = scale * moved;
            }
        }
    }
    Some(AveragePrecision { value, influence })
}

/// What lies at or above a score, by weight.
#[derive(Clone, Copy, Debug, Default)]
struct Tie {
    positives: f64,
    predicted: f64,
    /// Positive rows at the score itself.
    tied: f64,
}

impl Tie {
    /// 0 where no row has weight, as above the highest one that does.
    fn precision(&self) -> f64 {
        if self.predicted <= 0.0 {
            return 0.0;
        }
        self.positives / self.predicted
    }

    /// The positive rows at the score over all rows at or above it.
    fn share(&self) -> f64 {
        if self.predicted <= 0.0 {
            return 0.0;
        }
        self.tied / self.predicted
    }
}
