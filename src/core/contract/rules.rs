//! Rules of a suite that say one by one which rows and slices they speak of, how much they matter, and
//! whether they count as we do: those of Soda and dbt. [`Rules`] collects them into a plan.

use super::document::Document;
use super::draft::Draft;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest};
use crate::checks::{Check, PlannedCheck, Target};
use crate::evidence::Severity;
use crate::measure::{Condition, LogicalType};

/// The rules of a file while they are collected.
pub(super) struct Rules<'a> {
    /// The file.
    pub(super) document: &'a Document,
    /// What is asked of it.
    pub(super) request: &'a PlanRequest<'a>,
    /// The tool whose file it is, as messages call it.
    tool: &'static str,
    draft: Draft<'a>,
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

impl<'a> Rules<'a> {
    /// No rules yet.
    pub(super) fn new(
        document: &'a Document,
        request: &'a PlanRequest<'a>,
        tool: &'static str,
    ) -> Self {
        Self {
            document,
            request,
            tool,
            draft: Draft::new(&document.file, request, None),
        }
    }

    /// The plan, or everything that is wrong with the file.
    pub(super) fn finish(self) -> Result<DatasetPlan, Vec<Problem>> {
        self.draft.finish()
    }

    /// Adds a check.
    pub(super) fn add(&mut self, rule: &Rule, severity: Severity, drafted: Drafted) {
        let target = Target {
            counted_as: drafted.differently.then_some(self.tool),
            ..self.target(rule, severity)
        };
        self.draft.push(PlannedCheck {
            rows: rule.rows.clone(),
            slices: rule.slices.clone(),
            ..PlannedCheck::new(target, drafted.check)
        });
    }

    /// Adds a rule that cannot be run; `why` reads after its name.
    pub(super) fn unsupported(&mut self, rule: &Rule, severity: Severity, why: impl Into<String>) {
        self.draft.unsupported(self.target(rule, severity), why);
    }

    /// Gives a column a type for data without types; the first one said is kept.
    pub(super) fn give_type(&mut self, column: &str, logical_type: LogicalType) {
        self.draft.give_type(column, logical_type);
    }

    /// Says that the file is wrong.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.draft.problem(problem);
    }

    fn target(&self, rule: &Rule, severity: Severity) -> Target {
        let position = self.document.position(&rule.pointer);
        Target {
            severity,
            ..self.draft.target(position, rule.column.as_deref())
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
