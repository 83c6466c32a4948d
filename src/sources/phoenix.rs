//! Phoenix: the runs of an experiment with their annotations, from the file its interface exports or from
//! the server itself.
//!
//! Names are those of the annotations (`hallucination`, its score), `latency_ms`, `error_rate`,
//! `prompt_token_count` and `completion_token_count`. Which runs are missing only the server knows: a file
//! has the runs that are there.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::answers::{Answers, check_size};
use super::{Asked, Gives, Read, Reader, Source, SourceError, json};
use crate::evidence::{InputRef, Sha256, Unit};
use crate::io::http::{Body, Http, Repeat, Reply, Request};
use crate::io::secret::Secret;
use crate::metrics::Direction;
use crate::recorded::{RecordedDataset, RecordedMetric, Recording};

const SERVER: &str = "PHOENIX_COLLECTOR_ENDPOINT";
const KEY: &str = "PHOENIX_API_KEY";

pub(super) const SOURCE: Source = Source {
    id: "phoenix",
    title: "Phoenix",
    summary: "The id of an experiment, read from `server` or `PHOENIX_COLLECTOR_ENDPOINT` with the key in `PHOENIX_API_KEY`; or a file as `/v1/experiments/ID/json` gives it, named `.json`. Numbers are the scores of annotations by their name, `latency_ms`, `error_rate`, `prompt_token_count`, `completion_token_count`. Cases are paired by the id of the example.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "Phoenix 20.26.1",
    read: Reader::Own(read),
};

#[derive(Deserialize)]
struct Run {
    example_id: String,
    error: Option<Value>,
    latency_ms: Option<f64>,
    prompt_token_count: Option<f64>,
    completion_token_count: Option<f64>,
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    name: String,
    score: Option<Value>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Answered {
    data: Experiment,
}

#[derive(Deserialize)]
struct Experiment {
    id: String,
    dataset_id: String,
    dataset_version_id: String,
    repetitions: Option<u64>,
    #[serde(default)]
    metadata: BTreeMap<String, Value>,
    example_count: u64,
    failed_run_count: u64,
    missing_run_count: u64,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    match asked.locator.ends_with(".json") {
        true => of_file(asked),
        false => of_server(asked),
    }
}

fn of_file(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (bytes, input) = asked.content()?;
    let recording = parse(&bytes).map_err(|problem| asked.malformed(SOURCE.title, problem))?;
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

fn of_server(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let server = asked.server.or_else(|| asked.world.variable(SERVER));
    let server = server.ok_or_else(|| {
        SourceError::Setting(format!(
            "no server of Phoenix is known to ask for experiment `{}`; set `server` or `{SERVER}`, or name a `.json` file",
            asked.locator
        ))
    })?;
    let is_id = |letter: char| letter.is_ascii_alphanumeric() || "=-_".contains(letter);
    if asked.locator.is_empty() || !asked.locator.chars().all(is_id) {
        return Err(SourceError::Setting(format!(
            "`{}` is no id of an experiment of Phoenix, which is of letters, digits and `=`",
            asked.locator
        )));
    }
    let key = Secret::from_variable(asked.world, KEY)
        .map_err(|error| SourceError::Setting(error.to_string()))?;
    let http = Http::new(asked.world).map_err(|error| SourceError::Setting(error.to_string()))?;
    let address = format!(
        "{}/v1/experiments/{}",
        server.trim_end_matches('/'),
        asked.locator
    );
    let ask = |url: &str| -> Result<(Reply, InputRef), SourceError> {
        let bearer = key
            .iter()
            .map(|key| key.within(|key| format!("Bearer {key}")));
        let reply = http.send(&Request {
            method: Method::GET,
            url,
            headers: bearer.map(|value| ("authorization", value)).collect(),
            body: Body::Empty,
            repeat: Repeat::Safe,
        })?;
        let input = InputRef {
            locator: url.to_owned(),
            sha256: Sha256::of(&reply.body),
            fetched_at: Some(asked.world.now()),
        };
        Ok((reply, input))
    };
    let (experiment, first) = ask(&address)?;
    let experiment: Answered = experiment.json()?;
    let (runs, second) = ask(&format!("{address}/json"))?;
    let mut recording =
        parse(&runs.body).map_err(|problem| asked.malformed(SOURCE.title, problem))?;
    describe(&experiment.data, &mut recording);
    Ok(Read {
        recording,
        inputs: vec![first, second],
    })
}

/// What the server knows besides the runs.
fn describe(experiment: &Experiment, recording: &mut Recording) {
    recording.run = Some(experiment.id.clone());
    recording.datasets.push(RecordedDataset {
        name: experiment.dataset_id.clone(),
        digest: Some(experiment.dataset_version_id.clone()),
    });
    for (name, value) in &experiment.metadata {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        recording.parameters.push((name.clone(), value));
    }
    let expected = experiment
        .example_count
        .saturating_mul(experiment.repetitions.unwrap_or(1).max(1));
    for (count, what) in [
        (experiment.missing_run_count, "are missing"),
        (experiment.failed_run_count, "failed"),
    ] {
        if 0 < count {
            recording
                .shortfalls
                .push(format!("{count} of {expected} runs {what}"));
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Recording, String> {
    let runs: Vec<Run> = json::parse(bytes)?;
    if runs.is_empty() {
        return Err("there is no run in it".to_owned());
    }
    let mut recording = Recording::by("Phoenix");
    let mut answers = Answers::default();
    let names: BTreeSet<&str> = runs.iter().flat_map(Run::names).collect();
    let annotations: usize = runs.iter().map(|run| run.annotations.len()).sum();
    check_size(runs.len().saturating_add(annotations), names.len())?;
    for run in &runs {
        let id = run.example_id.as_str();
        for name in &names {
            answers.add(name, id, run.score(name))?;
        }
        for (name, value) in [
            ("latency_ms", run.latency_ms),
            ("prompt_token_count", run.prompt_token_count),
            ("completion_token_count", run.completion_token_count),
        ] {
            if let (Some(value), false) = (value, names.contains(name)) {
                answers.add(name, id, value)?;
                answers.describe(name, Direction::LowerIsBetter, Unit::Number);
            }
        }
    }
    let errored = runs.iter().filter(|run| run.is_errored()).count();
    let all = runs.len();
    let rate = RecordedMetric::new("error_rate", errored as f64 / all as f64);
    let rate = rate.unit(Unit::Fraction).of(all as u64);
    recording
        .metrics
        .push(rate.direction(Direction::LowerIsBetter));
    if 0 < errored {
        let said = format!("{errored} of {all} runs ended in an error");
        recording.shortfalls.push(said);
    }
    for name in names {
        let without = runs.iter().filter(|run| !run.score(name).is_finite());
        let without = without.count();
        if 0 < without {
            let said = format!("{without} of {all} runs have no score of `{name}`");
            recording.shortfalls.push(said);
        }
    }
    answers.record(&mut recording)?;
    Ok(recording)
}

impl Run {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.annotations
            .iter()
            .map(|annotation| annotation.name.as_str())
    }

    fn is_errored(&self) -> bool {
        self.error.as_ref().is_some_and(|error| !error.is_null())
    }

    /// The mean score of the annotations of this name; NaN when one of them has none or ended in an error.
    fn score(&self, name: &str) -> f64 {
        let of_name = self.annotations.iter().filter(|other| other.name == name);
        let scores = of_name.map(|annotation| {
            let errored = annotation
                .error
                .as_ref()
                .is_some_and(|error| !error.is_null());
            let score = annotation.score.as_ref().and_then(json::number);
            if errored {
                f64::NAN
            } else {
                score.unwrap_or(f64::NAN)
            }
        });
        let scores: Vec<f64> = scores.collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, describe, parse};
    use crate::recorded::Recording;

    const RUNS: &[u8] = include_bytes!("../../fixtures/sources/phoenix/export.json");
    const EXPERIMENT: &str = include_str!("../../fixtures/sources/phoenix/experiment.json");

    fn described(text: &str) -> Recording {
        let answered: Answered = serde_json::from_str(text).expect("an experiment");
        let mut recording = parse(RUNS).expect("runs");
        describe(&answered.data, &mut recording);
        recording
    }

    /// Expected: the sample's own annotations (Phoenix 20.26.1): scores 0 and 1, one second each.
    #[test]
    fn annotations_are_the_numbers_of_the_runs() {
        let recording = described(EXPERIMENT);
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        for (name, expected) in [
            ("hallucination", 0.5),
            ("latency_ms", 1000.0),
            ("error_rate", 0.0),
        ] {
            let metric = recording.metric(name, None).expect(name);
            assert_eq!((metric.value, metric.rows), (expected, Some(2)));
        }
        let version = ("prompt_version".to_owned(), "v2".to_owned());
        assert!(recording.parameters.contains(&version));
    }

    #[test]
    fn missing_and_failed_runs_are_shortfalls() {
        let text = EXPERIMENT.replace("\"missing_run_count\":0", "\"missing_run_count\":1");
        assert_eq!(described(&text).shortfalls, ["1 of 2 runs are missing"]);
        let text = std::str::from_utf8(RUNS).expect("UTF-8");
        let errored = text.replacen("\"error\": null", "\"error\": \"x\"", 1);
        let recording = parse(errored.as_bytes()).expect("runs");
        assert_eq!(recording.shortfalls, ["1 of 2 runs ended in an error"]);
        let unscored = text.replacen("\"score\": 0.0", "\"score\": null", 1);
        let recording = parse(unscored.as_bytes()).expect("runs");
        assert_eq!(
            recording.shortfalls,
            ["1 of 2 runs have no score of `hallucination`"]
        );
        assert_eq!(recording.metric("hallucination", None), None);
    }

    #[test]
    fn what_is_no_export_is_refused() {
        for text in ["", "null", "[]", "{}", "[{}]", "[1]"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
