//! Claims, each with the evidence it was copied from.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cards::document::{CardDocument, Claim, ClaimSource};
use crate::cards::text::visible;
use crate::evidence::Sha256;

/// The number of every evidence file on the card, from 1.
pub(super) type Numbers = BTreeMap<Sha256, usize>;

#[derive(Serialize)]
pub(super) struct Reference {
    /// Number of the evidence file on the card, from 1; 0 when it is not cited.
    number: usize,
    /// JSON pointer into it.
    pointer: String,
    /// First digits of its digest.
    sha256_short: String,
}

#[derive(Serialize)]
pub(super) struct Figured {
    id: String,
    text: String,
    exact: String,
    reference: Reference,
}

#[derive(Serialize)]
pub(super) struct ClaimRow {
    label: String,
    value: Figured,
}

pub(super) fn numbers(document: &CardDocument) -> Numbers {
    let mut numbers = Numbers::new();
    for (index, cited) in document.evidence.iter().enumerate() {
        numbers.entry(cited.sha256).or_insert(index + 1);
    }
    numbers
}

pub(super) fn claims(document: &CardDocument, numbers: &Numbers) -> Vec<ClaimRow> {
    document
        .claims()
        .into_iter()
        .map(|claim| ClaimRow {
            label: visible(&claim.label),
            value: figured(claim, numbers),
        })
        .collect()
}

pub(super) fn reference(source: &ClaimSource, numbers: &Numbers) -> Reference {
    Reference {
        number: numbers.get(&source.evidence).copied().unwrap_or_default(),
        pointer: visible(&source.pointer),
        sha256_short: source.evidence.short(),
    }
}

pub(super) fn figured(claim: &Claim, numbers: &Numbers) -> Figured {
    Figured {
        id: visible(&claim.id),
        text: printed(claim),
        exact: claim
            .quantity
            .map_or_else(|| "—".to_owned(), |quantity| quantity.value.to_string()),
        reference: reference(&claim.source, numbers),
    }
}

/// A claim as every rendering prints it.
fn printed(claim: &Claim) -> String {
    claim
        .quantity
        .map_or_else(|| "—".to_owned(), |quantity| quantity.to_string())
}
