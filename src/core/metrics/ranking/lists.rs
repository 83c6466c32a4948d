//! The items of a query from the highest score to the lowest, tied ones together.

use super::List;

/// The items of a query in the order of their scores.
pub(super) struct Ranked<'a> {
    list: List<'a>,
    /// The items from the highest score on.
    order: Vec<u32>,
}

/// Items of one score.
pub(super) struct Tie<'r> {
    /// How many items have a higher score.
    pub(super) before: usize,
    /// The items, as numbers in the list.
    pub(super) items: &'r [u32],
}

/// How many of the items of a tie are relevant.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    /// How many items have a higher score.
    pub(super) before: usize,
    /// How many items the tie has, at least 1.
    pub(super) items: usize,
    /// How many of them are relevant.
    pub(super) relevant: usize,
}

impl<'a> Ranked<'a> {
    pub(super) fn of(list: List<'a>) -> Self {
        let mut order: Vec<u32> = (0..list.score.len() as u32).collect();
        let score = |item: u32| list.score[item as usize];
        order.sort_by(|left, right| score(*right).total_cmp(&score(*left)));
        Self { list, order }
    }

    pub(super) fn list(&self) -> List<'a> {
        self.list
    }

    /// The ties from the highest score to the lowest.
    pub(super) fn ties(&self) -> impl Iterator<Item = Tie<'_>> {
        let score = |item: &u32| self.list.score[*item as usize];
        let mut before = 0;
        // Equality and not the order of bits: 0 and -0 are one score.
        let chunks = self.order.chunk_by(move |a, b| score(a) == score(b));
        chunks.map(move |items| {
            let tie = Tie { before, items };
            before += items.len();
            tie
        })
    }

    /// The same, with how many are labelled at least `least`.
    pub(super) fn counts(&self, least: f64) -> impl Iterator<Item = Counts> + '_ {
        self.ties().map(move |tie| {
            let is_relevant = |item: &&u32| least <= self.list.label[**item as usize];
            Counts {
                before: tie.before,
                items: tie.items.len(),
                relevant: tie.items.iter().filter(is_relevant).count(),
            }
        })
    }

    /// How many items are labelled at least `least`.
    pub(super) fn relevant(&self, least: f64) -> usize {
        let labels = self.list.label.iter();
        labels.filter(|label| least <= **label).count()
    }
}

impl Counts {
    /// How many places of the tie are among the first `k`.
    pub(super) fn within(self, k: usize) -> usize {
        k.saturating_sub(self.before).min(self.items)
    }
}
