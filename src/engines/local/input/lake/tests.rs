//! Tables that deltalake 1.6.6 and pyiceberg 0.12.0 wrote, against what these tools read from them
//! (`fixtures/data/make/tables.py`).

use std::fs;

use serde_json::Value;

use super::*;
use crate::engines::local::table::Table;

fn source(path: &Path) -> TableSource {
    TableSource {
        path: path.to_owned(),
        locator: "table".to_owned(),
        ..TableSource::default()
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/data")
        .join(name)
}

/// `id` and `region` of every row, sorted by `id`.
fn rows(source: &TableSource) -> Result<Vec<(i64, Option<String>)>, EngineError> {
    let table = Table::open(source)?;
    let frame = table.columns(&["id".to_owned(), "region".to_owned()])?;
    table.guard(|| {
        let ids = frame.column("id")?.i64()?;
        let regions = frame.column("region")?.str()?;
        let mut rows: Vec<_> = ids
            .iter()
            .zip(regions.iter())
            .map(|(id, region)| (id.unwrap_or(-1), region.map(str::to_owned)))
            .collect();
        rows.sort();
        Ok(rows)
    })
}

fn check(name: &str) {
    let path = fixture(name);
    let text = fs::read_to_string(path.join("expected.json")).expect("expected");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let table = Table::open(&source(&path)).expect(name);
    let mut columns: Vec<&str> = table
        .facts()
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    columns.sort_unstable();
    assert_eq!(Value::from(columns), expected["columns"], "{name}");
    assert_eq!(
        Value::from(table.facts().row_count),
        expected["rows"],
        "{name}"
    );
    let (ids, regions): (Vec<i64>, Vec<Option<String>>) =
        rows(&source(&path)).expect(name).into_iter().unzip();
    assert_eq!(Value::from(ids), expected["ids"], "{name}");
    assert_eq!(Value::from(regions), expected["regions"], "{name}");
}

#[test]
fn delta_tables_have_the_rows_their_tool_reads() {
    for name in [
        "plain",
        "partitioned",
        "rewritten",
        "checkpointed",
        "evolved",
    ] {
        check(&format!("delta/{name}"));
    }
}

#[test]
fn iceberg_tables_have_the_rows_their_tool_reads() {
    for name in ["plain", "rewritten", "evolved"] {
        check(&format!("iceberg/{name}"));
    }
    let empty = Table::open(&source(&fixture("iceberg/empty"))).expect("opens");
    assert_eq!(
        (empty.facts().row_count, empty.facts().columns.len()),
        (0, 4)
    );
}

#[test]
fn a_column_added_later_is_null_before() {
    for name in ["delta/evolved", "iceberg/evolved"] {
        let table = Table::open(&source(&fixture(name))).expect("opens");
        let frame = table.columns(&["added".to_owned()]).expect("reads");
        let added = frame.column("added").expect("column");
        let present: Vec<i64> = added.i64().expect("numbers").iter().flatten().collect();
        assert_eq!(present, [7], "{name}");
    }
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let error = Table::open(&source(&fixture("iceberg/renamed"))).map(|_| ());
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("was renamed or made anew"), "{error}");
    for (log, expected) in [
        (
            r#"{"protocol":{"minReaderVersion":4}}"#,
            "a reader of version 4",
        ),
        (
            r#"{"protocol":{"minReaderVersion":3,"readerFeatures":["variantType"]}}"#,
            "needs `variantType`",
        ),
        (
            r#"{"metaData":{"schemaString":"{\"fields\":[]}","configuration":{"delta.columnMapping.mode":"name"}}}"#,
            "column mapping by name",
        ),
        (
            r#"{"metaData":{"schemaString":"{\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}"}}
{"add":{"path":"a.parquet","partitionValues":{},"deletionVector":{"storageType":"u"}}}"#,
            "deletion vector",
        ),
        (
            r#"{"metaData":{"schemaString":"{\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}"}}
{"add":{"path":"../../etc/a.parquet","partitionValues":{}}}"#,
            "is not in the directory of the table",
        ),
        ("{oops", "is not JSON"),
    ] {
        let directory = tempfile::TempDir::new().expect("a folder");
        let place = directory.path().join(delta::LOG);
        fs::create_dir(&place).expect("made");
        fs::write(place.join("00000000000000000000.json"), log).expect("written");
        let error = Table::open(&source(directory.path())).map(|_| ());
        let error = error.expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_gap_in_the_log_is_found() {
    let directory = tempfile::TempDir::new().expect("a folder");
    let place = directory.path().join(delta::LOG);
    fs::create_dir(&place).expect("made");
    for version in [0, 2] {
        let name = format!("{version:020}.json");
        fs::write(place.join(name), "{\"commitInfo\":{}}\n").expect("written");
    }
    let error = Table::open(&source(directory.path())).map(|_| ());
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("version 1 is missing"), "{error}");
}
