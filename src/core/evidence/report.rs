//! The evidence of one step with the identity of the run: what is written to disk, signed and
//! handed from job to job.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::Sha256;
use super::figure::Figure;
use super::import::Import;
use super::outcome::Outcome;
use super::record::{Evidence, InputRef};
use super::requirement::RequirementId;
use super::verdict::Verdict;

/// Version of the evidence format; a reader refuses a newer one.
pub const SCHEMA_VERSION: u32 = 1;

/// The steps of the chain, in order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Is the data fit?
    DataValidation,
    /// Is the model good enough, and no worse than the champion?
    Gate,
    /// Is the model file safe to load?
    Scan,
    /// Is the model documented?
    Card,
    /// Is the model what it claims to be?
    Sign,
    /// May it go live?
    Promote,
    /// Must the model that is live be trained again?
    Retrain,
    /// Several steps in one report.
    Run,
    /// Is everything needed in place? Says nothing about a model.
    Doctor,
    /// Is this program the one that was released? Says nothing about a model.
    SelfVerify,
}

impl Step {
    /// The step as it is written in file names and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataValidation => "data-validation",
            Self::Gate => "gate",
            Self::Scan => "scan",
            Self::Card => "card",
            Self::Sign => "sign",
            Self::Promote => "promote",
            Self::Retrain => "retrain",
            Self::Run => "run",
            Self::Doctor => "doctor",
            Self::SelfVerify => "self-verify",
        }
    }

    /// The question the step answers.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::DataValidation => "Is the data fit?",
            Self::Gate => "Is the model good enough, and no worse than the champion?",
            Self::Scan => "Is the model safe to load?",
            Self::Card => "Is the model documented?",
            Self::Sign => "Is the model what it claims to be?",
            Self::Promote => "May the model go live?",
            Self::Retrain => "Must the model be trained again?",
            Self::Run => "May the model go live, and why?",
            Self::Doctor => "Is everything needed in place?",
            Self::SelfVerify => "Is this program the one that was released?",
        }
    }
}

/// The evidence of one step, in contract order, with the identity of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The step that was run.
    pub step: Step,
    /// The verdict, for readers that do not compute it; always equal to `verdict()`.
    pub verdict: Verdict,
    /// The datasets and the model the evidence is about.
    #[serde(default)]
    pub subjects: Vec<SubjectDigest>,
    /// Who ran what, where and when.
    pub run: RunIdentity,
    /// One record per requirement, in contract order.
    pub evidence: Vec<Evidence>,
    /// Curves for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// What the model files import, sorted; absent where nobody has looked. A later version is held against
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imports: Option<Vec<Import>>,
    /// The reports of the single steps, when the step is [`Step::Run`]; `evidence` is then empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RunReport>,
}

/// Something the evidence is about, pinned by its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SubjectDigest {
    /// Name of the dataset or model.
    pub name: String,
    /// For a dataset, the digest of its file; for a model, the OMS root digest.
    pub sha256: Sha256,
}

/// Who ran what, where and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunIdentity {
    /// This program.
    pub tool: Tool,
    /// When the run began.
    pub started_at: DateTime<Utc>,
    /// The configuration and the contracts in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration: Vec<InputRef>,
    /// The CI job, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiContext>,
    /// The datasets of several files of which results of earlier runs could be reused. The evidence is the
    /// same as if every file had been read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<DatasetPartitions>,
}

/// How many files of a dataset were read, and how many were known from earlier runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetPartitions {
    /// Name of the dataset.
    pub dataset: String,
    /// Its files.
    pub files: u64,
    /// Those whose rows were read for no requirement but those below: their bytes are the same as in the
    /// run whose results were reused.
    pub reused: u64,
    /// The requirements for which the rows of all files were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needing_all: Vec<RequirementId>,
}

/// The program that produced a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `proofmark`.
    pub name: String,
    /// Semantic version.
    pub version: String,
}

/// The CI job a report comes from. Names only, never a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CiContext {
    /// `github`, `gitlab` or `jenkins`.
    pub system: String,
    /// `owner/name` or the project path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The commit checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Where a person can look at the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
    /// The directory the program ran in, relative to the top of the repository, with `/` between its
    /// parts; absent at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
}

/// How many records ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Met.
    pub met: usize,
    /// Not met, with severity error or integrity and no waiver.
    pub not_met: usize,
    /// Not evaluated, with severity error or integrity and no waiver.
    pub not_evaluated: usize,
    /// Open but not blocking: warnings and waived records.
    pub warnings: usize,
}

impl RunReport {
    /// A report of `evidence` with its verdict.
    #[must_use]
    pub fn new(
        step: Step,
        run: RunIdentity,
        subjects: Vec<SubjectDigest>,
        evidence: Vec<Evidence>,
        figures: Vec<Figure>,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            step,
            verdict: Verdict::of(&evidence),
            subjects,
            run,
            evidence,
            figures,
            imports: None,
            steps: Vec::new(),
        }
    }

    /// One report of several steps, in the order given.
    #[must_use]
    pub fn of_steps(run: RunIdentity, steps: Vec<Self>) -> Self {
        let mut report = Self::new(Step::Run, run, Vec::new(), Vec::new(), Vec::new());
        for subject in steps.iter().flat_map(|step| &step.subjects) {
            if !report.subjects.contains(subject) {
                report.subjects.push(subject.clone());
            }
        }
        report.steps = steps;
        report.verdict = report.verdict();
        report
    }

    /// The verdict, computed from the evidence and from nothing else.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.steps.iter().map(Self::verdict).max() {
            Some(worst) if self.evidence.is_empty() => worst,
            Some(worst) => worst.max(Verdict::of(&self.evidence)),
            None => Verdict::of(&self.evidence),
        }
    }

    /// The reports that hold evidence, in order: this report itself, where it has records or no
    /// steps, then the single steps.
    #[must_use]
    pub fn sections(&self) -> Vec<&Self> {
        let own = (self.steps.is_empty() || !self.evidence.is_empty()).then_some(self);
        let steps = self.steps.iter().flat_map(Self::sections);
        own.into_iter().chain(steps).collect()
    }

    /// Every record with the step it belongs to, in order.
    pub fn records(&self) -> impl Iterator<Item = (Step, &Evidence)> {
        self.sections()
            .into_iter()
            .flat_map(|section| section.evidence.iter().map(|record| (section.step, record)))
    }

    /// How many records ended how.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for (_, record) in self.records() {
            if record.blocks() {
                match record.outcome {
                    Outcome::Met => {}
                    Outcome::NotMet => summary.not_met += 1,
                    Outcome::NotEvaluated(_) => summary.not_evaluated += 1,
                }
            } else if record.warns() {
                summary.warnings += 1;
            } else {
                summary.met += 1;
            }
        }
        summary
    }

    /// The report with paths that start at the top of the repository instead of the directory the
    /// program ran in: what a forge takes for the path of a file.
    #[must_use]
    pub fn in_repository(&self) -> Cow<'_, Self> {
        match self.run.ci.as_ref().and_then(|ci| ci.directory.as_deref()) {
            None => Cow::Borrowed(self),
            Some(directory) => Cow::Owned(self.below(directory)),
        }
    }

    fn below(&self, directory: &str) -> Self {
        let mut report = self.clone();
        for record in &mut report.evidence {
            if let Some(location) = &mut record.location {
                location.file = path_below(directory, &location.file);
            }
        }
        for input in &mut report.run.configuration {
            input.locator = path_below(directory, &input.locator);
        }
        report.steps = self
            .steps
            .iter()
            .map(|step| step.below(directory))
            .collect();
        report
    }

    /// The digest of the subject called `name`.
    #[must_use]
    pub fn digest_of(&self, name: &str) -> Option<Sha256> {
        self.subjects
            .iter()
            .find(|subject| subject.name == name)
            .map(|subject| subject.sha256)
    }

    /// The report as JSON with sorted keys, two spaces and a final line feed: the bytes that are
    /// written, hashed and signed. GitHub's runner takes `##[` anywhere in a log for a command, so
    /// that is written with an escape.
    #[must_use]
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a report has only string keys");
        let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
        text.push('\n');
        text.replace("##[", "\\u0023#[")
    }

    /// Reads a report back. The stored verdict is not trusted: it is an error when it differs from
    /// the evidence.
    ///
    /// # Errors
    /// When the text is not a report, is of a newer version, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, InvalidReport> {
        let report: Self = serde_json::from_str(text)?;
        if SCHEMA_VERSION < report.schema_version {
            return Err(InvalidReport::Newer(report.schema_version));
        }
        if report.verdict != report.verdict() {
            return Err(InvalidReport::Contradiction {
                stated: report.verdict,
                computed: report.verdict(),
            });
        }
        Ok(report)
    }
}

/// A path from the top of the repository: `credit`, `../contract.yaml` → `contract.yaml`. What is no
/// path of this directory stays as it is: absolute paths, addresses, and what leads out of it.
#[must_use]
pub fn path_below(directory: &str, path: &str) -> String {
    let is_relative = !path.starts_with('/')
        && !path.contains("://")
        && !path.contains('\\')
        && path.chars().nth(1) != Some(':');
    if !is_relative {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = directory.split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return path.to_owned();
                }
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Why a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidReport {
    /// Not JSON, or not of this shape.
    #[error("not an evidence report: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error("evidence format {0} is newer than {SCHEMA_VERSION}; hint: update proofmark")]
    Newer(u32),
    /// The verdict written does not follow from the evidence.
    #[error("the report states `{stated}` but its evidence says `{computed}`")]
    Contradiction {
        /// The verdict in the file.
        stated: Verdict,
        /// The verdict of the evidence in the file.
        computed: Verdict,
    },
}
