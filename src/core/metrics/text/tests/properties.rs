//! Properties over generated texts.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Texts over few symbols, with white space, marks and characters of several planes.
fn text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "b",
        "the",
        "The",
        " ",
        " ",
        "\n",
        ".",
        ",",
        "-",
        "'",
        "\u{e9}",
        "\u{732b}",
        "\u{1f600}",
        "\u{301}",
        "\u{1c}",
        "9",
        "<",
        "&amp;",
        "{",
        "\"",
        "\u{3a3}",
    ]);
    prop::collection::vec(part, 0..90).prop_map(|parts| parts.concat())
}

/// Every metric, built once: patterns take longer to compile than to match.
static KERNELS: LazyLock<Vec<(&TextMetric, TextKernel)>> = LazyLock::new(|| {
    let options = |metric: &TextMetric| match metric.id {
        "json_schema_valid" => json!({ "schema": { "type": "object" } }),
        "regex_match" => json!({ "pattern": "the|9" }),
        _ => json!({}),
    };
    let kernel = |metric: &'static TextMetric| {
        let kernel = metric.kernel(&options(metric)).expect("valid options");
        (metric, kernel)
    };
    TEXT_METRICS.iter().map(kernel).collect()
});

/// The textbook table.
fn table(left: &[char], right: &[char]) -> (usize, usize) {
    let mut edits: Vec<Vec<usize>> = vec![vec![0; right.len() + 1]; left.len() + 1];
    let mut common = edits.clone();
    for i in 0..=left.len() {
        for j in 0..=right.len() {
            if i == 0 || j == 0 {
                edits[i][j] = i + j;
                continue;
            }
            let same = left[i - 1] == right[j - 1];
            let around = 1 + edits[i - 1][j].min(edits[i][j - 1]);
            edits[i][j] = around.min(edits[i - 1][j - 1] + usize::from(!same));
            common[i][j] = match same {
                true => common[i - 1][j - 1] + 1,
                false => common[i - 1][j].max(common[i][j - 1]),
            };
        }
    }
    (
        edits[left.len()][right.len()],
        common[left.len()][right.len()],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_stay_in_their_range_and_rows_add_up(texts in prop::collection::vec((text(), text()), 1..6)) {
        for (metric, kernel) in KERNELS.iter() {
            let rows: Vec<_> = texts
                .iter()
                .map(|(reference, answer)| kernel.row(&[reference], answer).expect("short texts"))
                .collect();
            let (mut once, mut twice, mut weighted) = <(Statistics, Statistics, Statistics)>::default();
            for row in &rows {
                once.add(row, 1);
                weighted.add(row, 2);
                weighted.add(row, 0);
            }
            for row in rows.iter().rev().chain(&rows) {
                twice.add(row, 1);
            }
            let (twice, weighted) = (kernel.value(&twice), kernel.value(&weighted));
            match (&twice, &weighted) {
                (Ok(twice), Ok(weighted)) => prop_assert!(close(*twice, *weighted), "{}", metric.id),
                _ => prop_assert_eq!(&twice, &weighted),
            }
            let values = rows.iter().map(|row| kernel.row_value(row));
            for value in values.chain([kernel.value(&once)]).flatten() {
                let (least, most) = metric.range;
                prop_assert!(least <= value && value <= most + 1e-9, "{}: {value}", metric.id);
            }
        }
    }

    #[test]
    fn more_references_never_lower_a_share(one in text(), other in text(), answer in text()) {
        for (metric, kernel) in KERNELS.iter() {
            // With more references the lengths of BLEU and TER change in either way.
            if ["bleu", "ter"].contains(&metric.id) {
                continue;
            }
            let alone = value(kernel, &[&one], &answer).expect("short texts");
            let both = value(kernel, &[&one, &other], &answer).expect("short texts");
            prop_assert!(alone <= both, "{}: {alone} and {both}", metric.id);
        }
    }

    #[test]
    fn bits_agree_with_the_textbook_table(left in "[ab\u{e9}]{0,150}", right in "[ab\u{e9}]{0,150}") {
        let (edits, common) = table(&left.chars().collect::<Vec<_>>(), &right.chars().collect::<Vec<_>>());
        let (first, second) = (left.chars().count(), right.chars().count());
        let expected = |distance: usize, most: usize| 1.0 - distance as f64 / most.max(1) as f64;
        let levenshtein = value(&kernel("edit_similarity", json!({})), &[&left], &right);
        prop_assert_eq!(levenshtein, Ok(expected(edits, first.max(second))));
        let indel = kernel("edit_similarity", json!({ "distance": "indel" }));
        let distance = first + second - 2 * common;
        prop_assert_eq!(value(&indel, &[&left], &right), Ok(expected(distance, first + second)));
    }

    #[test]
    fn no_text_panics(reference in any::<String>(), answer in any::<String>()) {
        for (_, kernel) in KERNELS.iter() {
            if let Ok(row) = kernel.row(&[&reference, ""], &answer) {
                let _ = kernel.row_value(&row);
            }
        }
    }
}
