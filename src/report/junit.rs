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

use super::sections::{Section, sections};
use super::standing::Standing;
use super::text::{
    LEGACY_COMMAND, failing_rows, name, place, requirement_and_subject, sentence, visible,
};
use super::view::fix;
use super::{RenderOptions, RenderProblem};
use crate::evidence::{Evidence, Outcome, RunReport};

/// The report as JUnit XML.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let mut junit = Report::new(format!("proofmark {}", report.step.as_str()));
    for section in sections(report) {
        junit.add_test_suite(suite(&section, options));
    }
    // GitLab and Jenkins make a link to a file of `[[ATTACHMENT|path]]`, wherever a case says it. Not
    // every reader knows numeric references, so a space has to part what may not stand together.
    let text = junit.to_string()?;
    Ok(text
        .replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
        .replace(LEGACY_COMMAND, "## ["))
}

fn suite(section: &Section<'_>, options: &RenderOptions<'_>) -> TestSuite {
    let class = format!("proofmark.{}", section.step.as_str());
    let mut suite = TestSuite::new(&class);
    suite.set_timestamp(section.report.run.started_at);
    let verdict = section.report.verdict().to_string();
    suite.add_property(("verdict", verdict.as_str()));
    let tally = section.tally().to_string();
    suite.add_property(("requirements", tally.as_str()));
    for subject in &section.report.subjects {
        let digest = subject.sha256.to_string();
        suite.add_property((format!("sha256 of {}", name(&subject.name)), digest));
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for record in section.records.iter() {
        let title = unique(title(record), &mut seen);
        suite.add_test_case(test_case(
            &class,
            title,
            section.standing(record),
            record,
            options,
        ));
    }
    suite
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
    match (standing, &record.waiver) {
        (Standing::Waived, Some(waiver)) => status.set_message(format!(
            "waived by {} until {}: {}",
            name(&waiver.by),
            waiver.until,
            sentence(&waiver.reason)
        )),
        _ => status.set_message(sentence(&record.message)),
    };
    status.set_description(details(standing, record, options));
    status
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
