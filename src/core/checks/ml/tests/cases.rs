//! The cases.

mod coverage;
mod leakage;
mod values;

use super::Case;
use crate::evidence::{FailingRows, Reason, RowExample};
use crate::measure::{
    CategoricalDistribution, Comoments, Distribution, Measured, NearFound, NumericDistribution,
    Paired, PersonalFound, PersonalKind, Scalar, Slice,
};

pub(super) fn failing(count: u64, eligible: u64) -> FailingRows {
    FailingRows {
        count,
        eligible,
        examples: vec![RowExample {
            row_number: 3,
            value: Some("secret".into()),
            masked: false,
            is_null: false,
        }],
    }
}

fn rows(count: u64, eligible: u64) -> Measured {
    Measured::Failing(failing(count, eligible))
}

fn failed() -> Measured {
    Measured::Failed(Reason::Undefined, "the column is missing".into())
}

pub(super) fn numbers(points: &[(f64, u64)]) -> Measured {
    Measured::Distribution(Distribution::Numeric(NumericDistribution {
        points: points.to_vec(),
        ..Default::default()
    }))
}

fn categories(counts: &[(&str, u64)]) -> Measured {
    Measured::Distribution(Distribution::Categorical(CategoricalDistribution {
        counts: counts
            .iter()
            .map(|(name, rows)| ((*name).to_owned(), *rows))
            .collect(),
        ..Default::default()
    }))
}

pub(super) fn frequencies(pairs: &[(&[&str], u64)]) -> Measured {
    let texts = |values: &[&str]| {
        values
            .iter()
            .map(|value| (!value.is_empty()).then(|| (*value).to_owned()))
            .collect()
    };
    Measured::Frequencies(
        pairs
            .iter()
            .map(|(values, rows)| (texts(values), *rows))
            .collect(),
    )
}

pub(super) fn slices(slices: Vec<(&str, Measured)>) -> Measured {
    let slice = |(value, measured): (&str, Measured)| Slice {
        values: vec![Some(value.to_owned())],
        measured,
    };
    Measured::Slices(slices.into_iter().map(slice).collect())
}

fn instant(text: &str) -> chrono::DateTime<chrono::Utc> {
    crate::measure::instant(text).expect("a date")
}

fn extremes(oldest: &str, newest: &str) -> Measured {
    Measured::Extremes(Some((
        Scalar::Instant(instant(oldest)),
        Scalar::Instant(instant(newest)),
    )))
}

fn day(text: &str) -> f64 {
    instant(text).timestamp() as f64
}

fn newest(text: &str) -> Measured {
    Measured::Newest(Some(instant(text)))
}

fn near(count: u64, unfinished: u64) -> Measured {
    Measured::Near(NearFound {
        failing: failing(count, 100),
        nearest: vec![7],
        unfinished,
    })
}

fn paired(count: u64, eligible: u64, only_here: u64, ambiguous_keys: u64) -> Measured {
    Measured::Paired(Paired {
        failing: failing(count, eligible),
        only_here,
        ambiguous_keys,
    })
}

fn personal(sure: &[(PersonalKind, u64)], likely: &[(PersonalKind, u64)]) -> Measured {
    Measured::Personal(PersonalFound {
        // Of what has the form in all hundred rows, the rest does not pass the test.
        alike: likely
            .iter()
            .map(|(kind, rows)| (*kind, 100 - rows))
            .collect(),
        eligible: 100,
        sure: sure.iter().copied().collect(),
        likely: likely.iter().copied().collect(),
        cut: 0,
        row_numbers: vec![4],
    })
}

/// Two numbers with this correlation.
fn correlated(correlation: f64) -> Measured {
    Measured::Comoments(Comoments {
        count: 100,
        m2_x: 1.0,
        m2_y: 1.0,
        c: correlation,
        ..Default::default()
    })
}

pub(super) fn cases() -> Vec<Case> {
    [
        leakage::leakage(),
        leakage::skew(),
        values::labels(),
        values::columns(),
        values::personal_data(),
        coverage::coverage(),
        coverage::history(),
    ]
    .concat()
}
