//! The rows a model was evaluated on: what is true of them and what the model said, by task.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Undefined;
use super::binary::Binary;
use super::detection::Detections;
use super::forecasting::Forecast;
use super::multiclass::Multiclass;
use super::multilabel::Multilabel;
use super::prepared::Weights;
use super::ranking::Ranking;
use super::regression::Regression;
use super::task::Task;
use super::text::Text;

/// Rows a sample may hold: they are numbered in 32 bits, one of which is kept free.
pub const ROWS_MAX: usize = 1 << 31;

/// The answers of one model, with the truth beside them.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// One of two classes.
    Binary(Binary),
    /// One of several classes.
    Multiclass(Multiclass),
    /// A number.
    Regression(Regression),
    /// Any number of several labels.
    Multilabel(Multilabel),
    /// A text.
    Text(Text),
    /// The order of the items of a query; a row is a query.
    Ranking(Ranking),
    /// Numbers of series in time.
    Forecasting(Forecast),
    /// Objects in images; a row is an image.
    Detection(Detections),
}

/// The rows of one model, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    answers: Answers,
    weight: Option<Vec<f64>>,
    cluster: Option<Vec<u32>>,
    columns: BTreeMap<String, Vec<f64>>,
}

/// Why some rows are not a sample.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSample {
    /// The columns are not equally long.
    #[error("{what} has {found} values for {rows} rows")]
    LengthsDiffer {
        /// Which column.
        what: String,
        /// Its length.
        found: usize,
        /// The number of labels.
        rows: usize,
    },
    /// A number is NaN or infinite where it must not be.
    #[error("the {what} of row {row_number} is not a finite number")]
    NotFinite {
        /// Which column.
        what: &'static str,
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// A number below zero where none may be.
    #[error("the {what} of row {row_number} is negative")]
    Negative {
        /// Which column.
        what: &'static str,
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// A key that occurs twice.
    #[error("the {what} of row {row_number} occurs twice in its query")]
    Repeated {
        /// Which column.
        what: &'static str,
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// Levels of quantiles that are none.
    #[error("the levels of quantiles are not different numbers between 0 and 1")]
    Levels,
    /// A weight below zero, NaN or infinite.
    #[error("the weight of row {row_number} is not a number of at least 0")]
    Weight {
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// A label or a prediction that is none of the classes.
    #[error("the {what} of row {row_number} is none of the {classes} classes")]
    Class {
        /// Which column.
        what: &'static str,
        /// Number of the row, from 1.
        row_number: u64,
        /// How many classes there are.
        classes: usize,
    },
    /// An image that is none of the truth.
    #[error("the image of row {row_number} is none of the truth")]
    Image {
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// More than [`ROWS_MAX`] rows.
    #[error("{rows} rows are more than the {ROWS_MAX} that can be ranked")]
    TooManyRows {
        /// How many.
        rows: usize,
    },
}

impl Answers {
    /// Which task they answer.
    #[must_use]
    pub fn task(&self) -> Task {
        match self {
            Self::Binary(_) => Task::Binary,
            Self::Multiclass(_) => Task::Multiclass,
            Self::Regression(_) => Task::Regression,
            Self::Multilabel(_) => Task::Multilabel,
            Self::Text(_) => Task::Text,
            Self::Ranking(_) => Task::Ranking,
            Self::Forecasting(_) => Task::Forecasting,
            Self::Detection(_) => Task::Detection,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Binary(binary) => binary.label().len(),
            Self::Multiclass(multiclass) => multiclass.label().len(),
            Self::Regression(regression) => regression.label().len(),
            Self::Multilabel(multilabel) => multilabel.rows(),
            Self::Text(text) => text.rows(),
            Self::Ranking(ranking) => ranking.queries(),
            Self::Forecasting(forecast) => forecast.numbers().label().len(),
            Self::Detection(detections) => detections.images(),
        }
    }

    fn select(&self, rows: &[u32]) -> Self {
        match self {
            Self::Binary(binary) => Self::Binary(binary.select(rows)),
            Self::Multiclass(multiclass) => Self::Multiclass(multiclass.select(rows)),
            Self::Regression(regression) => Self::Regression(regression.select(rows)),
            Self::Multilabel(multilabel) => Self::Multilabel(multilabel.select(rows)),
            Self::Text(text) => Self::Text(text.select(rows)),
            Self::Ranking(ranking) => Self::Ranking(ranking.select(rows)),
            Self::Forecasting(forecast) => Self::Forecasting(forecast.select(rows)),
            Self::Detection(detections) => Self::Detection(detections.select(rows)),
        }
    }

    /// In how many rows the truth differs from that of `other`, which speaks of the same rows.
    #[must_use]
    pub fn labels_differing(&self, other: &Self) -> u64 {
        fn count<T: PartialEq>(left: &[T], right: &[T]) -> u64 {
            left.iter().zip(right).filter(|(a, b)| a != b).count() as u64
        }
        match (self, other) {
            (Self::Binary(left), Self::Binary(right)) => count(left.label(), right.label()),
            (Self::Multiclass(left), Self::Multiclass(right)) => {
                let named = |rows: &Multiclass| -> Vec<String> {
                    let name = |class: &u32| rows.classes()[*class as usize].clone();
                    rows.label().iter().map(name).collect()
                };
                if left.classes() == right.classes() {
                    count(left.label(), right.label())
                } else {
                    count(&named(left), &named(right))
                }
            }
            (Self::Regression(left), Self::Regression(right)) => count(left.label(), right.label()),
            (Self::Multilabel(left), Self::Multilabel(right)) => left.labels_differing(right),
            (Self::Text(left), Self::Text(right)) => left.references_differing(right),
            (Self::Ranking(left), Self::Ranking(right)) => left.queries_differing(right),
            (Self::Forecasting(left), Self::Forecasting(right)) => {
                count(left.numbers().label(), right.numbers().label())
            }
            (Self::Detection(left), Self::Detection(right)) => left.images_differing(right),
            (_, _) => self.rows().max(other.rows()) as u64,
        }
    }
}

impl From<Binary> for Answers {
    fn from(binary: Binary) -> Self {
        Self::Binary(binary)
    }
}

impl From<Multiclass> for Answers {
    fn from(multiclass: Multiclass) -> Self {
        Self::Multiclass(multiclass)
    }
}

impl From<Regression> for Answers {
    fn from(regression: Regression) -> Self {
        Self::Regression(regression)
    }
}

impl Sample {
    /// The rows with these answers, one weight each.
    ///
    /// # Errors
    /// When there are too many rows.
    pub fn new(answers: impl Into<Answers>) -> Result<Self, InvalidSample> {
        let answers = answers.into();
        let rows = answers.rows();
        if ROWS_MAX < rows {
            return Err(InvalidSample::TooManyRows { rows });
        }
        Ok(Self {
            answers,
            weight: None,
            cluster: None,
            columns: BTreeMap::new(),
        })
    }

    /// The same rows with sampling weights.
    ///
    /// # Errors
    /// When there are not as many as rows, or one is negative or not finite.
    pub fn weighted(self, weight: Vec<f64>) -> Result<Self, InvalidSample> {
        self.fits("the column of weights", weight.len())?;
        let wrong = weight
            .iter()
            .position(|weight| !(weight.is_finite() && 0.0 <= *weight));
        if let Some(row) = wrong {
            return Err(InvalidSample::Weight {
                row_number: row as u64 + 1,
            });
        }
        Ok(Self {
            weight: Some(weight),
            ..self
        })
    }

    /// The same rows, of which those of one cluster (a customer, a session, a question asked several
    /// times) are not independent of each other.
    ///
    /// # Errors
    /// When there are not as many as rows.
    pub fn clustered(self, cluster: Vec<u32>) -> Result<Self, InvalidSample> {
        self.fits("the column of clusters", cluster.len())?;
        Ok(Self {
            cluster: Some(cluster),
            ..self
        })
    }

    /// The same rows with one more column of numbers; NaN where a value is missing.
    ///
    /// # Errors
    /// When there are not as many values as rows.
    pub fn with_column(
        mut self,
        name: impl Into<String>,
        values: Vec<f64>,
    ) -> Result<Self, InvalidSample> {
        let name = name.into();
        self.fits(&format!("column `{name}`"), values.len())?;
        self.columns.insert(name, values);
        Ok(self)
    }

    fn fits(&self, what: &str, found: usize) -> Result<(), InvalidSample> {
        if found == self.len() {
            return Ok(());
        }
        Err(InvalidSample::LengthsDiffer {
            what: what.to_owned(),
            found,
            rows: self.len(),
        })
    }

    /// The rows with these numbers, in their order; numbers beyond the last row are left out.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        Self {
            answers: self.answers.select(rows),
            weight: self.weight.as_deref().map(|weight| picked(weight, rows)),
            cluster: self.cluster.as_deref().map(|cluster| picked(cluster, rows)),
            columns: self
                .columns
                .iter()
                .map(|(name, values)| (name.clone(), picked(values, rows)))
                .collect(),
        }
    }

    /// Orders two rows by what the model said of them.
    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        match &self.answers {
            Answers::Binary(binary) => binary.compare_rows(left, right),
            Answers::Multiclass(multiclass) => multiclass.compare_rows(left, right),
            Answers::Regression(regression) => regression.compare_rows(left, right),
            Answers::Multilabel(multilabel) => multilabel.compare_rows(left, right),
            Answers::Text(text) => text.compare_rows(left, right),
            Answers::Ranking(ranking) => ranking.compare_rows(left, right),
            Answers::Forecasting(forecast) => forecast.numbers().compare_rows(left, right),
            Answers::Detection(detections) => detections.compare_rows(left, right),
        }
        .then_with(|| {
            let weight = |row: usize| self.weight.as_ref().map(|weight| weight[row]);
            let (left, right) = (weight(left), weight(right));
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.answers.rows()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is true and what the model said.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The sampling weights, when there are.
    #[must_use]
    pub fn weights(&self) -> Weights<'_> {
        Weights::of(self.len(), self.weight.as_deref())
    }

    /// The sampling weight of each row, when there are such.
    #[must_use]
    pub fn sampling(&self) -> Option<&[f64]> {
        self.weight.as_deref()
    }

    /// Whether rows have sampling weights.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.weight.is_some()
    }

    /// The cluster of each row, when rows are not independent: the one that was given, or what forecasts
    /// share by nature.
    #[must_use]
    pub fn cluster(&self) -> Option<&[u32]> {
        match (&self.cluster, &self.answers) {
            (Some(cluster), _) => Some(cluster),
            (None, Answers::Forecasting(forecast)) => Some(forecast.dependent()),
            (None, _) => None,
        }
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn column(&self, name: &str) -> Result<&[f64], Undefined> {
        let values = self.columns.get(name).map(Vec::as_slice);
        values.ok_or_else(|| Undefined::NoColumn {
            column: name.to_owned(),
        })
    }
}

/// The values of these rows.
pub(super) fn picked<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    let value = |row: &u32| values.get(*row as usize).copied();
    let mut picked = Vec::with_capacity(rows.len());
    picked.extend(rows.iter().filter_map(value));
    picked
}

/// Checks that all numbers are finite.
pub(super) fn finite(what: &'static str, values: &[f64]) -> Result<(), InvalidSample> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(InvalidSample::NotFinite {
            what,
            row_number: row as u64 + 1,
        }),
    }
}

/// Checks that a column is as long as the labels.
pub(super) fn as_long(what: &str, found: usize, rows: usize) -> Result<(), InvalidSample> {
    if found == rows {
        return Ok(());
    }
    Err(InvalidSample::LengthsDiffer {
        what: what.to_owned(),
        found,
        rows,
    })
}
