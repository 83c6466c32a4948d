//! Reading predictions: the columns a gate needs, all rows, nothing else.

mod coco;
mod detections;
mod frame;
mod multiclass;
mod multilabel;
mod queries;
mod series;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

pub use detections::{DetectionColumns, ImageTruth};
pub(super) use frame::{number_values, text_values};
pub use series::SeriesColumns;

use frame::Frame;

use super::coded::Coded;
use super::table::{Table, TableSource};
use crate::engines::EngineError;
use crate::gates::{Groups, Keys, decide};
use crate::metrics::{
    Answers, Binary, InvalidSample, Multiclass, Multilabel, Regression, Sample, Task, Text,
};

/// Which columns of a predictions file mean what.
#[derive(Clone, Debug)]
pub struct PredictionColumns<'a> {
    /// What the model answers.
    pub task: Task,
    /// Identifier of the row, when there is one.
    pub id: Option<&'a str>,
    /// True label.
    pub label: &'a str,
    /// Score or probability of the positive class. It may be absent when there is a prediction.
    pub score: &'a str,
    /// Score or probability of each of several classes or labels: name, column.
    pub scores: Vec<(&'a str, &'a str)>,
    /// Predicted label, number or text, when there is one.
    pub prediction: Option<&'a str>,
    /// Ends of the predicted interval, when there is one.
    pub interval: Option<(&'a str, &'a str)>,
    /// The query of an item, where items are put in order.
    pub query: Option<&'a str>,
    /// Columns of series in time.
    pub series: SeriesColumns<'a>,
    /// Sampling weight, when there is one.
    pub weight: Option<&'a str>,
    /// What rows share that are not independent, when there is such a thing.
    pub cluster: Option<&'a str>,
    /// Columns to slice by.
    pub groups: Vec<&'a str>,
    /// Columns that must be there, but are not read.
    pub present: Vec<&'a str>,
    /// Columns of numbers that metrics are of.
    pub numbers: Vec<String>,
    /// The text of the positive label.
    pub positive: &'a str,
    /// Scores from here on predict the positive class, when there is no prediction column.
    pub threshold: f64,
    /// Whether a row has each of several labels: label, column of flags.
    pub labels: Vec<(&'a str, &'a str)>,
    /// Whether the model gives a row each of several labels: label, column of flags.
    pub predictions: Vec<(&'a str, &'a str)>,
    /// Columns of reference texts, instead of the label.
    pub references: Vec<&'a str>,
}

/// The rows of a predictions file; all of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionRows {
    /// Identifiers; empty when there is no such column.
    pub ids: Keys,
    /// What is true of the rows and what the model said.
    pub sample: Sample,
    /// The value of each row in each group column.
    pub groups: BTreeMap<String, Groups>,
}

/// Reads the columns of a predictions file.
///
/// # Errors
/// When the file cannot be read, a column is missing, a label or score is null, or a score is not a
/// number.
pub fn load_predictions(
    source: &TableSource,
    columns: &PredictionColumns<'_>,
) -> Result<PredictionRows, EngineError> {
    let table = Table::open(source)?;
    let wanted = wanted(&table, columns);
    multilabel::check(columns).map_err(|message| problem(source, message))?;
    frame::require(source, &table, &columns.present)?;
    let frame = Frame::of(source, &table, &wanted)?;
    let mut queries = None;
    let answers = match columns.task {
        Task::Binary => frame.binary(columns, wanted.contains(columns.score))?,
        Task::Multiclass => frame.multiclass(columns)?,
        Task::Multilabel => frame.multilabel(columns)?,
        Task::Text => frame.text(columns, wanted.contains(columns.label))?,
        Task::Regression => frame.regression(columns)?.into(),
        Task::Forecasting => frame.forecasts(columns)?,
        Task::Ranking => {
            let (answers, found) = frame.ranking(columns)?;
            queries = Some(found);
            answers
        }
        Task::Detection => {
            let message = "boxes are read beside what is in the images".to_owned();
            return Err(problem(source, message));
        }
    };
    let queries = queries.as_ref();
    let mut sample = frame.checked(Sample::new(answers))?;
    if let Some(weight) = columns.weight {
        sample = frame.checked(sample.weighted(frame.of_queries(
            queries,
            weight,
            frame.numbers(weight)?,
            f64::eq,
        )?))?;
    }
    if let Some(cluster) = columns.cluster {
        let clusters = frame.coded(cluster)?.of_row;
        let clusters = frame.of_queries(queries, cluster, clusters, u32::eq)?;
        sample = frame.checked(sample.clustered(clusters))?;
    }
    for column in &columns.numbers {
        let values = frame.optional_numbers(column)?;
        let values = frame.of_queries(queries, column, values, same_number)?;
        sample = frame.checked(sample.with_column(column, values))?;
    }
    let ids = match (queries, columns.id) {
        (Some(queries), _) => Keys::from(queries.names.clone()),
        (None, Some(column)) => frame.keys(column)?,
        (None, None) => Keys::from(frame.forecast_keys(&columns.series)?),
    };
    let mut groups = BTreeMap::new();
    for column in &columns.groups {
        let values = frame.optional_coded(column)?;
        let of_row = frame.of_queries(queries, column, values.of_row, u32::eq)?;
        groups.insert((*column).to_owned(), Groups::of(values.texts, &of_row));
    }
    Ok(PredictionRows {
        ids,
        sample,
        groups,
    })
}

/// The names of all columns that are read.
fn wanted<'a>(table: &Table, columns: &'a PredictionColumns<'a>) -> BTreeSet<&'a str> {
    let is_there = |column: &str| table.facts().column(column).is_some();
    let needs_label = match columns.task {
        Task::Binary | Task::Multiclass | Task::Regression | Task::Ranking | Task::Forecasting => {
            true
        }
        Task::Multilabel | Task::Detection => false,
        // Many metrics of texts need no reference; the others say so.
        Task::Text => columns.references.is_empty() && is_there(columns.label),
    };
    let label = needs_label.then_some(columns.label);
    let mut wanted: BTreeSet<&str> = label.into_iter().collect();
    match columns.task {
        // Decisions alone are enough for many metrics.
        Task::Binary if columns.prediction.is_some() && !is_there(columns.score) => {}
        Task::Binary => wanted.extend([columns.score]),
        Task::Multiclass => wanted.extend(columns.scores.iter().map(|(_, column)| *column)),
        Task::Multilabel => {
            let of_labels = [&columns.labels, &columns.scores, &columns.predictions];
            wanted.extend(of_labels.into_iter().flatten().map(|(_, column)| *column));
        }
        Task::Text => {
            wanted.extend([columns.prediction.unwrap_or(PREDICTION)]);
            wanted.extend(&columns.references);
        }
        Task::Regression | Task::Forecasting => {
            columns.series.wanted(&mut wanted);
            wanted.extend([columns.prediction.unwrap_or(PREDICTION)]);
            wanted.extend(
                columns
                    .interval
                    .iter()
                    .flat_map(|(lower, upper)| [*lower, *upper]),
            );
        }
        Task::Ranking => queries::wanted(columns, &mut wanted),
        Task::Detection => {}
    }
    wanted.extend(columns.id);
    wanted.extend(columns.prediction);
    wanted.extend(columns.weight);
    wanted.extend(columns.cluster);
    wanted.extend(&columns.groups);
    wanted.extend(columns.numbers.iter().map(String::as_str));
    wanted
}

/// The column of predicted numbers or texts when nothing is said.
const PREDICTION: &str = "prediction";

impl Frame<'_> {
    fn binary(
        &self,
        columns: &PredictionColumns<'_>,
        has_scores: bool,
    ) -> Result<Answers, EngineError> {
        let positives = |column: &str| -> Result<Vec<bool>, EngineError> {
            Ok(self
                .coded(column)?
                .map(|text| same_label(text, columns.positive)))
        };
        let label = positives(columns.label)?;
        let score = match has_scores {
            true => Some(self.numbers(columns.score)?),
            false => None,
        };
        let prediction = match (columns.prediction, &score) {
            (Some(column), _) => positives(column)?,
            (None, Some(score)) => decide(score, columns.threshold),
            (None, None) => Vec::new(),
        };
        Ok(self.checked(Binary::new(label, score, prediction))?.into())
    }

    fn regression(&self, columns: &PredictionColumns<'_>) -> Result<Regression, EngineError> {
        let label = self.numbers(columns.label)?;
        let prediction = self.numbers(columns.prediction.unwrap_or(PREDICTION))?;
        let mut answers = self.checked(Regression::new(label, prediction))?;
        if let Some((lower, upper)) = columns.interval {
            answers = self.checked(answers.within(self.numbers(lower)?, self.numbers(upper)?))?;
        }
        Ok(answers)
    }

    fn checked<T>(&self, made: Result<T, InvalidSample>) -> Result<T, EngineError> {
        made.map_err(|error| problem(self.source, error.to_string()))
    }
}

/// Whether two values are the same number, or both missing.
fn same_number(left: &f64, right: &f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

/// Whether two spellings mean the same label: `1`, `1.0` and `true` are one.
fn same_label(text: &str, positive: &str) -> bool {
    canonical(text) == canonical(positive)
}

fn canonical(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        other => match other.parse::<f64>() {
            Ok(number) => number.to_string(),
            Err(_) => text.to_owned(),
        },
    }
}

fn problem(source: &TableSource, problem: String) -> EngineError {
    EngineError::Column {
        path: source.locator.clone(),
        problem,
    }
}

fn listed(table: &Table) -> String {
    /// Names listed before the rest is counted.
    const LISTED_MAX: usize = 20;
    let names: Vec<_> = table
        .facts()
        .columns
        .iter()
        .take(LISTED_MAX)
        .map(|column| format!("`{}`", column.name))
        .collect();
    format!("there are {}", names.join(", "))
}
