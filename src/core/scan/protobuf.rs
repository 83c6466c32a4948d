//! The wire format of protocol buffers, read from a stream: tags, lengths, nothing decoded that is
//! not asked for (<https://protobuf.dev/programming-guides/encoding/>).

use super::source::{ReadError, Source};

/// The value of a field, as far as the wire tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// A number.
    Varint(u64),
    /// Four or eight bytes, already passed over.
    Fixed,
    /// So many bytes, not yet read.
    Length(u64),
}

/// Why a message cannot be read.
#[derive(Debug)]
pub(super) enum WireError {
    /// It is not a well formed message.
    Malformed(String),
    /// The file cannot be read.
    Unreadable(String),
}

/// Why a model that is a message was not read to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The message.
    Wire(WireError),
    /// There is more of it than is read; a clause.
    Limit(String),
}

impl<E: Into<WireError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Wire(error.into())
    }
}

impl From<ReadError> for WireError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::End => Self::Malformed("it ends in the middle of a field".to_owned()),
            ReadError::Io(problem) => Self::Unreadable(problem),
        }
    }
}

/// The next field: its number and value.
pub(super) fn field(source: &mut Source<'_>) -> Result<(u64, Wire), WireError> {
    let key = varint(source)?;
    let number = key >> 3;
    if number == 0 || 0x1fff_ffff < number {
        return Err(WireError::Malformed(format!("a field has number {number}")));
    }
    let wire = match key & 7 {
        0 => Wire::Varint(varint(source)?),
        1 => {
            source.skip(8)?;
            Wire::Fixed
        }
        2 => {
            let length = varint(source)?;
            if source.remaining() < length {
                return Err(ReadError::End.into());
            }
            Wire::Length(length)
        }
        5 => {
            source.skip(4)?;
            Wire::Fixed
        }
        other => {
            return Err(WireError::Malformed(format!(
                "a field has wire type {other}"
            )));
        }
    };
    Ok((number, wire))
}

/// Reads a message of `length` bytes: `each` reads what it wants of a field, the rest of which is passed over.
pub(super) fn message<E: From<WireError>>(
    source: &mut Source<'_>,
    length: u64,
    each: &mut dyn FnMut(&mut Source<'_>, u64, Wire) -> Result<(), E>,
) -> Result<(), E> {
    let end = source.position().saturating_add(length).min(source.end());
    let outer_end = source.set_end(end);
    let outcome = fields(source, each);
    source.set_end(outer_end);
    outcome
}

fn fields<E: From<WireError>>(
    source: &mut Source<'_>,
    each: &mut dyn FnMut(&mut Source<'_>, u64, Wire) -> Result<(), E>,
) -> Result<(), E> {
    while 0 < source.remaining() {
        let (number, wire) = field(source)?;
        let length = match wire {
            Wire::Length(length) => length,
            Wire::Varint(_) | Wire::Fixed => 0,
        };
        let after = source.position().saturating_add(length);
        each(source, number, wire)?;
        source.seek(after);
    }
    Ok(())
}

/// A text of `length` bytes, or its first `kept_max` bytes.
pub(super) fn text(
    source: &mut Source<'_>,
    length: u64,
    kept_max: usize,
) -> Result<String, WireError> {
    let bytes = source.prefix(length, kept_max)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn varint(source: &mut Source<'_>) -> Result<u64, WireError> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = source.byte()?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && 1 < bits {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(WireError::Malformed("a number is too long".to_owned()))
}
