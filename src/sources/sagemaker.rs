//! Amazon SageMaker: `evaluation.json` of a pipeline or a model package, `constraint_violations.json`
//! of Model Monitor, `analysis.json` of Clarify.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "sagemaker",
    title: "Amazon SageMaker",
    summary: "`evaluation.json` (numbers by `GROUP.NAME`: `binary_classification_metrics.auc`), `constraint_violations.json` (a failed verdict for each, one that passed when there are none) or the `analysis.json` of Clarify (numbers by `pre_training_bias_metrics.NAME` and `post_training_bias_metrics.NAME` on slices `FACET=VALUE`).",
    gives: &[Gives::Metrics, Gives::Slices, Gives::Verdicts],
    reference: "the developer guide of Amazon SageMaker AI",
    read: Reader::File(parse),
};

/// A number with what SageMaker calls its standard deviation, which may be the text `NaN`.
#[derive(Deserialize)]
struct Estimated {
    value: Value,
    #[serde(default)]
    standard_deviation: Value,
}

#[derive(Deserialize)]
struct Violation {
    #[serde(alias = "metric_name")]
    feature_name: String,
    constraint_check_type: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Bias {
    facets: BTreeMap<String, Vec<Facet>>,
}

#[derive(Deserialize)]
struct Facet {
    value_or_threshold: Value,
    metrics: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    value: Value,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let members: serde_json::Map<String, Value> = json::parse(content.bytes)?;
    let mut recording = Recording::by("Amazon SageMaker");
    for (key, value) in &members {
        if key == "violations" {
            recording.verdicts = violations(value)?;
        } else if key.ends_with("_training_bias_metrics") {
            biases(key, value, &mut recording.metrics)?;
        } else if key.ends_with("_metrics") || key == "explanations" {
            numbers(key, value, &mut recording.metrics)?;
        }
    }
    if recording.metrics.is_empty() && recording.verdicts.is_empty() {
        return Err(
            "there is neither a group of `…_metrics` nor `violations` nor `explanations` in it"
                .to_owned(),
        );
    }
    Ok(recording)
}

fn violations(value: &Value) -> Result<Vec<RecordedVerdict>, String> {
    let found = Vec::<Violation>::deserialize(value)
        .map_err(|error| format!("`violations` is not a list of violations: {error}"))?;
    if found.is_empty() {
        return Ok(vec![RecordedVerdict {
            name: "constraints".to_owned(),
            outcome: Said::Passed,
            message: None,
        }]);
    }
    let verdict = |violation: Violation| RecordedVerdict {
        name: format!(
            "{}: {}",
            violation.feature_name, violation.constraint_check_type
        ),
        outcome: Said::Failed,
        message: violation.description,
    };
    Ok(found.into_iter().map(verdict).collect())
}

fn numbers(group: &str, value: &Value, metrics: &mut Vec<RecordedMetric>) -> Result<(), String> {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = format!("{group}.{name}");
        if let Ok(estimated) = Estimated::deserialize(value)
            && let Some(number) = json::number(&estimated.value)
        {
            let error = json::number(&estimated.standard_deviation).unwrap_or(f64::NAN);
            metrics.push(RecordedMetric::new(name, number).standard_error(error));
            continue;
        }
        for (path, number) in json::numbers(value)? {
            let name = match path.as_str() {
                "" => name.clone(),
                path => format!("{name}.{path}"),
            };
            metrics.push(RecordedMetric::new(name, number));
        }
    }
    Ok(())
}

fn biases(group: &str, value: &Value, metrics: &mut Vec<RecordedMetric>) -> Result<(), String> {
    let bias = Bias::deserialize(value)
        .map_err(|error| format!("`{group}` has no facets with metrics: {error}"))?;
    for (facet, values) in bias.facets {
        for of_value in values {
            let value = match &of_value.value_or_threshold {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            for metric in of_value.metrics {
                // A metric that is not defined is recorded as null.
                let number = json::number(&metric.value).unwrap_or(f64::NAN);
                let name = format!("{group}.{}", metric.name);
                metrics.push(RecordedMetric::new(name, number).on(format!("{facet}={value}")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{Recording, Said, Uncertainty};

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "a.json",
            bytes,
        };
        parse(&content).expect("results")
    }

    #[test]
    fn an_evaluation_has_numbers_with_errors_where_they_are_numbers() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/sagemaker/evaluation.json"
        ));
        let metric = |name: &str| {
            let name = format!("binary_classification_metrics.{name}");
            recording.metric(&name, None).cloned().expect("a number")
        };
        assert_eq!(metric("accuracy").value, 0.915);
        assert_eq!(
            metric("accuracy").uncertainty,
            Some(Uncertainty::StandardError(0.009))
        );
        assert_eq!(metric("auc").value, 0.974);
        assert_eq!(metric("auc").uncertainty, None);
        assert_eq!(metric("confusion_matrix.0.1").value, 28.0);
    }

    #[test]
    fn violations_are_verdicts_and_none_is_one_that_passed() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/sagemaker/constraint_violations.json"
        ));
        assert_eq!(recording.verdicts.len(), 2);
        assert_eq!(recording.verdicts[1].name, "auc: LessThanThreshold");
        let none = read(br#"{"violations": []}"#);
        assert_eq!(none.verdicts[0].outcome, Said::Passed);
    }

    #[test]
    fn the_biases_of_clarify_are_on_slices() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/sagemaker/clarify_analysis.json"
        ));
        let found = recording.metric("post_training_bias_metrics.DI", Some("sex=F"));
        assert_eq!(found.map(|metric| metric.value), Some(0.88));
        let name = "explanations.kernel_shap.label0.global_shap_values.income";
        assert_eq!(
            recording.metric(name, None).map(|metric| metric.value),
            Some(0.3)
        );
    }
}
