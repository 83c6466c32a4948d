//! `card-figure`: every number equals the evidence it cites.
//!
//! In the JSON the numbers are compared exactly. In a README or a page the cells that hold numbers
//! are compared with what the card prints, so that an edited number is named and not only noticed.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Evidence, Figure, Outcome, Quantity, Reason, RunReport, Sha256, Unit};

use super::{RenderedCard, RenderedFormat, file, source_of, subject};
use crate::cards::build::{EvidenceSource, sections};
use crate::cards::counting::{Counted, count};
use crate::cards::document::{CardDocument, Claim, ClaimSource, Reading};
use crate::cards::render::{render_html, render_readme};

const ID: &str = "card-figure";
/// Wrong cells named for one rendering: enough to see what happened.
const CELLS_MAX: usize = 50;

pub(super) fn judge(
    document: &CardDocument,
    sources: &[EvidenceSource],
    rendered: &[RenderedCard<'_>],
) -> Vec<Evidence> {
    let mut found = uncited(document);
    for cited in &document.evidence {
        let path = &cited.locator;
        let Some(source) = source_of(sources, cited.sha256) else {
            found.push(Evidence::not_evaluated(
                ID,
                file(path),
                Reason::MissingInput,
                format!(
                    "the numbers from `{path}` cannot be compared: the file cited is not at hand"
                ),
            ));
            continue;
        };
        found.extend(judge_source(document, source));
    }
    for card in rendered {
        found.extend(judge_rendered(document, card));
    }
    found
}

/// Numbers and figures that name a file the card does not list.
fn uncited(document: &CardDocument) -> Vec<Evidence> {
    let listed: BTreeSet<Sha256> = document.evidence.iter().map(|cited| cited.sha256).collect();
    let claims = document.claims().into_iter();
    let claims = claims.map(|claim| (claim.id.clone(), claim.source.evidence));
    let figures = document.figures.iter();
    let figures = figures.map(|card| (figure_part(&card.figure), card.source.evidence));
    claims
        .chain(figures)
        .filter(|(_, evidence)| !listed.contains(evidence))
        .map(|(part, evidence)| {
            let message = format!(
                "`{part}` cites evidence {} that the card does not list",
                evidence.short()
            );
            Evidence::new(ID, subject(document, Some(&part)), Outcome::NotMet, message)
        })
        .collect()
}

fn figure_part(figure: &Figure) -> String {
    format!("figure/{}", figure.id)
}

fn judge_source(document: &CardDocument, source: &EvidenceSource) -> Vec<Evidence> {
    let claims = document.claims();
    let claims = claims
        .iter()
        .filter(|claim| claim.source.evidence == source.sha256);
    let mut checked = 0_usize;
    let mut found = Vec::new();
    for claim in claims {
        checked += 1;
        if let Some(message) = claim_problem(claim, source) {
            let part = subject(document, Some(&claim.id));
            found.push(Evidence::new(ID, part, Outcome::NotMet, message));
        }
    }
    for card in &document.figures {
        if card.source.evidence != source.sha256 {
            continue;
        }
        checked += 1;
        if curve(&card.source, source) != Some(&card.figure) {
            let part = subject(document, Some(&figure_part(&card.figure)));
            let message = format!(
                "figure `{}` is not the one at `{}` of `{}`",
                card.figure.id, card.source.pointer, source.locator
            );
            found.push(Evidence::new(ID, part, Outcome::NotMet, message));
        }
    }
    if found.is_empty() {
        let path = &source.locator;
        let message = format!("all {checked} numbers and figures from `{path}` equal it");
        let mut record = Evidence::new(ID, file(path), Outcome::Met, message);
        record.observed = Some(Quantity::new(checked as f64, Unit::Count));
        found.push(record);
    }
    found
}

/// What is wrong with a claim, as a sentence.
fn claim_problem(claim: &Claim, source: &EvidenceSource) -> Option<String> {
    let pointer = &claim.source.pointer;
    let Some(evident) = read(&claim.source, source) else {
        return Some(format!(
            "`{}` cites `{pointer}` of `{}`, where there is no such record",
            claim.id, source.locator
        ));
    };
    if same(claim.quantity, evident) {
        return None;
    }
    let shown = |quantity: Option<Quantity>| {
        quantity.map_or_else(|| "nothing".to_owned(), |q| format!("{}", q.value))
    };
    Some(format!(
        "`{}` is {} on the card and {} at `{pointer}` of `{}`",
        claim.id,
        shown(claim.quantity),
        shown(evident),
        source.locator
    ))
}

/// The number a claim should state; none when its source does not exist.
#[expect(
    clippy::option_option,
    reason = "a record without a number is something else than no record"
)]
fn read(claim: &ClaimSource, source: &EvidenceSource) -> Option<Option<Quantity>> {
    let (report, rest) = resolve(claim, source)?;
    match &claim.reading {
        Reading::Observed { fingerprint } => {
            let record = report.evidence.get(index(rest, "/evidence/")?)?;
            (record.fingerprint() == *fingerprint).then_some(record.observed)
        }
        Reading::Count {
            tally,
            dataset,
            topic,
        } => {
            let counted = Counted {
                dataset: dataset.as_deref(),
                topic: *topic,
            };
            let value = count(report, *tally, counted);
            (rest == "/evidence").then(|| Some(Quantity::new(value as f64, tally.unit())))
        }
        Reading::Curve => None,
    }
}

fn curve<'a>(claim: &ClaimSource, source: &'a EvidenceSource) -> Option<&'a Figure> {
    let (report, rest) = resolve(claim, source)?;
    report.figures.get(index(rest, "/figures/")?)
}

/// The step a pointer leads into, and the rest of the pointer.
fn resolve<'a, 'b>(
    claim: &'b ClaimSource,
    source: &'a EvidenceSource,
) -> Option<(&'a RunReport, &'b str)> {
    sections(source).into_iter().find_map(|section| {
        let rest = claim.pointer.strip_prefix(section.pointer.as_str())?;
        let is_inside = rest.starts_with("/evidence") || rest.starts_with("/figures/");
        is_inside.then_some((section.report, rest))
    })
}

fn index(rest: &str, list: &str) -> Option<usize> {
    rest.strip_prefix(list)?.parse().ok()
}

/// Whether two quantities are the same to the last bit; NaN is the same as NaN.
fn same(left: Option<Quantity>, right: Option<Quantity>) -> bool {
    let text = |quantity: Option<Quantity>| serde_json::to_string(&quantity).ok();
    text(left) == text(right)
}

fn judge_rendered(document: &CardDocument, card: &RenderedCard<'_>) -> Vec<Evidence> {
    let expected = match card.format {
        RenderedFormat::Readme => render_readme(document),
        RenderedFormat::Html => render_html(document, card.template),
    };
    let Ok(expected) = expected else {
        let message = format!(
            "the numbers in `{}` cannot be compared: its template fails",
            card.path
        );
        return vec![Evidence::not_evaluated(
            ID,
            file(card.path),
            Reason::Unsupported,
            message,
        )];
    };
    let cells = match card.format {
        RenderedFormat::Readme => readme_cells,
        RenderedFormat::Html => html_cells,
    };
    let (expected, found) = (cells(&expected), cells(card.text));
    let mut wrong: Vec<Evidence> = found
        .iter()
        .filter_map(|(key, cell)| {
            let right = expected.get(key).filter(|right| right.text != cell.text)?;
            let message = format!(
                "`{}` prints `{}` for {}, where the evidence says `{}`",
                card.path, cell.text, cell.name, right.text
            );
            let part = subject(document, Some(&format!("{}/{}", card.path, key.0)));
            Some(Evidence::new(ID, part, Outcome::NotMet, message))
        })
        .take(CELLS_MAX)
        .collect();
    if wrong.is_empty() {
        let message = format!("the numbers in `{}` are those of the card", card.path);
        wrong.push(Evidence::new(ID, file(card.path), Outcome::Met, message));
    }
    wrong
}

/// The printed numbers, by where they belong and which of several such each is.
type Cells = BTreeMap<(String, usize), Cell>;

/// A printed number.
struct Cell {
    /// What it is, for people.
    name: String,
    /// As it is printed.
    text: String,
}

fn insert(
    cells: &mut Cells,
    seen: &mut BTreeMap<String, usize>,
    key: String,
    name: String,
    text: &str,
) {
    let times = seen.entry(key.clone()).or_default();
    *times += 1;
    let text = text.trim().to_owned();
    cells.insert((key, *times), Cell { name, text });
}

/// Cells of the README's tables that hold numbers, by heading, row and column.
fn readme_cells(text: &str) -> Cells {
    let mut cells = Cells::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let (mut heading, mut columns) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title.trim().to_owned();
            columns.clear();
        }
        let Some(row) = table_row(line) else {
            continue;
        };
        if columns.is_empty() {
            columns = row;
            continue;
        }
        // The last cell is the reference, which tells rows apart that have the same name.
        let (Some(first), Some(last)) = (row.first(), row.last()) else {
            continue;
        };
        let pointer = last.rsplit(' ').next().unwrap_or_default();
        for (column, cell) in columns.iter().zip(&row) {
            if is_number(cell) {
                let key = format!("{heading}/{first}{pointer}/{column}").replace('\\', "");
                let name = format!("`{}` under {heading}", first.replace('\\', ""));
                insert(&mut cells, &mut seen, key, name, cell);
            }
        }
    }
    cells
}

fn table_row(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(
        inner
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect(),
    )
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') && cell.contains(char::is_numeric)
}

/// The numbers of the page, which are marked with the id of their claim.
fn html_cells(text: &str) -> Cells {
    let mut cells = Cells::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for part in text.split("data-claim=\"").skip(1) {
        let Some((id, rest)) = part.split_once('"') else {
            continue;
        };
        let printed = rest
            .split_once('>')
            .and_then(|(_, rest)| rest.split_once('<'))
            .map_or("", |(printed, _)| printed);
        let id = unescape(id);
        let name = format!("`{id}`");
        insert(&mut cells, &mut seen, id, name, printed);
    }
    cells
}

/// The text behind the escapes of our own templates.
fn unescape(text: &str) -> String {
    [
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (escape, plain)| {
        text.replace(escape, plain)
    })
}
