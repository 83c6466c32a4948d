//! TensorFlow Model Analysis: the metrics on slices and the result of a validation, as TFMA writes them
//! ([`records`]) or as JSON ([`text`]).

mod records;
mod text;
mod tfrecord;

use super::{Content, Gives, Reader, Source};
use crate::recorded::{RecordedVerdict, Recording, Said};

const TITLE: &str = "TensorFlow Model Analysis";

/// Coverage of the intervals TFMA computes when nothing else is said.
const LEVEL: f64 = 0.95;

pub(super) const SOURCE: Source = Source {
    id: "tfma",
    title: TITLE,
    summary: "`metrics-….tfrecord` or `validations.tfrecord` of an evaluation; or `json_format.MessageToDict` of a `ValidationResult`, or the `slicing_metrics` of an `EvalResult` as a list of `{slice, metrics}`. Numbers by name, what sets one apart in brackets, `precision[top_k=5]`; on slices `column=value`, several joined by `,`.",
    gives: &[Gives::Metrics, Gives::Slices, Gives::Verdicts],
    reference: "written by TFMA 0.52",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let name = content.name.rsplit('/').next().unwrap_or(content.name);
    if !name.ends_with(".tfrecord") {
        return text::parse(content.bytes);
    }
    match name.starts_with("validations") {
        true => records::validation(content.bytes).map(verdicts),
        false => records::metrics(name, content.bytes),
    }
}

/// What a validation said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Validated {
    ok: bool,
    /// There was no baseline, and thresholds of change were skipped.
    rubber_stamp: bool,
    /// What failed, with its slice, and why.
    failures: Vec<(String, Option<String>)>,
    /// How many slices that were to be validated are not there.
    missing_slices: usize,
    /// How many kinds of slices were validated.
    slices: usize,
}

/// The validation as one verdict, and one for each metric that failed on a slice.
fn verdicts(validated: Validated) -> Recording {
    let mut recording = Recording::by(TITLE);
    recording.verdicts.push(RecordedVerdict {
        name: "validation".to_owned(),
        outcome: match validated.ok {
            true => Said::Passed,
            false => Said::Failed,
        },
        message: None,
    });
    let failed = |(name, message)| RecordedVerdict {
        name,
        outcome: Said::Failed,
        message,
    };
    recording
        .verdicts
        .extend(validated.failures.into_iter().map(failed));
    if validated.rubber_stamp {
        let stamped =
            "it is a rubber stamp: there was no baseline, and thresholds of change were skipped";
        recording.shortfalls.push(stamped.to_owned());
    }
    if 0 < validated.missing_slices {
        recording.shortfalls.push(format!(
            "{} slices that were to be validated are missing",
            validated.missing_slices
        ));
    }
    if validated.slices == 0 {
        let nothing = "no slice was validated";
        recording.shortfalls.push(nothing.to_owned());
    }
    recording
}

#[cfg(test)]
mod tests;
