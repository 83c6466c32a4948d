//! Cases of the rules on one number of a column.

use super::numbers::six;
use super::*;
use crate::measure::{Comoments, Moments, Scalar};

fn extremes(smallest: Scalar, largest: Scalar) -> Measured {
    Measured::Extremes(Some((smallest, largest)))
}

pub(super) fn cases() -> Vec<Case> {
    let age = Some("age");
    let name = Some("name");
    let bound = |bound: serde_json::Value| json!({"bound": bound});
    let measured = || vec![Measured::Moments(six())];
    let moments = |id, low: f64, high: f64| -> Vec<Case> {
        vec![
            (
                id,
                bound(json!({"between": [low, high]})),
                age,
                measured(),
                Met,
            ),
            (
                id,
                bound(json!({"more_than": high})),
                age,
                measured(),
                NotMet,
            ),
            (
                id,
                bound(json!({"more_than": high})),
                age,
                vec![failed()],
                NotEvaluated,
            ),
            (
                id,
                bound(json!({"at_most": high})),
                age,
                vec![super::moments(None)],
                NotEvaluated,
            ),
        ]
    };
    let ends = |low: i64, high: i64| vec![extremes(Scalar::Integer(low), Scalar::Integer(high))];
    let time = |text: &str| Scalar::Instant(crate::measure::instant(text).expect("a time"));
    let comoments = |c| {
        let comoments = Comoments {
            count: 5,
            m2_x: 4.0,
            m2_y: 9.0,
            c,
            ..Default::default()
        };
        vec![Measured::Comoments(comoments)]
    };
    let number = |number: f64| Measured::Number(Some(number));
    let pairs = |independent: bool| {
        let pair = |one: &str, other: &str, count| {
            (vec![Some(one.to_owned()), Some(other.to_owned())], count)
        };
        let off = if independent { 5 } else { 0 };
        vec![Measured::Frequencies(vec![
            pair("a", "x", 5),
            pair("b", "y", 5),
            pair("a", "y", off),
            pair("b", "x", off),
        ])]
    };
    let mut cases = [
        moments("sum", 25.0, 25.0),
        moments("standard-deviation", 3.18, 3.19),
        moments("variance", 10.16, 10.17),
        moments("skewness", 1.05, 1.06),
        moments("kurtosis", -0.1, 0.0),
        moments("mean-length", 4.1, 4.2),
        three(
            "minimum",
            bound(json!({"at_least": 1})),
            age,
            ends(1, 9),
            ends(0, 9),
        ),
        three(
            "minimum",
            bound(json!({"at_least": "2026-01-01"})),
            age,
            vec![extremes(time("2026-01-01"), time("2026-02-01"))],
            vec![extremes(time("2025-12-31T23:59:59Z"), time("2026-02-01"))],
        ),
        three(
            "maximum",
            bound(json!({"at_most": 9})),
            age,
            ends(1, 9),
            ends(1, 10),
        ),
        three(
            "maximum",
            bound(json!({"between": ["a", "m"]})),
            name,
            vec![extremes(Scalar::Text("a".into()), Scalar::Text("m".into()))],
            vec![extremes(Scalar::Text("a".into()), Scalar::Text("n".into()))],
        ),
        three(
            "minimum-length",
            bound(json!({"at_least": 1.0})),
            name,
            ends(1, 9),
            ends(0, 9),
        ),
        three(
            "maximum-length",
            bound(json!({"at_most": 9.0})),
            name,
            ends(1, 9),
            ends(1, 10),
        ),
        three(
            "value-span",
            bound(json!({"at_most": 8.0})),
            age,
            ends(1, 9),
            ends(1, 10),
        ),
        three(
            "interquartile-range",
            bound(json!({"at_most": 2.0})),
            age,
            vec![number(1.0), number(3.0)],
            vec![number(1.0), number(3.5)],
        ),
        three(
            "correlation",
            json!({"other": "name", "bound": {"at_least": 0.5}}),
            age,
            comoments(3.0),
            comoments(2.0),
        ),
        three(
            "mutual-information",
            json!({"other": "name", "bound": {"at_most": 0.1}}),
            age,
            pairs(true),
            pairs(false),
        ),
        three(
            "zero-count",
            bound(json!({"at_most": 0.0})),
            age,
            vec![Measured::Moments(Moments {
                count: 3,
                ..Default::default()
            })],
            vec![Measured::Moments(Moments {
                count: 3,
                zeros: 1,
                ..Default::default()
            })],
        ),
        three(
            "retention",
            json!({"days_max": 31.0, "as_of": "2026-02-01T00:00:00Z"}),
            age,
            vec![extremes(time("2026-01-01"), time("2026-02-01"))],
            vec![extremes(time("2025-12-31"), time("2026-02-01"))],
        ),
    ]
    .concat();
    let nothing = || vec![Measured::Extremes(None)];
    cases.extend([
        (
            "minimum",
            bound(json!({"at_least": 1})),
            age,
            nothing(),
            NotEvaluated,
        ),
        (
            "maximum",
            bound(json!({"at_least": "x"})),
            age,
            ends(1, 9),
            NotEvaluated,
        ),
        (
            "value-span",
            bound(json!({"at_least": 1.0})),
            age,
            nothing(),
            NotEvaluated,
        ),
        (
            "retention",
            json!({"days_max": 31.0, "as_of": "2026-02-01T00:00:00Z"}),
            age,
            nothing(),
            NotEvaluated,
        ),
        (
            "correlation",
            json!({"other": "name", "bound": {"at_least": 0.5}}),
            age,
            vec![Measured::Comoments(Comoments::default())],
            NotEvaluated,
        ),
        (
            "mutual-information",
            json!({"other": "name", "bound": {"at_most": 0.1}}),
            age,
            vec![Measured::Frequencies(vec![])],
            NotEvaluated,
        ),
        // A single value has no sample deviation, but a population's.
        (
            "standard-deviation",
            bound(json!({"at_most": 1.0})),
            age,
            vec![Measured::Moments(Moments {
                count: 1,
                ..Default::default()
            })],
            NotEvaluated,
        ),
        (
            "standard-deviation",
            json!({"ddof": 0, "bound": {"at_most": 1.0}}),
            age,
            vec![Measured::Moments(Moments {
                count: 1,
                ..Default::default()
            })],
            Met,
        ),
    ]);
    cases
}
