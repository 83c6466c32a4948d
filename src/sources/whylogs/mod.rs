//! whylogs: a profile ([`profile`]), its summary as `to_pandas().to_csv()` writes it, or the report of
//! constraints.

mod kll;
mod profile;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Asked, Content, Gives, Read, Reader, Source, SourceError, json};
use crate::engines::Columns;
use crate::evidence::{InputRef, Unit};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

const TITLE: &str = "whylogs";

pub(super) const SOURCE: Source = Source {
    id: "whylogs",
    title: TITLE,
    summary: "`.bin` of `profile.view().write()`, or `.csv` of `profile.view().to_pandas()`, whose numbers are called by column and metric, `age.distribution/mean`, `age.counts/null` (of a `.bin` without those of `cardinality` and `frequent_items`); or `.json` of `generate_constraints_report()`.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "whylogs 1.6.4",
    read: Reader::Own(read),
};

/// Numbers taken from one file.
const NUMBERS_MAX: usize = 100_000;

/// A constraint: `ReportResult(name, passed, failed, summary)`, as a list or by its names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Report {
    Fields(String, u64, u64, IgnoredAny),
    Named {
        name: String,
        passed: u64,
        failed: u64,
    },
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let malformed = |problem| asked.malformed(TITLE, problem);
    if asked.locator.ends_with(".json") {
        let (bytes, input) = asked.content()?;
        let content = Content {
            name: asked.locator,
            bytes: &bytes,
        };
        return Ok(Read {
            recording: constraints(&content).map_err(malformed)?,
            inputs: vec![input],
        });
    }
    if asked.locator.ends_with(".bin") {
        let (bytes, input) = asked.content()?;
        let recording = profile::parse(&bytes).map_err(malformed)?;
        return checked(asked, recording, input);
    }
    let (columns, input) = asked.columns(asked.locator, None)?;
    let recording = Recording {
        metrics: summary(&columns)?,
        ..Recording::by(TITLE)
    };
    checked(asked, recording, input)
}

/// What was read, when it is as many numbers as a profile has.
fn checked(asked: &Asked<'_>, recording: Recording, input: InputRef) -> Result<Read, SourceError> {
    let metrics = &recording.metrics;
    if metrics.is_empty() || NUMBERS_MAX < metrics.len() {
        let problem = format!(
            "there are {} numbers in it, expected 1 to {NUMBERS_MAX}",
            metrics.len()
        );
        return Err(asked.malformed(TITLE, problem));
    }
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

/// What a metric is counted in.
fn unit(path: &str) -> Unit {
    match path.split('/').next() {
        Some("counts" | "types") => Unit::Count,
        Some(_) | None => Unit::Number,
    }
}

fn summary(columns: &Columns) -> Result<Vec<RecordedMetric>, SourceError> {
    let names = columns.texts("column")?;
    let counts = columns.texts("counts/n")?;
    let mut metrics = Vec::new();
    for metric in columns.names().iter().filter(|name| name.contains('/')) {
        let values = columns.texts(metric)?;
        for ((name, count), value) in names.iter().zip(&counts).zip(values) {
            let number = value.and_then(|value| value.parse::<f64>().ok());
            let (Some(name), Some(number)) = (name, number) else {
                continue;
            };
            let rows = count.as_ref().and_then(|count| count.parse().ok());
            let found = RecordedMetric::new(format!("{name}.{metric}"), number).unit(unit(metric));
            metrics.push(RecordedMetric { rows, ..found });
        }
    }
    Ok(metrics)
}

fn constraints(content: &Content<'_>) -> Result<Recording, String> {
    let reports: Vec<Report> = json::parse(content.bytes)?;
    if reports.is_empty() {
        return Err("there is no constraint in it".to_owned());
    }
    let verdict = |report: Report| {
        let (name, passed, failed) = match report {
            Report::Fields(name, passed, failed, _) => (name, passed, failed),
            Report::Named {
                name,
                passed,
                failed,
            } => (name, passed, failed),
        };
        RecordedVerdict {
            name,
            outcome: match (passed, failed) {
                (0, 0) => Said::Skipped,
                (_, 0) => Said::Passed,
                (_, _) => Said::Failed,
            },
            message: None,
        }
    };
    Ok(Recording {
        verdicts: reports.into_iter().map(verdict).collect(),
        ..Recording::by(TITLE)
    })
}

#[cfg(test)]
mod tests;
