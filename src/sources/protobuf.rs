//! Protocol buffers in memory, field by field: nothing is copied and nothing is built that is not asked
//! for, so that a message costs no more than its bytes
//! (<https://protobuf.dev/programming-guides/encoding/>).

/// The value of a field, as far as the wire tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// An integer, a truth or a constant.
    Integer(u64),
    /// Eight bytes.
    Eight([u8; 8]),
    /// Four bytes.
    Four([u8; 4]),
    /// A message, a text or bytes.
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order they were written; ends after the first that is broken.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// The fields of a message.
pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

/// The last value of a field, which is the one that counts where it is not repeated.
///
/// # Errors
/// When the message is broken.
pub(super) fn last(message: &[u8], number: u64) -> Result<Option<Value<'_>>, String> {
    let mut found = None;
    for field in fields(message) {
        let (other, value) = field?;
        if other == number {
            found = Some(value);
        }
    }
    Ok(found)
}

/// A message that its length stands before, taken from what is left.
///
/// # Errors
/// When there is less left than it says.
pub(super) fn delimited<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = varint(rest)?;
    let length = usize::try_from(length).map_err(|_| cut())?;
    taken(rest, length)
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = field(&mut self.rest);
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    /// What is of its length.
    ///
    /// # Errors
    /// When it is of another kind; so with all of these.
    pub(super) fn bytes(self) -> Result<&'a [u8], String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Integer(_) | Self::Eight(_) | Self::Four(_) => Err(another("a message or text")),
        }
    }

    pub(super) fn text(self) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a text is not UTF-8".to_owned())
    }

    pub(super) fn integer(self) -> Result<u64, String> {
        match self {
            Self::Integer(integer) => Ok(integer),
            Self::Bytes(_) | Self::Eight(_) | Self::Four(_) => Err(another("an integer")),
        }
    }

    /// An `int64`: negative numbers are written as the complement of two.
    pub(super) fn signed(self) -> Result<i64, String> {
        Ok(self.integer()?.cast_signed())
    }

    pub(super) fn double(self) -> Result<f64, String> {
        match self {
            Self::Eight(bytes) => Ok(f64::from_le_bytes(bytes)),
            Self::Bytes(_) | Self::Integer(_) | Self::Four(_) => Err(another("a double")),
        }
    }

    pub(super) fn float(self) -> Result<f32, String> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            Self::Bytes(_) | Self::Integer(_) | Self::Eight(_) => Err(another("a float")),
        }
    }
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<(u64, Value<'a>), String> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Integer(varint(rest)?),
        1 => Value::Eight(fixed(rest)?),
        2 => Value::Bytes(delimited(rest)?),
        5 => Value::Four(fixed(rest)?),
        other => {
            return Err(format!(
                "a field has the wire type {other}, which there is not"
            ));
        }
    };
    match key >> 3 {
        0 => Err("a field has the number 0".to_owned()),
        number => Ok((number, value)),
    }
}

/// An integer, taken from what is left.
///
/// # Errors
/// When there is none, or one too long.
pub(super) fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = fixed(rest)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && 1 < bits {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("an integer has more than 64 bits".to_owned())
}

fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (bytes, after) = rest.split_first_chunk().ok_or_else(cut)?;
    *rest = after;
    Ok(*bytes)
}

fn taken<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (bytes, after) = rest.split_at_checked(length).ok_or_else(cut)?;
    *rest = after;
    Ok(bytes)
}

fn cut() -> String {
    "it ends in the middle of a field".to_owned()
}

fn another(expected: &str) -> String {
    format!("a field is not {expected}")
}

#[cfg(test)]
mod tests {
    use super::{Value, delimited, fields, last};

    /// `{1: 300, 2: "ab", 3: 0.5 (double), 4: 0.5 (float), 5: -1}`, as the encoding guide has it.
    const MESSAGE: &[u8] = b"\x08\xac\x02\x12\x02ab\x19\0\0\0\0\0\0\xe0\x3f\x25\0\0\0\x3f\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";

    #[test]
    fn fields_are_read_in_their_order() {
        let found: Result<Vec<_>, _> = fields(MESSAGE).collect();
        let found = found.expect("a message");
        assert_eq!(found.len(), 5);
        assert_eq!(found[0], (1, Value::Integer(300)));
        assert_eq!(found[1].1.text(), Ok("ab"));
        assert_eq!(found[2].1.double(), Ok(0.5));
        assert_eq!(found[3].1.float(), Ok(0.5));
        assert_eq!(found[4].1.signed(), Ok(-1));
        assert!(found[0].1.text().is_err() && found[1].1.double().is_err());
        assert_eq!(last(b"\x08\x01\x08\x02", 1), Ok(Some(Value::Integer(2))));
        assert_eq!(last(MESSAGE, 6), Ok(None));
    }

    #[test]
    fn what_is_broken_ends_in_an_error() {
        for broken in [
            &b"\x08"[..],
            b"\x12\x05ab",
            b"\x0b",
            b"\x00\x01",
            b"\x19\0",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            let fields: Vec<_> = fields(broken).collect();
            assert!(matches!(fields.as_slice(), [Err(_)]), "{broken:?}");
        }
        assert!(delimited(&mut &b"\x03ab"[..]).is_err());
        let mut rest = &b"\x01ab"[..];
        assert_eq!(delimited(&mut rest), Ok(&b"a"[..]));
        assert_eq!(rest, b"b");
    }
}
