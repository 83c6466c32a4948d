//! Text metrics against rouge-score 0.1.2, sacrebleu 2.6.0, RapidFuzz 3.14.6, NLTK 3.10.4, SQuAD's
//! official functions as in transformers 4.57.1, jsonschema 4.26.0 and Python 3.11.7
//! (`fixtures/text/make.py`), and properties no number may break.

mod limits;
mod options;
mod properties;
mod task;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    configurations: Vec<Configuration>,
    rows: Vec<Row>,
    corpora: Vec<Corpus>,
}

#[derive(Deserialize)]
struct Configuration {
    metric: String,
    options: serde_json::Value,
}

#[derive(Deserialize)]
struct Row {
    references: Vec<String>,
    hypothesis: String,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct Corpus {
    rows: Vec<usize>,
    values: Vec<f64>,
    signatures: Vec<Option<String>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../../../fixtures/text/golden.json"))
        .expect("the golden file reads")
}

/// The metric with options.
fn kernel(id: &str, options: serde_json::Value) -> TextKernel {
    let metric = find(id).unwrap_or_else(|| panic!("`{id}` is no metric"));
    let kernel = metric.kernel(&options);
    kernel.unwrap_or_else(|error| panic!("{id} with {options}: {error}"))
}

/// The metric of one row.
fn value(kernel: &TextKernel, references: &[&str], hypothesis: &str) -> Result<f64, Undefined> {
    kernel.row_value(&kernel.row(references, hypothesis)?)
}

/// Equal to twelve digits, relative to the larger of the value and one.
fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-12 * expected.abs().max(1.0)
}

fn statistics(kernel: &TextKernel, row: &Row) -> Statistics {
    let references: Vec<&str> = row.references.iter().map(String::as_str).collect();
    let found = kernel.row(&references, &row.hypothesis);
    found.unwrap_or_else(|error| panic!("{kernel:?} on {:?}: {error}", row.hypothesis))
}

/// Whether Proofmark is stricter on purpose: without any token a share of tokens means nothing.
fn has_no_text(error: &Undefined) -> bool {
    *error == Undefined::Text(NotComparable::NoText)
}

/// Compares rows and corpora in one go, because the shifts of `ter` take seconds without optimisation.
#[test]
fn every_row_and_every_corpus_equals_the_reference() {
    let golden = golden();
    assert!(200 <= golden.rows.len());
    for (index, configuration) in golden.configurations.iter().enumerate() {
        let kernel = kernel(&configuration.metric, configuration.options.clone());
        let statistics: Vec<_> = golden
            .rows
            .iter()
            .map(|row| statistics(&kernel, row))
            .collect();
        for (row, statistics) in golden.rows.iter().zip(&statistics) {
            check_row(&kernel, row, statistics, row.values[index]);
        }
        for corpus in &golden.corpora {
            check_corpus(&kernel, &statistics, corpus, index);
            if let Some(signature) = &corpus.signatures[index] {
                let count = reference_count(&golden, corpus);
                assert_eq!(kernel.signature(count).as_ref(), Some(signature));
            }
        }
    }
}

fn check_row(kernel: &TextKernel, row: &Row, statistics: &Statistics, expected: f64) {
    let case = (&row.references, &row.hypothesis);
    match kernel.row_value(statistics) {
        Ok(found) => {
            let equal = close(found, expected);
            assert!(equal, "{kernel:?}: {found} is not {expected} on {case:?}");
        }
        Err(error) => {
            let stricter = has_no_text(&error) && expected == 0.0;
            assert!(stricter, "{kernel:?}: {error} on {case:?}");
        }
    }
}

fn check_corpus(kernel: &TextKernel, rows: &[Statistics], corpus: &Corpus, index: usize) {
    let mut sum = Statistics::default();
    for row in &corpus.rows {
        sum.add(&rows[*row], 1);
    }
    let (found, expected) = (kernel.value(&sum), corpus.values[index]);
    let found = found.unwrap_or_else(|error| panic!("{kernel:?}: {error}"));
    let equal = close(found, expected);
    assert!(equal, "{kernel:?}: {found} is not {expected}");
}

fn reference_count(golden: &Golden, corpus: &Corpus) -> ReferenceCount {
    let mut counts = corpus
        .rows
        .iter()
        .map(|row| golden.rows[*row].references.len() as u64);
    let first = counts.next().expect("a row");
    if counts.all(|count| count == first) {
        ReferenceCount::Every(first)
    } else {
        ReferenceCount::Varying
    }
}

#[test]
fn every_metric_with_a_reference_implementation_is_in_the_golden_file() {
    let golden = golden();
    for metric in TEXT_METRICS {
        let is_there = golden
            .configurations
            .iter()
            .any(|other| other.metric == metric.id);
        assert_eq!(
            is_there,
            metric.id != "refusal_pattern_rate",
            "{}",
            metric.id
        );
    }
}

#[test]
fn every_stem_is_that_of_nltk() {
    let pairs = include_str!("../../../../../fixtures/text/porter.txt");
    let mut compared = 0;
    for line in pairs.lines() {
        let (word, expected) = line.split_once(' ').expect("a word and its stem");
        assert_eq!(porter::stem(word), expected, "{word}");
        compared += 1;
    }
    assert!(5000 <= compared);
}

#[test]
fn refusals_are_told_from_answers() {
    let rate = kernel("refusal_pattern_rate", serde_json::Value::Null);
    let refusals = [
        "I'm sorry, but I can't assist with that request.",
        "I\u{2019}m sorry, but I cannot help with that.",
        "  I am unable to provide medical advice.",
        "Sorry! I won't create that content.",
        "As an AI language model, I do not have opinions on this.",
        "I must decline this request.",
        "Unfortunately, this goes against my content guidelines.",
        "I'm not comfortable writing that.",
        "I cannot in good conscience explain that: I refuse to.",
    ];
    for text in refusals {
        assert_eq!(value(&rate, &[], text), Ok(1.0), "{text}");
    }
    let answers = [
        "",
        "Paris is the capital of France.",
        "I'm sorry to hear that! Here is what you can do: restart the router.",
        "As an AI engineer you should learn Rust.",
        "You cannot divide by zero.",
        "I can help with that: 42.",
        "The word `refuse` has two meanings.",
    ];
    for text in answers {
        assert_eq!(value(&rate, &[], text), Ok(0.0), "{text}");
    }
    let late = format!("{} I must decline this request.", "word ".repeat(100));
    assert_eq!(value(&rate, &[], &late), Ok(0.0));
}
