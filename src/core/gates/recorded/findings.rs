//! Weaknesses another system found.

use std::collections::BTreeSet;

use super::Judged;
use super::spec::FindingRule;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Subject, Unit};
use crate::gates::requirements::RECORDED_FINDINGS;
use crate::recorded::{Finding, FindingSeverity, Recording};

/// Findings named in a message.
const NAMED_MAX: usize = 5;

/// Judges the number of findings, one record for each severity that is bounded, the worst first.
pub(super) fn judge(judged: &Judged<'_>, rule: &FindingRule) -> Vec<Evidence> {
    let bounded = FindingSeverity::WORST_FIRST
        .into_iter()
        .filter_map(|severity| Some((severity, *rule.at_most.get(&severity)?)));
    bounded
        .map(|(severity, limit)| {
            let key = format!("findings.at_most.{severity}");
            let record = match counted(judged, rule, severity) {
                Ok(found) => record(judged, rule, severity, limit, &found),
                Err(why) => {
                    let subject = subject(judged, severity);
                    let message = format!("{subject} are not known: {why}");
                    let reason = Reason::MissingInput;
                    Evidence::not_evaluated(RECORDED_FINDINGS, subject, reason, message)
                }
            };
            record.severity(rule.severity).at(judged.location(&key))
        })
        .collect()
}

fn subject(judged: &Judged<'_>, severity: FindingSeverity) -> Subject {
    Subject::Metric {
        model: judged.model.to_owned(),
        metric: format!("{}:findings-{severity}", judged.spec.name()),
    }
}

fn findings(recording: &Recording) -> Result<&[Finding], String> {
    let missing = || format!("{} looks for no weaknesses", recording.origin());
    recording.findings.as_deref().ok_or_else(missing)
}

/// The findings at least as bad as `severity` that count.
fn counted<'a>(
    judged: &Judged<'a>,
    rule: &FindingRule,
    severity: FindingSeverity,
) -> Result<Vec<&'a Finding>, String> {
    let known: BTreeSet<&str> = match (rule.new_only, judged.recorded.champion) {
        (false, _) => BTreeSet::new(),
        // Beside no champion every one of them is new.
        (true, None) if judged.recorded.first_model => BTreeSet::new(),
        (true, None) => return Err("there are no results of a champion".to_owned()),
        (true, Some(champion)) => {
            let found = findings(champion)?.iter();
            found.map(|finding| finding.identity.as_str()).collect()
        }
    };
    let mut seen = BTreeSet::new();
    Ok(findings(judged.recorded.candidate)?
        .iter()
        .filter(|finding| severity <= finding.severity)
        .filter(|finding| rule.count_suppressed || !finding.suppressed)
        .filter(|finding| !known.contains(finding.identity.as_str()))
        .filter(|finding| seen.insert(finding.identity.as_str()))
        .collect())
}

fn record(
    judged: &Judged<'_>,
    rule: &FindingRule,
    severity: FindingSeverity,
    limit: u64,
    found: &[&Finding],
) -> Evidence {
    let subject = subject(judged, severity);
    let required = Bound::AtMost(limit as f64);
    let observed = Quantity::new(found.len() as f64, Unit::Count);
    let new = if rule.new_only { "new " } else { "" };
    let worse = if severity == FindingSeverity::Critical {
        ""
    } else {
        " or worse"
    };
    let mut message = format!(
        "{} {new}{} {severity}{worse}, as {} recorded them, required {required}",
        found.len(),
        match found.len() {
            1 => "finding is",
            _ => "findings are",
        },
        judged.recorded.candidate.origin()
    );
    if limit < found.len() as u64 {
        let named = found.iter().take(NAMED_MAX);
        let named: Vec<String> = named.map(|finding| named_as(finding)).collect();
        message.push_str(&format!(": {}", named.join(", ")));
        if NAMED_MAX < found.len() {
            message.push_str(&format!(" and {} more", found.len() - NAMED_MAX));
        }
    }
    let outcome = required.judge(&observed);
    Evidence::new(RECORDED_FINDINGS, subject, outcome, message).measured(observed, required)
}

fn named_as(finding: &Finding) -> String {
    match &finding.place {
        None => format!("`{}`", finding.id),
        Some(place) => format!("`{}` in `{place}`", finding.id),
    }
}
