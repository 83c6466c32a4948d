//! The LM Evaluation Harness: `results_DATE.json`, with the `samples_TASK_DATE.jsonl` of the same run
//! beside it as cases.
//!
//! A name is `task/metric,filter`, as the file writes it: `toy_qa/acc,none`. Cases are paired by the hash
//! of the document; a standard error may be the text "N/A", and then there is none.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::answers::Answers;
use super::{Asked, Gives, Read, Reader, Source, SourceError, json};
use crate::evidence::InputRef;
use crate::io::files;
use crate::metrics::Direction;
use crate::recorded::{RecordedDataset, RecordedMetric, Recording};

/// Directories of models that are looked into below the output directory.
const DIRECTORIES_MAX: usize = 1000;

pub(super) const SOURCE: Source = Source {
    id: "lm_eval",
    title: "LM Evaluation Harness",
    summary: "A `results_DATE.json`, or the directory of `--output_path` with one model in it, of which the last run is read. Numbers are `task/metric,filter`: `toy_qa/acc,none`. With `--log_samples` the cases stand beside it and are paired by `doc_hash`.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "lm-eval 0.4.13",
    read: Reader::Own(read),
};

#[derive(Deserialize)]
struct Results {
    results: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    higher_is_better: BTreeMap<String, BTreeMap<String, Option<bool>>>,
    #[serde(default, rename = "n-samples")]
    samples: BTreeMap<String, Counted>,
    #[serde(default, rename = "n-shot")]
    shots: BTreeMap<String, Value>,
    #[serde(default)]
    versions: BTreeMap<String, Value>,
    #[serde(default)]
    task_hashes: BTreeMap<String, String>,
    config: BTreeMap<String, Value>,
    lm_eval_version: Option<String>,
    model_name: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    original: u64,
    effective: u64,
}

#[derive(Deserialize)]
struct Sample {
    doc_hash: String,
    filter: String,
    metrics: Vec<String>,
    #[serde(flatten)]
    values: BTreeMap<String, Value>,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let locator = results_of(asked)?;
    let malformed = |locator: &str, problem: String| SourceError::Malformed {
        locator: locator.to_owned(),
        source_title: SOURCE.title,
        problem,
    };
    let (bytes, input) = asked.content_of(&locator)?;
    let results = parse(&bytes).map_err(|problem| malformed(&locator, problem))?;
    let mut inputs = vec![input];
    let mut recording = recording(&results);
    let mut answers = Answers::default();
    for (task, counted) in &results.samples {
        let Some((locator, bytes, input)) = samples_of(asked, &locator, task)? else {
            continue;
        };
        inputs.push(input);
        let count = add_samples(task, &bytes, &mut answers)
            .map_err(|problem| malformed(&locator, problem))?;
        if count != counted.effective {
            recording.shortfalls.push(format!(
                "{count} samples of `{task}` were logged, {} were evaluated",
                counted.effective
            ));
        }
    }
    answers
        .record(&mut recording)
        .map_err(|problem| malformed(&locator, problem))?;
    Ok(Read { recording, inputs })
}

/// The file of results: the one named, or the last of the directory named.
fn results_of(asked: &Asked<'_>) -> Result<String, SourceError> {
    if !asked.path().is_dir() {
        return Ok(asked.locator.to_owned());
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let mut look = |directory: String| -> Result<Vec<String>, SourceError> {
        let names = files::names(&asked.root.join(&directory))?;
        let results = names
            .iter()
            .filter(|name| name.starts_with("results_") && name.ends_with(".json"));
        // Names hold the time, and sort by it.
        if let Some(last) = results.max() {
            found.push((directory.clone(), last.clone()));
        }
        Ok(names)
    };
    let root = asked.locator.trim_end_matches('/').to_owned();
    for name in look(root.clone())?.into_iter().take(DIRECTORIES_MAX) {
        let below = format!("{root}/{name}");
        if asked.root.join(&below).is_dir() {
            look(below)?;
        }
    }
    match found.as_slice() {
        [(directory, name)] => Ok(format!("{directory}/{name}")),
        [] => Err(asked.malformed(
            SOURCE.title,
            "there is no `results_DATE.json` in it; run lm_eval with `--output_path`".to_owned(),
        )),
        several => Err(asked.malformed(
            SOURCE.title,
            format!(
                "there are results of {} models in it; name one of them: `{}`",
                several.len(),
                several[0].0
            ),
        )),
    }
}

/// The samples of a task that were logged in the same run, where they were.
fn samples_of(
    asked: &Asked<'_>,
    results: &str,
    task: &str,
) -> Result<Option<(String, Vec<u8>, InputRef)>, SourceError> {
    let (directory, name) = match results.rsplit_once('/') {
        Some((directory, name)) => (format!("{directory}/"), name),
        None => (String::new(), results),
    };
    let date = name
        .strip_prefix("results_")
        .and_then(|name| name.strip_suffix(".json"));
    let Some(date) = date else {
        return Ok(None);
    };
    // A task is called by a file that is not ours: it must not lead out of the directory.
    let name = format!("samples_{task}_{date}.jsonl");
    if name.contains(['/', '\\']) || !Path::new(&asked.root.join(&directory).join(&name)).is_file()
    {
        return Ok(None);
    }
    let locator = format!("{directory}{name}");
    let (bytes, input) = asked.content_of(&locator)?;
    Ok(Some((locator, bytes, input)))
}

fn parse(bytes: &[u8]) -> Result<Results, String> {
    let results: Results = json::parse(bytes)?;
    match results.results.is_empty() {
        true => Err("there is no task in it".to_owned()),
        false => Ok(results),
    }
}

fn recording(results: &Results) -> Recording {
    let version = results.lm_eval_version.as_deref();
    let mut recording = Recording {
        run: results.model_name.clone(),
        ..Recording::by(match version {
            None => "lm-eval".to_owned(),
            Some(version) => format!("lm-eval {version}"),
        })
    };
    for (task, numbers) in &results.results {
        recording.metrics.extend(metrics(results, task, numbers));
    }
    recording.datasets = results
        .task_hashes
        .iter()
        .map(|(task, hash)| RecordedDataset {
            name: task.clone(),
            digest: Some(hash.clone()),
        })
        .collect();
    recording.parameters = parameters(results);
    recording.shortfalls = shortfalls(results);
    recording
}

fn metrics<'a>(
    results: &'a Results,
    task: &'a str,
    numbers: &'a BTreeMap<String, Value>,
) -> impl Iterator<Item = RecordedMetric> + 'a {
    let named = numbers.iter().filter_map(|(key, value)| {
        let (metric, filter) = key.split_once(',')?;
        Some((metric, filter, json::number(value)?))
    });
    let named = named.filter(|(metric, ..)| !metric.ends_with("_stderr"));
    named.map(move |(metric, filter, value)| {
        let mut recorded = RecordedMetric::new(format!("{task}/{metric},{filter}"), value);
        recorded.rows = results.samples.get(task).map(|counted| counted.effective);
        let higher = results.higher_is_better.get(task);
        recorded.direction = higher
            .and_then(|higher| *higher.get(metric)?)
            .map(|higher| match higher {
                true => Direction::HigherIsBetter,
                false => Direction::LowerIsBetter,
            });
        let error = numbers.get(&format!("{metric}_stderr,{filter}"));
        match error.and_then(json::number) {
            Some(error) => recorded.standard_error(error),
            None => recorded,
        }
    })
}

fn parameters(results: &Results) -> Vec<(String, String)> {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let of_run = [
        "model",
        "model_args",
        "gen_kwargs",
        "random_seed",
        "numpy_seed",
        "fewshot_seed",
    ];
    let of_run = of_run.iter().filter_map(|key| {
        let value = results.config.get(*key)?;
        (!value.is_null()).then(|| ((*key).to_owned(), plain(value)))
    });
    let of_tasks = [("n-shot", &results.shots), ("version", &results.versions)];
    let of_tasks = of_tasks.into_iter().flat_map(|(name, values)| {
        let values = values.iter();
        values.map(move |(task, value)| (format!("{task}/{name}"), plain(value)))
    });
    of_run.chain(of_tasks).collect()
}

fn shortfalls(results: &Results) -> Vec<String> {
    let mut shortfalls: Vec<String> = results
        .samples
        .iter()
        .filter(|(_, counted)| counted.effective < counted.original)
        .map(|(task, counted)| {
            format!(
                "{} of {} samples of `{task}` were evaluated",
                counted.effective, counted.original
            )
        })
        .collect();
    let limit = results.config.get("limit").filter(|limit| !limit.is_null());
    if let (Some(limit), true) = (limit, shortfalls.is_empty()) {
        shortfalls.push(format!(
            "the number of samples was limited: `--limit {limit}`"
        ));
    }
    shortfalls
}

/// Adds the numbers of each sample; how many documents there were.
fn add_samples(task: &str, bytes: &[u8], answers: &mut Answers) -> Result<u64, String> {
    let samples: Vec<Sample> = json::parse_lines(bytes)?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for sample in &samples {
        *counts.entry(&sample.filter).or_default() += 1;
        for metric in &sample.metrics {
            // Parts of a number over all samples (perplexity) are lists, and no number of a sample.
            let value = match sample.values.get(metric) {
                None | Some(Value::Null) => f64::NAN,
                Some(Value::Bool(flag)) => f64::from(u8::from(*flag)),
                Some(value) => match json::number(value) {
                    Some(number) => number,
                    None => continue,
                },
            };
            let name = format!("{task}/{metric},{}", sample.filter);
            answers.add(&name, &sample.doc_hash, value)?;
        }
    }
    Ok(counts.values().copied().max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{parse, read, recording};
    use crate::io::World;
    use crate::recorded::{Recording, Uncertainty};
    use crate::sources::{Asked, Read, SourceError};

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sources/lm_eval");
    const RESULTS: &str = "out/results_2026-11-23T14-04-58.666352.json";

    fn asked(locator: &str) -> Result<Read, SourceError> {
        let world = World::with(BTreeMap::new(), chrono::Utc::now);
        read(&Asked {
            world: &world,
            root: Path::new(FIXTURES),
            locator,
            server: None,
            metrics: &[],
        })
    }

    fn of(text: &str) -> Recording {
        recording(&parse(text.as_bytes()).expect("results"))
    }

    /// Expected: the sample's own results (lm-eval 0.4.13).
    #[test]
    fn numbers_and_cases_are_those_of_the_harness() {
        for locator in ["out", RESULTS] {
            let found = asked(locator).expect("results");
            assert_eq!(found.inputs.len(), 3);
            let recording = found.recording;
            assert_eq!(recording.system, "lm-eval 0.4.13");
            assert_eq!(recording.shortfalls, Vec::<String>::new());
            let metric = recording.metric("toy_qa/acc,none", None).expect("a number");
            assert_eq!((metric.value, metric.rows), (0.75, Some(20)));
            assert_eq!(
                metric.uncertainty,
                Some(Uncertainty::StandardError(0.099_339_926_779_878_28))
            );
            let cases = recording.cases.expect("cases");
            let column = cases.column("toy_qa/acc,none").expect("a column");
            let values = column.of_case().values();
            assert_eq!(values.sum::<f64>() / column.of_case().len() as f64, 0.75);
            assert_eq!(column.of_case().len(), 20);
        }
    }

    /// Case 16 of the note on peers: the standard error may be a text.
    #[test]
    fn an_error_that_is_not_known_is_none() {
        let recording = of(
            r#"{"results": {"t": {"acc,none": 0.5, "acc_stderr,none": "N/A", "alias": "t"}}, "higher_is_better": {"t": {"acc": false}}, "config": {}}"#,
        );
        let metric = recording.metric("t/acc,none", None).expect("a number");
        assert_eq!(metric.uncertainty, None);
        assert_eq!(
            metric.direction,
            Some(crate::metrics::Direction::LowerIsBetter)
        );
        assert_eq!(recording.metrics.len(), 1);
    }

    #[test]
    fn part_of_the_samples_is_no_whole_run() {
        let recording = of(
            r#"{"results": {"t": {"acc,none": 0.5}}, "n-samples": {"t": {"original": 10, "effective": 5}}, "config": {"limit": 5.0}}"#,
        );
        assert_eq!(
            recording.shortfalls,
            ["5 of 10 samples of `t` were evaluated"]
        );
    }

    #[test]
    fn what_is_no_results_is_refused() {
        for text in ["", "null", "[]", "{}", r#"{"results": {}, "config": {}}"#] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(asked("tasks").is_err());
        assert!(asked("none").is_err());
    }
}
