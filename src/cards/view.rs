//! The card as the templates see it: every number already printed, every name made visible.
//!
//! One view feeds the README and the HTML page, so that they cannot say different things.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::{Figure, Interval, Outcome, Quantity, Severity, Sha256, Unit, Verdict};
use crate::plot::figure_svg;

use super::document::{CardDocument, Claim, ClaimSource, Counts, MetricRow};
use super::text::{Block, blocks, link, visible};

/// Rows of the table under a figure; the rest is in the JSON.
const FIGURE_ROWS_MAX: usize = 200;
/// Open records listed on the card; the rest is in the JSON.
const OPEN_MAX: usize = 100;
/// Cells of a bar made of block characters.
const BAR_CELLS: f64 = 12.0;

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

/// A verdict or an outcome: words, a sign and a class, so that colour is never alone.
#[derive(Serialize)]
struct Judgement {
    text: String,
    sign: &'static str,
    class: &'static str,
}

#[derive(Serialize)]
struct Owner {
    name: String,
    contact: Option<String>,
    link: Option<String>,
}

#[derive(Serialize)]
struct Linked {
    text: String,
    link: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Reference {
    /// Number of the evidence file on the card, from 1; 0 when it is not cited.
    number: usize,
    /// JSON pointer into it.
    pointer: String,
    /// First digits of its digest.
    sha256_short: String,
}

#[derive(Serialize)]
struct Figured {
    id: String,
    text: String,
    exact: String,
    reference: Reference,
}

#[derive(Serialize)]
struct StepRow {
    step: &'static str,
    question: &'static str,
    verdict: Judgement,
    counts: CountsView,
}

#[derive(Serialize)]
struct CountsView {
    met: Figured,
    not_met: Figured,
    not_evaluated: Figured,
    warnings: Figured,
}

#[derive(Serialize)]
struct Row {
    model: String,
    is_this_model: bool,
    metric: String,
    slice: Option<String>,
    requirement: String,
    value: Figured,
    interval: Option<String>,
    rows: Option<u64>,
    required: Option<String>,
    outcome: Judgement,
    waived: bool,
    bar: Option<String>,
    /// Length of the bar in hundredths.
    share: Option<f64>,
}

#[derive(Serialize)]
struct DataRow {
    dataset: String,
    sha256: Option<String>,
    sha256_short: Option<String>,
    counts: CountsView,
}

#[derive(Serialize)]
struct ScanRow {
    verdict: Judgement,
    files: Figured,
    counts: CountsView,
}

#[derive(Serialize)]
struct OpenRow {
    step: &'static str,
    requirement: String,
    subject: String,
    outcome: Judgement,
    /// The sentence, parted where the producer set backticks.
    message: Vec<Part>,
    waiver: Option<String>,
    reference: Reference,
}

/// A piece of a sentence.
#[derive(Serialize)]
struct Part {
    /// True for what stood between backticks.
    is_code: bool,
    text: String,
}

#[derive(Serialize)]
struct Section {
    key: &'static str,
    heading: &'static str,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct FigureView {
    id: String,
    title: String,
    x_label: String,
    y_label: String,
    svg: String,
    rows: Vec<FigureRow>,
    more: usize,
    has_counts: bool,
    reference: Reference,
}

#[derive(Serialize)]
struct FigureRow {
    series: String,
    x: String,
    y: String,
    count: Option<u64>,
}

#[derive(Serialize)]
struct EvidenceRow {
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

#[derive(Serialize)]
struct ClaimRow {
    label: String,
    value: Figured,
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

fn is_recorded(row: &MetricRow) -> bool {
    row.requirement.as_str() == "metric-recorded"
}

/// Whether a recorded row gives way to others: it is about another model, or something was required.
fn stands_back(document: &CardDocument, row: &MetricRow) -> bool {
    row.model != document.model.name || document.metrics.iter().any(|row| !is_recorded(row))
}

/// The slices worth a line: what was judged, and too small slices; when nothing was judged, what
/// was recorded of the first metric.
fn shown_slices(document: &CardDocument) -> Vec<&MetricRow> {
    let is_enough_rows =
        |row: &MetricRow| row.requirement.as_str() == "slice-size" && row.outcome == Outcome::Met;
    let judged: Vec<&MetricRow> = document
        .slices
        .iter()
        .filter(|row| !is_recorded(row) && !is_enough_rows(row))
        .collect();
    if !judged.is_empty() {
        return judged;
    }
    let first = document.metrics.first().map(|row| row.metric.as_str());
    let is_first = |row: &&MetricRow| first.is_none_or(|metric| row.metric == metric);
    document.slices.iter().filter(is_first).collect()
}

/// What the number of a row is, for people.
fn name_of(row: &MetricRow) -> String {
    match row.requirement.as_str() {
        "metric-regression" => format!("{}, difference to the champion", visible(&row.metric)),
        "slice-size" => "rows of the slice".to_owned(),
        _ => visible(&row.metric),
    }
}

/// The number of every evidence file on the card, from 1.
type Numbers = BTreeMap<Sha256, usize>;

fn numbers(document: &CardDocument) -> Numbers {
    let mut numbers = Numbers::new();
    for (index, cited) in document.evidence.iter().enumerate() {
        numbers.entry(cited.sha256).or_insert(index + 1);
    }
    numbers
}

fn reference(source: &ClaimSource, numbers: &Numbers) -> Reference {
    Reference {
        number: numbers.get(&source.evidence).copied().unwrap_or_default(),
        pointer: visible(&source.pointer),
        sha256_short: source.evidence.short(),
    }
}

fn figured(claim: &Claim, numbers: &Numbers) -> Figured {
    Figured {
        id: visible(&claim.id),
        text: printed(claim),
        exact: claim
            .quantity
            .map_or_else(|| "—".to_owned(), |quantity| quantity.value.to_string()),
        reference: reference(&claim.source, numbers),
    }
}

/// A claim as every rendering prints it.
fn printed(claim: &Claim) -> String {
    claim
        .quantity
        .map_or_else(|| "—".to_owned(), |quantity| quantity.to_string())
}

fn verdict(verdict: Verdict) -> Judgement {
    let (sign, class) = match verdict {
        Verdict::Passed => ("✓", "passed"),
        Verdict::PassedWithWarnings => ("!", "warned"),
        Verdict::NotPassed | Verdict::InputMissing | Verdict::IntegrityFailure => ("✗", "failed"),
    };
    Judgement {
        text: verdict.to_string(),
        sign,
        class,
    }
}

fn outcome(outcome: Outcome, severity: Severity, waived: bool) -> Judgement {
    let (sign, class) = match outcome {
        Outcome::Met => ("✓", "passed"),
        Outcome::NotMet | Outcome::NotEvaluated(_) if waived || severity == Severity::Warning => {
            ("!", "warned")
        }
        Outcome::NotMet | Outcome::NotEvaluated(_) if severity == Severity::Info => ("·", "noted"),
        Outcome::NotMet => ("✗", "failed"),
        Outcome::NotEvaluated(_) => ("?", "failed"),
    };
    let text = if waived {
        format!("{outcome}, waived")
    } else {
        outcome.to_string()
    };
    Judgement { text, sign, class }
}

fn owner(owner: &super::spec::Owner) -> Owner {
    Owner {
        name: visible(&owner.name),
        contact: owner.contact.as_deref().map(visible),
        link: owner.contact.as_deref().and_then(link),
    }
}

fn license(document: &CardDocument) -> Option<Linked> {
    let about = &document.about;
    let name = about.license_name.as_deref().unwrap_or(&about.license);
    (!name.is_empty()).then(|| Linked {
        text: visible(name),
        link: about.license_link.as_deref().and_then(link),
    })
}

fn facts(document: &CardDocument) -> Vec<Fact> {
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

fn counts(counts: &Counts, numbers: &Numbers) -> CountsView {
    CountsView {
        met: figured(&counts.met, numbers),
        not_met: figured(&counts.not_met, numbers),
        not_evaluated: figured(&counts.not_evaluated, numbers),
        warnings: figured(&counts.warnings, numbers),
    }
}

fn steps(document: &CardDocument, numbers: &Numbers) -> Vec<StepRow> {
    document
        .steps
        .iter()
        .map(|step| StepRow {
            step: step.step.as_str(),
            question: step.step.question(),
            verdict: verdict(step.verdict),
            counts: counts(&step.counts, numbers),
        })
        .collect()
}

fn row(document: &CardDocument, row: &MetricRow, numbers: &Numbers) -> Row {
    let quantity = row.claim.quantity;
    let share = quantity.and_then(share);
    Row {
        model: visible(&row.model),
        is_this_model: row.model == document.model.name,
        metric: name_of(row),
        slice: row.slice.as_deref().map(visible),
        requirement: visible(row.requirement.as_str()),
        value: figured(&row.claim, numbers),
        interval: quantity.and_then(|q| q.interval).map(interval),
        rows: quantity.and_then(|q| q.sample_count),
        required: row.required.map(|bound| bound.to_string()),
        outcome: outcome(row.outcome, row.severity, row.waived),
        waived: row.waived,
        bar: share.map(bar),
        share: share.map(|share| (share * 1000.0).round() / 10.0),
    }
}

/// The part of a whole bar, for quantities in [0, 1].
fn share(quantity: Quantity) -> Option<f64> {
    let has_scale = matches!(quantity.unit, Unit::Number | Unit::Fraction);
    (has_scale && (0.0..=1.0).contains(&quantity.value)).then_some(quantity.value)
}

/// `0.7306 – 0.8212 (95 %)`.
fn interval(interval: Interval) -> String {
    let number = |value| Quantity::new(value, Unit::Number).to_string();
    format!(
        "{} – {} ({} %)",
        number(interval.lower),
        number(interval.upper),
        number(interval.level * 100.0)
    )
}

/// A bar of block characters, to an eighth of a cell.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * BAR_CELLS * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(EIGHTHS[eighths % 8]);
    bar
}

fn data(document: &CardDocument, numbers: &Numbers) -> Vec<DataRow> {
    document
        .data
        .iter()
        .map(|data| DataRow {
            dataset: visible(&data.dataset),
            sha256: data.sha256.map(|digest| digest.to_string()),
            sha256_short: data.sha256.map(|digest| digest.short()),
            counts: counts(&data.counts, numbers),
        })
        .collect()
}

fn scan(document: &CardDocument, numbers: &Numbers) -> Vec<ScanRow> {
    document
        .scan
        .iter()
        .map(|scan| ScanRow {
            verdict: verdict(scan.verdict),
            files: figured(&scan.files, numbers),
            counts: counts(&scan.counts, numbers),
        })
        .collect()
}

fn open(document: &CardDocument, numbers: &Numbers) -> Vec<OpenRow> {
    document
        .open
        .iter()
        .take(OPEN_MAX)
        .map(|record| OpenRow {
            step: record.step.as_str(),
            requirement: visible(record.requirement.as_str()),
            subject: visible(&record.subject),
            outcome: outcome(record.outcome, record.severity, record.waiver.is_some()),
            message: parts(&record.message),
            waiver: record.waiver.as_deref().map(visible),
            reference: reference(&record.source, numbers),
        })
        .collect()
}

/// Parts a sentence at its backticks; when they do not pair up, the rest is one piece.
fn parts(message: &str) -> Vec<Part> {
    let pieces: Vec<&str> = message.split('`').collect();
    let is_paired = pieces.len() % 2 == 1;
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, text)| Part {
            is_code: is_paired && index % 2 == 1,
            text: visible(text),
        })
        .collect()
}

fn sections(document: &CardDocument) -> Vec<Section> {
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

fn figures(document: &CardDocument, numbers: &Numbers) -> Vec<FigureView> {
    document
        .figures
        .iter()
        .enumerate()
        .map(|(index, card)| {
            let rows = figure_rows(&card.figure);
            FigureView {
                id: format!("figure-{}", index + 1),
                title: visible(&card.figure.title),
                x_label: visible(&card.figure.x_label),
                y_label: visible(&card.figure.y_label),
                svg: figure_svg(&card.figure, &format!("figure-{}", index + 1)),
                more: rows.len().saturating_sub(FIGURE_ROWS_MAX),
                has_counts: rows.iter().any(|row| row.count.is_some()),
                rows: rows.into_iter().take(FIGURE_ROWS_MAX).collect(),
                reference: reference(&card.source, numbers),
            }
        })
        .collect()
}

fn figure_rows(figure: &Figure) -> Vec<FigureRow> {
    let number = |value| Quantity::new(value, Unit::Number).to_string();
    let mut rows = Vec::new();
    for series in &figure.series {
        for (index, point) in series.points.iter().enumerate() {
            rows.push(FigureRow {
                series: visible(&series.name),
                x: series
                    .labels
                    .get(index)
                    .map_or_else(|| number(point[0]), |label| visible(label)),
                y: number(point[1]),
                count: series.counts.get(index).copied(),
            });
        }
    }
    rows
}

fn evidence(document: &CardDocument) -> Vec<EvidenceRow> {
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

fn claims(document: &CardDocument, numbers: &Numbers) -> Vec<ClaimRow> {
    document
        .claims()
        .into_iter()
        .map(|claim| ClaimRow {
            label: visible(&claim.label),
            value: figured(claim, numbers),
        })
        .collect()
}
