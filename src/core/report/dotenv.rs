//! The dotenv report of GitLab: the answer of a run as variables of the jobs after it.
//!
//! GitLab reads `KEY=value` lines without quoting: no spaces, no line breaks, no comments. The keys
//! are ours alone, and a value from outside is written only when it is plain, because the jobs after
//! this one will paste it into scripts; one that is not is left out, not altered. The exit code is the
//! one of the verdict; `--exit-on-warn` does not change it.

use super::limits::{DOTENV_BYTES_MAX, DOTENV_VARIABLES_MAX};
use super::sections::{model_of, sections, tally};
use super::standing::Standing;
use crate::evidence::{RunReport, SubjectDigest};

/// Longest value from outside: names are shorter, and all of them together stay far below
/// [`DOTENV_BYTES_MAX`].
const VALUE_BYTES_MAX: usize = 200;

/// Values from outside that are written: version, model, commit.
const VALUES_FROM_OUTSIDE: usize = 3;

const _: () = assert!(VALUES_FROM_OUTSIDE * VALUE_BYTES_MAX + 1_000 < DOTENV_BYTES_MAX);

/// The report as variables.
pub(super) fn render(report: &RunReport) -> String {
    let tally = tally(&sections(report));
    let count = |standings: &[Standing]| -> String {
        let counts = standings.iter().map(|standing| tally.count(*standing));
        counts.sum::<usize>().to_string()
    };
    let verdict = report.verdict();
    let mut variables = vec![
        ("PROOFMARK_VERDICT", verdict.to_string().replace(' ', "-")),
        (
            "PROOFMARK_EXIT_CODE",
            verdict.exit_code(false).code().to_string(),
        ),
        ("PROOFMARK_STEP", report.step.as_str().to_owned()),
        ("PROOFMARK_REQUIREMENTS", tally.total().to_string()),
        ("PROOFMARK_MET", count(&[Standing::Met])),
        (
            "PROOFMARK_NOT_MET",
            count(&[Standing::NotMet, Standing::IntegrityFailure]),
        ),
        ("PROOFMARK_NOT_EVALUATED", count(&[Standing::NotEvaluated])),
        ("PROOFMARK_NOT_TRIED", count(&[Standing::NotTried])),
        ("PROOFMARK_WARNINGS", count(&[Standing::Warning])),
        ("PROOFMARK_WAIVED", count(&[Standing::Waived])),
    ];
    if let Some(model) = model(report) {
        variables.push(("PROOFMARK_MODEL", model.name.clone()));
        variables.push(("PROOFMARK_MODEL_DIGEST", model.sha256.to_string()));
    }
    if let Some(commit) = report.run.ci.as_ref().and_then(|ci| ci.commit.clone()) {
        variables.push(("PROOFMARK_COMMIT", commit));
    }
    variables.push(("PROOFMARK_VERSION", report.run.tool.version.clone()));
    variables
        .into_iter()
        .filter(|(_, value)| is_plain(value))
        .take(DOTENV_VARIABLES_MAX)
        .map(|(key, value)| format!("{key}={value}\n"))
        .collect()
}

/// The model the evidence is about, where the report pins one.
fn model(report: &RunReport) -> Option<&SubjectDigest> {
    let name = report
        .records()
        .find_map(|(_, record)| model_of(&record.subject))?;
    report.subjects.iter().find(|subject| subject.name == name)
}

/// Whether `value` means the same in a dotenv file, in a shell without quotes and in a web address.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= VALUE_BYTES_MAX
        && !value.starts_with('-')
        && value.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/')
        })
}
