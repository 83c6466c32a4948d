//! JUnit XML, as test runners write it: pytest, Jest, Go, promptfoo, dbt, Soda.

use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};

use super::{Content, Gives, Reader, Source};
use crate::evidence::Unit;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

/// Tests taken from one file.
const TESTS_MAX: usize = 1_000_000;

pub(super) const SOURCE: Source = Source {
    id: "junit",
    title: "JUnit XML",
    summary: "The report of a test runner. Tests by `CLASS::NAME`; numbers `tests`, `failures`, `errors`, `skipped`, `time` as they are counted in it.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "the schema of the Jenkins xUnit plugin",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let mut reader = XmlReader::from_reader(content.bytes);
    let mut recording = Recording::by("JUnit XML");
    let mut suites = 0_u64;
    let mut depth = 0_u64;
    let mut seconds = 0.0;
    let mut open: Option<RecordedVerdict> = None;
    loop {
        let at = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|error| format!("it is not XML, at byte {at}: {error}"))?;
        match event {
            Event::Eof => break,
            Event::DocType(_) => {
                return Err("it has a document type, which reports of tests have not".to_owned());
            }
            Event::Start(start) => {
                depth += 1;
                match start.local_name().as_ref() {
                    b"testsuite" | b"testsuites" => suites += 1,
                    b"testcase" => {
                        seconds += time(&start)?;
                        open = Some(test(&start)?);
                    }
                    name => change(&mut open, name),
                }
            }
            Event::Empty(start) => match start.local_name().as_ref() {
                b"testsuite" | b"testsuites" => suites += 1,
                b"testcase" => {
                    seconds += time(&start)?;
                    recording.verdicts.push(test(&start)?);
                }
                name => change(&mut open, name),
            },
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if end.local_name().as_ref() == b"testcase" {
                    recording.verdicts.extend(open.take());
                }
            }
            _ => {}
        }
        if TESTS_MAX < recording.verdicts.len() {
            return Err(format!("there are more than {TESTS_MAX} tests in it"));
        }
    }
    if suites == 0 {
        return Err("there is no element `testsuite` in it".to_owned());
    }
    if 0 < depth || open.is_some() {
        return Err("it ends before its last element is closed".to_owned());
    }
    let of = |outcome: Said| {
        let verdicts = recording.verdicts.iter();
        verdicts
            .filter(|verdict| verdict.outcome == outcome)
            .count() as f64
    };
    recording.metrics = vec![
        RecordedMetric::new("tests", recording.verdicts.len() as f64).unit(Unit::Count),
        RecordedMetric::new("failures", of(Said::Failed)).unit(Unit::Count),
        RecordedMetric::new("errors", of(Said::Errored)).unit(Unit::Count),
        RecordedMetric::new("skipped", of(Said::Skipped)).unit(Unit::Count),
        RecordedMetric::new("time", seconds).unit(Unit::Seconds),
    ];
    Ok(recording)
}

/// A test that passed, as long as nothing in it says otherwise.
fn test(start: &BytesStart<'_>) -> Result<RecordedVerdict, String> {
    let class = attribute(start, "classname")?;
    let name = attribute(start, "name")?.ok_or("a `testcase` has no `name`")?;
    Ok(RecordedVerdict {
        name: match class {
            Some(class) if !class.is_empty() => format!("{class}::{name}"),
            Some(_) | None => name,
        },
        outcome: Said::Passed,
        message: None,
    })
}

/// What an element inside of a test says of it; the worst counts.
fn change(open: &mut Option<RecordedVerdict>, element: &[u8]) {
    let said = match element {
        b"failure" => Said::Failed,
        b"error" => Said::Errored,
        b"skipped" => Said::Skipped,
        _ => return,
    };
    if let Some(test) = open
        && !matches!(test.outcome, Said::Failed | Said::Errored)
    {
        test.outcome = said;
    }
}

fn time(start: &BytesStart<'_>) -> Result<f64, String> {
    let text = attribute(start, "time")?.unwrap_or_default();
    // Some runners group thousands: 1,234.5.
    let seconds = text.replace(',', "").parse().unwrap_or(0.0);
    Ok(if f64::is_finite(seconds) {
        seconds
    } else {
        0.0
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("an attribute `{name}`: {error}");
    let Some(found) = start
        .try_get_attribute(name)
        .map_err(|error| wrong(&error))?
    else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&found.value).map_err(|error| wrong(&error))?;
    let text = quick_xml::escape::unescape(text).map_err(|error| wrong(&error))?;
    Ok(Some(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{Recording, Said};

    fn read(text: &str) -> Result<Recording, String> {
        parse(&Content {
            name: "junit.xml",
            bytes: text.as_bytes(),
        })
    }

    #[test]
    fn tests_are_verdicts() {
        let text = include_str!("../../fixtures/sources/promptfoo/results.junit.xml");
        let recording = read(text).expect("a report");
        let outcomes: Vec<_> = recording
            .verdicts
            .iter()
            .map(|verdict| verdict.outcome)
            .collect();
        assert_eq!(
            outcomes,
            [Said::Passed, Said::Failed, Said::Passed, Said::Failed]
        );
        assert_eq!(recording.verdicts[1].name, "[echo] prompt 1::test 2");
        let time = recording.metric("time", None).expect("a number");
        assert!((time.value - 0.007).abs() < 1e-12);
    }

    #[test]
    fn skipped_and_errors_are_told_apart_and_names_unescaped() {
        let text = r#"<testsuite><testcase name="a &lt; b"/><testcase name="c"><skipped/></testcase><testcase name="d"><error message="x"/><failure/></testcase></testsuite>"#;
        let recording = read(text).expect("a report");
        let found: Vec<_> = recording
            .verdicts
            .iter()
            .map(|verdict| (verdict.name.as_str(), verdict.outcome))
            .collect();
        assert_eq!(
            found,
            [
                ("a < b", Said::Passed),
                ("c", Said::Skipped),
                ("d", Said::Errored)
            ]
        );
    }

    #[test]
    fn entities_and_torn_files_are_refused() {
        for text in [
            "<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite/>",
            "<testsuite><testcase name='a'>",
            "<html></html>",
            "<testsuite><testcase/></testsuite>",
            "<testsuite></wrong>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
