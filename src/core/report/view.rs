//! The report as the Markdown and HTML templates see it: words and numbers ready to be placed.
//!
//! Every text in it is one line without hidden characters; markup is escaped by the template.

use serde::Serialize;

use super::RenderOptions;
use super::change_rows::{ChangesView, changes_view};
use super::essence::essence;
use super::metric_rows::{MetricRow, metric_rows};
use super::sections::{Section, live_stages, principal_subject, sections, tally};
use super::standing::{
    Standing, Tally, headline, requirements, untried_line, verdict_class, verdict_symbol,
};
use super::text::{failing_rows, name, place, requirement_and_subject, sentence, shorten, visible};
use super::trends::{TrendRow, trends};
use crate::evidence::{
    Evidence, InputRef, Interval, Outcome, Quantity, Requirement, RunReport, Subject, Unit, Verdict,
};

/// Longest essence of a step in a table or on a card, in characters: three lines of a card.
const ESSENCE_CHARACTERS_MAX: usize = 110;

/// The whole report.
#[derive(Serialize)]
pub(super) struct View {
    pub title: String,
    pub digest: String,
    pub verdict: Mark,
    pub headline_pieces: Vec<Piece>,
    pub tally: String,
    pub steps: Vec<StepView>,
    /// What has changed since an earlier report, where that was asked for.
    pub changes: Option<ChangesView>,
    /// Open records of all steps, worst first.
    pub open: Vec<RecordView>,
    /// What is said in place of the records that were not tried.
    pub untried: String,
    pub metrics: Vec<MetricRow>,
    pub slices: Vec<MetricRow>,
    /// How the slices of which something was required stand.
    pub slices_tally: String,
    /// Metrics over past runs, where there are some.
    pub trends: Vec<TrendRow>,
    pub subjects: Vec<InputView>,
    pub configuration: Vec<InputView>,
    pub run: RunView,
}

/// A symbol, the word for it and the style sheet class of both.
#[derive(Clone, Serialize)]
pub(super) struct Mark {
    pub symbol: &'static str,
    pub word: String,
    pub class: &'static str,
}

/// One step.
#[derive(Serialize)]
pub(super) struct StepView {
    pub id: &'static str,
    pub question: &'static str,
    pub verdict: Mark,
    /// Whether nothing of it was tried: then there is nothing to say or to count.
    pub untried: bool,
    /// What the step comes down to.
    pub essence_pieces: Vec<Piece>,
    pub tally: String,
    pub tally_parts: Vec<String>,
    pub records: Vec<RecordView>,
}

/// One record.
#[derive(Clone, Serialize)]
pub(super) struct RecordView {
    pub standing: Mark,
    pub step: &'static str,
    pub requirement: String,
    pub subject: String,
    pub subject_kind: &'static str,
    pub message_pieces: Vec<Piece>,
    pub outcome: String,
    /// Whether the outcome says more than the standing.
    pub outcome_matters: bool,
    pub observed: String,
    pub interval: String,
    pub sample_count: String,
    pub required: String,
    pub place: String,
    pub rows: String,
    pub rows_pieces: Vec<Piece>,
    pub fix: String,
    pub fix_pieces: Vec<Piece>,
    pub waiver: String,
}

/// Part of a sentence: running text, or what stood between backticks.
#[derive(Clone, Serialize)]
pub(super) struct Piece {
    pub text: String,
    pub code: bool,
}

/// Something pinned by a digest.
#[derive(Serialize)]
pub(super) struct InputView {
    pub name: String,
    pub sha256: String,
}

/// Where the report comes from.
#[derive(Serialize)]
pub(super) struct RunView {
    pub tool: String,
    pub version: String,
    pub started_at: String,
    pub schema_version: u32,
    pub system: String,
    pub repository: String,
    pub commit: String,
    pub run_url: String,
    /// Whether `run_url` may become a link.
    pub run_url_is_web: bool,
}

/// The report prepared for templates, with the sections it was made of.
pub(super) fn view<'a>(
    report: &'a RunReport,
    options: &RenderOptions<'_>,
) -> (View, Vec<Section<'a>>) {
    let sections = sections(report);
    let tally = tally(&sections);
    let subject = principal_subject(report);
    let slices = metric_rows(&sections, |subject| {
        matches!(subject, Subject::Slice { .. })
    });
    let view = View {
        title: subject.map_or_else(
            || report.step.as_str().to_owned(),
            |subject| name(&subject.name),
        ),
        digest: subject.map_or_else(String::new, |subject| subject.sha256.to_string()),
        verdict: verdict_mark(report.verdict()),
        headline_pieces: pieces(&headline(report.verdict(), tally, &live_stages(&sections))),
        tally: format!("{}: {tally}", requirements(tally.total())),
        steps: steps(&sections, options),
        changes: changes_view(report, options),
        open: open(&sections, options),
        untried: untried_line(tally.count(Standing::NotTried), tally.failures()),
        metrics: metric_rows(&sections, |subject| {
            matches!(subject, Subject::Metric { .. })
        }),
        slices_tally: slices_tally(&slices),
        trends: trends(&sections),
        slices,
        subjects: report
            .subjects
            .iter()
            .map(|subject| InputView {
                name: name(&subject.name),
                sha256: subject.sha256.to_string(),
            })
            .collect(),
        configuration: report.run.configuration.iter().map(input).collect(),
        run: run(report),
    };
    (view, sections)
}

/// Of the slices nothing was required of, when that is true of all.
fn slices_tally(slices: &[MetricRow]) -> String {
    let demanded = slices.iter().filter(|row| row.demanded);
    let demanded = Tally::of(demanded.map(|row| row.worst));
    match demanded.total() {
        0 => format!("{} recorded", slices.len()),
        _ => demanded.to_string(),
    }
}

/// What to do about `record`: what its producer says, else what its requirement says.
pub(super) fn fix(record: &Evidence, options: &RenderOptions<'_>) -> Option<String> {
    match &record.remedy {
        Some(remedy) => Some(sentence(remedy)),
        None => metadata(record, options).map(|requirement| requirement.remedy.to_owned()),
    }
}

/// What is known about the requirement of `record`, be it from the families or from this module.
pub(super) fn metadata(
    record: &Evidence,
    options: &RenderOptions<'_>,
) -> Option<&'static Requirement> {
    let id = record.requirement.as_str();
    super::REQUIREMENTS
        .iter()
        .find(|requirement| requirement.id == id)
        .or_else(|| (options.requirement)(id))
}

fn steps(sections: &[Section<'_>], options: &RenderOptions<'_>) -> Vec<StepView> {
    sections
        .iter()
        .map(|section| {
            let records = section.records.iter();
            let tally = section.tally();
            StepView {
                id: section.step.as_str(),
                question: section.step.question(),
                verdict: step_mark(section),
                untried: section.is_untried(),
                essence_pieces: pieces(&shorten(&essence(section), ESSENCE_CHARACTERS_MAX)),
                tally: tally.to_string(),
                tally_parts: tally.parts(),
                records: records
                    .map(|record| record_view(section, record, options))
                    .collect(),
            }
        })
        .collect()
}

fn open(sections: &[Section<'_>], options: &RenderOptions<'_>) -> Vec<RecordView> {
    let mut open: Vec<(Standing, RecordView)> = Vec::new();
    for section in sections {
        for record in section.records.iter() {
            let standing = section.standing(record);
            if standing.is_open() {
                open.push((standing, record_view(section, record, options)));
            }
        }
    }
    open.sort_by_key(|(standing, _)| *standing);
    open.into_iter().map(|(_, record)| record).collect()
}

fn record_view(
    section: &Section<'_>,
    record: &Evidence,
    options: &RenderOptions<'_>,
) -> RecordView {
    let standing = section.standing(record);
    let (requirement, subject) = requirement_and_subject(record);
    let interval = record.observed.and_then(|observed| observed.interval);
    let rows = record
        .failing_rows
        .as_ref()
        .map_or_else(String::new, failing_rows);
    let fix = fix(record, options).unwrap_or_default();
    RecordView {
        standing: standing_mark(standing),
        step: section.step.as_str(),
        requirement,
        subject,
        subject_kind: record.subject.kind(),
        message_pieces: pieces(&sentence(&record.message)),
        outcome: record.outcome.to_string(),
        outcome_matters: match record.outcome {
            Outcome::NotEvaluated(_) => true,
            Outcome::Met | Outcome::NotMet => false,
        },
        observed: text_of(record.observed),
        interval: text_of(interval.map(IntervalText)),
        sample_count: text_of(record.observed.and_then(|observed| observed.sample_count)),
        required: text_of(record.required),
        place: record.location.as_ref().map_or_else(String::new, place),
        rows_pieces: pieces(&rows),
        rows,
        fix_pieces: pieces(&fix),
        fix,
        waiver: waiver(record),
    }
}

/// Splits at backticks; one without a partner is text.
pub(super) fn pieces(sentence: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else {
            break;
        };
        pieces.push(piece(before, false));
        pieces.push(piece(code, true));
        rest = after;
    }
    pieces.push(piece(rest, false));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

fn piece(text: &str, code: bool) -> Piece {
    Piece {
        text: text.to_owned(),
        code,
    }
}

fn waiver(record: &Evidence) -> String {
    match &record.waiver {
        Some(waiver) if record.is_waived() => format!(
            "by {} until {}: {}",
            name(&waiver.by),
            waiver.until,
            sentence(&waiver.reason)
        ),
        Some(_) | None => String::new(),
    }
}

pub(super) fn standing_mark(standing: Standing) -> Mark {
    Mark {
        symbol: standing.symbol(),
        word: standing.word().to_owned(),
        class: standing.class(),
    }
}

/// How a step stands: its verdict, unless nothing of it was tried.
pub(super) fn step_mark(section: &Section<'_>) -> Mark {
    if section.is_untried() {
        standing_mark(Standing::NotTried)
    } else {
        verdict_mark(section.report.verdict())
    }
}

fn verdict_mark(verdict: Verdict) -> Mark {
    Mark {
        symbol: verdict_symbol(verdict),
        word: verdict.to_string(),
        class: verdict_class(verdict),
    }
}

fn input(input: &InputRef) -> InputView {
    InputView {
        name: visible(&input.locator),
        sha256: input.sha256.to_string(),
    }
}

fn run(report: &RunReport) -> RunView {
    let run = &report.run;
    let ci = run.ci.as_ref();
    let text = |value: Option<&String>| value.map_or_else(String::new, |text| name(text));
    let run_url = ci.and_then(|ci| ci.run_url.as_ref());
    RunView {
        tool: name(&run.tool.name),
        version: name(&run.tool.version),
        started_at: run.started_at.format("%Y-%m-%d %H:%M UTC").to_string(),
        schema_version: report.schema_version,
        system: text(ci.map(|ci| &ci.system)),
        repository: text(ci.and_then(|ci| ci.repository.as_ref())),
        commit: text(ci.and_then(|ci| ci.commit.as_ref())),
        run_url: run_url.map_or_else(String::new, |url| sentence(url)),
        run_url_is_web: run_url.is_some_and(|url| is_web(url)),
    }
}

/// Whether `url` may become a link: nothing but the web, nothing hidden.
pub(super) fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.chars().all(|character| character.is_ascii_graphic())
}

/// An interval in words.
pub(super) struct IntervalText(pub Interval);

/// "0.61 to 0.74 (95 %)"
impl std::fmt::Display for IntervalText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |value| Quantity::new(value, Unit::Number);
        write!(
            formatter,
            "{} to {} ({} %)",
            number(self.0.lower),
            number(self.0.upper),
            number((self.0.level * 1e6).round() / 1e4)
        )
    }
}

pub(super) fn text_of(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
