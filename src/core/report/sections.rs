//! What is rendered: the steps of a report, and a record that says so when a step has none.

use std::borrow::Cow;

use super::standing::{Standing, Tally};
use super::text::name;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Requirement, RunReport, Step, Subject,
    SubjectDigest, Unit,
};

/// The one requirement reports make themselves.
pub const REQUIREMENTS: &[Requirement] = &[Requirement {
    id: EVIDENCE_COUNT,
    summary: "Every step that is run yields evidence.",
    remedy: "Declare at least one requirement for this step in `proofmark.yaml`, or leave the step out.",
    references: &[],
}];

const EVIDENCE_COUNT: &str = "evidence-count";

/// The requirement whose record says that a model went live.
pub(super) const RELEASE: &str = "release";

/// Requirements of a retraining: what was decided, and that it was started.
pub(super) const RETRAIN_DECISION: &str = "retraining-decision";
pub(super) const RETRAIN_DISPATCH: &str = "retraining-dispatch";

/// Stages named in the headline; nobody has more.
const STAGES_MAX: usize = 10;

/// One step as it is rendered.
pub(super) struct Section<'a> {
    /// The step.
    pub step: Step,
    /// Its report.
    pub report: &'a RunReport,
    /// Its records, never empty: test and scanning tabs take an empty list for a pass, and no
    /// evidence is not a pass.
    pub records: Cow<'a, [Evidence]>,
    /// Whether the report shows what kept records from being tried. In a report that does not, such
    /// a record is all there is to see, and is shown like any other that could not be evaluated.
    explained: bool,
}

impl Section<'_> {
    /// How `record`, one of this step, stands in this report.
    pub fn standing(&self, record: &Evidence) -> Standing {
        match Standing::of(record) {
            Standing::IntegrityFailure
            | Standing::NotMet
            | Standing::NotEvaluated
            | Standing::NotTried
            | Standing::Warning
                if self.explained && is_untried(record) =>
            {
                Standing::NotTried
            }
            standing => standing,
        }
    }

    /// How the records of this step stand.
    pub fn tally(&self) -> Tally {
        Tally::of(self.records.iter().map(|record| self.standing(record)))
    }

    /// Whether nothing of this step was tried.
    pub fn is_untried(&self) -> bool {
        let tally = self.tally();
        tally.count(Standing::NotTried) == tally.total()
    }
}

fn is_untried(record: &Evidence) -> bool {
    match record.outcome {
        Outcome::NotEvaluated(Reason::EarlierStep) => true,
        Outcome::Met | Outcome::NotMet | Outcome::NotEvaluated(_) => false,
    }
}

/// The steps of `report`, in order.
pub(super) fn sections(report: &RunReport) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = report.sections().into_iter().map(section).collect();
    let explained = sections
        .iter()
        .flat_map(|section| section.records.iter())
        .any(|record| Standing::of(record).fails() && !is_untried(record));
    for section in &mut sections {
        section.explained = explained;
    }
    sections
}

/// How all records of `sections` stand.
pub(super) fn tally(sections: &[Section<'_>]) -> Tally {
    sections
        .iter()
        .map(Section::tally)
        .fold(Tally::default(), Tally::plus)
}

/// The stages a release went live in, as they are shown.
pub(super) fn live_stages(sections: &[Section<'_>]) -> Vec<String> {
    let mut stages = Vec::new();
    for record in sections.iter().flat_map(|section| section.records.iter()) {
        if let (RELEASE, Outcome::Met, Subject::Release { stage, .. }) =
            (record.requirement.as_str(), record.outcome, &record.subject)
            && stages.len() < STAGES_MAX
            && !stages.contains(&name(stage))
        {
            stages.push(name(stage));
        }
    }
    stages
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
        explained: false,
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

/// The model a subject belongs to, where it belongs to one.
pub(super) fn model_of(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Metric { model, .. }
        | Subject::Slice { model, .. }
        | Subject::Model { model }
        | Subject::Card { model }
        | Subject::Signature { model, .. }
        | Subject::Release { model, .. } => Some(model),
        Subject::Dataset { .. }
        | Subject::Column { .. }
        | Subject::Rows { .. }
        | Subject::File { .. } => None,
    }
}
