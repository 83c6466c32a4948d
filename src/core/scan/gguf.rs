//! GGUF: counts, keys with values, descriptions of tensors, and the tensors behind them
//! (<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 1 to 3, both byte orders).
//!
//! Nothing in it runs but the chat templates, and readers written in C trust its counts and offsets. So
//! templates are judged, and everything must lie where the file says. Tensors are jumped over.

use std::collections::BTreeSet;

use super::Format;
use super::job::Job;
use super::pickle::escape;
use super::source::{ReadError, Source};
use super::structure::{self, Trouble, malformed};
use super::template::{self, Templates};

/// Keys, and tensors, read of one file: the largest known models have 2,000 tensors.
const ITEMS_MAX: u64 = 100_000;
/// Longest key, by the format's description.
const KEY_BYTES_MAX: u64 = 65_535;
/// Bytes of all names together.
const NAMES_BYTES_MAX: u64 = 64 << 20;
/// How deep arrays of arrays are followed.
const DEPTH_MAX: usize = 4;
/// Dimensions of a tensor (`GGML_MAX_DIMS`).
const DIMENSIONS_MAX: u32 = 4;
/// Bytes to whose multiples tensors are aligned unless the file says otherwise.
const ALIGNMENT: u32 = 32;

/// Kinds of values, as the file numbers them; `WIDTHS` has the bytes of those of fixed size.
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const UINT32: u32 = 4;
const WIDTHS: [Option<u64>; 13] = [
    Some(1),
    Some(1),
    Some(2),
    Some(2),
    Some(4),
    Some(4),
    Some(4),
    Some(1),
    None,
    None,
    Some(8),
    Some(8),
    Some(8),
];

/// Kinds of tensors: number, elements of a block, bytes of a block (`GGML_QUANT_SIZES` of gguf-py 0.19).
const BLOCKS: &[(u32, u64, u64)] = &[
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (9, 32, 40),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
    (15, 256, 292),
    (16, 256, 66),
    (17, 256, 74),
    (18, 256, 98),
    (19, 256, 50),
    (20, 32, 18),
    (21, 256, 110),
    (22, 256, 82),
    (23, 256, 136),
    (24, 1, 1),
    (25, 1, 2),
    (26, 1, 4),
    (27, 1, 8),
    (28, 1, 8),
    (29, 256, 56),
    (30, 1, 2),
    (34, 256, 54),
    (35, 256, 66),
    (39, 32, 17),
    (40, 64, 36),
    (41, 128, 18),
];

/// Judges the file.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let mut templates = Templates::default();
    let outcome = read(&mut job.source, &mut templates);
    let parts = outcome.map(|(keys, tensors)| format!("{keys} keys and {tensors} tensors"));
    let sound = "has a header that describes its tensors exactly";
    structure::judge(&mut job.judgement, Format::Gguf, parts, sound);
    templates.judge(&mut job.judgement);
    Format::Gguf
}

/// Reads the header; gives back how many keys and tensors it has.
fn read(source: &mut Source<'_>, templates: &mut Templates) -> Result<(u64, u64), Trouble> {
    source.skip(4)?;
    let version = source.array()?;
    let (little, version) = match u32::from_le_bytes(version) {
        low if low & 0xffff != 0 => (true, low),
        _ => (false, u32::from_be_bytes(version)),
    };
    if !(1..=3).contains(&version) {
        return Err(Trouble::Limit(format!(
            "its version is {version}, known are 1 to 3"
        )));
    }
    let mut numbers = Numbers {
        source,
        little,
        wide: version != 1,
        names_left: NAMES_BYTES_MAX,
    };
    let tensors = numbers.count()?;
    let keys = numbers.count()?;
    if ITEMS_MAX < keys.max(tensors) {
        let clause =
            format!("says it has {keys} keys and {tensors} tensors, at most {ITEMS_MAX} are read");
        return malformed(clause);
    }
    let alignment = metadata(&mut numbers, keys, templates)?;
    let mut described = Vec::new();
    let mut names = BTreeSet::new();
    for _ in 0..tensors {
        let tensor = tensor(&mut numbers)?;
        if !names.insert(tensor.name.clone()) {
            return malformed(format!("describes tensor `{}` twice", escape(&tensor.name)));
        }
        described.push(tensor);
    }
    covers(source, u64::from(alignment), &described)?;
    Ok((keys, tensors))
}

/// Reads keys and values; gives back the alignment of tensors.
fn metadata(
    numbers: &mut Numbers<'_, '_>,
    keys: u64,
    templates: &mut Templates,
) -> Result<u32, Trouble> {
    let mut names = BTreeSet::new();
    let mut alignment = ALIGNMENT;
    for _ in 0..keys {
        let name = numbers.name()?;
        let kind = numbers.u32()?;
        if name == "general.alignment" && kind == UINT32 {
            alignment = numbers.u32()?;
            if !alignment.is_power_of_two() {
                return malformed(format!("aligns its tensors to {alignment} bytes"));
            }
        } else if kind == STRING && name.contains("chat_template") {
            read_template(numbers, &name, templates)?;
        } else {
            value(numbers, kind, 0)?;
        }
        if !names.insert(name.clone()) {
            return malformed(format!("has the key `{}` twice", escape(&name)));
        }
    }
    Ok(alignment)
}

fn read_template(
    numbers: &mut Numbers<'_, '_>,
    name: &str,
    templates: &mut Templates,
) -> Result<(), Trouble> {
    let length = numbers.count()?;
    let bytes = numbers.source.prefix(length, template::BYTES_MAX + 1)?;
    match String::from_utf8(bytes) {
        Ok(text) => templates.read(name, &text),
        Err(_) => templates.unreadable(name, "is not UTF-8 or too long"),
    }
    Ok(())
}

/// Moves over a value.
fn value(numbers: &mut Numbers<'_, '_>, kind: u32, depth: usize) -> Result<(), Trouble> {
    let width = WIDTHS.get(kind as usize).copied().flatten();
    match (kind, width) {
        (BOOL, _) => match numbers.source.byte()? {
            0 | 1 => Ok(()),
            other => malformed(format!("has a truth value of {other}")),
        },
        (_, Some(width)) => Ok(numbers.source.skip(width)?),
        (STRING, None) => numbers.skip_text(),
        (ARRAY, None) if depth < DEPTH_MAX => array(numbers, depth),
        (ARRAY, None) => Err(Trouble::Limit(format!(
            "its arrays are more than {DEPTH_MAX} deep"
        ))),
        (other, None) => malformed(format!("has a value of the unknown kind {other}")),
    }
}

fn array(numbers: &mut Numbers<'_, '_>, depth: usize) -> Result<(), Trouble> {
    let kind = numbers.u32()?;
    let count = numbers.count()?;
    if let Some(width) = WIDTHS.get(kind as usize).copied().flatten() {
        let bytes = count.checked_mul(width).ok_or(ReadError::End)?;
        return Ok(numbers.source.skip(bytes)?);
    }
    // Each text or array takes bytes of the file, which bounds the loop.
    for _ in 0..count {
        value(numbers, kind, depth + 1)?;
    }
    Ok(())
}

struct Tensor {
    name: String,
    offset: u64,
    bytes: u64,
}

fn tensor(numbers: &mut Numbers<'_, '_>) -> Result<Tensor, Trouble> {
    let name = numbers.name()?;
    let shown = escape(&name.chars().take(100).collect::<String>());
    let dimensions = numbers.u32()?;
    if DIMENSIONS_MAX < dimensions {
        return malformed(format!("gives tensor `{shown}` {dimensions} dimensions"));
    }
    let mut elements = Some(1_u64);
    let mut row = 1;
    for index in 0..dimensions {
        let length = numbers.count()?;
        row = if index == 0 { length } else { row };
        elements = elements.and_then(|product| product.checked_mul(length));
    }
    let kind = numbers.u32()?;
    let offset = numbers.u64()?;
    let Some((_, block, block_bytes)) = BLOCKS.iter().find(|(known, _, _)| *known == kind) else {
        let problem = format!("the kind {kind} of tensor `{shown}` is not known");
        return Err(Trouble::Limit(problem));
    };
    let bytes = elements
        .filter(|_| row % block == 0)
        .and_then(|elements| (elements / block).checked_mul(*block_bytes));
    let Some(bytes) = bytes else {
        return malformed(format!("gives tensor `{shown}` a shape without a size"));
    };
    Ok(Tensor {
        name,
        offset,
        bytes,
    })
}

/// Whether the tensors stand one after another, aligned, to the end of the file, as llama.cpp asks.
fn covers(source: &Source<'_>, alignment: u64, tensors: &[Tensor]) -> Result<(), Trouble> {
    let header_end = source.position();
    let start = header_end.checked_next_multiple_of(alignment);
    let room = start.map_or(0, |start| source.end().saturating_sub(start));
    let mut next = Some(0_u64);
    let mut data_end = 0;
    for Tensor {
        name,
        offset,
        bytes,
    } in tensors
    {
        let name = escape(&name.chars().take(100).collect::<String>());
        if next != Some(*offset) {
            return malformed(format!(
                "places tensor `{name}` at byte {offset} of its data, where it does not follow the one before"
            ));
        }
        data_end = offset.saturating_add(*bytes);
        if room < data_end {
            return malformed(format!("has fewer bytes than tensor `{name}` needs"));
        }
        next = data_end.checked_next_multiple_of(alignment);
    }
    let left = room.saturating_sub(data_end);
    if alignment <= left {
        return malformed(format!("has {left} bytes behind its last tensor"));
    }
    Ok(())
}

/// Numbers in the byte order and width of the file.
struct Numbers<'s, 'a> {
    source: &'s mut Source<'a>,
    little: bool,
    /// Counts and lengths have eight bytes.
    wide: bool,
    /// Bytes that names may still have.
    names_left: u64,
}

impl Numbers<'_, '_> {
    fn u32(&mut self) -> Result<u32, ReadError> {
        let bytes = self.source.array()?;
        Ok(if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn u64(&mut self) -> Result<u64, ReadError> {
        let bytes = self.source.array()?;
        Ok(if self.little {
            u64::from_le_bytes(bytes)
        } else {
            u64::from_be_bytes(bytes)
        })
    }

    fn count(&mut self) -> Result<u64, ReadError> {
        if self.wide {
            self.u64()
        } else {
            self.u32().map(u64::from)
        }
    }

    fn skip_text(&mut self) -> Result<(), Trouble> {
        let length = self.count()?;
        Ok(self.source.skip(length)?)
    }

    fn name(&mut self) -> Result<String, Trouble> {
        let length = self.count()?;
        if KEY_BYTES_MAX < length {
            return malformed(format!("has a name of {length} bytes"));
        }
        let Some(left) = self.names_left.checked_sub(length) else {
            let problem = format!("its names have more than {NAMES_BYTES_MAX} bytes");
            return Err(Trouble::Limit(problem));
        };
        self.names_left = left;
        let bytes = self.source.prefix(length, KEY_BYTES_MAX as usize)?;
        String::from_utf8(bytes).or_else(|_| malformed("has a name that is not UTF-8".to_owned()))
    }
}
