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
