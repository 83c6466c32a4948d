//! Columns read page by page hold what was written: every type that is read so, plain and by dictionary, with
//! and without nulls, from any row on, whatever the size of the pages.

use polars::prelude::*;
use polars_buffer::Buffer;

use super::super::half;
use super::super::parquet::ParquetSource;
use super::super::parquet_pages;

const ROWS: usize = 3_000;

/// Columns of few values, which the writer puts into dictionaries, and of many.
fn columns() -> Vec<Column> {
    let rows = 0..ROWS as i64;
    let whole: Vec<i64> = rows
        .clone()
        .map(|row| row.wrapping_mul(0x9E37_79B9))
        .collect();
    let few: Vec<Option<i64>> = rows
        .clone()
        .map(|row| (row % 7 != 0).then_some(row % 5))
        .collect();
    let late: Vec<Option<f64>> = rows
        .clone()
        .map(|row| (900 <= row).then_some(row as f64 / 3.0))
        .collect();
    let text = |row: i64| match row % 4 {
        0 => format!("{row}"),
        1 => format!("a longer text, of which {row} are told apart"),
        2 => format!("straße № {row}"),
        _ => String::new(),
    };
    let texts: Vec<String> = rows.clone().map(text).collect();
    let some_texts: Vec<Option<String>> = rows
        .clone()
        .map(|row| (row % 3 != 0).then(|| text(row % 40)))
        .collect();
    let long: Vec<String> = rows
        .clone()
        .map(|row| "é".repeat(row as usize % 90))
        .collect();
    let none: Vec<Option<i64>> = vec![None; ROWS];
    let whole = Series::new("whole".into(), whole);
    let cast = |name: &str, series: &Series, dtype: &DataType| {
        let series = series.cast(dtype).expect("casts");
        series.with_name(name.into()).into()
    };
    let few = Series::new("few".into(), few);
    let late = Series::new("late".into(), late);
    let microseconds = DataType::Datetime(TimeUnit::Microseconds, None);
    let milliseconds = DataType::Datetime(TimeUnit::Milliseconds, None);
    vec![
        cast("narrow", &few, &DataType::Int32),
        cast("date", &few, &DataType::Date),
        cast("at", &whole, &microseconds),
        cast("at ms", &few, &milliseconds),
        cast("single", &late, &DataType::Float32),
        whole.into(),
        few.into(),
        late.into(),
        Series::new("texts".into(), texts).into(),
        Series::new("some texts".into(), some_texts).into(),
        Series::new("long".into(), long).into(),
        Series::new("none".into(), none).into(),
    ]
}

fn written(
    page_bytes: usize,
    compression: ParquetCompression,
) -> (tempfile::NamedTempFile, DataFrame) {
    let mut frame = DataFrame::new_infer_height(columns()).expect("a frame");
    let file = tempfile::NamedTempFile::new().expect("a file");
    ParquetWriter::new(file.reopen().expect("opens"))
        .with_data_page_size(Some(page_bytes))
        .with_compression(compression)
        .finish(&mut frame)
        .expect("written");
    (file, frame)
}

/// The rest of a column from a row on, read in steps of so many rows.
fn read(source: &ParquetSource, column: &str, first_row: usize, step: usize) -> Series {
    let field = source.field(column).expect("a field");
    let group = source.metadata.row_groups.first().expect("a row group");
    let chunk = group
        .columns_under_root_iter(column)
        .expect("a column")
        .next()
        .expect("a chunk");
    let bytes = source.bytes(chunk.byte_range(), Vec::new()).expect("reads");
    let opened = parquet_pages::open(field, chunk, &Buffer::from(bytes), first_row);
    let mut pages = opened
        .expect("opens")
        .unwrap_or_else(|| panic!("{column} is left to the engine"));
    let mut found: Option<Series> = None;
    for start in (first_row..ROWS).step_by(step) {
        let array = pages.next(step.min(ROWS - start)).expect("decodes");
        let series = half::series(field, vec![array]).expect("a series");
        match &mut found {
            Some(found) => {
                found.append(&series).expect("of one type");
            }
            None => found = Some(series),
        }
    }
    assert!(pages.next(1).is_err(), "{column} has no more rows");
    found.expect("has rows")
}

#[test]
fn columns_read_page_by_page_hold_what_was_written() {
    for compression in [ParquetCompression::Uncompressed, ParquetCompression::Snappy] {
        for page_bytes in [500, 1 << 20] {
            let (file, frame) = written(page_bytes, compression);
            let source = ParquetSource::open(file.reopen().expect("opens")).expect("reads");
            for column in frame.columns() {
                let wanted = column.as_materialized_series();
                for (first_row, step) in [(0, 1), (0, 1_000), (0, ROWS), (1, 700), (1_234, 333)] {
                    let found = read(&source, wanted.name(), first_row, step);
                    let wanted = wanted.slice(first_row as i64, ROWS - first_row);
                    assert!(found.equals_missing(&wanted), "{found} {wanted}");
                    assert_eq!(found.dtype(), wanted.dtype());
                }
            }
        }
    }
}
