//! The key: which series is drawn how.

use super::elements::{coordinate, segment, text};
use super::paint::{bar_paint, colour, dash, marker};
use super::text::{cut, text_width};
use super::{TOP, WIDTH};

const KEY_HEIGHT: f64 = 18.0;

/// Names with a sample of their line, set in rows; returns the height they take.
pub(super) fn key(names: &[&str], swatch: fn(f64, f64, usize) -> String) -> (String, f64) {
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

pub(super) fn swatch_line(x: f64, y: f64, index: usize) -> String {
    let style = format!(
        " stroke=\"{}\" stroke-width=\"2\"{}",
        colour(index),
        dash(index)
    );
    segment(x + 1.0, y, x + 25.0, y, &style) + &marker(x + 13.0, y, index)
}

pub(super) fn swatch_bar(x: f64, y: f64, index: usize) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"24\" height=\"9\" rx=\"1.5\" {}/>",
        coordinate(x + 1.0),
        coordinate(y - 4.5),
        bar_paint(index)
    )
}
