//! Signed reports of the steps of the chain: data validation, gate, scan, card.

use std::collections::BTreeSet;

use super::signers::Role;
use super::spec::ReportRule;
use super::statement::Predicate;
use super::version::Version;
use super::{Question, provenance};
use crate::evidence::{Evidence, Outcome, RunReport, Subject, Verdict};
use crate::policy::claim::verdict_on;

pub(super) fn gate(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.gate else {
        return Vec::new();
    };
    let found = latest(question, Role::Gate).and_then(|report| {
        passed(question, report, rule)?;
        Ok(format!(
            "the gate passed on {}",
            report.run.started_at.date_naive()
        ))
    });
    vec![question.record("attested-gate", Role::Gate.name(), found)]
}

pub(super) fn data(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.data else {
        return Vec::new();
    };
    let found = latest(question, Role::Data).and_then(|report| {
        passed(question, report, rule)?;
        if question.policy.require.provenance.is_some() {
            let stated = report.subjects.iter();
            // Data validation states digests of the datasets; that of the model is among the subjects too.
            let mut datasets = stated.filter(|one| !question.facts.digests.contains(&one.sha256));
            if let Some(other) =
                datasets.find(|one| !provenance::names_dataset(question, one.sha256))
            {
                return Err(format!(
                    "dataset `{}` {} was validated, but no provenance says that the model was made of it",
                    other.name,
                    other.sha256.short()
                ));
            }
        }
        Ok(format!("the data passed on {}", report.run.started_at.date_naive()))
    });
    vec![question.record("attested-data", Role::Data.name(), found)]
}

pub(super) fn scan(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.scan else {
        return Vec::new();
    };
    let found = latest(question, Role::Scan).and_then(|report| {
        let dated = ReportRule {
            max_age_days: rule.max_age_days,
            ..ReportRule::default()
        };
        passed(question, report, &dated)?;
        let version = &report.run.tool.version;
        if let Some(least) = &rule.scanner_at_least
            && Version::parse(version) < Version::parse(least)
        {
            return Err(format!(
                "the scanner was version {version}, required at least {least}"
            ));
        }
        let covered: BTreeSet<&str> = covered(report).collect();
        let mut files = question.facts.files.iter();
        if let Some((path, _)) = files.find(|(path, _)| !covered.contains(path.as_str())) {
            return Err(format!(
                "`{path}` was not scanned; run `proofmark scan` on the whole model"
            ));
        }
        Ok(format!(
            "all {} files were scanned by version {version}",
            covered.len()
        ))
    });
    vec![question.record("attested-scan", Role::Scan.name(), found)]
}

pub(super) fn card(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.card else {
        return Vec::new();
    };
    let found = match &rule.file {
        Some(file) => match question.facts.files.iter().find(|(path, _)| path == file) {
            Some((_, sha256)) => Ok(format!(
                "the card `{file}` {} is part of the model",
                sha256.short()
            )),
            None => Err(format!("the model has no file `{file}`")),
        },
        None => latest(question, Role::Card).and_then(|report| {
            passed(question, report, &ReportRule::default())?;
            Ok(format!(
                "the card passed on {}",
                report.run.started_at.date_naive()
            ))
        }),
    };
    vec![question.record("attested-card", Role::Card.name(), found)]
}

/// The files whose coverage a scan judged and accepted.
fn covered(report: &RunReport) -> impl Iterator<Item = &str> {
    report
        .evidence
        .iter()
        .filter_map(|record| match &record.subject {
            Subject::File { path }
                if record.requirement.as_str() == "scan-coverage"
                    && record.outcome == Outcome::Met =>
            {
                Some(path.as_str())
            }
            _ => None,
        })
}

/// The latest report of a step: an old pass must not hide a new failure. Of two at the same time the one
/// that passes less speaks.
fn latest<'a>(question: &'a Question<'_>, role: Role) -> Result<&'a RunReport, String> {
    let reports = question
        .by(role)
        .filter_map(|known| match &known.read.predicate {
            Predicate::Report(report) => Some(report.as_ref()),
            Predicate::Other(_) => None,
        });
    reports
        .max_by_key(|report| (report.run.started_at, verdict(question, report)))
        .ok_or_else(|| {
            format!(
                "there is no signed `{}` report by anybody who may state it",
                role.name()
            )
        })
}

/// The verdict as of now.
fn verdict(question: &Question<'_>, report: &RunReport) -> Verdict {
    verdict_on(&report.evidence, question.facts.now.date_naive())
}

/// That a report passes, is recent, and judged what is asked under the bounds in force.
fn passed(question: &Question<'_>, report: &RunReport, rule: &ReportRule) -> Result<(), String> {
    let step = report.step.as_str();
    let verdict = verdict(question, report);
    if !verdict.passed() {
        return Err(format!("the latest `{step}` report says {verdict}"));
    }
    question.recent(
        &format!("the `{step}` report"),
        report.run.started_at,
        rule.max_age_days,
    )?;
    if let Some(wanted) = rule.configuration {
        let mut read = report.run.configuration.iter();
        if !read.any(|input| input.sha256 == wanted) {
            return Err(format!(
                "the `{step}` report was made under another configuration than {}, which is in force",
                wanted.short()
            ));
        }
    }
    for wanted in &rule.tests {
        let of_test = || {
            report
                .evidence
                .iter()
                .filter(|record| record.requirement.as_str() == wanted)
        };
        if of_test().next().is_none() || of_test().any(|record| record.outcome != Outcome::Met) {
            return Err(format!(
                "the `{step}` report does not say that `{wanted}` is met"
            ));
        }
    }
    Ok(())
}
