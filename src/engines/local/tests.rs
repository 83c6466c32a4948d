//! Tests of the local engine over the real fixture and over hostile files.
use std::path::{Path, PathBuf};

use super::*;
use crate::measure::{Distribution, LogicalType, Measure, Measured, RowPredicate};

fn fixture(name: &str) -> TableSource {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/credit/data")
        .join(name);
    TableSource {
        path,
        locator: name.to_owned(),
        types: vec![
            ("age".into(), LogicalType::Integer),
            ("credit_amount".into(), LogicalType::Integer),
            ("recorded_at".into(), LogicalType::Date),
        ],
    }
}

#[test]
fn parquet_and_csv_of_the_same_rows_measure_the_same() {
    let measures = [
        Measure::NullCount("age".into()),
        Measure::Mean("age".into()),
        Measure::Quantile("credit_amount".into(), 0.5),
        Measure::Newest("recorded_at".into()),
        Measure::Failing(RowPredicate::NotIn("housing".into(), vec!["own".into()])),
        Measure::Failing(RowPredicate::Repeated {
            columns: vec![],
            nulls_count: true,
        }),
        Measure::Failing(RowPredicate::Repeated {
            columns: vec!["housing".into()],
            nulls_count: false,
        }),
        Measure::Distribution("housing".into()),
    ];
    let (facts, parquet) = measure(&fixture("current.parquet"), &measures, 3).expect("reads");
    let (_, csv) = measure(&fixture("current.csv"), &measures, 3).expect("reads");
    assert_eq!(facts.row_count, 200);
    assert_eq!(parquet, csv);
    println!("{parquet:#?}");
    let Measured::Distribution(Distribution::Categorical(counts, 0)) = &parquet[7] else {
        panic!("{parquet:?}")
    };
    assert_eq!(counts["own"], 146);
}
#[test]
fn x() {
    let _: PathBuf = PathBuf::new();
}
