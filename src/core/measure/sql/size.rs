//! How large what is read may become: some expressions are read as several (`a is distinct from b`), and
//! such within such multiply.

use crate::measure::{Condition, Part};

/// Conditions and values within a condition; far above what people write.
pub(super) const NODES_MAX: usize = 20_000;

/// The condition, unless it has become too large.
pub(super) fn bounded(condition: Condition) -> Result<Condition, String> {
    if NODES_MAX < Part::Condition(&condition).size() {
        return Err(too_large());
    }
    Ok(condition)
}

pub(super) fn too_large() -> String {
    format!("becomes larger than {NODES_MAX} conditions and values")
}
