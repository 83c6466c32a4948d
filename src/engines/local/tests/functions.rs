//! Functions of the expression language against what DuckDB 2.0.1 gives for every row of a table of nulls,
//! extremes, month ends and texts beyond ASCII (`fixtures/sql-functions/make.py`), and on anything at all.

use std::path::Path;

use polars_arrow::bitmap::Bitmap;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::super::evaluate::Rows;
use super::super::patterns::Patterns;
use super::super::source::{Batch, FileRows};
use super::super::table::Table;
use super::*;
use crate::measure::function::functions;
use crate::measure::sql;

fn table() -> (Table, Batch) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sql-functions/table.parquet");
    let table = Table::open(&TableSource {
        path,
        locator: "table.parquet".to_owned(),
        ..TableSource::default()
    })
    .expect("a table");
    let names: Vec<String> = table
        .facts()
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let frame = table.columns(&names).expect("readable");
    let columns = frame.columns().iter();
    let batch = Batch {
        first_row: 0,
        row_count: frame.height(),
        file: FileRows::default(),
        columns: columns
            .map(|column| column.as_materialized_series().clone())
            .collect(),
    };
    (table, batch)
}

/// What an expression gives in one row, as the fixture writes it.
fn found(rows: &Rows<'_, '_>, value: &'static Value, row: usize) -> String {
    let only = (0..rows.len()).map(|other| other == row);
    let only: Bitmap = only.collect();
    match rows.within(Some(&only), || rows.value(value)) {
        Err(_) => "!".to_owned(),
        Ok(data) => match data.scalar_at(row) {
            None => "null".to_owned(),
            Some(Scalar::Integer(whole)) => whole.to_string(),
            Some(Scalar::Unsigned(whole)) => whole.to_string(),
            Some(Scalar::Number(number)) => format!("f:{number:?}"),
            Some(Scalar::Decimal(decimal)) => format!("f:{decimal}"),
            Some(Scalar::Text(text)) => format!("t:{text}"),
            Some(Scalar::Boolean(value)) => format!("b:{value}"),
            Some(Scalar::Instant(instant)) => format!("i:{}", instant.timestamp_micros()),
        },
    }
}

/// Whether both are the same; numbers to within four units in the last place, as the libraries of
/// mathematics of two machines agree on powers and logarithms.
fn is_same(found: &str, expected: &Json) -> bool {
    let number = |text: &str| text.strip_prefix("f:").unwrap_or(text).parse::<f64>().ok();
    let expected = match expected {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if found == expected {
        return true;
    }
    if let Some(boolean) = expected.strip_prefix("b:") {
        return found == if boolean == "true" { "1" } else { "0" };
    }
    match (number(found), number(&expected)) {
        (Some(one), Some(other)) if expected.starts_with("f:") || found.starts_with("f:") => {
            one == other
                || one.is_nan() && other.is_nan()
                || (one - other).abs() <= 4.0 * f64::EPSILON * other.abs()
        }
        _ => false,
    }
}

#[test]
fn functions_give_what_duckdb_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sql-functions/duckdb.json");
    let text = std::fs::read_to_string(path).expect("the fixture");
    let fixture: Json = serde_json::from_str(&text).expect("JSON");
    let (table, batch) = table();
    let patterns = Patterns::default();
    let rows = Rows::new(&table, &batch, &patterns);
    let mut wrong = Vec::new();
    for case in fixture["cases"].as_array().expect("cases") {
        let expression = case["expression"].as_str().expect("an expression");
        let value = match sql::value(expression) {
            Ok(value) => Box::leak(Box::new(value)),
            Err(why) => {
                wrong.push(format!("`{expression}` {why}"));
                continue;
            }
        };
        for (row, expected) in case["values"]
            .as_array()
            .expect("values")
            .iter()
            .enumerate()
        {
            let found = found(&rows, value, row);
            // What has no value here is not evaluated; it never gives something else.
            let is_refused = found == "!" && is_refused_here(expression, expected);
            if !is_same(&found, expected) && !is_refused {
                wrong.push(format!(
                    "`{expression}` in row {row}: {found}, not {expected}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Where less is read than by DuckDB: exponents, white space, digits of powers beyond 22.
fn is_refused_here(expression: &str, expected: &Json) -> bool {
    let is_value = !expected.is_null() || expression.contains("try_cast");
    is_value && (expression == "round(x, k)" || expression.contains("cast(s as"))
}

/// An argument that is likely to be at an edge.
fn argument() -> impl Strategy<Value = Value> {
    let columns = ["i", "k", "x", "y", "s", "p", "b", "d", "e", "day"];
    prop_oneof![
        proptest::sample::select(columns.to_vec()).prop_map(Value::column),
        any::<i64>().prop_map(|whole| Value::Literal(Scalar::Integer(whole))),
        (-3_i64..40).prop_map(|whole| Value::Literal(Scalar::Integer(whole))),
        any::<f64>().prop_map(Value::number),
        ".{0,6}".prop_map(Value::text),
        Just(Value::Null),
    ]
}

/// A function of arguments that are functions in turn.
fn call() -> impl Strategy<Value = Value> {
    argument().prop_recursive(3, 24, 3, |inner| {
        let all: Vec<_> = functions().collect();
        let function = proptest::sample::select(all);
        (function, proptest::collection::vec(inner, 1..4)).prop_map(|(function, mut arguments)| {
            arguments.resize(function.least().max(1), Value::Null);
            Value::Call(function, arguments)
        })
    })
}

#[test]
fn any_call_gives_values_or_a_problem_without_panic() {
    let (table, batch) = table();
    let patterns = Patterns::default();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&call(), |value| {
        let rows = Rows::new(&table, &batch, &patterns);
        if let Ok(data) = rows.value(&value) {
            prop_assert_eq!(data.len(), rows.len());
        }
        Ok(())
    });
    outcome.expect("no panic");
}

#[test]
fn a_row_that_is_not_needed_needs_no_value() {
    let (_directory, source) = written(
        "a.csv",
        "n,t\n1,7\n0,x\n-4,9\n",
        &[("n", LogicalType::Integer), ("t", LogicalType::String)],
    );
    let count = |text: &str| {
        let condition = sql::condition(text).expect("an expression");
        measured(&source, Measure::Count(condition))
    };
    assert!(
        matches!(count("cast(t as integer) > 0"), Measured::Failed(_, why)
        if why.contains("`cast_integer` was given what is no integer (row 2)"))
    );
    assert_eq!(
        count("n <> 0 and cast(t as integer) > 0"),
        Measured::Count(2)
    );
    assert_eq!(count("n = 0 or cast(t as integer) > 0"), Measured::Count(3));
    assert_eq!(
        count("case when n <> 0 then cast(t as integer) else 0 end > 7"),
        Measured::Count(1)
    );
    assert_eq!(
        count("coalesce(n, cast(t as integer)) = 0"),
        Measured::Count(1)
    );
    assert_eq!(count("try_cast(t as integer) is null"), Measured::Count(1));
    let there = sql::condition("n <> 0").expect("an expression");
    let all = sql::condition("cast(t as integer) > 0").expect("an expression");
    let where_it_is = Measure::Where(std::sync::Arc::new(there), Box::new(Measure::Count(all)));
    assert_eq!(measured(&source, where_it_is), Measured::Count(2));
    assert!(matches!(count("year(t) = 1"), Measured::Failed(_, why)
        if why.contains("`year` takes (date or time), not text; hint: `cast(")));
}
