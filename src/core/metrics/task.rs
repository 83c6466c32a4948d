//! What models answer: the tasks, by which metrics are told apart.

use std::fmt;

/// What a model answers, and so which metrics there are.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of two classes, one of them called positive.
    #[default]
    Binary,
    /// One of several classes.
    Multiclass,
    /// A number.
    Regression,
    /// Any number of several labels.
    Multilabel,
    /// A text.
    Text,
    /// The order of the items of a query.
    Ranking,
    /// Numbers of series in time.
    Forecasting,
    /// Objects in images, as boxes.
    Detection,
}

impl Task {
    /// Its name in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::Multilabel => "multilabel",
            Self::Text => "text",
            Self::Ranking => "ranking",
            Self::Forecasting => "forecasting",
            Self::Detection => "detection",
        }
    }

    /// What one row of its samples is, and several.
    #[must_use]
    pub fn unit(self) -> (&'static str, &'static str) {
        match self {
            Self::Binary
            | Self::Multiclass
            | Self::Regression
            | Self::Multilabel
            | Self::Text
            | Self::Forecasting => ("row", "rows"),
            Self::Ranking => ("query", "queries"),
            Self::Detection => ("image", "images"),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
