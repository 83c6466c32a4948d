//! safetensors: eight bytes of length, a JSON header, tensors side by side.
//!
//! The format's own description is followed to the letter: dtype and shape give the size of every
//! tensor, and the tensors cover the rest of the file without holes, overlaps or a tail
//! (<https://github.com/huggingface/safetensors#format>). Only the header is read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::Format;
use super::job::Job;
use super::pickle::escape;
use super::source::Source;
use crate::evidence::Outcome;

/// Longest header; the reference implementation has the same limit.
const HEADER_BYTES_MAX: u64 = 100_000_000;

/// Bytes before the header: its length.
const LENGTH_BYTES: u64 = 8;

/// Whether a file that begins with `head` says that a JSON header follows it.
pub(super) fn looks_like(head: &[u8], length: u64) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<8>() else {
        return false;
    };
    let size = u64::from_le_bytes(*size);
    rest.first() == Some(&b'{') && (size <= HEADER_BYTES_MAX || size <= length)
}

/// Judges the header against the file.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let (source, judgement) = (&mut job.source, &mut job.judgement);
    match check(source) {
        Ok(count) => {
            let clause = format!("has a header that describes its {count} tensors exactly");
            judgement.record("safetensors-header", Outcome::Met, &clause);
        }
        Err(problem) => {
            judgement.record("safetensors-header", Outcome::NotMet, &problem);
        }
    }
    judgement.covered("a safetensors file holds nothing that runs");
    Format::Safetensors
}

fn check(source: &mut Source<'_>) -> Result<usize, String> {
    let file_bytes = source.remaining();
    let mut length = [0; LENGTH_BYTES as usize];
    source
        .read_exact(&mut length)
        .map_err(|_| "ends before its header".to_owned())?;
    let header_bytes = u64::from_le_bytes(length);
    if HEADER_BYTES_MAX < header_bytes {
        return Err(format!(
            "says its header has {header_bytes} bytes, at most {HEADER_BYTES_MAX} are allowed"
        ));
    }
    let Some(data_bytes) = file_bytes.checked_sub(LENGTH_BYTES + header_bytes) else {
        return Err(format!(
            "says its header has {header_bytes} bytes, which is more than the file has"
        ));
    };
    let mut parser = serde_json::Deserializer::from_reader(source.take(header_bytes));
    let header = Header::deserialize(&mut parser)
        .and_then(|header| parser.end().map(|()| header))
        .map_err(|error| {
            format!(
                "has a header that is not valid: {}",
                escape(&error.to_string())
            )
        })?;
    covers(&header, data_bytes)?;
    Ok(header.tensors.len())
}

/// Whether the tensors cover the data exactly.
fn covers(header: &Header, data_bytes: u64) -> Result<(), String> {
    let mut ranges = Vec::with_capacity(header.tensors.len());
    for (name, tensor) in &header.tensors {
        let name = escape(&name.chars().take(100).collect::<String>());
        let (begin, end) = tensor.data_offsets;
        let needed = tensor
            .bytes()
            .ok_or_else(|| format!("gives tensor `{name}` a dtype or shape without a size"))?;
        if end.checked_sub(begin) != Some(needed) {
            return Err(format!(
                "places tensor `{name}` at bytes {begin} to {end}, while its dtype and shape need \
                 {needed} bytes"
            ));
        }
        ranges.push((begin, end, name));
    }
    ranges.sort();
    let mut covered = 0;
    for (begin, end, name) in ranges {
        if begin != covered {
            let what = if begin < covered {
                "overlaps the one before"
            } else {
                "leaves a hole before it"
            };
            return Err(format!("places tensor `{name}` so that it {what}"));
        }
        covered = end;
    }
    if covered != data_bytes {
        return Err(format!(
            "has {data_bytes} bytes of data, while its header describes {covered}"
        ));
    }
    Ok(())
}

/// The header: tensors by name, and what `__metadata__` says, which is dropped.
struct Header {
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl Tensor {
    /// Bytes its dtype and shape need.
    fn bytes(&self) -> Option<u64> {
        let bits: u64 = match self.dtype.as_str() {
            "F4" => 4,
            "F6_E2M3" | "F6_E3M2" => 6,
            "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ"
            | "F8_E5M2FNUZ" => 8,
            "I16" | "U16" | "F16" | "BF16" => 16,
            "I32" | "U32" | "F32" => 32,
            "I64" | "U64" | "F64" | "C64" => 64,
            _ => return None,
        };
        let all = self
            .shape
            .iter()
            .try_fold(bits, |product, length| product.checked_mul(*length))?;
        (all % 8 == 0).then_some(all / 8)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut tensors = BTreeMap::new();
        let mut metadata = false;
        while let Some(name) = map.next_key::<String>()? {
            let twice = if name == "__metadata__" {
                map.next_value::<Metadata>()?;
                std::mem::replace(&mut metadata, true)
            } else {
                let shown = name.chars().take(100).collect::<String>();
                let twice = tensors.insert(name, map.next_value()?).is_some();
                if twice {
                    return Err(A::Error::custom(format!("duplicate key {shown}")));
                }
                twice
            };
            if twice {
                return Err(A::Error::custom("duplicate key __metadata__"));
            }
        }
        Ok(Header { tensors })
    }
}

/// Texts by name, each name once.
struct Metadata;

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MetadataVisitor;
        impl<'de> Visitor<'de> for MetadataVisitor {
            type Value = Metadata;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
                let mut names = std::collections::BTreeSet::new();
                while let Some((name, _)) = map.next_entry::<String, String>()? {
                    if !names.insert(name) {
                        return Err(A::Error::custom("duplicate key in __metadata__"));
                    }
                }
                Ok(Metadata)
            }
        }
        deserializer.deserialize_map(MetadataVisitor)
    }
}
