//! How long answers are, whose drift tells of a changed prompt or model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kernel, Statistics, TextMetric, plain, python};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Length of answers.
pub const ANSWER_LENGTH: TextMetric = TextMetric {
    id: "answer_length",
    title: "Answer length",
    direction: Direction::Neither,
    range: (0.0, f64::INFINITY),
    definition: "mean length of answers: Unicode scalar values, runs of letters, digits and underscores (words), or runs of what is not white space (tokens; not those of a model)",
    reference: "Python's `len(answer)`, `len(re.findall(r\"\\w+\", answer))`, `len(answer.split())`",
    options: &[OptionSpec::choice(
        "unit",
        &["characters", "words", "tokens"],
        "what is counted",
    )],
    recorded: true,
    build: plain::<AnswerLength>,
};

/// Options of [`ANSWER_LENGTH`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerLength {
    /// What is counted.
    pub unit: LengthUnit,
}

/// What the length of a text counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LengthUnit {
    /// Unicode scalar values.
    #[default]
    Characters,
    /// Runs of letters, digits and underscores.
    Words,
    /// Runs of what is not white space.
    Tokens,
}

impl Kernel for AnswerLength {
    fn row(&self, _: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let length = match self.unit {
            LengthUnit::Characters => hypothesis.chars().count(),
            LengthUnit::Words => python::words().find_iter(hypothesis).count(),
            LengthUnit::Tokens => python::split(hypothesis).count(),
        };
        Ok(Statistics::of_value(length as f64))
    }

    fn needs_references(&self) -> bool {
        false
    }
}
