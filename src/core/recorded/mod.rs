//! What other systems recorded of a model: numbers, verdicts, findings, cases, attributions.
//!
//! A [`Recording`] is taken as it was said and never recomputed; it keeps who said it, of which run. What
//! is missing from it is a [`Recording::shortfalls`], so that half a run never passes as a whole one.
//! Reading the formats of those systems is left to `sources`, requirements to `gates`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod cases;
mod findings;

pub use cases::{Cases, Column, InvalidCases};
pub use findings::{Finding, FindingSeverity};

use crate::evidence::Unit;
use crate::metrics::Direction;

/// What a system recorded of one model, version or run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The system in words, with its version where it says it: "MLflow", "promptfoo 0.121.20".
    pub system: String,
    /// The run, as that system calls it.
    pub run: Option<String>,
    /// Numbers over all cases or on slices.
    pub metrics: Vec<RecordedMetric>,
    /// What the system itself called passed or failed.
    pub verdicts: Vec<RecordedVerdict>,
    /// Weaknesses that were found; `None` where the system looks for none, empty where it found none.
    pub findings: Option<Vec<Finding>>,
    /// The results case by case.
    pub cases: Option<Cases>,
    /// How much each feature moved each prediction.
    pub attributions: Option<Attributions>,
    /// The data it was evaluated on, as the system says: name and digest, in that system's own words.
    pub datasets: Vec<RecordedDataset>,
    /// What is versioned with the model: prompts, parameters, indexes; names and values in that system's
    /// own words.
    pub parameters: Vec<(String, String)>,
    /// Why this is not a whole run: a sentence each. Empty when it is.
    pub shortfalls: Vec<String>,
}

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedMetric {
    /// Its name, as the system calls it.
    pub name: String,
    /// The rows it is over, as `column=value`; `None` for all.
    pub slice: Option<String>,
    /// The number; NaN where the system recorded that it has none.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// How many rows it was computed from.
    pub rows: Option<u64>,
    /// How sure the system is of it.
    pub uncertainty: Option<Uncertainty>,
    /// Which way is better, where the system says.
    pub direction: Option<Direction>,
}

/// How sure a system is of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Uncertainty {
    /// The standard error, in the unit of the number, ≥ 0.
    StandardError(f64),
    /// An interval.
    Interval {
        /// Its lower end.
        lower: f64,
        /// Its upper end.
        upper: f64,
        /// Its two-sided coverage, a fraction.
        level: f64,
    },
}

/// What a system itself called passed or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedVerdict {
    /// Name of the test.
    pub name: String,
    /// What became of it.
    pub outcome: Said,
    /// Why, in the system's own words. May hold data of the cases.
    pub message: Option<String>,
}

/// What became of a test of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// It passed.
    Passed,
    /// It did not pass, and the system does not mind.
    Warned,
    /// It did not pass.
    Failed,
    /// It could not be run.
    Errored,
    /// It was left out.
    Skipped,
}

/// How much each feature moved each prediction (SHAP, LIME).
#[derive(Clone, Debug, PartialEq)]
pub struct Attributions {
    /// The features, in the order of the columns.
    pub features: Vec<String>,
    /// Row by row, as many numbers each as there are features, in the unit of the model's output.
    pub values: Vec<f64>,
    /// The values of the features themselves, in the same shape, where they were recorded as numbers.
    pub data: Option<Vec<f64>>,
    /// What the attributions of each row start from, where it is recorded: the expected value of SHAP, the
    /// intercept of LIME.
    pub bases: Option<Vec<f64>>,
    /// The output of the model for each row, where it is recorded: base plus attributions of the row.
    pub outputs: Option<Vec<f64>>,
    /// How well a local surrogate fits each row (R² of LIME), where there is one.
    pub fits: Option<Vec<f64>>,
}

/// Data a run was evaluated on, in the words of the system that recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedDataset {
    /// Its name.
    pub name: String,
    /// Its digest; not a SHA-256 of its bytes unless the system says so.
    pub digest: Option<String>,
}

impl RecordedMetric {
    /// A number over all rows, of which nothing else is known.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            slice: None,
            value,
            unit: Unit::Number,
            rows: None,
            uncertainty: None,
            direction: None,
        }
    }

    /// The same number on the rows of a slice, `column=value`.
    #[must_use]
    pub fn on(self, slice: impl Into<String>) -> Self {
        Self {
            slice: Some(slice.into()),
            ..self
        }
    }

    /// The same number, computed from so many rows.
    #[must_use]
    pub fn of(self, rows: u64) -> Self {
        Self {
            rows: Some(rows),
            ..self
        }
    }

    /// The same number in a unit.
    #[must_use]
    pub fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// The same number with its standard error; one that is not a number of at least 0 is none.
    #[must_use]
    pub fn standard_error(self, error: f64) -> Self {
        let known = error.is_finite() && 0.0 <= error;
        Self {
            uncertainty: known.then_some(Uncertainty::StandardError(error)),
            ..self
        }
    }

    /// The same number, of which the system says which way is better.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Self {
            direction: Some(direction),
            ..self
        }
    }
}

impl Attributions {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values
            .len()
            .checked_div(self.features.len())
            .unwrap_or(0)
    }

    /// Whether features have names, instead of the number of their column, from 0.
    #[must_use]
    pub fn is_named(&self) -> bool {
        let numbered = |(index, name): (usize, &String)| *name == index.to_string();
        !self.features.iter().enumerate().all(numbered)
    }

    /// The column of a feature.
    #[must_use]
    pub fn position(&self, feature: &str) -> Option<usize> {
        self.features.iter().position(|name| name == feature)
    }
}

impl Recording {
    /// What a system recorded, with nothing in it yet.
    #[must_use]
    pub fn by(system: impl Into<String>) -> Self {
        Self {
            system: system.into(),
            ..Self::default()
        }
    }

    /// The number of this name, over all rows or on a slice.
    #[must_use]
    pub fn metric(&self, name: &str, slice: Option<&str>) -> Option<&RecordedMetric> {
        let asked =
            |metric: &&RecordedMetric| metric.name == name && metric.slice.as_deref() == slice;
        self.metrics.iter().find(asked)
    }

    /// Who said it: "MLflow", "promptfoo 0.121.20, run `eval-1`".
    #[must_use]
    pub fn origin(&self) -> String {
        match &self.run {
            None => self.system.clone(),
            Some(run) => format!("{}, run `{run}`", self.system),
        }
    }
}
