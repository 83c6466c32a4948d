//! `card-evidence`: the files a card cites are at hand, unchanged, and about this model.

use crate::evidence::{Evidence, InputRef, Outcome, Reason, Severity, Step};

use super::{file, source_of, subject};
use crate::cards::build::{EvidenceSource, model_digest};
use crate::cards::document::{CardDocument, CitedEvidence};

const ID: &str = "card-evidence";

pub(super) fn judge(document: &CardDocument, sources: &[EvidenceSource]) -> Vec<Evidence> {
    if document.evidence.is_empty() {
        let message = format!("the card of `{}` cites no evidence", document.model.name);
        return vec![Evidence::not_evaluated(
            ID,
            subject(document, None),
            Reason::MissingInput,
            message,
        )];
    }
    document
        .evidence
        .iter()
        .map(|cited| judge_one(document, cited, sources))
        .collect()
}

fn judge_one(
    document: &CardDocument,
    cited: &CitedEvidence,
    sources: &[EvidenceSource],
) -> Evidence {
    if let Some(source) = source_of(sources, cited.sha256) {
        return judge_model(document, cited, source);
    }
    let path = &cited.locator;
    let same_place = sources.iter().find(|source| source.locator == *path);
    match same_place {
        Some(source) => Evidence::new(
            ID,
            file(path),
            Outcome::NotMet,
            format!(
                "`{path}` has SHA-256 {}, the card was built from {}",
                source.sha256.short(),
                cited.sha256.short()
            ),
        )
        .severity(Severity::Integrity)
        .from_inputs(&[input(source)]),
        None => Evidence::not_evaluated(
            ID,
            file(path),
            Reason::MissingInput,
            format!(
                "evidence `{path}` with SHA-256 {} is cited and not at hand",
                cited.sha256.short()
            ),
        ),
    }
}

fn judge_model(
    document: &CardDocument,
    cited: &CitedEvidence,
    source: &EvidenceSource,
) -> Evidence {
    let (path, model) = (&cited.locator, &document.model);
    let named = model_digest(&source.report, &model.name);
    let (outcome, message) = match named {
        Some(digest) if digest == model.sha256 => (
            Outcome::Met,
            format!("`{path}` is the evidence cited, about `{}`", model.name),
        ),
        Some(digest) => (
            Outcome::NotMet,
            format!(
                "`{path}` is about `{}` with SHA-256 {}, the card about {}",
                model.name,
                digest.short(),
                model.sha256.short()
            ),
        ),
        // Data is validated before there is a model; its evidence is bound to the datasets.
        None if source.report.step == Step::DataValidation => (
            Outcome::Met,
            format!("`{path}` is the evidence cited, about the data"),
        ),
        None => (
            Outcome::NotEvaluated(Reason::Undefined),
            format!("`{path}` does not say which `{}` it is about", model.name),
        ),
    };
    Evidence::new(ID, file(path), outcome, message).from_inputs(&[input(source)])
}

fn input(source: &EvidenceSource) -> InputRef {
    InputRef {
        locator: source.locator.clone(),
        sha256: source.sha256,
        fetched_at: None,
    }
}
