//! What each step, dataset and scan came to, in counts.

use serde::Serialize;

use super::claims::{Figured, Numbers, figured};
use super::judgement::{Judgement, verdict};
use crate::cards::document::{CardDocument, Counts};
use crate::cards::text::visible;

#[derive(Serialize)]
pub(super) struct StepRow {
    step: &'static str,
    question: &'static str,
    verdict: Judgement,
    counts: CountsView,
}

#[derive(Serialize)]
pub(super) struct DataRow {
    dataset: String,
    sha256: Option<String>,
    sha256_short: Option<String>,
    counts: CountsView,
}

#[derive(Serialize)]
pub(super) struct ScanRow {
    verdict: Judgement,
    files: Figured,
    counts: CountsView,
}

#[derive(Serialize)]
pub(super) struct CountsView {
    met: Figured,
    not_met: Figured,
    not_evaluated: Figured,
    warnings: Figured,
}

pub(super) fn steps(document: &CardDocument, numbers: &Numbers) -> Vec<StepRow> {
    document
        .steps
        .iter()
        .map(|step| StepRow {
            step: step.step.as_str(),
            question: step.step.question(),
            verdict: verdict(step.verdict),
            counts: counts(&step.counts, numbers),
        })
        .collect()
}

pub(super) fn data(document: &CardDocument, numbers: &Numbers) -> Vec<DataRow> {
    document
        .data
        .iter()
        .map(|data| DataRow {
            dataset: visible(&data.dataset),
            sha256: data.sha256.map(|digest| digest.to_string()),
            sha256_short: data.sha256.map(|digest| digest.short()),
            counts: counts(&data.counts, numbers),
        })
        .collect()
}

pub(super) fn scan(document: &CardDocument, numbers: &Numbers) -> Vec<ScanRow> {
    document
        .scan
        .iter()
        .map(|scan| ScanRow {
            verdict: verdict(scan.verdict),
            files: figured(&scan.files, numbers),
            counts: counts(&scan.counts, numbers),
        })
        .collect()
}

pub(super) fn counts(counts: &Counts, numbers: &Numbers) -> CountsView {
    CountsView {
        met: figured(&counts.met, numbers),
        not_met: figured(&counts.not_met, numbers),
        not_evaluated: figured(&counts.not_evaluated, numbers),
        warnings: figured(&counts.warnings, numbers),
    }
}
