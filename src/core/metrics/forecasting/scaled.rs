//! Errors in units of the error a naive forecast made in the training data, so that series of all sizes
//! can be averaged.

use std::collections::HashMap;

use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Prepared, Shape, Sums};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

const fn column(default: &'static str, doc: &'static str) -> OptionSpec {
    OptionSpec {
        name: "column",
        kind: OptionKind::Name(Some(default)),
        doc,
    }
}

const AVERAGE: OptionSpec = OptionSpec {
    name: "average",
    kind: OptionKind::Choice(&["series", "rows"]),
    doc: "whether each series counts once, as in the M4 and M5 competitions, or each row",
};

/// Mean absolute scaled error.
pub const MASE: Metric = Metric {
    id: "mase",
    title: "Mean absolute scaled error",
    task: Some(Task::Forecasting),
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "mean of |prediction - label| divided by the scale of the series (Hyndman and Koehler 2006); undefined where a scale is 0 or less",
    reference: "utilsforecast `mase`, averaged over series; sktime `mean_absolute_scaled_error` of one",
    options: &[
        column(
            "scale",
            "the column with the mean absolute error of the (seasonal) naive forecast in the training data of the series",
        ),
        AVERAGE,
    ],
    recorded: false,
    prepare: |sample, options| {
        let terms = scaled(sample, options, f64::abs)?;
        if options.text("average") == "rows" {
            return Ok(Prepared::Sums(Sums::mean(terms)));
        }
        let shares = shares(sample)?;
        let terms = terms.iter().zip(&shares).map(|(term, share)| term * share);
        Ok(by_series(terms.collect(), shares))
    },
};

/// Root mean squared scaled error.
pub const RMSSE: Metric = Metric {
    id: "rmsse",
    title: "Root mean squared scaled error",
    definition: "mean over series of the square root of the mean of (prediction - label)² divided by the scale of the series; undefined where a scale is 0 or less",
    reference: "utilsforecast `rmsse`, averaged over series",
    options: &[
        column(
            "squared_scale",
            "the column with the mean squared error of the (seasonal) naive forecast in the training data of the series",
        ),
        AVERAGE,
    ],
    prepare: |sample, options| {
        let terms = scaled(sample, options, |error| error * error)?;
        if options.text("average") == "rows" {
            return Ok(Prepared::Sums(Sums {
                terms: vec![terms.into()],
                shape: Shape::RootMean,
            }));
        }
        let shares = shares(sample)?;
        Ok(by_series(rooted(sample, &terms, &shares)?, shares))
    },
    ..MASE
};

/// Some function of the error of each row, divided by its scale.
fn scaled(sample: &Sample, options: &Options, of: fn(f64) -> f64) -> Result<Vec<f64>, Undefined> {
    let rows = sample.forecast()?.numbers();
    let column = options.text("column");
    let scale = sample.column(column)?;
    let missing = scale.iter().filter(|scale| scale.is_nan()).count() as u64;
    if 0 < missing {
        return Err(Undefined::MissingValues {
            column: column.to_owned(),
            rows: missing,
        });
    }
    let unusable = scale.iter().filter(|scale| **scale <= 0.0).count() as u64;
    if 0 < unusable {
        return Err(Undefined::OutOfDomain {
            what: "scale",
            such: "0 or less",
            rows: unusable,
        });
    }
    let pairs = rows.label().iter().zip(rows.prediction()).zip(scale);
    Ok(pairs
        .map(|((label, prediction), scale)| of(prediction - label) / scale)
        .collect())
}

/// One divided by how many rows the series of each row has: summed, each series counts once.
fn shares(sample: &Sample) -> Result<Vec<f64>, Undefined> {
    let series = &sample.forecast()?.series;
    let mut rows: HashMap<u32, f64> = HashMap::new();
    for one in series {
        *rows.entry(*one).or_default() += 1.0;
    }
    let share = |one: &u32| 1.0 / rows.get(one).copied().unwrap_or(1.0);
    Ok(series.iter().map(share).collect())
}

/// The roots of the means of the terms of each series, written as a sum over rows: what each row adds is
/// its derivative, so that it varies as the root does.
fn rooted(sample: &Sample, terms: &[f64], shares: &[f64]) -> Result<Vec<f64>, Undefined> {
    let series = &sample.forecast()?.series;
    let weights = sample.weights();
    let mut sums: HashMap<u32, (f64, f64)> = HashMap::new();
    for ((one, term), weight) in series.iter().zip(terms).zip(weights.iter()) {
        let sum = sums.entry(*one).or_default();
        sum.0 += weight * term;
        sum.1 += weight;
    }
    let rows = series.iter().zip(terms).zip(shares);
    Ok(rows
        .map(|((one, term), share)| {
            let (sum, weight) = sums.get(one).copied().unwrap_or_default();
            let mean = if 0.0 < weight { sum / weight } else { 0.0 };
            let root = mean.sqrt();
            match 0.0 < root {
                true => share * (root + (term - mean) / (2.0 * root)),
                false => 0.0,
            }
        })
        .collect())
}

fn by_series<'a>(terms: Vec<f64>, shares: Vec<f64>) -> Prepared<'a> {
    Prepared::Sums(Sums::ratio(terms, shares, || Undefined::NoRows))
}
