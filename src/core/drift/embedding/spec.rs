//! The `embeddings` of the section, and what can be wrong with them before there are data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::STATISTICS;
use crate::drift::spec::{Method, NamedMethod};
use crate::drift::spec_check::{Problems, check_statistics, severity, threshold, unique};
use crate::evidence::Severity;
use crate::wildcard::{fits, is_pattern};

/// Vectors to compare, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingSpec {
    /// The column of lists, or the columns whose numbers make up the vectors, in that order. `*` stands for
    /// any characters, so that `emb_*` is all columns of that form. Without it, the column of the same
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// `default`, or a list of `mmd`, `mmd_distance` and `mean_cosine` with thresholds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The threshold of `default`; without it that of the section, and 0.1 when that has none for
    /// `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Of the kernel exp(-gamma |x - y|²), > 0; without it, 1 over the median of the squared distances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// Vectors below which, on either side, it is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_min: Option<u64>,
    /// How much it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

impl EmbeddingSpec {
    /// The columns of the embedding with this name in a dataset that has these, patterns replaced by the
    /// names they match, in the order of the names. A pattern that matches none stays.
    #[must_use]
    pub fn columns(&self, name: &str, held: &[&str]) -> Vec<String> {
        let Some(columns) = &self.columns else {
            return vec![name.to_owned()];
        };
        let mut all: Vec<String> = Vec::new();
        for column in columns {
            let mut found: Vec<&str> = match is_pattern(column) {
                true => held
                    .iter()
                    .copied()
                    .filter(|one| fits(column, one))
                    .collect(),
                false => Vec::new(),
            };
            found.sort_unstable();
            if found.is_empty() {
                found.push(column);
            }
            for one in found {
                if !all.iter().any(|known| known == one) {
                    all.push(one.to_owned());
                }
            }
        }
        all
    }
}

/// Everything wrong with one of them.
pub(in crate::drift) fn problems(name: &str, spec: &EmbeddingSpec, problems: &mut Problems) {
    let key = format!("embeddings.{name}");
    if let Some(columns) = &spec.columns {
        let key = format!("{key}.columns");
        problems.require(
            !columns.is_empty(),
            &key,
            "`columns` is empty: nothing would be compared; leave it out for the column of this name",
        );
        unique(columns, &key, problems);
    }
    match &spec.method {
        None | Some(Method::Named(NamedMethod::Default)) => {}
        Some(Method::Named(NamedMethod::Evidently | NamedMethod::Tfdv)) => problems.require(
            false,
            format!("{key}.method"),
            "vectors are compared by `default` or by a list of statistics; for Evidently's `mmd` say `[{statistic: mmd, at_most: 0.015}]`",
        ),
        Some(Method::Statistics(thresholds)) => {
            let known = STATISTICS
                .iter()
                .map(|statistic| (statistic.id, statistic.p_requirement.is_some()));
            let known: Vec<(&str, bool)> = known.collect();
            check_statistics(thresholds, &known, &format!("{key}.method"), problems);
        }
    }
    threshold(spec.threshold, &format!("{key}.threshold"), problems);
    let gamma = spec.gamma.unwrap_or(1.0);
    problems.require(
        gamma.is_finite() && 0.0 < gamma,
        format!("{key}.gamma"),
        format!("`gamma` is {gamma}, must be a number above 0"),
    );
    problems.require(
        spec.rows_min != Some(0),
        format!("{key}.rows_min"),
        "`rows_min` must be at least 1",
    );
    severity(spec.severity, &format!("{key}.severity"), problems);
}
