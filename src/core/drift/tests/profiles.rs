//! The reference profile: written, read, merged, refused.

use std::collections::BTreeMap;

use crate::drift::columns;
use crate::drift::profile::{ColumnProfile, ProfileError, ReferenceProfile};
use crate::evidence::{InputRef, Sha256};
use crate::measure::{
    CategoricalDistribution, Distribution, LogicalType, Moments, NumericDistribution,
};

fn input(name: &str) -> InputRef {
    InputRef {
        locator: name.to_owned(),
        sha256: Sha256::of(name.as_bytes()),
        fetched_at: None,
    }
}

fn profile(name: &str, values: &[Option<f64>], texts: &[Option<&str>]) -> ReferenceProfile {
    let mut profile = ReferenceProfile::new(vec![input(name)], values.len() as u64);
    let numbers = NumericDistribution::of(values.iter().copied());
    let (count, mean, m2) = columns::moments(&numbers);
    let moments = Moments {
        count: count as u64,
        mean,
        m2,
        ..Moments::default()
    };
    let age = ColumnProfile::new(
        Some(LogicalType::Number),
        Distribution::Numeric(numbers),
        Some(&moments),
    );
    let texts = CategoricalDistribution::of(texts.iter().copied());
    let city = ColumnProfile::new(
        Some(LogicalType::String),
        Distribution::Categorical(texts),
        None,
    );
    profile.columns = BTreeMap::from([("age".to_owned(), age), ("city".to_owned(), city)]);
    profile
}

#[test]
fn a_profile_reads_back_as_it_was_written() {
    let written = profile(
        "a",
        &[Some(0.1), None, Some(1e300)],
        &[Some("x\"y"), None, Some("")],
    );
    let text = written.render();
    let read = ReferenceProfile::parse(&text).expect("reads");
    assert_eq!(read, written);
    assert_eq!(read.render(), text);
}

#[test]
fn days_merge_into_the_profile_of_all_of_them() {
    let (first, second) = ([Some(1.0), Some(2.0), None], [Some(2.0), Some(9.5)]);
    let (cities, others) = ([Some("a"), None, Some("b")], [Some("b"), Some("c")]);
    let mut merged = profile("a", &first, &cities);
    merged
        .merge(&profile("b", &second, &others), 100)
        .expect("merges");
    let values: Vec<Option<f64>> = first.into_iter().chain(second).collect();
    let texts: Vec<Option<&str>> = cities.into_iter().chain(others).collect();
    let mut whole = profile("a", &values, &texts);
    whole.inputs = merged.inputs.clone();
    assert_eq!(merged.row_count, 5);
    let (found, expected) = (merged.columns["age"].moments, whole.columns["age"].moments);
    let (found, expected) = (found.expect("moments"), expected.expect("moments"));
    assert!((found.mean - expected.mean).abs() < 1e-12 && (found.m2 - expected.m2).abs() < 1e-12);
    for column in ["age", "city"] {
        assert_eq!(
            merged.columns[column].distribution,
            whole.columns[column].distribution
        );
    }
    assert!(matches!(
        merged.merge(&profile("a", &first, &cities), 100),
        Err(ProfileError::SameInput(_))
    ));
}

#[test]
fn a_column_of_one_day_only_is_null_in_the_other() {
    let mut merged = profile("a", &[Some(1.0)], &[Some("x")]);
    let mut other = profile("b", &[Some(1.0), None], &[None, None]);
    other.columns.remove("age");
    merged.merge(&other, 100).expect("merges");
    assert_eq!(merged.columns["age"].distribution.null_count(), 2);
    assert_eq!(merged.columns["city"].distribution.row_count(), 3);
}

#[test]
fn what_is_no_profile_is_refused() {
    let good = profile("a", &[Some(1.0), Some(2.0)], &[Some("x"), None]).render();
    let cases = [
        ("{", "no reference profile"),
        ("{}", "schema_version"),
        (
            &good.replace("\"schema_version\": 1", "\"schema_version\": 2"),
            "this program reads 1",
        ),
        (&good.replace("\"row_count\"", "\"rows\""), "unknown field"),
        (
            &good.replace("[1.0,1],[2.0,1]", "[2.0,1],[1.0,1]"),
            "ascending",
        ),
        (
            &good.replace("[1.0,1],[2.0,1]", "[1.0,0],[2.0,1]"),
            "never occurs",
        ),
        (
            &good.replace("\"rank_error\":0.0", "\"rank_error\":-1"),
            "rank error",
        ),
        (&good.replace("\"m2\":0.5", "\"m2\":-0.5"), "moments"),
    ];
    for (text, expected) in cases {
        let error = ReferenceProfile::parse(text)
            .expect_err("refused")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_column_without_values_keeps_rows_and_nulls_only() {
    let categories = CategoricalDistribution {
        counts: [
            ("ann@example.org".to_owned(), 7),
            ("jo@example.org".to_owned(), 2),
        ]
        .into(),
        null_count: 1,
        other_count: 0,
    };
    let column = ColumnProfile::new(None, Distribution::Categorical(categories), None);
    let hidden = column.without_values();
    let mut profile = ReferenceProfile::new(Vec::new(), 10);
    profile.columns.insert("email".to_owned(), hidden.clone());
    let text = profile.render();
    assert!(!text.contains("example.org"), "{text}");
    assert_eq!(ReferenceProfile::parse(&text).expect("read"), profile);
    let rows = |column: &ColumnProfile| {
        let distribution = &column.distribution;
        (distribution.row_count(), distribution.null_count())
    };
    assert_eq!(rows(&hidden), (10, 1));

    // Merged with one that has its values, it still has none.
    let input = |text: &str| InputRef {
        locator: text.to_owned(),
        sha256: Sha256::of(text.as_bytes()),
        fetched_at: None,
    };
    profile.inputs = vec![input("first")];
    let mut other = ReferenceProfile::new(vec![input("second")], 10);
    other.columns.insert("email".to_owned(), column);
    profile.merge(&other, 100).expect("merged");
    assert!(!profile.render().contains("example.org"));
    assert_eq!(rows(&profile.columns["email"]), (20, 2));

    let forged = text.replace("\"counts\":{}", "\"counts\":{\"x\":1}");
    assert!(forged != text && ReferenceProfile::parse(&forged).is_err());
}
