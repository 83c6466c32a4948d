//! Regular expressions, each compiled once.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::measure::Pattern;

/// Bytes a compiled expression may take: `regex`'s own default.
const COMPILED_BYTES_MAX: usize = 10 << 20;

/// Steps of backtracking for one text, where an expression needs it.
const STEPS_MAX: usize = 100_000;

/// The expressions of one measurement.
#[derive(Default)]
pub(super) struct Patterns {
    compiled: Mutex<HashMap<Pattern, Result<Matcher, String>>>,
}

/// A compiled expression.
#[derive(Clone)]
pub(super) enum Matcher {
    /// In linear time.
    Linear(regex::Regex),
    /// With look-around or back-references.
    Backtracking(std::sync::Arc<fancy_regex::Regex>),
}

impl Patterns {
    /// The compiled pattern, or why there is none. Each caller gets its own, whose scratch space no
    /// other thread waits for.
    pub(super) fn get(&self, pattern: &Pattern) -> Result<Matcher, String> {
        let mut compiled = self
            .compiled
            .lock()
            .map_err(|_| "the patterns are locked".to_owned())?;
        compiled
            .entry(pattern.clone())
            .or_insert_with(|| compile(pattern))
            .clone()
    }
}

fn compile(pattern: &Pattern) -> Result<Matcher, String> {
    let expression = pattern.anchored();
    let linear = regex::RegexBuilder::new(&expression)
        .size_limit(COMPILED_BYTES_MAX)
        .build();
    if let Ok(regex) = linear {
        return Ok(Matcher::Linear(regex));
    }
    fancy_regex::RegexBuilder::new(&expression)
        .backtrack_limit(STEPS_MAX)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .build()
        .map(|regex| Matcher::Backtracking(std::sync::Arc::new(regex)))
        .map_err(|error| {
            format!(
                "the pattern `{}` cannot be run: {error}",
                pattern.expression
            )
        })
}

impl Matcher {
    /// Whether the text matches; `None` when that took too many steps to find out.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        match self {
            Self::Linear(regex) => Some(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).ok(),
        }
    }
}
