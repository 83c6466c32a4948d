//! Whether predictions can be judged at all: rows of both classes, a key for each, the same rows for
//! both models.

use std::borrow::Cow;

use super::keys::{Keys, Matched};
use super::predictions::Predictions;
use super::requirements::{PREDICTION_IDS, PREDICTION_PAIRING, SAMPLE_SIZE};
use super::{counted, rows};
use crate::evidence::{Bound, Evidence, Location, Outcome, Quantity, Reason, Subject};
use crate::metrics::detection::Detections;
use crate::metrics::{Answers, Sample, Task};

/// Keys a message shows.
const EXAMPLES_MAX: usize = 3;

/// Longest key a message shows in full, in Unicode scalar values.
const EXAMPLE_LENGTH_MAX: usize = 40;

/// The champion on the rows of the candidate, in their order.
pub(super) struct Paired<'a> {
    /// Name of the champion in evidence.
    pub(super) model: String,
    /// What it says of the rows of the candidate.
    pub(super) sample: Cow<'a, Sample>,
}

/// Judges whether one file of predictions has rows of both classes and a key for each.
pub(super) fn judge_rows(
    predictions: &Predictions,
    path: &str,
    model: &str,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let mut evidence = vec![sample_size(predictions, model)];
    if !predictions.ids().is_empty() {
        evidence.push(prediction_ids(predictions, model));
    }
    evidence
        .into_iter()
        .map(|record| record.at(locate(path)))
        .collect()
}

fn sample_size(predictions: &Predictions, model: &str) -> Evidence {
    let subject = Subject::Model {
        model: model.to_owned(),
    };
    let found = predictions.rows();
    let bound = Bound::AtLeast(1.0);
    let (observed, described, required) = match predictions.sample().answers() {
        Answers::Binary(binary) => {
            let positives = binary.label().iter().filter(|label| **label).count() as u64;
            let negatives = found - positives;
            (
                positives.min(negatives),
                format!(", {positives} labelled positive and {negatives} negative"),
                "at least one of each class",
            )
        }
        Answers::Multiclass(multiclass) => {
            let mut labelled: Vec<u32> = multiclass.label().to_vec();
            labelled.sort_unstable();
            labelled.dedup();
            (
                (labelled.len() as u64).saturating_sub(1),
                format!(" of {} classes", labelled.len()),
                "rows of at least two classes",
            )
        }
        Answers::Regression(_) | Answers::Text(_) => (found, String::new(), "at least one"),
        Answers::Multilabel(multilabel) => (
            found,
            format!(" of {} labels", multilabel.names().len()),
            "at least one",
        ),
        Answers::Forecasting(forecast) => {
            let series = format!(" of {} series", forecast.series());
            (found, series, "at least one")
        }
        Answers::Ranking(ranking) => {
            let items = format!(" with {} items", ranking.items());
            (found, items, "at least one")
        }
        Answers::Detection(detections) => {
            let (objects, described) = (detections.objects(), boxes(detections));
            (objects, described, "at least one object")
        }
    };
    let observed = Quantity::rows(observed).of(found);
    if found == 0 {
        let message = format!("the predictions of `{model}` hold no rows, required {required}");
        return Evidence::not_evaluated(SAMPLE_SIZE, subject, Reason::TooFewRows, message)
            .measured(observed, bound);
    }
    let message = format!(
        "the predictions of `{model}` hold {}{described}, required {required}",
        rows(predictions.task(), found)
    );
    Evidence::new(SAMPLE_SIZE, subject, bound.judge(&observed), message).measured(observed, bound)
}

/// What is in images and what was found, with what counts nowhere.
fn boxes(detections: &Detections) -> String {
    let mut notes = Vec::new();
    let without = detections.images_without();
    if 0 < without {
        let images = rows(Task::Detection, without);
        notes.push(format!(
            "in {images} nothing was found, so that their objects count as missed"
        ));
    }
    let strange = detections.strange();
    if 0 < strange {
        let one = "detection of no class of the truth is";
        let several = "detections of no class of the truth are";
        notes.push(format!("{} not counted", counted((one, several), strange)));
    }
    let beside = match notes.is_empty() {
        true => String::new(),
        false => format!(" ({})", notes.join("; ")),
    };
    format!(
        " with {} and {}{beside}",
        counted(("object", "objects"), detections.objects()),
        counted(("detection", "detections"), detections.detections())
    )
}

fn prediction_ids(predictions: &Predictions, model: &str) -> Evidence {
    let subject = Subject::Model {
        model: model.to_owned(),
    };
    let found = predictions.ids().repeated();
    let repeated = Quantity::rows(found.len() as u64).of(predictions.rows());
    let bound = Bound::Exactly(0.0);
    let message = match found.first() {
        None => format!(
            "each of the {} of `{model}` has a key of its own",
            rows(predictions.task(), predictions.rows())
        ),
        Some(_) => format!(
            "`{model}` repeats a key on {repeated}, required none; for example {}",
            examples(predictions.ids(), found)
        ),
    };
    Evidence::new(PREDICTION_IDS, subject, bound.judge(&repeated), message)
        .measured(repeated, bound)
}

/// Judges whether both models were asked about the same rows, and orders the champion as the
/// candidate when they were.
pub(super) fn pair<'a>(
    candidate: &Predictions,
    champion: &'a Predictions,
    champion_name: String,
) -> (Evidence, Option<Paired<'a>>) {
    let matched = match (candidate.ids().is_empty(), champion.ids().is_empty()) {
        (true, true) => by_order(candidate, champion),
        (false, false) => by_key(candidate, champion),
        (true, false) | (false, true) => Err(Mismatch {
            rows: candidate.rows().max(champion.rows()),
            message: "only one of the two files has keys".to_owned(),
        }),
    };
    let subject = Subject::Model {
        model: candidate.model().to_owned(),
    };
    let bound = Bound::Exactly(0.0);
    let record = |outcome, differing: u64, text: String| {
        let message = format!(
            "`{}` and champion `{champion_name}`: {text}",
            candidate.model()
        );
        Evidence::new(PREDICTION_PAIRING, subject.clone(), outcome, message)
            .measured(Quantity::rows(differing).of(candidate.rows().max(1)), bound)
    };
    match matched {
        Ok(_) if candidate.rows() == 0 => {
            let outcome = Outcome::NotEvaluated(Reason::TooFewRows);
            (
                record(outcome, 0, "neither has rows to pair".to_owned()),
                None,
            )
        }
        Ok(sample) => {
            let outcome = bound.judge(&Quantity::rows(0));
            let text = format!(
                "{} paired, same {}",
                rows(candidate.task(), candidate.rows()),
                truth(candidate)
            );
            let record = record(outcome, 0, text);
            let model = champion_name.clone();
            (record, Some(Paired { model, sample }))
        }
        Err(mismatch) => {
            // At least one row differs, so that the bound cannot hold.
            let differing = mismatch.rows.max(1);
            let outcome = bound.judge(&Quantity::rows(differing));
            (record(outcome, differing, mismatch.message), None)
        }
    }
}

/// Why two files cannot be paired.
struct Mismatch {
    /// Rows that have no counterpart or another label.
    rows: u64,
    /// A fragment.
    message: String,
}

/// What the champion says, in the order of the candidate.
type Ordered<'a> = Cow<'a, Sample>;

fn by_order<'a>(
    candidate: &Predictions,
    champion: &'a Predictions,
) -> Result<Ordered<'a>, Mismatch> {
    if candidate.rows() != champion.rows() {
        return Err(Mismatch {
            rows: candidate.rows().abs_diff(champion.rows()),
            message: format!(
                "{} against {}, required the same; rows have no keys to pair them by",
                rows(candidate.task(), candidate.rows()),
                rows(candidate.task(), champion.rows())
            ),
        });
    }
    same_labels(candidate, Cow::Borrowed(champion.sample()))
}

fn by_key<'a>(candidate: &Predictions, champion: &'a Predictions) -> Result<Ordered<'a>, Mismatch> {
    let (ours, theirs) = (candidate.ids(), champion.ids());
    let repeated = ours.repeated().len() + theirs.repeated().len();
    if 0 < repeated {
        let shown = match ours.repeated() {
            [] => examples(theirs, theirs.repeated()),
            found => examples(ours, found),
        };
        return Err(Mismatch {
            rows: repeated as u64,
            message: format!(
                "a key is repeated on {}, so that rows cannot be paired; for example {shown}",
                rows(candidate.task(), repeated as u64),
            ),
        });
    }
    match ours.matched(theirs) {
        Matched::InOrder => same_labels(candidate, Cow::Borrowed(champion.sample())),
        Matched::Reordered(order) => {
            same_labels(candidate, Cow::Owned(champion.sample().select(&order)))
        }
        Matched::Different {
            ours: only_ours,
            theirs: only_theirs,
        } => Err(Mismatch {
            rows: (only_ours.len() + only_theirs.len()) as u64,
            message: format!(
                "{} only in the candidate, {} only in the champion, required the same rows; for example {}",
                rows(candidate.task(), only_ours.len() as u64),
                rows(candidate.task(), only_theirs.len() as u64),
                match only_ours.as_slice() {
                    [] => examples(theirs, &only_theirs),
                    only_ours => examples(ours, only_ours),
                }
            ),
        }),
    }
}

fn same_labels<'a>(candidate: &Predictions, ordered: Ordered<'a>) -> Result<Ordered<'a>, Mismatch> {
    let differing = candidate
        .sample()
        .answers()
        .labels_differing(ordered.answers());
    if differing == 0 {
        return Ok(ordered);
    }
    Err(Mismatch {
        rows: differing,
        message: format!(
            "the {} in the two files differ on {}, required none",
            truth(candidate),
            rows(candidate.task(), differing)
        ),
    })
}

/// What must be the same in both files.
fn truth(candidate: &Predictions) -> &'static str {
    match candidate.task() {
        Task::Ranking => "items and labels",
        Task::Detection => "objects",
        Task::Text => "references",
        Task::Binary
        | Task::Multiclass
        | Task::Regression
        | Task::Multilabel
        | Task::Forecasting => "labels",
    }
}

/// The keys of the first few rows, between backticks.
fn examples(keys: &Keys, found: &[u32]) -> String {
    let shown = found.iter().take(EXAMPLES_MAX).map(|row| {
        let key = keys.text(*row as usize);
        let start: String = key.chars().take(EXAMPLE_LENGTH_MAX).collect();
        format!("`{start}`")
    });
    shown.collect::<Vec<_>>().join(", ")
}
