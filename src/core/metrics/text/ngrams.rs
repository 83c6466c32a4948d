//! Counts of n-grams as sorted arrays: sixteen bytes an n-gram, one order at a time, so that memory is
//! bounded by the length of a text whatever it holds.

use std::collections::HashMap;

/// Words numbered in the order they are first seen, over all texts of a row.
#[derive(Debug, Default)]
pub(super) struct Vocabulary<'a> {
    ids: HashMap<&'a str, u32>,
}

impl<'a> Vocabulary<'a> {
    /// The numbers of these words.
    pub(super) fn ids(&mut self, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let mut id = |word| {
            // A row holds fewer words than bytes, and those are limited.
            let next = self.ids.len() as u32;
            *self.ids.entry(word).or_insert(next)
        };
        words.map(&mut id).collect()
    }
}

/// What an n-gram is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Symbol {
    /// Numbers of words; up to four in an n-gram.
    Word,
    /// Characters; up to six in an n-gram.
    Character,
}

impl Symbol {
    /// Bits that hold one symbol.
    fn bits(self) -> u32 {
        match self {
            Self::Word => 32,
            Self::Character => 21,
        }
    }

    /// Longest n-gram that fits into 128 bits.
    pub(super) fn order_max(self) -> usize {
        (u128::BITS / self.bits()) as usize
    }
}

/// Every n-gram of one order, sorted, as often as it occurs.
pub(super) fn ngrams(symbols: &[u32], order: usize, symbol: Symbol) -> Vec<u128> {
    debug_assert!((1..=symbol.order_max()).contains(&order));
    let pack = |window: &[u32]| {
        let shift = |packed: u128, next: &u32| packed << symbol.bits() | u128::from(*next);
        window.iter().fold(0, shift)
    };
    let mut packed: Vec<u128> = symbols.windows(order).map(pack).collect();
    packed.sort_unstable();
    packed
}

/// How many n-grams two texts share: the sum of the smaller counts.
pub(super) fn shared(left: &[u128], right: &[u128]) -> u64 {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut count = 0;
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        match one.cmp(other) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                count += 1;
                left.next();
                right.next();
            }
        }
    }
    count
}

/// Every n-gram as often as in the text that has it most often.
pub(super) fn union(left: &[u128], right: &[u128]) -> Vec<u128> {
    let mut merged = Vec::with_capacity(left.len().max(right.len()));
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let (least, order) = (**one.min(other), one.cmp(other));
        merged.push(least);
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
    }
    merged.extend(left);
    merged.extend(right);
    merged
}
