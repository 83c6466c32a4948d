//! Horizontal bars, grouped by what they are named after.

use crate::evidence::Series;

use super::axes::Axis;
use super::elements::{coordinate, segment, text};
use super::key::{key, swatch_bar};
use super::paint::bar_paint;
use super::text::{cut_to, number};
use super::{Drawing, TOP, WIDTH};

/// Groups of bars drawn; the page shows the rest in its table.
const BARS_MAX: usize = 24;
/// Left end of the bars; names stand left of it.
const BAR_LEFT: f64 = 128.0;
/// Right end of the longest bar; its value and its rows stand right of it.
const BAR_RIGHT: f64 = 268.0;
/// Space below a bar.
const BAR_GAP: f64 = 5.0;

pub(super) fn bars(series: &[Series]) -> Drawing {
    let names: Vec<&str> = series.iter().map(|line| line.name.as_str()).collect();
    let (mut body, key_height) = match names.as_slice() {
        [_] => (String::new(), 0.0),
        _ => key(&names, swatch_bar),
    };
    let values = || {
        series
            .iter()
            .flat_map(|line| line.points.iter().map(|point| point[1]))
    };
    let axis = Axis::over(
        values().fold(0.0, f64::min),
        values().fold(0.0, f64::max),
        4.0,
        BAR_LEFT,
        BAR_RIGHT,
    );
    let groups = groups(series);
    let thickness = if series.len() == 1 { 12.0 } else { 9.0 };
    let mut y = TOP + key_height + 4.0;
    for (label, rows) in groups.iter().take(BARS_MAX) {
        body += &bar_group(&axis, label, rows, y, thickness);
        y += rows.len() as f64 * (thickness + BAR_GAP) + 6.0;
    }
    body += &segment(
        axis.at(0.0),
        TOP + key_height,
        axis.at(0.0),
        y,
        " stroke=\"currentColor\" stroke-opacity=\".5\"",
    );
    if BARS_MAX < groups.len() {
        let more = format!("and {} more in the table", groups.len() - BARS_MAX);
        body += &text(
            BAR_LEFT,
            y + 12.0,
            "start",
            &more,
            " font-size=\"10\" fill-opacity=\".7\"",
        );
        y += 16.0;
    }
    Drawing {
        height: y + 8.0,
        body,
    }
}

/// The bars of one label, under one another.
fn bar_group(axis: &Axis, label: &str, rows: &[Bar], top: f64, thickness: f64) -> String {
    let pitch = thickness + BAR_GAP;
    let middle = top + rows.len() as f64 * pitch / 2.0 + 1.0;
    let mut body = text(BAR_LEFT - 8.0, middle, "end", &cut_to(label, 19), "");
    let count = rows.first().and_then(|bar| bar.count);
    for (row, bar) in rows.iter().enumerate() {
        // Models compared on the same rows: said once.
        let is_repeated = 0 < row && bar.count == count;
        body += &one_bar(axis, bar, top + row as f64 * pitch, thickness, !is_repeated);
    }
    body
}

/// One bar: which series, how long, over how many rows.
struct Bar {
    series: usize,
    value: f64,
    count: Option<u64>,
}

/// The bars by their label, in order of first appearance.
fn groups(series: &[Series]) -> Vec<(String, Vec<Bar>)> {
    let mut groups: Vec<(String, Vec<Bar>)> = Vec::new();
    for (index, line) in series.iter().enumerate() {
        for (at, point) in line.points.iter().enumerate() {
            let label = line
                .labels
                .get(at)
                .cloned()
                .unwrap_or_else(|| number(point[0]));
            let bar = Bar {
                series: index,
                value: point[1],
                count: line.counts.get(at).copied(),
            };
            let is_full = BARS_MAX * 8 < groups.len();
            match groups.iter_mut().find(|(name, _)| *name == label) {
                Some((_, bars)) => bars.push(bar),
                None if is_full => {}
                None => groups.push((label, vec![bar])),
            }
        }
    }
    groups
}

fn one_bar(axis: &Axis, bar: &Bar, y: f64, thickness: f64, with_count: bool) -> String {
    let (zero, end) = (axis.at(0.0), axis.at(bar.value));
    let (from, to) = if zero < end { (zero, end) } else { (end, zero) };
    let mut body = format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"1.5\" {}/>",
        coordinate(from),
        coordinate(y),
        coordinate((to - from).max(0.5)),
        coordinate(thickness),
        bar_paint(bar.series),
    );
    let middle = y + thickness / 2.0 + 3.5;
    body += &text(
        to + 5.0,
        middle,
        "start",
        &number(bar.value),
        " font-size=\"10\"",
    );
    if let Some(count) = bar.count.filter(|_| with_count) {
        body += &text(
            WIDTH - 4.0,
            middle,
            "end",
            &format!("n {count}"),
            " font-size=\"10\" fill-opacity=\".6\"",
        );
    }
    body
}
