//! JUnit XML in the dialect GitLab, Jenkins' `junit` step and the GitHub test reporters read alike.
//!
//! There is no one specification. The base is the schema the Jenkins xUnit plugin keeps
//! (`junit-10.xsd`), with three attributes it does not know: `skipped` on `testsuites` (written by
//! quick-junit as by most producers), `file` and `line` on `testcase` (GitLab links `file`, GitHub
//! reporters annotate `file` and `line`).
//!
//! | record                          | test case                                   |
//! |---------------------------------|---------------------------------------------|
//! | met                             | passed                                      |
//! | not met, integrity failure      | `failure`                                   |
//! | not evaluated                   | `error`: there is no answer, and no pass    |
//! | warning                         | passed, with the sentence in `system-out`   |
//! | waived, noted                   | `skipped`, with the reason                  |
//! | not tried                       | `skipped`: what failed is red elsewhere     |
//!
//! The message stands in the attribute, which Jenkins shows, and in the text, which GitLab shows.

use std::collections::HashMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::limits::{JUNIT_BYTES_MAX, JUNIT_BYTES_PER_JOB_MAX};
use super::sections::{Section, sections};
use super::standing::Standing;
use super::text::{
    LEGACY_COMMAND, failing_rows, name, place, requirement_and_subject, sentence, visible,
};
use super::view::fix;
use super::{RenderOptions, RenderProblem};
use crate::evidence::{Evidence, Outcome, RunReport};

// A job that leaves three of the largest reports loses none.
const _: () = assert!(3 * JUNIT_BYTES_MAX <= JUNIT_BYTES_PER_JOB_MAX);

/// Bytes around the suites: declaration, root and its counts.
const ROOT_BYTES_MAX: usize = 1_000;

/// Bytes around the cases of a suite, but for its properties; with the case that says how many records
/// are left out.
const SUITE_BYTES_MAX: usize = 1_200;

/// Bytes of a case that are not text of its record.
const CASE_BYTES_MAX: usize = 300;

/// Subjects whose digests stand in a suite. A step has a handful.
const SUBJECTS_MAX: usize = 50;

/// The report as JUnit XML of at most [`JUNIT_BYTES_MAX`] bytes.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let mut junit = Report::new(format!("proofmark {}", report.step.as_str()));
    let sections = sections(report);
    for (section, kept) in sections.iter().zip(kept(&sections, options)) {
        if kept.contains(&true) {
            junit.add_test_suite(suite(section, &kept, options));
        }
    }
    // GitLab and Jenkins make a link to a file of `[[ATTACHMENT|path]]`, wherever a case says it. Not
    // every reader knows numeric references, so a space has to part what may not stand together.
    let text = junit.to_string()?;
    Ok(text
        .replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
        .replace(LEGACY_COMMAND, "## ["))
}

/// Which records of each section are written: all, where they fit, else the worst.
fn kept(sections: &[Section<'_>], options: &RenderOptions<'_>) -> Vec<Vec<bool>> {
    let mut kept: Vec<Vec<bool>> = sections
        .iter()
        .map(|section| vec![false; section.records.len()])
        .collect();
    let mut order: Vec<(Standing, usize, usize)> = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let standings = section
            .records
            .iter()
            .map(|record| section.standing(record));
        order.extend(
            standings
                .enumerate()
                .map(|(record, standing)| (standing, index, record)),
        );
    }
    order.sort_unstable();
    let mut opened = vec![false; sections.len()];
    let mut bytes = ROOT_BYTES_MAX;
    for (standing, index, record) in order {
        let section = &sections[index];
        if !std::mem::replace(&mut opened[index], true) {
            bytes += suite_bytes(section);
        }
        bytes += case_bytes(standing, &section.records[record], options);
        if JUNIT_BYTES_MAX < bytes {
            break;
        }
        kept[index][record] = true;
    }
    kept
}

fn suite_bytes(section: &Section<'_>) -> usize {
    let subjects = section.report.subjects.iter().take(SUBJECTS_MAX);
    let subjects = subjects.map(|subject| escaped_bytes(&name(&subject.name)) + CASE_BYTES_MAX);
    SUITE_BYTES_MAX + subjects.sum::<usize>()
}

fn case_bytes(standing: Standing, record: &Evidence, options: &RenderOptions<'_>) -> usize {
    let file = record
        .location
        .as_ref()
        .map_or(0, |location| escaped_bytes(&visible(&location.file)));
    let bytes = CASE_BYTES_MAX + escaped_bytes(&title(record)) + file;
    if standing == Standing::Met {
        return bytes;
    }
    bytes
        + escaped_bytes(&message(standing, record))
        + escaped_bytes(&details(standing, record, options))
}

/// Bytes of `text` in XML, with what is put between characters that may not stand together.
fn escaped_bytes(text: &str) -> usize {
    let bytes = text.chars().map(|character| match character {
        '<' | '>' => 4,
        '&' | '\n' => 5,
        '"' | '\'' => 6,
        '[' => 2,
        plain => plain.len_utf8(),
    });
    bytes.sum()
}

fn suite(section: &Section<'_>, kept: &[bool], options: &RenderOptions<'_>) -> TestSuite {
    let class = format!("proofmark.{}", section.step.as_str());
    let mut suite = TestSuite::new(&class);
    suite.set_timestamp(section.report.run.started_at);
    let verdict = section.report.verdict().to_string();
    suite.add_property(("verdict", verdict.as_str()));
    let tally = section.tally().to_string();
    suite.add_property(("requirements", tally.as_str()));
    for subject in section.report.subjects.iter().take(SUBJECTS_MAX) {
        let digest = subject.sha256.to_string();
        suite.add_property((format!("sha256 of {}", name(&subject.name)), digest));
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (record, kept) in section.records.iter().zip(kept) {
        // Numbers of repetition do not depend on what is left out.
        let title = unique(title(record), &mut seen);
        if !kept {
            continue;
        }
        suite.add_test_case(test_case(
            &class,
            title,
            section.standing(record),
            record,
            options,
        ));
    }
    let left_out = kept.iter().filter(|kept| !**kept).count();
    if 0 < left_out {
        suite.add_test_case(left_out_case(&class, left_out));
    }
    suite
}

fn left_out_case(class: &str, left_out: usize) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!(
        "{left_out} more records are in the JSON report; GitLab reads at most 30 MB"
    ));
    let mut case = TestCase::new("records-left-out", status);
    case.set_classname(class);
    case
}

fn title(record: &Evidence) -> String {
    let (requirement, subject) = requirement_and_subject(record);
    format!("{requirement} {subject}")
}

/// Readers merge cases of the same class and name, so a repeated one gets a number.
fn unique(title: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(title.clone()).or_insert(0);
    *count += 1;
    if *count == 1 {
        title
    } else {
        format!("{title} #{count}")
    }
}

fn test_case(
    class: &str,
    title: String,
    standing: Standing,
    record: &Evidence,
    options: &RenderOptions<'_>,
) -> TestCase {
    let mut case = TestCase::new(title, status(standing, record, options));
    case.set_classname(class);
    if let Some(location) = &record.location {
        case.extra
            .insert("file".into(), visible(&location.file).into());
        case.extra
            .insert("line".into(), location.line.to_string().into());
    }
    if standing == Standing::Warning {
        case.set_system_out(details(standing, record, options));
    }
    case
}

fn status(standing: Standing, record: &Evidence, options: &RenderOptions<'_>) -> TestCaseStatus {
    let mut status = match standing {
        Standing::Met | Standing::Warning => return TestCaseStatus::success(),
        Standing::IntegrityFailure | Standing::NotMet => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Standing::NotEvaluated => TestCaseStatus::non_success(NonSuccessKind::Error),
        Standing::NotTried | Standing::Waived | Standing::Noted => TestCaseStatus::skipped(),
    };
    status.set_type(standing.word());
    status.set_message(message(standing, record));
    status.set_description(details(standing, record, options));
    status
}

fn message(standing: Standing, record: &Evidence) -> String {
    match (standing, &record.waiver) {
        (Standing::Waived, Some(waiver)) => format!(
            "waived by {} until {}: {}",
            name(&waiver.by),
            waiver.until,
            sentence(&waiver.reason)
        ),
        _ => sentence(&record.message),
    }
}

fn details(standing: Standing, record: &Evidence, options: &RenderOptions<'_>) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        standing.word(),
        sentence(&record.message)
    )];
    match record.outcome {
        Outcome::NotEvaluated(_) => lines.push(record.outcome.to_string()),
        Outcome::Met | Outcome::NotMet => {}
    }
    if let Some(location) = &record.location {
        lines.push(format!("at {}", place(location)));
    }
    if let Some(failing) = &record.failing_rows {
        lines.push(failing_rows(failing));
    }
    if let Some(fix) = fix(record, options) {
        lines.push(format!("fix: {fix}"));
    }
    lines.join("\n")
}
