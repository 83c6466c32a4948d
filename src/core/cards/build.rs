//! Builds the card from what people wrote and what the steps found. Nothing is computed but counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Evidence, RunReport, Severity, Sha256, Step, Subject, Verdict};

use super::counting::{Counted, counted, counts, datasets, topics};
use super::document::{
    CardDocument, CardFigure, CardModel, CitedEvidence, Claim, ClaimSource, Counts, MetricRow,
    OpenRecord, Reading, SCHEMA_VERSION, ScanSummary, StepSummary, Tally,
};
use super::spec::CardSpec;

/// An evidence file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceSource {
    /// Path of the file.
    pub locator: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// What it says.
    pub report: RunReport,
}

impl CardDocument {
    /// The card of `model`, from what people say and what the steps found.
    ///
    /// The sources are taken as they are; whether they are about this model is for
    /// [`lint`](super::lint) to say.
    #[must_use]
    pub fn build(spec: &CardSpec, model: &CardModel, sources: &[EvidenceSource]) -> Self {
        let mut document = Self {
            schema_version: SCHEMA_VERSION,
            model: model.clone(),
            verdict: sources
                .iter()
                .map(|source| source.report.verdict())
                .max()
                .unwrap_or(Verdict::NotPassed),
            evaluated_at: sources
                .iter()
                .map(|source| source.report.run.started_at)
                .max(),
            about: spec.clone(),
            evidence: sources.iter().map(|source| cite(source, model)).collect(),
            steps: Vec::new(),
            metrics: Vec::new(),
            slices: Vec::new(),
            fairness: Vec::new(),
            data: Vec::new(),
            scan: Vec::new(),
            article_15: Vec::new(),
            open: Vec::new(),
            figures: Vec::new(),
        };
        for source in sources {
            for section in sections(source) {
                add_section(&mut document, &section);
            }
        }
        // By topic, however the files are ordered.
        document.article_15.sort_by_key(|summary| summary.topic);
        number_repeated_ids(&mut document);
        document
    }
}

/// One step of one evidence file.
pub(super) struct Section<'a> {
    /// Digest of the file.
    pub evidence: Sha256,
    /// JSON pointer of the step in the file; empty when the file is the step.
    pub pointer: String,
    /// The step.
    pub report: &'a RunReport,
}

/// The steps of an evidence file that hold evidence, with their pointers.
pub(super) fn sections(source: &EvidenceSource) -> Vec<Section<'_>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), &source.report)];
    while let Some((pointer, report)) = pending.pop() {
        // Last in, first out: pushed in reverse, so that the steps come in their order.
        for (index, step) in report.steps.iter().enumerate().rev() {
            pending.push((format!("{pointer}/steps/{index}"), step));
        }
        if report.steps.is_empty() || !report.evidence.is_empty() {
            found.push(Section {
                evidence: source.sha256,
                pointer,
                report,
            });
        }
    }
    found
}

fn cite(source: &EvidenceSource, model: &CardModel) -> CitedEvidence {
    let report = &source.report;
    let ci = report.run.ci.as_ref();
    let models = models_named(report);
    CitedEvidence {
        locator: source.locator.clone(),
        sha256: source.sha256,
        step: report.step,
        verdict: report.verdict(),
        started_at: report.run.started_at,
        tool: report.run.tool.clone(),
        model_sha256: model_digest(report, &model.name),
        datasets: report
            .subjects
            .iter()
            .filter(|subject| subject.name != model.name && !models.contains(subject.name.as_str()))
            .cloned()
            .collect(),
        commit: ci.and_then(|ci| ci.commit.clone()),
        run_url: ci.and_then(|ci| ci.run_url.clone()),
    }
}

/// Every model some record speaks of: what the list of subjects mixes with datasets.
fn models_named(report: &RunReport) -> BTreeSet<&str> {
    report
        .records()
        .filter_map(|(_, record)| match &record.subject {
            Subject::Metric { model, .. }
            | Subject::Slice { model, .. }
            | Subject::Model { model }
            | Subject::Card { model }
            | Subject::Signature { model, .. }
            | Subject::Release { model, .. } => Some(model.as_str()),
            Subject::Dataset { .. }
            | Subject::Column { .. }
            | Subject::Rows { .. }
            | Subject::File { .. } => None,
        })
        .collect()
}

/// The digest a report gives for the model called `name`, in itself or in one of its steps.
pub(super) fn model_digest(report: &RunReport, name: &str) -> Option<Sha256> {
    let own = report.digest_of(name);
    own.or_else(|| {
        report
            .sections()
            .into_iter()
            .find_map(|section| section.digest_of(name))
    })
}

fn add_section(document: &mut CardDocument, section: &Section<'_>) {
    let report = section.report;
    let verdict = Verdict::of(&report.evidence);
    let name = report.step.as_str();
    document.steps.push(StepSummary {
        step: report.step,
        verdict,
        counts: counts(section, name, Counted::default()),
    });
    for (index, record) in report.evidence.iter().enumerate() {
        add_record(document, section, index, record);
    }
    if report.step == Step::DataValidation {
        document.data.extend(datasets(section));
    }
    if report.step == Step::Scan {
        document.scan.push(ScanSummary {
            verdict,
            files: counted(
                section,
                "scan/files",
                "files scanned",
                Tally::Files,
                Counted::default(),
            ),
            counts: counts(section, "scan/requirements", Counted::default()),
        });
    }
    document.article_15.extend(topics(section));
    for (index, figure) in report.figures.iter().enumerate() {
        document.figures.push(CardFigure {
            figure: figure.clone(),
            source: ClaimSource {
                evidence: section.evidence,
                pointer: format!("{}/figures/{index}", section.pointer),
                reading: Reading::Curve,
            },
        });
    }
}

fn add_record(document: &mut CardDocument, section: &Section<'_>, index: usize, record: &Evidence) {
    let source = ClaimSource {
        evidence: section.evidence,
        pointer: format!("{}/evidence/{index}", section.pointer),
        reading: Reading::Observed {
            fingerprint: record.fingerprint(),
        },
    };
    if record.blocks() || record.warns() {
        document
            .open
            .push(open(section.report.step, record, &source));
    }
    match &record.subject {
        Subject::Metric { model, metric } => {
            document
                .metrics
                .push(row(record, model, metric, None, source));
        }
        Subject::Slice {
            model,
            metric,
            slice,
        } => {
            let row = row(record, model, metric, Some(slice.clone()), source);
            // A grouping column without a value speaks of all its groups at once.
            if slice.contains('=') {
                document.slices.push(row);
            } else {
                document.fairness.push(row);
            }
        }
        Subject::Dataset { .. }
        | Subject::Column { .. }
        | Subject::Rows { .. }
        | Subject::Model { .. }
        | Subject::File { .. }
        | Subject::Card { .. }
        | Subject::Signature { .. }
        | Subject::Release { .. } => {}
    }
}

fn row(
    record: &Evidence,
    model: &str,
    metric: &str,
    slice: Option<String>,
    source: ClaimSource,
) -> MetricRow {
    let label = match &slice {
        Some(slice) => format!("{metric} on {slice}"),
        None => metric.to_owned(),
    };
    MetricRow {
        model: model.to_owned(),
        metric: metric.to_owned(),
        slice,
        requirement: record.requirement.clone(),
        required: record.required,
        outcome: record.outcome,
        severity: record.severity,
        waived: record.is_waived(),
        claim: Claim {
            id: format!("{}/{}", record.requirement, record.subject.name()),
            label,
            quantity: record.observed,
            source,
        },
    }
}

fn open(step: Step, record: &Evidence, source: &ClaimSource) -> OpenRecord {
    let waiver = record
        .waiver
        .as_ref()
        .filter(|_| record.severity != Severity::Integrity)
        .map(|waiver| {
            format!(
                "waived by {} until {}: {}",
                waiver.by, waiver.until, waiver.reason
            )
        });
    OpenRecord {
        step,
        requirement: record.requirement.clone(),
        subject: record.subject.name(),
        outcome: record.outcome,
        severity: record.severity,
        message: record.message.clone(),
        waiver,
        source: source.clone(),
    }
}

/// Gives the second and later claims of one id a number: `gate/met#2`.
fn number_repeated_ids(document: &mut CardDocument) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for claim in claims_mut(document) {
        let times = seen.entry(claim.id.clone()).or_default();
        *times += 1;
        if 1 < *times {
            claim.id = format!("{}#{times}", claim.id);
        }
    }
}

fn claims_mut(document: &mut CardDocument) -> Vec<&mut Claim> {
    fn all(counts: &mut Counts) -> [&mut Claim; 4] {
        [
            &mut counts.met,
            &mut counts.not_met,
            &mut counts.not_evaluated,
            &mut counts.warnings,
        ]
    }
    let mut claims = Vec::new();
    for step in &mut document.steps {
        claims.extend(all(&mut step.counts));
    }
    let rows = [
        &mut document.metrics,
        &mut document.slices,
        &mut document.fairness,
    ];
    for row in rows.into_iter().flatten() {
        claims.push(&mut row.claim);
    }
    for data in &mut document.data {
        claims.extend(all(&mut data.counts));
    }
    for scan in &mut document.scan {
        claims.push(&mut scan.files);
        claims.extend(all(&mut scan.counts));
    }
    for topic in &mut document.article_15 {
        claims.extend(all(&mut topic.counts));
    }
    claims
}
