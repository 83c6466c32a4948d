//! What the interpreter knows of the values a pickle makes: enough to name imports, show literal
//! arguments and measure joblib's arrays, and no more.
//!
//! Values are small and copied; what they point to lives in a [`Heap`], so that nothing a hostile
//! stream builds is ever walked or dropped recursively. A heap that is full yields
//! [`Value::Unknown`], and whatever needs to know that value then refuses it.

/// Bytes of a text that are kept: longer than any module path, and enough to show an argument.
pub(super) const TEXT_KEPT_BYTES: usize = 512;
/// Items of a tuple, or entries of a dictionary, that are kept: the fields of a structured dtype
/// are the longest that matter.
const ITEMS_KEPT: usize = 64;
/// Bytes of text kept in one stream.
const TEXT_BYTES_MAX: usize = 64 << 20;
/// Tuple items kept in one stream.
const TUPLE_ITEMS_MAX: usize = 2 << 20;
/// Dictionaries, and objects, kept in one stream.
const RECORDS_MAX: usize = 1 << 20;

/// A value on the stack or in the memo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Not followed: numbers with a fraction, lists, sets, what did not fit.
    Unknown,
    None,
    Bool(bool),
    Int(i64),
    /// A string; `whole` when all of it is kept.
    Text {
        start: u32,
        bytes: u16,
        whole: bool,
    },
    /// A bytes constant, of which only the length is known.
    Bytes(u64),
    Tuple {
        start: u32,
        items: u16,
    },
    Dictionary(u32),
    /// Something imported, by its number in the report.
    Global(u32),
    /// What a call returned.
    Object(u32),
}

/// What a call returned, and what was done to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    /// What was called, when it was an import.
    pub(super) class: Option<u32>,
    /// The arguments.
    pub(super) arguments: Value,
    /// The state of its last BUILD.
    pub(super) state: Value,
    /// How many times BUILD was applied.
    pub(super) builds: u32,
}

/// A dictionary as far as it is followed.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    /// Entries with a text key, in order of first insertion.
    entries: Vec<(Value, Value)>,
    /// Whether there are entries that were not kept.
    lossy: bool,
}

/// Storage of what values point to.
#[derive(Clone, Default)]
pub(super) struct Heap {
    text: String,
    items: Vec<Value>,
    dictionaries: Vec<Dictionary>,
    objects: Vec<Object>,
}

impl Heap {
    /// Keeps the text, or its beginning.
    pub(super) fn text(&mut self, text: &str, whole: bool) -> Value {
        let mut length = text.len().min(TEXT_KEPT_BYTES);
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        let kept = text.get(..length).unwrap_or_default();
        if TEXT_BYTES_MAX < self.text.len() + length {
            return Value::Unknown;
        }
        let start = self.text.len() as u32;
        self.text.push_str(kept);
        Value::Text {
            start,
            bytes: length as u16,
            whole: whole && length == text.len(),
        }
    }

    /// The text of a value, when it is one and all of it is known.
    pub(super) fn as_text(&self, value: Value) -> Option<&str> {
        match self.beginning(value)? {
            (text, true) => Some(text),
            (_, false) => None,
        }
    }

    /// The beginning of a text, and whether that is all of it.
    pub(super) fn beginning(&self, value: Value) -> Option<(&str, bool)> {
        let Value::Text {
            start,
            bytes,
            whole,
        } = value
        else {
            return None;
        };
        let start = start as usize;
        let text = self.text.get(start..start + usize::from(bytes))?;
        Some((text, whole))
    }

    /// Keeps a tuple.
    pub(super) fn tuple(&mut self, items: &[Value]) -> Value {
        if ITEMS_KEPT < items.len() || TUPLE_ITEMS_MAX < self.items.len() + items.len() {
            return Value::Unknown;
        }
        let start = self.items.len() as u32;
        self.items.extend_from_slice(items);
        Value::Tuple {
            start,
            items: items.len() as u16,
        }
    }

    /// The items of a tuple.
    pub(super) fn as_tuple(&self, value: Value) -> Option<&[Value]> {
        let Value::Tuple { start, items } = value else {
            return None;
        };
        let start = start as usize;
        self.items.get(start..start + usize::from(items))
    }

    /// Keeps a new, empty dictionary.
    pub(super) fn dictionary(&mut self) -> Value {
        if RECORDS_MAX <= self.dictionaries.len() {
            return Value::Unknown;
        }
        self.dictionaries.push(Dictionary::default());
        Value::Dictionary((self.dictionaries.len() - 1) as u32)
    }

    /// Sets an entry of a dictionary; what is not a dictionary is left alone.
    pub(super) fn set_item(&mut self, target: Value, key: Value, value: Value) {
        let Value::Dictionary(number) = target else {
            return;
        };
        // Once an entry is lost the dictionary is of no use, however much follows.
        if self
            .dictionaries
            .get(number as usize)
            .is_none_or(|known| known.lossy)
        {
            return;
        }
        let key_text = self.as_text(key).map(str::to_owned);
        let place = self.dictionaries.get(number as usize).and_then(|known| {
            known
                .entries
                .iter()
                .position(|(other, _)| self.as_text(*other) == key_text.as_deref())
        });
        let Some(dictionary) = self.dictionaries.get_mut(number as usize) else {
            return;
        };
        let entry = place.and_then(|place| dictionary.entries.get_mut(place));
        if let Some(entry) = entry.filter(|_| key_text.is_some()) {
            entry.1 = value;
        } else if key_text.is_some() && dictionary.entries.len() < ITEMS_KEPT {
            dictionary.entries.push((key, value));
        } else {
            dictionary.lossy = true;
        }
    }

    /// The entries of a dictionary of which every entry is known.
    pub(super) fn as_dictionary(&self, value: Value) -> Option<&[(Value, Value)]> {
        let Value::Dictionary(number) = value else {
            return None;
        };
        let dictionary = self.dictionaries.get(number as usize)?;
        (!dictionary.lossy).then_some(dictionary.entries.as_slice())
    }

    /// Keeps the result of a call.
    pub(super) fn object(&mut self, class: Option<u32>, arguments: Value) -> Value {
        if RECORDS_MAX <= self.objects.len() {
            return Value::Unknown;
        }
        self.objects.push(Object {
            class,
            arguments,
            state: Value::None,
            builds: 0,
        });
        Value::Object((self.objects.len() - 1) as u32)
    }

    /// The result of a call.
    pub(super) fn as_object(&self, value: Value) -> Option<Object> {
        let Value::Object(number) = value else {
            return None;
        };
        self.objects.get(number as usize).copied()
    }

    /// Records a BUILD.
    pub(super) fn build(&mut self, target: Value, state: Value) {
        if let Value::Object(number) = target
            && let Some(object) = self.objects.get_mut(number as usize)
        {
            object.state = state;
            object.builds = object.builds.saturating_add(1);
        }
    }
}
