//! Questions that relate a row to others: to the one before it, to those of another table, or by a query
//! of the user's own.

use super::examples::Example;
use super::expression::{Expression, Writer};
use super::grouped::key;
use super::question::{Asked, Question, Read, Slices, from, grouped, list, partition, row_number};
use super::refusal::{Written, unsupported};
use super::rows::Kind;
use crate::measure::{Comparison, Lookup, NullKeys, Order, OrderRule, Presence};

/// Rows of the answer of a query that are fetched.
const ANSWER_ROWS: u64 = 5;

pub(super) fn ordered(writer: &Writer<'_>, slices: &Slices, order: &Order) -> Written<Question> {
    let sorted_by = match (&order.sorted_by, &writer.table.row_number) {
        (Some(sorted_by), _) => writer.value(sorted_by)?.sql,
        (None, Some(number)) => number.clone(),
        (None, None) => {
            return unsupported(
                "the rows of a table on a remote engine have no order of their own (only those of a single Parquet file have, where the engine tells `_metadata.row_index`); say with `sorted_by` what they are sorted by",
            );
        }
    };
    let value = writer.value(&order.value)?;
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
            sorted_by
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
        OrderRule::RangesMeet { end } => {
            let end = writer.value(end)?;
            (
                before(&end.sql),
                compare(here, Comparison::NotEqual, there(end.kind))?,
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
    let number = row_number(writer);
    let conditions = [
        format!("{} IS NOT NULL", value.sql),
        format!("{sorted_by} IS NOT NULL"),
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
    let example = Example {
        statement: format!(
            "SELECT {} FROM ({inner}) AS o WHERE {fails}",
            list(&slices.names, &["r", "x AS v", "1 AS n"])
        ),
        is_numbered: writer.table.row_number.is_some(),
    };
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
        read: Read::Failing { example },
    })
}

/// How much larger `x` is than `p`, in seconds for times.
fn difference(writer: &Writer<'_>, kind: Kind) -> Written<String> {
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
            unsupported(format!("{} have no difference", kind.words()))
        }
    }
}

/// A look-up in another table, whose writer is `there`.
pub(super) fn lookup(
    writer: &Writer<'_>,
    there: &Writer<'_>,
    slices: &Slices,
    lookup: &Lookup,
) -> Written<Question> {
    if lookup.key.is_empty() || lookup.key.len() != lookup.key_there.len() {
        return unsupported(
            "the keys of a look-up must have as many parts here as there".to_owned(),
        );
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
                return unsupported(format!(
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
    let number = row_number(writer);
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
    let columns = ["h.r AS r", &format!("{shown} AS v"), "1 AS n"];
    let example = Example {
        statement: format!("SELECT {} {joined} WHERE {fails}", list(&sliced, &columns)),
        is_numbered: writer.table.row_number.is_some(),
    };
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
        read: Read::Failing { example },
    })
}

/// A query of the user's own, over the table by its name.
pub(super) fn answer(writer: &Writer<'_>, query: &str) -> Written<Question> {
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
