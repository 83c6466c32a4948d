//! A measure as what is asked of an engine: a few aggregates that share one `SELECT` with those of other
//! measures, or a statement of its own, and how the answer is read.

use super::dialect::Dialect;
use super::examples::Example;
use super::expression::Writer;
use super::refusal::{Written, senseless, unsupported};
use super::rows::Kind;
use super::{grouped, related};
use crate::measure::{Interpolation, Measure, RowRule, Value};

/// Different values of a distribution that are fetched one by one; more are put together, so many to a
/// point that no more points than these remain.
pub(super) const POINTS_MAX: usize = 65_536;

/// Categories of a distribution that are fetched; the rest is counted together.
pub(super) const CATEGORIES_MAX: usize = 10_000;

/// Rows fetched of a statement for slices.
pub(super) const SLICE_ROWS_MAX: usize = 500_000;

/// The columns a measure is asked for each combination of: empty for the table as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slices {
    /// As they are called in the table.
    pub(super) keys: Vec<String>,
    /// The same with the names they have outside, so that no column of a user hides one of ours.
    pub(super) named: Vec<String>,
    /// Those names.
    pub(super) names: Vec<String>,
}

impl Slices {
    /// The columns, written in a dialect.
    pub(super) fn new(dialect: Dialect, columns: &[String]) -> Written<Self> {
        let mut slices = Self::default();
        for (index, column) in columns.iter().enumerate() {
            let (key, name) = (dialect.name(column)?, format!("s{index}"));
            slices.named.push(format!("{key} AS {name}"));
            slices.keys.push(key);
            slices.names.push(name);
        }
        Ok(slices)
    }

    /// Whether it is the table as a whole.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    pub(super) asked: Asked,
    pub(super) read: Read,
}

/// How it is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// Aggregates over the rows of the table.
    Aggregates(Vec<String>),
    /// A statement; with slices, their columns come first.
    Statement(String),
}

/// How the answer is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Read {
    Count,
    Failing {
        example: Example,
    },
    Moments {
        shift: f64,
    },
    Comoments {
        shift_x: f64,
        shift_y: f64,
    },
    Number,
    /// The values at two positions, and how many there are.
    Between {
        fraction: f64,
        interpolation: Interpolation,
    },
    Extremes,
    Newest,
    Groups {
        example: Example,
    },
    Frequencies {
        kinds: Vec<Kind>,
        combinations_max: usize,
    },
    Points {
        coarse: String,
    },
    /// Points that stand for several values each.
    CoarsePoints,
    Categories {
        kind: Kind,
    },
    Answer {
        rows: String,
    },
}

/// Writes the question for a measure that is neither of another table, nor conditional, nor sliced:
/// those have been taken off. `slices` are the columns it is asked for each combination of.
pub(super) fn question(
    writer: &Writer<'_>,
    slices: &Slices,
    measure: &Measure,
) -> Written<Question> {
    let aggregates = |aggregates: Vec<String>, read| Question {
        asked: Asked::Aggregates(aggregates),
        read,
    };
    Ok(match measure {
        Measure::RowCount => aggregates(vec![count(writer, "TRUE")], Read::Count),
        Measure::Count(condition) => {
            let condition = writer.condition(condition)?;
            aggregates(vec![count(writer, &condition)], Read::Count)
        }
        Measure::NullCount(column) => {
            writer.table.field(column)?;
            let column = writer.dialect.name(column)?;
            aggregates(
                vec![count(writer, &format!("{column} IS NULL"))],
                Read::Count,
            )
        }
        Measure::Failing(rule) => failing(writer, slices, rule)?,
        Measure::Moments(value) => moments(writer, value)?,
        Measure::Comoments(x, y) => comoments(writer, x, y)?,
        Measure::Quantile(value, fraction, interpolation) => {
            grouped::quantile(writer, slices, value, *fraction, *interpolation)?
        }
        // How far the approximate functions of engines are off is not stated; the exact one is not.
        Measure::ApproximateQuantile(value, fraction) => {
            grouped::quantile(writer, slices, value, *fraction, Interpolation::Linear)?
        }
        Measure::Extremes(value) => extremes(writer, value)?,
        Measure::Newest(column) => {
            let value = writer.value(&Value::column(column))?;
            if !value.kind.is_time() {
                return senseless(format!(
                    "the column holds {}, not dates or timestamps",
                    value.kind.words()
                ));
            }
            let newest = format!("max({})", writer.measured(&value.sql));
            aggregates(vec![newest], Read::Newest)
        }
        Measure::Groups(grouping) => grouped::groups(writer, slices, grouping)?,
        Measure::Frequencies {
            values,
            combinations_max,
        } => grouped::frequencies(writer, slices, values, *combinations_max)?,
        Measure::Distribution(column) => grouped::distribution(writer, slices, column)?,
        Measure::Ordered(order) => related::ordered(writer, slices, order)?,
        Measure::Lookup(_) => return unsupported("a look-up needs the other table".to_owned()),
        Measure::Query(query) => related::answer(writer, query)?,
        Measure::ColumnCount => {
            aggregates(vec![writer.table.fields.len().to_string()], Read::Count)
        }
        Measure::Dependency(_)
        | Measure::Paired(_)
        | Measure::Near(_)
        | Measure::Personal(_)
        | Measure::Vectors(_) => {
            return unsupported(
                "this is not asked of a remote engine; export the rows and measure them here"
                    .to_owned(),
            );
        }
        Measure::Elsewhere(..) | Measure::Where(..) | Measure::By(..) => {
            return unsupported(
                "slices and other tables within slices are not asked of a remote engine".to_owned(),
            );
        }
    })
}

fn count(writer: &Writer<'_>, condition: &str) -> String {
    match &writer.rows {
        Some(rows) if condition == "TRUE" => format!("count(CASE WHEN {rows} THEN 1 END)"),
        Some(rows) => format!("count(CASE WHEN {rows} AND {condition} THEN 1 END)"),
        None if condition == "TRUE" => "count(*)".to_owned(),
        None => format!("count(CASE WHEN {condition} THEN 1 END)"),
    }
}

/// `FROM … WHERE …` with the rows measured and further conditions.
pub(super) fn from(writer: &Writer<'_>, conditions: &[String]) -> String {
    let mut all: Vec<&str> = writer.rows.as_deref().into_iter().collect();
    all.extend(conditions.iter().map(String::as_str));
    match all.is_empty() {
        true => format!("FROM {}", writer.table.relation),
        false => format!("FROM {} WHERE {}", writer.table.relation, all.join(" AND ")),
    }
}

/// The columns of slices and what follows them.
pub(super) fn list(slices: &[String], rest: &[&str]) -> String {
    let parts: Vec<&str> = slices
        .iter()
        .map(String::as_str)
        .chain(rest.iter().copied())
        .collect();
    parts.join(", ")
}

/// ` GROUP BY` slices, when there are any.
pub(super) fn grouped(slices: &[String]) -> String {
    match slices.is_empty() {
        true => String::new(),
        false => format!(" GROUP BY {}", slices.join(", ")),
    }
}

/// `PARTITION BY` slices and more, when there are any.
pub(super) fn partition(slices: &[String], rest: &[&str]) -> String {
    match slices.is_empty() && rest.is_empty() {
        true => String::new(),
        false => format!("PARTITION BY {} ", list(slices, rest)),
    }
}

/// What gives the number of a row; null where there is none.
pub(super) fn row_number(writer: &Writer<'_>) -> String {
    match &writer.table.row_number {
        Some(number) => number.clone(),
        None => "CAST(NULL AS BIGINT)".to_owned(),
    }
}

fn failing(writer: &Writer<'_>, slices: &Slices, rule: &RowRule) -> Written<Question> {
    let fails = writer.condition(&rule.fails)?;
    let eligible = writer.condition(&rule.eligible)?;
    let both = format!("{eligible} AND {fails}");
    let shown = match rule.shows().as_slice() {
        [column] => writer.value(&Value::Raw((*column).to_owned()))?.sql,
        _ => "NULL".to_owned(),
    };
    let number = row_number(writer);
    let columns = [
        &format!("{number} AS r"),
        &format!("{shown} AS v"),
        "1 AS n",
    ];
    let example = Example {
        statement: format!(
            "SELECT {} {}",
            list(&slices.named, &columns),
            from(writer, &[eligible.clone(), fails])
        ),
        is_numbered: writer.table.row_number.is_some(),
    };
    Ok(Question {
        asked: Asked::Aggregates(vec![count(writer, &both), count(writer, &eligible)]),
        read: Read::Failing { example },
    })
}

pub(super) fn is_finite(writer: &Writer<'_>, number: &str) -> String {
    let infinite = writer.dialect.number(f64::INFINITY);
    // NaN is larger than everything, so that it fails this too, or it is larger than nothing.
    format!(
        "(NOT {} AND abs({number}) < {infinite})",
        writer.dialect.is_nan(number)
    )
}

/// Sums of powers of differences from the mean, which a statement before has found: so that nothing
/// cancels out.
fn moments(writer: &Writer<'_>, value: &Value) -> Written<Question> {
    let number = writer.double(value)?;
    let x = writer.measured(&number);
    let finite = is_finite(writer, &number);
    let inside = writer.measured(&format!("CASE WHEN {finite} THEN {number} END"));
    let shift = (writer.statistic)(format!("avg({inside})"))?.unwrap_or(0.0);
    let d = format!("({inside} - {})", writer.dialect.number(shift));
    let power = |times: usize| format!("sum({})", vec![d.as_str(); times].join(" * "));
    let infinite = writer.dialect.number(f64::INFINITY);
    let zero = writer.dialect.double("0");
    Ok(Question {
        asked: Asked::Aggregates(vec![
            format!("count({x})"),
            count(writer, &writer.dialect.is_nan(&number)),
            count(writer, &format!("abs({number}) = {infinite}")),
            count(writer, &format!("{number} = {zero}")),
            power(1),
            power(2),
            power(3),
            power(4),
        ]),
        read: Read::Moments { shift },
    })
}

fn comoments(writer: &Writer<'_>, x: &Value, y: &Value) -> Written<Question> {
    let (x, y) = (writer.double(x)?, writer.double(y)?);
    let both = format!("{} AND {}", is_finite(writer, &x), is_finite(writer, &y));
    let inside = |number: &str| writer.measured(&format!("CASE WHEN {both} THEN {number} END"));
    let (x, y) = (inside(&x), inside(&y));
    let shift_x = (writer.statistic)(format!("avg({x})"))?.unwrap_or(0.0);
    let shift_y = (writer.statistic)(format!("avg({y})"))?.unwrap_or(0.0);
    let dx = format!("({x} - {})", writer.dialect.number(shift_x));
    let dy = format!("({y} - {})", writer.dialect.number(shift_y));
    Ok(Question {
        asked: Asked::Aggregates(vec![
            format!("count({x})"),
            format!("sum({dx})"),
            format!("sum({dy})"),
            format!("sum({dx} * {dx})"),
            format!("sum({dy} * {dy})"),
            format!("sum({dx} * {dy})"),
        ]),
        read: Read::Comoments { shift_x, shift_y },
    })
}

fn extremes(writer: &Writer<'_>, value: &Value) -> Written<Question> {
    let found = writer.value(value)?;
    let inside = match found.kind {
        Kind::Number => format!(
            "CASE WHEN NOT {} THEN {1} END",
            writer.dialect.is_nan(&found.sql),
            found.sql
        ),
        Kind::Whole | Kind::Text | Kind::Boolean | Kind::Date | Kind::Instant => found.sql,
        Kind::Null | Kind::List | Kind::Record | Kind::Other => {
            return unsupported(format!(
                "{} have no smallest and largest",
                found.kind.words()
            ));
        }
    };
    let inside = writer.measured(&inside);
    Ok(Question {
        asked: Asked::Aggregates(vec![format!("min({inside})"), format!("max({inside})")]),
        read: Read::Extremes,
    })
}
