//! What an engine has answered, read as what was measured.

use std::collections::BTreeMap;

use super::question::{CATEGORIES_MAX, POINTS_MAX, Read};
use super::rows::{Cell, Kind};
use crate::evidence::{FailingRows, Reason};
use crate::measure::{
    Answer, CategoricalDistribution, Comoments, Distribution, Groups, Interpolation, Measured,
    Moments, NumericDistribution, Scalar,
};

/// Reads the rows of one slice, or of the table; without the columns of the slice.
pub(super) fn read(read: &Read, rows: &[&[Cell]]) -> Measured {
    let one = rows.first().copied().unwrap_or_default();
    let measured = match read {
        Read::Count => count(one, 0).map(Measured::Count),
        Read::Failing { .. } => failing(one),
        Read::Moments { shift } => moments(one, *shift),
        Read::Comoments { shift_x, shift_y } => comoments(one, *shift_x, *shift_y),
        Read::Number => Some(Measured::Number(number(one, 0))),
        Read::Between {
            fraction,
            interpolation,
        } => between(one, *fraction, *interpolation),
        Read::Extremes => Some(Measured::Extremes(scalar(one, 0).zip(scalar(one, 1)))),
        Read::Newest => match one.first() {
            Some(Cell::Instant(instant)) => Some(Measured::Newest(Some(*instant))),
            Some(Cell::Null) => Some(Measured::Newest(None)),
            _ => None,
        },
        Read::Groups { .. } => groups(one),
        Read::Frequencies {
            kinds,
            combinations_max,
        } => frequencies(rows, kinds, *combinations_max),
        Read::Points { .. } => points(rows, false),
        Read::CoarsePoints => points(rows, true),
        Read::Categories { kind } => categories(rows, *kind),
        Read::Answer { .. } => count(one, 0).map(|row_count| {
            Measured::Answer(Answer {
                row_count,
                ..Answer::default()
            })
        }),
    };
    measured.unwrap_or_else(|| {
        Measured::Failed(
            Reason::UnreadableInput,
            "the remote engine answered with other values than were asked for".to_owned(),
        )
    })
}

/// Whether a distribution has more points than are fetched one by one.
pub(super) fn has_too_many_points(rows: usize) -> bool {
    POINTS_MAX < rows
}

fn count(row: &[Cell], index: usize) -> Option<u64> {
    row.get(index)?.count()
}

/// A number; a null is none.
fn number(row: &[Cell], index: usize) -> Option<f64> {
    row.get(index)?.number()
}

fn scalar(row: &[Cell], index: usize) -> Option<Scalar> {
    row.get(index)?.scalar()
}

fn failing(row: &[Cell]) -> Option<Measured> {
    Some(Measured::Failing(FailingRows {
        count: count(row, 0)?,
        eligible: count(row, 1)?,
        examples: Vec::new(),
    }))
}

/// Central moments from sums of powers of differences from a number near the mean.
fn moments(row: &[Cell], shift: f64) -> Option<Measured> {
    let (all, nan, infinite, zeros) = (
        count(row, 0)?,
        count(row, 1)?,
        count(row, 2)?,
        count(row, 3)?,
    );
    let counted = Moments {
        count: all,
        mean: f64::NAN,
        nan,
        infinite,
        zeros,
        ..Moments::default()
    };
    if 0 < nan + infinite {
        return Some(Measured::Moments(Moments {
            sum: f64::NAN,
            m2: f64::NAN,
            m3: f64::NAN,
            m4: f64::NAN,
            ..counted
        }));
    }
    if all == 0 {
        return Some(Measured::Moments(counted));
    }
    let n = all as f64;
    let [s1, s2, s3, s4] = [
        number(row, 4)?,
        number(row, 5)?,
        number(row, 6)?,
        number(row, 7)?,
    ];
    let d = s1 / n;
    Some(Measured::Moments(Moments {
        mean: shift + d,
        sum: n.mul_add(shift, s1),
        m2: (s2 - s1 * d).max(0.0),
        m3: s3 - 3.0 * d * s2 + 2.0 * d * d * s1,
        m4: (s4 - 4.0 * d * s3 + 6.0 * d * d * s2 - 3.0 * d * d * d * s1).max(0.0),
        ..counted
    }))
}

fn comoments(row: &[Cell], shift_x: f64, shift_y: f64) -> Option<Measured> {
    let count = count(row, 0)?;
    if count == 0 {
        return Some(Measured::Comoments(Comoments::default()));
    }
    let n = count as f64;
    let (x, y) = (number(row, 1)?, number(row, 2)?);
    Some(Measured::Comoments(Comoments {
        count,
        mean_x: shift_x + x / n,
        mean_y: shift_y + y / n,
        m2_x: (number(row, 3)? - x * x / n).max(0.0),
        m2_y: (number(row, 4)? - y * y / n).max(0.0),
        c: number(row, 5)? - x * y / n,
    }))
}

/// A quantile from the values at the positions below and above it, by numpy's rules.
fn between(row: &[Cell], fraction: f64, interpolation: Interpolation) -> Option<Measured> {
    let (Some(low), Some(high)) = (number(row, 0), number(row, 1)) else {
        return Some(Measured::Number(None));
    };
    let position = (count(row, 2)?.saturating_sub(1)) as f64 * fraction;
    let (floor, part) = (position.floor(), position.fract());
    let value = match interpolation {
        Interpolation::Lower | Interpolation::Inverted => low,
        Interpolation::Higher => high,
        Interpolation::Midpoint => low + (high - low) / 2.0,
        Interpolation::Nearest if part < 0.5 => low,
        Interpolation::Nearest if 0.5 < part => high,
        Interpolation::Nearest if floor % 2.0 == 0.0 => low,
        Interpolation::Nearest => high,
        Interpolation::Linear if low == high => low,
        Interpolation::Linear => low + (high - low) * part,
    };
    Some(Measured::Number(Some(value)))
}

fn groups(row: &[Cell]) -> Option<Measured> {
    let rows = match row.is_empty() {
        true => 0,
        false => count(row, 1)?,
    };
    if rows == 0 {
        return Some(Measured::Groups(Groups::default()));
    }
    let n = rows as f64;
    let weighted = number(row, 4)?;
    Some(Measured::Groups(Groups {
        rows,
        distinct: count(row, 0)?,
        repeated: count(row, 2)?,
        rows_of_repeated: count(row, 3)?,
        entropy: (n.ln() - weighted / n).max(0.0),
        examples: Vec::new(),
    }))
}

fn frequencies(rows: &[&[Cell]], kinds: &[Kind], combinations_max: usize) -> Option<Measured> {
    if combinations_max < rows.len() {
        return Some(Measured::Failed(
            Reason::Unsupported,
            format!("there are more than {combinations_max} combinations of values"),
        ));
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let texts: Vec<Option<String>> = row
            .iter()
            .zip(kinds)
            .map(|(cell, kind)| cell.text(*kind))
            .collect();
        found.push((texts, count(row, kinds.len())?));
    }
    found.sort_by(|(texts, n), (others, m)| m.cmp(n).then_with(|| texts.cmp(others)));
    Some(Measured::Frequencies(found))
}

fn points(rows: &[&[Cell]], coarse: bool) -> Option<Measured> {
    let mut distribution = NumericDistribution::default();
    let mut largest = 0;
    for row in rows {
        let n = count(row, 1)?;
        match row.first()? {
            Cell::Null => distribution.null_count += n,
            cell => match cell.number()? {
                x if x.is_nan() => distribution.nan_count += n,
                x if x.is_infinite() => distribution.infinite_count += n,
                x => {
                    // -0 and 0 are one value.
                    distribution.points.push((x + 0.0, n));
                    largest = largest.max(n);
                }
            },
        }
    }
    distribution.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if coarse {
        // What is wrong by most is the rank of a value within the largest lot.
        distribution.rank_error = largest as f64 / distribution.count().max(1) as f64;
    }
    Some(Measured::Distribution(Distribution::Numeric(distribution)))
}

fn categories(rows: &[&[Cell]], kind: Kind) -> Option<Measured> {
    let Some(first) = rows.first() else {
        return Some(Measured::Distribution(Distribution::Categorical(
            CategoricalDistribution::default(),
        )));
    };
    let (total, null_count) = (count(first, 2)?, count(first, 3)?);
    let mut counts = BTreeMap::new();
    for row in rows {
        if let Some(text) = row.first()?.text(kind)
            && counts.len() < CATEGORIES_MAX
        {
            counts.insert(text, count(row, 1)?);
        }
    }
    let counted: u64 = counts.values().sum();
    Some(Measured::Distribution(Distribution::Categorical(
        CategoricalDistribution {
            other_count: total.saturating_sub(null_count).saturating_sub(counted),
            counts,
            null_count,
        },
    )))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::engines::sql::examples::Example;
    use crate::engines::sql::question::Read;
    use crate::engines::sql::rows::Cell;
    use crate::measure::{Interpolation, Measured};

    /// numpy 2.3: `np.quantile([1, 2, 4, 8], q, method=…)`.
    #[test]
    fn quantiles_are_numpys() {
        let at = |low: f64, high: f64, fraction, interpolation| {
            let row = [Cell::Number(low), Cell::Number(high), Cell::Whole(4)];
            read(
                &Read::Between {
                    fraction,
                    interpolation,
                },
                &[&row],
            )
        };
        for (interpolation, expected) in [
            (Interpolation::Linear, 3.0),
            (Interpolation::Lower, 2.0),
            (Interpolation::Higher, 4.0),
            (Interpolation::Midpoint, 3.0),
            // 1.5 is as near to 1 as to 2; 2 is even.
            (Interpolation::Nearest, 4.0),
        ] {
            assert_eq!(
                at(2.0, 4.0, 0.5, interpolation),
                Measured::Number(Some(expected))
            );
        }
    }

    #[test]
    fn an_answer_of_another_shape_is_a_failure() {
        let row = [Cell::Text("1".to_owned())];
        assert!(matches!(read(&Read::Count, &[&row]), Measured::Failed(..)));
        assert!(matches!(
            read(
                &Read::Failing {
                    example: Example::default()
                },
                &[]
            ),
            Measured::Failed(..)
        ));
    }
}
