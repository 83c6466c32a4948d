//! Forecasts against the one that says that nothing changes.

use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Shape, Sums};
use crate::metrics::{Direction, Metric, Task, Undefined};

/// Theil's U2.
pub const THEIL_U2: Metric = Metric {
    id: "theil_u2",
    title: "Theil's U2",
    task: Some(Task::Forecasting),
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "square root of the sum of ((prediction - label) / previous label)² divided by the sum of ((label - previous label) / previous label)², where the previous label is that of the series at the time before; below 1 the forecast beats no change. The first row of each series is left out; undefined where a series has several rows at one time, and, but for `absolute`, where a previous label is 0",
    reference: "`relative`: R `forecast::accuracy`, with numpy; `absolute`: sktime `TheilU2`",
    options: &[OptionSpec {
        name: "errors",
        kind: OptionKind::Choice(&["relative", "absolute"]),
        doc: "whether errors are divided by the previous label",
    }],
    recorded: false,
    prepare: |sample, options| {
        let forecast = sample.forecast()?;
        let previous = forecast.previous.as_ref().ok_or(Undefined::RepeatedTimes)?;
        let absolute = options.text("errors") == "absolute";
        let zeros = previous.iter().filter(|label| **label == 0.0).count() as u64;
        if 0 < zeros && !absolute {
            return Err(Undefined::OutOfDomain {
                what: "previous label",
                such: "0",
                rows: zeros,
            });
        }
        let rows = forecast.numbers();
        let squares = |other: &[f64]| -> Vec<f64> {
            let rows = rows.label().iter().zip(other).zip(previous);
            let square = |((label, other), previous): ((&f64, &f64), &f64)| {
                let unit = if absolute { 1.0 } else { *previous };
                match previous.is_nan() {
                    true => 0.0,
                    false => ((other - label) / unit).powi(2),
                }
            };
            rows.map(square).collect()
        };
        Ok(Prepared::Sums(Sums {
            terms: vec![squares(rows.prediction()).into(), squares(previous).into()],
            shape: Shape::Function(|means| match means {
                [model, naive] if 0.0 < *naive => Ok((model / naive).sqrt()),
                _ => Err(Undefined::ConstantLabel),
            }),
        }))
    },
};
