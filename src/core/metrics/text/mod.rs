//! Metrics of text: what a model wrote (the hypothesis) against what was expected (the references), or
//! on its own. One file per family, one table of all of them.
//!
//! A [`TextKernel`] turns a row into [`Statistics`], which add up over rows; a metric of a corpus is a
//! function of the sum. So a bootstrap or a paired comparison re-weights rows and never reads a text
//! again, also where the corpus value is not the mean of the rows (BLEU, chrF, TER). Every number is
//! that of the implementation its entry names, on text as Python sees it ([`python`]). What the
//! reference defines for empty texts is kept and said in the definition.
//!
//! The task `text` holds the texts once ([`Text`]); a metric of it ([`METRICS`]) keeps what a kernel says
//! of each row, so that slices, resamples and comparisons only weigh numbers.
//!
//! Texts are untrusted. All costs are bounded by [`ROW_BYTES_MAX`] and, where they grow with the
//! product of two lengths, by a limit named in the family's file; above it the row is [`Undefined`],
//! which is never a value.

mod answers;
pub mod bleu;
mod bleu_tokenizer;
pub mod chrf;
mod common_subsequence;
pub mod edit_similarity;
pub mod json;
pub mod length;
pub mod matching;
mod ngrams;
mod porter;
mod python;
pub mod refusal;
pub mod rouge;
mod rouge_lsum;
mod scores;
pub mod squad;
mod symbol_masks;
pub mod ter;
mod ter_alignment;

use std::fmt::Debug;

use serde::de::DeserializeOwned;

use super::{Direction, Metric, OptionSpec, Options, Task, Undefined};
pub use answers::Text;
pub(super) use scores::check;
pub use scores::{row_values, signature};

/// Bytes that the texts of a row may have together: 8 MiB, some million words. The dearest metric takes
/// some 60 bytes of memory for each.
pub const ROW_BYTES_MAX: usize = 8 << 20;

/// Version of sacrebleu whose numbers and signatures these are.
pub const SACREBLEU_VERSION: &str = "2.6.0";

/// A metric of text.
#[derive(Clone, Copy, Debug)]
pub struct TextMetric {
    /// Stable snake_case name, as in configuration: `token_f1`.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Which way is better.
    pub direction: Direction,
    /// Smallest and largest possible value; the largest may be infinite. A reference may exceed it by
    /// what rounding adds.
    pub range: (f64, f64),
    /// The formula in words, with what empty texts give.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The options it takes; what stands here when nothing is said is what the kernel does.
    pub options: &'static [OptionSpec],
    /// Whether reports show it when nothing is required of it.
    pub recorded: bool,
    /// The kernel with these options.
    build: Build,
}

/// Makes a kernel from options.
type Build = fn(&serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions>;

impl TextMetric {
    /// The metric with options; `null` or `{}` for the defaults.
    ///
    /// # Errors
    /// When an option is unknown or has no such value.
    pub fn kernel(&self, options: &serde_json::Value) -> Result<TextKernel, InvalidOptions> {
        let kernel = (self.build)(options)?;
        Ok(TextKernel { kernel })
    }

    /// The metric with resolved options.
    fn with(&self, options: &Options) -> Result<TextKernel, InvalidOptions> {
        let given = options.given(self.options);
        let given = given.map(|(name, value)| (name.to_owned(), value.to_json()));
        self.kernel(&serde_json::Value::Object(given.collect()))
    }

    /// The metric as one of the task `text`.
    const fn metric(&self, prepare: super::Prepare) -> Metric {
        Metric {
            id: self.id,
            title: self.title,
            task: Some(Task::Text),
            direction: self.direction,
            range: self.range,
            definition: self.definition,
            reference: self.reference,
            options: self.options,
            recorded: self.recorded,
            prepare,
        }
    }
}

/// Why a metric cannot be computed with some options. Reads after "the options of … are not valid: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOptions(pub String);

/// A metric with its options, ready for rows.
#[derive(Debug)]
pub struct TextKernel {
    kernel: Box<dyn Kernel>,
}

impl TextKernel {
    /// Whether the metric of rows is the mean of their values.
    #[must_use]
    pub fn is_mean(&self) -> bool {
        self.kernel.is_mean()
    }

    /// Whether a row without references has no value.
    #[must_use]
    pub fn needs_references(&self) -> bool {
        self.kernel.needs_references()
    }

    /// What a row adds to the metric of a corpus. The best reference counts, as in the implementation
    /// the metric follows.
    ///
    /// # Errors
    /// When references are needed and there are none, or the texts are longer than can be compared.
    pub fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        if self.needs_references() && references.is_empty() {
            return Err(NotComparable::NoReferences.into());
        }
        let bytes = references.iter().map(|text| text.len()).sum::<usize>() + hypothesis.len();
        within("bytes in a row", bytes as u64, ROW_BYTES_MAX as u64)?;
        self.kernel.row(references, hypothesis)
    }

    /// The metric of one row, as it would be shown beside the row; always finite.
    ///
    /// # Errors
    /// When it is not defined on the row.
    pub fn row_value(&self, row: &Statistics) -> Result<f64, Undefined> {
        finite(self.kernel.row_value(row)?)
    }

    /// The metric of the rows whose statistics were added up; always finite.
    ///
    /// # Errors
    /// When there are no rows or it is not defined on them.
    pub fn value(&self, sum: &Statistics) -> Result<f64, Undefined> {
        if sum.terms().is_empty() {
            return Err(Undefined::NoRows);
        }
        finite(self.kernel.value(sum)?)
    }

    /// What makes two numbers comparable, as sacrebleu prints it, for the metrics it defines.
    #[must_use]
    pub fn signature(&self, references: ReferenceCount) -> Option<String> {
        self.kernel.signature(references)
    }
}

/// The value, when it is a number.
fn finite(value: f64) -> Result<f64, Undefined> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::NotFinite)
    }
}

/// What a family implements. References and lengths have been checked by [`TextKernel`].
trait Kernel: Debug + Send + Sync {
    /// What a row adds to the metric of a corpus.
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined>;

    /// The metric of added-up rows: their mean where nothing else is said.
    fn value(&self, sum: &Statistics) -> Result<f64, Undefined> {
        match sum.terms() {
            [total, rows] if 0.0 < *rows => Ok(total / rows),
            _ => Err(Undefined::NoRows),
        }
    }

    /// The metric of one row.
    fn row_value(&self, row: &Statistics) -> Result<f64, Undefined> {
        self.value(row)
    }

    /// Whether the metric of rows is the mean of their values, which is the first term.
    fn is_mean(&self) -> bool {
        true
    }

    /// Whether there must be a reference.
    fn needs_references(&self) -> bool {
        true
    }

    /// The signature of sacrebleu.
    fn signature(&self, _: ReferenceCount) -> Option<String> {
        None
    }
}

/// Numbers of a row, or of many rows added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics(Vec<f64>);

impl Statistics {
    /// A sum from its terms, for callers that keep the terms of all rows in one array.
    #[must_use]
    pub fn from_terms(terms: Vec<f64>) -> Self {
        Self(terms)
    }

    /// The terms, as many for every row of a metric; none before a row was added.
    #[must_use]
    pub fn terms(&self) -> &[f64] {
        &self.0
    }

    /// Adds a row, or another sum of the same metric, `times` times over.
    pub fn add(&mut self, other: &Self, times: u32) {
        if times == 0 {
            return;
        }
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0.0);
        }
        for (term, other) in self.0.iter_mut().zip(&other.0) {
            *term += other * f64::from(times);
        }
    }

    /// A row that counts with its own value.
    fn of_value(value: f64) -> Self {
        Self(vec![value, 1.0])
    }

    /// A row that counts as one when something holds.
    fn of_bool(holds: bool) -> Self {
        Self::of_value(f64::from(u8::from(holds)))
    }
}

/// How many references the rows have, for signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceCount {
    /// Every row has this many.
    Every(u64),
    /// Rows differ.
    Varying,
}

impl std::fmt::Display for ReferenceCount {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every(count) => write!(formatter, "{count}"),
            Self::Varying => formatter.write_str("var"),
        }
    }
}

/// Why the texts of a row cannot be compared. Reads after "is not defined: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// There is nothing to compare with.
    #[error("there is no reference")]
    NoReferences,
    /// Neither references nor hypotheses hold a word.
    #[error("neither the references nor the answers hold any text")]
    NoText,
    /// Longer than can be compared in bounded time and memory.
    #[error("{found} {what} are more than the {most} that are compared")]
    TooLong {
        /// What is counted.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        most: u64,
    },
    /// JSON that is nested more deeply than is read.
    #[error("the JSON is nested more than {depth} levels deep")]
    NestedTooDeeply {
        /// How deep is read.
        depth: u32,
    },
}

/// Refuses more than is compared.
fn within(what: &'static str, found: u64, most: u64) -> Result<(), Undefined> {
    if found <= most {
        Ok(())
    } else {
        Err(NotComparable::TooLong { what, found, most }.into())
    }
}

/// What may be spent on a row, over all its references.
struct Budget {
    what: &'static str,
    most: u64,
    spent: u64,
}

impl Budget {
    fn new(what: &'static str, most: u64) -> Self {
        let spent = 0;
        Self { what, most, spent }
    }

    /// Spends, unless it is more than there is.
    fn spend(&mut self, cost: u64) -> Result<(), Undefined> {
        self.spent = self.spent.saturating_add(cost);
        within(self.what, self.spent, self.most)
    }
}

/// The options as a type; `null` stands for none.
fn parse<T: DeserializeOwned>(options: &serde_json::Value) -> Result<T, InvalidOptions> {
    let none = serde_json::json!({});
    let options = if options.is_null() { &none } else { options };
    T::deserialize(options).map_err(|error| InvalidOptions(error.to_string()))
}

/// Options that are the kernel.
fn plain<K: Kernel + DeserializeOwned + 'static>(
    options: &serde_json::Value,
) -> Result<Box<dyn Kernel>, InvalidOptions> {
    Ok(Box::new(parse::<K>(options)?))
}

/// One line a metric, in the order reports list them.
macro_rules! metrics {
    ($($metric:path),* $(,)?) => {
        /// Every metric of text, in the order reports list them.
        pub const TEXT_METRICS: &[TextMetric] = &[$($metric),*];

        /// The same as metrics of the task `text`.
        pub(super) const METRICS: &[Metric] = &[
            $($metric.metric(|sample, options| scores::prepared(&$metric, sample, options))),*
        ];
    };
}

metrics![
    squad::EXACT_MATCH,
    squad::TOKEN_F1,
    edit_similarity::EDIT_SIMILARITY,
    rouge::ROUGE_1,
    rouge::ROUGE_2,
    rouge::ROUGE_L,
    rouge::ROUGE_LSUM,
    bleu::BLEU,
    chrf::CHRF,
    chrf::CHRF_PLUS_PLUS,
    ter::TER,
    json::JSON_VALID,
    json::JSON_SCHEMA_VALID,
    matching::CONTAINS,
    matching::STARTS_WITH,
    matching::REGEX_MATCH,
    refusal::REFUSAL_RATE,
    length::ANSWER_LENGTH,
];

/// The metric called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static TextMetric> {
    TEXT_METRICS.iter().find(|metric| metric.id == id)
}

#[cfg(test)]
mod tests;
