//! Options: what is refused, and that what is documented is there.

use serde_json::json;

use super::*;

#[track_caller]
fn refused(id: &str, options: serde_json::Value, words: &str) {
    let error = find(id)
        .expect("a metric")
        .kernel(&options)
        .expect_err("refused");
    assert!(error.to_string().contains(words), "{id}: {error}");
}

#[test]
fn options_that_are_not_known_or_not_valid_are_refused() {
    for metric in TEXT_METRICS {
        let error = metric
            .kernel(&json!({ "no_such_option": 1 }))
            .expect_err("refused");
        assert!(
            error.to_string().contains("no_such_option"),
            "{}: {error}",
            metric.id
        );
    }
    refused(
        "bleu",
        json!({ "tokenize": "zh" }),
        "expected one of `13a`, `intl`, `char`, `none`",
    );
    refused("bleu", json!({ "max_ngram_order": 0 }), "must be 1 to 4");
    refused("bleu", json!({ "max_ngram_order": 5 }), "must be 1 to 4");
    refused(
        "bleu",
        json!({ "smooth_method": "floor", "smooth_value": 0.0 }),
        "above 0",
    );
    refused("chrf", json!({ "char_order": 7 }), "must be 1 to 6");
    refused("chrf", json!({ "word_order": 5 }), "must be 0 to 4");
    refused("chrf", json!({ "beta": 1000 }), "must be 0 to 100");
    refused("regex_match", json!({}), "pattern");
    refused("regex_match", json!({ "pattern": "(" }), "is not a pattern");
    refused(
        "regex_match",
        json!({ "pattern": r"\w{1000}{1000}" }),
        "is not a pattern",
    );
    refused(
        "refusal_pattern_rate",
        json!({ "patterns": ["fine", "["] }),
        "`[` is not a pattern",
    );
    refused("json_schema_valid", json!({}), "schema");
    refused(
        "json_schema_valid",
        json!({ "schema": { "type": 3 } }),
        "schema",
    );
    refused(
        "json_schema_valid",
        json!({ "schema": { "pattern": "(?=a)" } }),
        "schema",
    );
    let other = json!({ "schema": { "$ref": "https://example.com/schema.json" } });
    refused("json_schema_valid", other, "another document");
}

#[test]
fn every_metric_is_documented_and_found_by_its_name() {
    for metric in TEXT_METRICS {
        assert!(
            !metric.title.is_empty() && !metric.definition.is_empty(),
            "{}",
            metric.id
        );
        assert!(
            !metric.reference.is_empty() && metric.range.0 < metric.range.1,
            "{}",
            metric.id
        );
        assert_eq!(find(metric.id).map(|found| found.title), Some(metric.title));
    }
    assert!(find("meteor").is_none());
}

#[test]
fn a_code_fence_is_taken_off_on_request() {
    let (plain, fenced) = (
        kernel("json_valid", json!({})),
        kernel("json_valid", json!({ "code_fence": true })),
    );
    let answer = "\n```json\n{\"a\": 1}\n```\n";
    assert_eq!(value(&plain, &[], answer), Ok(0.0));
    assert_eq!(value(&fenced, &[], answer), Ok(1.0));
    assert_eq!(value(&fenced, &[], "{\"a\": 1}"), Ok(1.0));
    assert_eq!(
        value(&fenced, &[], "Here it is:\n```json\n{\"a\": 1}\n```"),
        Ok(0.0)
    );
    for broken in ["```", "``````", "```\n```", "```json {} ```"] {
        assert_eq!(value(&fenced, &[], broken), Ok(0.0), "{broken}");
    }
}

#[test]
fn json_that_python_would_bend_is_not_accepted() {
    let schema = kernel(
        "json_schema_valid",
        json!({ "schema": { "type": ["number", "string"] } }),
    );
    for answer in ["1e999", "\"\\ud800\"", "NaN", ""] {
        assert_eq!(value(&schema, &[], answer), Ok(0.0), "{answer}");
    }
    assert_eq!(value(&schema, &[], "1e300"), Ok(1.0));
}

#[test]
fn texts_of_the_options_stand_in_for_references() {
    let any = kernel("contains", json!({ "texts": ["yes", "no"] }));
    assert!(!any.needs_references());
    assert_eq!(value(&any, &[], "well, no"), Ok(1.0));
    let all = kernel("contains", json!({ "texts": ["yes", "no"], "all": true }));
    assert_eq!(value(&all, &["no"], "well, no"), Ok(0.0));
    let start = kernel(
        "starts_with",
        json!({ "texts": ["\u{130}"], "ignore_case": true }),
    );
    assert_eq!(value(&start, &[], "i\u{307}stanbul"), Ok(1.0));
}
