//! Figures, each with its drawing and the table of its points.

use serde::Serialize;

use super::claims::{Numbers, Reference, reference};
use crate::cards::document::CardDocument;
use crate::cards::text::visible;
use crate::evidence::{Figure, Quantity, Unit};
use crate::plot::figure_svg;

/// Rows of the table under a figure; the rest is in the JSON.
const FIGURE_ROWS_MAX: usize = 200;

#[derive(Serialize)]
pub(super) struct FigureView {
    id: String,
    title: String,
    x_label: String,
    y_label: String,
    svg: String,
    rows: Vec<FigureRow>,
    more: usize,
    has_counts: bool,
    reference: Reference,
}

pub(super) fn figures(document: &CardDocument, numbers: &Numbers) -> Vec<FigureView> {
    document
        .figures
        .iter()
        .enumerate()
        .map(|(index, card)| {
            let rows = figure_rows(&card.figure);
            FigureView {
                id: format!("figure-{}", index + 1),
                title: visible(&card.figure.title),
                x_label: visible(&card.figure.x_label),
                y_label: visible(&card.figure.y_label),
                svg: figure_svg(&card.figure, &format!("figure-{}", index + 1)),
                more: rows.len().saturating_sub(FIGURE_ROWS_MAX),
                has_counts: rows.iter().any(|row| row.count.is_some()),
                rows: rows.into_iter().take(FIGURE_ROWS_MAX).collect(),
                reference: reference(&card.source, numbers),
            }
        })
        .collect()
}

#[derive(Serialize)]
struct FigureRow {
    series: String,
    x: String,
    y: String,
    count: Option<u64>,
}

fn figure_rows(figure: &Figure) -> Vec<FigureRow> {
    let number = |value| Quantity::new(value, Unit::Number).to_string();
    let mut rows = Vec::new();
    for series in &figure.series {
        for (index, point) in series.points.iter().enumerate() {
            rows.push(FigureRow {
                series: visible(&series.name),
                x: series
                    .labels
                    .get(index)
                    .map_or_else(|| number(point[0]), |label| visible(label)),
                y: number(point[1]),
                count: series.counts.get(index).copied(),
            });
        }
    }
    rows
}
