//! A plan in the making: what every reader of a foreign suite does with the rules it finds. Each rule
//! becomes a check at its place, or is kept as one that cannot be evaluated, or is a problem of the file.

use super::document::{Document, Position};
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest};
use crate::checks::{Check, NullFraction, PlannedCheck, Target, UnsupportedRule};
use crate::evidence::{Bound, Location, Severity};
use crate::measure::Condition;

/// A plan that rules are added to.
pub(super) struct Draft<'a> {
    /// How messages call the file.
    pub(super) file: &'a str,
    /// The dataset planned for.
    pub(super) dataset: &'a str,
    /// The tool whose way of counting is followed.
    pub(super) counted_as: &'static str,
    /// What there is of the plan.
    pub(super) plan: DatasetPlan,
    /// What is wrong with the file.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Draft<'a> {
    /// A plan without rules.
    pub(super) fn new(file: &'a str, request: &PlanRequest<'a>, counted_as: &'static str) -> Self {
        Self {
            file,
            dataset: request.dataset,
            counted_as,
            plan: DatasetPlan::default(),
            problems: Vec::new(),
        }
    }

    /// The plan, or everything that is wrong with the file.
    pub(super) fn finish(self) -> Result<DatasetPlan, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(self.plan)
        } else {
            Err(self.problems)
        }
    }

    /// A rule at a place, on a column or on the dataset as a whole.
    pub(super) fn target(&self, position: Position, column: Option<&str>) -> Target {
        Target {
            dataset: self.dataset.to_owned(),
            column: column.map(str::to_owned),
            severity: Severity::Error,
            location: Some(Location {
                file: self.file.to_owned(),
                line: position.line,
                column: position.column,
            }),
            counted_as: Some(self.counted_as),
            ..Target::default()
        }
    }

    /// The same for a JSON pointer of a document.
    pub(super) fn target_at(
        &self,
        document: &Document,
        pointer: &str,
        column: Option<&str>,
    ) -> Target {
        self.target(document.position(pointer), column)
    }

    /// Adds a check.
    pub(super) fn add(&mut self, target: Target, check: impl Check + 'static) {
        self.plan
            .checks
            .push(PlannedCheck::new(target, Box::new(check)));
    }

    /// Adds a check that speaks of some rows only.
    pub(super) fn add_where(
        &mut self,
        target: Target,
        rows: Option<Condition>,
        check: impl Check + 'static,
    ) {
        let mut planned = PlannedCheck::new(target, Box::new(check));
        planned.rows = rows;
        self.plan.checks.push(planned);
    }

    /// Adds the rule that no value is null.
    pub(super) fn add_not_null(&mut self, target: Target) {
        let check = NullFraction {
            fraction: Some(Bound::AtMost(0.0)),
            ..NullFraction::default()
        };
        self.add(target, check);
    }

    /// Makes the rules added after the first `count` ones speak of a column only if it is there.
    pub(super) fn make_optional(&mut self, count: usize) {
        for planned in self.plan.checks.iter_mut().skip(count) {
            planned.optional = true;
        }
    }

    /// Adds a rule that cannot be evaluated; `why` is a sentence without a full stop.
    pub(super) fn unsupported(&mut self, target: Target, why: impl Into<String>) {
        self.add(target, UnsupportedRule { why: why.into() });
    }

    /// Adds something that is wrong with the file.
    pub(super) fn problem(&mut self, position: Position, message: impl Into<String>) {
        self.problems
            .push(Problem::new(self.file, position, message));
    }
}
