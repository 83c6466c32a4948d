//! Whether a key determines a value: rows alike in the key, such as the features of a model, must not
//! differ in the value, such as its label.

use std::collections::HashMap;

use super::{NullKeys, Value};

/// A key and the value it must determine.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The parts of the key.
    pub key: Vec<Value>,
    /// What a null in the key means.
    pub nulls: NullKeys,
    /// The value. Rows in which it is null are not counted.
    pub value: Value,
}

/// The keys of a dependency with what is known of their values. A sketch without error: keys and values
/// are 128-bit hashes, so that 48 bytes hold a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependencyState {
    keys: HashMap<u128, Known>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// Rows with the key.
    rows: u64,
    /// The value of the first of them.
    value: u128,
    /// Whether another has another value.
    differs: bool,
}

impl DependencyState {
    /// Adds a row by the hashes of its key and its value.
    pub fn update(&mut self, key: u128, value: u128) {
        self.add(
            key,
            Known {
                rows: 1,
                value,
                differs: false,
            },
        );
    }

    /// Adds the rows of another part of the table.
    pub fn merge(&mut self, other: &Self) {
        for (key, known) in &other.keys {
            self.add(*key, *known);
        }
    }

    fn add(&mut self, key: u128, added: Known) {
        self.keys
            .entry(key)
            .and_modify(|known| {
                known.rows += added.rows;
                known.differs |= added.differs || known.value != added.value;
            })
            .or_insert(added);
    }

    /// Rows added.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.keys.values().map(|known| known.rows).sum()
    }

    /// Rows whose key occurs with more than one value: the rows that fail.
    #[must_use]
    pub fn failing(&self) -> u64 {
        let failing = self.keys.values().filter(|known| known.differs);
        failing.map(|known| known.rows).sum()
    }

    /// Whether the rows of a key fail; for a second pass that looks for examples.
    #[must_use]
    pub fn fails(&self, key: u128) -> bool {
        self.keys.get(&key).is_some_and(|known| known.differs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_of_a_key_with_two_values_fail_in_any_order() {
        let rows = [(1, 10), (1, 10), (2, 10), (2, 11), (2, 10), (3, 12)];
        let mut whole = DependencyState::default();
        rows.iter()
            .for_each(|(key, value)| whole.update(*key, *value));
        assert_eq!((whole.rows(), whole.failing()), (6, 3));
        assert!(whole.fails(2) && !whole.fails(1) && !whole.fails(9));
        for split in 0..=rows.len() {
            let (mut left, mut right) = (DependencyState::default(), DependencyState::default());
            rows[..split]
                .iter()
                .for_each(|(key, value)| left.update(*key, *value));
            rows[split..]
                .iter()
                .for_each(|(key, value)| right.update(*key, *value));
            right.merge(&left);
            assert_eq!((right.rows(), right.failing()), (6, 3), "split at {split}");
        }
    }
}
