//! `card-contradiction`: the card states no outcome that the evidence does not support, in its tables
//! or in its words.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Evidence, Outcome, Reason, Sha256, Step, Verdict};

use super::{file, source_of, subject};
use crate::cards::build::{EvidenceSource, Section, sections};
use crate::cards::document::{CardDocument, CitedEvidence, ClaimSource, MetricRow};

const ID: &str = "card-contradiction";

/// Words that say something went well.
const PRAISE: [&str; 8] = [
    "pass",
    "passes",
    "passed",
    "meets",
    "met",
    "satisfies",
    "satisfied",
    "fulfils",
];
/// Words that turn praise around.
const NEGATION: [&str; 9] = [
    "not", "no", "never", "cannot", "hasn't", "didn't", "doesn't", "without", "unless",
];
/// How far before praise a negation counts, and how far after it its object is looked for, in words.
const REACH: usize = 6;

pub(super) fn judge(document: &CardDocument, sources: &[EvidenceSource]) -> Vec<Evidence> {
    let mut found = vec![judge_whole(document, sources)];
    let stated = Stated::of(document);
    for cited in &document.evidence {
        found.push(judge_file(document, &stated, cited, sources));
    }
    found
}

/// A record of an evidence file: the file's digest and the pointer.
type Place<'a> = (Sha256, &'a str);

/// What the card says of single records, by where they stand.
struct Stated<'a> {
    rows: BTreeMap<Place<'a>, &'a MetricRow>,
    open: BTreeSet<Place<'a>>,
}

impl<'a> Stated<'a> {
    fn of(document: &'a CardDocument) -> Self {
        let place = |source: &'a ClaimSource| (source.evidence, source.pointer.as_str());
        Self {
            rows: document
                .rows()
                .map(|row| (place(&row.claim.source), row))
                .collect(),
            open: document
                .open
                .iter()
                .map(|open| place(&open.source))
                .collect(),
        }
    }
}

/// The verdict of the whole card and the words of its text.
fn judge_whole(document: &CardDocument, sources: &[EvidenceSource]) -> Evidence {
    let about = subject(document, None);
    let verdicts: Option<Vec<Verdict>> = document
        .evidence
        .iter()
        .map(|cited| Some(source_of(sources, cited.sha256)?.report.verdict()))
        .collect();
    let Some(verdicts) = verdicts else {
        return Evidence::not_evaluated(
            ID,
            about,
            Reason::MissingInput,
            "the verdict of the card cannot be compared: evidence it cites is not at hand",
        );
    };
    let verdict = verdicts.into_iter().max().unwrap_or(Verdict::NotPassed);
    if document.verdict != verdict {
        let message = format!(
            "the card states `{}`, its evidence says `{verdict}`",
            document.verdict
        );
        return Evidence::new(ID, about, Outcome::NotMet, message);
    }
    match boast(document, verdict) {
        Some(message) => Evidence::new(ID, about, Outcome::NotMet, message),
        None => {
            let message = format!("the card states `{verdict}`, as its evidence does");
            Evidence::new(ID, about, Outcome::Met, message)
        }
    }
}

fn judge_file(
    document: &CardDocument,
    stated: &Stated<'_>,
    cited: &CitedEvidence,
    sources: &[EvidenceSource],
) -> Evidence {
    let path = &cited.locator;
    let Some(source) = source_of(sources, cited.sha256) else {
        let message =
            format!("what the card says of `{path}` cannot be compared: it is not at hand");
        return Evidence::not_evaluated(ID, file(path), Reason::MissingInput, message);
    };
    let problem = verdict_problem(cited, source).or_else(|| {
        sections(source)
            .iter()
            .find_map(|section| section_problem(document, stated, section))
    });
    match problem {
        Some(message) => Evidence::new(ID, file(path), Outcome::NotMet, message),
        None => {
            let message = format!("the card states every outcome of `{path}` as it is");
            Evidence::new(ID, file(path), Outcome::Met, message)
        }
    }
}

fn verdict_problem(cited: &CitedEvidence, source: &EvidenceSource) -> Option<String> {
    let verdict = source.report.verdict();
    (cited.verdict != verdict).then(|| {
        format!(
            "the card states `{}` for `{}`, which says `{verdict}`",
            cited.verdict, cited.locator
        )
    })
}

fn section_problem(
    document: &CardDocument,
    stated: &Stated<'_>,
    section: &Section<'_>,
) -> Option<String> {
    let verdict = Verdict::of(&section.report.evidence);
    let row = document.steps.iter().find(|step| {
        let source = &step.counts.met.source;
        source.evidence == section.evidence
            && source.pointer.strip_suffix("/evidence") == Some(section.pointer.as_str())
    });
    let step = section.report.step.as_str();
    match row {
        None => return Some(format!("the card leaves out step `{step}`")),
        Some(row) if row.verdict != verdict => {
            return Some(format!(
                "the card states `{}` for step `{step}`, the evidence says `{verdict}`",
                row.verdict
            ));
        }
        Some(_) => {}
    }
    section
        .report
        .evidence
        .iter()
        .enumerate()
        .find_map(|(index, record)| {
            let pointer = format!("{}/evidence/{index}", section.pointer);
            record_problem(stated, (section.evidence, &pointer), record)
        })
}

fn record_problem(stated: &Stated<'_>, place: Place<'_>, record: &Evidence) -> Option<String> {
    let row = stated.rows.get(&place);
    let name = format!("{} on {}", record.requirement, record.subject.name());
    if let Some(row) = row
        && (row.outcome != record.outcome
            || row.waived != record.is_waived()
            || row.severity != record.severity)
    {
        return Some(format!(
            "the card states `{}` for `{name}`, the evidence says `{}`",
            row.outcome, record.outcome
        ));
    }
    if let Some(row) = row
        && row.required != record.required
    {
        return Some(format!(
            "the card states another requirement for `{name}` than the evidence"
        ));
    }
    let is_listed = stated.open.contains(&place);
    ((record.blocks() || record.warns()) && !is_listed)
        .then(|| format!("the card leaves out that `{name}` is {}", record.outcome))
}

/// A sentence of the text that claims success where there was none.
fn boast(document: &CardDocument, verdict: Verdict) -> Option<String> {
    let about = &document.about;
    let sections = about.sections();
    std::iter::once(("description", about.description.as_str()))
        .chain(sections.iter().map(|section| (section.key, section.text)))
        .find_map(|(key, text)| {
            text.split(['.', '!', '?', ';', '\n'])
                .find_map(|sentence| boast_in(document, verdict, sentence))
                .map(|claim| format!("`{key}` says \"{claim}\", the evidence does not"))
        })
}

fn boast_in(document: &CardDocument, verdict: Verdict, sentence: &str) -> Option<String> {
    let words: Vec<String> = sentence
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let before = words.iter().take(at).rev().take(REACH / 2);
        let is_negated = before.clone().any(|word| NEGATION.contains(&word.as_str()));
        if is_negated || !PRAISE.contains(&word.as_str()) {
            return None;
        }
        // "passes the gate", and also "all gates passed".
        let near = words.iter().skip(at + 1).take(REACH).chain(before);
        let is_false = near
            .map(|object| supported(document, verdict, object))
            .any(|supported| supported == Some(false));
        is_false.then(|| sentence.trim().chars().take(120).collect())
    })
}

/// Whether the evidence supports that what `object` names went well; none when it names nothing.
fn supported(document: &CardDocument, verdict: Verdict, object: &str) -> Option<bool> {
    let step = |step: Step| {
        let mut verdicts = document.steps.iter().filter(|row| row.step == step);
        verdicts.all(|row| row.verdict.passed())
    };
    match object {
        "gate" | "gates" => Some(step(Step::Gate)),
        "scan" | "scans" => Some(step(Step::Scan)),
        "fairness" => Some(
            document
                .fairness
                .iter()
                .all(|row| row.outcome == Outcome::Met),
        ),
        "check" | "checks" | "test" | "tests" | "requirement" | "requirements" | "validation" => {
            Some(verdict.passed())
        }
        _ => None,
    }
}
