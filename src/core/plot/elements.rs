//! The elements everything is drawn with, and how their coordinates are printed.

use super::text::escape;

pub(super) fn segment(x1: f64, y1: f64, x2: f64, y2: f64, style: &str) -> String {
    format!(
        "<path d=\"M{} {}L{} {}\"{style}/>",
        coordinate(x1),
        coordinate(y1),
        coordinate(x2),
        coordinate(y2)
    )
}

pub(super) fn text(x: f64, y: f64, anchor: &str, content: &str, style: &str) -> String {
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

/// One decimal, without a trailing zero.
pub(super) fn coordinate(value: f64) -> String {
    let text = format!("{:.1}", if value.is_finite() { value } else { 0.0 });
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
