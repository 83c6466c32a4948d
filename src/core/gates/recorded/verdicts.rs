//! Verdicts another system gave.

use super::Judged;
use super::spec::VerdictRule;
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Subject, Unit};
use crate::gates::requirements::RECORDED_VERDICTS;
use crate::recorded::{RecordedVerdict, Said};
use crate::wildcard::fits;

/// Names of tests given of each outcome that is not allowed.
const NAMES_MAX: usize = 5;

/// Judges all verdicts as one.
pub(super) fn judge(judged: &Judged<'_>, rule: &VerdictRule) -> Evidence {
    let name = judged.spec.name();
    let subject = Subject::Metric {
        model: judged.model.to_owned(),
        metric: format!("{name}:verdicts"),
    };
    let recording = judged.recorded.candidate;
    let origin = recording.origin();
    let counted: Vec<&RecordedVerdict> = recording
        .verdicts
        .iter()
        .filter(|verdict| {
            rule.only.is_empty() || rule.only.iter().any(|only| fits(only, &verdict.name))
        })
        .collect();
    let location = judged.location("verdicts");
    if counted.is_empty() {
        let which = if rule.only.is_empty() {
            "no tests"
        } else {
            "no test that `only` names"
        };
        let message = format!("{subject}: {origin} recorded {which}, so that nothing was tested");
        return Evidence::not_evaluated(RECORDED_VERDICTS, subject, Reason::MissingInput, message)
            .severity(rule.severity)
            .at(location);
    }
    let of = |outcomes: &[Said]| -> Vec<&RecordedVerdict> {
        let verdicts = counted.iter().copied();
        verdicts
            .filter(|verdict| outcomes.contains(&verdict.outcome))
            .collect()
    };
    let limits = [
        ("failed", of(&[Said::Failed]), Some(rule.failed_at_most)),
        (
            "were not run",
            of(&[Said::Errored, Said::Skipped]),
            Some(rule.not_run_at_most),
        ),
        (
            "passed with a warning",
            of(&[Said::Warned]),
            rule.warned_at_most,
        ),
    ];
    let exceeded: Vec<String> = limits
        .iter()
        .filter_map(|(what, verdicts, limit)| {
            let limit = (*limit)?;
            (limit < verdicts.len() as u64).then(|| {
                format!(
                    "{} {what}, at most {limit} may: {}",
                    verdicts.len(),
                    names(verdicts)
                )
            })
        })
        .collect();
    let failed = limits[0].1.len() as f64;
    let observed = Quantity::new(failed, Unit::Count).of(counted.len() as u64);
    let required = Bound::AtMost(rule.failed_at_most as f64);
    let passed = of(&[Said::Passed]).len();
    let (outcome, message) = match exceeded.as_slice() {
        [] => (
            Outcome::Met,
            format!(
                "{passed} of {} tests passed, as {origin} recorded them",
                counted.len()
            ),
        ),
        exceeded => (
            Outcome::NotMet,
            format!(
                "of {} tests, as {origin} recorded them, {}",
                counted.len(),
                exceeded.join("; ")
            ),
        ),
    };
    Evidence::new(RECORDED_VERDICTS, subject, outcome, message)
        .measured(observed, required)
        .severity(rule.severity)
        .at(location)
}

fn names(verdicts: &[&RecordedVerdict]) -> String {
    let shown = verdicts.iter().take(NAMES_MAX);
    let mut text = shown
        .map(|verdict| format!("`{}`", verdict.name))
        .collect::<Vec<_>>()
        .join(", ");
    if NAMES_MAX < verdicts.len() {
        text.push_str(&format!(" and {} more", verdicts.len() - NAMES_MAX));
    }
    text
}
