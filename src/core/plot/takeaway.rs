//! The sentences of `<desc>`.

use crate::evidence::{Figure, Series};

use super::is_bars;
use super::text::number;

/// What a reader should take away, read off the points and not computed anew.
pub(super) fn takeaway(figure: &Figure, series: &[Series]) -> String {
    let shown: Vec<&Series> = series
        .iter()
        .filter(|line| !line.points.is_empty())
        .collect();
    if shown.is_empty() {
        return "There is no data to draw.".to_owned();
    }
    let is_bars = is_bars(figure, series);
    let sentences: Vec<String> = shown
        .iter()
        .filter_map(|line| match figure.id.as_str() {
            "roc" => roc_takeaway(line),
            "calibration" => calibration_takeaway(line),
            "residuals" => residuals_takeaway(line),
            _ if is_bars => bars_takeaway(line),
            _ => line_takeaway(line),
        })
        .collect();
    format!(
        "{} against {}. {}",
        figure.y_label,
        figure.x_label,
        sentences.join(" ")
    )
}

fn roc_takeaway(line: &Series) -> Option<String> {
    let reached = line
        .points
        .iter()
        .filter(|point| point[0] <= 0.2)
        .map(|point| point[1])
        .reduce(f64::max)?;
    Some(format!(
        "At a false positive rate of at most 0.2, {} reaches a true positive rate of {}.",
        line.name,
        number(reached)
    ))
}

fn calibration_takeaway(line: &Series) -> Option<String> {
    let distance = |point: &[f64; 2]| (point[1] - point[0]).abs();
    let worst = line
        .points
        .iter()
        .max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(format!(
        "{} is farthest from the diagonal at {}, where {} was observed.",
        line.name,
        number(worst[0]),
        number(worst[1])
    ))
}

fn residuals_takeaway(line: &Series) -> Option<String> {
    let farthest = line
        .points
        .iter()
        .max_by(|a, b| a[1].abs().total_cmp(&b[1].abs()))?;
    Some(format!(
        "{} is farthest from zero at {}, with {}.",
        line.name,
        number(farthest[0]),
        number(farthest[1])
    ))
}

fn bars_takeaway(line: &Series) -> Option<String> {
    let by_value = |a: &usize, b: &usize| line.points[*a][1].total_cmp(&line.points[*b][1]);
    let least = (0..line.points.len()).min_by(by_value)?;
    let most = (0..line.points.len()).max_by(by_value)?;
    let named = |index: usize| {
        let label = line.labels.get(index).map_or("a bar", String::as_str);
        format!("{label} with {}", number(line.points[index][1]))
    };
    Some(format!(
        "{}: lowest is {}, highest is {}.",
        line.name,
        named(least),
        named(most)
    ))
}

fn line_takeaway(line: &Series) -> Option<String> {
    let (first, last) = (line.points.first()?, line.points.last()?);
    Some(format!(
        "{} goes from {} at {} to {} at {}.",
        line.name,
        number(first[1]),
        number(first[0]),
        number(last[1]),
        number(last[0])
    ))
}
