//! Metrics of models that answer with any number of several labels: the topics of a text, the findings in
//! an image.

mod decisions;
mod ranking;
mod row_ranking;

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::binary::Binary;
use super::sample::{InvalidSample, as_long};
use super::{Answers, Metric, Sample, Undefined};

/// What is true and what the model said of every label, checked. Each label is a question of two classes
/// on the same rows.
#[derive(Clone, Debug)]
pub struct Multilabel {
    names: Vec<String>,
    labels: Vec<Binary>,
    pooled: OnceLock<Result<Binary, Undefined>>,
}

impl PartialEq for Multilabel {
    /// The pooled rows follow from the rest.
    fn eq(&self, other: &Self) -> bool {
        (&self.names, &self.labels) == (&other.names, &other.labels)
    }
}

impl Multilabel {
    /// The rows with these labels by name.
    ///
    /// # Errors
    /// When the labels are not equally long.
    pub fn new(labels: Vec<(String, Binary)>) -> Result<Self, InvalidSample> {
        let rows = labels.first().map_or(0, |(_, binary)| binary.label().len());
        for (name, binary) in &labels {
            as_long(&format!("label `{name}`"), binary.label().len(), rows)?;
        }
        let (names, labels) = labels.into_iter().unzip();
        Ok(Self {
            names,
            labels,
            pooled: OnceLock::new(),
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.labels.first().map_or(0, |binary| binary.label().len())
    }

    /// The names of the labels.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is true and what the model said of each label, in the order of the names.
    #[must_use]
    pub fn labels(&self) -> &[Binary] {
        &self.labels
    }

    pub(super) fn select(&self, rows: &[u32]) -> Self {
        Self {
            names: self.names.clone(),
            labels: self
                .labels
                .iter()
                .map(|binary| binary.select(rows))
                .collect(),
            pooled: OnceLock::new(),
        }
    }

    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let labels = self.labels.iter();
        let mut orders = labels.map(|binary| binary.compare_rows(left, right));
        let differs = |order: &Ordering| order.is_ne();
        orders.find(differs).unwrap_or(Ordering::Equal)
    }

    /// In how many rows a label differs from that of `other`, which speaks of the same rows.
    pub(super) fn labels_differing(&self, other: &Self) -> u64 {
        if self.names != other.names {
            return self.rows().max(other.rows()) as u64;
        }
        let pairs = || self.labels.iter().zip(&other.labels);
        let differs = |row: &usize| {
            pairs().any(|(left, right)| left.label().get(*row) != right.label().get(*row))
        };
        (0..self.rows()).filter(differs).count() as u64
    }

    /// The label called `name`.
    fn named(&self, name: &str) -> Result<&Binary, Undefined> {
        let mut named = self.names.iter().zip(&self.labels);
        let found = named.find(|(label, _)| *label == name);
        found
            .map(|(_, binary)| binary)
            .ok_or_else(|| Undefined::NoLabel {
                label: name.to_owned(),
            })
    }

    /// The scores of every label, a column each.
    ///
    /// # Errors
    /// When the model gave none.
    fn scores(&self) -> Result<Vec<&[f64]>, Undefined> {
        self.labels.iter().map(Binary::score).collect()
    }

    /// All labels of all rows as one question, label after label.
    fn pooled(&self) -> Result<&Binary, Undefined> {
        let pooled = self.pooled.get_or_init(|| {
            let score = self.scores()?.concat();
            let label: Vec<bool> = self.each(Binary::label);
            let prediction = self.each(Binary::prediction);
            // The parts were checked.
            Binary::new(label, Some(score), prediction).map_err(|_| Undefined::NotFinite)
        });
        pooled.as_ref().map_err(Clone::clone)
    }

    fn each(&self, of: fn(&Binary) -> &[bool]) -> Vec<bool> {
        self.labels.iter().flat_map(of).copied().collect()
    }
}

impl From<Multilabel> for Answers {
    fn from(multilabel: Multilabel) -> Self {
        Self::Multilabel(multilabel)
    }
}

impl Sample {
    /// The rows as answers of any number of several labels.
    ///
    /// # Errors
    /// When they are something else.
    pub fn multilabel(&self) -> Result<&Multilabel, Undefined> {
        match self.answers() {
            Answers::Multilabel(multilabel) => Ok(multilabel),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Says which label something is wrong with.
fn of_label(name: &str, undefined: Undefined) -> Undefined {
    Undefined::Label {
        label: name.to_owned(),
        undefined: Box::new(undefined),
    }
}

/// Every metric of several labels, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    decisions::SUBSET_ACCURACY,
    decisions::HAMMING_LOSS,
    decisions::F1,
    decisions::PRECISION,
    decisions::RECALL,
    decisions::JACCARD,
    ranking::ROC_AUC,
    ranking::AVERAGE_PRECISION,
    row_ranking::LABEL_RANKING_AVERAGE_PRECISION,
    row_ranking::COVERAGE_ERROR,
    row_ranking::LABEL_RANKING_LOSS,
];
