//! Which of two demands is the stricter one.

use serde_json::Value;

use crate::evidence::Bound;

/// How a new demand stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Same,
    Tighter,
    Looser,
    /// Accepts what the old one refused, and refuses what it accepted.
    Other,
}

impl Step {
    /// Two steps taken together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Same, step) | (step, Self::Same) => step,
            (Self::Tighter, Self::Tighter) => Self::Tighter,
            (Self::Looser, Self::Looser) => Self::Looser,
            (Self::Tighter | Self::Looser | Self::Other, _) => Self::Other,
        }
    }

    /// From whether what the old one accepts is accepted still, and the reverse.
    pub(super) fn of(old_in_new: bool, new_in_old: bool) -> Self {
        match (old_in_new, new_in_old) {
            (true, true) => Self::Same,
            (false, true) => Self::Tighter,
            (true, false) => Self::Looser,
            (false, false) => Self::Other,
        }
    }
}

/// How one bound stands to another.
pub(super) fn compare(old: Bound, new: Bound) -> Step {
    let (old, new) = (accepted(old), accepted(new));
    Step::of(is_within(&old, &new), is_within(&new, &old))
}

/// An interval: each end with whether it belongs to it.
#[derive(Clone, Copy, Debug)]
struct Interval {
    lower: (f64, bool),
    upper: (f64, bool),
}

/// The numbers a bound accepts, as intervals that do not touch.
fn accepted(bound: Bound) -> Vec<Interval> {
    let from = |lower, closed| Interval {
        lower: (lower, closed),
        upper: (f64::INFINITY, false),
    };
    let to = |upper, closed| Interval {
        lower: (f64::NEG_INFINITY, false),
        upper: (upper, closed),
    };
    match bound {
        Bound::AtLeast(limit) => vec![from(limit, true)],
        Bound::MoreThan(limit) => vec![from(limit, false)],
        Bound::AtMost(limit) => vec![to(limit, true)],
        Bound::LessThan(limit) => vec![to(limit, false)],
        Bound::Exactly(value) => vec![Interval {
            lower: (value, true),
            upper: (value, true),
        }],
        Bound::Not(value) => vec![to(value, false), from(value, false)],
        Bound::Between(lower, upper) => vec![Interval {
            lower: (lower, true),
            upper: (upper, true),
        }],
        Bound::Outside(lower, upper) => vec![to(lower, false), from(upper, false)],
    }
}

/// Whether every part of the one lies in a part of the other.
fn is_within(one: &[Interval], other: &[Interval]) -> bool {
    let holds = |outer: &Interval, inner: &Interval| {
        let below = outer.lower.0 < inner.lower.0
            || (outer.lower.0 == inner.lower.0 && (outer.lower.1 || !inner.lower.1));
        let above = inner.upper.0 < outer.upper.0
            || (outer.upper.0 == inner.upper.0 && (outer.upper.1 || !inner.upper.1));
        below && above
    };
    one.iter()
        .all(|inner| other.iter().any(|outer| holds(outer, inner)))
}

/// How an option of a type stands to what it was.
pub(super) fn option_step(key: &str, old: Option<&Value>, new: Option<&Value>) -> Step {
    let (old, new) = match (old, new) {
        (None, _) => return Step::Tighter,
        (_, None) => return Step::Looser,
        (Some(old), Some(new)) if old == new => return Step::Same,
        (Some(old), Some(new)) => (old, new),
    };
    let grows = match (old.as_f64(), new.as_f64(), old.as_str(), new.as_str()) {
        (Some(old), Some(new), ..) => old < new,
        // Dates and times of ISO 8601 sort as texts.
        (_, _, Some(old), Some(new)) => old < new,
        _ => return Step::Other,
    };
    match (key, grows) {
        ("minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties", true)
        | ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties", false) => {
            Step::Tighter
        }
        ("minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties", false)
        | ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties", true) => {
            Step::Looser
        }
        _ => Step::Other,
    }
}

/// Lists of values that are accepted, where more is looser.
const ACCEPTED: [&str; 2] = ["validValues", "values"];

/// How a value stands to what it was, part by part.
pub(super) fn values_step(key: &str, old: Option<&Value>, new: Option<&Value>) -> Step {
    let (old, new) = match (old, new) {
        (None, None) => return Step::Same,
        (Some(old), Some(new)) if old == new => return Step::Same,
        (Some(old), Some(new)) => (old, new),
        _ => return Step::Other,
    };
    let bound = |value: &Value| serde_json::from_value::<Bound>(value.clone()).ok();
    if let (Some(old), Some(new)) = (bound(old), bound(new)) {
        return compare(old, new);
    }
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            // In what is forbidden or missing, more values are not looser.
            let accepts = before
                .get("check")
                .is_none_or(|check| check == "accepted-values");
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().fold(Step::Same, |step, key| {
                let own = match (before.get(key), after.get(key)) {
                    (Some(_), Some(_)) if !accepts && ACCEPTED.contains(&key.as_str()) => {
                        if before.get(key) == after.get(key) {
                            Step::Same
                        } else {
                            Step::Other
                        }
                    }
                    (one, other) => values_step(key, one, other),
                };
                step.and(own)
            })
        }
        (Value::Array(before), Value::Array(after)) if ACCEPTED.contains(&key) => Step::of(
            before.iter().all(|value| after.contains(value)),
            after.iter().all(|value| before.contains(value)),
        ),
        _ => Step::Other,
    }
}
