//! The outcome of a condition for the rows of a batch: true, false or null in each.

use std::ops::{BitAnd as _, BitOr as _, Not as _};

use polars_arrow::bitmap::Bitmap;

/// True, false or null in each row (Kleene's three values).
#[derive(Clone, Debug)]
pub(super) struct Truth {
    /// The rows in which the condition is true.
    yes: Bitmap,
    /// The rows in which it is not null; `None` when that is all of them.
    known: Option<Bitmap>,
}

impl Truth {
    /// Unknown where a row is null, else as `yes` says.
    pub(super) fn new(yes: Bitmap, validity: Option<Bitmap>) -> Self {
        match validity {
            Some(validity) => Self {
                yes: (&yes).bitand(&validity),
                known: Some(validity),
            },
            None => Self { yes, known: None },
        }
    }

    /// The same in every row.
    pub(super) fn constant(value: Option<bool>, rows: usize) -> Self {
        match value {
            Some(value) => Self::new(Bitmap::new_with_value(value, rows), None),
            None => Self::new(Bitmap::new_zeroed(rows), Some(Bitmap::new_zeroed(rows))),
        }
    }

    /// The rows in which the condition is true.
    pub(super) fn yes(&self) -> &Bitmap {
        &self.yes
    }

    /// The rows in which it is true or false; `None` when that is all of them.
    pub(super) fn known(&self) -> Option<&Bitmap> {
        self.known.as_ref()
    }

    /// The rows in which the condition is false.
    pub(super) fn no(&self) -> Bitmap {
        let not_yes = (&self.yes).not();
        match &self.known {
            Some(known) => (&not_yes).bitand(known),
            None => not_yes,
        }
    }

    pub(super) fn not(self) -> Self {
        Self {
            yes: self.no(),
            known: self.known,
        }
    }

    pub(super) fn and(self, other: &Self) -> Self {
        let yes = (&self.yes).bitand(&other.yes);
        let known = match (&self.known, &other.known) {
            (None, None) => None,
            // Known where true or where either is false.
            _ => Some((&yes).bitor(&(&self.no()).bitor(&other.no()))),
        };
        Self { yes, known }
    }

    pub(super) fn or(self, other: &Self) -> Self {
        let yes = (&self.yes).bitor(&other.yes);
        let known = match (&self.known, &other.known) {
            (None, None) => None,
            _ => Some((&yes).bitor(&(&self.no()).bitand(&other.no()))),
        };
        Self { yes, known }
    }
}

/// The rows in both; all rows when neither is given.
pub(super) fn both(one: Option<&Bitmap>, other: Option<&Bitmap>) -> Option<Bitmap> {
    match (one, other) {
        (None, None) => None,
        (Some(one), None) => Some(one.clone()),
        (None, Some(other)) => Some(other.clone()),
        (Some(one), Some(other)) => Some(one.bitand(other)),
    }
}

/// How many rows are selected.
pub(super) fn count(selected: Option<&Bitmap>, rows: usize) -> u64 {
    selected.map_or(rows, Bitmap::set_bits) as u64
}
