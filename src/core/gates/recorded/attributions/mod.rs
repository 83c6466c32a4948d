//! Judges how much features move predictions, by attributions another system recorded (SHAP, LIME).
//!
//! Every demand is a record of its own. What cannot be known from what was recorded (no names, no values
//! of the features, no outputs, no champion) is not evaluated, never passed.

mod champion;
mod importance;
mod problems;
mod rows;
mod shares;
mod spec;

pub(super) use problems::check;
pub use spec::{AttributionRule, ForbiddenFeatures, Sign, TopFeatures};

use super::Judged;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::gates::requirements::RECORDED_ATTRIBUTIONS;
use crate::recorded::Attributions;
use importance::Importance;

/// Features named in a message.
const NAMED_MAX: usize = 5;

/// Judges every demand.
pub(super) fn judge(judged: &Judged<'_>, rule: &AttributionRule) -> Vec<Evidence> {
    let importance = Importance::of(judged.recorded.candidate);
    let demands = shares::demands(rule, &importance)
        .into_iter()
        .chain(champion::demands(judged, rule, &importance))
        .chain(rows::demands(judged, rule));
    demands.map(|demand| demand.judge(judged, rule)).collect()
}

/// One thing required of attributions, with what was found.
struct Demand {
    /// What evidence calls it, after `attributions.`.
    name: String,
    /// Its key in the configuration, after `attributions.`.
    key: String,
    required: Bound,
    /// The number and a sentence on it, or why there is none.
    found: Result<Found, (Reason, String)>,
}

/// A number with a fragment that names the features: it reads before "; required …".
struct Found {
    observed: Quantity,
    message: String,
}

impl Found {
    fn new(value: f64, unit: Unit, message: String) -> Self {
        Self {
            observed: Quantity::new(value, unit),
            message,
        }
    }
}

impl Demand {
    fn judge(self, judged: &Judged<'_>, rule: &AttributionRule) -> Evidence {
        let subject = judged.subject(&format!("attributions.{}", self.name), None);
        let required = self.required;
        let evidence = match self.found {
            Ok(found) => {
                let origin = judged.recorded.candidate.origin();
                let message = format!(
                    "{}; required {required}; attributions as {origin} recorded them",
                    found.message
                );
                let outcome = required.judge(&found.observed);
                Evidence::new(RECORDED_ATTRIBUTIONS, subject, outcome, message)
                    .measured(found.observed, required)
            }
            Err((reason, why)) => {
                let message = format!("{subject} is not known: {why}; required {required}");
                let mut evidence =
                    Evidence::not_evaluated(RECORDED_ATTRIBUTIONS, subject, reason, message);
                evidence.required = Some(required);
                evidence
            }
        };
        evidence
            .severity(rule.severity)
            .at(judged.location(&format!("attributions.{}", self.key)))
    }
}

/// Why what needs names cannot be known.
fn named(attributions: &Attributions) -> Result<(), (Reason, String)> {
    if attributions.is_named() {
        return Ok(());
    }
    Err((
        Reason::MissingInput,
        "features have no names; record them with the attributions".to_owned(),
    ))
}

/// Some names, the rest counted.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names
        .iter()
        .take(NAMED_MAX)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().checked_sub(NAMED_MAX) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
