//! What one model said about the rows of a test set.

use std::collections::BTreeMap;

use super::Groups;
use super::keys::Keys;
use crate::metrics::{InvalidSample, Sample, Task};

/// What one model said about the rows of a test set, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    model: String,
    ids: Keys,
    sample: Sample,
    groups: BTreeMap<String, Groups>,
}

/// Why columns are not predictions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPredictions {
    /// The columns of labels, scores and predictions do not fit together.
    #[error(transparent)]
    Sample(#[from] InvalidSample),
    /// A column is longer or shorter than the labels.
    #[error("column `{column}` has {found} values for {rows} rows")]
    LengthDiffers {
        /// Name of the column.
        column: String,
        /// Its length.
        found: usize,
        /// The number of labels.
        rows: usize,
    },
}

/// The decision for each score: positive when it is at or above `threshold`.
#[must_use]
pub fn decide(score: &[f64], threshold: f64) -> Vec<bool> {
    score.iter().map(|score| threshold <= *score).collect()
}

impl Predictions {
    /// The predictions of `model`. `ids` is empty when rows have no key; `groups` holds the values of
    /// every column that slices or groups rows.
    ///
    /// # Errors
    /// When columns differ in length.
    pub fn new(
        model: impl Into<String>,
        ids: impl Into<Keys>,
        sample: Sample,
        groups: BTreeMap<String, impl Into<Groups>>,
    ) -> Result<Self, InvalidPredictions> {
        let ids = ids.into();
        let groups = groups.into_iter();
        let groups: BTreeMap<String, Groups> = groups
            .map(|(column, values)| (column, values.into()))
            .collect();
        let rows = sample.len();
        let fits = |column: &str, found: usize| {
            if found == rows {
                return Ok(());
            }
            Err(InvalidPredictions::LengthDiffers {
                column: column.to_owned(),
                found,
                rows,
            })
        };
        if !ids.is_empty() {
            fits("id", ids.len())?;
        }
        for (column, values) in &groups {
            fits(column, values.len())?;
        }
        Ok(Self {
            model: model.into(),
            ids,
            sample,
            groups,
        })
    }

    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What the model answers.
    #[must_use]
    pub fn task(&self) -> Task {
        self.sample.answers().task()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.sample.len() as u64
    }

    /// The key of every row, or nothing when rows have none.
    #[must_use]
    pub fn ids(&self) -> &Keys {
        &self.ids
    }

    /// The values of a column that slices or groups rows.
    #[must_use]
    pub fn group(&self, column: &str) -> Option<&Groups> {
        self.groups.get(column)
    }

    /// The rows as metrics take them.
    #[must_use]
    pub fn sample(&self) -> &Sample {
        &self.sample
    }
}
