//! YAML text as a tree of values with the place of each: so that every problem can be pointed at.
//!
//! Plain scalars follow the YAML 1.2 core schema: `no` and `on` are texts, `2026-11-01` is a text.
//! Anchors and aliases work within a budget; tags other than the core ones, merge keys and several
//! documents in one file do not.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::evidence::Location;
use crate::measure::keeps;

/// Nesting allowed: far above any configuration, far below the stack.
const DEPTH_MAX: usize = 64;

/// Nodes allowed after aliases are expanded, so that a few lines cannot become gigabytes.
const NODES_MAX: usize = 500_000;

/// A YAML document.
#[derive(Debug)]
pub struct Document {
    /// Name of the file, as the user gave it.
    pub file: String,
    /// The text.
    pub text: String,
    /// The values.
    pub value: Value,
    /// Where the node of each JSON pointer stands; for a member of a mapping, its key.
    positions: HashMap<String, Position>,
    /// Where the value of each member of a mapping stands.
    values: HashMap<String, Position>,
}

/// A place in the text: line and column from 1, length in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters, at least 1, within the line.
    pub length: u32,
}

impl Document {
    /// Parses `text`, read from `file`.
    ///
    /// # Errors
    /// When the text is not YAML, uses what is not supported, or repeats a key.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut builder = Builder {
            file,
            parser: Parser::new_from_str_with_options(
                text,
                granit_parser::options! { emit_comments: false },
            ),
            positions: HashMap::new(),
            values: HashMap::new(),
            anchors: HashMap::new(),
            nodes: 0,
            problems: Vec::new(),
        };
        let value = builder.document();
        let Builder {
            positions,
            values,
            mut problems,
            ..
        } = builder;
        match value {
            Ok(value) if problems.is_empty() => Ok(Self {
                file: file.to_owned(),
                text: text.to_owned(),
                value,
                positions,
                values,
            }),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    /// The position of the node at a JSON pointer, or of the nearest node above it.
    #[must_use]
    pub fn position(&self, pointer: &str) -> Position {
        let mut pointer = pointer;
        loop {
            if let Some(position) = self.positions.get(pointer) {
                return *position;
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return Position::START,
            }
        }
    }

    /// The position of the value at a JSON pointer; of its key when the value is empty.
    #[must_use]
    pub fn value_position(&self, pointer: &str) -> Position {
        let value = self.values.get(pointer).copied();
        value.unwrap_or_else(|| self.position(pointer))
    }

    /// The location of `gate.metrics[0].at_least`, or of the nearest node above it.
    #[must_use]
    pub fn locate(&self, path: &str) -> Location {
        let position = self.position(&pointer_of(path));
        Location {
            file: self.file.clone(),
            line: position.line,
            column: position.column,
        }
    }

    /// The part of the document at a JSON pointer as a document of its own, with other values there:
    /// those a program filled in, say.
    #[must_use]
    pub(super) fn part(&self, pointer: &str, value: Value) -> Self {
        let below = |positions: &HashMap<String, Position>| {
            let inner = positions.iter().filter_map(|(at, position)| {
                let rest = at.strip_prefix(pointer)?;
                (rest.is_empty() || rest.starts_with('/')).then(|| (rest.to_owned(), *position))
            });
            inner.collect()
        };
        Self {
            file: self.file.clone(),
            text: self.text.clone(),
            value,
            positions: below(&self.positions),
            values: below(&self.values),
        }
    }

    /// A problem at a JSON pointer.
    #[must_use]
    pub fn problem(&self, pointer: &str, message: impl Into<String>) -> Problem {
        Problem::new(&self.file, self.position(pointer), message)
    }
}

impl Position {
    pub(super) const START: Self = Self {
        line: 1,
        column: 1,
        length: 1,
    };

    fn of(span: &Span) -> Self {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let length = if span.end.line() == line {
            span.end.col().saturating_sub(span.start.col()).max(1)
        } else {
            1
        };
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: small(line.max(1)),
            column: small(column),
            length: small(length),
        }
    }
}

/// `gate.metrics[0].at_least` → `/gate/metrics/0/at_least`.
#[must_use]
pub fn pointer_of(path: &str) -> String {
    let mut pointer = String::new();
    for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
        pointer.push('/');
        pointer.push_str(&escape(part.trim_end_matches(']')));
    }
    pointer
}

/// A key as it stands in a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

type Parsed<T> = Result<T, Problem>;

struct Builder<'text> {
    file: &'text str,
    parser: Parser<'text, granit_parser::StrInput<'text>>,
    positions: HashMap<String, Position>,
    values: HashMap<String, Position>,
    anchors: HashMap<usize, Value>,
    nodes: usize,
    problems: Vec<Problem>,
}

impl<'text> Builder<'text> {
    fn next(&mut self) -> Parsed<(Event<'text>, Span)> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let span = Span::new(*error.marker(), *error.marker());
                Err(self.problem(&span, format!("not YAML: {}", error.info())))
            }
            None => Err(Problem::new(
                self.file,
                Position::START,
                "the document ends early",
            )),
        }
    }

    fn problem(&self, span: &Span, message: impl Into<String>) -> Problem {
        Problem::new(self.file, Position::of(span), message)
    }

    fn document(&mut self) -> Parsed<Value> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd => {
                    return Err(self.problem(&span, "the file is empty"));
                }
                other => {
                    let value = self.node(other, &span, "", 0)?;
                    self.end()?;
                    return Ok(value);
                }
            }
        }
    }

    fn end(&mut self) -> Parsed<()> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(()),
                _ => {
                    return Err(
                        self.problem(&span, "a second document starts here; one is expected")
                    );
                }
            }
        }
    }

    fn node(
        &mut self,
        event: Event<'text>,
        span: &Span,
        pointer: &str,
        depth: usize,
    ) -> Parsed<Value> {
        if DEPTH_MAX < depth {
            return Err(self.problem(span, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        self.count(span, 1)?;
        self.positions
            .entry(pointer.to_owned())
            .or_insert_with(|| Position::of(span));
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = match plain {
                    true => self.plain_scalar(span, &text),
                    false => Value::String(text.into_owned()),
                };
                (value, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(pointer, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(pointer, depth)?, anchor),
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.problem(span, "this alias has no anchor before it"));
                };
                self.count(span, size(&value))?;
                (value, 0)
            }
            _ => return Err(self.problem(span, "a value is expected here")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    /// A plain scalar. A number is never rounded without a word.
    fn plain_scalar(&mut self, span: &Span, text: &str) -> Value {
        let value = plain_scalar(text);
        let digits = text.strip_prefix('+').unwrap_or(text);
        if let Value::Number(number) = &value
            && let Some(float) = number.as_f64().filter(|_| number.is_f64())
            && !keeps(float, digits)
        {
            let message = format!("`{text}` has more digits than a number keeps, which is {float}");
            let hint = "write it in quotes to keep them, or with fewer";
            self.problems.push(self.problem(span, message).hint(hint));
        }
        value
    }

    fn count(&mut self, span: &Span, nodes: usize) -> Parsed<()> {
        self.nodes = self.nodes.saturating_add(nodes);
        if NODES_MAX < self.nodes {
            return Err(self.problem(span, format!("more than {NODES_MAX} values")));
        }
        Ok(())
    }

    fn sequence(&mut self, pointer: &str, depth: usize) -> Parsed<Value> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Value::Array(items));
            }
            let pointer = format!("{pointer}/{}", items.len());
            items.push(self.node(event, &span, &pointer, depth + 1)?);
        }
    }

    fn mapping(&mut self, pointer: &str, depth: usize) -> Parsed<Value> {
        let mut members = Map::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Value::Object(members)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(self.problem(&span, "a key must be a plain text")),
            };
            let pointer = format!("{pointer}/{}", escape(&key));
            if members.contains_key(&key) {
                self.problems
                    .push(self.problem(&span, format!("the key `{key}` is repeated")));
            }
            self.positions.insert(pointer.clone(), Position::of(&span));
            let (event, span) = self.next()?;
            if matches!(event, Event::Scalar(..)) && span.start.index() < span.end.index() {
                self.values.insert(pointer.clone(), Position::of(&span));
            }
            let value = self.node(event, &span, &pointer, depth + 1)?;
            members.insert(key, value);
        }
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// Resolves a plain scalar by the YAML 1.2 core schema. Numbers JSON cannot hold stay texts, so that
/// they are refused where a number is expected.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let starts_like_a_number = text
        .trim_start_matches(['+', '-'])
        .starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !starts_like_a_number {
        return Value::String(text.to_owned());
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = digits.parse::<i64>() {
        return Value::from(number);
    }
    if let Ok(number) = digits.parse::<u64>() {
        return Value::from(number);
    }
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::from(number),
        _ => Value::String(text.to_owned()),
    }
}
