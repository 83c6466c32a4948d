//! Conditions and values written as SQL expressions, as contracts and suites write them. The reader is
//! part of the vocabulary, because checks take such expressions as parameters too.

pub use crate::measure::sql::{condition, to_sql, value};
