//! Slices, partitions and history.

use serde_json::json;

use super::super::Case;
use super::super::Expected::{Met, NotEvaluated, NotMet};
use super::*;

pub(super) fn coverage() -> Vec<Case> {
    let by_region = json!({"columns": ["region"], "rows_min": 30});
    let positives = json!({"columns": ["region"], "rows_min": 30, "positives": {"label": "y", "positive": "1", "rows_min": 10}});
    let budget = json!({"columns": ["region"], "rows_min": 30, "budget": 1});
    let expected =
        json!({"columns": ["region"], "rows_min": 30, "slices": [["north"], ["secret"]]});
    let beside = json!({"reference": "train", "columns": ["region"]});
    let two = frequencies(&[(&["north"], 50), (&["south"], 40)]);
    let short = frequencies(&[(&["north"], 50), (&["secret"], 4)]);
    vec![
        ("slice-coverage", by_region.clone(), vec![two.clone()], Met),
        (
            "slice-coverage",
            by_region.clone(),
            vec![short.clone()],
            NotMet,
        ),
        (
            "slice-coverage",
            by_region,
            vec![frequencies(&[])],
            NotEvaluated,
        ),
        ("slice-coverage", budget, vec![short], Met),
        (
            "slice-coverage",
            positives.clone(),
            vec![
                two.clone(),
                frequencies(&[(&["north"], 12), (&["south"], 10)]),
            ],
            Met,
        ),
        (
            "slice-coverage",
            positives,
            vec![two.clone(), frequencies(&[(&["north"], 12)])],
            NotMet,
        ),
        ("slice-coverage", expected, vec![two.clone()], NotMet),
        (
            "slice-coverage",
            json!({"columns": []}),
            vec![],
            NotEvaluated,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![two.clone(), two.clone()],
            Met,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![two.clone(), frequencies(&[(&["north"], 50)])],
            NotMet,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![frequencies(&[(&["north"], 50)]), two.clone()],
            NotMet,
        ),
        (
            "slice-presence",
            json!({"reference": "train", "columns": ["region"], "may_be_new": true}),
            vec![two.clone(), frequencies(&[(&["north"], 50)])],
            Met,
        ),
        ("slice-presence", beside, vec![two, failed()], NotEvaluated),
    ]
}

pub(super) fn history() -> Vec<Case> {
    let week = json!({"history": [100.0, 98.0, 103.0, 99.0, 101.0, 97.0, 102.0]});
    let constant = json!({"history": [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]});
    let nulls = json!({"of": "null_fraction", "history": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]});
    let fresh = json!({"partitions": ["region"], "days_max": 2.0, "as_of": "2026-01-10T00:00:00Z"});
    let regions =
        |north: &str, south: Measured| slices(vec![("north", newest(north)), ("secret", south)]);
    let daily = json!({"as_of": "2026-01-04T06:00:00Z"});
    let days = |days: &[&str]| {
        Measured::Frequencies(
            days.iter()
                .map(|day| (vec![Some((*day).to_owned())], 5))
                .collect(),
        )
    };
    vec![
        (
            "volume-history",
            week.clone(),
            vec![Measured::Count(105)],
            Met,
        ),
        (
            "volume-history",
            week.clone(),
            vec![Measured::Count(50)],
            NotMet,
        ),
        (
            "volume-history",
            json!({"history": [1.0]}),
            vec![Measured::Count(50)],
            NotEvaluated,
        ),
        (
            "volume-history",
            constant.clone(),
            vec![Measured::Count(103)],
            Met,
        ),
        (
            "volume-history",
            constant,
            vec![Measured::Count(104)],
            NotMet,
        ),
        (
            "volume-history",
            nulls.clone(),
            vec![Measured::Count(3)],
            Met,
        ),
        ("volume-history", nulls, vec![Measured::Count(4)], NotMet),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", newest("2026-01-08"))],
            Met,
        ),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", newest("2026-01-07"))],
            NotMet,
        ),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", Measured::Newest(None))],
            NotMet,
        ),
        (
            "partition-freshness",
            fresh,
            vec![slices(vec![])],
            NotEvaluated,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-02", "2026-01-03"])],
            Met,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-03"])],
            NotMet,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-02"])],
            NotMet,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "soon"])],
            NotEvaluated,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["0001-01-01"])],
            NotEvaluated,
        ),
        ("partition-sequence", daily, vec![days(&[])], NotEvaluated),
        (
            "partition-sequence",
            json!({"as_of": "2026-01-01T03:10:00Z", "unit": "hour", "lag": 1}),
            vec![days(&[
                "2026-01-01T00",
                "2026-01-01-01",
                "2026-01-01 02:00:00",
            ])],
            Met,
        ),
        (
            "partition-sequence",
            json!({"as_of": "2026-01-04T06:00:00Z", "without": ["2026-01-02"]}),
            vec![days(&["2026-01-01", "20260103"])],
            Met,
        ),
    ]
}
