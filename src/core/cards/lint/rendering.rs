//! `card-rendering`: the card is what its sources make, and its files are what the card renders.

use crate::evidence::{Evidence, Location, Outcome, Reason};

use super::{RenderedCard, RenderedFormat, file, source_of, subject};
use crate::cards::build::EvidenceSource;
use crate::cards::document::CardDocument;
use crate::cards::render::{render_html, render_readme};
use crate::cards::spec::CardSpec;

const ID: &str = "card-rendering";

pub(super) fn judge(
    document: &CardDocument,
    spec: &CardSpec,
    sources: &[EvidenceSource],
    rendered: &[RenderedCard<'_>],
) -> Vec<Evidence> {
    let mut found = vec![judge_document(document, spec, sources)];
    found.extend(rendered.iter().map(|card| judge_file(document, card)));
    found
}

/// The card against what would be built now. Without all its evidence only the human part is known.
fn judge_document(
    document: &CardDocument,
    spec: &CardSpec,
    sources: &[EvidenceSource],
) -> Evidence {
    let about = subject(document, None);
    if document.about != *spec {
        let message = format!(
            "the card of `{}` says something else than the configuration does now",
            document.model.name
        );
        return Evidence::new(ID, about, Outcome::NotMet, message);
    }
    let cited: Option<Vec<EvidenceSource>> = document
        .evidence
        .iter()
        .map(|cited| {
            let source = source_of(sources, cited.sha256)?;
            // Where the file lies now does not matter, only what is in it.
            Some(EvidenceSource {
                locator: cited.locator.clone(),
                ..source.clone()
            })
        })
        .collect();
    let Some(cited) = cited else {
        return Evidence::not_evaluated(
            ID,
            about,
            Reason::MissingInput,
            "the card cannot be built again: evidence it cites is not at hand",
        );
    };
    let again = CardDocument::build(spec, &document.model, &cited);
    let (outcome, message) = if again.to_json() == document.to_json() {
        (Outcome::Met, "the card is what its sources make")
    } else {
        (
            Outcome::NotMet,
            "the card is not what its configuration and evidence make: it was edited by hand or by \
             another version",
        )
    };
    Evidence::new(ID, about, outcome, message)
}

fn judge_file(document: &CardDocument, card: &RenderedCard<'_>) -> Evidence {
    let expected = match card.format {
        RenderedFormat::Readme => render_readme(document),
        RenderedFormat::Html => render_html(document, card.template),
    };
    let expected = match expected {
        Ok(expected) => expected,
        Err(error) => {
            let message = format!("`{}` cannot be rendered again: {error}", card.path);
            return Evidence::not_evaluated(ID, file(card.path), Reason::Unsupported, message);
        }
    };
    match first_difference(&expected, card.text) {
        None => {
            let message = format!("`{}` is what the card renders", card.path);
            Evidence::new(ID, file(card.path), Outcome::Met, message)
        }
        Some(line) => {
            let message = format!(
                "`{}` differs from what the card renders from line {line} on",
                card.path
            );
            Evidence::new(ID, file(card.path), Outcome::NotMet, message).at(Some(Location {
                file: card.path.to_owned(),
                line,
                column: 1,
            }))
        }
    }
}

/// The first line that differs, from 1. Line ends do not count: a checkout may change them.
fn first_difference(expected: &str, found: &str) -> Option<u32> {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut line = 0_u32;
    loop {
        line = line.saturating_add(1);
        match (expected.next(), found.next()) {
            (None, None) => return None,
            (left, right) if left == right => {}
            _ => return Some(line),
        }
    }
}
