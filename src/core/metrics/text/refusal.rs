//! How often a model declines to answer, by patterns.

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::matching::compiled;
use super::{InvalidOptions, Kernel, Statistics, TextMetric, parse, python};
use crate::metrics::options::OptionKind;
use crate::metrics::{Direction, OptionSpec, Undefined};

/// The patterns, with what each is for.
const PATTERNS: &str = include_str!("refusal_patterns.txt");

/// Characters of an answer that are looked at: a refusal is said at once.
const CHARACTERS: usize = 300;

/// Share of refusals.
pub const REFUSAL_RATE: TextMetric = TextMetric {
    // `refusal_rate` is that of a column: the verdict of a judge.
    id: "refusal_pattern_rate",
    title: "Refusals by pattern",
    // Bad on questions that should be answered, good on those that should not.
    direction: Direction::Neither,
    range: (0.0, 1.0),
    definition: "share of answers whose first 300 characters match a pattern of refusal, case ignored and typographic apostrophes read as `'`; English only; refusals in other words are missed and a quoted refusal is counted, so a judge is better where there is one; an empty answer is no refusal",
    reference: "`src/core/metrics/text/refusal_patterns.txt`",
    options: &[
        OptionSpec {
            name: "patterns",
            kind: OptionKind::Texts,
            doc: "regular expressions of a refusal, instead of the built-in ones",
        },
        OptionSpec::whole(
            "characters",
            CHARACTERS as u32,
            (1, 1_000_000),
            "how many characters of an answer are looked at",
        ),
    ],
    recorded: false,
    build,
};

/// Options of [`REFUSAL_RATE`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RefusalRate {
    /// Patterns of a refusal, instead of the built-in ones.
    pub patterns: Vec<String>,
    /// How many characters of an answer are looked at.
    pub characters: usize,
}

impl Default for RefusalRate {
    fn default() -> Self {
        Self {
            patterns: Vec::new(),
            characters: CHARACTERS,
        }
    }
}

/// The built-in patterns.
fn built_in() -> impl Iterator<Item = &'static str> {
    let lines = PATTERNS
        .lines()
        .map(|line| line.trim_matches(python::is_space));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[derive(Debug)]
struct Refusals {
    pattern: Regex,
    characters: usize,
}

fn build(options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options: RefusalRate = parse(options)?;
    let own: Vec<&str> = options.patterns.iter().map(String::as_str).collect();
    let patterns = if own.is_empty() {
        built_in().collect()
    } else {
        own
    };
    // Each on its own first, so that the message names the one that is wrong.
    for pattern in &patterns {
        compiled(pattern, true)?;
    }
    let any: Vec<_> = patterns
        .iter()
        .map(|pattern| format!("(?:{pattern})"))
        .collect();
    Ok(Box::new(Refusals {
        pattern: compiled(&any.join("|"), true)?,
        characters: options.characters,
    }))
}

impl Kernel for Refusals {
    fn row(&self, _: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let start = hypothesis.trim_start_matches(python::is_space).chars();
        let plain = start
            .take(self.characters)
            .map(|character| match character {
                '\u{2019}' | '\u{2018}' | '\u{b4}' | '`' => '\'',
                other => other,
            });
        Ok(Statistics::of_bool(
            self.pattern.is_match(&plain.collect::<String>()),
        ))
    }

    fn needs_references(&self) -> bool {
        false
    }
}
