//! vegeta: a load test of HTTP, `vegeta report -type=json`. It writes nanoseconds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "vegeta",
    title: "vegeta",
    summary: "The report of `vegeta report -type=json`; times in seconds: `latencies.mean`, `latencies.99th`, `duration`, `wait`; `success` is a fraction, `rate` and `throughput` are requests a second, `requests`, `errors` and `status_codes.500` are counts.",
    gives: &[Gives::Metrics],
    reference: "written by vegeta 12.13",
    read: Reader::File(parse),
};

const NANOSECONDS: f64 = 1e9;

#[derive(Deserialize)]
struct Report {
    /// In nanoseconds.
    latencies: BTreeMap<String, f64>,
    /// In nanoseconds.
    duration: Option<f64>,
    /// In nanoseconds.
    wait: Option<f64>,
    requests: u64,
    rate: Option<f64>,
    throughput: Option<f64>,
    success: f64,
    #[serde(default)]
    status_codes: BTreeMap<String, u64>,
    /// Distinct messages, `null` where there are none.
    errors: Option<Vec<String>>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let report: Report = json::parse(content.bytes)?;
    let mut recording = Recording::by("vegeta");
    let metrics = &mut recording.metrics;
    for (name, nanoseconds) in &report.latencies {
        let metric = RecordedMetric::new(format!("latencies.{name}"), nanoseconds / NANOSECONDS)
            .unit(Unit::Seconds)
            .direction(Direction::LowerIsBetter);
        metrics.push(metric.of(report.requests));
    }
    for (name, nanoseconds) in [("duration", report.duration), ("wait", report.wait)] {
        let seconds = nanoseconds.map(|nanoseconds| nanoseconds / NANOSECONDS);
        let metric = seconds.map(|seconds| RecordedMetric::new(name, seconds).unit(Unit::Seconds));
        metrics.extend(metric);
    }
    for (name, rate) in [("rate", report.rate), ("throughput", report.throughput)] {
        let metric = rate.map(|rate| RecordedMetric::new(name, rate));
        metrics.extend(metric.map(|metric| metric.direction(Direction::HigherIsBetter)));
    }
    metrics.push(
        RecordedMetric::new("success", report.success)
            .unit(Unit::Fraction)
            .direction(Direction::HigherIsBetter)
            .of(report.requests),
    );
    let count =
        |name: String, count: u64| RecordedMetric::new(name, count as f64).unit(Unit::Count);
    metrics.push(count("requests".to_owned(), report.requests));
    let errors = report.errors.map_or(0, |errors| errors.len() as u64);
    metrics.push(count("errors".to_owned(), errors).direction(Direction::LowerIsBetter));
    let codes = report.status_codes.into_iter();
    metrics.extend(codes.map(|(code, found)| count(format!("status_codes.{code}"), found)));
    if report.requests == 0 {
        recording.shortfalls.push("no request was made".to_owned());
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::evidence::Unit;

    #[test]
    fn nanoseconds_become_seconds() {
        let bytes = br#"{"latencies": {"total": 237119463, "mean": 2371194, "99th": 2918517}, "duration": 990000000, "wait": 2000000, "requests": 100, "rate": 101.0, "throughput": 100.0, "success": 0.99, "status_codes": {"200": 99, "500": 1}, "errors": ["500 Internal Server Error"]}"#;
        let content = Content {
            name: "report.json",
            bytes,
        };
        let found = parse(&content).expect("a report");
        let p99 = found.metric("latencies.99th", None).expect("a latency");
        assert_eq!((p99.value, p99.unit), (0.002_918_517, Unit::Seconds));
        let errors = found.metric("errors", None).expect("a count");
        assert_eq!(errors.value, 1.0);
    }
}
