//! The statement that carries the evidence of one run: in-toto predicate
//! `https://in-toto.io/attestation/test-result/v0.1`.
//!
//! The predicate has names and a result but no numbers, so the whole [`RunReport`] rides along as
//! `proofmark_runReport`: in-toto lets producers add fields whose names collide with nobody's, and
//! makes consumers ignore those they do not know. Everything else in the predicate is computed from
//! the report; a reader computes it again and refuses a statement that says something different.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::InvalidClaim;
use super::statement::{DigestSet, Document, Header, SUBJECTS_MAX};
use crate::evidence::{InputRef, Outcome, RunReport, Step, SubjectDigest, Verdict};

/// Type of the claim "these tests ended so".
pub const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The evidence of one run about its subjects.
#[derive(Clone, Debug, PartialEq)]
pub struct Attestation {
    /// What the evidence is about.
    pub subjects: Vec<SubjectDigest>,
    /// The evidence.
    pub report: RunReport,
}

/// The subjects of an attestation: the model, and for evidence on data also the datasets, so that it
/// can be found by either. Without a model, what the report itself names.
#[must_use]
pub fn subjects_of(report: &RunReport, model: Option<&SubjectDigest>) -> Vec<SubjectDigest> {
    let of_report = match (report.step, model) {
        (Step::DataValidation | Step::Retrain | Step::Run | Step::Doctor | Step::SelfVerify, _)
        | (_, None) => report.subjects.as_slice(),
        (Step::Gate | Step::Scan | Step::Card | Step::Sign | Step::Promote, Some(_)) => &[],
    };
    let mut subjects: Vec<SubjectDigest> = Vec::new();
    for subject in model.into_iter().chain(of_report) {
        if !subjects.contains(subject) {
            subjects.push(subject.clone());
        }
    }
    subjects
}

/// The statement over `report` about `subjects`, as the bytes to sign.
///
/// # Errors
/// When there is no subject, or more than [`SUBJECTS_MAX`].
pub fn statement(report: &RunReport, subjects: &[SubjectDigest]) -> Result<Vec<u8>, InvalidClaim> {
    check_subjects(subjects)?;
    let predicate = Predicate {
        summary: Summary::of(report),
        report,
    };
    Ok(Document::new(subjects, PREDICATE_TYPE, predicate).to_json())
}

/// Reads a statement over the evidence of one run.
///
/// # Errors
/// When it is another statement, has no subject, carries no report, or when its result, its test
/// names or the report's verdict do not follow from the evidence in it.
pub fn parse(payload: &[u8]) -> Result<Attestation, InvalidClaim> {
    let header = Header::parse(payload)?;
    header.expect(PREDICATE_TYPE)?;
    check_subjects(&header.subjects)?;
    let document: Document<Predicate<RunReport>> =
        serde_json::from_slice(payload).map_err(InvalidClaim::statement)?;
    let Predicate { summary, report } = document.predicate;
    let contradiction = |problem: String| Err(InvalidClaim::Contradiction(problem));
    if let Err(problem) = RunReport::parse(&report.to_json()) {
        return contradiction(problem.to_string());
    }
    if summary != Summary::of(&report) {
        return contradiction("its summary does not follow from the evidence in it".to_owned());
    }
    Ok(Attestation {
        subjects: header.subjects,
        report,
    })
}

fn check_subjects(subjects: &[SubjectDigest]) -> Result<(), InvalidClaim> {
    match subjects.len() {
        0 => Err(InvalidClaim::SubjectCount(0, "at least 1")),
        count if SUBJECTS_MAX < count => Err(InvalidClaim::SubjectCount(count, "at most 1024")),
        _ => Ok(()),
    }
}

#[derive(Serialize, Deserialize)]
struct Predicate<R> {
    #[serde(flatten)]
    summary: Summary,
    #[serde(rename = "proofmark_runReport")]
    report: R,
}

/// The part of the predicate that is not ours.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    result: String,
    configuration: Vec<Descriptor>,
    passed_tests: Vec<String>,
    warned_tests: Vec<String>,
    failed_tests: Vec<String>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Descriptor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    digest: DigestSet,
}

impl Summary {
    /// Records of severity "info" that are open fail nothing and pass nothing, and are in no list.
    fn of(report: &RunReport) -> Self {
        let mut summary = Self {
            result: match report.verdict() {
                Verdict::Passed => "PASSED",
                Verdict::PassedWithWarnings => "WARNED",
                Verdict::Pending
                | Verdict::NotPassed
                | Verdict::Unavailable
                | Verdict::NotPermitted
                | Verdict::InputMissing
                | Verdict::IntegrityFailure => "FAILED",
            }
            .to_owned(),
            configuration: configuration_of(report),
            passed_tests: Vec::new(),
            warned_tests: Vec::new(),
            failed_tests: Vec::new(),
        };
        let mut taken = BTreeMap::new();
        for (_, record) in report.records() {
            let list = if record.blocks() {
                &mut summary.failed_tests
            } else if record.warns() {
                &mut summary.warned_tests
            } else if record.outcome == Outcome::Met {
                &mut summary.passed_tests
            } else {
                continue;
            };
            let name = format!("{}:{}", record.requirement, record.subject.name());
            list.push(unique(name, &mut taken));
        }
        summary
    }
}

/// Two steps may evaluate the same requirement on the same subject; the second becomes `…#2`.
fn unique(name: String, taken: &mut BTreeMap<String, u64>) -> String {
    let Some(count) = taken.get_mut(&name) else {
        taken.insert(name.clone(), 1);
        return name;
    };
    *count = count.saturating_add(1);
    let numbered = format!("{name}#{count}");
    unique(numbered, taken)
}

fn configuration_of(report: &RunReport) -> Vec<Descriptor> {
    let mut seen: Vec<&InputRef> = Vec::new();
    let runs = std::iter::once(report).chain(report.sections());
    for input in runs.flat_map(|section| &section.run.configuration) {
        if !seen.contains(&input) {
            seen.push(input);
        }
    }
    seen.into_iter().map(Descriptor::of).collect()
}

impl Descriptor {
    fn of(input: &InputRef) -> Self {
        let locator = Some(input.locator.clone());
        let (name, uri) = if input.locator.contains("://") {
            (None, locator)
        } else {
            (locator, None)
        };
        Self {
            name,
            uri,
            digest: DigestSet::of(input.sha256),
        }
    }
}
