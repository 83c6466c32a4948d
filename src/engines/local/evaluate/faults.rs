//! Rows in which a function has no value, such as a cast of a text that spells no number.
//!
//! They are counted only where the value is needed: not in the branch of a `case` that a row does not take,
//! not behind an `and` that is decided, not in rows a rule does not speak of. So what is found is kept with
//! each value and condition, and judged where it is used.

use polars_arrow::bitmap::Bitmap;

use super::{Evaluated, Problem, Rows};
use crate::engines::local::truth::both;

/// The rows without a value, and what is wrong in the first of them found; `None` when there are none.
pub(super) type Faults = Option<(Bitmap, String)>;

/// What is watched while a value is worked out.
#[derive(Default)]
pub(in crate::engines::local) struct Watch {
    /// The rows that are needed; `None` for all.
    needed: Option<Bitmap>,
    /// The faults of what is being worked out; `None` outside of that, where a fault is a problem.
    found: Option<Faults>,
}

impl Rows<'_, '_> {
    /// Works something out of which only some rows are needed.
    pub(in crate::engines::local) fn within<T>(
        &self,
        needed: Option<&Bitmap>,
        work: impl FnOnce() -> Evaluated<T>,
    ) -> Evaluated<T> {
        let before = self.watch.borrow().needed.clone();
        self.watch.borrow_mut().needed = both(before.as_ref(), needed);
        let done = work();
        self.watch.borrow_mut().needed = before;
        done
    }

    /// Works something out, with the faults in any row of it.
    pub(super) fn watched<T>(&self, work: impl FnOnce() -> Evaluated<T>) -> Evaluated<(T, Faults)> {
        let outer = Watch {
            needed: None,
            found: Some(None),
        };
        let outer = self.watch.replace(outer);
        let done = work();
        let own = self.watch.replace(outer);
        Ok((done?, own.found.flatten()))
    }

    /// Takes notice of faults: those in needed rows are faults of what is being worked out, or a problem.
    pub(super) fn note(&self, faults: &Faults) -> Evaluated<()> {
        let Some((rows, why)) = faults else {
            return Ok(());
        };
        let mut watch = self.watch.borrow_mut();
        let rows = match &watch.needed {
            Some(needed) => rows & needed,
            None => rows.clone(),
        };
        if rows.set_bits() == 0 {
            return Ok(());
        }
        match &mut watch.found {
            None => {
                let row = rows.true_idx_iter().next().unwrap_or_default() as u64;
                Err(Problem::Unsupported(format!(
                    "{why} (row {}); hint: leave such rows out with `where`, or use `try_cast`",
                    self.batch.first_row.saturating_add(row).saturating_add(1)
                )))
            }
            Some(found) => {
                *found = Some(match found.take() {
                    Some((others, first)) => (&others | &rows, first),
                    None => (rows, why.clone()),
                });
                Ok(())
            }
        }
    }
}
