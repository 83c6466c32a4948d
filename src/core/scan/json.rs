//! JSON: inert, but for the dialects in which a model is written and that name what is imported when it is
//! loaded. A new dialect is a file of its own and a line in [`DIALECTS`].

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::format::Format;
use super::job::{Job, inert};
use super::source::ReadError;
use super::{hugging_face, json_value, keras, skops};

/// Longest text of which the dialect is looked for; configurations are far shorter, vocabularies are not.
const BYTES_MAX: u64 = 32 << 20;

/// A dialect: whether a value is of it, and what judges it.
type Dialect = (fn(&Value) -> bool, fn(&Value, &mut Job<'_>));

const DIALECTS: &[Dialect] = &[
    (hugging_face::is_config, hugging_face::judge),
    (keras::is_config, keras::judge),
    (skops::is_schema, skops::judge),
];

/// Judges a JSON text.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let length = job.source.remaining();
    if BYTES_MAX < length {
        let top = serde_json::from_reader(&mut job.source);
        return undecided(top, job);
    }
    let bytes = match job.source.prefix(length, BYTES_MAX as usize) {
        Ok(bytes) => bytes,
        Err(ReadError::End) => Vec::new(),
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::Json;
        }
    };
    match json_value::parse(&bytes, &mut json_value::Memory::default()) {
        Ok(value) => {
            let format = inert(Format::Json, job);
            for (_, judge) in DIALECTS.iter().filter(|(is_of, _)| is_of(&value)) {
                judge(&value, job);
            }
            format
        }
        // Nested deeper, or of more objects, than any configuration that a tool writes; Python reads it all the same.
        Err(_) => undecided(serde_json::from_slice(&bytes), job),
    }
}

/// A text that is not held as a value: inert when it is of no dialect.
fn undecided(top: Result<TopLevel, serde_json::Error>, job: &mut Job<'_>) -> Format {
    match top {
        Ok(TopLevel { is_dialect: false }) => inert(Format::Json, job),
        Ok(TopLevel { is_dialect: true }) | Err(_) => {
            job.judgement
                .incomplete("it is too long or too deep for a configuration");
            Format::Json
        }
    }
}

/// Keys of which a dialect has at least one at its top.
const DIALECT_KEYS: &[&str] = &["class_name", "__loader__"];

/// What is at the top of a text too long to be held.
struct TopLevel {
    is_dialect: bool,
}

impl<'de> Deserialize<'de> for TopLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = TopLevel;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object or an array")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TopLevel, A::Error> {
                let mut is_dialect = false;
                while let Some(key) = map.next_key::<String>()? {
                    let key = key.as_str();
                    is_dialect |= DIALECT_KEYS.contains(&key) || hugging_face::KEYS.contains(&key);
                    map.next_value::<IgnoredAny>()?;
                }
                Ok(TopLevel { is_dialect })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TopLevel, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(TopLevel { is_dialect: false })
            }
        }
        deserializer.deserialize_any(Keys)
    }
}
