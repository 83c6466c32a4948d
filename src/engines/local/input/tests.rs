//! Tables of many files, digests, and what a locator names.

use std::fs;
use std::path::Path;

use polars::prelude::*;
use tempfile::TempDir;

use super::super::table::{Table, TableSource};
use crate::evidence::Sha256;
use crate::measure::{LogicalType, Reading};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a folder");
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, content).expect("written");
    }
    directory
}

fn source(directory: &Path, locator: &str) -> TableSource {
    TableSource::named(directory, locator, Vec::new(), Reading::default())
}

fn shown(source: &TableSource) -> String {
    let table = match Table::open(source) {
        Ok(table) => table,
        Err(error) => return error.to_string(),
    };
    let names: Vec<String> = table
        .facts()
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let frame = match table.columns(&names) {
        Ok(frame) => frame,
        Err(error) => return error.to_string(),
    };
    let mut lines = vec![names.join("|")];
    for row in 0..frame.height() {
        let cells: Vec<String> = frame
            .columns()
            .iter()
            .map(|column| {
                let column = column.cast(&DataType::String).expect("text");
                let text = column.str().expect("text").get(row).unwrap_or("∅");
                text.to_owned()
            })
            .collect();
        lines.push(cells.join("|"));
    }
    lines.join("/")
}

#[test]
fn patterns_and_directories_are_tables() {
    let files = folder(&[
        ("b.csv", "x,y\n3,4\n"),
        ("a.csv", "x,y\n1,2\n"),
        ("sub/c.csv", "x,y\n5,6\n"),
        ("_temporary/d.csv", "broken"),
        (".hidden.csv", "broken"),
        ("notes.md", "broken"),
    ]);
    let here = files.path();
    assert_eq!(shown(&source(here, "*.csv")), "x|y/1|2/3|4");
    assert_eq!(shown(&source(here, "**/*.csv")), "x|y/1|2/3|4/5|6");
    assert_eq!(shown(&source(here, "?.csv")), "x|y/1|2/3|4");
    assert_eq!(shown(&source(here, ".")), "x|y/1|2/3|4/5|6");
    let address = format!("file://{}/a.csv", here.display());
    assert_eq!(shown(&source(Path::new("elsewhere"), &address)), "x|y/1|2");
    assert!(shown(&source(here, "z*.csv")).contains("no such file"));
    // A file that is called like a pattern is that file.
    fs::write(here.join("*.csv"), "x\n9\n").expect("written");
    assert_eq!(shown(&source(here, "*.csv")), "x/9");
}

#[test]
fn directories_named_after_values_are_columns() {
    let files = folder(&[
        ("year=2025/month=1/a.csv", "x\n1\n"),
        ("year=2025/month=__HIVE_DEFAULT_PARTITION__/a.csv", "x\n2\n"),
        ("year=2026/month=a%20b/a.csv", "x\n3\n"),
    ]);
    assert_eq!(
        shown(&source(files.path(), ".")),
        "x|year|month/1|2025|1/2|2025|∅/3|2026|a b"
    );
    let mixed = folder(&[("year=2025/a.csv", "x\n1\n"), ("b.csv", "x\n1\n")]);
    let found = shown(&source(mixed.path(), "."));
    assert!(
        found.contains("is not below the same directories"),
        "{found}"
    );
}

#[test]
fn files_of_a_table_have_the_same_columns() {
    let files = folder(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "x,z\n1,2\n")]);
    let found = shown(&source(files.path(), "*.csv"));
    assert!(
        found.contains("b.csv") && found.contains("there is a column `z`"),
        "{found}"
    );
    let files = folder(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "x\n1\n")]);
    let found = shown(&source(files.path(), "*.csv"));
    assert!(found.contains("there is no column `y`"), "{found}");
    let files = folder(&[("a.csv", "x\n1\n"), ("b.jsonl", "{\"x\": 1}\n")]);
    let found = shown(&source(files.path(), "."));
    assert!(found.contains("are of different formats"), "{found}");
    let files = folder(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "y,x\n3,4\n5\n")]);
    let found = shown(&source(files.path(), "*.csv"));
    assert!(found.contains("`b.csv`: line 3 has 1 fields"), "{found}");
}

#[test]
fn columns_are_matched_by_name() {
    let files = folder(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "y,x\n3,4\n")]);
    assert_eq!(shown(&source(files.path(), "*.csv")), "x|y/1|2/4|3");
}

#[test]
fn the_files_say_how_many_rows_they_have() {
    let files = folder(&[("d=1/a.csv", "x\n1\n2\n"), ("d=2/a.csv", "x\n3\n")]);
    let table = Table::open(&source(files.path(), ".")).expect("opens");
    let rows = table
        .reader
        .scan(&[vec!["x".to_owned(), "d".to_owned()]], &|_, batch| {
            assert_eq!(batch.columns.len(), 2);
            Ok(true)
        })
        .expect("reads");
    assert_eq!(rows, 3);
}

#[test]
fn the_digest_of_many_files_is_that_of_their_list() {
    let files = folder(&[("a.csv", "x\n1\n"), ("sub/b.csv", "x\n2\n")]);
    let of = |text: &str| Sha256::of(text.as_bytes());
    let one = source(files.path(), "a.csv").digest().expect("digest");
    assert_eq!(one, (of("x\n1\n"), 4));
    let list = format!("a.csv\0{}\nsub/b.csv\0{}\n", of("x\n1\n"), of("x\n2\n"));
    let all = source(files.path(), ".").digest().expect("digest");
    assert_eq!(all, (of(&list), 8));
    assert_eq!(
        source(files.path(), "**/*.csv").digest().expect("digest"),
        all
    );
    assert_eq!(source(files.path(), ".").files().expect("files").len(), 2);
}

#[test]
fn types_of_a_contract_stay_with_the_source() {
    let types = vec![("x".to_owned(), LogicalType::Integer)];
    let named = TableSource::named(
        Path::new("/data"),
        "s3://b/a.csv",
        types,
        Reading::default(),
    );
    assert_eq!(named.path, Path::new("s3://b/a.csv"));
    assert_eq!(named.types.len(), 1);
    let named = source(Path::new("/data"), "a.csv");
    assert_eq!(named.path, Path::new("/data/a.csv"));
}
