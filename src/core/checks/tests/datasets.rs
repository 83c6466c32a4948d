//! Cases of the rules that look at another dataset; this one has ten rows.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let age = Some("age");
    let count = |count| vec![Measured::Count(count)];
    let counts = |one, other| vec![Measured::Count(one), Measured::Count(other)];
    let mut cases = [
        three(
            "row-count-match",
            json!({"dataset": "e"}),
            None,
            count(10),
            count(11),
        ),
        three(
            "row-count-match",
            json!({"dataset": "e", "comparison": "less"}),
            None,
            count(11),
            count(10),
        ),
        three(
            "row-count-match",
            json!({"dataset": "e", "factor": 2.0, "margin": 0.1}),
            None,
            count(5),
            count(6),
        ),
        three(
            "referential-integrity",
            json!({"dataset": "e", "columns_there": ["id"], "rows_there": "active"}),
            age,
            vec![super::rows(0, 9)],
            vec![super::rows(1, 9)],
        ),
        three(
            "dataset-match",
            json!({"dataset": "e"}),
            None,
            vec![super::rows(0, 9), super::rows(0, 9)],
            vec![super::rows(0, 9), super::rows(1, 9)],
        ),
        three(
            "aggregate-match",
            json!({"dataset": "e"}),
            age,
            counts(3, 3),
            counts(3, 4),
        ),
        three(
            "aggregate-match",
            json!({"dataset": "e", "aggregate": "sum", "expression": "age * 2", "margin": 0.01}),
            None,
            vec![moments_with_sum(100.0), moments_with_sum(100.9)],
            vec![moments_with_sum(100.0), moments_with_sum(102.0)],
        ),
    ]
    .concat();
    cases.extend([
        (
            "referential-integrity",
            json!({"dataset": "e"}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "referential-integrity",
            json!({"dataset": "e", "rows_there": "now() > 1"}),
            age,
            vec![],
            NotEvaluated,
        ),
        (
            "aggregate-match",
            json!({"dataset": "e", "aggregate": "sum"}),
            age,
            vec![moments(None), moments(None)],
            NotEvaluated,
        ),
        (
            "aggregate-match",
            json!({"dataset": "e", "expression": "("}),
            None,
            vec![],
            NotEvaluated,
        ),
    ]);
    cases
}

fn moments_with_sum(sum: f64) -> Measured {
    Measured::Moments(crate::measure::Moments {
        count: 10,
        sum,
        ..Default::default()
    })
}
