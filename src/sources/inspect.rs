//! Inspect: the log of `inspect eval`, as `.json` or as `.eval` (a zip of the same in parts).
//!
//! A name is `score/metric`: `exact/accuracy`. A log is of a whole run only when its status is `success`:
//! `inspect eval` itself ends well whatever the status says. Letters are numbers as Inspect's own
//! `value_to_float` has them. Epochs of a sample are repetitions of one case.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use serde::Deserialize;
use serde_json::Value;
use zip::{CompressionMethod, ZipArchive};

use super::answers::Answers;
use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedDataset, RecordedMetric, Recording};

/// Largest part of a log and all parts together, in bytes, decompressed.
const PART_BYTES_MAX: u64 = 64 << 20;
const PARTS_BYTES_MAX: u64 = 1 << 30;

/// Scores of one log: names are compared with each other.
const SCORES_MAX: usize = 1000;

/// Metrics that are the mean of the numbers of the samples.
const MEANS: [&str; 2] = ["accuracy", "mean"];

pub(super) const SOURCE: Source = Source {
    id: "inspect",
    title: "Inspect",
    summary: "A log of `inspect eval`, `.json` or `.eval`. Numbers are `score/metric`: `exact/accuracy`. Cases are paired by the id of the sample, epochs are repetitions.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "inspect_ai 0.3.285, log version 2",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Log {
    status: String,
    eval: Eval,
    results: Option<Results>,
    samples: Option<Vec<Sample>>,
    #[serde(default)]
    invalidated: bool,
}

#[derive(Deserialize)]
struct Eval {
    task: String,
    model: String,
    run_id: Option<String>,
    dataset: Dataset,
    #[serde(default)]
    config: BTreeMap<String, Value>,
    #[serde(default)]
    packages: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Dataset {
    name: Option<String>,
    samples: Option<u64>,
}

#[derive(Deserialize)]
struct Results {
    total_samples: u64,
    completed_samples: u64,
    scores: Vec<Score>,
}

#[derive(Deserialize)]
struct Score {
    name: String,
    scorer: String,
    reducer: Option<String>,
    scored_samples: Option<u64>,
    unscored_samples: Option<u64>,
    metrics: BTreeMap<String, Metric>,
}

#[derive(Deserialize)]
struct Metric {
    value: Value,
}

#[derive(Deserialize)]
struct Sample {
    id: Value,
    scores: Option<BTreeMap<String, Scored>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Scored {
    value: Value,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let log = match content.bytes.starts_with(b"PK") {
        true => of_archive(content.bytes)?,
        false => json::parse(content.bytes)?,
    };
    recording(&log)
}

/// The log in an archive: a header, and a part for each sample.
fn of_archive(bytes: &[u8]) -> Result<Log, String> {
    let broken = |error: zip::result::ZipError| format!("it is no whole zip archive: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = PARTS_BYTES_MAX;
    let mut header: Option<Log> = None;
    let mut samples = Vec::new();
    for index in 0..archive.len() {
        let name = match archive.name_for_index(index) {
            Some(name) => name.map_err(broken)?.into_owned(),
            None => continue,
        };
        let is_sample = name.starts_with("samples/") && name.ends_with(".json");
        if !is_sample && name != "header.json" {
            continue;
        }
        let part = part(&mut archive, index)
            .map_err(|problem| format!("`{name}` in it cannot be read: {problem}"))?;
        left = left
            .checked_sub(part.len() as u64)
            .ok_or_else(|| format!("it holds more than {PARTS_BYTES_MAX} bytes"))?;
        let within = |problem| format!("`{name}` in it: {problem}");
        match is_sample {
            true => samples.push(json::parse(&part).map_err(within)?),
            false => header = Some(json::parse(&part).map_err(within)?),
        }
    }
    let header = header.ok_or(
        "there is no `header.json` in it, which Inspect writes when a run ends: it is no log, or the run broke off",
    )?;
    Ok(Log {
        samples: Some(samples),
        ..header
    })
}

/// One part, decompressed. Inspect writes Zstandard, which the archive reader leaves to us.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<Vec<u8>, String> {
    let raw = archive
        .by_index_raw(index)
        .map_err(|error| error.to_string())?;
    let checksum = raw.crc32();
    let bytes = if raw.compression() == CompressionMethod::ZSTD {
        let decoder = zstd::Decoder::new(raw).map_err(|error| error.to_string())?;
        bounded(decoder)?
    } else {
        drop(raw);
        bounded(archive.by_index(index).map_err(|error| error.to_string())?)?
    };
    let mut found = flate2::Crc::new();
    found.update(&bytes);
    match found.sum() == checksum {
        true => Ok(bytes),
        false => Err("its checksum is not that of the archive".to_owned()),
    }
}

fn bounded(reader: impl std::io::Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(PART_BYTES_MAX + 1);
    reader
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    match PART_BYTES_MAX < bytes.len() as u64 {
        true => Err(format!("it is larger than {PART_BYTES_MAX} bytes")),
        false => Ok(bytes),
    }
}

fn recording(log: &Log) -> Result<Recording, String> {
    let version = log.eval.packages.get("inspect_ai").and_then(Value::as_str);
    let mut recording = Recording {
        run: log.eval.run_id.clone(),
        ..Recording::by(match version {
            None => "Inspect".to_owned(),
            Some(version) => format!("Inspect {version}"),
        })
    };
    recording.parameters = parameters(&log.eval);
    recording.datasets = log
        .eval
        .dataset
        .name
        .iter()
        .map(|name| RecordedDataset {
            name: name.clone(),
            digest: None,
        })
        .collect();
    let scores = log
        .results
        .as_ref()
        .map_or(0, |results| results.scores.len());
    if SCORES_MAX < scores {
        return Err(format!("there are more than {SCORES_MAX} scores in it"));
    }
    recording.shortfalls = shortfalls(log);
    let mut answers = Answers::default();
    for score in log.results.iter().flat_map(|results| &results.scores) {
        let name = log.name_of(score);
        recording.metrics.extend(metrics(score, &name));
        for sample in log.samples.iter().flatten() {
            let value = sample.number(score);
            let id = sample.id();
            for mean in MEANS
                .iter()
                .filter(|mean| score.metrics.contains_key(**mean))
            {
                answers.add(&format!("{name}/{mean}"), &id, value)?;
            }
        }
    }
    answers.record(&mut recording)?;
    Ok(recording)
}

impl Log {
    /// What a score is called: by its reducer as well when it was reduced in several ways.
    fn name_of(&self, score: &Score) -> String {
        let scores = self.results.iter().flat_map(|results| &results.scores);
        let same = scores.filter(|other| other.name == score.name).count();
        match &score.reducer {
            Some(reducer) if 1 < same => format!("{}({reducer})", score.name),
            _ => score.name.clone(),
        }
    }
}

impl Sample {
    fn id(&self) -> String {
        match &self.id {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        }
    }

    /// Its number for a score; NaN when it has none, or ended in an error.
    fn number(&self, score: &Score) -> f64 {
        if self.is_errored() {
            return f64::NAN;
        }
        let scored = self.scores.as_ref().and_then(|all| all.get(&score.scorer));
        let value = scored.and_then(|scored| match &scored.value {
            Value::Object(members) => members.get(&score.name),
            value => Some(value),
        });
        value.map_or(f64::NAN, number)
    }

    fn is_errored(&self) -> bool {
        self.error.as_ref().is_some_and(|error| !error.is_null())
    }
}

/// The number of a value, as Inspect takes it: `C` is 1, `P` a half, `I` and `N` are 0.
fn number(value: &Value) -> f64 {
    match value {
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => match text.to_lowercase().as_str() {
            "c" | "yes" | "true" => 1.0,
            "p" => 0.5,
            "i" | "n" | "no" | "false" => 0.0,
            other => other.parse().unwrap_or(f64::NAN),
        },
        other => json::number(other).unwrap_or(f64::NAN),
    }
}

fn metrics<'a>(score: &'a Score, name: &'a str) -> impl Iterator<Item = RecordedMetric> + 'a {
    let error = score.metrics.get("stderr");
    let error = error.and_then(|error| json::number(&error.value));
    score.metrics.iter().map(move |(metric, found)| {
        let value = json::number(&found.value).unwrap_or(f64::NAN);
        let recorded = RecordedMetric {
            rows: score.scored_samples,
            ..RecordedMetric::new(format!("{name}/{metric}"), value)
        };
        match error {
            Some(error) if MEANS.contains(&metric.as_str()) => recorded.standard_error(error),
            Some(_) | None => recorded,
        }
    })
}

fn parameters(eval: &Eval) -> Vec<(String, String)> {
    let mut parameters = vec![
        ("task".to_owned(), eval.task.clone()),
        ("model".to_owned(), eval.model.clone()),
    ];
    for key in ["epochs", "temperature", "seed"] {
        if let Some(value) = eval.config.get(key).filter(|value| !value.is_null()) {
            parameters.push((key.to_owned(), value.to_string()));
        }
    }
    parameters
}

fn shortfalls(log: &Log) -> Vec<String> {
    let mut shortfalls = Vec::new();
    if log.status != "success" {
        shortfalls.push(format!("its status is `{}`", log.status));
    }
    if log.invalidated {
        shortfalls.push("it was marked as not valid".to_owned());
    }
    match &log.results {
        None => shortfalls.push("it has no results".to_owned()),
        Some(results) => {
            if results.completed_samples < results.total_samples {
                shortfalls.push(format!(
                    "{} of {} samples were completed",
                    results.completed_samples, results.total_samples
                ));
            }
            for score in &results.scores {
                let unscored = score.unscored_samples.unwrap_or(0);
                if 0 < unscored {
                    shortfalls.push(format!(
                        "{unscored} samples have no score `{}`",
                        log.name_of(score)
                    ));
                }
            }
        }
    }
    if let Some(samples) = &log.samples {
        let errored = samples.iter().filter(|sample| sample.is_errored()).count();
        if 0 < errored {
            shortfalls.push(format!(
                "{errored} of {} samples ended in an error",
                samples.len()
            ));
        }
        let ids: BTreeSet<String> = samples.iter().map(Sample::id).collect();
        let expected = log.eval.dataset.samples.unwrap_or(ids.len() as u64);
        if (ids.len() as u64) < expected {
            shortfalls.push(format!("{} of {expected} samples were logged", ids.len()));
        }
    }
    for key in ["limit", "sample_id"] {
        if let Some(value) = log.eval.config.get(key).filter(|value| !value.is_null()) {
            shortfalls.push(format!("only some samples were run: `{key}` is {value}"));
        }
    }
    shortfalls
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Content, number, parse};
    use crate::recorded::{Recording, Uncertainty};

    const JSON: &[u8] = include_bytes!("../../fixtures/sources/inspect/toy.json");
    const EVAL: &[u8] = include_bytes!("../../fixtures/sources/inspect/toy.eval");

    fn read(bytes: &[u8]) -> Result<Recording, String> {
        parse(&Content { name: "log", bytes })
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Recording {
        let mut value: Value = serde_json::from_slice(JSON).expect("JSON");
        change(&mut value);
        read(&serde_json::to_vec(&value).expect("JSON")).expect("a log")
    }

    /// Expected: the samples' own results (inspect_ai 0.3.285): one of two answers is right.
    #[test]
    fn both_forms_of_a_log_say_the_same() {
        for bytes in [JSON, EVAL] {
            let recording = read(bytes).expect("a log");
            assert_eq!(recording.system, "Inspect 0.3.285");
            assert_eq!(recording.shortfalls, Vec::<String>::new());
            let metric = recording.metric("exact/mean", None).expect("a number");
            assert_eq!((metric.value, metric.rows), (0.5, Some(2)));
            assert_eq!(metric.uncertainty, Some(Uncertainty::StandardError(0.5)));
            let cases = recording.cases.expect("cases");
            let column = cases.column("exact/mean").expect("a column");
            assert_eq!(column.of_case().get("1"), Some(&1.0));
            assert_eq!(column.of_case().get("2"), Some(&0.0));
        }
    }

    /// Case 9 of the note on peers: an evaluation in error ends with exit code 0.
    #[test]
    fn what_did_not_succeed_is_no_whole_run() {
        for (change, expected) in [
            (json!({"status": "error"}), "its status is `error`"),
            (json!({"status": "started"}), "its status is `started`"),
            (json!({"results": null}), "it has no results"),
            (json!({"invalidated": true}), "not valid"),
        ] {
            let recording = changed(|value| {
                for (key, to) in change.as_object().expect("members") {
                    value[key] = to.clone();
                }
            });
            let said = recording.shortfalls.join("; ");
            assert!(said.contains(expected), "{said}");
        }
        let unscored =
            changed(|value| value["results"]["scores"][0]["unscored_samples"] = json!(1));
        assert!(unscored.shortfalls[0].contains("1 samples have no score"));
        let errored = changed(|value| value["samples"][0]["error"] = json!({"message": "x"}));
        assert!(errored.shortfalls[0].contains("1 of 2 samples ended in an error"));
        let cases = errored.cases.expect("cases");
        assert_eq!(cases.column("exact/mean").expect("a column").without(), 1);
        let limited = changed(|value| value["eval"]["config"]["limit"] = json!(2));
        assert!(limited.shortfalls[0].contains("`limit`"));
    }

    #[test]
    fn letters_are_numbers() {
        for (value, expected) in [
            (json!("C"), 1.0),
            (json!("I"), 0.0),
            (json!("P"), 0.5),
            (json!("N"), 0.0),
            (json!(true), 1.0),
            (json!(0.25), 0.25),
            (json!("0.25"), 0.25),
        ] {
            assert_eq!(number(&value), expected, "{value}");
        }
        assert!(number(&json!("maybe")).is_nan());
        assert!(number(&json!([1])).is_nan());
    }

    #[test]
    fn broken_archives_are_refused() {
        for end in [4, EVAL.len() / 2, EVAL.len() - 1] {
            assert!(read(&EVAL[..end]).is_err(), "{end}");
        }
        // Each byte in turn: an error or the same numbers, never a panic.
        for at in (0..EVAL.len()).step_by(97) {
            let mut bytes = EVAL.to_vec();
            bytes[at] ^= 0x55;
            let _ = read(&bytes);
        }
    }
}
