//! The bytes of tensors that pickles of PyTorch name by persistent ids (`torch/serialization.py`,
//! PyTorch 2.9).

use std::collections::BTreeMap;

use super::machine::Halt;
use crate::scan::source::Source;

/// Tensors in one file: the largest models have some ten thousand.
const STORAGES_MAX: usize = 1 << 20;

/// Bytes of an element, by the name of the class that PyTorch writes.
const ELEMENT_BYTES: &[(&str, u64)] = &[
    ("BFloat16Storage", 2),
    ("BoolStorage", 1),
    ("ByteStorage", 1),
    ("CharStorage", 1),
    ("ComplexDoubleStorage", 16),
    ("ComplexFloatStorage", 8),
    ("DoubleStorage", 8),
    ("FloatStorage", 4),
    ("HalfStorage", 2),
    ("IntStorage", 4),
    ("LongStorage", 8),
    ("QInt32Storage", 4),
    ("QInt8Storage", 1),
    ("QUInt2x4Storage", 1),
    ("QUInt4x2Storage", 1),
    ("QUInt8Storage", 1),
    ("ShortStorage", 2),
    ("UntypedStorage", 1),
];

/// The tensors of a file, by their keys.
#[derive(Clone, Debug, Default)]
pub(in crate::scan) struct Storages {
    element_bytes: BTreeMap<String, u64>,
    /// The order in which they follow the pickles, in the older format.
    order: Vec<String>,
}

impl Storages {
    /// Adds a tensor; `false` when its class is not one of PyTorch's, or there are too many.
    pub(super) fn add(&mut self, key: &str, class: &str) -> bool {
        let known = ELEMENT_BYTES.iter().find(|(name, _)| *name == class);
        let Some((_, bytes)) = known.filter(|_| self.element_bytes.len() < STORAGES_MAX) else {
            return false;
        };
        self.element_bytes.insert(key.to_owned(), *bytes);
        true
    }

    /// Says which tensor comes next after the pickles.
    pub(super) fn follows(&mut self, key: &str) {
        if self.order.len() < STORAGES_MAX {
            self.order.push(key.to_owned());
        }
    }

    /// Whether a pickle names the tensor.
    pub(in crate::scan) fn contains(&self, key: &str) -> bool {
        self.element_bytes.contains_key(key)
    }

    /// Takes over the tensors of another pickle of the same archive.
    pub(in crate::scan) fn extend(&mut self, other: Self) {
        self.element_bytes.extend(other.element_bytes);
    }
}

/// Jumps over the tensors behind the pickles: eight bytes with the number of elements, and the elements.
pub(super) fn skip(source: &mut Source<'_>, storages: &Storages) -> Result<(), Halt> {
    for key in &storages.order {
        let Some(bytes) = storages.element_bytes.get(key) else {
            return Err(Halt::Malformed(
                "a tensor follows that no pickle names".to_owned(),
            ));
        };
        let elements = u64::from_le_bytes(source.array()?);
        let length = elements
            .checked_mul(*bytes)
            .ok_or_else(|| Halt::Malformed("the size of a tensor overflows".to_owned()))?;
        source.skip(length)?;
    }
    match source.remaining() {
        0 => Ok(()),
        count => Err(Halt::Malformed(format!(
            "{count} bytes follow its last tensor"
        ))),
    }
}
