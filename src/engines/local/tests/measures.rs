//! Every kind of measure against values worked out by hand, and every way of keeping state against the
//! others.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engines::{Options, Request};
use crate::measure::{
    Anchor, Groups, Lookup, Moments, Operator, Order, OrderRule, Presence, Slice, Statistic,
};

fn compare(left: Value, comparison: Comparison, right: Value) -> Condition {
    Condition::Compare(left, comparison, right)
}

fn whole(value: i64) -> Value {
    Value::Literal(Scalar::Integer(value))
}

fn count(source: &TableSource, condition: Condition) -> u64 {
    match measured(source, Measure::Count(condition)) {
        Measured::Count(count) => count,
        other => panic!("{other:?}"),
    }
}

/// Numbers with holes, as CSV.
fn numbers() -> (tempfile::TempDir, TableSource) {
    written(
        "n.csv",
        "g,x,y\na,1,10\na,2,\nb,,30\nb,4,4.5\n,5,5\n",
        &[("x", LogicalType::Integer), ("y", LogicalType::Number)],
    )
}

#[test]
fn logic_has_three_values() {
    let (_folder, source) = numbers();
    let x = || Value::column("x");
    let large = compare(x(), Comparison::Greater, whole(1));
    let null = compare(x(), Comparison::Equal, Value::Null);
    assert_eq!(count(&source, large.clone()), 3);
    // `not` of null is null: the row without x is in neither.
    assert_eq!(count(&source, large.clone().negated()), 1);
    assert_eq!(count(&source, null.clone()), 0);
    assert_eq!(count(&source, null.clone().negated()), 0);
    // `true or null` is true, `false or null` is not.
    assert_eq!(
        count(&source, Condition::Any(vec![large.clone(), null.clone()])),
        3
    );
    // `false and null` is false, so its opposite is true; `true and null` is not.
    let both = Condition::All(vec![large, null]);
    assert_eq!(count(&source, both.clone()), 0);
    assert_eq!(count(&source, both.negated()), 1);
    assert_eq!(count(&source, Condition::All(vec![])), 5);
    assert_eq!(count(&source, Condition::Any(vec![])), 0);
    assert_eq!(count(&source, Condition::IsNull(x())), 1);
}

#[test]
fn integers_compare_with_fractions_exactly() {
    let large = 9_007_199_254_740_993_i64; // 2^53 + 1, which no float is.
    let (_folder, source) = written(
        "n.csv",
        &format!("x\n{large}\n3\n"),
        &[("x", LogicalType::Integer)],
    );
    let x = || Value::column("x");
    let nearest = Value::number(9_007_199_254_740_992.0);
    assert_eq!(
        count(&source, compare(x(), Comparison::Equal, nearest.clone())),
        0
    );
    assert_eq!(
        count(&source, compare(x(), Comparison::Greater, nearest)),
        1
    );
    assert_eq!(
        count(&source, compare(x(), Comparison::Equal, whole(large))),
        1
    );
    assert_eq!(
        count(&source, compare(x(), Comparison::Less, Value::number(3.5))),
        1
    );
    assert_eq!(
        count(
            &source,
            compare(x(), Comparison::Greater, Value::number(2.5))
        ),
        2
    );
    assert_eq!(
        count(
            &source,
            compare(x(), Comparison::Less, Value::number(f64::NAN))
        ),
        0
    );
    assert_eq!(
        count(
            &source,
            compare(x(), Comparison::Less, Value::number(1e300))
        ),
        2
    );
    // A text beside a number is read as one.
    assert_eq!(
        count(&source, compare(x(), Comparison::Equal, Value::text("3"))),
        1
    );
    assert_eq!(
        count(
            &source,
            compare(x(), Comparison::Equal, Value::text("three"))
        ),
        0
    );
}

#[test]
fn values_are_computed_row_by_row() {
    let (_folder, source) = numbers();
    let x = || Box::new(Value::column("x"));
    let y = || Box::new(Value::column("y"));
    let sum = Value::Arithmetic(x(), Operator::Add, y());
    assert_eq!(
        count(&source, compare(sum, Comparison::Equal, whole(11))),
        1
    );
    // Division by zero is null.
    let zero = Value::Arithmetic(x(), Operator::Subtract, x());
    let quotient = Value::Arithmetic(y(), Operator::Divide, Box::new(zero));
    assert_eq!(count(&source, Condition::IsNull(quotient)), 5);
    let known = Value::Coalesce(vec![*y(), *x()]);
    assert_eq!(
        count(&source, compare(known, Comparison::Equal, whole(2))),
        1
    );
    let upper = Value::Upper(Box::new(Value::column("g")));
    assert_eq!(
        count(&source, compare(upper, Comparison::Equal, Value::text("A"))),
        2
    );
    let above = compare(*y(), Comparison::Greater, *x());
    let indicator = Value::Indicator(Box::new(above));
    assert_eq!(
        count(&source, compare(indicator, Comparison::Equal, whole(1))),
        2
    );
    let anchored = Pattern {
        expression: "b".into(),
        anchor: Anchor::Whole,
    };
    assert_eq!(
        count(&source, Condition::Matches(Value::column("g"), anchored)),
        2
    );
    let looking_ahead = Pattern::search("^(?!a)");
    assert_eq!(
        count(
            &source,
            Condition::Matches(Value::column("g"), looking_ahead)
        ),
        2
    );
}

#[test]
fn moments_are_those_of_scipy() {
    // scipy 1.17.1: skew([1, 2, 4, 5, 10]) and kurtosis of the same, both biased.
    let (_folder, source) = written(
        "n.csv",
        "x\n1\n2\n4\n5\n10\n",
        &[("x", LogicalType::Integer)],
    );
    let Measured::Moments(moments) = measured(&source, mean("x")) else {
        panic!("no moments")
    };
    assert_eq!((moments.count, moments.sum, moments.mean), (5, 22.0, 4.4));
    assert!((moments.variance(1).expect("enough") - 12.3).abs() < 1e-12);
    assert!((moments.skewness().expect("defined") - 0.794_638_293_598_453).abs() < 1e-12);
    assert!((moments.kurtosis().expect("defined") + 0.623_735_871_505_056_9).abs() < 1e-12);
}

#[test]
fn a_measure_on_some_rows_and_on_each_slice() {
    let (_folder, source) = numbers();
    let rows = Arc::new(compare(Value::column("x"), Comparison::Less, whole(5)));
    let on_some = Measure::Where(rows, Box::new(Measure::RowCount));
    assert_eq!(measured(&source, on_some), Measured::Count(3));
    let by = Measure::By(vec!["g".into()], Box::new(Measure::NullCount("x".into())));
    let slice = |value: Option<&str>, nulls| Slice {
        values: vec![value.map(str::to_owned)],
        measured: Measured::Count(nulls),
    };
    assert_eq!(
        measured(&source, by),
        Measured::Slices(vec![
            slice(None, 0),
            slice(Some("a"), 0),
            slice(Some("b"), 1)
        ])
    );
}

#[test]
fn statistics_stand_in_conditions() {
    let (_folder, source) = numbers();
    let mean = Value::Statistic(Statistic::Mean, Box::new(Value::column("x")));
    // The mean of 1, 2, 4 and 5 is 3.
    let above = compare(Value::column("x"), Comparison::Greater, mean);
    assert_eq!(count(&source, above.clone()), 2);
    // On some rows it is the mean of these rows: of 1 and 2.
    let rows = Arc::new(compare(
        Value::column("g"),
        Comparison::Equal,
        Value::text("a"),
    ));
    let on_some = Measure::Where(rows, Box::new(Measure::Count(above)));
    assert_eq!(measured(&source, on_some), Measured::Count(1));
}

fn order(rule: OrderRule, sorted_by: Option<&str>, within: &[&str]) -> Measure {
    Measure::Ordered(Order {
        value: Value::column("x"),
        rule,
        sorted_by: sorted_by.map(Value::column),
        within: within.iter().map(|column| (*column).to_owned()).collect(),
    })
}

fn out_of_order(source: &TableSource, measure: Measure) -> (u64, u64, Vec<u64>) {
    match measured(source, measure) {
        Measured::Failing(rows) => (
            rows.count,
            rows.eligible,
            rows.examples
                .iter()
                .map(|example| example.row_number)
                .collect(),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn orders_are_kept_or_not() {
    let (_folder, source) = written(
        "o.csv",
        "g,t,x,e\na,3,1,2\nb,1,2,2\na,2,2,3\n,,,\nb,4,1,5\na,5,7,9\n",
        &[
            ("t", LogicalType::Integer),
            ("x", LogicalType::Integer),
            ("e", LogicalType::Integer),
        ],
    );
    let increasing = |strictly| OrderRule::Increasing { strictly };
    // In file order: 1, 2, 2, 1, 7.
    assert_eq!(
        out_of_order(&source, order(increasing(false), None, &[])),
        (1, 5, vec![5])
    );
    assert_eq!(
        out_of_order(&source, order(increasing(true), None, &[])),
        (2, 5, vec![3, 5])
    );
    // Sorted by t: 2, 2, 1, 1, 7.
    assert_eq!(
        out_of_order(&source, order(increasing(false), Some("t"), &[])),
        (1, 5, vec![1])
    );
    // Within g, in file order: a is 1, 2, 7 and b is 2, 1.
    assert_eq!(
        out_of_order(&source, order(increasing(true), None, &["g"])),
        (1, 5, vec![5])
    );
    assert_eq!(
        out_of_order(&source, order(OrderRule::Step(1.0), None, &[])),
        (3, 5, vec![3, 5, 6])
    );
    assert_eq!(
        out_of_order(&source, order(OrderRule::GapAtMost(3.0), None, &[])),
        (1, 5, vec![6])
    );
    let apart = |may_touch| OrderRule::RangesApart {
        end: Value::column("e"),
        may_touch,
    };
    // Ranges 1–2, 2–2, 2–3, 1–5, 7–9.
    assert_eq!(
        out_of_order(&source, order(apart(true), None, &[])),
        (1, 5, vec![5])
    );
    assert_eq!(
        out_of_order(&source, order(apart(false), None, &[])),
        (3, 5, vec![2, 3, 5])
    );
}

#[test]
fn keys_are_looked_up_in_other_tables() {
    let (_here, source) = written(
        "child.csv",
        "id,name\n1,x\n2,y\n,z\n7,x\n",
        &[("id", LogicalType::Integer)],
    );
    // The other file says nothing of types: its keys are read as what they are compared with.
    let (_there, other) = written("parent.csv", "key,state\n1,on\n2,off\n3,on\n", &[]);
    let others = BTreeMap::from([("parent".to_owned(), other)]);
    let lookup = |fails, rows_there| {
        Measure::Lookup(Lookup {
            key: vec![Value::column("id")],
            dataset: "parent".into(),
            key_there: vec![Value::column("key")],
            rows_there,
            fails,
            nulls: NullKeys::SkipAny,
        })
    };
    let on = compare(Value::column("state"), Comparison::Equal, Value::text("on"));
    let measures = [
        lookup(Presence::Absent, None),
        lookup(Presence::Found, None),
        lookup(Presence::Absent, Some(on)),
        Measure::Elsewhere("parent".into(), Box::new(Measure::RowCount)),
        Measure::Elsewhere("nobody".into(), Box::new(Measure::RowCount)),
    ];
    let found = crate::engines::measure(Request {
        source: &source,
        measures: &measures,
        others: &others,
        options: Options::default(),
    })
    .expect("reads")
    .measured;
    let rows = |measured: &Measured| match measured {
        Measured::Failing(rows) => (rows.count, rows.eligible),
        other => panic!("{other:?}"),
    };
    assert_eq!(rows(&found[0]), (1, 3));
    assert_eq!(rows(&found[1]), (2, 3));
    assert_eq!(rows(&found[2]), (2, 3));
    assert_eq!(found[3], Measured::Count(3));
    assert!(matches!(&found[4], Measured::Failed(_, why) if why.contains("nobody")));
}

#[test]
fn frequencies_come_most_frequent_first_and_not_too_many() {
    let (_folder, source) = numbers();
    let frequencies = |combinations_max| Measure::Frequencies {
        values: vec![Value::column("g")],
        combinations_max,
    };
    let text = |value: &str| vec![Some(value.to_owned())];
    assert_eq!(
        measured(&source, frequencies(3)),
        Measured::Frequencies(vec![(text("a"), 2), (text("b"), 2), (vec![None], 1)])
    );
    assert!(matches!(
        measured(&source, frequencies(2)),
        Measured::Failed(..)
    ));
}

#[test]
fn pairs_correlate() {
    let (_folder, source) = written(
        "p.csv",
        "x,y\n1,2\n2,4.5\n3,5\n,9\n4,9.5\n",
        &[("x", LogicalType::Integer), ("y", LogicalType::Number)],
    );
    let pair = Measure::Comoments(Value::column("x"), Value::column("y"));
    let Measured::Comoments(pair) = measured(&source, pair) else {
        panic!("no moments")
    };
    // numpy 2.3.4: corrcoef([1, 2, 3, 4], [2, 4.5, 5, 9.5])[0, 1].
    assert!(
        (pair.correlation().expect("defined") - 0.950_932_965_183_931_4).abs() < 1e-9,
        "{pair:?}"
    );
    assert_eq!(pair.count, 4);
}

/// What a grouping gives, however little memory there is.
pub(super) fn groups_with(source: &TableSource, measure: &Measure, state_bytes_max: u64) -> Groups {
    let measured = crate::engines::measure(Request {
        source,
        measures: std::slice::from_ref(measure),
        others: &BTreeMap::new(),
        options: Options {
            state_bytes_max,
            ..Options::default()
        },
    })
    .expect("reads")
    .measured;
    match measured.into_iter().next() {
        Some(Measured::Groups(groups)) => groups,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_that_go_to_a_file_count_the_same() {
    let mut text = String::from("k,n\n");
    for row in 0..60_000_u64 {
        let key = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 50_000;
        text.push_str(&format!("a-rather-long-key-{key},{key}\n"));
    }
    let (_folder, source) = written("k.csv", &text, &[("n", LogicalType::Integer)]);
    let exact: std::collections::BTreeMap<u64, u64> =
        (0..60_000_u64).fold(BTreeMap::new(), |mut counts, row| {
            *counts
                .entry(row.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 50_000)
                .or_default() += 1;
            counts
        });
    for column in ["k", "n"] {
        let measure = key(&[column], NullKeys::SkipAny);
        let in_memory = groups_with(&source, &measure, u64::MAX);
        let in_a_file = groups_with(&source, &measure, 0);
        assert_eq!(in_memory, in_a_file);
        assert_eq!(in_memory.rows, 60_000);
        assert_eq!(in_memory.distinct, exact.len() as u64);
        let repeated = exact.values().filter(|count| 1 < **count);
        assert_eq!(in_memory.repeated, repeated.count() as u64);
        assert_eq!(in_memory.examples.len(), 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_numbers_measure_as_they_do_when_sorted(
        values in prop::collection::vec(prop_oneof![
            3 => (-50_i32..50).prop_map(|x| Some(f64::from(x) / 4.0)),
            1 => Just(None),
            1 => any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Some),
        ], 1..200),
        fraction in 0.0..=1.0_f64,
    ) {
        let lines: Vec<String> = values
            .iter()
            .map(|value| value.map_or(String::new(), |value| format!("{value:?}")))
            .collect();
        // A second column, so that a line with a null is not an empty line.
        let text = format!("x,y\n{},\n", lines.join(",\n"));
        let (_folder, source) = written("x.csv", &text, &[("x", LogicalType::Number)]);
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let quantile = measured(
            &source,
            Measure::Quantile(Value::column("x"), fraction, Interpolation::Lower),
        );
        let rank = (fraction * (sorted.len().max(1) - 1) as f64).floor() as usize;
        let expected = sorted.get(rank).copied();
        prop_assert_eq!(quantile, Measured::Number(expected.map(|x| x + 0.0)));
        let Measured::Moments(moments) = measured(&source, mean("x")) else {
            panic!("no moments")
        };
        prop_assert_eq!(moments.count, sorted.len() as u64);
        let groups = groups_with(&source, &key(&["x"], NullKeys::SkipAny), u64::MAX);
        let mut different: Vec<f64> = sorted.iter().map(|x| x + 0.0).collect();
        different.dedup();
        prop_assert_eq!(groups.distinct, different.len() as u64);
        prop_assert_eq!(groups.rows, sorted.len() as u64);
    }
}

#[test]
fn half_precision_numbers_are_numbers() {
    for name in ["half.parquet", "half.arrow"] {
        let source = TableSource {
            path: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fixtures/data/formats")
                .join(name),
            locator: name.to_owned(),
            ..TableSource::default()
        };
        let Measured::Moments(id) = measured(&source, mean("id")) else {
            panic!("{name} is read")
        };
        assert_eq!((id.count, id.mean), (3, 2.0), "{name}");
        let found = measured(&source, Measure::Extremes(Value::column("half")));
        let ends = (Scalar::Number(-2.0), Scalar::Number(0.5));
        assert_eq!(found, Measured::Extremes(Some(ends)), "{name}");
        let present = rule("half", Condition::Constant(false));
        assert_eq!(failing_rows(&source, present).1, 2, "{name}");
    }
}

#[test]
fn decimals_are_told_apart_as_keys() {
    let source = TableSource {
        path: Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data/formats/wide.parquet"),
        locator: "wide.parquet".to_owned(),
        ..TableSource::default()
    };
    for (columns, distinct) in [
        (vec!["id"], 4),
        (vec!["price", "id"], 4),
        (vec![], 4),
        (vec!["price"], 3),
    ] {
        let groups = groups_with(&source, &key(&columns, NullKeys::SkipAny), u64::MAX);
        assert_eq!((groups.rows, groups.distinct), (4, distinct), "{columns:?}");
    }
}

#[test]
fn whole_numbers_stay_exact() {
    let source = TableSource {
        path: Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data/formats/digits.parquet"),
        locator: "digits.parquet".to_owned(),
        ..TableSource::default()
    };
    let extremes = |column: &str| measured(&source, Measure::Extremes(Value::column(column)));
    let ends = |low, high| Measured::Extremes(Some((low, high)));
    assert_eq!(
        extremes("id"),
        ends(Scalar::Integer(1), Scalar::Unsigned(u64::MAX))
    );
    let near = |value: i64| Scalar::Integer(9_007_199_254_740_990 + value);
    assert_eq!(extremes("near"), ends(near(3), near(5)));
}

#[test]
fn an_empty_moment_is_none() {
    assert_eq!(Moments::default().variance(1), None);
    assert_eq!(Moments::default().skewness(), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_approximate_quantile_encloses_every_exact_one(
        values in proptest::collection::vec((-1000..1000_i32, -3..4_i32), 1..200),
        fraction in 0.0..=1.0_f64,
    ) {
        let numbers = values.iter().map(|(value, power)| f64::from(*value) * 10_f64.powi(*power));
        let text: String = numbers.map(|number| format!("{number}\n")).collect();
        let (_directory, source) = written("n.csv", &format!("x\n{text}"), &[("x", LogicalType::Number)]);
        let x = || Value::column("x");
        let mut measures = vec![Measure::ApproximateQuantile(x(), fraction)];
        measures.extend(
            [
                Interpolation::Linear,
                Interpolation::Lower,
                Interpolation::Higher,
                Interpolation::Nearest,
                Interpolation::Midpoint,
                Interpolation::Inverted,
            ]
            .map(|interpolation| Measure::Quantile(x(), fraction, interpolation)),
        );
        let (_, found) = measure(&source, &measures, 0).expect("readable");
        let [Measured::Between(Some((low, high))), exact @ ..] = found.as_slice() else {
            panic!("{found:?}");
        };
        for one in exact {
            let Measured::Number(Some(exact)) = one else { panic!("{one:?}") };
            proptest::prop_assert!(low <= exact && exact <= high, "{low} {exact} {high}");
        }
        // The numbers at both ranks are known to 1/256.
        let [_, Measured::Number(Some(lower)), Measured::Number(Some(higher)), ..] = exact else {
            panic!("{exact:?}");
        };
        let accuracy = 1.0 / 256.0 + 1e-12;
        proptest::prop_assert!(lower - low <= lower.abs().max(low.abs()) * accuracy);
        proptest::prop_assert!(high - higher <= higher.abs().max(high.abs()) * accuracy);
    }
}

#[test]
fn an_approximate_quantile_of_few_whole_numbers_is_exact_and_of_none_is_none() {
    let text: String = (0..1000).map(|row| format!("{}\n", row % 200)).collect();
    let types = [("x", LogicalType::Number)];
    let (_directory, source) = written("n.csv", &format!("x\n{text}"), &types);
    let approximate = || Measure::ApproximateQuantile(Value::column("x"), 0.5);
    let (low, high) = match measured(&source, approximate()) {
        Measured::Between(Some(ends)) => ends,
        other => panic!("{other:?}"),
    };
    assert_eq!((low, high), (99.0, 100.0));
    let nobody = Condition::Constant(false);
    let none = Measure::Where(std::sync::Arc::new(nobody), Box::new(approximate()));
    assert_eq!(measured(&source, none), Measured::Between(None));
}

#[test]
fn a_null_is_found_in_another_table_only_where_null_equals_null() {
    let text = "k,s,f\n1,a,1.5\n2,,\n3,b,\n,,\n";
    let types = [("k", LogicalType::Integer), ("f", LogicalType::Number)];
    let (_here, source) = written("here.csv", text, &types);
    let (_there, other) = written("there.csv", text, &types);
    let others = BTreeMap::from([("there".to_owned(), other)]);
    for (nulls, found) in [
        (NullKeys::SkipAny, (1, 1)),
        (NullKeys::SkipAll, (3, 3)),
        (NullKeys::Equal, (4, 4)),
    ] {
        let measures: Vec<Measure> = [Presence::Found, Presence::Absent]
            .into_iter()
            .map(|fails| {
                let key: Vec<Value> = ["k", "s", "f"].into_iter().map(Value::column).collect();
                Measure::Lookup(Lookup {
                    key: key.clone(),
                    dataset: "there".into(),
                    key_there: key,
                    rows_there: None,
                    fails,
                    nulls,
                })
            })
            .collect();
        let answers = crate::engines::measure(Request {
            source: &source,
            measures: &measures,
            others: &others,
            options: Options::default(),
        });
        let counts: Vec<(u64, u64)> = answers
            .expect("reads")
            .measured
            .iter()
            .map(|measured| match measured {
                Measured::Failing(rows) => (rows.count, rows.eligible),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(counts, [found, (0, found.1)], "{nulls:?}");
    }
}
