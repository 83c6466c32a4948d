//! The structures that lead to the objects of an HDF5 file: superblock, headers, trees, heaps.

use std::collections::BTreeSet;

use super::Trouble;
use super::message::{self, Attribute, Bytes, Message, Stored, UNDEFINED};
use crate::scan::pickle::escape;
use crate::scan::source::{ReadError, Source};

/// Bytes of one object's header that are read, with its continuations.
const HEADER_BYTES_MAX: u64 = 4 << 20;
/// Bytes of structure that are read of one file; objects can lead to the same place many times.
const STRUCTURE_BYTES_MAX: u64 = 256 << 20;
/// What reading any structure costs of those, however short it is: each can be somewhere else.
const STRUCTURE_BYTES_MIN: u64 = 256;
/// Parts of one object's header.
const BLOCKS_MAX: usize = 1000;
/// Longest configuration that is read; those of the largest models have a few megabytes.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// Nodes of the trees of one group.
const NODES_MAX: usize = 100_000;

/// Bytes that addresses and lengths have in this file.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) offset: usize,
    pub(super) length: usize,
}

/// An HDF5 file.
pub(super) struct File<'s, 'a> {
    source: &'s mut Source<'a>,
    sizes: Sizes,
    root: u64,
    /// Bytes of structure that may still be read.
    left: u64,
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::End => Self::NotRead("leads to a place behind its end".to_owned()),
            ReadError::Io(problem) => Self::Unreadable(problem),
        }
    }
}

fn not_read<T>(problem: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::NotRead(problem.into()))
}

impl<'s, 'a> File<'s, 'a> {
    /// Reads the superblock, version 0 to 3.
    pub(super) fn open(source: &'s mut Source<'a>) -> Result<Self, Trouble> {
        source.seek(8);
        let version = source.byte()?;
        let sizes_at = match version {
            0 | 1 => 13,
            2 | 3 => 9,
            other => return not_read(format!("has a superblock of version {other}")),
        };
        source.seek(sizes_at);
        let [offset, length] = source.array()?.map(usize::from);
        if ![2, 4, 8].contains(&offset) || ![2, 4, 8].contains(&length) {
            return not_read("has addresses of an unusual size");
        }
        let addresses_at = match version {
            0 => 24,
            1 => 28,
            _ => 12,
        };
        source.seek(addresses_at);
        let mut file = Self {
            source,
            sizes: Sizes { offset, length },
            root: 0,
            left: STRUCTURE_BYTES_MAX,
        };
        // Base, free space or extension, end; then the driver and the name of the root in the older versions.
        let skipped = if version < 2 { 5 } else { 3 };
        let head = file.bytes_here(offset * (skipped + 1))?;
        let mut head = Bytes::new(&head, file.sizes);
        if head.address()? != 0 {
            return not_read("does not begin at its first byte");
        }
        head.take(offset * (skipped - 1))?;
        file.root = head.address()?;
        Ok(file)
    }

    /// The address of the first object.
    pub(super) fn root(&self) -> u64 {
        self.root
    }

    fn bytes_here(&mut self, count: usize) -> Result<Vec<u8>, Trouble> {
        let cost = STRUCTURE_BYTES_MIN.max(count as u64);
        let Some(left) = self.left.checked_sub(cost) else {
            return not_read(format!(
                "has more than {STRUCTURE_BYTES_MAX} bytes of structure"
            ));
        };
        self.left = left;
        Ok(self.source.prefix(count as u64, count)?)
    }

    fn bytes_at(&mut self, address: u64, count: usize) -> Result<Vec<u8>, Trouble> {
        self.source.seek(address);
        self.bytes_here(count)
    }

    /// What matters of the messages of an object.
    pub(super) fn messages(&mut self, address: u64) -> Result<Vec<Message>, Trouble> {
        let start = self.bytes_at(address, 6)?;
        let (layout, first) = match start.as_slice() {
            [b'O', b'H', b'D', b'R', 2, flags] => self.second_header(address, *flags)?,
            [1, ..] => {
                let head = self.bytes_at(address, 16)?;
                let mut head = Bytes::new(&head, self.sizes);
                head.take(8)?;
                (Layout::First, (address.saturating_add(16), head.number(4)?))
            }
            _ => {
                return not_read(format!(
                    "has no object at byte {address}, where one should be"
                ));
            }
        };
        let mut blocks = vec![first];
        let mut found = Vec::new();
        let (mut read, mut count) = (0_u64, 0);
        while let Some((place, length)) = blocks.pop() {
            read = read.saturating_add(length);
            count += 1;
            if HEADER_BYTES_MAX < read || BLOCKS_MAX < count {
                return not_read(format!(
                    "has an object of more than {HEADER_BYTES_MAX} bytes"
                ));
            }
            let block = self.bytes_at(place, length as usize)?;
            let mut rest = layout.messages(&block, place != first.0)?;
            while let Some(Part { kind, flags, body }) = layout.next(&mut rest, self.sizes)? {
                if kind == 0x10 {
                    let mut body = Bytes::new(body, self.sizes);
                    blocks.push((body.address()?, body.number(self.sizes.length)?));
                } else {
                    found.extend(message::parse(kind, flags, body, self.sizes)?);
                }
            }
        }
        Ok(found)
    }

    /// The header of an object by the second layout: how its messages are laid out, and where they begin.
    fn second_header(&mut self, address: u64, flags: u8) -> Result<(Layout, (u64, u64)), Trouble> {
        let times = if flags & 32 != 0 { 16 } else { 0 };
        let counts = if flags & 16 != 0 { 4 } else { 0 };
        let width = 1_usize << (flags & 3);
        let head = self.bytes_at(address, 6 + times + counts + width)?;
        let mut bytes = Bytes::new(&head, self.sizes);
        bytes.take(6 + times + counts)?;
        let length = bytes.number(width)?;
        let ordered = flags & 4 != 0;
        let start = address.saturating_add(head.len() as u64);
        Ok((Layout::Second { ordered }, (start, length)))
    }

    /// The addresses of the members of a group by the older scheme.
    pub(super) fn members(&mut self, tree: u64) -> Result<Vec<u64>, Trouble> {
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        let mut pending = vec![tree];
        while let Some(address) = pending.pop() {
            if NODES_MAX < seen.len() + pending.len() + members.len() {
                return not_read(format!("has a group of more than {NODES_MAX} nodes"));
            }
            if !seen.insert(address) {
                return not_read("has a group that is inside itself");
            }
            let head = self.bytes_at(address, 8)?;
            match head.as_slice() {
                [b'T', b'R', b'E', b'E', 0, _, low, high] => {
                    let used = usize::from(u16::from_le_bytes([*low, *high]));
                    pending.extend(self.children(used)?);
                }
                [b'S', b'N', b'O', b'D', 1, _, low, high] => {
                    let used = usize::from(u16::from_le_bytes([*low, *high]));
                    members.extend(self.symbols(used)?);
                }
                _ => {
                    return not_read(format!(
                        "has no group at byte {address}, where one should be"
                    ));
                }
            }
        }
        Ok(members)
    }

    /// The children of a node of a tree, behind its head.
    fn children(&mut self, used: usize) -> Result<Vec<u64>, Trouble> {
        let Sizes { offset, length } = self.sizes;
        let body = self.bytes_here(2 * offset + used * (offset + length))?;
        let mut body = Bytes::new(&body, self.sizes);
        body.take(2 * offset)?;
        (0..used)
            .map(|_| {
                body.take(length)?;
                body.address()
            })
            .collect()
    }

    /// The objects of a leaf of a tree, behind its head.
    fn symbols(&mut self, used: usize) -> Result<Vec<u64>, Trouble> {
        const REST_BYTES: usize = 24;
        let offset = self.sizes.offset;
        let body = self.bytes_here(used * (2 * offset + REST_BYTES))?;
        let mut body = Bytes::new(&body, self.sizes);
        let mut objects = Vec::new();
        for _ in 0..used {
            body.take(offset)?;
            let object = body.address()?;
            body.take(REST_BYTES)?;
            // A link by path inside the file has no object of its own.
            if object != UNDEFINED {
                objects.push(object);
            }
        }
        Ok(objects)
    }

    /// The text an attribute holds.
    pub(super) fn text(&mut self, attribute: &Attribute) -> Result<Vec<u8>, Trouble> {
        let mut text = match &attribute.value {
            Stored::Here(text) => text.clone(),
            Stored::Heap {
                length,
                heap,
                index,
            } => self.heap_text(*length, *heap, *index)?,
            Stored::Other => {
                let name = escape(&attribute.name);
                return not_read(format!("has an attribute `{name}` that is not one text"));
            }
        };
        while text.last() == Some(&0) {
            text.pop();
        }
        Ok(text)
    }

    fn heap_text(&mut self, length: u64, heap: u64, index: u64) -> Result<Vec<u8>, Trouble> {
        if TEXT_BYTES_MAX < length {
            return not_read(format!("has a configuration of {length} bytes"));
        }
        let width = self.sizes.length;
        let head = self.bytes_at(heap, 8 + width)?;
        let mut head = Bytes::new(&head, self.sizes);
        if head.take(5)? != b"GCOL\x01" {
            return not_read("has a text in a heap that is none");
        }
        head.take(3)?;
        let end = heap.saturating_add(head.number(width)?);
        let mut found = None;
        let head_bytes = 8 + width;
        // What is left is a gap too small for a text.
        while self.source.position().saturating_add(head_bytes as u64) <= end {
            let start = self.source.position();
            let object = self.bytes_here(head_bytes)?;
            let mut object = Bytes::new(&object, self.sizes);
            let number = object.number(2)?;
            object.take(6)?;
            let size = object.number(width)?;
            if number == 0 {
                // What is free is counted with its own head.
                if size < head_bytes as u64 {
                    break;
                }
                self.source.seek(start.saturating_add(size));
                continue;
            }
            if number == index {
                if found.is_some() {
                    return not_read("has two texts of one number in a heap");
                }
                found = Some((self.source.position(), size));
            }
            let padded = size.checked_next_multiple_of(8).ok_or(ReadError::End)?;
            self.source.skip(padded)?;
        }
        if let Some((place, size)) = found
            && length <= size
        {
            return self.bytes_at(place, length as usize);
        }
        not_read("has a text in a heap that does not hold it")
    }
}

/// A message as it stands in the header of an object.
struct Part<'b> {
    kind: u64,
    flags: u8,
    body: &'b [u8],
}

/// How the messages of an object are laid out.
#[derive(Clone, Copy)]
enum Layout {
    First,
    Second { ordered: bool },
}

impl Layout {
    /// The messages of a block, without what stands around them in a continuation.
    fn messages(self, block: &[u8], is_continuation: bool) -> Result<&[u8], Trouble> {
        match (self, is_continuation) {
            (Self::First, _) | (Self::Second { .. }, false) => Ok(block),
            (Self::Second { .. }, true) => block
                .strip_prefix(b"OCHK")
                .and_then(|rest| rest.get(..rest.len().checked_sub(4)?))
                .ok_or_else(|| Trouble::NotRead("has a damaged object".to_owned())),
        }
    }

    /// The next message.
    fn next<'b>(self, rest: &mut &'b [u8], sizes: Sizes) -> Result<Option<Part<'b>>, Trouble> {
        let (head, kind_bytes) = match self {
            Self::First => (8, 2),
            Self::Second { ordered: false } => (4, 1),
            Self::Second { ordered: true } => (6, 1),
        };
        // What is left is a gap too small for a message.
        let Some((start, body)) = rest.split_at_checked(head) else {
            return Ok(None);
        };
        let mut start = Bytes::new(start, sizes);
        let kind = start.number(kind_bytes)?;
        let length = start.number(2)? as usize;
        let flags = start.byte()?;
        let Some((body, after)) = body.split_at_checked(length) else {
            return Err(Trouble::NotRead("has a damaged object".to_owned()));
        };
        *rest = after;
        Ok(Some(Part { kind, flags, body }))
    }
}
