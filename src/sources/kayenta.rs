//! Kayenta: the analysis of a canary (`GET /canary/ID`).

use serde::Deserialize;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "kayenta",
    title: "Kayenta",
    summary: "The analysis of a canary. `score` is its score; a verdict for each metric, and `score` for the whole.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "the API of Spinnaker Kayenta",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Canary {
    complete: bool,
    status: String,
    result: Option<Analysis>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    judge_result: Judged,
}

#[derive(Deserialize)]
struct Judged {
    #[serde(default)]
    results: Vec<Metric>,
    score: Score,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    classification: String,
    #[serde(default)]
    muted: bool,
}

#[derive(Deserialize)]
struct Score {
    score: f64,
    classification: String,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let canary: Canary = json::parse(content.bytes)?;
    let mut recording = Recording::by("Kayenta");
    if !canary.complete || canary.status != "succeeded" {
        let status = &canary.status;
        recording.shortfalls.push(format!(
            "the analysis is not complete: its status is `{status}`"
        ));
    }
    let Some(analysis) = canary.result else {
        return Ok(recording);
    };
    let judged = analysis.judge_result;
    for metric in judged.results {
        recording.verdicts.push(RecordedVerdict {
            name: metric.name,
            outcome: match (metric.muted, metric.classification.as_str()) {
                (true, _) => Said::Skipped,
                (false, "Pass") => Said::Passed,
                (false, "High" | "Low") => Said::Failed,
                // Without data Kayenta scores 100: nothing was compared.
                (false, _) => Said::Errored,
            },
            message: None,
        });
    }
    recording
        .metrics
        .push(RecordedMetric::new("score", judged.score.score));
    recording.verdicts.push(RecordedVerdict {
        name: "score".to_owned(),
        outcome: match judged.score.classification.as_str() {
            "Pass" => Said::Passed,
            "Marginal" => Said::Warned,
            _ => Said::Failed,
        },
        message: None,
    });
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::Said;

    /// Case 10 of the note on peers: a metric without data is a pass there.
    #[test]
    fn a_metric_without_data_has_not_passed() {
        let text = br#"{"complete": true, "status": "succeeded", "result": {"judgeResult": {
            "results": [{"name": "error_rate", "classification": "High"}, {"name": "latency", "classification": "Nodata"}],
            "score": {"score": 50.0, "classification": "Marginal"}}}}"#;
        let content = Content {
            name: "canary.json",
            bytes: text,
        };
        let recording = parse(&content).expect("an analysis");
        let outcomes: Vec<_> = recording
            .verdicts
            .iter()
            .map(|verdict| verdict.outcome)
            .collect();
        assert_eq!(outcomes, [Said::Failed, Said::Errored, Said::Warned]);
        assert!(recording.shortfalls.is_empty());
    }
}
