//! Epps-Singleton test: the two characteristic functions at 0.4 and 0.8 over half the interquartile
//! range.

use crate::drift::columns::{all_equal, joint, quantiles};
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined};
use crate::measure::NumericDistribution;
use crate::statistics::special::chi_square_upper;

const REFERENCES: &[&str] = &[
    "Epps and Singleton 1986, J. Statist. Comput. Simul. 26",
    "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.epps_singleton_2samp.html",
];

/// Epps-Singleton test.
pub(super) const EPPS_SINGLETON: Statistic = Statistic {
    id: "epps_singleton",
    title: "Epps-Singleton test",
    definition: "squared distance of the empirical characteristic functions at 0.4 and 0.8 over half the interquartile range of both sides together, by their estimated covariance, with the correction for fewer than 25 values a side; p-value of chi-square with the rank of the covariance (4 but for few different values); needs 5 values a side and an interquartile range; equal constants are 0 with p = 1, different ones the largest double with p = 0; nulls dropped",
    reference: "scipy `epps_singleton_2samp`",
    requirement: on_statistic(
        "drift-epps-singleton",
        "The Epps-Singleton statistic of the column against the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-epps-singleton-p-value",
        "The Epps-Singleton test does not tell the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        if all_equal(reference, current) {
            return Ok(Comparison::test(0.0, 1.0));
        }
        epps_singleton(reference, current)
    }),
};

/// Where the characteristic functions are compared, in units of half the interquartile range.
const FREQUENCIES: [f64; 2] = [0.4, 0.8];

/// Cosine and sine at each frequency.
const SIZE: usize = 2 * FREQUENCIES.len();

type Vector = [f64; SIZE];
type Matrix = [Vector; SIZE];

/// The statistic and its p-value, as scipy.
pub(in crate::drift) fn epps_singleton(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> Result<Comparison, Undefined> {
    for (numbers, side) in [(reference, Side::Reference), (current, Side::Current)] {
        let count = numbers.count();
        if count < 5 {
            return Err(Undefined::TooFewValues {
                side,
                count,
                needed: 5,
            });
        }
    }
    let pooled: Vec<(f64, u64)> = joint(reference, current)
        .map(|point| (point.value, (point.reference + point.current) as u64))
        .collect();
    let quartiles = quantiles(&pooled, &[0.25, 0.75]);
    let scale = (quartiles[1] - quartiles[0]) / 2.0;
    if scale <= 0.0 {
        return Err(Undefined::NoSpread);
    }
    if reference.points.len() == 1 && current.points.len() == 1 {
        // Both sides are constant, and not the same: nothing could be farther apart.
        return Ok(Comparison::test(f64::MAX, 0.0));
    }
    let (n, m) = (reference.count() as f64, current.count() as f64);
    let total = n + m;
    let (mean, covariance) = characteristic(reference, scale);
    let (current_mean, current_covariance) = characteristic(current, scale);
    let (mut sum, mut difference) = (Matrix::default(), Vector::default());
    for row in 0..SIZE {
        difference[row] = mean[row] - current_mean[row];
        for column in 0..SIZE {
            sum[row][column] =
                total / n * covariance[row][column] + total / m * current_covariance[row][column];
        }
    }
    let (form, rank) = inverse_form(sum, difference);
    let mut value = total * form;
    if n.max(m) < 25.0 {
        value /= 1.0 + total.powf(-0.45) + 10.1 * (n.powf(-1.7) + m.powf(-1.7));
    }
    Ok(Comparison::test(value, chi_square_upper(value, rank)))
}

fn waves(value: f64, scale: f64) -> Vector {
    let [first, second] = FREQUENCIES.map(|frequency| frequency / scale * value);
    [first.cos(), second.cos(), first.sin(), second.sin()]
}

/// Mean and covariance (ddof 0) of the waves of the values.
fn characteristic(numbers: &NumericDistribution, scale: f64) -> (Vector, Matrix) {
    let count = numbers.count() as f64;
    let mut mean = Vector::default();
    for (value, times) in &numbers.points {
        for (sum, wave) in mean.iter_mut().zip(waves(*value, scale)) {
            *sum += wave * *times as f64 / count;
        }
    }
    let mut covariance = Matrix::default();
    for (value, times) in &numbers.points {
        let waves = waves(*value, scale);
        for row in 0..SIZE {
            for column in 0..SIZE {
                covariance[row][column] +=
                    (waves[row] - mean[row]) * (waves[column] - mean[column]) * *times as f64
                        / count;
            }
        }
    }
    (mean, covariance)
}

/// v' A⁺ v and the rank of A, by Jacobi rotations; eigenvalues next to nothing beside the largest count
/// as 0.
fn inverse_form(mut matrix: Matrix, vector: Vector) -> (f64, f64) {
    /// Rotations of all pairs; four by four converges in five.
    const SWEEPS: usize = 30;
    /// Eigenvalues below this share of the largest are rounding.
    const NOTHING: f64 = 1e-13;
    let mut vectors = Matrix::default();
    for (index, row) in vectors.iter_mut().enumerate() {
        row[index] = 1.0;
    }
    for _ in 0..SWEEPS {
        for p in 0..SIZE {
            for q in p + 1..SIZE {
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
    }
    let largest = (0..SIZE)
        .map(|index| matrix[index][index].abs())
        .fold(0.0, f64::max);
    let (mut form, mut rank) = (0.0, 0.0);
    for index in 0..SIZE {
        let eigenvalue = matrix[index][index];
        if largest * NOTHING < eigenvalue.abs() {
            let along: f64 = (0..SIZE).map(|row| vectors[row][index] * vector[row]).sum();
            form += along * along / eigenvalue;
            rank += 1.0;
        }
    }
    (form, rank)
}

fn rotate(matrix: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let tangent = sign / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for row in matrix.iter_mut().chain(vectors.iter_mut()) {
        (row[p], row[q]) = (
            cosine * row[p] - sine * row[q],
            sine * row[p] + cosine * row[q],
        );
    }
    let (first, second) = (matrix[p], matrix[q]);
    for (column, (first, second)) in first.into_iter().zip(second).enumerate() {
        matrix[p][column] = cosine * first - sine * second;
        matrix[q][column] = sine * first + cosine * second;
    }
}
