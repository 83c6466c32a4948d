//! Constants: numbers, texts and bytes.

use std::borrow::Cow;

use super::Reading;
use super::nested::{NESTED_TEXT_BYTES_MAX, looks_nested};
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::text;
use crate::scan::pickle::value::{TEXT_KEPT_BYTES, Value};
use crate::scan::source::Line;

impl Reading<'_, '_> {
    pub(super) fn number(&mut self, opcode: u8) -> Result<(), Halt> {
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

    /// A string of any kind. Python 2's, which are bytes, are read as text the way Python 3 does.
    pub(super) fn text(&mut self, opcode: u8) -> Result<(), Halt> {
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

    pub(super) fn bytes(&mut self, opcode: u8) -> Result<(), Halt> {
        let length = match opcode {
            b'B' => u32::from_le_bytes(self.source.array()?).into(),
            b'C' => self.source.byte()?.into(),
            _ => u64::from_le_bytes(self.source.array()?),
        };
        self.inner_window(length)?;
        self.source.skip(length)?;
        self.machine.push(Value::Bytes(length))
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

    fn unicode(&mut self, opcode: u8) -> Result<Value, Halt> {
        let length = match opcode {
            b'X' => u32::from_le_bytes(self.source.array()?).into(),
            0x8c => self.source.byte()?.into(),
            _ => u64::from_le_bytes(self.source.array()?),
        };
        let start = self.source.position();
        let bytes = self.source.prefix(length, TEXT_KEPT_BYTES)?;
        // Bytes of protocol 2 and below are written as Latin-1 text for `_codecs.encode`.
        let head = String::from_utf8_lossy(&bytes);
        if looks_nested(&head, length) {
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
        Ok(self.kept(text.map(Cow::into_owned), whole))
    }

    fn kept(&mut self, text: Option<String>, whole: bool) -> Value {
        text.map_or(Value::Unknown, |text| self.machine.heap.text(&text, whole))
    }
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
