//! Systems whose results we read: one file or folder for each, one line in [`SOURCES`].
//!
//! A source turns what another system wrote into a [`Recording`]: names, numbers and verdicts as that
//! system said them, with who said it. Nothing is recomputed, nothing made up: a number that is not
//! there is not there, NaN stays NaN, and what keeps a run from being whole is a shortfall. Every byte
//! that was believed is pinned by its digest. What is required of it is judged by `gates`.

mod airflow;
mod answers;
mod arize;
mod deepchecks;
mod deepeval;
mod dvc;
mod evidently;
mod fiddler;
mod hyperfine;
mod inspect;
pub mod json;
mod junit;
mod k6;
mod kayenta;
mod kubeflow;
mod lime;
mod lm_eval;
mod locust;
mod mlflow;
mod mlflow_genai;
mod model_files;
mod neptune;
mod openai_evals;
mod phoenix;
mod prefect;
mod promptfoo;
mod protobuf;
mod pytest_benchmark;
mod ragas;
mod reference;
mod rows;
mod sagemaker;
mod sarif;
mod shap;
mod snyk;
mod tfma;
mod truera;
mod trulens;
mod values;
mod vegeta;
mod vertex;
mod wandb;
mod whylogs;

use std::path::{Path, PathBuf};

pub use reference::reference;

use crate::engines::{self, Columns, EngineError, TableSource};
use crate::evidence::{InputRef, Reason, Sha256};
use crate::io::World;
use crate::io::files::{self, FileError, FileProblem};
use crate::io::remote::RemoteError;
use crate::recorded::Recording;

/// Largest file of results read, in bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Every source, by name.
pub const SOURCES: &[Source] = &[
    airflow::SOURCE,
    arize::SOURCE,
    deepchecks::SOURCE,
    deepeval::SOURCE,
    dvc::SOURCE,
    evidently::SOURCE,
    fiddler::SOURCE,
    hyperfine::SOURCE,
    inspect::SOURCE,
    junit::SOURCE,
    k6::SOURCE,
    kayenta::SOURCE,
    kubeflow::SOURCE,
    lime::SOURCE,
    lm_eval::SOURCE,
    locust::SOURCE,
    mlflow::SOURCE,
    mlflow_genai::SOURCE,
    model_files::SOURCE,
    neptune::SOURCE,
    openai_evals::SOURCE,
    phoenix::SOURCE,
    prefect::SOURCE,
    promptfoo::SOURCE,
    pytest_benchmark::SOURCE,
    ragas::SOURCE,
    sagemaker::SOURCE,
    sarif::SOURCE,
    shap::SOURCE,
    snyk::SOURCE,
    tfma::SOURCE,
    truera::SOURCE,
    trulens::SOURCE,
    values::SOURCE,
    vegeta::SOURCE,
    vertex::SOURCE,
    wandb::SOURCE,
    whylogs::SOURCE,
];

/// A system whose results we read.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its name in configuration, in snake_case.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What `candidate` names, in one sentence.
    pub summary: &'static str,
    /// What is read of it.
    pub gives: &'static [Gives],
    /// Where its format is described, or by which version of the system it was written when we read it.
    pub reference: &'static str,
    /// How it is read.
    pub read: Reader,
}

/// What a source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Numbers over all cases.
    Metrics,
    /// Numbers on slices.
    Slices,
    /// Numbers case by case.
    Cases,
    /// Tests that passed or did not.
    Verdicts,
    /// Weaknesses.
    Findings,
    /// How much features moved predictions.
    Attributions,
}

/// How a source is read.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// From the bytes of one file. The problem is a sentence that names what was expected.
    File(fn(&Content<'_>) -> Result<Recording, String>),
    /// In a way of its own: a directory, a table, a server.
    Own(fn(&Asked<'_>) -> Result<Read, SourceError>),
}

/// One file of results.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Its name, as the configuration says.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// What is asked of a source.
pub struct Asked<'a> {
    /// The environment and the clock.
    pub world: &'a World,
    /// The directory paths are relative to.
    pub root: &'a Path,
    /// The file, directory or address, as the configuration says.
    pub locator: &'a str,
    /// The server, as the configuration says.
    pub server: Option<&'a str>,
    /// The numbers that rules are about, for a source that keeps more of them than it would give unasked.
    pub metrics: &'a [&'a str],
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What the system recorded.
    pub recording: Recording,
    /// What was read of it, each pinned by its digest.
    pub inputs: Vec<InputRef>,
}

/// Results could not be read. Reads after "error: ".
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A table cannot be read.
    #[error(transparent)]
    Table(#[from] EngineError),
    /// Another system did not answer.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// What is there is not what it should be.
    #[error("failed to read `{locator}` as {source_title}: {problem}")]
    Malformed {
        /// The file or address.
        locator: String,
        /// What it should be of.
        source_title: &'static str,
        /// What is wrong, as a fragment that names what was expected.
        problem: String,
    },
    /// The system is there, and says that what is asked for is not.
    #[error("{0}")]
    Missing(String),
    /// Something is not configured.
    #[error("{0}")]
    Setting(String),
}

impl SourceError {
    /// Why a requirement on these results is not evaluated.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::File(error) if error.is_not_found() => Reason::MissingInput,
            Self::Table(error) => error.reason(),
            Self::Remote(error) => error.problem.reason(),
            Self::File(_) | Self::Malformed { .. } => Reason::UnreadableInput,
            Self::Missing(_) | Self::Setting(_) => Reason::MissingInput,
        }
    }

    /// The same error about a file that was brought from elsewhere, as the configuration calls it.
    #[must_use]
    pub fn about(self, locator: &str) -> Self {
        match self {
            Self::Malformed {
                source_title,
                problem,
                ..
            } => Self::Malformed {
                locator: locator.to_owned(),
                source_title,
                problem,
            },
            Self::File(_)
            | Self::Table(_)
            | Self::Remote(_)
            | Self::Missing(_)
            | Self::Setting(_) => self,
        }
    }

    /// Whether what is asked for does not exist: not that it cannot be read or reached.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::File(error) | Self::Table(EngineError::File(error)) => error.is_not_found(),
            Self::Missing(_) => true,
            // Also what may not be seen, and what never was a server, is "not found" by HTTP.
            Self::Table(_) | Self::Remote(_) | Self::Malformed { .. } | Self::Setting(_) => false,
        }
    }
}

/// The source of this name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.id == id)
}

/// The names of all sources.
pub fn ids() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|source| source.id)
}

/// Whether what the source of this name reads is one file, which its digest pins.
#[must_use]
pub fn is_of_one_file(id: &str) -> bool {
    find(id).is_some_and(|source| matches!(source.read, Reader::File(_)))
}

impl Source {
    /// Reads what the system recorded.
    ///
    /// # Errors
    /// When it is not there, not readable, or not what this source reads.
    pub fn read(&self, asked: &Asked<'_>) -> Result<Read, SourceError> {
        match self.read {
            Reader::Own(read) => read(asked),
            Reader::File(parse) => {
                let (bytes, input) = asked.content()?;
                let content = Content {
                    name: asked.locator,
                    bytes: &bytes,
                };
                let recording =
                    parse(&content).map_err(|problem| asked.malformed(self.title, problem))?;
                Ok(Read {
                    recording,
                    inputs: vec![input],
                })
            }
        }
    }
}

impl Asked<'_> {
    /// The file or directory, as a path of this process.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.root.join(self.locator)
    }

    /// What is in the file, with what pins it.
    ///
    /// # Errors
    /// When it is missing, unreadable or larger than anybody's results.
    pub fn content(&self) -> Result<(Vec<u8>, InputRef), SourceError> {
        self.content_of(self.locator)
    }

    /// What is in another file, with what pins it.
    ///
    /// # Errors
    /// As [`Self::content`].
    pub fn content_of(&self, locator: &str) -> Result<(Vec<u8>, InputRef), SourceError> {
        let bytes = files::read(&self.root.join(locator), FILE_BYTES_MAX)?;
        let input = InputRef {
            locator: locator.to_owned(),
            sha256: Sha256::of(&bytes),
            fetched_at: None,
        };
        Ok((bytes, input))
    }

    /// The locator without an option at its end, and the option: `shap.npy@class=1` is `shap.npy` and
    /// `1` for `class`.
    #[must_use]
    pub fn option(&self, key: &str) -> (&str, Option<&str>) {
        let parts = self.locator.rsplit_once('@');
        let found = parts.and_then(|(locator, option)| {
            let value = option.strip_prefix(key)?.strip_prefix('=')?;
            Some((locator, Some(value)))
        });
        found.unwrap_or((self.locator, None))
    }

    /// The columns of a table, all when none are named, with what pins it.
    ///
    /// # Errors
    /// When it cannot be read, is too large, lacks a column, or changes meanwhile.
    pub fn columns(
        &self,
        locator: &str,
        names: Option<&[&str]>,
    ) -> Result<(Columns, InputRef), SourceError> {
        let path = self.root.join(locator);
        let before = files::stamp(&path)?;
        let (sha256, _) = files::digest(&path)?;
        let source = TableSource {
            path,
            locator: locator.to_owned(),
            ..TableSource::default()
        };
        let columns = engines::load_columns(&source, names)?;
        if files::stamp(&source.path)? != before {
            return Err(FileError::because("read", &source.path, FileProblem::Changed).into());
        }
        let input = InputRef {
            locator: locator.to_owned(),
            sha256,
            fetched_at: None,
        };
        Ok((columns, input))
    }

    /// An error for what is not as it should be.
    #[must_use]
    pub fn malformed(&self, source_title: &'static str, problem: String) -> SourceError {
        SourceError::Malformed {
            locator: self.locator.to_owned(),
            source_title,
            problem,
        }
    }
}

#[cfg(test)]
mod tests;
