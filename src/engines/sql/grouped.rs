//! Questions that need the rows grouped by a value first: quantiles, keys, frequencies, distributions.

use super::examples::Example;
use super::expression::{Expression, Writer};
use super::question::{
    Asked, CATEGORIES_MAX, POINTS_MAX, Question, Read, SLICE_ROWS_MAX, Slices, from, grouped,
    is_finite, list, partition, row_number,
};
use super::refusal::{Written, unsupported};
use super::rows::{Field, Kind};
use crate::measure::{Grouping, Interpolation, NullKeys, Value};

pub(super) fn quantile(
    writer: &Writer<'_>,
    slices: &Slices,
    value: &Value,
    fraction: f64,
    interpolation: Interpolation,
) -> Written<Question> {
    if !(0.0..=1.0).contains(&fraction) {
        return unsupported(format!(
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

/// Refuses decimals as keys that floating-point numbers, as which they are taken, do not tell apart.
fn told_apart(field: &Field) -> Written<()> {
    /// Digits every floating-point number keeps.
    const DIGITS_MAX: u32 = 15;
    let inner = field.physical_type.strip_prefix("decimal(");
    let digits = inner.and_then(|inner| inner.split_once(',')?.0.parse::<u32>().ok());
    match digits {
        Some(digits) if DIGITS_MAX < digits => unsupported(format!(
            "`{}` is {}, and decimals of more than {DIGITS_MAX} digits are not told apart as keys there",
            field.name, field.physical_type
        )),
        Some(_) | None => Ok(()),
    }
}

/// The parts of a key, and the condition on rows that have one.
pub(super) fn key(
    writer: &Writer<'_>,
    parts: &[Value],
    nulls: NullKeys,
) -> Written<(Vec<Expression>, Vec<String>)> {
    let all: Vec<Value> = match parts.is_empty() {
        true => {
            let fields = writer.table.fields.iter();
            fields.map(|field| Value::Raw(field.name.clone())).collect()
        }
        false => parts.to_vec(),
    };
    for part in &all {
        if let Value::Column(column) | Value::Raw(column) = part {
            told_apart(writer.table.field(column)?)?;
        }
    }
    let parts = all
        .iter()
        .map(|part| writer.value(part))
        .collect::<Result<Vec<_>, _>>()?;
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

pub(super) fn groups(
    writer: &Writer<'_>,
    slices: &Slices,
    grouping: &Grouping,
) -> Written<Question> {
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
    let partition = list(&slices.keys, &keys);
    let statement = match &writer.table.row_number {
        Some(number) => {
            let from_second = if grouping.shows_first {
                ""
            } else {
                " AND i > 1"
            };
            let columns = format!(
                "{number} AS r, {shown} AS v, count(*) OVER (PARTITION BY {partition}) AS c, row_number() OVER (PARTITION BY {partition} ORDER BY {number}) AS i"
            );
            format!(
                "SELECT {} FROM (SELECT {} {tail}) AS d WHERE c > 1{from_second}",
                list(&slices.names, &["r", "v", "1 AS n"]),
                list(&slices.named, &[&columns]),
            )
        }
        // Without numbers the rows of a key are all the same.
        None => format!(
            "SELECT {} {tail} GROUP BY {partition} HAVING count(*) > 1",
            list(
                &slices.named,
                &[
                    &format!("{} AS r", row_number(writer)),
                    &format!("{shown} AS v"),
                    match grouping.shows_first {
                        true => "count(*) AS n",
                        false => "count(*) - 1 AS n",
                    },
                ]
            )
        ),
    };
    Ok(Question {
        asked: Asked::Statement(asked),
        read: Read::Groups {
            example: Example {
                statement,
                is_numbered: writer.table.row_number.is_some(),
            },
        },
    })
}

pub(super) fn frequencies(
    writer: &Writer<'_>,
    slices: &Slices,
    values: &[Value],
    combinations_max: usize,
) -> Written<Question> {
    let parts = values
        .iter()
        .map(|value| writer.value(value))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(bad) = parts
        .iter()
        .find(|part| matches!(part.kind, Kind::List | Kind::Record | Kind::Other))
    {
        return unsupported(format!("{} have no common text", bad.kind.words()));
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

pub(super) fn distribution(
    writer: &Writer<'_>,
    slices: &Slices,
    column: &str,
) -> Written<Question> {
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
            unsupported(format!("{} have no distribution", kind.words()))
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
