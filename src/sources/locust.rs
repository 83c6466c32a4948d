//! Locust: the statistics of a load test, `--csv` (`…_stats.csv`). It writes milliseconds.

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "locust",
    title: "Locust",
    summary: "`…_stats.csv` of `--csv`; by the name of the column, times in seconds: `Average Response Time`, `95%`, `Failure Count`, `Requests/s`, over all and on slices `Name=GET /predict`.",
    gives: &[Gives::Metrics, Gives::Slices],
    reference: "written by Locust 2.47",
    read: Reader::Own(read),
};

const MILLISECONDS: f64 = 1e3;
/// The name of the row over all requests.
const AGGREGATED: &str = "Aggregated";
/// Requests of different names; more are not told apart by anybody.
const ROWS_MAX: usize = 10_000;

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (columns, input) = asked.columns(asked.locator, None)?;
    let malformed = |problem: String| asked.malformed(SOURCE.title, problem);
    if ROWS_MAX < columns.rows() {
        return Err(malformed(format!("it has more than {ROWS_MAX} rows")));
    }
    let kinds = columns.texts("Type")?;
    let names = columns.texts("Name")?;
    let requests = columns.texts("Request Count")?;
    let mut recording = Recording::by("Locust");
    let metrics = columns.names().iter();
    for metric in metrics.filter(|metric| !["Type", "Name"].contains(&metric.as_str())) {
        let values = columns.texts(metric)?;
        let rows = kinds.iter().zip(&names).zip(requests.iter().zip(values));
        for ((kind, name), (requests, value)) in rows {
            let Some(name) = name else { continue };
            // Nothing was asked under that name: `N/A`.
            let number = value.and_then(|value| value.parse().ok());
            let found = measured(metric, number.unwrap_or(f64::NAN));
            let found = match requests.as_ref().and_then(|requests| requests.parse().ok()) {
                Some(requests) => found.of(requests),
                None => found,
            };
            recording.metrics.push(match kind.as_deref() {
                None | Some("") if name == AGGREGATED => found,
                None | Some("") => found.on(format!("Name={name}")),
                Some(kind) => found.on(format!("Name={kind} {name}")),
            });
        }
    }
    let whole = recording.metric("Request Count", None);
    match whole.map(|whole| whole.value) {
        Some(requests) if 0.0 < requests => {}
        Some(_) => recording.shortfalls.push("no request was made".to_owned()),
        None => {
            let problem = format!("there is no row `{AGGREGATED}` in it");
            return Err(malformed(problem));
        }
    }
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

/// A number in its unit.
fn measured(metric: &str, number: f64) -> RecordedMetric {
    let seconds = RecordedMetric::new(metric, number / MILLISECONDS)
        .unit(Unit::Seconds)
        .direction(Direction::LowerIsBetter);
    let plain = RecordedMetric::new(metric, number);
    match metric {
        _ if metric.ends_with("Response Time") || metric.ends_with('%') => seconds,
        "Request Count" => plain.unit(Unit::Count),
        "Failure Count" => plain.unit(Unit::Count).direction(Direction::LowerIsBetter),
        "Failures/s" => plain.direction(Direction::LowerIsBetter),
        "Average Content Size" => plain.unit(Unit::Bytes),
        "Requests/s" => plain.direction(Direction::HigherIsBetter),
        _ => plain,
    }
}
