//! A sum of floating-point numbers without rounding: the same to the last bit in whatever order, and from
//! whatever pieces, the numbers come.
//!
//! A number is a whole multiple of 2^-1074, the smallest one there is. The multiples are added as integers
//! of digits of 32 bits, with room above each digit for many carries (Kulisch and Miranker 1986).

/// Digits of the largest sum: 2^64 numbers of the largest size, and a sign.
const DIGITS: usize = 68;

/// Bits of a digit.
const BITS: usize = 32;

/// Numbers added before carries are moved up: each adds less than 2^32 to a digit of 63 bits.
const PENDING_MAX: u32 = 1 << 30;

/// The exponent of the lowest bit.
const LOWEST: i32 = -1074;

/// Bits of the fraction of a double, the leading one among them.
const FRACTION_BITS: u32 = 53;

/// A sum.
#[derive(Clone, Debug)]
pub struct ExactSum {
    /// Lowest first; the last one carries the sign once carries are moved up.
    digits: [i64; DIGITS],
    pending: u32,
}

/// A sum to be written down: the sign, the place of the lowest digit that is not 0, and the digits from
/// there on, lowest first. Zero has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SumDigits {
    /// Whether it is below 0.
    pub negative: bool,
    /// The place of the first digit.
    pub first: usize,
    /// The digits.
    pub digits: Vec<u32>,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            digits: [0; DIGITS],
            pending: 0,
        }
    }
}

impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.to_digits() == other.to_digits()
    }
}

impl ExactSum {
    /// Adds a number. One that is not finite adds nothing: whoever counts those has said so already.
    pub fn add(&mut self, number: f64) {
        if !number.is_finite() {
            return;
        }
        let bits = number.to_bits();
        let exponent = usize::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
        let fraction = bits & ((1 << 52) - 1);
        let (fraction, shift) = match exponent {
            0 => (fraction, 0),
            exponent => (fraction | 1 << 52, exponent - 1),
        };
        let wide = u128::from(fraction) << (shift % BITS);
        let places = self.digits.iter_mut().skip(shift / BITS).take(3);
        for (place, digit) in places.enumerate() {
            let part = i64::from((wide >> (place * BITS)) as u32);
            *digit += if bits >> 63 == 1 { -part } else { part };
        }
        self.pending += 1;
        if PENDING_MAX <= self.pending {
            self.carry();
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        for (digit, more) in self.digits.iter_mut().zip(other.digits) {
            *digit += more;
        }
        self.pending = 1;
    }

    /// The double nearest to the sum, the even one of two; infinite beyond the largest.
    #[must_use]
    pub fn value(&self) -> f64 {
        let sum = self.to_digits();
        // The three highest digits hold at least 65 bits, of which 53 count and the next ones round.
        let low = sum.digits.len().saturating_sub(3);
        let (rest, high) = sum.digits.split_at(low);
        let top = high
            .iter()
            .rev()
            .fold(0_u128, |top, digit| top << BITS | u128::from(*digit));
        let dropped = (u128::BITS - top.leading_zeros()).saturating_sub(FRACTION_BITS);
        let kept = top >> dropped;
        let remainder = top & ((1 << dropped) - 1);
        let half = (1_u128 << dropped) >> 1;
        let beyond = rest.iter().any(|digit| *digit != 0);
        let up =
            0 < dropped && (half < remainder || (half == remainder && (beyond || kept & 1 == 1)));
        let kept = (kept + u128::from(up)) as f64;
        let place = i32::try_from((sum.first + low) * BITS).unwrap_or(i32::MAX);
        let exponent = LOWEST + place + dropped.cast_signed();
        // In two steps, so that neither factor is too small or too large to be a double.
        let one = exponent / 2;
        let size = kept * power_of_two(one) * power_of_two(exponent - one);
        if sum.negative { -size } else { size }
    }

    /// The sum in a form that can be written down.
    #[must_use]
    pub fn to_digits(&self) -> SumDigits {
        let mut sum = self.clone();
        sum.carry();
        let negative = sum.digits.last().is_some_and(|last| *last < 0);
        if negative {
            sum.digits.iter_mut().for_each(|digit| *digit = -*digit);
            sum.carry();
        }
        let is_set = |digit: &i64| *digit != 0;
        let Some(first) = sum.digits.iter().position(is_set) else {
            return SumDigits::default();
        };
        let last = sum.digits.iter().rposition(is_set).unwrap_or(first);
        let digits = sum.digits.iter().take(last + 1).skip(first);
        SumDigits {
            negative,
            first,
            digits: digits
                .map(|digit| u32::try_from(*digit).unwrap_or_default())
                .collect(),
        }
    }

    /// The sum that was written down. Digits beyond the highest are none of a sum and are left out.
    #[must_use]
    pub fn from_digits(written: &SumDigits) -> Self {
        let mut sum = Self {
            pending: 1,
            ..Self::default()
        };
        let places = sum.digits.iter_mut().skip(written.first);
        for (digit, said) in places.zip(&written.digits) {
            *digit = i64::from(*said) * if written.negative { -1 } else { 1 };
        }
        sum
    }

    /// Moves carries up: every digit but the last is then between 0 and 2^32.
    fn carry(&mut self) {
        let mut carry = 0;
        let last = DIGITS - 1;
        for (place, digit) in self.digits.iter_mut().enumerate() {
            *digit += carry;
            if place < last {
                carry = *digit >> BITS;
                *digit &= i64::from(u32::MAX);
            }
        }
        self.pending = 1;
    }
}

/// 2 to this power, for powers of normal numbers.
fn power_of_two(exponent: i32) -> f64 {
    2.0_f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(numbers: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|number| sum.add(*number));
        sum
    }

    #[test]
    fn sums_equal_python_fsum() {
        // `math.fsum` of Python 3.11.
        for (numbers, expected) in [
            (vec![], 0.0_f64),
            (vec![0.1; 10], 1.0),
            (vec![1e16, 1.0, 1e-16], 1e16 + 2.0),
            (vec![1e308, 1.0, -1e308], 1.0),
            (vec![1e100, 1.0, -1e100, -1.0], 0.0),
            (vec![-5e-324, -5e-324], -1e-323),
            (vec![f64::MIN_POSITIVE, -5e-324], 2.225_073_858_507_201e-308),
            (
                vec![9_007_199_254_740_992.0, 1.0, 5e-324],
                9_007_199_254_740_994.0,
            ),
            (vec![9_007_199_254_740_992.0, 1.0], 9_007_199_254_740_992.0),
            (vec![-0.1, -0.2, -0.3], -0.6),
        ] {
            let value = sum(&numbers).value();
            assert_eq!(
                value.to_bits(),
                expected.to_bits(),
                "{numbers:?}: {value:e}"
            );
        }
        assert_eq!(sum(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
    }

    proptest! {
        #[test]
        fn one_number_is_itself(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            prop_assert_eq!(sum(&[number]).value().to_bits(), number.to_bits());
        }

        #[test]
        fn order_and_pieces_change_nothing(
            mut numbers in proptest::collection::vec(-1e6..1e6_f64, 0..40),
            at in 0..40_usize,
        ) {
            let whole = sum(&numbers);
            let (one, other) = numbers.split_at(at.min(numbers.len()));
            let mut merged = sum(one);
            merged.merge(&ExactSum::from_digits(&sum(other).to_digits()));
            prop_assert_eq!(&merged, &whole);
            numbers.reverse();
            prop_assert_eq!(&sum(&numbers), &whole);
            let nearly: f64 = numbers.iter().sum();
            prop_assert!((whole.value() - nearly).abs() <= 1e-7);
        }
    }
}
