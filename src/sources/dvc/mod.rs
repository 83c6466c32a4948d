//! DVC: what `dvc metrics show --json` and `dvc metrics diff --json` print, or the metrics files a
//! `dvc.yaml` declares.
//!
//! A metric is called as `dvc exp show` calls it: by its path in the file (`slices.us.f1`), with the
//! file before it (`metrics.json:auc`) where two files have the name. Written for DVC 3.67.

mod printed;
mod project;

use std::collections::BTreeMap;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::recorded::RecordedMetric;

const TITLE: &str = "DVC";

pub(super) const SOURCE: Source = Source {
    id: "dvc",
    title: TITLE,
    summary: "A directory with `dvc.yaml`, whose declared metrics files (JSON, YAML, TOML) are read and whose `dvc.lock` names data and parameters; or what `dvc metrics show --json` printed, `FILE` or, of several revisions, `FILE#REVISION`; or what `dvc metrics diff --all --json` printed, `FILE#new` and `FILE#old`.",
    gives: &[Gives::Metrics],
    reference: "[dvc metrics](https://dvc.org/doc/command-reference/metrics); 3.67.1",
    read: Reader::Own(read),
};

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    if let Some(directory) = project::directory(asked) {
        return project::read(asked, &directory);
    }
    let (file, part) = match asked.locator.rsplit_once('#') {
        Some((file, part)) => (file, Some(part)),
        None => (asked.locator, None),
    };
    let (bytes, input) = asked.content_of(file)?;
    let recording =
        printed::parse(&bytes, part).map_err(|problem| asked.malformed(TITLE, problem))?;
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

/// The metrics of several files, each called by its own name where no other file has it.
fn named(files: BTreeMap<String, Vec<RecordedMetric>>) -> Vec<RecordedMetric> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for metric in files.values().flatten() {
        *times.entry(metric.name.clone()).or_default() += 1;
    }
    let all = files.into_iter().flat_map(|(file, metrics)| {
        let with_file = move |metric: RecordedMetric| (file.clone(), metric);
        metrics.into_iter().map(with_file)
    });
    all.map(|(file, metric)| match times.get(&metric.name) {
        Some(2..) => RecordedMetric {
            name: format!("{file}:{}", metric.name),
            ..metric
        },
        Some(_) | None => metric,
    })
    .collect()
}

#[cfg(test)]
mod tests;
