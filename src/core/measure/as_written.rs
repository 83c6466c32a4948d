//! Reading columns as they stand in the file, whatever type a suite gives them.
//!
//! A contract gives a column one type, and every rule reads it as that. Suites of other tools give none:
//! there one rule reads a column of a CSV file as numbers and the next looks at its text. The planner
//! then says which columns a rule reads as their type, and this takes the type from all the others.

use std::sync::Arc;

use super::{Condition, Measure, Value};

impl Measure {
    /// Reads the columns of this table as they stand in the file, but for those in `typed`. Measures of
    /// a whole column by its name stay as they are.
    pub fn read_as_written(&mut self, typed: &[String]) {
        match self {
            Self::RowCount
            | Self::ColumnCount
            | Self::NullCount(_)
            | Self::Newest(_)
            | Self::Distribution(_)
            | Self::Personal(_)
            | Self::Query(_)
            | Self::Elsewhere(_, _) => {}
            Self::Count(condition) => condition.read_as_written(typed),
            Self::Failing(rule) => {
                rule.fails.read_as_written(typed);
                rule.eligible.read_as_written(typed);
            }
            Self::Moments(value)
            | Self::Quantile(value, _, _)
            | Self::ApproximateQuantile(value, _)
            | Self::Extremes(value) => {
                value.read_as_written(typed);
            }
            Self::Groups(grouping) => all(&mut grouping.key, typed),
            Self::Frequencies { values, .. } => all(values, typed),
            Self::Ordered(order) => {
                order.value.read_as_written(typed);
                if let Some(value) = &mut order.sorted_by {
                    value.read_as_written(typed);
                }
            }
            Self::Lookup(lookup) => all(&mut lookup.key, typed),
            Self::Comoments(one, other) => {
                one.read_as_written(typed);
                other.read_as_written(typed);
            }
            Self::Dependency(dependency) => {
                all(&mut dependency.key, typed);
                dependency.value.read_as_written(typed);
            }
            Self::Paired(pairing) => {
                all(&mut pairing.key, typed);
                pairing.here.read_as_written(typed);
            }
            Self::Near(near) => {
                all(&mut near.texts, typed);
                all(&mut near.equal, typed);
                for (value, _) in &mut near.numbers {
                    value.read_as_written(typed);
                }
            }
            Self::Where(condition, measure) => {
                Arc::make_mut(condition).read_as_written(typed);
                measure.read_as_written(typed);
            }
            Self::By(_, measure) => measure.read_as_written(typed),
        }
    }
}

fn all(values: &mut [Value], typed: &[String]) {
    values
        .iter_mut()
        .for_each(|value| value.read_as_written(typed));
}

impl Value {
    /// The same, with columns read as they stand in the file but for those in `typed`.
    pub fn read_as_written(&mut self, typed: &[String]) {
        match self {
            Self::Column(name) => {
                if !typed.contains(name) {
                    *self = Self::Raw(std::mem::take(name));
                }
            }
            Self::Raw(_) | Self::Row | Self::Literal(_) | Self::Null => {}
            Self::Length(value)
            | Self::Lower(value)
            | Self::Upper(value)
            | Self::Trim(value)
            | Self::Text(value)
            | Self::Number(value)
            | Self::Absolute(value)
            | Self::Statistic(_, value) => value.read_as_written(typed),
            Self::Arithmetic(left, _, right) => {
                left.read_as_written(typed);
                right.read_as_written(typed);
            }
            Self::Coalesce(values) => all(values, typed),
            Self::Indicator(condition) => condition.read_as_written(typed),
            Self::If(condition, then, otherwise) => {
                condition.read_as_written(typed);
                then.read_as_written(typed);
                otherwise.read_as_written(typed);
            }
        }
    }
}

impl Condition {
    /// The same, with columns read as they stand in the file but for those in `typed`.
    pub fn read_as_written(&mut self, typed: &[String]) {
        match self {
            // `ReadsAs` looks at the file as it is.
            Self::Constant(_) | Self::ReadsAs(_, _) => {}
            Self::Compare(left, _, right) => {
                left.read_as_written(typed);
                right.read_as_written(typed);
            }
            Self::IsNull(value)
            | Self::IsNan(value)
            | Self::In(value, _)
            | Self::Matches(value, _)
            | Self::HasFormat(value, _) => value.read_as_written(typed),
            Self::All(parts) | Self::Any(parts) => {
                parts
                    .iter_mut()
                    .for_each(|condition| condition.read_as_written(typed));
            }
            Self::Not(inner) => inner.read_as_written(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Comparison;

    #[test]
    fn only_the_columns_named_keep_their_type() {
        let is = |left, right| Condition::Compare(left, Comparison::Equal, right);
        let number = |value| Value::Number(Box::new(value));
        let typed = || Value::column("typed");
        let mut measure = Measure::Where(
            Arc::new(is(Value::column("text"), Value::text("x"))),
            Box::new(Measure::Count(
                is(number(typed()), Value::column("other")).negated(),
            )),
        );
        measure.read_as_written(&["typed".to_owned()]);
        let raw = |name: &str| Value::Raw(name.to_owned());
        let expected = Measure::Where(
            Arc::new(is(raw("text"), Value::text("x"))),
            Box::new(Measure::Count(is(number(typed()), raw("other")).negated())),
        );
        assert_eq!(measure, expected);
    }
}
