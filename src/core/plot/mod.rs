//! Draws a [`Figure`] or a [`Forest`] as SVG: for the HTML report and for the model card, so that both look alike.
//!
//! The text is small, deterministic and self-contained: no script, no style sheet, nothing loaded.
//! Lines differ by dash and marker as well as by colour; text takes `currentColor`; the colours can be
//! set by the page as `--figure-1` … `--figure-6`, and the defaults have at least 3:1 contrast on
//! white and on near-black (WCAG 2.2, 1.4.11). What the reader should take away is in `<desc>`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod axes;
mod bars;
mod counts;
mod elements;
mod forest;
mod key;
mod lines;
mod paint;
mod takeaway;
mod text;

use crate::evidence::{Figure, Series};

pub use forest::{FOREST_ROWS_MAX, Forest, ForestRow, Tone, forest_svg};

use bars::bars;
use elements::{coordinate, text};
use lines::lines;
use takeaway::takeaway;
use text::{escape, identifier};

/// Series drawn; a figure with more cannot be read.
const SERIES_MAX: usize = 6;

/// Width of every figure: legible on a phone of 360 pixels without scaling much.
const WIDTH: f64 = 360.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;

/// Draws `figure`. `id_prefix` keeps element ids unique where several figures share a page; two
/// figures on one page need two prefixes.
///
/// `roc`, `calibration` and `precision-recall` are drawn on the unit square, the first two with the
/// diagonal; figures whose points have names are horizontal bars; everything else is lines. Points that are not finite are left out.
#[must_use]
pub fn figure_svg(figure: &Figure, id_prefix: &str) -> String {
    let series = drawable(figure);
    let drawing = if series.iter().all(|line| line.points.is_empty()) {
        empty()
    } else if is_bars(figure, &series) {
        bars(&series)
    } else {
        lines(figure, &series)
    };
    let takeaway = takeaway(figure, &series);
    frame(&figure.title, &takeaway, id_prefix, &drawing)
}

/// Whether points stand for what they are named after, not for numbers on an axis. The points of a trend
/// are named after the days of its runs.
fn is_bars(figure: &Figure, series: &[Series]) -> bool {
    let is_named = series.iter().any(|line| !line.labels.is_empty());
    figure.id.starts_with("slices") || (is_named && !figure.id.starts_with("trend-"))
}

/// A finished drawing without its frame.
struct Drawing {
    height: f64,
    body: String,
}

/// The series with finite points only, labels and counts kept beside them.
fn drawable(figure: &Figure) -> Vec<Series> {
    figure
        .series
        .iter()
        .take(SERIES_MAX)
        .map(|series| {
            let kept: Vec<usize> = (0..series.points.len())
                .filter(|&index| series.points[index].iter().all(|value| value.is_finite()))
                .collect();
            Series {
                name: series.name.clone(),
                points: kept.iter().map(|&index| series.points[index]).collect(),
                labels: kept
                    .iter()
                    .filter_map(|&index| series.labels.get(index).cloned())
                    .collect(),
                counts: kept
                    .iter()
                    .filter_map(|&index| series.counts.get(index).copied())
                    .collect(),
            }
        })
        .collect()
}

fn frame(title: &str, takeaway: &str, id_prefix: &str, drawing: &Drawing) -> String {
    let prefix = identifier(id_prefix);
    let height = coordinate(drawing.height);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"{prefix}-title {prefix}-desc\" font-family=\"system-ui, sans-serif\" \
         font-size=\"11\" fill=\"currentColor\"><title id=\"{prefix}-title\">{title}</title>\
         <desc id=\"{prefix}-desc\">{desc}</desc>{body}</svg>",
        width = coordinate(WIDTH),
        title = escape(title),
        desc = escape(takeaway),
        body = drawing.body,
    )
}

fn empty() -> Drawing {
    Drawing {
        height: 60.0,
        body: text(WIDTH / 2.0, 34.0, "middle", "No data", ""),
    }
}

#[cfg(test)]
mod tests;
