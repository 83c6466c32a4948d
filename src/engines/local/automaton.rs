//! The whole automaton of an expression, worked out before it is used on many texts: a step for each byte and
//! nothing around it, and several texts in step, so that one need not wait for the other.

use std::sync::Arc;

use regex_automata::Input;
use regex_automata::dfa::dense::{Config, DFA};
use regex_automata::dfa::{Automaton as _, StartKind};
use regex_automata::util::primitives::StateID;

use super::text::TOGETHER;

/// Bytes an automaton may take: what fits the second-level cache.
const BYTES_MAX: usize = 256 << 10;

/// Bytes that working it out may take.
const WORK_BYTES_MAX: usize = 1 << 20;

/// The automaton of an expression.
#[derive(Clone)]
pub(super) struct Automaton {
    states: Arc<DFA<Vec<u32>>>,
    start: StateID,
}

impl Automaton {
    /// The automaton; `None` when it would be too large, or cannot say all that the expression says.
    pub(super) fn of(expression: &str) -> Option<Self> {
        let parsed = regex_syntax::parse(expression).ok()?;
        // An empty match may fall between the bytes of a character, where it counts for none.
        parsed
            .properties()
            .minimum_len()
            .filter(|bytes| 0 < *bytes)?;
        let config = Config::new()
            .start_kind(StartKind::Unanchored)
            .accelerate(false)
            .dfa_size_limit(Some(BYTES_MAX))
            .determinize_size_limit(Some(WORK_BYTES_MAX));
        let states = DFA::builder().configure(config).build(expression).ok()?;
        let start = states.start_state_forward(&Input::new("")).ok()?;
        Some(Self {
            states: Arc::new(states),
            start,
        })
    }

    /// Whether each text matches; `None` where that is left open.
    pub(super) fn are_matches(&self, texts: [&str; TOGETHER]) -> [Option<bool>; TOGETHER] {
        let states = &*self.states;
        let texts = texts.map(str::as_bytes);
        let in_step = texts.map(<[u8]>::len).into_iter().min().unwrap_or(0);
        let [a, b, c, d] = texts.map(|text| text.get(..in_step).unwrap_or_default());
        let mut at = [self.start; TOGETHER];
        let mut steps = 0;
        if !states.is_special_state(self.start) {
            for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
                at = [
                    states.next_state(at[0], *a),
                    states.next_state(at[1], *b),
                    states.next_state(at[2], *c),
                    states.next_state(at[3], *d),
                ];
                steps += 1;
                if at.iter().any(|state| states.is_special_state(*state)) {
                    break;
                }
            }
        }
        let mut texts = texts.into_iter();
        at.map(|state| self.goes_on(state, texts.next()?.get(steps..)?))
    }

    /// Whether a text matches of which this is left.
    fn goes_on(&self, mut state: StateID, rest: &[u8]) -> Option<bool> {
        let mut rest = rest.iter();
        loop {
            if self.states.is_special_state(state) {
                if self.states.is_match_state(state) {
                    return Some(true);
                }
                if self.states.is_dead_state(state) {
                    return Some(false);
                }
                if self.states.is_quit_state(state) {
                    return None;
                }
            }
            state = match rest.next() {
                Some(byte) => self.states.next_state(state, *byte),
                None => break,
            };
        }
        let end = self.states.next_eoi_state(state);
        Some(self.states.is_match_state(end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXPRESSIONS: [&str; 9] = [
        r"\A(?:^[a-z0-9._]+@[a-z0-9-]+\.(com|org|net|io)$)\z",
        r"^[a-c0-9._]+@[a-c-]+\.(a|bc)$",
        "[ab]+c",
        "(?i)straße|ab",
        "a.b",
        r"\A[^a]+$",
        r"(?-u:\b)a",
        r"ab{2,3}|c$",
        "(?m)^a$",
    ];

    proptest! {
        #[test]
        fn an_automaton_matches_what_its_expression_matches(
            texts in prop::array::uniform4("[abcABß@.\\-0-9\n ]{0,12}"),
            expression in prop::sample::select(EXPRESSIONS.to_vec()),
        ) {
            let automaton = Automaton::of(expression).expect("small enough");
            let regex = regex::Regex::new(expression).expect("an expression");
            let texts = texts.each_ref().map(String::as_str);
            for (found, text) in automaton.are_matches(texts).into_iter().zip(texts) {
                prop_assert_eq!(found.unwrap_or_else(|| regex.is_match(text)), regex.is_match(text));
            }
        }
    }

    #[test]
    fn what_is_too_large_or_may_be_empty_has_no_automaton() {
        assert!(Automaton::of(r"\w{200}").is_none());
        assert!(Automaton::of("a*").is_none());
        assert!(Automaton::of("(").is_none());
    }
}
