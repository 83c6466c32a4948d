//! Every format within the sizes its readers take, saying what is left out.

use super::sample::all;
use super::tests::*;
use super::*;
use crate::evidence::{Evidence, Outcome, Quantity, Severity, Subject, Unit};
use serde_json::Value;

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
