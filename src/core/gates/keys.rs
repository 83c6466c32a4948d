//! The keys by which the rows of two models are paired.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The keys of rows: nothing, whole numbers, or texts. A number is the same key as its decimal text.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    values: Values,
    repeated: OnceLock<Vec<u32>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Texts(Vec::new())
    }
}

impl PartialEq for Keys {
    /// What is repeated follows from the rest.
    fn eq(&self, other: &Self) -> bool {
        match (&self.values, &other.values) {
            (Values::Numbers(_), Values::Texts(_)) | (Values::Texts(_), Values::Numbers(_)) => {
                self.texts() == other.texts()
            }
            (ours, theirs) => ours == theirs,
        }
    }
}

impl From<Vec<String>> for Keys {
    fn from(texts: Vec<String>) -> Self {
        Self {
            values: Values::Texts(texts),
            repeated: OnceLock::new(),
        }
    }
}

impl Keys {
    /// Keys that are whole numbers.
    #[must_use]
    pub fn numbers(numbers: Vec<i64>) -> Self {
        Self {
            values: Values::Numbers(numbers),
            repeated: OnceLock::new(),
        }
    }

    /// How many rows have a key.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Texts(texts) => texts.len(),
        }
    }

    /// Whether rows have no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key of a row as text; empty beyond the last.
    #[must_use]
    pub fn text(&self, row: usize) -> String {
        match &self.values {
            Values::Numbers(numbers) => numbers.get(row).map(i64::to_string).unwrap_or_default(),
            Values::Texts(texts) => texts.get(row).cloned().unwrap_or_default(),
        }
    }

    /// All keys as text.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|row| self.text(row)).collect()
    }

    /// The rows whose key an earlier row has, in their order.
    pub(super) fn repeated(&self) -> &[u32] {
        self.repeated.get_or_init(|| match &self.values {
            Values::Numbers(numbers) => repeated(numbers),
            Values::Texts(texts) => repeated(texts),
        })
    }

    /// Finds the rows of `others` that have the keys of these rows. Neither may repeat a key.
    pub(super) fn matched(&self, others: &Self) -> Matched {
        match (&self.values, &others.values) {
            (Values::Numbers(ours), Values::Numbers(theirs)) => matched(ours, theirs),
            (Values::Texts(ours), Values::Texts(theirs)) => matched(ours, theirs),
            (Values::Numbers(_), Values::Texts(theirs)) => matched(&self.texts(), theirs),
            (Values::Texts(ours), Values::Numbers(_)) => matched(ours, &others.texts()),
        }
    }
}

/// How the rows of two models go together.
pub(super) enum Matched {
    /// Row by row.
    InOrder,
    /// For every row of the first, the row of the second.
    Reordered(Vec<u32>),
    /// Rows of the first and of the second without a counterpart.
    Different { ours: Vec<u32>, theirs: Vec<u32> },
}

/// A kind of key: how to put many of them in order, or find equal ones.
trait Key: Ord + Eq + std::hash::Hash {}

impl Key for i64 {}
impl Key for String {}

fn repeated<K: Key>(keys: &[K]) -> Vec<u32> {
    // Keys that rise or fall, as most do that count, are different without looking further.
    let all = |wanted: Ordering| keys.windows(2).all(|pair| pair[0].cmp(&pair[1]) == wanted);
    if all(Ordering::Less) || all(Ordering::Greater) {
        return Vec::new();
    }
    let mut order = sorted(keys);
    let key = |row: u32| &keys[row as usize];
    let same = |pair: &[u32]| (key(pair[0]) == key(pair[1])).then_some(pair[1]);
    let mut repeated: Vec<u32> = order.windows(2).filter_map(same).collect();
    order.clear();
    repeated.sort_unstable();
    repeated
}

/// The rows by key, by number where keys are equal.
fn sorted<K: Key>(keys: &[K]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by(|left, right| {
        let key = |row: u32| &keys[row as usize];
        key(*left).cmp(key(*right)).then(left.cmp(right))
    });
    order
}

fn matched<K: Key>(ours: &[K], theirs: &[K]) -> Matched {
    if ours == theirs {
        return Matched::InOrder;
    }
    let row_of: HashMap<&K, u32> = theirs.iter().zip(0..).collect();
    let mut found = vec![false; theirs.len()];
    let (mut order, mut alone) = (Vec::with_capacity(ours.len()), Vec::new());
    for (key, row) in ours.iter().zip(0_u32..) {
        match row_of.get(key) {
            Some(place) => {
                found[*place as usize] = true;
                order.push(*place);
            }
            None => alone.push(row),
        }
    }
    let missed = found.iter().zip(0..).filter(|(found, _)| !**found);
    let missed: Vec<u32> = missed.map(|(_, row)| row).collect();
    if alone.is_empty() && missed.is_empty() {
        return Matched::Reordered(order);
    }
    Matched::Different {
        ours: alone,
        theirs: missed,
    }
}
