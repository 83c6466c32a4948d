//! Measures as SQL, for engines that have the data already: what is counted travels, rows do not, but
//! for a few examples of what fails.
//!
//! - All aggregates over a table share one `SELECT`, those for the same slices another; what needs
//!   groups, order or a second table is a statement of its own.
//! - What a value needs to know of all rows first (a mean, a quantile) is found by a statement before.
//! - A measure that cannot be said in SQL with the same meaning is [`Measured::Failed`] with the reason,
//!   and so is one the engine rejects; the others go on.
//!
//! The meaning is that of [`crate::measure`]; verdicts are made elsewhere.

mod answer;
mod arithmetic;
mod call;
mod condition;
mod dialect;
mod examples;
mod expression;
mod grouped;
mod measuring;
mod pattern;
mod planning;
mod question;
mod refusal;
mod related;
mod rows;
mod table;

pub use dialect::Dialect;
pub use measuring::{Tables, measure};
pub use rows::{Cell, Engine, Field, Kind, QueryError, Rows};
pub use table::Table;

#[cfg(test)]
mod tests;
