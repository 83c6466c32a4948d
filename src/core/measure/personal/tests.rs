//! The corpus of `fixtures/personal-data`, whose numbers are validated by python-stdnum 2.2: every
//! number of every kind is found, no broken one is, and what only looks like one is told apart.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Corpus {
    kinds: BTreeMap<PersonalKind, Kind>,
    texts: Vec<(String, PersonalKind)>,
    benign: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Kind {
    valid: Vec<String>,
    broken: Vec<String>,
}

fn corpus() -> Corpus {
    let text = include_str!("../../../../fixtures/personal-data/corpus.json");
    serde_json::from_str(text).expect("the corpus")
}

fn found<'a>(texts: impl IntoIterator<Item = &'a String>) -> PersonalFound {
    let mut found = PersonalFound::default();
    (1..)
        .zip(texts)
        .for_each(|(row, text)| found.update(text, 1, row));
    found
}

#[test]
fn every_valid_number_is_found_as_what_it_is() {
    for (kind, texts) in corpus().kinds {
        assert!(!texts.valid.is_empty(), "{kind:?}");
        for text in &texts.valid {
            let detected = detect(text).map(|detection| detection.kind);
            assert_eq!(detected, Some(kind), "{text}");
        }
    }
}

#[test]
fn no_broken_number_is_found() {
    for (kind, texts) in corpus().kinds {
        for text in &texts.broken {
            let detected = detect(text).map(|detection| detection.kind);
            assert_ne!(detected, Some(kind), "{text}");
        }
    }
}

#[test]
fn what_is_sure_is_found_inside_a_text() {
    for (text, kind) in corpus().texts {
        let detected = detect(&text);
        assert_eq!(detected, Some(Detection::sure(kind)), "{text}");
    }
}

#[test]
fn what_only_looks_like_personal_data_is_never_sure_and_seldom_likely() {
    for (name, texts) in corpus().benign {
        let found = found(&texts);
        assert!(found.sure.is_empty(), "{name}: {:?}", found.sure);
        // One number in ten passes a test with one check digit, whatever it means.
        let likely: u64 = found.likely.values().sum();
        let share = likely as f64 / found.eligible as f64;
        assert!(share < 0.2, "{name}: {share} {:?}", found.likely);
    }
}

#[test]
fn secrets_are_told_by_their_prefix() {
    let key = |prefix: &str, length: usize| prefix.to_owned() + &"A2b".repeat(30)[..length];
    let keys = [
        "AKIA".to_owned() + &"AB2Z".repeat(4),
        key("ghp_", 36),
        key("glpat-", 20),
        key("sk_live_", 24),
        key("AIza", 35),
        key("npm_", 36),
        format!("eyJ{0}.eyJ{0}.{0}", "abcDEF0123"),
    ];
    for key in keys {
        let in_text = format!("token={key}; do not share");
        assert_eq!(
            detect(&key),
            Some(Detection::sure(PersonalKind::ApiKey)),
            "{key}"
        );
        assert_eq!(
            detect(&in_text),
            Some(Detection::sure(PersonalKind::ApiKey)),
            "{key}"
        );
        assert_eq!(detect(&key[..12]), None, "{key}");
    }
    let pem = ["-----BEGIN RSA", "PRIVATE KEY-----\nMIIE"].join(" ");
    assert_eq!(
        detect(&pem),
        Some(Detection::sure(PersonalKind::PrivateKey))
    );
}

#[test]
fn hostile_texts_are_read_to_a_limit_and_without_a_panic() {
    let long = "é".repeat(TEXT_BYTES_MAX) + " jo@example.org";
    let hostile = [
        "",
        "@",
        "a@",
        "+",
        "\u{0}\u{0}\u{0}\u{0}\u{0}",
        "ééééééééé",
        "ES12é",
        "2Aé45678901234é",
        &long,
    ];
    for text in hostile {
        assert_eq!(detect(text), None);
    }
    assert_eq!(found([&long]).cut, 1);
}

#[test]
fn parts_of_a_column_add_up() {
    let texts: Vec<String> = ["jo@example.org", "x", "10.1.2.3", "ann@example.org", "y"]
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    let whole = found(&texts);
    assert_eq!(whole.row_numbers, [1, 4]);
    assert_eq!(whole.sure, BTreeMap::from([(PersonalKind::Email, 2)]));
    assert_eq!(whole.likely, BTreeMap::from([(PersonalKind::Ipv4, 1)]));
    let mut merged = PersonalFound::default();
    (4..)
        .zip(&texts[3..])
        .for_each(|(row, text)| merged.update(text, 1, row));
    merged.merge(&found(&texts[..3]));
    assert_eq!(merged, whole);
}

#[test]
fn numbers_of_persons_are_found_inside_a_text() {
    let sure = [
        ("my ssn is 512-34-5678 thanks", PersonalKind::UsSsn),
        ("ssn:512-34-5678", PersonalKind::UsSsn),
        ("{\"ssn\":\"512-34-5678\"}", PersonalKind::UsSsn),
        ("NI number AB 12 34 56 C of the payee", PersonalKind::UkNino),
    ];
    for (text, kind) in sure {
        assert_eq!(detect(text), Some(Detection::sure(kind)), "{text}");
    }
    let likely = [
        ("NI number AB123456C of the payee", PersonalKind::UkNino),
        ("the DNI is 33446406J today", PersonalKind::EsDni),
        ("request from 10.1.2.3 was refused", PersonalKind::Ipv4),
    ];
    for (text, kind) in likely {
        assert_eq!(detect(text), Some(Detection::likely(kind)), "{text}");
    }
}

#[test]
fn longer_numbers_and_dates_hold_no_social_security_number() {
    for text in [
        "call 1-512-34-5678 now",
        "part 512-34-5678-9 of the order",
        "ISBN 978-512-34-5678",
        "from 2024-01-02 to 2024-03-04 inclusive",
        "order 51234-56-7890 was sent",
        "my ssn is 000-34-5678 thanks",
    ] {
        assert_eq!(detect(text), None, "{text}");
    }
}

/// Rows of `share` of `numbers` among rows with names.
fn among(numbers: &[String], rows: usize) -> PersonalFound {
    let mut found = PersonalFound::default();
    for row in 0..rows {
        let text = numbers.get(row).map_or("nothing to see", String::as_str);
        found.update(text, 1, row as u64 + 1);
    }
    found
}

#[test]
fn a_few_numbers_among_many_other_values_are_believed() {
    let corpus = corpus();
    for kind in [
        PersonalKind::UsSsn,
        PersonalKind::UkNino,
        PersonalKind::EsDni,
        PersonalKind::FrNir,
        PersonalKind::DeTaxId,
    ] {
        let valid = &corpus.kinds[&kind].valid;
        let found = among(&valid[..valid.len().min(10)], 1_000);
        let expected = valid.len().min(10) as u64;
        assert_eq!(found.rows(kind, 0.5), expected, "{kind:?}");
    }
}

#[test]
fn numbers_and_codes_of_other_meaning_are_not_believed() {
    for (name, texts) in corpus().benign {
        let found = found(&texts);
        assert!(!found.holds_any(), "{name}: {found:?}");
        let few = among(&texts, 1_000);
        assert!(!few.holds_any(), "{name} among others: {few:?}");
    }
    // Order numbers as the national insurance numbers are, and of eleven digits.
    let orders = (100_000..101_000_u32).map(|number| {
        let letter = char::from(b'A' + (number % 26) as u8);
        format!("AB{number}{letter}")
    });
    let orders: Vec<String> = orders.collect();
    assert!(!found(&orders).holds_any());
    let numbers: Vec<String> = (0..1_000_u64)
        .map(|n| (12_345_678_000 + n * 7).to_string())
        .collect();
    assert!(!found(&numbers).holds_any());
}
