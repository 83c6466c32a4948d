//! Values, rows and parameters that a rule cannot use: it is then not met or not evaluated, never met.

use serde_json::Value;

use crate::support::{program, said};

const HEADER: &str =
    "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n";

/// A file, its content, a suite, and every requirement with its outcome, sorted.
struct Case {
    file: &'static str,
    content: &'static str,
    suite: String,
    expected: &'static [&'static str],
}

/// What the program says of a suite on a file: code, standard output and error.
fn validated(file: &str, content: &str, suite: &str) -> (i32, String, String) {
    let folder = tempfile::TempDir::new().expect("a folder");
    std::fs::write(folder.path().join(file), content).expect("written");
    std::fs::write(folder.path().join("suite.yaml"), suite).expect("written");
    let said = said(
        program()
            .current_dir(folder.path())
            .args(["data", "validate", "--format", "json", "--suite"])
            .args(["suite.yaml", file]),
    );
    (said.code, said.stdout, said.stderr)
}

fn check(case: &Case) {
    let (_, stdout, stderr) = validated(case.file, case.content, &case.suite);
    let report: Value = serde_json::from_str(&stdout)
        .unwrap_or_else(|_| panic!("{}: {stdout}{stderr}", case.suite));
    let mut found: Vec<String> = report["evidence"]
        .as_array()
        .expect("evidence")
        .iter()
        .map(|record| {
            let outcome = record["outcome"].as_str().unwrap_or("not_evaluated");
            let requirement = record["requirement"].as_str().unwrap_or_default();
            format!("{requirement} {outcome}")
        })
        .filter(|line| !line.starts_with("column-presence"))
        .collect();
    found.sort_unstable();
    assert_eq!(found, case.expected, "{}\n{stdout}", case.suite);
}

fn own(at: &str, rule: &str) -> String {
    format!(
        "{HEADER}schema: [{{name: t, {at}: [{{type: custom, engine: proofmark, implementation: {rule}}}]}}]\n"
    )
}

fn of_column(column: &str, rule: &str) -> String {
    format!(
        "{HEADER}schema: [{{name: t, properties: [{{name: {column}, quality: [{{type: custom, engine: proofmark, implementation: {rule}}}]}}]}}]\n"
    )
}

#[test]
fn rows_chosen_by_a_column_that_is_missing_are_not_counted() {
    let count = "check: row-count, rows: {at_least: 1}";
    let soda = "dataset: a/b/t\ncolumns: [{name: id}]\nchecks: [{row_count: {filter: \"statsu = 'paid'\"}}]\n";
    for suite in [
        own("quality", &format!("{{{count}, where: \"nope > 1\"}}")),
        own("quality", &format!("{{{count}, by: [nope]}}")),
        soda.to_owned(),
    ] {
        check(&Case {
            file: "t.csv",
            content: "id,name\n1,a\n2,b\n",
            suite,
            expected: &["row-count not_evaluated"],
        });
    }
}

#[test]
fn texts_lie_in_no_range_of_numbers() {
    let soda = "dataset: a/b/t\ncolumns: [{name: price, checks: [{invalid: {valid_min: 0}}]}]\n";
    let both = "dataset: a/b/t\ncolumns: [{name: price, checks: [{invalid: {valid_min: 0, valid_max_length: 9}}]}]\n";
    let language = "checks for t:\n  - invalid_count(price) = 0:\n      valid min: 0\n";
    let dbt = "models: [{name: t, columns: [{name: price, tests: [{dbt_utils.accepted_range: {min_value: 0}}]}]}]\n";
    let native = of_column("price", "{check: value-range, minimum: 0}");
    for (suite, expected) in [
        (soda, &["value-range not_met"] as &[_]),
        (both, &["row-condition not_met"]),
        (language, &["value-range not_met"]),
        (dbt, &["row-condition not_met"]),
        (&native, &["value-range not_met"]),
    ] {
        check(&Case {
            file: "t.csv",
            content: "price\nabc\ndef\nn/a\n",
            suite: suite.to_owned(),
            expected,
        });
    }
}

#[test]
fn a_type_is_lent_to_the_rule_that_needs_it() {
    let dbt = "models: [{name: t, columns: [{name: s, tests: [unique, {dbt_expectations.expect_column_mean_to_be_between: {min_value: 0}}]}]}]\n";
    let language = "checks for t:\n  - duplicate_count(s) = 0\n  - stddev(s) < 9\n";
    let freshness = "dataset: a/b/t\ncolumns: [{name: s, checks: [{duplicate: }]}]\nchecks: [{freshness: {column: s, threshold: {unit: day, must_be_less_than: 9}}}]\n";
    for (suite, expected) in [
        (dbt, &["mean not_evaluated", "uniqueness not_met"] as &[_]),
        (
            language,
            &["standard-deviation not_evaluated", "uniqueness not_met"],
        ),
        (
            freshness,
            &["freshness not_evaluated", "uniqueness not_met"],
        ),
    ] {
        check(&Case {
            file: "t.csv",
            content: "s\na\na\nb\n7\n",
            suite: suite.to_owned(),
            expected,
        });
    }
    check(&Case {
        file: "t.csv",
        content: "s\n1\n1\n2\n7\n",
        suite: dbt.to_owned(),
        expected: &["mean met", "uniqueness not_met"],
    });
}

#[test]
fn an_aggregate_of_some_texts_is_not_evaluated() {
    let soda = "dataset: a/b/t\ncolumns: [{name: v, checks: [{missing: }, {aggregate: {function: avg, threshold: {must_be_greater_than: 5}}}]}]\n";
    check(&Case {
        file: "t.csv",
        content: "v\n5\n6\nn/a\n-\n",
        suite: soda.to_owned(),
        expected: &["mean not_evaluated", "null-fraction met"],
    });
}

#[test]
fn a_condition_need_not_use_the_column_it_stands_at() {
    check(&Case {
        file: "t.csv",
        content: "f,grp\n1,x\n2,y\n",
        suite: of_column("f", "{check: row-condition, condition: \"grp = 'x'\"}"),
        expected: &["row-condition not_met"],
    });
}

#[test]
fn a_text_is_no_condition() {
    check(&Case {
        file: "t.csv",
        content: "f,grp\n1,x\n2,y\n",
        suite: own("quality", "{check: row-condition, condition: grp}"),
        expected: &["row-condition not_evaluated"],
    });
}

#[test]
fn what_json_does_not_write_as_a_text_is_none() {
    for (content, expected) in [
        ("{\"a\":1,\"b\":3}\n", &["column-type not_met"] as &[_]),
        ("{\"b\":true}\n", &["column-type not_met"]),
        ("{\"b\":{\"z\":1}}\n", &["column-type not_met"]),
        ("{\"b\":[1]}\n", &["column-type not_met"]),
        ("{\"b\":\"x\"}\n{\"b\":3}\n", &["column-type not_met"]),
        ("{\"b\":\"3\"}\n{\"b\":null}\n", &["column-type met"]),
    ] {
        check(&Case {
            file: "t.jsonl",
            content,
            suite: format!(
                "{HEADER}schema: [{{name: t, properties: [{{name: b, logicalType: string}}]}}]\n"
            ),
            expected,
        });
    }
}

#[test]
fn parameters_that_demand_nothing_or_two_things_are_refused() {
    for (rule, problem) in [
        ("{check: value-range}", "`value-range` demands nothing"),
        ("{check: value-length}", "`value-length` demands nothing"),
        (
            "{check: outliers, fences: {deviations: {}}}",
            "`outliers` demands nothing",
        ),
        (
            "{check: value-range, minimum: 100, tolerance: {rows: {at_most: 5000}, fraction: {at_most: 0}}}",
            "in `tolerance`, `rows` and `fraction` exclude one another",
        ),
        (
            "{check: null-fraction, fraction: {at_most: 0.001}, rows: {at_most: 300}}",
            "`rows` and `fraction` exclude one another",
        ),
        (
            "{check: condition-fraction, condition: f > 1, fraction: {at_most: 0.1}, rows: {at_most: 300}}",
            "`rows` and `fraction` exclude one another",
        ),
    ] {
        let (code, stdout, stderr) = validated("t.csv", "f\n1\n", &of_column("f", rule));
        assert_eq!(code, 2, "{rule}: {stdout}{stderr}");
        assert!(stderr.contains(problem), "{rule}: {stderr}");
    }
}
