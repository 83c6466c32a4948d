//! A profile says what was measured, shows nothing personal and breaks no page.

use super::*;
use crate::measure::{CategoricalDistribution, ColumnFacts};

fn facts(names: &[&str]) -> TableFacts {
    TableFacts {
        row_count: 10,
        columns: names
            .iter()
            .map(|name| ColumnFacts {
                name: (*name).to_owned(),
                logical_type: Some(LogicalType::String),
                physical_type: "str".to_owned(),
            })
            .collect(),
        typed: false,
    }
}

fn keys(distinct: u64) -> Measured {
    Measured::Groups(Groups {
        rows: 10,
        distinct,
        repeated: u64::from(distinct < 10),
        rows_of_repeated: if distinct < 10 { 11 - distinct } else { 0 },
        ..Groups::default()
    })
}

fn text_column(values: &[(&str, u64)]) -> Vec<Measured> {
    let lengths = Moments {
        count: 10,
        mean: 3.0,
        ..Moments::default()
    };
    vec![
        Measured::Count(0),
        keys(values.len() as u64),
        Measured::Count(0),
        Measured::Moments(lengths),
        Measured::Extremes(Some((Scalar::Integer(0), Scalar::Integer(7)))),
        Measured::Distribution(Distribution::Categorical(CategoricalDistribution {
            counts: values
                .iter()
                .map(|(text, count)| ((*text).to_owned(), *count))
                .collect(),
            null_count: 0,
            other_count: 0,
        })),
        Measured::Personal(crate::measure::PersonalFound::default()),
    ]
}

fn number_column() -> Vec<Measured> {
    let points: Vec<(f64, u64)> = (0..10).map(|value| (f64::from(value), 1)).collect();
    let moments = Moments {
        count: 10,
        mean: 4.5,
        m2: 82.5,
        zeros: 1,
        ..Moments::default()
    };
    vec![
        Measured::Count(0),
        keys(10),
        Measured::Extremes(Some((Scalar::Integer(0), Scalar::Integer(9)))),
        Measured::Moments(moments),
        Measured::Count(0),
        Measured::Distribution(Distribution::Numeric(NumericDistribution {
            points,
            ..NumericDistribution::default()
        })),
        Measured::Count(0),
    ]
}

fn example() -> DatasetProfile {
    let hostile = "</svg><script>alert(1)</script>";
    let facts = facts(&["n", "email", hostile]);
    let types = vec![("n".to_owned(), LogicalType::Integer)];
    let mut measured = vec![keys(9)];
    measured.extend(number_column());
    measured.extend(text_column(&[("a@example.org", 9), ("b@example.org", 1)]));
    measured.extend(text_column(&[("\u{1b}[31m<b>", 10)]));
    assert_eq!(measured.len(), measures(&facts, &types).len());
    let sha256 = Sha256::of(b"data");
    profile("d", sha256, &facts, &types, &measured, |name, by_form| {
        by_form || name == "email"
    })
}

#[test]
fn a_profile_says_what_was_measured() {
    let profile = example();
    let n = &profile.columns[0];
    assert!(n.unique && n.remarks == ["identifies rows"]);
    assert_eq!(n.range, Some(("0".to_owned(), "9".to_owned())));
    let numbers = n.numbers.expect("numbers");
    assert_eq!(numbers.quantiles, [0.0, 2.0, 4.0, 7.0, 9.0]);
    assert!((numbers.standard_deviation.expect("ten values") - 3.027_650_354).abs() < 1e-9);
    assert_eq!(n.histogram.iter().map(|bin| bin.count).sum::<u64>(), 10);
    assert_eq!(profile.repeated_rows, Some(1));
    assert!(profile.columns[2].remarks.contains(&"constant".to_owned()));
    assert!(
        profile.columns[2]
            .remarks
            .contains(&"holds empty texts".to_owned())
    );
}

#[test]
fn personal_values_are_shown_nowhere() {
    let profile = example();
    let json = serde_json::to_string(&profile).expect("serialises");
    let page = page(&profile).expect("renders");
    for text in [json, page, table(&profile)] {
        assert!(!text.contains("example.org"), "{text}");
    }
}

#[test]
fn values_that_are_personal_by_their_form_are_shown_nowhere_either() {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let mut found = crate::measure::PersonalFound::default();
    found.update(key, 10, 1);
    let mut column = text_column(&[(key, 10)]);
    column[6] = Measured::Personal(found);
    let mut measured = vec![keys(9)];
    measured.extend(column);
    let sha256 = Sha256::of(b"data");
    let profile = profile(
        "d",
        sha256,
        &facts(&["code"]),
        &[],
        &measured,
        |_, by_form| by_form,
    );
    assert!(profile.columns[0].personal);
    let json = serde_json::to_string(&profile).expect("serialises");
    let page = page(&profile).expect("renders");
    for text in [json, page, table(&profile)] {
        assert!(!text.contains(key), "{text}");
    }
}

#[test]
fn names_and_values_break_out_of_nothing() {
    let profile = example();
    let page = page(&profile).expect("renders");
    assert!(
        !page.contains("<script>") && !page.contains("<b>"),
        "{page}"
    );
    assert!(!table(&profile).contains('\u{1b}'));
}

#[test]
fn equal_values_are_one_bin_and_none_are_none() {
    let one = NumericDistribution {
        points: vec![(3.0, 5)],
        ..NumericDistribution::default()
    };
    assert_eq!(histogram(&one).len(), 1);
    assert!(histogram(&NumericDistribution::default()).is_empty());
    let wide = NumericDistribution {
        points: vec![(-f64::MAX, 1), (f64::MAX, 1)],
        ..NumericDistribution::default()
    };
    assert_eq!(histogram(&wide).len(), 1);
}
