//! What is still open: records that are not met, and their waivers.

use serde::Serialize;

use super::claims::{Numbers, Reference, reference};
use super::judgement::{Judgement, outcome};
use crate::cards::document::CardDocument;
use crate::cards::text::visible;

/// Open records listed on the card; the rest is in the JSON.
pub(super) const OPEN_MAX: usize = 100;

#[derive(Serialize)]
pub(super) struct OpenRow {
    step: &'static str,
    requirement: String,
    subject: String,
    outcome: Judgement,
    /// The sentence, parted where the producer set backticks.
    message: Vec<Part>,
    waiver: Option<String>,
    reference: Reference,
}

pub(super) fn open(document: &CardDocument, numbers: &Numbers) -> Vec<OpenRow> {
    document
        .open
        .iter()
        .take(OPEN_MAX)
        .map(|record| OpenRow {
            step: record.step.as_str(),
            requirement: visible(record.requirement.as_str()),
            subject: visible(&record.subject),
            outcome: outcome(record.outcome, record.severity, record.waiver.is_some()),
            message: parts(&record.message),
            waiver: record.waiver.as_deref().map(visible),
            reference: reference(&record.source, numbers),
        })
        .collect()
}

/// A piece of a sentence.
#[derive(Serialize)]
struct Part {
    /// True for what stood between backticks.
    is_code: bool,
    text: String,
}

/// Parts a sentence at its backticks; when they do not pair up, the rest is one piece.
fn parts(message: &str) -> Vec<Part> {
    let pieces: Vec<&str> = message.split('`').collect();
    let is_paired = pieces.len() % 2 == 1;
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, text)| Part {
            is_code: is_paired && index % 2 == 1,
            text: visible(text),
        })
        .collect()
}
