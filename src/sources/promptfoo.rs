//! promptfoo: the `results.json` of `promptfoo eval -o results.json`, version 3 of its results.
//!
//! One file holds every prompt with every provider. With several of them a name is `prompt/number`,
//! `prompt/provider/number` with several providers: `v2/openai:gpt-5/pass_rate`. The prompt is called by
//! its label, or `prompt-1` by its place when the label is the text of the prompt itself.
//! A test is the same in two runs when its variables and assertions are: places in the file shift when
//! tests are added, and repetitions have places of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::answers::{Answers, identity};
use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

/// The version of results that is read.
const VERSION: u64 = 3;

/// `failureReason` of a test that could not be run (promptfoo, `ResultFailureReason.ERROR`).
const REASON_ERROR: u64 = 2;

/// Prompts, each counted once for each provider.
const PROMPTS_MAX: usize = 1000;

/// Characters of a label that is a name and not a text.
const LABEL_MAX: usize = 80;

pub(super) const SOURCE: Source = Source {
    id: "promptfoo",
    title: "promptfoo",
    summary: "The `results.json` of `promptfoo eval -o results.json`. Numbers of a prompt: `pass_rate`, `error_rate`, `cached_rate`, `score`, `latency_ms`, `cost`, `tokens`, `cost_total`, `tokens_total`, `namedScores.NAME`; with several prompts `LABEL/pass_rate`, with several providers `LABEL/PROVIDER/pass_rate`. Cases are paired by variables and assertions.",
    gives: &[Gives::Metrics, Gives::Cases, Gives::Verdicts],
    reference: "promptfoo 0.121.20, results version 3",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Export {
    eval_id: Option<String>,
    results: Results,
    metadata: Option<Metadata>,
    runtime_options: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    promptfoo_version: Option<String>,
}

#[derive(Deserialize)]
struct Results {
    version: u64,
    prompts: Vec<Prompt>,
    results: Vec<Row>,
    stats: Stats,
}

#[derive(Deserialize)]
struct Prompt {
    id: Option<String>,
    #[serde(default)]
    raw: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    provider: String,
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    test_pass_count: u64,
    test_fail_count: u64,
    #[serde(default)]
    test_error_count: u64,
    cost: Option<Value>,
    token_usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Tokens {
    total: Option<f64>,
}

#[derive(Deserialize)]
struct Stats {
    successes: u64,
    failures: u64,
    #[serde(default)]
    errors: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    success: bool,
    score: Value,
    failure_reason: Option<u64>,
    latency_ms: Option<Value>,
    cost: Option<Value>,
    named_scores: Option<BTreeMap<String, Value>>,
    grading_result: Option<Grading>,
    error: Option<String>,
    prompt_idx: usize,
    test_idx: u64,
    vars: Option<Value>,
    test_case: Option<TestCase>,
    response: Option<Response>,
    token_usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Grading {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct TestCase {
    vars: Option<Value>,
    assert: Option<Value>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    cached: bool,
}

/// What is counted of one prompt with one provider.
#[derive(Clone, Default)]
struct Counts {
    passed: u64,
    failed: u64,
    errored: u64,
    cached: u64,
}

impl Counts {
    fn all(&self) -> u64 {
        self.passed + self.failed + self.errored
    }
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let export: Export = json::parse(content.bytes)?;
    let results = &export.results;
    if results.version != VERSION {
        return Err(format!(
            "its results are of version {}, expected {VERSION}; write them with `promptfoo eval -o results.json`",
            results.version
        ));
    }
    if PROMPTS_MAX < results.prompts.len() {
        return Err(format!("there are more than {PROMPTS_MAX} prompts in it"));
    }
    let version = export.metadata.and_then(|data| data.promptfoo_version);
    let mut recording = Recording {
        run: export.eval_id,
        ..Recording::by(match version {
            None => "promptfoo".to_owned(),
            Some(version) => format!("promptfoo {version}"),
        })
    };
    let prefixes = prefixes(&results.prompts);
    let mut counts = vec![Counts::default(); results.prompts.len()];
    let mut answers = Answers::default();
    for row in &results.results {
        let (Some(prefix), Some(count)) =
            (prefixes.get(row.prompt_idx), counts.get_mut(row.prompt_idx))
        else {
            return Err(format!(
                "test {} is of prompt {}, of which there are {}",
                row.test_idx,
                row.prompt_idx,
                prefixes.len()
            ));
        };
        let id = row.id();
        let said = row.said();
        count.add(
            said,
            row.response.as_ref().is_some_and(|reply| reply.cached),
        );
        row.numbers(prefix, &id, said, &mut answers)?;
        recording.verdicts.push(RecordedVerdict {
            name: format!("{prefix}test {} ({id})", row.test_idx + 1),
            outcome: said,
            message: row.message(),
        });
    }
    for ((prompt, prefix), count) in results.prompts.iter().zip(&prefixes).zip(&counts) {
        describe(prefix, &mut answers);
        recording.metrics.extend(metrics(prompt, prefix, count));
        recording.parameters.extend(parameters(prompt, prefix));
    }
    recording.shortfalls = shortfalls(results, &prefixes, &counts, export.runtime_options.as_ref());
    answers.record(&mut recording)?;
    Ok(recording)
}

impl Counts {
    fn add(&mut self, said: Said, cached: bool) {
        match said {
            Said::Passed => self.passed += 1,
            Said::Failed | Said::Warned => self.failed += 1,
            Said::Errored | Said::Skipped => self.errored += 1,
        }
        self.cached += u64::from(cached);
    }
}

impl Row {
    fn said(&self) -> Said {
        match (self.failure_reason, self.success) {
            (Some(REASON_ERROR), _) => Said::Errored,
            (_, true) => Said::Passed,
            (_, false) => Said::Failed,
        }
    }

    fn id(&self) -> String {
        let test = self.test_case.as_ref();
        let vars = test.and_then(|test| test.vars.as_ref());
        let vars = vars.or(self.vars.as_ref()).unwrap_or(&Value::Null);
        let assert = test.and_then(|test| test.assert.as_ref());
        identity(&format!("{vars}\n{}", assert.unwrap_or(&Value::Null)))
    }

    fn message(&self) -> Option<String> {
        let graded = self.grading_result.as_ref();
        let reason = graded.and_then(|graded| graded.reason.clone());
        self.error.clone().or(reason)
    }

    fn numbers(
        &self,
        prefix: &str,
        id: &str,
        said: Said,
        answers: &mut Answers,
    ) -> Result<(), String> {
        let number = |value: Option<&Value>| value.and_then(json::number).unwrap_or(f64::NAN);
        let graded = |value: f64| match said {
            Said::Errored => f64::NAN,
            Said::Passed | Said::Warned | Said::Failed | Said::Skipped => value,
        };
        let passed = f64::from(u8::from(said == Said::Passed));
        answers.add(&format!("{prefix}pass_rate"), id, graded(passed))?;
        let score = graded(number(Some(&self.score)));
        answers.add(&format!("{prefix}score"), id, score)?;
        let latency = number(self.latency_ms.as_ref());
        answers.add(&format!("{prefix}latency_ms"), id, latency)?;
        answers.add(&format!("{prefix}cost"), id, number(self.cost.as_ref()))?;
        let tokens = self.token_usage.as_ref().and_then(|usage| usage.total);
        let tokens = tokens.unwrap_or(f64::NAN);
        answers.add(&format!("{prefix}tokens"), id, tokens)?;
        for (name, value) in self.named_scores.iter().flatten() {
            let name = format!("{prefix}namedScores.{name}");
            answers.add(&name, id, graded(number(Some(value))))?;
        }
        Ok(())
    }
}

/// What stands before the names of the numbers of each prompt: nothing when there is only one.
fn prefixes(prompts: &[Prompt]) -> Vec<String> {
    let providers: BTreeSet<&str> = prompts
        .iter()
        .map(|prompt| prompt.provider.as_str())
        .collect();
    let texts = {
        let mut texts: Vec<(&str, &str)> = Vec::new();
        for prompt in prompts {
            let text = (prompt.label.as_str(), prompt.raw.as_str());
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut prefixes = Vec::with_capacity(prompts.len());
    for (index, prompt) in prompts.iter().enumerate() {
        if prompts.len() == 1 {
            return vec![String::new()];
        }
        let text = (prompt.label.as_str(), prompt.raw.as_str());
        let place = texts
            .iter()
            .position(|other| *other == text)
            .unwrap_or(index);
        let label = match prompt.label() {
            Some(label) => label.to_owned(),
            None => format!("prompt-{}", place + 1),
        };
        let name = match providers.len() {
            0 | 1 => label,
            _ => format!("{label}/{}", prompt.provider),
        };
        let name = match taken.contains(&name) {
            true => format!("{name}#{}", index + 1),
            false => name,
        };
        taken.insert(name.clone());
        prefixes.push(format!("{name}/"));
    }
    prefixes
}

impl Prompt {
    /// What its author calls it; `None` when the label is the text itself. promptfoo calls a prompt of a
    /// file `file: text`.
    fn label(&self) -> Option<&str> {
        let label = match self.raw.as_str() {
            "" => self.label.as_str(),
            raw => self.label.strip_suffix(raw).unwrap_or(&self.label),
        };
        let label = label.trim().trim_end_matches(':');
        let is_name = !label.is_empty()
            && label.chars().count() <= LABEL_MAX
            && !label.contains(|letter: char| letter.is_control());
        is_name.then_some(label)
    }
}

fn describe(prefix: &str, answers: &mut Answers) {
    let higher = Direction::HigherIsBetter;
    let lower = Direction::LowerIsBetter;
    for (name, direction, unit) in [
        ("score", higher, Unit::Number),
        ("latency_ms", lower, Unit::Number),
        ("cost", lower, Unit::Number),
        ("tokens", lower, Unit::Number),
    ] {
        answers.describe(&format!("{prefix}{name}"), direction, unit);
    }
}

/// The numbers over all tests of a prompt. A test with an error has not passed, and is counted apart.
fn metrics(prompt: &Prompt, prefix: &str, count: &Counts) -> Vec<RecordedMetric> {
    let all = count.all();
    let mut metrics = Vec::new();
    if 0 < all {
        let share = |name: &str, part: u64, direction| {
            RecordedMetric::new(format!("{prefix}{name}"), part as f64 / all as f64)
                .unit(Unit::Fraction)
                .of(all)
                .direction(direction)
        };
        metrics.push(share("pass_rate", count.passed, Direction::HigherIsBetter));
        metrics.push(share("error_rate", count.errored, Direction::LowerIsBetter));
        metrics.push(share("cached_rate", count.cached, Direction::Neither));
    }
    if let Some(recorded) = &prompt.metrics {
        let tokens = recorded.token_usage.as_ref().and_then(|usage| usage.total);
        let cost = recorded.cost.as_ref().and_then(json::number);
        for (name, value) in [("cost_total", cost), ("tokens_total", tokens)] {
            let metric = value.map(|value| {
                RecordedMetric::new(format!("{prefix}{name}"), value)
                    .direction(Direction::LowerIsBetter)
            });
            metrics.extend(metric);
        }
    }
    metrics
}

fn parameters(prompt: &Prompt, prefix: &str) -> Vec<(String, String)> {
    let id = prompt.id.iter();
    let mut parameters: Vec<(String, String)> = id
        .map(|id| (format!("{prefix}prompt id"), id.clone()))
        .collect();
    parameters.push((format!("{prefix}provider"), prompt.provider.clone()));
    parameters
}

fn shortfalls(
    results: &Results,
    prefixes: &[String],
    counts: &[Counts],
    options: Option<&BTreeMap<String, Value>>,
) -> Vec<String> {
    let mut shortfalls = Vec::new();
    let all: u64 = counts.iter().map(Counts::all).sum();
    let errored: u64 = counts.iter().map(|count| count.errored).sum();
    if 0 < errored {
        shortfalls.push(format!("{errored} of {all} tests ended in an error"));
    }
    let most = counts.iter().map(Counts::all).max().unwrap_or(0);
    for (prefix, count) in prefixes.iter().zip(counts) {
        if count.all() < most {
            let name = prefix.trim_end_matches('/');
            shortfalls.push(format!(
                "`{name}` has {} tests, others have {most}",
                count.all()
            ));
        }
    }
    let told = |passed: u64, failed: u64, errored: u64| (passed, failed, errored);
    let stats = &results.stats;
    let sums = counts
        .iter()
        .fold((0, 0, 0), |(passed, failed, errored), count| {
            (
                passed + count.passed,
                failed + count.failed,
                errored + count.errored,
            )
        });
    if told(stats.successes, stats.failures, stats.errors) != sums {
        shortfalls.push(format!(
            "it counts {} passed, {} failed and {} with errors, its rows are {}, {} and {}",
            stats.successes, stats.failures, stats.errors, sums.0, sums.1, sums.2
        ));
    }
    for ((prompt, prefix), count) in results.prompts.iter().zip(prefixes).zip(counts) {
        let agrees = prompt.metrics.as_ref().is_some_and(|metrics| {
            metrics.test_pass_count == count.passed
                && metrics.test_fail_count == count.failed
                && metrics.test_error_count == count.errored
        });
        if !agrees {
            let name = prefix.trim_end_matches('/');
            shortfalls.push(format!(
                "the counts of the prompt `{name}` are not those of its rows"
            ));
        }
    }
    let filtered = options.into_iter().flatten();
    for (name, value) in filtered {
        if name.starts_with("filter") && !value.is_null() {
            shortfalls.push(format!("only some tests were run: `{name}` is set"));
        }
    }
    shortfalls
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Content, parse};
    use crate::recorded::{Recording, Said};

    const SAMPLE: &[u8] = include_bytes!("../../fixtures/sources/promptfoo/results.json");

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "results.json",
            bytes,
        };
        parse(&content).expect("results of promptfoo")
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Recording {
        let mut value: Value = serde_json::from_slice(SAMPLE).expect("JSON");
        change(&mut value);
        read(&serde_json::to_vec(&value).expect("JSON"))
    }

    /// Expected: the sample's own `prompts[].metrics` (promptfoo 0.121.20): one of two tests passed for
    /// each prompt, scores 1.6667 and 0.8889 together, 9 and 3 ms together.
    #[test]
    fn each_prompt_has_its_own_numbers() {
        let recording = read(SAMPLE);
        assert_eq!(recording.system, "promptfoo 0.121.20");
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        for (name, expected) in [
            ("prompt-1/pass_rate", 0.5),
            ("prompt-2/pass_rate", 0.5),
            ("prompt-1/score", 1.666_666_666_666_666_5 / 2.0),
            ("prompt-2/score", 0.888_888_888_888_888_8 / 2.0),
            ("prompt-1/latency_ms", 4.5),
            ("prompt-2/latency_ms", 1.5),
            ("prompt-1/namedScores.contains_word", 1.0),
            ("prompt-1/error_rate", 0.0),
            ("prompt-1/cost_total", 0.0),
        ] {
            let value = recording.metric(name, None).expect(name).value;
            assert!((value - expected).abs() < 1e-12, "{name} {value}");
        }
        let failed = recording.verdicts.iter();
        assert_eq!(
            failed.filter(|said| said.outcome == Said::Failed).count(),
            2
        );
        let cases = recording.cases.expect("cases");
        let (first, second) = (
            cases.column("prompt-1/score").expect("scores"),
            cases.column("prompt-2/score").expect("scores"),
        );
        assert!(first.of_case().keys().eq(second.of_case().keys()));
    }

    /// Case 6 of the note on peers: a run of errors only passes with promptfoo's own threshold of 0.
    #[test]
    fn errors_are_no_failures_and_no_passes() {
        let recording = changed(|value| {
            value["results"]["results"][0]["failureReason"] = json!(2);
            value["results"]["results"][0]["success"] = json!(false);
        });
        let errored = recording.verdicts.iter();
        assert_eq!(
            errored.filter(|said| said.outcome == Said::Errored).count(),
            1
        );
        assert!(recording.shortfalls[0].contains("1 of 4 tests ended in an error"));
        let cases = recording.cases.expect("cases");
        let column = cases.column("prompt-1/pass_rate").expect("a column");
        assert_eq!(column.without(), 1);
    }

    #[test]
    fn part_of_a_run_is_no_run() {
        let missing = changed(|value| {
            let rows = value["results"]["results"].as_array_mut().expect("rows");
            rows.pop();
        });
        assert!(!missing.shortfalls.is_empty());
        let filtered = changed(|value| value["runtimeOptions"]["filterSample"] = json!(1));
        assert!(filtered.shortfalls[0].contains("filterSample"));
    }

    #[test]
    fn labels_that_are_texts_are_not_names() {
        let recording = changed(|value| {
            value["results"]["prompts"][0]["label"] = json!("prompts/a.txt: Say: {{word}}");
            value["results"]["prompts"][1]["provider"] = json!("other");
        });
        assert!(recording.metric("prompts/a.txt/echo/score", None).is_some());
        assert!(recording.metric("prompt-2/other/score", None).is_some());
    }

    #[test]
    fn other_versions_are_refused() {
        let mut value: Value = serde_json::from_slice(SAMPLE).expect("JSON");
        value["results"]["version"] = json!(2);
        let bytes = serde_json::to_vec(&value).expect("JSON");
        let content = Content {
            name: "results.json",
            bytes: &bytes,
        };
        let problem = parse(&content).expect_err("another version");
        assert!(problem.contains("version 2"), "{problem}");
    }
}
