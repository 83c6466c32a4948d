//! Reading predictions: the columns a gate needs, all rows, nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;

use super::coded::{Coded, is_whole};
use super::table::{Table, TableSource};
use crate::engines::EngineError;
use crate::gates::{Groups, Keys, decide};
use crate::metrics::{Answers, Binary, InvalidSample, Multiclass, Regression, Sample, Task};

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
    /// Score or probability of each of several classes: class, column.
    pub scores: Vec<(&'a str, &'a str)>,
    /// Predicted label or number, when there is one.
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
    };
    let mut sample = frame.checked(Sample::new(answers))?;
    if let Some(weight) = columns.weight {
        sample = frame.checked(sample.weighted(frame.numbers(weight)?))?;
    }
    if let Some(cluster) = columns.cluster {
        sample = frame.checked(sample.clustered(frame.coded(cluster)?.of_row))?;
    }
    for column in &columns.numbers {
        let values = frame.optional_numbers(column)?;
        sample = frame.checked(sample.with_column(column, values))?;
    }
    let ids = match columns.id {
        Some(column) => frame.keys(column)?,
        None => Keys::default(),
    };
    let mut groups = BTreeMap::new();
    for column in &columns.groups {
        let values = frame.optional_coded(column)?;
        let groups_of = Groups::of(values.texts, &values.of_row);
        groups.insert((*column).to_owned(), groups_of);
    }
    Ok(PredictionRows {
        ids,
        sample,
        groups,
    })
}

/// The names of all columns that are read.
fn wanted<'a>(table: &Table, columns: &'a PredictionColumns<'_>) -> BTreeSet<&'a str> {
    let mut wanted = BTreeSet::from([columns.label]);
    match columns.task {
        // Decisions alone are enough for many metrics.
        Task::Binary
            if columns.prediction.is_some() && table.facts().column(columns.score).is_none() => {}
        Task::Binary => wanted.extend([columns.score]),
        Task::Multiclass => wanted.extend(columns.scores.iter().map(|(_, column)| *column)),
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

/// The column of predicted numbers when nothing is said.
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

    fn multiclass(&self, columns: &PredictionColumns<'_>) -> Result<Answers, EngineError> {
        let label = self.canonical(columns.label)?;
        let mut scores = Vec::with_capacity(columns.scores.len());
        for (_, column) in &columns.scores {
            scores.push(self.numbers(column)?);
        }
        let predicted = match columns.prediction {
            Some(column) => Some(self.canonical(column)?),
            None if scores.is_empty() => {
                let message =
                    "several classes need `prediction` or `scores` under `gate.columns`".to_owned();
                return Err(problem(self.source, message));
            }
            None => None,
        };
        let named = columns.scores.iter().map(|(class, _)| canonical(class));
        let mut classes: Vec<String> = named.clone().collect();
        if classes.is_empty() {
            let predicted = predicted.iter().flat_map(|predicted| &predicted.texts);
            classes = sorted_classes(label.texts.iter().chain(predicted).flatten());
        }
        let places: HashMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
        let coded = |what: &str, column: &Coded| {
            let place = |text: &str| places.get(text).copied();
            let found = column.map(place).into_iter().enumerate();
            let code = |(row, place): (usize, Option<u32>)| {
                place.ok_or_else(|| {
                    let known = classes.join("`, `");
                    problem(
                        self.source,
                        format!(
                            "the {what} of row {} is none of the classes `{known}` under `gate.columns.scores`",
                            row + 1
                        ),
                    )
                })
            };
            found.map(code).collect::<Result<Vec<u32>, _>>()
        };
        let label = coded("label", &label)?;
        let prediction = match predicted {
            Some(predicted) => coded("prediction", &predicted)?,
            None => (0..label.len()).map(|row| highest(&scores, row)).collect(),
        };
        let scores = (!scores.is_empty()).then_some(scores);
        let answers = Multiclass::new(classes, label, prediction, scores);
        Ok(self.checked(answers)?.into())
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

    /// The texts of a column without nulls.
    fn coded(&self, column: &str) -> Result<Coded, EngineError> {
        let coded = self.optional_coded(column)?;
        let null = coded.texts.iter().position(Option::is_none);
        let row = null.and_then(|null| {
            let mut rows = coded.of_row.iter();
            rows.position(|text| *text as usize == null)
        });
        match row {
            Some(row) => Err(self.null(column, row)),
            None => Ok(coded),
        }
    }

    /// The texts of a column without nulls, each as the one spelling of its label.
    fn canonical(&self, column: &str) -> Result<Coded, EngineError> {
        let mut coded = self.coded(column)?;
        for text in coded.texts.iter_mut().flatten() {
            *text = canonical(text);
        }
        Ok(coded)
    }

    fn optional_coded(&self, column: &str) -> Result<Coded, EngineError> {
        self.table.guard(|| Coded::of(&self.series(column)?))
    }

    fn optional_texts(&self, column: &str) -> Result<Vec<Option<String>>, EngineError> {
        let texts = |series: Series| text_values(&series);
        self.table.guard(|| texts(self.series(column)?))
    }

    fn series(&self, column: &str) -> PolarsResult<Series> {
        let column = self.frame.column(column)?;
        Ok(column.as_materialized_series().clone())
    }

    fn keys(&self, column: &str) -> Result<Keys, EngineError> {
        let keys = self.table.guard(|| {
            let series = self.series(column)?;
            if series.null_count() == 0 && is_whole(series.dtype()) {
                let mut numbers = Vec::with_capacity(series.len());
                // Piece by piece: the column is not there twice.
                for piece in series.cast(&DataType::Int64)?.i64()?.downcast_iter() {
                    numbers.extend_from_slice(piece.values());
                }
                return Ok(Ok(Keys::numbers(numbers)));
            }
            let texts = text_values(&series)?;
            let null = texts.iter().position(Option::is_none);
            Ok(match null {
                Some(row) => Err(row),
                None => Ok(texts.into_iter().flatten().collect::<Vec<String>>().into()),
            })
        })?;
        keys.map_err(|row| self.null(column, row))
    }

    fn null(&self, column: &str, row: usize) -> EngineError {
        let message = format!("column `{column}` is null in row {}", row + 1);
        problem(self.source, message)
    }

    fn numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let numbers = self.table.guard(|| {
            let series = self.series(column)?.cast(&DataType::Float64)?;
            let mut numbers: Vec<f64> = Vec::with_capacity(series.len());
            for piece in series.f64()?.downcast_iter() {
                match piece.validity() {
                    None => numbers.extend_from_slice(piece.values()),
                    Some(_) => {
                        numbers.extend(piece.iter().map(|value| *value.unwrap_or(&f64::NAN)))
                    }
                }
            }
            Ok(numbers)
        })?;
        match numbers.iter().position(|number| !number.is_finite()) {
            None => Ok(numbers),
            Some(row) => {
                let row = row + 1;
                let message = format!("column `{column}` is not a finite number in row {row}");
                Err(problem(self.source, message))
            }
        }
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

/// The class with the highest score, the first of several.
fn highest(scores: &[Vec<f64>], row: usize) -> u32 {
    let (mut best, mut most) = (0, f64::NEG_INFINITY);
    for (class, column) in scores.iter().enumerate() {
        if most < column[row] {
            (best, most) = (class, column[row]);
        }
    }
    best as u32
}

/// The distinct names: by number when all are numbers, otherwise by letter.
fn sorted_classes<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names: BTreeSet<&String> = names.collect();
    let mut classes: Vec<String> = names.into_iter().cloned().collect();
    let numbers: Option<Vec<f64>> = classes.iter().map(|name| name.parse().ok()).collect();
    if numbers.is_some() {
        let number = |name: &String| name.parse::<f64>().unwrap_or(f64::NAN);
        classes.sort_by(|left, right| number(left).total_cmp(&number(right)));
    }
    classes
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

fn text_values(series: &Series) -> PolarsResult<Vec<Option<String>>> {
    let series = series.cast(&DataType::String)?;
    Ok(series
        .str()?
        .iter()
        .map(|text| text.map(str::to_owned))
        .collect())
}

fn number_values(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Option<f64>>> {
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
