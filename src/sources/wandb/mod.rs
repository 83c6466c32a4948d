//! Weights & Biases: what a run wrote on disk.
//!
//! An offline run is a log of records ([`offline`]); a run that was online leaves its summary as JSON
//! ([`summary`]), which does not say how the run ended. Metrics are the summary: nested names are joined
//! by dots. Written for wandb 0.31.

mod offline;
mod summary;

use super::{Content, Gives, Reader, Source};
use crate::recorded::Recording;

const TITLE: &str = "Weights & Biases";

pub(super) const SOURCE: Source = Source {
    id: "wandb",
    title: TITLE,
    summary: "The log of an offline run, `wandb/offline-run-…/run-ID.wandb`: its summary, configuration and how it ended; or the summary of a run, `wandb-summary.json`, which does not say how it ended.",
    gives: &[Gives::Metrics],
    reference: "[wandb offline runs](https://docs.wandb.ai/guides/technical-faq/setup); 0.31.0",
    read: Reader::File(parse),
};

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    match content.bytes.starts_with(offline::MAGIC) {
        true => offline::parse(content.bytes),
        false => summary::parse(content.bytes),
    }
}

#[cfg(test)]
mod tests;
