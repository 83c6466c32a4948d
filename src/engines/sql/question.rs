//! A measure as what is asked of an engine: a few aggregates that share one `SELECT` with those of other
//! measures, or a statement of its own, and how the answer is read.

use super::dialect::Dialect;
use super::expression::{Expression, Writer};
use super::rows::Kind;
use crate::measure::{
    Comparison, Grouping, Interpolation, Lookup, Measure, NullKeys, Order, OrderRule, Presence,
    RowRule, Value,
};

/// Different values of a distribution that are fetched one by one; more are put together, so many to a
/// point that no more points than these remain.
pub(super) const POINTS_MAX: usize = 65_536;

/// Categories of a distribution that are fetched; the rest is counted together.
pub(super) const CATEGORIES_MAX: usize = 10_000;

/// Rows fetched of a statement for slices.
pub(super) const SLICE_ROWS_MAX: usize = 500_000;

/// Rows of the answer of a query that are fetched.
const ANSWER_ROWS: u64 = 5;

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
    pub(super) fn new(dialect: Dialect, columns: &[String]) -> Result<Self, String> {
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
        example: Option<String>,
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
        example: Option<String>,
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
) -> Result<Question, String> {
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
            quantile(writer, slices, value, *fraction, *interpolation)?
        }
        Measure::Extremes(value) => extremes(writer, value)?,
        Measure::Newest(column) => {
            let value = writer.value(&Value::column(column))?;
            if !value.kind.is_time() {
                return Err(format!("`{column}` holds {}, no times", value.kind.words()));
            }
            let newest = format!("max({})", writer.measured(&value.sql));
            aggregates(vec![newest], Read::Newest)
        }
        Measure::Groups(grouping) => groups(writer, slices, grouping)?,
        Measure::Frequencies {
            values,
            combinations_max,
        } => frequencies(writer, slices, values, *combinations_max)?,
        Measure::Distribution(column) => distribution(writer, slices, column)?,
        Measure::Ordered(order) => ordered(writer, slices, order)?,
        Measure::Lookup(_) => return Err("a look-up needs the other table".to_owned()),
        Measure::Query(query) => answer(writer, query)?,
        Measure::Elsewhere(..) | Measure::Where(..) | Measure::By(..) => {
            return Err(
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
fn from(writer: &Writer<'_>, conditions: &[String]) -> String {
    let mut all: Vec<&str> = writer.rows.as_deref().into_iter().collect();
    all.extend(conditions.iter().map(String::as_str));
    match all.is_empty() {
        true => format!("FROM {}", writer.table.relation),
        false => format!("FROM {} WHERE {}", writer.table.relation, all.join(" AND ")),
    }
}

/// The columns of slices and what follows them.
fn list(slices: &[String], rest: &[&str]) -> String {
    let parts: Vec<&str> = slices
        .iter()
        .map(String::as_str)
        .chain(rest.iter().copied())
        .collect();
    parts.join(", ")
}

/// ` GROUP BY` slices, when there are any.
fn grouped(slices: &[String]) -> String {
    match slices.is_empty() {
        true => String::new(),
        false => format!(" GROUP BY {}", slices.join(", ")),
    }
}

/// `PARTITION BY` slices and more, when there are any.
fn partition(slices: &[String], rest: &[&str]) -> String {
    match slices.is_empty() && rest.is_empty() {
        true => String::new(),
        false => format!("PARTITION BY {} ", list(slices, rest)),
    }
}

/// A statement for a few examples: the number of the row and the value.
fn example(writer: &Writer<'_>, value: &str, tail: &str) -> String {
    match &writer.table.row_number {
        Some(number) => format!("SELECT {number} AS r, {value} AS v {tail} ORDER BY r"),
        None => format!("SELECT NULL AS r, {value} AS v {tail}"),
    }
}

fn failing(writer: &Writer<'_>, slices: &Slices, rule: &RowRule) -> Result<Question, String> {
    let fails = writer.condition(&rule.fails)?;
    let eligible = writer.condition(&rule.eligible)?;
    let both = format!("{eligible} AND {fails}");
    let shown = match &rule.shown {
        Some(column) => writer.value(&Value::Raw(column.clone()))?.sql,
        None => "NULL".to_owned(),
    };
    let tail = from(writer, &[eligible.clone(), fails]);
    Ok(Question {
        asked: Asked::Aggregates(vec![count(writer, &both), count(writer, &eligible)]),
        read: Read::Failing {
            example: slices.is_empty().then(|| example(writer, &shown, &tail)),
        },
    })
}

fn is_finite(writer: &Writer<'_>, number: &str) -> String {
    let infinite = writer.dialect.number(f64::INFINITY);
    // NaN is larger than everything, so that it fails this too, or it is larger than nothing.
    format!(
        "(NOT {} AND abs({number}) < {infinite})",
        writer.dialect.is_nan(number)
    )
}

/// Sums of powers of differences from the mean, which a statement before has found: so that nothing
/// cancels out.
fn moments(writer: &Writer<'_>, value: &Value) -> Result<Question, String> {
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

fn comoments(writer: &Writer<'_>, x: &Value, y: &Value) -> Result<Question, String> {
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

fn quantile(
    writer: &Writer<'_>,
    slices: &Slices,
    value: &Value,
    fraction: f64,
    interpolation: Interpolation,
) -> Result<Question, String> {
    if !(0.0..=1.0).contains(&fraction) {
        return Err(format!(
            "the fraction {fraction} of a quantile is not in [0, 1]"
        ));
    }
    let number = writer.double(value)?;
    let counts = format!("NOT {}", writer.dialect.is_nan(&number));
    if interpolation == Interpolation::Linear {
        let inside = writer.measured(&format!("CASE WHEN {counts} THEN {number} END"));
        if let Some(quantile) = writer.dialect.quantile(&inside, fraction) {
            return Ok(Question {
                asked: Asked::Aggregates(vec![quantile]),
                read: Read::Number,
            });
        }
    }
    // The values at the two positions between which it lies, by how many values are not larger.
    let q = writer.dialect.number(fraction);
    let total = writer.dialect.double("total");
    let (low, high) = match interpolation {
        Interpolation::Inverted => {
            // One position: the first whose share reaches the fraction.
            let position = format!("greatest(ceil({total} * {q}) - 1, 0)");
            (position.clone(), position)
        }
        Interpolation::Linear
        | Interpolation::Lower
        | Interpolation::Higher
        | Interpolation::Nearest
        | Interpolation::Midpoint => (
            format!("floor(({total} - 1) * {q})"),
            format!("ceil(({total} - 1) * {q})"),
        ),
    };
    let values = format!(
        "SELECT {} {} GROUP BY {}",
        list(&slices.named, &[&format!("{number} AS x"), "count(*) AS n"]),
        from(writer, &[format!("{number} IS NOT NULL"), counts]),
        list(&slices.keys, &[&number]),
    );
    let ranked = format!(
        "SELECT {} FROM ({values}) AS a",
        list(
            &slices.names,
            &[
                "x",
                &format!(
                    "sum(n) OVER ({}ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto",
                    partition(&slices.names, &[])
                ),
                &format!(
                    "sum(n) OVER ({}) AS total",
                    partition(&slices.names, &[]).trim_end()
                ),
            ]
        )
    );
    let asked = format!(
        "SELECT {} FROM ({ranked}) AS b{}",
        list(
            &slices.names,
            &[
                &format!("min(CASE WHEN upto > {low} THEN x END) AS c0"),
                &format!("min(CASE WHEN upto > {high} THEN x END) AS c1"),
                "max(total) AS c2",
            ]
        ),
        grouped(&slices.names)
    );
    Ok(Question {
        asked: Asked::Statement(asked),
        read: Read::Between {
            fraction,
            interpolation,
        },
    })
}

fn extremes(writer: &Writer<'_>, value: &Value) -> Result<Question, String> {
    let found = writer.value(value)?;
    let inside = match found.kind {
        Kind::Number => format!(
            "CASE WHEN NOT {} THEN {1} END",
            writer.dialect.is_nan(&found.sql),
            found.sql
        ),
        Kind::Whole | Kind::Text | Kind::Boolean | Kind::Date | Kind::Instant => found.sql,
        Kind::Null | Kind::List | Kind::Record | Kind::Other => {
            return Err(format!(
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

/// The parts of a key, and the condition on rows that have one.
fn key(
    writer: &Writer<'_>,
    parts: &[Value],
    nulls: NullKeys,
) -> Result<(Vec<Expression>, Vec<String>), String> {
    let parts = match parts.is_empty() {
        true => writer
            .table
            .fields
            .iter()
            .map(|field| writer.value(&Value::Raw(field.name.clone())))
            .collect::<Result<Vec<_>, _>>()?,
        false => parts
            .iter()
            .map(|part| writer.value(part))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let present: Vec<String> = parts
        .iter()
        .map(|part| format!("{} IS NOT NULL", part.sql))
        .collect();
    let conditions = match nulls {
        NullKeys::SkipAny => present,
        NullKeys::SkipAll => vec![format!("({})", present.join(" OR "))],
        NullKeys::Equal => Vec::new(),
    };
    Ok((parts, conditions))
}

fn groups(writer: &Writer<'_>, slices: &Slices, grouping: &Grouping) -> Result<Question, String> {
    let (parts, conditions) = key(writer, &grouping.key, grouping.nulls)?;
    let keys: Vec<&str> = parts.iter().map(|part| part.sql.as_str()).collect();
    let tail = from(writer, &conditions);
    let inner = format!(
        "SELECT {} {tail} GROUP BY {}",
        list(&slices.named, &["count(*) AS n"]),
        list(&slices.keys, &keys),
    );
    let n = writer.dialect.double("n");
    let asked = format!(
        "SELECT {} FROM ({inner}) AS g{}",
        list(
            &slices.names,
            &[
                "count(*) AS c0",
                "sum(n) AS c1",
                "count(CASE WHEN n > 1 THEN 1 END) AS c2",
                "sum(CASE WHEN n > 1 THEN n END) AS c3",
                &format!("sum({n} * ln({n})) AS c4"),
            ]
        ),
        grouped(&slices.names),
    );
    let shown = match keys.as_slice() {
        [one] => one,
        _ => "NULL",
    };
    let example = match &writer.table.row_number {
        Some(number) => {
            let partition = keys.join(", ");
            let from_second = if grouping.shows_first {
                ""
            } else {
                " AND k > 1"
            };
            format!(
                "SELECT r, v FROM (SELECT {number} AS r, {shown} AS v, count(*) OVER (PARTITION BY {partition}) AS n, row_number() OVER (PARTITION BY {partition} ORDER BY {number}) AS k {tail}) AS e WHERE n > 1{from_second} ORDER BY r"
            )
        }
        None => format!(
            "SELECT NULL AS r, {shown} AS v {tail} GROUP BY {} HAVING count(*) > 1",
            keys.join(", ")
        ),
    };
    Ok(Question {
        asked: Asked::Statement(asked),
        read: Read::Groups {
            example: slices.is_empty().then_some(example),
        },
    })
}

fn frequencies(
    writer: &Writer<'_>,
    slices: &Slices,
    values: &[Value],
    combinations_max: usize,
) -> Result<Question, String> {
    let parts = values
        .iter()
        .map(|value| writer.value(value))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(bad) = parts
        .iter()
        .find(|part| matches!(part.kind, Kind::List | Kind::Record | Kind::Other))
    {
        return Err(format!("{} have no common text", bad.kind.words()));
    }
    let keys: Vec<&str> = parts.iter().map(|part| part.sql.as_str()).collect();
    let named: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(index, key)| format!("{key} AS v{index}"))
        .chain(["count(*) AS n".to_owned()])
        .collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let group = match slices.is_empty() && keys.is_empty() {
        true => String::new(),
        false => format!(" GROUP BY {}", list(&slices.keys, &keys)),
    };
    // One more than is allowed tells that there are too many.
    let limit = match slices.is_empty() {
        true => combinations_max.saturating_add(1).min(SLICE_ROWS_MAX),
        false => SLICE_ROWS_MAX,
    };
    Ok(Question {
        asked: Asked::Statement(format!(
            "SELECT {} {}{group} LIMIT {limit}",
            list(&slices.named, &named),
            from(writer, &[]),
        )),
        read: Read::Frequencies {
            kinds: parts.iter().map(|part| part.kind).collect(),
            combinations_max,
        },
    })
}

fn distribution(writer: &Writer<'_>, slices: &Slices, column: &str) -> Result<Question, String> {
    let value = Value::column(column);
    let kind = writer.table.kind(column)?;
    match kind {
        Kind::Whole | Kind::Number | Kind::Date | Kind::Instant => {
            Ok(points(writer, slices, &writer.double(&value)?))
        }
        Kind::Text | Kind::Boolean => {
            let value = writer.value(&value)?.sql;
            let inner = format!(
                "SELECT {} {} GROUP BY {}",
                list(&slices.named, &[&format!("{value} AS v"), "count(*) AS n"]),
                from(writer, &[]),
                list(&slices.keys, &[&value]),
            );
            let over = partition(&slices.names, &[]);
            let over = over.trim_end();
            let asked = format!(
                "SELECT {} FROM ({inner}) AS c ORDER BY n DESC, v LIMIT {}",
                list(
                    &slices.names,
                    &[
                        "v",
                        "n",
                        &format!("sum(n) OVER ({over}) AS total"),
                        &format!(
                            "sum(CASE WHEN v IS NULL THEN n ELSE 0 END) OVER ({over}) AS nulls"
                        ),
                    ]
                ),
                match slices.is_empty() {
                    true => CATEGORIES_MAX + 1,
                    false => SLICE_ROWS_MAX,
                },
            );
            Ok(Question {
                asked: Asked::Statement(asked),
                read: Read::Categories { kind },
            })
        }
        Kind::Null | Kind::List | Kind::Record | Kind::Other => {
            Err(format!("{} have no distribution", kind.words()))
        }
    }
}

fn points(writer: &Writer<'_>, slices: &Slices, number: &str) -> Question {
    let inner = format!(
        "SELECT {} {} GROUP BY {}",
        list(&slices.named, &[&format!("{number} AS x"), "count(*) AS n"]),
        from(writer, &[]),
        list(&slices.keys, &[number]),
    );
    let limit = match slices.is_empty() {
        true => POINTS_MAX + 1,
        false => SLICE_ROWS_MAX,
    };
    // Values that are no points keep rows of their own; the others come together by their rank, the
    // largest of each lot standing for it.
    let finite = is_finite(writer, "x");
    let over = partition(&slices.names, &["f"]);
    let lot = format!(
        "CASE WHEN f THEN floor({} * {} / {}) END",
        writer.dialect.double("upto - 1"),
        writer.dialect.double(&(POINTS_MAX - 1).to_string()),
        writer.dialect.double("total"),
    );
    let not_finite = "CASE WHEN f THEN NULL ELSE x END";
    let marked = format!(
        "SELECT {} FROM ({inner}) AS a",
        list(
            &slices.names,
            &["x", "n", &format!("coalesce({finite}, FALSE) AS f")]
        )
    );
    let ranked = format!(
        "SELECT {} FROM ({marked}) AS b",
        list(
            &slices.names,
            &[
                "x",
                "n",
                "f",
                &format!(
                    "sum(n) OVER ({over}ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto"
                ),
                &format!("sum(n) OVER ({}) AS total", over.trim_end()),
            ]
        )
    );
    let coarse = format!(
        "SELECT {} FROM ({ranked}) AS c GROUP BY {} LIMIT {SLICE_ROWS_MAX}",
        list(&slices.names, &["max(x) AS x", "sum(n) AS n"]),
        list(&slices.names, &["f", not_finite, &lot]),
    );
    Question {
        asked: Asked::Statement(format!("{inner} LIMIT {limit}")),
        read: Read::Points { coarse },
    }
}

fn ordered(writer: &Writer<'_>, slices: &Slices, order: &Order) -> Result<Question, String> {
    let Some(sorted_by) = &order.sorted_by else {
        return Err(
            "the rows of a remote table have no order of their own; the rule must say what they are sorted by"
                .to_owned(),
        );
    };
    let value = writer.value(&order.value)?;
    let sorted_by = writer.value(sorted_by)?;
    let within = order
        .within
        .iter()
        .map(|column| writer.dialect.name(column))
        .collect::<Result<Vec<_>, _>>()?;
    let within: Vec<&str> = within.iter().map(String::as_str).collect();
    let before = |what: &str| {
        format!(
            "lag({what}) OVER ({}ORDER BY {}) AS p",
            partition(&slices.keys, &within),
            sorted_by.sql
        )
    };
    let (x, p) = ("x".to_owned(), "p".to_owned());
    let here = Expression {
        sql: x,
        kind: value.kind,
    };
    let there = |kind| Expression {
        sql: p.clone(),
        kind,
    };
    let compare = |here: Expression, comparison, there: Expression| {
        writer.compare(here, comparison, there, (None, None))
    };
    let (before, fails) = match &order.rule {
        OrderRule::Increasing { strictly } => {
            let comparison = match strictly {
                true => Comparison::LessOrEqual,
                false => Comparison::Less,
            };
            (
                before(&value.sql),
                compare(here, comparison, there(value.kind))?,
            )
        }
        OrderRule::Decreasing { strictly } => {
            let comparison = match strictly {
                true => Comparison::GreaterOrEqual,
                false => Comparison::Greater,
            };
            (
                before(&value.sql),
                compare(here, comparison, there(value.kind))?,
            )
        }
        OrderRule::Step(step) => {
            let step = writer.dialect.number(*step);
            (
                before(&value.sql),
                format!("{} <> {step}", difference(writer, value.kind)?),
            )
        }
        OrderRule::GapAtMost(gap) => {
            let gap = writer.dialect.number(*gap);
            (
                before(&value.sql),
                format!("{} > {gap}", difference(writer, value.kind)?),
            )
        }
        OrderRule::RangesApart { end, may_touch } => {
            let end = writer.value(end)?;
            let comparison = match may_touch {
                true => Comparison::Less,
                false => Comparison::LessOrEqual,
            };
            (
                before(&end.sql),
                compare(here, comparison, there(end.kind))?,
            )
        }
    };
    let number = writer.table.row_number.as_deref().unwrap_or("NULL");
    let conditions = [
        format!("{} IS NOT NULL", value.sql),
        format!("{} IS NOT NULL", sorted_by.sql),
    ];
    let inner = format!(
        "SELECT {} {}",
        list(
            &slices.named,
            &[
                &format!("{} AS x", value.sql),
                &before,
                &format!("{number} AS r")
            ]
        ),
        from(writer, &conditions),
    );
    let example = format!("SELECT r, x AS v FROM ({inner}) AS o WHERE {fails} ORDER BY r");
    Ok(Question {
        asked: Asked::Statement(format!(
            "SELECT {} FROM ({inner}) AS o{}",
            list(
                &slices.names,
                &[
                    &format!("count(CASE WHEN {fails} THEN 1 END) AS c0"),
                    "count(*) AS c1"
                ]
            ),
            grouped(&slices.names),
        )),
        read: Read::Failing {
            example: slices.is_empty().then_some(example),
        },
    })
}

/// How much larger `x` is than `p`, in seconds for times.
fn difference(writer: &Writer<'_>, kind: Kind) -> Result<String, String> {
    let million = writer.dialect.number(1e6);
    match kind {
        Kind::Whole | Kind::Number => Ok(format!(
            "({} - {})",
            writer.dialect.double("x"),
            writer.dialect.double("p")
        )),
        Kind::Date | Kind::Instant => {
            let micros = |name: &str| writer.dialect.micros(&writer.dialect.as_instant(name));
            let between = writer
                .dialect
                .double(&format!("({} - {})", micros("x"), micros("p")));
            Ok(format!("({between} / {million})"))
        }
        Kind::Text | Kind::Boolean | Kind::Null | Kind::List | Kind::Record | Kind::Other => {
            Err(format!("{} have no difference", kind.words()))
        }
    }
}

/// A look-up in another table, whose writer is `there`.
pub(super) fn lookup(
    writer: &Writer<'_>,
    there: &Writer<'_>,
    slices: &Slices,
    lookup: &Lookup,
) -> Result<Question, String> {
    if lookup.key.is_empty() || lookup.key.len() != lookup.key_there.len() {
        return Err("the keys of a look-up must have as many parts here as there".to_owned());
    }
    let (here_parts, eligible) = key(writer, &lookup.key, lookup.nulls)?;
    let (there_parts, _) = key(there, &lookup.key_there, lookup.nulls)?;
    let mut conditions = Vec::new();
    if let Some(rows) = &lookup.rows_there {
        conditions.push(there.condition(rows)?);
    }
    let (mut here_named, mut there_named, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (one, two)) in here_parts.iter().zip(&there_parts).enumerate() {
        let (one, two) = match (one.kind, two.kind) {
            (a, b) if a == b => (one.sql.clone(), two.sql.clone()),
            (a, b) if a.is_number() && b.is_number() => (
                writer.dialect.double(&one.sql),
                writer.dialect.double(&two.sql),
            ),
            (a, b) if a.is_time() && b.is_time() => (
                writer.dialect.as_instant(&one.sql),
                writer.dialect.as_instant(&two.sql),
            ),
            (a, b) => {
                return Err(format!(
                    "{} are not looked up among {}",
                    a.words(),
                    b.words()
                ));
            }
        };
        here_named.push(format!("{one} AS k{index}"));
        there_named.push(format!("{two} AS k{index}"));
        let (h, t) = (format!("h.k{index}"), format!("t.k{index}"));
        same.push(match lookup.nulls {
            NullKeys::SkipAny => format!("{h} = {t}"),
            NullKeys::SkipAll | NullKeys::Equal => writer.dialect.same(&h, &t),
        });
    }
    let number = writer.table.row_number.as_deref().unwrap_or("NULL");
    let shown = match here_parts.as_slice() {
        [_] => "h.k0",
        _ => "NULL",
    };
    here_named.push(format!("{number} AS r"));
    let here_named: Vec<&str> = here_named.iter().map(String::as_str).collect();
    let sliced: Vec<String> = slices
        .names
        .iter()
        .map(|name| format!("h.{name}"))
        .collect();
    let joined = format!(
        "FROM (SELECT {} {}) AS h LEFT JOIN (SELECT DISTINCT {}, 1 AS found {}) AS t ON {}",
        list(&slices.named, &here_named),
        from(writer, &eligible),
        there_named.join(", "),
        from(there, &conditions),
        same.join(" AND "),
    );
    let fails = match lookup.fails {
        Presence::Found => "t.found IS NOT NULL",
        Presence::Absent => "t.found IS NULL",
    };
    let example = format!("SELECT h.r AS r, {shown} AS v {joined} WHERE {fails} ORDER BY r");
    Ok(Question {
        asked: Asked::Statement(format!(
            "SELECT {} {joined}{}",
            list(
                &sliced,
                &[
                    &format!("count(CASE WHEN {fails} THEN 1 END) AS c0"),
                    "count(*) AS c1"
                ]
            ),
            grouped(&sliced),
        )),
        read: Read::Failing {
            example: slices.is_empty().then_some(example),
        },
    })
}

/// A query of the user's own, over the table by its name.
fn answer(writer: &Writer<'_>, query: &str) -> Result<Question, String> {
    let name = writer.dialect.name(&writer.table.name)?;
    let begin = format!("WITH {name} AS (SELECT * {})", from(writer, &[]));
    let query = query.trim().trim_end_matches(';');
    // On lines of its own, so that a comment at its end ends with it.
    Ok(Question {
        asked: Asked::Statement(format!(
            "{begin} SELECT count(*) FROM (\n{query}\n) AS proofmark_answer"
        )),
        read: Read::Answer {
            rows: format!(
                "{begin} SELECT * FROM (\n{query}\n) AS proofmark_answer LIMIT {ANSWER_ROWS}"
            ),
        },
    })
}
