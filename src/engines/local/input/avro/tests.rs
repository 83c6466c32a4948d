//! Avro files that fastavro 1.13.1 wrote (`fixtures/data/make/formats.py`), and files nobody should write.

use std::io::Write as _;
use std::path::PathBuf;

use polars::prelude::*;

use super::*;
use crate::measure::LogicalType;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/data/formats")
        .join(name)
}

fn open(path: &Path) -> PolarsResult<AvroSource> {
    AvroSource::open(ByteSource::new(path)?)
}

fn column(source: &AvroSource, name: &str) -> Series {
    let mut found: Option<Series> = None;
    source
        .scan_in_order(&[name.to_owned()], &mut |batch| {
            for column in batch.columns {
                match &mut found {
                    Some(found) => {
                        found.append(&column)?;
                    }
                    None => found = Some(column),
                }
            }
            Ok(true)
        })
        .expect("reads");
    found.expect("rows")
}

/// The values of a column as text.
fn shown(source: &AvroSource, name: &str) -> Vec<String> {
    let column = column(source, name);
    column.iter().map(|value| value.to_string()).collect()
}

#[test]
fn every_codec_and_type_is_read() {
    for codec in ["null", "deflate", "snappy", "zstandard"] {
        let source = open(&fixture(&format!("{codec}.avro"))).expect("opens");
        for (name, expected) in [
            ("id", ["1", "2", "3", "4", "5"]),
            ("big", ["1099511627776", "-1", "null", "0", "7"]),
            ("ratio", ["0.5", "NaN", "null", "-1.5", "1.0000e300"]),
            ("name", ["\"ä\"", "\"\"", "null", "\"a,b\"", "\"日本\""]),
            ("flag", ["true", "false", "null", "true", "false"]),
            (
                "day",
                [
                    "2026-01-31",
                    "1969-12-31",
                    "null",
                    "2000-02-29",
                    "1900-01-01",
                ],
            ),
            (
                "clock",
                ["01:02:03.004", "00:00:00", "null", "23:59:59", "12:00:00"],
            ),
            ("price", ["1.25", "-0.01", "null", "99999999.99", "0.00"]),
            (
                "tags",
                [
                    "\"[\"a\",\"b\"]\"",
                    "\"[]\"",
                    "null",
                    "\"[\"c\"]\"",
                    "\"[\"d\"]\"",
                ],
            ),
            ("kind", ["\"u\"", "\"v\"", "null", "\"u\"", "\"u\""]),
            ("mixed", ["\"1\"", "\"one\"", "null", "\"2\"", "\"3\""]),
        ] {
            assert_eq!(shown(&source, name), expected, "{codec} {name}");
        }
        let place = shown(&source, "place");
        assert_eq!(place[0], "\"{\"city\":\"Bonn\",\"zip\":53111}\"");
        assert_eq!(place[1], "\"{\"city\":\"Köln\",\"zip\":null}\"");
        let at = column(&source, "at");
        assert_eq!(
            at.dtype(),
            &DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
        );
        let microseconds = at.cast(&DataType::Int64).expect("numbers");
        assert_eq!(microseconds.i64().expect("numbers").get(1), Some(-1));
        let raw = column(&source, "raw");
        assert_eq!(raw.binary().expect("bytes").get(0), Some(&[0, 0xff][..]));
    }
}

#[test]
fn types_are_those_of_the_schema() {
    let source = open(&fixture("null.avro")).expect("opens");
    let types: Vec<_> = source
        .facts
        .columns
        .iter()
        .map(|column| column.logical_type)
        .collect();
    use LogicalType::{Array, Boolean, Date, Integer, Number, Object, String, Time, Timestamp};
    assert_eq!(
        types,
        [
            Some(Integer),
            Some(Integer),
            Some(Number),
            Some(String),
            Some(Boolean),
            Some(Date),
            Some(Time),
            Some(Timestamp),
            Some(Number),
            Some(Array),
            Some(Object),
            None,
            Some(String),
            Some(String),
            None,
        ]
    );
}

#[test]
fn a_scan_hands_every_part_its_columns() {
    let source = open(&fixture("deflate.avro")).expect("opens");
    let parts = [
        vec!["name".to_owned(), "id".to_owned()],
        vec!["id".to_owned()],
    ];
    let seen = std::sync::Mutex::new(Vec::new());
    let count = source
        .scan(&parts, &|part, batch| {
            let names: Vec<String> = batch
                .columns
                .iter()
                .map(|column| column.name().to_string())
                .collect();
            assert_eq!(names, parts[part]);
            seen.lock()
                .expect("lock")
                .push((part, batch.first_row, batch.row_count));
            Ok(true)
        })
        .expect("reads");
    assert_eq!(count, 5);
    let seen = seen.into_inner().expect("lock");
    let rows = |part| -> usize {
        let of_part = seen.iter().filter(|(one, ..)| *one == part);
        of_part.map(|(_, _, rows)| rows).sum()
    };
    assert_eq!((rows(0), rows(1)), (5, 5));
}

/// Every file cut anywhere, and every byte of a file changed: an error or other values, never a panic.
#[test]
fn damaged_files_are_errors() {
    let whole = std::fs::read(fixture("snappy.avro")).expect("fixture");
    let read = |bytes: &[u8]| -> PolarsResult<u64> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        let source = open(file.path())?;
        let names: Vec<String> = source
            .facts
            .columns
            .iter()
            .map(|one| one.name.clone())
            .collect();
        source.scan(&[names], &|_, _| Ok(true))
    };
    assert_eq!(read(&whole).expect("whole"), 5);
    for length in (0..whole.len()).step_by(7) {
        match read(&whole[..length]) {
            Err(_) => {}
            // Cut between two blocks.
            Ok(rows) => assert!(rows < 5, "{length}"),
        }
    }
    for at in (0..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        let _ = read(&changed);
    }
}

#[test]
fn a_block_cannot_claim_endless_records() {
    let mut bytes = b"Obj\x01\x02\x16avro.schema".to_vec();
    let schema = br#"{"type":"record","name":"r","fields":[]}"#;
    bytes.push(schema.len() as u8 * 2);
    bytes.extend(schema);
    bytes.push(0);
    bytes.extend([0; 16]);
    // Two to the power of 62 records of no bytes each.
    bytes.extend([
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0,
    ]);
    bytes.extend([0; 16]);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&bytes).expect("written");
    let source = open(file.path()).expect("opens");
    let error = source
        .scan(&[vec![]], &|_, _| Ok(true))
        .expect_err("refused");
    assert!(error.to_string().contains("a block says it has"), "{error}");
}
