//! Metrics of models that put items in order for a query: search, recommendation.
//!
//! A row of the sample is a query with all its items, because queries are what is independent: they are
//! averaged, weighed, drawn and paired, never single items. Items with the same score are in no order:
//! every metric is the mean over all orders of tied items, in closed form (McSherry and Najork 2008,
//! Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores).

mod coverage;
mod gains;
mod hits;
mod lists;
mod pairs;

use std::cmp::Ordering;
use std::sync::Arc;

use super::options::{OptionKind, OptionSpec, Options};
use super::prepared::{Prepared, Sums};
use super::sample::{Answers, InvalidSample, ROWS_MAX, as_long, finite};
use super::{Metric, Sample, Undefined};
use lists::Ranked;

/// Queries with their items: how relevant each is, and the score the model gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Where the items of each query start; one more than there are queries.
    starts: Vec<usize>,
    label: Vec<f64>,
    score: Vec<f64>,
    /// The number of each item in `names`; empty when items have no key.
    item: Vec<u32>,
    names: Arc<Vec<String>>,
}

/// The items of one query, in no order.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    pub(super) label: &'a [f64],
    pub(super) score: &'a [f64],
    /// Empty when items have no key.
    pub(super) item: &'a [u32],
}

impl Ranking {
    /// The queries of these items: for each item the number of its query, how relevant it is (at least
    /// 0) and its score. Queries are in the order of their numbers.
    ///
    /// # Errors
    /// When the lengths differ, there are too many items, a number is not finite, or a label is negative.
    pub fn new(query: &[u32], label: Vec<f64>, score: Vec<f64>) -> Result<Self, InvalidSample> {
        as_long("the column of scores", score.len(), label.len())?;
        as_long("the column of queries", query.len(), label.len())?;
        if ROWS_MAX < label.len() {
            return Err(InvalidSample::TooManyRows { rows: label.len() });
        }
        finite("label", &label)?;
        finite("score", &score)?;
        if let Some(row) = label.iter().position(|label| *label < 0.0) {
            return Err(InvalidSample::Negative {
                what: "label",
                row_number: row as u64 + 1,
            });
        }
        let mut rows: Vec<u32> = (0..label.len() as u32).collect();
        rows.sort_by_key(|row| query[*row as usize]);
        let of = |row: &u32| query[*row as usize];
        let mut starts: Vec<usize> = (0..rows.len())
            .filter(|place| *place == 0 || of(&rows[*place - 1]) != of(&rows[*place]))
            .collect();
        starts.push(rows.len());
        let picked = |values: &[f64]| rows.iter().map(|row| values[*row as usize]).collect();
        Ok(Self {
            starts,
            label: picked(&label),
            score: picked(&score),
            item: Vec::new(),
            names: Arc::default(),
        })
    }

    /// The same with the key of each item, in the order in which the items were given, by which two
    /// models are compared and items are told apart.
    ///
    /// # Errors
    /// When the lengths differ, or an item occurs twice in a query.
    pub fn of_items(self, query: &[u32], item: &[String]) -> Result<Self, InvalidSample> {
        as_long("the column of items", item.len(), self.label.len())?;
        as_long("the column of queries", query.len(), self.label.len())?;
        let mut names = item.to_vec();
        names.sort_unstable();
        names.dedup();
        let number = |name: &String| names.binary_search(name).unwrap_or_default() as u32;
        let numbers: Vec<u32> = item.iter().map(number).collect();
        // The rows as `new` put them; within a query by item, so that the order of a file is nothing.
        let mut rows: Vec<u32> = (0..item.len() as u32).collect();
        rows.sort_by_key(|row| query[*row as usize]);
        let mut places: Vec<u32> = (0..item.len() as u32).collect();
        let of = |place: u32| {
            let row = rows[place as usize] as usize;
            (query[row], numbers[row])
        };
        places.sort_by_key(|place| of(*place));
        let twice = places.windows(2).find(|pair| of(pair[0]) == of(pair[1]));
        if let Some(pair) = twice {
            return Err(InvalidSample::Repeated {
                what: "item",
                row_number: u64::from(rows[pair[1] as usize]) + 1,
            });
        }
        let picked = |values: &[f64]| places.iter().map(|row| values[*row as usize]).collect();
        Ok(Self {
            label: picked(&self.label),
            score: picked(&self.score),
            item: places.iter().map(|place| of(*place).1).collect(),
            names: Arc::new(names),
            starts: self.starts,
        })
    }

    /// How many queries there are.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many items all queries have together.
    #[must_use]
    pub fn items(&self) -> usize {
        self.label.len()
    }

    pub(super) fn list(&self, query: usize) -> List<'_> {
        let start = self.starts.get(query).copied().unwrap_or_default();
        let end = self.starts.get(query + 1).copied().unwrap_or(start);
        List {
            label: self.label.get(start..end).unwrap_or_default(),
            score: self.score.get(start..end).unwrap_or_default(),
            item: self.item.get(start..end).unwrap_or_default(),
        }
    }

    fn lists(&self) -> impl Iterator<Item = List<'_>> {
        (0..self.queries()).map(|query| self.list(query))
    }

    pub(super) fn select(&self, queries: &[u32]) -> Self {
        let mut selected = Self {
            starts: vec![0],
            label: Vec::new(),
            score: Vec::new(),
            item: Vec::new(),
            names: Arc::clone(&self.names),
        };
        let there = queries.iter().map(|query| *query as usize);
        for query in there.filter(|query| *query < self.queries()) {
            let list = self.list(query);
            selected.label.extend_from_slice(list.label);
            selected.score.extend_from_slice(list.score);
            selected.item.extend_from_slice(list.item);
            selected.starts.push(selected.label.len());
        }
        selected
    }

    /// Orders two queries by the highest score each holds, then by length.
    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let of = |query: usize| {
            let list = self.list(query);
            let highest = list.score.iter().copied().reduce(f64::max);
            (highest.unwrap_or(f64::NEG_INFINITY), list.score.len())
        };
        let (left, right) = (of(left), of(right));
        left.0.total_cmp(&right.0).then(left.1.cmp(&right.1))
    }

    /// In how many queries the items, or how relevant they are, differ from those of `other`.
    pub(super) fn queries_differing(&self, other: &Self) -> u64 {
        let differs = |query: &usize| {
            let (left, right) = (self.list(*query), other.list(*query));
            let named = |ranking: &Self, list: List<'_>| -> Vec<Option<String>> {
                let name = |item: &u32| ranking.names.get(*item as usize).cloned();
                list.item.iter().map(name).collect()
            };
            let same_items = if self.names == other.names {
                left.item == right.item
            } else {
                named(self, left) == named(other, right)
            };
            left.label != right.label || !same_items
        };
        let queries = self.queries().max(other.queries());
        (0..queries).filter(differs).count() as u64
    }
}

impl From<Ranking> for Answers {
    fn from(ranking: Ranking) -> Self {
        Self::Ranking(ranking)
    }
}

impl Sample {
    /// The rows as queries.
    ///
    /// # Errors
    /// When they are something else.
    pub fn ranking(&self) -> Result<&Ranking, Undefined> {
        match self.answers() {
            Answers::Ranking(ranking) => Ok(ranking),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Every metric of rankings, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    gains::NDCG,
    hits::MAP,
    hits::MRR,
    hits::PRECISION,
    hits::RECALL,
    hits::HIT_RATE,
    gains::DCG,
    pairs::GROUP_AUC,
    coverage::CATALOGUE_COVERAGE,
];

/// How many items at the top count.
const fn top(default: u32) -> OptionSpec {
    OptionSpec {
        name: "k",
        kind: OptionKind::Whole {
            default,
            least: 0,
            most: 1_000_000,
        },
        doc: "how many items at the top count; 0: all of them",
    }
}

/// The cut of `k`, which is none where it is 0.
fn cut(options: &Options) -> usize {
    match options.whole("k") {
        0 => usize::MAX,
        k => k,
    }
}

/// From which label on an item is relevant.
const RELEVANT: OptionSpec = OptionSpec {
    name: "relevant",
    kind: OptionKind::Number {
        default: 1.0,
        least: f64::MIN_POSITIVE,
        most: f64::MAX,
    },
    doc: "label from which on an item is relevant",
};

/// What a query without relevant items counts as.
const NONE_RELEVANT: OptionSpec = OptionSpec {
    name: "none_relevant",
    kind: OptionKind::Choice(&["zero", "one", "skip"]),
    doc: "what a query without a relevant item counts as: 0 as in scikit-learn and ranx, 1 as in LightGBM, or not at all",
};

/// The mean over queries of what a metric is of the items of each in their order; `None` where no item
/// is relevant.
fn mean<'a>(
    sample: &'a Sample,
    options: &Options,
    of: impl Fn(&Ranked<'_>) -> Option<f64>,
) -> Result<Prepared<'a>, Undefined> {
    let lists = sample.ranking()?.lists();
    let values: Vec<Option<f64>> = lists.map(|list| of(&Ranked::of(list))).collect();
    let otherwise = match options.text("none_relevant") {
        "zero" => Some(0.0),
        "one" => Some(1.0),
        _ => None,
    };
    let values: Vec<Option<f64>> = values.iter().map(|value| value.or(otherwise)).collect();
    if values.iter().all(Option::is_some) {
        return Ok(Prepared::Sums(Sums::mean(
            values.into_iter().flatten().collect(),
        )));
    }
    let counted = |value: &Option<f64>| f64::from(u8::from(value.is_some()));
    let counted = values.iter().map(counted).collect();
    let values = values.iter().map(|value| value.unwrap_or(0.0)).collect();
    let sums = Sums::ratio(values, counted, || Undefined::NoRelevant);
    Ok(Prepared::Sums(sums))
}

#[cfg(test)]
mod tests;
