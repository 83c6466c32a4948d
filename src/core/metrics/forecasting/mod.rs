//! Metrics of forecasts of time series: errors relative to a naive forecast, quantiles. Every metric of
//! numbers (`regression`) is one of forecasts too.
//!
//! Rows of one series are not independent of each other. So what is drawn and what varies is the series;
//! where there is one only, it is blocks of neighbouring times that do not overlap (Carlstein 1986), as
//! long as the cube root of the count of times (Hall, Horowitz and Jing 1995).

mod naive;
mod quantiles;
mod scaled;

use std::collections::BTreeSet;

use super::sample::{Answers, InvalidSample, as_long, finite, picked};
use super::{Metric, Regression, Sample, Undefined};

/// True and predicted numbers of series in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    numbers: Regression,
    /// The number of the series of each row.
    series: Vec<u32>,
    /// Times as numbers that rise with them.
    time: Vec<u32>,
    /// The label of the series at the time before, NaN at its first; `None` when a series has several rows
    /// at one time.
    previous: Option<Vec<f64>>,
    /// Levels in rising order, each with the predicted quantile of every row.
    quantiles: Vec<(f64, Vec<f64>)>,
    /// Rows of one number are not independent.
    dependent: Vec<u32>,
}

impl Forecast {
    /// The rows with these numbers: for each the number of its series, and its time as a number that
    /// rises with it.
    ///
    /// # Errors
    /// When the lengths differ.
    pub fn new(
        numbers: Regression,
        series: Vec<u32>,
        time: Vec<u32>,
    ) -> Result<Self, InvalidSample> {
        let rows = numbers.label().len();
        as_long("the column of series", series.len(), rows)?;
        as_long("the column of times", time.len(), rows)?;
        Ok(Self {
            previous: previous(numbers.label(), &series, &time),
            dependent: dependent(&series, &time),
            numbers,
            series,
            time,
            quantiles: Vec::new(),
        })
    }

    /// The same rows with the quantiles the model predicted, by level.
    ///
    /// # Errors
    /// When the lengths differ, a number is not finite, a level is not within (0, 1) or there twice.
    pub fn with_quantiles(
        self,
        mut quantiles: Vec<(f64, Vec<f64>)>,
    ) -> Result<Self, InvalidSample> {
        quantiles.sort_by(|left, right| left.0.total_cmp(&right.0));
        let twice = quantiles.windows(2).any(|pair| pair[0].0 == pair[1].0);
        let within = |level: f64| 0.0 < level && level < 1.0;
        if twice || !quantiles.iter().all(|(level, _)| within(*level)) {
            return Err(InvalidSample::Levels);
        }
        for (_, values) in &quantiles {
            as_long("a column of quantiles", values.len(), self.series.len())?;
            finite("quantile", values)?;
        }
        Ok(Self { quantiles, ..self })
    }

    /// The true and predicted numbers.
    #[must_use]
    pub fn numbers(&self) -> &Regression {
        &self.numbers
    }

    /// How many series there are.
    #[must_use]
    pub fn series(&self) -> usize {
        self.series.iter().collect::<BTreeSet<_>>().len()
    }

    /// Which rows are not independent of each other.
    pub(super) fn dependent(&self) -> &[u32] {
        &self.dependent
    }

    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let (series, time) = (picked(&self.series, rows), picked(&self.time, rows));
        let quantiles = self.quantiles.iter();
        Self {
            numbers: self.numbers.select(rows),
            dependent: dependent(&series, &time),
            series,
            time,
            previous: self.previous.as_ref().map(|values| picked(values, rows)),
            quantiles: quantiles
                .map(|(level, values)| (*level, picked(values, rows)))
                .collect(),
        }
    }
}

impl From<Forecast> for Answers {
    fn from(forecast: Forecast) -> Self {
        Self::Forecasting(forecast)
    }
}

impl Sample {
    /// The rows as forecasts.
    ///
    /// # Errors
    /// When they are something else.
    pub fn forecast(&self) -> Result<&Forecast, Undefined> {
        match self.answers() {
            Answers::Forecasting(forecast) => Ok(forecast),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Every metric of forecasts that is not one of numbers, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    scaled::MASE,
    scaled::RMSSE,
    quantiles::WQL,
    quantiles::CRPS,
    quantiles::QUANTILE_COVERAGE,
    naive::THEIL_U2,
];

/// The rows by series and time, those of one time in the order they have.
fn in_time(series: &[u32], time: &[u32]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..series.len()).collect();
    rows.sort_by_key(|row| (series[*row], time[*row]));
    rows
}

fn previous(label: &[f64], series: &[u32], time: &[u32]) -> Option<Vec<f64>> {
    let mut previous = vec![f64::NAN; label.len()];
    for pair in in_time(series, time).windows(2) {
        let (before, row) = (pair[0], pair[1]);
        if series[before] != series[row] {
            continue;
        }
        if time[before] == time[row] {
            return None;
        }
        previous[row] = label[before];
    }
    Some(previous)
}

/// The series of each row, or the block of its time where all are of one series.
fn dependent(series: &[u32], time: &[u32]) -> Vec<u32> {
    if series.iter().any(|one| Some(one) != series.first()) {
        return series.to_vec();
    }
    let times: BTreeSet<u32> = time.iter().copied().collect();
    let times: Vec<u32> = times.into_iter().collect();
    let length = (times.len() as f64).cbrt().ceil().max(1.0) as usize;
    let block = |time: &u32| times.partition_point(|other| other < time) / length;
    time.iter().map(|time| block(time) as u32).collect()
}

#[cfg(test)]
mod tests;
