//! Metrics over past runs as rows of a table, each with a line small enough to stand in it.
//!
//! Numbers and their order are those of the figures that evidence carries; only places on paper are
//! worked out here.

use serde::Serialize;

use super::sections::Section;
use super::text::name;
use crate::evidence::{Figure, Quantity, Series, Unit};

/// Beginning of the ids of figures that are trends.
const TREND: &str = "trend-";

/// Metrics followed in one report.
const TRENDS_MAX: usize = 50;

/// Runs drawn of one metric, the latest ones.
const RUNS_MAX: usize = 60;

/// One metric over the runs.
#[derive(Serialize)]
pub(super) struct TrendRow {
    pub metric: String,
    pub runs: usize,
    /// When the first of the runs was.
    pub since: String,
    pub first: String,
    /// The value of the run before this one.
    pub before: String,
    pub now: String,
    pub bound: String,
    /// Places of the values on a track of 100 by 20, `x,y x,y`.
    pub line: String,
    /// Heights of what is required, on the same track.
    pub bounds: Vec<f64>,
    /// Where this run stands on it.
    pub last: (f64, f64),
    /// The values as block characters.
    pub blocks: String,
}

/// Whether a figure is shown as a row of the table of trends.
pub(super) fn is_trend(figure: &Figure) -> bool {
    figure.id.starts_with(TREND)
}

/// The trends of all sections.
pub(super) fn trends(sections: &[Section<'_>]) -> Vec<TrendRow> {
    let figures = sections.iter().flat_map(|section| &section.report.figures);
    let trends = figures.filter(|figure| is_trend(figure));
    trends.take(TRENDS_MAX).filter_map(trend).collect()
}

fn trend(figure: &Figure) -> Option<TrendRow> {
    let (values, bounds) = figure.series.split_first()?;
    let points: Vec<f64> = values.points.iter().map(|point| point[1]).collect();
    let points = &points[points.len().saturating_sub(RUNS_MAX)..];
    let [first, .., before, now] = points else {
        return short(figure, points, values, bounds);
    };
    Some(row(figure, points, (*first, *before, *now), values, bounds))
}

/// Two runs: the first is the one before.
fn short(figure: &Figure, points: &[f64], values: &Series, bounds: &[Series]) -> Option<TrendRow> {
    let [first, now] = points else {
        return None;
    };
    Some(row(figure, points, (*first, *first, *now), values, bounds))
}

fn row(
    figure: &Figure,
    points: &[f64],
    (first, before, now): (f64, f64, f64),
    values: &Series,
    bounds: &[Series],
) -> TrendRow {
    let thresholds: Vec<f64> = bounds
        .iter()
        .filter_map(|series| Some(series.points.first()?[1]))
        .collect();
    let track = Track::over(points.iter().chain(&thresholds));
    let places: Vec<(f64, f64)> = points
        .iter()
        .enumerate()
        .map(|(index, value)| (track.x(index, points.len()), track.y(*value)))
        .collect();
    let since = values.labels.len().checked_sub(points.len());
    let since = since.and_then(|index| values.labels.get(index));
    let number = |value| Quantity::new(value, Unit::Number).to_string();
    TrendRow {
        metric: name(&figure.y_label),
        runs: points.len(),
        since: since.map_or_else(String::new, |label| name(label)),
        first: number(first),
        before: number(before),
        now: number(now),
        bound: bounds.first().map_or_else(String::new, |series| {
            let name = name(&series.name);
            name.strip_prefix("required ").unwrap_or(&name).to_owned()
        }),
        line: places
            .iter()
            .map(|(x, y)| format!("{x},{y}"))
            .collect::<Vec<_>>()
            .join(" "),
        bounds: thresholds
            .iter()
            .map(|threshold| track.y(*threshold))
            .collect(),
        last: places.last().copied().unwrap_or_default(),
        blocks: points.iter().map(|value| track.block(*value)).collect(),
    }
}

/// A track of 100 by 20.
struct Track {
    low: f64,
    high: f64,
}

impl Track {
    /// A track that holds all `values` that are finite.
    fn over<'a>(values: impl Iterator<Item = &'a f64>) -> Self {
        let finite = values.copied().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        Self { low, high }
    }

    /// The share of the height, from 0 at the lowest value to 1; the middle where all are the same.
    fn share(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.5
        }
    }

    fn x(&self, index: usize, count: usize) -> f64 {
        tenth(3.0 + 94.0 * index as f64 / count.saturating_sub(1).max(1) as f64)
    }

    fn y(&self, value: f64) -> f64 {
        tenth(17.0 - 14.0 * self.share(value))
    }

    fn block(&self, value: f64) -> char {
        const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        BLOCKS[((self.share(value) * 7.0).round() as usize).min(7)]
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(points: &[f64], bound: Option<f64>) -> Figure {
        let series = |name: &str, points: Vec<[f64; 2]>, labels: Vec<String>| Series {
            name: name.into(),
            points,
            labels,
            counts: Vec::new(),
        };
        let labels = (1..=points.len()).map(|day| format!("2026-10-{day:02}"));
        let points: Vec<[f64; 2]> = points.iter().map(|value| [0.0, *value]).collect();
        let mut all = vec![series("recall", points, labels.collect())];
        all.extend(bound.map(|bound| {
            let ends = vec![[0.0, bound], [1.0, bound]];
            series("required at least 0.7", ends, Vec::new())
        }));
        Figure {
            id: "trend-recall".into(),
            title: "recall".into(),
            x_label: "Run".into(),
            y_label: "recall".into(),
            series: all,
        }
    }

    #[test]
    fn a_trend_says_first_before_and_now_beside_its_bound() {
        let row = trend(&figure(&[0.6, 0.8, 0.75], Some(0.7))).expect("a row");
        assert_eq!((row.runs, row.since.as_str()), (3, "2026-10-01"));
        let values = [row.first, row.before, row.now, row.bound];
        assert_eq!(values, ["0.6", "0.8", "0.75", "at least 0.7"]);
        assert_eq!(row.line, "3,17 50,3 97,6.5");
        assert_eq!(row.bounds, [10.0]);
        assert_eq!(row.last, (97.0, 6.5));
        assert_eq!(row.blocks, "▁█▆");
    }

    #[test]
    fn two_runs_are_a_trend_and_one_is_none() {
        let row = trend(&figure(&[0.6, 0.8], None)).expect("a row");
        assert_eq!((row.first.as_str(), row.before.as_str()), ("0.6", "0.6"));
        assert!(trend(&figure(&[0.6], None)).is_none());
    }

    #[test]
    fn the_same_value_every_time_is_a_line_in_the_middle() {
        let row = trend(&figure(&[0.6, 0.6, 0.6], None)).expect("a row");
        assert_eq!(row.line, "3,10 50,10 97,10");
    }

    #[test]
    fn only_the_latest_of_many_runs_are_drawn() {
        let values: Vec<f64> = (0..500).map(f64::from).collect();
        let row = trend(&figure(&values, None)).expect("a row");
        assert_eq!((row.runs, row.first.as_str()), (RUNS_MAX, "440"));
    }
}
