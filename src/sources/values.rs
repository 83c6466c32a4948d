//! Any JSON or YAML file of numbers: the report of scikit-learn, the metrics of DVC, the sizes and times
//! of a load test.

use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::Recording;

pub(super) const SOURCE: Source = Source {
    id: "values",
    title: "a file of numbers",
    summary: "A JSON or YAML file; every number in it is a metric by the path that leads to it: `weighted avg.f1-score`, `runs.0.loss`.",
    gives: &[Gives::Metrics],
    reference: "RFC 8259; YAML 1.2",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let metrics = json::metrics(&value(content)?)?;
    if metrics.is_empty() {
        return Err("there is no number in it".to_owned());
    }
    Ok(Recording {
        metrics,
        ..Recording::by(format!("`{}`", content.name))
    })
}

/// A file as YAML when it is called so, else as JSON.
pub(super) fn value(content: &Content<'_>) -> Result<Value, String> {
    let is_yaml = content.name.ends_with(".yaml") || content.name.ends_with(".yml");
    if !is_yaml {
        return json::parse(content.bytes);
    }
    let text = std::str::from_utf8(content.bytes).map_err(|error| error.to_string())?;
    serde_saphyr::from_str(text).map_err(|error| format!("it is not YAML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};

    fn metrics(name: &str, text: &str) -> Vec<(String, f64)> {
        let content = Content {
            name,
            bytes: text.as_bytes(),
        };
        let recording = parse(&content).expect("numbers");
        let metrics = recording.metrics.into_iter();
        metrics.map(|metric| (metric.name, metric.value)).collect()
    }

    #[test]
    fn every_number_is_a_metric_by_its_path() {
        let text = r#"{"accuracy": 0.915, "weighted avg": {"f1-score": 0.9}, "runs": [{"loss": 1}], "ok": true, "name": "x", "none": null}"#;
        let expected = [
            ("accuracy", 0.915),
            ("ok", 1.0),
            ("runs.0.loss", 1.0),
            ("weighted avg.f1-score", 0.9),
        ];
        let mut found = metrics("report.json", text);
        found.sort_by(|left, right| left.0.cmp(&right.0));
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value))
        );
    }

    #[test]
    fn yaml_is_read_as_json_is() {
        let found = metrics("metrics.yaml", "train:\n  acc: 0.5\n");
        assert_eq!(found, [("train.acc".to_owned(), 0.5)]);
    }

    #[test]
    fn a_file_without_numbers_is_no_file_of_metrics() {
        let content = Content {
            name: "a.json",
            bytes: b"{\"a\": \"b\"}",
        };
        assert!(parse(&content).is_err());
    }
}
