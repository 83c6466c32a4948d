//! Is the new data fit to train on? Asked before anything else.

use super::causes::drift;
use super::requirements::DATA;
use super::situation::{Content, Situation, is_open};
use crate::evidence::{Evidence, Outcome, Reason, Severity, Step, Subject};

/// Judges the evidence of the new data: every requirement that blocks must be met, but for those on
/// its distribution, which are a cause to train and no reason against it.
pub(super) fn judge(situation: &Situation<'_>) -> Evidence {
    let subject = Subject::Model {
        model: situation.model.to_owned(),
    };
    let path = &situation.data.path;
    let unknown = |reason, why: String| {
        let message = format!("it is not known whether the new data is fit: {why}");
        let remedy = "Run `proofmark data validate` on the new data, or name its evidence in \
                      `retrain.evidence` or `--data-evidence`.";
        Evidence::not_evaluated(DATA, subject.clone(), reason, message).remedy(remedy)
    };
    let records = match (
        &situation.data.content,
        situation.data.records_of(Step::DataValidation),
    ) {
        (Content::Missing, _) => {
            return unknown(
                Reason::MissingInput,
                format!("there is no evidence `{path}`"),
            );
        }
        (Content::Unreadable(why), _) => {
            return unknown(Reason::UnreadableInput, format!("`{path}`: {why}"));
        }
        (Content::Report(..), None) => {
            let why = format!("`{path}` holds no evidence of a data validation");
            return unknown(Reason::MissingInput, why);
        }
        (Content::Report(..), Some(records)) => records,
    };
    let checks: Vec<&Evidence> = records
        .into_iter()
        .filter(|record| !drift::is_about_drift(record))
        .collect();
    if checks.is_empty() {
        let why = format!("`{path}` says nothing but how the data is distributed");
        return unknown(Reason::Undefined, why);
    }
    let today = situation.now.date_naive();
    let open: Vec<&&Evidence> = checks
        .iter()
        .filter(|record| Severity::Error <= record.severity && is_open(record, today))
        .collect();
    let record = match open.first() {
        None => {
            let count = checks.len();
            let message = format!("the new data is fit to train on: none of {count} checks blocks");
            Evidence::new(DATA, subject, Outcome::Met, message)
        }
        Some(first) => {
            let message = format!(
                "nothing is trained on this data: {} of {} checks are open, the first: {}",
                open.len(),
                checks.len(),
                first.message
            );
            let worst = open.iter().map(|record| record.severity).max();
            Evidence::new(DATA, subject, Outcome::NotMet, message)
                .severity(worst.unwrap_or_default())
        }
    };
    record.from_inputs(&situation.data.input().into_iter().collect::<Vec<_>>())
}
