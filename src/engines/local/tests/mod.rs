//! Tests of the local engine over the real fixture, against numbers computed with pandas and numpy by
//! `fixtures/credit/make/reference_values.py` and by hand.

mod batches;
mod decimals;
mod functions;
mod measures;
mod pages;
mod partitions;
mod queries;
mod shortcuts;
mod vectors;

use std::path::{Path, PathBuf};

use super::*;
use crate::engines::{EngineError, measure_alone as measure};
use crate::measure::{
    Comparison, Condition, Distribution, Grouping, Interpolation, LogicalType, Measure, Measured,
    NullKeys, Pattern, RowRule, Scalar, Value,
};
use crate::metrics::Task;

fn fixture(name: &str) -> TableSource {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/credit")
        .join(name);
    TableSource {
        path,
        locator: name.to_owned(),
        types: vec![
            ("age".into(), LogicalType::Integer),
            ("credit_amount".into(), LogicalType::Integer),
            ("recorded_at".into(), LogicalType::Date),
        ],
        ..TableSource::default()
    }
}

/// A file with this content, in a folder that lives as long as the test.
fn written(
    name: &str,
    content: &str,
    types: &[(&str, LogicalType)],
) -> (tempfile::TempDir, TableSource) {
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = directory.path().join(name);
    std::fs::write(&path, content).expect("written");
    let types = types
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), *kind))
        .collect();
    let source = TableSource {
        path,
        locator: name.to_owned(),
        types,
        ..TableSource::default()
    };
    (directory, source)
}

fn measured(source: &TableSource, measure_: Measure) -> Measured {
    let (_, mut measured) = measure(source, &[measure_], 5).expect("readable");
    measured.remove(0)
}

fn mean(column: &str) -> Measure {
    Measure::Moments(Value::column(column))
}

/// The rule on the values of a column that are not null.
fn rule(column: &str, fails: Condition) -> RowRule {
    RowRule {
        fails,
        eligible: Condition::present(column),
        shown: Some(column.to_owned()),
    }
}

fn not_of_type(column: &str, kind: LogicalType) -> RowRule {
    RowRule {
        fails: Condition::ReadsAs(column.to_owned(), kind).negated(),
        eligible: Condition::IsNull(Value::Raw(column.to_owned())).negated(),
        shown: Some(column.to_owned()),
    }
}

fn not_in(column: &str, values: &[&str]) -> RowRule {
    let values = values.iter().map(|text| Scalar::Text((*text).to_owned()));
    let accepted = Condition::In(Value::column(column), values.collect());
    rule(column, accepted.negated())
}

fn unless(column: &str, comparison: Comparison, bound: f64) -> RowRule {
    let holds = Condition::Compare(Value::column(column), comparison, Value::number(bound));
    rule(column, holds.negated())
}

fn key(columns: &[&str], nulls: NullKeys) -> Measure {
    Measure::Groups(Grouping {
        key: columns
            .iter()
            .map(|column| Value::column(*column))
            .collect(),
        nulls,
        shows_first: false,
    })
}

fn failing_rows(source: &TableSource, rule: RowRule) -> (u64, u64, Vec<(u64, Option<String>)>) {
    match measured(source, Measure::Failing(rule)) {
        Measured::Failing(failing) => {
            let examples = failing
                .examples
                .into_iter()
                .map(|example| (example.row_number, example.value));
            (failing.count, failing.eligible, examples.collect())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn parquet_and_csv_of_the_same_rows_measure_the_same() {
    let measures = [
        Measure::NullCount("age".into()),
        mean("age"),
        Measure::Quantile(Value::column("credit_amount"), 0.5, Interpolation::Linear),
        Measure::Newest("recorded_at".into()),
        Measure::Failing(not_in("housing", &["own"])),
        key(&[], NullKeys::Equal),
        key(&["housing"], NullKeys::SkipAny),
        Measure::Distribution("housing".into()),
    ];
    let (facts, parquet) = measure(&fixture("data/current.parquet"), &measures, 3).expect("reads");
    let (_, csv) = measure(&fixture("data/current.csv"), &measures, 3).expect("reads");
    assert_eq!(facts.row_count, 200);
    assert_eq!(parquet, csv);
    // pandas 2.3.3: current["age"].mean(), ["credit_amount"].median(), ["housing"].value_counts().
    let Measured::Moments(moments) = &parquet[1] else {
        panic!("{parquet:?}")
    };
    assert_eq!(moments.mean, 35.895);
    let Measured::Distribution(Distribution::Categorical(found)) = &parquet[7] else {
        panic!("{parquet:?}")
    };
    assert_eq!(found.null_count, 0);
    let counts = &found.counts;
    assert_eq!(
        (counts["own"], counts["rent"], counts["free"]),
        (146, 30, 24)
    );
}

#[test]
fn the_same_measure_asked_twice_is_answered_twice() {
    let measures = [mean("age"), mean("age")];
    let (_, found) = measure(&fixture("data/current.parquet"), &measures, 3).expect("reads");
    assert_eq!(found[0], found[1]);
}

#[test]
fn a_missing_column_fails_its_measures_only() {
    let measures = [mean("gone"), mean("age")];
    let (_, found) = measure(&fixture("data/current.parquet"), &measures, 3).expect("reads");
    assert!(matches!(found[0], Measured::Failed(..)), "{found:?}");
    assert!(matches!(found[1], Measured::Moments(_)), "{found:?}");
}

#[test]
fn what_cannot_be_read_as_its_type_is_counted_with_rows() {
    let (_folder, source) = written(
        "t.csv",
        "n,d,b\n1,2026-01-01,true\nx,2026-02-30,yes\n,,\n1.5,2026-01-01T00:00,FALSE\n",
        &[
            ("n", LogicalType::Integer),
            ("d", LogicalType::Date),
            ("b", LogicalType::Boolean),
        ],
    );
    let wrong = |column: &str, kind| failing_rows(&source, not_of_type(column, kind));
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(
        wrong("n", LogicalType::Integer),
        (2, 3, vec![(2, text("x")), (4, text("1.5"))])
    );
    assert_eq!(
        wrong("d", LogicalType::Date),
        (
            2,
            3,
            vec![(2, text("2026-02-30")), (4, text("2026-01-01T00:00"))]
        )
    );
    assert_eq!(
        wrong("b", LogicalType::Boolean),
        (1, 3, vec![(2, text("yes"))])
    );
}

#[test]
fn not_a_number_is_in_no_range() {
    let (_folder, source) = written(
        "t.csv",
        "x\n1\nNaN\n\n-inf\n3\n",
        &[("x", LogicalType::Number)],
    );
    let (count, eligible, _) = failing_rows(&source, unless("x", Comparison::GreaterOrEqual, 0.0));
    assert_eq!((count, eligible), (2, 4));
    let (count, ..) = failing_rows(&source, unless("x", Comparison::Less, 3.0));
    assert_eq!(count, 2, "3 is not less than 3, and NaN is nowhere");
}

#[test]
fn duplicates_count_the_rows_that_repeat_an_earlier_one() {
    // The column of which five tools say 1, 2, 3 or 5 duplicates; rows that repeat an earlier one: 2,
    // and 3 when null equals null.
    let (_folder, source) = written("t.csv", "d,e\na,1\na,1\na,2\n,3\n,3\nb,4\n", &[]);
    let repeated = |columns: &[&str], nulls| match measured(&source, key(columns, nulls)) {
        Measured::Groups(groups) => (
            groups.surplus(),
            groups.rows_of_repeated,
            groups.repeated,
            groups
                .examples
                .iter()
                .map(|row| row.row_number)
                .collect::<Vec<_>>(),
        ),
        other => panic!("{other:?}"),
    };
    assert_eq!(repeated(&["d"], NullKeys::SkipAny), (2, 3, 1, vec![2, 3]));
    assert_eq!(repeated(&["d"], NullKeys::Equal), (3, 5, 2, vec![2, 3, 5]));
    assert_eq!(repeated(&["d", "e"], NullKeys::SkipAny), (1, 2, 1, vec![2]));
    assert_eq!(
        repeated(&["d", "e"], NullKeys::Equal),
        (2, 4, 2, vec![2, 5])
    );
    assert_eq!(repeated(&[], NullKeys::Equal), (2, 4, 2, vec![2, 5]));
}

#[test]
fn lengths_are_characters_and_patterns_search() {
    let (_folder, source) = written(
        "t.csv",
        "s\nabc\nÄÖÜ\nzebra\n\"\"\n",
        &[("s", LogicalType::String)],
    );
    assert_eq!(
        failing_rows(
            &source,
            rule(
                "s",
                Condition::Compare(
                    Value::Length(Box::new(Value::column("s"))),
                    Comparison::NotEqual,
                    Value::Literal(Scalar::Integer(3))
                )
            )
        )
        .0,
        2
    );
    let (count, eligible, examples) = failing_rows(
        &source,
        rule(
            "s",
            Condition::Matches(Value::column("s"), Pattern::search("b")).negated(),
        ),
    );
    // A quoted empty text is a text; an empty cell is null.
    assert_eq!((count, eligible), (2, 4));
    assert_eq!(examples[0], (2, Some("ÄÖÜ".to_owned())));
}

#[test]
fn placeholders_are_missing_values() {
    let (_folder, source) = written("t.csv", "s,t\nn/a,1\n,1\nx,1\n", &[]);
    assert_eq!(
        failing_rows(
            &source,
            RowRule {
                fails: Condition::Any(vec![
                    Condition::IsNull(Value::Raw("s".into())),
                    Condition::In(Value::Raw("s".into()), vec![Scalar::Text("n/a".into())]),
                ]),
                eligible: Condition::Constant(true),
                shown: None,
            }
        )
        .0,
        2
    );
}

#[test]
fn an_empty_table_measures_nothing_and_fails_nothing() {
    let (_folder, source) = written("t.csv", "x\n", &[("x", LogicalType::Number)]);
    let Measured::Moments(moments) = measured(&source, mean("x")) else {
        panic!("no moments")
    };
    assert!(moments.count == 0 && moments.mean.is_nan());
    assert_eq!(
        measured(&source, Measure::NullCount("x".into())),
        Measured::Count(0)
    );
    assert_eq!(
        failing_rows(&source, unless("x", Comparison::GreaterOrEqual, 0.0)).0,
        0
    );
}

#[test]
fn quantiles_interpolate_as_numpy_does() {
    // numpy 2.4.6: numpy.quantile([1, 2, 3, 10], [0.25, 0.5, 0.9]) = [1.75, 2.5, 7.9]
    let (_folder, source) = written("t.csv", "x\n10\n1\n3\n2\n", &[("x", LogicalType::Number)]);
    for (fraction, expected) in [(0.25, 1.75), (0.5, 2.5), (0.9, 7.9)] {
        let found = measured(
            &source,
            Measure::Quantile(Value::column("x"), fraction, Interpolation::Linear),
        );
        let Measured::Number(Some(found)) = found else {
            panic!("{found:?}")
        };
        assert!((found - expected).abs() < 1e-12, "{fraction}: {found}");
    }
}

#[test]
fn files_that_are_not_tables_are_errors_that_name_them() {
    for (name, content, expected) in [
        ("t.parquet", "not parquet", "as Parquet"),
        ("t.parquet", "", "the file is empty"),
        ("t.jsonl", "{\"a\": 1}\n{oops\n", "as JSON Lines"),
        (
            "t.xlsx",
            "x",
            "`.parquet`, `.csv`, `.tsv`, `.jsonl`, `.ndjson`",
        ),
    ] {
        let (_folder, source) = written(name, content, &[]);
        let error = measure(&source, &[mean("a")], 3)
            .expect_err("an error")
            .to_string();
        assert!(error.contains(expected) && error.contains(name), "{error}");
    }
    let gone = TableSource {
        path: PathBuf::from("gone.csv"),
        locator: "gone.csv".into(),
        types: vec![],
        ..TableSource::default()
    };
    assert!(
        matches!(measure(&gone, &[], 3), Err(EngineError::File(error)) if error.is_not_found())
    );
}

#[test]
fn a_star_in_a_path_stands_for_any_name_unless_a_file_is_called_so() {
    let (_folder, mut source) = written("a.csv", "x\n1\n", &[]);
    source.path = source.path.with_file_name("*.csv");
    let rows = |source: &TableSource| {
        let (_, found) = measure(source, &[Measure::RowCount], 3).expect("readable");
        found[0].clone()
    };
    assert_eq!(rows(&source), Measured::Count(1));
    std::fs::write(&source.path, "x\n1\n2\n").expect("written");
    assert_eq!(rows(&source), Measured::Count(2));
}

fn prediction_columns() -> PredictionColumns<'static> {
    PredictionColumns {
        task: Task::Binary,
        id: Some("customer_id"),
        label: "label",
        score: "score",
        scores: Vec::new(),
        prediction: Some("prediction"),
        interval: None,
        query: None,
        series: SeriesColumns::default(),
        weight: None,
        cluster: None,
        numbers: Vec::new(),
        groups: vec!["sex", "age_group"],
        present: Vec::new(),
        positive: "1",
        threshold: 0.5,
        labels: Vec::new(),
        predictions: Vec::new(),
        references: Vec::new(),
    }
}

#[test]
fn predictions_of_parquet_and_csv_are_the_same() {
    let parquet = load_predictions(
        &fixture("predictions/candidate.parquet"),
        &prediction_columns(),
    )
    .expect("reads");
    let csv = load_predictions(&fixture("predictions/candidate.csv"), &prediction_columns())
        .expect("reads");
    assert_eq!(parquet, csv);
    let binary = parquet.sample.binary().expect("a binary classifier");
    assert_eq!(binary.label().len(), 350);
    assert_eq!(binary.label().iter().filter(|label| **label).count(), 245);
    let by_threshold = PredictionColumns {
        prediction: None,
        ..prediction_columns()
    };
    let decided =
        load_predictions(&fixture("predictions/candidate.parquet"), &by_threshold).expect("reads");
    let decided = decided.sample.binary().expect("a binary classifier");
    assert_eq!(decided.prediction(), binary.prediction());
}

#[test]
fn predictions_with_holes_are_refused_with_the_row() {
    let header = "customer_id,label,score,prediction,sex,age_group\n";
    for (row, expected) in [
        ("a,1,,1,f,x\n", "`score` is not a finite number in row 1"),
        ("a,1,NaN,1,f,x\n", "`score` is not a finite number in row 1"),
        ("a,,0.5,1,f,x\n", "`label` is null in row 1"),
        (",1,0.5,1,f,x\n", "`customer_id` is null in row 1"),
    ] {
        let (_folder, source) = written("p.csv", &format!("{header}{row}"), &[]);
        let error = load_predictions(&source, &prediction_columns())
            .expect_err("an error")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    let (_folder, source) = written("p.csv", "customer_id,labl\na,1\n", &[]);
    let error = load_predictions(&source, &prediction_columns())
        .expect_err("an error")
        .to_string();
    assert!(error.contains("there is no column"), "{error}");
    // Of the champion, whose rows are cut by the columns of the candidate.
    let columns = PredictionColumns {
        groups: Vec::new(),
        present: vec!["sex", "region"],
        ..prediction_columns()
    };
    let error = load_predictions(&fixture("predictions/candidate.parquet"), &columns)
        .expect_err("an error")
        .to_string();
    assert!(error.contains("there is no column `region`"), "{error}");
}

#[test]
fn a_column_outside_the_file_is_refused_before_the_engine_sees_it() {
    let source = TableSource {
        path: Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/hostile/column-outside-file.parquet"),
        locator: "column-outside-file.parquet".into(),
        types: vec![],
        ..TableSource::default()
    };
    let error = measure(&source, &[mean("age")], 3).expect_err("an error");
    assert!(error.to_string().contains("outside the file"), "{error}");
}
