//! TruEra: the results of the tests of a model, as the client gives them
//! (`tru.tester.get_model_test_results(…).as_json()`).
//!
//! One table for each kind of test. A score is called by its metric, on the split and segments it is of; a
//! verdict by the name of its test.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "truera",
    title: "TruEra",
    summary: "What `as_json()` of the client gives of `get_model_test_results`: a verdict for each test by its kind and name, `Performance Tests: auc of men`; scores by their metric on slices `Split=test,Segment=men`.",
    gives: &[Gives::Slices, Gives::Verdicts],
    reference: "written by the client of TruEra 12.6.1",
    read: Reader::File(parse),
};

/// Tests read of one file.
const TESTS_MAX: usize = 100_000;

/// Columns that say what came out; all others say what a score is of.
const OUTCOME: &str = "Outcome";
const NAME: &str = "Name";
const SCORE: &str = "Score";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "Column Names")]
    columns: Vec<String>,
    #[serde(rename = "Rows")]
    rows: Vec<Vec<Value>>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let tables: BTreeMap<String, Table> = json::parse(content.bytes)?;
    let tests: usize = tables.values().map(|table| table.rows.len()).sum();
    if tests == 0 || TESTS_MAX < tests {
        return Err(format!(
            "there are {tests} tests in it, expected 1 to {TESTS_MAX}"
        ));
    }
    let mut recording = Recording::by("TruEra");
    for (kind, table) in &tables {
        for row in &table.rows {
            if row.len() != table.columns.len() {
                return Err(format!(
                    "a row of `{kind}` has not as many fields as there are columns"
                ));
            }
            add(kind, table, row, &mut recording)?;
        }
    }
    let pending = recording
        .verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Said::Errored);
    let pending = pending.count();
    if 0 < pending {
        let why = format!("{pending} of {tests} tests have no score yet, or cannot have one");
        recording.shortfalls.push(why);
    }
    Ok(recording)
}

fn add(kind: &str, table: &Table, row: &[Value], recording: &mut Recording) -> Result<(), String> {
    let fields = || table.columns.iter().map(String::as_str).zip(row);
    let field = |name: &str| {
        fields()
            .find(|(column, _)| *column == name)
            .map(|(_, value)| value)
    };
    let text = |name: &str| field(name).and_then(Value::as_str).unwrap_or_default();
    let (Some(score), Some(outcome)) = (field(SCORE), field(OUTCOME)) else {
        return Err(format!("`{kind}` has no columns `{OUTCOME}` and `{SCORE}`"));
    };
    // A feature importance test says in another column what its score is.
    let metric = match (text("Metric"), text("Score Type")) {
        ("", "") => kind,
        ("", score) => score,
        (metric, _) => metric,
    };
    let of = fields().filter(|(column, value)| {
        let is_of_outcome = [OUTCOME, NAME, SCORE, "Metric", "Score Type"].contains(column);
        !is_of_outcome && !column.starts_with("Score diff") && !value.is_null() && **value != ""
    });
    let of = of.map(|(column, value)| match value {
        Value::String(text) => format!("{column}={text}"),
        value => format!("{column}={value}"),
    });
    let slice = of.collect::<Vec<_>>().join(",");
    let number = json::number(score);
    recording.verdicts.push(RecordedVerdict {
        name: match text(NAME) {
            "" => format!("{kind}: {metric} on {slice}"),
            name => format!("{kind}: {name}"),
        },
        outcome: match (number, outcome.as_str()) {
            (None, _) => Said::Errored,
            (Some(_), Some("PASSED")) => Said::Passed,
            (Some(_), Some("WARNING")) => Said::Warned,
            (Some(_), Some("FAILED")) => Said::Failed,
            // It has no threshold.
            (Some(_), Some("UNDEFINED")) => Said::Skipped,
            (Some(_), _) => return Err(format!("`{outcome}` is no outcome of a test")),
        },
        message: None,
    });
    if let Some(number) = number {
        let metric = RecordedMetric::new(metric, number);
        recording.metrics.push(match slice.as_str() {
            "" => metric,
            slice => metric.on(slice),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::recorded::{Recording, Said};

    fn read(bytes: &[u8]) -> Result<Recording, String> {
        parse(&Content {
            name: "results.json",
            bytes,
        })
    }

    /// Expected: the results `fixtures/sources/truera/make.py` puts into the client.
    #[test]
    fn tests_are_verdicts_and_scores_on_what_they_are_of() {
        let sample = include_bytes!("../../fixtures/sources/truera/results.json");
        let recording = read(sample).expect("results");
        let said: Vec<_> = recording
            .verdicts
            .iter()
            .map(|verdict| (verdict.name.as_str(), verdict.outcome))
            .collect();
        let expected = [
            ("Fairness Tests: sex", Said::Warned),
            ("Performance Tests: auc of men", Said::Failed),
            ("Performance Tests: no bound", Said::Skipped),
            ("Performance Tests: pending", Said::Errored),
            ("Performance Tests: LOG_LOSS on Split=test", Said::Passed),
        ];
        assert_eq!(said, expected);
        let of_men = recording.metric("AUC", Some("Split=test,Segment=men"));
        assert_eq!(of_men.map(|metric| metric.value), Some(0.71));
        let apart = "Split=test,Protected Segment=women,Comparison Segment=men";
        let disparity = recording.metric("DISPARATE_IMPACT_RATIO", Some(apart));
        assert_eq!(disparity.map(|metric| metric.value), Some(0.84));
        assert_eq!(recording.shortfalls.len(), 1);
    }

    #[test]
    fn what_is_no_result_of_the_client_is_refused() {
        for (bytes, said) in [
            (&b"{}"[..], "0 tests"),
            (br#"{"a": {"Column Names": [], "Rows": []}}"#, "0 tests"),
            (
                br#"{"a": {"Column Names": ["x"], "Rows": [["y"]]}}"#,
                "no columns",
            ),
            (
                br#"{"a": {"Column Names": ["x", "y"], "Rows": [["y"]]}}"#,
                "as many",
            ),
            (
                br#"{"a": {"Column Names": ["Outcome", "Score"], "Rows": [["FINE", 1]]}}"#,
                "no outcome",
            ),
        ] {
            let problem = read(bytes).expect_err(said);
            assert!(problem.contains(said), "{problem}");
        }
    }
}
