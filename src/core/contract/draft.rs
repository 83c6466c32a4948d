//! The checks of a foreign suite while they are collected: where each stands in the file, how much it
//! matters, and what could not be run.

use super::document::Document;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest};
use crate::checks::{Check, PlannedCheck, Target, UnsupportedRule};
use crate::evidence::{Location, Severity};
use crate::measure::{Condition, LogicalType};

/// A plan that is being made.
pub(super) struct Draft<'a> {
    /// The file.
    pub(super) document: &'a Document,
    /// What is asked of it.
    pub(super) request: &'a PlanRequest<'a>,
    /// The tool whose file it is, as messages call it.
    pub(super) tool: &'static str,
    plan: DatasetPlan,
    problems: Vec<Problem>,
}

/// One rule of a suite: where it stands and what it speaks of.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    /// JSON pointer of what demanded it.
    pub(super) pointer: String,
    /// The column; `None` for the dataset as a whole.
    pub(super) column: Option<String>,
    /// The rows it speaks of; all when absent.
    pub(super) rows: Option<Condition>,
    /// Columns whose combinations of values are each judged for themselves.
    pub(super) slices: Vec<String>,
}

/// A check, and whether it counts in its tool's own way.
pub(super) struct Drafted {
    /// The check.
    pub(super) check: Box<dyn Check>,
    /// Whether our own rule of the same name would count otherwise.
    pub(super) differently: bool,
}

/// A check that counts as we do.
pub(super) fn ours(check: impl Check + 'static) -> Drafted {
    Drafted {
        check: Box::new(check),
        differently: false,
    }
}

/// A check that counts as its tool does.
pub(super) fn theirs(check: impl Check + 'static) -> Drafted {
    Drafted {
        check: Box::new(check),
        differently: true,
    }
}

impl<'a> Draft<'a> {
    /// An empty plan.
    pub(super) fn new(
        document: &'a Document,
        request: &'a PlanRequest<'a>,
        tool: &'static str,
    ) -> Self {
        Self {
            document,
            request,
            tool,
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

    /// Adds a check.
    pub(super) fn add(&mut self, rule: &Rule, severity: Severity, drafted: Drafted) {
        let target = Target {
            severity,
            counted_as: drafted.differently.then_some(self.tool),
            ..self.target(rule)
        };
        let planned = PlannedCheck {
            rows: rule.rows.clone(),
            slices: rule.slices.clone(),
            ..PlannedCheck::new(target, drafted.check)
        };
        self.plan.checks.push(planned);
    }

    /// Adds a rule that cannot be run; `why` reads after its name.
    pub(super) fn unsupported(&mut self, rule: &Rule, severity: Severity, why: impl Into<String>) {
        let target = Target {
            severity,
            ..self.target(rule)
        };
        let check = UnsupportedRule { why: why.into() };
        self.plan
            .checks
            .push(PlannedCheck::new(target, Box::new(check)));
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

    fn target(&self, rule: &Rule) -> Target {
        let position = self.document.position(&rule.pointer);
        Target {
            dataset: self.request.dataset.to_owned(),
            column: rule.column.clone(),
            location: Some(Location {
                file: self.document.file.clone(),
                line: position.line,
                column: position.column,
            }),
            ..Target::default()
        }
    }
}

/// Both conditions, where there are any.
pub(super) fn both(one: Option<Condition>, other: Option<Condition>) -> Option<Condition> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.and(other)),
        (one, other) => one.or(other),
    }
}
