//! Exact match and word overlap of short answers, as the Stanford Question Answering Dataset scores
//! them (Rajpurkar et al. 2016; the official `evaluate-v1.1.py` and `evaluate-v2.0.py`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ngrams::{Symbol, Vocabulary, ngrams, shared};
use super::{Kernel, Statistics, TextMetric, plain, python};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Equality of texts.
pub const EXACT_MATCH: TextMetric = TextMetric {
    id: "exact_match",
    title: "Exact match",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of rows whose answer equals a reference, as it is or after the normalisation of SQuAD (lower case, no ASCII punctuation, no `a`, `an`, `the`, single spaces); two empty texts are equal",
    reference: "SQuAD `evaluate-v1.1.py`, divided by 100",
    options: &[OptionSpec::choice(
        "normalization",
        &["none", "squad"],
        "what is done to both texts before",
    )],
    recorded: true,
    build: plain::<ExactMatch>,
};

/// Overlap of words.
pub const TOKEN_F1: TextMetric = TextMetric {
    id: "token_f1",
    title: "Token F1",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "harmonic mean of precision and recall of words after the normalisation of SQuAD, best reference, mean of rows; no word in common is 0, also when both are empty (1 with `empty: equal`)",
    reference: "SQuAD `evaluate-v1.1.py`, divided by 100; with `empty: equal` `evaluate-v2.0.py`",
    options: &[OptionSpec::choice(
        "empty",
        &["zero", "equal"],
        "what two texts without words score: 0 as in version 1.1, or 1 as in version 2.0",
    )],
    recorded: true,
    build: plain::<TokenF1>,
};

/// Options of [`EXACT_MATCH`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExactMatch {
    /// What is done to both texts before.
    pub normalization: Normalization,
}

/// What is done to texts before they are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// Nothing.
    #[default]
    None,
    /// Lower case, no ASCII punctuation, no articles, single spaces.
    Squad,
}

/// Options of [`TOKEN_F1`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenF1 {
    /// What a text without words scores.
    pub empty: Empty,
}

/// What a row scores when a text has no words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// Zero, as in version 1.1.
    #[default]
    Zero,
    /// One when both have none, as in version 2.0.
    Equal,
}

impl Kernel for ExactMatch {
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let matches = match self.normalization {
            Normalization::None => references.contains(&hypothesis),
            Normalization::Squad => {
                let hypothesis = normalized(hypothesis);
                references
                    .iter()
                    .any(|reference| normalized(reference) == hypothesis)
            }
        };
        Ok(Statistics::of_bool(matches))
    }
}

impl Kernel for TokenF1 {
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let hypothesis = normalized(hypothesis);
        let scores = references
            .iter()
            .map(|reference| self.score(reference, &hypothesis));
        Ok(Statistics::of_value(scores.fold(0.0, f64::max)))
    }
}

impl TokenF1 {
    fn score(&self, reference: &str, hypothesis: &str) -> f64 {
        let reference = normalized(reference);
        let mut vocabulary = Vocabulary::default();
        let mut words = |text| {
            let ids = vocabulary.ids(python::split(text));
            ngrams(&ids, 1, Symbol::Word)
        };
        let (expected, found) = (words(&reference), words(hypothesis));
        if self.empty == Empty::Equal && (expected.is_empty() || found.is_empty()) {
            return f64::from(u8::from(expected.is_empty() && found.is_empty()));
        }
        let common = shared(&expected, &found) as f64;
        if common == 0.0 {
            return 0.0;
        }
        let (precision, recall) = (common / found.len() as f64, common / expected.len() as f64);
        2.0 * precision * recall / (precision + recall)
    }
}

/// Lower case, without ASCII punctuation, articles and superfluous white space, in this order.
fn normalized(text: &str) -> String {
    let lower = text.to_lowercase();
    let plain: String = lower
        .chars()
        .filter(|each| !each.is_ascii_punctuation())
        .collect();
    let without_articles = python::words().replace_all(&plain, |found: &regex::Captures<'_>| {
        let word = &found[0];
        let is_article = ["a", "an", "the"].contains(&word);
        if is_article {
            " ".to_owned()
        } else {
            word.to_owned()
        }
    });
    python::split(&without_articles)
        .collect::<Vec<_>>()
        .join(" ")
}
