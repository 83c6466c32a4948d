//! Reading texts: what a model wrote, and the references, one or several of each row.

use polars::prelude::*;

use super::super::input::SEVERAL_KINDS;
use super::{Answers, EngineError, Frame, PREDICTION, PredictionColumns, Text, problem};
use crate::measure::{ColumnFacts, LogicalType};

impl Frame<'_> {
    /// A reference that is null is none; an answer must be there, if only as an empty text.
    pub(super) fn text(
        &self,
        columns: &PredictionColumns<'_>,
        has_label: bool,
    ) -> Result<Answers, EngineError> {
        let label = has_label.then_some(columns.label);
        let references = match columns.references.as_slice() {
            [] => label.as_slice(),
            references => references,
        };
        let prediction = columns.prediction.unwrap_or(PREDICTION);
        let made = self.table.guard(|| {
            let answers = self.column_of_texts(prediction)?;
            let references = references.iter().map(|column| self.column_of_texts(column));
            let references = references.collect::<PolarsResult<Vec<_>>>()?;
            if answers.lists.is_some() {
                polars_bail!(ComputeError: "column `{}` holds lists, not a text in each row", prediction);
            }
            let rows = answers.single.len();
            if let Some(row) = (0..rows).find(|row| answers.single.get(*row).is_none()) {
                return Ok(Err(row));
            }
            let of_row = |row: usize| {
                let expected = references.iter().flat_map(|column| column.of_row(row));
                let answer = answers.single.get(row).unwrap_or_default();
                (expected.collect(), answer)
            };
            Ok(Ok(Text::new((0..rows).map(of_row))))
        })?;
        made.map(Answers::from).map_err(|row| {
            problem(
                self.source,
                format!(
                    "column `{prediction}` is null in row {}; hint: write an empty text where the model gave none, in CSV as `\"\"`",
                    row + 1
                ),
            )
        })
    }
}

impl Frame<'_> {
    fn column_of_texts(&self, column: &str) -> PolarsResult<Texts> {
        let facts = self.table.facts();
        let known = facts.column(column).filter(|_| !facts.typed);
        Texts::of(&self.series(column)?, known.map_or(Lists::Typed, Lists::of))
    }
}

/// How lists of texts stand in a column.
#[derive(Clone, Copy, PartialEq)]
enum Lists {
    /// As lists, which the type of the column tells.
    Typed,
    /// As JSON texts, in every row.
    Json,
    /// As JSON texts, where a text is one.
    JsonAmongTexts,
}

impl Lists {
    /// JSON Lines tells of a column whether it holds lists.
    fn of(known: &ColumnFacts) -> Self {
        match known.logical_type {
            Some(LogicalType::Array) => Self::Json,
            _ if known.physical_type == SEVERAL_KINDS => Self::JsonAmongTexts,
            _ => Self::Typed,
        }
    }
}

/// A column of texts, or of lists of texts.
struct Texts {
    /// The text of each row, or all texts of the lists one after the other.
    single: StringChunked,
    /// Where the list of each row starts and how long it is.
    lists: Option<Vec<(usize, usize)>>,
}

impl Texts {
    fn of(series: &Series, lists: Lists) -> PolarsResult<Self> {
        if matches!(series.dtype(), DataType::List(_)) {
            return Self::of_lists(series.iter().map(|value| match value {
                AnyValue::List(items) => {
                    let items = items.cast(&DataType::String)?;
                    Ok(items.str()?.iter().flatten().map(str::to_owned).collect())
                }
                _ => Ok(Vec::new()),
            }));
        }
        let texts = series.cast(&DataType::String)?;
        let texts = texts.str()?;
        if lists == Lists::Typed {
            return Ok(Self {
                // One piece, so that a row is found at once.
                single: texts.rechunk().into_owned(),
                lists: None,
            });
        }
        Self::of_lists(texts.iter().enumerate().map(|(row, text)| {
            let Some(text) = text else {
                return Ok(Vec::new());
            };
            match serde_json::from_str::<Vec<Option<String>>>(text) {
                Ok(list) => Ok(list.into_iter().flatten().collect()),
                Err(_) if lists == Lists::JsonAmongTexts => Ok(vec![text.to_owned()]),
                Err(_) => polars_bail!(ComputeError: "column `{}` holds a list in row {} that is not one of texts", series.name(), row + 1),
            }
        }))
    }

    fn of_lists(rows: impl Iterator<Item = PolarsResult<Vec<String>>>) -> PolarsResult<Self> {
        let (mut texts, mut lists) = (Vec::new(), Vec::new());
        for row in rows {
            let row = row?;
            lists.push((texts.len(), row.len()));
            texts.extend(row);
        }
        Ok(Self {
            single: StringChunked::from_iter_values(PlSmallStr::EMPTY, texts.iter()),
            lists: Some(lists),
        })
    }

    fn of_row(&self, row: usize) -> impl Iterator<Item = &str> {
        let (start, count) = match &self.lists {
            None => (row, 1),
            Some(lists) => lists.get(row).copied().unwrap_or_default(),
        };
        (start..start + count).filter_map(|place| self.single.get(place))
    }
}
