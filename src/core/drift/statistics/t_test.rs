//! Student's and Welch's t-test.

use crate::drift::columns::moments;
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined};
use crate::measure::NumericDistribution;
use crate::statistics::special::student_two_sided;

const REFERENCES: &[&str] =
    &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.ttest_ind.html"];

/// Welch's t-test.
pub(super) const T_TEST: Statistic = Statistic {
    id: "t_test",
    title: "Welch's t-test",
    definition: "absolute difference of the means over its standard error, the variances of the sides not taken to be equal; p-value two-sided; needs two values a side; equal constants are 0 with p = 1, different constants the largest double with p = 0; nulls dropped",
    reference: "Welch 1947; scipy `ttest_ind(equal_var=False)`",
    requirement: on_statistic(
        "drift-t-test",
        "The t statistic of the mean of the column against the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-t-test-p-value",
        "The t-test does not tell the mean of the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        for (numbers, side) in [(reference, Side::Reference), (current, Side::Current)] {
            let count = numbers.count();
            if count < 2 {
                return Err(Undefined::TooFewValues {
                    side,
                    count,
                    needed: 2,
                });
            }
        }
        let (n, mean, squares) = moments(reference);
        let (m, current_mean, current_squares) = moments(current);
        let (part, current_part) = (squares / (n - 1.0) / n, current_squares / (m - 1.0) / m);
        let error = part + current_part;
        if error == 0.0 {
            return Ok(if mean == current_mean {
                Comparison::test(0.0, 1.0)
            } else {
                Comparison::test(f64::MAX, 0.0)
            });
        }
        let t = (mean - current_mean) / error.sqrt();
        let degrees =
            error * error / (part * part / (n - 1.0) + current_part * current_part / (m - 1.0));
        Ok(Comparison::test(t.abs(), student_two_sided(t, degrees)))
    }),
};

/// Student's p-value, variances taken to be equal, as scipy's default: NaN when both sides are the same
/// constant or have too few values.
pub(in crate::drift) fn student(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> f64 {
    let (n, mean, squares) = moments(reference);
    let (m, current_mean, current_squares) = moments(current);
    let degrees = n + m - 2.0;
    let variance = (squares + current_squares) / degrees;
    let t = (mean - current_mean) / (variance * (1.0 / n + 1.0 / m)).sqrt();
    if t.is_infinite() {
        return 0.0;
    }
    if t.is_nan() {
        return f64::NAN;
    }
    student_two_sided(t, degrees)
}
