//! The evidence files the card cites.

use serde::Serialize;

use super::judgement::{Judgement, verdict};
use crate::cards::document::CardDocument;
use crate::cards::text::{link, visible};

#[derive(Serialize)]
pub(super) struct EvidenceRow {
    number: usize,
    locator: String,
    step: &'static str,
    sha256: String,
    verdict: Judgement,
    date: String,
    tool: String,
    commit: Option<String>,
    run_url: Option<String>,
}

pub(super) fn evidence(document: &CardDocument) -> Vec<EvidenceRow> {
    document
        .evidence
        .iter()
        .enumerate()
        .map(|(index, cited)| EvidenceRow {
            number: index + 1,
            locator: visible(&cited.locator),
            step: cited.step.as_str(),
            sha256: cited.sha256.to_string(),
            verdict: verdict(cited.verdict),
            date: cited.started_at.format("%Y-%m-%d %H:%M UTC").to_string(),
            tool: visible(&format!("{} {}", cited.tool.name, cited.tool.version)),
            commit: cited.commit.as_deref().map(visible),
            run_url: cited.run_url.as_deref().and_then(link),
        })
        .collect()
}
