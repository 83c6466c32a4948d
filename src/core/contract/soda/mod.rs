//! Suites of Soda: contracts of Soda 4, and the Soda Checks Language (SodaCL) of Soda 3.
//!
//! Both count as soda-core 4.28 and 3.5 count on DuckDB. Percentages are of all rows, for repeated
//! values of a Soda 4 column of the rows that have one. Soda 3 rounds percentages to two digits before it
//! compares; here they are compared as they are.

mod checks;
mod columns;
mod contract;
mod language;
mod queries;
mod rules;
mod threshold;
mod types;
mod validity;
mod variables;

pub(super) use contract::FORMAT as CONTRACT;
pub(super) use language::FORMAT as LANGUAGE;
pub(super) use types::logical_type;
