//! Reading predictions: the columns a gate needs, all rows, nothing else.

mod multiclass;
mod multilabel;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;

use super::table::{Table, TableSource};
use crate::engines::EngineError;
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
    /// Sampling weight, when there is one.
    pub weight: Option<&'a str>,
    /// What rows share that are not independent, when there is such a thing.
    pub cluster: Option<&'a str>,
    /// Columns to slice by.
    pub groups: Vec<&'a str>,
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
    pub ids: Vec<String>,
    /// What is true of the rows and what the model said.
    pub sample: Sample,
    /// The value of each row in each group column.
    pub groups: BTreeMap<String, Vec<Option<String>>>,
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
    for column in &wanted {
        if table.facts().column(column).is_none() {
            return Err(problem(
                source,
                format!("there is no column `{column}`; {}", listed(&table)),
            ));
        }
    }
    let names: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let frame = Frame {
        source,
        frame: table.columns(&names)?,
        table: &table,
    };
    let answers = match columns.task {
        Task::Binary => frame.binary(columns, wanted.contains(columns.score))?,
        Task::Multiclass => frame.multiclass(columns)?,
        Task::Regression => frame.regression(columns)?,
        Task::Multilabel => frame.multilabel(columns)?,
        Task::Text => frame.text(columns, wanted.contains(columns.label))?,
    };
    let mut sample = frame.checked(Sample::new(answers))?;
    if let Some(weight) = columns.weight {
        sample = frame.checked(sample.weighted(frame.numbers(weight)?))?;
    }
    if let Some(cluster) = columns.cluster {
        sample = frame.checked(sample.clustered(numbered(&frame.texts(cluster)?)))?;
    }
    for column in &columns.numbers {
        let values = frame.optional_numbers(column)?;
        sample = frame.checked(sample.with_column(column, values))?;
    }
    let ids = match columns.id {
        Some(column) => frame.texts(column)?,
        None => Vec::new(),
    };
    let mut groups = BTreeMap::new();
    for column in &columns.groups {
        groups.insert((*column).to_owned(), frame.optional_texts(column)?);
    }
    Ok(PredictionRows {
        ids,
        sample,
        groups,
    })
}

/// The names of all columns that are read.
fn wanted<'a>(table: &Table, columns: &'a PredictionColumns<'_>) -> BTreeSet<&'a str> {
    let is_there = |column: &str| table.facts().column(column).is_some();
    let needs_label = match columns.task {
        Task::Binary | Task::Multiclass | Task::Regression => true,
        Task::Multilabel => false,
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
        Task::Regression => {
            wanted.extend([columns.prediction.unwrap_or(PREDICTION)]);
            wanted.extend(
                columns
                    .interval
                    .iter()
                    .flat_map(|(lower, upper)| [*lower, *upper]),
            );
        }
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

/// The columns that were read.
struct Frame<'a> {
    source: &'a TableSource,
    frame: DataFrame,
    table: &'a Table,
}

impl Frame<'_> {
    fn binary(
        &self,
        columns: &PredictionColumns<'_>,
        has_scores: bool,
    ) -> Result<Answers, EngineError> {
        let is_positive = |text: &String| same_label(text, columns.positive);
        let label: Vec<bool> = self.texts(columns.label)?.iter().map(is_positive).collect();
        let score = match has_scores {
            true => Some(self.numbers(columns.score)?),
            false => None,
        };
        let prediction = match (columns.prediction, &score) {
            (Some(column), _) => self.texts(column)?.iter().map(is_positive).collect(),
            (None, Some(score)) => score
                .iter()
                .map(|score| columns.threshold <= *score)
                .collect(),
            (None, None) => Vec::new(),
        };
        Ok(self.checked(Binary::new(label, score, prediction))?.into())
    }

    fn regression(&self, columns: &PredictionColumns<'_>) -> Result<Answers, EngineError> {
        let label = self.numbers(columns.label)?;
        let prediction = self.numbers(columns.prediction.unwrap_or(PREDICTION))?;
        let mut answers = self.checked(Regression::new(label, prediction))?;
        if let Some((lower, upper)) = columns.interval {
            answers = self.checked(answers.within(self.numbers(lower)?, self.numbers(upper)?))?;
        }
        Ok(answers.into())
    }

    fn checked<T>(&self, made: Result<T, InvalidSample>) -> Result<T, EngineError> {
        made.map_err(|error| problem(self.source, error.to_string()))
    }

    fn texts(&self, column: &str) -> Result<Vec<String>, EngineError> {
        let values = self.optional_texts(column)?;
        match values.iter().position(Option::is_none) {
            Some(row) => Err(problem(
                self.source,
                format!("column `{column}` is null in row {}", row + 1),
            )),
            None => Ok(values.into_iter().flatten().collect()),
        }
    }

    fn optional_texts(&self, column: &str) -> Result<Vec<Option<String>>, EngineError> {
        self.table.guard(|| text_values(&self.frame, column))
    }

    fn numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let values = self.table.guard(|| number_values(&self.frame, column))?;
        let number = |(row, value): (usize, Option<f64>)| match value {
            Some(value) if value.is_finite() => Ok(value),
            _ => Err(problem(
                self.source,
                format!(
                    "column `{column}` is not a finite number in row {}",
                    row + 1
                ),
            )),
        };
        values.into_iter().enumerate().map(number).collect()
    }

    /// Numbers, NaN where there is none. Text that is no number is refused, not dropped.
    fn optional_numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let values = self.table.guard(|| number_values(&self.frame, column))?;
        let nulls = self.optional_texts(column)?;
        let number = |(row, (value, text)): (usize, (Option<f64>, Option<String>))| match value {
            Some(value) if value.is_infinite() => Err(row),
            Some(value) => Ok(value),
            None if text.is_none() => Ok(f64::NAN),
            None => Err(row),
        };
        let values = values.into_iter().zip(nulls).enumerate().map(number);
        values.collect::<Result<Vec<f64>, usize>>().map_err(|row| {
            problem(
                self.source,
                format!("column `{column}` is not a number in row {}", row + 1),
            )
        })
    }
}

/// A number for each distinct text.
fn numbered(texts: &[String]) -> Vec<u32> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut number = |text| {
        let next = numbers.len() as u32;
        *numbers.entry(text).or_insert(next)
    };
    texts.iter().map(|text| number(text.as_str())).collect()
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

pub(super) fn text_values(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Option<String>>> {
    let series = frame
        .column(column)?
        .as_materialized_series()
        .cast(&DataType::String)?;
    Ok(series
        .str()?
        .iter()
        .map(|text| text.map(str::to_owned))
        .collect())
}

pub(super) fn number_values(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Option<f64>>> {
    let series = frame
        .column(column)?
        .as_materialized_series()
        .cast(&DataType::Float64)?;
    Ok(series.f64()?.iter().collect())
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
