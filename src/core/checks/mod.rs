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
mod null_fraction;
mod quantile;
mod row_count;
mod uniqueness;
mod unsupported_rule;
mod value_length;
mod value_pattern;
mod value_range;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::evidence::{
    Bound, Evidence, FailingRows, Location, Quantity, Reason, Requirement, Severity, Subject, Unit,
};
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

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
];

/// A check with its parameters.
pub trait Check: std::fmt::Debug + Send + Sync {
    /// What must be measured on the target.
    fn measures(&self, target: &Target) -> Vec<Measure>;

    /// Turns what was measured, in the order of [`Check::measures`], into evidence.
    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence>;
}

/// Where a check applies and who demanded it.
#[derive(Clone, Debug, PartialEq)]
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
}

/// A check on its target.
#[derive(Debug)]
pub struct PlannedCheck {
    /// Where.
    pub target: Target,
    /// What.
    pub check: Box<dyn Check>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Bound on the number of failing rows.
    #[serde(default)]
    pub rows: Option<Bound>,
    /// Bound on the fraction of failing rows among the eligible ones, in [0, 1].
    #[serde(default)]
    pub fraction: Option<Bound>,
}

impl Target {
    /// The subject of the evidence.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let dataset = self.dataset.clone();
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

    fn finish(&self, evidence: Evidence) -> Vec<Evidence> {
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
            Measured::Failing(_) | Measured::Newest(_) | Measured::Distribution(_) => {
                return self.failed(
                    requirement,
                    Reason::Unsupported,
                    "the engine measured something else",
                );
            }
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

    /// Judges the rows that fail a predicate; `wrong` reads after the count: "values are not in …".
    fn judge_failing(
        &self,
        requirement: &Requirement,
        measured: &Measured,
        tolerance: Tolerance,
        wrong: &str,
    ) -> Vec<Evidence> {
        let failing = match measured {
            Measured::Failing(failing) => failing,
            Measured::Failed(reason, why) => return self.failed(requirement, *reason, why),
            Measured::Count(_)
            | Measured::Number(_)
            | Measured::Newest(_)
            | Measured::Distribution(_) => {
                return self.failed(
                    requirement,
                    Reason::Unsupported,
                    "the engine measured something else",
                );
            }
        };
        let (quantity, bound) = tolerance.apply(failing);
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
    /// At most this many rows.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn apply(self, failing: &FailingRows) -> (Quantity, Bound) {
        let rows = Quantity::rows(failing.count).of(failing.eligible);
        match (self.rows, self.fraction) {
            (Some(bound), _) => (rows, bound),
            (None, Some(bound)) => {
                let eligible = failing.eligible.max(1) as f64;
                let fraction = failing.count as f64 / eligible;
                (
                    Quantity::new(fraction, Unit::Fraction).of(failing.eligible),
                    bound,
                )
            }
            (None, None) => (rows, Bound::AtMost(0.0)),
        }
    }
}

/// A measure of failing rows.
fn failing(predicate: RowPredicate) -> Vec<Measure> {
    vec![Measure::Failing(predicate)]
}

/// The id as words: `null-fraction` → `null fraction`.
fn words(requirement: &Requirement) -> String {
    requirement.id.replace('-', " ")
}

#[cfg(test)]
mod tests;
