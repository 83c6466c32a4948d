//! Answers that must contain, start with or match something.

use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvalidOptions, Kernel, Statistics, TextMetric, parse};
use crate::metrics::options::OptionKind;
use crate::metrics::{Direction, OptionSpec, Undefined};

const IGNORE_CASE: OptionSpec = OptionSpec::flag("ignore_case", "whether case is ignored");

const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "texts",
        kind: OptionKind::Texts,
        doc: "what is looked for, instead of the references",
    },
    OptionSpec::flag("all", "whether every text is needed rather than any"),
    IGNORE_CASE,
];

/// Answers that contain a text.
pub const CONTAINS: TextMetric = TextMetric {
    id: "contains",
    title: "Contains",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of answers that contain one of the texts, character by character; every answer contains the empty text",
    reference: "Python's `text in answer`",
    options: OPTIONS,
    recorded: false,
    build: |options| build(Place::Anywhere, options),
};

/// Answers that start with a text.
pub const STARTS_WITH: TextMetric = TextMetric {
    id: "starts_with",
    title: "Starts with",
    definition: "share of answers that start with one of the texts, character by character; every answer starts with the empty text",
    reference: "Python's `answer.startswith(text)`",
    build: |options| build(Place::Start, options),
    ..CONTAINS
};

/// Answers that match a pattern.
pub const REGEX_MATCH: TextMetric = TextMetric {
    id: "regex_match",
    title: "Matches the pattern",
    definition: "share of answers in which the pattern is found, or that it matches as a whole with `full`",
    reference: "the crate regex 1: linear time, Unicode classes, no look-around and no back-references; on what both know, Python's `re.search` and `re.fullmatch`",
    options: &[
        OptionSpec {
            name: "pattern",
            kind: OptionKind::Text,
            doc: "the regular expression",
        },
        OptionSpec::flag("full", "whether the whole answer must match"),
        IGNORE_CASE,
    ],
    build: build_pattern,
    ..CONTAINS
};

/// Options of [`CONTAINS`] and [`STARTS_WITH`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// What is looked for, instead of the references.
    pub texts: Vec<String>,
    /// Whether every one is needed, not any.
    pub all: bool,
    /// Whether case is ignored.
    pub ignore_case: bool,
}

/// Options of [`REGEX_MATCH`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegexMatch {
    /// The pattern.
    pub pattern: String,
    /// Whether the whole answer must match.
    #[serde(default)]
    pub full: bool,
    /// Whether case is ignored.
    #[serde(default)]
    pub ignore_case: bool,
}

/// Where a text must be.
#[derive(Clone, Copy, Debug)]
enum Place {
    Anywhere,
    Start,
}

#[derive(Debug)]
struct Holds {
    place: Place,
    options: TextOptions,
}

fn build(place: Place, options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options = parse(options)?;
    Ok(Box::new(Holds { place, options }))
}

impl Kernel for Holds {
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let own: Vec<&str> = self.options.texts.iter().map(String::as_str).collect();
        let texts = if own.is_empty() { references } else { &own };
        let hypothesis = self.cased(hypothesis);
        let found = |text: &&str| match self.place {
            Place::Anywhere => hypothesis.contains(&self.cased(text)),
            Place::Start => hypothesis.starts_with(&self.cased(text)),
        };
        Ok(Statistics::of_bool(match self.options.all {
            true => texts.iter().all(found),
            false => texts.iter().any(found),
        }))
    }

    fn needs_references(&self) -> bool {
        self.options.texts.is_empty()
    }
}

impl Holds {
    fn cased(&self, text: &str) -> String {
        if self.options.ignore_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }
}

#[derive(Debug)]
struct Matches(Regex);

fn build_pattern(options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options: RegexMatch = parse(options)?;
    let whole = format!(r"\A(?:{})\z", options.pattern);
    let pattern = if options.full {
        &whole
    } else {
        &options.pattern
    };
    Ok(Box::new(Matches(compiled(pattern, options.ignore_case)?)))
}

/// The pattern, ready; the crate limits the size it may take.
pub(super) fn compiled(pattern: &str, ignore_case: bool) -> Result<Regex, InvalidOptions> {
    let built = RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .build();
    built.map_err(|error| InvalidOptions(format!("`{pattern}` is not a pattern: {error}")))
}

impl Kernel for Matches {
    fn row(&self, _: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        Ok(Statistics::of_bool(self.0.is_match(hypothesis)))
    }

    fn needs_references(&self) -> bool {
        false
    }
}
