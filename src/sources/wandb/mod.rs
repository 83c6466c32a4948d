//! Weights & Biases: what a run wrote on disk, or what its server keeps of it.
//!
//! An offline run is a log of records ([`offline`]); a run that was online leaves its summary as JSON
//! ([`summary`]), which does not say how the run ended; the server says both ([`server`]). Metrics are the
//! summary: nested names are joined by dots. Written for wandb 0.31.

mod offline;
mod server;
mod summary;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::recorded::Recording;

const TITLE: &str = "Weights & Biases";

pub(super) const SOURCE: Source = Source {
    id: "wandb",
    title: TITLE,
    summary: "A run on its server, `ENTITY/PROJECT/RUN` with the key in `WANDB_API_KEY`; `server` or `WANDB_BASE_URL` names a server of your own, else it is `https://api.wandb.ai`. Or the log of an offline run, `wandb/offline-run-…/run-ID.wandb`: its summary, configuration and how it ended. Or the summary of a run, `wandb-summary.json`, which does not say how it ended.",
    gives: &[Gives::Metrics],
    reference: "[wandb offline runs](https://docs.wandb.ai/guides/technical-faq/setup), [public API](https://docs.wandb.ai/ref/python/public-api/): the query of the client 0.31.0, tested against that client and not against a server",
    read: Reader::Own(read),
};

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    if !asked.locator.ends_with(".wandb") && !asked.locator.ends_with(".json") {
        return server::read(asked);
    }
    let (bytes, input) = asked.content()?;
    let recording = parse(&bytes).map_err(|problem| asked.malformed(TITLE, problem))?;
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

/// A file that a run wrote.
fn parse(bytes: &[u8]) -> Result<Recording, String> {
    match bytes.starts_with(offline::MAGIC) {
        true => offline::parse(bytes),
        false => summary::parse(bytes),
    }
}

#[cfg(test)]
mod tests;
