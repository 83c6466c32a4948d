//! The values of a column that slices or groups rows, as a small number for each row.

use std::collections::HashMap;

/// Different values whose rows are told apart. A column with more is a key or a measurement, and a report
/// with thousands of slices is read by nobody.
pub const VALUES_MAX: usize = 200;

/// What rows without a value are called.
pub const MISSING: &str = "(missing)";

/// A column that slices or groups rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    rows: usize,
    different: usize,
    /// The different values, by name with the missing one last where they are few.
    values: Vec<Option<String>>,
    /// The index of each row's value; nothing when there are more than [`VALUES_MAX`].
    of_row: Vec<u8>,
    /// The same where there are more.
    of_many: Vec<u32>,
}

impl Groups {
    /// From the different values, in any order, and the index of each row's value among them.
    #[must_use]
    pub fn of(values: Vec<Option<String>>, of_row: &[u32]) -> Self {
        let (rows, different) = (of_row.len(), values.len());
        if VALUES_MAX < different {
            return Self {
                rows,
                different,
                values,
                of_row: Vec::new(),
                of_many: of_row.to_vec(),
            };
        }
        let mut order: Vec<usize> = (0..different).collect();
        order.sort_by_key(|index| (values[*index].is_none(), &values[*index]));
        let mut place = vec![0_u8; different];
        for (new, old) in order.iter().enumerate() {
            // At most VALUES_MAX, which fits.
            place[*old] = new as u8;
        }
        Self {
            rows,
            different,
            of_row: of_row
                .iter()
                .map(|value| place.get(*value as usize).copied().unwrap_or_default())
                .collect(),
            values: order.iter().map(|index| values[*index].clone()).collect(),
            of_many: Vec::new(),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many different values there are.
    #[must_use]
    pub fn different(&self) -> usize {
        self.different
    }

    /// The different values in their order, the missing one last, and the index of each row's among them.
    #[must_use]
    pub fn codes(&self) -> (Vec<Option<&str>>, Vec<u32>) {
        let names: Vec<Option<&str>> = self.values.iter().map(Option::as_deref).collect();
        if self.of_many.is_empty() {
            let codes = self.of_row.iter().map(|index| u32::from(*index));
            return (names, codes.collect());
        }
        let mut order: Vec<u32> = (0..names.len() as u32).collect();
        let value = |index: &u32| names.get(*index as usize).copied().flatten();
        order.sort_by_key(|index| (value(index).is_none(), value(index)));
        let mut place = vec![0; order.len()];
        for (new, old) in (0..).zip(&order) {
            place[*old as usize] = new;
        }
        let codes = self.of_many.iter();
        let codes = codes.filter_map(|index| place.get(*index as usize).copied());
        (order.iter().map(value).collect(), codes.collect())
    }

    /// The value of each row.
    #[cfg(test)]
    pub(crate) fn values(&self) -> Vec<Option<String>> {
        let value = |index: usize| self.values.get(index).cloned().flatten();
        let few = self.of_row.iter().map(|index| usize::from(*index));
        let many = self.of_many.iter().map(|index| *index as usize);
        few.chain(many).map(value).collect()
    }
}

impl From<Vec<Option<String>>> for Groups {
    fn from(values: Vec<Option<String>>) -> Self {
        let mut places: HashMap<Option<String>, u32> = HashMap::new();
        let mut different = Vec::new();
        let mut of_row = Vec::with_capacity(values.len());
        for value in values {
            let next = different.len() as u32;
            let place = *places.entry(value).or_insert_with_key(|value| {
                different.push(value.clone());
                next
            });
            of_row.push(place);
        }
        Self::of(different, &of_row)
    }
}

/// The rows that share their values in some columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination<'a> {
    /// The value in each column, `None` where it is missing.
    pub values: Vec<Option<&'a str>>,
    /// The rows, in their order; at least one.
    pub rows: Vec<u32>,
}

/// Every combination of values that rows have, in the order of the values, missing ones last; `None` when
/// there are more than `combinations_max`, or a column has more than [`VALUES_MAX`] values. One pass over
/// the rows for each column.
#[must_use]
pub fn combinations<'a>(
    columns: &[&'a Groups],
    combinations_max: usize,
) -> Option<Vec<Combination<'a>>> {
    if columns.iter().any(|column| VALUES_MAX < column.different()) {
        return None;
    }
    // The combination of the columns so far that each row has, and the values these are made of.
    let mut of_row = vec![0_u32; columns.first().map_or(0, |column| column.len())];
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for column in columns {
        let mut extended: Vec<Vec<u8>> = Vec::new();
        let mut places = vec![u32::MAX; all.len() * column.values.len()];
        for (of_row, value) in of_row.iter_mut().zip(&column.of_row) {
            let before = *of_row as usize;
            let place = places.get_mut(before * column.values.len() + usize::from(*value))?;
            if *place == u32::MAX {
                if extended.len() == combinations_max {
                    return None;
                }
                *place = extended.len() as u32;
                extended.push([all.get(before)?.as_slice(), &[*value]].concat());
            }
            *of_row = *place;
        }
        all = extended;
    }
    let mut counts = vec![0; all.len()];
    for combination in &of_row {
        *counts.get_mut(*combination as usize)? += 1;
    }
    let mut rows: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
    for (row, combination) in of_row.iter().enumerate() {
        rows.get_mut(*combination as usize)?.push(row as u32);
    }
    let mut found: Vec<_> = all.into_iter().zip(rows).collect();
    found.sort_unstable();
    let combination = |(values, rows): (Vec<u8>, Vec<u32>)| Combination {
        values: columns
            .iter()
            .zip(values)
            .map(|(column, value)| column.values.get(usize::from(value))?.as_deref())
            .collect(),
        rows,
    };
    // Without columns there is one combination, of all rows; there are none to tell it apart by.
    Some(
        found
            .into_iter()
            .map(combination)
            .filter(|found| !found.rows.is_empty())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Groups, VALUES_MAX, combinations};

    fn column(values: &[Option<&str>]) -> Groups {
        let values = values.iter().map(|value| value.map(str::to_owned));
        Groups::from(values.collect::<Vec<_>>())
    }

    #[test]
    fn rows_that_share_values_are_together_and_missing_values_last() {
        let region = column(&[None, Some("b"), Some("a"), Some("b"), None]);
        let age = column(&[
            Some("old"),
            Some("old"),
            Some("old"),
            Some("new"),
            Some("old"),
        ]);
        let found = combinations(&[&region, &age], 4).expect("four combinations");
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.values.as_slice(), found.rows.as_slice()))
            .collect();
        let expected: [(&[Option<&str>], &[u32]); 4] = [
            (&[Some("a"), Some("old")], &[2]),
            (&[Some("b"), Some("new")], &[3]),
            (&[Some("b"), Some("old")], &[1]),
            (&[None, Some("old")], &[0, 4]),
        ];
        assert_eq!(found, expected);
        assert_eq!(combinations(&[&region, &age], 3), None);
    }

    #[test]
    fn a_column_of_too_many_values_makes_no_combinations() {
        let values: Vec<_> = (0..=VALUES_MAX)
            .map(|value| Some(value.to_string()))
            .collect();
        assert_eq!(combinations(&[&Groups::from(values)], usize::MAX), None);
        assert_eq!(combinations(&[&column(&[])], 1), Some(Vec::new()));
    }
}
