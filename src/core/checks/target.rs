//! Where a check applies, and how what was measured there becomes evidence.

use super::scalars::Judged;
use super::{DuplicateCount, Requirement, ScalarBound, Tolerance};
use crate::evidence::{
    Bound, Evidence, FailingRows, Location, Outcome, Quantity, Reason, Severity, Subject, Unit,
};
use crate::measure::{Groups, Measured, Moments, Scalar, TableFacts};

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
    pub(super) fn column_name(&self) -> String {
        self.column.clone().unwrap_or_default()
    }

    pub(super) fn finish(&self, mut evidence: Evidence) -> Vec<Evidence> {
        if let Some(tool) = self.counted_as {
            evidence
                .message
                .push_str(&format!(" (counted as {tool} counts)"));
        }
        vec![evidence.severity(self.severity).at(self.location.clone())]
    }

    /// The evidence of a rule on a column that need not be there and is not.
    pub(super) fn absent(&self, requirement: &Requirement) -> Vec<Evidence> {
        let subject = self.subject();
        let message = format!("{subject} is absent, which the rule allows");
        self.finish(Evidence::new(
            requirement.id,
            subject,
            Outcome::Met,
            message,
        ))
    }

    /// The evidence of a measurement that failed.
    pub(super) fn failed(
        &self,
        requirement: &Requirement,
        reason: Reason,
        why: &str,
    ) -> Vec<Evidence> {
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
    pub(super) fn judge_number(
        &self,
        requirement: &Requirement,
        measured: &Measured,
        unit: Unit,
        sample_count: Option<u64>,
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
        let quantity = Quantity {
            sample_count,
            ..Quantity::new(value, unit)
        };
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

    /// Judges a number that surely lies between two: on all of what it may be.
    pub(super) fn judge_between(
        &self,
        requirement: &Requirement,
        (lower, upper): (f64, f64),
        sample_count: Option<u64>,
        bound: Bound,
    ) -> Vec<Evidence> {
        let middle = lower + (upper - lower) / 2.0;
        let quantity = Quantity {
            sample_count,
            ..Quantity::new(middle, Unit::Number).within(lower, upper, 1.0)
        };
        let outcome = bound.judge_interval(&quantity);
        let message = format!(
            "{} of {} lies between {} and {}, required {bound}",
            words(requirement),
            self.subject(),
            bound.beside(lower),
            bound.beside(upper)
        );
        let evidence = Evidence::new(requirement.id, self.subject(), outcome, message)
            .measured(quantity, bound);
        self.finish(match outcome {
            Outcome::NotEvaluated(Reason::TooFewRows) => evidence.remedy(
                "The bound lies between the two; take `approximate` away to decide exactly.",
            ),
            Outcome::NotEvaluated(_) | Outcome::Met | Outcome::NotMet => evidence,
        })
    }

    /// Judges a number made of moments; `statistic` is `None` where it is not defined.
    pub(super) fn judge_moments(
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
                let rows = Some(moments.count);
                self.judge_number(requirement, &number, Unit::Number, rows, bound)
            }
            other => self.judge_number(requirement, other, Unit::Number, None, bound),
        }
    }

    /// Judges the rows that fail a rule; `wrong` reads after the count: "values are not in …".
    pub(super) fn judge_failing(
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
    pub(super) fn judge_groups(
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

    pub(super) fn something_else(&self, requirement: &Requirement) -> Vec<Evidence> {
        self.failed(
            requirement,
            Reason::Unsupported,
            "the engine measured something else",
        )
    }

    /// Judges a number made of groups; `statistic` is `None` where it is not defined.
    pub(super) fn judge_group_number(
        &self,
        requirement: &Requirement,
        measured: &Measured,
        statistic: impl Fn(&Groups) -> Option<f64>,
        unit: Unit,
        bound: Bound,
    ) -> Vec<Evidence> {
        match measured {
            Measured::Groups(groups) => {
                let number = Measured::Number(statistic(groups));
                self.judge_number(requirement, &number, unit, None, bound)
            }
            Measured::Failed(reason, why) => self.failed(requirement, *reason, why),
            _ => self.something_else(requirement),
        }
    }

    /// Judges one value that need not be a number.
    pub(super) fn judge_scalar(
        &self,
        requirement: &Requirement,
        value: &Scalar,
        bound: &ScalarBound,
    ) -> Vec<Evidence> {
        let shown = if self.personal {
            "not shown".to_owned()
        } else {
            value.to_string()
        };
        let message = format!(
            "{} of {} is {shown}, required {bound}",
            words(requirement),
            self.subject()
        );
        match bound.judge(value) {
            Ok(Judged::Number(number, bound)) if !self.personal => {
                let quantity = Quantity::new(number, Unit::Number);
                let evidence = Evidence::new(
                    requirement.id,
                    self.subject(),
                    bound.judge(&quantity),
                    message,
                );
                self.finish(evidence.measured(quantity, bound))
            }
            Ok(Judged::Number(number, bound)) => {
                let outcome = bound.judge(&Quantity::new(number, Unit::Number));
                self.finish(Evidence::new(
                    requirement.id,
                    self.subject(),
                    outcome,
                    message,
                ))
            }
            Ok(Judged::Other(holds)) => self.verdict(requirement, holds, message),
            Err(why) => self.unsupported(requirement, &why),
        }
    }

    /// Evidence of what is decided without a number; `message` is the whole sentence.
    pub(super) fn verdict(
        &self,
        requirement: &Requirement,
        holds: bool,
        message: String,
    ) -> Vec<Evidence> {
        let outcome = if holds { Outcome::Met } else { Outcome::NotMet };
        self.finish(Evidence::new(
            requirement.id,
            self.subject(),
            outcome,
            message,
        ))
    }

    /// The evidence of a rule whose parameters cannot be run.
    pub(super) fn unsupported(&self, requirement: &Requirement, why: &str) -> Vec<Evidence> {
        self.failed(requirement, Reason::Unsupported, why)
    }

    pub(super) fn judge_rows(
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

    pub(super) fn mask(&self, failing: &FailingRows) -> FailingRows {
        let mut failing = failing.clone();
        if self.personal {
            for example in &mut failing.examples {
                example.masked = example.value.take().is_some();
            }
        }
        failing
    }
}

/// The id as words: `null-fraction` → `null fraction`.
pub(super) fn words(requirement: &Requirement) -> String {
    requirement.id.replace('-', " ")
}
