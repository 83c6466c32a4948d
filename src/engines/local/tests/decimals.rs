//! Decimals with all of their digits, against what DuckDB 2.0.1 and Python's `decimal` say of neighbours beyond
//! 2^53, numbers of 38 digits and numbers below 0 (`fixtures/decimals/make.py`).

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::{
    DataFrame, DataType, IntoColumn as _, NamedFrom as _, ParquetWriter, Series,
};
use serde_json::Value as Json;

use super::super::evaluate::Rows;
use super::super::patterns::Patterns;
use super::super::source::{Batch, FileRows};
use super::super::table::Table;
use super::measures::groups_with;
use super::*;
use crate::engines::{Options, Request};
use crate::evidence::Reason;
use crate::measure::{Decimal, Lookup, Presence, sql};

fn decimals(name: &str) -> TableSource {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/decimals")
        .join(name);
    TableSource {
        path,
        locator: name.to_owned(),
        ..TableSource::default()
    }
}

fn reference() -> Json {
    let path = decimals("duckdb.json").path;
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("JSON")
}

fn measured_beside(
    source: &TableSource,
    others: &BTreeMap<String, TableSource>,
    measure: Measure,
) -> Measured {
    let mut found = crate::engines::measure(Request {
        source,
        measures: &[measure],
        others,
        options: Options::default(),
    })
    .expect("readable");
    found.measured.remove(0)
}

fn number(text: &Json) -> f64 {
    let text = text.as_str().expect("a text");
    text.parse().expect("a number")
}

fn scalar(text: &Json) -> Scalar {
    let text = text.as_str().expect("a text");
    Decimal::parse(text).expect("a decimal").into()
}

#[test]
fn comparisons_hold_in_the_rows_of_the_reference() {
    let table = Table::open(&decimals("table.parquet")).expect("a table");
    let columns = table.facts().columns.iter();
    let names: Vec<String> = columns.map(|column| column.name.clone()).collect();
    let frame = table.columns(&names).expect("readable");
    let columns = frame.columns().iter();
    let batch = Batch {
        first_row: 0,
        row_count: frame.height(),
        file: FileRows::default(),
        columns: columns
            .map(|column| column.as_materialized_series().rechunk())
            .collect(),
    };
    let patterns = Patterns::default();
    let rows = Rows::new(&table, &batch, &patterns);
    let mut wrong = Vec::new();
    for case in reference()["conditions"].as_array().expect("conditions") {
        let text = case["sql"].as_str().expect("a condition");
        let condition = Box::leak(Box::new(sql::condition(text).expect(text)));
        let truth = rows.truth(condition).expect(text);
        for (row, expected) in case["rows"].as_array().expect("rows").iter().enumerate() {
            let is_known = truth.known().is_none_or(|known| known.get_bit(row));
            let found = is_known.then(|| truth.yes().get_bit(row));
            if found != expected.as_bool() {
                wrong.push(format!("`{text}` in row {row}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn columns_have_the_keys_extremes_and_statistics_of_the_reference() {
    let source = decimals("table.parquet");
    let reference = reference();
    for (column, expected) in reference["columns"].as_object().expect("columns") {
        let groups = groups_with(&source, &key(&[column], NullKeys::SkipAny), u64::MAX);
        for (found, name) in [
            (groups.rows, "rows"),
            (groups.distinct, "distinct"),
            (groups.repeated, "repeated"),
            (groups.rows_of_repeated, "rows_of_repeated"),
        ] {
            assert_eq!(Some(found), expected[name].as_u64(), "{name} of {column}");
        }
        let ends = (scalar(&expected["low"]), scalar(&expected["high"]));
        let extremes = measured(&source, Measure::Extremes(Value::column(column)));
        assert_eq!(extremes, Measured::Extremes(Some(ends)), "{column}");
        for (fraction, expected) in expected["quantiles"].as_object().expect("quantiles") {
            let fraction_ = fraction.parse().expect("a number");
            let value = Value::column(column);
            let quantile = Measure::Quantile(value, fraction_, Interpolation::Inverted);
            let found = measured(&source, quantile);
            // Statistics are floating-point numbers: the nearest.
            let expected = Measured::Number(Some(number(expected)));
            assert_eq!(found, expected, "{fraction} of {column}");
        }
        let Measured::Moments(moments) = measured(&source, mean(column)) else {
            panic!("no moments of {column}")
        };
        let sizes = number(&expected["high"]).abs() * groups.rows as f64;
        let is_near = |one: f64, other: f64| (one - other).abs() <= sizes * f64::EPSILON;
        assert!(is_near(moments.sum, number(&expected["sum"])), "{column}");
        let average = expected["average"].as_f64().expect("a number");
        assert!(is_near(moments.mean, average), "{column}");
    }
}

#[test]
fn values_are_counted_as_in_the_reference() {
    let source = decimals("table.parquet");
    let reference = reference();
    for (column, expected) in reference["columns"].as_object().expect("columns") {
        let found = measured(
            &source,
            Measure::Frequencies {
                values: vec![Value::column(column)],
                combinations_max: 100,
            },
        );
        let Measured::Frequencies(found) = found else {
            panic!("{found:?}")
        };
        let found: BTreeMap<Option<Decimal>, u64> = found
            .into_iter()
            .map(|(values, count)| {
                let text = values.into_iter().next().flatten();
                let decimal = text.map(|text| Decimal::parse(&text).expect("a decimal"));
                (decimal, count)
            })
            .collect();
        let expected = expected["counts"].as_array().expect("counts").iter();
        let expected = expected.map(|pair| {
            let decimal = pair[0]
                .as_str()
                .map(|text| Decimal::parse(text).expect("a decimal"));
            (decimal, pair[1].as_u64().expect("a count"))
        });
        assert_eq!(found, expected.collect(), "{column}");
    }
}

#[test]
fn keys_of_two_columns_and_of_another_table_are_those_of_the_reference() {
    let source = decimals("table.parquet");
    let reference = reference();
    for case in reference["pairs"].as_array().expect("pairs") {
        let names = case["key"].as_array().expect("a key").iter();
        let names: Vec<&str> = names.map(|name| name.as_str().expect("a name")).collect();
        let groups = groups_with(&source, &key(&names, NullKeys::SkipAny), u64::MAX);
        assert_eq!(Some(groups.rows), case["rows"].as_u64(), "{names:?}");
        assert_eq!(
            Some(groups.distinct),
            case["distinct"].as_u64(),
            "{names:?}"
        );
    }
    let others = BTreeMap::from([("other".to_owned(), decimals("other.parquet"))]);
    for case in reference["lookups"].as_array().expect("lookups") {
        let name = |side: &str| Value::column(case[side].as_str().expect("a name"));
        let lookup = Measure::Lookup(Lookup {
            key: vec![name("here")],
            dataset: "other".to_owned(),
            key_there: vec![name("there")],
            rows_there: None,
            fails: Presence::Absent,
            nulls: NullKeys::SkipAny,
        });
        let found = measured_beside(&source, &others, lookup);
        let Measured::Failing(failing) = found else {
            panic!("{case}: {found:?}")
        };
        assert_eq!(Some(failing.count), case["absent"].as_u64(), "{case}");
    }
}

#[test]
fn texts_are_the_keys_of_the_decimals_they_spell() {
    let types = [("id", LogicalType::String)];
    let text = "id\n9007199254740993\n9007199254740992\n17.0\n18446744073709551617\n1e39x\n";
    let (_folder, source) = written("ids.csv", text, &types);
    let others = BTreeMap::from([("other".to_owned(), decimals("other.parquet"))]);
    let lookup = |dataset: &str| {
        Measure::Lookup(Lookup {
            key: vec![Value::column("id")],
            dataset: dataset.to_owned(),
            key_there: vec![Value::column("whole")],
            rows_there: None,
            fails: Presence::Absent,
            nulls: NullKeys::SkipAny,
        })
    };
    let Measured::Failing(failing) = measured_beside(&source, &others, lookup("other")) else {
        panic!("not evaluated")
    };
    let examples: Vec<u64> = failing.examples.iter().map(|one| one.row_number).collect();
    // What spells no number is null, and no key.
    assert_eq!((failing.count, failing.eligible, examples), (1, 4, vec![1]));
    let more = format!("id\n{}\n", "1".repeat(40));
    let (_folder, source) = written("ids.csv", &more, &types);
    let found = measured_beside(&source, &others, lookup("other"));
    assert!(
        matches!(&found, Measured::Failed(Reason::Unsupported, why) if why.contains("38 digits")),
        "{found:?}"
    );
}

#[test]
fn decimals_of_more_digits_have_statistics_and_are_not_compared() {
    let source = decimals("wide.parquet");
    let fails = Condition::Compare(
        Value::column("large"),
        Comparison::Less,
        Value::Literal(Scalar::Integer(5)),
    );
    for measure in [
        key(&["large"], NullKeys::SkipAny),
        key(&[], NullKeys::SkipAny),
        Measure::Extremes(Value::column("large")),
        Measure::Failing(rule("large", fails)),
        Measure::Frequencies {
            values: vec![Value::column("large")],
            combinations_max: 5,
        },
    ] {
        let found = measured(&source, measure.clone());
        assert!(
            matches!(&found, Measured::Failed(Reason::Unsupported, why) if why.contains("38 digits")),
            "{measure:?}: {found:?}"
        );
    }
    let Measured::Moments(moments) = measured(&source, mean("large")) else {
        panic!("no moments")
    };
    assert_eq!((moments.count, moments.mean), (2, 0.0));
    let present = rule("large", Condition::Constant(false));
    assert_eq!(failing_rows(&source, present).1, 2);
}

#[test]
fn decimals_in_lists_and_records_keep_their_digits() {
    let source = decimals("nested.parquet");
    for column in ["list", "record"] {
        let groups = groups_with(&source, &key(&[column], NullKeys::SkipAny), u64::MAX);
        assert_eq!(groups.distinct, 2, "{column}");
    }
    let wide = measure(&source, &[key(&["wide"], NullKeys::SkipAny)], 5);
    let error = wide.expect_err("not read").to_string();
    assert!(
        error.contains("`wide` holds decimals of 256 bits"),
        "{error}"
    );
}

#[test]
fn a_footer_that_does_not_say_its_order_proves_nothing() {
    let trusted = |name: &str, measure: Measure| {
        let found = crate::engines::measure(Request {
            source: &decimals(name),
            measures: &[measure],
            others: &BTreeMap::new(),
            options: Options {
                trust_statistics: true,
                ..Options::default()
            },
        });
        let found = found.expect("readable");
        (found.measured, found.answered_by_statistics.concat())
    };
    let extremes = |column: &str| Measure::Extremes(Value::column(column));
    let ends = (Scalar::Number(-3.0), Scalar::Number(2.0));
    let (found, by_footer) = trusted("unordered.parquet", extremes("x"));
    assert_eq!(found, [Measured::Extremes(Some(ends))]);
    assert!(by_footer.is_empty(), "{by_footer:?}");
    let expected = &reference()["columns"]["large"];
    let ends = (scalar(&expected["low"]), scalar(&expected["high"]));
    let (found, by_footer) = trusted("table.parquet", extremes("large"));
    assert_eq!(found, [Measured::Extremes(Some(ends))]);
    assert_eq!(by_footer, ["large"]);
}

fn of_decimals(folder: &Path, name: &str, texts: &[&str], digits: usize, scale: usize) {
    let texts = Series::new("x".into(), texts);
    let decimals = texts
        .strict_cast(&DataType::Decimal(digits, scale))
        .expect("decimals");
    let mut frame = DataFrame::new(texts.len(), vec![decimals.into_column()]).expect("a frame");
    let file = std::fs::File::create(folder.join(name)).expect("created");
    ParquetWriter::new(file)
        .finish(&mut frame)
        .expect("written");
}

#[test]
fn files_with_decimals_of_different_digits_are_one_table() {
    let folder = tempfile::TempDir::new().expect("a folder");
    of_decimals(
        folder.path(),
        "a.parquet",
        &["9007199254740993.1", "0.5"],
        20,
        1,
    );
    of_decimals(
        folder.path(),
        "b.parquet",
        &["9007199254740993.10", "0.25"],
        18,
        2,
    );
    of_decimals(folder.path(), "c.parquet", &["9007199254740993.2"], 20, 1);
    let source = || TableSource {
        path: folder.path().to_owned(),
        locator: "folder".to_owned(),
        ..TableSource::default()
    };
    let (facts, _) = measure(&source(), &[Measure::RowCount], 5).expect("readable");
    assert_eq!(facts.columns[0].physical_type, "decimal[21,2]");
    let groups = groups_with(&source(), &key(&["x"], NullKeys::SkipAny), u64::MAX);
    assert_eq!((groups.rows, groups.distinct), (5, 4));
    of_decimals(folder.path(), "d.parquet", &["0.5"], 38, 30);
    let error = measure(&source(), &[Measure::RowCount], 5).expect_err("too many digits");
    assert!(
        error.to_string().contains("no decimal of 38 digits"),
        "{error}"
    );
}
