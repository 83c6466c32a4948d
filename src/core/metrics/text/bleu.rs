//! BLEU (Papineni et al. 2002) as sacrebleu computes it (Post 2018): clipped precision of word n-grams
//! over the whole corpus, with a penalty for short answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bleu_tokenizer::Tokenizer;
use super::ngrams::{Symbol, Vocabulary, ngrams, shared, union};
use super::{
    InvalidOptions, Kernel, NotComparable, ReferenceCount, SACREBLEU_VERSION, Statistics,
    TextMetric, parse, python,
};
use crate::metrics::options::OptionKind;
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Longest n-gram that can be asked for, which is that of BLEU.
const ORDER_MAX: usize = 4;

/// BLEU.
pub const BLEU: TextMetric = TextMetric {
    id: "bleu",
    title: "BLEU",
    direction: Direction::HigherIsBetter,
    range: (0.0, 100.0),
    definition: "geometric mean of the shares of 1- to 4-grams of all answers that are in a reference, counted at most as often as in the reference that has most, times exp(1 - reference length / answer length) where the answers are shorter than the references of closest length; over the corpus, not a mean of rows; 0 when nothing matches; undefined when there is no token at all",
    reference: "sacrebleu 2.6.0 `BLEU.corpus_score`; one row as `sentence_bleu`, with effective order",
    options: &[
        OptionSpec::choice(
            "tokenize",
            &["13a", "intl", "char", "none"],
            "how a text becomes tokens",
        ),
        OptionSpec::choice(
            "smooth_method",
            &["exp", "floor", "add-k", "none"],
            "what stands in for n-grams without a match",
        ),
        OptionSpec {
            name: "smooth_value",
            kind: OptionKind::Number {
                default: 0.0,
                least: 0.0,
                most: f64::MAX,
            },
            doc: "the number of `floor` and `add-k`; 0 for that of sacrebleu, 0.1 and 1",
        },
        OptionSpec::flag("lowercase", "whether case is ignored"),
        OptionSpec::flag(
            "effective_order",
            "whether orders no answer is long enough for are left out of the mean",
        ),
        OptionSpec::whole("max_ngram_order", 4, (1, 4), "the longest n-gram"),
    ],
    recorded: false,
    build,
};

/// Options of [`BLEU`], with the names and defaults of sacrebleu.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bleu {
    /// How a text becomes tokens.
    pub tokenize: Tokenizer,
    /// What stands in for n-grams without a match.
    pub smooth_method: Smoothing,
    /// The number of `floor` and `add-k`.
    pub smooth_value: Option<f64>,
    /// Whether case is ignored.
    pub lowercase: bool,
    /// Whether orders that no answer is long enough for are left out of the mean.
    pub effective_order: bool,
    /// Longest n-gram, 1 to 4.
    pub max_ngram_order: usize,
}

impl Default for Bleu {
    fn default() -> Self {
        Self {
            tokenize: Tokenizer::V13a,
            smooth_method: Smoothing::Exp,
            smooth_value: None,
            lowercase: false,
            effective_order: false,
            max_ngram_order: ORDER_MAX,
        }
    }
}

/// What stands in for n-grams without a match (Chen and Cherry 2014).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// Half the share of a single match, then a quarter, and so on (method 3).
    Exp,
    /// A small number of matches (method 1).
    Floor,
    /// A number added to matches and totals above order one (method 2).
    AddK,
    /// Nothing.
    None,
}

fn build(options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let bleu: Bleu = parse(options)?;
    if !(1..=ORDER_MAX).contains(&bleu.max_ngram_order) {
        let found = bleu.max_ngram_order;
        return Err(InvalidOptions(format!(
            "`max_ngram_order` is {found}, and must be 1 to {ORDER_MAX}"
        )));
    }
    if bleu
        .smooth_value
        .is_some_and(|value| !(value.is_finite() && 0.0 < value))
    {
        return Err(InvalidOptions("`smooth_value` must be above 0".to_owned()));
    }
    Ok(Box::new(bleu))
}

impl Kernel for Bleu {
    /// Answer length, reference length, matches of every order, n-grams of every order.
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let hypothesis = self.prepared(hypothesis);
        let references: Vec<_> = references.iter().map(|text| self.prepared(text)).collect();
        let mut vocabulary = Vocabulary::default();
        let found = vocabulary.ids(python::split(&hypothesis));
        let expected: Vec<Vec<u32>> = references
            .iter()
            .map(|text| vocabulary.ids(python::split(text)))
            .collect();
        let orders = 1..=self.max_ngram_order;
        let matches = orders.clone().map(|order| {
            let in_any = expected.iter().fold(Vec::new(), |merged, tokens| {
                union(&merged, &ngrams(tokens, order, Symbol::Word))
            });
            shared(&ngrams(&found, order, Symbol::Word), &in_any) as f64
        });
        let totals = orders
            .clone()
            .map(|order| (found.len() + 1).saturating_sub(order) as f64);
        let lengths = [found.len() as f64, closest(found.len(), &expected) as f64];
        Ok(Statistics(
            lengths.into_iter().chain(matches).chain(totals).collect(),
        ))
    }

    fn value(&self, sum: &Statistics) -> Result<f64, Undefined> {
        self.score(sum, self.effective_order)
    }

    fn is_mean(&self) -> bool {
        false
    }

    fn row_value(&self, row: &Statistics) -> Result<f64, Undefined> {
        self.score(row, true)
    }

    fn signature(&self, references: ReferenceCount) -> Option<String> {
        let case = if self.lowercase { "lc" } else { "mixed" };
        let effective = if self.effective_order { "yes" } else { "no" };
        let (tokenizer, smoothing) = (self.tokenize.name(), self.smoothing_name());
        Some(format!(
            "nrefs:{references}|case:{case}|eff:{effective}|tok:{tokenizer}|smooth:{smoothing}|version:{SACREBLEU_VERSION}"
        ))
    }
}

impl Bleu {
    fn prepared(&self, text: &str) -> String {
        if self.lowercase {
            self.tokenize
                .tokenize(python::trim_end(&text.to_lowercase()))
        } else {
            self.tokenize.tokenize(python::trim_end(text))
        }
    }

    fn smoothing_name(&self) -> String {
        let value = self.smoothing_value();
        match self.smooth_method {
            Smoothing::Exp => "exp".to_owned(),
            Smoothing::Floor => format!("floor[{value:.2}]"),
            Smoothing::AddK => format!("add-k[{value:.2}]"),
            Smoothing::None => "none".to_owned(),
        }
    }

    fn smoothing_value(&self) -> f64 {
        let default = match self.smooth_method {
            Smoothing::Floor => 0.1,
            Smoothing::AddK => 1.0,
            Smoothing::Exp | Smoothing::None => 0.0,
        };
        self.smooth_value.unwrap_or(default)
    }

    fn score(&self, sum: &Statistics, effective_order: bool) -> Result<f64, Undefined> {
        let (lengths, counts) = sum.terms().split_at_checked(2).ok_or(Undefined::NoRows)?;
        let (answer, reference) = (lengths[0], lengths[1]);
        if answer == 0.0 && reference == 0.0 {
            return Err(NotComparable::NoText.into());
        }
        let (matches, totals) = counts.split_at(counts.len() / 2);
        if matches.iter().all(|count| *count == 0.0) {
            return Ok(0.0);
        }
        let (precisions, order) = self.precisions(matches, totals);
        let order = if effective_order {
            order
        } else {
            self.max_ngram_order
        };
        let logarithms = precisions
            .iter()
            .take(order)
            .map(|precision| precision.ln());
        let mean = logarithms.sum::<f64>() / order as f64;
        let penalty = if answer < reference {
            (1.0 - reference / answer).exp()
        } else {
            1.0
        };
        Ok(penalty * mean.exp())
    }

    /// Precision of every order in per cent, and the longest order any answer is long enough for.
    fn precisions(&self, matches: &[f64], totals: &[f64]) -> (Vec<f64>, usize) {
        let (mut precisions, mut order) = (vec![0.0; totals.len()], totals.len());
        let (value, mut halves) = (self.smoothing_value(), 1.0);
        for (index, (matched, total)) in matches.iter().zip(totals).enumerate() {
            let added = match self.smooth_method {
                Smoothing::AddK if 0 < index => value,
                _ => 0.0,
            };
            let (matched, total) = (matched + added, total + added);
            if total == 0.0 {
                break;
            }
            order = index + 1;
            precisions[index] = match self.smooth_method {
                _ if 0.0 < matched => 100.0 * matched / total,
                Smoothing::Exp => {
                    halves *= 2.0;
                    100.0 / (halves * total)
                }
                Smoothing::Floor => 100.0 * value / total,
                Smoothing::AddK | Smoothing::None => 0.0,
            };
        }
        (precisions, order)
    }
}

/// The length closest to that of the answer; the shorter of two.
fn closest(length: usize, references: &[Vec<u32>]) -> usize {
    let lengths = references.iter().map(Vec::len);
    lengths
        .min_by_key(|other| (length.abs_diff(*other), *other))
        .unwrap_or(0)
}
