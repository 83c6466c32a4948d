//! Workflow commands of GitHub Actions: the worst findings as annotations on the lines that demanded
//! them, then one plain line for the log.
//!
//! A step may leave ten annotations of a kind, and the runner drops the rest without a word; a page
//! of thirty is read by nobody anyway. So there are at most ten in all, the worst first, and when
//! there are more findings the last says how many.
//!
//! Text from data stands only inside commands, escaped as the runner undoes it: `%`, CR and LF in a
//! message, `:` and `,` besides in a property (GitHub Docs, "Workflow commands"). Every command has a
//! property, so that runners which look for the last `::` of a line still see ours. The plain line is
//! made of our own words and numbers.

use super::RenderOptions;
use super::findings::{Finding, configuration_file, findings};
use super::limits::{
    ANNOTATION_TITLE_CHARACTERS_MAX, ANNOTATIONS_PER_JOB_MAX, ANNOTATIONS_PER_KIND_AND_STEP_MAX,
};
use super::sections::{sections, tally};
use super::standing::{Standing, requirements};
use super::text::{LEGACY_COMMAND, first_rows, requirement_and_subject, shorten, visible};
use super::view::fix;
use crate::evidence::RunReport;

/// Annotations of one report, of whatever kind: what one step may leave of a single kind.
pub(super) const ANNOTATIONS_MAX: usize = ANNOTATIONS_PER_KIND_AND_STEP_MAX;

// A job that runs data, gate, scan, card and promotion as steps of their own loses none.
const _: () = assert!(5 * ANNOTATIONS_MAX <= ANNOTATIONS_PER_JOB_MAX);

/// The report as workflow commands.
pub(super) fn render(report: &RunReport, options: &RenderOptions<'_>) -> String {
    let sections = sections(report);
    let findings = findings(&sections);
    let configuration = configuration_file(report);
    let mut text = commands(
        findings.len(),
        |index| annotation(&findings[index], configuration, options),
        "report",
    );
    let tally = tally(&sections);
    text.push_str(&format!(
        "proofmark: {}. {}: {tally}.\n",
        report.verdict(),
        requirements(tally.total())
    ));
    text
}

/// Annotations as workflow commands, where there is no report to make them of.
#[must_use]
pub fn annotated(annotations: &[Annotation]) -> String {
    commands(annotations.len(), |index| annotations[index].clone(), "log")
}

/// As many of `count` annotations as one step may leave, and a last one that says where the rest is.
fn commands(count: usize, annotation: impl Fn(usize) -> Annotation, rest_in: &str) -> String {
    let shown = match count {
        0..=ANNOTATIONS_MAX => count,
        _ => ANNOTATIONS_MAX - 1,
    };
    let mut text: String = (0..shown)
        .map(|index| command(&annotation(index)))
        .collect();
    if shown < count {
        text.push_str(&format!(
            "::{} title=proofmark::{} more in the {rest_in}\n",
            annotation(shown).level.as_str(),
            count - shown
        ));
    }
    text
}

/// A finding on the line that demanded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Path of the file, relative to the repository.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// How much it matters.
    pub level: Level,
    /// One line of at most [`ANNOTATION_TITLE_CHARACTERS_MAX`] characters.
    pub title: String,
    /// Sentence and fix.
    pub message: String,
}

/// How much an annotation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It blocks.
    Error,
    /// It does not block.
    Warning,
    /// It is only noted.
    Notice,
}

impl Level {
    /// The level as workflow commands name it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// The worst `count_max` findings of `report` as annotations, worst first.
#[must_use]
pub fn annotations(
    report: &RunReport,
    options: &RenderOptions<'_>,
    count_max: usize,
) -> Vec<Annotation> {
    let report = report.in_repository();
    let sections = sections(&report);
    let configuration = configuration_file(&report);
    findings(&sections)
        .iter()
        .take(count_max)
        .map(|finding| annotation(finding, configuration, options))
        .collect()
}

fn annotation(
    finding: &Finding<'_>,
    configuration: &str,
    options: &RenderOptions<'_>,
) -> Annotation {
    let place = finding.place(configuration);
    let (requirement, subject) = requirement_and_subject(finding.record);
    let title = format!(
        "{}: {requirement} on {subject}",
        capitalised(finding.standing.word())
    );
    let mut message = finding.sentence();
    if let Some(rows) = finding.record.failing_rows.as_ref().and_then(first_rows) {
        message = format!("{message} {rows}");
    }
    let advice = match finding.waiver() {
        Some(waiver) => Some(waiver),
        None => fix(finding.record, options).map(|fix| format!("Fix: {fix}")),
    };
    if let Some(advice) = advice {
        message.push('\n');
        message.push_str(&advice);
    }
    Annotation {
        path: visible(&place.path),
        line: place.line,
        column: place.column,
        level: level(finding.standing),
        title: shorten(&title, ANNOTATION_TITLE_CHARACTERS_MAX),
        message,
    }
}

fn command(annotation: &Annotation) -> String {
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        annotation.level.as_str(),
        property(&annotation.path),
        annotation.line,
        annotation.column,
        property(&annotation.title),
        data(&annotation.message)
    )
}

fn level(standing: Standing) -> Level {
    match standing {
        Standing::IntegrityFailure | Standing::NotMet | Standing::NotEvaluated => Level::Error,
        Standing::Warning => Level::Warning,
        Standing::Waived | Standing::Noted | Standing::NotTried | Standing::Met => Level::Notice,
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next();
    first.map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), characters.as_str())
    })
}

/// The message of a command.
fn data(text: &str) -> String {
    text.replace(LEGACY_COMMAND, "## [")
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
