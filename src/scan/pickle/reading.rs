//! One reading of one pickle: opcode after opcode to STOP, or to where Python would stop.

use std::io::Cursor;

use super::array::{self, PADDING_BYTES_MAX, Payload};
use super::machine::{Halt, Machine};
use super::report::{PickleReport, Problem};
use super::text;
use super::value::{TEXT_KEPT_BYTES, Value};
use super::{is_opcode, text::escape};
use crate::scan::source::{Line, ReadError, Source};
use crate::scan::{GlobalVerdict, ScanPolicy, verdict};

/// Opcodes read in one file: hours of a model's life, seconds of ours.
const OPCODES_MAX: u64 = 1 << 28;
/// Pickles inside constants inside pickles.
const NESTED_MAX: usize = 4;
/// Longest text that is held to look for a pickle in it.
const NESTED_TEXT_BYTES_MAX: usize = 1 << 20;
/// Which reader is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// joblib's: raw arrays follow their wrappers.
    Joblib,
    /// Python's own.
    Plain,
    /// Python's own, over bytes that may well not be a pickle: only what is certain is reported.
    Probe,
    /// Python's own, over a joblib file from its first array on, where it reads what joblib skips.
    Shadow,
}

/// One reading of one pickle.
pub(super) struct Reading<'r, 's> {
    source: &'r mut Source<'s>,
    report: &'r mut PickleReport,
    policy: &'r ScanPolicy,
    machine: Machine,
    mode: Mode,
    protocol: u8,
    frame_end: Option<u64>,
    depth: usize,
    /// Whether the plain reading from the first array on has been followed.
    shadowed: bool,
    /// Where findings are placed when the bytes read are not those of the file.
    origin: Option<u64>,
    /// Position of the opcode being read.
    at: u64,
    problems: Vec<Problem>,
}

impl From<ReadError> for Halt {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::End => Self::Malformed("it ends in the middle of a pickle".to_owned()),
            ReadError::Io(problem) => Self::Unreadable(problem),
        }
    }
}

impl<'r, 's> Reading<'r, 's> {
    /// A reading that begins at the position of `source`.
    pub(super) fn new(
        source: &'r mut Source<'s>,
        report: &'r mut PickleReport,
        policy: &'r ScanPolicy,
        mode: Mode,
    ) -> Self {
        Self {
            source,
            report,
            policy,
            machine: Machine::default(),
            mode,
            protocol: 0,
            frame_end: None,
            depth: 0,
            shadowed: false,
            origin: None,
            at: 0,
            problems: Vec::new(),
        }
    }

    /// Reads to STOP.
    pub(super) fn run(mut self) -> Result<(), Halt> {
        let outcome = self.steps();
        let certain = match self.mode {
            Mode::Joblib | Mode::Plain => true,
            Mode::Probe => outcome.is_ok(),
            Mode::Shadow => false,
        };
        if certain {
            for problem in std::mem::take(&mut self.problems) {
                self.report.problem(problem);
            }
        }
        outcome.map_err(|halt| match halt {
            Halt::Malformed(problem) => {
                Halt::Malformed(format!("{problem} (opcode at byte {})", self.offset()))
            }
            Halt::Limit(problem) => {
                Halt::Limit(format!("{problem} (opcode at byte {})", self.offset()))
            }
            Halt::Unreadable(problem) => Halt::Unreadable(problem),
        })
    }

    fn steps(&mut self) -> Result<(), Halt> {
        loop {
            self.at = self.source.position();
            self.report.opcodes += 1;
            if OPCODES_MAX < self.report.opcodes {
                return Err(Halt::Limit(format!(
                    "it has more than {OPCODES_MAX} opcodes"
                )));
            }
            let opcode = self.source.byte()?;
            self.step(opcode)?;
            self.leave_frame(opcode);
            if opcode == b'.' {
                return Ok(());
            }
        }
    }

    fn step(&mut self, opcode: u8) -> Result<(), Halt> {
        match opcode {
            b'.' => self.machine.pop().map(drop),
            b'(' => self.machine.mark(),
            b'0' => self.machine.pop_or_unmark(),
            b'1' => self.machine.pop_to_mark().map(drop),
            b'2' => self.machine.push(self.machine.top()?),
            b'N' | b'I' | b'J' | b'K' | b'M' | b'L' | b'F' | b'G' | 0x88..=0x8b => {
                self.number(opcode)
            }
            b'S' | b'T' | b'U' | b'V' | b'X' | 0x8c | 0x8d => self.text(opcode),
            b'B' | b'C' | 0x8e | 0x96 => self.bytes(opcode),
            b')' | b't' | 0x85..=0x87 | b']' | b'l' | b'}' | b'd' | 0x8f | 0x91 => {
                self.container(opcode)
            }
            b'a' | b'e' | b's' | b'u' | 0x90 => self.fill(opcode),
            b'g' | b'h' | b'j' | b'p' | b'q' | b'r' | 0x94 => self.memo(opcode),
            b'c' | b'i' | 0x93 | 0x82..=0x84 | b'P' | b'Q' => self.import(opcode),
            b'R' | b'o' | 0x81 | 0x92 => self.call(opcode),
            b'b' => self.build(),
            0x80 => self.protocol(),
            0x95 => self.enter_frame(),
            // Buffers out of band: data that the caller of `loads` hands over, never code.
            0x97 => self.machine.push(Value::Unknown),
            0x98 => self.machine.top().map(drop),
            _ => Err(Halt::Malformed(format!(
                "byte {opcode:#04x} is not an opcode"
            ))),
        }
    }

    fn offset(&self) -> u64 {
        self.origin.unwrap_or(self.at)
    }

    fn problem(&mut self, requirement: &'static str, clause: String) {
        // A few suffice; the report drops the rest as well.
        if self.problems.len() < 8 {
            let clause = format!("{clause} (opcode at byte {})", self.offset());
            self.problems.push(Problem {
                requirement,
                clause,
            });
        }
    }
}

/// Protocol and frames.
impl Reading<'_, '_> {
    fn protocol(&mut self) -> Result<(), Halt> {
        let protocol = self.source.byte()?;
        if 5 < protocol {
            return Err(Halt::Malformed(format!(
                "protocol {protocol} does not exist"
            )));
        }
        self.protocol = protocol;
        Ok(())
    }

    /// CPython's C reader ignores where frames end, its Python reader does not. We read on like the
    /// first, which sees every opcode the second sees, and report frames they disagree on.
    fn enter_frame(&mut self) -> Result<(), Halt> {
        let length = u64::from_le_bytes(self.source.array()?);
        let position = self.source.position();
        if self.frame_end.is_some_and(|end| self.at < end) {
            self.problem(
                "pickle-malformed",
                "begins a frame inside another".to_owned(),
            );
        }
        let end = position.saturating_add(length);
        if self.source.end() < end {
            self.problem(
                "pickle-malformed",
                format!("promises a frame of {length} bytes and ends before"),
            );
        }
        self.frame_end = Some(end);
        Ok(())
    }

    fn leave_frame(&mut self, opcode: u8) {
        let Some(end) = self.frame_end else {
            return;
        };
        let position = self.source.position();
        if end <= position {
            self.frame_end = None;
        }
        if end < position {
            self.problem(
                "pickle-malformed",
                "ends a frame inside an opcode".to_owned(),
            );
        } else if opcode == b'.' && position < end && end <= self.source.end() {
            self.problem(
                "pickle-malformed",
                "stops before the end of its frame".to_owned(),
            );
        }
    }
}

/// Constants.
impl Reading<'_, '_> {
    fn number(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'J' => Value::Int(i32::from_le_bytes(self.source.array()?).into()),
            b'K' => Value::Int(self.source.byte()?.into()),
            b'M' => Value::Int(u16::from_le_bytes(self.source.array()?).into()),
            b'G' => {
                self.source.skip(8)?;
                Value::Unknown
            }
            0x8a => {
                let length = self.source.byte()?.into();
                self.long(length)?
            }
            0x8b => {
                let length = self.signed_length()?;
                self.long(length)?
            }
            _ => decimal(opcode, &self.source.line(TEXT_KEPT_BYTES)?),
        };
        self.machine.push(value)
    }

    fn long(&mut self, length: u64) -> Result<Value, Halt> {
        let bytes = self.source.prefix(length, 8)?;
        if 8 < length {
            return Ok(Value::Unknown);
        }
        let sign = if bytes.last().is_some_and(|last| 0x80 <= *last) {
            0xff
        } else {
            0
        };
        let mut wide = [sign; 8];
        for (to, from) in wide.iter_mut().zip(&bytes) {
            *to = *from;
        }
        Ok(Value::Int(i64::from_le_bytes(wide)))
    }

    fn signed_length(&mut self) -> Result<u64, Halt> {
        let length = i32::from_le_bytes(self.source.array()?);
        u64::try_from(length)
            .map_err(|_| Halt::Malformed(format!("a constant has the length {length}")))
    }

    /// A string of any kind. Python 2's, which are bytes, are read as text the way Python 3 does.
    fn text(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b'S' => {
                let line = self.source.line(NESTED_TEXT_BYTES_MAX)?;
                match text::quoted(&line.bytes).filter(|_| line.whole) {
                    Some(bytes) => {
                        self.inner_copy(&bytes)?;
                        self.kept(text::ascii(&bytes), true)
                    }
                    None => Value::Unknown,
                }
            }
            b'V' => {
                let line = self.source.line(NESTED_TEXT_BYTES_MAX)?;
                match text::raw_unicode(&line.bytes) {
                    Some(decoded) => {
                        self.inner_text(&decoded, line.whole)?;
                        self.kept(Some(decoded), line.whole)
                    }
                    None => Value::Unknown,
                }
            }
            b'T' | b'U' => {
                let length = match opcode {
                    b'T' => self.signed_length()?,
                    _ => self.source.byte()?.into(),
                };
                self.inner_window(length)?;
                let bytes = self.source.prefix(length, TEXT_KEPT_BYTES)?;
                self.kept(text::ascii(&bytes), bytes.len() as u64 == length)
            }
            _ => self.unicode(opcode)?,
        };
        self.machine.push(value)
    }

    fn unicode(&mut self, opcode: u8) -> Result<Value, Halt> {
        let length = match opcode {
            b'X' => u32::from_le_bytes(self.source.array()?).into(),
            0x8c => self.source.byte()?.into(),
            _ => u64::from_le_bytes(self.source.array()?),
        };
        let start = self.source.position();
        let bytes = self.source.prefix(length, TEXT_KEPT_BYTES)?;
        // Bytes of protocol 2 and below are written as Latin-1 text for `_codecs.encode`.
        if let [0xc2, 0x80, 2..=5, ..] = bytes.as_slice() {
            self.source.seek(start);
            let all = self.source.prefix(length, NESTED_TEXT_BYTES_MAX)?;
            self.inner_text(&String::from_utf8_lossy(&all), all.len() as u64 == length)?;
        }
        let whole = bytes.len() as u64 == length;
        let valid = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            // The cut may have split a character.
            Err(error) if !whole && error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Ok(Value::Unknown),
        };
        let text = bytes.get(..valid).map(String::from_utf8_lossy);
        Ok(self.kept(text.map(std::borrow::Cow::into_owned), whole))
    }

    fn kept(&mut self, text: Option<String>, whole: bool) -> Value {
        text.map_or(Value::Unknown, |text| self.machine.heap.text(&text, whole))
    }

    fn bytes(&mut self, opcode: u8) -> Result<(), Halt> {
        let length = match opcode {
            b'B' => u32::from_le_bytes(self.source.array()?).into(),
            b'C' => self.source.byte()?.into(),
            _ => u64::from_le_bytes(self.source.array()?),
        };
        self.inner_window(length)?;
        self.source.skip(length)?;
        self.machine.push(Value::Bytes(length))
    }
}

/// Pickles inside constants. They only run when something loads them, and whatever does is on the
/// dangerous list; they are read because they show what an attack wants.
impl Reading<'_, '_> {
    /// Looks into the next `length` bytes, and comes back.
    fn inner_window(&mut self, length: u64) -> Result<(), Halt> {
        let start = self.source.position();
        let head = self.source.prefix(length, 2)?;
        if matches!(head.as_slice(), [0x80, 2..=5]) {
            self.source.seek(start);
            let end = self.source.set_end(start.saturating_add(length));
            let outcome = self.inner();
            self.source.set_end(end);
            outcome?;
        }
        self.source.seek(start);
        Ok(())
    }

    fn inner_text(&mut self, text: &str, whole: bool) -> Result<(), Halt> {
        let mut characters = text.chars();
        if characters.next() != Some('\u{80}')
            || !matches!(characters.next(), Some('\u{2}'..='\u{5}'))
        {
            return Ok(());
        }
        if !whole {
            return Err(Halt::Limit(
                "a text that begins like a pickle is too long to be looked into".to_owned(),
            ));
        }
        let bytes: Vec<u8> = text
            .chars()
            .map_while(|character| u8::try_from(u32::from(character)).ok())
            .collect();
        self.inner_copy(&bytes)
    }

    fn inner_copy(&mut self, bytes: &[u8]) -> Result<(), Halt> {
        if !matches!(bytes, [0x80, 2..=5, ..]) {
            return Ok(());
        }
        let offset = self.offset();
        let mut cursor = Cursor::new(bytes);
        let mut source = Source::new(&mut cursor, bytes.len() as u64);
        let mut inner = Reading::new(&mut source, self.report, self.policy, Mode::Probe);
        inner.depth = deeper(self.depth)?;
        inner.origin = Some(offset);
        inner.run_inner()
    }

    /// Reads a pickle from the window the source was narrowed to.
    fn inner(&mut self) -> Result<(), Halt> {
        let mut inner = Reading::new(self.source, self.report, self.policy, Mode::Probe);
        inner.depth = deeper(self.depth)?;
        inner.origin = self.origin;
        inner.run_inner()
    }

    /// Runs a reading of which it is not known that it is a pickle at all.
    fn run_inner(self) -> Result<(), Halt> {
        match self.run() {
            Ok(()) | Err(Halt::Malformed(_)) => Ok(()),
            Err(halt) => Err(halt),
        }
    }
}

fn deeper(depth: usize) -> Result<usize, Halt> {
    if NESTED_MAX <= depth {
        return Err(Halt::Limit(format!(
            "it holds pickles more than {NESTED_MAX} deep"
        )));
    }
    Ok(depth + 1)
}

/// Containers and the memo.
impl Reading<'_, '_> {
    fn container(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b')' => self.machine.heap.tuple(&[]),
            0x85..=0x87 => return self.machine.tuple(usize::from(opcode - 0x84)),
            b't' => {
                let items = self.machine.pop_to_mark()?;
                self.machine.heap.tuple(&items)
            }
            b'}' => self.machine.heap.dictionary(),
            b'd' => {
                let items = self.machine.pop_to_mark()?;
                let dictionary = self.machine.heap.dictionary();
                self.set_items(dictionary, &items)?;
                dictionary
            }
            // A list from a mark, or a frozen set.
            b'l' | 0x91 => {
                self.machine.pop_to_mark()?;
                Value::Unknown
            }
            _ => Value::Unknown,
        };
        self.machine.push(value)
    }

    fn fill(&mut self, opcode: u8) -> Result<(), Halt> {
        let items = match opcode {
            b'a' => vec![self.machine.pop()?],
            b's' => {
                let value = self.machine.pop()?;
                vec![self.machine.pop()?, value]
            }
            _ => self.machine.pop_to_mark()?,
        };
        let target = self.machine.top()?;
        self.refuse_global_target(target);
        if matches!(opcode, b's' | b'u') {
            self.set_items(target, &items)?;
        }
        Ok(())
    }

    fn set_items(&mut self, target: Value, items: &[Value]) -> Result<(), Halt> {
        for pair in items.chunks(2) {
            let [key, value] = pair else {
                return Err(Halt::Malformed(
                    "a dictionary has a key without a value".to_owned(),
                ));
            };
            self.machine.heap.set_item(target, *key, *value);
        }
        Ok(())
    }

    fn memo(&mut self, opcode: u8) -> Result<(), Halt> {
        let index = match opcode {
            b'h' | b'q' => self.source.byte()?.into(),
            b'j' | b'r' => u32::from_le_bytes(self.source.array()?).into(),
            0x94 => self.machine.memo_count() as u64,
            _ => {
                let line = self.source.line(TEXT_KEPT_BYTES)?;
                let index = std::str::from_utf8(&line.bytes).ok();
                index
                    .and_then(|index| index.trim_ascii().parse().ok())
                    .ok_or_else(|| {
                        Halt::Malformed("a memo entry is not named by a number".to_owned())
                    })?
            }
        };
        match opcode {
            b'g' | b'h' | b'j' => self.machine.recall(index),
            _ => self.machine.memorise(index),
        }
    }
}

/// Imports and calls.
impl Reading<'_, '_> {
    fn import(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b'c' | b'i' => {
                let module = self.source.line(TEXT_KEPT_BYTES)?;
                let name = self.source.line(TEXT_KEPT_BYTES)?;
                match (utf8(module), utf8(name)) {
                    (Some(module), Some(name)) => self.global(&module, &name)?,
                    _ => self.unresolved("imports a name that is not text or too long"),
                }
            }
            0x93 => {
                let name = self.machine.pop()?;
                let module = self.machine.pop()?;
                let heap = &self.machine.heap;
                match (heap.as_text(module), heap.as_text(name)) {
                    (Some(module), Some(name)) => {
                        let (module, name) = (module.to_owned(), name.to_owned());
                        self.global(&module, &name)?
                    }
                    _ => self.unresolved("imports a name that is no constant of its own"),
                }
            }
            b'P' => {
                self.source.line(0)?;
                self.unresolved("asks its reader for an object by a persistent id")
            }
            b'Q' => {
                self.machine.pop()?;
                self.unresolved("asks its reader for an object by a persistent id")
            }
            _ => {
                self.source.skip(match opcode {
                    0x82 => 1,
                    0x83 => 2,
                    _ => 4,
                })?;
                self.unresolved("imports by a number of the extension registry")
            }
        };
        if opcode == b'i' {
            let arguments = self.machine.pop_to_mark()?;
            let arguments = self.machine.heap.tuple(&arguments);
            return self.invoke(value, arguments);
        }
        self.machine.push(value)
    }

    fn global(&mut self, module: &str, name: &str) -> Result<Value, Halt> {
        let possible = match self.mode {
            Mode::Joblib | Mode::Plain => true,
            Mode::Probe => is_path(module) && is_path(name),
            // The module is imported whether or not the name is found in it.
            Mode::Shadow => is_path(module),
        };
        if !possible {
            return Err(Halt::Malformed(format!(
                "`{}` is not a module",
                escape(module)
            )));
        }
        if self.mode == Mode::Shadow && self.is_echo(module, name) {
            return Ok(Value::Unknown);
        }
        let (offset, protocol) = (self.offset(), self.protocol);
        self.report
            .import((module, name), protocol, offset, self.policy)
            .map(Value::Global)
    }

    /// Read on by `pickle` after the wrapper, an honest array of objects recalls entries of the
    /// wrong memo and asks for its own names in wrong modules. That is not an import anyone meant,
    /// unless it is one known to be dangerous.
    fn is_echo(&self, module: &str, name: &str) -> bool {
        let honest = self
            .report
            .globals
            .iter()
            .any(|global| global.verdict == GlobalVerdict::Allowed && global.name == name);
        honest && verdict::judge(module, name, self.protocol, self.policy) == GlobalVerdict::Unknown
    }

    fn unresolved(&mut self, clause: &str) -> Value {
        self.problem("unresolved-import", clause.to_owned());
        Value::Unknown
    }

    fn call(&mut self, opcode: u8) -> Result<(), Halt> {
        if opcode == b'o' {
            let items = self.machine.pop_to_mark()?;
            let (class, arguments) = items
                .split_first()
                .ok_or_else(|| Halt::Malformed("OBJ has no class".to_owned()))?;
            let arguments = self.machine.heap.tuple(arguments);
            return self.invoke(*class, arguments);
        }
        if opcode == 0x92 {
            // Keyword arguments: an object made with them is never one we need to know.
            self.machine.pop()?;
        }
        let arguments = self.machine.pop()?;
        let callable = self.machine.pop()?;
        self.invoke(callable, arguments)
    }

    fn invoke(&mut self, callable: Value, arguments: Value) -> Result<(), Halt> {
        let class = match callable {
            Value::Global(number) => {
                let heap = &self.machine.heap;
                self.report
                    .call(number, || text::shown_arguments(heap, arguments));
                Some(number)
            }
            Value::Unknown
            | Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Text { .. }
            | Value::Bytes(_)
            | Value::Tuple { .. }
            | Value::Dictionary(_)
            | Value::Object(_) => {
                self.unresolved("calls something that is not an import");
                None
            }
        };
        let object = self.machine.heap.object(class, arguments);
        self.machine.push(object)
    }

    /// BUILD and its like on an import change that class or module for the whole process.
    fn refuse_global_target(&mut self, target: Value) {
        if let Value::Global(number) = target
            && let Some(global) = self.report.globals.get(number as usize)
        {
            let clause = format!("changes the import `{}` itself", global.path());
            self.problem("unsafe-global", clause);
        }
    }

    fn build(&mut self) -> Result<(), Halt> {
        let state = self.machine.pop()?;
        let target = self.machine.top()?;
        self.refuse_global_target(target);
        self.machine.heap.build(target, state);
        if self.mode == Mode::Joblib
            && array::is_wrapper(&self.machine.heap, &self.report.roles, target)
        {
            return self.array(target);
        }
        Ok(())
    }
}

/// Arrays that joblib writes into the stream.
impl Reading<'_, '_> {
    fn array(&mut self, wrapper: Value) -> Result<(), Halt> {
        let position = self.source.position();
        if self.frame_end.is_some_and(|end| position < end) {
            // joblib would read the array after the frame and then go on inside it.
            return Err(Halt::Malformed("an array begins inside a frame".to_owned()));
        }
        self.frame_end = None;
        let payload = array::payload(&self.machine.heap, &self.report.roles, wrapper)
            .map_err(|problem| Halt::Limit(format!("an array cannot be skipped: {problem}")))?;
        match payload {
            Payload::Pickle => {
                Reading::new(self.source, self.report, self.policy, Mode::Plain).run()?;
            }
            Payload::Raw { bytes, padded } => self.skip_array(bytes, padded)?,
        }
        if !std::mem::replace(&mut self.shadowed, true) {
            self.follow_shadow(position)?;
        }
        self.report.arrays += 1;
        self.machine.pop()?;
        self.machine.push(Value::Unknown)
    }

    fn skip_array(&mut self, bytes: u64, padded: bool) -> Result<(), Halt> {
        if padded {
            let padding = self.source.byte()?;
            if PADDING_BYTES_MAX < padding {
                return Err(Halt::Malformed(format!(
                    "an array is padded by {padding} bytes, where joblib writes at most \
                     {PADDING_BYTES_MAX}"
                )));
            }
            self.source.skip(padding.into())?;
        }
        self.source.skip(bytes)?;
        Ok(())
    }

    /// `pickle.load` knows no arrays: it reads on into the first of them, and sees what it sees
    /// until it fails or stops; called again, it goes on from there. One such reading for each
    /// pickle covers the rest of the file.
    fn follow_shadow(&mut self, array: u64) -> Result<(), Halt> {
        let after = self.source.position();
        self.source.seek(array);
        let (mut machine, mut protocol) = (self.machine.clone(), self.protocol);
        while self.source.peek()?.is_some_and(is_opcode) {
            let mut shadow = Reading::new(self.source, self.report, self.policy, Mode::Shadow);
            shadow.machine = std::mem::take(&mut machine);
            shadow.protocol = std::mem::take(&mut protocol);
            match shadow.run() {
                Ok(()) => {}
                Err(Halt::Malformed(_)) => break,
                Err(halt) => return Err(halt),
            }
        }
        self.source.seek(after);
        Ok(())
    }
}

fn utf8(line: Line) -> Option<String> {
    String::from_utf8(line.bytes).ok().filter(|_| line.whole)
}

/// The number on the line of INT or LONG; `I00` and `I01` are the truth values.
fn decimal(opcode: u8, line: &Line) -> Value {
    let text = match std::str::from_utf8(&line.bytes) {
        Ok(text) if line.whole => text.trim_ascii(),
        Ok(_) | Err(_) => return Value::Unknown,
    };
    match (opcode, text) {
        (b'I', "00") => Value::Bool(false),
        (b'I', "01") => Value::Bool(true),
        (b'F', _) => Value::Unknown,
        (_, text) => text
            .trim_end_matches('L')
            .parse()
            .map_or(Value::Unknown, Value::Int),
    }
}

/// Whether text looks like a dotted path of Python names.
fn is_path(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut characters = part.chars();
        characters
            .next()
            .is_some_and(|first| first == '_' || first.is_alphabetic())
            && characters.all(|other| other == '_' || other.is_alphanumeric())
    })
}
