//! Values that functions take and give.

use std::borrow::Cow;

/// A value of one row that is not null.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum<'a> {
    /// A whole number.
    Whole(i64),
    /// A floating-point number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// True or false.
    Boolean(bool),
    /// A day, as its midnight, or a point in time: microseconds since 1970-01-01T00:00Z.
    Instant(i64),
}

/// The kind of a value that functions take or give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatumKind {
    /// [`Datum::Whole`].
    Whole,
    /// [`Datum::Number`]; a whole number serves as one.
    Number,
    /// [`Datum::Text`].
    Text,
    /// [`Datum::Text`]: a text, or a whole number or a boolean as engines alike write it.
    Written,
    /// [`Datum::Boolean`].
    Boolean,
    /// [`Datum::Instant`].
    Instant,
}

impl DatumKind {
    /// In messages and the reference.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole number",
            Self::Number => "number",
            Self::Text => "text",
            Self::Written => "text or whole number or boolean",
            Self::Boolean => "boolean",
            Self::Instant => "date or time",
        }
    }

    /// Whether a value of this kind can stand where another is wanted.
    pub(super) fn serves_as(self, wanted: Self) -> bool {
        self == wanted
            || matches!(
                (self, wanted),
                (Self::Whole, Self::Number)
                    | (Self::Text | Self::Whole | Self::Boolean, Self::Written)
            )
    }
}

impl<'a> Datum<'a> {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> DatumKind {
        match self {
            Self::Whole(_) => DatumKind::Whole,
            Self::Number(_) => DatumKind::Number,
            Self::Text(_) => DatumKind::Text,
            Self::Boolean(_) => DatumKind::Boolean,
            Self::Instant(_) => DatumKind::Instant,
        }
    }

    /// The value in the kind wanted, where it serves as that.
    #[must_use]
    pub fn serving_as(self, wanted: DatumKind) -> Option<Self> {
        match (self, wanted) {
            (Self::Whole(whole), DatumKind::Number) => Some(Self::Number(whole as f64)),
            (Self::Whole(whole), DatumKind::Written) => Some(Self::Text(whole.to_string().into())),
            (Self::Boolean(value), DatumKind::Written) => {
                Some(Self::Text(value.to_string().into()))
            }
            (Self::Text(text), DatumKind::Written) => Some(Self::Text(text)),
            (value, wanted) => (value.kind() == wanted).then_some(value),
        }
    }

    /// A text that is not one of the arguments.
    pub(super) fn of_text(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// What a form was not made for; never seen, as forms are chosen by kinds.
fn mismatch<T>() -> Result<T, String> {
    Err("was given a value of another kind".to_owned())
}

/// The whole number at a place.
pub(super) fn whole(arguments: &[Datum<'_>], index: usize) -> Result<i64, String> {
    match arguments.get(index) {
        Some(Datum::Whole(whole)) => Ok(*whole),
        _ => mismatch(),
    }
}

/// The number at a place.
pub(super) fn number(arguments: &[Datum<'_>], index: usize) -> Result<f64, String> {
    match arguments.get(index) {
        Some(Datum::Number(number)) => Ok(*number),
        _ => mismatch(),
    }
}

/// The text at a place.
pub(super) fn text<'b>(arguments: &'b [Datum<'_>], index: usize) -> Result<&'b str, String> {
    match arguments.get(index) {
        Some(Datum::Text(text)) => Ok(text),
        _ => mismatch(),
    }
}

/// The boolean at a place.
pub(super) fn boolean(arguments: &[Datum<'_>], index: usize) -> Result<bool, String> {
    match arguments.get(index) {
        Some(Datum::Boolean(value)) => Ok(*value),
        _ => mismatch(),
    }
}

/// The point in time at a place.
pub(super) fn instant(arguments: &[Datum<'_>], index: usize) -> Result<i64, String> {
    match arguments.get(index) {
        Some(Datum::Instant(micros)) => Ok(*micros),
        _ => mismatch(),
    }
}
