//! Tests of reading lines: thresholds, durations, references, mistakes.

use super::*;

fn metric(text: &str) -> (String, Vec<Argument>, Option<Threshold>) {
    match parse(text) {
        Ok(Line::Metric {
            name,
            arguments,
            passes,
        }) => (name, arguments, passes),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn thresholds_are_read_with_their_ends() {
    let cases = [
        ("row_count > 0", Zone::Above(End::open(0.0))),
        ("missing_percent(a) < 5 %", Zone::Below(End::open(5.0))),
        ("missing_percent(a) <= 5%", Zone::Below(End::closed(5.0))),
        ("avg(a) = -1.5", Zone::Only(-1.5)),
        ("avg(a) != +2", Zone::Except(2.0)),
        (
            "avg(a) between 1 and 2",
            Zone::Inside(End::closed(1.0), End::closed(2.0)),
        ),
        (
            "avg(a) between (1 and 2]",
            Zone::Inside(End::open(1.0), End::closed(2.0)),
        ),
        (
            "avg(a) not between -1 and 2)",
            Zone::Outside(End::open(-1.0), End::closed(2.0)),
        ),
    ];
    for (text, zone) in cases {
        let (_, _, passes) = metric(text);
        let passes = passes.unwrap_or_else(|| panic!("{text}"));
        assert_eq!((passes.zone, passes.duration), (zone, false), "{text}");
    }
}

#[test]
fn durations_are_seconds() {
    let (name, arguments, passes) = metric("freshness(\"created at\") < 1d6h30m");
    assert_eq!(name, "freshness");
    assert_eq!(arguments, [Argument::Name("created at".to_owned())]);
    let passes = passes.expect("a threshold");
    assert_eq!(passes.zone, Zone::Below(End::open(109_800.0)));
    assert!(passes.duration);
    assert_eq!(
        metric("freshness using ts < 24h"),
        (
            "freshness".to_owned(),
            vec![Argument::Name("ts".to_owned())],
            Some(Threshold {
                zone: Zone::Below(End::open(86_400.0)),
                duration: true
            })
        )
    );
}

#[test]
fn references_and_comparisons_of_tables_are_read() {
    assert_eq!(
        parse("values in (a, b) must not exist in t (c, d)"),
        Ok(Line::Reference {
            columns: vec!["a".to_owned(), "b".to_owned()],
            table: "t".to_owned(),
            columns_there: vec!["c".to_owned(), "d".to_owned()],
            must_not: true,
        })
    );
    assert_eq!(
        parse("row_count same as other in source"),
        Ok(Line::RowCountSameAs {
            table: "other".to_owned(),
            qualified: true
        })
    );
    assert_eq!(
        parse("change avg last 7 for row_count < 50"),
        Ok(Line::History("a change over time"))
    );
    assert_eq!(
        metric("percentile(distance, 0.7) < 10").1,
        [Argument::Name("distance".to_owned()), Argument::Number(0.7)]
    );
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, at, part) in [
        ("row_count >> 5", 11, "expected a number"),
        ("missing_count(a = 0", 15, "expected `,` or `)`"),
        ("avg(a) between 5 and 1", 22, "smaller value comes first"),
        ("avg(a) < 5 or > 6", 11, "did not expect more"),
        ("avg(a) < ${x}", 9, "no value"),
        (
            "values in (a) must exist in t (b, c)",
            36,
            "as many columns",
        ),
        ("avg(\"a < 5", 4, "does not end"),
    ] {
        let wrong = parse(text).expect_err(text);
        assert_eq!(wrong.at, at, "{text}: {}", wrong.message);
        assert!(wrong.message.contains(part), "{text}: {}", wrong.message);
    }
}
