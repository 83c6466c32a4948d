//! ROUGE (Lin 2004): overlap of word n-grams and longest common subsequences, as Google's rouge-score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ngrams::{Symbol, Vocabulary, ngrams, shared};
use super::{
    Budget, InvalidOptions, Kernel, Statistics, TextMetric, common_subsequence, parse, porter,
    rouge_lsum,
};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Cells of the tables of a row: 131,072 words against as many, half a second.
pub const CELLS_MAX: u64 = 1 << 34;

const REFERENCE: &str = "rouge-score 0.1.2, best reference as `score_multi`";
const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag(
        "use_stemmer",
        "whether words of more than three letters are stemmed, by Porter's stemmer as NLTK's",
    ),
    OptionSpec::choice(
        "report",
        &["f1", "precision", "recall"],
        "which number of the best reference is the value",
    ),
];

/// ROUGE-1.
pub const ROUGE_1: TextMetric = TextMetric {
    id: "rouge1",
    title: "ROUGE-1",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "F1 of the words (runs of a-z and 0-9 after lower-casing) of answer and reference, each counted as often as in the text with fewer, mean of rows; 0 when either has no word",
    reference: REFERENCE,
    options: OPTIONS,
    recorded: false,
    build: |options| build(Overlap::Ngrams(1), options),
};

/// ROUGE-2.
pub const ROUGE_2: TextMetric = TextMetric {
    id: "rouge2",
    title: "ROUGE-2",
    definition: "as `rouge1` with pairs of neighbouring words; 0 when either has no pair",
    build: |options| build(Overlap::Ngrams(2), options),
    ..ROUGE_1
};

/// ROUGE-L.
pub const ROUGE_L: TextMetric = TextMetric {
    id: "rougeL",
    title: "ROUGE-L",
    definition: "as `rouge1` with the longest common subsequence of words instead of common words",
    build: |options| build(Overlap::Subsequence, options),
    ..ROUGE_1
};

/// ROUGE-Lsum.
pub const ROUGE_LSUM: TextMetric = TextMetric {
    id: "rougeLsum",
    title: "ROUGE-Lsum",
    definition: "as `rougeL` by lines: of each reference line the words that are in its longest common subsequence with any line of the answer, each word counted at most as often as it occurs in either text",
    build: |options| build(Overlap::Lines, options),
    ..ROUGE_1
};

/// Options of the metrics of this file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RougeOptions {
    /// Whether words of more than three letters are stemmed.
    pub use_stemmer: bool,
    /// Which number of the best reference is the value.
    pub report: Report,
}

/// Which number of a score is the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Harmonic mean of precision and recall.
    #[default]
    F1,
    /// Share of the answer that is in the reference.
    Precision,
    /// Share of the reference that is in the answer.
    Recall,
}

/// What two texts have in common.
#[derive(Clone, Copy, Debug)]
enum Overlap {
    Ngrams(usize),
    Subsequence,
    Lines,
}

#[derive(Debug)]
struct Rouge {
    overlap: Overlap,
    options: RougeOptions,
}

fn build(overlap: Overlap, options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options = parse(options)?;
    Ok(Box::new(Rouge { overlap, options }))
}

impl Kernel for Rouge {
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let mut budgets = Budgets {
            cells: Budget::new("pairs of words", CELLS_MAX),
            lines: rouge_lsum::budgets(),
        };
        let hypothesis = self.prepared(hypothesis);
        let mut best: Option<Score> = None;
        for reference in references {
            let score = self.score(&self.prepared(reference), &hypothesis, &mut budgets)?;
            // The first of equals, as `numpy.argmax`.
            if best.is_none_or(|best| best.f1() < score.f1()) {
                best = Some(score);
            }
        }
        let best = best.unwrap_or_default();
        Ok(Statistics::of_value(match self.options.report {
            Report::F1 => best.f1(),
            Report::Precision => best.precision,
            Report::Recall => best.recall,
        }))
    }
}

/// What a row may cost.
struct Budgets {
    cells: Budget,
    lines: [Budget; 2],
}

impl Rouge {
    /// The words of a text with spaces between them, line by line where lines matter.
    fn prepared(&self, text: &str) -> String {
        let lower = text.to_lowercase();
        let is_separator = |each: char| !(each.is_ascii_lowercase() || each.is_ascii_digit());
        let mut prepared = String::with_capacity(lower.len());
        for line in lower.split('\n') {
            for word in line.split(is_separator) {
                if self.options.use_stemmer && 3 < word.len() {
                    prepared.push_str(&porter::stem(word));
                } else {
                    prepared.push_str(word);
                }
                prepared.push(' ');
            }
            if matches!(self.overlap, Overlap::Lines) {
                prepared.push('\n');
            }
        }
        prepared
    }

    /// The score of prepared texts.
    fn score(
        &self,
        reference: &str,
        hypothesis: &str,
        budgets: &mut Budgets,
    ) -> Result<Score, Undefined> {
        let mut vocabulary = Vocabulary::default();
        let lines = numbered(&mut vocabulary, reference);
        let answer_lines = numbered(&mut vocabulary, hypothesis);
        let (expected, found) = (lines.concat(), answer_lines.concat());
        let (common, expected, found) = match self.overlap {
            Overlap::Ngrams(order) => {
                let expected = ngrams(&expected, order, Symbol::Word);
                let found = ngrams(&found, order, Symbol::Word);
                (shared(&expected, &found), expected.len(), found.len())
            }
            Overlap::Subsequence => {
                budgets
                    .cells
                    .spend(expected.len() as u64 * found.len() as u64)?;
                let common = common_subsequence::length(&expected, &found);
                (common, expected.len(), found.len())
            }
            Overlap::Lines => {
                let common = rouge_lsum::common(&lines, &answer_lines, &mut budgets.lines)?;
                (common, expected.len(), found.len())
            }
        };
        Ok(Score::new(common, expected, found))
    }
}

/// The words of every line as numbers.
fn numbered<'a>(vocabulary: &mut Vocabulary<'a>, prepared: &'a str) -> Vec<Vec<u32>> {
    let words = |line: &'a str| line.split(' ').filter(|word| !word.is_empty());
    prepared
        .split('\n')
        .map(|line| vocabulary.ids(words(line)))
        .collect()
}

/// Precision and recall.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    precision: f64,
    recall: f64,
}

impl Score {
    /// Of what both texts have, a part of what either has.
    fn new(common: u64, expected: usize, found: usize) -> Self {
        Self {
            precision: common as f64 / found.max(1) as f64,
            recall: common as f64 / expected.max(1) as f64,
        }
    }

    fn f1(self) -> f64 {
        if 0.0 < self.precision + self.recall {
            2.0 * self.precision * self.recall / (self.precision + self.recall)
        } else {
            0.0
        }
    }
}
