//! Says whether a card still tells the truth: its numbers against the evidence, its words against the
//! verdicts, its renderings against itself.
//!
//! Presence alone proves nothing, so a card full of `x` fails here, and a card whose evidence is not
//! at hand is not evaluated instead of passed.

mod contradiction;
mod evidence;
mod figures;
mod rendering;
mod sections;
mod stated;

use crate::evidence::{Evidence, Requirement, Sha256, Subject};

use super::build::EvidenceSource;
use super::document::CardDocument;
use super::spec::CardSpec;

/// Everything that can be required of a card.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "card-figure",
        summary: "Every number on the card equals the evidence it cites, exactly in the JSON and at \
                  printed precision in the renderings.",
        remedy: "Build the card again from the evidence; never edit a number by hand.",
        references: &["Mitchell et al., Model Cards for Model Reporting, 2019"],
    },
    Requirement {
        id: "card-evidence",
        summary: "Every evidence file the card cites is at hand, has the digest cited and is about this \
                  model.",
        remedy: "Run the steps for this model and build the card from their evidence.",
        references: &["SLSA 1.0, provenance: subject digests"],
    },
    Requirement {
        id: "card-section",
        summary: "Every section people must write says something: no placeholder, no filler, no copy of \
                  another section.",
        remedy: "Write the section in the `card` part of `proofmark.yaml`.",
        references: &["Mitchell et al., Model Cards for Model Reporting, 2019"],
    },
    Requirement {
        id: "card-license",
        summary: "The licence is an id of the Hugging Face Hub or of SPDX; `other` has a name and a link.",
        remedy: "Set `license`, and with `other` also `license_name` and `license_link`.",
        references: &[
            "Hugging Face hub-docs, repositories-licenses",
            "SPDX License List",
        ],
    },
    Requirement {
        id: "card-contradiction",
        summary: "The card states no outcome that the evidence does not support.",
        remedy: "Build the card again, and take from its text what the evidence does not say.",
        references: &["Mitchell et al., Model Cards for Model Reporting, 2019"],
    },
    Requirement {
        id: "card-rendering",
        summary: "The card is what the configuration and the evidence make, and its README and page are \
                  what the card renders.",
        remedy: "Run `proofmark card build` and commit what it writes.",
        references: &["Hugging Face hub-docs, model cards"],
    },
];

/// A rendering of the card as it was found.
#[derive(Clone, Copy, Debug)]
pub struct RenderedCard<'a> {
    /// Path of the file.
    pub path: &'a str,
    /// What it should be.
    pub format: RenderedFormat,
    /// Its text.
    pub text: &'a str,
    /// The template it was rendered with, when it was not the built-in one.
    pub template: Option<&'a str>,
}

/// The renderings of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderedFormat {
    /// `README.md` for the Hugging Face Hub.
    Readme,
    /// The HTML page.
    Html,
}

/// Judges a card against what people say now (`spec`), the evidence at hand (`sources`) and the
/// renderings found.
#[must_use]
pub fn lint(
    document: &CardDocument,
    spec: &CardSpec,
    sources: &[EvidenceSource],
    rendered: &[RenderedCard<'_>],
) -> Vec<Evidence> {
    let mut found = evidence::judge(document, sources);
    found.extend(figures::judge(document, sources, rendered));
    found.extend(contradiction::judge(document, sources));
    found.extend(stated::judge(document));
    found.extend(sections::judge(document));
    found.extend(rendering::judge(document, spec, sources, rendered));
    found
}

/// The card, or a named part of it.
fn subject(document: &CardDocument, part: Option<&str>) -> Subject {
    let model = &document.model.name;
    Subject::Card {
        model: part.map_or_else(|| model.clone(), |part| format!("{model}/{part}")),
    }
}

fn file(path: &str) -> Subject {
    Subject::File {
        path: path.to_owned(),
    }
}

fn source_of(sources: &[EvidenceSource], digest: Sha256) -> Option<&EvidenceSource> {
    sources.iter().find(|source| source.sha256 == digest)
}
