//! What the configuration says of splits, labels, serving, personal data, slices, partitions and history,
//! and the checks that follow from it.
//!
//! ```yaml
//! data:
//!   splits:   { training: train, evaluation: [validation, test], key: [id], entities: [user_id], time: created_at }
//!   labels:   { column: churned, positive: "1" }
//!   features: { constant: { share_max: 0.99 } }
//!   serving:  { dataset: served, reference: train, key: [id] }
//!   personal: { allow: [email] }
//!   slices:   [{ columns: [region], rows_min: 50 }]
//! ```

mod features;
mod plan;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LabelKind, NearNumber, PartitionUnit};
use crate::evidence::{Bound, Severity};
use crate::measure::{Closeness, PersonalKind, Shingling};

pub use features::{
    ConstantSpec, CorrelationSpec, FeaturesSpec, IdentifiersSpec, MixedTypesSpec,
    SpecialCharactersSpec, StringVariantsSpec,
};
pub use plan::{MlDataset, MlHistory, MlPlan, Problem, plan};

/// The sections, each a key of `data`. A section that is absent demands nothing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MlSpec {
    /// Which datasets are splits of one, and what they must not share.
    pub splits: Option<SplitsSpec>,
    /// The label and what may not tell it.
    pub labels: Option<LabelsSpec>,
    /// What each feature must be.
    pub features: Option<FeaturesSpec>,
    /// What was served beside what was trained on.
    pub serving: Option<ServingSpec>,
    /// Personal data and secrets.
    pub personal: Option<PersonalSpec>,
    /// Slices that need enough rows.
    pub slices: Vec<SlicesSpec>,
    /// Partitions that must arrive.
    pub partitions: Vec<PartitionsSpec>,
    /// Volume against earlier runs.
    pub history: Option<HistorySpec>,
}

/// Which datasets are splits of one, and what they must not share.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitsSpec {
    /// The dataset the model is trained on.
    pub training: String,
    /// The datasets it is chosen and judged by: validation, test. Each is held against training and
    /// against those before it.
    pub evaluation: Vec<String>,
    /// Whether whole rows are compared, in every column both splits have but those of the key.
    #[serde(default = "yes")]
    pub rows: bool,
    /// Columns that identify a row; no key may be in two splits.
    #[serde(default)]
    pub key: Vec<String>,
    /// Columns of persons or groups; none may be in two splits.
    #[serde(default)]
    pub entities: Vec<String>,
    /// The column of the time: evaluation must lie after training.
    #[serde(default)]
    pub time: Option<String>,
    /// Whether times are compared for each entity too.
    #[serde(default)]
    pub time_by_entity: bool,
    /// What makes rows nearly the same; not looked for when absent.
    #[serde(default)]
    pub near: Option<NearSpec>,
    /// Largest fraction of the rows of an evaluation split that may be shared; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub shared_max: f64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// What makes rows nearly the same.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearSpec {
    /// Columns of text.
    #[serde(default)]
    pub texts: Vec<String>,
    /// Columns of numbers with how close is near.
    #[serde(default)]
    pub numbers: BTreeMap<String, f64>,
    /// Columns that must be equal.
    #[serde(default)]
    pub equal: Vec<String>,
    /// Least similarity of texts.
    #[serde(default = "four_fifths")]
    #[schemars(range(min = 0, max = 1))]
    pub similarity_min: f64,
    /// How texts are cut.
    #[serde(default)]
    pub shingles: Shingling,
}

/// The label and what may not tell it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelsSpec {
    /// The column of the label, in the splits.
    pub column: String,
    /// What it is.
    #[serde(default)]
    pub kind: LabelKind,
    /// Classes there must be, as text; no other may be.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Features; by default every column that is no label, key, entity, time or annotator.
    #[serde(default)]
    pub features: Vec<String>,
    /// Columns that are no features.
    #[serde(default)]
    pub without: Vec<String>,
    /// Largest power of a feature alone: area under the ROC curve, or adjusted R²; 0.95 by default.
    #[serde(default = "power_max")]
    #[schemars(range(min = 0, max = 1))]
    pub power_max: f64,
    /// Least share of a class; 0.01 by default.
    #[serde(default = "one_in_a_hundred")]
    #[schemars(range(min = 0, max = 1))]
    pub share_min: f64,
    /// Largest difference of the share of a class between splits; 0.05 by default.
    #[serde(default = "one_in_twenty")]
    #[schemars(range(min = 0, max = 1))]
    pub shift_max: f64,
    /// Largest fraction of rows with conflicting labels; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub conflicts_max: f64,
    /// The column of the time the label was known at.
    #[serde(default)]
    pub known_at: Option<String>,
    /// Days labels may take after the time of the splits, for 95 in 100 of them.
    #[serde(default)]
    pub delay_days_max: Option<f64>,
    /// Columns of labels by several annotators.
    #[serde(default)]
    pub annotators: Vec<String>,
    /// What Krippendorff's alpha of the annotators must be; at least 0.667 by default.
    #[serde(default = "tentative")]
    pub agreement: Bound,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// What was served beside what was trained on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServingSpec {
    /// The dataset of what was served.
    pub dataset: String,
    /// The dataset of what was trained on.
    pub reference: String,
    /// Columns that are not served: the label and what follows from it.
    #[serde(default)]
    pub without: Vec<String>,
    /// Largest difference of null fractions; 0.05 by default.
    #[serde(default = "one_in_twenty")]
    #[schemars(range(min = 0, max = 1))]
    pub nulls_max: f64,
    /// Largest fraction of rows with a category that was not trained on; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub new_categories_max: f64,
    /// Columns that join both, for comparing values; not compared when empty.
    #[serde(default)]
    pub key: Vec<String>,
    /// How far numbers may be apart, by column; 0 where absent.
    #[serde(default)]
    pub closeness: BTreeMap<String, Closeness>,
    /// Largest fraction of joined rows that may differ; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub differing_max: f64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Personal data and secrets, in every dataset.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonalSpec {
    /// Kinds that may be there.
    pub allow: Vec<PersonalKind>,
    /// Columns that may hold any kind, by `dataset.column` or `column`.
    pub allow_columns: Vec<String>,
    /// Whether names of columns are read too.
    pub names: bool,
    /// How much it matters.
    pub severity: Severity,
}

/// Slices that need enough rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlicesSpec {
    /// Datasets; the evaluation splits when empty.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// One column for slices, two for pairs.
    pub columns: Vec<String>,
    /// Rows each must have.
    #[serde(default = "thirty")]
    pub rows_min: u64,
    /// The value of the label that is positive, and the rows with it each must have.
    #[serde(default)]
    pub positives: Option<PositivesSpec>,
    /// How many slices may have fewer.
    #[serde(default)]
    pub budget: u64,
    /// The dataset whose slices must all be there, and no other.
    #[serde(default)]
    pub reference: Option<String>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Rows with a positive label each slice must have.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PositivesSpec {
    /// The value that is positive, as text.
    pub positive: String,
    /// Rows each slice must have.
    pub rows_min: u64,
}

/// Partitions that must arrive.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartitionsSpec {
    /// The dataset.
    pub dataset: String,
    /// The column of dates, hours or times.
    pub column: String,
    /// How long a partition is; the sequence is not held to be complete when absent.
    #[serde(default)]
    pub every: Option<PartitionUnit>,
    /// How many days or hours the newest may lag behind.
    #[serde(default = "one")]
    pub lag: u32,
    /// Dates that need not be there.
    #[serde(default)]
    pub without: Vec<String>,
    /// Columns that make partitions which must each be fresh.
    #[serde(default)]
    pub by: Vec<String>,
    /// Largest age of the newest row of each, in days.
    #[serde(default)]
    pub days_max: Option<f64>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Volume against earlier runs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistorySpec {
    /// Evidence of earlier runs: paths and globs.
    pub evidence: Vec<String>,
    /// Runs there must be; 7 by default.
    #[serde(default = "a_week")]
    pub runs_min: usize,
    /// Largest modified z-score; 3.5 by default.
    #[serde(default = "unusual")]
    pub score_max: f64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

impl SplitsSpec {
    /// Every pair of splits: the one that is judged, and the one that comes before it.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let mut before = vec![self.training.as_str()];
        let mut pairs = Vec::new();
        for split in &self.evaluation {
            pairs.extend(before.iter().map(|other| (split.as_str(), *other)));
            before.push(split);
        }
        pairs
    }

    /// Training first, then the others.
    pub(in crate::checks) fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.training)
            .chain(&self.evaluation)
            .map(String::as_str)
    }
}

impl NearSpec {
    /// The numbers as the check takes them.
    #[must_use]
    pub fn numbers(&self) -> Vec<NearNumber> {
        let number = |(column, tolerance): (&String, &f64)| NearNumber {
            column: column.clone(),
            tolerance: *tolerance,
        };
        self.numbers.iter().map(number).collect()
    }
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn a_week() -> usize {
    7
}

fn thirty() -> u64 {
    30
}

fn unusual() -> f64 {
    3.5
}

fn four_fifths() -> f64 {
    0.8
}

fn power_max() -> f64 {
    0.95
}

fn one_in_a_hundred() -> f64 {
    0.01
}

fn one_in_twenty() -> f64 {
    0.05
}

fn tentative() -> Bound {
    Bound::AtLeast(0.667)
}

#[cfg(test)]
mod tests;
