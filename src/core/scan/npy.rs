//! `.npy` arrays: numbers behind a header, or a pickle when the elements are objects
//! (numpy's `lib/format.py`, versions 1 to 3).

use super::Format;
use super::job::Job;
use super::pickle::{self, Persistent};
use super::source::{ReadError, Source};

/// Longest header; numpy itself refuses more than 10,000 bytes unless told otherwise.
const HEADER_BYTES_MAX: u64 = 1 << 20;
/// Arrays written one after another into the same file.
const ARRAYS_MAX: u64 = 100_000;

/// Judges an array, and those that follow it.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let (source, judgement) = (&mut job.source, &mut job.judgement);
    let mut count = 0;
    loop {
        match array(source) {
            Ok(Content::Numbers) => count += 1,
            Ok(Content::Objects) => {
                let report = pickle::read(source, job.policy, Persistent::Refused);
                judgement.pickle(report, Format::Npy);
                return Format::Npy;
            }
            Err(Trouble::Unsupported(problem)) => {
                judgement.incomplete(problem);
                return Format::Npy;
            }
            Err(Trouble::Read(ReadError::End)) => {
                judgement.incomplete("it ends before its array does");
                return Format::Npy;
            }
            Err(Trouble::Read(ReadError::Io(problem))) => {
                judgement.unreadable(&problem);
                return Format::Npy;
            }
        }
        if source.remaining() == 0 {
            judgement.covered(&format!("{count} numpy arrays hold nothing that runs"));
            return Format::Npy;
        }
        if ARRAYS_MAX < count {
            judgement.incomplete("it holds too many arrays");
            return Format::Npy;
        }
    }
}

/// What the header of an array says, where its elements are not records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    /// The type of the elements, as numpy writes it: `<f8`, `<U5`, `|O`.
    pub descr: String,
    /// Whether the first index runs fastest.
    pub is_fortran: bool,
    /// The lengths of its axes, slowest first.
    pub shape: Vec<u64>,
}

impl NpyHeader {
    /// Reads the text of a header. `None` when it is not of the form that numpy writes, or when the
    /// elements are records.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let [
            Literal::Text(descr),
            Literal::Truth(is_fortran),
            Literal::Sequence(lengths),
        ] = entries(header)?
        else {
            return None;
        };
        let length = |literal: &Literal| match literal {
            Literal::Number(length) => Some(*length),
            _ => None,
        };
        Some(Self {
            descr,
            is_fortran,
            shape: lengths.iter().map(length).collect::<Option<_>>()?,
        })
    }
}

enum Content {
    /// Numbers, which were jumped over.
    Numbers,
    /// A pickle, which comes next.
    Objects,
}

enum Trouble {
    Unsupported(&'static str),
    Read(ReadError),
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

fn array(source: &mut Source<'_>) -> Result<Content, Trouble> {
    if source.array::<6>()? != *b"\x93NUMPY" {
        return Err(Trouble::Unsupported(
            "bytes that are no array follow its array",
        ));
    }
    let [major, _] = source.array()?;
    let length = match major {
        1 => u16::from_le_bytes(source.array()?).into(),
        2 | 3 => u64::from(u32::from_le_bytes(source.array()?)),
        _ => return Err(Trouble::Unsupported("its header has an unknown version")),
    };
    if HEADER_BYTES_MAX < length {
        return Err(Trouble::Unsupported("its header is too long"));
    }
    let header = source.prefix(length, HEADER_BYTES_MAX as usize)?;
    let header = String::from_utf8_lossy(&header).into_owned();
    let bytes = layout(&header).ok_or(Trouble::Unsupported(
        "its header is not of the form that numpy writes",
    ))?;
    match bytes {
        Some(bytes) => {
            source.skip(bytes)?;
            Ok(Content::Numbers)
        }
        None => Ok(Content::Objects),
    }
}

/// A Python literal of a header.
enum Literal {
    Text(String),
    Number(u64),
    Truth(bool),
    /// A tuple or a list.
    Sequence(Vec<Literal>),
    Dictionary(Vec<(Literal, Literal)>),
}

/// Bytes of the array; `Some(None)` when its elements are objects.
#[expect(
    clippy::option_option,
    reason = "not known, objects, and so many bytes are three answers"
)]
fn layout(header: &str) -> Option<Option<u64>> {
    let [descr, _, shape] = entries(header)?;
    let element = element(&descr, 0)?;
    let count = count(&shape)?;
    match element {
        Some(bytes) => Some(Some(bytes.checked_mul(count)?)),
        None => Some(None),
    }
}

/// `descr`, `fortran_order` and `shape` of a header.
fn entries(header: &str) -> Option<[Literal; 3]> {
    let mut rest = header;
    let Literal::Dictionary(mut entries) = literal(&mut rest, 0)? else {
        return None;
    };
    if !rest.trim().is_empty() || entries.len() != 3 {
        return None;
    }
    let mut entry = |name: &str| {
        let is_named =
            |(key, _): &(Literal, Literal)| matches!(key, Literal::Text(text) if text == name);
        let index = entries.iter().position(is_named)?;
        Some(entries.swap_remove(index).1)
    };
    let order = entry("fortran_order").filter(|value| matches!(value, Literal::Truth(_)))?;
    Some([entry("descr")?, order, entry("shape")?])
}

fn count(shape: &Literal) -> Option<u64> {
    let Literal::Sequence(lengths) = shape else {
        return None;
    };
    lengths
        .iter()
        .try_fold(1_u64, |product, length| match length {
            Literal::Number(length) => product.checked_mul(*length),
            _ => None,
        })
}

/// Bytes of an element; `Some(None)` when it holds objects.
#[expect(
    clippy::option_option,
    reason = "not known, objects, and so many bytes are three answers"
)]
fn element(descr: &Literal, depth: usize) -> Option<Option<u64>> {
    if 4 < depth {
        return None;
    }
    match descr {
        Literal::Text(text) => simple(text),
        Literal::Sequence(fields) => {
            let mut sum = Some(0_u64);
            for field in fields {
                let Literal::Sequence(parts) = field else {
                    return None;
                };
                let repeat = match parts.get(2) {
                    Some(shape) => count(shape)?,
                    None => 1,
                };
                let bytes = element(parts.get(1)?, depth + 1)?;
                sum = match (sum, bytes) {
                    (Some(sum), Some(bytes)) => Some(sum.checked_add(bytes.checked_mul(repeat)?)?),
                    _ => None,
                };
            }
            Some(sum)
        }
        Literal::Number(_) | Literal::Truth(_) | Literal::Dictionary(_) => None,
    }
}

#[expect(
    clippy::option_option,
    reason = "not known, objects, and so many bytes are three answers"
)]
fn simple(text: &str) -> Option<Option<u64>> {
    let text = text.strip_prefix(['<', '>', '|', '=']).unwrap_or(text);
    let kind = text.chars().next()?;
    let rest = text.get(kind.len_utf8()..)?;
    if kind == 'O' {
        return Some(None);
    }
    let digits = rest.split('[').next()?;
    let number: u64 = digits.parse().ok()?;
    match kind {
        'b' | 'i' | 'u' | 'f' | 'c' | 'm' | 'M' | 'S' | 'V' => Some(Some(number)),
        'U' => Some(Some(number.checked_mul(4)?)),
        _ => None,
    }
}

fn literal(rest: &mut &str, depth: usize) -> Option<Literal> {
    if 8 < depth {
        return None;
    }
    *rest = rest.trim_start();
    let first = rest.chars().next()?;
    match first {
        '\'' | '"' => {
            let inside = rest.get(1..)?;
            let (text, after) = inside.split_once(first)?;
            *rest = after;
            (!text.contains('\\')).then(|| Literal::Text(text.to_owned()))
        }
        '0'..='9' => {
            let end = rest.find(|digit: char| !digit.is_ascii_digit())?;
            let (digits, after) = rest.split_at_checked(end)?;
            *rest = after.strip_prefix('L').unwrap_or(after);
            digits.parse().ok().map(Literal::Number)
        }
        'T' | 'F' => {
            let after = |word: &str| rest.strip_prefix(word);
            let (truth, after) = match (after("True"), after("False")) {
                (Some(after), _) => (true, after),
                (None, Some(after)) => (false, after),
                (None, None) => return None,
            };
            *rest = after;
            Some(Literal::Truth(truth))
        }
        '(' => sequence(rest, ')', depth),
        '[' => sequence(rest, ']', depth),
        '{' => dictionary(rest, depth),
        _ => None,
    }
}

fn sequence(rest: &mut &str, close: char, depth: usize) -> Option<Literal> {
    *rest = rest.get(1..)?;
    let mut items = Vec::new();
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(close) {
            *rest = after;
            return Some(Literal::Sequence(items));
        }
        items.push(literal(rest, depth + 1)?);
        *rest = rest.trim_start();
        *rest = match rest.strip_prefix(',') {
            Some(after) => after,
            None if rest.starts_with(close) => rest,
            None => return None,
        };
    }
}

fn dictionary(rest: &mut &str, depth: usize) -> Option<Literal> {
    *rest = rest.get(1..)?;
    let mut entries = Vec::new();
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            *rest = after;
            return Some(Literal::Dictionary(entries));
        }
        let key = literal(rest, depth + 1)?;
        *rest = rest.trim_start().strip_prefix(':')?;
        entries.push((key, literal(rest, depth + 1)?));
        *rest = rest.trim_start();
        *rest = match rest.strip_prefix(',') {
            Some(after) => after,
            None if rest.starts_with('}') => rest,
            None => return None,
        };
    }
}
