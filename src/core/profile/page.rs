//! A profile as one self-contained HTML page: no script, nothing loaded.

use serde::Serialize;

use super::{Bin, ColumnProfile, DatasetProfile};
use crate::template;

const TEMPLATE: &str = include_str!("../../../templates/reports/profile.html");
const STYLE: &str = include_str!("../../../templates/reports/report.css");
const OWN_STYLE: &str = include_str!("../../../templates/reports/profile.css");

/// Size of a histogram, in the units of its view box.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 60.0;

#[derive(Serialize)]
struct Page<'a> {
    style: String,
    profile: &'a DatasetProfile,
    columns: Vec<Column<'a>>,
}

#[derive(Serialize)]
struct Column<'a> {
    facts: &'a ColumnProfile,
    kind: &'static str,
    null_percent: f64,
    bars: Vec<Bar>,
    top: Vec<Top<'a>>,
}

#[derive(Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    title: String,
}

#[derive(Serialize)]
struct Top<'a> {
    value: &'a str,
    count: u64,
    percent: f64,
}

/// The page.
///
/// # Errors
/// When the template does not render: a mistake in this program.
pub fn page(profile: &DatasetProfile) -> Result<String, minijinja::Error> {
    let page = Page {
        style: format!("{STYLE}{OWN_STYLE}"),
        profile,
        columns: profile
            .columns
            .iter()
            .map(|column| view(column, profile.row_count))
            .collect(),
    };
    template::render("profile.html", TEMPLATE, page)
}

fn view(column: &ColumnProfile, row_count: u64) -> Column<'_> {
    let percent = |count: u64, of: u64| {
        let share = 100.0 * count as f64 / of.max(1) as f64;
        (share * 10.0).round() / 10.0
    };
    let present = row_count.saturating_sub(column.null_count);
    Column {
        facts: column,
        kind: column.logical_type.map_or("unknown", |kind| kind.as_str()),
        null_percent: percent(column.null_count, row_count),
        bars: bars(&column.histogram),
        top: column
            .top
            .iter()
            .map(|(value, count)| Top {
                value,
                count: *count,
                percent: percent(*count, present),
            })
            .collect(),
    }
}

fn bars(bins: &[Bin]) -> Vec<Bar> {
    let highest = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1) as f64;
    let width = WIDTH / bins.len().max(1) as f64;
    let rounded = |value: f64| (value * 10.0).round() / 10.0;
    bins.iter()
        .enumerate()
        .map(|(place, bin)| {
            let height = HEIGHT * bin.count as f64 / highest;
            // What is there is seen, however little it is beside the rest.
            let height = if 0 < bin.count { height.max(1.0) } else { 0.0 };
            Bar {
                x: rounded(width * place as f64),
                y: rounded(HEIGHT - height),
                width: rounded((width - 1.0).max(0.5)),
                height: rounded(height),
                title: format!(
                    "{} to {}: {}",
                    short(bin.lower),
                    short(bin.upper),
                    bin.count
                ),
            }
        })
        .collect()
}

/// A number with the digits that matter.
fn short(value: f64) -> String {
    crate::evidence::Quantity::new(value, crate::evidence::Unit::Number).to_string()
}
