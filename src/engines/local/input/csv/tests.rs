//! CSV against what RFC 4180 says and, where it says nothing, what DuckDB 2.0.0 and polars 2.1.0 (Python)
//! agree on for the same bytes.

use std::io::Write as _;

use polars::prelude::*;

use super::*;
use crate::measure::{Ascii, CsvOptions};

fn ascii(text: &str) -> Option<Ascii> {
    Some(Ascii::try_from(text.to_owned()).expect("one character"))
}

fn open(bytes: &[u8], options: &CsvOptions) -> PolarsResult<(tempfile::NamedTempFile, CsvSource)> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let bytes = ByteSource::new(file.path())?.text(options.encoding.as_deref())?;
    CsvSource::open(bytes, options).map(|source| (file, source))
}

type Rows = Vec<Vec<Option<String>>>;

fn read(bytes: &[u8], options: &CsvOptions) -> PolarsResult<(Vec<String>, Rows)> {
    let (_file, source) = open(bytes, options)?;
    let names = source.header.names.clone();
    let mut rows = Rows::new();
    source.scan_in_order(&names, &mut |batch| {
        assert_eq!(batch.first_row, rows.len() as u64);
        for row in 0..batch.row_count {
            let cells = batch.columns.iter().map(|column| {
                let texts = column.str().expect("texts");
                texts.get(row).map(str::to_owned)
            });
            rows.push(cells.collect());
        }
        Ok(true)
    })?;
    Ok((names, rows))
}

/// Rows as text: cells with `|` between them, null as `∅`.
fn shown(bytes: &[u8], options: &CsvOptions) -> String {
    let (names, rows) = match read(bytes, options) {
        Ok(read) => read,
        Err(error) => return format!("error: {error}"),
    };
    let rows = rows.iter().map(|row| {
        let cells: Vec<&str> = row
            .iter()
            .map(|cell| cell.as_deref().unwrap_or("∅"))
            .collect();
        cells.join("|")
    });
    let lines: Vec<String> = std::iter::once(names.join("|")).chain(rows).collect();
    lines.join("/")
}

#[test]
fn fields_are_what_the_standard_says() {
    let options = CsvOptions::default();
    for (text, expected) in [
        ("x,y\n1,2\n3,4\n", "x|y/1|2/3|4"),
        ("x,y\r\n1,2\r\n3,4", "x|y/1|2/3|4"),
        ("x,y\n1,\"\"\n,\n", "x|y/1|/∅|∅"),
        ("x,y\n\"a,b\",\"c\"\"d\"\n", "x|y/a,b|c\"d"),
        ("x,y\n\"a\nb\",\"c\r\nd\"\r\n1,2\n", "x|y/a\nb|c\r\nd/1|2"),
        // A quote that does not open the field is a character.
        ("x,y\n1,a \"q\" b\n2,5\"\n", "x|y/1|a \"q\" b/2|5\""),
        ("x,y\n1, \"a\"\n", "x|y/1| \"a\""),
        // An empty line is no row, but with one column it is an empty field.
        ("\n\nx,y\n\n1,2\n\r\n3,4\n\n", "x|y/1|2/3|4"),
        ("x\n1\n\n3\n\n", "x/1/∅/3/∅"),
        ("x\n\"\"\n", "x/"),
        ("x,y\n\"\",\"\"\r\n", "x|y/|"),
        (",y\n1,2\n", "|y/1|2"),
        ("\"x y\",\"a\"\"b\"\n1,2\n", "x y|a\"b/1|2"),
        ("x,y\n", "x|y"),
        ("x,y", "x|y"),
        ("x,y\nä,日本\n", "x|y/ä|日本"),
        ("x,y\n1,\0\n", "x|y/1|\0"),
    ] {
        assert_eq!(shown(text.as_bytes(), &options), expected, "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let options = CsvOptions::default();
    for (text, expected) in [
        ("x,y\n1,2\n1\n", "line 3 has 1 fields, required 2"),
        (
            "x,y\n\"a\n\",2\n1,2,3\n",
            "line 4 has more than the 2 fields",
        ),
        (
            "x,y\n\"a,2\n1,2\n",
            "the quote opened in line 2 is never closed",
        ),
        (
            "x,y\n1,2\n\"a\"b,2\n",
            "in line 3 something follows a closing quote",
        ),
        (
            "x,y\n1,2\n\"a\"b",
            "in line 3 something follows a closing quote",
        ),
        (
            "x,y,x\n",
            "columns 1 and 3 of the first line have the same name `x`",
        ),
        ("\n\n", "the file is empty"),
        ("x\0,y\n", "NUL bytes"),
    ] {
        let found = shown(text.as_bytes(), &options);
        assert!(
            found.starts_with("error: ") && found.contains(expected),
            "{text:?}: {found}"
        );
    }
    let found = shown(b"x,y\n1,2\n3,a\xff\n", &options);
    assert!(
        found.contains("line 3 is not UTF-8 text (byte 4 of the line)"),
        "{found}"
    );
    let found = shown(b"x,\xe4\n1,2\n", &options);
    assert!(
        found.contains("line 1 is not UTF-8 text (byte 3"),
        "{found}"
    );
}

#[test]
fn dialects_are_found_or_told() {
    let default = CsvOptions::default();
    for (text, expected) in [
        ("x;y\n1,5;2\n", "x|y/1,5|2"),
        ("x\ty\n1\t2\n", "x|y/1|2"),
        ("x|y\n1|2\n", "x|y/1|2"),
        ("\"a,b,c\";y\n1;2\n", "a,b,c|y/1|2"),
        ("x\n1\n", "x/1"),
    ] {
        assert_eq!(shown(text.as_bytes(), &default), expected, "{text:?}");
    }
    let options = CsvOptions {
        delimiter: ascii(":"),
        quote: ascii("'"),
        escape: ascii("\\"),
        comment: ascii("#"),
        null_values: vec!["NA".to_owned()],
        ..CsvOptions::default()
    };
    assert_eq!(
        shown(
            b"# made by hand\nx:y\n#no:row:this\n'a\\'b\\\\':'it''s'\nNA:'NA'\n#end",
            &options
        ),
        "x|y/a'b\\|it's/∅|NA"
    );
    let bare = CsvOptions {
        quote: None,
        header: false,
        delimiter: ascii(","),
        ..CsvOptions::default()
    };
    assert_eq!(
        shown(b"\"a,b\n\"c\",d\n", &bare),
        "column_1|column_2/\"a|b/\"c\"|d"
    );
}

#[test]
fn encodings_are_read_as_text() {
    let utf16 = |big: bool| -> Vec<u8> {
        let units = "\u{feff}x,y\nä,😀\n".encode_utf16();
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        units.flat_map(bytes).collect()
    };
    let default = CsvOptions::default();
    assert_eq!(
        shown("\u{feff}x,y\nä,😀\n".as_bytes(), &default),
        "x|y/ä|😀"
    );
    assert_eq!(shown(&utf16(false), &default), "x|y/ä|😀");
    assert_eq!(shown(&utf16(true), &default), "x|y/ä|😀");
    let of = |label: &str| CsvOptions {
        encoding: Some(label.to_owned()),
        ..CsvOptions::default()
    };
    assert_eq!(shown(&utf16(false)[2..], &of("utf-16le")), "x|y/ä|😀");
    assert_eq!(shown(b"x,y\n\xe4,\x80\n", &of("windows-1252")), "x|y/ä|€");
    assert_eq!(shown(b"x,y\n\xe4,b\n", &of("latin1")), "x|y/ä|b");
    assert!(shown(b"x\n", &of("klingon")).contains("`klingon` is no encoding"));
    let half = &utf16(false)[..13];
    assert!(shown(half, &default).contains("it is not UTF-16LE text"));
}

#[test]
fn packed_files_are_unpacked() {
    let text = b"x,y\n1,2\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).expect("packed");
    let gzip = gzip.finish().expect("packed");
    let zstd = zstd::encode_all(&text[..], 1).expect("packed");
    let default = CsvOptions::default();
    assert_eq!(shown(&gzip, &default), "x|y/1|2");
    assert_eq!(
        shown(&[gzip.as_slice(), &gzip].concat(), &default),
        "x|y/1|2/x|y/1|2"
    );
    assert_eq!(shown(&zstd, &default), "x|y/1|2");
    let cut = shown(&gzip[..gzip.len() - 6], &default);
    assert!(cut.starts_with("error: "), "{cut}");
}

/// Every place at which a block or a piece may end, with quotes, doubled quotes and CR LF on it.
#[test]
fn pieces_of_any_size_give_the_same_records() {
    let row = "\"a\"\"b\nc\",plain,\"\"\r\n,\"x,y\",z\n";
    for padding in 0..130 {
        let text = format!("p,q,r\n{},1,2\n{row}{row}", "x".repeat(padding));
        let options = CsvOptions::default();
        let (_, rows) = read(text.as_bytes(), &options).expect("reads");
        assert_eq!(rows.len(), 5, "{padding}");
        let cells: Vec<_> = rows[3].iter().map(Option::as_deref).collect();
        assert_eq!(
            cells,
            [Some("a\"b\nc"), Some("plain"), Some("")],
            "{padding}"
        );
        let cells: Vec<_> = rows[4].iter().map(Option::as_deref).collect();
        assert_eq!(cells, [None, Some("x,y"), Some("z")], "{padding}");
    }
}

/// Several pieces, read by all threads: every row once, under its own index.
#[test]
fn a_scan_hands_out_every_row_once_and_says_which_it_is() {
    let mut text = String::from("index,note,extra\n");
    for index in 0..200_000_u32 {
        let note = if index % 7 == 0 {
            "\"line\none\""
        } else {
            "plain"
        };
        text.push_str(&format!(
            "{index},{note},{}\n",
            "x".repeat(index as usize % 40)
        ));
    }
    let (_file, source) = open(text.as_bytes(), &CsvOptions::default()).expect("opens");
    let seen = Mutex::new((vec![false; 200_000], 0_u64));
    let parts = [vec!["index".to_owned()], vec![], vec!["note".to_owned()]];
    let count = source
        .scan(&parts, &|part, batch| {
            let mut seen = seen.lock().expect("lock");
            match part {
                0 => {
                    for (offset, value) in batch.columns[0].str()?.iter().enumerate() {
                        let index: usize = value.expect("present").parse().expect("number");
                        assert_eq!(index as u64, batch.first_row + offset as u64);
                        assert!(!std::mem::replace(&mut seen.0[index], true));
                    }
                }
                1 => {
                    assert!(batch.columns.is_empty());
                    seen.1 += batch.row_count as u64;
                }
                _ => assert_eq!(batch.columns[0].len(), batch.row_count),
            }
            Ok(true)
        })
        .expect("reads");
    let (rows, counted) = seen.into_inner().expect("lock");
    assert_eq!((count, counted), (200_000, 200_000));
    assert!(rows.iter().all(|seen| *seen));
}

#[test]
fn a_scan_that_has_seen_enough_ends() {
    let text = format!("x\n{}", "1234567\n".repeat(2_000_000));
    let (_file, source) = open(text.as_bytes(), &CsvOptions::default()).expect("opens");
    let count = source
        .scan(&[vec!["x".to_owned()]], &|_, _| Ok(false))
        .expect("reads");
    assert!(0 < count && count < 2_000_000, "{count}");
}

#[test]
fn hostile_files_meet_a_limit() {
    let default = CsvOptions::default();
    let wide = ",".repeat(1_000_000);
    let found = shown(wide.as_bytes(), &default);
    assert!(found.contains("more than 100000 fields"), "{found}");
    let found = shown(format!("x,y\n1,2\n{wide}\n").as_bytes(), &default);
    assert!(
        found.contains("line 3 has more than the 2 fields"),
        "{found}"
    );
    let endless = format!("x,y\n1,\"{}", "a".repeat(66 << 20));
    let found = shown(endless.as_bytes(), &default);
    assert!(
        found.contains("the record in line 2 is longer than 67108864 bytes"),
        "{found}"
    );
}
