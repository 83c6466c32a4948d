//! Reading predictions: the columns a gate needs, all rows, nothing else.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::table::{Table, TableSource};
use crate::engines::EngineError;

/// Which columns of a predictions file mean what.
#[derive(Clone, Debug)]
pub struct PredictionColumns<'a> {
    /// Identifier of the row, when there is one.
    pub id: Option<&'a str>,
    /// True label.
    pub label: &'a str,
    /// Score or probability of the positive class.
    pub score: &'a str,
    /// Predicted label, when there is one.
    pub prediction: Option<&'a str>,
    /// Columns to slice by.
    pub groups: Vec<&'a str>,
    /// The text of the positive label.
    pub positive: &'a str,
    /// Scores from here on predict the positive class, when there is no prediction column.
    pub threshold: f64,
}

/// The rows of a predictions file, column by column; all of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictionRows {
    /// Identifiers; empty when there is no such column.
    pub ids: Vec<String>,
    /// Whether the true label is the positive one.
    pub label: Vec<bool>,
    /// Scores.
    pub score: Vec<f64>,
    /// Whether the positive class is predicted.
    pub prediction: Vec<bool>,
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
    let mut wanted: Vec<&str> = vec![columns.label, columns.score];
    wanted.extend(columns.id);
    wanted.extend(columns.prediction);
    wanted.extend(&columns.groups);
    wanted.sort_unstable();
    wanted.dedup();
    for column in &wanted {
        if table.facts().column(column).is_none() {
            return Err(problem(
                source,
                format!("there is no column `{column}`; {}", listed(&table)),
            ));
        }
    }
    let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    let frame = table.columns(&wanted)?;
    let texts = |column: &str| table.guard(|| text_values(&frame, column));
    let label = required(source, columns.label, texts(columns.label)?)?;
    let score = scores(
        source,
        columns.score,
        &table.guard(|| number_values(&frame, columns.score))?,
    )?;
    let is_positive = |text: &String| same_label(text, columns.positive);
    let prediction = match columns.prediction {
        Some(column) => required(source, column, texts(column)?)?
            .iter()
            .map(is_positive)
            .collect(),
        None => score
            .iter()
            .map(|score| columns.threshold <= *score)
            .collect(),
    };
    let ids = match columns.id {
        Some(column) => required(source, column, texts(column)?)?,
        None => Vec::new(),
    };
    let mut groups = BTreeMap::new();
    for column in &columns.groups {
        groups.insert((*column).to_owned(), texts(column)?);
    }
    Ok(PredictionRows {
        ids,
        label: label.iter().map(is_positive).collect(),
        score,
        prediction,
        groups,
    })
}

/// Whether two spellings mean the same label: `1`, `1.0` and `true` are one.
fn same_label(text: &str, positive: &str) -> bool {
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
    canonical(text) == canonical(positive)
}

fn text_values(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Option<String>>> {
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

fn number_values(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Option<f64>>> {
    let series = frame
        .column(column)?
        .as_materialized_series()
        .cast(&DataType::Float64)?;
    Ok(series.f64()?.iter().collect())
}

fn required(
    source: &TableSource,
    column: &str,
    values: Vec<Option<String>>,
) -> Result<Vec<String>, EngineError> {
    let row = values.iter().position(Option::is_none);
    match row {
        Some(row) => Err(problem(
            source,
            format!("column `{column}` is null in row {}", row + 1),
        )),
        None => Ok(values.into_iter().flatten().collect()),
    }
}

fn scores(
    source: &TableSource,
    column: &str,
    values: &[Option<f64>],
) -> Result<Vec<f64>, EngineError> {
    values
        .iter()
        .enumerate()
        .map(|(row, score)| match score {
            Some(score) if score.is_finite() => Ok(*score),
            _ => Err(problem(
                source,
                format!(
                    "column `{column}` is not a finite number in row {}",
                    row + 1
                ),
            )),
        })
        .collect()
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
