//! What deserves a place in a tab of findings: every open or noted record, worst first, with the line
//! of the contract or configuration that demanded it.
//!
//! What holds has no place there, nor what was not tried because of another record. A dataset or a
//! metric has no line of its own, so a finding points at the line that made it one.

use std::collections::HashMap;

use super::sections::Section;
use super::standing::Standing;
use super::text::{TEXT_CHARACTERS_MAX, name, sentence};
use crate::evidence::{Evidence, Outcome, RunReport, Step};

/// The configuration every requirement comes from, when a record names no place of its own.
const CONFIGURATION: &str = "proofmark.yaml";

/// A record as a finding.
pub(super) struct Finding<'a> {
    /// The step it belongs to.
    pub step: Step,
    /// The record.
    pub record: &'a Evidence,
    /// How it stands.
    pub standing: Standing,
    /// Made of requirement, subject and a number for repetitions, never of what was measured, so
    /// that a finding is recognised in the next run.
    pub fingerprint: String,
}

/// A place in the repository.
pub(super) struct Place {
    /// Path relative to the root of the repository, as it was given.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// The findings of `sections`, worst first, otherwise in contract order.
pub(super) fn findings<'a>(sections: &'a [Section<'a>]) -> Vec<Finding<'a>> {
    let mut findings: Vec<Finding<'a>> = sections.iter().flat_map(of_section).collect();
    findings.sort_by_key(|finding| finding.standing);
    let mut seen = HashMap::new();
    for finding in &mut findings {
        let fingerprint = finding.record.fingerprint();
        let occurrence = seen.entry(fingerprint).or_insert(0_u64);
        *occurrence += 1;
        finding.fingerprint = format!("{fingerprint}:{occurrence}");
    }
    findings
}

fn of_section<'a>(section: &'a Section<'a>) -> impl Iterator<Item = Finding<'a>> {
    section
        .records
        .iter()
        .map(|record| Finding {
            step: section.step,
            record,
            standing: section.standing(record),
            fingerprint: String::new(),
        })
        .filter(|finding| finding.standing.is_open() || finding.standing == Standing::Noted)
}

impl Finding<'_> {
    /// One sentence that ends with a full stop.
    pub fn sentence(&self) -> String {
        let mut text = sentence(&self.record.message);
        match self.record.outcome {
            Outcome::NotEvaluated(_) => {
                text = format!("{}; {}", text.trim_end_matches('.'), self.record.outcome);
            }
            Outcome::Met | Outcome::NotMet => {}
        }
        if !text.ends_with('.') {
            text.push('.');
        }
        text
    }

    /// "Waived by ann until 2026-12-31: known, fixed upstream", where a waiver is in force.
    pub fn waiver(&self) -> Option<String> {
        match &self.record.waiver {
            Some(waiver) if self.standing == Standing::Waived => Some(format!(
                "Waived by {} until {}: {}",
                name(&waiver.by),
                waiver.until,
                sentence(&waiver.reason)
            )),
            Some(_) | None => None,
        }
    }

    /// Where the finding is shown; `configuration` is the file for those that name no place in the
    /// repository.
    pub fn place(&self, configuration: &str) -> Place {
        let known = self.record.location.as_ref().and_then(|location| {
            Some(Place {
                path: path_in_repository(&location.file)?.to_owned(),
                line: location.line.max(1),
                column: location.column.max(1),
            })
        });
        known.unwrap_or_else(|| Place {
            path: configuration.to_owned(),
            line: 1,
            column: 1,
        })
    }
}

/// The first configuration of the run that lies in the repository.
pub(super) fn configuration_file(report: &RunReport) -> &str {
    report
        .run
        .configuration
        .iter()
        .find_map(|input| path_in_repository(&input.locator))
        .unwrap_or(CONFIGURATION)
}

/// A path without `./` before it; None for what is absolute, leaves the repository or is no path at
/// all.
pub(super) fn path_in_repository(path: &str) -> Option<&str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let inside = !path.is_empty()
        && !path.starts_with('/')
        && path.chars().nth(1) != Some(':')
        && !path.contains("://")
        && !path.contains('\\')
        && path.split('/').all(|part| part != "..")
        && path.chars().count() <= TEXT_CHARACTERS_MAX;
    inside.then_some(path)
}
