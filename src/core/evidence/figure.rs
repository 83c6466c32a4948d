//! Curves that evidence carries for people to look at: numbers, not pictures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A plot as data. Renderers draw it; nothing is decided from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// Stable kebab-case name: `roc`, `calibration`, `slices-roc-auc`.
    pub id: String,
    /// What the figure shows, as a title.
    pub title: String,
    /// Label of the horizontal axis, with its unit.
    pub x_label: String,
    /// Label of the vertical axis, with its unit.
    pub y_label: String,
    /// The lines or groups of bars.
    pub series: Vec<Series>,
}

/// One line, or one group of bars, of a [`Figure`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// What the series is about: `candidate`, `champion`.
    pub name: String,
    /// `[x, y]` pairs, all finite, in drawing order. For bars, x counts from 0.
    pub points: Vec<[f64; 2]>,
    /// Names of the points, for bars; empty or as long as `points`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// How many rows stand behind each point; empty or as long as `points`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<u64>,
}
