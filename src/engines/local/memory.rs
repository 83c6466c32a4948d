//! Keys and values that are kept until all rows have been seen: in memory up to a bound, then in
//! temporary files that vanish with the process.

use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::PolarsResult;

/// Items handed on at once: a piece of memory that is never moved when more arrives.
const CHUNK_ITEMS: usize = 2_048;

/// Items the first chunk has room for before it grows.
const CHUNK_ITEMS_FIRST: usize = 16;

/// What all stores of a measurement hold together.
pub(super) struct Memory {
    held: AtomicU64,
    bytes_max: u64,
    /// Makes the hashes of this process unlike those of any other, so that no file can be made whose
    /// keys collide.
    pub(super) seeds: [u64; 2],
}

impl Memory {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            held: AtomicU64::new(0),
            bytes_max,
            seeds: [
                RandomState::new().hash_one(1_u8),
                RandomState::new().hash_one(2_u8),
            ],
        }
    }
}

/// What a store keeps: written to a file as it stands in memory.
pub(super) trait Item: Copy + Send + 'static {
    const BYTES: usize;
    fn write(self, bytes: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Self;
}

impl Item for u64 {
    const BYTES: usize = 8;

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut item = [0; 8];
        item.copy_from_slice(bytes);
        Self::from_le_bytes(item)
    }
}

impl Item for u128 {
    const BYTES: usize = 16;

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut item = [0; 16];
        item.copy_from_slice(bytes);
        Self::from_le_bytes(item)
    }
}

/// Items in parts, each part readable for itself.
pub(super) struct Store<I> {
    parts: Vec<Part<I>>,
    spilled: Option<File>,
    spilled_bytes: u64,
    held: u64,
}

struct Part<I> {
    full: Vec<Vec<I>>,
    current: Vec<I>,
    /// Where its items lie in the file: offset and number.
    segments: Vec<(u64, usize)>,
}

impl<I: Item> Store<I> {
    pub(super) fn new(parts: usize) -> Self {
        let part = || Part {
            full: Vec::new(),
            current: Vec::new(),
            segments: Vec::new(),
        };
        Self {
            parts: (0..parts).map(|_| part()).collect(),
            spilled: None,
            spilled_bytes: 0,
            held: 0,
        }
    }

    /// Adds items, each to the part `part_of` says, and writes to a file what is too much for memory.
    pub(super) fn extend(
        &mut self,
        items: impl Iterator<Item = I>,
        part_of: impl Fn(I) -> usize,
        memory: &Memory,
    ) -> PolarsResult<()> {
        let mut added = 0_u64;
        items.for_each(|item| {
            let Some(part) = self.parts.get_mut(part_of(item)) else {
                return;
            };
            let capacity = part.current.capacity();
            if part.current.len() == capacity {
                // A small table takes little; only full chunks stay where they are.
                let grown = if capacity < CHUNK_ITEMS {
                    let more = capacity.max(CHUNK_ITEMS_FIRST).min(CHUNK_ITEMS - capacity);
                    part.current.reserve_exact(more);
                    more
                } else {
                    let fresh = Vec::with_capacity(CHUNK_ITEMS);
                    part.full.push(std::mem::replace(&mut part.current, fresh));
                    CHUNK_ITEMS
                };
                added += (grown * I::BYTES) as u64;
            }
            part.current.push(item);
        });
        self.held += added;
        if memory.bytes_max < memory.held.fetch_add(added, Ordering::Relaxed) + added {
            self.spill(memory)?;
        }
        Ok(())
    }

    /// Writes the full chunks to the file.
    fn spill(&mut self, memory: &Memory) -> PolarsResult<()> {
        let file = match &mut self.spilled {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.spilled_bytes))?;
        let mut bytes = Vec::new();
        for part in &mut self.parts {
            bytes.clear();
            let mut items = 0;
            for chunk in part.full.drain(..) {
                items += chunk.len();
                chunk.into_iter().for_each(|item| item.write(&mut bytes));
            }
            if items == 0 {
                continue;
            }
            file.write_all(&bytes)?;
            part.segments.push((self.spilled_bytes, items));
            self.spilled_bytes += bytes.len() as u64;
            self.held = self.held.saturating_sub(bytes.len() as u64);
            memory.held.fetch_sub(bytes.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    /// How many items a part holds.
    pub(super) fn part_len(&self, part: usize) -> usize {
        self.parts.get(part).map_or(0, |part| {
            let chunks: usize = part.full.iter().map(Vec::len).sum();
            let spilled: usize = part.segments.iter().map(|(_, items)| items).sum();
            chunks + part.current.len() + spilled
        })
    }

    /// Calls `take` with every item of a part.
    pub(super) fn for_each(&self, part: usize, mut take: impl FnMut(I)) -> PolarsResult<()> {
        let Some(part) = self.parts.get(part) else {
            return Ok(());
        };
        if let Some(file) = &self.spilled {
            // Read at a place, not from a position: several parts are read at once.
            let mut bytes = Vec::new();
            for (offset, items) in &part.segments {
                read_at(file, *offset, items * I::BYTES, &mut bytes)?;
                bytes
                    .chunks_exact(I::BYTES)
                    .for_each(|item| take(I::read(item)));
            }
        }
        part.full.iter().flatten().copied().for_each(&mut take);
        part.current.iter().copied().for_each(&mut take);
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, length: usize, bytes: &mut Vec<u8>) -> PolarsResult<()> {
    use std::os::unix::fs::FileExt as _;
    bytes.resize(length, 0);
    file.read_exact_at(bytes, offset)?;
    Ok(())
}

#[cfg(not(unix))]
fn read_at(file: &File, offset: u64, length: usize, bytes: &mut Vec<u8>) -> PolarsResult<()> {
    static POSITION: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _held = POSITION.lock();
    bytes.resize(length, 0);
    let mut file = file;
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)?;
    Ok(())
}
