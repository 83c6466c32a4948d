//! What is required of results other systems recorded.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attributions::AttributionRule;
use crate::evidence::Severity;
use crate::metrics::Direction;
use crate::recorded::FindingSeverity;

/// Results another system recorded, and what is required of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedSpec {
    /// The system that recorded them; docs/sources.md lists all.
    pub source: String,
    /// What evidence calls it; the source when nothing is said. Needed when a source is read twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The results of the candidate: a file, a directory or an address, as the source understands it. A
    /// file may also be `git:REVISION:PATH`, `registry:STAGE` or `registry:STAGE:PATH`.
    pub candidate: String,
    /// The results of the model it would replace, read in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<String>,
    /// The server, where the source is one: what its own variable (`MLFLOW_TRACKING_URI` …) says when
    /// nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<RecordedRule>,
    /// What the system itself called passed or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<VerdictRule>,
    /// Weaknesses it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingRule>,
    /// How much features move predictions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributions: Option<AttributionRule>,
    /// How much it matters when the run is not whole: unfinished, with errors, with cases left out.
    #[serde(default)]
    pub incomplete: Severity,
}

/// What is required of one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedRule {
    /// Its name, as the system calls it.
    pub metric: String,
    /// The slice it is on, `column=value`, where the system recorded slices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// Smallest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Which way is better, where the system does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
    /// How much worse than the champion's number it may be, in its unit: the numbers alone are compared,
    /// however sure they are. For numbers of which nothing more is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// How much worse than the champion's it may be, in its unit, ≥ 0. The whole interval of the
    /// difference must lie above minus this: it needs results case by case, or standard errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_inferiority_margin: Option<f64>,
    /// How much better than the champion's it must be, ≥ 0, by the whole interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superiority_margin: Option<f64>,
    /// How much it may differ from the champion's either way, > 0, by the whole interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equivalence_margin: Option<f64>,
    /// Whether margins and the tolerance are fractions of the champion's value instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relative_margins: bool,
    /// Whether one looks again and again while cases arrive: the interval of the difference then holds at
    /// all looks together. It needs results case by case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sequential: bool,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Which way a number gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// What is required of the tests another system ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictRule {
    /// Patterns of the names that count, with `*` for any characters; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// How many may have failed.
    #[serde(default)]
    pub failed_at_most: u64,
    /// How many may have passed with a warning; any number when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at_most: Option<u64>,
    /// How many may not have run: with errors, or left out.
    #[serde(default)]
    pub not_run_at_most: u64,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// What is required of weaknesses another system found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingRule {
    /// How many there may be, by severity: `{critical: 0, high: 0}`. Worse ones count as well: a bound on
    /// `high` counts the critical ones too.
    #[schemars(length(min = 1))]
    pub at_most: BTreeMap<FindingSeverity, u64>,
    /// Whether only those count that the champion's results do not have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_only: bool,
    /// Whether those count that somebody accepted in that system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub count_suppressed: bool,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

impl From<Better> for Direction {
    fn from(better: Better) -> Self {
        match better {
            Better::Higher => Self::HigherIsBetter,
            Better::Lower => Self::LowerIsBetter,
        }
    }
}

impl RecordedSpec {
    /// What evidence calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.source)
    }
}

impl RecordedRule {
    /// Whether it demands something of the difference to the champion.
    pub(super) fn compares(&self) -> bool {
        self.tolerance.is_some()
            || self.non_inferiority_margin.is_some()
            || self.superiority_margin.is_some()
            || self.equivalence_margin.is_some()
    }

    /// Its name with the slice.
    pub(super) fn asked(&self) -> String {
        match &self.slice {
            None => self.metric.clone(),
            Some(slice) => format!("{} on {slice}", self.metric),
        }
    }
}
