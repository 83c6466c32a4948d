//! Progress bars, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use super::Outputs;

/// A bar over bytes that are read; `doing` says what for.
pub fn bytes(outputs: &Outputs, doing: &'static str) -> ProgressBar {
    if !outputs.console.interactive {
        return ProgressBar::hidden();
    }
    let template = "{spinner} {msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(doing)
}
