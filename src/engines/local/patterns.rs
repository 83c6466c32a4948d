//! Regular expressions, each compiled once.

use std::collections::HashMap;
use std::sync::Mutex;

use super::automaton::Automaton;
use super::text::TOGETHER;
use crate::measure::Pattern;

/// Bytes a compiled expression may take: `regex`'s own default.
const COMPILED_BYTES_MAX: usize = 10 << 20;

/// Steps of backtracking for one text, where an expression needs it.
const STEPS_MAX: usize = 100_000;

/// Texts for which it pays to work out the whole automaton of an expression.
const TEXTS_MIN: usize = 4_096;

/// The expressions of one measurement.
#[derive(Default)]
pub(super) struct Patterns {
    compiled: Mutex<HashMap<Pattern, Result<Matcher, String>>>,
    /// Those worked out for many texts; `None` where there is none.
    automata: Mutex<HashMap<Pattern, Option<Automaton>>>,
}

/// A compiled expression.
#[derive(Clone)]
pub(super) enum Matcher {
    /// In linear time.
    Linear(regex::Regex),
    /// In one step for each byte; the other says what the automaton leaves open.
    Automaton(Automaton, regex::Regex),
    /// With look-around or back-references.
    Backtracking(std::sync::Arc<fancy_regex::Regex>),
}

impl Patterns {
    /// The compiled pattern for so many texts, or why there is none. Each caller gets its own, whose scratch
    /// space no other thread waits for.
    pub(super) fn get(&self, pattern: &Pattern, texts: usize) -> Result<Matcher, String> {
        let matcher = self.compiled(pattern)?;
        if texts < TEXTS_MIN {
            return Ok(matcher);
        }
        let Matcher::Linear(regex) = matcher else {
            return Ok(matcher);
        };
        let mut automata = self
            .automata
            .lock()
            .map_err(|_| "the patterns are locked".to_owned())?;
        let automaton = automata
            .entry(pattern.clone())
            .or_insert_with(|| Automaton::of(&pattern.anchored()));
        Ok(match automaton {
            Some(automaton) => Matcher::Automaton(automaton.clone(), regex),
            None => Matcher::Linear(regex),
        })
    }

    fn compiled(&self, pattern: &Pattern) -> Result<Matcher, String> {
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
            Self::Linear(regex) | Self::Automaton(_, regex) => Some(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).ok(),
        }
    }

    /// Whether each of these texts matches, and false beyond them; `None` when that took too many steps to
    /// find out for one.
    pub(super) fn are_matches(&self, texts: &[&str]) -> Option<[bool; TOGETHER]> {
        let mut outcomes = [false; TOGETHER];
        if let (Self::Automaton(automaton, regex), Ok(texts)) =
            (self, <[&str; TOGETHER]>::try_from(texts))
        {
            let found = automaton.are_matches(texts);
            for ((outcome, found), text) in outcomes.iter_mut().zip(found).zip(texts) {
                *outcome = found.unwrap_or_else(|| regex.is_match(text));
            }
            return Some(outcomes);
        }
        for (outcome, text) in outcomes.iter_mut().zip(texts) {
            *outcome = self.is_match(text)?;
        }
        Some(outcomes)
    }
}
