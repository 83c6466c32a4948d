//! The quantile sketch of a column (KLL, Karnin, Lang and Liberty 2016), as DataSketches writes one of
//! doubles: `kll_sketch_impl.hpp` of datasketches-cpp.
//!
//! Eight bytes say what it is, then come the count of values, the levels, the extremes and the values that
//! were kept; one on level `i` stands for `2^i` values.

/// A sketch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sketch {
    /// How many values it is of.
    pub(super) count: u64,
    /// The smallest and the largest value, exactly; absent when there are none.
    pub(super) extremes: Option<(f64, f64)>,
    /// The values that were kept, smallest first, and how many each stands for.
    kept: Vec<(f64, u64)>,
}

/// Bytes before the levels of a sketch of several values.
const HEADER: usize = 24;

const IS_EMPTY: u8 = 1;
const IS_SINGLE: u8 = 4;

/// DataSketches' number of the family of KLL.
const FAMILY: u8 = 15;

/// Most levels: one more would stand for more values than can be counted.
const LEVELS_MAX: usize = 61;

impl Sketch {
    /// Reads a sketch.
    ///
    /// # Errors
    /// A sentence, when it is broken: also when what was kept does not stand for as many values as it says.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let broken = || "a sketch of quantiles is broken".to_owned();
        let [_, _, FAMILY, flags, ..] = bytes else {
            return Err(broken());
        };
        if flags & IS_EMPTY != 0 {
            return Ok(Self {
                count: 0,
                extremes: None,
                kept: Vec::new(),
            });
        }
        let doubles = |at: usize| -> Result<Vec<f64>, String> {
            let (doubles, rest) = bytes.get(at..).ok_or_else(broken)?.as_chunks::<8>();
            match rest.is_empty() {
                true => Ok(doubles
                    .iter()
                    .map(|bytes| f64::from_le_bytes(*bytes))
                    .collect()),
                false => Err(broken()),
            }
        };
        if flags & IS_SINGLE != 0 {
            let [value] = doubles(8)?[..] else {
                return Err(broken());
            };
            return Ok(Self {
                count: 1,
                extremes: Some((value, value)),
                kept: vec![(value, 1)],
            });
        }
        let count = bytes
            .get(8..)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(broken)?;
        let count = u64::from_le_bytes(*count);
        let levels = usize::from(*bytes.get(18).ok_or_else(broken)?);
        let starts = bytes.get(HEADER..HEADER + 4 * levels).ok_or_else(broken)?;
        let (starts, _) = starts.as_chunks::<4>();
        let starts: Vec<usize> = starts
            .iter()
            .map(|bytes| u32::from_le_bytes(*bytes) as usize)
            .collect();
        let numbers = doubles(HEADER + 4 * levels)?;
        let ([least, most, values @ ..], Some(first)) = (numbers.as_slice(), starts.first()) else {
            return Err(broken());
        };
        if LEVELS_MAX < levels {
            return Err(broken());
        }
        // Where levels start is counted from the start of the room for values, which is not written.
        let end = first + values.len();
        let ends = starts.iter().skip(1).copied().chain([end]);
        let mut kept = Vec::new();
        for (level, (start, end)) in starts.iter().zip(ends).enumerate() {
            let range = start.checked_sub(*first).zip(end.checked_sub(*first));
            let of_level = range
                .and_then(|(start, end)| values.get(start..end))
                .ok_or_else(broken)?;
            kept.extend(of_level.iter().map(|value| (*value, 1_u64 << level)));
        }
        let stood_for = kept
            .iter()
            .try_fold(0_u64, |sum, (_, weight)| sum.checked_add(*weight));
        if stood_for != Some(count) || kept.is_empty() {
            return Err(broken());
        }
        kept.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        Ok(Self {
            count,
            extremes: Some((*least, *most)),
            kept,
        })
    }

    /// A quantile as DataSketches answers it: the first value that was kept with at least `⌊fraction · count⌋`
    /// values before it. Absent when there are no values.
    pub(super) fn quantile(&self, fraction: f64) -> Option<f64> {
        let wanted = (fraction * self.count as f64).floor() as u64;
        let mut before = 0;
        for (value, weight) in &self.kept {
            if wanted <= before {
                return Some(*value);
            }
            before += weight;
        }
        self.kept.last().map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::Sketch;

    #[test]
    fn one_value_and_none_are_told_apart() {
        let none = Sketch::parse(b"\x02\x01\x0f\x01\0\x04\x08\0").expect("a sketch");
        assert_eq!(
            (none.count, none.extremes, none.quantile(0.5)),
            (0, None, None)
        );
        let one = [&b"\x02\x02\x0f\x06\0\x04\x08\0"[..], &0.5_f64.to_le_bytes()].concat();
        let one = Sketch::parse(&one).expect("a sketch");
        assert_eq!((one.count, one.quantile(0.01)), (1, Some(0.5)));
    }

    /// Two levels, `[3, 1]` and `[2]` for two values each.
    fn levels() -> Vec<u8> {
        let mut bytes =
            b"\x06\x01\x0f\0\0\x04\x08\0\x04\0\0\0\0\0\0\0\0\x04\x02\0\0\0\0\0".to_vec();
        bytes.extend(b"\x05\0\0\0\x07\0\0\0");
        bytes.extend(
            [1.0, 3.0, 3.0, 1.0, 2.0]
                .into_iter()
                .flat_map(f64::to_le_bytes),
        );
        bytes
    }

    #[test]
    fn what_a_value_stands_for_is_counted() {
        let sketch = Sketch::parse(&levels()).expect("a sketch");
        assert_eq!((sketch.count, sketch.extremes), (4, Some((1.0, 3.0))));
        let found = [0.0, 0.25, 0.5, 0.75, 1.0].map(|fraction| sketch.quantile(fraction));
        assert_eq!(found, [1.0, 2.0, 3.0, 3.0, 3.0].map(Some));
    }

    #[test]
    fn a_broken_sketch_is_refused() {
        let whole = levels();
        for length in 0..whole.len() {
            assert!(Sketch::parse(&whole[..length]).is_err(), "cut at {length}");
        }
        // The family, the count, the count of levels, where levels start.
        for at in [2, 8, 18, 24, 28] {
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = whole.clone();
                if broken[at] != value {
                    broken[at] = value;
                    assert!(Sketch::parse(&broken).is_err(), "{value} at {at}");
                }
            }
        }
    }
}
