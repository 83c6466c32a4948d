//! The card as the templates see it: every number already printed, every name made visible.
//!
//! One view feeds the README and the HTML page, so that they cannot say different things.

mod about;
mod article_15;
mod claims;
mod evidence;
mod figures;
mod judgement;
mod metrics;
mod open;
mod summaries;

use serde::Serialize;

use super::document::{CardDocument, MetricRow};
use super::text::{Block, blocks, visible};
use about::{Fact, Linked, Owner, Section, facts, license, owner, sections};
use article_15::{PointView, points};
use claims::{ClaimRow, claims, numbers};
use evidence::{EvidenceRow, evidence};
use figures::{FigureView, figures};
use judgement::{Judgement, verdict};
use metrics::{Row, is_recorded, row, shown_slices, stands_back};
use open::{OPEN_MAX, OpenRow, open};
use summaries::{DataRow, ScanRow, StepRow, data, scan, steps};

/// Everything a template may use.
#[derive(Serialize)]
pub(super) struct View {
    title: String,
    description: Vec<Block>,
    model: Model,
    verdict: Judgement,
    date: Option<String>,
    owners: Vec<Owner>,
    license: Option<Linked>,
    facts: Vec<Fact>,
    tags: Vec<String>,
    steps: Vec<StepRow>,
    /// What something was required of.
    metrics: Vec<Row>,
    /// What was only recorded, of this model and of others.
    recorded: Vec<Row>,
    slices: Vec<Row>,
    fairness: Vec<Row>,
    data: Vec<DataRow>,
    scan: Vec<ScanRow>,
    article_15: Vec<PointView>,
    open: Vec<OpenRow>,
    open_more: usize,
    sections: Vec<Section>,
    figures: Vec<FigureView>,
    evidence: Vec<EvidenceRow>,
    claims: Vec<ClaimRow>,
    card_sha256: String,
    schema_version: u32,
}

#[derive(Serialize)]
struct Model {
    name: String,
    version: Option<String>,
    sha256: String,
    sha256_short: String,
}

/// The view of `document`.
pub(super) fn view(document: &CardDocument) -> View {
    let numbers = numbers(document);
    let about = &document.about;
    let rows = |rows: Vec<&MetricRow>| {
        rows.into_iter()
            .map(|r| row(document, r, &numbers))
            .collect()
    };
    let (recorded, judged) = document
        .metrics
        .iter()
        .partition(|row| is_recorded(row) && stands_back(document, row));
    View {
        title: visible(&about.title),
        description: blocks(&about.description),
        model: Model {
            name: visible(&document.model.name),
            version: document.model.version.as_deref().map(visible),
            sha256: document.model.sha256.to_string(),
            sha256_short: document.model.sha256.short(),
        },
        verdict: verdict(document.verdict),
        date: document
            .evaluated_at
            .map(|time| time.format("%Y-%m-%d").to_string()),
        owners: about.owners.iter().map(owner).collect(),
        license: license(document),
        facts: facts(document),
        tags: about.tags.iter().map(|tag| visible(tag)).collect(),
        steps: steps(document, &numbers),
        metrics: rows(judged),
        recorded: rows(recorded),
        slices: rows(shown_slices(document)),
        fairness: rows(document.fairness.iter().collect()),
        data: data(document, &numbers),
        scan: scan(document, &numbers),
        article_15: points(document, &numbers),
        open: open(document, &numbers),
        open_more: document.open.len().saturating_sub(OPEN_MAX),
        sections: sections(document),
        figures: figures(document, &numbers),
        evidence: evidence(document),
        claims: claims(document, &numbers),
        card_sha256: document.sha256().to_string(),
        schema_version: document.schema_version,
    }
}
