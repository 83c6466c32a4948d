//! Judges what other systems recorded: their numbers, their verdicts, what they found.
//!
//! A number that was recorded is held against its bound as it is. Against a champion it is compared by
//! the results of the same cases where both have them (paired), else by the standard errors recorded
//! (not paired), else not at all: two bare numbers say nothing of chance, unless a `tolerance` asks for
//! just that. What is missing, not a number or of half a run is never passed.

mod attributions;
mod comparison;
mod findings;
mod numbers;
mod problems;
mod spec;
mod verdicts;

pub use attributions::{AttributionRule, ForbiddenFeatures, Sign, TopFeatures};
pub(super) use problems::check;
pub use spec::{Better, FindingRule, RecordedRule, RecordedSpec, VerdictRule};

use crate::evidence::{Evidence, Location, Outcome, Subject};
use crate::gates::requirements::RECORDING_COMPLETE;
use crate::recorded::Recording;

/// What was recorded of both models.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// Of the candidate.
    pub candidate: &'a Recording,
    /// Of the champion, where there is one.
    pub champion: Option<&'a Recording>,
    /// Whether there is no champion yet, and the configuration lets the first model pass.
    pub first_model: bool,
}

/// What a rule on recordings is judged with.
struct Judged<'a> {
    spec: &'a RecordedSpec,
    recorded: Recorded<'a>,
    model: &'a str,
    confidence: f64,
    path: &'a str,
    locate: &'a dyn Fn(&str) -> Option<Location>,
}

impl Judged<'_> {
    /// A number of the candidate; marked as recorded by the name of the recording before its own.
    fn subject(&self, metric: &str, slice: Option<&str>) -> Subject {
        let metric = format!("{}:{metric}", self.spec.name());
        let model = self.model.to_owned();
        match slice {
            None => Subject::Metric { model, metric },
            Some(slice) => Subject::Slice {
                model,
                metric,
                slice: slice.to_owned(),
            },
        }
    }

    fn location(&self, key: &str) -> Option<Location> {
        (self.locate)(&format!("{}.{key}", self.path))
    }
}

/// Judges what was recorded of `model`. `path` is the place of `spec` in the configuration
/// (`gate.recorded[0]`); `locate` finds the line of such a place.
#[must_use]
pub fn judge(
    spec: &RecordedSpec,
    model: &str,
    recorded: Recorded<'_>,
    confidence: f64,
    path: &str,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let judged = Judged {
        spec,
        recorded,
        model,
        confidence,
        path,
        locate,
    };
    let mut evidence = vec![complete(&judged, recorded.candidate, "candidate")];
    if let Some(champion) = recorded.champion {
        evidence.push(complete(&judged, champion, "champion"));
    }
    evidence.extend(numbers::judge(&judged));
    if let Some(rule) = &spec.verdicts {
        evidence.push(verdicts::judge(&judged, rule));
    }
    if let Some(rule) = &spec.findings {
        evidence.extend(findings::judge(&judged, rule));
    }
    if let Some(rule) = &spec.attributions {
        evidence.extend(attributions::judge(&judged, rule));
    }
    evidence
}

/// Whether the run is a whole one.
fn complete(judged: &Judged<'_>, recording: &Recording, role: &str) -> Evidence {
    let name = judged.spec.name();
    let subject = Subject::Model {
        model: match role {
            "champion" => format!("{}:{name} (champion)", judged.model),
            _ => format!("{}:{name}", judged.model),
        },
    };
    let origin = recording.origin();
    let (outcome, message) = match recording.shortfalls.as_slice() {
        [] => (
            Outcome::Met,
            format!("the results of the {role} are whole, as {origin} recorded them"),
        ),
        shortfalls => (
            Outcome::NotMet,
            format!(
                "the results of the {role} are not whole, as {origin} recorded them: {}",
                shortfalls.join("; ")
            ),
        ),
    };
    Evidence::new(RECORDING_COMPLETE, subject, outcome, message)
        .severity(judged.spec.incomplete)
        .at(judged.location(role))
}

#[cfg(test)]
mod tests;
