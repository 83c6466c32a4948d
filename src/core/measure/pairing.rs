//! Two datasets joined by a key and compared value by value: a feature as it was trained on beside the
//! same feature as it was served. The meaning is that of TensorFlow Data Validation's feature skew
//! detection, with a tolerance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, Scalar, Value};

/// A join of this table with another and the two values that must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairing {
    /// The parts of the key here. Rows with a null in it are not joined.
    pub key: Vec<Value>,
    /// The other dataset.
    pub dataset: String,
    /// The parts of the key there.
    pub key_there: Vec<Value>,
    /// The value here.
    pub here: Value,
    /// The value there.
    pub there: Value,
    /// How far two numbers may be apart.
    pub tolerance: Closeness,
}

/// How far two numbers may be apart and still agree: `|here - there| <= absolute + relative * |there|`,
/// as numpy's `isclose`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closeness {
    /// In the unit of the value; in seconds for times.
    #[serde(default)]
    pub absolute: f64,
    /// As a fraction of the value there.
    #[serde(default)]
    pub relative: f64,
}

/// What a join by key finds. A row here fails when its key is there and no row of the key there agrees
/// with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paired {
    /// Rows here whose key is there, and those of them whose values do not agree.
    pub failing: crate::evidence::FailingRows,
    /// Rows here whose key is not there, or has a null.
    pub only_here: u64,
    /// Keys that more than one row there has.
    pub ambiguous_keys: u64,
}

impl Closeness {
    /// Whether two values agree. Null agrees with null only, NaN with NaN, equal infinities with each
    /// other; a text that spells a number agrees with the number.
    #[must_use]
    pub fn agree(self, here: Option<&Scalar>, there: Option<&Scalar>) -> bool {
        let (here, there) = match (here, there) {
            (None, None) => return true,
            (Some(here), Some(there)) => (here, there),
            (None, Some(_)) | (Some(_), None) => return false,
        };
        match (number(here), number(there)) {
            (Some(x), Some(y)) => self.numbers_agree(x, y) && (here == there || exact(here, there)),
            _ => here.to_string() == there.to_string(),
        }
    }

    fn numbers_agree(self, here: f64, there: f64) -> bool {
        here == there
            || (here.is_nan() && there.is_nan())
            || (here.is_finite()
                && there.is_finite()
                && (here - there).abs() <= self.absolute + self.relative * there.abs())
    }
}

/// Whole numbers beyond 2^53, and decimals of as many digits, are equal as floating-point numbers when they
/// are not; without a tolerance the difference matters, and with one it is below it.
fn exact(here: &Scalar, there: &Scalar) -> bool {
    match (here, there) {
        (Scalar::Integer(x), Scalar::Integer(y)) => x == y || (*x as f64) != (*y as f64),
        (Scalar::Decimal(_), _) | (_, Scalar::Decimal(_)) => {
            let decimal = |scalar: &Scalar| match scalar {
                Scalar::Text(text) => Decimal::parse(text.trim()),
                other => other.as_decimal(),
            };
            match (decimal(here), decimal(there)) {
                (Some(x), Some(y)) => x == y || x.number() != y.number(),
                // A number that is no decimal is none of these.
                _ => here.as_number() != there.as_number(),
            }
        }
        _ => true,
    }
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Integer(value) => Some(*value as f64),
        Scalar::Unsigned(value) => Some(*value as f64),
        Scalar::Number(value) => Some(*value),
        Scalar::Decimal(value) => Some(value.number()),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Boolean(value) => Some(f64::from(u8::from(*value))),
        Scalar::Instant(instant) => {
            Some(instant.timestamp() as f64 + f64::from(instant.timestamp_subsec_nanos()) / 1e9)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_agree_as_numpy_has_it_close() {
        let within = Closeness {
            absolute: 0.01,
            relative: 0.0,
        };
        let number = |value| Scalar::Number(value);
        let cases = [
            (within, Some(number(1.0)), Some(number(1.009)), true),
            (within, Some(number(1.0)), Some(number(1.011)), false),
            (within, None, None, true),
            (within, None, Some(number(0.0)), false),
            (within, Some(number(f64::NAN)), Some(number(f64::NAN)), true),
            (within, Some(number(f64::NAN)), Some(number(1.0)), false),
            (
                within,
                Some(number(f64::INFINITY)),
                Some(number(1.0)),
                false,
            ),
            (
                within,
                Some(Scalar::Text("1.005".into())),
                Some(number(1.0)),
                true,
            ),
            (
                within,
                Some(Scalar::Text("a".into())),
                Some(Scalar::Text("b".into())),
                false,
            ),
            (
                Closeness::default(),
                Some(Scalar::Integer(i64::MAX)),
                Some(Scalar::Integer(i64::MAX - 1)),
                false,
            ),
            (
                Closeness {
                    absolute: 0.0,
                    relative: 0.1,
                },
                Some(number(110.0)),
                Some(number(100.0)),
                true,
            ),
        ];
        for (closeness, here, there, expected) in cases {
            let found = closeness.agree(here.as_ref(), there.as_ref());
            assert_eq!(found, expected, "{closeness:?} {here:?} {there:?}");
        }
    }
}
