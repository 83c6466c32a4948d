//! What has changed, in words: a title, sentences, and rows of requirements and metrics, ready to be
//! placed by every format that people read.

use serde::Serialize;

use super::RenderOptions;
use super::changes::{Change, Changes, Comparison, Kind, MetricChange, Since, Trend, compare};
use super::metric_rows::signed;
use super::standing::and;
use super::text::{name, requirement_and_subject};
use super::view::{Mark, Piece, pieces, standing_mark};
use crate::evidence::{RunReport, Step};

/// Rows of either table. Nobody reads more in a report of what changed, and the rest is in both
/// evidence files; a format may show fewer.
pub(super) const ROWS_MAX: usize = 50;

/// Characters of a commit that are shown: enough to be found by, and to be told from others.
const COMMIT_CHARACTERS_MAX: usize = 12;

/// The comparison with an earlier report.
#[derive(Serialize)]
pub(super) struct ChangesView {
    /// Reads as a heading: "What changed since `9f2c4e1b7a6d` (2026-10-26 07:33 UTC)".
    pub title_pieces: Vec<Piece>,
    /// What it comes to, one sentence each.
    pub sentences: Vec<String>,
    /// Requirements that stand in another way, worst first.
    pub requirements: Vec<ChangeRow>,
    /// How many more there are.
    pub requirements_more: usize,
    /// Metrics that have another value, the worse ones first.
    pub metrics: Vec<MetricChangeRow>,
    /// How many more there are.
    pub metrics_more: usize,
}

/// A requirement that stands in another way.
#[derive(Serialize)]
pub(super) struct ChangeRow {
    /// How it stands.
    pub now: Mark,
    /// How it stood.
    pub before: Mark,
    pub requirement: String,
    pub subject: String,
    pub subject_kind: &'static str,
}

/// A metric that has another value.
#[derive(Serialize)]
pub(super) struct MetricChangeRow {
    /// Metric and slice as a waiver would name them.
    pub subject: String,
    pub before: String,
    pub now: String,
    pub delta: String,
    /// Whether that is better.
    pub trend: Mark,
}

/// What has changed since the baseline of `options`; None when no comparison was asked for.
pub(super) fn changes_view(report: &RunReport, options: &RenderOptions<'_>) -> Option<ChangesView> {
    match compare(report, options) {
        Comparison::NotAsked => None,
        Comparison::NothingEarlier => Some(without_rows(
            "What changed",
            "There is no earlier evidence to compare with.",
        )),
        Comparison::NothingInCommon(since) => Some(without_rows(
            &title(since),
            "The earlier evidence has no requirement in common with this report, so there is nothing to compare.",
        )),
        Comparison::Changes(changes) => Some(ChangesView {
            title_pieces: pieces(&title(changes.since)),
            sentences: sentences(report, &changes),
            requirements: rows(&changes.requirements, change_row),
            requirements_more: changes.requirements.len().saturating_sub(ROWS_MAX),
            metrics: rows(&changes.metrics, metric_row),
            metrics_more: changes.metrics.len().saturating_sub(ROWS_MAX),
        }),
    }
}

fn without_rows(title: &str, sentence: &str) -> ChangesView {
    ChangesView {
        title_pieces: pieces(title),
        sentences: vec![sentence.to_owned()],
        requirements: Vec::new(),
        requirements_more: 0,
        metrics: Vec::new(),
        metrics_more: 0,
    }
}

fn rows<T, R>(changes: &[T], row: impl Fn(&T) -> R) -> Vec<R> {
    changes.iter().take(ROWS_MAX).map(row).collect()
}

fn title(since: Since<'_>) -> String {
    let date = since.started_at.format("%Y-%m-%d %H:%M UTC");
    match since.commit {
        None => format!("What changed since {date}"),
        Some(commit) => {
            let short: String = name(commit).chars().take(COMMIT_CHARACTERS_MAX).collect();
            // A backtick of its own would end the code early.
            format!("What changed since `{}` ({date})", short.replace('`', "'"))
        }
    }
}

fn sentences(report: &RunReport, changes: &Changes<'_>) -> Vec<String> {
    let (before, now) = (changes.since.verdict, report.verdict());
    let verdict = if before == now {
        format!("Still {now}.")
    } else {
        format!("Was {before}, is {now}.")
    };
    let mut sentences = vec![verdict, counts(changes)];
    for (steps, when) in [(&changes.steps_added, "then"), (&changes.steps_gone, "now")] {
        if !steps.is_empty() {
            let steps = named(steps);
            sentences.push(format!("Not tried {when}, so not compared: {steps}."));
        }
    }
    sentences
}

/// "2 newly not met, 1 now met. Metrics: 1 worse, 2 better, 5 as before."
fn counts(changes: &Changes<'_>) -> String {
    let of_kind = |kind| {
        changes
            .requirements
            .iter()
            .filter(move |change| change.kind == kind)
            .count()
    };
    let mut parts: Vec<String> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, of_kind(kind)))
        .filter(|(_, count)| 0 < *count)
        .map(|(kind, count)| kind.counted(count))
        .collect();
    if 0 < changes.untried {
        parts.push(format!("{} not tried now", changes.untried));
    }
    let requirements = if parts.is_empty() {
        "Every requirement stands as before.".to_owned()
    } else {
        format!("Requirements: {}.", parts.join(", "))
    };
    match metric_counts(changes) {
        None => requirements,
        Some(metrics) => format!("{requirements} Metrics: {metrics}."),
    }
}

fn metric_counts(changes: &Changes<'_>) -> Option<String> {
    let of_trend = |trend| {
        changes
            .metrics
            .iter()
            .filter(move |change| change.trend == trend)
            .count()
    };
    let counts = [
        (of_trend(Trend::Worse), "worse"),
        (of_trend(Trend::Unknown), "changed"),
        (of_trend(Trend::Better), "better"),
        (changes.metrics_same, "as before"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| 0 < *count)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn named(steps: &[Step]) -> String {
    let names: Vec<String> = steps.iter().map(|step| step.as_str().to_owned()).collect();
    and(&names)
}

fn change_row(change: &Change<'_>) -> ChangeRow {
    let (requirement, subject) = requirement_and_subject(change.record);
    ChangeRow {
        now: change
            .now
            .map_or_else(|| mark("–", "not demanded", "warn"), standing_mark),
        before: change
            .before
            .map_or_else(|| mark("–", "not demanded", "idle"), standing_mark),
        requirement,
        subject,
        subject_kind: change.record.subject.kind(),
    }
}

fn metric_row(change: &MetricChange<'_>) -> MetricChangeRow {
    MetricChangeRow {
        subject: name(&change.subject.name()),
        before: change.before.to_string(),
        now: change.now.to_string(),
        delta: signed(change.delta()),
        trend: match change.trend {
            Trend::Worse => mark("▼", "worse", "bad"),
            Trend::Unknown => mark("·", "changed", "note"),
            Trend::Better => mark("▲", "better", "good"),
        },
    }
}

fn mark(symbol: &'static str, word: &str, class: &'static str) -> Mark {
    Mark {
        symbol,
        word: word.to_owned(),
        class,
    }
}
