//! Vertex AI: evaluations of a model as the API gives them
//! (`GET …/models/MODEL/evaluations`, `…/evaluations/EVALUATION`, `…/slices`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "vertex",
    title: "Vertex AI",
    summary: "One evaluation, or a list of them or of slices, as the API gives it. Numbers by the path in `metrics`: `auRoc`; of a slice on `dimension=value`.",
    gives: &[Gives::Metrics, Gives::Slices],
    reference: "the REST reference of Vertex AI, projects.locations.models.evaluations",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluation {
    name: String,
    metrics: Value,
    #[serde(default)]
    slice: Option<Slice>,
    #[serde(default)]
    model_explanation: Option<Value>,
}

#[derive(Deserialize)]
struct Slice {
    dimension: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(alias = "modelEvaluationSlices")]
    model_evaluations: Vec<Evaluation>,
    #[serde(default)]
    next_page_token: Option<String>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let value: Value = json::parse(content.bytes)?;
    let (evaluations, more) = match List::deserialize(&value) {
        Ok(list) => (list.model_evaluations, list.next_page_token),
        Err(_) => {
            let one = Evaluation::deserialize(&value).map_err(|error| {
                format!("it is neither an evaluation with `name` and `metrics` nor a list: {error}")
            })?;
            (vec![one], None)
        }
    };
    let mut recording = Recording::by("Vertex AI");
    let whole = evaluations.iter().filter(|one| one.slice.is_none());
    if 1 < whole.clone().count() {
        return Err(
            "there are several evaluations in it; save the one the gate is about".to_owned(),
        );
    }
    recording.run = whole.map(|one| one.name.clone()).next();
    if more.is_some_and(|token| !token.is_empty()) {
        let missing = "there are more pages than the one that was saved";
        recording.shortfalls.push(missing.to_owned());
    }
    for evaluation in evaluations {
        let slice = evaluation.slice.map(|slice| match slice.value {
            Some(value) => format!("{}={value}", slice.dimension),
            None => slice.dimension,
        });
        let explained = evaluation
            .model_explanation
            .map(|explanation| serde_json::json!({ "modelExplanation": explanation }));
        for value in [Some(evaluation.metrics), explained].into_iter().flatten() {
            for (path, number) in json::numbers(&value)? {
                let mut metric = RecordedMetric::new(path, number);
                metric.slice.clone_from(&slice);
                recording.metrics.push(metric);
            }
        }
    }
    if recording.metrics.is_empty() {
        return Err("there are no numbers in `metrics`".to_owned());
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;

    #[test]
    fn an_evaluation_and_its_slices_are_read() {
        let text = br#"{"modelEvaluations": [
            {"name": "projects/1/locations/eu/models/2/evaluations/3", "metricsSchemaUri": "gs://x",
             "metrics": {"auRoc": 0.97, "logLoss": 0.2, "confidenceMetrics": [{"recall": 1}]}},
            {"name": "projects/1/locations/eu/models/2/evaluations/3/slices/4",
             "metrics": {"auRoc": 0.9}, "slice": {"dimension": "annotationSpec", "value": "cat"}}]}"#;
        let content = Content {
            name: "evaluations.json",
            bytes: text,
        };
        let recording = parse(&content).expect("evaluations");
        let value = |name: &str, slice: Option<&str>| {
            recording.metric(name, slice).map(|metric| metric.value)
        };
        assert_eq!(value("auRoc", None), Some(0.97));
        assert_eq!(value("auRoc", Some("annotationSpec=cat")), Some(0.9));
        assert_eq!(value("confidenceMetrics.0.recall", None), Some(1.0));
        let run = recording.run.expect("a name");
        assert!(run.ends_with("evaluations/3"));
    }

    #[test]
    fn a_page_of_several_is_not_whole() {
        let text = br#"{"modelEvaluations": [{"name": "a", "metrics": {"auRoc": 1}}], "nextPageToken": "x"}"#;
        let content = Content {
            name: "evaluations.json",
            bytes: text,
        };
        assert_eq!(parse(&content).expect("a page").shortfalls.len(), 1);
    }
}
