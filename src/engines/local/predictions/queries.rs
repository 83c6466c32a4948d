//! Rows of a file that are one row of the sample together: the items of a query, the boxes of an image.

use std::collections::BTreeSet;

use super::{Coded, Frame, PredictionColumns, problem};
use crate::engines::EngineError;
use crate::metrics::{Answers, Ranking, Task};

/// The column of queries when nothing is said.
const QUERY: &str = "query";

/// Which rows of a file are one row of the sample.
pub(super) struct Queries {
    /// The name of each.
    pub(super) names: Vec<String>,
    /// The query of each row of the file.
    pub(super) of_row: Vec<u32>,
    /// What one is called, and several.
    called: (&'static str, &'static str),
    /// What may differ within one.
    own: &'static str,
}

/// The names of the columns of a ranking besides the label.
pub(super) fn wanted<'a>(columns: &PredictionColumns<'a>, wanted: &mut BTreeSet<&'a str>) {
    wanted.extend([columns.score, columns.query.unwrap_or(QUERY)]);
}

impl Frame<'_> {
    pub(super) fn ranking(
        &self,
        columns: &PredictionColumns<'_>,
    ) -> Result<(Answers, Queries), EngineError> {
        let queries = self.coded(columns.query.unwrap_or(QUERY))?;
        let queries = Queries::of(queries, Task::Ranking, "items (`label`, `score`, `id`)");
        let (label, score) = (self.numbers(columns.label)?, self.numbers(columns.score)?);
        let mut answers = self.checked(Ranking::new(&queries.of_row, label, score))?;
        if let Some(column) = columns.id {
            answers = self.checked(answers.of_items(&queries.of_row, &self.texts(column)?))?;
        }
        Ok((answers.into(), queries))
    }

    /// What a column says of each query, which must be the same in all of its rows.
    pub(super) fn of_queries<T: Clone>(
        &self,
        queries: Option<&Queries>,
        column: &str,
        values: Vec<T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Result<Vec<T>, EngineError> {
        let Some(queries) = queries else {
            return Ok(values);
        };
        let mut of_query: Vec<T> = Vec::with_capacity(queries.names.len());
        for (row, (query, value)) in queries.of_row.iter().zip(values).enumerate() {
            match of_query.get(*query as usize) {
                // Queries are numbered in the order in which they begin.
                None => of_query.push(value),
                Some(first) if same(first, &value) => {}
                Some(_) => {
                    let name = &queries.names[*query as usize];
                    let ((one, several), own) = (queries.called, queries.own);
                    let message = format!(
                        "column `{column}` changes within {one} `{name}` in row {}; what is not of {own} must be the same in all rows of one {one}, because {several} are what is weighed, drawn and sliced",
                        row + 1
                    );
                    return Err(problem(self.source, message));
                }
            }
        }
        Ok(of_query)
    }
}

impl Queries {
    /// The rows that share a text, none of which is missing.
    pub(super) fn of(queries: Coded, task: Task, own: &'static str) -> Self {
        Self {
            names: queries.texts.into_iter().flatten().collect(),
            of_row: queries.of_row,
            called: task.unit(),
            own,
        }
    }
}
