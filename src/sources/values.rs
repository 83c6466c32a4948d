//! Any JSON, YAML or TOML file of numbers: the report of scikit-learn, the metrics of DVC, the sizes and times
//! of a load test.

use serde_json::Value;
use serde_saphyr::options::NonFiniteFloatPolicy;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::Recording;

pub(super) const SOURCE: Source = Source {
    id: "values",
    title: "a file of numbers",
    summary: "A JSON, YAML or TOML file; every number in it is a metric by the path that leads to it: `weighted avg.f1-score`, `runs.0.loss`.",
    gives: &[Gives::Metrics],
    reference: "RFC 8259; YAML 1.2; TOML 1.0",
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

/// A file as YAML or TOML when it is called so, else as JSON.
pub(super) fn value(content: &Content<'_>) -> Result<Value, String> {
    let text = || std::str::from_utf8(content.bytes).map_err(|error| error.to_string());
    match content.name.rsplit_once('.') {
        Some((_, "yaml" | "yml")) => {
            // As words; a file is not refused because one of its numbers is none.
            let options = serde_saphyr::options! {
                non_finite_float_policy: NonFiniteFloatPolicy::AsString,
            };
            serde_saphyr::from_str_with_options(text()?, options)
                .map_err(|error| format!("it is not YAML: {error}"))
        }
        Some((_, "toml")) => toml_value(text()?),
        Some(_) | None => json::parse(content.bytes),
    }
}

fn toml_value(text: &str) -> Result<Value, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.unwrap_or_default().matches('\n').count() + 1;
        format!("it is not TOML, line {line}: {}", error.message())
    })?;
    Ok(plain(toml::Value::Table(table)))
}

/// A value of TOML as one of JSON; what is not finite as the word [`json::number`] knows it by. How deep
/// values are nested the parser has limited.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(integer) => integer.into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map_or_else(|| Value::String(number.to_string()), Value::Number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(members) => {
            let members = members.into_iter();
            members.map(|(key, value)| (key, plain(value))).collect()
        }
    }
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

    /// It was recorded, and nobody knows it: that is neither a damaged file nor a metric that is not there.
    #[test]
    fn a_number_that_is_none_is_recorded_as_such() {
        for (name, text) in [
            ("metrics.yaml", "loss: .nan\nworst: -.inf\n"),
            ("metrics.yml", "loss: .NaN\nworst: -1e999\n"),
            ("metrics.toml", "loss = nan\nworst = -inf\n"),
            ("metrics.json", "{\"loss\": NaN, \"worst\": -Infinity}"),
        ] {
            let mut found = metrics(name, text);
            found.sort_by(|left, right| left.0.cmp(&right.0));
            let [(_, loss), (_, worst)] = found.as_slice() else {
                panic!("{name}: {found:?}");
            };
            assert!(loss.is_nan(), "{name}: {loss}");
            assert_eq!(*worst, f64::NEG_INFINITY, "{name}");
        }
    }

    #[test]
    fn toml_is_read_as_json_is() {
        let text = "when = 2026-11-26\n[train]\nacc = 0.5\nsteps = 3\nworst = -inf\nloss = nan\n";
        let mut found = metrics("metrics.toml", text);
        found.sort_by(|left, right| left.0.cmp(&right.0));
        let loss = found.remove(1);
        assert!(loss.0 == "train.loss" && loss.1.is_nan(), "{loss:?}");
        let expected = [("acc", 0.5), ("steps", 3.0), ("worst", f64::NEG_INFINITY)];
        assert_eq!(
            found,
            expected.map(|(name, value)| (format!("train.{name}"), value))
        );
        for (text, line) in [("a = 1\nb = ", "line 2"), ("a = 1\na = 2\n", "line 2")] {
            let content = Content {
                name: "a.toml",
                bytes: text.as_bytes(),
            };
            let problem = parse(&content).expect_err("no TOML");
            assert!(problem.contains(line), "{problem}");
        }
        let deep = format!("a = {}", "[".repeat(100_000));
        let content = Content {
            name: "a.toml",
            bytes: deep.as_bytes(),
        };
        assert!(parse(&content).is_err());
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
