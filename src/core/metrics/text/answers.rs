//! Texts of a model and what was expected, held once however often rows are selected.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::scores::Scores;
use crate::metrics::sample::picked;
use crate::metrics::{Answers, Sample, Undefined};

/// What a model wrote in each row, and the references it is held against.
///
/// A selection of rows shares the texts and what metrics found in them: a slice, a resample or a pairing
/// reads no text again.
#[derive(Clone)]
pub struct Text {
    whole: Arc<Whole>,
    /// The selected rows of the whole.
    chosen: Vec<u32>,
}

/// All rows, with what was found out about them.
#[derive(Default)]
struct Whole {
    hypotheses: Packed,
    references: Packed,
    /// Where the references of each row end.
    reference_ends: Vec<usize>,
    /// By metric with its options.
    scores: Mutex<BTreeMap<String, Arc<Scores>>>,
}

/// Texts in one piece of memory.
#[derive(Default)]
struct Packed {
    bytes: String,
    ends: Vec<usize>,
}

impl Packed {
    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    fn get(&self, place: usize) -> &str {
        let start = match place.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

impl Text {
    /// The rows with these references, of which there may be none, and these answers.
    #[must_use]
    pub fn new<'t>(rows: impl IntoIterator<Item = (Vec<&'t str>, &'t str)>) -> Self {
        let mut whole = Whole::default();
        for (references, hypothesis) in rows {
            for reference in references {
                whole.references.push(reference);
            }
            whole.reference_ends.push(whole.references.ends.len());
            whole.hypotheses.push(hypothesis);
        }
        let rows = whole.reference_ends.len();
        Self {
            chosen: (0..rows).map(|row| row as u32).collect(),
            whole: Arc::new(whole),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.chosen.len()
    }

    /// What was expected in a row; nothing beyond the last.
    #[must_use]
    pub fn references(&self, row: usize) -> Vec<&str> {
        self.at(row, |whole, place| whole.references_at(place))
    }

    /// What the model wrote in a row; nothing beyond the last.
    #[must_use]
    pub fn hypothesis(&self, row: usize) -> &str {
        self.at(row, |whole, place| whole.hypotheses.get(place))
    }

    fn at<'a, T: Default>(&'a self, row: usize, of: impl Fn(&'a Whole, usize) -> T) -> T {
        let place = self.chosen.get(row);
        place.map_or_else(T::default, |place| of(&self.whole, *place as usize))
    }

    pub(in crate::metrics) fn select(&self, rows: &[u32]) -> Self {
        Self {
            whole: Arc::clone(&self.whole),
            chosen: picked(&self.chosen, rows),
        }
    }

    pub(in crate::metrics) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let by_answer = self.hypothesis(left).cmp(self.hypothesis(right));
        by_answer.then_with(|| self.references(left).cmp(&self.references(right)))
    }

    /// In how many rows the references differ from those of `other`, which speaks of the same rows.
    pub(in crate::metrics) fn references_differing(&self, other: &Self) -> u64 {
        let rows = 0..self.rows();
        let differs = |row: &usize| self.references(*row) != other.references(*row);
        rows.filter(differs).count() as u64
    }

    /// How many references the rows have, when all have the same number.
    pub(super) fn references_each(&self) -> Option<u64> {
        let mut counts = (0..self.rows()).map(|row| self.references(row).len() as u64);
        let first = counts.next()?;
        counts.all(|count| count == first).then_some(first)
    }

    /// The selected rows of the whole.
    pub(super) fn chosen(&self) -> &[u32] {
        &self.chosen
    }

    /// What a metric found in every row of the whole, found once.
    pub(super) fn scores(
        &self,
        metric: &str,
        find: impl FnOnce(&AllRows<'_>) -> Scores,
    ) -> Arc<Scores> {
        let known = || {
            let scores = self.whole.scores.lock();
            scores.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(scores) = known().get(metric) {
            return Arc::clone(scores);
        }
        // Found without the lock, which other metrics would wait for.
        let found = Arc::new(find(&AllRows(&self.whole)));
        known().insert(metric.to_owned(), Arc::clone(&found));
        found
    }
}

/// Every row of the whole.
pub(super) struct AllRows<'a>(&'a Whole);

impl AllRows<'_> {
    pub(super) fn len(&self) -> usize {
        self.0.reference_ends.len()
    }

    pub(super) fn references(&self, place: usize) -> Vec<&str> {
        self.0.references_at(place)
    }

    pub(super) fn hypothesis(&self, place: usize) -> &str {
        self.0.hypotheses.get(place)
    }
}

impl Whole {
    fn references_at(&self, place: usize) -> Vec<&str> {
        let start = match place.checked_sub(1) {
            Some(before) => self.reference_ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.reference_ends.get(place).copied().unwrap_or(start);
        (start..end)
            .map(|place| self.references.get(place))
            .collect()
    }
}

impl fmt::Debug for Text {
    /// Without the texts: they are not for logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Text({} rows)", self.rows())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        let same = |row| self.compare_with(other, row);
        self.rows() == other.rows() && (0..self.rows()).all(same)
    }
}

impl Text {
    fn compare_with(&self, other: &Self, row: usize) -> bool {
        self.hypothesis(row) == other.hypothesis(row)
            && self.references(row) == other.references(row)
    }
}

impl From<Text> for Answers {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl Sample {
    /// The rows as texts.
    ///
    /// # Errors
    /// When they are something else.
    pub fn text(&self) -> Result<&Text, Undefined> {
        match self.answers() {
            Answers::Text(text) => Ok(text),
            _ => Err(Undefined::OtherTask),
        }
    }
}
