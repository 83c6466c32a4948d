//! Arrays of numpy: `.npy` of version 1 to 3 (numpy's `lib/format.py`), never a pickle.

use crate::scan::NpyHeader;

/// Longest header; numpy itself refuses more than 10,000 bytes unless told otherwise.
const HEADER_BYTES_MAX: usize = 1 << 16;

/// An array in the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Array<'a> {
    /// The lengths of its axes, slowest first.
    pub(super) shape: Vec<usize>,
    kind: Kind,
    /// Whether the first index runs fastest, as in what pandas hands out.
    is_fortran: bool,
    elements: &'a [u8],
}

/// What elements are, with their size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Float(usize),
    Signed(usize),
    Unsigned(usize),
    /// UTF-32, little endian, padded with zeros.
    Text(usize),
    /// A pickle, which is not read.
    Objects,
}

/// Reads an array.
///
/// # Errors
/// A fragment that names what was expected.
pub(super) fn parse(bytes: &[u8]) -> Result<Array<'_>, String> {
    let rest = bytes
        .strip_prefix(b"\x93NUMPY")
        .ok_or("it does not begin as an array of numpy does (`\\x93NUMPY`)")?;
    let short = || "it ends before its header does".to_owned();
    let (version, rest) = rest.split_at_checked(2).ok_or_else(short)?;
    let width = match version {
        [1, _] => 2,
        [2 | 3, _] => 4,
        _ => return Err("its version is not 1, 2 or 3".to_owned()),
    };
    let (length, rest) = rest.split_at_checked(width).ok_or_else(short)?;
    let length = length
        .iter()
        .rev()
        .fold(0, |length: usize, byte| length << 8 | usize::from(*byte));
    if HEADER_BYTES_MAX < length {
        return Err(format!(
            "its header has {length} bytes, more than {HEADER_BYTES_MAX}"
        ));
    }
    let (header, elements) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(header)
        .ok()
        .and_then(NpyHeader::parse)
        .ok_or("its header is not of the form that numpy writes for numbers or texts")?;
    let kind = Kind::of(&header.descr)?;
    let axes = header.shape.iter();
    let shape = axes.map(|length| usize::try_from(*length).ok());
    let shape: Vec<usize> = shape.collect::<Option<_>>().ok_or("it is too large")?;
    let count = shape
        .iter()
        .try_fold(1_usize, |count, length| count.checked_mul(*length));
    let needed = count.and_then(|count| count.checked_mul(kind.bytes()));
    if kind != Kind::Objects && needed != Some(elements.len()) {
        return Err(format!(
            "its elements take {} bytes, which is not what its shape {shape:?} needs",
            elements.len()
        ));
    }
    Ok(Array {
        shape,
        kind,
        is_fortran: header.is_fortran,
        elements,
    })
}

impl Kind {
    fn of(descr: &str) -> Result<Self, String> {
        let unknown = || {
            format!("its elements are `{descr}`; expected little-endian numbers, as `<f8` or `<f4`")
        };
        if descr.ends_with('O') {
            return Ok(Self::Objects);
        }
        let plain = descr.strip_prefix(['<', '|', '=']).ok_or_else(unknown)?;
        let (kind, size) = plain.split_at_checked(1).ok_or_else(unknown)?;
        let size: usize = size.parse().map_err(|_| unknown())?;
        match (kind, size) {
            ("f", 4 | 8) => Ok(Self::Float(size)),
            ("i", 1 | 2 | 4 | 8) => Ok(Self::Signed(size)),
            ("u" | "b", 1 | 2 | 4 | 8) => Ok(Self::Unsigned(size)),
            ("U", 1..=4096) => Ok(Self::Text(size * 4)),
            _ => Err(unknown()),
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Float(bytes)
            | Self::Signed(bytes)
            | Self::Unsigned(bytes)
            | Self::Text(bytes) => bytes,
            Self::Objects => 0,
        }
    }
}

impl Array<'_> {
    /// The elements as numbers, the last index fastest; `None` when they are texts or objects.
    pub(super) fn numbers(&self) -> Option<Vec<f64>> {
        let size = self.kind.bytes();
        let number = |bytes: &[u8]| -> Option<f64> {
            // Widened with zeros, or with ones below zero, so that one reading fits every size.
            let negative = bytes.last().is_some_and(|byte| 0x80 <= *byte);
            let fill = if matches!(self.kind, Kind::Signed(_)) && negative {
                0xff
            } else {
                0
            };
            let mut wide = [fill; 8];
            wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
            let bits = u64::from_le_bytes(wide);
            match self.kind {
                Kind::Float(4) => Some(f64::from(f32::from_bits(u32::try_from(bits).ok()?))),
                Kind::Float(_) => Some(f64::from_bits(bits)),
                Kind::Signed(_) => Some(i64::from_le_bytes(wide) as f64),
                Kind::Unsigned(_) => Some(bits as f64),
                Kind::Text(_) | Kind::Objects => None,
            }
        };
        match self.kind {
            Kind::Text(_) | Kind::Objects => None,
            Kind::Float(_) | Kind::Signed(_) | Kind::Unsigned(_) => {
                let numbers: Option<Vec<f64>> =
                    self.elements.chunks_exact(size).map(number).collect();
                Some(self.last_fastest(numbers?))
            }
        }
    }

    /// Numbers in the order of the file, with the last index running fastest.
    fn last_fastest(&self, numbers: Vec<f64>) -> Vec<f64> {
        if !self.is_fortran {
            return numbers;
        }
        let mut stride = 1;
        let axes: Vec<(usize, usize)> = self
            .shape
            .iter()
            .map(|length| {
                let axis = (*length, stride);
                stride *= length;
                axis
            })
            .collect();
        let number = |place: usize| {
            let (mut rest, mut from) = (place, 0);
            for (length, stride) in axes.iter().rev() {
                from += rest % length * stride;
                rest /= length;
            }
            numbers.get(from).copied().unwrap_or(f64::NAN)
        };
        (0..numbers.len()).map(number).collect()
    }

    /// The elements as texts; `None` when they are not.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        let Kind::Text(size) = self.kind else {
            return None;
        };
        let letter = |bytes: &[u8]| {
            let bytes = <[u8; 4]>::try_from(bytes).ok()?;
            char::from_u32(u32::from_le_bytes(bytes))
        };
        let text = |bytes: &[u8]| -> Option<String> {
            let letters: Option<String> = bytes.chunks_exact(4).map(letter).collect();
            Some(letters?.trim_end_matches('\0').to_owned())
        };
        self.elements.chunks_exact(size).map(text).collect()
    }
}
