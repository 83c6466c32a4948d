//! The `drift` section of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Severity;

/// How far the columns of a dataset may have moved from a reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {
    /// File with the data the model was built for.
    pub reference: String,
    /// File with the data to compare with it.
    pub current: String,
    /// Columns to compare; without it, every column both files have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Largest population stability index allowed, ≥ 0. A common reading: below 0.1 stable, above 0.25
    /// a different population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// Largest Kolmogorov-Smirnov statistic allowed, 0 to 1; numeric columns only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<f64>,
    /// Values below which, on either side, a column is not judged.
    #[serde(default = "default_rows_min")]
    pub rows_min: u64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

fn default_rows_min() -> u64 {
    100
}

/// Something wrong with a configuration: the key within the section (`psi`) and a sentence.
pub type Problem = (String, String);

impl DriftSpec {
    /// Everything wrong with the section that can be known without data, in its order.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut require = |holds: bool, key: &str, message: String| {
            if !holds {
                problems.push((key.to_owned(), message));
            }
        };
        let columns = self.columns.as_deref().unwrap_or_default();
        require(
            self.columns
                .as_ref()
                .is_none_or(|columns| !columns.is_empty()),
            "columns",
            "`columns` is empty: nothing would be compared; leave it out to compare all".to_owned(),
        );
        for (index, column) in columns.iter().enumerate() {
            require(
                !columns[..index].contains(column),
                &format!("columns[{index}]"),
                format!("column `{column}` is listed twice"),
            );
        }
        require(
            self.psi.is_some() || self.ks.is_some(),
            "",
            "the section demands nothing; add `psi` or `ks`".to_owned(),
        );
        let psi = self.psi.unwrap_or(0.0);
        require(
            psi.is_finite() && 0.0 <= psi,
            "psi",
            format!("`psi` is {psi}, must be a number of at least 0"),
        );
        let ks = self.ks.unwrap_or(0.0);
        require(
            (0.0..=1.0).contains(&ks),
            "ks",
            format!("`ks` is {ks}, but the statistic lies between 0 and 1"),
        );
        require(
            1 <= self.rows_min,
            "rows_min",
            "`rows_min` must be at least 1".to_owned(),
        );
        require(
            self.severity != Severity::Integrity,
            "severity",
            "severity `integrity` is kept for signatures and digests; use `error`".to_owned(),
        );
        problems
    }
}
