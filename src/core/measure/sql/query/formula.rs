//! What is computed of aggregates: ratios, differences, roundings.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Function, UnaryOperator};

use super::super::{DEPTH_MAX, functions, literals, refused};
use super::aggregate::{Aggregate, aggregate, is_aggregate};
use super::groups::comparison;
use super::select::Source;
use crate::measure::{Comparison, Operator, Scalar, Value};

/// A number computed of aggregates; `None` is null.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Constant(Option<f64>),
    /// The aggregate at this place.
    Aggregate(usize),
    Arithmetic(Box<Formula>, Operator, Box<Formula>),
    Coalesce(Vec<Formula>),
    /// Null when both are equal, else the first.
    NullIf(Box<Formula>, Box<Formula>),
    Absolute(Box<Formula>),
    /// To this many decimal places, halves away from zero.
    Round(Box<Formula>, i32),
    /// The first whose comparison is true.
    Case(Vec<(Test, Formula)>, Box<Formula>),
}

/// A comparison of two numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    left: Formula,
    comparison: Comparison,
    right: Formula,
}

/// Whether an expression holds an aggregate.
pub(super) fn has_aggregate(expression: &Expr) -> bool {
    match expression {
        Expr::Function(function) if function.over.is_none() && is_aggregate(function) => true,
        other => super::numbers::parts(other).into_iter().any(has_aggregate),
    }
}

/// Reads what is computed of aggregates over `source`, which are added to `aggregates`.
pub(super) fn formula(
    expression: &Expr,
    source: &Source,
    aggregates: &mut Vec<Aggregate>,
    depth: usize,
) -> Result<Formula, String> {
    if DEPTH_MAX <= depth {
        return Err(format!("is nested deeper than {DEPTH_MAX} operators"));
    }
    let depth = depth + 1;
    let unknown = || refused(expression, "which cannot be computed of aggregates here");
    let mut inner = |one: &Expr| formula(one, source, aggregates, depth);
    match expression {
        Expr::Nested(nested) => inner(nested),
        Expr::Value(literal) => match literals::value(expression, &literal.value)? {
            Value::Null => Ok(Formula::Constant(None)),
            Value::Literal(Scalar::Integer(whole)) => Ok(Formula::Constant(Some(whole as f64))),
            Value::Literal(Scalar::Number(number)) => Ok(Formula::Constant(Some(number))),
            _ => Err(unknown()),
        },
        Expr::UnaryOp {
            op: UnaryOperator::Plus,
            expr,
        } => inner(expr),
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => Ok(Formula::Arithmetic(
            Box::new(Formula::Constant(Some(0.0))),
            Operator::Subtract,
            Box::new(inner(expr)?),
        )),
        Expr::BinaryOp { left, op, right } => {
            let operator = operator(op).ok_or_else(unknown)?;
            let left = Box::new(inner(left)?);
            Ok(Formula::Arithmetic(left, operator, Box::new(inner(right)?)))
        }
        Expr::Cast {
            expr,
            data_type: DataType::Double(_) | DataType::DoublePrecision | DataType::Float64,
            array: false,
            format: None,
            ..
        } => inner(expr),
        Expr::Cast {
            expr,
            data_type: DataType::Float(_) | DataType::Real,
            array: false,
            format: None,
            ..
        } => inner(expr),
        Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        } => {
            let mut branches = Vec::new();
            for when in conditions {
                let Expr::BinaryOp { left, op, right } = plain(&when.condition) else {
                    return Err(unknown());
                };
                let test = Test {
                    comparison: comparison(op).ok_or_else(unknown)?,
                    left: inner(left)?,
                    right: inner(right)?,
                };
                branches.push((test, inner(&when.result)?));
            }
            let otherwise = match else_result {
                Some(otherwise) => inner(otherwise)?,
                None => Formula::Constant(None),
            };
            Ok(Formula::Case(branches, Box::new(otherwise)))
        }
        Expr::Function(function) if is_aggregate(function) => {
            let found = aggregate(expression, function, source)?;
            let known = aggregates.iter().position(|other| *other == found);
            Ok(Formula::Aggregate(known.unwrap_or_else(|| {
                aggregates.push(found);
                aggregates.len() - 1
            })))
        }
        Expr::Function(call) => function(call, &mut inner)?.ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

fn plain(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => plain(inner),
        other => other,
    }
}

fn function(
    call: &Function,
    inner: &mut dyn FnMut(&Expr) -> Result<Formula, String>,
) -> Result<Option<Formula>, String> {
    let (name, arguments) = functions::call(call)?;
    Ok(Some(match (name.as_str(), arguments.as_slice()) {
        ("coalesce" | "ifnull" | "nvl", [_, ..]) => {
            let all = arguments.iter().map(|one| inner(one));
            Formula::Coalesce(all.collect::<Result<_, _>>()?)
        }
        ("nullif", [value, null]) => {
            let value = Box::new(inner(value)?);
            Formula::NullIf(value, Box::new(inner(null)?))
        }
        ("abs", [value]) => Formula::Absolute(Box::new(inner(value)?)),
        ("round", [value]) => Formula::Round(Box::new(inner(value)?), 0),
        ("round", [value, places]) => match inner(places)? {
            Formula::Constant(Some(places)) if (0.0..=15.0).contains(&places) => {
                Formula::Round(Box::new(inner(value)?), places as i32)
            }
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

fn operator(operator: &BinaryOperator) -> Option<Operator> {
    match operator {
        BinaryOperator::Plus => Some(Operator::Add),
        BinaryOperator::Minus => Some(Operator::Subtract),
        BinaryOperator::Multiply => Some(Operator::Multiply),
        BinaryOperator::Divide => Some(Operator::Divide),
        BinaryOperator::Modulo => Some(Operator::Remainder),
        _ => None,
    }
}

impl Formula {
    /// The number, given the values of the aggregates.
    pub(super) fn evaluate(&self, values: &[Option<f64>]) -> Option<f64> {
        match self {
            Self::Constant(number) => *number,
            Self::Aggregate(place) => values.get(*place).copied().flatten(),
            Self::Arithmetic(left, operator, right) => {
                let (x, y) = (left.evaluate(values)?, right.evaluate(values)?);
                match operator {
                    Operator::Add => Some(x + y),
                    Operator::Subtract => Some(x - y),
                    Operator::Multiply => Some(x * y),
                    Operator::Divide => (y != 0.0).then(|| x / y),
                    Operator::Remainder => (y != 0.0).then(|| x % y),
                }
            }
            Self::Coalesce(all) => all.iter().find_map(|one| one.evaluate(values)),
            Self::NullIf(value, null) => {
                let value = value.evaluate(values)?;
                (Some(value) != null.evaluate(values)).then_some(value)
            }
            Self::Absolute(value) => value.evaluate(values).map(f64::abs),
            Self::Round(value, places) => {
                let scale = 10_f64.powi(*places);
                let value = value.evaluate(values)?;
                Some((value * scale).round() / scale)
            }
            Self::Case(branches, otherwise) => branches
                .iter()
                .find(|(test, _)| test.is_true(values))
                .map_or(otherwise.as_ref(), |(_, result)| result)
                .evaluate(values),
        }
    }
}

impl Test {
    fn is_true(&self, values: &[Option<f64>]) -> bool {
        let (Some(x), Some(y)) = (self.left.evaluate(values), self.right.evaluate(values)) else {
            return false;
        };
        match self.comparison {
            Comparison::Equal => x == y,
            Comparison::NotEqual => x != y,
            Comparison::Less => x < y,
            Comparison::LessOrEqual => x <= y,
            Comparison::Greater => y < x,
            Comparison::GreaterOrEqual => y <= x,
        }
    }
}
