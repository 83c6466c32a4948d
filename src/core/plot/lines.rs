//! Lines over two axes, with the diagonal where there is one.

use crate::evidence::{Figure, Series};

use super::axes::{Scale, grid, scale_of};
use super::counts::{COUNTS_HEIGHT, count_bars};
use super::elements::{coordinate, segment, text};
use super::key::{key, swatch_line};
use super::paint::{colour, dash, marker};
use super::{Drawing, LEFT, RIGHT, TOP, WIDTH};

/// Points drawn of one line: more than a line this wide can show.
const POINTS_MAX: usize = 240;
const PLOT_HEIGHT: f64 = 240.0;

pub(super) fn lines(figure: &Figure, series: &[Series]) -> Drawing {
    let unit_square = matches!(
        figure.id.as_str(),
        "roc" | "calibration" | "precision-recall"
    );
    // Points are bins of rows, few enough to be marked and counted.
    let is_binned = matches!(figure.id.as_str(), "calibration" | "residuals");
    let names: Vec<&str> = series.iter().map(|line| line.name.as_str()).collect();
    let (mut body, key_height) = key(&names, swatch_line);
    let top = TOP + key_height + 20.0;
    let height = if unit_square {
        WIDTH - LEFT - RIGHT
    } else {
        PLOT_HEIGHT
    };
    let baseline = (figure.id == "residuals").then_some(0.0);
    let scale = scale_of(series, unit_square, baseline, (top, top + height));
    body += &grid(&scale);
    if baseline.is_some() {
        body += &zero(&scale);
    }
    body += &text(
        0.0,
        top - 9.0,
        "start",
        &figure.y_label,
        " fill-opacity=\".7\"",
    );
    // Chance is the share of positive rows in precision and recall, no diagonal.
    if unit_square && figure.id != "precision-recall" {
        body += &diagonal(&scale, &figure.id, series);
    }
    // The last series is drawn first, so that the first, the candidate, lies on top.
    for (index, line) in series.iter().enumerate().rev() {
        body += &line_path(&scale, line, index, is_binned);
    }
    let mut bottom = top + height + 32.0;
    body += &text(
        scale.x.to,
        bottom,
        "end",
        &figure.x_label,
        " fill-opacity=\".7\"",
    );
    if is_binned && let Some(counts) = count_bars(&scale, series, bottom + 12.0) {
        body += &counts;
        bottom += COUNTS_HEIGHT + 30.0;
    }
    Drawing {
        height: bottom + 8.0,
        body,
    }
}

/// Where the model is right on average.
fn zero(scale: &Scale) -> String {
    let y = scale.y.at(0.0);
    let style = " stroke=\"currentColor\" stroke-opacity=\".6\" stroke-dasharray=\"1 4\" stroke-linecap=\"round\"";
    segment(scale.x.from, y, scale.x.to, y, style)
}

fn diagonal(scale: &Scale, id: &str, series: &[Series]) -> String {
    let label = if id == "roc" { "chance" } else { "perfect" };
    let line = segment(
        scale.x.at(0.0),
        scale.y.at(0.0),
        scale.x.at(1.0),
        scale.y.at(1.0),
        " stroke=\"currentColor\" stroke-opacity=\".45\" stroke-dasharray=\"1 4\" stroke-linecap=\"round\"",
    );
    let (x, y) = label_place(scale, series);
    let turn = format!(
        " fill-opacity=\".6\" font-size=\"10\" transform=\"rotate(-45 {} {})\"",
        coordinate(x),
        coordinate(y)
    );
    line + &text(x, y, "middle", label, &turn)
}

/// The place below the diagonal that is farthest from every line.
fn label_place(scale: &Scale, series: &[Series]) -> (f64, f64) {
    let marks: Vec<(f64, f64)> = series
        .iter()
        .flat_map(|line| {
            let stride = line.points.len().div_ceil(POINTS_MAX).max(1);
            line.points.windows(2).step_by(stride)
        })
        .flat_map(|pair| {
            // A segment stands for a few points on it.
            (0..=8).map(|eighth| {
                let share = f64::from(eighth) / 8.0;
                let between = |axis: usize| pair[0][axis] + share * (pair[1][axis] - pair[0][axis]);
                (scale.x.at(between(0)), scale.y.at(between(1)))
            })
        })
        .collect();
    let distance = |place: (f64, f64)| {
        marks
            .iter()
            .map(|mark| (mark.0 - place.0).hypot(mark.1 - place.1))
            .fold(f64::INFINITY, f64::min)
    };
    (2..=17)
        .rev()
        .map(|twentieth| {
            let at = f64::from(twentieth) / 20.0;
            (scale.x.at(at) + 7.0, scale.y.at(at) + 10.0)
        })
        .reduce(|best, place| {
            if distance(best) < distance(place) {
                place
            } else {
                best
            }
        })
        .unwrap_or((0.0, 0.0))
}

fn line_path(scale: &Scale, line: &Series, index: usize, markers: bool) -> String {
    let places: Vec<(f64, f64)> = line
        .points
        .iter()
        .map(|point| (scale.x.at(point[0]), scale.y.at(point[1])))
        .collect();
    let shown = thin(&places);
    let path: String = shown
        .iter()
        .enumerate()
        .map(|(at, (x, y))| {
            let command = if at == 0 { 'M' } else { 'L' };
            format!("{command}{} {}", coordinate(*x), coordinate(*y))
        })
        .collect();
    let mut body = format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\"{}/>",
        colour(index),
        dash(index),
    );
    if markers || shown.len() < 3 {
        body.extend(shown.iter().map(|(x, y)| marker(*x, *y, index)));
    }
    body
}

/// Drops points less than half a pixel from the last one kept, then every n-th until the limit
/// holds. Both ends stay.
fn thin(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (index, &place) in places.iter().enumerate() {
        let is_end = index == 0 || index + 1 == places.len();
        let is_near = kept
            .last()
            .is_some_and(|last| (last.0 - place.0).hypot(last.1 - place.1) < 0.5);
        if is_end || !is_near {
            kept.push(place);
        }
    }
    let stride = kept.len().div_ceil(POINTS_MAX).max(1);
    let last = kept.last().copied();
    let mut thinned: Vec<_> = kept.into_iter().step_by(stride).collect();
    if let Some(last) = last
        && thinned.last() != Some(&last)
    {
        thinned.push(last);
    }
    thinned
}
