//! Markdown for a pull-request comment, a merge-request note or a step summary.
//!
//! GitHub Flavored Markdown that other readers show as well. Sections that do not fit the budget are
//! left out whole, the least needed first, and a line says which.

use serde::Serialize;

use super::limits::{
    CHECK_RUN_TEXT_CHARACTERS_MAX, COMMENT_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    STEP_SUMMARY_BYTES_MAX,
};
use super::view::{RecordView, View, view};
use super::{RenderOptions, RenderProblem};
use crate::evidence::RunReport;
use crate::template;

/// Largest comment written, in bytes. GitHub refuses a comment body of more than 65,536 characters;
/// the rest is left for the marker and links a publisher adds.
pub(super) const BYTES_MAX: usize = 60_000;

// A byte is at most one character, so what fits here fits every place it is shown in.
const _: () = assert!(
    BYTES_MAX < CHECK_RUN_TEXT_CHARACTERS_MAX
        && BYTES_MAX < COMMENT_CHARACTERS_MAX
        && BYTES_MAX < NOTE_CHARACTERS_MAX
        && BYTES_MAX < STEP_SUMMARY_BYTES_MAX
);

/// Rows of one table: more than [`BYTES_MAX`] holds.
const ROWS_MAX: usize = 600;

/// One part of the page, and how to make it smaller.
struct Part {
    /// What the line about left-out parts calls it; empty for parts that always stay.
    name: &'static str,
    text: String,
}

/// The report as Markdown of at most [`BYTES_MAX`] bytes.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let (mut view, _) = view(report, options);
    let mut left_out = bound(&mut view);
    let mut parts = parts(&view)?;
    // From the back: all records go first, then slices, then metrics. The provenance is short.
    for name in ["all records", "slices", "metrics", "steps", "provenance"] {
        if fits(&parts, &left_out) {
            break;
        }
        if let Some(part) = parts
            .iter_mut()
            .find(|part| part.name == name && !part.text.is_empty())
        {
            part.text.clear();
            left_out.push(name.to_owned());
        }
    }
    if !fits(&parts, &left_out) {
        shorten_findings(&view, &mut parts, &mut left_out)?;
    }
    let mut text: String = parts.into_iter().map(|part| part.text).collect();
    text.push_str(&left_out_line(&left_out));
    Ok(text)
}

/// Takes away what cannot fit anyway, before time is spent on rendering it.
fn bound(view: &mut View) -> Vec<String> {
    let mut left_out = Vec::new();
    let records: usize = view.steps.iter().map(|step| step.records.len()).sum();
    if ROWS_MAX < records {
        for step in &mut view.steps {
            step.records.clear();
        }
        left_out.push("all records".to_owned());
    }
    for (name, rows) in [("metrics", &mut view.metrics), ("slices", &mut view.slices)] {
        if ROWS_MAX < rows.len() {
            rows.clear();
            left_out.push(name.to_owned());
        }
    }
    if ROWS_MAX < view.open.len() {
        let more = view.open.len() - ROWS_MAX;
        left_out.push(format!("{more} findings"));
        view.open.truncate(ROWS_MAX);
    }
    left_out
}

fn parts(view: &View) -> Result<Vec<Part>, RenderProblem> {
    let part = |name, source| render_part(source, view).map(|text| Part { name, text });
    Ok(vec![
        part("", HEADING)?,
        part("steps", STEPS)?,
        part("findings", FINDINGS)?,
        part("metrics", METRICS)?,
        part("slices", SLICES)?,
        part("all records", RECORDS)?,
        part("provenance", PROVENANCE)?,
    ])
}

const PROSE: &str = include_str!("../../templates/reports/markdown/prose.md");
const HEADING: &str = include_str!("../../templates/reports/markdown/heading.md");
const STEPS: &str = include_str!("../../templates/reports/markdown/steps.md");
const FINDINGS: &str = include_str!("../../templates/reports/markdown/findings.md");
const METRICS: &str = include_str!("../../templates/reports/markdown/metrics.md");
const SLICES: &str = include_str!("../../templates/reports/markdown/slices.md");
const RECORDS: &str = include_str!("../../templates/reports/markdown/records.md");
const PROVENANCE: &str = include_str!("../../templates/reports/markdown/provenance.md");

fn render_part(source: &str, context: impl Serialize) -> Result<String, RenderProblem> {
    let source = format!("{PROSE}{source}");
    Ok(template::render("report.md", &source, context)?)
}

fn findings(open: &[RecordView], untried: &str) -> Result<String, RenderProblem> {
    #[derive(Serialize)]
    struct Findings<'a> {
        open: &'a [RecordView],
        untried: &'a str,
    }
    render_part(FINDINGS, Findings { open, untried })
}

/// Keeps as many findings as fit; the worst come first.
fn shorten_findings(
    view: &View,
    parts: &mut [Part],
    left_out: &mut Vec<String>,
) -> Result<(), RenderProblem> {
    let Some(index) = parts.iter().position(|part| part.name == "findings") else {
        return Ok(());
    };
    let mut count = view.open.len();
    while 0 < count {
        count /= 2;
        let mut shorter = left_out.clone();
        shorter.push(format!("the last {} findings", view.open.len() - count));
        parts[index].text = findings(view.open.get(..count).unwrap_or(&[]), &view.untried)?;
        if fits(parts, &shorter) || count == 0 {
            *left_out = shorter;
            break;
        }
    }
    Ok(())
}

fn fits(parts: &[Part], left_out: &[String]) -> bool {
    let bytes: usize = parts.iter().map(|part| part.text.len()).sum();
    bytes + left_out_line(left_out).len() <= BYTES_MAX
}

fn left_out_line(left_out: &[String]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    format!(
        "\n> Left out to stay within {BYTES_MAX} bytes: {}. The HTML and JSON reports have everything.\n",
        left_out.join(", ")
    )
}
