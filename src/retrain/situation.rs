//! All that a decision is made of, read beforehand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::history::PastRetraining;
use crate::evidence::{Evidence, InputRef, Location, Outcome, RunReport, Sha256, Step};

/// All that a decision is made of.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// The evidence of the new data.
    pub data: &'a EvidenceFile,
    /// The other evidence files the causes read, by the path in the configuration.
    pub files: &'a BTreeMap<String, EvidenceFile>,
    /// What is and was live; absent when the configuration has no registry.
    pub releases: Option<&'a Releases>,
    /// What was decided before, the first decision first.
    pub history: &'a [PastRetraining],
    /// Why a person asks for it, when one does.
    pub reason: Option<&'a str>,
    /// Who asks.
    pub by: &'a str,
    /// Digest of the configuration in force.
    pub configuration: Sha256,
    /// The time now.
    pub now: DateTime<Utc>,
    /// Finds the line of the configuration behind a path such as `retrain.causes.drift`.
    pub locate: &'a dyn Fn(&str) -> Option<Location>,
}

/// An evidence file as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceFile {
    /// Its path, as in the configuration.
    pub path: String,
    /// What is in it.
    pub content: Content,
}

/// What is in an evidence file.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A report, with the digest of its bytes.
    Report(Box<RunReport>, Sha256),
    /// There is no such file.
    Missing,
    /// It cannot be read or believed, and why.
    Unreadable(String),
}

/// What is and was live in the stage that serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases {
    /// Name of the stage.
    pub stage: String,
    /// What is live; absent when nothing is.
    pub live: Option<Live>,
    /// When the latest promotion was; rollbacks do not count.
    pub promoted_at: Option<DateTime<Utc>>,
}

/// The champion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its OMS root digest.
    pub digest: Sha256,
    /// When this very model was first promoted to the stage.
    pub since: DateTime<Utc>,
}

impl EvidenceFile {
    /// The report, when there is one.
    #[must_use]
    pub fn report(&self) -> Option<&RunReport> {
        match &self.content {
            Content::Report(report, _) => Some(report),
            Content::Missing | Content::Unreadable(_) => None,
        }
    }

    /// The file as an input, when it was read.
    #[must_use]
    pub fn input(&self) -> Option<InputRef> {
        match &self.content {
            Content::Report(_, sha256) => Some(InputRef {
                locator: self.path.clone(),
                sha256: *sha256,
                fetched_at: None,
            }),
            Content::Missing | Content::Unreadable(_) => None,
        }
    }

    /// The records of `step`, when the file holds any section of it.
    pub(super) fn records_of(&self, step: Step) -> Option<Vec<&Evidence>> {
        let sections = self.report()?.sections();
        let of_step: Vec<_> = sections
            .into_iter()
            .filter(|section| section.step == step)
            .collect();
        (!of_step.is_empty()).then(|| {
            let records = of_step.into_iter().flat_map(|section| &section.evidence);
            records.collect()
        })
    }
}

impl Situation<'_> {
    /// The champion, when it is known: what is live, or else the model the evidence speaks of.
    #[must_use]
    pub fn champion(&self) -> Option<Sha256> {
        match self.releases {
            Some(releases) => releases.live.map(|live| live.digest),
            None => self
                .reports()
                .find_map(|report| report.digest_of(self.model)),
        }
    }

    /// The digests of all data the evidence speaks of.
    pub(super) fn data_digests(&self) -> BTreeSet<Sha256> {
        self.reports()
            .flat_map(RunReport::sections)
            .flat_map(|section| &section.subjects)
            .filter(|subject| subject.name != self.model)
            .map(|subject| subject.sha256)
            .collect()
    }

    fn reports(&self) -> impl Iterator<Item = &RunReport> {
        let files = self.files.values().chain([self.data]);
        files.filter_map(EvidenceFile::report)
    }

    /// The evidence file at `path`, or that of the new data.
    pub(super) fn file(&self, path: Option<&str>) -> Option<&EvidenceFile> {
        match path {
            Some(path) => self.files.get(path),
            None => Some(self.data),
        }
    }
}

/// Whether a record is open and no waiver that is in force on `today` covers it.
pub(super) fn is_open(record: &Evidence, today: NaiveDate) -> bool {
    let waived = record.is_waived()
        && record
            .waiver
            .as_ref()
            .is_some_and(|waiver| today <= waiver.until);
    record.outcome != Outcome::Met && !waived
}
