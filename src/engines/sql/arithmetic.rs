//! Arithmetic on numbers, days and points in time.

use super::expression::{Expression, Writer};
use super::refusal::{Written, unsupported};
use super::rows::Kind;
use crate::measure::Operator;

impl Writer<'_> {
    pub(super) fn arithmetic(
        &self,
        left: Expression,
        operator: Operator,
        right: Expression,
    ) -> Written<Expression> {
        if left.kind.is_time() || right.kind.is_time() {
            return self.time_arithmetic(left, operator, right);
        }
        let wholes = left.kind == Kind::Whole && right.kind == Kind::Whole;
        let left = self.number(left)?;
        let right = self.number(right)?;
        let (a, b) = match wholes && operator == Operator::Remainder {
            true => (left.sql, right.sql),
            // Whole numbers that overflow become floating-point; here all are, which is exact below 2^53.
            false => (
                self.dialect.double(&left.sql),
                self.dialect.double(&right.sql),
            ),
        };
        let zero = self.dialect.double("0");
        let sql = match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply => {
                format!("({a} {} {b})", operator.as_str())
            }
            Operator::Divide | Operator::Remainder => format!(
                "(CASE WHEN {b} <> {zero} THEN {a} {} {b} END)",
                operator.as_str()
            ),
        };
        let kind = match wholes && operator == Operator::Remainder {
            true => Kind::Whole,
            false => Kind::Number,
        };
        Ok(Expression::new(sql, kind))
    }

    fn time_arithmetic(
        &self,
        left: Expression,
        operator: Operator,
        right: Expression,
    ) -> Written<Expression> {
        let million = self.dialect.number(1e6);
        let both = left.kind.is_time() && right.kind.is_time();
        match operator {
            Operator::Subtract if both => {
                let left = self.dialect.micros(&self.instant(left)?.sql);
                let right = self.dialect.micros(&self.instant(right)?.sql);
                let seconds = self.dialect.double(&format!("({left} - {right})"));
                Ok(Expression::new(
                    format!("({seconds} / {million})"),
                    Kind::Number,
                ))
            }
            Operator::Add | Operator::Subtract if !both => {
                let (time, seconds) = match left.kind.is_time() {
                    true => (left, right),
                    false if operator == Operator::Add => (right, left),
                    false => {
                        return unsupported("a time cannot be subtracted from a number".to_owned());
                    }
                };
                let micros = self.dialect.micros(&self.instant(time)?.sql);
                let seconds = self.dialect.double(&self.number(seconds)?.sql);
                let moved = format!(
                    "{micros} {} CAST(round({seconds} * {million}) AS BIGINT)",
                    operator.as_str()
                );
                Ok(Expression::new(
                    self.dialect.of_micros(&moved),
                    Kind::Instant,
                ))
            }
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => unsupported(format!(
                "times know no `{}` with what stands there",
                operator.as_str()
            )),
        }
    }
}
