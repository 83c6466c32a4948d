//! Data checks. A check says what must be measured, then judges the numbers; it opens nothing.
//!
//! To add one: write a file with a parameter struct that implements [`Check`], declare it below and
//! add its line to [`CHECKS`]. It can then be written in any contract as a `custom` quality rule of
//! the engine `proofmark`; `explain`, SARIF rules and the rule reference follow from its metadata.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod accepted_values;
mod aggregate_match;
mod casing_consistency;
mod column_comparison;
mod column_count;
mod column_name_pattern;
mod column_order;
mod column_presence;
mod column_set;
mod column_type;
mod columns_equal;
mod complete_rows;
mod completeness;
mod condition_fraction;
mod contract_note;
mod correlation;
mod counted;
mod dataset_match;
mod date_format;
mod date_part;
mod distinct_count;
mod distinct_fraction;
mod distinct_values;
mod duplicate_rows;
mod entropy;
mod failed_rows;
mod finite_values;
mod forbidden_patterns;
mod forbidden_values;
mod freshness;
mod interquartile_range;
mod json_schema;
mod keys;
mod kl_divergence;
mod kurtosis;
mod masks;
mod maximum;
mod maximum_length;
mod mean;
mod mean_length;
mod minimum;
mod minimum_length;
mod missing_values;
pub mod ml;
mod most_common_value;
mod moving_deviations;
mod mutual_information;
mod null_fraction;
mod null_values;
mod outliers;
mod period_coverage;
mod planned;
mod quantile;
mod range_overlap;
mod reference;
mod referential_integrity;
mod retention;
mod row_condition;
mod row_count;
mod row_count_match;
mod row_rules;
mod row_sum;
mod scalars;
mod sequence;
mod shape;
mod skewness;
mod sql_rule;
mod standard_deviation;
mod sum;
mod target;
mod time_gap;
mod tolerance;
mod unique_fraction;
mod unique_value_ratio;
mod uniqueness;
mod unsupported_rule;
mod value_combinations;
mod value_format;
mod value_length;
mod value_multiple;
mod value_order;
mod value_pattern;
mod value_patterns;
mod value_range;
mod value_span;
mod value_type;
mod values_unique_in_row;
mod variance;
mod zero_count;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::evidence::{Evidence, Requirement};
use crate::measure::{Measure, Measured, TableFacts};

pub use accepted_values::{AcceptedValues, Counted};
pub use aggregate_match::{Aggregate, AggregateMatch};
pub use casing_consistency::CasingConsistency;
pub use column_comparison::ColumnComparison;
pub use column_count::ColumnCount;
pub use column_name_pattern::ColumnNamePattern;
pub use column_order::ColumnOrder;
pub use column_presence::ColumnPresence;
pub use column_set::{ColumnRelation, ColumnSet};
pub use column_type::ColumnType;
pub use columns_equal::ColumnsEqual;
pub use complete_rows::{CompleteRows, Filled};
pub use completeness::Completeness;
pub use condition_fraction::ConditionFraction;
pub use contract_note::ContractNote;
pub use correlation::Correlation;
pub use dataset_match::DatasetMatch;
pub use date_format::DateFormat;
pub use date_part::DatePart;
pub use distinct_count::DistinctCount;
pub use distinct_fraction::DistinctFraction;
pub use distinct_values::{DistinctValues, SetRelation};
pub use duplicate_rows::DuplicateRows;
pub use entropy::Entropy;
pub use failed_rows::FailedRows;
pub use finite_values::FiniteValues;
pub use forbidden_patterns::ForbiddenPatterns;
pub use forbidden_values::ForbiddenValues;
pub use freshness::{Freshness, instant};
pub use interquartile_range::InterquartileRange;
pub use json_schema::JsonSchemaRows;
pub use kl_divergence::{Bin, ExpectedDistribution, KlDivergence};
pub use kurtosis::Kurtosis;
pub use masks::Masks;
pub use maximum::Maximum;
pub use maximum_length::MaximumLength;
pub use mean::Mean;
pub use mean_length::MeanLength;
pub use minimum::Minimum;
pub use minimum_length::MinimumLength;
pub use missing_values::MissingValues;
pub use most_common_value::MostCommonValue;
pub use moving_deviations::MovingDeviations;
pub use mutual_information::MutualInformation;
pub use null_fraction::NullFraction;
pub use null_values::NullValues;
pub use outliers::{Fences, Outliers};
pub use period_coverage::PeriodCoverage;
pub use planned::PlannedCheck;
pub use quantile::Quantile;
pub use range_overlap::{Gaps, RangeOverlap};
pub use reference::reference;
pub use referential_integrity::{Fails, ReferentialIntegrity};
pub use retention::Retention;
pub use row_condition::RowCondition;
pub use row_count::RowCount;
pub use row_count_match::RowCountMatch;
pub use row_rules::{NullCondition, NullRows};
pub use row_sum::RowSum;
pub use scalars::ScalarBound;
pub use sequence::Sequence;
pub use shape::{Parameter, flow};
pub use skewness::Skewness;
pub use sql_rule::{QueryResult, SqlRule};
pub use standard_deviation::StandardDeviation;
pub use sum::Sum;
pub use target::Target;
pub use time_gap::TimeGap;
pub use tolerance::{Denominator, DuplicateCount, Tolerance};
pub use unique_fraction::UniqueFraction;
pub use unique_value_ratio::UniqueValueRatio;
pub use uniqueness::Uniqueness;
pub use unsupported_rule::UnsupportedRule;
pub use value_combinations::ValueCombinations;
pub use value_format::{TextFormat, ValueFormat};
pub use value_length::ValueLength;
pub use value_multiple::ValueMultiple;
pub use value_order::{Direction, ValueOrder};
pub use value_pattern::{PatternSyntax, ValuePattern};
pub use value_patterns::{Needed, ValuePatterns};
pub use value_range::ValueRange;
pub use value_span::ValueSpan;
pub use value_type::ValueType;
pub use values_unique_in_row::ValuesUniqueInRow;
pub use variance::Variance;
pub use zero_count::ZeroCount;

use row_rules::{demanded, demanded_of, failing};
use scalars::{listed, scalars};

/// Every check there is.
pub const CHECKS: &[CheckKind] = &[
    kind::<AcceptedValues>(&accepted_values::REQUIREMENT, accepted_values::SEMANTICS),
    kind::<AggregateMatch>(&aggregate_match::REQUIREMENT, aggregate_match::SEMANTICS),
    kind::<CasingConsistency>(
        &casing_consistency::REQUIREMENT,
        casing_consistency::SEMANTICS,
    ),
    kind::<ColumnComparison>(
        &column_comparison::REQUIREMENT,
        column_comparison::SEMANTICS,
    ),
    kind::<ColumnCount>(&column_count::REQUIREMENT, column_count::SEMANTICS),
    kind::<ColumnNamePattern>(
        &column_name_pattern::REQUIREMENT,
        column_name_pattern::SEMANTICS,
    ),
    kind::<ColumnOrder>(&column_order::REQUIREMENT, column_order::SEMANTICS),
    kind::<ColumnPresence>(&column_presence::REQUIREMENT, column_presence::SEMANTICS),
    kind::<ColumnSet>(&column_set::REQUIREMENT, column_set::SEMANTICS),
    kind::<ColumnType>(&column_type::REQUIREMENT, column_type::SEMANTICS),
    kind::<ColumnsEqual>(&columns_equal::REQUIREMENT, columns_equal::SEMANTICS),
    kind::<CompleteRows>(&complete_rows::REQUIREMENT, complete_rows::SEMANTICS),
    kind::<Completeness>(&completeness::REQUIREMENT, completeness::SEMANTICS),
    kind::<ConditionFraction>(
        &condition_fraction::REQUIREMENT,
        condition_fraction::SEMANTICS,
    ),
    kind::<ContractNote>(&contract_note::REQUIREMENT, contract_note::SEMANTICS),
    kind::<Correlation>(&correlation::REQUIREMENT, correlation::SEMANTICS),
    kind::<DatasetMatch>(&dataset_match::REQUIREMENT, dataset_match::SEMANTICS),
    kind::<DateFormat>(&date_format::REQUIREMENT, date_format::SEMANTICS),
    kind::<DistinctCount>(&distinct_count::REQUIREMENT, distinct_count::SEMANTICS),
    kind::<DistinctFraction>(
        &distinct_fraction::REQUIREMENT,
        distinct_fraction::SEMANTICS,
    ),
    kind::<DistinctValues>(&distinct_values::REQUIREMENT, distinct_values::SEMANTICS),
    kind::<DuplicateRows>(&duplicate_rows::REQUIREMENT, duplicate_rows::SEMANTICS),
    kind::<Entropy>(&entropy::REQUIREMENT, entropy::SEMANTICS),
    kind::<FailedRows>(&failed_rows::REQUIREMENT, failed_rows::SEMANTICS),
    kind::<FiniteValues>(&finite_values::REQUIREMENT, finite_values::SEMANTICS),
    kind::<ForbiddenPatterns>(
        &forbidden_patterns::REQUIREMENT,
        forbidden_patterns::SEMANTICS,
    ),
    kind::<ForbiddenValues>(&forbidden_values::REQUIREMENT, forbidden_values::SEMANTICS),
    kind::<Freshness>(&freshness::REQUIREMENT, freshness::SEMANTICS),
    kind::<InterquartileRange>(
        &interquartile_range::REQUIREMENT,
        interquartile_range::SEMANTICS,
    ),
    kind::<JsonSchemaRows>(&json_schema::REQUIREMENT, json_schema::SEMANTICS),
    kind::<KlDivergence>(&kl_divergence::REQUIREMENT, kl_divergence::SEMANTICS),
    kind::<Kurtosis>(&kurtosis::REQUIREMENT, kurtosis::SEMANTICS),
    kind::<Maximum>(&maximum::REQUIREMENT, maximum::SEMANTICS),
    kind::<MaximumLength>(&maximum_length::REQUIREMENT, maximum_length::SEMANTICS),
    kind::<Mean>(&mean::REQUIREMENT, mean::SEMANTICS),
    kind::<MeanLength>(&mean_length::REQUIREMENT, mean_length::SEMANTICS),
    kind::<Minimum>(&minimum::REQUIREMENT, minimum::SEMANTICS),
    kind::<MinimumLength>(&minimum_length::REQUIREMENT, minimum_length::SEMANTICS),
    kind::<MissingValues>(&missing_values::REQUIREMENT, missing_values::SEMANTICS),
    kind::<MostCommonValue>(
        &most_common_value::REQUIREMENT,
        most_common_value::SEMANTICS,
    ),
    kind::<MovingDeviations>(
        &moving_deviations::REQUIREMENT,
        moving_deviations::SEMANTICS,
    ),
    kind::<MutualInformation>(
        &mutual_information::REQUIREMENT,
        mutual_information::SEMANTICS,
    ),
    kind::<NullFraction>(&null_fraction::REQUIREMENT, null_fraction::SEMANTICS),
    kind::<NullValues>(&null_values::REQUIREMENT, null_values::SEMANTICS),
    kind::<Outliers>(&outliers::REQUIREMENT, outliers::SEMANTICS),
    kind::<PeriodCoverage>(&period_coverage::REQUIREMENT, period_coverage::SEMANTICS),
    kind::<Quantile>(&quantile::REQUIREMENT, quantile::SEMANTICS),
    kind::<RangeOverlap>(&range_overlap::REQUIREMENT, range_overlap::SEMANTICS),
    kind::<ReferentialIntegrity>(
        &referential_integrity::REQUIREMENT,
        referential_integrity::SEMANTICS,
    ),
    kind::<Retention>(&retention::REQUIREMENT, retention::SEMANTICS),
    kind::<RowCondition>(&row_condition::REQUIREMENT, row_condition::SEMANTICS),
    kind::<RowCount>(&row_count::REQUIREMENT, row_count::SEMANTICS),
    kind::<RowCountMatch>(&row_count_match::REQUIREMENT, row_count_match::SEMANTICS),
    kind::<RowSum>(&row_sum::REQUIREMENT, row_sum::SEMANTICS),
    kind::<Sequence>(&sequence::REQUIREMENT, sequence::SEMANTICS),
    kind::<Skewness>(&skewness::REQUIREMENT, skewness::SEMANTICS),
    kind::<SqlRule>(&sql_rule::REQUIREMENT, sql_rule::SEMANTICS),
    kind::<StandardDeviation>(
        &standard_deviation::REQUIREMENT,
        standard_deviation::SEMANTICS,
    ),
    kind::<Sum>(&sum::REQUIREMENT, sum::SEMANTICS),
    kind::<TimeGap>(&time_gap::REQUIREMENT, time_gap::SEMANTICS),
    kind::<UniqueFraction>(&unique_fraction::REQUIREMENT, unique_fraction::SEMANTICS),
    kind::<UniqueValueRatio>(
        &unique_value_ratio::REQUIREMENT,
        unique_value_ratio::SEMANTICS,
    ),
    kind::<Uniqueness>(&uniqueness::REQUIREMENT, uniqueness::SEMANTICS),
    kind::<UnsupportedRule>(&unsupported_rule::REQUIREMENT, unsupported_rule::SEMANTICS),
    kind::<ValueCombinations>(
        &value_combinations::REQUIREMENT,
        value_combinations::SEMANTICS,
    ),
    kind::<ValueFormat>(&value_format::REQUIREMENT, value_format::SEMANTICS),
    kind::<ValueLength>(&value_length::REQUIREMENT, value_length::SEMANTICS),
    kind::<ValueMultiple>(&value_multiple::REQUIREMENT, value_multiple::SEMANTICS),
    kind::<ValueOrder>(&value_order::REQUIREMENT, value_order::SEMANTICS),
    kind::<ValuePattern>(&value_pattern::REQUIREMENT, value_pattern::SEMANTICS),
    kind::<ValuePatterns>(&value_patterns::REQUIREMENT, value_patterns::SEMANTICS),
    kind::<ValueRange>(&value_range::REQUIREMENT, value_range::SEMANTICS),
    kind::<ValueSpan>(&value_span::REQUIREMENT, value_span::SEMANTICS),
    kind::<ValueType>(&value_type::REQUIREMENT, value_type::SEMANTICS),
    kind::<ValuesUniqueInRow>(
        &values_unique_in_row::REQUIREMENT,
        values_unique_in_row::SEMANTICS,
    ),
    kind::<Variance>(&variance::REQUIREMENT, variance::SEMANTICS),
    kind::<ZeroCount>(&zero_count::REQUIREMENT, zero_count::SEMANTICS),
    ml::ANNOTATOR_AGREEMENT,
    ml::CLASS_BALANCE,
    ml::CLASS_SHIFT,
    ml::CONFLICTING_LABELS,
    ml::CONSTANT_COLUMN,
    ml::FEATURE_CORRELATION,
    ml::ID_LEAKAGE,
    ml::LABEL_DELAY,
    ml::MISSINGNESS_SKEW,
    ml::MIXED_TYPES,
    ml::NEAR_DUPLICATES,
    ml::NEW_CATEGORIES,
    ml::PARTITION_FRESHNESS,
    ml::PARTITION_SEQUENCE,
    ml::PERSONAL_DATA,
    ml::PERSONAL_NAMES,
    ml::SCHEMA_SKEW,
    ml::SLICE_COVERAGE,
    ml::SLICE_PRESENCE,
    ml::SPECIAL_CHARACTERS,
    ml::SPLIT_LEAKAGE,
    ml::STRING_VARIANTS,
    ml::TARGET_LEAKAGE,
    ml::TIME_LEAKAGE,
    ml::VALUE_SKEW,
    ml::VOLUME_HISTORY,
];

/// A check with its parameters.
pub trait Check: std::fmt::Debug + Send + Sync {
    /// What it requires.
    fn requirement(&self) -> &'static Requirement;

    /// Why the parameters, each of them well-formed, together demand nothing.
    fn demands_nothing(&self) -> Option<&'static str> {
        None
    }

    /// Its parameters, as its kind reads them.
    fn parameters(&self) -> serde_json::Value;

    /// Why the check can be run on no data, because its parameters make no sense.
    fn problem(&self, _target: &Target) -> Option<String> {
        None
    }

    /// What must be measured on the target.
    fn measures(&self, target: &Target) -> Vec<Measure>;

    /// Turns what was measured, in the order of [`Check::measures`], into evidence.
    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence>;
}

/// A kind of check, with what is known before it has parameters.
pub struct CheckKind {
    /// Its requirement.
    pub requirement: &'static Requirement,
    /// Reads its parameters.
    pub parse: fn(serde_json::Value) -> Result<Box<dyn Check>, serde_json::Error>,
    /// JSON Schema of its parameters.
    pub schema: fn() -> schemars::Schema,
    /// How the awkward cases are decided: nulls, NaN, empty data, ties, time zones, case.
    pub semantics: &'static str,
}

const fn kind<C: Check + DeserializeOwned + JsonSchema + 'static>(
    requirement: &'static Requirement,
    semantics: &'static str,
) -> CheckKind {
    CheckKind {
        requirement,
        parse: |value| Ok(Box::new(serde_json::from_value::<C>(value)?)),
        schema: || schemars::schema_for!(C),
        semantics,
    }
}

/// What [`Check::parameters`] gives for a check without anything to hide.
fn parameters_of<C: Serialize>(check: &C) -> serde_json::Value {
    serde_json::to_value(check).expect("parameters are plain data")
}

/// The requirements of all checks.
pub fn requirements() -> impl Iterator<Item = &'static Requirement> {
    CHECKS.iter().map(|kind| kind.requirement)
}

/// The kind of check with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static CheckKind> {
    CHECKS.iter().find(|kind| kind.requirement.id == id)
}

#[cfg(test)]
mod tests;
