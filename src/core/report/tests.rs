//! Every renderer over the shared samples, against its foreign schema, and at its limits.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::sample::{all, known};
use super::*;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Severity, Sha256, Step, Subject, Unit,
};

fn options() -> RenderOptions<'static> {
    RenderOptions {
        requirement: &known,
        color: false,
        width: 100,
        verbose: false,
        baseline: Baseline::NotAsked,
        better: &|_| None,
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
fn json_is_valid_against_the_published_schema() {
    // What `proofmark schema evidence` prints.
    let schema = schemars::schema_for!(RunReport).to_value();
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for (name, report) in all() {
        let value: Value = serde_json::from_str(&rendered(&report, Format::Json)).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        // And it is a schema that refuses something.
        let mut wrong = value;
        wrong["verdict"] = "perfect".into();
        assert!(!validator.is_valid(&wrong), "{name}");
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
fn what_changed_looks_like_this() {
    let (good, bad, earlier) = (sample("passed"), sample("sample"), sample("earlier"));
    let cases = [
        ("since-earlier", &bad, Baseline::Of(&earlier)),
        ("since-itself", &good, Baseline::Of(&good)),
        ("since-nothing", &good, Baseline::NotThere),
    ];
    for (name, report, baseline) in cases {
        let options = RenderOptions {
            baseline,
            ..options()
        };
        for format in [Format::Terminal, Format::Markdown] {
            let text = render(report, format, &options).expect("renders");
            snapshot(&format!("{format}-{name}"), &text);
        }
        let page = render(report, Format::Html, &options).expect("renders");
        let section = page
            .split_once("<section id=\"changes\">")
            .expect("changes")
            .1;
        let section = section.split_once("</section>").expect("an end").0;
        snapshot(&format!("html-{name}"), section);
    }
}

#[test]
fn a_baseline_changes_only_what_people_read() {
    let (earlier, later) = (sample("earlier"), sample("sample"));
    let options = RenderOptions {
        baseline: Baseline::Of(&earlier),
        ..options()
    };
    for format in Format::ALL {
        let same = render(&later, format, &options).expect("renders") == rendered(&later, format);
        let for_people = [Format::Terminal, Format::Markdown, Format::Html].contains(&format);
        assert_eq!(same, !for_people, "{format}");
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
fn codequality_looks_like_this() {
    for (name, report) in all() {
        let text = rendered(&report, Format::Codequality);
        assert_codequality(name, &text);
        snapshot(&format!("codequality-{name}"), &text);
    }
}

#[test]
fn openmetrics_looks_like_this() {
    for (name, report) in all() {
        let text = rendered(&report, Format::Openmetrics);
        snapshot(&format!("openmetrics-{name}"), &text);
    }
}

#[test]
fn github_looks_like_this() {
    for (name, report) in all() {
        snapshot(
            &format!("github-{name}"),
            &rendered(&report, Format::Github),
        );
    }
}

#[test]
fn dotenv_looks_like_this() {
    for (name, report) in all() {
        snapshot(
            &format!("dotenv-{name}"),
            &rendered(&report, Format::Dotenv),
        );
    }
}

/// The members GitLab's documentation asks for ("Code Quality report format"); there is no official
/// schema.
pub(super) fn assert_codequality(name: &str, text: &str) {
    let issues: Value = serde_json::from_str(text).expect(name);
    let mut fingerprints = HashSet::new();
    assert!(!text.starts_with('\u{feff}'), "{name}: a byte order mark");
    for issue in issues.as_array().expect("a list") {
        let members: Vec<&String> = issue.as_object().expect("an object").keys().collect();
        let mut expected = [
            "check_name",
            "description",
            "fingerprint",
            "location",
            "severity",
        ];
        expected.sort_unstable();
        let mut members: Vec<&str> = members.into_iter().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, expected, "{name}");
        for member in ["check_name", "description", "fingerprint"] {
            assert_ne!(issue[member].as_str(), Some(""), "{name}: {member}");
            assert!(issue[member].is_string(), "{name}: {member}");
        }
        let severity = issue["severity"].as_str().expect("a severity");
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&severity),
            "{name}: {severity}"
        );
        let path = issue["location"]["path"].as_str().expect("a path");
        assert!(
            !path.is_empty() && !path.starts_with(['.', '/']),
            "{name}: {path}"
        );
        let line = issue["location"]["lines"]["begin"].as_u64();
        assert!(Some(1) <= line, "{name}: {line:?}");
        assert!(
            fingerprints.insert(issue["fingerprint"].to_string()),
            "{name}: repeats"
        );
    }
}

#[test]
fn codequality_keeps_the_worst_findings_within_the_limit_and_says_so() {
    for more in [0, 1] {
        let report = many(codequality::FINDINGS_MAX + more);
        let issues: Value =
            serde_json::from_str(&rendered(&report, Format::Codequality)).expect("JSON");
        let issues = issues.as_array().expect("a list");
        assert_eq!(issues.len(), codequality::FINDINGS_MAX + more);
        assert_eq!(issues[0]["severity"], "blocker");
        let last = issues.last().expect("findings")["description"].to_string();
        assert_eq!(last.contains("1 more findings"), more == 1, "{last}");
    }
}

#[test]
fn github_gets_ten_annotations_at_most_and_the_last_says_how_many_more() {
    for (count, annotations) in [(1, 1), (10, 10), (11, 10), (5_000, 10)] {
        let text = rendered(&many(count), Format::Github);
        let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
        assert_eq!(commands.len(), annotations, "{count}");
        assert_eq!(text.lines().count(), annotations + 1, "{count}");
        let last = commands.last().expect("an annotation");
        if count <= 10 {
            assert!(!text.contains("more in the report"), "{text}");
        } else {
            assert!(
                commands[0].starts_with("::error "),
                "{count}: the worst comes first"
            );
            let said = format!("::{} more in the report", count - 9);
            assert!(last.ends_with(&said), "{count}: {last}");
        }
    }
}

#[test]
fn openmetrics_leaves_out_what_is_beyond_its_limit_and_counts_it() {
    for more in [0, 2] {
        let mut report = many(openmetrics::RECORDS_MAX + more);
        for record in &mut report.evidence {
            record.observed = Some(Quantity::new(0.1 + 0.2, Unit::Number));
        }
        let text = rendered(&report, Format::Openmetrics);
        let observed = text.matches("\nproofmark_observed{").count();
        assert_eq!(observed, openmetrics::RECORDS_MAX);
        assert!(text.contains("unit=\"number\"} 0.3\n"));
        assert!(text.contains(&format!("\nproofmark_records_left_out {more}\n")));
    }
}

#[test]
fn dotenv_leaves_out_a_value_that_is_not_plain_or_too_long() {
    let mut report = sample("passed");
    for (version, written) in [
        ("1.2.3-rc.1+5".to_owned(), true),
        ("1".repeat(200), true),
        ("1".repeat(201), false),
        ("1 2".to_owned(), false),
        ("-x".to_owned(), false),
        ("$(id)".to_owned(), false),
        (String::new(), false),
    ] {
        report.run.tool.version.clone_from(&version);
        let text = rendered(&report, Format::Dotenv);
        let line = format!("PROOFMARK_VERSION={version}\n");
        assert_eq!(text.ends_with(&line), written, "{text}");
        assert_eq!(text.contains("PROOFMARK_VERSION"), written, "{text}");
        assert!(text.len() <= limits::DOTENV_BYTES_MAX);
        assert!(text.lines().count() <= limits::DOTENV_VARIABLES_MAX);
    }
}

#[test]
fn findings_outside_the_repository_are_shown_at_the_configuration() {
    let cases = [
        ("a/b.yaml", Some("a/b.yaml")),
        ("./a.yaml", Some("a.yaml")),
        ("a..b/..c", Some("a..b/..c")),
        ("../a.yaml", None),
        ("a/../../b", None),
        ("/etc/passwd", None),
        ("C:/a.yaml", None),
        ("a\\b.yaml", None),
        ("file://a", None),
        ("", None),
    ];
    for (path, expected) in cases {
        assert_eq!(findings::path_in_repository(path), expected, "{path}");
    }
    let long = "a".repeat(text::TEXT_CHARACTERS_MAX);
    assert!(findings::path_in_repository(&long).is_some());
    assert_eq!(findings::path_in_repository(&format!("{long}a")), None);
}

#[test]
fn a_command_after_white_space_of_any_script_is_no_command() {
    for space in [' ', '\u{a0}', '\u{2003}', '\u{3000}', '\u{1680}'] {
        let mut report = sample("integrity");
        report.evidence[0].message = format!("{space}::error::forged");
        let text = rendered(&report, Format::Terminal);
        let forged = |line: &str| line.trim_start().starts_with("::");
        assert!(!text.lines().any(forged), "{space:?}: {text}");
    }
}

#[test]
fn sarif_is_valid_against_the_official_schema() {
    let schema = include_str!("../../../fixtures/schemas/sarif-2.1.0.json");
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
    for (count, left_out) in [
        (limits::SARIF_RESULTS_MAX, 0),
        (limits::SARIF_RESULTS_MAX + 1, 1),
    ] {
        let log: Value =
            serde_json::from_str(&rendered(&many(count), Format::Sarif)).expect("JSON");
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), limits::SARIF_RESULTS_MAX);
        assert_eq!(results[0]["level"], "error");
        assert_eq!(results[limits::SARIF_RESULTS_MAX - 1]["level"], "warning");
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array();
        assert_eq!(notes.is_some(), left_out > 0);
        if let Some(notes) = notes {
            assert!(
                notes[0]["message"]["text"]
                    .as_str()
                    .expect("text")
                    .starts_with("1 results")
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
fn the_worst_p_value_is_the_smallest() {
    let of = |column: &str, value: f64, bound: Bound| {
        let subject = Subject::Column {
            dataset: "current".into(),
            column: column.into(),
        };
        met("drift-ks-p-value", subject, "").measured(Quantity::new(value, Unit::Number), bound)
    };
    let p_value = Bound::AtLeast(0.05);
    let mut evidence = vec![
        of("a", 0.9, p_value),
        of("b", 0.06, p_value),
        of("c", 0.4, p_value),
    ];
    assert_eq!(
        essence_of(Step::DataValidation, evidence.clone()),
        "`current`; smallest KS-P-VALUE 0.06 on `b`"
    );
    // Evidently chooses a distance or a p-value for each column; they are not to be mixed.
    evidence.push(of("d", 0.01, Bound::AtMost(0.1)));
    assert!(essence_of(Step::DataValidation, evidence).ends_with("0.06 on `b`"));
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
    assert!(text.contains("| auc | 0.73 | 0.64 |"), "{text}");
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

/// Whether a page of Markdown has everything.
pub(super) fn is_whole(page: &str) -> bool {
    !page.contains("in the HTML and JSON reports.") && !page.contains("Left out to stay within")
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
        assert_eq!(is_whole(&text), count == 100, "{count}");
        assert_counts_are_true(&text, count);
    }
}

/// Every part shows some of `count` rows and says how many more there are.
fn assert_counts_are_true(text: &str, count: usize) {
    let parts = [
        ("### What to look at", "**"),
        ("<summary><b>Slices</b>", "| slice"),
        ("<summary>sign:", "| ✗ not met |"),
    ];
    for (begin, row) in parts {
        let part = text.split_once(begin).expect(begin).1;
        let part = part.split("<details").next().expect("a part");
        let rows = part.lines().filter(|line| line.starts_with(row)).count();
        let rows = rows + part.matches("\n| \\! warning |").count();
        let more = part
            .lines()
            .find_map(|line| line.strip_suffix(" more are in the HTML and JSON reports."));
        let more: usize = more.map_or(0, |more| more.parse().expect("a number"));
        assert!(0 < rows, "{begin}");
        assert_eq!(rows + more, count, "{begin}");
    }
}

#[test]
fn a_huge_part_of_a_markdown_page_leaves_the_others_their_share() {
    // Each case makes one part far too long and looks for all the others.
    let parts = [
        "| Step | Verdict |",
        "### What changed since",
        "| Metric | Before | Now |",
        "### What to look at",
        "<summary><b>Metrics",
        "<summary><b>Slices</b>",
        "<summary>gate: ",
        "<summary>Digests and provenance</summary>",
    ];
    let earlier = sample("earlier");
    let options = RenderOptions {
        baseline: Baseline::Of(&earlier),
        ..options()
    };
    let long = "x".repeat(text::TEXT_CHARACTERS_MAX);
    let subject = |index: usize, kind: &str| match kind {
        "metric" => Subject::Metric {
            model: "credit-risk".into(),
            metric: format!("m{index}"),
        },
        "slice" => Subject::Slice {
            model: "credit-risk".into(),
            metric: "m".into(),
            slice: format!("s={index}"),
        },
        _ => Subject::File {
            path: format!("f{index}"),
        },
    };
    for kind in ["metric", "slice", "file"] {
        for (outcome, severity) in [
            (Outcome::Met, Severity::Error),
            (Outcome::NotMet, Severity::Error),
            (Outcome::NotMet, Severity::Warning),
        ] {
            let mut report = sample("sample");
            report.steps[1].evidence.extend((0..1_000).map(|index| {
                Evidence {
                    observed: Some(Quantity::new(0.5, Unit::Number)),
                    required: Some(crate::evidence::Bound::AtLeast(0.9)),
                    ..Evidence::new(
                        "metric-threshold",
                        subject(index, kind),
                        outcome,
                        long.clone(),
                    )
                    .severity(severity)
                }
            }));
            report.verdict = report.verdict();
            let text = render(&report, Format::Markdown, &options).expect("renders");
            assert!(text.len() <= markdown::BYTES_MAX, "{kind}: {}", text.len());
            for part in parts {
                assert!(text.contains(part), "{kind} {outcome} {severity:?}: {part}");
            }
            assert!(!is_whole(&text), "{kind} {outcome}");
        }
    }
}

#[test]
fn a_shortened_table_of_a_markdown_page_ends_with_a_row() {
    let text = rendered(&many(3_000), Format::Markdown);
    let mut columns = None;
    for line in text.lines() {
        // A row begins and ends with a pipe and has as many columns as the one before it.
        let is_row = line.starts_with('|');
        let count = line.matches('|').count();
        assert!(!is_row || line.ends_with('|'), "{line}");
        assert!(
            !is_row || columns.is_none_or(|columns| columns == count),
            "{line}"
        );
        columns = is_row.then_some(count);
    }
    for (tag, count) in [("details", 3), ("summary", 3)] {
        assert_eq!(text.matches(&format!("<{tag}>")).count(), count, "{tag}");
        assert_eq!(text.matches(&format!("</{tag}>")).count(), count, "{tag}");
    }
}

#[test]
fn markdown_is_whole_up_to_its_budget_and_not_a_byte_beyond() {
    let whole = |count: usize| {
        let text = rendered(&many(count), Format::Markdown);
        assert!(text.len() <= markdown::BYTES_MAX, "{count}: {}", text.len());
        is_whole(&text).then_some(text.len())
    };
    // The largest report that is whole, and the next one.
    let (mut fits, mut too_many) = (1, 1_000);
    while fits + 1 < too_many {
        let middle = usize::midpoint(fits, too_many);
        match whole(middle) {
            Some(_) => fits = middle,
            None => too_many = middle,
        }
    }
    let bytes = whole(fits).expect("it fits");
    let of_one_record = bytes / fits;
    assert!(
        markdown::BYTES_MAX < bytes + 2 * of_one_record,
        "{fits} records: {bytes}"
    );
}

#[test]
fn descriptions_of_rules_stay_within_the_limit() {
    let words = |count: usize| vec!["a"; count].join(" ");
    let longest = limits::SARIF_DESCRIPTION_CHARACTERS_MAX;
    assert_eq!(text::shorten(&words(512), longest), words(512));
    assert!(text::shorten(&words(513), longest).chars().count() <= longest);
    for (name, report) in all() {
        let log: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).expect("JSON");
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array();
        for rule in rules.expect("rules") {
            let description = rule["fullDescription"]["text"].as_str().expect("text");
            assert!(description.chars().count() <= longest, "{name}");
            let tags = rule["properties"]["tags"].as_array().expect("tags");
            assert!(tags.len() <= limits::SARIF_TAGS_MAX, "{name}");
        }
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
                Format::Json | Format::Sarif | Format::Codequality => prop_assert!(serde_json::from_str::<Value>(&text).is_ok()),
                Format::Junit => prop_assert!(quick_junit::Report::deserialize_from_str(&text).is_ok()),
                Format::Html => prop_assert!(!text.contains("<script")),
                Format::Markdown => prop_assert!(text.len() <= markdown::BYTES_MAX),
                Format::Openmetrics => prop_assert!(text.ends_with("\n# EOF\n")),
                Format::Github => prop_assert!(text.lines().all(|line| line.starts_with("::") || line.starts_with("proofmark: "))),
                Format::Dotenv => prop_assert!(text.lines().all(|line| line.starts_with("PROOFMARK_"))),
            }
        }
    }
}

/// A report of `count` findings with texts of `characters` characters each, none like another and none
/// that compresses.
fn noise(count: usize, characters: usize) -> RunReport {
    let mut state = 1_u32;
    let mut text = || -> String {
        let characters = (0..characters).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Printable, beyond the basic plane, four bytes: CJK extension B.
            char::from_u32(0x2_0000 + (state >> 17)).expect("assigned")
        });
        characters.collect()
    };
    let mut report = sample("integrity");
    report.evidence = (0..count)
        .map(|index| {
            let subject = Subject::File {
                path: format!("{index}"),
            };
            let severity = if index % 2 == 0 {
                Severity::Info
            } else {
                Severity::Error
            };
            Evidence::new("noise", subject, Outcome::NotMet, text())
                .remedy(text())
                .severity(severity)
        })
        .collect();
    report.verdict = report.verdict();
    report
}

#[test]
fn a_sarif_log_stays_below_the_size_github_takes_in() {
    let count_of = |report: &RunReport| {
        let log: Value = serde_json::from_str(&rendered(report, Format::Sarif)).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let text: usize = results
            .iter()
            .map(|result| {
                let texts = [&result["message"]["text"], &result["properties"]["fix"]];
                texts
                    .iter()
                    .map(|text| text.as_str().map_or(0, str::len))
                    .sum::<usize>()
            })
            .sum();
        assert!(text < limits::SARIF_GZIP_BYTES_MAX, "{text} bytes of noise");
        results.len()
    };
    // Two texts of 1,000 characters of four bytes make about 8,000 bytes a result.
    let fitting = count_of(&noise(2_000, 1_000));
    assert!((1_200..1_260).contains(&fitting), "{fitting}");
    assert_eq!(count_of(&noise(fitting, 1_000)), fitting);
    assert_eq!(count_of(&noise(fitting + 1, 1_000)), fitting);
}

#[test]
fn a_junit_report_stays_below_the_size_gitlab_reads() {
    let cases = |count: usize| {
        let text = rendered(&noise(count, 1_000), Format::Junit);
        assert!(
            text.len() <= limits::JUNIT_BYTES_MAX,
            "{count}: {} bytes",
            text.len()
        );
        let said = text.contains("more records are in the JSON report");
        let cases = text.matches("<testcase ").count();
        // What blocks is written before what is only noted.
        assert_eq!(
            text.matches("<failure").count(),
            (count / 2).min(cases),
            "{count}"
        );
        (cases, said)
    };
    let (written, said) = cases(2_600);
    assert!(said);
    // The last case says how many are left out.
    let fitting = written - 1;
    assert!((2_300..2_600).contains(&fitting), "{fitting}");
    assert_eq!(cases(fitting), (fitting, false));
    assert_eq!(cases(fitting + 1), (fitting + 1, true));
}

#[test]
fn every_rule_of_a_full_sarif_log_is_there() {
    for more in [0, 1] {
        let mut report = many(limits::SARIF_RULES_MAX + more);
        for (index, record) in report.evidence.iter_mut().enumerate() {
            record.requirement = format!("rule-{index}").into();
        }
        let log: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).expect("JSON");
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array();
        assert_eq!(rules.expect("rules").len(), limits::SARIF_RULES_MAX);
        let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(notes.is_array(), more == 1);
    }
}

#[test]
fn an_annotation_has_a_title_within_the_limit() {
    // "Integrity failure: r on s" is as long as the limit with r of 112 characters and s of 120.
    let long = "s".repeat(text::NAME_CHARACTERS_MAX);
    for requirement in [112, 113, 120] {
        let mut report = many(1);
        let requirement = "r".repeat(requirement);
        report.evidence[0].requirement = requirement.clone().into();
        report.evidence[0].subject = Subject::File { path: long.clone() };
        report.evidence[0].severity = Severity::Integrity;
        report.verdict = report.verdict();
        let log = rendered(&report, Format::Github);
        let title = log.split_once("title=").expect("a title").1;
        let title = title
            .split_once("::")
            .expect("an end")
            .0
            .replace("%3A", ":");
        assert!(
            title.chars().count() <= limits::ANNOTATION_TITLE_CHARACTERS_MAX,
            "{title}"
        );
        let whole = format!("Integrity failure: {requirement} on {long}");
        assert_eq!(title == whole, requirement.len() == 112, "{title}");
    }
}

#[test]
fn the_longest_message_of_an_annotation_stays_within_the_limit() {
    let log = rendered(&noise(1, 100_000), Format::Github);
    let message = log
        .lines()
        .next()
        .expect("a line")
        .rsplit("::")
        .next()
        .expect("a message");
    assert!(
        message.len() <= limits::ANNOTATION_MESSAGE_BYTES_MAX,
        "{}",
        message.len()
    );
    assert!(
        message.contains("more characters"),
        "it says that it was cut"
    );
}

#[test]
fn a_page_of_markdown_fits_everywhere_it_is_shown() {
    let page = rendered(&noise(1_000, 1_000), Format::Markdown);
    assert!(page.len() <= markdown::BYTES_MAX);
    let smallest = [
        limits::CHECK_RUN_TEXT_CHARACTERS_MAX,
        limits::COMMENT_CHARACTERS_MAX,
        limits::NOTE_CHARACTERS_MAX,
        limits::STEP_SUMMARY_BYTES_MAX,
    ];
    assert!(smallest.iter().all(|limit| page.len() < *limit));
}
