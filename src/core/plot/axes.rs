//! Axes over round numbers, and the grid that shows them.

use crate::evidence::Series;

use super::elements::{segment, text};
use super::text::number;
use super::{LEFT, RIGHT, WIDTH};

/// Where data ends up on paper.
pub(super) struct Scale {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

/// One axis: its data range, its pixels and its ticks.
pub(super) struct Axis {
    low: f64,
    high: f64,
    pub(super) from: f64,
    pub(super) to: f64,
    step: f64,
}

impl Axis {
    /// An axis over round numbers that covers `low ..= high` with about `count` ticks.
    pub(super) fn over(low: f64, high: f64, count: f64, from: f64, to: f64) -> Self {
        let step = round_step((high - low) / count);
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            from,
            to,
            step,
        }
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        let share = if share.is_finite() { share } else { 0.5 };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let count = ((self.high - self.low) / self.step)
            .round()
            .clamp(0.0, 12.0) as u32;
        (0..=count).map(|index| self.low + f64::from(index) * self.step)
    }

    /// The tick as text, with the decimals its step needs; large steps in the short form of numbers.
    pub(super) fn label(&self, tick: f64) -> String {
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

/// The scale of lines; `baseline` is a height that the vertical axis reaches in any case.
pub(super) fn scale_of(
    series: &[Series],
    unit_square: bool,
    baseline: Option<f64>,
    (top, bottom): (f64, f64),
) -> Scale {
    let points = || series.iter().flat_map(|line| &line.points);
    let range = |axis: usize, also: Option<f64>| {
        let shown = || points().map(|point| point[axis]).chain(also);
        let low = shown().fold(f64::INFINITY, f64::min);
        let high = shown().fold(f64::NEG_INFINITY, f64::max);
        if low < high {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        }
    };
    let (x, y) = if unit_square {
        ((0.0, 1.0), (0.0, 1.0))
    } else {
        (range(0, None), range(1, baseline))
    };
    Scale {
        x: Axis::over(x.0, x.1, 5.0, LEFT, WIDTH - RIGHT),
        y: Axis::over(y.0, y.1, 5.0, bottom, top),
    }
}

pub(super) fn grid(scale: &Scale) -> String {
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
