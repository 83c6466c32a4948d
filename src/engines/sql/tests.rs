//! What is asked, as text, and what becomes of answers; what engines make of it is compared in
//! `tests/it/spark.rs`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Cell, Dialect, Engine, Field, Kind, QueryError, Rows, Table, Tables, measure};
use crate::engines::EXAMPLE_CHARACTERS_MAX;
use crate::evidence::Reason;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::measure::{
    Answer, Comparison, Condition, Decimal, Grouping, Interpolation, LogicalType, Lookup, Measure,
    Measured, NullKeys, Order, OrderRule, Pattern, Presence, RowRule, Scalar, Statistic, Value,
};

/// An engine that remembers what it is asked, rejects what holds a word, and answers everything else
/// with one row of ones.
struct Recorder {
    asked: RefCell<Vec<String>>,
    rejects: &'static str,
    broken: bool,
}

impl Recorder {
    fn rejecting(rejects: &'static str) -> Self {
        Self {
            asked: RefCell::default(),
            rejects,
            broken: false,
        }
    }
}

impl Engine for Recorder {
    fn query(&self, statement: &str) -> Result<Rows, QueryError> {
        self.asked.borrow_mut().push(statement.to_owned());
        if self.broken {
            let error = RemoteError::new("POST x", RemoteProblem::Unavailable);
            return Err(QueryError::Remote(error));
        }
        if statement.contains(self.rejects) {
            return Err(QueryError::Rejected("[NO_SUCH_THING]".to_owned()));
        }
        Ok(Rows {
            fields: Vec::new(),
            rows: vec![vec![Cell::Whole(1); 80]],
        })
    }
}

fn table(name: &str) -> Table {
    let field = |(name, kind): (&str, Kind)| Field {
        name: name.to_owned(),
        kind,
        physical_type: "as it is".to_owned(),
    };
    let fields = [
        ("id", Kind::Whole),
        ("fare", Kind::Number),
        ("vendor", Kind::Text),
        ("day", Kind::Date),
        ("tags", Kind::List),
        ("a`b", Kind::Whole),
        ("n", Kind::Text),
    ];
    Table {
        relation: format!("`{name}`"),
        name: name.to_owned(),
        fields: fields.map(field).to_vec(),
        types: Vec::new(),
        row_number: None,
        typed: true,
    }
}

fn ask(engine: &Recorder, dialect: Dialect, measures: &[Measure]) -> Vec<Measured> {
    ask_of(engine, dialect, &table("trips"), measures)
}

fn ask_of(
    engine: &Recorder,
    dialect: Dialect,
    measured: &Table,
    measures: &[Measure],
) -> Vec<Measured> {
    let others = BTreeMap::from([("zones".to_owned(), table("zones"))]);
    let tables = Tables {
        measured,
        others: &others,
    };
    measure(engine, dialect, tables, measures, 3).expect("an engine that answers")
}

fn asked(dialect: Dialect, measures: &[Measure]) -> String {
    let engine = Recorder::rejecting("nothing is rejected");
    ask(&engine, dialect, measures);
    engine.asked.into_inner().join("\n")
}

fn above(column: &str, than: f64) -> Condition {
    Condition::Compare(
        Value::column(column),
        Comparison::Greater,
        Value::number(than),
    )
}

fn failing(fails: Condition, shown: &str) -> Measure {
    Measure::Failing(RowRule {
        fails,
        eligible: Condition::present(shown),
        shown: Some(shown.to_owned()),
    })
}

#[test]
fn aggregates_share_one_statement_and_examples_come_after() {
    let is_known = Condition::In(
        Value::column("vendor"),
        vec![Scalar::Text("it's".to_owned())],
    );
    insta::assert_snapshot!(asked(
        Dialect::Spark,
        &[
            Measure::RowCount,
            Measure::NullCount("a`b".to_owned()),
            Measure::Count(above("id", 2.5)),
            Measure::Count(above("fare", 2.5)),
            failing(is_known.negated(), "vendor"),
            Measure::Extremes(Value::column("day")),
            Measure::Quantile(Value::column("fare"), 0.5, Interpolation::Linear),
        ]
    ));
}

#[test]
fn what_values_need_is_found_first() {
    let mean = Value::Statistic(Statistic::Mean, Box::new(Value::column("fare")));
    let above_mean = Condition::Compare(Value::column("fare"), Comparison::Greater, mean);
    insta::assert_snapshot!(asked(
        Dialect::Spark,
        &[
            Measure::Count(above_mean),
            Measure::Moments(Value::column("id")),
        ]
    ));
}

#[test]
fn slices_and_conditions_are_said_once() {
    let groups = Measure::Groups(Grouping {
        key: vec![Value::column("id")],
        nulls: NullKeys::SkipAny,
        shows_first: true,
    });
    let by = |measure| Measure::By(vec!["n".to_owned()], Box::new(measure));
    insta::assert_snapshot!(asked(
        Dialect::Spark,
        &[
            by(Measure::RowCount),
            by(Measure::Count(above("fare", 1.0))),
            Measure::Where(Arc::new(above("fare", 0.0)), Box::new(by(groups))),
            by(Measure::Quantile(
                Value::column("fare"),
                0.5,
                Interpolation::Lower
            )),
        ]
    ));
}

#[test]
fn every_slice_shows_rows_of_its_own() {
    let by = |measure| Measure::By(vec!["n".to_owned()], Box::new(measure));
    let groups = |shows_first| {
        Measure::Groups(Grouping {
            key: vec![Value::column("id")],
            nulls: NullKeys::SkipAny,
            shows_first,
        })
    };
    let measures = [
        by(failing(above("fare", 1.0), "vendor")),
        by(groups(true)),
        groups(false),
    ];
    let numbered = Table {
        row_number: Some("(_metadata.row_index + 1)".to_owned()),
        ..table("trips")
    };
    let engine = Recorder::rejecting("nothing is rejected");
    ask_of(&engine, Dialect::Spark, &numbered, &measures);
    let numbered = engine.asked.into_inner().join("\n");
    insta::assert_snapshot!(format!(
        "{}\n\n{numbered}",
        asked(Dialect::Spark, &measures)
    ));
}

#[test]
fn rows_have_an_order_where_they_have_numbers() {
    let order = Measure::Ordered(Order {
        value: Value::column("fare"),
        rule: OrderRule::Increasing { strictly: true },
        sorted_by: None,
        within: Vec::new(),
    });
    let engine = Recorder::rejecting("nothing is rejected");
    let refused = ask(&engine, Dialect::Spark, std::slice::from_ref(&order));
    let [Measured::Failed(Reason::Unsupported, why)] = refused.as_slice() else {
        panic!("a table has no order of its own: {refused:?}");
    };
    assert!(why.contains("`sorted_by`"), "{why}");
    let numbered = Table {
        row_number: Some("(_metadata.row_index + 1)".to_owned()),
        ..table("trips")
    };
    ask_of(&engine, Dialect::Spark, &numbered, &[order]);
    let asked = engine.asked.into_inner().join("\n");
    assert!(
        asked.contains("ORDER BY (_metadata.row_index + 1)"),
        "{asked}"
    );
}

#[test]
fn text_is_read_as_the_contract_says_only_where_nothing_is_typed() {
    let mean = Measure::Moments(Value::column("vendor"));
    let reads = Measure::Count(Condition::ReadsAs("vendor".to_owned(), LogicalType::Number));
    let types = vec![("vendor".to_owned(), LogicalType::Number)];
    for (typed, is_measured) in [(true, false), (false, true)] {
        let table = Table {
            types: types.clone(),
            typed,
            ..table("trips")
        };
        let engine = Recorder::rejecting("nothing is rejected");
        let measured = ask_of(
            &engine,
            Dialect::Spark,
            &table,
            &[mean.clone(), reads.clone()],
        );
        let asked = engine.asked.into_inner().join("\n");
        // As the local engine says it.
        let refused = Measured::Failed(
            Reason::Undefined,
            "`vendor` holds text, not numbers".to_owned(),
        );
        assert_eq!(measured[0] != refused, is_measured, "{measured:?}");
        assert_eq!(asked.contains("try_cast"), is_measured, "{asked}");
    }
}

#[test]
fn look_ups_and_queries_are_statements_of_their_own() {
    insta::assert_snapshot!(asked(
        Dialect::Spark,
        &[
            Measure::Lookup(Lookup {
                key: vec![Value::column("id")],
                dataset: "zones".to_owned(),
                key_there: vec![Value::column("fare")],
                rows_there: Some(above("id", 0.0)),
                fails: Presence::Absent,
                nulls: NullKeys::Equal,
            }),
            Measure::Elsewhere("zones".to_owned(), Box::new(Measure::RowCount)),
            Measure::Query("SELECT count(*) FROM trips -- all;\n;".to_owned()),
        ]
    ));
}

#[test]
fn rows_of_an_answer_are_shown_as_they_are() {
    let field = |name: &str, kind| Field {
        name: name.to_owned(),
        kind,
        physical_type: String::new(),
    };
    let day = Cell::Instant("2026-01-02T00:00:00Z".parse().expect("a time"));
    let several = Rows {
        fields: vec![field("day", Kind::Date), field("vendor", Kind::Text)],
        rows: vec![
            vec![day, Cell::Text("acme".to_owned())],
            vec![Cell::Null, Cell::Unread],
            vec![Cell::Null, Cell::Null],
        ],
    };
    let single = Rows {
        fields: vec![field("note", Kind::Text)],
        rows: vec![
            vec![Cell::Null],
            vec![Cell::Text("x".repeat(EXAMPLE_CHARACTERS_MAX + 1))],
        ],
    };
    let shown = |rows: &Rows, examples_max| {
        let mut answer = Answer::default();
        super::examples::fill(&mut answer, rows, examples_max);
        let shown = answer.examples.into_iter();
        shown
            .map(|example| {
                assert_eq!(example.row_number, 0);
                (example.value, example.is_null)
            })
            .collect::<Vec<_>>()
    };
    let text = |text: &str| (Some(text.to_owned()), false);
    assert_eq!(
        shown(&several, 2),
        [
            text("day=2026-01-02, vendor=acme"),
            text("day=null, vendor=null")
        ]
    );
    assert_eq!(
        shown(&single, 9),
        [(None, true), text(&"x".repeat(EXAMPLE_CHARACTERS_MAX))]
    );
    assert!(shown(&single, 0).is_empty());
}

#[test]
fn trino_is_asked_in_its_own_words() {
    insta::assert_snapshot!(asked(
        Dialect::Trino,
        &[
            Measure::NullCount("a`b".to_owned()),
            Measure::Count(Condition::Matches(
                Value::column("vendor"),
                Pattern::search("^a'")
            )),
            Measure::Quantile(Value::column("fare"), 0.5, Interpolation::Linear),
        ]
    ));
}

#[test]
fn no_text_of_a_contract_is_read_as_sql() {
    let hostile = [
        "' OR 1=1 --",
        "\\' OR 1=1 --",
        "${spark.app.name}",
        "*/ DROP TABLE x /*",
        "\0",
    ];
    for text in hostile {
        let literal = || Value::text(text);
        let statements = asked(
            Dialect::Spark,
            &[
                Measure::Count(Condition::Compare(
                    Value::column("vendor"),
                    Comparison::Equal,
                    literal(),
                )),
                Measure::Count(Condition::In(
                    Value::column("vendor"),
                    vec![Scalar::Text(text.to_owned())],
                )),
                Measure::Count(Condition::Matches(
                    Value::column("vendor"),
                    Pattern::search(regex::escape(text)),
                )),
            ],
        );
        for word in ["OR 1", "DROP", "${", "\\", "\0", "--", "/*"] {
            assert!(!statements.contains(word), "{statements}");
        }
    }
}

#[test]
fn a_column_that_is_not_there_is_never_written() {
    let engine = Recorder::rejecting("nothing is rejected");
    let name = "x` = 1 OR `y";
    let measured = ask(
        &engine,
        Dialect::Spark,
        &[
            Measure::NullCount(name.to_owned()),
            Measure::By(
                vec!["id".to_owned()],
                Box::new(Measure::Count(above(name, 1.0))),
            ),
            Measure::By(vec![name.to_owned()], Box::new(Measure::RowCount)),
        ],
    );
    assert!(engine.asked.borrow().is_empty(), "{:?}", engine.asked);
    for measured in measured {
        assert!(
            matches!(measured, Measured::Failed(Reason::MissingInput, _)),
            "{measured:?}"
        );
    }
}

#[test]
fn one_rejected_measure_does_not_take_the_others_with_it() {
    let engine = Recorder::rejecting("`fare`");
    let mut measures: Vec<Measure> = (0..7)
        .map(|than| Measure::Count(above("id", f64::from(than))))
        .collect();
    measures.insert(3, Measure::Count(above("fare", 1.0)));
    measures.push(Measure::Moments(Value::column("fare")));
    let measured = ask(&engine, Dialect::Spark, &measures);
    for (index, measured) in measured.iter().enumerate() {
        match index {
            3 | 8 => assert!(
                matches!(measured, Measured::Failed(Reason::Unsupported, why) if why.contains("[NO_SUCH_THING]")),
                "{measured:?}"
            ),
            _ => assert_eq!(*measured, Measured::Count(1)),
        }
    }
}

#[test]
fn what_cannot_be_said_is_refused_with_the_reason() {
    let engine = Recorder::rejecting("nothing is rejected");
    let text_of_fare = Value::Length(Box::new(Value::Text(Box::new(Value::column("fare")))));
    let measures = [
        Measure::Count(Condition::Compare(
            text_of_fare,
            Comparison::Equal,
            Value::number(1.0),
        )),
        Measure::Count(Condition::Compare(
            Value::column("tags"),
            Comparison::Equal,
            Value::column("tags"),
        )),
        Measure::Moments(Value::column("tags")),
        Measure::Distribution("tags".to_owned()),
        Measure::Newest("vendor".to_owned()),
        Measure::Elsewhere("absent".to_owned(), Box::new(Measure::RowCount)),
        Measure::Quantile(Value::column("fare"), 1.5, Interpolation::Linear),
    ];
    for measured in ask(&engine, Dialect::Spark, &measures) {
        assert!(
            matches!(&measured, Measured::Failed(Reason::Unsupported | Reason::Undefined, why) if !why.is_empty()),
            "{measured:?}"
        );
    }
    assert!(engine.asked.borrow().is_empty(), "{:?}", engine.asked);
}

#[test]
fn decimals_that_floating_point_does_not_tell_apart_are_no_keys() {
    let mut trips = table("trips");
    for (name, physical_type) in [("price", "decimal(10,2)"), ("ride", "decimal(38,0)")] {
        trips.fields.push(Field {
            name: name.to_owned(),
            kind: Kind::Number,
            physical_type: physical_type.to_owned(),
        });
    }
    let key = |columns: &[&str]| {
        Measure::Groups(Grouping {
            key: columns
                .iter()
                .map(|column| Value::column(*column))
                .collect(),
            nulls: NullKeys::SkipAny,
            shows_first: false,
        })
    };
    let long = Decimal::parse("9007199254740993").expect("a decimal");
    let fails = Condition::Compare(
        Value::column("ride"),
        Comparison::Less,
        Value::Literal(Scalar::Decimal(long)),
    );
    let measures = [key(&["ride"]), key(&[]), failing(fails, "ride")];
    let engine = Recorder::rejecting("nothing is rejected");
    for measured in ask_of(&engine, Dialect::Spark, &trips, &measures) {
        assert!(
            matches!(&measured, Measured::Failed(Reason::Unsupported, why) if why.contains("digits")),
            "{measured:?}"
        );
    }
    assert!(engine.asked.borrow().is_empty(), "{:?}", engine.asked);
    ask_of(&engine, Dialect::Spark, &trips, &[key(&["price"])]);
    assert!(!engine.asked.borrow().is_empty());
}

#[test]
fn an_engine_that_is_gone_is_an_error_and_no_verdict() {
    let engine = Recorder {
        broken: true,
        ..Recorder::rejecting("-")
    };
    let others = BTreeMap::new();
    let tables = Tables {
        measured: &table("trips"),
        others: &others,
    };
    let outcome = measure(&engine, Dialect::Spark, tables, &[Measure::RowCount], 3);
    assert_eq!(
        outcome.map_err(|error| error.problem),
        Err(RemoteProblem::Unavailable)
    );
}

#[test]
fn functions_are_asked_in_words_that_mean_the_same_or_not_at_all() {
    let asked = |dialect, text: &str| {
        let engine = Recorder::rejecting("-never-");
        let condition = crate::measure::sql::condition(text).expect("an expression");
        let measured = ask(&engine, dialect, &[Measure::Count(condition)]);
        match &measured[..] {
            [Measured::Failed(reason, why)] => format!("{reason:?}: {why}"),
            _ => engine.asked.borrow().join("; "),
        }
    };
    let spark = |text: &str| asked(Dialect::Spark, text);
    assert!(
        spark("ln(fare) > 1").contains("WHEN CAST(`fare` AS DOUBLE) = 0 THEN CAST('-Infinity'")
    );
    assert!(spark("left(vendor, 2) = 'ab'").contains("substring(`vendor`, 1, CAST(CASE WHEN"));
    assert!(spark("day + interval '1 month' > day").contains("make_ym_interval(0, CAST("));
    assert!(spark("cast(fare as integer) = 1").contains("2D * round("));
    assert!(spark("vendor || id = 'x'").contains("concat(`vendor`, CAST("));
    assert!(spark("concat(vendor, n) = 'x'").contains("concat_ws('', `vendor`, `n`)"));
    assert!(
        spark("try_cast(vendor as integer) = 1")
            .starts_with("Unsupported: `try_cast_integer` is not asked")
    );
    assert!(spark("year(vendor) = 1").starts_with("Undefined: `year` takes"));
    assert!(asked(Dialect::Trino, "year(day) = 1").contains("(year("));
    assert!(asked(Dialect::Trino, "greatest(id, 1) = 1").starts_with("Unsupported: "));
    let mut nested = "vendor".to_owned();
    for _ in 0..12 {
        nested = format!("left({nested}, 3)");
    }
    assert!(
        spark(&format!("{nested} = 'x'"))
            .starts_with("Unsupported: an expression becomes too long")
    );
}
