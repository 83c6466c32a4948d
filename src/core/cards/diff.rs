//! What changed between two cards: numbers, verdicts, digests and human text, never formatting.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::{Quantity, Sha256, Step, Verdict};

use super::document::CardDocument;

/// What changed between two cards.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CardDiff {
    /// The model's digest, when it changed.
    pub model: Option<Change<Sha256>>,
    /// The verdict of the whole card, when it changed.
    pub verdict: Option<Change<Verdict>>,
    /// The verdicts of steps that changed.
    pub steps: BTreeMap<Step, Change<Option<Verdict>>>,
    /// The numbers that changed, came or went, by claim id.
    pub claims: BTreeMap<String, Change<Option<Quantity>>>,
    /// The digests of datasets that changed, came or went.
    pub datasets: BTreeMap<String, Change<Option<Sha256>>>,
    /// The parts of the human text that changed, by their keys in the configuration.
    pub text: Vec<String>,
}

/// A value before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change<T> {
    /// In the first card.
    pub before: T,
    /// In the second card.
    pub after: T,
}

impl CardDiff {
    /// Whether the two cards say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What changed from `before` to `after`.
#[must_use]
pub fn diff(before: &CardDocument, after: &CardDocument) -> CardDiff {
    let mut claims = changes(&numbers(before), &numbers(after));
    // NaN differs from itself; what was not a number and still is not has not changed.
    claims.retain(|_, change| {
        serde_json::to_string(&change.before).ok() != serde_json::to_string(&change.after).ok()
    });
    CardDiff {
        model: change(before.model.sha256, after.model.sha256),
        verdict: change(before.verdict, after.verdict),
        steps: changes(&steps(before), &steps(after)),
        claims,
        datasets: changes(&datasets(before), &datasets(after)),
        text: text(before, after),
    }
}

fn change<T: PartialEq>(before: T, after: T) -> Option<Change<T>> {
    (before != after).then_some(Change { before, after })
}

fn changes<K: Ord + Clone, V: PartialEq + Copy>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> BTreeMap<K, Change<Option<V>>> {
    before
        .keys()
        .chain(after.keys())
        .filter_map(|key| {
            let change = change(before.get(key).copied(), after.get(key).copied())?;
            Some((key.clone(), change))
        })
        .collect()
}

fn steps(document: &CardDocument) -> BTreeMap<Step, Verdict> {
    let mut verdicts: BTreeMap<Step, Verdict> = BTreeMap::new();
    for step in &document.steps {
        let worst = verdicts.entry(step.step).or_insert(step.verdict);
        *worst = (*worst).max(step.verdict);
    }
    verdicts
}

fn numbers(document: &CardDocument) -> BTreeMap<String, Quantity> {
    document
        .claims()
        .into_iter()
        .filter_map(|claim| Some((claim.id.clone(), claim.quantity?)))
        .collect()
}

fn datasets(document: &CardDocument) -> BTreeMap<String, Sha256> {
    document
        .data
        .iter()
        .filter_map(|data| Some((data.dataset.clone(), data.sha256?)))
        .collect()
}

/// The keys of the human part whose values differ.
fn text(before: &CardDocument, after: &CardDocument) -> Vec<String> {
    let object = |document: &CardDocument| serde_json::to_value(&document.about).ok();
    let (Some(before), Some(after)) = (object(before), object(after)) else {
        return Vec::new();
    };
    let keys = [&before, &after]
        .into_iter()
        .filter_map(serde_json::Value::as_object)
        .flat_map(|object| object.keys().cloned())
        .collect::<std::collections::BTreeSet<_>>();
    keys.into_iter()
        .filter(|key| before.get(key) != after.get(key))
        .collect()
}
