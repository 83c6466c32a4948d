//! Draws a [`Figure`] as SVG: for the HTML report and for the model card, so that both look alike.
//!
//! The text is small, deterministic and self-contained: no script, no style sheet, nothing loaded.
//! Lines differ by dash and marker as well as by colour; text takes `currentColor`; the colours can be
//! set by the page as `--figure-1` … `--figure-6`, and the defaults have at least 3:1 contrast on
//! white and on near-black (WCAG 2.2, 1.4.11). What the reader should take away is in `<desc>`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use crate::evidence::{Figure, Quantity, Series, Unit};
use crate::template::is_hidden;

/// Series drawn; a figure with more cannot be read.
const SERIES_MAX: usize = 6;
/// Points drawn of one line: more than a line this wide can show.
const POINTS_MAX: usize = 240;
/// Groups of bars drawn; the page shows the rest in its table.
const BARS_MAX: usize = 24;
/// Characters of a name before it is cut.
const NAME_CHARACTERS_MAX: usize = 28;

/// Width of every figure: legible on a phone of 360 pixels without scaling much.
const WIDTH: f64 = 360.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const KEY_HEIGHT: f64 = 18.0;
const PLOT_HEIGHT: f64 = 240.0;
/// Height of the strip of bars that shows how many rows stand behind each point.
const COUNTS_HEIGHT: f64 = 34.0;
/// Estimated width of one character of the small text.
const CHARACTER_WIDTH: f64 = 6.0;

const COLOURS: [&str; SERIES_MAX] = [
    "#3b82f6", "#d97706", "#059669", "#a855f7", "#e11d48", "#64748b",
];
const DASHES: [&str; SERIES_MAX] = ["", "6 3", "2 3", "8 3 2 3", "4 2", "1 2"];

/// Draws `figure`. `id_prefix` keeps element ids unique where several figures share a page; two
/// figures on one page need two prefixes.
///
/// `roc` and `calibration` are drawn on the unit square with the diagonal; figures whose points have
/// names are horizontal bars; everything else is lines. Points that are not finite are left out.
#[must_use]
pub fn figure_svg(figure: &Figure, id_prefix: &str) -> String {
    let series = drawable(figure);
    let drawing = if series.iter().all(|line| line.points.is_empty()) {
        empty()
    } else if figure.id.starts_with("slices") || series.iter().any(|line| !line.labels.is_empty()) {
        bars(&series)
    } else {
        lines(figure, &series)
    };
    frame(figure, &takeaway(figure, &series), id_prefix, &drawing)
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

fn frame(figure: &Figure, takeaway: &str, id_prefix: &str, drawing: &Drawing) -> String {
    let prefix = identifier(id_prefix);
    let height = coordinate(drawing.height);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"{prefix}-title {prefix}-desc\" font-family=\"system-ui, sans-serif\" \
         font-size=\"11\" fill=\"currentColor\"><title id=\"{prefix}-title\">{title}</title>\
         <desc id=\"{prefix}-desc\">{desc}</desc>{body}</svg>",
        width = coordinate(WIDTH),
        title = escape(&figure.title),
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

// Lines

/// Where data ends up on paper.
struct Scale {
    x: Axis,
    y: Axis,
}

/// One axis: its data range, its pixels and its ticks.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    step: f64,
}

impl Axis {
    /// An axis over round numbers that covers `low ..= high` with about `count` ticks.
    fn over(low: f64, high: f64, count: f64, from: f64, to: f64) -> Self {
        let step = round_step((high - low) / count);
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            from,
            to,
            step,
        }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        let share = if share.is_finite() { share } else { 0.5 };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let count = ((self.high - self.low) / self.step)
            .round()
            .clamp(0.0, 12.0) as u32;
        (0..=count).map(|index| self.low + f64::from(index) * self.step)
    }

    /// The tick as text, with the decimals its step needs; large steps in the short form of numbers.
    fn label(&self, tick: f64) -> String {
        if !(1e-4..1e5).contains(&self.step) {
            return number(tick);
        }
        let decimals = (-self.step.log10().floor()).clamp(0.0, 5.0) as usize;
        let clean = if tick.abs() < self.step / 2.0 {
            0.0
        } else {
            tick
        };
        format!("{clean:.decimals$}")
    }
}

/// 1, 2 or 5 times a power of ten, at least `raw`; 1 when `raw` says nothing.
fn round_step(raw: f64) -> f64 {
    if !raw.is_finite() || raw <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| raw <= step * 1.000_001)
        .unwrap_or(power * 10.0);
    if step.is_finite() && 0.0 < step {
        step
    } else {
        1.0
    }
}

fn lines(figure: &Figure, series: &[Series]) -> Drawing {
    let unit_square = matches!(figure.id.as_str(), "roc" | "calibration");
    let names: Vec<&str> = series.iter().map(|line| line.name.as_str()).collect();
    let (mut body, key_height) = key(&names, swatch_line);
    let top = TOP + key_height + 20.0;
    let height = if unit_square {
        WIDTH - LEFT - RIGHT
    } else {
        PLOT_HEIGHT
    };
    let scale = scale_of(series, unit_square, top, top + height);
    body += &grid(&scale);
    body += &text(
        0.0,
        top - 9.0,
        "start",
        &figure.y_label,
        " fill-opacity=\".7\"",
    );
    if unit_square {
        body += &diagonal(&scale, &figure.id, series);
    }
    // The last series is drawn first, so that the first, the candidate, lies on top.
    for (index, line) in series.iter().enumerate().rev() {
        body += &line_path(&scale, line, index, figure.id == "calibration");
    }
    let mut bottom = top + height + 32.0;
    body += &text(
        scale.x.to,
        bottom,
        "end",
        &figure.x_label,
        " fill-opacity=\".7\"",
    );
    if figure.id == "calibration"
        && let Some(counts) = count_bars(&scale, series, bottom + 12.0)
    {
        body += &counts;
        bottom += COUNTS_HEIGHT + 30.0;
    }
    Drawing {
        height: bottom + 8.0,
        body,
    }
}

fn scale_of(series: &[Series], unit_square: bool, top: f64, bottom: f64) -> Scale {
    let points = || series.iter().flat_map(|line| &line.points);
    let range = |axis: usize| {
        let low = points().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
        let high = points().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
        if low < high {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        }
    };
    let (x, y) = if unit_square {
        ((0.0, 1.0), (0.0, 1.0))
    } else {
        (range(0), range(1))
    };
    Scale {
        x: Axis::over(x.0, x.1, 5.0, LEFT, WIDTH - RIGHT),
        y: Axis::over(y.0, y.1, 5.0, bottom, top),
    }
}

fn grid(scale: &Scale) -> String {
    let mut body = String::from("<g stroke=\"currentColor\" stroke-opacity=\".13\">");
    for tick in scale.y.ticks() {
        let y = scale.y.at(tick);
        body += &segment(scale.x.from, y, scale.x.to, y, "");
    }
    body += "</g><g font-size=\"10\" fill-opacity=\".7\">";
    for tick in scale.y.ticks() {
        let label = scale.y.label(tick);
        body += &text(LEFT - 7.0, scale.y.at(tick) + 3.5, "end", &label, "");
    }
    let baseline = scale.y.from;
    for tick in scale.x.ticks() {
        let label = scale.x.label(tick);
        body += &text(scale.x.at(tick), baseline + 16.0, "middle", &label, "");
    }
    body += "</g><g stroke=\"currentColor\" stroke-opacity=\".5\">";
    body += &segment(scale.x.from, baseline, scale.x.to, baseline, "");
    for tick in scale.x.ticks() {
        let x = scale.x.at(tick);
        body += &segment(x, baseline, x, baseline + 4.0, "");
    }
    body + "</g>"
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

/// Bars that show how many rows stand behind each point of the first series that knows.
fn count_bars(scale: &Scale, series: &[Series], top: f64) -> Option<String> {
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

// Bars

/// Left end of the bars; names stand left of it.
const BAR_LEFT: f64 = 128.0;
/// Right end of the longest bar; its value and its rows stand right of it.
const BAR_RIGHT: f64 = 268.0;
/// Space below a bar.
const BAR_GAP: f64 = 5.0;

fn bars(series: &[Series]) -> Drawing {
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

/// The first series is solid, the second hollow, the others lighter with a dashed edge.
fn bar_paint(index: usize) -> String {
    let colour = colour(index);
    match index {
        0 => format!("fill=\"{colour}\""),
        1 => format!("fill=\"{colour}\" fill-opacity=\".18\" stroke=\"{colour}\""),
        _ => format!(
            "fill=\"{colour}\" fill-opacity=\".4\" stroke=\"{colour}\"{}",
            dash(index)
        ),
    }
}

// The key

/// Names with a sample of their line, set in rows; returns the height they take.
fn key(names: &[&str], swatch: fn(f64, f64, usize) -> String) -> (String, f64) {
    let mut body = String::new();
    let (mut x, mut y) = (0.0, TOP + 4.0);
    for (index, name) in names.iter().enumerate() {
        let name = cut(name);
        let width = 30.0 + text_width(&name) + 14.0;
        if 0.0 < x && WIDTH < x + width {
            x = 0.0;
            y += KEY_HEIGHT;
        }
        body += &swatch(x, y, index);
        body += &text(x + 30.0, y + 4.0, "start", &name, "");
        x += width;
    }
    (body, y - TOP + 10.0)
}

fn swatch_line(x: f64, y: f64, index: usize) -> String {
    let style = format!(
        " stroke=\"{}\" stroke-width=\"2\"{}",
        colour(index),
        dash(index)
    );
    segment(x + 1.0, y, x + 25.0, y, &style) + &marker(x + 13.0, y, index)
}

fn swatch_bar(x: f64, y: f64, index: usize) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"24\" height=\"9\" rx=\"1.5\" {}/>",
        coordinate(x + 1.0),
        coordinate(y - 4.5),
        bar_paint(index)
    )
}

/// Circle, square, diamond, triangle: so that lines differ without colour.
fn marker(x: f64, y: f64, index: usize) -> String {
    let (fill, left, right) = (colour(index), coordinate(x - 3.0), coordinate(x + 3.0));
    let (up, down) = (coordinate(y - 3.0), coordinate(y + 3.0));
    let (centre_x, centre_y) = (coordinate(x), coordinate(y));
    match index % 4 {
        0 => format!("<circle cx=\"{centre_x}\" cy=\"{centre_y}\" r=\"3\" fill=\"{fill}\"/>"),
        1 => format!("<rect x=\"{left}\" y=\"{up}\" width=\"6\" height=\"6\" fill=\"{fill}\"/>"),
        2 => format!(
            "<path d=\"M{left} {centre_y}L{centre_x} {up}L{right} {centre_y}L{centre_x} {down}Z\" fill=\"{fill}\"/>"
        ),
        _ => {
            format!("<path d=\"M{left} {down}L{centre_x} {up}L{right} {down}Z\" fill=\"{fill}\"/>")
        }
    }
}

// The takeaway

/// What a reader should take away, read off the points and not computed anew.
fn takeaway(figure: &Figure, series: &[Series]) -> String {
    let shown: Vec<&Series> = series
        .iter()
        .filter(|line| !line.points.is_empty())
        .collect();
    if shown.is_empty() {
        return "There is no data to draw.".to_owned();
    }
    let is_bars = figure.id.starts_with("slices") || shown.iter().any(|s| !s.labels.is_empty());
    let sentences: Vec<String> = shown
        .iter()
        .filter_map(|line| match figure.id.as_str() {
            "roc" => roc_takeaway(line),
            "calibration" => calibration_takeaway(line),
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

// Marks and text

fn segment(x1: f64, y1: f64, x2: f64, y2: f64, style: &str) -> String {
    format!(
        "<path d=\"M{} {}L{} {}\"{style}/>",
        coordinate(x1),
        coordinate(y1),
        coordinate(x2),
        coordinate(y2)
    )
}

fn text(x: f64, y: f64, anchor: &str, content: &str, style: &str) -> String {
    let anchor = match anchor {
        "start" => String::new(),
        other => format!(" text-anchor=\"{other}\""),
    };
    format!(
        "<text x=\"{}\" y=\"{}\"{anchor}{style}>{}</text>",
        coordinate(x),
        coordinate(y),
        escape(content)
    )
}

fn colour(index: usize) -> String {
    let index = index % SERIES_MAX;
    format!("var(--figure-{}, {})", index + 1, COLOURS[index])
}

fn dash(index: usize) -> String {
    match DASHES[index % SERIES_MAX] {
        "" => String::new(),
        dashes => format!(" stroke-dasharray=\"{dashes}\""),
    }
}

/// One decimal, without a trailing zero.
fn coordinate(value: f64) -> String {
    let text = format!("{:.1}", if value.is_finite() { value } else { 0.0 });
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn number(value: f64) -> String {
    Quantity::new(value, Unit::Number).to_string()
}

fn cut(text: &str) -> String {
    cut_to(text, NAME_CHARACTERS_MAX)
}

fn cut_to(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters_max - 1).collect();
    format!("{}…", kept.trim_end())
}

fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|character| if character.is_ascii() { 1.0 } else { 1.8 })
        .sum::<f64>()
        * CHARACTER_WIDTH
}

/// Text that stays text; characters that hide or reorder others are spelt out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            hidden if is_hidden(hidden) => {
                safe.push_str(&format!("[U+{:04X}]", u32::from(hidden)));
            }
            plain => safe.push(plain),
        }
    }
    safe
}

/// Letters, digits, `-` and `_`, beginning with a letter.
fn identifier(text: &str) -> String {
    let mut id: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert(0, 'f');
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn figure(id: &str, series: Vec<Series>) -> Figure {
        Figure {
            id: id.into(),
            title: "Title".into(),
            x_label: "x".into(),
            y_label: "y".into(),
            series,
        }
    }

    fn line(name: &str, points: &[[f64; 2]]) -> Series {
        Series {
            name: name.into(),
            points: points.to_vec(),
            labels: vec![],
            counts: vec![],
        }
    }

    #[test]
    fn title_comes_first_and_is_referred_to() {
        let svg = figure_svg(
            &figure("roc", vec![line("a", &[[0.0, 0.0], [1.0, 1.0]])]),
            "p1",
        );
        assert!(svg.contains("role=\"img\" aria-labelledby=\"p1-title p1-desc\""));
        let first_child = svg
            .find('>')
            .map(|end| &svg[end + 1..])
            .expect("a start tag");
        assert!(
            first_child.starts_with("<title id=\"p1-title\">Title</title><desc id=\"p1-desc\">")
        );
    }

    #[test]
    fn hostile_names_stay_text() {
        let name = "</text><script>alert(1)</script>\u{202e}\" onload='x";
        let mut hostile = figure("slices-auc", vec![line(name, &[[0.0, 0.5]])]);
        hostile.title = name.into();
        hostile.y_label = name.into();
        hostile.series[0].labels = vec![name.into()];
        let svg = figure_svg(&hostile, "\"><script>");
        assert!(!svg.contains("<script"));
        assert!(!svg.contains('\u{202e}'));
        assert!(svg.contains("[U+202E]"));
        assert_eq!(svg.matches(" onload='").count(), 0);
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        let points = [[0.0, f64::NAN], [0.5, 0.5], [f64::INFINITY, 1.0]];
        let svg = figure_svg(&figure("loss", vec![line("a", &points)]), "p");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        let nothing = figure_svg(&figure("roc", vec![line("a", &points[..1])]), "p");
        assert!(nothing.contains("No data"));
    }

    #[test]
    fn lines_differ_without_colour() {
        let two = figure(
            "roc",
            vec![
                line("a", &[[0.0, 0.0], [1.0, 1.0]]),
                line("b", &[[0.0, 0.0], [1.0, 1.0]]),
            ],
        );
        let svg = figure_svg(&two, "p");
        assert!(svg.contains("stroke-dasharray=\"6 3\""));
        assert!(svg.contains("<circle") && svg.contains("width=\"6\" height=\"6\""));
    }

    #[test]
    fn a_long_curve_stays_small_and_keeps_its_ends() {
        let points: Vec<[f64; 2]> = (0..=50_000)
            .map(|i| [f64::from(i) / 5e4, (f64::from(i) / 5e4).sqrt()])
            .collect();
        let svg = figure_svg(&figure("roc", vec![line("a", &points)]), "p");
        assert!(svg.len() < 8_000, "{} bytes", svg.len());
        assert!(svg.contains("M40 350L"), "{svg}");
        assert!(svg.contains("L346 44\""), "{svg}");
    }

    #[test]
    fn bars_show_label_value_and_count() {
        let mut series = line("candidate", &[[0.0, 0.6089], [1.0, 0.7123]]);
        series.labels = vec!["sex=female".into(), "sex=male".into()];
        series.counts = vec![119, 231];
        let svg = figure_svg(&figure("slices-roc-auc", vec![series]), "p");
        for expected in [
            "sex=female",
            "0.6089",
            "n 119",
            "sex=male",
            "0.7123",
            "n 231",
        ] {
            assert!(svg.contains(expected), "{expected}");
        }
        assert!(svg.contains("lowest is sex=female with 0.6089"));
    }

    proptest! {
        #[test]
        fn any_figure_is_drawn_with_finite_numbers(
            id in "(roc|calibration|slices-x|other)",
            points in proptest::collection::vec(proptest::array::uniform2(proptest::num::f64::ANY), 0..20),
            counts in proptest::collection::vec(any::<u64>(), 0..20),
            labels in proptest::collection::vec(".{0,9}", 0..20),
        ) {
            let series = Series { name: "a".into(), points, labels, counts };
            let svg = figure_svg(&figure(&id, vec![series.clone(), series]), "p");
            let attributes = svg.split("<text").map(|part| part.split('>').next().unwrap_or_default());
            for attribute in attributes {
                prop_assert!(!attribute.contains("NaN") && !attribute.contains("inf "));
            }
            prop_assert!(svg.len() < 40_000);
        }
    }
}
