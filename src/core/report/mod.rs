//! Evidence as text: one file per format, all of them pure functions of a [`RunReport`].
//!
//! The producer of a record writes its sentence; a renderer places it and never composes another.
//! Text in a record may come from data, so every format shows it as text: control characters and
//! bidirectional overrides become visible, markup is escaped, nothing can forge a workflow command.
//!
//! ```text
//! sections  what is rendered: the steps, and a record for a step without any
//! standing  how a record stands: not met, waived, met …      text  untrusted text made safe; styles colours
//! essence   what a step comes down to, in one line
//! findings  open records, worst first, where a tab of findings shows them
//! changes   what has changed since an earlier report; change_rows its words
//! view      the report as the Markdown and HTML templates see it; metric_rows its tables of metrics
//! forests   figures drawn from records           metric_table the table of metrics in columns
//! trends    metrics over past runs
//! limits    what the systems that show reports take in
//! terminal json markdown html junit sarif codequality openmetrics github dotenv    one format each
//! ```

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod change_rows;
mod changes;
mod codequality;
mod dotenv;
mod essence;
mod findings;
mod forests;
mod github;
mod html;
mod json;
mod junit;
pub mod limits;
mod markdown;
mod metric_rows;
mod metric_table;
mod openmetrics;
mod sarif;
mod sections;
mod standing;
mod styles;
mod terminal;
mod text;
mod trends;
mod view;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::evidence::{Requirement, RunReport};

pub use github::{Annotation, Level, annotated, annotations};
pub use markdown::BYTES_MAX as MARKDOWN_BYTES_MAX;
pub use sections::REQUIREMENTS;

/// A format a report can be rendered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal or reading a job log.
    Terminal,
    /// The evidence itself, as it is written, hashed and signed.
    Json,
    /// For a pull-request comment or a step summary.
    Markdown,
    /// One self-contained page.
    Html,
    /// For the test tab of a CI system.
    Junit,
    /// For code scanning.
    Sarif,
    /// For the merge request on GitLab.
    Codequality,
    /// For the metrics report of GitLab, and for monitoring.
    Openmetrics,
    /// For the log of a GitHub Actions job: annotations as workflow commands.
    Github,
    /// For the jobs after this one on GitLab.
    Dotenv,
}

impl Format {
    /// Every format, in the order help lists them.
    pub const ALL: [Self; 10] = [
        Self::Terminal,
        Self::Json,
        Self::Markdown,
        Self::Html,
        Self::Junit,
        Self::Sarif,
        Self::Codequality,
        Self::Openmetrics,
        Self::Github,
        Self::Dotenv,
    ];

    /// The format as it is written on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Codequality => "codequality",
            Self::Openmetrics => "openmetrics",
            Self::Github => "github",
            Self::Dotenv => "dotenv",
        }
    }

    /// The ending of a file in this format, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Terminal | Self::Openmetrics | Self::Github => "txt",
            Self::Json | Self::Codequality => "json",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Junit => "xml",
            Self::Sarif => "sarif",
            Self::Dotenv => "env",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no format.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a report format: expected `terminal`, `json`, `markdown`, `html`, `junit`, `sarif`, `codequality`, `openmetrics`, `github` or `dotenv`"
)]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| UnknownFormat(text.chars().take(80).collect()))
    }
}

/// What a renderer needs besides the report.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    /// Looks up what is known about a requirement by its id.
    pub requirement: &'a dyn Fn(&str) -> Option<&'static Requirement>,
    /// Whether the terminal format may use colour.
    pub color: bool,
    /// Columns of the terminal; the terminal format wraps at it.
    pub width: usize,
    /// Whether the terminal format also lists what was met.
    pub verbose: bool,
    /// What reports for people compare the report with.
    pub baseline: Baseline<'a>,
    /// Which way a metric gets better, by its id, where nothing is required of it that would say so.
    pub better: &'a dyn Fn(&str) -> Option<Better>,
}

/// What a report is compared with.
#[derive(Clone, Copy, Default)]
pub enum Baseline<'a> {
    /// Nothing: no comparison was asked for.
    #[default]
    NotAsked,
    /// An earlier report that does not exist. The first run on a branch has none.
    NotThere,
    /// An earlier report.
    Of(&'a RunReport),
}

/// Which way a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// A report could not be rendered: a fault of a template or of this program, never of the evidence.
#[derive(Debug, thiserror::Error)]
#[error("failed to render the report as {format}: {problem}")]
pub struct RenderError {
    /// The format asked for.
    pub format: Format,
    /// What went wrong.
    #[source]
    pub problem: RenderProblem,
}

/// What went wrong while rendering.
#[derive(Debug, thiserror::Error)]
pub enum RenderProblem {
    /// A template is malformed, or the report has more records than it may spend time on.
    #[error(transparent)]
    Template(#[from] minijinja::Error),
    /// The report cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The report cannot be written as XML.
    #[error(transparent)]
    Xml(#[from] quick_junit::SerializeError),
}

/// Renders `report` in `format`. Same report and options, same bytes.
///
/// # Errors
/// When a template fails; see [`RenderProblem`].
pub fn render(
    report: &RunReport,
    format: Format,
    options: &RenderOptions<'_>,
) -> Result<String, RenderError> {
    let in_repository = match format {
        // A forge and a build server look for the file from the top of the repository.
        Format::Junit | Format::Sarif | Format::Codequality | Format::Github => {
            report.in_repository()
        }
        Format::Terminal
        | Format::Json
        | Format::Markdown
        | Format::Html
        | Format::Openmetrics
        | Format::Dotenv => Cow::Borrowed(report),
    };
    let report = in_repository.as_ref();
    let rendered = match format {
        Format::Terminal => Ok(terminal::render(report, options)),
        Format::Json => Ok(json::render(report)),
        Format::Markdown => markdown::render(report, options),
        Format::Html => html::render(report, options),
        Format::Junit => junit::render(report, options),
        Format::Sarif => sarif::render(report, options),
        Format::Codequality => codequality::render(report),
        Format::Openmetrics => Ok(openmetrics::render(report)),
        Format::Github => Ok(github::render(report, options)),
        Format::Dotenv => Ok(dotenv::render(report)),
    };
    rendered.map_err(|problem| RenderError { format, problem })
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod essence_tests;
#[cfg(test)]
mod forest_tests;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod limits_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
