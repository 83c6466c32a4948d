//! Hostile texts: bounded time and memory, and never a value that was not computed.

use serde_json::json;

use super::*;

fn too_long(found: &Result<f64, Undefined>) -> bool {
    matches!(found, Err(Undefined::Text(NotComparable::TooLong { .. })))
}

/// A metric with options it can do without references.
fn usual(metric: &TextMetric) -> TextKernel {
    let options = match metric.id {
        "json_schema_valid" => json!({ "schema": {} }),
        "regex_match" => json!({ "pattern": "a" }),
        _ => json!({}),
    };
    metric.kernel(&options).expect("valid options")
}

#[test]
fn a_row_without_references_has_no_value_where_one_is_needed() {
    for metric in TEXT_METRICS {
        let kernel = usual(metric);
        let found = kernel.row(&[], "answer");
        if kernel.needs_references() {
            assert_eq!(
                found,
                Err(NotComparable::NoReferences.into()),
                "{}",
                metric.id
            );
        } else {
            found.expect("a value without references");
        }
    }
}

#[test]
fn no_rows_have_no_value() {
    for metric in TEXT_METRICS {
        assert_eq!(
            usual(metric).value(&Statistics::default()),
            Err(Undefined::NoRows)
        );
    }
}

#[test]
fn every_metric_refuses_a_row_above_the_limit() {
    let text = "a".repeat(ROW_BYTES_MAX);
    for metric in TEXT_METRICS {
        let found = usual(metric).row(&["b"], &text).map(|_| 0.0);
        assert!(too_long(&found), "{}", metric.id);
    }
}

#[test]
fn tables_above_their_limit_are_not_filled() {
    let words = "a b ".repeat(100_000);
    for id in ["rougeL", "rougeLsum"] {
        let kernel = kernel(id, json!({}));
        assert!(too_long(&value(&kernel, &[&words], &words)), "{id}");
    }
    let lines = "a\n".repeat(5_000);
    assert!(too_long(&value(
        &kernel("rougeLsum", json!({})),
        &[&lines],
        &lines
    )));
    let (left, right) = ("ab".repeat(150_000), "ba".repeat(150_000));
    // Alike but for the ends, which are found first.
    let edit = kernel("edit_similarity", json!({}));
    assert!(too_long(&value(&edit, &[&left], &format!("x{right}y"))));
    assert_eq!(value(&edit, &[&left], &left), Ok(1.0));
}

#[test]
fn limits_hold_over_all_references_of_a_row() {
    let (words, other) = ("a b ".repeat(4_000), "b a ".repeat(4_000));
    let references = vec![other.as_str(); 300];
    for id in ["rougeL", "rougeLsum", "edit_similarity", "ter"] {
        let kernel = kernel(id, json!({}));
        assert!(too_long(&value(&kernel, &references, &words)), "{id}");
    }
}

#[test]
fn shifts_without_end_are_given_up() {
    let (forth, back): (Vec<_>, Vec<_>) = (0..1_000).map(|word| (word % 7, word % 11)).unzip();
    let text = |words: &[i32]| {
        words
            .iter()
            .map(|word| format!("w{word} "))
            .collect::<String>()
    };
    let found = value(&kernel("ter", json!({})), &[&text(&forth)], &text(&back));
    assert!(0.0 < found.expect("a value"));
}

#[test]
fn long_texts_of_one_or_of_many_symbols_are_compared() {
    let one = "x ".repeat(8_000);
    let many: String = (0..8_000).map(|word| format!("w{word} ")).collect();
    for metric in TEXT_METRICS
        .iter()
        .filter(|metric| !["rougeLsum", "ter"].contains(&metric.id))
    {
        let kernel = usual(metric);
        for text in [&one, &many] {
            let found = value(&kernel, &[text], text).expect("a value");
            let most = metric.range.1;
            let is_best =
                metric.direction == Direction::HigherIsBetter && kernel.needs_references();
            assert!(!is_best || close(found, most), "{}: {found}", metric.id);
        }
    }
}

#[test]
fn deeply_nested_json_is_not_given_to_a_schema() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let schema = kernel("json_schema_valid", json!({ "schema": {} }));
    let expected = NotComparable::NestedTooDeeply { depth: 128 };
    assert_eq!(value(&schema, &[], &deep), Err(expected.into()));
    assert_eq!(value(&schema, &[], &deep[1..]), Ok(0.0));
    let plain = kernel("json_valid", json!({}));
    assert_eq!(value(&plain, &[], &deep), Ok(1.0));
    assert_eq!(value(&plain, &[], &deep[1..]), Ok(0.0));
}

#[test]
fn a_word_of_a_million_letters_is_stemmed() {
    let rouge = kernel("rouge1", json!({ "use_stemmer": true }));
    for text in [
        "y".repeat(1_000_000),
        "s".repeat(1_000_000),
        "ing".repeat(300_000),
    ] {
        assert_eq!(value(&rouge, &[&text], &text), Ok(1.0));
    }
}
