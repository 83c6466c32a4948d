//! chrF (Popović 2015) and chrF++ (Popović 2017) as sacrebleu computes them: F score of character
//! n-grams, and of word n-grams too, over the whole corpus.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edit_similarity::characters;
use super::ngrams::{Symbol, Vocabulary, ngrams, shared};
use super::{
    InvalidOptions, Kernel, ReferenceCount, SACREBLEU_VERSION, Statistics, TextMetric, parse,
    python,
};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Largest weight of recall that makes sense of the result.
const BETA_MAX: u32 = 100;

const fn options(word_order: u32) -> [OptionSpec; 6] {
    [
        OptionSpec::whole("char_order", 6, (1, 6), "the longest n-gram of characters"),
        OptionSpec::whole(
            "word_order",
            word_order,
            (0, 4),
            "the longest n-gram of words",
        ),
        OptionSpec::whole(
            "beta",
            2,
            (0, BETA_MAX),
            "how much more recall counts than precision",
        ),
        OptionSpec::flag("lowercase", "whether case is ignored"),
        OptionSpec::flag("whitespace", "whether white space counts as a character"),
        OptionSpec::flag(
            "eps_smoothing",
            "whether orders without n-grams count with a number close to zero",
        ),
    ]
}

/// chrF.
pub const CHRF: TextMetric = TextMetric {
    id: "chrf",
    title: "chrF",
    direction: Direction::HigherIsBetter,
    range: (0.0, 100.0),
    definition: "F score, recall weighted twice, of the precision and recall of character n-grams without white space, each averaged over the orders 1 to 6 that answers and references are long enough for; counts summed over the corpus, per row from the reference with the best score; 0 when nothing matches",
    reference: "sacrebleu 2.6.0 `CHRF.corpus_score`",
    options: &const { options(0) },
    recorded: false,
    build: |options| build(options, 0),
};

/// chrF++.
pub const CHRF_PLUS_PLUS: TextMetric = TextMetric {
    id: "chrf_plus_plus",
    title: "chrF++",
    definition: "as `chrf` with words and pairs of words as two more orders, one punctuation mark at the end or the start of a word being a word",
    reference: "sacrebleu 2.6.0 `CHRF(word_order=2).corpus_score`",
    options: &const { options(2) },
    build: |options| build(options, 2),
    ..CHRF
};

/// Options of [`CHRF`] and [`CHRF_PLUS_PLUS`], with the names and defaults of sacrebleu.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Chrf {
    /// Longest n-gram of characters, 1 to 6.
    pub char_order: usize,
    /// Longest n-gram of words, 0 to 4; the default is that of the metric.
    pub word_order: Option<usize>,
    /// How much more recall counts than precision.
    pub beta: u32,
    /// Whether case is ignored.
    pub lowercase: bool,
    /// Whether white space counts as a character.
    pub whitespace: bool,
    /// Whether orders without n-grams count with a number close to zero.
    pub eps_smoothing: bool,
}

impl Default for Chrf {
    fn default() -> Self {
        Self {
            char_order: 6,
            word_order: None,
            beta: 2,
            lowercase: false,
            whitespace: false,
            eps_smoothing: false,
        }
    }
}

/// The options, with the order of words settled.
#[derive(Debug)]
struct Checked {
    options: Chrf,
    word_order: usize,
}

fn build(
    options: &serde_json::Value,
    word_order: usize,
) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options: Chrf = parse(options)?;
    let word_order = options.word_order.unwrap_or(word_order);
    let (characters_max, words_max) = (Symbol::Character.order_max(), Symbol::Word.order_max());
    if !(1..=characters_max).contains(&options.char_order) {
        return Err(InvalidOptions(format!(
            "`char_order` must be 1 to {characters_max}"
        )));
    }
    if words_max < word_order {
        return Err(InvalidOptions(format!(
            "`word_order` must be 0 to {words_max}"
        )));
    }
    if BETA_MAX < options.beta {
        return Err(InvalidOptions(format!("`beta` must be 0 to {BETA_MAX}")));
    }
    Ok(Box::new(Checked {
        options,
        word_order,
    }))
}

impl Kernel for Checked {
    /// For every order: n-grams of the answer, of the reference, of both.
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let hypothesis = self.prepared(hypothesis);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for reference in references {
            let counts = self.counts(&self.prepared(reference), &hypothesis);
            let score = self.score(&counts);
            // The first of equals, as in sacrebleu.
            if best.as_ref().is_none_or(|(best, _)| *best < score) {
                best = Some((score, counts));
            }
        }
        Ok(Statistics(
            best.map(|(_, counts)| counts).unwrap_or_default(),
        ))
    }

    fn is_mean(&self) -> bool {
        false
    }

    fn value(&self, sum: &Statistics) -> Result<f64, Undefined> {
        Ok(self.score(sum.terms()))
    }

    fn signature(&self, references: ReferenceCount) -> Option<String> {
        let yes = |flag| if flag { "yes" } else { "no" };
        let case = if self.options.lowercase {
            "lc"
        } else {
            "mixed"
        };
        let (effective, space) = (
            yes(!self.options.eps_smoothing),
            yes(self.options.whitespace),
        );
        let (characters, words) = (self.options.char_order, self.word_order);
        Some(format!(
            "nrefs:{references}|case:{case}|eff:{effective}|nc:{characters}|nw:{words}|space:{space}|version:{SACREBLEU_VERSION}"
        ))
    }
}

impl Checked {
    fn prepared(&self, text: &str) -> String {
        if self.options.lowercase {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }

    fn counts(&self, reference: &str, hypothesis: &str) -> Vec<f64> {
        let mut counts = Vec::new();
        let mut count = |expected: &[u32], found: &[u32], order, symbol| {
            let expected = ngrams(expected, order, symbol);
            let found = ngrams(found, order, symbol);
            let common = shared(&expected, &found) as f64;
            // What the reference is too short for is not held against the answer.
            let counted = if expected.is_empty() { 0 } else { found.len() };
            counts.extend([counted as f64, expected.len() as f64, common]);
        };
        let letters = |text: &str| match self.options.whitespace {
            true => characters(text),
            false => characters(&python::split(text).collect::<String>()),
        };
        let (expected, found) = (letters(reference), letters(hypothesis));
        for order in 1..=self.options.char_order {
            count(&expected, &found, order, Symbol::Character);
        }
        if 0 < self.word_order {
            let mut vocabulary = Vocabulary::default();
            let expected = vocabulary.ids(words(reference));
            let found = vocabulary.ids(words(hypothesis));
            for order in 1..=self.word_order {
                count(&expected, &found, order, Symbol::Word);
            }
        }
        counts
    }

    fn score(&self, counts: &[f64]) -> f64 {
        let factor = f64::from(self.options.beta).powi(2);
        if self.options.eps_smoothing {
            let orders = (self.options.char_order + self.word_order) as f64;
            return 100.0
                * counts
                    .chunks_exact(3)
                    .map(|order| smoothed(order, factor))
                    .sum::<f64>()
                / orders;
        }
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
        for order in counts.chunks_exact(3) {
            if 0.0 < order[0] && 0.0 < order[1] {
                precision += order[2] / order[0];
                recall += order[2] / order[1];
                orders += 1.0;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        let (precision, recall) = (precision / orders, recall / orders);
        100.0 * ((1.0 + factor) * precision * recall / (factor * precision + recall))
    }
}

/// The F score of one order, close to zero where a text has no n-grams of it.
fn smoothed(order: &[f64], factor: f64) -> f64 {
    const EPSILON: f64 = 1e-16;
    let share = |of: f64| if 0.0 < of { order[2] / of } else { EPSILON };
    let (precision, recall) = (share(order[0]), share(order[1]));
    let denominator = factor * precision + recall;
    if 0.0 < denominator {
        (1.0 + factor) * precision * recall / denominator
    } else {
        EPSILON
    }
}

/// Words between white space; of a word that ends, else of one that starts, with ASCII punctuation,
/// that mark is a word of its own.
fn words(text: &str) -> impl Iterator<Item = &str> {
    python::split(text).flat_map(|word| {
        let cut = if word.chars().nth(1).is_none() {
            0
        } else if word.ends_with(|last: char| last.is_ascii_punctuation()) {
            word.len() - 1
        } else {
            usize::from(word.starts_with(|first: char| first.is_ascii_punctuation()))
        };
        let (start, end) = word.split_at(cut);
        [start, end].into_iter().filter(|part| !part.is_empty())
    })
}
