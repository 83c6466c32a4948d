//! DeepEval: the `test_run_DATE.json` it writes when `DEEPEVAL_RESULTS_FOLDER` is set.
//!
//! A name is that of the metric (`ExactMatch`, the mean score) or `ExactMatch/pass_rate`. A metric that
//! raised an error is neither passed nor failed. A case is the same in two runs when what it asks and
//! expects is: its name is its place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::answers::{Answers, identity};
use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "deepeval",
    title: "DeepEval",
    summary: "A `test_run_DATE.json` of the directory `DEEPEVAL_RESULTS_FOLDER`. Numbers are the mean score by the name of the metric and `METRIC/pass_rate`; a verdict is `case / METRIC`. Cases are paired by input, expected output and context.",
    gives: &[Gives::Metrics, Gives::Cases, Gives::Verdicts],
    reference: "DeepEval 4.3.1",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestRun {
    test_cases: Vec<TestCase>,
    #[serde(default)]
    conversational_test_cases: Vec<TestCase>,
    metrics_scores: Vec<MetricScores>,
    hyperparameters: Option<BTreeMap<String, Value>>,
    test_passed: Option<u64>,
    test_failed: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestCase {
    name: String,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    expected_output: Value,
    #[serde(default)]
    context: Value,
    #[serde(default)]
    scenario: Value,
    #[serde(default)]
    expected_outcome: Value,
    #[serde(default)]
    flaky: bool,
    metrics_data: Option<Vec<MetricData>>,
}

#[derive(Deserialize)]
struct MetricData {
    name: String,
    success: Option<bool>,
    score: Option<Value>,
    reason: Option<String>,
    error: Option<String>,
    #[serde(default)]
    flaky: bool,
    #[serde(default)]
    skipped: bool,
}

#[derive(Deserialize)]
struct MetricScores {
    metric: String,
    passes: u64,
    fails: u64,
    errors: u64,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let run: TestRun = json::parse(content.bytes)?;
    let mut recording = Recording::by("DeepEval");
    let mut answers = Answers::default();
    let mut without = 0_u64;
    let mut of_metric: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for case in run.cases() {
        let id = case.id();
        let data = case.metrics_data.as_deref().unwrap_or_default();
        without += u64::from(data.is_empty());
        for metric in data {
            let said = metric.said(case.flaky);
            let place = match said {
                Said::Passed => 0,
                Said::Failed | Said::Warned => 1,
                Said::Errored | Said::Skipped => 2,
            };
            of_metric.entry(metric.name.clone()).or_default()[place] += 1;
            let score = metric.score.as_ref().and_then(json::number);
            let (score, passed) = match place {
                2 => (f64::NAN, f64::NAN),
                place => (score.unwrap_or(f64::NAN), f64::from(u8::from(place == 0))),
            };
            answers.add(&metric.name, &id, score)?;
            answers.add(&format!("{}/pass_rate", metric.name), &id, passed)?;
            recording.verdicts.push(RecordedVerdict {
                name: format!("{} ({id}) / {}", case.name, metric.name),
                outcome: said,
                message: metric.error.clone().or_else(|| metric.reason.clone()),
            });
        }
    }
    for (name, [passed, failed, errored]) in &of_metric {
        let all = passed + failed + errored;
        let rate = RecordedMetric::new(format!("{name}/pass_rate"), *passed as f64 / all as f64);
        let rate = rate.unit(Unit::Fraction).of(all);
        let rate = rate.direction(Direction::HigherIsBetter);
        recording.metrics.push(rate);
    }
    recording.shortfalls = run.shortfalls(without, &of_metric);
    recording.parameters = run.parameters();
    answers.record(&mut recording)?;
    Ok(recording)
}

impl TestRun {
    fn cases(&self) -> impl Iterator<Item = &TestCase> {
        self.test_cases
            .iter()
            .chain(&self.conversational_test_cases)
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let parameters = self.hyperparameters.iter().flatten();
        let plain = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        parameters
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect()
    }

    fn shortfalls(&self, without: u64, of_metric: &BTreeMap<String, [u64; 3]>) -> Vec<String> {
        let mut shortfalls = Vec::new();
        let all = self.cases().count() as u64;
        if 0 < without {
            shortfalls.push(format!("{without} of {all} cases were not measured"));
        }
        for (name, [passed, failed, errored]) in of_metric {
            if 0 < *errored {
                let all = passed + failed + errored;
                shortfalls.push(format!(
                    "`{name}` ended in an error or was skipped for {errored} of {all} cases"
                ));
            }
        }
        for counted in &self.metrics_scores {
            let [passed, failed, errored] =
                of_metric.get(&counted.metric).copied().unwrap_or_default();
            let rows = passed + failed + errored;
            let said = [counted.fails, counted.errors]
                .into_iter()
                .fold(counted.passes, u64::saturating_add);
            if rows != said {
                shortfalls.push(format!(
                    "`{}` was measured {said} times, {rows} are recorded",
                    counted.metric
                ));
            }
        }
        if let (Some(passed), Some(failed)) = (self.test_passed, self.test_failed)
            && passed.saturating_add(failed) < all
        {
            let judged = passed.saturating_add(failed);
            shortfalls.push(format!("{judged} of {all} cases have a verdict"));
        }
        shortfalls
    }
}

impl TestCase {
    fn id(&self) -> String {
        let asked = [
            &self.input,
            &self.expected_output,
            &self.context,
            &self.scenario,
            &self.expected_outcome,
        ];
        let asked = asked.map(Value::to_string);
        identity(&asked.join("\n"))
    }
}

impl MetricData {
    fn said(&self, flaky_case: bool) -> Said {
        match self.success {
            _ if self.error.is_some() => Said::Errored,
            _ if self.skipped => Said::Skipped,
            None => Said::Errored,
            Some(true) => Said::Passed,
            // What is declared flaky is left out of the verdict by DeepEval itself.
            Some(false) if self.flaky || flaky_case => Said::Warned,
            Some(false) => Said::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Content, parse};
    use crate::recorded::{Recording, Said};

    const SAMPLE: &[u8] = include_bytes!("../../fixtures/sources/deepeval/test_run.json");

    fn changed(change: impl FnOnce(&mut Value)) -> Recording {
        let mut value: Value = serde_json::from_slice(SAMPLE).expect("JSON");
        change(&mut value);
        let bytes = serde_json::to_vec(&value).expect("JSON");
        let name = "test_run.json";
        parse(&Content {
            name,
            bytes: &bytes,
        })
        .expect("a test run")
    }

    /// Expected: the sample's own `metricsScores` (DeepEval 4.3.1): scores 1 and 0, one passed.
    #[test]
    fn scores_and_verdicts_are_those_of_the_run() {
        let recording = changed(|_| {});
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        for name in ["ExactMatch", "ExactMatch/pass_rate"] {
            let metric = recording.metric(name, None).expect(name);
            assert_eq!((metric.value, metric.rows), (0.5, Some(2)));
        }
        let said: Vec<Said> = recording.verdicts.iter().map(|said| said.outcome).collect();
        assert_eq!(said, [Said::Passed, Said::Failed]);
        let prompt = ("prompt_version".to_owned(), "v2".to_owned());
        assert!(recording.parameters.contains(&prompt));
    }

    #[test]
    fn errors_are_no_failures() {
        let recording = changed(|value| {
            let metric = &mut value["testCases"][1]["metricsData"][0];
            metric["error"] = json!("the judge did not answer");
            metric["success"] = json!(false);
        });
        assert_eq!(recording.verdicts[1].outcome, Said::Errored);
        assert!(recording.shortfalls[0].contains("1 of 2 cases"));
        assert_eq!(recording.metric("ExactMatch", None), None);
        let unmeasured = changed(|value| value["testCases"][1]["metricsData"] = json!(null));
        assert!(unmeasured.shortfalls[0].contains("1 of 2 cases were not measured"));
    }

    #[test]
    fn what_is_declared_flaky_is_a_warning() {
        let recording = changed(|value| value["testCases"][1]["flaky"] = json!(true));
        assert_eq!(recording.verdicts[1].outcome, Said::Warned);
    }
}
