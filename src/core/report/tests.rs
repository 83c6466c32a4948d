//! Every renderer over the shared samples, against its foreign schema, and at its limits.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::sample::{all, known};
use super::*;
use crate::evidence::{Evidence, Outcome, Severity, Step, Subject};

pub(super) fn options() -> RenderOptions<'static> {
    RenderOptions {
        requirement: &known,
        color: false,
        width: 100,
        verbose: false,
        baseline: Baseline::NotAsked,
        better: &|_| None,
    }
}

pub(super) fn rendered(report: &RunReport, format: Format) -> String {
    render(report, format, &options()).expect("renders")
}

pub(super) fn sample(name: &str) -> RunReport {
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

pub(super) fn many(count: usize) -> RunReport {
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
