//! Parameters of metrics: the `k` of NDCG, the `beta` of an F score, the bins of a calibration error.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A parameter a metric takes.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// Its name, as under `with`.
    pub name: &'static str,
    /// What it may be.
    pub kind: OptionKind,
    /// What it does, as a fragment.
    pub doc: &'static str,
}

/// What a parameter may be, and what it is when nothing is said.
#[derive(Clone, Copy, Debug)]
pub enum OptionKind {
    /// A number from `least` to `most`.
    Number {
        /// When nothing is said.
        default: f64,
        /// Smallest.
        least: f64,
        /// Largest.
        most: f64,
    },
    /// A whole number from `least` to `most`.
    Whole {
        /// When nothing is said.
        default: u32,
        /// Smallest.
        least: u32,
        /// Largest.
        most: u32,
    },
    /// One of some words; the first when nothing is said.
    Choice(&'static [&'static str]),
    /// The name of a column or of a class; `None`: it must be given.
    Name(Option<&'static str>),
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OptionValue {
    /// A number.
    Number(f64),
    /// A word or a name.
    Text(String),
}

/// Parameters by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Options(pub BTreeMap<String, OptionValue>);

impl Options {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These parameters, and the others of the metric as they are when nothing is said.
    ///
    /// # Errors
    /// A sentence for the first that does not exist, is missing or out of range.
    pub fn resolved(&self, specs: &[OptionSpec]) -> Result<Self, String> {
        for name in self.0.keys() {
            if specs.iter().all(|spec| spec.name != name) {
                let known: Vec<_> = specs
                    .iter()
                    .map(|spec| format!("`{}`", spec.name))
                    .collect();
                return Err(match known.is_empty() {
                    true => format!("it takes no parameters, but `{name}` is given"),
                    false => format!("`{name}` is none of its parameters {}", known.join(", ")),
                });
            }
        }
        let resolve =
            |spec: &OptionSpec| Ok((spec.name.to_owned(), spec.resolve(self.0.get(spec.name))?));
        specs
            .iter()
            .map(resolve)
            .collect::<Result<_, String>>()
            .map(Self)
    }

    /// A resolved number; NaN when the metric has no such parameter.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(OptionValue::Number(number)) => *number,
            Some(OptionValue::Text(_)) | None => f64::NAN,
        }
    }

    /// A resolved whole number; 0 when the metric has no such parameter.
    #[must_use]
    pub fn whole(&self, name: &str) -> usize {
        // Conversion truncates, and NaN becomes 0.
        self.number(name) as usize
    }

    /// A resolved word; empty when the metric has no such parameter.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(OptionValue::Text(text)) => text,
            Some(OptionValue::Number(_)) | None => "",
        }
    }

    /// Those that differ from what they are when nothing is said, as `k=10, gain=exponential`.
    #[must_use]
    pub fn said(&self, specs: &[OptionSpec]) -> String {
        let said = specs.iter().filter_map(|spec| {
            let value = self.0.get(spec.name)?;
            (spec.default().as_ref() != Some(value)).then(|| format!("{}={value}", spec.name))
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

impl OptionSpec {
    /// What it is when nothing is said.
    #[must_use]
    pub fn default(&self) -> Option<OptionValue> {
        match self.kind {
            OptionKind::Number { default, .. } => Some(OptionValue::Number(default)),
            OptionKind::Whole { default, .. } => Some(OptionValue::Number(f64::from(default))),
            OptionKind::Choice(choices) => {
                let first = choices.first().copied().unwrap_or_default();
                Some(OptionValue::Text(first.to_owned()))
            }
            OptionKind::Name(default) => default.map(|name| OptionValue::Text(name.to_owned())),
        }
    }

    fn resolve(&self, given: Option<&OptionValue>) -> Result<OptionValue, String> {
        let name = self.name;
        let Some(given) = given else {
            let missing = || format!("`{name}` must be given: {}", self.doc);
            return self.default().ok_or_else(missing);
        };
        let valid = match (self.kind, given) {
            (OptionKind::Number { least, most, .. }, OptionValue::Number(number)) => {
                least <= *number && *number <= most
            }
            (OptionKind::Whole { least, most, .. }, OptionValue::Number(number)) => {
                number.fract() == 0.0 && f64::from(least) <= *number && *number <= f64::from(most)
            }
            (OptionKind::Choice(choices), OptionValue::Text(text)) => {
                choices.contains(&text.as_str())
            }
            (OptionKind::Name(_), OptionValue::Text(text)) => !text.is_empty(),
            // A class may be called 1.
            (OptionKind::Name(_), OptionValue::Number(number)) => {
                return Ok(OptionValue::Text(number.to_string()));
            }
            (_, _) => false,
        };
        if valid {
            return Ok(given.clone());
        }
        Err(format!("`{name}` is {given}, must be {}", self.kind))
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl fmt::Display for OptionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { least, most, .. } if most.is_finite() => {
                write!(formatter, "a number from {least} to {most}")
            }
            Self::Number { least, .. } => write!(formatter, "a number of at least {least}"),
            Self::Whole { least, most, .. } => {
                write!(formatter, "a whole number from {least} to {most}")
            }
            Self::Choice(choices) => write!(formatter, "one of `{}`", choices.join("`, `")),
            Self::Name(_) => formatter.write_str("a name"),
        }
    }
}
