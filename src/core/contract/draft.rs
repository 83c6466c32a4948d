//! A plan in the making: what every reader of a suite does with the rules it finds. Each rule becomes a
//! check at its place, or is kept as one that cannot be evaluated, or is a problem of the file.

use super::document::Position;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest};
use crate::checks::{Check, NullFraction, PlannedCheck, Target, UnsupportedRule};
use crate::evidence::{Bound, Location, Severity};
use crate::measure::{Condition, LogicalType};

/// A plan that rules are added to.
pub(super) struct Draft<'a> {
    /// How messages call the file.
    pub(super) file: &'a str,
    /// What is asked of it.
    pub(super) request: &'a PlanRequest<'a>,
    /// The tool whose way of counting every rule follows; `None` where rules say so one by one.
    counted_as: Option<&'static str>,
    /// What there is of the plan.
    pub(super) plan: DatasetPlan,
    problems: Vec<Problem>,
}

impl<'a> Draft<'a> {
    /// A plan without rules.
    pub(super) fn new(
        file: &'a str,
        request: &'a PlanRequest<'a>,
        counted_as: Option<&'static str>,
    ) -> Self {
        Self {
            file,
            request,
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
            dataset: self.request.dataset.to_owned(),
            column: column.map(str::to_owned),
            severity: Severity::Error,
            location: Some(Location {
                file: self.file.to_owned(),
                line: position.line,
                column: position.column,
            }),
            counted_as: self.counted_as,
            ..Target::default()
        }
    }

    /// Adds a check.
    pub(super) fn add(&mut self, target: Target, check: impl Check + 'static) {
        self.push(PlannedCheck::new(target, Box::new(check)));
    }

    /// Adds a check that speaks of some rows only.
    pub(super) fn add_where(
        &mut self,
        target: Target,
        rows: Option<Condition>,
        check: impl Check + 'static,
    ) {
        self.push(PlannedCheck {
            rows,
            ..PlannedCheck::new(target, Box::new(check))
        });
    }

    /// Adds a check with all that was planned for it.
    pub(super) fn push(&mut self, planned: PlannedCheck) {
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

    /// Gives a column a type for data without types; the first one said is kept.
    pub(super) fn give_type(&mut self, column: &str, logical_type: LogicalType) {
        if self.plan.types.iter().all(|(known, _)| known != column) {
            self.plan.types.push((column.to_owned(), logical_type));
        }
    }

    /// Says that the file is wrong.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Says what is wrong at a place of the file.
    pub(super) fn problem_at(&mut self, position: Position, message: impl Into<String>) {
        self.problem(Problem::new(self.file, position, message));
    }
}
