//! The `kwargs` of one expectation: each is taken by what it means, and what nobody took is refused, so
//! that no word of a suite is passed over.

use serde_json::{Map, Value as Json};

use crate::evidence::Bound;
use crate::measure::Scalar;

/// Arguments that say how results are shown or were made, and change no verdict.
const WITHOUT_MEANING: [&str; 10] = [
    "auto",
    "batch_id",
    "catch_exceptions",
    "description",
    "include_config",
    "meta",
    "notes",
    "profiler_config",
    "result_format",
    "severity",
];

/// The arguments not yet taken.
#[derive(Debug)]
pub(super) struct Arguments {
    left: Map<String, Json>,
    dataset: String,
}

type Taken<T> = Result<T, String>;

impl Arguments {
    /// All arguments of an expectation, parameters put in.
    pub(super) fn new(arguments: Map<String, Json>, dataset: &str) -> Self {
        Self {
            left: arguments,
            dataset: dataset.to_owned(),
        }
    }

    /// The dataset the suite is held against.
    pub(super) fn dataset(&self) -> &str {
        &self.dataset
    }

    /// What is said under a key; a null says nothing.
    pub(super) fn any(&mut self, key: &str) -> Option<Json> {
        self.left.remove(key).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str) -> Taken<Option<String>> {
        match self.any(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(key, &other, "a text")),
        }
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, key: &str) -> Taken<String> {
        self.text(key)?.ok_or_else(|| missing(key))
    }

    /// A finite number.
    pub(super) fn number(&mut self, key: &str) -> Taken<Option<f64>> {
        match self.any(key) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) if number.is_finite() => Ok(Some(number)),
                Some(_) | None => Err(wrong(key, &value, "a finite number")),
            },
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, key: &str) -> Taken<Option<u64>> {
        match self.number(key)? {
            Some(number) if 0.0 <= number && number.fract() == 0.0 && number < 9e15 => {
                Ok(Some(number as u64))
            }
            Some(number) => Err(format!("`{key}` is {number}, which is no count")),
            None => Ok(None),
        }
    }

    /// A flag; false when it is not set.
    pub(super) fn flag(&mut self, key: &str) -> Taken<bool> {
        match self.any(key) {
            None => Ok(false),
            Some(Json::Bool(value)) => Ok(value),
            Some(other) => Err(wrong(key, &other, "`true` or `false`")),
        }
    }

    /// A list.
    pub(super) fn list(&mut self, key: &str) -> Taken<Option<Vec<Json>>> {
        match self.any(key) {
            None => Ok(None),
            Some(Json::Array(items)) => Ok(Some(items)),
            Some(other) => Err(wrong(key, &other, "a list")),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &str) -> Taken<Option<Vec<String>>> {
        let Some(items) = self.list(key)? else {
            return Ok(None);
        };
        let text = |item: Json| match item {
            Json::String(text) => Ok(text),
            other => Err(wrong(key, &other, "a text")),
        };
        items.into_iter().map(text).collect::<Taken<_>>().map(Some)
    }

    /// A list of texts that must be there.
    pub(super) fn needed_texts(&mut self, key: &str) -> Taken<Vec<String>> {
        self.texts(key)?.ok_or_else(|| missing(key))
    }

    /// `mostly`: the least fraction of values that meet the expectation, 1 by default.
    pub(super) fn mostly(&mut self) -> Taken<f64> {
        match self.number("mostly")? {
            None => Ok(1.0),
            Some(mostly) if (0.0..=1.0).contains(&mostly) => Ok(mostly),
            Some(mostly) => Err(format!("`mostly` is {mostly}, required between 0 and 1")),
        }
    }

    /// `min_value` and `max_value` as numbers.
    pub(super) fn ends(&mut self) -> Taken<[Option<f64>; 2]> {
        Ok([self.number("min_value")?, self.number("max_value")?])
    }

    /// `strict_min` and `strict_max`.
    pub(super) fn strict(&mut self) -> Taken<[bool; 2]> {
        Ok([self.flag("strict_min")?, self.flag("strict_max")?])
    }

    /// That there is a bound at all, and that its ends are in order.
    pub(super) fn needed_bounds(&self, bounds: Vec<Bound>) -> Taken<Vec<Bound>> {
        match bounds.as_slice() {
            [] => Err("`min_value` and `max_value` are both missing".to_owned()),
            [..] => Ok(bounds),
        }
    }

    /// That nothing is left whose meaning is not known.
    pub(super) fn finish(self) -> Taken<()> {
        let unknown: Vec<String> = self
            .left
            .into_iter()
            .filter(|(key, value)| !value.is_null() && !WITHOUT_MEANING.contains(&key.as_str()))
            .map(|(key, _)| format!("`{key}`"))
            .collect();
        match unknown.as_slice() {
            [] => Ok(()),
            some => Err(format!("the argument {} is not supported", some.join(", "))),
        }
    }
}

/// A constant of a suite.
pub(super) fn scalar(key: &str, value: &Json) -> Taken<Scalar> {
    Scalar::from_json(value).ok_or_else(|| wrong(key, value, "a single value"))
}

/// That an argument is not there.
pub(super) fn missing(key: &str) -> String {
    format!("the argument `{key}` is missing")
}

fn wrong(key: &str, value: &Json, wanted: &str) -> String {
    /// Characters of a value shown.
    const SHOWN_MAX: usize = 80;
    let shown: String = value.to_string().chars().take(SHOWN_MAX).collect();
    format!("`{key}` is `{shown}`, required {wanted}")
}
