//! Markdown for a pull-request comment, a merge-request note or a step summary.
//!
//! GitHub Flavored Markdown that other readers, and people without one, can read as well. The order is
//! that of the questions of a reviewer: the verdict, what changed, what to look at, then the details,
//! folded. Every part has a share of the budget that no other part can take; what one leaves goes to
//! those that need more. A part is cut between two rows and says how many rows are missing.

use serde::Serialize;

use super::limits::{
    CHECK_RUN_TEXT_CHARACTERS_MAX, COMMENT_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    STEP_SUMMARY_BYTES_MAX,
};
use super::metric_rows::MetricRow;
use super::view::{StepView, View, view};
use super::{RenderOptions, RenderProblem};
use crate::evidence::RunReport;
use crate::template;

/// Largest comment written, in bytes. GitHub refuses a comment body of more than 65,536 characters;
/// the rest is left for the marker and links a publisher adds.
pub const BYTES_MAX: usize = 60_000;

// A byte is at most one character, so what fits here fits every place it is shown in.
const _: () = assert!(
    BYTES_MAX < CHECK_RUN_TEXT_CHARACTERS_MAX
        && BYTES_MAX < COMMENT_CHARACTERS_MAX
        && BYTES_MAX < NOTE_CHARACTERS_MAX
        && BYTES_MAX < STEP_SUMMARY_BYTES_MAX
);

/// Rows of one part that are rendered at all: more than [`BYTES_MAX`] holds.
const ROWS_MAX: usize = 600;

/// Rows of either table of what changed: a screen of them. What there is to look at stands below.
const CHANGES_MAX: usize = 20;

/// Kept for the line that names the parts left out whole.
const LEFT_OUT_BYTES_MAX: usize = 400;

/// What a template writes between two rows. Text from data cannot: it is a control character, and
/// those are shown as `[U+001E]`.
pub(super) const ROW_END: char = '\u{1e}';

/// The report as Markdown of at most [`BYTES_MAX`] bytes.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let (mut view, _) = view(report, options);
    demanded_alone(&mut view.metrics);
    demanded_alone(&mut view.slices);
    let more = bound(&mut view);
    let mut parts = parts(&view, &more)?;
    share_budget(&mut parts);
    let mut text: String = parts.iter().map(Part::text).collect();
    text.push_str(&left_out_line(&parts));
    Ok(text)
}

/// One part of the page: a fixed beginning and end, and rows between them.
struct Part {
    /// What the line about left-out parts calls it.
    name: &'static str,
    /// Bytes it may take before others get more than theirs.
    share: usize,
    /// Which part is served first; 0 comes before 1.
    rank: usize,
    head: String,
    rows: Vec<String>,
    tail: String,
    /// Rows that were not even rendered.
    more: usize,
    /// Rows that are shown; None where there is no room for the part at all.
    kept: Option<usize>,
}

impl Part {
    fn new(name: &'static str, (rank, share): (usize, usize), text: &str, more: usize) -> Self {
        let mut pieces: Vec<String> = text.split(ROW_END).map(str::to_owned).collect();
        let head = pieces.remove(0);
        let tail = pieces.pop().unwrap_or_default();
        Self {
            name,
            share,
            rank,
            head,
            rows: pieces,
            tail,
            more,
            kept: None,
        }
    }

    fn missing(&self, kept: usize) -> usize {
        self.rows.len() - kept + self.more
    }

    /// Bytes of the part with `kept` rows.
    fn bytes(&self, kept: Option<usize>) -> usize {
        let Some(kept) = kept else { return 0 };
        let rows: usize = self.rows.iter().take(kept).map(String::len).sum();
        self.head.len() + rows + missing_line(self.missing(kept)).len() + self.tail.len()
    }

    /// Keeps as many rows as fit into `bytes_max`; returns what the part takes. A part that has rows
    /// and no room for one of them is left out.
    fn fill(&mut self, bytes_max: usize) -> usize {
        let least = self.rows.len().min(1);
        let from = self.kept.unwrap_or(least);
        let fitting =
            (from..=self.rows.len()).take_while(|kept| self.bytes(Some(*kept)) <= bytes_max);
        self.kept = fitting.last().or(self.kept);
        // The line about missing rows is shorter than a row, but the last row needs none.
        if self.bytes(Some(self.rows.len())) <= bytes_max {
            self.kept = Some(self.rows.len());
        }
        self.bytes(self.kept)
    }

    fn text(&self) -> String {
        let Some(kept) = self.kept else {
            return String::new();
        };
        let rows = self.rows.iter().take(kept).map(String::as_str);
        let mut text = self.head.clone();
        text.extend(rows);
        text.push_str(&missing_line(self.missing(kept)));
        text.push_str(&self.tail);
        text
    }
}

/// Gives every part its share, then what is left to those that need more, the most needed first.
fn share_budget(parts: &mut [Part]) {
    let whole: usize = parts
        .iter()
        .map(|part| part.bytes(Some(part.rows.len())))
        .sum();
    let mut left = if whole <= BYTES_MAX {
        BYTES_MAX
    } else {
        BYTES_MAX - LEFT_OUT_BYTES_MAX
    };
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| parts[*index].rank);
    for only_share in [true, false] {
        for index in &order {
            let part = &mut parts[*index];
            let has = part.bytes(part.kept);
            // The worst finding is shown, and be it longer than the share of all.
            let least = part.bytes(Some(part.rows.len().min(1)));
            let bytes_max = if only_share {
                part.share.max(least).min(left)
            } else {
                left + has
            };
            left = left + has - part.fill(bytes_max);
        }
    }
}

fn missing_line(missing: usize) -> String {
    match missing {
        0 => String::new(),
        1 => "\n1 more is in the HTML and JSON reports.\n".to_owned(),
        _ => format!("\n{missing} more are in the HTML and JSON reports.\n"),
    }
}

fn left_out_line(parts: &[Part]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for part in parts.iter().filter(|part| part.kept.is_none()) {
        if !names.contains(&part.name) {
            names.push(part.name);
        }
    }
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\n> Left out to stay within {BYTES_MAX} bytes: {}. The HTML and JSON reports have everything.\n",
        names.join(", ")
    )
}

/// How many rows of each list are not rendered.
#[derive(Default)]
struct More {
    steps: usize,
    changes: usize,
    metric_changes: usize,
    open: usize,
    metrics: usize,
    slices: usize,
    records: Vec<usize>,
    pins: usize,
}

/// Takes away what cannot fit anyway, before time is spent on rendering it.
fn bound(view: &mut View) -> More {
    let mut records_left = ROWS_MAX;
    let records = view.steps.iter_mut().map(|step| {
        let more = keep(&mut step.records, records_left);
        records_left -= step.records.len();
        more
    });
    let records = records.collect();
    let (changes, metric_changes) = view.changes.as_mut().map_or((0, 0), |changes| {
        (
            changes.requirements_more + keep(&mut changes.requirements, CHANGES_MAX),
            changes.metrics_more + keep(&mut changes.metrics, CHANGES_MAX),
        )
    });
    More {
        records,
        changes,
        metric_changes,
        steps: keep(&mut view.steps, ROWS_MAX),
        open: keep(&mut view.open, ROWS_MAX),
        metrics: keep(&mut view.metrics, ROWS_MAX),
        slices: keep(&mut view.slices, ROWS_MAX),
        pins: keep(&mut view.subjects, ROWS_MAX) + keep(&mut view.configuration, ROWS_MAX),
    }
}

fn keep<T>(rows: &mut Vec<T>, count_max: usize) -> usize {
    let more = rows.len().saturating_sub(count_max);
    rows.truncate(count_max);
    more
}

/// Keeps the metrics of which something was required; the others are among all records. When nothing
/// was required of any, all are shown.
fn demanded_alone(rows: &mut Vec<MetricRow>) {
    if rows.iter().any(|row| row.demanded) {
        rows.retain(|row| row.demanded);
    }
}

/// The parts in the order of the page. Ranks and shares: the shares add up to the budget, less what
/// the heading takes.
fn parts(view: &View, more: &More) -> Result<Vec<Part>, RenderProblem> {
    let mut parts = Vec::new();
    let mut add = |name, rank_and_share, source, more| -> Result<(), RenderProblem> {
        let text = render_part(source, view)?;
        if !text.trim().is_empty() {
            parts.push(Part::new(name, rank_and_share, &text, more));
        }
        Ok(())
    };
    let compared = view.metrics.iter().any(|row| !row.difference.is_empty());
    add("the verdict", (0, 1_500), HEADING, 0)?;
    add("steps", (2, 6_000), STEPS, more.steps)?;
    add("changes", (3, 6_000), CHANGES, more.changes)?;
    add(
        "changes of metrics",
        (4, 4_000),
        METRIC_CHANGES,
        more.metric_changes,
    )?;
    if compared {
        add("metrics", (5, 8_000), METRICS, more.metrics)?;
    }
    add("findings", (1, 14_000), FINDINGS, more.open)?;
    if !compared {
        add("metrics", (5, 8_000), METRICS, more.metrics)?;
    }
    add("slices", (6, 6_000), SLICES, more.slices)?;
    add("trends", (7, 2_000), TRENDS, 0)?;
    let share = RECORDS_SHARE / view.steps.len().max(1);
    for (step, more) in view
        .steps
        .iter()
        .zip(&more.records)
        .filter(|(step, _)| !step.records.is_empty())
    {
        let text = records(step)?;
        parts.push(Part::new("records", (8, share), &text, *more));
    }
    let text = render_part(PROVENANCE, view)?;
    parts.push(Part::new("provenance", (7, 4_000), &text, more.pins));
    Ok(parts)
}

/// Share of the records of all steps.
const RECORDS_SHARE: usize = 8_000;

const PROSE: &str = include_str!("../../../templates/reports/markdown/prose.md");
const HEADING: &str = include_str!("../../../templates/reports/markdown/heading.md");
const STEPS: &str = include_str!("../../../templates/reports/markdown/steps.md");
const CHANGES: &str = include_str!("../../../templates/reports/markdown/changes.md");
const METRIC_CHANGES: &str = include_str!("../../../templates/reports/markdown/metric_changes.md");
const FINDINGS: &str = include_str!("../../../templates/reports/markdown/findings.md");
const METRICS: &str = include_str!("../../../templates/reports/markdown/metrics.md");
const SLICES: &str = include_str!("../../../templates/reports/markdown/slices.md");
const TRENDS: &str = include_str!("../../../templates/reports/markdown/trends.md");
const RECORDS: &str = include_str!("../../../templates/reports/markdown/records.md");
const PROVENANCE: &str = include_str!("../../../templates/reports/markdown/provenance.md");

fn render_part(source: &str, context: impl Serialize) -> Result<String, RenderProblem> {
    let source = format!("{PROSE}{source}");
    Ok(template::render("report.md", &source, context)?)
}

fn records(step: &StepView) -> Result<String, RenderProblem> {
    #[derive(Serialize)]
    struct Page<'a> {
        step: &'a StepView,
    }
    render_part(RECORDS, Page { step })
}
