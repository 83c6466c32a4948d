//! `card-figure` in human text: a number beside the name of a metric must be one the evidence knows.
//!
//! Words are not parsed, only scanned, so what is found is a warning: "roc-auc of 0.91" where the
//! evidence says 0.79.

use crate::evidence::{Evidence, Outcome, Severity};

use super::subject;
use crate::cards::document::CardDocument;

const ID: &str = "card-figure";
/// How far after the name of a metric its number is looked for, in characters.
const REACH: usize = 40;

pub(super) fn judge(document: &CardDocument) -> Vec<Evidence> {
    let mut metrics: Vec<&str> = document.rows().map(|row| row.metric.as_str()).collect();
    metrics.sort_unstable();
    metrics.dedup();
    let about = &document.about;
    let mut texts = vec![("description", about.description.to_lowercase())];
    for section in about.sections() {
        texts.push((section.key, section.text.to_lowercase()));
    }
    let mut found = Vec::new();
    for metric in metrics {
        let wrong = texts.iter().find_map(|(key, text)| {
            let number = stated(text, metric)
                .into_iter()
                .find(|number| !is_known(document, metric, number))?;
            Some((*key, number))
        });
        if let Some((key, number)) = wrong {
            let message = format!(
                "`{key}` says {} near `{metric}`, a number no evidence on the card knows",
                number.text
            );
            let part = subject(document, Some(&format!("{key}/{metric}")));
            found.push(
                Evidence::new(ID, part, Outcome::NotMet, message).severity(Severity::Warning),
            );
        }
    }
    found
}

/// A number as it was written.
struct Number {
    text: String,
    value: f64,
    /// Half a unit of the last digit written.
    tolerance: f64,
}

/// The first number after every mention of the metric, within the sentence.
fn stated(text: &str, metric: &str) -> Vec<Number> {
    let metric = metric.to_lowercase();
    let mut names = vec![
        metric.replace(['-', '_'], " "),
        metric.replace('_', "-"),
        metric,
    ];
    names.sort();
    names.dedup();
    names
        .iter()
        .flat_map(|name| {
            text.match_indices(name.as_str())
                .map(|(at, _)| at + name.len())
        })
        .filter_map(|end| {
            let near: String = text.get(end..)?.chars().take(REACH).collect();
            let is_word = !near.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
            if is_word { first_number(&near) } else { None }
        })
        .collect()
}

/// The first decimal number or percentage of a sentence. Whole numbers are years and counts.
fn first_number(text: &str) -> Option<Number> {
    let sentence = text
        .match_indices(['.', '!', '?', ';', '\n'])
        .find(|(at, _)| !text[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
        .map_or(text, |(at, _)| &text[..at]);
    let mut rest = sentence;
    loop {
        let start = rest.find(|c: char| c.is_ascii_digit())?;
        rest = &rest[start..];
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let is_percent = after.trim_start().starts_with('%');
        let value: Option<f64> = digits.trim_end_matches('.').parse().ok();
        let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
        if let Some(value) = value
            && (is_percent || 0 < decimals)
        {
            let scale = if is_percent { 0.01 } else { 1.0 };
            return Some(Number {
                text: format!("{digits}{}", if is_percent { " %" } else { "" }),
                value: value * scale,
                tolerance: 0.5 * scale * 10_f64.powi(-(decimals.min(300) as i32)) * 1.000_001,
            });
        }
        rest = after;
    }
}

/// Whether some row of the metric has this number as its value, an end of its interval or its
/// threshold.
fn is_known(document: &CardDocument, metric: &str, number: &Number) -> bool {
    document
        .rows()
        .filter(|row| row.metric == metric)
        .flat_map(|row| {
            let quantity = row.claim.quantity;
            let interval = quantity.and_then(|q| q.interval);
            let thresholds = row.required.map(crate::evidence::Bound::thresholds);
            [
                quantity.map(|q| q.value),
                interval.map(|i| i.lower),
                interval.map(|i| i.upper),
                interval.map(|i| i.level),
                thresholds.map(|t| t.0),
                thresholds.and_then(|t| t.1),
            ]
        })
        .flatten()
        .any(|known| {
            let distance = (known.abs() - number.value).abs();
            distance <= number.tolerance
        })
}
