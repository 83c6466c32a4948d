//! Tables cut into batches, chunks read into used memory, and keys of two widths measure as if all
//! were in one place.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::*;
use crate::engines::{Options, Request};
use crate::measure::{Groups, LogicalType, Lookup, Presence};

/// More rows than a batch has.
const ROWS: u64 = 150_000;

/// A pair of which some are small and some beyond 32 bits on either side; every tenth row repeats.
fn pair(row: u64) -> (i64, i64) {
    let key = row - u64::from(row % 10 == 9);
    let (one, other) = (key % 700, key / 700);
    match key % 3 {
        0 => (one as i64, other as i64),
        1 => (one as i64 + (1 << 32), other as i64),
        _ => (one as i64, -(other as i64) - 1),
    }
}

fn text(row: u64) -> String {
    format!("a text that no view holds in itself {}", row % 1_000)
}

/// Row groups of 40 000 rows, packed or as they are: then what is decoded lies in what was read.
fn table(compression: ParquetCompression) -> (tempfile::TempDir, TableSource) {
    let (one, other): (Vec<i64>, Vec<i64>) = (0..ROWS).map(pair).unzip();
    let number: Vec<f64> = (0..ROWS).map(|row| row as f64).collect();
    let texts: Vec<String> = (0..ROWS).map(text).collect();
    let mut frame = DataFrame::new_infer_height(vec![
        Series::new("one".into(), one).into(),
        Series::new("other".into(), other).into(),
        Series::new("number".into(), number).into(),
        Series::new("text".into(), texts).into(),
    ])
    .expect("a frame");
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = directory.path().join("t.parquet");
    let file = std::fs::File::create(&path).expect("created");
    ParquetWriter::new(file)
        .with_row_group_size(Some(40_000))
        .with_compression(compression)
        .finish(&mut frame)
        .expect("written");
    let source = TableSource {
        path,
        locator: "t.parquet".to_owned(),
        ..TableSource::default()
    };
    (directory, source)
}

fn groups(source: &TableSource, columns: &[&str], state_bytes_max: u64) -> Groups {
    let measured = crate::engines::measure(Request {
        source,
        measures: &[key(columns, NullKeys::SkipAny)],
        others: &BTreeMap::new(),
        options: Options {
            state_bytes_max,
            ..Options::default()
        },
    })
    .expect("reads")
    .measured;
    match measured.into_iter().next() {
        Some(Measured::Groups(groups)) => groups,
        other => panic!("{other:?}"),
    }
}

#[test]
fn small_and_large_pairs_count_together() {
    let mut exact: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    (0..ROWS).for_each(|row| *exact.entry(pair(row)).or_default() += 1);
    let (_folder, source) = table(ParquetCompression::Snappy);
    for state_bytes_max in [u64::MAX, 0] {
        let found = groups(&source, &["one", "other"], state_bytes_max);
        assert_eq!(found.rows, ROWS);
        assert_eq!(found.distinct, exact.len() as u64);
        let repeated = exact.values().filter(|count| 1 < **count);
        assert_eq!(found.repeated, repeated.count() as u64);
        let rows: Vec<u64> = found.examples.iter().map(|row| row.row_number).collect();
        assert_eq!(rows, [10, 20, 30, 40, 50]);
    }
}

#[test]
fn used_memory_changes_no_value() {
    for compression in [
        ParquetCompression::Uncompressed,
        ParquetCompression::Snappy,
        ParquetCompression::Zstd(None),
    ] {
        let (_folder, source) = table(compression);
        let Measured::Moments(moments) = measured(&source, mean("number")) else {
            panic!("no moments")
        };
        assert_eq!(moments.count, ROWS);
        assert_eq!(moments.sum, (ROWS * (ROWS - 1) / 2) as f64);
        let texts = groups(&source, &["text"], u64::MAX);
        assert_eq!((texts.rows, texts.distinct), (ROWS, 1_000));
        let high = unless("number", Comparison::Less, (ROWS - 3) as f64);
        let (failing, _, rows) = failing_rows(&source, high);
        assert_eq!(failing, 3);
        assert_eq!(rows.first().map(|(row, _)| *row), Some(ROWS - 2));
    }
}

#[test]
fn whole_numbers_that_lie_close_together_are_looked_up_as_others_are() {
    let types = [("k", LogicalType::Integer)];
    for (first, step) in [(i64::MIN, 1), (-3, 1), (i64::MAX - 9, 1), (-5, 1 << 40)] {
        let keys = |some: &mut dyn Iterator<Item = i64>| -> String {
            let lines = some.map(|place| format!("{}\n", first + place * step));
            format!("k\n{}", lines.collect::<String>())
        };
        let here = keys(&mut (0..200).map(|row| row % 10));
        let there = keys(&mut [0, 3, 6, 9].into_iter());
        for nulls in ["", "\"\"\n"] {
            let (_here, source) = written("here.csv", &format!("{here}{nulls}"), &types);
            let (_there, other) = written("there.csv", &there, &types);
            let measures = [(Presence::Found, 80), (Presence::Absent, 120)];
            for (fails, count) in measures {
                let lookup = Measure::Lookup(Lookup {
                    key: vec![Value::column("k")],
                    dataset: "there".into(),
                    key_there: vec![Value::column("k")],
                    rows_there: None,
                    fails,
                    nulls: NullKeys::SkipAny,
                });
                let found = crate::engines::measure(Request {
                    source: &source,
                    measures: &[lookup],
                    others: &BTreeMap::from([("there".to_owned(), other.clone())]),
                    options: Options::default(),
                });
                let found = found.expect("reads").measured;
                assert!(
                    matches!(&found[..], [Measured::Failing(rows)] if (rows.count, rows.eligible) == (count, 200)),
                    "{found:?}"
                );
            }
        }
    }
}
