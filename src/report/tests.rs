//! Every renderer over the shared samples, against its foreign schema, and at its limits.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::sample::{all, known};
use super::*;
use crate::evidence::{Evidence, Outcome, Quantity, Reason, Severity, Sha256, Step, Subject, Unit};

fn options() -> RenderOptions<'static> {
    RenderOptions {
        requirement: &known,
        color: false,
        width: 100,
        verbose: false,
    }
}

fn rendered(report: &RunReport, format: Format) -> String {
    render(report, format, &options()).expect("renders")
}

fn sample(name: &str) -> RunReport {
    let found = all().into_iter().find(|(known, _)| *known == name);
    found.expect("a sample").1
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // How figures are drawn is tested where they are drawn.
    settings.add_filter(
        "(?s)(<figcaption>[^<]*</figcaption>)<svg.*?</svg>",
        "$1<svg>…</svg>",
    );
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn many(count: usize) -> RunReport {
    let mut report = sample("integrity");
    report.evidence = (0..count)
        .map(|index| {
            let subject = Subject::Slice {
                model: "m".into(),
                metric: "recall".into(),
                slice: format!("slice={index}"),
            };
            let severity = if index % 2 == 0 {
                Severity::Warning
            } else {
                Severity::Error
            };
            Evidence::new(
                "metric-threshold",
                subject,
                Outcome::NotMet,
                "recall is too low",
            )
            .severity(severity)
        })
        .collect();
    report.verdict = report.verdict();
    report
}

#[test]
fn formats_are_read_as_they_are_written() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let error = "yaml"
        .parse::<Format>()
        .expect_err("no such format")
        .to_string();
    assert!(
        Format::ALL
            .iter()
            .all(|format| error.contains(format.as_str())),
        "{error}"
    );
}

#[test]
fn terminal_looks_like_this() {
    for (name, report) in all() {
        snapshot(
            &format!("terminal-{name}"),
            &rendered(&report, Format::Terminal),
        );
    }
    let verbose = RenderOptions {
        verbose: true,
        width: 72,
        ..options()
    };
    let text = render(&sample("sample"), Format::Terminal, &verbose).expect("renders");
    snapshot("terminal-sample-verbose-72", &text);
    let color = RenderOptions {
        color: true,
        ..options()
    };
    let text = render(&sample("integrity"), Format::Terminal, &color).expect("renders");
    snapshot("terminal-integrity-color", &text.replace('\u{1b}', "␛"));
}

#[test]
fn json_is_the_evidence_itself() {
    for (name, report) in all() {
        assert_eq!(rendered(&report, Format::Json), report.to_json(), "{name}");
    }
}

#[test]
fn markdown_looks_like_this() {
    for (name, report) in all() {
        snapshot(
            &format!("markdown-{name}"),
            &rendered(&report, Format::Markdown),
        );
    }
}

#[test]
fn html_looks_like_this() {
    for (name, report) in all() {
        let page = rendered(&report, Format::Html);
        let body = page.split_once("</style>").expect("a style sheet").1;
        snapshot(&format!("html-{name}"), body);
    }
}

#[test]
fn junit_looks_like_this() {
    for (name, report) in all() {
        snapshot(&format!("junit-{name}"), &rendered(&report, Format::Junit));
    }
}

#[test]
fn sarif_looks_like_this() {
    for (name, report) in all() {
        let text = rendered(&report, Format::Sarif);
        // The package says where it lives, and that may change without a change here.
        let lines = text
            .lines()
            .filter(|line| !line.contains("\"informationUri\""));
        snapshot(
            &format!("sarif-{name}"),
            &lines.collect::<Vec<_>>().join("\n"),
        );
    }
}

#[test]
fn sarif_is_valid_against_the_official_schema() {
    let schema = include_str!("../../fixtures/schemas/sarif-2.1.0.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for (name, report) in all() {
        let log = serde_json::from_str(&rendered(&report, Format::Sarif)).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn sarif_has_a_rule_a_place_and_a_sentence_for_every_result() {
    for (name, report) in all() {
        let log: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).expect("JSON");
        let run = &log["runs"][0];
        for result in run["results"].as_array().expect("results") {
            let rule = &run["tool"]["driver"]["rules"]
                [result["ruleIndex"].as_u64().expect("index") as usize];
            assert_eq!(rule["id"], result["ruleId"], "{name}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a place");
            assert!(
                uri.is_ascii() && !uri.starts_with('/') && !uri.contains(".."),
                "{name}: {uri}"
            );
            assert!(place["region"]["startLine"].as_u64() >= Some(1), "{name}");
            assert!(
                result["message"]["text"]
                    .as_str()
                    .expect("text")
                    .ends_with('.'),
                "{name}"
            );
        }
    }
}

#[test]
fn sarif_keeps_the_worst_results_within_the_limit_and_says_so() {
    for (count, left_out) in [(sarif::RESULTS_MAX, 0), (sarif::RESULTS_MAX + 3, 3)] {
        let log: Value =
            serde_json::from_str(&rendered(&many(count), Format::Sarif)).expect("JSON");
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), sarif::RESULTS_MAX);
        assert_eq!(results[0]["level"], "error");
        assert_eq!(results[sarif::RESULTS_MAX - 1]["level"], "warning");
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array();
        assert_eq!(notes.is_some(), left_out > 0);
        if let Some(notes) = notes {
            assert!(
                notes[0]["message"]["text"]
                    .as_str()
                    .expect("text")
                    .starts_with("3 results")
            );
        }
    }
}

#[test]
fn fingerprints_survive_new_numbers_and_tell_repetitions_apart() {
    let fingerprints = |report: &RunReport| -> Vec<String> {
        let log: Value = serde_json::from_str(&rendered(report, Format::Sarif)).expect("JSON");
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string())
            .collect()
    };
    let before = sample("hostile");
    let mut after = before.clone();
    for record in &mut after.evidence {
        record.message.push_str(" 0.99");
        record.observed = None;
    }
    assert_eq!(fingerprints(&before), fingerprints(&after));
    let all = fingerprints(&before);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn junit_is_well_formed_and_counts_like_the_evidence() {
    for (name, report) in all() {
        let text = rendered(&report, Format::Junit);
        let read = quick_junit::Report::deserialize_from_str(&text).expect(name);
        let summary = report.summary();
        let failures: usize = read.test_suites.iter().map(|suite| suite.failures).sum();
        let errors: usize = read.test_suites.iter().map(|suite| suite.errors).sum();
        // A step without records fails, and what was not tried is no error of its own.
        let (more, fewer) = match name {
            "empty" => (1, 0),
            "sample" | "integrity" => (0, 1),
            _ => (0, 0),
        };
        assert_eq!(
            (failures, errors),
            (summary.not_met + more, summary.not_evaluated - fewer),
            "{name}"
        );
        for suite in &read.test_suites {
            let names: HashSet<&str> = suite
                .test_cases
                .iter()
                .map(|case| case.name.as_str())
                .collect();
            assert_eq!(names.len(), suite.test_cases.len(), "{name}: names repeat");
        }
    }
}

#[test]
fn no_evidence_is_red_in_every_format() {
    let report = sample("empty");
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        assert!(
            rendered(&report, format).contains("no evidence is not a pass"),
            "{format}"
        );
    }
    assert!(rendered(&report, Format::Junit).contains("<failure"));
    assert!(rendered(&report, Format::Sarif).contains("\"level\": \"error\""));
}

fn essence_of(step: Step, evidence: Vec<Evidence>) -> String {
    let mut report = sample("integrity");
    report.step = step;
    report.evidence = evidence;
    report.verdict = report.verdict();
    let sections = sections::sections(&report);
    essence::essence(&sections[0])
}

fn met(id: &'static str, subject: Subject, message: &str) -> Evidence {
    Evidence::new(id, subject, Outcome::Met, message)
}

#[test]
fn a_step_that_passed_is_told_by_its_own_figures() {
    let model = || "m".to_owned();
    let signature = |claim: &str| Subject::Signature {
        model: model(),
        claim: claim.into(),
    };
    let metric = |metric: &str| Subject::Metric {
        model: model(),
        metric: metric.into(),
    };
    let column = |column: &str| Subject::Column {
        dataset: "current".into(),
        column: column.into(),
    };
    let file = |path: &str| Subject::File { path: path.into() };
    let observed = |record: Evidence, value: f64| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        ..record
    };
    let interval = Quantity::new(0.0412, Unit::Number).within(0.0095, 0.0711, 0.95);
    let difference = Evidence {
        observed: Some(interval),
        ..met("metric-regression", metric("log_loss"), "")
    };
    let key = Sha256::of(b"key");
    let verifies = format!("the signature verifies with the key {key}");
    let cases = [
        (
            Step::DataValidation,
            vec![
                observed(met("drift-ks", column("b"), ""), 0.9),
                observed(met("drift-psi", column("a"), ""), 0.078),
                observed(met("drift-psi", column("b"), ""), 0.02),
                observed(met("drift-psi", column("c"), ""), f64::NAN),
            ],
            "`current`; largest PSI 0.078 on `a`".to_owned(),
        ),
        (
            Step::Gate,
            vec![
                observed(met("metric-threshold", metric("roc_auc"), ""), 0.7304),
                difference,
            ],
            "`roc_auc` 0.7304, `log_loss` +0.0412 [0.0095, 0.0711] to the champion".to_owned(),
        ),
        (
            Step::Scan,
            vec![
                met("scan-coverage", file("a"), ""),
                met("unknown-global", file("a"), ""),
            ],
            "1 file scanned, no import is unknown".to_owned(),
        ),
        (
            Step::Card,
            vec![
                observed(met("card-figure", file("a"), ""), 94.0),
                observed(met("card-figure", file("b"), ""), 12.0),
            ],
            "106 figures equal their evidence".to_owned(),
        ),
        (
            Step::Sign,
            vec![
                met("signature", signature("model"), &verifies),
                met("signature", signature("gate"), ""),
            ],
            format!("model and 1 evidence file signed, key {}", key.short()),
        ),
        (
            Step::Promote,
            vec![
                met("evidence-age", signature("gate"), ""),
                met("evidence-age", signature("scan"), ""),
                met("previous-stage", Subject::Model { model: model() }, ""),
            ],
            "2 signatures, 1 model".to_owned(),
        ),
    ];
    for (step, evidence, expected) in cases {
        assert_eq!(essence_of(step, evidence), expected, "{}", step.as_str());
    }
}

#[test]
fn the_table_of_metrics_tells_models_apart_and_has_no_row_for_a_size() {
    let observed = |id: &'static str, subject, value| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        ..met(id, subject, "")
    };
    let metric = |model: &str| Subject::Metric {
        model: model.into(),
        metric: "auc".into(),
    };
    let slice = || Subject::Slice {
        model: "candidate".into(),
        metric: "auc".into(),
        slice: "sex=f".into(),
    };
    let mut report = sample("integrity");
    report.evidence = vec![
        observed("metric-threshold", metric("candidate"), 0.73),
        observed("metric-recorded", metric("champion"), 0.64),
        observed("slice-size", slice(), 119.0),
        observed("slice-threshold", slice(), 0.71),
    ];
    report.verdict = report.verdict();
    let text = rendered(&report, Format::Markdown);
    assert!(text.contains("| auc | 0.73 |"), "{text}");
    assert!(text.contains("| auc of champion | 0.64 |"), "{text}");
    assert!(text.contains("| sex=f | auc |  | 0.71 |"), "{text}");
    assert!(!text.contains("| sex=f | auc |  | 119 |"), "{text}");
}

#[test]
fn a_step_that_failed_is_told_by_its_first_failure() {
    let column = || Subject::Column {
        dataset: "d".into(),
        column: "c".into(),
    };
    let open = |severity, message: &str| {
        Evidence::new("mean", column(), Outcome::NotMet, message).severity(severity)
    };
    let evidence = vec![
        open(Severity::Warning, "a warning"),
        Evidence::not_evaluated("mean", column(), Reason::TooFewRows, "not evaluated"),
        open(Severity::Error, "the first"),
        open(Severity::Error, "the second"),
    ];
    assert_eq!(essence_of(Step::DataValidation, evidence), "the first");
}

#[test]
fn what_was_not_tried_is_a_finding_where_nothing_says_why() {
    let mut report = sample("integrity");
    let record = |severity| {
        let subject = Subject::Model { model: "m".into() };
        let message = "`promote` was not tried, because `gate` did not pass";
        Evidence::not_evaluated("earlier-step", subject, Reason::EarlierStep, message)
            .severity(severity)
    };
    report.evidence = vec![record(Severity::Error), record(Severity::Warning)];
    report.verdict = report.verdict();
    let text = rendered(&report, Format::Terminal);
    assert!(
        text.contains("? not evaluated: earlier-step on m"),
        "{text}"
    );
    assert!(text.contains("! warning: earlier-step on m"), "{text}");
    assert!(rendered(&report, Format::Junit).contains("<error"));
    assert!(rendered(&report, Format::Sarif).contains("\"ruleId\""));
}

#[test]
fn what_was_not_tried_is_counted_but_no_finding_where_the_report_says_why() {
    let report = sample("sample");
    let text = rendered(&report, Format::Terminal);
    assert!(
        text.starts_with("✗ not passed: data-validation, gate  "),
        "{text}"
    );
    assert!(text.contains("  – promote          not tried\n"), "{text}");
    assert!(text.contains(" and 1 was not tried."), "{text}");
    assert!(!text.contains("approval-count"), "{text}");
    assert!(!rendered(&report, Format::Sarif).contains("approval-count"));
    let junit = rendered(&report, Format::Junit);
    assert!(junit.contains("type=\"not tried\">not tried: "), "{junit}");
    let verbose = RenderOptions {
        verbose: true,
        ..options()
    };
    let text = render(&report, Format::Terminal, &verbose).expect("renders");
    assert!(text.contains("– not tried: approval-count"), "{text}");
    assert_eq!(report.verdict(), crate::evidence::Verdict::NotPassed);
}

#[test]
fn no_line_of_a_log_is_wider_than_the_terminal() {
    for (name, report) in all() {
        for width in [40, 60, 80, 100] {
            for verbose in [false, true] {
                let options = RenderOptions {
                    width,
                    verbose,
                    ..options()
                };
                let text = render(&report, Format::Terminal, &options).expect("renders");
                for line in text.lines() {
                    // The verdict column of the narrowest terminals has nowhere to go.
                    let limit = if width < 60 { 43 } else { width };
                    assert!(line.chars().count() <= limit, "{name} at {width}: {line}");
                    assert_eq!(line, line.trim_end(), "{name} at {width}");
                }
            }
        }
    }
}

#[test]
fn a_shortened_sentence_ends_after_a_word() {
    let cases = [
        ("one two", 7, "one two"),
        ("one two", 6, "one…"),
        ("one, two", 7, "one…"),
        ("  one\u{2028}\ttwo  ", 20, "one two"),
        ("abcdefghij", 4, "abc…"),
        ("a bcdefghij", 6, "a bcd…"),
        ("äöü", 2, "ä…"),
        ("abc", 0, "…"),
    ];
    for (text, characters_max, expected) in cases {
        assert_eq!(text::shorten(text, characters_max), expected, "{text}");
    }
}

#[test]
fn markdown_stays_within_its_budget_and_says_what_is_missing() {
    for count in [100, 400, 3_000] {
        let text = rendered(&many(count), Format::Markdown);
        assert!(text.len() <= markdown::BYTES_MAX, "{count}: {}", text.len());
        assert!(
            text.contains("not met: <code>metric-threshold</code>"),
            "{count}"
        );
        assert_eq!(
            text.contains("Left out to stay within"),
            count > 100,
            "{count}"
        );
    }
}

#[test]
fn html_of_many_records_stays_small_and_says_what_is_missing() {
    let page = rendered(&many(3_000), Format::Html);
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    assert!(page.contains("2800 more open records are in the JSON report"));
    assert!(page.contains("2000 more records are in the JSON report"));
}

#[test]
fn html_runs_nothing_and_loads_nothing() {
    for (name, report) in all() {
        let page = rendered(&report, Format::Html).to_lowercase();
        for forbidden in [
            "<script",
            "<img",
            "<iframe",
            "<object",
            "<link",
            "<form",
            "@import",
            "url(",
            "href=\"javascript",
        ] {
            assert!(!page.contains(forbidden), "{name}: {forbidden}");
        }
        assert!(page.contains("default-src 'none'"), "{name}");
    }
}

#[test]
fn data_cannot_drive_a_terminal_or_forge_a_command() {
    let narrow = RenderOptions {
        width: 1,
        verbose: true,
        ..options()
    };
    for width in [narrow, options()] {
        let text = render(&sample("hostile"), Format::Terminal, &width).expect("renders");
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::"), "{line}");
            assert!(!line.contains("##["), "{line}");
            assert!(!line.chars().any(crate::template::is_hidden), "{line:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_text_is_rendered_in_every_format(message in any::<String>(), name in any::<String>(), width in 0..200usize) {
        let mut report = sample("integrity");
        let subject = Subject::Column { dataset: name.clone(), column: message.clone() };
        report.step = Step::DataValidation;
        report.evidence = vec![Evidence::new(name, subject, Outcome::NotMet, message)];
        for format in Format::ALL {
            let options = RenderOptions { width, ..options() };
            let text = render(&report, format, &options).expect("renders");
            match format {
                Format::Terminal => prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::"))),
                Format::Json | Format::Sarif => prop_assert!(serde_json::from_str::<Value>(&text).is_ok()),
                Format::Junit => prop_assert!(quick_junit::Report::deserialize_from_str(&text).is_ok()),
                Format::Html => prop_assert!(!text.contains("<script")),
                Format::Markdown => prop_assert!(text.len() <= markdown::BYTES_MAX),
            }
        }
    }
}
