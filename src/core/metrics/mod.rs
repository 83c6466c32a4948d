//! Metrics of models: one folder per task, one file per family, one table of all of them.
//!
//! A metric is a pure function of a [`Sample`] (what is true of some rows and what the model said). Every
//! number is that of the reference its entry names, on the same rows; where references return a made-up
//! value with a warning (precision without predicted positives, the area under the curve of one class)
//! the metric is [`Undefined`], so that nothing passes or fails on a number that means nothing. NaN goes
//! neither in nor out. What is required of a metric, and whether it holds, is left to `gates`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod attempts;
pub mod binary;
pub mod bootstrap;
mod closed;
mod columns;
pub mod detection;
pub mod estimate;
pub mod fairness;
mod feedback;
mod forecasting;
pub mod groups;
mod linearised;
pub mod looks;
mod multiclass;
mod multilabel;
pub mod options;
pub mod prepared;
mod rank;
mod ranking;
mod reference;
mod regression;
mod sample;
mod task;
pub mod text;

use std::fmt;

pub use binary::Binary;
pub use forecasting::Forecast;
pub use multiclass::Multiclass;
pub use multilabel::Multilabel;
pub use options::{OptionSpec, Options};
pub use prepared::{Prepared, Weights};
pub use rank::spearman;
pub use ranking::Ranking;
pub use reference::reference;
pub use regression::{Regression, residuals};
pub use sample::{Answers, InvalidSample, ROWS_MAX, Sample};
pub use task::Task;
pub use text::Text;

/// Makes a metric ready to be weighed on the rows of a sample.
pub type Prepare = for<'a> fn(&'a Sample, &Options) -> Result<Prepared<'a>, Undefined>;

/// A metric of a model.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Stable snake_case name, as in configuration: `roc_auc`. Two tasks may share one.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The task it judges; `None` for any.
    pub task: Option<Task>,
    /// Which way is better.
    pub direction: Direction,
    /// Smallest and largest possible value; either may be infinite.
    pub range: (f64, f64),
    /// The formula in words.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The parameters it takes.
    pub options: &'static [OptionSpec],
    /// Whether reports show it when nothing is required of it.
    pub recorded: bool,
    /// Makes it ready to be weighed.
    pub prepare: Prepare,
}

/// A metric with its parameters.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The metric.
    pub metric: &'static Metric,
    options: Options,
}

impl Metric {
    /// The metric with these parameters, the others as they are when nothing is said.
    ///
    /// # Errors
    /// A sentence for the first parameter that does not exist, is missing or out of range.
    pub fn with(&'static self, options: &Options) -> Result<Chosen, String> {
        let options = options.resolved(self.options)?;
        if self.task == Some(Task::Text) {
            text::check(self.id, &options)?;
        }
        Ok(Chosen {
            metric: self,
            options,
        })
    }

    /// The metric with the parameters it has when nothing is said, where all of them can be left out.
    #[must_use]
    pub fn plain(&'static self) -> Option<Chosen> {
        self.with(&Options::default()).ok()
    }

    /// The metric of the sample with the parameters it has when nothing is said; always finite.
    ///
    /// # Errors
    /// When it is not defined on these rows.
    pub fn compute(&'static self, sample: &Sample) -> Result<f64, Undefined> {
        let chosen = self
            .plain()
            .ok_or(Undefined::Option("a parameter must be given"))?;
        chosen.compute(sample)
    }
}

impl Chosen {
    /// The column it is of, when it is of one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        Some(self.options.text("column")).filter(|column| !column.is_empty())
    }

    /// All its parameters.
    fn options(&self) -> &Options {
        &self.options
    }

    /// The metric, ready to be weighed on the rows of the sample.
    ///
    /// # Errors
    /// When it cannot be defined on any of these rows.
    pub fn prepare<'a>(&self, sample: &'a Sample) -> Result<Prepared<'a>, Undefined> {
        if sample.is_empty() {
            return Err(Undefined::NoRows);
        }
        (self.metric.prepare)(sample, &self.options)
    }

    /// The metric of the sample; always finite.
    ///
    /// # Errors
    /// When it is not defined on these rows.
    pub fn compute(&self, sample: &Sample) -> Result<f64, Undefined> {
        self.prepare(sample)?.value(&sample.weights())
    }
}

impl fmt::Display for Chosen {
    /// The id, with the parameters that were given: `ece`, `ece(bins=10)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.metric.id)?;
        let said = self.options.said(self.metric.options);
        if said.is_empty() {
            return Ok(());
        }
        write!(formatter, "({said})")
    }
}

/// Which way a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
    /// Neither: the number describes.
    Neither,
}

/// Why a metric has no value on some rows. Reads after "is not defined: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// There is nothing to compute from.
    #[error("there are no rows")]
    NoRows,
    /// All labels are positive, or all are negative.
    #[error("the rows hold a single class")]
    SingleClass,
    /// No label is positive.
    #[error("no row is labelled positive")]
    NoPositives,
    /// No label is negative.
    #[error("no row is labelled negative")]
    NoNegatives,
    /// No prediction is positive.
    #[error("no row is predicted positive")]
    NoPredictedPositives,
    /// No prediction is negative.
    #[error("no row is predicted negative")]
    NoPredictedNegatives,
    /// No label and no prediction is positive.
    #[error("no row is labelled or predicted positive")]
    NoPositivesAtAll,
    /// All predictions are positive, or all are negative.
    #[error("every row has the same prediction")]
    SinglePrediction,
    /// Scores that are not probabilities, where probabilities are needed.
    #[error("{rows} of the scores lie outside 0 to 1")]
    NotProbabilities {
        /// How many.
        rows: u64,
    },
    /// Probabilities of 0 or 1, whose logit is infinite.
    #[error("{rows} of the probabilities are 0 or 1")]
    CertainProbabilities {
        /// How many.
        rows: u64,
    },
    /// Scores of classes that are no probabilities that sum to one.
    #[error("in {rows} rows the scores of the classes are not probabilities that sum to 1")]
    NotDistributions {
        /// How many.
        rows: u64,
    },
    /// The model gave decisions only.
    #[error("there are no scores")]
    NoScores,
    /// The model gave no intervals.
    #[error("there are no predicted intervals")]
    NoIntervals,
    /// The metric is one of another task.
    #[error("the predictions are of another task")]
    OtherTask,
    /// There is no such class.
    #[error("there is no class `{class}`")]
    NoClass {
        /// Its name.
        class: String,
    },
    /// There is no such label.
    #[error("there is no label `{label}`")]
    NoLabel {
        /// Its name.
        label: String,
    },
    /// A label without what its rate is divided by.
    #[error("label `{label}`: {undefined}")]
    Label {
        /// Its name.
        label: String,
        /// What is wrong with it.
        undefined: Box<Undefined>,
    },
    /// There is no such column.
    #[error("there is no column `{column}` of numbers")]
    NoColumn {
        /// Its name.
        column: String,
    },
    /// Values of a column are missing.
    #[error("column `{column}` has no value in {rows} rows")]
    MissingValues {
        /// Its name.
        column: String,
        /// How many.
        rows: u64,
    },
    /// Values of a column that should be flags.
    #[error("column `{column}` is neither 0 nor 1 in {rows} rows")]
    NotFlags {
        /// Its name.
        column: String,
        /// How many.
        rows: u64,
    },
    /// Values for which the formula has none.
    #[error("in {rows} rows the {what} is {such}")]
    OutOfDomain {
        /// Which column.
        what: &'static str,
        /// What is wrong with it.
        such: &'static str,
        /// How many.
        rows: u64,
    },
    /// Nothing varies, so that there is nothing to explain.
    #[error("labels or predictions do not vary")]
    ConstantLabel,
    /// Rows without anything to divide by, where nothing stands in for them.
    #[error("in {rows} rows there is nothing to divide by; `zero_division` says what stands in")]
    NothingToDivideBy {
        /// How many.
        rows: u64,
    },
    /// The formula knows no weights.
    #[error("it takes no sampling weights")]
    Weighted,
    /// A parameter with which there is no such metric.
    #[error("{0}")]
    Option(&'static str),
    /// The formula yields no finite number.
    #[error("the result is not a finite number")]
    NotFinite,
    /// A group on whose rows the metric has no value.
    #[error("group `{group}`: {undefined}")]
    Group {
        /// Name of the group.
        group: String,
        /// What is wrong with it.
        undefined: Box<Undefined>,
    },
    /// Fewer than two groups to compare.
    #[error("there are fewer than two groups to compare")]
    SingleGroup,
    /// A ratio of values that are 0 in every group is 0 / 0.
    #[error("the value is 0 in every group, so that there is no ratio")]
    ZeroInEveryGroup,
    /// A ratio of values on either side of 0 compares nothing.
    #[error("a value is below 0, so that there is no ratio")]
    NegativeRatio,
    /// No row is predicted positive that is labelled negative.
    #[error("no row is a false positive")]
    NoFalsePositives,
    /// Every row is a false negative, so that nobody has a benefit to be shared.
    #[error("every row is a false negative")]
    NoBenefits,
    /// The rows of two models are not the same rows in the same order.
    #[error("the two models are not paired row by row")]
    NotPaired,
    /// Too many resamples of a bootstrap in which the metric has no value.
    #[error("the metric has no value in {undefined} of {resamples} resamples")]
    Resamples {
        /// Resamples without a value.
        undefined: u64,
        /// Resamples drawn.
        resamples: u64,
    },
    /// A bootstrap without resamples.
    #[error("the plan of the bootstrap has no resamples")]
    InvalidPlan,
    /// Too little to say how sure a number is.
    #[error("{0}")]
    TooFew(String),
    /// The uncertainty of a number cannot be worked out.
    #[error("{0}")]
    Uncertainty(String),
    /// No formula gives the uncertainty, and nothing was resampled.
    #[error("nothing was resampled")]
    NotResampled,
    /// Several attempts at one thing are needed, and nothing says which rows are.
    #[error("`gate.columns.cluster` must say which rows are attempts at the same item")]
    NoClusters,
    /// No query has a relevant item.
    #[error("no query has a relevant item")]
    NoRelevant,
    /// No query has items to tell apart.
    #[error("no query has both a relevant and another item")]
    NoPairs,
    /// The items of queries have no key.
    #[error("the items have no key: `columns.id` names the column of it")]
    NoItems,
    /// A catalogue with fewer items than there are.
    #[error("`catalogue` is smaller than the {items} different items of the file")]
    SmallCatalogue {
        /// How many different items there are.
        items: u64,
    },
    /// The model gave no quantiles.
    #[error("there are no predicted quantiles: `columns.quantiles` names their columns")]
    NoQuantiles,
    /// The model gave no quantile of this level.
    #[error("there is no predicted quantile of level {level}")]
    NoQuantile {
        /// The level.
        level: String,
    },
    /// Nothing is known of it that holds at repeated looks.
    #[error("no interval of it is known that holds at repeated looks: {0}")]
    NoSequence(&'static str),
    /// No object is to be found.
    #[error("the truth has no object of this kind")]
    NoObjects,
    /// Several rows of a series have the same time.
    #[error("a series has several rows at one time, so that none is the one before")]
    RepeatedTimes,
    /// Texts that cannot be compared.
    #[error(transparent)]
    Text(#[from] text::NotComparable),
}

/// Every metric of a task, in the order reports list them; those of any task last.
pub fn of_task(task: Task) -> impl Iterator<Item = &'static Metric> {
    let of: &'static [&'static [Metric]] = match task {
        Task::Binary => &[binary::METRICS],
        Task::Multiclass => &[multiclass::METRICS],
        Task::Regression => &[regression::METRICS],
        Task::Multilabel => &[multilabel::METRICS],
        Task::Text => &[text::METRICS],
        Task::Ranking => &[ranking::METRICS],
        // A forecast is a number too.
        Task::Forecasting => &[forecasting::METRICS, regression::METRICS],
        Task::Detection => &[detection::METRICS],
    };
    of.iter().copied().flatten().chain(columns::METRICS)
}

/// Every metric, by task.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    let tables = [
        binary::METRICS,
        multiclass::METRICS,
        regression::METRICS,
        multilabel::METRICS,
        text::METRICS,
        ranking::METRICS,
        forecasting::METRICS,
        detection::METRICS,
        columns::METRICS,
    ];
    tables.into_iter().flatten()
}

/// The metric of a task called `id`.
#[must_use]
pub fn find(task: Task, id: &str) -> Option<&'static Metric> {
    of_task(task).find(|metric| metric.id == id)
}

#[cfg(test)]
mod task_tests;
#[cfg(test)]
mod tests;
