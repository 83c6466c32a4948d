//! The `drift` section of the configuration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effect::RESOLUTION_DEFAULT;
use super::embedding::EmbeddingSpec;
use crate::evidence::Severity;
use crate::statistics::Correction;

/// How far the columns of a dataset may have moved from a reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {
    /// The dataset the model was built for, by its name under `datasets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Instead of `reference`: file with the profile of it that `data profile` wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_profile: Option<String>,
    /// The dataset to compare with it, by its name under `datasets`.
    pub current: String,
    /// Columns to compare; without it, every column both have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// `default`, `evidently`, `tfdv`, or a list of statistics with thresholds. Without it, what `psi`
    /// and `ks` say, and `default` when they are not there either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Largest population stability index allowed, ≥ 0. A common reading: below 0.1 stable, above 0.25
    /// a different population. Short for `{statistic: psi, at_most: …}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// Largest Kolmogorov-Smirnov statistic allowed, 0 to 1; numeric columns only. Short for
    /// `{statistic: ks, at_most: …}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<f64>,
    /// The threshold of `default` (without it 0.1: the distance a column must be shown to exceed), of
    /// `evidently` (without it that of its method) and of `tfdv` (without it 0.01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Confidence in all columns together, a fraction in (0, 1).
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// How the error rate is shared among columns.
    #[serde(default)]
    pub correction: Correction,
    /// Most that chance may have moved a distance of `default` for its column to be judged, in (0, 1].
    #[serde(default = "default_resolution")]
    pub resolution: f64,
    /// What NaN and infinities are.
    #[serde(default)]
    pub not_finite: NotFinite,
    /// What is different for some columns, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, ColumnSpec>,
    /// Vectors to compare as a whole, by names of their own. Their columns are not compared one by one
    /// unless `columns` names them; slices do not divide them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub embeddings: BTreeMap<String, EmbeddingSpec>,
    /// Columns by whose values everything is compared once more, slice by slice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<String>,
    /// Columns that are targets: their drift is `drift-target`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<String>,
    /// Columns that are predictions: their drift is `drift-prediction`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prediction: Vec<String>,
    /// How many columns may drift. With it, `drift-dataset` has the severity of the section, and
    /// columns without one of their own are information.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Values below which, on either side, a column is not judged.
    #[serde(default = "default_rows_min")]
    pub rows_min: u64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// What decides whether a column has drifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`method` must be `default`, `evidently`, `tfdv` or a list of `{statistic, at_most, p_value_at_least}`"
)]
pub enum Method {
    /// By name.
    Named(NamedMethod),
    /// Each statistic against its threshold.
    Statistics(Vec<Threshold>),
}

/// A method by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedMethod {
    /// The size of the effect with an interval, corrected over the columns.
    Default,
    /// What Evidently 0.7 says, with its defects.
    Evidently,
    /// What TensorFlow Data Validation says, with its habits.
    Tfdv,
}

/// A statistic and what it must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Name of the statistic: `psi`, `ks`, `wasserstein_normalized`, `js_distance_2` …
    pub statistic: String,
    /// Largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Smallest p-value allowed, after the correction over columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value_at_least: Option<f64>,
}

/// What NaN and infinities are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotFinite {
    /// An error of the data: such a column is not evaluated.
    #[default]
    Refuse,
    /// Nulls.
    Missing,
}

/// What is different for one column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// What decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The threshold of a method by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The method of Evidently, by its name there: `psi`, `wasserstein`, `chisquare` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stattest: Option<String>,
    /// What the column is, when its type does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Values below which, on either side, it is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_min: Option<u64>,
    /// How much it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What a column is, when its type does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers that are names of categories.
    Categorical,
    /// Texts to be read: `default` compares their lengths.
    Text,
}

/// How many columns may drift.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Largest share of columns, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_max: Option<f64>,
    /// Share of columns that is too many; Evidently's `drift_share`, 0.5 there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_below: Option<f64>,
    /// Largest number of columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns_max: Option<u64>,
}

fn default_rows_min() -> u64 {
    100
}

fn default_confidence() -> f64 {
    0.95
}

fn default_resolution() -> f64 {
    RESOLUTION_DEFAULT
}

/// Something wrong with a configuration: the key within the section (`psi`) and a sentence.
pub type Problem = (String, String);

impl DriftSpec {
    /// The name of what is compared with: the dataset or the file of its profile.
    #[must_use]
    pub fn reference_name(&self) -> &str {
        let name = self
            .reference
            .as_deref()
            .or(self.reference_profile.as_deref());
        name.unwrap_or_default()
    }

    /// The error rate of all columns together.
    #[must_use]
    pub fn error_rate(&self) -> f64 {
        1.0 - self.confidence
    }

    /// Everything wrong with the section that can be known without data, in its order.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        super::spec_check::problems(self)
    }
}
