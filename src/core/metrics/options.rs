//! Parameters of metrics: the `k` of NDCG, the `beta` of an F score, the bins of a calibration error.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Sha256;

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

impl OptionSpec {
    /// Whether something is so; not, when nothing is said.
    pub(super) const fn flag(name: &'static str, doc: &'static str) -> Self {
        let kind = OptionKind::Flag(false);
        Self { name, kind, doc }
    }

    /// One of some words; the first when nothing is said.
    pub(super) const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        let kind = OptionKind::Choice(choices);
        Self { name, kind, doc }
    }

    /// A whole number from `least` to `most`.
    pub(super) const fn whole(
        name: &'static str,
        default: u32,
        (least, most): (u32, u32),
        doc: &'static str,
    ) -> Self {
        let kind = OptionKind::Whole {
            default,
            least,
            most,
        };
        Self { name, kind, doc }
    }
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
    /// Whether something is so.
    Flag(bool),
    /// A text, such as a pattern; it must be given.
    Text,
    /// Texts; none when nothing is said.
    Texts,
    /// A JSON object, such as a JSON Schema; it must be given.
    Object,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OptionValue {
    /// A number.
    Number(f64),
    /// Whether something is so.
    Flag(bool),
    /// A word, a name or a text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A JSON object.
    Object(serde_json::Map<String, serde_json::Value>),
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
            Some(_) | None => f64::NAN,
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
            Some(_) | None => "",
        }
    }

    /// Those that differ from what they are when nothing is said, in the order of `specs`.
    pub fn given<'a>(
        &'a self,
        specs: &'a [OptionSpec],
    ) -> impl Iterator<Item = (&'static str, &'a OptionValue)> {
        specs.iter().filter_map(|spec| {
            let value = self.0.get(spec.name)?;
            (spec.default().as_ref() != Some(value)).then_some((spec.name, value))
        })
    }

    /// Those that differ from what they are when nothing is said, as `k=10, gain=exponential`.
    #[must_use]
    pub fn said(&self, specs: &[OptionSpec]) -> String {
        let said = self.given(specs);
        let said = said.map(|(name, value)| format!("{name}={value}"));
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
            OptionKind::Flag(default) => Some(OptionValue::Flag(default)),
            OptionKind::Texts => Some(OptionValue::Texts(Vec::new())),
            OptionKind::Text | OptionKind::Object => None,
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
            // A word may look like a number: `zero_division: 1`.
            (OptionKind::Choice(choices), OptionValue::Number(number))
                if choices.contains(&number.to_string().as_str()) =>
            {
                return Ok(OptionValue::Text(number.to_string()));
            }
            (OptionKind::Name(_) | OptionKind::Text, OptionValue::Text(text)) => !text.is_empty(),
            // A class may be called 1.
            (OptionKind::Name(_) | OptionKind::Text, OptionValue::Number(number)) => {
                return Ok(OptionValue::Text(number.to_string()));
            }
            (OptionKind::Flag(_), OptionValue::Flag(_))
            | (OptionKind::Texts, OptionValue::Texts(_))
            | (OptionKind::Object, OptionValue::Object(_)) => true,
            (_, _) => false,
        };
        if valid {
            return Ok(given.clone());
        }
        Err(format!("`{name}` is {given}, must be {}", self.kind))
    }
}

impl OptionValue {
    /// The value as JSON; numbers without a fraction as whole ones.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        /// Whole numbers up to here are exact in double precision.
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Number(number) if number.fract() == 0.0 && number.abs() <= WHOLE_MAX => {
                (*number as i64).into()
            }
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Texts(texts) => texts.as_slice().into(),
            Self::Object(object) => serde_json::Value::Object(object.clone()),
        }
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Text(text) => formatter.write_str(&shortened(text.clone())),
            Self::Texts(texts) if texts.is_empty() => formatter.write_str("none"),
            Self::Texts(texts) => formatter.write_str(&shortened(texts.join("|"))),
            Self::Object(object) => {
                let object = serde_json::Value::Object(object.clone());
                formatter.write_str(&digest(&object.to_string()))
            }
        }
    }
}

/// A value that fits into the name of a metric; a longer one as the start of its digest, which tells
/// two apart as well.
fn shortened(text: String) -> String {
    /// Characters a name of a metric can take without becoming unreadable.
    const CHARACTERS_MAX: usize = 60;
    if text.chars().count() <= CHARACTERS_MAX {
        return text;
    }
    digest(&text)
}

fn digest(text: &str) -> String {
    format!("sha256:{}", Sha256::of(text.as_bytes()).short())
}

/// Two bounds in words; those of double precision itself are none.
fn numbers_between(least: f64, most: f64) -> String {
    let above = match least {
        least if least <= f64::MIN => None,
        f64::MIN_POSITIVE => Some("above 0".to_owned()),
        least => Some(format!("of at least {}", readable(least))),
    };
    let below = (most < f64::MAX).then(|| readable(most));
    match (above, below) {
        (None, None) => "any finite number".to_owned(),
        (Some(above), None) => format!("a number {above}"),
        (None, Some(most)) => format!("a number of at most {most}"),
        (Some(above), Some(most)) if least == f64::MIN_POSITIVE => {
            format!("a number {above}, at most {most}")
        }
        (Some(_), Some(most)) => format!("a number from {} to {most}", readable(least)),
    }
}

/// The number with a power of ten where it would be a row of zeros.
fn readable(number: f64) -> String {
    if number == 0.0 || (1e-4..=1e6).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

impl fmt::Display for OptionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { least, most, .. } => {
                formatter.write_str(&numbers_between(*least, *most))
            }
            Self::Whole { least, most, .. } => {
                write!(formatter, "a whole number from {least} to {most}")
            }
            Self::Choice(choices) => write!(formatter, "one of `{}`", choices.join("`, `")),
            Self::Name(_) => formatter.write_str("a name"),
            Self::Flag(_) => formatter.write_str("`true` or `false`"),
            Self::Text => formatter.write_str("a text"),
            Self::Texts => formatter.write_str("a list of texts"),
            Self::Object => formatter.write_str("a JSON object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_numbers_are_readable() {
        let check = |least: f64, most: f64, expected: &str| {
            let default = least;
            let kind = OptionKind::Number {
                default,
                least,
                most,
            };
            assert_eq!(kind.to_string(), expected);
        };
        check(0.0, 1.0, "a number from 0 to 1");
        check(-10.0, 1e6, "a number from -10 to 1000000");
        check(-1e12, 1e12, "a number from -1e12 to 1e12");
        check(1e-6, 1.0, "a number from 1e-6 to 1");
        check(f64::MIN_POSITIVE, f64::MAX, "a number above 0");
        check(f64::MIN_POSITIVE, 1.0, "a number above 0, at most 1");
        check(1e-300, f64::MAX, "a number of at least 1e-300");
        check(0.0, f64::INFINITY, "a number of at least 0");
        check(f64::MIN, f64::MAX, "any finite number");
        check(f64::NEG_INFINITY, 2.0, "a number of at most 2");
    }

    #[test]
    fn no_range_of_a_metric_is_a_row_of_digits() {
        let specs = crate::metrics::all().flat_map(|metric| metric.options);
        for spec in specs {
            let range = spec.kind.to_string();
            assert!(range.len() < 200, "{}: {range}", spec.name);
        }
    }
}
