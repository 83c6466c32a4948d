//! Data checks. A check says what must be measured, then judges the numbers; it opens nothing.
//!
//! To add one: write a file with a parameter struct that implements [`Check`], declare it below and
//! add its line to [`CHECKS`]. It can then be written in any contract as a `custom` quality rule of
//! the engine `proofmark`; `explain`, SARIF rules and the documentation follow from its metadata.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod accepted_values;
mod column_presence;
mod column_type;
mod duplicate_rows;
mod freshness;
mod mean;
mod missing_values;
pub mod ml;
mod null_fraction;
mod quantile;
mod row_count;
mod uniqueness;
mod unsupported_rule;
mod value_length;
mod value_pattern;
mod value_range;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::evidence::{
    Bound, Evidence, FailingRows, Location, Quantity, Reason, Requirement, Severity, Subject, Unit,
};
use crate::measure::{Condition, Groups, Measure, Measured, Moments, RowRule, Slice, TableFacts};

pub use accepted_values::AcceptedValues;
pub use column_presence::ColumnPresence;
pub use column_type::ColumnType;
pub use duplicate_rows::DuplicateRows;
pub use freshness::Freshness;
pub use mean::Mean;
pub use missing_values::MissingValues;
pub use null_fraction::NullFraction;
pub use quantile::Quantile;
pub use row_count::RowCount;
pub use uniqueness::Uniqueness;
pub use unsupported_rule::UnsupportedRule;
pub use value_length::ValueLength;
pub use value_pattern::ValuePattern;
pub use value_range::ValueRange;

/// Every check there is.
pub const CHECKS: &[CheckKind] = &[
    kind::<AcceptedValues>(&accepted_values::REQUIREMENT),
    kind::<ColumnPresence>(&column_presence::REQUIREMENT),
    kind::<ColumnType>(&column_type::REQUIREMENT),
    kind::<DuplicateRows>(&duplicate_rows::REQUIREMENT),
    kind::<Freshness>(&freshness::REQUIREMENT),
    kind::<Mean>(&mean::REQUIREMENT),
    kind::<MissingValues>(&missing_values::REQUIREMENT),
    kind::<NullFraction>(&null_fraction::REQUIREMENT),
    kind::<Quantile>(&quantile::REQUIREMENT),
    kind::<RowCount>(&row_count::REQUIREMENT),
    kind::<Uniqueness>(&uniqueness::REQUIREMENT),
    kind::<UnsupportedRule>(&unsupported_rule::REQUIREMENT),
    kind::<ValueLength>(&value_length::REQUIREMENT),
    kind::<ValuePattern>(&value_pattern::REQUIREMENT),
    kind::<ValueRange>(&value_range::REQUIREMENT),
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
    ml::OUTLIERS,
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

    /// Its parameters, as its kind reads them.
    fn parameters(&self) -> serde_json::Value;

    /// What must be measured on the target.
    fn measures(&self, target: &Target) -> Vec<Measure>;

    /// Turns what was measured, in the order of [`Check::measures`], into evidence.
    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence>;
}

/// Where a check applies and who demanded it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Name of the dataset.
    pub dataset: String,
    /// The column; `None` for checks on the dataset as a whole.
    pub column: Option<String>,
    /// Whether values must not be shown.
    pub personal: bool,
    /// How much it matters.
    pub severity: Severity,
    /// The line that demanded it.
    pub location: Option<Location>,
    /// The rows it speaks of, in words; all when absent.
    pub rows: Option<String>,
    /// The tool whose way of counting is followed, where it is not our own: "Great Expectations 1".
    pub counted_as: Option<&'static str>,
}

/// A check on its target.
#[derive(Debug)]
pub struct PlannedCheck {
    /// Where.
    pub target: Target,
    /// What.
    pub check: Box<dyn Check>,
    /// The rows it speaks of; all when absent.
    pub rows: Option<Condition>,
    /// Columns whose combinations of values are each judged for themselves; none when empty.
    pub slices: Vec<String>,
}

impl PlannedCheck {
    /// A check on all rows.
    #[must_use]
    pub fn new(target: Target, check: Box<dyn Check>) -> Self {
        Self {
            target,
            check,
            rows: None,
            slices: Vec::new(),
        }
    }

    /// What must be measured.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let mut measures = self.check.measures(&self.target);
        if self.rows.is_none() && self.slices.is_empty() {
            return measures;
        }
        // Fractions are of the rows spoken of.
        measures.push(Measure::RowCount);
        let condition = self.rows.clone().map(std::sync::Arc::new);
        measures
            .into_iter()
            .map(|measure| match &condition {
                Some(condition) => Measure::Where(condition.clone(), Box::new(measure)),
                None => measure,
            })
            .map(|measure| match self.slices.as_slice() {
                [] => measure,
                columns => Measure::By(columns.to_vec(), Box::new(measure)),
            })
            .collect()
    }

    /// Turns what was measured, in the order of [`PlannedCheck::measures`], into evidence: one verdict,
    /// or one for each slice.
    #[must_use]
    pub fn judge(&self, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let mut target = self.target.clone();
        if let Some(rows) = &self.rows {
            target.rows.get_or_insert_with(|| rows.to_string());
        }
        if self.slices.is_empty() {
            return self.judge_rows(&target, facts, measured);
        }
        let slices = |measured: &Measured| match measured {
            Measured::Slices(slices) => slices.clone(),
            other => vec![Slice {
                values: Vec::new(),
                measured: other.clone(),
            }],
        };
        let columns: Vec<Vec<Slice>> = measured.iter().map(slices).collect();
        let Some(first) = columns.first() else {
            return self.judge_rows(&target, facts, measured);
        };
        first
            .iter()
            .flat_map(|slice| {
                let own: Vec<Measured> = columns
                    .iter()
                    .map(|column| {
                        let found = column.iter().find(|other| other.values == slice.values);
                        found.map_or_else(
                            || {
                                Measured::Failed(
                                    Reason::Undefined,
                                    "the slice was measured in part".to_owned(),
                                )
                            },
                            |found| found.measured.clone(),
                        )
                    })
                    .collect();
                let target = Target {
                    rows: Some(self.slice_in_words(&target, slice)),
                    ..target.clone()
                };
                self.judge_rows(&target, facts, &own)
            })
            .collect()
    }

    fn slice_in_words(&self, target: &Target, slice: &Slice) -> String {
        let parts = self.slices.iter().zip(&slice.values);
        let mut words: Vec<String> = target.rows.iter().cloned().collect();
        words.extend(parts.map(|(column, value)| match value {
            Some(value) => format!("{column}={value}"),
            None => format!("{column} is null"),
        }));
        if words.is_empty() {
            words.push(self.slices.join(", "));
        }
        words.join(", ")
    }

    fn judge_rows(
        &self,
        target: &Target,
        facts: &TableFacts,
        measured: &[Measured],
    ) -> Vec<Evidence> {
        if self.rows.is_none() && self.slices.is_empty() {
            return self.check.judge(target, facts, measured);
        }
        let Some((row_count, own)) = measured.split_last() else {
            return Vec::new();
        };
        match row_count {
            Measured::Count(row_count) => {
                let facts = TableFacts {
                    row_count: *row_count,
                    ..facts.clone()
                };
                self.check.judge(target, &facts, own)
            }
            // The rows could not be counted, so nothing else could be measured on them.
            other => {
                let own = vec![other.clone(); own.len().max(1)];
                self.check.judge(target, facts, &own)
            }
        }
    }
}

/// A kind of check, with what is known before it has parameters.
pub struct CheckKind {
    /// Its requirement.
    pub requirement: &'static Requirement,
    /// Reads its parameters.
    pub parse: fn(serde_json::Value) -> Result<Box<dyn Check>, serde_json::Error>,
    /// JSON Schema of its parameters.
    pub schema: fn() -> schemars::Schema,
}

const fn kind<C: Check + DeserializeOwned + JsonSchema + 'static>(
    requirement: &'static Requirement,
) -> CheckKind {
    CheckKind {
        requirement,
        parse: |value| Ok(Box::new(serde_json::from_value::<C>(value)?)),
        schema: || schemars::schema_for!(C),
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

/// How many rows may fail: at most a number, or at most a fraction of the eligible ones. None by
/// default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Bound on the number of failing rows.
    #[serde(default)]
    pub rows: Option<Bound>,
    /// Bound on the fraction of failing rows, in [0, 1].
    #[serde(default)]
    pub fraction: Option<Bound>,
    /// What the fraction is of.
    #[serde(default)]
    pub of: Denominator,
}

/// What a fraction of rows is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The rows the rule speaks of: mostly those whose value is not null.
    #[default]
    EligibleRows,
    /// All rows, also those whose value is null.
    AllRows,
}

/// What is counted when keys repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateCount {
    /// Rows that repeat an earlier row.
    #[default]
    SurplusRows,
    /// All rows whose key occurs more than once, the first one too.
    AllRows,
    /// Keys that occur more than once.
    Keys,
}

impl DuplicateCount {
    /// The repeated keys as failing rows.
    fn of(self, groups: &Groups) -> FailingRows {
        FailingRows {
            count: match self {
                Self::SurplusRows => groups.surplus(),
                Self::AllRows => groups.rows_of_repeated,
                Self::Keys => groups.repeated,
            },
            eligible: groups.rows,
            examples: groups.examples.clone(),
        }
    }
}

impl Target {
    /// The subject of the evidence.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let dataset = self.dataset.clone();
        if let Some(rows) = &self.rows {
            return Subject::Rows {
                dataset,
                column: self.column.clone(),
                rows: rows.clone(),
            };
        }
        match &self.column {
            Some(column) => Subject::Column {
                dataset,
                column: column.clone(),
            },
            None => Subject::Dataset { dataset },
        }
    }

    /// The name of the column; empty for checks on the dataset as a whole.
    fn column_name(&self) -> String {
        self.column.clone().unwrap_or_default()
    }

    fn finish(&self, mut evidence: Evidence) -> Vec<Evidence> {
        if let Some(tool) = self.counted_as {
            evidence
                .message
                .push_str(&format!(" (counted as {tool} counts)"));
        }
        vec![evidence.severity(self.severity).at(self.location.clone())]
    }

    /// The evidence of a measurement that failed.
    fn failed(&self, requirement: &Requirement, reason: Reason, why: &str) -> Vec<Evidence> {
        self.finish(Evidence::not_evaluated(
            requirement.id,
            self.subject(),
            reason,
            format!(
                "{} of {} was not evaluated: {why}",
                words(requirement),
                self.subject()
            ),
        ))
    }

    /// Judges one number.
    fn judge_number(
        &self,
        requirement: &Requirement,
        measured: &Measured,
        unit: Unit,
        sample_count: u64,
        bound: Bound,
    ) -> Vec<Evidence> {
        let value = match measured {
            Measured::Number(Some(value)) => *value,
            Measured::Number(None) => {
                return self.failed(requirement, Reason::Undefined, "no row has a value");
            }
            Measured::Count(count) => *count as f64,
            Measured::Failed(reason, why) => return self.failed(requirement, *reason, why),
            _ => return self.something_else(requirement),
        };
        let quantity = Quantity::new(value, unit).of(sample_count);
        let outcome = bound.judge(&quantity);
        let message = format!(
            "{} of {} is {}, required {bound}",
            words(requirement),
            self.subject(),
            bound.beside(value)
        );
        self.finish(
            Evidence::new(requirement.id, self.subject(), outcome, message)
                .measured(quantity, bound),
        )
    }

    /// Judges a number made of moments; `statistic` is `None` where it is not defined.
    fn judge_moments(
        &self,
        requirement: &Requirement,
        measured: &Measured,
        statistic: impl Fn(&Moments) -> Option<f64>,
        bound: Bound,
    ) -> Vec<Evidence> {
        match measured {
            Measured::Moments(moments) => {
                let number = if moments.count == 0 {
                    None
                } else {
                    statistic(moments)
                };
                let number = Measured::Number(number);
                self.judge_number(requirement, &number, Unit::Number, moments.count, bound)
            }
            other => self.judge_number(requirement, other, Unit::Number, 0, bound),
        }
    }

    /// Judges the rows that fail a rule; `wrong` reads after the count: "values are not in …".
    fn judge_failing(
        &self,
        requirement: &Requirement,
        facts: &TableFacts,
        measured: &Measured,
        tolerance: Tolerance,
        wrong: &str,
    ) -> Vec<Evidence> {
        match measured {
            Measured::Failing(failing) => {
                self.judge_rows(requirement, facts, failing, tolerance, wrong)
            }
            Measured::Failed(reason, why) => self.failed(requirement, *reason, why),
            _ => self.something_else(requirement),
        }
    }

    /// Judges repeated keys.
    fn judge_groups(
        &self,
        requirement: &Requirement,
        facts: &TableFacts,
        measured: &Measured,
        (count, tolerance): (DuplicateCount, Tolerance),
        wrong: &str,
    ) -> Vec<Evidence> {
        match measured {
            Measured::Groups(groups) => {
                self.judge_rows(requirement, facts, &count.of(groups), tolerance, wrong)
            }
            Measured::Failed(reason, why) => self.failed(requirement, *reason, why),
            _ => self.something_else(requirement),
        }
    }

    fn something_else(&self, requirement: &Requirement) -> Vec<Evidence> {
        self.failed(
            requirement,
            Reason::Unsupported,
            "the engine measured something else",
        )
    }

    fn judge_rows(
        &self,
        requirement: &Requirement,
        facts: &TableFacts,
        failing: &FailingRows,
        tolerance: Tolerance,
        wrong: &str,
    ) -> Vec<Evidence> {
        let (quantity, bound) = tolerance.apply(failing, facts);
        let outcome = if failing.eligible == 0 && failing.count == 0 {
            // Nothing can be wrong with no value; whether there must be values is another check.
            bound.judge(&Quantity {
                sample_count: None,
                ..quantity
            })
        } else {
            bound.judge(&quantity)
        };
        let rows = Quantity::rows(failing.count);
        let message = if failing.count == 0 {
            format!(
                "{}: none of {} values {wrong}",
                self.subject(),
                failing.eligible
            )
        } else {
            format!(
                "{}: {rows} of {} {wrong}, required {bound}",
                self.subject(),
                failing.eligible
            )
        };
        let evidence = Evidence::new(requirement.id, self.subject(), outcome, message)
            .measured(quantity, bound)
            .rows(self.mask(failing));
        self.finish(evidence)
    }

    fn mask(&self, failing: &FailingRows) -> FailingRows {
        let mut failing = failing.clone();
        if self.personal {
            for example in &mut failing.examples {
                example.masked = example.value.take().is_some();
            }
        }
        failing
    }
}

impl Tolerance {
    /// No row may fail.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn apply(self, failing: &FailingRows, facts: &TableFacts) -> (Quantity, Bound) {
        let rows = Quantity::rows(failing.count).of(failing.eligible);
        match (self.rows, self.fraction) {
            (Some(bound), _) => (rows, bound),
            (None, Some(bound)) => {
                let of = match self.of {
                    Denominator::EligibleRows => failing.eligible,
                    Denominator::AllRows => facts.row_count,
                };
                let fraction = failing.count as f64 / of.max(1) as f64;
                (Quantity::new(fraction, Unit::Fraction).of(of), bound)
            }
            (None, None) => (rows, Bound::AtMost(0.0)),
        }
    }
}

/// A rule on the values of the target's column that are not null.
fn failing(target: &Target, fails: Condition) -> Vec<Measure> {
    let column = target.column_name();
    vec![Measure::Failing(RowRule {
        fails,
        eligible: Condition::present(column.clone()),
        shown: Some(column),
    })]
}

/// The id as words: `null-fraction` → `null fraction`.
fn words(requirement: &Requirement) -> String {
    requirement.id.replace('-', " ")
}

#[cfg(test)]
mod tests;
