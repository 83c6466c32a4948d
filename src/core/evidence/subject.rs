//! What a piece of evidence speaks of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a piece of evidence speaks of, with its names.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A dataset as a whole.
    Dataset {
        /// Name of the dataset.
        dataset: String,
    },
    /// One column of a dataset.
    Column {
        /// Name of the dataset.
        dataset: String,
        /// Name of the column.
        column: String,
    },
    /// Some rows of a dataset, or a column in them: a slice, or what a filter leaves.
    Rows {
        /// Name of the dataset.
        dataset: String,
        /// Name of the column; absent for the rows as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
        /// The rows, as `column=value` or in words.
        rows: String,
    },
    /// A metric of a model over all rows.
    Metric {
        /// Name of the model.
        model: String,
        /// Name of the metric.
        metric: String,
    },
    /// A metric of a model over the rows of one slice.
    Slice {
        /// Name of the model.
        model: String,
        /// Name of the metric.
        metric: String,
        /// The slice, as `column=value`, or the grouping column alone.
        slice: String,
    },
    /// A model as a whole.
    Model {
        /// Name of the model.
        model: String,
    },
    /// One file, by its path relative to what contains it.
    File {
        /// Relative path with `/` between its parts.
        path: String,
    },
    /// The model card of a model.
    Card {
        /// Name of the model.
        model: String,
    },
    /// A signature or attestation about a model.
    Signature {
        /// Name of the model.
        model: String,
        /// What is signed: `model`, `gate`, `data-validation` …
        claim: String,
    },
    /// A model in a stage of a registry.
    Release {
        /// Name of the model.
        model: String,
        /// Name of the stage.
        stage: String,
    },
}

impl Subject {
    /// The dataset it is, or is part of.
    #[must_use]
    pub fn dataset(&self) -> Option<&str> {
        match self {
            Self::Dataset { dataset }
            | Self::Column { dataset, .. }
            | Self::Rows { dataset, .. } => Some(dataset),
            Self::Metric { .. }
            | Self::Slice { .. }
            | Self::Model { .. }
            | Self::File { .. }
            | Self::Card { .. }
            | Self::Signature { .. }
            | Self::Release { .. } => None,
        }
    }

    /// The column it is, or rows of it are.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column { column, .. } => Some(column),
            Self::Rows { column, .. } => column.as_deref(),
            Self::Dataset { .. }
            | Self::Metric { .. }
            | Self::Slice { .. }
            | Self::Model { .. }
            | Self::File { .. }
            | Self::Card { .. }
            | Self::Signature { .. }
            | Self::Release { .. } => None,
        }
    }

    /// The kind of subject as one lower-case word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dataset { .. } => "dataset",
            Self::Column { .. } => "column",
            Self::Rows { .. } => "rows",
            Self::Metric { .. } => "metric",
            Self::Slice { .. } => "slice",
            Self::Model { .. } => "model",
            Self::File { .. } => "file",
            Self::Card { .. } => "card",
            Self::Signature { .. } => "signature",
            Self::Release { .. } => "release",
        }
    }

    /// The names of the subject, joined by `/`: what a waiver names and a person can type.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Dataset { dataset } => dataset.clone(),
            Self::Column { dataset, column } => format!("{dataset}/{column}"),
            Self::Rows {
                dataset,
                column: Some(column),
                rows,
            } => format!("{dataset}/{column}/{rows}"),
            Self::Rows {
                dataset,
                column: None,
                rows,
            } => format!("{dataset}/{rows}"),
            Self::Metric { model, metric } => format!("{model}/{metric}"),
            Self::Slice {
                model,
                metric,
                slice,
            } => format!("{model}/{metric}/{slice}"),
            Self::Model { model } | Self::Card { model } => model.clone(),
            Self::File { path } => path.clone(),
            Self::Signature { model, claim } => format!("{model}/{claim}"),
            Self::Release { model, stage } => format!("{model}/{stage}"),
        }
    }
}

/// Reads inside a sentence: "column `age` of `current`".
impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset { dataset } => write!(formatter, "dataset `{dataset}`"),
            Self::Column { dataset, column } => {
                write!(formatter, "column `{column}` of `{dataset}`")
            }
            Self::Rows {
                dataset,
                column: Some(column),
                rows,
            } => write!(
                formatter,
                "column `{column}` of `{dataset}` on the rows with {rows}"
            ),
            Self::Rows {
                dataset,
                column: None,
                rows,
            } => write!(formatter, "dataset `{dataset}` on the rows with {rows}"),
            Self::Metric { model, metric } => write!(formatter, "`{metric}` of `{model}`"),
            Self::Slice {
                model,
                metric,
                slice,
            } => write!(formatter, "`{metric}` of `{model}` on `{slice}`"),
            Self::Model { model } => write!(formatter, "model `{model}`"),
            Self::File { path } => write!(formatter, "file `{path}`"),
            Self::Card { model } => write!(formatter, "card of `{model}`"),
            Self::Signature { model, claim } => {
                write!(formatter, "signature of `{claim}` for `{model}`")
            }
            Self::Release { model, stage } => write!(formatter, "`{model}` in `{stage}`"),
        }
    }
}
