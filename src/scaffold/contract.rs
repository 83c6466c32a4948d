//! A draft contract (ODCS v3.1) from what tables are like today.

use serde::Serialize;

use super::names;
use super::profile::{ColumnProfile, TableProfile, is_numeric};
use super::{ScaffoldError, yaml};
use crate::measure::LogicalType;
use crate::template;

const TEMPLATE: &str = include_str!("../../templates/scaffold/contract.odcs.yaml");

/// How far a range reaches beyond what was seen, as a fraction of what was seen. Half of it keeps a
/// wrong unit or a wrong column out and lets the next batch in.
const RANGE_MARGIN: f64 = 0.5;

/// Percentages of nulls a person would write down. What was seen and half of it more is rounded up to one.
const NULL_PERCENTS: [f64; 16] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 75.0, 90.0,
];

/// Rows a dataset must have, as a fraction of those it has today.
const ROWS_FRACTION: f64 = 0.5;

/// One object of the contract: tables with the same columns.
#[derive(Clone, Debug, PartialEq)]
pub struct ContractObject {
    /// Name of the object.
    pub name: String,
    /// The datasets it describes.
    pub datasets: Vec<String>,
    /// What they are like together.
    pub profile: TableProfile,
}

#[derive(Serialize)]
struct ObjectView {
    name: String,
    datasets: String,
    rows_now: u64,
    rows_min: u64,
    repeats: bool,
    columns: Vec<ColumnView>,
}

#[derive(Serialize)]
struct ColumnView {
    name: String,
    logical_type: Option<&'static str>,
    required: bool,
    unique: bool,
    personal: bool,
    nulls: u64,
    null_percent: Option<String>,
    null_percent_max: Option<String>,
    seen: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    values: Option<String>,
}

/// The contract as text. `id` names it, such as `churn`.
///
/// # Errors
/// When the template does not render: a mistake in this program.
pub fn draft(id: &str, objects: &[ContractObject]) -> Result<String, ScaffoldError> {
    let context = serde_json::json!({
        "id": yaml::scalar(&format!("urn:proofmark:contract:{id}")),
        "name": yaml::scalar(id),
        "margin_percent": RANGE_MARGIN * 100.0,
        "rows_percent": ROWS_FRACTION * 100.0,
        "objects": objects.iter().map(object_view).collect::<Vec<_>>(),
    });
    template::render("contract.odcs.yaml.txt", TEMPLATE, context)
}

fn object_view(object: &ContractObject) -> ObjectView {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "half of a count of rows, rounded down, is a count of rows"
    )]
    let rows_min = (object.profile.rows as f64 * ROWS_FRACTION) as u64;
    ObjectView {
        name: yaml::scalar(&object.name),
        datasets: yaml::comment(&object.datasets.join(", ")),
        rows_now: object.profile.rows,
        rows_min: rows_min.max(1),
        repeats: object.profile.repeats,
        columns: object.profile.columns.iter().map(column_view).collect(),
    }
}

fn column_view(column: &ColumnProfile) -> ColumnView {
    let personal = is_personal(column);
    let mut view = ColumnView {
        name: yaml::scalar(&column.name),
        logical_type: column.logical_type.map(LogicalType::as_str),
        required: column.nulls == 0,
        unique: is_identifier(column),
        personal,
        nulls: column.nulls,
        null_percent: (0 < column.nulls).then(|| percent(column.null_fraction)),
        null_percent_max: null_percent_max(column.null_fraction).map(yaml::number),
        seen: None,
        minimum: None,
        maximum: None,
        values: None,
    };
    if personal || view.unique {
        return view;
    }
    if let Some((minimum, maximum)) = column.range {
        view.seen = Some(format!(
            "{} to {}",
            yaml::number(minimum),
            yaml::number(maximum)
        ));
        let whole = column.logical_type == Some(LogicalType::Integer);
        if whole && minimum == 0.0 && maximum == 1.0 {
            // A flag, not a quantity.
            view.values = Some("[0, 1]".to_owned());
        } else {
            let (lower, upper) = widened(minimum, maximum, whole);
            let ends = [lower, upper].map(|end| end.is_finite().then(|| yaml::number(end)));
            [view.minimum, view.maximum] = ends;
        }
    } else if !column.values.is_empty() && column.logical_type == Some(LogicalType::String) {
        view.values = Some(yaml::list(column.values.iter().map(String::as_str)));
    }
    view
}

/// A fraction in percent, with the digits that matter.
fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if percent < 1.0 {
        format!("{percent:.3}")
    } else {
        format!("{percent:.1}")
    }
}

/// Percentage of nulls there must be fewer of; `None` without nulls, and where there is nothing else.
fn null_percent_max(fraction: f64) -> Option<f64> {
    if fraction <= 0.0 || 1.0 <= fraction {
        return None;
    }
    let wanted = fraction * 100.0 * (1.0 + RANGE_MARGIN);
    let round = NULL_PERCENTS.into_iter().find(|percent| wanted <= *percent);
    Some(round.unwrap_or(100.0))
}

/// Whether nothing of the values may be written down.
#[must_use]
pub fn is_personal(column: &ColumnProfile) -> bool {
    column.personal
        || names::is_personal(&column.name)
        || column.values.iter().any(|text| names::looks_personal(text))
}

/// Whether the column identifies rows: no value repeats and its name says so, or it is text.
#[must_use]
pub fn is_identifier(column: &ColumnProfile) -> bool {
    let exact = matches!(
        column.logical_type,
        Some(LogicalType::String | LogicalType::Integer)
    );
    let text = column.logical_type == Some(LogicalType::String);
    column.distinct && exact && (text || names::is_key(&column.name))
}

/// Whether the distribution of a column can be compared: numbers and categories, no identifiers.
#[must_use]
pub fn is_comparable(column: &ColumnProfile) -> bool {
    !is_identifier(column)
        && !names::is_key(&column.name)
        && (is_numeric(column.logical_type) || !column.values.is_empty())
}

/// A range beyond what was seen, in round numbers. It does not cross zero, and fractions stay
/// fractions.
fn widened(minimum: f64, maximum: f64, whole: bool) -> (f64, f64) {
    if !whole && 0.0 <= minimum && maximum <= 1.0 {
        return (0.0, 1.0);
    }
    let spread = maximum - minimum;
    let margin = RANGE_MARGIN
        * if 0.0 < spread {
            spread
        } else {
            maximum.abs().max(1.0)
        };
    let lower = round(minimum - margin, margin, f64::floor);
    let upper = round(maximum + margin, margin, f64::ceil);
    let lower = if 0.0 <= minimum {
        lower.max(0.0)
    } else {
        lower
    };
    let upper = if maximum <= 0.0 {
        upper.min(0.0)
    } else {
        upper
    };
    if whole {
        (lower.floor(), upper.ceil())
    } else {
        (lower, upper)
    }
}

/// `value` in steps of a tenth of the size of `margin`, away from what was seen.
fn round(value: f64, margin: f64, direction: fn(f64) -> f64) -> f64 {
    let digits = 1.0 - margin.log10().floor();
    // Beyond this a power of ten is no longer exact, and roundness no longer matters.
    if !(-15.0..=15.0).contains(&digits) {
        return value;
    }
    let rounded = if digits < 0.0 {
        let step = 10f64.powf(-digits);
        direction(value / step) * step
    } else {
        let scale = 10f64.powf(digits);
        direction(value * scale) / scale
    };
    if rounded.is_finite() { rounded } else { value }
}
