//! ragas: the rows of an evaluation, as its data frame is written: CSV, JSON Lines or JSON.
//!
//! ragas has no file of its own; `evaluate(...).to_pandas()` has one row for each sample with its texts
//! and one column for each metric. A score is missing (NaN) where the judge failed: then there is no mean.

use serde_json::Value;

use super::answers::{Answers, check_size, identity};
use super::rows::{self, Row};
use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::Recording;

/// Columns of samples (`SingleTurnSample`, `MultiTurnSample`), and what they were called before 0.2.
const TEXTS: [&str; 17] = [
    "user_input",
    "response",
    "reference",
    "retrieved_contexts",
    "reference_contexts",
    "retrieved_context_ids",
    "reference_context_ids",
    "multi_responses",
    "reference_tool_calls",
    "reference_topics",
    "rubrics",
    "persona_name",
    "question",
    "answer",
    "contexts",
    "ground_truth",
    "ground_truths",
];

/// What tells one sample from another and does not depend on what was answered.
const ASKED: [&str; 4] = ["user_input", "reference", "question", "ground_truth"];

/// The metric of ragas of which less is better.
const LOWER: &str = "noise_sensitivity";

pub(super) const SOURCE: Source = Source {
    id: "ragas",
    title: "ragas",
    summary: "The rows of `evaluate(...).to_pandas()` as `.csv`, `.jsonl` or `.json` of records. Numbers are the means of the columns of scores: `faithfulness`. Cases are paired by `user_input` and `reference`.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "ragas 0.4.3",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let rows = rows::read(content)?;
    let is_of_ragas = rows
        .iter()
        .all(|row| row.contains_key("user_input") || row.contains_key("question"));
    if !is_of_ragas {
        return Err(
            "there is a row without `user_input`; write the rows of `evaluate(...).to_pandas()`"
                .to_owned(),
        );
    }
    let metrics = metrics(&rows)?;
    if metrics.is_empty() {
        return Err("there is no column of scores in it".to_owned());
    }
    let mut recording = Recording::by("ragas");
    let mut answers = Answers::default();
    for row in &rows {
        let id = id(row);
        for metric in &metrics {
            let value = row.get(*metric).and_then(score).unwrap_or(f64::NAN);
            answers.add(metric, &id, value)?;
        }
    }
    for metric in metrics {
        if !metric.starts_with(LOWER) {
            answers.describe(metric, Direction::HigherIsBetter, Unit::Number);
        } else {
            answers.describe(metric, Direction::LowerIsBetter, Unit::Number);
        }
        let scores = rows.iter().map(|row| row.get(metric).and_then(score));
        let without = scores
            .filter(|score| !score.is_some_and(f64::is_finite))
            .count();
        if 0 < without {
            recording.shortfalls.push(format!(
                "{without} of {} rows have no `{metric}`: its judge failed",
                rows.len()
            ));
        }
    }
    answers.record(&mut recording)?;
    Ok(recording)
}

/// The columns in which everything is a score or nothing; a column of nothing is of a judge that failed
/// every time.
fn metrics(rows: &[Row]) -> Result<Vec<&str>, String> {
    let mut names: Vec<&str> = rows
        .iter()
        .flat_map(|row| row.keys().map(String::as_str))
        .filter(|name| !TEXTS.contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    check_size(rows.len(), names.len())?;
    let is_score = |value: &Value| value.is_null() || score(value).is_some();
    names.retain(|name| {
        let mut values = rows.iter().filter_map(|row| row.get(*name));
        values.all(is_score)
    });
    Ok(names)
}

fn score(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        value => json::number(value),
    }
}

fn id(row: &Row) -> String {
    let asked = ASKED.iter().map(|name| {
        let value = row.get(*name).unwrap_or(&Value::Null);
        value.to_string()
    });
    identity(&asked.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::recorded::Recording;

    fn of(name: &str, bytes: &[u8]) -> Result<Recording, String> {
        parse(&Content { name, bytes })
    }

    /// Expected: the sample's own rows (ragas 0.4.3): 1 and 0 of both metrics.
    #[test]
    fn columns_of_scores_are_metrics_in_every_form() {
        let csv = include_bytes!("../../fixtures/sources/ragas/scores.csv");
        let lines = include_bytes!("../../fixtures/sources/ragas/scores.jsonl");
        let first = of("scores.csv", csv).expect("CSV");
        assert_eq!(first.metrics.len(), 2);
        for name in ["exact_match", "non_llm_string_similarity"] {
            let metric = first.metric(name, None).expect(name);
            assert_eq!((metric.value, metric.rows), (0.5, Some(2)));
        }
        let second = of("scores.jsonl", lines).expect("JSON Lines");
        assert_eq!(first.metrics, second.metrics);
    }

    #[test]
    fn a_judge_that_failed_is_a_shortfall() {
        let text = "user_input,response,faithfulness,noise_sensitivity\na,x,,0.5\nb,y,1.0,0.5\n";
        let recording = of("scores.csv", text.as_bytes()).expect("rows");
        assert_eq!(
            recording.shortfalls,
            ["1 of 2 rows have no `faithfulness`: its judge failed"]
        );
        assert_eq!(recording.metric("faithfulness", None), None);
        assert!(recording.metric("noise_sensitivity", None).is_some());
        let nothing = "{\"user_input\": \"a\", \"faithfulness\": NaN}";
        let recording = of("scores.jsonl", nothing.as_bytes()).expect("rows");
        assert_eq!(recording.shortfalls.len(), 1);
    }

    #[test]
    fn rows_of_something_else_are_refused() {
        for text in ["[{\"a\": 1}]", "[{\"user_input\": \"a\"}]"] {
            assert!(of("scores.json", text.as_bytes()).is_err(), "{text}");
        }
    }
}
