//! Cases of the rules on order and time.

use super::*;
use crate::measure::{Distribution, Moments, NumericDistribution, Slice};

const DAY: f64 = 86_400.0;

/// Times by their days after 1970-01-01.
fn days(days: &[f64]) -> Measured {
    Measured::Distribution(Distribution::Numeric(NumericDistribution {
        points: days.iter().map(|day| (day * DAY, 1)).collect(),
        ..Default::default()
    }))
}

/// A total for each of the days from 2026-01-01.
pub(super) fn totals(totals: &[f64]) -> Measured {
    let slice = |(day, total): (usize, &f64)| Slice {
        values: vec![Some(format!("2026-01-{:02}", day + 1))],
        measured: Measured::Moments(Moments {
            count: 1,
            sum: *total,
            ..Default::default()
        }),
    };
    Measured::Slices(totals.iter().enumerate().map(slice).collect())
}

pub(super) fn cases() -> Vec<Case> {
    let age = Some("age");
    let rule = |id, parameters| {
        let met = vec![super::rows(0, 9)];
        let not_met = vec![super::rows(1, 9)];
        three(id, parameters, age, met, not_met)
    };
    let steady = [10.0, 11.0, 10.0, 12.0, 11.0, 10.0, 11.0, 12.0];
    let mut jump = steady;
    jump[7] = 40.0;
    let moving = json!({"time": "day", "lookback": 0, "window": 5, "tested": 2});
    let coverage = json!({"part": "day", "first": "1970-01-01", "before": "1970-01-04"});
    let mut cases = [
        rule(
            "value-order",
            json!({"direction": "decreasing", "strictly": true}),
        ),
        rule("sequence", json!({"sorted_by": "age"})),
        rule("time-gap", json!({"seconds_max": 3600.0})),
        three(
            "range-overlap",
            json!({"start": "age", "end": "name"}),
            None,
            vec![super::rows(0, 9), super::rows(0, 9)],
            vec![super::rows(1, 9), super::rows(0, 9)],
        ),
        three(
            "period-coverage",
            coverage,
            age,
            vec![days(&[0.0, 1.5, 2.9])],
            vec![days(&[0.0, 2.9])],
        ),
        three(
            "moving-deviations",
            moving.clone(),
            age,
            vec![totals(&steady)],
            vec![totals(&jump)],
        ),
    ]
    .concat();
    cases.extend([
        (
            "sequence",
            json!({"step": f64::MAX}),
            age,
            vec![super::rows(0, 0)],
            Met,
        ),
        (
            "time-gap",
            json!({"seconds_max": -1.0}),
            age,
            vec![],
            NotEvaluated,
        ),
        (
            "period-coverage",
            json!({"part": "day"}),
            age,
            vec![days(&[])],
            NotEvaluated,
        ),
        (
            "period-coverage",
            json!({"part": "week"}),
            age,
            vec![days(&[0.0, 4.0])],
            Met,
        ),
        (
            "period-coverage",
            json!({"part": "week"}),
            age,
            vec![days(&[0.0, 11.0])],
            NotMet,
        ),
        (
            "period-coverage",
            json!({"part": "day", "every": 0}),
            age,
            vec![],
            NotEvaluated,
        ),
        (
            "period-coverage",
            json!({"part": "day", "first": "soon"}),
            age,
            vec![],
            NotEvaluated,
        ),
        // Two periods make no band.
        (
            "moving-deviations",
            moving,
            age,
            vec![totals(&[1.0, 2.0])],
            NotEvaluated,
        ),
    ]);
    cases
}
