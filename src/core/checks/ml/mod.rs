//! What teams that train models need of their data and no suite of the usual tools asks: leakage between
//! splits, skew between training and serving, labels, personal data, coverage of slices, volume against
//! history. Checks like the others, one file each, in the table of [`super::CHECKS`].
//!
//! [`spec`] reads them from the configuration and plans them over the datasets; [`quality_diff`]
//! compares two runs.

mod agreement;
mod annotator_agreement;
mod class_balance;
mod class_shift;
mod conflicting_labels;
mod constant_column;
mod feature_correlation;
mod id_leakage;
mod label_delay;
mod missingness_skew;
mod mixed_types;
mod near_duplicates;
mod new_categories;
mod partition_freshness;
mod partition_sequence;
mod personal_data;
mod personal_names;
mod power;
pub mod quality_diff;
mod schema_skew;
mod slice_coverage;
mod slice_presence;
pub mod spec;
mod special_characters;
mod split_leakage;
mod string_variants;
mod target_leakage;
mod time_leakage;
mod value_skew;
mod volume_history;

use super::{CheckKind, Requirement, Target, kind};
use crate::evidence::{Evidence, Reason, Severity};
use crate::measure::{Measured, Scalar, Value};

pub use annotator_agreement::{AgreementStatistic, AnnotatorAgreement};
pub use class_balance::{ClassBalance, ClassMeasure};
pub use class_shift::ClassShift;
pub use conflicting_labels::ConflictingLabels;
pub use constant_column::ConstantColumn;
pub use feature_correlation::FeatureCorrelation;
pub use id_leakage::{IdLeakage, Predicted};
pub use label_delay::LabelDelay;
pub use missingness_skew::MissingnessSkew;
pub use mixed_types::MixedTypes;
pub use near_duplicates::{NearDuplicates, NearNumber};
pub use new_categories::NewCategories;
pub use partition_freshness::PartitionFreshness;
pub use partition_sequence::{PartitionSequence, PartitionUnit};
pub use personal_data::PersonalData;
pub use personal_names::PersonalNames;
pub use schema_skew::{ExpectedColumn, SchemaSkew};
pub use slice_coverage::{PositiveRows, SliceCoverage};
pub use slice_presence::SlicePresence;
pub use special_characters::SpecialCharacters;
pub use split_leakage::SplitLeakage;
pub use string_variants::StringVariants;
pub use target_leakage::{LabelKind, TargetLeakage};
pub use time_leakage::TimeLeakage;
pub use value_skew::ValueSkew;
pub use volume_history::{VolumeHistory, VolumeOf};

pub(super) const ANNOTATOR_AGREEMENT: CheckKind = kind::<AnnotatorAgreement>(
    &annotator_agreement::REQUIREMENT,
    annotator_agreement::SEMANTICS,
);
pub(super) const CLASS_BALANCE: CheckKind =
    kind::<ClassBalance>(&class_balance::REQUIREMENT, class_balance::SEMANTICS);
pub(super) const CLASS_SHIFT: CheckKind =
    kind::<ClassShift>(&class_shift::REQUIREMENT, class_shift::SEMANTICS);
pub(super) const CONFLICTING_LABELS: CheckKind = kind::<ConflictingLabels>(
    &conflicting_labels::REQUIREMENT,
    conflicting_labels::SEMANTICS,
);
pub(super) const CONSTANT_COLUMN: CheckKind =
    kind::<ConstantColumn>(&constant_column::REQUIREMENT, constant_column::SEMANTICS);
pub(super) const FEATURE_CORRELATION: CheckKind = kind::<FeatureCorrelation>(
    &feature_correlation::REQUIREMENT,
    feature_correlation::SEMANTICS,
);
pub(super) const ID_LEAKAGE: CheckKind =
    kind::<IdLeakage>(&id_leakage::REQUIREMENT, id_leakage::SEMANTICS);
pub(super) const LABEL_DELAY: CheckKind =
    kind::<LabelDelay>(&label_delay::REQUIREMENT, label_delay::SEMANTICS);
pub(super) const MISSINGNESS_SKEW: CheckKind =
    kind::<MissingnessSkew>(&missingness_skew::REQUIREMENT, missingness_skew::SEMANTICS);
pub(super) const MIXED_TYPES: CheckKind =
    kind::<MixedTypes>(&mixed_types::REQUIREMENT, mixed_types::SEMANTICS);
pub(super) const NEAR_DUPLICATES: CheckKind =
    kind::<NearDuplicates>(&near_duplicates::REQUIREMENT, near_duplicates::SEMANTICS);
pub(super) const NEW_CATEGORIES: CheckKind =
    kind::<NewCategories>(&new_categories::REQUIREMENT, new_categories::SEMANTICS);
pub(super) const PARTITION_FRESHNESS: CheckKind = kind::<PartitionFreshness>(
    &partition_freshness::REQUIREMENT,
    partition_freshness::SEMANTICS,
);
pub(super) const PARTITION_SEQUENCE: CheckKind = kind::<PartitionSequence>(
    &partition_sequence::REQUIREMENT,
    partition_sequence::SEMANTICS,
);
pub(super) const PERSONAL_DATA: CheckKind =
    kind::<PersonalData>(&personal_data::REQUIREMENT, personal_data::SEMANTICS);
pub(super) const PERSONAL_NAMES: CheckKind =
    kind::<PersonalNames>(&personal_names::REQUIREMENT, personal_names::SEMANTICS);
pub(super) const SCHEMA_SKEW: CheckKind =
    kind::<SchemaSkew>(&schema_skew::REQUIREMENT, schema_skew::SEMANTICS);
pub(super) const SLICE_COVERAGE: CheckKind =
    kind::<SliceCoverage>(&slice_coverage::REQUIREMENT, slice_coverage::SEMANTICS);
pub(super) const SLICE_PRESENCE: CheckKind =
    kind::<SlicePresence>(&slice_presence::REQUIREMENT, slice_presence::SEMANTICS);
pub(super) const SPECIAL_CHARACTERS: CheckKind = kind::<SpecialCharacters>(
    &special_characters::REQUIREMENT,
    special_characters::SEMANTICS,
);
pub(super) const SPLIT_LEAKAGE: CheckKind =
    kind::<SplitLeakage>(&split_leakage::REQUIREMENT, split_leakage::SEMANTICS);
pub(super) const STRING_VARIANTS: CheckKind =
    kind::<StringVariants>(&string_variants::REQUIREMENT, string_variants::SEMANTICS);
pub(super) const TARGET_LEAKAGE: CheckKind =
    kind::<TargetLeakage>(&target_leakage::REQUIREMENT, target_leakage::SEMANTICS);
pub(super) const TIME_LEAKAGE: CheckKind =
    kind::<TimeLeakage>(&time_leakage::REQUIREMENT, time_leakage::SEMANTICS);
pub(super) const VALUE_SKEW: CheckKind =
    kind::<ValueSkew>(&value_skew::REQUIREMENT, value_skew::SEMANTICS);
pub(super) const VOLUME_HISTORY: CheckKind =
    kind::<VolumeHistory>(&volume_history::REQUIREMENT, volume_history::SEMANTICS);

impl Target {
    /// The same target, mattering at most so much.
    fn at_most(&self, severity: Severity) -> Self {
        Self {
            severity: self.severity.min(severity),
            ..self.clone()
        }
    }

    /// The same target, told from others on the same column or dataset by these words.
    fn narrowed(&self, words: &str) -> Self {
        let rows = match &self.rows {
            Some(rows) => format!("{rows}, {words}"),
            None => words.to_owned(),
        };
        Self {
            rows: Some(rows),
            ..self.clone()
        }
    }
}

/// Columns as values, read as the contract says.
fn columns(names: &[String]) -> Vec<Value> {
    names.iter().map(Value::column).collect()
}

/// The evidence of a check without columns to look at.
fn no_columns(target: &Target, requirement: &Requirement) -> Vec<Evidence> {
    target.failed(requirement, Reason::Unsupported, "no columns are named")
}

/// A time as seconds since 1970-01-01T00:00Z, or a number as it is.
fn seconds(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Integer(value) => Some(*value as f64),
        Scalar::Unsigned(value) => Some(*value as f64),
        Scalar::Number(value) => Some(*value),
        Scalar::Decimal(value) => Some(value.number()),
        Scalar::Instant(instant) => {
            Some(instant.timestamp() as f64 + f64::from(instant.timestamp_subsec_nanos()) / 1e9)
        }
        Scalar::Text(_) | Scalar::Boolean(_) => None,
    }
}

/// The smallest and largest value measured, as [`seconds`].
fn extremes_of(measured: &Measured) -> Option<(f64, f64)> {
    match measured {
        Measured::Extremes(Some((oldest, newest))) => seconds(oldest).zip(seconds(newest)),
        _ => None,
    }
}

/// The first of these measurements that failed.
fn failure(measured: &[Measured]) -> Option<(Reason, &str)> {
    measured.iter().find_map(|one| match one {
        Measured::Failed(reason, why) => Some((*reason, why.as_str())),
        _ => None,
    })
}

/// Names for a message: the first few, and how many more.
fn listed(names: &[String]) -> String {
    /// Names written before the rest is counted.
    const NAMES_MAX: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(NAMES_MAX)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
pub(super) mod tests;
