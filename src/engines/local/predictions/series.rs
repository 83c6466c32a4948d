//! Reading forecasts: series, times and quantiles.

use std::collections::BTreeSet;

use super::{Frame, PredictionColumns, problem};
use crate::engines::EngineError;
use crate::metrics::{Answers, Forecast};

/// Which columns of a file of forecasts mean what, each when there is one.
#[derive(Clone, Debug, Default)]
pub struct SeriesColumns<'a> {
    /// The series of the row; without it all rows are of one.
    pub series: Option<&'a str>,
    /// The time the forecast is of; without it rows are in the order of time.
    pub timestamp: Option<&'a str>,
    /// When the forecast was made.
    pub origin: Option<&'a str>,
    /// How many steps ahead the forecast is.
    pub horizon: Option<&'a str>,
    /// Predicted quantiles: level, column.
    pub quantiles: Vec<(f64, &'a str)>,
}

impl<'a> SeriesColumns<'a> {
    /// The columns of the key of a row: a series at a time, forecast from a time.
    fn key(&self) -> impl Iterator<Item = &'a str> {
        let columns = [self.series, self.timestamp, self.origin, self.horizon];
        columns.into_iter().flatten()
    }

    /// The names of all of them.
    pub(super) fn wanted(&self, wanted: &mut BTreeSet<&'a str>) {
        wanted.extend(self.key());
        wanted.extend(self.quantiles.iter().map(|(_, column)| *column));
    }
}

impl Frame<'_> {
    pub(super) fn forecasts(
        &self,
        columns: &PredictionColumns<'_>,
    ) -> Result<Answers, EngineError> {
        let numbers = self.regression(columns)?;
        let rows = numbers.label().len();
        let series = match columns.series.series {
            Some(column) => self.coded(column)?.of_row,
            None => vec![0; rows],
        };
        let time = match columns.series.timestamp {
            Some(column) => self.times(column)?,
            None => (0..rows as u32).collect(),
        };
        let mut quantiles = Vec::with_capacity(columns.series.quantiles.len());
        for (level, column) in &columns.series.quantiles {
            quantiles.push((*level, self.numbers(column)?));
        }
        let forecast = self.checked(Forecast::new(numbers, series, time))?;
        Ok(self.checked(forecast.with_quantiles(quantiles))?.into())
    }

    /// The key of each row, where its time is known.
    pub(super) fn forecast_keys(
        &self,
        columns: &SeriesColumns<'_>,
    ) -> Result<Vec<String>, EngineError> {
        if columns.timestamp.is_none() {
            return Ok(Vec::new());
        }
        let mut keys: Vec<String> = Vec::new();
        for column in columns.key() {
            let texts = self.texts(column)?;
            if keys.is_empty() {
                keys = texts;
                continue;
            }
            for (key, text) in keys.iter_mut().zip(texts) {
                key.push_str(", ");
                key.push_str(&text);
            }
        }
        Ok(keys)
    }

    /// The times of a column as numbers that rise with them.
    fn times(&self, column: &str) -> Result<Vec<u32>, EngineError> {
        let texts = self.texts(column)?;
        let number = |text: &String| text.parse::<f64>().ok().filter(|time| time.is_finite());
        let numbers: Option<Vec<f64>> = texts.iter().map(number).collect();
        if let Some(times) = numbers {
            return Ok(places(&times, |left, right| left.total_cmp(right)));
        }
        match texts.iter().position(|text| !is_iso_8601(text)) {
            None => Ok(places(&texts, String::cmp)),
            Some(row) => Err(problem(
                self.source,
                format!(
                    "column `{column}` holds `{}` in row {}, required times as ISO 8601 (`2026-11-26`, `2026-11-26T08:00:00`) or numbers throughout, so that they have an order",
                    texts[row],
                    row + 1
                ),
            )),
        }
    }
}

/// The place of each value among the different ones.
fn places<T>(values: &[T], order: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<u32> {
    let mut rows: Vec<usize> = (0..values.len()).collect();
    rows.sort_by(|left, right| order(&values[*left], &values[*right]));
    let mut places = vec![0; values.len()];
    let mut place = 0;
    for pair in rows.windows(2) {
        place += u32::from(order(&values[pair[0]], &values[pair[1]]).is_lt());
        places[pair[1]] = place;
    }
    places
}

/// Whether a text begins as a date does, with a year and a month, week or quarter of fixed width: such
/// texts are in the order of their times.
fn is_iso_8601(text: &str) -> bool {
    let mut parts = text.split(['-', 'T', ' ']);
    let (year, month) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day = parts.next().unwrap_or("01").len();
    let month = match month.as_bytes() {
        [b'W', week @ ..] => week.len() == 2 && digits(&month[1..]) && day <= 2,
        [b'Q', ..] => month.len() == 2 && digits(&month[1..]),
        _ => month.len() == 2 && digits(month) && day == 2,
    };
    year.len() == 4 && digits(year) && month
}

#[cfg(test)]
mod tests {
    use super::{is_iso_8601, places};

    #[test]
    fn texts_that_sort_as_their_times_are_known() {
        let sorted = [
            "2026-01",
            "2026-01-31",
            "2026-01-31T08:00:00",
            "2026-W05",
            "2026-W05-3",
            "2026-Q4",
            "2026-01-31 08:00:00",
        ];
        for text in sorted {
            assert!(is_iso_8601(text), "{text}");
        }
        for text in [
            "31/01/2026",
            "2026-1-5",
            "2026-W5",
            "Jan 2026",
            "2026",
            "",
            "2026-é",
        ] {
            assert!(!is_iso_8601(text), "{text}");
        }
    }

    #[test]
    fn equal_times_share_a_place() {
        assert_eq!(places(&[3, 1, 3, 2], i32::cmp), [2, 0, 2, 1]);
        assert!(places(&[], i32::cmp).is_empty());
    }
}
