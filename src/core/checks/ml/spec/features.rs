//! What each feature must be, whatever the label says: that it varies, is of one type, is spelled in one
//! way, says something another does not, and that identifiers tell nothing.
//!
//! ```yaml
//! data:
//!   features:
//!     without: [comment]
//!     constant: { share_max: 0.99 }
//!     string_variants: { enabled: false }
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Severity;

/// What each feature must be. Every key that is absent demands its default; `enabled: false` leaves one
/// out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeaturesSpec {
    /// Datasets; the splits when empty, or every dataset where there are no splits.
    pub datasets: Vec<String>,
    /// Features; by default those of `labels`, or every column that is no key, entity or time of the
    /// splits.
    pub columns: Vec<String>,
    /// Columns that are no features.
    pub without: Vec<String>,
    /// That a feature varies; in training, where there are splits.
    pub constant: ConstantSpec,
    /// That a feature is not mostly numbers and rarely other texts, or the other way round.
    pub mixed_types: MixedTypesSpec,
    /// That texts hold a letter or a digit.
    pub special_characters: SpecialCharactersSpec,
    /// That one value is spelled in one way.
    pub string_variants: StringVariantsSpec,
    /// That no two numeric features say the same; in training, where there are splits.
    pub correlation: CorrelationSpec,
    /// That identifiers tell neither the label nor the split.
    pub identifiers: IdentifiersSpec,
}

/// That a feature varies (`constant-column`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConstantSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Largest share of the rows with one value, null among them; when absent only a constant is too
    /// much.
    #[schemars(range(min = 0, max = 1))]
    pub share_max: Option<f64>,
    /// How much it matters.
    pub severity: Severity,
}

/// That a feature is of one type (`mixed-types`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MixedTypesSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Shares of the rarer type up to this are accepted; 0.01 by default, as in Deepchecks.
    #[schemars(range(min = 0, max = 1))]
    pub rare_min: f64,
    /// Shares from this on are a mixture on purpose; 0.1 by default, as in Deepchecks.
    #[schemars(range(min = 0, max = 1))]
    pub rare_max: f64,
    /// How much it matters.
    pub severity: Severity,
}

/// That texts hold a letter or a digit (`special-characters`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpecialCharactersSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Largest fraction of the values made of special characters only; 0.001 by default, as in
    /// Deepchecks.
    #[schemars(range(min = 0, max = 1))]
    pub fraction_max: f64,
    /// How much it matters; a warning by default.
    pub severity: Severity,
}

/// That one value is spelled in one way (`string-variants`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StringVariantsSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Largest fraction of the values with a rarer spelling of another; 0 by default.
    #[schemars(range(min = 0, max = 1))]
    pub fraction_max: f64,
    /// How much it matters; a warning by default.
    pub severity: Severity,
}

/// That no two numeric features say the same (`feature-correlation`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CorrelationSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Largest absolute value of Pearson's correlation of two features; 0.99 by default.
    #[schemars(range(min = 0, max = 1))]
    pub absolute_max: f64,
    /// How much it matters; a warning by default.
    pub severity: Severity,
}

/// That identifiers tell neither the label nor, unless splits are by time, the split (`id-leakage`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentifiersSpec {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Identifiers that are numbers or times; by default those among `splits.key`.
    pub columns: Vec<String>,
    /// Largest area under the ROC curve: 0.5 says nothing, 1 everything; 0.6 by default.
    #[schemars(range(min = 0.5, max = 1))]
    pub power_max: f64,
    /// Rows a class or split must have, and the others beside it; 100 by default.
    pub rows_min: u64,
    /// How much it matters.
    pub severity: Severity,
}

impl Default for ConstantSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            share_max: None,
            severity: Severity::Error,
        }
    }
}

impl Default for MixedTypesSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            rare_min: 0.01,
            rare_max: 0.1,
            severity: Severity::Error,
        }
    }
}

impl Default for SpecialCharactersSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            fraction_max: 0.001,
            severity: Severity::Warning,
        }
    }
}

impl Default for StringVariantsSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            fraction_max: 0.0,
            severity: Severity::Warning,
        }
    }
}

impl Default for CorrelationSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            absolute_max: 0.99,
            severity: Severity::Warning,
        }
    }
}

impl Default for IdentifiersSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            columns: Vec::new(),
            power_max: 0.6,
            rows_min: 100,
            severity: Severity::Error,
        }
    }
}
