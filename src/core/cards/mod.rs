//! The model card: what people say about a model, bound to what the steps found.
//!
//! [`CardDocument::build`] puts together the configuration's text and the evidence; [`render_readme`]
//! and [`render_html`] print it; [`lint`] says whether a card still tells the truth; [`diff`] what
//! changed between two. Nothing is measured here: every number is copied from evidence and names
//! the file it came from by digest. Files are read and written by the command.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod article_15;
mod build;
mod counting;
mod diff;
mod document;
mod front_matter;
mod license;
mod lint;
mod render;
mod spec;
mod text;
mod view;

pub use article_15::{Topic, TopicSummary};
pub use build::EvidenceSource;
pub use diff::{CardDiff, Change, diff};
pub use document::{
    CardDocument, CardFigure, CardModel, CitedEvidence, Claim, ClaimSource, Counts, DatasetSummary,
    InvalidCard, MetricRow, OpenRecord, Reading, SCHEMA_VERSION, ScanSummary, StepSummary, Tally,
};
pub use license::License;
pub use lint::{REQUIREMENTS, RenderedCard, RenderedFormat, lint};
pub use render::{RenderError, render_html, render_readme};
pub use spec::{CardSpec, HumanSection, Owner};

#[cfg(test)]
mod tests;
