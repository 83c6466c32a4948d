//! MLflow's evaluation of language models: the rows of `result_df`, as JSON records, JSON Lines or CSV.
//!
//! A scorer has the column `scorer/value` with a number, true or false, or "yes" or "no". Expectations
//! have such columns as well, and are no scores. The run's own means are read by the source `mlflow`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{Answers, check_size, identity};
use super::rows::{self, Row};
use super::{Content, Gives, Reader, Source, json};
use crate::recorded::Recording;

const VALUE: &str = "/value";

pub(super) const SOURCE: Source = Source {
    id: "mlflow_genai",
    title: "MLflow genai.evaluate",
    summary: "The rows of `mlflow.genai.evaluate(...).result_df` as `.json` of records, `.jsonl` or `.csv`. Numbers are the means of `SCORER/value`, by the name of the scorer; yes and true are 1, no and false 0. Cases are paired by the request.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "MLflow 3.17.2",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let rows = rows::read(content)?;
    if !rows.iter().all(|row| row.contains_key("trace_id")) {
        return Err("there is a row without `trace_id`; write the rows of `result_df`".to_owned());
    }
    let scorers = scorers(&rows)?;
    if scorers.is_empty() {
        return Err("there is no column `SCORER/value` in it".to_owned());
    }
    let mut recording = Recording::by("MLflow genai");
    let mut answers = Answers::default();
    for row in &rows {
        let id = identity(&row.get("request").unwrap_or(&Value::Null).to_string());
        for scorer in &scorers {
            answers.add(scorer, &id, value(row, scorer))?;
        }
    }
    for scorer in &scorers {
        let values = rows.iter().map(|row| value(row, scorer));
        let without = values.filter(|value| !value.is_finite()).count();
        if 0 < without {
            recording.shortfalls.push(format!(
                "{without} of {} rows have no value of `{scorer}`: it failed",
                rows.len()
            ));
        }
    }
    let failed = rows.iter().filter(|row| {
        let state = row.get("state").and_then(Value::as_str);
        state.is_some_and(|state| !state.ends_with("OK"))
    });
    let failed = failed.count();
    if 0 < failed {
        recording.shortfalls.push(format!(
            "{failed} of {} traces did not end well",
            rows.len()
        ));
    }
    answers.record(&mut recording)?;
    Ok(recording)
}

/// The scorers: every column `scorer/value` that holds scores or nothing, and is no expectation.
fn scorers(rows: &[Row]) -> Result<Vec<String>, String> {
    let expectations: BTreeSet<String> = rows.iter().flat_map(expectations).collect();
    let names: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| row.keys().filter_map(|name| name.strip_suffix(VALUE)))
        .collect();
    let is_score = |row: &Row, name: &str| {
        let value = row.get(&format!("{name}{VALUE}"));
        value.is_none_or(|value| value.is_null() || score(value).is_some())
    };
    check_size(rows.len(), names.len())?;
    let scorers = names
        .into_iter()
        .filter(|name| !expectations.contains(*name))
        .filter(|name| rows.iter().all(|row| is_score(row, name)))
        .map(str::to_owned)
        .collect();
    Ok(scorers)
}

/// The names of what was expected, as the assessments of the row say.
fn expectations(row: &Row) -> Vec<String> {
    let parsed: Value;
    let assessments = match row.get("assessments") {
        Some(Value::String(text)) => {
            parsed = json::parse(text.as_bytes()).unwrap_or(Value::Null);
            &parsed
        }
        Some(value) => value,
        None => &Value::Null,
    };
    let assessments = assessments
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    assessments
        .iter()
        .filter(|assessment| {
            assessment
                .get("expectation")
                .is_some_and(|it| !it.is_null())
        })
        .filter_map(|assessment| assessment.get("assessment_name")?.as_str())
        .map(str::to_owned)
        .collect()
}

fn value(row: &Row, scorer: &str) -> f64 {
    let value = row.get(&format!("{scorer}{VALUE}"));
    value.and_then(score).unwrap_or(f64::NAN)
}

fn score(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "yes" => Some(1.0),
            "no" => Some(0.0),
            _ => json::number(value),
        },
        value => json::number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::recorded::Recording;

    fn of(name: &str, bytes: &[u8]) -> Result<Recording, String> {
        parse(&Content { name, bytes })
    }

    /// Expected: the sample's own rows (MLflow 3.17.2): "Paris" and "5", of which the first is right;
    /// lengths 5 and 1. The numeric expectation is no score.
    #[test]
    fn scorers_are_metrics_and_expectations_are_not() {
        let sample = include_bytes!("../../fixtures/sources/mlflow_genai/result_df.json");
        let recording = of("result_df.json", sample).expect("rows");
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        for (name, expected) in [("exact_match", 0.5), ("verdict", 0.5), ("length", 3.0)] {
            let metric = recording.metric(name, None).expect(name);
            assert_eq!((metric.value, metric.rows), (expected, Some(2)), "{name}");
        }
        assert_eq!(recording.metrics.len(), 3);
    }

    #[test]
    fn a_scorer_that_failed_is_a_shortfall() {
        let text = "trace_id,request,state,safety/value\na,x,OK,yes\nb,y,ERROR,\n";
        let recording = of("rows.csv", text.as_bytes()).expect("rows");
        assert_eq!(recording.shortfalls.len(), 2);
        assert_eq!(recording.metric("safety", None), None);
    }

    #[test]
    fn numbers_that_were_expected_are_no_scores() {
        let text = r#"[{"trace_id": "a", "request": 1, "answer/value": 4, "ok/value": true, "assessments": "[{\"assessment_name\": \"answer\", \"expectation\": {\"value\": 4}}]"}]"#;
        let recording = of("rows.json", text.as_bytes()).expect("rows");
        let names: Vec<_> = recording
            .metrics
            .iter()
            .map(|metric| &metric.name)
            .collect();
        assert_eq!(names, ["ok"]);
    }
}
