//! Near rows against a comparison of every row with every other.

use proptest::prelude::*;

use super::*;

fn near(texts: bool, tolerances: &[f64], similarity_min: f64) -> Near {
    let column = |name: &str| Value::column(name);
    Near {
        texts: if texts { vec![column("text")] } else { vec![] },
        numbers: tolerances
            .iter()
            .map(|tolerance| (column("x"), *tolerance))
            .collect(),
        equal: vec![column("kind")],
        similarity_min,
        shingles: Shingling::default(),
        dataset: None,
    }
}

fn row(text: &str, numbers: &[f64], kind: &str) -> NearRow {
    NearRow {
        text: text.to_owned(),
        numbers: numbers.iter().map(|number| Some(*number)).collect(),
        equal: vec![Some(kind.to_owned())],
    }
}

fn index(near: Near, rows: &[NearRow]) -> NearIndex {
    let mut index = NearIndex::new(near);
    (1..)
        .zip(rows)
        .for_each(|(number, row)| index.update(number, row));
    index
}

#[test]
fn shingles_ignore_case_and_punctuation() {
    let of = |text| Shingles::of(text, Shingling::default());
    assert_eq!(of("The quick, brown FOX!"), of("the quick brown fox"));
    assert_eq!(of("one"), of("One."));
    assert!(of("?!").is_empty());
    // {a b c, b c d} and {a b c, b c e}: one of three.
    assert_eq!(of("a b c d").similarity(&of("a b c e")), 1.0 / 3.0);
}

#[test]
fn the_signature_estimates_the_similarity() {
    let words = |range: std::ops::Range<u32>| {
        range
            .map(|word| format!("w{word}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let one_word = Shingling {
        size: 1,
        ..Shingling::default()
    };
    for shared in [0, 50, 100, 150, 200] {
        let first = Shingles::of(&words(0..200), one_word);
        let second = Shingles::of(&words(200 - shared..400 - shared), one_word);
        let exact = first.similarity(&second);
        assert_eq!(exact, f64::from(shared) / f64::from(400 - shared));
        let estimate = Signature::of(&first).similarity(&Signature::of(&second));
        // Four standard errors of 128 hashes.
        let error = 4.0 * (exact * (1.0 - exact) / 128.0).sqrt();
        assert!(
            (estimate - exact).abs() <= error,
            "{shared}: {estimate} {exact}"
        );
    }
}

#[test]
fn the_signature_of_both_is_the_merged_one() {
    let of = |text| {
        Shingles::of(
            text,
            Shingling {
                size: 1,
                ..Shingling::default()
            },
        )
    };
    let mut merged = Signature::of(&of("a b c"));
    merged.merge(&Signature::of(&of("c d e")));
    assert_eq!(merged, Signature::of(&of("a b c d e")));
}

#[test]
fn rows_near_in_text_are_found_and_others_are_not() {
    let long =
        "the parcel arrived two days late and the box was open but nothing was missing from it";
    let rows = [
        row(long, &[], "a"),
        row(
            "a refund was given at once, thank you very much for the quick help",
            &[],
            "a",
        ),
    ];
    let index = index(near(true, &[], 0.7), &rows);
    let changed = long
        .replace("two days", "TWO days,")
        .replace("from it", "from this");
    assert_eq!(index.nearest(&row(&changed, &[], "a")), Nearest::Row(1));
    assert_eq!(index.nearest(&row(&changed, &[], "b")), Nearest::None);
    assert_eq!(
        index.nearest(&row("something else entirely", &[], "a")),
        Nearest::None
    );
    assert_eq!(index.nearest(&row("", &[], "a")), Nearest::None);
    assert_eq!(index.pairs(), (vec![], 0));
}

#[test]
fn each_row_but_the_first_of_near_ones_is_found_within_a_dataset() {
    let rows = [0.0, 5.0, 0.2, 0.3, 5.0].map(|number| row("", &[number], "a"));
    let mut index = NearIndex::new(near(false, &[0.25], 1.0));
    let mut found = NearFound::default();
    for (number, row) in (1..).zip(&rows) {
        found.update(number, || None, index.nearest(row), 2);
        index.update(number, row);
    }
    assert_eq!((found.failing.count, found.failing.eligible), (3, 5));
    let shown: Vec<u64> = found
        .failing
        .examples
        .iter()
        .map(|row| row.row_number)
        .collect();
    assert_eq!((shown, found.nearest), (vec![3, 4], vec![1, 3]));
}

#[test]
fn a_search_that_ends_early_says_so() {
    // Equal in the numbers that choose the cell, apart in the fourth.
    let far = |number: usize| row("", &[0.0, 0.0, 0.0, number as f64], "a");
    let rows: Vec<NearRow> = (0..=CANDIDATES_MAX).map(far).collect();
    let index = index(near(false, &[0.1; 4], 1.0), &rows);
    assert_eq!(
        index.nearest(&row("", &[0.0, 0.0, 0.0, -9.0], "a")),
        Nearest::Unfinished
    );
    assert!(0 < index.pairs().1);
}

#[test]
fn the_chance_to_miss_a_pair_is_stated() {
    assert!(Near::miss_probability(0.8) < 1e-6);
    assert!((0.1..0.15).contains(&Near::miss_probability(0.5)));
    assert_eq!(Near::miss_probability(1.0), 0.0);
}

proptest! {
    #[test]
    fn numbers_within_the_tolerance_are_always_found(
        points in prop::collection::vec((-30_i32..30, -30_i32..30), 1..60),
        tolerance in prop::sample::select(vec![0.0, 0.1, 0.3]),
    ) {
        let rows: Vec<NearRow> = points
            .iter()
            .map(|(x, y)| row("", &[f64::from(*x) / 10.0, f64::from(*y) / 10.0], "a"))
            .collect();
        let close = |one: &NearRow, other: &NearRow| {
            one.numbers.iter().zip(&other.numbers).all(|(x, y)| {
                (x.unwrap_or_default() - y.unwrap_or_default()).abs() <= tolerance
            })
        };
        let mut expected = Vec::new();
        let mut known: Vec<(u64, &NearRow)> = Vec::new();
        for (number, row) in (1_u64..).zip(&rows) {
            if known.iter().any(|(_, other)| *other == row) {
                continue;
            }
            let pairs = known.iter().filter(|(_, other)| close(other, row));
            expected.extend(pairs.map(|(other, _)| (*other, number)));
            known.push((number, row));
        }
        expected.sort_unstable();
        let whole = index(near(false, &[tolerance; 2], 1.0), &rows);
        prop_assert_eq!(whole.pairs(), (expected.clone(), 0));
        let half = rows.len() / 2;
        let mut merged = index(near(false, &[tolerance; 2], 1.0), &rows[..half]);
        let mut rest = NearIndex::new(near(false, &[tolerance; 2], 1.0));
        (1_u64..).zip(&rows).skip(half).for_each(|(number, row)| rest.update(number, row));
        merged.merge(&rest);
        prop_assert_eq!(merged.pairs(), (expected, 0));
    }
}
