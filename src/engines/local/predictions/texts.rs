//! Reading texts: what a model wrote, and the references, one or several of each row.

use polars::prelude::*;

use super::{Answers, EngineError, Frame, PREDICTION, PredictionColumns, Text, problem};

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
            let answers = Texts::of(&self.frame, prediction)?;
            let references = references.iter().map(|column| Texts::of(&self.frame, column));
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

/// A column of texts, or of lists of texts.
struct Texts {
    /// The text of each row, or all texts of the lists one after the other.
    single: StringChunked,
    /// Where the list of each row starts and how long it is.
    lists: Option<Vec<(usize, usize)>>,
}

impl Texts {
    fn of(frame: &DataFrame, column: &str) -> PolarsResult<Self> {
        let series = frame.column(column)?.as_materialized_series();
        if !matches!(series.dtype(), DataType::List(_)) {
            let texts = series.cast(&DataType::String)?;
            return Ok(Self {
                // One piece, so that a row is found at once.
                single: texts.str()?.rechunk().into_owned(),
                lists: None,
            });
        }
        let (mut texts, mut lists) = (Vec::new(), Vec::with_capacity(series.len()));
        for value in series.iter() {
            let start = texts.len();
            if let AnyValue::List(items) = value {
                let items = items.cast(&DataType::String)?;
                texts.extend(items.str()?.iter().flatten().map(str::to_owned));
            }
            lists.push((start, texts.len() - start));
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
