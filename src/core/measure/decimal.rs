//! Decimal numbers without loss: a whole number of at most 128 bits and how many of its digits stand after
//! the point. What a column of decimals holds, what a text spells, and where a number written in a contract
//! lies among them.

use std::cmp::Ordering;
use std::fmt;

/// Digits that always fit: those of the decimals of Parquet, Arrow and SQL engines.
const DIGITS_MAX: u32 = 38;

/// Digits of the largest whole number of 128 bits.
const WHOLE_DIGITS_MAX: usize = 39;

/// A decimal number. Equal numbers are equal whatever they were written as: `1.50` is `1.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: i128,
    /// Digits after the point, as few as the number needs; at most [`DIGITS_MAX`].
    scale: u32,
}

/// Where a number lies among the decimals with some number of digits after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below all of them.
    Below,
    /// It is one of them: this whole number without its point.
    At(i128),
    /// Between this one and the next larger.
    After(i128),
    /// Above all of them.
    Above,
}

impl Decimal {
    /// The decimal `unscaled` × 10^-`scale`; `None` for more than 38 digits after the point.
    #[must_use]
    pub fn new(unscaled: i128, scale: u32) -> Option<Self> {
        if DIGITS_MAX < scale {
            return None;
        }
        let (mut unscaled, mut scale) = (unscaled, scale);
        // Division of 128 bits is slow, and most numbers are not that large.
        while let Ok(small) = i64::try_from(unscaled)
            && 0 < scale
            && small % 10 == 0
        {
            (unscaled, scale) = (i128::from(small / 10), scale - 1);
        }
        while 0 < scale && unscaled % 10 == 0 {
            (unscaled, scale) = (unscaled / 10, scale - 1);
        }
        Some(Self { unscaled, scale })
    }

    /// The decimal a text spells, with or without an exponent; `None` for other texts, and for numbers that
    /// need more digits than there are.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written = Written::of(text)?;
        // Zeros at the end need no digits.
        let (digits, exponent) = written.significant();
        let scale = u32::try_from(exponent.min(0).checked_neg()?).ok()?;
        if DIGITS_MAX < scale {
            return None;
        }
        match place_of(written.negative, &digits, exponent, scale) {
            Place::At(unscaled) => Self::new(unscaled, scale),
            Place::Below | Place::After(_) | Place::Above => None,
        }
    }

    /// The decimal somebody wrote who got this number: the shortest that reads back as it. `None` for NaN,
    /// infinities, and numbers that need more digits than there are.
    #[must_use]
    pub fn of_number(number: f64) -> Option<Self> {
        Self::parse(&format!("{number:e}"))
    }

    /// The nearest floating-point number.
    #[must_use]
    pub fn number(self) -> f64 {
        nearest(self.unscaled, self.scale)
    }

    /// The number without its point, and how many of its digits stand after it; as few as it needs.
    #[must_use]
    pub fn parts(self) -> (i128, u32) {
        (self.unscaled, self.scale)
    }

    /// The whole number it is.
    #[must_use]
    pub fn whole(self) -> Option<i128> {
        (self.scale == 0).then_some(self.unscaled)
    }

    /// Without its point where `scale` digits stand after it; `None` when it needs more, or is too large.
    #[must_use]
    pub fn at_scale(self, scale: u32) -> Option<i128> {
        let more = scale.checked_sub(self.scale)?;
        self.unscaled.checked_mul(10_i128.checked_pow(more)?)
    }

    /// How much larger it is than another, as the nearest floating-point number where the difference fits.
    #[must_use]
    pub fn minus(self, other: Self) -> f64 {
        let scale = self.scale.max(other.scale);
        let exact = self
            .at_scale(scale)
            .zip(other.at_scale(scale))
            .and_then(|(one, other)| one.checked_sub(other));
        match exact {
            Some(difference) => nearest(difference, scale),
            None => self.number() - other.number(),
        }
    }

    /// The whole part, rounded down, and what is left of it as a whole number of 10^-38.
    fn split(self) -> (i128, i128) {
        let one = 10_i128.pow(self.scale.min(DIGITS_MAX));
        let rest = self.unscaled.rem_euclid(one);
        let more = 10_i128.pow(DIGITS_MAX.saturating_sub(self.scale));
        // Below 10^38, which fits.
        (self.unscaled.div_euclid(one), rest.saturating_mul(more))
    }
}

/// The floating-point number nearest to `unscaled` × 10^-`scale`.
#[must_use]
pub fn nearest(unscaled: i128, scale: u32) -> f64 {
    /// Up to here whole numbers are floating-point numbers.
    const WHOLE_MAX: u128 = 1 << 53;
    /// Up to here powers of ten are (Clinger 1990): one division then rounds once.
    const POWER_MAX: u32 = 22;
    if unscaled.unsigned_abs() <= WHOLE_MAX && scale <= POWER_MAX {
        let power = 10_u128.pow(scale) as f64;
        return unscaled as f64 / power;
    }
    // Texts are read as the nearest number.
    format!("{unscaled}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// Where the number a text spells lies among the decimals with `scale` digits after the point, however many
/// digits the text has; `None` for texts that spell no finite number.
#[must_use]
pub fn place(text: &str, scale: u32) -> Option<Place> {
    let written = Written::of(text)?;
    let (digits, exponent) = written.significant();
    Some(place_of(written.negative, &digits, exponent, scale))
}

/// Whether a number that was read from a text keeps its digits: the text is the shortest that reads back as
/// the number, or has the 17 digits that tell it from all others.
#[must_use]
pub fn keeps(number: f64, text: &str) -> bool {
    let digits = |text: &str| Written::of(text).map(|written| written.significant());
    let read = digits(text);
    read.is_some()
        && (read == digits(&format!("{number:e}")) || read == digits(&format!("{number:.16e}")))
}

fn place_of(negative: bool, digits: &[u8], exponent: i64, scale: u32) -> Place {
    let beyond = if negative { Place::Below } else { Place::Above };
    let shift = exponent.saturating_add(i64::from(scale));
    let whole_digits = (digits.len() as i64).saturating_add(shift);
    if digits.is_empty() {
        return Place::At(0);
    }
    let kept = match usize::try_from(whole_digits) {
        // All digits are behind the last place.
        Err(_) => 0,
        Ok(kept) if WHOLE_DIGITS_MAX < kept => return beyond,
        Ok(kept) => kept,
    };
    let padding = std::iter::repeat(&0_u8);
    let mut whole = 0_i128;
    for digit in digits.iter().chain(padding).take(kept) {
        let digit = i128::from(*digit);
        let signed = if negative { -digit } else { digit };
        let next = whole.checked_mul(10).and_then(|w| w.checked_add(signed));
        match next {
            Some(next) => whole = next,
            None => return beyond,
        }
    }
    // The last significant digit is not zero: something is left where one is not kept.
    match (kept < digits.len(), negative) {
        (false, _) => Place::At(whole),
        (true, false) => Place::After(whole),
        (true, true) => whole.checked_sub(1).map_or(Place::Below, Place::After),
    }
}

/// A number as it is written.
struct Written {
    negative: bool,
    /// Digits from the first that is not zero, each 0 to 9.
    digits: Vec<u8>,
    /// The power of ten of the last digit.
    exponent: i64,
}

impl Written {
    fn of(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            negative,
            digits: digits()
                .map(|byte| byte - b'0')
                .skip_while(|digit| *digit == 0)
                .collect(),
            exponent: exponent.saturating_sub(fraction.len() as i64),
        })
    }

    /// The digits without zeros at the end, and the power of ten of the last.
    fn significant(&self) -> (Vec<u8>, i64) {
        let mut digits = self.digits.clone();
        let mut exponent = self.exponent;
        while digits.pop_if(|digit| *digit == 0).is_some() {
            exponent = exponent.saturating_add(1);
        }
        match digits.is_empty() {
            true => (digits, 0),
            false => (digits, exponent),
        }
    }
}

/// A power of ten; one that is too large is as good as the largest.
fn power(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power = digits.parse().unwrap_or(i64::MAX / 2);
    Some(if negative { -power } else { power })
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.unscaled.cmp(&other.unscaled);
        }
        self.split().cmp(&other.split())
    }
}

impl fmt::Display for Decimal {
    /// All digits, without an exponent; a fraction only where there is one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unscaled, scale } = *self;
        if scale == 0 {
            return write!(formatter, "{unscaled}");
        }
        let one = 10_u128.pow(scale.min(DIGITS_MAX));
        let (sign, digits) = (if unscaled < 0 { "-" } else { "" }, unscaled.unsigned_abs());
        let width = scale as usize;
        write!(formatter, "{sign}{}.{:0width$}", digits / one, digits % one)
    }
}

#[cfg(test)]
mod tests;
