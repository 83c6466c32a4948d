//! What the rules on rows look for, in words: the part of a check an engine runs.

use super::*;

/// Which rows fail, and which are eligible.
#[track_caller]
fn looks_for(
    id: &str,
    parameters: serde_json::Value,
    column: Option<&str>,
    fails: &str,
    eligible: &str,
) {
    let kind = find(id).unwrap_or_else(|| panic!("no check `{id}`"));
    let check = (kind.parse)(parameters.clone()).unwrap_or_else(|error| panic!("{id}: {error}"));
    match check.measures(&target(column)).as_slice() {
        [Measure::Failing(rule)] => {
            assert_eq!(rule.fails.to_string(), fails, "{id} {parameters}");
            assert_eq!(rule.eligible.to_string(), eligible, "{id} {parameters}");
        }
        other => panic!("{id} measures {other:?}"),
    }
}

#[test]
fn rules_on_values() {
    let value =
        |id, parameters, fails| looks_for(id, parameters, Some("a"), fails, "`a` is not null");
    value(
        "accepted-values",
        json!({"values": ["x", 1, true]}),
        "not (`a` in (x, 1, true))",
    );
    value("forbidden-values", json!({"values": [1.5]}), "`a` in (1.5)");
    value(
        "value-format",
        json!({"format": "uuid"}),
        "not (`a` is a UUID)",
    );
    value(
        "value-multiple",
        json!({"step": 5.0}),
        "not ([(|`a`| % 5) = 0] or else 0 != 0)",
    );
    value(
        "value-multiple",
        json!({"step": 0.5}),
        "not ([(|`a`| % 0.5) <= 0.0000000005 or (|`a`| % 0.5) >= 0.4999999995] or else 0 != 0)",
    );
    value(
        "value-pattern",
        json!({"pattern": "x", "ignore_case": true}),
        "not (`a` matches `(?i)x`)",
    );
    value(
        "value-patterns",
        json!({"patterns": ["x", "y"]}),
        "not (`a` matches `x` or `a` matches `y`)",
    );
    value(
        "forbidden-patterns",
        json!({"patterns": ["x_"], "syntax": "like"}),
        "`a` matches `(?s)x.`",
    );
    value(
        "value-length",
        json!({"minimum": 1, "trimmed": true}),
        "length of `a` < 1",
    );
    value(
        "outliers",
        json!({"fences": {"deviations": {"maximum": 3.0}}, "ends_fail": true}),
        "(standard deviation of `a` > 0 and (`a` >= (mean of `a` + (3 * standard deviation of `a`)))) or `a` is NaN",
    );
    value(
        "outliers",
        json!({"fences": {"quantiles": {"lower": 0.1, "upper": 0.9}}, "of_lengths": true}),
        "length of `a` < 0.1 quantile of length of `a` or length of `a` > 0.9 quantile of length of `a`",
    );
    value(
        "value-range",
        json!({"minimum": 1, "exclusive_maximum": 2}),
        "not ([`a` >= 1 and `a` < 2] or else 0 != 0)",
    );
}

#[test]
fn rules_on_rows() {
    let row = |id, parameters, fails, eligible| looks_for(id, parameters, None, fails, eligible);
    row(
        "row-condition",
        json!({"condition": "a > 0"}),
        "not (`a` > 0)",
        "[`a` > 0] is not null",
    );
    row(
        "row-condition",
        json!({"condition": "a > 0", "nulls": "pass"}),
        "not (`a` > 0)",
        "true",
    );
    row(
        "row-condition",
        json!({"condition": "a > 0", "nulls": "fail"}),
        "not ([`a` > 0] or else 0 != 0)",
        "true",
    );
    let pair =
        |nulls: &str| json!({"column": "a", "comparison": "greater", "other": "b", "nulls": nulls});
    let fails = "not ([`a` > `b`] or else 0 != 0)";
    row(
        "column-comparison",
        pair("skip_any"),
        fails,
        "not (`a` is null or `b` is null)",
    );
    row(
        "column-comparison",
        pair("skip_all"),
        fails,
        "not (`a` is null and `b` is null)",
    );
    row("column-comparison", pair("fail"), fails, "true");
    row(
        "values-unique-in-row",
        json!({"columns": ["a", "b"], "nulls": "equal"}),
        "`a` = `b` or (`a` is null and `b` is null)",
        "true",
    );
    row(
        "row-sum",
        json!({"columns": ["a", "b"], "bound": {"exactly": 3.0}, "null_is_zero": true, "nulls": "fail"}),
        "not ([(`a` or else 0 + `b` or else 0) = 3] or else 0 != 0)",
        "true",
    );
    row(
        "complete-rows",
        json!({"columns": ["a", "b"], "filled": "any"}),
        "`a` is null and `b` is null",
        "true",
    );
}
