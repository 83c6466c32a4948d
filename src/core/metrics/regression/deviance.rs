//! Deviances of the Tweedie family: errors whose size is judged by the size of the prediction.

use super::errors::{MAE, refuse};
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Sums};
use crate::metrics::{Metric, Sample, Undefined};

/// Mean Tweedie deviance.
pub const TWEEDIE: Metric = Metric {
    id: "tweedie_deviance",
    title: "Mean Tweedie deviance",
    definition: "mean unit deviance of the Tweedie distribution of the power: 0 normal, 1 Poisson, 2 gamma, 3 inverse Gaussian; undefined for labels and predictions outside its domain",
    reference: "scikit-learn `mean_tweedie_deviance`",
    options: &[POWER],
    recorded: false,
    prepare: |sample, options| mean_deviance(sample, options.number("power")),
    ..MAE
};

/// Mean Poisson deviance.
pub const POISSON: Metric = Metric {
    id: "poisson_deviance",
    title: "Mean Poisson deviance",
    definition: "mean of 2 (label ln(label / prediction) - label + prediction); undefined for negative labels and predictions of 0 or less",
    reference: "scikit-learn `mean_poisson_deviance`",
    options: &[],
    prepare: |sample, _| mean_deviance(sample, 1.0),
    ..TWEEDIE
};

/// Mean gamma deviance.
pub const GAMMA: Metric = Metric {
    id: "gamma_deviance",
    title: "Mean gamma deviance",
    definition: "mean of 2 (ln(prediction / label) + label / prediction - 1); undefined for labels and predictions of 0 or less",
    reference: "scikit-learn `mean_gamma_deviance`",
    prepare: |sample, _| mean_deviance(sample, 2.0),
    ..POISSON
};

/// The power of the Tweedie family.
pub(super) const POWER: OptionSpec = OptionSpec {
    name: "power",
    kind: OptionKind::Number {
        default: 1.5,
        least: -10.0,
        most: 10.0,
    },
    doc: "power of the variance: 0, 1 and above; below 0 predictions must be above 0",
};

fn mean_deviance(sample: &Sample, power: f64) -> Result<Prepared<'_>, Undefined> {
    Ok(Prepared::Sums(Sums::mean(deviances(sample, power)?)))
}

/// The unit deviance of each row, in the form of scikit-learn's `_mean_tweedie_deviance`.
pub(super) fn deviances(sample: &Sample, power: f64) -> Result<Vec<f64>, Undefined> {
    let rows = sample.regression()?;
    in_domain(rows.label(), rows.prediction(), power)?;
    Ok(rows.each(|label, prediction| unit_deviance(power, label, prediction)))
}

fn in_domain(label: &[f64], prediction: &[f64], power: f64) -> Result<(), Undefined> {
    if 0.0 < power && power < 1.0 {
        return Err(Undefined::Option(
            "no Tweedie distribution has a power between 0 and 1",
        ));
    }
    if power != 0.0 {
        refuse(prediction, "prediction", "0 or less", |value| value <= 0.0)?;
    }
    if (1.0..2.0).contains(&power) {
        refuse(label, "label", "below 0", |value| value < 0.0)?;
    }
    if 2.0 <= power {
        refuse(label, "label", "0 or less", |value| value <= 0.0)?;
    }
    Ok(())
}

/// The deviance of one row within the domain.
pub(super) fn unit_deviance(power: f64, label: f64, prediction: f64) -> f64 {
    if power == 0.0 {
        return (label - prediction) * (label - prediction);
    }
    if power == 1.0 {
        let logarithm = if label == 0.0 {
            0.0
        } else {
            label * (label / prediction).ln()
        };
        return 2.0 * (logarithm - label + prediction);
    }
    if power == 2.0 {
        return 2.0 * ((prediction / label).ln() + label / prediction - 1.0);
    }
    let positive = label.max(0.0);
    let base = if power < 0.0 { positive } else { label };
    2.0 * (base.powf(2.0 - power) / ((1.0 - power) * (2.0 - power))
        - label * prediction.powf(1.0 - power) / (1.0 - power)
        + prediction.powf(2.0 - power) / (2.0 - power))
}
