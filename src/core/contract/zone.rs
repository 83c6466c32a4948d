//! Parts of the number line, as thresholds of other tools describe them: with ends that belong or do
//! not belong, to pass in or to fail in. They become a [`Bound`].

use crate::evidence::Bound;

/// A part of the number line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Zone {
    /// From this end upwards.
    Above(End),
    /// From this end downwards.
    Below(End),
    /// This number alone.
    Only(f64),
    /// Every number but this.
    Except(f64),
    /// Between the ends.
    Inside(End, End),
    /// Below the first end or above the second.
    Outside(End, End),
}

/// An end of a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    /// Where it lies.
    pub(super) value: f64,
    /// Whether the value itself is in the zone.
    pub(super) belongs: bool,
}

impl End {
    /// An end whose value is in the zone.
    pub(super) fn closed(value: f64) -> Self {
        Self {
            value,
            belongs: true,
        }
    }

    /// An end whose value is not in the zone.
    pub(super) fn open(value: f64) -> Self {
        Self {
            value,
            belongs: false,
        }
    }

    fn flipped(self) -> Self {
        Self {
            belongs: !self.belongs,
            ..self
        }
    }
}

impl Zone {
    /// `operator number`, with the operators of SQL; `None` for another operator.
    pub(super) fn compared(operator: &str, value: f64) -> Option<Self> {
        match operator {
            "<" => Some(Self::Below(End::open(value))),
            "<=" => Some(Self::Below(End::closed(value))),
            ">" => Some(Self::Above(End::open(value))),
            ">=" => Some(Self::Above(End::closed(value))),
            "=" | "==" => Some(Self::Only(value)),
            "!=" | "<>" => Some(Self::Except(value)),
            _ => None,
        }
    }

    /// The rest of the number line.
    pub(super) fn complement(self) -> Self {
        match self {
            Self::Above(end) => Self::Below(end.flipped()),
            Self::Below(end) => Self::Above(end.flipped()),
            Self::Only(value) => Self::Except(value),
            Self::Except(value) => Self::Only(value),
            Self::Inside(lower, upper) => Self::Outside(lower.flipped(), upper.flipped()),
            Self::Outside(lower, upper) => Self::Inside(lower.flipped(), upper.flipped()),
        }
    }

    /// The zone with every end moved by `change`, which keeps their order.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        let end = |end: End| End {
            value: change(end.value),
            ..end
        };
        match self {
            Self::Above(lower) => Self::Above(end(lower)),
            Self::Below(upper) => Self::Below(end(upper)),
            Self::Only(value) => Self::Only(change(value)),
            Self::Except(value) => Self::Except(change(value)),
            Self::Inside(lower, upper) => Self::Inside(end(lower), end(upper)),
            Self::Outside(lower, upper) => Self::Outside(end(lower), end(upper)),
        }
    }

    /// The zone of percentages as a zone of fractions.
    pub(super) fn of_percent(self) -> Self {
        self.map(hundredth)
    }

    /// The bound a number in the zone satisfies. A [`Bound::Between`] includes its ends, so an end that
    /// does not belong moves to the next number there is.
    pub(super) fn bound(self) -> Bound {
        match self {
            Self::Above(end) if end.belongs => Bound::AtLeast(end.value),
            Self::Above(end) => Bound::MoreThan(end.value),
            Self::Below(end) if end.belongs => Bound::AtMost(end.value),
            Self::Below(end) => Bound::LessThan(end.value),
            Self::Only(value) => Bound::Exactly(value),
            Self::Except(value) => Bound::Not(value),
            Self::Inside(lower, upper) => Bound::Between(
                if lower.belongs {
                    lower.value
                } else {
                    lower.value.next_up()
                },
                if upper.belongs {
                    upper.value
                } else {
                    upper.value.next_down()
                },
            ),
            Self::Outside(lower, upper) => Bound::Outside(
                if lower.belongs {
                    lower.value.next_up()
                } else {
                    lower.value
                },
                if upper.belongs {
                    upper.value.next_down()
                } else {
                    upper.value
                },
            ),
        }
    }

    /// The bound on a count: an end that does not belong moves to the next whole number, so that it
    /// reads well.
    pub(super) fn bound_of_count(self) -> Bound {
        let up = |end: End| {
            if end.belongs || end.value.fract() != 0.0 {
                end
            } else {
                End::closed(end.value + 1.0)
            }
        };
        let down = |end: End| {
            if end.belongs || end.value.fract() != 0.0 {
                end
            } else {
                End::closed(end.value - 1.0)
            }
        };
        match self {
            Self::Inside(lower, upper) => Self::Inside(up(lower), down(upper)).bound(),
            Self::Outside(lower, upper) => {
                let lower = if lower.belongs && lower.value.fract() == 0.0 {
                    End::open(lower.value + 1.0)
                } else {
                    lower
                };
                let upper = if upper.belongs && upper.value.fract() == 0.0 {
                    End::open(upper.value - 1.0)
                } else {
                    upper
                };
                Self::Outside(lower, upper).bound()
            }
            Self::Above(_) | Self::Below(_) | Self::Only(_) | Self::Except(_) => self.bound(),
        }
    }
}

/// A hundredth, rounded once: `0.7` becomes the number nearest to 0.007, which `0.7 / 100.0` is not, so
/// that 7 rows of 1,000 are 0.7 percent here too.
fn hundredth(percent: f64) -> f64 {
    format!("{percent}e-2").parse().unwrap_or(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_and_its_complement_share_no_number() {
        let zones = [
            Zone::Above(End::open(2.0)),
            Zone::Below(End::closed(2.0)),
            Zone::Only(2.0),
            Zone::Inside(End::open(1.0), End::closed(3.0)),
            Zone::Outside(End::closed(1.0), End::open(3.0)),
        ];
        for zone in zones {
            for value in [0.0, 1.0, 1.5, 2.0, 3.0, 4.0] {
                let quantity = crate::evidence::Quantity::rows(0);
                let quantity = crate::evidence::Quantity { value, ..quantity };
                let inside = zone.bound().judge(&quantity);
                let outside = zone.complement().bound().judge(&quantity);
                assert_ne!(inside, outside, "{zone:?} at {value}");
                let counted = zone.bound_of_count().judge(&quantity);
                if value.fract() == 0.0 {
                    assert_eq!(inside, counted, "{zone:?} at {value}");
                }
            }
        }
    }

    #[test]
    fn seven_of_a_thousand_are_0_7_percent() {
        let Bound::Exactly(fraction) = Zone::Only(0.7).of_percent().bound() else {
            panic!("a number alone is a bound alone")
        };
        assert_eq!(fraction, 7.0 / 1000.0);
        assert_ne!(0.7 / 100.0, 7.0 / 1000.0);
    }
}
