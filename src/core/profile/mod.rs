//! What a dataset is like: the facts a person asks first, column by column.
//!
//! [`measures`] says what to measure, [`profile`] reads the answers, and the page, the table and the JSON
//! are made of the outcome. Judging is left to `checks`, comparing to `drift`, contracts to `scaffold`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod histogram;
mod page;
mod remarks;
mod table;

use serde::Serialize;

use crate::evidence::Sha256;
use crate::measure::{
    Distribution, Grouping, Groups, LogicalType, Measure, Measured, Moments, NullKeys,
    NumericDistribution, Scalar, TableFacts, Value, may_be_personal,
};

pub use histogram::{Bin, histogram};
pub use page::page;
pub use table::table;

/// Columns described; a page of more is read by nobody.
pub const COLUMNS_MAX: usize = 1_000;

/// Values listed for a column, most frequent first.
const TOP_MAX: usize = 10;

/// Different numbers up to which a column is read as categories.
const CATEGORIES_MAX: usize = 20;

/// Measures of one column.
const MEASURES_OF_COLUMN: usize = 7;

/// A dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetProfile {
    /// Version of this format: 1.
    pub schema_version: u32,
    /// How it is called.
    pub dataset: String,
    /// Digest of what was read.
    pub sha256: Sha256,
    /// Number of rows.
    pub row_count: u64,
    /// Rows that repeat an earlier row in all columns.
    pub repeated_rows: Option<u64>,
    /// The columns in file order.
    pub columns: Vec<ColumnProfile>,
    /// Columns that are not described because there are too many.
    pub columns_more: usize,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Name.
    pub name: String,
    /// Type; absent for types no contract can name.
    pub logical_type: Option<LogicalType>,
    /// Type in the file, as the engine calls it.
    pub physical_type: String,
    /// Rows in which it is null.
    pub null_count: u64,
    /// Different values.
    pub distinct_count: Option<u64>,
    /// Whether no value occurs twice.
    pub unique: bool,
    /// Whether values look like personal data, by the name of the column or by their form; they are not shown then.
    pub personal: bool,
    /// Smallest and largest value, as texts.
    pub range: Option<(String, String)>,
    /// Numbers: what moments and quantiles say.
    pub numbers: Option<Numbers>,
    /// Texts: how long they are, in characters.
    pub lengths: Option<Lengths>,
    /// The most frequent values with their number of rows; empty for identifiers and personal data.
    pub top: Vec<(String, u64)>,
    /// How the numbers are spread.
    pub histogram: Vec<Bin>,
    /// What catches the eye, as sentences.
    pub remarks: Vec<String>,
}

/// What moments and quantiles say of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of a sample.
    pub standard_deviation: Option<f64>,
    /// Skewness, biased.
    pub skewness: Option<f64>,
    /// Values that are zero.
    pub zero_count: u64,
    /// Values that are NaN.
    pub nan_count: u64,
    /// Values that are infinite.
    pub infinite_count: u64,
    /// The quantiles 0.05, 0.25, 0.5, 0.75 and 0.95.
    pub quantiles: [f64; 5],
}

/// How long texts are, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lengths {
    /// The shortest.
    pub minimum: u64,
    /// Their mean.
    pub mean: f64,
    /// The longest.
    pub maximum: u64,
}

/// What to measure. `types` are those of the columns where the file does not say.
#[must_use]
pub fn measures(facts: &TableFacts, types: &[(String, LogicalType)]) -> Vec<Measure> {
    let mut measures = vec![Measure::Groups(Grouping {
        key: Vec::new(),
        nulls: NullKeys::Equal,
        shows_first: false,
    })];
    for column in facts.columns.iter().take(COLUMNS_MAX) {
        measures.extend(of_column(&column.name, type_of(facts, types, &column.name)));
    }
    measures
}

/// Always as many, so that they can be told apart again.
fn of_column(name: &str, kind: Option<LogicalType>) -> [Measure; MEASURES_OF_COLUMN] {
    let value = || Value::column(name);
    let length = || Value::Length(Box::new(Value::column(name)));
    let nulls = || Measure::NullCount(name.to_owned());
    let is_text = kind == Some(LogicalType::String);
    [
        nulls(),
        Measure::Groups(Grouping {
            key: vec![value()],
            nulls: NullKeys::SkipAny,
            shows_first: false,
        }),
        if has_order(kind) {
            Measure::Extremes(value())
        } else {
            nulls()
        },
        match kind {
            Some(LogicalType::Integer | LogicalType::Number) => Measure::Moments(value()),
            _ if is_text => Measure::Moments(length()),
            _ => nulls(),
        },
        match kind {
            _ if is_text => Measure::Extremes(length()),
            // As texts: a floating-point number would round whole numbers beyond 2^53.
            Some(LogicalType::Integer) => Measure::Frequencies {
                values: vec![Value::Text(Box::new(value()))],
                combinations_max: CATEGORIES_MAX,
            },
            _ => nulls(),
        },
        Measure::Distribution(name.to_owned()),
        if may_be_personal(kind) {
            Measure::Personal(name.to_owned())
        } else {
            nulls()
        },
    ]
}

fn has_order(kind: Option<LogicalType>) -> bool {
    match kind {
        Some(
            LogicalType::Integer | LogicalType::Number | LogicalType::Date | LogicalType::Timestamp,
        ) => true,
        Some(
            LogicalType::String
            | LogicalType::Time
            | LogicalType::Object
            | LogicalType::Array
            | LogicalType::Boolean,
        )
        | None => false,
    }
}

fn type_of(facts: &TableFacts, types: &[(String, LogicalType)], name: &str) -> Option<LogicalType> {
    let given = types.iter().find(|(column, _)| column == name);
    let found = || facts.column(name).and_then(|column| column.logical_type);
    given.map(|(_, kind)| *kind).or_else(found)
}

/// Reads the answers to [`measures`]. `is_personal` says of a column by its name, and by whether its
/// values are personal data by their form, whether they must not be shown.
#[must_use]
pub fn profile(
    dataset: &str,
    sha256: Sha256,
    facts: &TableFacts,
    types: &[(String, LogicalType)],
    measured: &[Measured],
    is_personal: impl Fn(&str, bool) -> bool,
) -> DatasetProfile {
    let (rows, of_columns) = match measured.split_first() {
        Some((rows, rest)) => (groups(rows).map(Groups::surplus), rest),
        None => (None, measured),
    };
    let columns = facts
        .columns
        .iter()
        .zip(of_columns.chunks(MEASURES_OF_COLUMN))
        .map(|(column, measured)| {
            let mut found = column_profile(
                &column.name,
                type_of(facts, types, &column.name),
                measured,
                is_personal(&column.name, holds_personal(measured)),
            );
            found.physical_type.clone_from(&column.physical_type);
            found.remarks = remarks::remarks(&found, facts.row_count);
            found
        })
        .collect();
    DatasetProfile {
        schema_version: 1,
        dataset: dataset.to_owned(),
        sha256,
        row_count: facts.row_count,
        repeated_rows: rows,
        columns,
        columns_more: facts.columns.len().saturating_sub(COLUMNS_MAX),
    }
}

/// Whether values are personal data by their form; those that could not be looked at may be.
fn holds_personal(measured: &[Measured]) -> bool {
    match measured.get(6) {
        Some(Measured::Personal(found)) => found.holds_any(),
        Some(Measured::Failed(..)) => true,
        _ => false,
    }
}

fn groups(measured: &Measured) -> Option<&Groups> {
    match measured {
        Measured::Groups(groups) => Some(groups),
        _ => None,
    }
}

fn column_profile(
    name: &str,
    kind: Option<LogicalType>,
    measured: &[Measured],
    personal: bool,
) -> ColumnProfile {
    let null_count = match measured.first() {
        Some(Measured::Count(count)) => *count,
        _ => 0,
    };
    let keys = measured.get(1).and_then(groups);
    let distribution = match measured.get(5) {
        Some(Measured::Distribution(distribution)) => Some(distribution),
        _ => None,
    };
    let moments = match measured.get(3) {
        Some(Measured::Moments(moments)) if 0 < moments.count => Some(moments),
        _ => None,
    };
    let unique = keys.is_some_and(|keys| 1 < keys.rows && keys.repeated == 0);
    let numeric = match distribution {
        Some(Distribution::Numeric(numeric)) => Some(numeric),
        Some(Distribution::Categorical(_)) | None => None,
    };
    let is_number = matches!(kind, Some(LogicalType::Integer | LogicalType::Number));
    ColumnProfile {
        name: name.to_owned(),
        logical_type: kind,
        null_count,
        distinct_count: keys.map(|keys| keys.distinct),
        unique,
        personal,
        range: measured.get(2).and_then(range).filter(|_| !personal),
        numbers: moments
            .zip(numeric)
            .filter(|_| is_number && !personal)
            .map(|(moments, numeric)| numbers(moments, numeric)),
        lengths: moments
            .zip(measured.get(4))
            .and_then(|(moments, ends)| lengths(moments, ends)),
        top: match distribution {
            _ if unique || personal => Vec::new(),
            Some(_) if kind == Some(LogicalType::Integer) => {
                measured.get(4).map(top_of_integers).unwrap_or_default()
            }
            Some(distribution) => top(distribution, is_number),
            None => Vec::new(),
        },
        histogram: numeric
            .filter(|_| !personal)
            .map(histogram::histogram)
            .unwrap_or_default(),
        ..ColumnProfile::default()
    }
}

fn range(measured: &Measured) -> Option<(String, String)> {
    match measured {
        Measured::Extremes(Some((low, high))) => Some((low.to_string(), high.to_string())),
        _ => None,
    }
}

fn numbers(moments: &Moments, numeric: &NumericDistribution) -> Numbers {
    Numbers {
        mean: moments.mean,
        standard_deviation: moments
            .variance(1)
            .map(f64::sqrt)
            .filter(|value| value.is_finite()),
        skewness: moments.skewness().filter(|value| value.is_finite()),
        zero_count: moments.zeros,
        nan_count: moments.nan,
        infinite_count: moments.infinite,
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|fraction| quantile(numeric, fraction)),
    }
}

/// The smallest value whose cumulative frequency reaches the fraction; 0 without values.
fn quantile(numeric: &NumericDistribution, fraction: f64) -> f64 {
    let wanted = fraction * numeric.count() as f64;
    let mut seen = 0_u64;
    for (value, count) in &numeric.points {
        seen += count;
        if wanted <= seen as f64 {
            return *value;
        }
    }
    numeric.points.last().map_or(0.0, |(value, _)| *value)
}

fn lengths(moments: &Moments, ends: &Measured) -> Option<Lengths> {
    match ends {
        Measured::Extremes(Some((Scalar::Integer(low), Scalar::Integer(high)))) => Some(Lengths {
            minimum: u64::try_from(*low).ok()?,
            mean: moments.mean,
            maximum: u64::try_from(*high).ok()?,
        }),
        _ => None,
    }
}

/// The most frequent values; of numbers only where there are few.
fn top(distribution: &Distribution, is_number: bool) -> Vec<(String, u64)> {
    let values: Vec<(String, u64)> = match distribution {
        Distribution::Categorical(found) => found
            .counts
            .iter()
            .map(|(text, count)| (text.clone(), *count))
            .collect(),
        Distribution::Numeric(found) if is_number && found.points.len() <= CATEGORIES_MAX => found
            .points
            .iter()
            .map(|(value, count)| (value.to_string(), *count))
            .collect(),
        Distribution::Numeric(_) => Vec::new(),
    };
    most_frequent(values)
}

/// The most frequent whole numbers, exactly; none where there are many.
fn top_of_integers(measured: &Measured) -> Vec<(String, u64)> {
    let Measured::Frequencies(found) = measured else {
        return Vec::new();
    };
    let value = |values: &[Option<String>]| values.first().cloned().flatten();
    let values = found.iter();
    most_frequent(
        values
            .filter_map(|(values, count)| Some((value(values)?, *count)))
            .collect(),
    )
}

fn most_frequent(mut values: Vec<(String, u64)>) -> Vec<(String, u64)> {
    values.sort_by(|(one, more), (other, fewer)| fewer.cmp(more).then_with(|| one.cmp(other)));
    values.truncate(TOP_MAX);
    values
}

#[cfg(test)]
mod tests;
