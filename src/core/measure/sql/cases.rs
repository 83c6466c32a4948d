//! `case` of SQL: as a value, and as a condition whose results are conditions.

use sqlparser::ast::{CaseWhen, Expr};

use super::size::{NODES_MAX, bounded, too_large};
use super::{DEPTH_MAX, read};
use crate::measure::{Comparison, Condition, Part, Value};

/// The condition of one branch: `case x when 1` compares, `case when x` does not.
fn branch(operand: Option<&Value>, when: &Expr, depth: usize) -> Result<Condition, String> {
    match operand {
        Some(operand) => Ok(Condition::Compare(
            operand.clone(),
            Comparison::Equal,
            read::value(when, depth)?,
        )),
        None => read::condition(when, depth),
    }
}

pub(super) fn value(
    operand: Option<&Expr>,
    conditions: &[CaseWhen],
    otherwise: Option<&Expr>,
    depth: usize,
) -> Result<Value, String> {
    // Branches nest, one in the other.
    let inner = conditions.len().saturating_add(depth);
    if DEPTH_MAX < inner {
        return Err(format!("has a `case` with more than {DEPTH_MAX} branches"));
    }
    // Read once: read again for every branch, a `case` within a `case` would take for ever.
    let operand = operand.map(|operand| read::value(operand, inner));
    let operand = operand.transpose()?;
    let mut result = match otherwise {
        Some(otherwise) => read::value(otherwise, inner)?,
        None => Value::Null,
    };
    for when in conditions.iter().rev() {
        let condition = branch(operand.as_ref(), &when.condition, inner)?;
        let then = read::value(&when.result, inner)?;
        result = Value::If(Box::new(condition), Box::new(then), Box::new(result));
    }
    if NODES_MAX < Part::Value(&result).size() {
        return Err(too_large());
    }
    Ok(result)
}

/// A `case` whose results are conditions: the first branch that is true decides.
pub(super) fn condition(
    operand: Option<&Expr>,
    conditions: &[CaseWhen],
    otherwise: Option<&Expr>,
    depth: usize,
) -> Result<Condition, String> {
    let operand = operand.map(|operand| read::value(operand, depth));
    let operand = operand.transpose()?;
    let mut earlier: Vec<Condition> = Vec::new();
    let mut alternatives = Vec::new();
    let mut nodes = 0_usize;
    for when in conditions {
        let holds = branch(operand.as_ref(), &when.condition, depth)?.is_true();
        let mut all = earlier.clone();
        all.push(holds.clone());
        all.push(read::condition(&when.result, depth)?);
        let alternative = Condition::All(all);
        nodes = nodes.saturating_add(Part::Condition(&alternative).size());
        if NODES_MAX < nodes {
            return Err(too_large());
        }
        alternatives.push(alternative);
        earlier.push(holds.negated());
        if DEPTH_MAX < earlier.len() {
            return Err(format!("has a `case` with more than {DEPTH_MAX} branches"));
        }
    }
    let otherwise = match otherwise {
        Some(otherwise) => read::condition(otherwise, depth)?,
        None => Condition::Compare(Value::Null, Comparison::Equal, Value::Null),
    };
    earlier.push(otherwise);
    alternatives.push(Condition::All(earlier));
    bounded(Condition::Any(alternatives))
}
