//! Kubeflow Pipelines: what a component wrote (`executor_output.json` of version 2,
//! `mlpipeline-metrics.json` of version 1).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "kubeflow",
    title: "Kubeflow Pipelines",
    summary: "`executor_output.json` or `mlpipeline-metrics.json`. Numbers of parameters by their name, of artifacts by `OUTPUT.NAME`: `m.auc`.",
    gives: &[Gives::Metrics],
    reference: "written by the SDK kfp 2",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outputs {
    #[serde(default)]
    parameter_values: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    artifacts: Option<BTreeMap<String, ArtifactList>>,
    #[serde(default)]
    metrics: Option<Vec<MetricOfOne>>,
}

#[derive(Deserialize)]
struct ArtifactList {
    #[serde(default)]
    artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricOfOne {
    name: String,
    number_value: Value,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let outputs: Outputs = json::parse(content.bytes)?;
    let mut numbers = Vec::new();
    if let Some(parameters) = outputs.parameter_values {
        numbers.extend(json::numbers(&Value::Object(parameters))?);
    }
    for (output, list) in outputs.artifacts.unwrap_or_default() {
        let single = list.artifacts.len() == 1;
        for (index, artifact) in list.artifacts.iter().enumerate() {
            for (path, number) in json::numbers(&artifact.metadata)? {
                let name = match single {
                    true => format!("{output}.{path}"),
                    false => format!("{output}.{index}.{path}"),
                };
                numbers.push((name, number));
            }
        }
    }
    for metric in outputs.metrics.unwrap_or_default() {
        let number = json::number(&metric.number_value)
            .ok_or_else(|| format!("`numberValue` of `{}` is not a number", metric.name))?;
        numbers.push((metric.name, number));
    }
    if numbers.is_empty() {
        return Err(
            "there are no numbers in `parameterValues`, `artifacts` or `metrics`".to_owned(),
        );
    }
    let metrics = numbers.into_iter();
    Ok(Recording {
        metrics: metrics
            .map(|(name, number)| RecordedMetric::new(name, number))
            .collect(),
        ..Recording::by("Kubeflow Pipelines")
    })
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;

    #[test]
    fn numbers_of_parameters_and_artifacts_are_read() {
        let content = Content {
            name: "executor_output.json",
            bytes: include_bytes!("../../fixtures/sources/kubeflow/executor_output.json"),
        };
        let recording = parse(&content).expect("outputs");
        let value = |name: &str| recording.metric(name, None).map(|metric| metric.value);
        assert_eq!(value("Output"), Some(0.93));
        assert_eq!(value("m.f1"), Some(0.9));
        assert_eq!(value("c.confusionMatrix.rows.0.row.1"), Some(1.0));
    }

    #[test]
    fn metrics_of_version_1_are_read() {
        let text = br#"{"metrics": [{"name": "accuracy-score", "numberValue": 0.5, "format": "PERCENTAGE"}]}"#;
        let content = Content {
            name: "mlpipeline-metrics.json",
            bytes: text,
        };
        let recording = parse(&content).expect("metrics");
        assert_eq!(recording.metrics[0].value, 0.5);
    }
}
