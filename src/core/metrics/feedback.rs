//! What people say of answers: whether they say anything, and which of two answers they prefer.

use super::columns::{MEAN, MISSING, column, counted, weighed};
use super::options::{OptionSpec, Options};
use super::prepared::{Prepared, Sums};
use super::{Direction, Metric, Sample, Undefined};

/// Share of rows with a value.
pub(super) const FEEDBACK_RESPONSE_RATE: Metric = Metric {
    id: "feedback_response_rate",
    title: "Response rate of feedback",
    direction: Direction::Neither,
    range: (0.0, 1.0),
    definition: "share of rows that have a value in the column: of those asked, how many answered",
    options: &[column(Some("thumbs_up"))],
    prepare: |sample, options| {
        let values = sample.column(options.text("column"))?.iter();
        let there = values.map(|value| f64::from(u8::from(!value.is_nan())));
        Ok(Prepared::Sums(Sums::mean(there.collect())))
    },
    ..MEAN
};

/// Share of comparisons won.
pub(super) const WIN_RATE: Metric = Metric {
    id: "win_rate",
    title: "Win rate",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of comparisons the model wins: 1 in the column is a win, 0 a loss and 0.5 a tie, which counts half, or is left out; undefined where a value is anything else",
    options: &[
        column(Some("win")),
        OptionSpec::choice(
            "ties",
            &["half", "skip"],
            "whether a tie is half a win or is left out",
        ),
        MISSING,
    ],
    prepare: win_rate,
    ..MEAN
};

fn win_rate<'a>(sample: &'a Sample, options: &Options) -> Result<Prepared<'a>, Undefined> {
    let outcomes = sample.column(options.text("column"))?.iter();
    let strange = outcomes.filter(|value| !(value.is_nan() || [0.0, 0.5, 1.0].contains(*value)));
    let strange = strange.count() as u64;
    if 0 < strange {
        return Err(Undefined::OutOfDomain {
            what: "outcome",
            such: "neither 0, 0.5 nor 1",
            rows: strange,
        });
    }
    let (values, there) = counted(sample, options)?;
    if options.text("ties") != "skip" {
        return Ok(Prepared::Sums(weighed(values, there)));
    }
    let decided = values
        .iter()
        .map(|value| f64::from(u8::from(*value != 0.5)));
    let decided: Vec<f64> = match there {
        None => decided.collect(),
        Some(there) => decided.zip(there).map(|(one, other)| one * other).collect(),
    };
    let wins = values
        .iter()
        .map(|value| f64::from(u8::from(*value == 1.0)));
    Ok(Prepared::Sums(weighed(wins.collect(), Some(decided))))
}
