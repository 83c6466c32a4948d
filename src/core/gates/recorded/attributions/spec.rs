//! What is required of attributions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Severity;

/// What is required of how much features move predictions. The importance of a feature is the mean of the
/// absolute values of its attributions, its share is that divided by the sum over all features.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributionRule {
    /// Largest share any one feature may have, a fraction: one that has nearly all of it is often a leak of
    /// the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_at_most: Option<f64>,
    /// Features predictions must not rest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forbidden: Option<ForbiddenFeatures>,
    /// Features predictions must rest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_top: Option<TopFeatures>,
    /// How many of the most important features `overlap_at_least` compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub top: Option<u64>,
    /// Least overlap of the `top` features with those of the champion, a fraction: how many are in both,
    /// divided by how many are in either (Jaccard).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_at_least: Option<f64>,
    /// Least rank correlation of importance with that of the champion over the features both have
    /// (Spearman), from -1 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_correlation_at_least: Option<f64>,
    /// Whether predictions rise or fall with features: `{income: positive}`. It is the sign of the rank
    /// correlation of the values of a feature with its attributions, and needs those values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signs: BTreeMap<String, Sign>,
    /// Largest difference of base and attributions of a row from the output of the model, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additivity_error_at_most: Option<f64>,
    /// Least median of how well local surrogates fit (R² of LIME).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit_at_least: Option<f64>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Features predictions must not rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForbiddenFeatures {
    /// Patterns of their names, with `*` for any characters.
    #[schemars(length(min = 1))]
    pub features: Vec<String>,
    /// Largest share all of them together may have, a fraction; none when nothing is said.
    #[serde(default)]
    pub share_at_most: f64,
}

/// Features that must be among the most important ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopFeatures {
    /// Their names.
    #[schemars(length(min = 1))]
    pub features: Vec<String>,
    /// Among how many.
    #[schemars(range(min = 1))]
    pub top: u64,
}

/// Whether predictions rise or fall with a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// They rise.
    Positive,
    /// They fall.
    Negative,
}
