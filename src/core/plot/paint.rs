//! What tells one series from another: colour, dash, marker, and how its bars are filled.

use super::SERIES_MAX;
use super::elements::coordinate;

const COLOURS: [&str; SERIES_MAX] = [
    "#3b82f6", "#d97706", "#059669", "#a855f7", "#e11d48", "#64748b",
];
const DASHES: [&str; SERIES_MAX] = ["", "6 3", "2 3", "8 3 2 3", "4 2", "1 2"];

pub(super) fn colour(index: usize) -> String {
    let index = index % SERIES_MAX;
    format!("var(--figure-{}, {})", index + 1, COLOURS[index])
}

pub(super) fn dash(index: usize) -> String {
    match DASHES[index % SERIES_MAX] {
        "" => String::new(),
        dashes => format!(" stroke-dasharray=\"{dashes}\""),
    }
}

/// Circle, square, diamond, triangle: so that lines differ without colour.
pub(super) fn marker(x: f64, y: f64, index: usize) -> String {
    shape(index, x, y, &format!("fill=\"{}\"", colour(index)))
}

/// The shape of that number, painted as said.
pub(super) fn shape(number: usize, x: f64, y: f64, paint: &str) -> String {
    let (left, right) = (coordinate(x - 3.0), coordinate(x + 3.0));
    let (up, down) = (coordinate(y - 3.0), coordinate(y + 3.0));
    let (centre_x, centre_y) = (coordinate(x), coordinate(y));
    match number % 4 {
        0 => format!("<circle cx=\"{centre_x}\" cy=\"{centre_y}\" r=\"3\" {paint}/>"),
        1 => format!("<rect x=\"{left}\" y=\"{up}\" width=\"6\" height=\"6\" {paint}/>"),
        2 => format!(
            "<path d=\"M{left} {centre_y}L{centre_x} {up}L{right} {centre_y}L{centre_x} {down}Z\" {paint}/>"
        ),
        _ => {
            format!("<path d=\"M{left} {down}L{centre_x} {up}L{right} {down}Z\" {paint}/>")
        }
    }
}

/// The first series is solid, the second hollow, the others lighter with a dashed edge.
pub(super) fn bar_paint(index: usize) -> String {
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
