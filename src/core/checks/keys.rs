//! Keys and what is counted of them.

use super::Target;
use crate::measure::{Grouping, Measure, NullKeys, Value};

/// How often the key repeats; the target's column when no columns are given.
pub(super) fn key_groups(target: &Target, columns: &[String], nulls: NullKeys) -> Measure {
    let key = if columns.is_empty() {
        target.column.iter().cloned().collect()
    } else {
        columns.to_vec()
    };
    Measure::Groups(Grouping {
        key: key.into_iter().map(Value::Column).collect(),
        nulls,
        shows_first: false,
    })
}

/// A part of a whole; `None` when there is no whole.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (0 < whole).then(|| part as f64 / whole as f64)
}
