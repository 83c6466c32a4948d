//! Classes of characters in Python's regular expressions: `[a-z\d]`.

use super::{Done, Reader};

impl Reader {
    pub(super) fn class(&mut self) -> Done {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.next += 1;
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(character) = self.take() else {
                return Err("has a class `[` without end".to_owned());
            };
            if character == ']' && !first {
                self.plain(']', true);
                return Ok(());
            }
            first = false;
            self.class_item(character)?;
        }
    }

    /// One character, one range or one class of characters.
    fn class_item(&mut self, character: char) -> Done {
        let Some(start) = self.class_character(character)? else {
            return Ok(());
        };
        let range = self.peek() == Some('-')
            && self
                .characters
                .get(self.next + 1)
                .is_some_and(|end| *end != ']');
        self.class_literal(start);
        if !range {
            return Ok(());
        }
        self.next += 1;
        let end = self.take().unwrap_or(']');
        self.out.push('-');
        match self.class_character(end)? {
            Some(end) if start <= end => {
                self.class_literal(end);
                Ok(())
            }
            _ => Err("has no range where a class has `-`".to_owned()),
        }
    }

    /// The character meant; `None` when a class of characters was written out.
    fn class_character(&mut self, character: char) -> Result<Option<char>, String> {
        if character != '\\' {
            return Ok(Some(character));
        }
        let Some(escaped) = self.take() else {
            return Err("ends with a backslash".to_owned());
        };
        match escaped {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                self.out.push('\\');
                self.out.push(escaped);
                Ok(None)
            }
            'b' => Ok(Some('\u{8}')),
            octal @ '1'..='7' => {
                self.next -= 1;
                let rest = self.characters.get(self.next..).unwrap_or_default();
                let digits = rest.iter().take(3).take_while(|digit| digit.is_digit(8));
                let digits = digits.count();
                if digits < 3 {
                    return Err(format!("has the escape `\\{octal}` in a class"));
                }
                self.code_point_of(digits, 8).map(Some)
            }
            other => self.character_escape(other).map(Some),
        }
    }

    /// Written so that no sign has a meaning of its own between brackets.
    fn class_literal(&mut self, character: char) {
        if character.is_ascii_punctuation() && !matches!(character, '<' | '>') {
            self.out.push('\\');
        }
        self.out.push(character);
    }
}
