//! What an expectation demands, and the three ways its checks differ from those of a contract: several
//! ends make one verdict, nulls of rules over columns count as pandas counts them, and a column must hold
//! what can be compared at all.

use serde_json::Value as Json;

use super::query_conditions::calculated;
use crate::checks::{Check, ColumnType, Target, ValueType};
use crate::evidence::{Bound, Evidence, Outcome, Requirement};
use crate::measure::{Condition, LogicalType, Measure, Measured, RowRule, TableFacts, Value};

/// What an expectation demands.
#[derive(Debug)]
pub(super) struct Demand {
    /// Of which column; `None` for the table or several columns.
    pub(super) column: Option<String>,
    /// The check.
    pub(super) check: Box<dyn Check>,
    /// Columns that must be read as numbers where the file does not say what they are.
    pub(super) numbers: Vec<String>,
    /// Whether the tool counts as no contract of ours does.
    pub(super) own_counting: bool,
}

impl Demand {
    /// A demand on a column.
    pub(super) fn of(column: String, check: impl Check + 'static) -> Self {
        Self {
            column: Some(column),
            ..Self::of_table(check)
        }
    }

    /// A demand on the table.
    pub(super) fn of_table(check: impl Check + 'static) -> Self {
        Self {
            column: None,
            check: Box::new(check),
            numbers: Vec::new(),
            own_counting: false,
        }
    }

    /// A demand on a column of numbers.
    pub(super) fn of_numbers(column: String, check: impl Check + 'static) -> Self {
        let guarded = AllOf::new(vec![Box::new(Holds::numbers()), Box::new(check)]);
        Self {
            numbers: vec![column.clone()],
            ..Self::of(column, guarded)
        }
    }

    /// The same, once the columns the row condition calculates with are found to hold numbers.
    pub(super) fn once_readable(self, rows: &Condition) -> Self {
        let mut columns = Vec::new();
        calculated(rows, &mut columns);
        let numbers = |column: &&str| {
            let (column, check) = ((*column).to_owned(), Holds::numbers());
            Box::new(Beside { column, check }) as Box<dyn Check>
        };
        let mut checks: Vec<Box<dyn Check>> = columns.iter().map(numbers).collect();
        if checks.is_empty() {
            return self;
        }
        checks.push(self.check);
        Self {
            check: Box::new(AllOf::new(checks)),
            ..self
        }
    }

    /// The same, counted as no contract of ours counts.
    pub(super) fn counted_its_way(self) -> Self {
        Self {
            own_counting: true,
            ..self
        }
    }
}

/// The ends of a range as bounds on a number; a strict end is a bound of its own.
pub(super) fn bounds(ends: [Option<f64>; 2], strict: [bool; 2]) -> Vec<Bound> {
    match (ends, strict) {
        ([Some(least), Some(most)], [false, false]) if least <= most => {
            vec![Bound::Between(least, most)]
        }
        ([least, most], [strict_least, strict_most]) => {
            let least = least.map(|least| match strict_least {
                true => Bound::MoreThan(least),
                false => Bound::AtLeast(least),
            });
            let most = most.map(|most| match strict_most {
                true => Bound::LessThan(most),
                false => Bound::AtMost(most),
            });
            least.into_iter().chain(most).collect()
        }
    }
}

/// Several checks that make one verdict: the first that is not met, else the first that could not be
/// evaluated, else the last.
#[derive(Debug)]
pub(super) struct AllOf {
    checks: Vec<Box<dyn Check>>,
}

impl AllOf {
    /// All of these; the last one says what is demanded. At least one.
    pub(super) fn new(checks: Vec<Box<dyn Check>>) -> Self {
        Self { checks }
    }

    /// One check for each bound.
    pub(super) fn bounds<C: Check + 'static>(
        bounds: Vec<Bound>,
        check: impl Fn(Bound) -> C,
    ) -> Self {
        let boxed = |bound| Box::new(check(bound)) as Box<dyn Check>;
        Self::new(bounds.into_iter().map(boxed).collect())
    }
}

impl Check for AllOf {
    fn requirement(&self) -> &'static Requirement {
        match self.checks.last() {
            Some(check) => check.requirement(),
            None => Holds::numbers().requirement(),
        }
    }

    fn parameters(&self) -> Json {
        self.checks
            .last()
            .map_or(Json::Null, |check| check.parameters())
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let measures = self.checks.iter().map(|check| check.measures(target));
        measures.flatten().collect()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let mut rest = measured;
        let mut worst: Vec<Evidence> = Vec::new();
        for check in &self.checks {
            let count = check.measures(target).len().min(rest.len());
            let (own, others) = rest.split_at(count);
            rest = others;
            let found = check.judge(target, facts, own);
            if worst.is_empty() || rank(&worst) <= rank(&found) {
                worst = found;
            }
            if rank(&worst) == 2 {
                break;
            }
        }
        worst
    }
}

fn rank(evidence: &[Evidence]) -> u8 {
    let rank = |one: &Evidence| match one.outcome {
        Outcome::Met => 0,
        Outcome::NotEvaluated(_) => 1,
        Outcome::NotMet => 2,
    };
    evidence.iter().map(rank).max().unwrap_or(0)
}

/// A check whose rows are chosen another way than its own.
#[derive(Debug)]
pub(super) struct RowsOf {
    /// What judges.
    check: Box<dyn Check>,
    /// What is measured.
    rule: RowRule,
}

impl RowsOf {
    /// `check`, failing where the row does not hold, among the eligible ones.
    pub(super) fn new(check: impl Check + 'static, holds: Condition, eligible: Condition) -> Self {
        Self {
            check: Box::new(check),
            rule: RowRule {
                fails: holds.is_true().negated(),
                eligible,
                shown: None,
            },
        }
    }

    /// The same, showing the values of a column.
    pub(super) fn showing(mut self, column: &str) -> Self {
        self.rule.shown = Some(column.to_owned());
        self
    }
}

impl Check for RowsOf {
    fn requirement(&self) -> &'static Requirement {
        self.check.requirement()
    }

    fn parameters(&self) -> Json {
        self.check.parameters()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        // A check that cannot be run measures nothing, and then says so.
        match self.check.measures(target).as_slice() {
            [] => Vec::new(),
            [..] => vec![Measure::Failing(self.rule.clone())],
        }
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        self.check.judge(target, facts, measured)
    }
}

/// That the column holds what the expectation can compare. Where Great Expectations raises a
/// `TypeError`, this is not met.
#[derive(Clone, Debug)]
pub(super) struct Holds {
    /// What a column with a type of its own may be; the first names it.
    typed: Vec<LogicalType>,
    /// What values of a file without types must read as.
    untyped: Vec<LogicalType>,
}

impl Holds {
    /// Numbers.
    pub(super) fn numbers() -> Self {
        Self {
            typed: vec![
                LogicalType::Number,
                LogicalType::Integer,
                LogicalType::Boolean,
            ],
            untyped: vec![LogicalType::Number],
        }
    }

    /// Numbers, or times in a file that knows them.
    pub(super) fn ordered() -> Self {
        let mut holds = Self::numbers();
        holds
            .typed
            .extend([LogicalType::Timestamp, LogicalType::Date]);
        holds
    }

    /// Dates and times.
    pub(super) fn times() -> Self {
        Self {
            typed: vec![
                LogicalType::Timestamp,
                LogicalType::Date,
                LogicalType::String,
            ],
            untyped: vec![LogicalType::Timestamp, LogicalType::Date],
        }
    }

    /// Texts.
    pub(super) fn texts() -> Self {
        Self {
            typed: vec![LogicalType::String],
            untyped: vec![LogicalType::String],
        }
    }

    fn readable(&self) -> ValueType {
        ValueType {
            types: self.untyped.clone(),
            ..ValueType::default()
        }
    }

    fn named(&self) -> ColumnType {
        let logical_type = self.typed.first().copied().unwrap_or(LogicalType::Number);
        ColumnType { logical_type }
    }
}

impl Check for Holds {
    fn requirement(&self) -> &'static Requirement {
        self.named().requirement()
    }

    fn parameters(&self) -> Json {
        self.named().parameters()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.readable().measures(target)
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let column = target.column.as_deref().unwrap_or_default();
        match facts.column(column) {
            Some(found) if facts.typed => {
                let known = found.logical_type;
                let accepted = known.is_some_and(|known| self.typed.contains(&known));
                // A text may still spell what is demanded.
                if accepted && known == Some(LogicalType::String) {
                    self.readable().judge(target, facts, measured)
                } else if accepted {
                    met(target, self.requirement())
                } else {
                    self.named().judge(target, facts, measured)
                }
            }
            Some(_) | None => self.readable().judge(target, facts, measured),
        }
    }
}

/// A demand on another column than the one the expectation is about.
#[derive(Debug)]
struct Beside {
    column: String,
    check: Holds,
}

impl Beside {
    fn target(&self, target: &Target) -> Target {
        Target {
            column: Some(self.column.clone()),
            ..target.clone()
        }
    }
}

impl Check for Beside {
    fn requirement(&self) -> &'static Requirement {
        self.check.requirement()
    }

    fn parameters(&self) -> Json {
        self.check.parameters()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.check.measures(&self.target(target))
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        self.check.judge(&self.target(target), facts, measured)
    }
}

/// Evidence that something holds which another check goes on from.
fn met(target: &Target, requirement: &Requirement) -> Vec<Evidence> {
    let message = format!("{} holds what can be compared", target.subject());
    vec![
        Evidence::new(requirement.id, target.subject(), Outcome::Met, message)
            .severity(target.severity)
            .at(target.location.clone()),
    ]
}

/// `column` is missing: null as the contract reads it.
pub(super) fn is_missing(column: &str) -> Condition {
    Condition::IsNull(Value::column(column))
}
