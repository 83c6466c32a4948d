//! Vectors are the same however they are stored, cut into row groups and spread over files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use polars::prelude::*;

use super::*;
use crate::engines::{self, Options, PartitionCache, Request};
use crate::evidence::Reason;
use crate::io::secret::Secret;
use crate::measure::{DIMENSION_MAX, SAMPLE_MAX, Vectors};

/// More rows than a sample has.
const ROWS: u32 = 3_000;

fn number(row: u32, place: u32) -> f32 {
    // Halves and thirds: sums of these round.
    ((row * 7 + place * 13) % 101) as f32 / 3.0 - 11.5
}

/// A vector; null in every fiftieth row.
fn vector(row: u32) -> Option<Vec<f32>> {
    (row % 50 != 49).then(|| (0..4).map(|place| number(row, place)).collect())
}

fn parquet(path: &Path, rows: impl Iterator<Item = u32>, group_rows: usize) {
    let lists: ListChunked = rows
        .map(|row| vector(row).map(|numbers| Series::new(PlSmallStr::EMPTY, numbers)))
        .collect();
    let mut frame =
        DataFrame::new_infer_height(vec![lists.into_series().with_name("v".into()).into()])
            .expect("a frame");
    ParquetWriter::new(fs::File::create(path).expect("created"))
        .with_row_group_size(Some(group_rows))
        .finish(&mut frame)
        .expect("written");
}

fn source(path: &Path) -> TableSource {
    TableSource {
        path: path.to_owned(),
        locator: "t".to_owned(),
        ..TableSource::default()
    }
}

fn measured(source: &TableSource, columns: &[&str]) -> Measured {
    let measures = [Measure::Vectors(
        columns.iter().map(|one| (*one).to_owned()).collect(),
    )];
    let found = engines::measure(request(source, &measures, &BTreeMap::new())).expect("reads");
    found.measured.into_iter().next().expect("one answer")
}

fn request<'a>(
    source: &'a TableSource,
    measures: &'a [Measure],
    others: &'a BTreeMap<String, TableSource>,
) -> Request<'a> {
    Request {
        source,
        measures,
        others,
        options: Options::default(),
    }
}

fn vectors(measured: Measured) -> Vectors {
    match measured {
        Measured::Vectors(vectors) => *vectors,
        other => panic!("{other:?}"),
    }
}

#[test]
fn row_groups_and_formats_change_nothing() {
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| directory.path().join(name);
    parquet(&path("a.parquet"), 0..ROWS, 5_000);
    let whole = vectors(measured(&source(&path("a.parquet")), &["v"]));
    assert_eq!(
        (whole.row_count, whole.null_count, whole.broken_count),
        (3_000, 60, 0)
    );
    assert_eq!(whole.sample.len(), SAMPLE_MAX * 4);
    let first: f64 = (0..ROWS)
        .filter_map(vector)
        .map(|vector| f64::from(vector[0]))
        .sum();
    assert!((whole.mean[0] - first / 2_940.0).abs() < 1e-9);

    parquet(&path("b.parquet"), 0..ROWS, 64);
    assert_eq!(
        vectors(measured(&source(&path("b.parquet")), &["v"])),
        whole
    );

    let (mut lines, mut csv) = (String::new(), "a,b1,b2,b3\n".to_owned());
    for row in 0..ROWS {
        let numbers = vector(row).map(|numbers| {
            numbers
                .iter()
                .map(|one| f64::from(*one).to_string())
                .collect::<Vec<_>>()
        });
        lines += &match &numbers {
            Some(numbers) => format!("{{\"v\": [{}]}}\n", numbers.join(", ")),
            None => "{\"v\": null}\n".to_owned(),
        };
        csv += &numbers.map_or_else(|| ",,,".to_owned(), |numbers| numbers.join(","));
        csv += "\n";
    }
    fs::write(path("c.jsonl"), lines).expect("written");
    fs::write(path("d.csv"), csv).expect("written");
    assert_eq!(vectors(measured(&source(&path("c.jsonl")), &["v"])), whole);
    let columns = ["a", "b1", "b2", "b3"];
    assert_eq!(vectors(measured(&source(&path("d.csv")), &columns)), whole);
}

#[test]
fn what_is_kept_of_files_is_what_reading_them_finds() {
    let directory = tempfile::TempDir::new().expect("a folder");
    let table = directory.path().join("table");
    fs::create_dir(&table).expect("made");
    let cache = PartitionCache::new(
        directory.path().join("cache"),
        Secret::of_text("a key of sixteen bytes or more"),
    );
    let measures = [Measure::Vectors(vec!["v".to_owned()])];
    let others = BTreeMap::new();
    let incrementally = || {
        let source = source(&table);
        let request = request(&source, &measures, &others);
        let whole = engines::measure(request).expect("reads");
        let (_, files) = source.digests().expect("reads");
        let found = engines::measure_incrementally(request, &cache, &files).expect("reads");
        assert_eq!(found.measured, whole.measured);
        found.partitions.expect("files").reused
    };
    for (file, rows) in [("b", 0..1_500), ("c", 1_500..2_000)] {
        parquet(&table.join(format!("{file}.parquet")), rows, 400);
    }
    assert_eq!(incrementally(), 0);
    assert_eq!(incrementally(), 2);
    // Before the others: their rows have other numbers in the table now.
    parquet(&table.join("a.parquet"), 0..700, 400);
    assert_eq!(incrementally(), 2);
    assert_eq!(incrementally(), 3);
    // The same rows twice are sampled each for itself.
    let found = vectors(measured(&source(&table), &["v"]));
    assert_eq!(
        (found.row_count, found.sample.len()),
        (2_700, SAMPLE_MAX * 4)
    );
}

#[test]
fn what_is_no_vector_is_told() {
    let directory = tempfile::TempDir::new().expect("a folder");
    let said = |text: &str, columns: &[&str]| {
        let path = directory.path().join("t.jsonl");
        fs::write(&path, text).expect("written");
        measured(&source(&path), columns)
    };
    let long = format!("{{\"v\": [{}]}}\n", vec!["1"; DIMENSION_MAX + 1].join(","));
    for (text, columns, reason, why) in [
        (
            "{\"v\": [\"a\"]}\n",
            &["v"][..],
            Reason::Undefined,
            "neither a list of numbers",
        ),
        (
            "{\"v\": \"a b\"}\n",
            &["v"],
            Reason::Undefined,
            "neither a list of numbers",
        ),
        (
            "{\"v\": true}\n",
            &["v"],
            Reason::Undefined,
            "holds booleans, not numbers",
        ),
        (
            "{\"a\": 1, \"v\": \"x\"}\n",
            &["a", "v"],
            Reason::Undefined,
            "`v` holds a text that is no number",
        ),
        (
            "{\"a\": 1}\n",
            &["a", "v"],
            Reason::Undefined,
            "the column `v` is missing",
        ),
        (&long, &["v"], Reason::Unsupported, "more than 8192 numbers"),
    ] {
        match said(text, columns) {
            Measured::Failed(found, message) => {
                assert_eq!(found, reason, "{message}");
                assert!(message.contains(why), "{message}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let found = vectors(said(
        "{\"v\": [1, null]}\n{\"v\": null}\n{\"v\": [1, 2, 3]}\n{\"v\": []}\n",
        &["v"],
    ));
    assert_eq!(
        (found.row_count, found.null_count, found.broken_count),
        (4, 1, 1)
    );
    let lengths = found.lengths.expect("vectors");
    assert_eq!((lengths.shortest, lengths.longest), ((0, 3), (3, 2)));
    let found = vectors(said(
        "{\"a\": 1, \"b\": null}\n{\"a\": null, \"b\": null}\n",
        &["a", "b"],
    ));
    assert_eq!((found.null_count, found.broken_count), (1, 1));
}
