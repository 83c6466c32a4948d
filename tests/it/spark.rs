//! Measures on a real Spark Connect server beside what numpy and pandas say of the same data.
//!
//! `tests/interop/spark/run.sh` writes the data and the reference, starts the servers and sets
//! `PROOFMARK_SPARK_REMOTE` and `PROOFMARK_SPARK_DATA`; without them nothing is compared, and the test
//! says so.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proofmark::engines::spark::{
    self, FileFormat, Fingerprint, Relation, SparkRequest, SparkSource,
};
use proofmark::io::World;
use proofmark::measure::{
    Comparison, Condition, Distribution, Format, Grouping, Interpolation, LogicalType, Lookup,
    Measure, Measured, NullKeys, Operator, Order, OrderRule, Pattern, Presence, RowRule, Scalar,
    Statistic, Value,
};
use serde_json::{Value as Json, json};

use crate::support::Project;

/// Sums come in another order from a cluster.
const RELATIVE: f64 = 1e-9;

const ODD: &str = "odd `name'; --";

#[test]
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the log must know whether it was compared"
)]
fn a_spark_counts_as_numpy_does() {
    let variable = |name| std::env::var(name).ok();
    let (Some(remote), Some(data)) = (
        variable("PROOFMARK_SPARK_REMOTE"),
        variable("PROOFMARK_SPARK_DATA"),
    ) else {
        eprintln!(
            "not compared: PROOFMARK_SPARK_REMOTE and PROOFMARK_SPARK_DATA name no server and data"
        );
        return;
    };
    let data = Path::new(&data);
    let text = std::fs::read_to_string(data.join("reference.json")).expect("the reference");
    let reference: BTreeMap<String, Json> = serde_json::from_str(&text).expect("JSON");
    let source = |name: &str, types: &[(&str, LogicalType)]| SparkSource {
        name: name.to_owned(),
        relation: Relation::Files(
            FileFormat::Parquet,
            data.join(format!("{name}.parquet")).display().to_string(),
        ),
        types: types
            .iter()
            .map(|(column, kind)| ((*column).to_owned(), *kind))
            .collect(),
    };
    let trips = source("trips", &[("written", LogicalType::Number)]);
    let written = SparkSource {
        relation: Relation::Files(
            FileFormat::Json,
            data.join("written.jsonl").display().to_string(),
        ),
        ..trips.clone()
    };
    let others = BTreeMap::from([("zones".to_owned(), source("zones", &[]))]);
    let (names, measures): (Vec<String>, Vec<Measure>) = measures().into_iter().unzip();

    let session = spark::open(&World::real(), Some(&remote)).expect("a session");
    eprintln!("compared with Spark {}", session.version);
    let request = SparkRequest {
        source: &trips,
        measures: &measures,
        others: &others,
        examples_max: 3,
    };
    let measurement = spark::measure(&session, request).expect("a measurement");
    assert_eq!(measurement.facts.row_count, 20_000);
    assert_eq!(measurement.facts.columns.len(), 19);

    let mut seen: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for (name, measured) in names.iter().zip(&measurement.measured) {
        seen.entry(name.clone()).or_default().push(shown(measured));
    }
    let (names, measures): (Vec<String>, Vec<Measure>) = of_texts().into_iter().unzip();
    let request_of_texts = SparkRequest {
        source: &written,
        measures: &measures,
        ..request
    };
    let of_texts = spark::measure(&session, request_of_texts).expect("a measurement");
    assert!(!of_texts.facts.typed && measurement.facts.typed);
    for (name, measured) in names.iter().zip(&of_texts.measured) {
        seen.entry(name.clone()).or_default().push(shown(measured));
    }
    let mut wrong = Vec::new();
    for (name, expected) in &reference {
        let found = match seen.remove(name) {
            Some(one) if one.len() == 1 => one.into_iter().next().unwrap_or_default(),
            Some(several) => Json::Array(several),
            None => Json::Null,
        };
        if !agree(expected, &found) {
            let (expected, found) = (short(expected), short(&found));
            wrong.push(format!("{name}: expected {expected}, found {found}"));
        }
    }
    assert!(seen.is_empty(), "not in the reference: {:?}", seen.keys());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let refused = [
        Measure::Ordered(Order {
            value: Value::column("fare"),
            rule: OrderRule::Increasing { strictly: false },
            sorted_by: None,
            within: Vec::new(),
        }),
        Measure::Count(Condition::Matches(
            Value::column("note"),
            Pattern::search(r"\bx"),
        )),
        Measure::NullCount("absent".to_owned()),
        Measure::Query("SELECT nonsense FROM trips".to_owned()),
    ];
    let request = SparkRequest {
        measures: &refused,
        ..request
    };
    let measurement = spark::measure(&session, request).expect("a measurement");
    for measured in &measurement.measured {
        assert!(matches!(measured, Measured::Failed(..)), "{measured:?}");
    }
    let fingerprint =
        Fingerprint::take(&session, &trips.relation, &measurement.facts).expect("one");
    assert_eq!((fingerprint.sha256.len(), fingerprint.version), (64, None));
}

/// Stands between the program and a server and cuts connections after so many bytes of replies, one
/// number for each connection; the ones after those are left alone.
fn cutting(server: String, cuts: &'static [usize]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let here = listener.local_addr().expect("an address").to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a connection");
            let cut = cuts.get(counted.fetch_add(1, Ordering::SeqCst)).copied();
            let upstream = TcpStream::connect(&server).expect("the server");
            let (mut from_client, mut to_server) = (
                client.try_clone().expect("a socket"),
                upstream.try_clone().expect("a socket"),
            );
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            std::thread::spawn(move || {
                let limit = cut.unwrap_or(usize::MAX) as u64;
                let _ = std::io::copy(&mut (&upstream).take(limit), &mut &client);
                let _ = (
                    client.shutdown(Shutdown::Both),
                    upstream.shutdown(Shutdown::Both),
                );
            });
        }
    });
    (here, connections)
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "whoever reads the log must know whether it was compared"
)]
fn a_connection_that_breaks_costs_no_result() {
    let variable = |name| std::env::var(name).ok();
    let (Some(remote), Some(data)) = (
        variable("PROOFMARK_SPARK_REMOTE"),
        variable("PROOFMARK_SPARK_DATA"),
    ) else {
        eprintln!(
            "not tried: PROOFMARK_SPARK_REMOTE and PROOFMARK_SPARK_DATA name no server and data"
        );
        return;
    };
    let trips = SparkSource {
        name: "trips".to_owned(),
        relation: Relation::Files(FileFormat::Parquet, format!("{data}/trips.parquet")),
        types: Vec::new(),
    };
    let measures = [
        Measure::Distribution("fare".to_owned()),
        Measure::Moments(Value::column("fare")),
    ];
    let others = BTreeMap::new();
    let measured = |remote: &str| {
        let session = spark::open(&World::real(), Some(remote)).expect("a session");
        let request = SparkRequest {
            source: &trips,
            measures: &measures,
            others: &others,
            examples_max: 0,
        };
        spark::measure(&session, request)
            .expect("a measurement")
            .measured
    };
    let server = remote.trim_start_matches("sc://").to_owned();
    let (here, connections) = cutting(server, &[12_000, 20_000, 4_000]);
    assert_eq!(measured(&format!("sc://{here}")), measured(&remote));
    assert!(3 < connections.load(Ordering::SeqCst), "nothing was cut");
}

#[test]
fn nobody_there_is_said_after_a_few_attempts() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let remote = format!("sc://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = spark::open(&World::real(), Some(&remote))
        .err()
        .expect("nobody there");
    assert!(error.to_string().contains("unavailable"), "{error}");
}

#[test]
fn a_dataset_that_is_not_to_be_reached_is_safe_to_retry() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "      path: data/current.parquet\n",
        &format!("      path: trips\n      engine: {{spark: {{remote: \"sc://{address}\"}}}}\n"),
    );
    let said = project.expect(5, &["data", "validate"]);
    assert!(
        said.stdout.contains("run it again later"),
        "{}",
        said.stdout
    );
    let evidence = project.evidence("data-validation");
    assert_eq!(evidence["verdict"], "unavailable");
}

fn measures() -> Vec<(String, Measure)> {
    let mut all: Vec<(String, Measure)> = Vec::new();
    let mut add = |name: &str, measure: Measure| all.push((name.to_owned(), measure));
    let column = Value::column;
    let compare =
        |left: Value, comparison, right: Value| Condition::Compare(left, comparison, right);
    let more = |name: &str, than: f64| {
        compare(
            Value::column(name),
            Comparison::Greater,
            Value::number(than),
        )
    };
    let failing = |fails: Condition, eligible: Condition, shown: &str| {
        Measure::Failing(RowRule {
            fails,
            eligible,
            shown: Some(shown.to_owned()),
        })
    };
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| Scalar::Text((*text).to_owned()))
            .collect()
    };
    let arithmetic = |left: Value, operator, right: Value| {
        Value::Arithmetic(Box::new(left), operator, Box::new(right))
    };
    let by = |measure: Measure| Measure::By(vec!["region".to_owned()], Box::new(measure));
    let count = Measure::Count;

    add("rows", Measure::RowCount);
    add("null emails", Measure::NullCount("email".to_owned()));
    let in_set = Condition::In(column("vendor"), texts(&["acme", "zoom", "blau"]));
    add(
        "bad vendor",
        failing(in_set.negated(), Condition::present("vendor"), "vendor"),
    );
    let is_email = Condition::HasFormat(column("email"), Format::Email);
    add(
        "bad email",
        failing(is_email.negated(), Condition::present("email"), "email"),
    );
    add(
        "reversed",
        failing(
            compare(column("started"), Comparison::Greater, column("ended")),
            Condition::Constant(true),
            "started",
        ),
    );
    add(
        "hostile literal",
        count(compare(
            column("vendor"),
            Comparison::Equal,
            Value::text(r"it's \ wrong"),
        )),
    );
    add(
        "hostile column",
        count(compare(column(ODD), Comparison::Equal, Value::number(3.0))),
    );
    let length = Value::Length(Box::new(column("note")));
    add(
        "length over 4",
        count(compare(length, Comparison::Greater, Value::number(4.0))),
    );
    let lower = Value::Lower(Box::new(column("note")));
    add(
        "lower",
        count(compare(lower, Comparison::Equal, Value::text("ångström"))),
    );
    let trim = Value::Trim(Box::new(column("note")));
    add(
        "trimmed",
        count(compare(trim, Comparison::Equal, Value::text("a\tb"))),
    );
    add(
        "unicode letters only",
        count(Condition::Matches(
            column("note"),
            Pattern::search(r"^\p{L}+$"),
        )),
    );
    let strange = |comparison| compare(column("strange"), comparison, Value::number(5.0));
    add("nan compares", count(strange(Comparison::Greater)));
    add("nan compares", count(strange(Comparison::LessOrEqual)));
    add("nan compares", count(strange(Comparison::NotEqual)));
    add("nan compares", count(Condition::IsNan(column("strange"))));
    add(
        "nan compares",
        count(strange(Comparison::Greater).negated()),
    );
    let early = compare(column("trip_id"), Comparison::Less, Value::number(500.0));
    add(
        "kleene",
        count(Condition::Any(vec![more("zone", 10.0), early.clone()])),
    );
    add(
        "kleene",
        count(Condition::All(vec![more("zone", 10.0).negated(), early])),
    );
    add("kleene", count(more("zone", 10.0).negated()));
    let large = 1 << 53;
    add(
        "large is exact",
        count(compare(
            column("large"),
            Comparison::Equal,
            Value::Literal(Scalar::Integer(large + 1)),
        )),
    );
    add("large is exact", count(more("large", large as f64)));
    let twice = arithmetic(column("distance"), Operator::Multiply, Value::number(2.0));
    let apart = Value::Absolute(Box::new(arithmetic(
        column("fare"),
        Operator::Subtract,
        twice,
    )));
    add(
        "arithmetic",
        count(compare(apart, Comparison::Greater, Value::number(5.0))),
    );
    let inverse = arithmetic(Value::number(1.0), Operator::Divide, column(ODD));
    add(
        "division by zero is null",
        count(compare(
            inverse,
            Comparison::LessOrEqual,
            Value::number(0.5),
        )),
    );
    let whole = |value| Value::Literal(Scalar::Integer(value));
    let remainder = arithmetic(column("trip_id"), Operator::Remainder, whole(7));
    add(
        "remainder",
        count(compare(remainder, Comparison::Equal, whole(3))),
    );
    let between = arithmetic(column("ended"), Operator::Subtract, column("started"));
    add(
        "seconds between",
        count(compare(between, Comparison::Equal, Value::number(600.0))),
    );
    add(
        "day after",
        count(compare(
            column("day"),
            Comparison::Greater,
            Value::text("2026-01-15"),
        )),
    );
    add(
        "decimal",
        count(compare(
            column("amount"),
            Comparison::GreaterOrEqual,
            Value::number(500.1),
        )),
    );
    add("decimal sum", Measure::Moments(column("amount")));
    let or_zero = Value::Coalesce(vec![column("tip"), Value::number(0.0)]);
    add(
        "coalesce",
        count(compare(or_zero, Comparison::Equal, Value::number(0.0))),
    );
    let is_flagged = compare(
        column("flag"),
        Comparison::Equal,
        Value::Literal(Scalar::Boolean(true)),
    );
    let indicators = arithmetic(
        Value::Indicator(Box::new(more("fare", 10.0))),
        Operator::Add,
        Value::Indicator(Box::new(is_flagged.clone())),
    );
    add(
        "indicator sum",
        count(compare(indicators, Comparison::Equal, whole(2))),
    );
    let statistic = |statistic| Value::Statistic(statistic, Box::new(Value::column("fare")));
    let from_mean = Value::Absolute(Box::new(arithmetic(
        column("fare"),
        Operator::Subtract,
        statistic(Statistic::Mean),
    )));
    let three_sigma = arithmetic(
        Value::number(3.0),
        Operator::Multiply,
        statistic(Statistic::StandardDeviation { ddof: 1 }),
    );
    add(
        "beyond three sigma",
        count(compare(from_mean, Comparison::Greater, three_sigma)),
    );
    let median = statistic(Statistic::Quantile(0.5));
    add(
        "above its median",
        count(compare(column("fare"), Comparison::Greater, median)),
    );

    add("moments", Measure::Moments(column("fare")));
    add("moments of large", Measure::Moments(column("tip")));
    add("moments of strange", Measure::Moments(column("strange")));
    add(
        "moments where",
        Measure::Where(
            Arc::new(is_flagged),
            Box::new(Measure::Moments(column("fare"))),
        ),
    );
    add("moments by region", by(Measure::Moments(column("fare"))));
    add(
        "comoments",
        Measure::Comoments(column("fare"), column("distance")),
    );
    for name in ["strange", "large", "note", "day"] {
        add("extremes", Measure::Extremes(column(name)));
    }
    add("newest", Measure::Newest("ended".to_owned()));
    let groups = |key: Vec<Value>, nulls| {
        Measure::Groups(Grouping {
            key,
            nulls,
            shows_first: true,
        })
    };
    add(
        "sessions",
        groups(vec![column("session")], NullKeys::SkipAny),
    );
    add(
        "sessions with null",
        groups(vec![column("session")], NullKeys::Equal),
    );
    add(
        "vendor and flag",
        groups(vec![column("vendor"), column("flag")], NullKeys::SkipAll),
    );
    add(
        "sessions by region",
        by(groups(vec![column("session")], NullKeys::SkipAny)),
    );
    let frequencies = |values| Measure::Frequencies {
        values,
        combinations_max: 100,
    };
    add("vendors", frequencies(vec![column("vendor")]));
    add(
        "regions and flags",
        frequencies(vec![column("region"), column("flag")]),
    );
    add("vendor by region", by(frequencies(vec![column("vendor")])));
    add("fares", Measure::Distribution("fare".to_owned()));
    add(
        "strange values",
        Measure::Distribution("strange".to_owned()),
    );
    add("regions", Measure::Distribution("region".to_owned()));
    let ordered = |value: &str, rule| {
        Measure::Ordered(Order {
            value: Value::column(value),
            rule,
            sorted_by: Some(Value::column("started")),
            within: Vec::new(),
        })
    };
    add(
        "increasing by start",
        ordered("fare", OrderRule::Increasing { strictly: false }),
    );
    add("steps of trip", ordered("trip_id", OrderRule::Step(1.0)));
    add("gaps", ordered("started", OrderRule::GapAtMost(60.0)));
    let is_open = compare(
        column("open"),
        Comparison::Equal,
        Value::Literal(Scalar::Boolean(true)),
    );
    let lookup = |rows_there: Option<Condition>, fails| {
        Measure::Lookup(Lookup {
            key: vec![Value::column("zone")],
            dataset: "zones".to_owned(),
            key_there: vec![Value::column("id")],
            rows_there,
            fails,
            nulls: NullKeys::SkipAny,
        })
    };
    add("orphans", lookup(None, Presence::Absent));
    add(
        "orphans among open",
        lookup(Some(is_open), Presence::Absent),
    );
    add("found", lookup(None, Presence::Found));
    add("orphans by region", by(lookup(None, Presence::Absent)));
    add(
        "zones",
        Measure::Elsewhere("zones".to_owned(), Box::new(Measure::RowCount)),
    );
    add(
        "query",
        Measure::Query(
            "SELECT count(*) FROM trips WHERE vendor NOT IN ('acme', 'zoom', 'blau') -- five"
                .to_owned(),
        ),
    );
    add("count by region where", by(count(more("fare", 10.0))));
    for (name, interpolation) in [
        ("linear", Interpolation::Linear),
        ("lower", Interpolation::Lower),
        ("higher", Interpolation::Higher),
        ("nearest", Interpolation::Nearest),
        ("midpoint", Interpolation::Midpoint),
        ("inverted", Interpolation::Inverted),
    ] {
        for (written, fraction) in [
            ("0.0", 0.0),
            ("0.25", 0.25),
            ("0.3333", 0.3333),
            ("0.5", 0.5),
            ("0.99", 0.99),
            ("1.0", 1.0),
        ] {
            let measure = Measure::Quantile(column("fare"), fraction, interpolation);
            add(&format!("quantile {name} {written}"), measure);
        }
    }
    let quantile = |interpolation| Measure::Quantile(Value::column("fare"), 0.9, interpolation);
    add("quantile by region", by(quantile(Interpolation::Linear)));
    add(
        "lower quantile by region",
        by(quantile(Interpolation::Lower)),
    );
    all
}

/// What is asked of texts that no file gives a type.
fn of_texts() -> Vec<(String, Measure)> {
    let column = || Value::column("written");
    let more = Condition::Compare(column(), Comparison::Greater, Value::number(1.0));
    let whole = Condition::ReadsAs("written".to_owned(), LogicalType::Integer);
    [
        ("texts as numbers", Condition::IsNull(column()).negated()),
        ("texts as numbers", more),
        ("reads as integer", whole),
    ]
    .map(|(name, condition)| (name.to_owned(), Measure::Count(condition)))
    .to_vec()
}

/// What was measured, as the reference writes it.
fn shown(measured: &Measured) -> Json {
    match measured {
        Measured::Count(count) => json!(count),
        Measured::Number(number) => json!(number),
        Measured::Failing(rows) => {
            let shown = rows.examples.iter().all(|row| row.value.is_some());
            let enough =
                rows.examples.len() as u64 == rows.count.min(3) || rows.examples.is_empty();
            assert!(shown && enough, "{rows:?}");
            json!({"count": rows.count, "eligible": rows.eligible})
        }
        Measured::Newest(newest) => json!(newest.map(|newest| newest.to_rfc3339())),
        Measured::Moments(m) if m.mean.is_nan() => {
            json!({"count": m.count, "nan": m.nan, "infinite": m.infinite, "zeros": m.zeros})
        }
        Measured::Moments(m) => json!({
            "count": m.count, "nan": m.nan, "infinite": m.infinite, "zeros": m.zeros,
            "mean": m.mean, "sum": m.sum, "m2": m.m2, "m3": m.m3, "m4": m.m4,
        }),
        Measured::Comoments(m) => json!({
            "count": m.count, "mean_x": m.mean_x, "mean_y": m.mean_y,
            "m2_x": m.m2_x, "m2_y": m.m2_y, "c": m.c,
        }),
        Measured::Extremes(None) => Json::Null,
        Measured::Extremes(Some((low, high))) => json!([scalar(low), scalar(high)]),
        Measured::Groups(g) => json!({
            "rows": g.rows, "distinct": g.distinct, "repeated": g.repeated,
            "rows_of_repeated": g.rows_of_repeated, "entropy": g.entropy,
        }),
        Measured::Frequencies(all) => json!(all),
        Measured::Distribution(Distribution::Numeric(d)) => json!({
            "points": d.points, "nan": d.nan_count, "infinite": d.infinite_count,
            "rank_error": d.rank_error,
        }),
        Measured::Distribution(Distribution::Categorical(d)) => json!({
            "counts": d.counts, "nulls": d.null_count, "other": d.other_count,
        }),
        Measured::Answer(answer) => json!({"rows": answer.row_count, "number": answer.number}),
        Measured::Slices(slices) => slices
            .iter()
            .map(|slice| json!([slice.values, shown(&slice.measured)]))
            .collect(),
        Measured::Between(_)
        | Measured::Paired(_)
        | Measured::Near(_)
        | Measured::Personal(_)
        | Measured::Vectors(_) => {
            unreachable!("not asked of a remote engine")
        }
        Measured::Failed(_, why) => json!(why),
    }
}

fn scalar(scalar: &Scalar) -> Json {
    match scalar {
        Scalar::Integer(whole) => json!(whole),
        Scalar::Unsigned(whole) => json!(whole),
        Scalar::Number(number) if number.is_infinite() => json!("inf"),
        Scalar::Number(number) => json!(number),
        Scalar::Boolean(value) => json!(value),
        Scalar::Decimal(_) | Scalar::Text(_) | Scalar::Instant(_) => json!(scalar.to_string()),
    }
}

fn agree(expected: &Json, found: &Json) -> bool {
    match (expected, found) {
        (Json::Number(_), Json::Number(_)) => {
            let (Some(expected), Some(found)) = (expected.as_f64(), found.as_f64()) else {
                return false;
            };
            (expected - found).abs() <= RELATIVE * expected.abs().max(found.abs())
        }
        (Json::Array(expected), Json::Array(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(one, two)| agree(one, two))
        }
        (Json::Object(expected), Json::Object(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .all(|(key, one)| found.get(key).is_some_and(|two| agree(one, two)))
        }
        (expected, found) => expected == found,
    }
}

fn short(value: &Json) -> String {
    value.to_string().chars().take(400).collect()
}
