//! The influence of rows on average precision against its numeric derivative.

use super::close;
use crate::statistics::average_precision::average_precision;
use crate::statistics::order::Order;
use crate::statistics::random::{generator, uniform};

#[test]
fn influences_are_derivatives_by_weights_ties_included() {
    let mut random = generator(11, 0);
    let mut next = || uniform(&mut random);
    let label: Vec<bool> = (0..60).map(|_| next() < 0.4).collect();
    // Some forty rows share twelve scores.
    let score: Vec<f64> = (0..60).map(|_| (next() * 12.0).floor()).collect();
    let weights: Vec<f64> = (0..60).map(|_| 0.2 + next()).collect();
    let total: f64 = weights.iter().sum();
    let order = Order::marked(&score, &label);
    let of =
        |weights: &[f64]| average_precision(&order, |row| weights[row]).expect("positive rows");
    let found = of(&weights);
    for row in 0..60 {
        let moved = |step: f64| {
            let mut moved = weights.clone();
            moved[row] += step;
            of(&moved).value
        };
        let derivative = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        let difference = (found.influence[row] - total * derivative).abs();
        assert!(difference < 1e-6, "row {row}: {difference}");
    }
    let sum: f64 = found
        .influence
        .iter()
        .zip(&weights)
        .map(|(a, b)| a * b)
        .sum();
    assert!(sum.abs() < 1e-9, "{sum}");
}

#[test]
fn rows_that_count_twice_are_two_rows() {
    let label = [true, false, true, false, false];
    let score = [0.9, 0.8, 0.8, 0.3, 0.9];
    let weights = [1.0, 2.0, 1.0, 3.0, 0.0];
    let rows: Vec<usize> = vec![0, 1, 1, 2, 3, 3, 3];
    let labels: Vec<bool> = rows.iter().map(|row| label[*row]).collect();
    let scores: Vec<f64> = rows.iter().map(|row| score[*row]).collect();
    let weighted = average_precision(&Order::marked(&score, &label), |row| weights[row]);
    let repeated = average_precision(&Order::marked(&scores, &labels), |_| 1.0);
    let (weighted, repeated) = (weighted.expect("defined"), repeated.expect("defined"));
    close("value", weighted.value, repeated.value, 1e-12);
    for (place, row) in rows.iter().enumerate() {
        let expected = repeated.influence[place];
        close("influence", weighted.influence[*row], expected, 1e-12);
    }
}

#[test]
fn without_positive_rows_there_is_none() {
    let order = |label: &[bool]| Order::marked(&[0.1, 0.2][..label.len()], label);
    assert_eq!(average_precision(&order(&[false, false]), |_| 1.0), None);
    assert_eq!(average_precision(&order(&[true, false]), |_| 0.0), None);
    assert_eq!(average_precision(&order(&[]), |_| 1.0), None);
}
