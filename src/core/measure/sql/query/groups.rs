//! `having count(*) …`: which keys are asked for by how often they occur.

use sqlparser::ast::{BinaryOperator, Expr};

use super::super::{literals, read, refused};
use crate::measure::{Comparison, Condition, Groups, Measure, Scalar, Value};

/// Keys counted each for itself; what lists its keys is meant to have few.
const KEYS_MAX: usize = 200_000;

/// Keys given with an answer.
const KEYS_SHOWN_MAX: usize = 5;

/// How often a key must occur.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Having {
    comparison: Comparison,
    count: f64,
}

impl Having {
    fn holds(self, count: u64) -> bool {
        let count = count as f64;
        match self.comparison {
            Comparison::Equal => count == self.count,
            Comparison::NotEqual => count != self.count,
            Comparison::Less => count < self.count,
            Comparison::LessOrEqual => count <= self.count,
            Comparison::Greater => self.count < count,
            Comparison::GreaterOrEqual => self.count <= count,
        }
    }

    /// Whether keys that occur twice and those that occur more often are told apart: then each must be
    /// counted.
    pub(super) fn needs_frequencies(self) -> bool {
        // A comparison changes only beside its bound, so two counts above it stand for all.
        let last = 4_u64.max(self.count.clamp(0.0, 1e15) as u64 + 2);
        [3, 4, last - 2, last - 1, last]
            .iter()
            .any(|more| self.holds(*more) != self.holds(2))
    }

    pub(super) fn frequencies(self, key: &[Value]) -> Measure {
        Measure::Frequencies {
            values: key.to_vec(),
            combinations_max: KEYS_MAX,
        }
    }

    /// How many keys are asked for; `None` when their repetition alone does not tell.
    pub(super) fn count(self, groups: &Groups) -> Option<u64> {
        let once = if self.holds(1) {
            groups.singletons()
        } else {
            0
        };
        let repeated = if self.holds(2) { groups.repeated } else { 0 };
        (!self.needs_frequencies()).then_some(once + repeated)
    }

    /// How many keys are asked for, and the first few of them.
    pub(super) fn among(
        self,
        found: &[(Vec<Option<String>>, u64)],
    ) -> (u64, Vec<Vec<Option<String>>>) {
        let asked = || found.iter().filter(|(_, count)| self.holds(*count));
        let shown = asked().take(KEYS_SHOWN_MAX).map(|(key, _)| key.clone());
        (asked().count() as u64, shown.collect())
    }
}

/// Reads what follows `having`, or the `where` around a grouped query: a count compared with a number.
/// The second condition is on rows: `count(key)` does not count the rows in which the key is null.
pub(super) fn having(
    expression: &Expr,
    key: &[Value],
    counts: &[String],
) -> Result<(Having, Option<Condition>), String> {
    let unknown = || {
        refused(
            expression,
            "where only `count(*)` compared with a number is known",
        )
    };
    let (left, operator, right) = match expression {
        Expr::Nested(inner) => return having(inner, key, counts),
        Expr::BinaryOp { left, op, right } => (left, op, right),
        _ => return Err(unknown()),
    };
    let comparison = comparison(operator).ok_or_else(unknown)?;
    let (counted, comparison, count) = match (counted(left, counts), counted(right, counts)) {
        (Some(counted), None) => (counted, comparison, right),
        (None, Some(counted)) => (counted, comparison.mirrored(), left),
        (Some(_), Some(_)) | (None, None) => return Err(unknown()),
    };
    let count = match read::value(count, 0)? {
        Value::Literal(Scalar::Integer(whole)) => whole as f64,
        Value::Literal(Scalar::Number(number)) => number,
        _ => return Err(unknown()),
    };
    let having = Having { comparison, count };
    let present = match counted {
        None => None,
        Some(counted) => {
            let counted = read::value(counted, 0)?;
            if !key.contains(&counted) || having.holds(0) {
                return Err(unknown());
            }
            Some(Condition::IsNull(counted).negated())
        }
    };
    Ok((having, present))
}

/// What a side of a comparison counts, when it counts: all rows, or those in which this is not null.
fn counted<'a>(side: &'a Expr, counts: &[String]) -> Option<Option<&'a Expr>> {
    match side {
        Expr::Identifier(name) if counts.contains(&name.value.to_lowercase()) => Some(None),
        Expr::Function(function) => super::aggregate::counted(function),
        _ => None,
    }
}

/// A comparison.
pub(super) fn comparison(operator: &BinaryOperator) -> Option<Comparison> {
    match operator {
        BinaryOperator::Eq => Some(Comparison::Equal),
        BinaryOperator::NotEq => Some(Comparison::NotEqual),
        BinaryOperator::Lt => Some(Comparison::Less),
        BinaryOperator::LtEq => Some(Comparison::LessOrEqual),
        BinaryOperator::Gt => Some(Comparison::Greater),
        BinaryOperator::GtEq => Some(Comparison::GreaterOrEqual),
        _ => None,
    }
}

/// The place in the list of what is selected that a key names: `group by 1`.
pub(super) fn place(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Value(literal) => match literals::value(expression, &literal.value) {
            Ok(Value::Literal(Scalar::Integer(place))) => usize::try_from(place).ok(),
            _ => None,
        },
        _ => None,
    }
}
