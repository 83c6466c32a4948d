//! Messages of an object: its attributes, and what it leads to. All offsets are checked by [`Bytes`].

use super::Trouble;
use super::file::Sizes;
use crate::scan::pickle::escape;

/// Longest text, or list of names, that is kept of a message.
const SHOWN_CHARACTERS_MAX: usize = 100;
/// An address that leads nowhere has all bits set.
pub(super) const UNDEFINED: u64 = u64::MAX;

const SHARED: u8 = 2;

/// What matters of a message.
pub(super) enum Message {
    Attribute(Attribute),
    /// A member of the group.
    Object(u64),
    /// A group by the older scheme: the address of the tree of its members.
    Group {
        tree: u64,
    },
    /// Data or a link in another file, as a clause.
    Outside(String),
}

/// An attribute: its name, and where its value is.
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: Stored,
}

/// Where the value of an attribute is.
pub(super) enum Stored {
    /// A text in the message itself.
    Here(Vec<u8>),
    /// A text of variable length: length, the address of its heap, and its number there.
    Heap { length: u64, heap: u64, index: u64 },
    /// Something that is not one text.
    Other,
}

/// Bytes of a message, read from the front.
pub(super) struct Bytes<'b> {
    rest: &'b [u8],
    sizes: Sizes,
}

impl<'b> Bytes<'b> {
    pub(super) fn new(rest: &'b [u8], sizes: Sizes) -> Self {
        Self { rest, sizes }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], Trouble> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(Trouble::NotRead(
                "has a message that is too short".to_owned(),
            ));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// A number of `count` bytes, at most eight.
    pub(super) fn number(&mut self, count: usize) -> Result<u64, Trouble> {
        let bytes = self.take(count)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Trouble> {
        Ok(self.number(1)? as u8)
    }

    pub(super) fn address(&mut self) -> Result<u64, Trouble> {
        let number = self.number(self.sizes.offset)?;
        let undefined = u64::MAX >> (64 - 8 * self.sizes.offset);
        Ok(if number == undefined {
            UNDEFINED
        } else {
            number
        })
    }
}

/// What a message of `kind` says, when it matters.
pub(super) fn parse(
    kind: u64,
    flags: u8,
    body: &[u8],
    sizes: Sizes,
) -> Result<Option<Message>, Trouble> {
    let mut bytes = Bytes::new(body, sizes);
    let matters = matches!(kind, 0x02 | 0x06 | 0x07 | 0x08 | 0x0c | 0x11 | 0x15);
    if matters && flags & SHARED != 0 {
        return Err(Trouble::NotRead(
            "shares messages between objects".to_owned(),
        ));
    }
    Ok(match kind {
        0x02 => dense(&mut bytes, 8, "links")?,
        0x06 => link(&mut bytes)?,
        0x07 => Some(Message::Outside("keeps data in external files".to_owned())),
        0x08 => layout(&mut bytes)?,
        0x0c => Some(Message::Attribute(attribute(&mut bytes)?)),
        0x11 => Some(Message::Group {
            tree: bytes.address()?,
        }),
        0x15 => dense(&mut bytes, 2, "attributes")?,
        _ => None,
    })
}

/// Many links or attributes are kept in a heap of their own kind, which is not read here.
fn dense(
    bytes: &mut Bytes<'_>,
    index_bytes: usize,
    what: &str,
) -> Result<Option<Message>, Trouble> {
    bytes.byte()?;
    if bytes.byte()? & 1 != 0 {
        bytes.take(index_bytes)?;
    }
    match bytes.address()? {
        UNDEFINED => Ok(None),
        _ => Err(Trouble::NotRead(format!("stores {what} densely"))),
    }
}

fn link(bytes: &mut Bytes<'_>) -> Result<Option<Message>, Trouble> {
    const EXTERNAL: u8 = 64;
    bytes.byte()?;
    let flags = bytes.byte()?;
    let kind = if flags & 8 != 0 { bytes.byte()? } else { 0 };
    if flags & 4 != 0 {
        bytes.take(8)?;
    }
    if flags & 16 != 0 {
        bytes.take(1)?;
    }
    let length = bytes.number(1 << (flags & 3))?;
    let name = bytes.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    let name = shown(name);
    match kind {
        0 => Ok(Some(Message::Object(bytes.address()?))),
        // A path in the same file.
        1 => Ok(None),
        EXTERNAL => {
            let length = bytes.number(2)? as usize;
            let target = bytes.take(length)?;
            let file = target.get(1..).unwrap_or_default();
            let file = file.split(|byte| *byte == 0).next().unwrap_or_default();
            let clause = format!("links `{name}` to the file `{}`", shown(file));
            Ok(Some(Message::Outside(clause)))
        }
        other => Err(Trouble::NotRead(format!("has a link of kind {other}"))),
    }
}

fn layout(bytes: &mut Bytes<'_>) -> Result<Option<Message>, Trouble> {
    const VIRTUAL: u8 = 3;
    let version = bytes.byte()?;
    let class = bytes.byte()?;
    Ok((3 <= version && class == VIRTUAL)
        .then(|| Message::Outside("puts a dataset together from other files".to_owned())))
}

fn attribute(bytes: &mut Bytes<'_>) -> Result<Attribute, Trouble> {
    let version = bytes.byte()?;
    let flags = bytes.byte()?;
    let lengths = [bytes.number(2)?, bytes.number(2)?, bytes.number(2)?];
    // In the first version every part is padded to eight bytes, and there are no flags.
    let (padding, flags) = match version {
        1 => (8, 0),
        2 | 3 => (1, flags),
        other => {
            return Err(Trouble::NotRead(format!(
                "has attributes of version {other}"
            )));
        }
    };
    if version == 3 {
        bytes.byte()?;
    }
    let [name, kind, space] = lengths.map(|length| (length as usize).next_multiple_of(padding));
    let name = bytes.take(name)?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    let kind = bytes.take(kind)?;
    let space = bytes.take(space)?;
    let value = if flags == 0 && is_one(space) {
        stored(kind, bytes)?
    } else {
        Stored::Other
    };
    Ok(Attribute { name, value })
}

/// Whether a dataspace has exactly one element.
fn is_one(space: &[u8]) -> bool {
    const NULL: u8 = 2;
    match space {
        [1, 0, ..] => true,
        [2, 0, _, class, ..] => *class != NULL,
        _ => false,
    }
}

fn stored(kind: &[u8], bytes: &mut Bytes<'_>) -> Result<Stored, Trouble> {
    const STRING: u8 = 3;
    const VARIABLE: u8 = 9;
    let mut kind = Bytes::new(kind, bytes.sizes);
    let class = kind.byte()? & 0xf;
    let is_text = kind.byte()? & 0xf == 1;
    kind.take(2)?;
    let size = kind.number(4)?;
    match class {
        STRING => {
            let text = bytes.take(usize::try_from(size).unwrap_or(usize::MAX))?;
            Ok(Stored::Here(text.to_vec()))
        }
        VARIABLE if is_text => Ok(Stored::Heap {
            length: bytes.number(4)?,
            heap: bytes.address()?,
            index: bytes.number(4)?,
        }),
        _ => Ok(Stored::Other),
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    escape(&text.chars().take(SHOWN_CHARACTERS_MAX).collect::<String>())
}
