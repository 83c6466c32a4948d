//! Reading several labels: a flag, a score and a decision of each.

use super::{
    Answers, Binary, EngineError, Frame, Multilabel, PredictionColumns, Task, canonical, problem,
};

/// What is wrong with how the columns are named, before any is read.
pub(super) fn check(columns: &PredictionColumns<'_>) -> Result<(), String> {
    if columns.task != Task::Multilabel {
        return Ok(());
    }
    if columns.prediction.is_some() {
        let message =
            "several labels take `predictions` by label under `gate.columns`, not `prediction`";
        return Err(message.to_owned());
    }
    let name = |(label, _): &(&str, &str)| (*label).to_owned();
    let labels: Vec<String> = columns.labels.iter().map(name).collect();
    if labels.is_empty() {
        return Err("several labels need `labels` under `gate.columns`".to_owned());
    }
    if columns.scores.is_empty() && columns.predictions.is_empty() {
        let message = "several labels need `scores` or `predictions` under `gate.columns`";
        return Err(message.to_owned());
    }
    for (key, named) in [
        ("scores", &columns.scores),
        ("predictions", &columns.predictions),
    ] {
        let named: Vec<String> = named.iter().map(name).collect();
        if !named.is_empty() && named != labels {
            return Err(format!(
                "`gate.columns.{key}` names the labels `{}`, required those of `gate.columns.labels`, `{}`",
                named.join("`, `"),
                labels.join("`, `")
            ));
        }
    }
    Ok(())
}

impl Frame<'_> {
    /// Scores and predictions name the same labels in the same order.
    pub(super) fn multilabel(
        &self,
        columns: &PredictionColumns<'_>,
    ) -> Result<Answers, EngineError> {
        let mut labels = Vec::with_capacity(columns.labels.len());
        for (index, (name, column)) in columns.labels.iter().enumerate() {
            let label = self.flags(column)?;
            let score = match columns.scores.get(index) {
                Some((_, column)) => Some(self.numbers(column)?),
                None => None,
            };
            let prediction = match (columns.predictions.get(index), &score) {
                (Some((_, column)), _) => self.flags(column)?,
                (None, Some(score)) => crate::gates::decide(score, columns.threshold),
                (None, None) => Vec::new(),
            };
            let binary = self.checked(Binary::new(label, score, prediction))?;
            labels.push(((*name).to_owned(), binary));
        }
        Ok(self.checked(Multilabel::new(labels))?.into())
    }

    fn flags(&self, column: &str) -> Result<Vec<bool>, EngineError> {
        let flag = |(row, text): (usize, &String)| match canonical(text).as_str() {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(problem(
                self.source,
                format!("column `{column}` is neither 0 nor 1 in row {}", row + 1),
            )),
        };
        self.texts(column)?.iter().enumerate().map(flag).collect()
    }
}
