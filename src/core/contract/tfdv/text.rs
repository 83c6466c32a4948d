//! Protocol buffers in text format, read without their descriptors: fields with their places. What a
//! field means is for the reader of the schema to say.
//!
//! Follows the "Text Format Language Specification" of Protocol Buffers (protobuf.dev), without
//! extensions and `Any`, which schemas do not use.

use crate::contract::document::Position;
use crate::contract::problem::Problem;

/// Nesting allowed: far above any schema, far below the stack.
const DEPTH_MAX: usize = 64;

/// Fields allowed in one file.
const FIELDS_MAX: usize = 500_000;

/// A message: its fields in the order they are written.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) fields: Vec<Field>,
}

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) position: Position,
    pub(super) value: Node,
}

/// The value of a field.
#[derive(Debug)]
pub(super) enum Node {
    /// A message.
    Message(Message),
    /// A quoted text.
    Text(String),
    /// A number, or the name of an enumeration's value or of a boolean.
    Word(String),
}

/// Reads a text.
pub(super) fn parse(file: &str, text: &str) -> Result<Message, Problem> {
    let mut reader = Reader {
        file,
        rest: text.chars().peekable(),
        line: 1,
        column: 1,
        fields: 0,
    };
    let message = reader.message(None, 0)?;
    Ok(message)
}

impl Message {
    /// The fields called `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// The last field called `name`, which is the one that counts when a field is not repeated.
    pub(super) fn last(&self, name: &str) -> Option<&Field> {
        self.fields.iter().rev().find(|field| field.name == name)
    }

    /// A text or word.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.last(name)?.text()
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.trim_end_matches(['f', 'F']).parse().ok()
    }

    /// A truth value.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "True" | "t" | "1"))
    }

    /// A message.
    pub(super) fn message(&self, name: &str) -> Option<&Message> {
        self.last(name)?.message()
    }

    /// The texts of a repeated field.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.all(name)
            .filter_map(Field::text)
            .map(str::to_owned)
            .collect()
    }
}

impl Field {
    /// The text or word it holds.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Node::Text(text) | Node::Word(text) => Some(text),
            Node::Message(_) => None,
        }
    }

    /// The message it holds.
    pub(super) fn message(&self) -> Option<&Message> {
        match &self.value {
            Node::Message(message) => Some(message),
            Node::Text(_) | Node::Word(_) => None,
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
    column: u32,
    fields: usize,
}

type Parsed<T> = Result<T, Problem>;

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        if character == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(character)
    }

    fn position(&self, length: u32) -> Position {
        Position {
            line: self.line,
            column: self.column,
            length: length.max(1),
        }
    }

    fn problem<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(Problem::new(self.file, self.position(1), message))
    }

    fn skip_blank(&mut self) {
        while let Some(character) = self.peek() {
            if character == '#' {
                while !matches!(self.peek(), None | Some('\n')) {
                    self.next();
                }
            } else if character.is_whitespace() || character == '\u{feff}' {
                self.next();
            } else {
                return;
            }
        }
    }

    /// Reads fields up to the bracket that closes the message, or to the end of the text.
    fn message(&mut self, close: Option<char>, depth: usize) -> Parsed<Message> {
        if DEPTH_MAX < depth {
            return self.problem(format!("nested deeper than {DEPTH_MAX} levels"));
        }
        let mut message = Message::default();
        loop {
            self.skip_blank();
            match self.peek() {
                None if close.is_none() => return Ok(message),
                None => return self.problem("the text ends within a message"),
                Some(character) if Some(character) == close => {
                    self.next();
                    return Ok(message);
                }
                Some(_) => self.field(&mut message, depth)?,
            }
        }
    }

    fn field(&mut self, message: &mut Message, depth: usize) -> Parsed<()> {
        let start = self.position(1);
        let name = self.word();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            return self.problem("the name of a field is expected here");
        }
        let position = Position {
            length: u32::try_from(name.chars().count()).unwrap_or(1),
            ..start
        };
        self.skip_blank();
        let colon = self.peek() == Some(':');
        if colon {
            self.next();
            self.skip_blank();
        }
        if self.peek() == Some('[') && colon {
            self.next();
            self.list(&name, position, message, depth)?;
        } else {
            let value = self.value(colon, depth)?;
            self.push(message, &name, position, value)?;
        }
        self.skip_blank();
        if matches!(self.peek(), Some(',' | ';')) {
            self.next();
        }
        Ok(())
    }

    fn list(
        &mut self,
        name: &str,
        position: Position,
        message: &mut Message,
        depth: usize,
    ) -> Parsed<()> {
        loop {
            self.skip_blank();
            match self.peek() {
                Some(']') => {
                    self.next();
                    return Ok(());
                }
                Some(',') => {
                    self.next();
                }
                _ => {
                    let value = self.value(true, depth)?;
                    self.push(message, name, position, value)?;
                }
            }
        }
    }

    fn push(
        &mut self,
        message: &mut Message,
        name: &str,
        position: Position,
        value: Node,
    ) -> Parsed<()> {
        self.fields += 1;
        if FIELDS_MAX < self.fields {
            return self.problem(format!("more than {FIELDS_MAX} fields"));
        }
        message.fields.push(Field {
            name: name.to_owned(),
            position,
            value,
        });
        Ok(())
    }

    fn value(&mut self, scalar: bool, depth: usize) -> Parsed<Node> {
        match self.peek() {
            Some('{') => {
                self.next();
                Ok(Node::Message(self.message(Some('}'), depth + 1)?))
            }
            Some('<') => {
                self.next();
                Ok(Node::Message(self.message(Some('>'), depth + 1)?))
            }
            Some('"' | '\'') if scalar => {
                let mut text = Vec::new();
                while let Some(quote @ ('"' | '\'')) = self.peek() {
                    self.next();
                    self.quoted(quote, &mut text)?;
                    self.skip_blank();
                }
                Ok(Node::Text(String::from_utf8_lossy(&text).into_owned()))
            }
            _ if scalar => {
                let negative = self.peek() == Some('-');
                if negative {
                    self.next();
                    self.skip_blank();
                }
                let word = self.word();
                if word.is_empty() {
                    return self.problem("a value is expected here");
                }
                Ok(Node::Word(if negative { format!("-{word}") } else { word }))
            }
            _ => self.problem("`:` or `{` is expected after the name of a field"),
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(character) = self.peek() {
            // A sign belongs to a number only within its exponent.
            let in_exponent = matches!(character, '+' | '-')
                && word.ends_with(['e', 'E'])
                && word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
            if !(character.is_ascii_alphanumeric() || matches!(character, '_' | '.') || in_exponent)
            {
                break;
            }
            word.push(character);
            self.next();
        }
        word
    }

    fn quoted(&mut self, quote: char, text: &mut Vec<u8>) -> Parsed<()> {
        loop {
            match self.next() {
                Some(character) if character == quote => return Ok(()),
                Some('\\') => self.escape(text)?,
                Some('\n') | None => return self.problem("this text has no closing quote"),
                Some(character) => {
                    text.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Parsed<()> {
        let Some(character) = self.next() else {
            return self.problem("the text ends within an escape");
        };
        match character {
            'a' => text.push(7),
            'b' => text.push(8),
            'f' => text.push(12),
            'n' => text.push(b'\n'),
            'r' => text.push(b'\r'),
            't' => text.push(b'\t'),
            'v' => text.push(11),
            '\\' | '\'' | '"' | '?' => text.extend(character.to_string().as_bytes()),
            '0'..='7' => {
                let code = self.digits(character.to_digit(8).unwrap_or(0), 8, 2);
                text.push(u8::try_from(code & 0xff).unwrap_or(0));
            }
            'x' | 'X' => {
                let code = self.digits(0, 16, 2);
                text.push(u8::try_from(code & 0xff).unwrap_or(0));
            }
            'u' => self.code_point(4, text)?,
            'U' => self.code_point(8, text)?,
            _ => return self.problem(format!("the escape `\\{character}` is not known")),
        }
        Ok(())
    }

    fn code_point(&mut self, digits: usize, text: &mut Vec<u8>) -> Parsed<()> {
        let code = self.digits(0, 16, digits);
        match char::from_u32(code) {
            Some(character) => {
                text.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                Ok(())
            }
            None => self.problem("this escape is no character"),
        }
    }

    fn digits(&mut self, first: u32, radix: u32, count: usize) -> u32 {
        let mut code = first;
        for _ in 0..count {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(radix)) else {
                break;
            };
            code = code.wrapping_mul(radix).wrapping_add(digit);
            self.next();
        }
        code
    }
}
