//! One self-contained page: no script, nothing loaded, readable on a phone, on paper and by a
//! screen reader. An auditor opens it years later without a network.
//!
//! Jenkins serves archived pages under `sandbox; default-src 'none'; img-src 'self'; style-src 'self'`
//! ("Configuring Content Security Policy"), which takes away the style sheet in the page. Then order,
//! words and symbols still say everything, drawings keep a size of their own, and a line at the end,
//! hidden by the style sheet, says why the page looks plain. With a resource root URL, or `style-src
//! 'unsafe-inline'` added to `hudson.model.DirectoryBrowserSupport.CSP`, it looks as it is meant.

use serde::Serialize;

use super::forests::forests;
use super::sections::Section;
use super::text::LEGACY_COMMAND;
use super::trends::is_trend;
use super::view::{View, view};
use super::{RenderOptions, RenderProblem};
use crate::evidence::RunReport;
use crate::plot::{figure_svg, forest_svg};
use crate::template;

const TEMPLATE: &str = include_str!("../../../templates/reports/report.html");
const STYLE: &str = include_str!("../../../templates/reports/report.css");

/// Records listed in the table of one step. A page with more is slow to open; the JSON report has
/// all of them.
pub(super) const RECORDS_MAX: usize = 1_000;

/// Open records shown as cards.
pub(super) const CARDS_MAX: usize = 200;

/// Rows of the table of metrics, and of the table of slices.
const METRICS_MAX: usize = 500;

/// Figures drawn on one page.
const FIGURES_MAX: usize = 24;

#[derive(Serialize)]
struct Page<'a> {
    style: &'static str,
    view: &'a View,
    figures: Vec<Drawing>,
    cards_more: usize,
    metrics_more: usize,
    slices_more: usize,
    records_more: Vec<usize>,
}

#[derive(Serialize)]
struct Drawing {
    title: String,
    svg: String,
}

/// The report as an HTML page.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let (mut view, sections) = view(report, options);
    let cards_more = keep(&mut view.open, CARDS_MAX);
    let metrics_more = keep(&mut view.metrics, METRICS_MAX);
    let slices_more = keep(&mut view.slices, METRICS_MAX);
    let records_more = view
        .steps
        .iter_mut()
        .map(|step| keep(&mut step.records, RECORDS_MAX))
        .collect();
    let page = Page {
        style: STYLE,
        view: &view,
        figures: drawings(&sections),
        cards_more,
        metrics_more,
        slices_more,
        records_more,
    };
    let page = template::render("report.html", TEMPLATE, page)?;
    Ok(page.replace(LEGACY_COMMAND, "&#35;#["))
}

/// Keeps the first `count_max` rows and says how many went.
fn keep<T>(rows: &mut Vec<T>, count_max: usize) -> usize {
    let more = rows.len().saturating_sub(count_max);
    rows.truncate(count_max);
    more
}

/// The figures of the evidence, then those drawn from its records. Trends have a table of their own.
fn drawings(sections: &[Section<'_>]) -> Vec<Drawing> {
    let figures = sections.iter().flat_map(|section| &section.report.figures);
    let mut drawings: Vec<Drawing> = figures
        .filter(|figure| !is_trend(figure))
        .take(FIGURES_MAX)
        .enumerate()
        .map(|(index, figure)| Drawing {
            title: super::text::name(&figure.title),
            svg: figure_svg(figure, &format!("figure-{index}")),
        })
        .collect();
    let forests = forests(sections).into_iter().enumerate();
    drawings.extend(forests.map(|(index, forest)| Drawing {
        svg: forest_svg(&forest, &format!("forest-{index}")),
        title: forest.title,
    }));
    drawings
}
