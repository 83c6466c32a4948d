//! Predicted quantiles.

use super::Forecast;
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Sums};
use crate::metrics::regression::pinball;
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Weighted quantile loss.
pub const WQL: Metric = Metric {
    id: "wql",
    title: "Weighted quantile loss",
    task: Some(Task::Forecasting),
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "mean over the levels of `columns.quantiles` of twice the sum of pinball losses, divided by the sum of |label|; undefined where all labels are 0",
    reference: "utilsforecast `scaled_crps`, which is of one series",
    options: &[],
    recorded: false,
    prepare: |sample, _| {
        let losses = losses(sample)?;
        let labels = sample.regression()?.label().iter();
        let sizes = labels.map(|label| label.abs()).collect();
        let sums = Sums::ratio(losses, sizes, || Undefined::ConstantLabel);
        Ok(Prepared::Sums(sums))
    },
};

/// Continuous ranked probability score.
pub const CRPS: Metric = Metric {
    id: "crps",
    title: "Continuous ranked probability score",
    definition: "mean of twice the mean pinball loss over the levels of `columns.quantiles`, which approximates the integral over all levels when they are spread evenly",
    reference: "utilsforecast `mqloss`, times 2",
    prepare: |sample, _| Ok(Prepared::Sums(Sums::mean(losses(sample)?))),
    ..WQL
};

/// Coverage of a quantile.
pub const QUANTILE_COVERAGE: Metric = Metric {
    id: "quantile_coverage",
    title: "Coverage of a quantile",
    direction: Direction::Neither,
    range: (0.0, 1.0),
    definition: "share of rows whose label is at most the predicted quantile; the level itself is right",
    reference: "utilsforecast `calibration`",
    options: &[OptionSpec {
        name: "level",
        kind: OptionKind::Number {
            default: 0.5,
            least: 0.0,
            most: 1.0,
        },
        doc: "the level, one of `columns.quantiles`",
    }],
    prepare: |sample, options| {
        let level = options.number("level");
        let quantiles = quantiles(sample.forecast()?)?.iter();
        let quantile = quantiles.clone().find(|(other, _)| *other == level);
        let Some((_, values)) = quantile else {
            return Err(Undefined::NoQuantile {
                level: level.to_string(),
            });
        };
        let rows = sample.regression()?.label().iter().zip(values);
        let below = rows.map(|(label, value)| f64::from(u8::from(label <= value)));
        Ok(Prepared::Sums(Sums::mean(below.collect())))
    },
    ..WQL
};

fn quantiles(forecast: &Forecast) -> Result<&[(f64, Vec<f64>)], Undefined> {
    match forecast.quantiles.as_slice() {
        [] => Err(Undefined::NoQuantiles),
        quantiles => Ok(quantiles),
    }
}

/// Twice the mean pinball loss of each row over all levels.
fn losses(sample: &Sample) -> Result<Vec<f64>, Undefined> {
    let forecast = sample.forecast()?;
    let quantiles = quantiles(forecast)?;
    let mut losses = vec![0.0; sample.len()];
    for (level, values) in quantiles {
        let rows = forecast.numbers().label().iter().zip(values);
        for (loss, (label, value)) in losses.iter_mut().zip(rows) {
            *loss += 2.0 * pinball(*level, *label, *value) / quantiles.len() as f64;
        }
    }
    Ok(losses)
}
