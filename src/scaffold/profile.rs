//! What a table is like today: which measures to ask for, and what their values say.
//!
//! Two passes: the first finds the type of columns that are kept as text, the second measures every
//! column as what it is.

use crate::measure::{
    Condition, Distribution, Grouping, Interpolation, LogicalType, Measure, Measured, NullKeys,
    Pattern, RowRule, TableFacts, Value, may_be_personal,
};

/// Columns described; a contract of more is read by nobody.
pub const COLUMNS_MAX: usize = 300;

/// Different texts up to which a column is taken for a list of accepted values.
pub const VALUES_MAX: usize = 20;

/// Rows for each different text below which a list of accepted values would only repeat the sample.
const ROWS_PER_VALUE_MIN: u64 = 5;

/// Longest text, in characters, that is taken for a category.
const VALUE_CHARACTERS_MAX: usize = 60;

/// Patterns that every value of a text column must match to be read as the type, strictest first.
/// Numbers with leading zeros are codes, not numbers.
const PATTERNS: [(LogicalType, &str); 5] = [
    (LogicalType::Integer, r"^-?(0|[1-9][0-9]{0,17})$"),
    (
        LogicalType::Number,
        r"^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$",
    ),
    (LogicalType::Boolean, r"^(?i:true|false)$"),
    (LogicalType::Date, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    (
        LogicalType::Timestamp,
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?$",
    ),
];

/// What a table is like.
#[derive(Clone, Debug, PartialEq)]
pub struct TableProfile {
    /// Number of rows.
    pub rows: u64,
    /// Whether a row repeats an earlier one.
    pub repeats: bool,
    /// The columns in file order.
    pub columns: Vec<ColumnProfile>,
}

/// What a column is like.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    /// Name.
    pub name: String,
    /// Type; absent where no contract can name it.
    pub logical_type: Option<LogicalType>,
    /// How many rows are null.
    pub nulls: u64,
    /// The largest fraction of the rows of a table that are null, in [0, 1].
    pub null_fraction: f64,
    /// Whether no value repeats. False when it was not measured.
    pub distinct: bool,
    /// Smallest and largest number.
    pub range: Option<(f64, f64)>,
    /// All texts, sorted, when they are few; empty otherwise.
    pub values: Vec<String>,
    /// Whether values are personal data by their form.
    pub personal: bool,
}

/// What to measure first.
#[must_use]
pub fn type_measures(facts: &TableFacts) -> Vec<Measure> {
    texts(facts)
        .flat_map(|column| {
            let of = move |pattern: &str| {
                let matches = Condition::Matches(Value::column(&column), Pattern::search(pattern));
                Measure::Failing(RowRule {
                    fails: matches.negated(),
                    eligible: Condition::present(&column),
                    shown: None,
                })
            };
            PATTERNS.iter().map(move |(_, pattern)| of(pattern))
        })
        .collect()
}

/// The type of every column, from the first measurement.
#[must_use]
pub fn types(facts: &TableFacts, measured: &[Measured]) -> Vec<(String, LogicalType)> {
    let mut of_texts = measured.chunks(PATTERNS.len());
    facts
        .columns
        .iter()
        .take(COLUMNS_MAX)
        .filter_map(|column| {
            let kept = column.logical_type?;
            let found = if kept == LogicalType::String && !facts.typed {
                type_of_text(of_texts.next().unwrap_or_default())
            } else {
                kept
            };
            Some((column.name.clone(), found))
        })
        .collect()
}

/// The columns whose type is not known from the file.
fn texts(facts: &TableFacts) -> impl Iterator<Item = String> {
    facts
        .columns
        .iter()
        .take(COLUMNS_MAX)
        .filter(|column| !facts.typed && column.logical_type == Some(LogicalType::String))
        .map(|column| column.name.clone())
}

fn type_of_text(measured: &[Measured]) -> LogicalType {
    let matching = PATTERNS
        .iter()
        .zip(measured)
        .find(|(_, measured)| match measured {
            Measured::Failing(rows) => rows.count == 0 && 0 < rows.eligible,
            _ => false,
        });
    matching.map_or(LogicalType::String, |((logical_type, _), _)| *logical_type)
}

/// What to measure then, with the types found.
#[must_use]
pub fn measures(facts: &TableFacts, types: &[(String, LogicalType)]) -> Vec<Measure> {
    let mut measures = vec![Measure::Groups(Grouping {
        key: Vec::new(),
        nulls: NullKeys::Equal,
        shows_first: false,
    })];
    for column in facts.columns.iter().take(COLUMNS_MAX) {
        measures.extend(column_measures(&column.name, type_of(types, &column.name)));
    }
    measures
}

/// The measures of one column: always six, so that they can be told apart again.
fn column_measures(name: &str, logical_type: Option<LogicalType>) -> [Measure; 6] {
    let column = || name.to_owned();
    let of_type = logical_type.unwrap_or(LogicalType::String);
    let counted = match logical_type {
        Some(LogicalType::String | LogicalType::Boolean) => Measure::Distribution(column()),
        // The values of other columns are not listed; asking for all of them would only cost memory.
        _ => Measure::NullCount(column()),
    };
    [
        Measure::NullCount(column()),
        Measure::Failing(RowRule {
            fails: Condition::ReadsAs(column(), of_type).negated(),
            eligible: Condition::IsNull(Value::Raw(column())).negated(),
            shown: None,
        }),
        Measure::Groups(Grouping {
            key: vec![Value::Column(column())],
            nulls: NullKeys::SkipAny,
            shows_first: false,
        }),
        Measure::Quantile(Value::Column(column()), 0.0, Interpolation::Linear),
        counted,
        if may_be_personal(logical_type) {
            Measure::Personal(column())
        } else {
            Measure::NullCount(column())
        },
    ]
}

/// The largest numbers, which need a measurement of their own only where there are numbers.
#[must_use]
pub fn maximum_measures(types: &[(String, LogicalType)]) -> Vec<Measure> {
    types
        .iter()
        .filter(|(_, logical_type)| is_numeric(Some(*logical_type)))
        .map(|(column, _)| {
            Measure::Quantile(Value::column(column.clone()), 1.0, Interpolation::Linear)
        })
        .collect()
}

/// The profile of a table, from [`measures`] and [`maximum_measures`] asked in this order.
#[must_use]
pub fn profile(
    facts: &TableFacts,
    types: &[(String, LogicalType)],
    measured: &[Measured],
) -> TableProfile {
    let (table, rest) = measured.split_at(measured.len().min(1));
    let described = facts.columns.len().min(COLUMNS_MAX);
    let (columns, maxima) = rest.split_at(rest.len().min(described.saturating_mul(6)));
    let maximum = |name: &str| {
        let numeric = types.iter().filter(|(_, kind)| is_numeric(Some(*kind)));
        let index = numeric.into_iter().position(|(column, _)| column == name)?;
        number(maxima.get(index)?)
    };
    TableProfile {
        rows: facts.row_count,
        repeats: failing(table.first()).is_none_or(|(count, _)| 0 < count),
        columns: facts
            .columns
            .iter()
            .take(COLUMNS_MAX)
            .zip(columns.chunks(6))
            .map(|(column, measured)| {
                let name = &column.name;
                let kind = type_of(types, name);
                column_profile(name, kind, measured, (facts.row_count, maximum(name)))
            })
            .collect(),
    }
}

fn column_profile(
    name: &str,
    logical_type: Option<LogicalType>,
    measured: &[Measured],
    (row_count, maximum): (u64, Option<f64>),
) -> ColumnProfile {
    let nulls = match measured.first() {
        Some(Measured::Count(nulls)) => *nulls,
        _ => 0,
    };
    // `2026-13-45` looks like a date and is none.
    let readable = failing(measured.get(1)).is_none_or(|(count, _)| count == 0);
    let distinct = failing(measured.get(2)).is_some_and(|(count, rows)| count == 0 && 0 < rows);
    let minimum = measured.get(3).and_then(number);
    let values = measured.get(4).map(few_values).unwrap_or_default();
    ColumnProfile {
        name: name.to_owned(),
        logical_type: match logical_type {
            Some(_) if !readable => Some(LogicalType::String),
            kind => kind,
        },
        nulls,
        null_fraction: nulls as f64 / row_count.max(1) as f64,
        distinct,
        range: minimum
            .zip(maximum)
            .filter(|_| readable && is_numeric(logical_type)),
        values,
        personal: match measured.get(5) {
            Some(Measured::Personal(found)) => found.holds_any(),
            // What could not be looked at may be personal.
            Some(Measured::Failed(..)) => true,
            _ => false,
        },
    }
}

fn few_values(measured: &Measured) -> Vec<String> {
    let Measured::Distribution(Distribution::Categorical(found)) = measured else {
        return Vec::new();
    };
    if 0 < found.other_count {
        return Vec::new();
    }
    let counts = &found.counts;
    let rows: u64 = counts.values().sum();
    let few = counts.len() <= VALUES_MAX
        && (counts.len() as u64).saturating_mul(ROWS_PER_VALUE_MIN) <= rows
        && counts
            .keys()
            .all(|text| text.chars().count() <= VALUE_CHARACTERS_MAX);
    if few {
        counts.keys().cloned().collect()
    } else {
        Vec::new()
    }
}

fn failing(measured: Option<&Measured>) -> Option<(u64, u64)> {
    match measured {
        Some(Measured::Failing(rows)) => Some((rows.count, rows.eligible)),
        Some(Measured::Groups(groups)) => Some((groups.surplus(), groups.rows)),
        _ => None,
    }
}

fn number(measured: &Measured) -> Option<f64> {
    match measured {
        Measured::Number(Some(value)) if value.is_finite() => Some(*value),
        _ => None,
    }
}

fn type_of(types: &[(String, LogicalType)], column: &str) -> Option<LogicalType> {
    types
        .iter()
        .find(|(name, _)| name == column)
        .map(|(_, logical_type)| *logical_type)
}

pub(super) fn is_numeric(logical_type: Option<LogicalType>) -> bool {
    matches!(
        logical_type,
        Some(LogicalType::Integer | LogicalType::Number)
    )
}

impl TableProfile {
    /// What holds of both tables, which have the same columns: the profile of their union, with the
    /// rows of the smaller one.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let columns = self.columns.iter().zip(&other.columns);
        Self {
            rows: self.rows.min(other.rows),
            repeats: self.repeats || other.repeats,
            columns: columns.map(|(one, two)| one.merged(two)).collect(),
        }
    }

    /// Whether both tables have the same columns in the same order.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let names = |profile: &Self| -> Vec<String> {
            let columns = profile.columns.iter();
            columns.map(|column| column.name.clone()).collect()
        };
        names(self) == names(other)
    }
}

impl ColumnProfile {
    fn merged(&self, other: &Self) -> Self {
        let logical_type = match (self.logical_type, other.logical_type) {
            (one, two) if one == two => one,
            (one, two) if is_numeric(one) && is_numeric(two) => Some(LogicalType::Number),
            (Some(_), Some(_)) => Some(LogicalType::String),
            _ => None,
        };
        let range = self.range.zip(other.range);
        let mut values = Vec::new();
        if !self.values.is_empty() && !other.values.is_empty() {
            values = [self.values.as_slice(), &other.values].concat();
            values.sort();
            values.dedup();
        }
        if VALUES_MAX < values.len() {
            values.clear();
        }
        Self {
            name: self.name.clone(),
            logical_type,
            nulls: self.nulls.saturating_add(other.nulls),
            null_fraction: self.null_fraction.max(other.null_fraction),
            distinct: self.distinct && other.distinct,
            range: range.map(|(one, two)| (one.0.min(two.0), one.1.max(two.1))),
            values,
            personal: self.personal || other.personal,
        }
    }
}
