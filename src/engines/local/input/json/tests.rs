//! JSON Lines: what becomes of kinds of value, and what is refused.

use std::io::Write as _;

use polars::prelude::*;

use super::*;
use crate::measure::LogicalType;

fn open(text: &str) -> PolarsResult<(tempfile::NamedTempFile, JsonSource)> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    let bytes = ByteSource::new(file.path())?.text(None)?;
    JsonSource::open(bytes).map(|source| (file, source))
}

fn column(source: &JsonSource, name: &str) -> Series {
    let mut found = Vec::new();
    source
        .scan_in_order(&[name.to_owned()], &mut |batch| {
            found.extend(batch.columns);
            Ok(true)
        })
        .expect("reads");
    found.remove(0)
}

fn types(source: &JsonSource) -> Vec<(&str, Option<LogicalType>)> {
    let columns = source.facts.columns.iter();
    columns
        .map(|column| (column.name.as_str(), column.logical_type))
        .collect()
}

#[test]
fn columns_are_what_all_lines_say() {
    let (_file, source) = open(concat!(
        "{\"b\": true, \"i\": 1, \"f\": 1, \"t\": \"x\\u00e4\", \"n\": null}\n",
        "\n",
        "{\"f\": 2.5, \"o\": {\"z\": 1, \"a\": [1]}, \"l\": [1, \"2\"]}\r\n",
        "{\"late\": 7, \"i\": -3}",
    ))
    .expect("opens");
    assert_eq!(source.facts.row_count, 3);
    assert_eq!(
        types(&source),
        [
            ("b", Some(LogicalType::Boolean)),
            ("i", Some(LogicalType::Integer)),
            ("f", Some(LogicalType::Number)),
            ("t", Some(LogicalType::String)),
            ("n", None),
            ("o", Some(LogicalType::Object)),
            ("l", Some(LogicalType::Array)),
            ("late", Some(LogicalType::Integer)),
        ]
    );
    let name = || PlSmallStr::EMPTY;
    let equal = |column_name: &str, expected: Series| {
        let found = column(&source, column_name).with_name(name());
        assert!(found.equals_missing(&expected), "{found} {expected}");
    };
    equal("i", Series::new(name(), [Some(1_i64), None, Some(-3)]));
    equal("f", Series::new(name(), [Some(1.0), Some(2.5), None]));
    equal("t", Series::new(name(), [Some("xä"), None, None]));
    equal("b", Series::new(name(), [Some(true), None, None]));
    equal(
        "o",
        Series::new(name(), [None, Some("{\"a\":[1],\"z\":1}"), None]),
    );
    equal("n", Series::new(name(), [None::<&str>, None, None]));
}

/// A later value of another kind is neither null nor an error: it is there as it was written.
#[test]
fn a_late_value_of_another_kind_is_kept() {
    let mut text = "{\"id\": 1}\n".repeat(500_000);
    text.push_str("{\"id\": \"x\"}\n{\"id\": true}\n{\"id\": 1.5}\n{\"id\": {}}\n");
    let (_file, source) = open(&text).expect("opens");
    assert_eq!(
        source.facts.columns[0].physical_type,
        "values of several kinds"
    );
    let mut last = Vec::new();
    source
        .scan_in_order(&["id".to_owned()], &mut |batch| {
            let texts = batch.columns[0].str()?;
            assert_eq!(texts.null_count(), 0);
            last = texts.iter().map(|text| text.map(str::to_owned)).collect();
            Ok(true)
        })
        .expect("reads");
    let last: Vec<&str> = last
        .iter()
        .rev()
        .take(5)
        .rev()
        .flatten()
        .map(String::as_str)
        .collect();
    assert_eq!(last, ["1", "x", "true", "1.5", "{}"]);
}

#[test]
fn numbers_beyond_64_bits_keep_their_digits() {
    let (_file, source) = open("{\"id\": 18446744073709551615}\n{\"id\": 1}\n").expect("opens");
    let found = column(&source, "id");
    assert_eq!(
        found.str().expect("texts").get(0),
        Some("18446744073709551615")
    );
}

#[test]
fn bad_lines_are_named() {
    for (text, expected) in [
        (
            "{\"a\": 1}\n\n{oops\n",
            "line 3 is not a JSON object: key must be a string at byte 2",
        ),
        (
            "[1]\n",
            "line 1 is not a JSON object: invalid type: sequence, expected an object",
        ),
        (
            "{\"a\": 1} {\"a\": 2}\n",
            "line 1 is not a JSON object: trailing characters",
        ),
        ("{\"a\": 1, \"a\": 2}\n", "the key `a` stands twice"),
        ("{\"a\": NaN}\n", "line 1 is not a JSON object"),
    ] {
        let error = open(text).map(|_| ()).expect_err("an error").to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
    let deep = format!("{{\"a\": {}1{}}}\n", "[".repeat(5000), "]".repeat(5000));
    let error = open(&deep).map(|_| ()).expect_err("an error").to_string();
    assert!(error.contains("recursion limit"), "{error}");
}

#[test]
fn rows_of_many_pieces_are_all_handed_out_once() {
    let mut text = String::new();
    for index in 0..300_000 {
        text.push_str(&format!("{{\"index\": {index}}}\n"));
    }
    let (_file, source) = open(&text).expect("opens");
    let sum = Mutex::new(0_i64);
    let count = source
        .scan(&[vec!["index".to_owned()]], &|_, batch| {
            let values = batch.columns[0].i64()?;
            assert_eq!(values.get(0), i64::try_from(batch.first_row).ok());
            *sum.lock().expect("lock") += values.sum().unwrap_or_default();
            Ok(true)
        })
        .expect("reads");
    assert_eq!(count, 300_000);
    assert_eq!(sum.into_inner().expect("lock"), 299_999 * 300_000 / 2);
}
