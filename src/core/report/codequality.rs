//! The Code Quality report of GitLab: findings in the merge-request widget, without any token.
//!
//! GitLab has no schema for it; the members are those its documentation lists ("Code Quality report
//! format"), and findings of the same fingerprint collapse into one. It compares the report with the
//! one of the target branch, so fingerprints are made of requirement and subject, not of numbers.
//!
//! | how a record stands                      | severity   |
//! |------------------------------------------|------------|
//! | integrity failure; open in scan or sign  | `blocker`  |
//! | not met, not evaluated                   | `critical` |
//! | warning                                  | `major`    |
//! | waived                                   | `minor`    |
//! | noted                                    | `info`     |

use serde::Serialize;

use super::RenderProblem;
use super::findings::{Finding, configuration_file, findings};
use super::sections::sections;
use super::standing::Standing;
use super::text::{first_rows, json_for_logs, name, visible};
use crate::evidence::{RunReport, Sha256, Step};

/// Findings in one report. GitLab states no limit; beyond this the widget shows nothing anybody reads,
/// and one more entry says how many are missing.
pub(super) const FINDINGS_MAX: usize = 5_000;

/// The report as a Code Quality report.
pub(super) fn render(report: &RunReport) -> Result<String, RenderProblem> {
    let sections = sections(report);
    let findings = findings(&sections);
    let configuration = configuration_file(report);
    let mut issues: Vec<Issue> = findings
        .iter()
        .take(FINDINGS_MAX)
        .map(|finding| issue(finding, configuration))
        .collect();
    let left_out = findings.len() - issues.len();
    if 0 < left_out {
        issues.push(more(left_out, configuration));
    }
    json_for_logs(&issues)
}

fn issue(finding: &Finding<'_>, configuration: &str) -> Issue {
    let place = finding.place(configuration);
    let mut description = finding.sentence();
    if let Some(rows) = finding.record.failing_rows.as_ref().and_then(first_rows) {
        description = format!("{description} {rows}");
    }
    if let Some(waiver) = finding.waiver() {
        description = format!("{description} {waiver}");
    }
    Issue {
        description,
        check_name: name(finding.record.requirement.as_str()),
        fingerprint: Sha256::of(finding.fingerprint.as_bytes()).to_string(),
        severity: severity(finding),
        location: Location {
            path: visible(&place.path),
            lines: Lines { begin: place.line },
        },
    }
}

fn severity(finding: &Finding<'_>) -> &'static str {
    let security = match finding.step {
        Step::Scan | Step::Sign | Step::SelfVerify => true,
        Step::DataValidation
        | Step::Gate
        | Step::Card
        | Step::Promote
        | Step::Retrain
        | Step::Run
        | Step::Doctor => false,
    };
    match finding.standing {
        Standing::IntegrityFailure => "blocker",
        Standing::NotMet | Standing::NotEvaluated if security => "blocker",
        Standing::NotMet | Standing::NotEvaluated => "critical",
        Standing::Warning => "major",
        Standing::Waived => "minor",
        Standing::Noted | Standing::NotTried | Standing::Met => "info",
    }
}

fn more(left_out: usize, configuration: &str) -> Issue {
    Issue {
        description: format!("{left_out} more findings are in the JSON report."),
        check_name: "findings-left-out".to_owned(),
        fingerprint: Sha256::of(b"findings-left-out").to_string(),
        severity: "info",
        location: Location {
            path: visible(configuration),
            lines: Lines { begin: 1 },
        },
    }
}

// The format, as far as it is written.

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}
