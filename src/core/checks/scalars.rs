//! Values of a contract as parameters: lists of them, and bounds on what need not be a number.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Bound;
use crate::measure::Scalar;

/// Values listed in a message before the rest is counted.
const LISTED_MAX: usize = 8;

/// What is required of a value that may be a date, timestamp or text. Ends are inclusive unless the
/// name says otherwise.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScalarBound {
    /// value ≥ threshold
    AtLeast(serde_json::Value),
    /// value ≤ threshold
    AtMost(serde_json::Value),
    /// value > threshold
    MoreThan(serde_json::Value),
    /// value < threshold
    LessThan(serde_json::Value),
    /// value = threshold
    Exactly(serde_json::Value),
    /// value ≠ threshold
    Not(serde_json::Value),
    /// lower ≤ value ≤ upper
    Between(serde_json::Value, serde_json::Value),
    /// value < lower or upper < value
    Outside(serde_json::Value, serde_json::Value),
}

/// How a value was held against a [`ScalarBound`].
pub(super) enum Judged {
    /// As a number, which is decided where all numbers are.
    Number(f64, Bound),
    /// As a text, date or timestamp, with what came of it.
    Other(bool),
}

impl ScalarBound {
    fn thresholds(&self) -> (&serde_json::Value, Option<&serde_json::Value>) {
        match self {
            Self::AtLeast(value)
            | Self::AtMost(value)
            | Self::MoreThan(value)
            | Self::LessThan(value)
            | Self::Exactly(value)
            | Self::Not(value) => (value, None),
            Self::Between(lower, upper) | Self::Outside(lower, upper) => (lower, Some(upper)),
        }
    }

    /// The same bound on numbers.
    fn of_numbers(&self, lower: f64, upper: f64) -> Bound {
        match self {
            Self::AtLeast(_) => Bound::AtLeast(lower),
            Self::AtMost(_) => Bound::AtMost(lower),
            Self::MoreThan(_) => Bound::MoreThan(lower),
            Self::LessThan(_) => Bound::LessThan(lower),
            Self::Exactly(_) => Bound::Exactly(lower),
            Self::Not(_) => Bound::Not(lower),
            Self::Between(..) => Bound::Between(lower, upper),
            Self::Outside(..) => Bound::Outside(lower, upper),
        }
    }

    /// Holds a value against the bound.
    ///
    /// # Errors
    /// Says that the threshold and the value cannot be compared.
    pub(super) fn judge(&self, value: &Scalar) -> Result<Judged, String> {
        let (lower, upper) = self.thresholds();
        let upper = upper.unwrap_or(lower);
        let of_kind = |threshold: &serde_json::Value| match (value, threshold) {
            (
                Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Number(_) | Scalar::Decimal(_),
                threshold,
            ) => match threshold.as_str() {
                Some(text) => Scalar::parse_number(text),
                None => Scalar::parse_number(&threshold.to_string()),
            },
            (Scalar::Instant(_), serde_json::Value::String(text)) => {
                super::freshness::instant(text).map(Scalar::Instant)
            }
            (Scalar::Text(_), serde_json::Value::String(text)) => Some(Scalar::Text(text.clone())),
            _ => None,
        };
        let not_comparable = |threshold: &serde_json::Value| {
            format!("`{threshold}` cannot be compared with the values of the column")
        };
        let lower = of_kind(lower).ok_or_else(|| not_comparable(lower))?;
        let upper = of_kind(upper).ok_or_else(|| not_comparable(upper))?;
        let (from_lower, from_upper) = match (value, &lower, &upper) {
            (Scalar::Instant(value), Scalar::Instant(lower), Scalar::Instant(upper)) => {
                (value.cmp(lower), value.cmp(upper))
            }
            (Scalar::Text(value), Scalar::Text(lower), Scalar::Text(upper)) => {
                (value.cmp(lower), value.cmp(upper))
            }
            (value, lower, upper) if let Some(orders) = orders(value, lower, upper) => orders,
            (value, lower, upper) => {
                let numbers = (value.as_number(), lower.as_number(), upper.as_number());
                let (Some(value), Some(lower), Some(upper)) = numbers else {
                    return Err("the column holds neither numbers, times nor texts".to_owned());
                };
                return Ok(Judged::Number(value, self.of_numbers(lower, upper)));
            }
        };
        Ok(Judged::Other(match self {
            Self::AtLeast(_) => from_lower.is_ge(),
            Self::AtMost(_) => from_lower.is_le(),
            Self::MoreThan(_) => from_lower.is_gt(),
            Self::LessThan(_) => from_lower.is_lt(),
            Self::Exactly(_) => from_lower.is_eq(),
            Self::Not(_) => from_lower.is_ne(),
            Self::Between(..) => from_lower.is_ge() && from_upper.is_le(),
            Self::Outside(..) => from_lower.is_lt() || from_upper.is_gt(),
        }))
    }
}

/// How a number compares with both thresholds, where floating point does not hold all of their digits.
fn orders(value: &Scalar, lower: &Scalar, upper: &Scalar) -> Option<(Ordering, Ordering)> {
    let value = value.as_decimal()?;
    let (lower, upper) = (lower.as_decimal()?, upper.as_decimal()?);
    let is_kept = |decimal| matches!(Scalar::from(decimal), Scalar::Number(_));
    let all_kept = [value, lower, upper].into_iter().all(is_kept);
    (!all_kept).then(|| (value.cmp(&lower), value.cmp(&upper)))
}

/// The scalars of a list, or the item that is none.
pub(super) fn scalars(values: &[serde_json::Value]) -> Result<Vec<Scalar>, String> {
    let scalar = |value: &serde_json::Value| {
        Scalar::from_json(value)
            .ok_or_else(|| format!("`{value}` is not a text, a finite number or a boolean"))
    };
    values.iter().map(scalar).collect()
}

/// The values for people, the first few of them.
pub(super) fn listed(values: &[serde_json::Value]) -> String {
    let shown = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    };
    let shown: Vec<String> = values.iter().take(LISTED_MAX).map(shown).collect();
    match values.len().saturating_sub(LISTED_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl fmt::Display for ScalarBound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self {
            Self::AtLeast(value) => write!(formatter, "at least {}", text(value)),
            Self::AtMost(value) => write!(formatter, "at most {}", text(value)),
            Self::MoreThan(value) => write!(formatter, "more than {}", text(value)),
            Self::LessThan(value) => write!(formatter, "less than {}", text(value)),
            Self::Exactly(value) => write!(formatter, "exactly {}", text(value)),
            Self::Not(value) => write!(formatter, "anything but {}", text(value)),
            Self::Between(lower, upper) => {
                write!(formatter, "between {} and {}", text(lower), text(upper))
            }
            Self::Outside(lower, upper) => {
                write!(formatter, "outside {} to {}", text(lower), text(upper))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Judged, ScalarBound};
    use crate::evidence::{Bound, Outcome, Quantity, Unit};
    use crate::measure::{Decimal, Scalar};

    fn holds(value: &Scalar, bound: &ScalarBound) -> bool {
        match bound.judge(value) {
            Ok(Judged::Other(holds)) => holds,
            Ok(Judged::Number(number, bound)) => {
                bound.judge(&Quantity::new(number, Unit::Number)) == Outcome::Met
            }
            Err(why) => panic!("{why}"),
        }
    }

    #[test]
    fn thresholds_are_compared_with_all_of_their_digits() {
        let decimal = |text: &str| Scalar::from(Decimal::parse(text).expect("a decimal"));
        let whole = 9_007_199_254_740_993_i64;
        let cases: [(Scalar, Value, bool); 8] = [
            (decimal("9007199254740993"), json!(whole), true),
            (decimal("9007199254740992"), json!(whole), false),
            (
                decimal("9007199254740992"),
                json!("9007199254740992.5"),
                false,
            ),
            (
                decimal("9007199254740992.6"),
                json!("9007199254740992.5"),
                true,
            ),
            (Scalar::Integer(whole - 1), json!(whole), false),
            (
                Scalar::Unsigned(u64::MAX),
                json!("18446744073709551615"),
                true,
            ),
            (Scalar::Number(0.1), json!("0.1"), true),
            (Scalar::Number(0.1), json!("0.1000000000000000001"), false),
        ];
        for (value, threshold, at_least) in cases {
            let found = holds(&value, &ScalarBound::AtLeast(threshold.clone()));
            assert_eq!(found, at_least, "{value} {threshold}");
            let below = holds(&value, &ScalarBound::LessThan(threshold.clone()));
            assert_eq!(below, !at_least, "{value} {threshold}");
        }
        let outside = ScalarBound::Outside(json!("-1"), json!("9007199254740992.5"));
        assert!(holds(&decimal("9007199254740992.6"), &outside));
        assert!(!holds(&decimal("9007199254740992.4"), &outside));
    }

    #[test]
    fn numbers_that_floating_point_holds_are_judged_as_such() {
        let judged = ScalarBound::AtMost(json!(2)).judge(&Scalar::Integer(1));
        assert!(
            matches!(judged, Ok(Judged::Number(number, Bound::AtMost(most))) if (number, most) == (1.0, 2.0))
        );
        assert!(
            ScalarBound::AtMost(json!("soon"))
                .judge(&Scalar::Integer(1))
                .is_err()
        );
    }
}
