//! From the tree of an SQL expression to a condition or a value.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, ValueWithSpan};

use super::literals::{self, boolean, pattern_of_like};
use super::size::bounded;
use super::{DEPTH_MAX, calls, cases, functions, refused};
use crate::measure::{Anchor, Comparison, Condition, Operator, Pattern, Scalar, Value};

/// Reads a condition.
pub(super) fn condition(expression: &Expr, depth: usize) -> Result<Condition, String> {
    let depth = deeper(depth)?;
    match expression {
        Expr::Nested(inner) => condition(inner, depth),
        Expr::Identifier(_) => Ok(is(value(expression, depth)?, true)),
        Expr::Value(literal) => constant(expression, literal),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => Ok(condition(expr, depth)?.negated()),
        Expr::BinaryOp { left, op, right } => binary(expression, left, op, right, depth),
        Expr::IsNull(inner) => Ok(Condition::IsNull(value(inner, depth)?)),
        Expr::IsNotNull(inner) => Ok(Condition::IsNull(value(inner, depth)?).negated()),
        Expr::IsTrue(inner) => Ok(condition(inner, depth)?.is_true()),
        Expr::IsNotTrue(inner) => Ok(condition(inner, depth)?.is_true().negated()),
        Expr::IsFalse(inner) => Ok(condition(inner, depth)?.negated().is_true()),
        Expr::IsNotFalse(inner) => Ok(condition(inner, depth)?.negated().is_true().negated()),
        Expr::IsUnknown(inner) => Ok(condition(inner, depth)?.is_null()),
        Expr::IsNotUnknown(inner) => Ok(condition(inner, depth)?.is_null().negated()),
        Expr::IsDistinctFrom(left, right) => distinct(left, right, depth),
        Expr::IsNotDistinctFrom(left, right) => Ok(distinct(left, right, depth)?.negated()),
        Expr::InList {
            expr,
            list,
            negated,
        } => Ok(unless(*negated, within(expr, list, depth)?)),
        Expr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            let tested = value(expr, depth)?;
            let low = Condition::Compare(
                tested.clone(),
                Comparison::GreaterOrEqual,
                value(low, depth)?,
            );
            let high = Condition::Compare(tested, Comparison::LessOrEqual, value(high, depth)?);
            bounded(unless(*negated, Condition::All(vec![low, high])))
        }
        Expr::Like {
            negated,
            any: false,
            expr,
            pattern,
            escape_char,
        } => like(*negated, false, expr, pattern, escape_char.as_ref(), depth),
        Expr::ILike {
            negated,
            any: false,
            expr,
            pattern,
            escape_char,
        } => like(*negated, true, expr, pattern, escape_char.as_ref(), depth),
        Expr::RLike {
            negated,
            expr,
            pattern,
            ..
        } => Ok(unless(*negated, matches(expr, pattern, false, depth)?)),
        Expr::Function(function) => functions::condition(expression, function, depth),
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => cases::condition(
            operand.as_deref(),
            conditions,
            else_result.as_deref(),
            depth,
        ),
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
            Err(refused(expression, "a query, where an expression stands"))
        }
        _ => Err(refused(expression, "which is not a condition known here")),
    }
}

/// Reads a value.
pub(super) fn value(expression: &Expr, depth: usize) -> Result<Value, String> {
    let depth = deeper(depth)?;
    match expression {
        Expr::Nested(inner) => value(inner, depth),
        Expr::Identifier(name) => Ok(Value::Column(name.value.clone())),
        Expr::Value(literal) => literals::value(expression, &literal.value),
        Expr::TypedString(typed) => literals::typed(expression, typed),
        Expr::Interval(interval) => literals::interval(expression, interval),
        Expr::UnaryOp {
            op: UnaryOperator::Plus,
            expr,
        } => value(expr, depth),
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => negative(expr, depth),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => calls::call("||", vec![value(left, depth)?, value(right, depth)?]),
        Expr::BinaryOp { left, op, right } => match operator(op) {
            Some(operator) if let Some(moved) = calls::months(left, operator, right, depth)? => {
                Ok(moved)
            }
            Some(operator) => Ok(Value::Arithmetic(
                Box::new(value(left, depth)?),
                operator,
                Box::new(value(right, depth)?),
            )),
            None => indicator(expression, depth),
        },
        Expr::Cast { .. }
        | Expr::Floor { .. }
        | Expr::Ceil { .. }
        | Expr::Extract { .. }
        | Expr::Position { .. }
        | Expr::Substring { .. } => calls::form(expression, depth),
        Expr::Trim {
            trim_where: None,
            trim_what: None,
            expr,
            trim_characters: None,
        } => Ok(Value::Trim(Box::new(value(expr, depth)?))),
        Expr::Function(function) => match functions::value(function, depth)? {
            Some(value) => Ok(value),
            None => indicator(expression, depth),
        },
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => cases::value(
            operand.as_deref(),
            conditions,
            else_result.as_deref(),
            depth,
        ),
        Expr::CompoundIdentifier(_) => Err(refused(
            expression,
            "a name with a qualifier; columns are named alone",
        )),
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
            Err(refused(expression, "a query, where an expression stands"))
        }
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::RLike { .. }
        | Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            ..
        } => indicator(expression, depth),
        _ => Err(refused(expression, "which is not a value known here")),
    }
}

/// The text matches the regular expression.
pub(super) fn matches(
    expression: &Expr,
    pattern: &Expr,
    ignore_case: bool,
    depth: usize,
) -> Result<Condition, String> {
    let Value::Literal(Scalar::Text(text)) = value(pattern, depth)? else {
        return Err(refused(pattern, "where the text of a pattern must stand"));
    };
    let case = if ignore_case { "(?i)" } else { "" };
    let pattern = Pattern {
        expression: format!("{case}{text}"),
        anchor: Anchor::Anywhere,
    };
    Ok(Condition::Matches(value(expression, depth)?, pattern))
}

fn deeper(depth: usize) -> Result<usize, String> {
    if depth < DEPTH_MAX {
        Ok(depth + 1)
    } else {
        Err(format!("is nested deeper than {DEPTH_MAX} operators"))
    }
}

fn indicator(expression: &Expr, depth: usize) -> Result<Value, String> {
    Ok(Value::Indicator(Box::new(condition(expression, depth)?)))
}

fn unless(negated: bool, condition: Condition) -> Condition {
    if negated {
        condition.negated()
    } else {
        condition
    }
}

fn is(value: Value, wanted: bool) -> Condition {
    let wanted = Value::Literal(Scalar::Boolean(wanted));
    Condition::Compare(value, Comparison::Equal, wanted)
}

fn constant(expression: &Expr, literal: &ValueWithSpan) -> Result<Condition, String> {
    match literals::value(expression, &literal.value)? {
        Value::Literal(Scalar::Boolean(value)) => Ok(Condition::Constant(value)),
        Value::Null => Ok(Condition::Compare(
            Value::Null,
            Comparison::Equal,
            Value::Null,
        )),
        _ => Err(refused(expression, "a value, where a condition stands")),
    }
}

fn binary(
    whole: &Expr,
    left: &Expr,
    operator: &BinaryOperator,
    right: &Expr,
    depth: usize,
) -> Result<Condition, String> {
    let comparison = match operator {
        BinaryOperator::And => {
            return chain(whole, &BinaryOperator::And, depth).map(Condition::All);
        }
        BinaryOperator::Or => return chain(whole, &BinaryOperator::Or, depth).map(Condition::Any),
        BinaryOperator::Eq => Comparison::Equal,
        BinaryOperator::NotEq => Comparison::NotEqual,
        BinaryOperator::Lt => Comparison::Less,
        BinaryOperator::LtEq => Comparison::LessOrEqual,
        BinaryOperator::Gt => Comparison::Greater,
        BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        BinaryOperator::PGRegexMatch => return matches(left, right, false, depth),
        BinaryOperator::PGRegexIMatch => return matches(left, right, true, depth),
        BinaryOperator::PGRegexNotMatch => {
            return Ok(matches(left, right, false, depth)?.negated());
        }
        BinaryOperator::PGRegexNotIMatch => {
            return Ok(matches(left, right, true, depth)?.negated());
        }
        _ => {
            let why = format!("whose operator `{operator}` is not known here");
            return Err(refused(whole, &why));
        }
    };
    // `(a > 1) = true` compares a condition, not a value of a column.
    for (tested, wanted) in [(left, right), (right, left)] {
        if let (Some(wanted), true) = (boolean(wanted), is_condition(tested)) {
            let tested = condition(tested, depth)?;
            match comparison {
                Comparison::Equal => return Ok(unless(!wanted, tested)),
                Comparison::NotEqual => return Ok(unless(wanted, tested)),
                Comparison::Less
                | Comparison::LessOrEqual
                | Comparison::Greater
                | Comparison::GreaterOrEqual => {}
            }
        }
    }
    Ok(Condition::Compare(
        value(left, depth)?,
        comparison,
        value(right, depth)?,
    ))
}

/// The parts of `a and b and c`, which the parser nests to the left, without recursion.
fn chain(
    expression: &Expr,
    operator: &BinaryOperator,
    depth: usize,
) -> Result<Vec<Condition>, String> {
    let mut parts = Vec::new();
    let mut rest = expression;
    while let Expr::BinaryOp { left, op, right } = rest {
        if op != operator {
            break;
        }
        parts.push(right.as_ref());
        rest = left.as_ref();
    }
    parts.push(rest);
    parts
        .into_iter()
        .rev()
        .map(|part| condition(part, depth))
        .collect()
}

fn is_condition(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_condition(inner),
        Expr::BinaryOp { op, .. } => operator(op).is_none() && *op != BinaryOperator::StringConcat,
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::InList { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::RLike { .. } => true,
        _ => false,
    }
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

/// True where the values differ, null being a value like any other; never null.
fn distinct(left: &Expr, right: &Expr, depth: usize) -> Result<Condition, String> {
    let (left, right) = (value(left, depth)?, value(right, depth)?);
    let null = |value: &Value| Condition::IsNull(value.clone());
    let (left_null, right_null) = (null(&left), null(&right));
    bounded(Condition::Any(vec![
        Condition::All(vec![left_null.clone(), right_null.clone().negated()]),
        Condition::All(vec![left_null.clone().negated(), right_null.clone()]),
        Condition::All(vec![
            left_null.negated(),
            right_null.negated(),
            Condition::Compare(left, Comparison::NotEqual, right),
        ]),
    ]))
}

fn within(expression: &Expr, list: &[Expr], depth: usize) -> Result<Condition, String> {
    let tested = value(expression, depth)?;
    let items: Vec<Value> = list
        .iter()
        .map(|item| value(item, depth))
        .collect::<Result<_, _>>()?;
    let scalars: Option<Vec<Scalar>> = items
        .iter()
        .map(|item| match item {
            Value::Literal(scalar) => Some(scalar.clone()),
            _ => None,
        })
        .collect();
    Ok(match scalars {
        Some(scalars) => Condition::In(tested, scalars),
        None => {
            let equals = |item| Condition::Compare(tested.clone(), Comparison::Equal, item);
            return bounded(Condition::Any(items.into_iter().map(equals).collect()));
        }
    })
}

fn like(
    negated: bool,
    ignore_case: bool,
    expression: &Expr,
    pattern: &Expr,
    escape: Option<&ValueWithSpan>,
    depth: usize,
) -> Result<Condition, String> {
    let mut pattern = pattern_of_like(pattern, escape)?;
    if ignore_case {
        pattern.expression = format!("(?i){}", pattern.expression);
    }
    let matches = Condition::Matches(value(expression, depth)?, pattern);
    Ok(unless(negated, matches))
}

fn negative(expression: &Expr, depth: usize) -> Result<Value, String> {
    if let Some(number) = literals::negative_number(expression) {
        return Ok(number);
    }
    let zero = Value::Literal(Scalar::Integer(0));
    let value = value(expression, depth)?;
    Ok(Value::Arithmetic(
        Box::new(zero),
        Operator::Subtract,
        Box::new(value),
    ))
}
