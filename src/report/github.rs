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
use super::text::{LEGACY_COMMAND, requirement_and_subject, shorten, visible};
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
    let shown = if findings.len() <= ANNOTATIONS_MAX {
        findings.len()
    } else {
        ANNOTATIONS_MAX - 1
    };
    let mut text = String::new();
    for finding in findings.iter().take(shown) {
        text.push_str(&annotation(finding, configuration, options));
    }
    let more = findings.get(shown..).unwrap_or(&[]);
    if let Some(worst) = more.first() {
        text.push_str(&format!(
            "::{} title=proofmark::{} more in the report\n",
            kind(worst.standing),
            more.len()
        ));
    }
    let tally = tally(&sections);
    text.push_str(&format!(
        "proofmark: {}. {}: {tally}.\n",
        report.verdict(),
        requirements(tally.total())
    ));
    text
}

fn annotation(finding: &Finding<'_>, configuration: &str, options: &RenderOptions<'_>) -> String {
    let place = finding.place(configuration);
    let (requirement, subject) = requirement_and_subject(finding.record);
    let title = shorten(
        &format!(
            "{}: {requirement} on {subject}",
            capitalised(finding.standing.word())
        ),
        ANNOTATION_TITLE_CHARACTERS_MAX,
    );
    let mut message = finding.sentence();
    let advice = match finding.waiver() {
        Some(waiver) => Some(waiver),
        None => fix(finding.record, options).map(|fix| format!("Fix: {fix}")),
    };
    if let Some(advice) = advice {
        message.push('\n');
        message.push_str(&advice);
    }
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        kind(finding.standing),
        property(&visible(&place.path)),
        place.line,
        place.column,
        property(&title),
        data(&message)
    )
}

fn kind(standing: Standing) -> &'static str {
    match standing {
        Standing::IntegrityFailure | Standing::NotMet | Standing::NotEvaluated => "error",
        Standing::Warning => "warning",
        Standing::Waived | Standing::Noted | Standing::NotTried | Standing::Met => "notice",
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
