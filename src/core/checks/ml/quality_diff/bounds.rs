//! Which of two bounds asks for less, and how much room a value has below one.

use crate::evidence::Bound;

/// Whether whatever satisfies `one` satisfies `other`.
pub(super) fn is_within(one: Bound, other: Bound) -> bool {
    let (Some(one_range), Some(other_range)) = (range(one), range(other)) else {
        // Values that must not be are compared as they stand.
        return one == other || excludes(one, other);
    };
    let lower = other_range.0.0 < one_range.0.0
        || (other_range.0.0 == one_range.0.0 && (one_range.0.1 || !other_range.0.1));
    let upper = one_range.1.0 < other_range.1.0
        || (other_range.1.0 == one_range.1.0 && (one_range.1.1 || !other_range.1.1));
    lower && upper
}

/// Whether a range leaves out what `other` forbids.
fn excludes(one: Bound, other: Bound) -> bool {
    match (one, other) {
        (Bound::Outside(lower, upper), Bound::Outside(other_lower, other_upper)) => {
            lower <= other_lower && other_upper <= upper
        }
        (Bound::Outside(lower, upper), Bound::Not(value)) => lower <= value && value <= upper,
        (one, Bound::Not(value)) => {
            range(one).is_some_and(|((lower, open_low), (upper, open_high))| {
                value < lower
                    || upper < value
                    || (value == lower && open_low)
                    || (value == upper && open_high)
            })
        }
        _ => false,
    }
}

/// One end of a range, and whether it is outside.
type End = (f64, bool);

/// What satisfies a bound, when that is one range.
fn range(bound: Bound) -> Option<(End, End)> {
    let (lowest, highest) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
    match bound {
        Bound::AtLeast(least) => Some(((least, false), highest)),
        Bound::AtMost(most) => Some((lowest, (most, false))),
        Bound::MoreThan(least) => Some(((least, true), highest)),
        Bound::LessThan(most) => Some((lowest, (most, true))),
        Bound::Exactly(value) => Some(((value, false), (value, false))),
        Bound::Between(lower, upper) => Some(((lower, false), (upper, false))),
        Bound::Not(_) | Bound::Outside(..) => None,
    }
}

/// How far a value is from the end of its bound; nothing where the bound has no end it could come nearer
/// to, or the value is beyond it.
pub(super) fn room(bound: Bound, value: f64) -> Option<f64> {
    let ((lower, _), (upper, _)) = range(bound)?;
    let room = (value - lower).min(upper - value);
    (room.is_finite() && 0.0 < room).then_some(room)
}
