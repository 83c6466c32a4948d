//! JSON held as a value, in bounded memory: a few megabytes of small objects ask for gigabytes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Memory of all values of one file. A vocabulary of a million words takes half of it.
const MEMORY_BYTES_MAX: u64 = 256 << 20;
/// What a value takes, with its share of the room that a growing array keeps.
const VALUE_BYTES: u64 = 64;
/// What an object takes that has any entry: a node of a tree has room for eleven.
const OBJECT_BYTES: u64 = 640;

/// The memory that the values of one file may still take.
pub(super) struct Memory(u64);

impl Default for Memory {
    fn default() -> Self {
        Self(MEMORY_BYTES_MAX)
    }
}

/// The value of a text; the error says why there is none.
pub(super) fn parse(text: &[u8], memory: &mut Memory) -> Result<Value, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    Cost(memory).deserialize(&mut parser)?;
    serde_json::from_slice(text)
}

/// Spends what a value would take, without making it.
struct Cost<'m>(&'m mut Memory);

impl Cost<'_> {
    fn spend<E: Error>(&mut self, bytes: u64) -> Result<(), E> {
        let left = self.0.0.checked_sub(VALUE_BYTES.saturating_add(bytes));
        self.0.0 = left.ok_or_else(|| {
            let limit = MEMORY_BYTES_MAX >> 20;
            E::custom(format_args!("its values take more than {limit} MiB"))
        })?;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Cost<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cost<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.spend(0)
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.spend(0)
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<(), E> {
        self.spend(0)
    }

    fn visit_u64<E: Error>(mut self, _: u64) -> Result<(), E> {
        self.spend(0)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        self.spend(0)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.spend(text.len() as u64)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.spend(0)?;
        while items.next_element_seed(Cost(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.spend(OBJECT_BYTES)?;
        while entries.next_key_seed(Cost(self.0))?.is_some() {
            entries.next_value_seed(Cost(self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_objects_take_more_than_their_text() {
        let objects = format!("[{}0]", r#"{"a":0},"#.repeat(500_000));
        let problem = parse(objects.as_bytes(), &mut Memory::default()).expect_err("too many");
        assert!(
            problem.to_string().contains("more than 256 MiB"),
            "{problem}"
        );
        let words: Vec<String> = (0..500_000)
            .map(|index| format!(r#""w{index}":{index}"#))
            .collect();
        let vocabulary = format!("{{{}}}", words.join(","));
        assert!(parse(vocabulary.as_bytes(), &mut Memory::default()).is_ok());
    }

    #[test]
    fn several_values_share_the_memory_of_their_file() {
        let text = format!("[{}0]", "0,".repeat(1_000_000));
        let mut memory = Memory::default();
        let parsed = (0..10).take_while(|_| parse(text.as_bytes(), &mut memory).is_ok());
        assert_eq!(parsed.count(), 4);
    }

    #[test]
    fn what_is_no_json_is_told_as_before() {
        for text in ["", "{", "[1,]", "NaN", r#"{"a":1} x"#] {
            assert!(
                parse(text.as_bytes(), &mut Memory::default()).is_err(),
                "{text}"
            );
        }
        let value = parse(
            br#"{"a": [null, true, -1, 1.5, "x"]}"#,
            &mut Memory::default(),
        );
        assert_eq!(
            value.ok().map(|value| value["a"][4].clone()),
            Some("x".into())
        );
    }
}
