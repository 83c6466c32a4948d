//! What is rendered: the steps of a report, and a record that says so when a step has none.

use std::borrow::Cow;

use crate::evidence::{
    Bound, Evidence, Quantity, Requirement, RunReport, Step, Subject, SubjectDigest, Unit,
};

/// The one requirement reports make themselves.
pub const REQUIREMENTS: &[Requirement] = &[Requirement {
    id: EVIDENCE_COUNT,
    summary: "Every step that is run yields evidence.",
    remedy: "Declare at least one requirement for this step in `proofmark.yaml`, or leave the step out.",
    references: &[],
}];

const EVIDENCE_COUNT: &str = "evidence-count";

/// One step as it is rendered.
pub(super) struct Section<'a> {
    /// The step.
    pub step: Step,
    /// Its report.
    pub report: &'a RunReport,
    /// Its records, never empty: test and scanning tabs take an empty list for a pass, and no
    /// evidence is not a pass.
    pub records: Cow<'a, [Evidence]>,
}

/// The steps of `report`, in order.
pub(super) fn sections(report: &RunReport) -> Vec<Section<'_>> {
    let mut reports = report.sections();
    if !report.steps.is_empty() && !report.evidence.is_empty() {
        reports.insert(0, report);
    }
    reports.into_iter().map(section).collect()
}

fn section(report: &RunReport) -> Section<'_> {
    let records = if report.evidence.is_empty() {
        Cow::Owned(vec![no_evidence(report.step)])
    } else {
        Cow::Borrowed(report.evidence.as_slice())
    };
    Section {
        step: report.step,
        report,
        records,
    }
}

fn no_evidence(step: Step) -> Evidence {
    let subject = Subject::File {
        path: format!("evidence/{}.json", step.as_str()),
    };
    let observed = Quantity::new(0.0, Unit::Count);
    let required = Bound::AtLeast(1.0);
    let message = format!(
        "step `{}` produced no evidence, required at least one record; no evidence is not a pass",
        step.as_str()
    );
    Evidence::new(EVIDENCE_COUNT, subject, required.judge(&observed), message)
        .measured(observed, required)
}

/// What the report is about, for its title: the model when there is one, else the first subject.
pub(super) fn principal_subject(report: &RunReport) -> Option<&SubjectDigest> {
    let model = sections(report).into_iter().find_map(|section| {
        section
            .report
            .evidence
            .iter()
            .find_map(|record| model_of(&record.subject))
    });
    report
        .subjects
        .iter()
        .find(|subject| Some(subject.name.as_str()) == model)
        .or_else(|| report.subjects.first())
}

fn model_of(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Metric { model, .. }
        | Subject::Slice { model, .. }
        | Subject::Model { model }
        | Subject::Card { model }
        | Subject::Signature { model, .. }
        | Subject::Release { model, .. } => Some(model),
        Subject::Dataset { .. } | Subject::Column { .. } | Subject::File { .. } => None,
    }
}
