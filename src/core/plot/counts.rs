//! The strip of bars under a calibration curve: how many rows stand behind each point.

use crate::evidence::Series;

use super::LEFT;
use super::axes::Scale;
use super::elements::{coordinate, segment, text};
use super::paint::colour;
use super::text::cut;

/// Height of the strip of bars that shows how many rows stand behind each point.
pub(super) const COUNTS_HEIGHT: f64 = 34.0;

/// Bars that show how many rows stand behind each point of the first series that knows.
pub(super) fn count_bars(scale: &Scale, series: &[Series], top: f64) -> Option<String> {
    let counted =
        |line: &&Series| !line.counts.is_empty() && line.counts.len() == line.points.len();
    let (index, line) = series.iter().enumerate().find(|(_, line)| counted(line))?;
    let most = line.counts.iter().copied().max()?.max(1);
    let baseline = top + COUNTS_HEIGHT;
    let label = format!("rows of {} in each bin, at most {most}", cut(&line.name));
    let mut body = text(
        LEFT,
        baseline + 14.0,
        "start",
        &label,
        " font-size=\"10\" fill-opacity=\".7\"",
    );
    let width = (0.7 * (scale.x.to - scale.x.from) / line.counts.len() as f64).clamp(2.0, 14.0);
    for (point, count) in line.points.iter().zip(&line.counts) {
        let height = COUNTS_HEIGHT * (*count as f64 / most as f64);
        let x = scale.x.at(point[0]) - width / 2.0;
        body += &format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\".55\"/>",
            coordinate(x),
            coordinate(baseline - height),
            coordinate(width),
            coordinate(height),
            colour(index),
        );
    }
    body += &segment(
        scale.x.from,
        baseline,
        scale.x.to,
        baseline,
        " stroke=\"currentColor\" stroke-opacity=\".3\"",
    );
    Some(body)
}
