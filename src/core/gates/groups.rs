//! The values of a column that slices or groups rows, as a small number for each row.

use std::collections::HashMap;

/// Different values whose rows are told apart. A column with more is a key or a measurement, and a report
/// with thousands of slices is read by nobody.
pub const VALUES_MAX: usize = 200;

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

    /// Every value with its rows, by name, the missing one last; nothing when there are more than
    /// [`VALUES_MAX`].
    #[must_use]
    pub fn rows_by_value(&self) -> Vec<(Option<&str>, Vec<u32>)> {
        if VALUES_MAX < self.different {
            return Vec::new();
        }
        let mut counts = vec![0; self.values.len()];
        for value in &self.of_row {
            counts[usize::from(*value)] += 1;
        }
        let mut rows: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
        for (row, value) in self.of_row.iter().enumerate() {
            rows[usize::from(*value)].push(row as u32);
        }
        let names = self.values.iter().map(Option::as_deref);
        names
            .zip(rows)
            .filter(|(_, rows)| !rows.is_empty())
            .collect()
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
    #[must_use]
    pub fn values(&self) -> Vec<Option<String>> {
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
