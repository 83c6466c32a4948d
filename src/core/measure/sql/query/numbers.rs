//! Columns that a query computes with. Of dates and times every engine makes something else there, so
//! that a query that does is not answered by measures.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::aggregate::is_aggregate;

/// Adds the columns that stand in arithmetic, or in aggregates of numbers.
pub(super) fn numbers(expression: &Expr, found: &mut Vec<String>) {
    match expression {
        Expr::BinaryOp { left, op, right } if is_arithmetic(op) => {
            // A time moved by an interval is a time in every engine.
            let moves = matches!(left.as_ref(), Expr::Interval(_))
                || matches!(right.as_ref(), Expr::Interval(_));
            if !moves {
                results(left, found);
                results(right, found);
            }
        }
        Expr::Function(function) if is_aggregate(function) => {
            let name = function.name.to_string().to_lowercase();
            if !["count", "count_if", "countif", "min", "max"].contains(&name.as_str()) {
                let order = function.within_group.iter().map(|order| &order.expr);
                let arguments = parts(expression).into_iter().chain(order);
                arguments.for_each(|argument| results(argument, found));
            }
        }
        _ => {}
    }
    for part in parts(expression) {
        numbers(part, found);
    }
}

/// The columns whose value an expression may have.
fn results(expression: &Expr, found: &mut Vec<String>) {
    match expression {
        Expr::Identifier(name) if !found.contains(&name.value) => {
            found.push(name.value.clone());
        }
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let otherwise = else_result.as_deref().into_iter();
            let all = conditions.iter().map(|when| &when.result).chain(otherwise);
            all.for_each(|one| results(one, found));
        }
        Expr::Function(function) => {
            const PASS_ON: [&str; 7] = ["coalesce", "ifnull", "nvl", "nullif", "abs", "if", "iff"];
            let name = function.name.to_string().to_lowercase();
            if PASS_ON.contains(&name.as_str()) {
                parts(expression)
                    .into_iter()
                    .for_each(|one| results(one, found));
            }
        }
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => results(inner, found),
        Expr::BinaryOp { left, op, right } if is_arithmetic(op) => {
            results(left, found);
            results(right, found);
        }
        _ => {}
    }
}

fn is_arithmetic(operator: &BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
    )
}

/// The expressions directly within one, of those that can be read here.
pub(super) fn parts(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Nested(inner)
        | Expr::UnaryOp { expr: inner, .. }
        | Expr::Cast { expr: inner, .. }
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotUnknown(inner)
        | Expr::Trim { expr: inner, .. }
        | Expr::Like { expr: inner, .. }
        | Expr::ILike { expr: inner, .. }
        | Expr::RLike { expr: inner, .. } => vec![inner],
        Expr::BinaryOp { left, right, .. }
        | Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right) => vec![left, right],
        Expr::InList { expr, list, .. } => std::iter::once(expr.as_ref()).chain(list).collect(),
        Expr::Between {
            expr, low, high, ..
        } => vec![expr, low, high],
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let ends = operand.iter().chain(else_result).map(Box::as_ref);
            let branches = conditions
                .iter()
                .flat_map(|when| [&when.condition, &when.result]);
            ends.chain(branches).collect()
        }
        Expr::Function(function) => {
            let arguments = match &function.args {
                FunctionArguments::List(list) => list.args.as_slice(),
                FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
            };
            let arguments = arguments.iter().filter_map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
                _ => None,
            });
            let filter = function.filter.iter().map(Box::as_ref);
            arguments.chain(filter).collect()
        }
        _ => Vec::new(),
    }
}
