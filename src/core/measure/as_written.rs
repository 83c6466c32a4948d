//! Reading columns as they stand in the file, whatever type a suite gives them.
//!
//! A contract gives a column one type, and every rule reads it as that. Suites of other tools give none:
//! there one rule reads a column of a CSV file as numbers and the next looks at its text. The planner
//! then says which columns a rule reads as their type, and this takes the type from all the others.

use super::{Condition, Measure, PartMut, Value};

impl Measure {
    /// Reads the columns of this table as they stand in the file, but for those in `typed`. Measures of
    /// a whole column by its name stay as they are.
    pub fn read_as_written(&mut self, typed: &[String]) {
        read_as_written(self.parts_mut(), typed);
    }
}

impl Condition {
    /// The same for the columns a condition looks at. `ReadsAs` looks at the file as it is.
    pub fn read_as_written(&mut self, typed: &[String]) {
        read_as_written(self.parts_mut(), typed);
    }
}

fn read_as_written(parts: Vec<PartMut<'_>>, typed: &[String]) {
    for part in parts {
        match part {
            PartMut::Row | PartMut::Column(_) => {}
            PartMut::Value(Value::Column(name)) if typed.contains(name) => {}
            PartMut::Value(value) => match value {
                Value::Column(name) => *value = Value::Raw(std::mem::take(name)),
                other => read_as_written(other.parts_mut(), typed),
            },
            PartMut::Condition(condition) => condition.read_as_written(typed),
            PartMut::Measure(measure) => measure.read_as_written(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
