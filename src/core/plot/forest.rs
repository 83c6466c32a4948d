//! Estimates with their intervals, one under another, each against its bound: a forest plot.
//!
//! The caller says what is shown and in which order; here is only how. A verdict is told by its word and
//! by the shape of its mark; colour repeats them.

use super::axes::Axis;
use super::elements::{segment, text};
use super::paint::{colour, shape};
use super::text::{cut_to, number};
use super::{Drawing, WIDTH, empty, frame};

/// Rows drawn of one plot: a screen of a phone, twice. The caller counts the rest.
pub const FOREST_ROWS_MAX: usize = 20;

/// Rows whose numbers are read out in the description; the rest is in the table of the page.
const ROWS_DESCRIBED_MAX: usize = 3;

const ROW_HEIGHT: f64 = 36.0;
/// The track of estimates; their numbers stand left of it.
const TRACK_LEFT: f64 = 182.0;
const TRACK_RIGHT: f64 = 352.0;
const LABEL_CHARACTERS_MAX: usize = 36;
const NUMBERS_CHARACTERS_MAX: usize = 34;

/// Rows of estimates over one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// What is shown, as a title.
    pub title: String,
    /// What the numbers are, where the axis is not enough to say it.
    pub note: String,
    /// The rows in the order they are drawn, at most [`FOREST_ROWS_MAX`].
    pub rows: Vec<ForestRow>,
    /// Rows that are not drawn.
    pub more: usize,
}

/// One estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestRow {
    /// What it is of.
    pub label: String,
    /// The estimate and its interval as they are printed.
    pub numbers: String,
    /// The verdict as it is printed, with its symbol.
    pub verdict: String,
    /// The shape and colour of the verdict.
    pub tone: Tone,
    /// Where the estimate stands; nothing when it is not known.
    pub value: Option<f64>,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
    /// What it is held against; the upper one where there are two.
    pub bounds: (Option<f64>, Option<f64>),
}

/// How the mark of a row looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Does not hold: a diamond.
    Bad,
    /// Could not be decided: a hollow square.
    Undecided,
    /// Does not hold, and does not block: a triangle.
    Warning,
    /// Recorded: a hollow circle.
    Noted,
    /// Holds: a circle.
    Good,
}

impl Tone {
    fn colour(self) -> String {
        colour(match self {
            Self::Bad => 4,
            Self::Undecided => 3,
            Self::Warning => 1,
            Self::Noted => 5,
            Self::Good => 2,
        })
    }

    fn mark(self, x: f64, y: f64) -> String {
        let colour = self.colour();
        let solid = format!("fill=\"{colour}\"");
        let hollow = format!("fill=\"{colour}\" fill-opacity=\".15\" stroke=\"{colour}\"");
        match self {
            Self::Bad => shape(2, x, y, &solid),
            Self::Undecided => shape(1, x, y, &hollow),
            Self::Warning => shape(3, x, y, &solid),
            Self::Noted => shape(0, x, y, &hollow),
            Self::Good => shape(0, x, y, &solid),
        }
    }
}

/// Draws `forest`; `id_prefix` as in [`figure_svg`](super::figure_svg). Places that are not finite are
/// left out.
#[must_use]
pub fn forest_svg(forest: &Forest, id_prefix: &str) -> String {
    let forest = drawable(forest);
    let drawing = draw(&forest);
    frame(&forest.title, &takeaway(&forest), id_prefix, &drawing)
}

/// The rows that are drawn, with finite places only; the others are counted.
fn drawable(forest: &Forest) -> Forest {
    let finite = |place: Option<f64>| place.filter(|place| place.is_finite());
    let rows = forest.rows.iter().take(FOREST_ROWS_MAX);
    let rows: Vec<ForestRow> = rows
        .map(|row| ForestRow {
            value: finite(row.value),
            interval: row
                .interval
                .filter(|(lower, upper)| lower.is_finite() && upper.is_finite()),
            bounds: (finite(row.bounds.0), finite(row.bounds.1)),
            ..row.clone()
        })
        .collect();
    Forest {
        more: forest.more + forest.rows.len() - rows.len(),
        rows,
        ..forest.clone()
    }
}

fn draw(forest: &Forest) -> Drawing {
    let Some(axis) = axis(forest) else {
        return empty();
    };
    let mut body = String::new();
    let mut y = 0.0;
    for row in &forest.rows {
        body += &drawn_row(&axis, row, y);
        y += ROW_HEIGHT;
    }
    body += &ticks(&axis, y);
    y += 24.0;
    let mut notes = vec![forest.note.clone()];
    if 0 < forest.more {
        notes.push(format!("and {} more in the table", forest.more));
    }
    for note in notes.iter().filter(|note| !note.is_empty()) {
        y += 14.0;
        body += &text(0.0, y, "start", note, SMALL);
    }
    Drawing {
        height: y + 8.0,
        body,
    }
}

const SMALL: &str = " font-size=\"10\" fill-opacity=\".7\"";

/// The axis that holds every estimate, interval and bound; `None` when there is nothing to place.
fn axis(forest: &Forest) -> Option<Axis> {
    let places = forest.rows.iter().flat_map(|row| {
        let (lower, upper) = row.interval.unzip();
        [row.value, lower, upper, row.bounds.0, row.bounds.1]
    });
    let (low, high) = places
        .flatten()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| {
            (low.min(place), high.max(place))
        });
    if high < low {
        return None;
    }
    let (low, high) = if low < high {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    };
    Some(Axis::over(low, high, 3.0, TRACK_LEFT, TRACK_RIGHT))
}

fn drawn_row(axis: &Axis, row: &ForestRow, top: f64) -> String {
    let (first, second) = (top + 13.0, top + 28.0);
    let middle = second - 4.0;
    let mut body = text(
        0.0,
        first,
        "start",
        &cut_to(&row.label, LABEL_CHARACTERS_MAX),
        "",
    );
    body += &text(WIDTH, first, "end", &row.verdict, " font-weight=\"600\"");
    let numbers = cut_to(&row.numbers, NUMBERS_CHARACTERS_MAX);
    body += &text(0.0, second, "start", &numbers, SMALL);
    let faint = " stroke=\"currentColor\" stroke-opacity=\".13\"";
    body += &segment(TRACK_LEFT, middle, TRACK_RIGHT, middle, faint);
    for bound in [row.bounds.0, row.bounds.1].into_iter().flatten() {
        let x = axis.at(bound);
        let dashed = " stroke=\"currentColor\" stroke-opacity=\".8\" stroke-dasharray=\"2 2\"";
        body += &segment(x, middle - 9.0, x, middle + 9.0, dashed);
    }
    if let Some((lower, upper)) = row.interval {
        let style = format!(" stroke=\"{}\" stroke-width=\"2\"", row.tone.colour());
        let (from, to) = (axis.at(lower), axis.at(upper));
        body += &segment(from, middle, to, middle, &style);
        for end in [from, to] {
            body += &segment(end, middle - 3.0, end, middle + 3.0, &style);
        }
    }
    if let Some(value) = row.value {
        body += &row.tone.mark(axis.at(value), middle);
    }
    body
}

fn ticks(axis: &Axis, y: f64) -> String {
    let line = " stroke=\"currentColor\" stroke-opacity=\".5\"";
    let mut body = segment(TRACK_LEFT, y, TRACK_RIGHT, y, line);
    for tick in axis.ticks() {
        let x = axis.at(tick);
        body += &segment(x, y, x, y + 4.0, line);
        body += &text(x.round(), y + 15.0, "middle", &axis.label(tick), SMALL);
    }
    body
}

/// How many rows there are, and what the first of them say.
fn takeaway(forest: &Forest) -> String {
    if forest.rows.is_empty() {
        return "There is no data to draw.".to_owned();
    }
    let described = forest.rows.iter().take(ROWS_DESCRIBED_MAX).map(|row| {
        let bounds = [row.bounds.0, row.bounds.1].into_iter().flatten();
        let bounds: Vec<String> = bounds.map(number).collect();
        let against = match bounds.as_slice() {
            [] => String::new(),
            bounds => format!(" against {}", bounds.join(" and ")),
        };
        format!("{}: {}{against}, {}.", row.label, row.numbers, row.verdict)
    });
    let described: Vec<String> = described.collect();
    format!(
        "{} of {} rows, the worst first. {} {}",
        forest.rows.len(),
        forest.rows.len() + forest.more,
        described.join(" "),
        forest.note
    )
}
