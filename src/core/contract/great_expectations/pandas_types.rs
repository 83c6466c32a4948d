//! The type pandas gives a column of a file without types, from the texts in it.
//!
//! Follows `pandas.read_csv` as Great Expectations calls it, without `dtype` and `parse_dates`: whole
//! numbers, else numbers, else booleans, else text. A missing value makes whole numbers floating-point and
//! leaves booleans Python objects; a column of nothing but missing values is floating-point.

use super::type_names::Accepted;
use crate::measure::{ColumnFacts, Condition, LogicalType, Measure, Measured, Value};

/// What pandas takes a column for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Guess {
    /// There is no row, so the column is of objects that are not there.
    Empty,
    /// Booleans among missing values, which are Python objects.
    BooleanObjects,
    /// 64-bit whole numbers.
    Integers,
    /// 64-bit floating-point numbers.
    Numbers,
    /// Booleans.
    Booleans,
    /// Texts.
    Texts,
}

/// What must be counted to know it: values, and those that read as a whole number, number and boolean.
pub(super) fn measures(column: &str) -> Vec<Measure> {
    let reads = |kind| Measure::Count(Condition::ReadsAs(column.to_owned(), kind));
    vec![
        Measure::Count(Condition::IsNull(Value::Raw(column.to_owned())).negated()),
        reads(LogicalType::Integer),
        reads(LogicalType::Number),
        reads(LogicalType::Boolean),
    ]
}

/// The guess from the counts of [`measures`]; `None` where they could not be taken.
pub(super) fn guess(row_count: u64, measured: &[Measured]) -> Option<Guess> {
    let [
        Measured::Count(values),
        Measured::Count(integers),
        Measured::Count(numbers),
        Measured::Count(booleans),
    ] = measured
    else {
        return None;
    };
    let complete = *values == row_count;
    Some(if row_count == 0 {
        Guess::Empty
    } else if complete && integers == values {
        Guess::Integers
    } else if numbers == values {
        Guess::Numbers
    } else if booleans == values && complete {
        Guess::Booleans
    } else if booleans == values {
        Guess::BooleanObjects
    } else {
        Guess::Texts
    })
}

impl Guess {
    /// The name of the type; that of texts is `object` before pandas 3.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty | Self::BooleanObjects => "object",
            Self::Integers => "int64",
            Self::Numbers => "float64",
            Self::Booleans => "bool",
            Self::Texts => "str",
        }
    }

    /// Whether this is a type accepted. Of a column of objects Great Expectations looks at each one,
    /// unless it asks for the type of the column itself.
    pub(super) fn is(self, accepted: &Accepted, of_column: bool) -> bool {
        let found = match self {
            Self::Empty if !of_column => return true,
            Self::BooleanObjects if !of_column => LogicalType::Boolean,
            Self::Empty | Self::BooleanObjects => return accepted.is_object(),
            Self::Integers => LogicalType::Integer,
            Self::Numbers => LogicalType::Number,
            Self::Booleans => LogicalType::Boolean,
            Self::Texts => LogicalType::String,
        };
        let column = ColumnFacts {
            name: String::new(),
            logical_type: Some(found),
            physical_type: self.name().to_owned(),
        };
        accepted.is(&column) || self == Self::BooleanObjects && accepted.is_object()
    }
}

#[cfg(test)]
mod tests {
    use super::super::type_names::accepted;
    use super::*;

    fn guessed(row_count: u64, counts: [u64; 4]) -> Guess {
        guess(row_count, &counts.map(Measured::Count)).expect("counted")
    }

    /// As `pandas.read_csv` of pandas 3.1.1 has it; pandas 2.2.3 differs in calling texts `object`.
    #[test]
    fn columns_are_what_pandas_takes_them_for() {
        let cases = [
            (0, [0, 0, 0, 0], "object"),
            (3, [0, 0, 0, 0], "float64"),
            (3, [3, 3, 3, 0], "int64"),
            (3, [2, 2, 2, 0], "float64"),
            (3, [3, 1, 3, 0], "float64"),
            (3, [3, 0, 0, 3], "bool"),
            (3, [2, 0, 0, 2], "object"),
            (3, [3, 2, 2, 0], "str"),
            (3, [3, 1, 1, 2], "str"),
        ];
        for (row_count, counts, expected) in cases {
            assert_eq!(guessed(row_count, counts).name(), expected, "{counts:?}");
        }
        assert_eq!(guess(3, &[Measured::Count(3)]), None);
    }

    #[test]
    fn a_type_is_held_with_its_width() {
        let cases = [
            (Guess::Integers, "int64", true, true),
            (Guess::Integers, "int32", false, false),
            (Guess::Integers, "float64", false, false),
            (Guess::Numbers, "float", true, true),
            (Guess::Numbers, "int64", false, false),
            (Guess::Texts, "datetime64", false, false),
            (Guess::Texts, "str", true, true),
            (Guess::Booleans, "int", false, false),
            (Guess::Empty, "int64", true, false),
            (Guess::Empty, "object", true, true),
            (Guess::BooleanObjects, "bool", true, false),
            (Guess::BooleanObjects, "object", true, true),
            (Guess::BooleanObjects, "str", false, false),
        ];
        for (guess, name, of_values, of_column) in cases {
            let accepted = accepted(name).expect(name);
            assert_eq!(guess.is(&accepted, false), of_values, "{guess:?} {name}");
            assert_eq!(guess.is(&accepted, true), of_column, "{guess:?} {name}");
        }
    }
}
