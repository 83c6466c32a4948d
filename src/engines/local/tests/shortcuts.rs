//! What a Parquet file answers by its footer and dictionaries is what a scan finds.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::*;
use crate::engines::{Measurement, Options, Request};
use crate::measure::{LogicalType, Statistic};

fn table(name: &str, frame: &mut DataFrame) -> (tempfile::TempDir, TableSource) {
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = directory.path().join(name);
    let file = std::fs::File::create(&path).expect("created");
    ParquetWriter::new(file)
        .with_row_group_size(Some(100))
        .finish(frame)
        .expect("written");
    let source = TableSource {
        path,
        locator: name.to_owned(),
        types: Vec::new(),
        ..TableSource::default()
    };
    (directory, source)
}

fn measure_with(source: &TableSource, measures: &[Measure], trust_statistics: bool) -> Measurement {
    crate::engines::measure(Request {
        source,
        measures,
        others: &BTreeMap::new(),
        options: Options {
            trust_statistics,
            ..Options::default()
        },
    })
    .expect("reads")
}

/// 500 rows in five row groups, with nulls, a group that is all null, texts of a small dictionary and
/// floats with a NaN.
fn frame() -> DataFrame {
    let rows = 500_i64;
    let whole: Vec<Option<i64>> = (0..rows)
        .map(|row| (row % 7 != 0).then_some(row % 90))
        .collect();
    let late: Vec<Option<i64>> = (0..rows).map(|row| (200 <= row).then_some(row)).collect();
    let floats: Vec<f64> = (0..rows)
        .map(|row| {
            if row == 250 {
                f64::NAN
            } else {
                row as f64 / 10.0
            }
        })
        .collect();
    let texts: Vec<Option<&str>> = (0..rows)
        .map(|row| [Some("red"), Some("green"), None, Some("blue")][row as usize % 4])
        .collect();
    let instants = Series::new("at".into(), (0..rows).collect::<Vec<_>>())
        .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
        .expect("casts");
    DataFrame::new_infer_height(vec![
        Series::new("whole".into(), whole).into(),
        Series::new("late".into(), late).into(),
        Series::new("float".into(), floats).into(),
        Series::new("text".into(), texts).into(),
        instants.into(),
    ])
    .expect("a frame")
}

fn measures() -> Vec<Measure> {
    let between = |column: &str, low: f64, high: f64| {
        let end = |comparison, bound| {
            Condition::Compare(Value::column(column), comparison, Value::number(bound))
        };
        let within = Condition::All(vec![
            end(Comparison::GreaterOrEqual, low),
            end(Comparison::LessOrEqual, high),
        ]);
        Measure::Failing(rule(column, within.negated()))
    };
    let pattern = |expression: &str| {
        let matches = Condition::Matches(Value::column("text"), Pattern::search(expression));
        Measure::Failing(rule("text", matches.negated()))
    };
    vec![
        Measure::NullCount("whole".into()),
        Measure::NullCount("late".into()),
        Measure::NullCount("text".into()),
        Measure::Newest("at".into()),
        Measure::Extremes(Value::column("whole")),
        Measure::Extremes(Value::column("float")),
        between("whole", 0.0, 89.0),
        between("whole", 0.0, 88.0),
        between("late", 200.0, 499.0),
        // NaN is in no range, whatever the footer says of the others.
        between("float", 0.0, 50.0),
        Measure::Failing(not_in("text", &["red", "green", "blue"])),
        Measure::Failing(not_in("text", &["red", "green"])),
        pattern("e"),
        pattern("^(red|green|blue)$"),
        Measure::Failing(not_of_type("whole", LogicalType::Integer)),
    ]
}

#[test]
fn a_file_answers_what_a_scan_finds() {
    let (_folder, source) = table("t.parquet", &mut frame());
    let measures = measures();
    let trusting = measure_with(&source, &measures, true);
    let scanned = measure_with(&source, &measures, false);
    assert!(scanned.answered_by_statistics.concat().is_empty());
    for ((measure, trusting), scanned) in measures
        .iter()
        .zip(&trusting.measured)
        .zip(&scanned.measured)
    {
        assert_eq!(trusting, scanned, "{measure:?}");
    }
    assert_eq!(trusting.facts.row_count, 500);
    for column in ["whole", "late", "text", "at"] {
        assert!(
            trusting
                .answered_by_statistics
                .concat()
                .contains(&column.to_owned()),
            "{column} was scanned"
        );
    }
    let Measured::Failing(nan) = &trusting.measured[9] else {
        panic!("{trusting:?}")
    };
    assert_eq!((nan.count, nan.examples[0].row_number), (1, 251));
}

#[test]
fn nested_columns_have_texts_and_keys() {
    let list: ListChunked = [Some(vec![1_i64, 2]), None, Some(vec![1, 2]), Some(vec![])]
        .into_iter()
        .map(|item| item.map(|values| Series::new("".into(), values)))
        .collect();
    let mut frame =
        DataFrame::new_infer_height(vec![list.into_series().with_name("l".into()).into()])
            .expect("a frame");
    let (_folder, source) = table("n.parquet", &mut frame);
    let found = measure_with(
        &source,
        &[
            Measure::NullCount("l".into()),
            key(&["l"], NullKeys::SkipAny),
            Measure::Frequencies {
                values: vec![Value::column("l")],
                combinations_max: 10,
            },
        ],
        true,
    );
    assert_eq!(found.measured[0], Measured::Count(1));
    let Measured::Groups(groups) = &found.measured[1] else {
        panic!("{found:?}")
    };
    assert_eq!((groups.rows, groups.distinct, groups.surplus()), (3, 2, 1));
    let Measured::Frequencies(frequencies) = &found.measured[2] else {
        panic!("{found:?}")
    };
    assert_eq!(frequencies[0], (vec![Some("[1,2]".to_owned())], 2));
}

#[test]
fn each_measure_says_which_columns_statistics_answered() {
    let (_directory, source) = table("one.parquet", &mut frame());
    let smallest = Value::Statistic(Statistic::Minimum, Box::new(Value::column("whole")));
    let measures = [
        Measure::NullCount("whole".to_owned()),
        Measure::Moments(Value::column("late")),
        // The constant in it comes from the footer, its rows do not.
        Measure::Count(Condition::Compare(
            Value::column("whole"),
            Comparison::Equal,
            smallest,
        )),
        Measure::Elsewhere(
            "other".to_owned(),
            Box::new(Measure::NullCount("late".to_owned())),
        ),
    ];
    let found = crate::engines::measure(Request {
        source: &source,
        measures: &measures,
        others: &BTreeMap::from([("other".to_owned(), source.clone())]),
        options: Options::default(),
    })
    .expect("reads");
    let expected: [&[&str]; 4] = [&["whole"], &[], &["whole"], &["other.late"]];
    assert_eq!(found.answered_by_statistics, expected);
    let decoded = measure_with(&source, &measures[..3], false);
    assert_eq!(
        decoded.answered_by_statistics,
        [const { Vec::<String>::new() }; 3]
    );
    assert_eq!(decoded.measured, found.measured[..3]);
}
