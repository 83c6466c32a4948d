//! What people say about the model.

use serde::Serialize;

use crate::cards::document::CardDocument;
use crate::cards::spec;
use crate::cards::text::{Block, blocks, link, visible};

#[derive(Serialize)]
pub(super) struct Owner {
    name: String,
    contact: Option<String>,
    link: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Linked {
    text: String,
    link: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
pub(super) struct Section {
    key: &'static str,
    heading: &'static str,
    blocks: Vec<Block>,
}

pub(super) fn owner(owner: &spec::Owner) -> Owner {
    Owner {
        name: visible(&owner.name),
        contact: owner.contact.as_deref().map(visible),
        link: owner.contact.as_deref().and_then(link),
    }
}

pub(super) fn license(document: &CardDocument) -> Option<Linked> {
    let about = &document.about;
    let name = about.license_name.as_deref().unwrap_or(&about.license);
    (!name.is_empty()).then(|| Linked {
        text: visible(name),
        link: about.license_link.as_deref().and_then(link),
    })
}

pub(super) fn facts(document: &CardDocument) -> Vec<Fact> {
    let about = &document.about;
    let listed = |texts: &[String]| (!texts.is_empty()).then(|| visible(&texts.join(", ")));
    [
        ("Task", about.pipeline_tag.as_deref().map(visible)),
        ("Library", about.library.as_deref().map(visible)),
        ("Language", listed(&about.language)),
        ("Base model", about.base_model.as_deref().map(visible)),
        ("Datasets", listed(&about.datasets)),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| Fact { name, value }))
    .collect()
}

pub(super) fn sections(document: &CardDocument) -> Vec<Section> {
    document
        .about
        .sections()
        .into_iter()
        .filter(|section| !section.text.trim().is_empty())
        .map(|section| Section {
            key: section.key,
            heading: section.heading,
            blocks: blocks(section.text),
        })
        .collect()
}
