//! Answers of SQL queries against those of DuckDB 1.5.6 on the same table, recorded by
//! `fixtures/rules/sql/make.py`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{measured, written};
use crate::engines::{self, Options, Request, TableSource};
use crate::evidence::Reason;
use crate::measure::{Answer, Comparison, Condition, LogicalType, Measure, Measured, Value};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules/sql")
}

fn orders() -> TableSource {
    TableSource {
        path: folder().join("orders.parquet"),
        locator: "orders.parquet".to_owned(),
        names: vec!["orders".to_owned()],
        ..TableSource::default()
    }
}

fn query(text: &str) -> Measure {
    Measure::Query(text.to_owned())
}

fn answer(source: &TableSource, text: &str) -> Answer {
    match measured(source, query(text)) {
        Measured::Answer(answer) => answer,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn queries_are_answered_as_duckdb_answers_them() {
    let text = std::fs::read_to_string(folder().join("answers.json")).expect("answers");
    let recorded: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(recorded["duckdb"], "1.5.6");
    let recorded = recorded["answers"].as_array().expect("answers");
    let texts: Vec<&str> = recorded
        .iter()
        .filter_map(|one| one["query"].as_str())
        .collect();
    assert!(80 < texts.len());
    // All in one scan, as the queries of a contract.
    let measures: Vec<Measure> = texts.iter().map(|text| query(text)).collect();
    let (_, found) = engines::measure_alone(&orders(), &measures, 5).expect("readable");
    assert_eq!(found.len(), texts.len());
    let mut wrong = Vec::new();
    for ((text, theirs), ours) in texts.iter().zip(recorded).zip(&found) {
        let Measured::Answer(ours) = ours else {
            wrong.push(format!("{text}: {ours:?}"));
            continue;
        };
        let rows = theirs["rows"].as_u64().expect("rows");
        let same_number = match theirs.get("number") {
            // Of several rows none is the first.
            None => ours.row_count == 1 || ours.number.is_none(),
            Some(theirs) => match (theirs.as_f64(), ours.number) {
                (Some(theirs), Some(ours)) => (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0),
                (None, Some(ours)) => theirs == "NaN" && ours.is_nan(),
                (None, None) => theirs.is_null(),
                (Some(_), None) => false,
            },
        };
        if ours.row_count != rows || !same_number {
            wrong.push(format!("{text}: {theirs} there, {ours:?} here"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_rows_of_one_column_are_given() {
    let found = answer(
        &orders(),
        "select amount from orders where amount < 0 limit 2",
    );
    assert_eq!((found.row_count, found.rows.len()), (2, 2));
    let keys = answer(
        &orders(),
        "select status from orders group by status having count(*) > 14",
    );
    let status = |text: &str| vec![Some(text.to_owned())];
    assert_eq!(keys.row_count, 4);
    assert_eq!(
        keys.rows,
        [vec![None], status("PAID"), status("open"), status("paid")]
    );
}

#[test]
fn what_cannot_be_answered_says_why_and_the_others_go_on() {
    let rows = Arc::new(Condition::Compare(
        Value::column("quantity"),
        Comparison::Equal,
        Value::number(2.0),
    ));
    let measures = [
        query("select count(*) from orders o join customers c on o.customer = c.id"),
        query("select count(*) from customers"),
        query("select count(*) from orders where price > 1"),
        query("select price from orders"),
        query("select count(*) from orders where ordered_on - paid_at > 2"),
        query("select avg(ordered_on) from orders"),
        query("select max(ordered_on) from orders"),
        Measure::By(
            vec!["status".into()],
            Box::new(query("select count(*) from orders")),
        ),
        Measure::Where(
            rows,
            Box::new(query("select count(*) from orders where amount > 0")),
        ),
        Measure::RowCount,
    ];
    let (_, found) = engines::measure_alone(&orders(), &measures, 5).expect("readable");
    for (place, reason, expected) in [
        (0, Reason::Unsupported, "joins tables"),
        (
            1,
            Reason::Unsupported,
            "over the table `customers`; only one of the table measured, `orders`",
        ),
        (2, Reason::Undefined, "the column `price` is missing"),
        (3, Reason::Undefined, "the column `price` is missing"),
        (4, Reason::Unsupported, "computes with the times of"),
        (
            5,
            Reason::Unsupported,
            "computes with the times of `ordered_on`",
        ),
        (6, Reason::Undefined, "is no number"),
        (7, Reason::Unsupported, "by slices"),
    ] {
        match &found[place] {
            Measured::Failed(found, why) => {
                assert_eq!(*found, reason, "{why}");
                assert!(why.contains(expected), "{why}");
            }
            other => panic!("{place}: {other:?}"),
        }
    }
    let both = answer(
        &orders(),
        "select count(*) from orders where amount > 0 and quantity = 2",
    );
    assert_eq!(found[8], Measured::Answer(both));
    assert_eq!(found[9], Measured::Count(60));
}

#[test]
fn queries_read_csv_as_its_contract_says_and_other_datasets_by_their_names() {
    let types = [("id", LogicalType::Integer), ("day", LogicalType::Date)];
    let (_directory, source) = written("o.csv", "id,day\n1,2026-01-01\n1,2026-01-02\n,x\n", &types);
    let named = TableSource {
        names: vec!["data/o.csv".to_owned()],
        ..source.clone()
    };
    let count = "select count(id) from \"data/o.csv\" where day < '2026-01-02'";
    assert_eq!(answer(&named, count).number, Some(1.0));
    match measured(&source, query(count)) {
        Measured::Failed(Reason::Unsupported, why) => {
            assert!(why.contains("nothing is known"), "{why}")
        }
        other => panic!("{other:?}"),
    }
    let others = BTreeMap::from([("orders".to_owned(), orders())]);
    let there = query("select count(*) from orders where quantity = 2");
    let measurement = engines::measure(Request {
        source: &named,
        measures: &[Measure::Elsewhere("orders".into(), Box::new(there))],
        others: &others,
        options: Options::default(),
    })
    .expect("readable");
    match &measurement.measured[..] {
        [Measured::Answer(answer)] => assert_eq!(answer.number, Some(12.0)),
        other => panic!("{other:?}"),
    }
}
