//! Counts of records: by step, by dataset, by topic of Article 15.

use std::collections::BTreeSet;

use super::article_15::{Topic, TopicSummary};
use super::build::Section;
use super::document::{Claim, ClaimSource, Counts, DatasetSummary, Reading, Tally};
use crate::evidence::{Evidence, Outcome, Quantity, RunReport, Subject};

/// Which records of a step are counted.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted<'a> {
    /// Only those about this dataset or its columns.
    pub dataset: Option<&'a str>,
    /// Only those of this topic.
    pub topic: Option<Topic>,
}

/// How many of the records of `report` are such.
pub(super) fn count(report: &RunReport, tally: Tally, counted: Counted<'_>) -> u64 {
    let Counted { dataset, topic } = counted;
    let about = |record: &&Evidence| {
        dataset.is_none_or(|name| dataset_of(record) == Some(name))
            && topic.is_none_or(|topic| topic.holds(report.step, record))
    };
    let records = report.evidence.iter().filter(about);
    let count = match tally {
        Tally::Met => records.filter(|r| !r.blocks() && !r.warns()).count(),
        Tally::NotMet => records
            .filter(|r| r.blocks() && r.outcome == Outcome::NotMet)
            .count(),
        Tally::NotEvaluated => records
            .filter(|r| r.blocks() && matches!(r.outcome, Outcome::NotEvaluated(_)))
            .count(),
        Tally::Warnings => records.filter(|r| r.warns()).count(),
        Tally::Files => records
            .filter_map(|record| match &record.subject {
                Subject::File { path } => Some(path),
                _ => None,
            })
            .collect::<BTreeSet<_>>()
            .len(),
    };
    count as u64
}

/// The datasets the records of a section are about, in order of first appearance.
pub(super) fn datasets(section: &Section<'_>) -> Vec<DatasetSummary> {
    let mut names: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in section.report.evidence.iter().filter_map(dataset_of) {
        if seen.insert(name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| DatasetSummary {
            dataset: name.to_owned(),
            sha256: section.report.digest_of(name),
            counts: counts(
                section,
                &format!("data/{name}"),
                Counted {
                    dataset: Some(name),
                    ..Counted::default()
                },
            ),
        })
        .collect()
}

/// The topics of Article 15 on which a section has records.
pub(super) fn topics<'a>(section: &'a Section<'_>) -> impl Iterator<Item = TopicSummary> + 'a {
    let report = section.report;
    let found = Topic::ALL.into_iter().filter(|topic| {
        let mut records = report.evidence.iter();
        records.any(|record| topic.holds(report.step, record))
    });
    found.map(|topic| TopicSummary {
        topic,
        counts: counts(
            section,
            &format!("article-15/{}", topic.as_str()),
            Counted {
                topic: Some(topic),
                ..Counted::default()
            },
        ),
    })
}

fn dataset_of(record: &Evidence) -> Option<&str> {
    match &record.subject {
        Subject::Dataset { dataset }
        | Subject::Column { dataset, .. }
        | Subject::Rows { dataset, .. } => Some(dataset),
        _ => None,
    }
}

pub(super) fn counts(section: &Section<'_>, id: &str, of: Counted<'_>) -> Counts {
    let claim = |what: &str, label: &str, tally| {
        counted(
            section,
            &format!("{id}/{what}"),
            &format!("{id}: {label}"),
            tally,
            of,
        )
    };
    Counts {
        met: claim("met", "requirements met", Tally::Met),
        not_met: claim("not-met", "requirements not met", Tally::NotMet),
        not_evaluated: claim(
            "not-evaluated",
            "requirements not evaluated",
            Tally::NotEvaluated,
        ),
        warnings: claim("warnings", "warnings", Tally::Warnings),
    }
}

pub(super) fn counted(
    section: &Section<'_>,
    id: &str,
    label: &str,
    tally: Tally,
    of: Counted<'_>,
) -> Claim {
    let value = count(section.report, tally, of);
    Claim {
        id: id.to_owned(),
        label: label.to_owned(),
        quantity: Some(Quantity::new(value as f64, tally.unit())),
        source: ClaimSource {
            evidence: section.evidence,
            pointer: format!("{}/evidence", section.pointer),
            reading: Reading::Count {
                tally,
                dataset: of.dataset.map(str::to_owned),
                topic: of.topic,
            },
        },
    }
}
