//! The words, names, numbers and signs of a line.

use super::Wrong;
use crate::measure::keeps;

/// Characters a line may have; those people write have dozens.
const CHARACTERS_MAX: usize = 4_096;

/// A line that is read from the left.
pub(super) struct Reader {
    pub(super) characters: Vec<char>,
    pub(super) at: usize,
}

/// What was read, or what is wrong.
pub(super) type Read<T> = Result<T, Wrong>;

impl Reader {
    pub(super) fn new(text: &str) -> Read<Self> {
        let characters: Vec<char> = text.chars().take(CHARACTERS_MAX + 1).collect();
        if CHARACTERS_MAX < characters.len() {
            return Err(Wrong {
                at: CHARACTERS_MAX,
                message: format!("a check line has at most {CHARACTERS_MAX} characters"),
            });
        }
        Ok(Self { characters, at: 0 })
    }

    pub(super) fn number(&mut self) -> Read<f64> {
        self.spaces();
        let start = self.at;
        if self.peek().is_some_and(|next| matches!(next, '+' | '-')) {
            self.at += 1;
        }
        while self
            .peek()
            .is_some_and(|next| next.is_ascii_digit() || next == '.')
        {
            self.at += 1;
        }
        let text: String = self.characters[start..self.at].iter().collect();
        let digits = text.trim_start_matches('+');
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() && keeps(number, digits) => Ok(number),
            Ok(_) | Err(_) => {
                self.at = start;
                self.wrong("expected a number")
            }
        }
    }

    /// A name as it stands, or in the quotes of an SQL dialect.
    pub(super) fn name(&mut self, what: &str) -> Read<String> {
        self.spaces();
        let quote = match self.peek() {
            Some('"') => Some('"'),
            Some('`') => Some('`'),
            Some('[') => Some(']'),
            Some(_) | None => None,
        };
        let start = self.at;
        if let Some(quote) = quote {
            self.at += 1;
            while self.peek().is_some_and(|next| next != quote) {
                self.at += 1;
            }
            if self.peek().is_none() {
                self.at = start;
                return self.wrong(&format!("the quoted name does not end with `{quote}`"));
            }
            let name = self.characters[start + 1..self.at].iter().collect();
            self.at += 1;
            return Ok(name);
        }
        while self.peek().is_some_and(|next| {
            next.is_alphanumeric() || matches!(next, '_' | '.' | '$' | '{' | '}' | '-')
        }) {
            self.at += 1;
        }
        if start == self.at {
            return self.wrong(&format!("expected {what}"));
        }
        Ok(self.characters[start..self.at].iter().collect())
    }

    /// Takes these words, with any spaces between and before them, if they come next as whole words.
    pub(super) fn words(&mut self, words: &str) -> bool {
        let start = self.at;
        for word in words.split(' ') {
            self.spaces();
            let fits = word
                .chars()
                .enumerate()
                .all(|(index, wanted)| self.characters.get(self.at + index) == Some(&wanted));
            let after = self.characters.get(self.at + word.chars().count());
            if !fits || after.is_some_and(|next| next.is_alphanumeric() || *next == '_') {
                self.at = start;
                return false;
            }
            self.at += word.chars().count();
        }
        true
    }

    /// Takes a sign, with any spaces before it, if it comes next.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let start = self.at;
        self.spaces();
        let fits = sign
            .chars()
            .enumerate()
            .all(|(index, wanted)| self.characters.get(self.at + index) == Some(&wanted));
        self.at = if fits {
            self.at + sign.chars().count()
        } else {
            start
        };
        fits
    }

    pub(super) fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    pub(super) fn end(&mut self) -> Read<()> {
        self.spaces();
        if self.at == self.characters.len() {
            Ok(())
        } else {
            self.wrong("did not expect more here")
        }
    }

    pub(super) fn wrong<T>(&self, message: &str) -> Read<T> {
        Err(Wrong {
            at: self.at,
            message: message.to_owned(),
        })
    }
}
