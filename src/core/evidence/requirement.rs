//! The names of what is required, and what a person may want to know about each.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kebab-case noun of the thing measured (`null-fraction`). Stable; an id is never reused.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RequirementId(Cow<'static, str>);

impl RequirementId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for RequirementId {
    fn from(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }
}

impl From<String> for RequirementId {
    fn from(id: String) -> Self {
        Self(Cow::Owned(id))
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is known about a requirement before anything is measured. `explain`, SARIF rules and the
/// documentation are made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The id; reads well in "waive ⟨id⟩ on ⟨subject⟩".
    pub id: &'static str,
    /// What is required, as one sentence.
    pub summary: &'static str,
    /// What to do when it is not met, as one imperative sentence.
    pub remedy: &'static str,
    /// Where the rule comes from: specification, paper or reference implementation. URLs or names.
    pub references: &'static [&'static str],
}

/// Requirements on what has become of a report since an earlier one. A record of them is about the
/// earlier report, and says nothing beside a third.
pub const OF_CHANGES: [&str; 3] = ["quality-regression", "loosened-rule", "contract-change"];
