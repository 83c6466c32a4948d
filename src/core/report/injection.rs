//! Every payload of `fixtures/injection/` in every text of a report, in every format: it may be seen,
//! it may not act.
//!
//! What a format may hold is taken from the same report around a harmless word: a payload may change
//! what stands in places, never which places there are.

use std::collections::BTreeMap;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::sample::known;
use super::text::sentence;
use super::*;
use crate::evidence::{
    Bound, CiContext, Evidence, FailingRows, Figure, InputRef, Location, Outcome, Quantity, Reason,
    RowExample, RunIdentity, Series, Severity, Sha256, Step, Subject, SubjectDigest, Tool, Unit,
    Waiver,
};
use crate::template::is_hidden;

#[derive(Deserialize)]
struct Payload {
    id: String,
    payload: String,
    surfaces: Vec<String>,
}

fn payloads() -> Vec<Payload> {
    let text = include_str!("../../../fixtures/injection/payloads.json");
    serde_json::from_str(text).expect("the corpus is JSON")
}

/// A word that means nothing anywhere.
const HARMLESS: &str = "x";

/// Renders a report compared with an earlier one that is as hostile as itself.
fn render_with(report: &RunReport, format: Format, color: bool, width: usize) -> String {
    let earlier = earlier(report);
    let options = RenderOptions {
        requirement: &known,
        color,
        width,
        verbose: true,
        baseline: Baseline::Of(&earlier),
        better: &|_| None,
    };
    render(report, format, &options).expect("renders")
}

fn rendered(report: &RunReport, format: Format) -> String {
    render_with(report, format, false, 100)
}

/// Calls `check` with the id of every payload, the payload, the report poisoned with it and that
/// report in `format`.
fn each(format: Format, check: impl Fn(&str, &str, &RunReport, &str)) {
    for payload in payloads() {
        let report = poisoned(&payload.payload);
        let text = rendered(&report, format);
        check(&payload.id, &payload.payload, &report, &text);
    }
}

/// A report of several steps with `text` wherever a report holds text.
fn poisoned(text: &str) -> RunReport {
    let some = || text.to_owned();
    let step = |step, evidence| {
        let figures = vec![figure(text)];
        RunReport::new(step, identity(text), vec![subject(text)], evidence, figures)
    };
    let steps = vec![
        step(Step::DataValidation, data_records(text)),
        step(Step::Gate, gate_records(text)),
        step(
            Step::Sign,
            vec![
                record(
                    "signature",
                    Subject::Signature {
                        model: some(),
                        claim: some(),
                    },
                    text,
                )
                .severity(Severity::Integrity),
            ],
        ),
        step(Step::Promote, vec![untried(text)]),
        step(Step::Promote, vec![untried(text)]),
    ];
    RunReport::of_steps(identity(text), steps)
}

/// The same report with the other outcomes and other values, and without the last record: whatever can
/// change has changed.
fn earlier(report: &RunReport) -> RunReport {
    let mut earlier = report.clone();
    for record in earlier.steps.iter_mut().flat_map(|step| &mut step.evidence) {
        record.outcome = match record.outcome {
            Outcome::Met => Outcome::NotMet,
            Outcome::NotMet | Outcome::NotEvaluated(_) => Outcome::Met,
        };
        record.observed = record.observed.map(|observed| Quantity {
            value: observed.value + 0.1,
            ..observed
        });
    }
    if let Some(step) = earlier.steps.get_mut(1) {
        step.evidence.pop();
    }
    earlier
}

fn untried(text: &str) -> Evidence {
    let release = Subject::Release {
        model: text.to_owned(),
        stage: text.to_owned(),
    };
    Evidence::not_evaluated("approval-count", release, Reason::EarlierStep, text)
}

fn record(id: &str, subject: Subject, text: &str) -> Evidence {
    Evidence::new(id.to_owned(), subject, Outcome::NotMet, text)
        .remedy(text)
        .at(Some(Location {
            file: text.to_owned(),
            line: 3,
            column: 5,
        }))
        .from_inputs(&[input(text)])
}

fn data_records(text: &str) -> Vec<Evidence> {
    let some = || text.to_owned();
    let column = Subject::Column {
        dataset: some(),
        column: some(),
    };
    let dataset = Subject::Dataset { dataset: some() };
    let example = |value| RowExample {
        row_number: 1,
        value,
        masked: false,
    };
    let mut waived = record("null-fraction", dataset.clone(), text);
    waived.waiver = Some(Waiver {
        requirement: "null-fraction".into(),
        subject: some(),
        by: some(),
        reason: some(),
        until: chrono::NaiveDate::from_ymd_opt(2026, 12, 31).expect("a date"),
    });
    vec![
        record(text, column.clone(), text).rows(FailingRows {
            count: 2,
            eligible: 3,
            examples: vec![example(Some(some())), example(None)],
        }),
        record(text, column, text).severity(Severity::Warning),
        waived,
        record("row-count", dataset, text).severity(Severity::Info),
        Evidence::not_evaluated(
            "unknown-global",
            Subject::File { path: some() },
            Reason::UnreadableInput,
            some(),
        ),
    ]
}

fn gate_records(text: &str) -> Vec<Evidence> {
    let some = || text.to_owned();
    let metric = Subject::Metric {
        model: some(),
        metric: some(),
    };
    let slice = Subject::Slice {
        model: some(),
        metric: some(),
        slice: some(),
    };
    let quantity = Quantity::new(0.5, Unit::Fraction)
        .of(10)
        .within(0.4, 0.6, 0.95);
    let met = |id: &str, subject, outcome| Evidence {
        outcome,
        remedy: None,
        location: None,
        ..record(id, subject, text).measured(quantity, Bound::AtLeast(0.3))
    };
    vec![
        met("metric-threshold", metric.clone(), Outcome::Met),
        met("metric-threshold", metric.clone(), Outcome::Met),
        met("metric-regression", metric, Outcome::Met),
        met("slice-threshold", slice, Outcome::NotMet),
        met("card-figure", Subject::Card { model: some() }, Outcome::Met),
        met("release", Subject::Model { model: some() }, Outcome::Met),
    ]
}

fn figure(text: &str) -> Figure {
    let some = || text.to_owned();
    Figure {
        id: some(),
        title: some(),
        x_label: some(),
        y_label: some(),
        series: vec![Series {
            name: some(),
            points: vec![[0.0, 0.0], [1.0, 1.0]],
            labels: vec![some(), some()],
            counts: vec![],
        }],
    }
}

fn input(text: &str) -> InputRef {
    InputRef {
        locator: text.to_owned(),
        sha256: Sha256::of(b"input"),
        fetched_at: None,
    }
}

fn subject(text: &str) -> SubjectDigest {
    SubjectDigest {
        name: text.to_owned(),
        sha256: Sha256::of(b"subject"),
    }
}

fn identity(text: &str) -> RunIdentity {
    let some = || Some(text.to_owned());
    RunIdentity {
        tool: Tool {
            name: text.to_owned(),
            version: text.to_owned(),
        },
        started_at: chrono::DateTime::from_timestamp(1_780_000_000, 0).expect("a time"),
        configuration: vec![input(text)],
        partitions: Vec::new(),
        ci: Some(CiContext {
            system: text.to_owned(),
            repository: some(),
            commit: some(),
            run_url: some(),
            directory: some(),
        }),
    }
}

#[test]
fn the_corpus_covers_every_surface_and_repeats_nothing() {
    let payloads = payloads();
    assert!(150 <= payloads.len());
    let ids: HashSet<&str> = payloads.iter().map(|payload| payload.id.as_str()).collect();
    assert_eq!(ids.len(), payloads.len());
    let aims: Vec<&String> = payloads
        .iter()
        .flat_map(|payload| &payload.surfaces)
        .collect();
    for format in Format::ALL {
        assert!(aims.iter().any(|aim| *aim == format.as_str()), "{format}");
    }
    for aim in aims {
        assert!(aim.parse::<Format>().is_ok(), "{aim}");
    }
}

#[test]
fn a_terminal_shows_payloads_and_obeys_none() {
    for payload in payloads() {
        let report = poisoned(&payload.payload);
        for (color, width) in [(false, 40), (false, 100), (true, 100)] {
            let text = without_colors(&render_with(&report, Format::Terminal, color, width));
            let id = &payload.id;
            for line in text.split('\n') {
                assert!(!line.chars().any(is_hidden), "{id}: {line:?}");
                assert!(!line.trim_start().starts_with("::"), "{id}: {line}");
                for command in ["##[", "##vso[", "##teamcity["] {
                    assert!(!line.contains(command), "{id}: {line}");
                }
            }
        }
    }
}

/// `text` without the colours this program sets; whatever else an escape begins stays.
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().expect("a first part").to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((codes, rest)) if codes.chars().all(|c| c.is_ascii_digit() || c == ';') => {
                plain.push_str(rest);
            }
            _ => {
                plain.push('\u{1b}');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[test]
fn no_format_forges_a_command_when_it_is_printed_to_a_log() {
    for format in Format::ALL {
        each(format, |id, _, _, text| {
            // The JSON report is the evidence itself, byte for byte as it is signed.
            let legacy = format != Format::Json && text.contains("##[");
            assert!(!legacy, "{id} as {format}");
            for line in text.lines().filter(|_| format != Format::Github) {
                assert!(
                    !line.trim_start().starts_with("::"),
                    "{id} as {format}: {line}"
                );
            }
        });
    }
}

#[test]
fn json_gives_payloads_back_as_they_were() {
    each(Format::Json, |id, _, report, text| {
        assert_eq!(RunReport::parse(text).as_ref().ok(), Some(report), "{id}");
    });
}

/// The tags of `page` with the names of their attributes, and how often each occurs. Reads as a
/// browser does: a tag begins at `<` before a letter, `/`, `!` or `?`, and ends at the first `>`
/// outside quotes.
fn tags(page: &str) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            continue;
        }
        let end = end_of_tag(after);
        let tag = after.get(..end).unwrap_or(after);
        *tags.entry(names_of(tag)).or_insert(0) += 1;
        rest = after.get(end..).unwrap_or("");
    }
    tags
}

fn end_of_tag(after: &str) -> usize {
    let mut quote = None;
    for (index, character) in after.char_indices() {
        match (quote, character) {
            (None, '>') => return index,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    after.len()
}

fn names_of(tag: &str) -> String {
    let mut names = String::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('"') {
        names.push_str(before);
        rest = after.split_once('"').map_or("", |(_, after)| after);
    }
    names.push_str(rest);
    names
}

#[test]
fn the_tokenizer_of_these_tests_sees_what_a_browser_would() {
    let page = "<p class=\"a>b\">1 < 2</p><img src=x onerror=alert(1)><!-- -->";
    let seen: Vec<String> = tags(page).into_keys().collect();
    let expected = ["!-- --", "/p", "img src=x onerror=alert(1)", "p class="];
    assert_eq!(seen, expected);
}

/// Tags a payload may add: what stands between backticks is shown as code, and a web address of the
/// run is a link.
fn is_expected(tag: &str) -> bool {
    ["code", "/code", "a href= rel=", "/a"].contains(&tag)
}

fn assert_same_tags(id: &str, text: &str, page: &str, harmless: &str) {
    let (seen, expected) = (tags(page), tags(harmless));
    for (tag, count) in &seen {
        let known = expected.get(tag);
        assert!(known.is_some() || is_expected(tag), "{id}: <{tag}>");
        // What is empty is left out, tag and all.
        let same = known == Some(count) || text.trim().is_empty() || is_expected(tag);
        assert!(same, "{id}: {count} times <{tag}>, expected {known:?}");
    }
}

#[test]
fn html_gets_no_element_and_no_attribute_from_payloads() {
    let harmless = rendered(&poisoned(HARMLESS), Format::Html);
    each(Format::Html, |id, text, _, page| {
        assert_same_tags(id, text, page, &harmless);
        for link in page.split("href=\"").skip(1) {
            let web = link.starts_with("https://") || link.starts_with("http://");
            assert!(link.starts_with('#') || web, "{id}: {link:.40}");
        }
        let hidden = |c: char| is_hidden(c) && c != '\n';
        assert!(!page.chars().any(hidden), "{id}");
    });
}

/// The characters of Markdown that still mean something: not escaped, not part of an entity.
fn active(line: &str) -> String {
    let mut active = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '&' => {
                characters.by_ref().find(|next| *next == ';');
            }
            '*' | '_' | '`' | '[' | ']' | '#' | '|' | '~' | '!' | '<' | '>' => {
                active.push(character);
            }
            _ => {}
        }
    }
    active.replace("<><>", "")
}

#[test]
fn markdown_gets_no_structure_from_payloads() {
    let harmless = rendered(&poisoned(HARMLESS), Format::Markdown);
    each(Format::Markdown, |id, text, _, page| {
        assert!(page.len() <= markdown::BYTES_MAX, "{id}");
        let whole = super::tests::is_whole(page);
        if whole {
            assert_same_tags(id, text, page, &harmless);
        }
        if whole && !text.trim().is_empty() {
            assert_eq!(page.lines().count(), harmless.lines().count(), "{id}");
            for (line, expected) in page.lines().zip(harmless.lines()) {
                assert_eq!(active(line), active(expected), "{id}: {line}");
                assert_eq!(line.get(..1), expected.get(..1), "{id}: {line}");
            }
        }
        for line in page.lines() {
            assert_markdown_line(id, line);
        }
    });
}

fn assert_markdown_line(id: &str, line: &str) {
    assert!(!line.chars().any(is_hidden), "{id}: {line:?}");
    // Quick actions of GitLab stand at the start of a line, four spaces make code.
    assert!(!line.trim_start().starts_with('/'), "{id}: {line}");
    assert!(!line.starts_with("    "), "{id}: {line}");
    for link in ["://", "www."] {
        assert!(!line.contains(link), "{id}: {link} in {line}");
    }
    assert!(!line.contains('@'), "{id}: {line}");
    // The marker of the publisher is an HTML comment.
    assert!(!line.contains("<!--"), "{id}: {line}");
    assert!(
        !line.contains('$') && !line.contains(markdown::ROW_END),
        "{id}: {line}"
    );
    let references = ["#", "!", "GH-", "gh-", "&amp;", "~", "%"];
    for reference in references {
        for after in line.split(reference).skip(1) {
            // An entity such as `&#64;` is no reference.
            let number = after.split(|c: char| !c.is_ascii_digit()).next();
            let digits = number.unwrap_or("");
            let entity = after
                .get(digits.len()..)
                .is_some_and(|end| end.starts_with(';'));
            assert!(
                digits.is_empty() || entity,
                "{id}: {reference}{digits}: {line}"
            );
        }
    }
}

#[test]
fn junit_gives_payloads_back_as_they_are_shown() {
    let read = |text: &str| quick_junit::Report::deserialize_from_str(text).expect("reads back");
    let shape = |report: &quick_junit::Report| -> Vec<(usize, usize, usize)> {
        let suites = report.test_suites.iter();
        suites
            .map(|suite| (suite.tests, suite.failures, suite.errors))
            .collect()
    };
    let harmless = shape(&read(&rendered(&poisoned(HARMLESS), Format::Junit)));
    each(Format::Junit, |id, text, _, page| {
        let report = read(page);
        assert_eq!(shape(&report), harmless, "{id}");
        assert!(!page.contains("[[ATTACHMENT|"), "{id}");
        assert!(
            !page.contains("<!DOCTYPE") && !page.contains("<!ENTITY"),
            "{id}"
        );
        let hidden = |c: char| is_hidden(c) && c != '\n';
        assert!(!page.chars().any(hidden), "{id}");
        let case = &report.test_suites[2].test_cases[0];
        match &case.status {
            quick_junit::TestCaseStatus::NonSuccess { message, .. } => {
                let message = message.as_ref().map(|message| message.as_str());
                let shown = sentence(text)
                    .replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
                    .replace("##[", "## [");
                assert_eq!(message, Some(shown.as_str()), "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
    });
}

#[test]
fn sarif_stays_valid_and_makes_no_link_of_payloads() {
    let schema = include_str!("../../../fixtures/schemas/sarif-2.1.0.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    each(Format::Sarif, |id, _, _, text| {
        let log: Value = serde_json::from_str(text).expect(id);
        assert!(validator.is_valid(&log), "{id}");
        for result in log["runs"][0]["results"].as_array().expect("results") {
            let message = result["message"]["text"].as_str().expect("text");
            assert!(!message.contains("]("), "{id}: {message}");
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .expect("a place");
            assert!(uri.is_ascii() && !uri.contains(':'), "{id}: {uri}");
            assert_inside(id, uri);
        }
    });
}

fn assert_inside(id: &str, path: &str) {
    assert!(!path.is_empty() && !path.starts_with('/'), "{id}: {path}");
    assert!(
        !path.contains('\\') && !path.contains("://"),
        "{id}: {path}"
    );
    assert!(path.split('/').all(|part| part != ".."), "{id}: {path}");
    assert!(path.chars().nth(1) != Some(':'), "{id}: {path}");
    assert!(!path.chars().any(is_hidden), "{id}: {path}");
}

#[test]
fn codequality_keeps_its_form_around_payloads() {
    let count = |text: &str| -> usize {
        let issues: Value = serde_json::from_str(text).expect("JSON");
        issues.as_array().expect("a list").len()
    };
    let harmless = count(&rendered(&poisoned(HARMLESS), Format::Codequality));
    each(Format::Codequality, |id, _, _, text| {
        assert_eq!(count(text), harmless, "{id}");
        super::tests::assert_codequality(id, text);
        let issues: Value = serde_json::from_str(text).expect("JSON");
        for issue in issues.as_array().expect("a list") {
            assert_inside(id, issue["location"]["path"].as_str().expect("a path"));
            let description = issue["description"].as_str().expect("text");
            assert!(!description.chars().any(is_hidden), "{id}");
        }
    });
}

/// Name, labels and value of every sample, as OpenMetrics 1.0 writes them.
type Samples = Vec<(String, Vec<(String, String)>, f64)>;

fn samples(id: &str, text: &str) -> Samples {
    let body = text.strip_suffix("# EOF\n").expect("ends");
    assert!(!body.contains("# EOF") && !body.contains("\n\n"), "{id}");
    body.lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| sample_line(id, line))
        .collect()
}

fn sample_line(id: &str, line: &str) -> (String, Vec<(String, String)>, f64) {
    // GitLab takes what follows `#` for a comment, wherever it stands.
    assert!(!line.contains('#'), "{id}: {line}");
    let end = line.find(['{', ' ']).expect("a name");
    let (name, rest) = line.split_at(end);
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(id, rest),
        None => (Vec::new(), rest),
    };
    let value = value.strip_prefix(' ').expect("one space");
    assert!(!value.contains(' '), "{id}: {line}");
    (name.to_owned(), labels, value.parse().expect(line))
}

fn labels<'a>(id: &str, mut rest: &'a str) -> (Vec<(String, String)>, &'a str) {
    let mut labels = Vec::new();
    loop {
        let (name, after) = rest.split_once("=\"").expect("a label");
        assert!(
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{id}: {name}"
        );
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next().expect("a closing quote") {
                (_, '\\') => match characters.next().expect("an escaped character").1 {
                    'n' => value.push('\n'),
                    escaped @ ('"' | '\\') => value.push(escaped),
                    other => panic!("{id}: \\{other}"),
                },
                (end, '"') => break end,
                (_, plain) => value.push(plain),
            }
        };
        labels.push((name.to_owned(), value));
        rest = after.get(end + 1..).expect("more");
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => break,
        }
    }
    (labels, rest.strip_prefix('}').expect("a closing brace"))
}

#[test]
fn openmetrics_gets_no_sample_and_no_label_from_payloads() {
    let shape = |samples: &Samples| -> Vec<(String, Vec<String>, String)> {
        let names = |labels: &Vec<(String, String)>| -> Vec<String> {
            let labels = labels.iter().map(|(name, _)| name.clone());
            labels.filter(|name| name != "occurrence").collect()
        };
        samples
            .iter()
            .map(|(name, labels, value)| (name.clone(), names(labels), value.to_string()))
            .collect()
    };
    let harmless = shape(&samples(
        "",
        &rendered(&poisoned(HARMLESS), Format::Openmetrics),
    ));
    each(Format::Openmetrics, |id, _, _, text| {
        let samples = samples(id, text);
        assert_eq!(shape(&samples), harmless, "{id}");
        let mut seen = HashSet::new();
        for (name, labels, _) in &samples {
            assert!(
                seen.insert((name, labels)),
                "{id}: {name} {labels:?} repeats"
            );
            assert!(
                labels
                    .iter()
                    .all(|(_, value)| !value.chars().any(is_hidden)),
                "{id}"
            );
        }
    });
}

/// Name, properties and message.
type Command<'a> = (&'a str, Vec<(&'a str, String)>, String);

/// What GitHub's runner makes of a line; its own reading, in which leading white space counts for
/// nothing and the first `::` ends the properties.
fn command(line: &str) -> Option<Command<'_>> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = data
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%");
    let properties = properties
        .split(',')
        .filter_map(|property| property.split_once('='))
        .map(|(key, value)| {
            let value = value.replace("%3A", ":").replace("%2C", ",");
            (
                key,
                value
                    .replace("%0D", "\r")
                    .replace("%0A", "\n")
                    .replace("%25", "%"),
            )
        })
        .collect();
    Some((command, properties, data))
}

#[test]
fn github_takes_no_command_but_ours_from_payloads() {
    let harmless = rendered(&poisoned(HARMLESS), Format::Github);
    let last = |text: &str| text.lines().next_back().map(str::to_owned);
    each(Format::Github, |id, text, _, log| {
        assert_eq!(log.lines().count(), harmless.lines().count(), "{id}");
        assert_eq!(last(log), last(&harmless), "{id}");
        assert!(!log.contains("##["), "{id}");
        let lines: Vec<&str> = log.lines().collect();
        let (_, commands) = lines.split_last().expect("a last line");
        for line in commands {
            let (name, properties, message) = command(line).expect(line);
            assert!(
                ["error", "warning", "notice"].contains(&name),
                "{id}: {line}"
            );
            let keys: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, ["file", "line", "col", "title"], "{id}: {line}");
            assert_inside(id, &properties[0].1);
            let title = &properties[3].1;
            assert!(!title.chars().any(is_hidden), "{id}: {title}");
            assert!(title.chars().count() <= limits::ANNOTATION_TITLE_CHARACTERS_MAX);
            assert!(
                message.len() <= limits::ANNOTATION_MESSAGE_BYTES_MAX,
                "{id}"
            );
            let parts: Vec<&str> = message.split('\n').collect();
            assert!(parts.len() <= 2, "{id}: {message}");
            assert!(
                !parts.iter().any(|part| part.chars().any(is_hidden)),
                "{id}"
            );
            let shown = sentence(text).replace("##[", "## [");
            let shown = shown.trim_end_matches('.');
            assert!(message.starts_with(shown), "{id}: {message}");
        }
    });
}

#[test]
fn dotenv_gets_no_key_and_no_line_from_payloads() {
    let own = [
        "VERDICT",
        "EXIT_CODE",
        "STEP",
        "REQUIREMENTS",
        "MET",
        "NOT_MET",
        "NOT_EVALUATED",
        "NOT_TRIED",
        "WARNINGS",
        "WAIVED",
        "MODEL",
        "MODEL_DIGEST",
        "COMMIT",
        "VERSION",
    ];
    each(Format::Dotenv, |id, _, report, text| {
        assert!(text.len() <= limits::DOTENV_BYTES_MAX, "{id}");
        assert!(text.lines().count() <= limits::DOTENV_VARIABLES_MAX, "{id}");
        let mut keys = HashSet::new();
        for line in text.lines() {
            let (key, value) = line.split_once('=').expect("a value");
            let key = key.strip_prefix("PROOFMARK_").expect("our prefix");
            assert!(own.contains(&key) && keys.insert(key), "{id}: {line}");
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-+/".contains(c);
            assert!(
                !value.is_empty() && value.chars().all(plain),
                "{id}: {line}"
            );
        }
        let verdict = report.verdict().to_string().replace(' ', "-");
        assert!(
            text.starts_with(&format!("PROOFMARK_VERDICT={verdict}\n")),
            "{id}"
        );
    });
}
