//! A column as the slice finder searches it: its values, or its deciles when it holds many numbers.

use super::super::crossings::named;
use super::super::slices::NotSliced;
use super::super::{Groups, VALUES_MAX};
use crate::evidence::Reason;
use crate::metrics::groups::MISSING;

/// Distinct numbers from which on a column is searched by deciles: fewer are a rating or a count, whose
/// values mean something one by one.
const NUMBERS_MIN: usize = 21;

/// Parts of equally many rows that numbers are divided into.
const BINS: usize = 10;

/// A column as the place of each row among the parts that are searched.
pub(super) struct Searched {
    /// `column=value` or `column=from..to` of each part.
    pub(super) names: Vec<String>,
    /// Which of them each row is in.
    pub(super) codes: Vec<u32>,
}

impl Searched {
    /// # Errors
    /// When there are too many values that are no numbers.
    pub(super) fn of(column: &str, groups: &Groups) -> Result<Self, NotSliced> {
        let (values, codes) = groups.codes();
        let present: Vec<&str> = values.iter().copied().flatten().collect();
        let has_missing = present.len() < values.len();
        if NUMBERS_MIN <= present.len()
            && let Some(numbers) = numbers(&present)
        {
            return Ok(Self::binned(column, &codes, &numbers, has_missing));
        }
        if VALUES_MAX < values.len() {
            let message = format!(
                "column `{column}` has {} values that are not all numbers, at most {VALUES_MAX} can be searched",
                values.len()
            );
            return Err((Reason::Unsupported, message));
        }
        let name = |value: &Option<&str>| named(column, value.unwrap_or(MISSING), true);
        Ok(Self {
            names: values.iter().map(name).collect(),
            codes,
        })
    }

    /// The deciles of the rows, fewer where many rows share a number; `numbers` by code.
    fn binned(column: &str, codes: &[u32], numbers: &[f64], has_missing: bool) -> Self {
        let number = |code: &u32| numbers.get(*code as usize).copied();
        let mut sorted: Vec<f64> = codes.iter().filter_map(number).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut edges: Vec<f64> = (0..BINS)
            .filter_map(|bin| sorted.get(bin * sorted.len() / BINS).copied())
            .collect();
        edges.dedup();
        let last = edges.len().saturating_sub(1);
        let upper = |bin: usize| match edges.get(bin + 1) {
            Some(edge) => *edge,
            None => sorted.last().copied().unwrap_or(f64::NAN),
        };
        let mut names: Vec<String> = edges
            .iter()
            .enumerate()
            .map(|(bin, edge)| format!("{column}={edge}..{}", upper(bin)))
            .collect();
        if has_missing {
            names.push(format!("{column}={MISSING}"));
        }
        let bin = |code: &u32| match number(code) {
            Some(number) => {
                let above = edges.partition_point(|edge| *edge <= number);
                above.saturating_sub(1).min(last) as u32
            }
            None => edges.len() as u32,
        };
        Self {
            codes: codes.iter().map(bin).collect(),
            names,
        }
    }
}

/// The values as numbers, when all of them are.
fn numbers(values: &[&str]) -> Option<Vec<f64>> {
    let number = |text: &&str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    values.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(values: impl Iterator<Item = Option<String>>) -> Searched {
        Searched::of("x", &Groups::from(values.collect::<Vec<_>>()))
            .unwrap_or_else(|(_, why)| panic!("{why}"))
    }

    #[test]
    fn many_numbers_are_searched_by_deciles_and_few_by_value() {
        let many = searched((0..101).map(|row| (row < 100).then(|| format!("{}.5", 99 - row))));
        assert_eq!(many.names.len(), 11);
        assert_eq!(
            [&many.names[0], &many.names[9], &many.names[10]],
            ["x=0.5..10.5", "x=90.5..99.5", "x=(missing)"]
        );
        assert_eq!((many.codes[0], many.codes[99], many.codes[100]), (9, 0, 10));
        for bin in 0..10 {
            assert_eq!(many.codes.iter().filter(|code| **code == bin).count(), 10);
        }
        let few = searched((0..100).map(|row| Some((row % 5).to_string())));
        assert_eq!(few.names, ["x=0", "x=1", "x=2", "x=3", "x=4"]);
        // Half of the rows share the least number.
        let tied = searched((0..200).map(|row| Some((row - 100).max(0).to_string())));
        assert_eq!(tied.names[0], "x=0..20");
        assert_eq!(tied.names.len(), 5);
    }

    #[test]
    fn names_are_not_searched() {
        let names: Vec<_> = (0..201).map(|row| Some(format!("n{row}"))).collect();
        assert!(Searched::of("x", &Groups::from(names)).is_err());
        let mixed: Vec<_> = (0..30)
            .map(|row| {
                Some(if row == 0 {
                    "NaN".to_owned()
                } else {
                    row.to_string()
                })
            })
            .collect();
        assert_eq!(
            Searched::of("x", &Groups::from(mixed))
                .map(|found| found.names.len())
                .ok(),
            Some(30)
        );
    }
}
