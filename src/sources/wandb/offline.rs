//! The log of an offline run: records as protocol buffers, framed as the log of LevelDB.
//!
//! A header of seven bytes, then blocks of 32 KiB with chunks: CRC-32 of kind and data, length, kind
//! (whole, first, middle, last). LevelDB, `doc/log_format.md`; wandb, `core/internal/transactionlog`,
//! `wandb_internal.proto`. A log that breaks off is read up to there: then the run did not end.

use flate2::Crc;
use prost::Message;
use serde_json::{Map, Value};

use super::summary;
use crate::recorded::Recording;
use crate::sources::json;

/// The first bytes of a log.
pub(super) const MAGIC: &[u8] = b":W&B";

/// The header: the magic, two bytes of it in another form, a version.
const HEADER: [u8; 7] = [b':', b'W', b'&', b'B', 0xe1, 0xbe, 0];

/// Bytes of a block.
const BLOCK: usize = 32 << 10;

/// Bytes before the data of a chunk.
const CHUNK_HEADER: usize = 7;

/// Deepest nested name.
const DEPTH_MAX: usize = 32;

#[derive(Clone, PartialEq, Message)]
struct Record {
    #[prost(message, optional, tag = "3")]
    summary: Option<Items>,
    #[prost(message, optional, tag = "5")]
    config: Option<Items>,
    #[prost(message, optional, tag = "17")]
    run: Option<Run>,
    #[prost(message, optional, tag = "18")]
    exit: Option<Exit>,
}

/// `SummaryRecord` and `ConfigRecord` alike.
#[derive(Clone, PartialEq, Message)]
struct Items {
    #[prost(message, repeated, tag = "1")]
    update: Vec<Item>,
    #[prost(message, repeated, tag = "2")]
    remove: Vec<Item>,
}

#[derive(Clone, PartialEq, Message)]
struct Item {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, repeated, tag = "2")]
    nested_key: Vec<String>,
    #[prost(string, tag = "16")]
    value_json: String,
}

#[derive(Clone, PartialEq, Message)]
struct Run {
    #[prost(string, tag = "1")]
    run_id: String,
    #[prost(message, optional, tag = "4")]
    config: Option<Items>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Items>,
}

#[derive(Clone, PartialEq, Message)]
struct Exit {
    #[prost(int32, tag = "1")]
    exit_code: i32,
    #[prost(bool, tag = "3")]
    not_complete: bool,
}

/// What a run recorded.
///
/// # Errors
/// A sentence.
pub(super) fn parse(bytes: &[u8]) -> Result<Recording, String> {
    let log = bytes
        .strip_prefix(&HEADER)
        .ok_or_else(|| "its header is not that of a log of wandb, version 0".to_owned())?;
    let (records, is_whole) = records(log)?;
    let (mut values, mut config) = (Map::new(), Map::new());
    let mut recording = Recording::by(super::TITLE);
    let mut exit = None;
    for (index, record) in records.iter().enumerate() {
        let record = Record::decode(record.as_slice())
            .map_err(|error| format!("record {} is not one of wandb: {error}", index + 1))?;
        if let Some(run) = record.run {
            if !run.run_id.is_empty() {
                recording.run = Some(run.run_id);
            }
            apply(&mut config, run.config)?;
            apply(&mut values, run.summary)?;
        }
        apply(&mut config, record.config)?;
        apply(&mut values, record.summary)?;
        exit = record.exit.or(exit);
    }
    if records.is_empty() {
        return Err("there is no record in it".to_owned());
    }
    if !is_whole {
        let why = "the log breaks off in the middle of a record";
        recording.shortfalls.push(why.to_owned());
    }
    recording.shortfalls.extend(match exit {
        None => Some("the run has not ended: there is no record of its exit".to_owned()),
        Some(exit) if exit.not_complete => Some("the run is not complete".to_owned()),
        Some(Exit { exit_code: 0, .. }) => None,
        Some(exit) => Some(format!("the run ended with exit code {}", exit.exit_code)),
    });
    recording.metrics = summary::metrics(values)?;
    let mine = config.into_iter().filter(|(name, _)| name != "_wandb");
    let text = |value: Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    recording.parameters = mine.map(|(name, value)| (name, text(value))).collect();
    Ok(recording)
}

/// The records of a log, and whether the last one is whole.
fn records(log: &[u8]) -> Result<(Vec<Vec<u8>>, bool), String> {
    let mut records = Vec::new();
    let mut open: Option<Vec<u8>> = None;
    let mut rest = log;
    // Blocks are counted from the start of the file.
    let mut left = BLOCK - HEADER.len();
    while !rest.is_empty() {
        if left < CHUNK_HEADER {
            rest = rest.get(left..).unwrap_or_default();
            left = BLOCK;
            continue;
        }
        let Some((head, after)) = rest.split_at_checked(CHUNK_HEADER) else {
            return Ok((records, false));
        };
        let [c0, c1, c2, c3, l0, l1, kind] = head else {
            return Ok((records, false));
        };
        let length = usize::from(u16::from_le_bytes([*l0, *l1]));
        let offset = log.len() - rest.len() + HEADER.len();
        if *kind == 0 && length == 0 {
            // Room that was set aside and not written.
            return Ok((records, open.is_none()));
        }
        if left - CHUNK_HEADER < length {
            return Err(format!(
                "the chunk at byte {offset} is longer than its block"
            ));
        }
        let Some((data, after)) = after.split_at_checked(length) else {
            return Ok((records, false));
        };
        let mut crc = Crc::new();
        crc.update(&[*kind]);
        crc.update(data);
        if crc.sum() != u32::from_le_bytes([*c0, *c1, *c2, *c3]) {
            return Err(format!(
                "the chunk at byte {offset} is damaged: its checksum differs"
            ));
        }
        match (kind, open.take()) {
            (1, None) => records.push(data.to_vec()),
            (2, None) => open = Some(data.to_vec()),
            (3, Some(mut record)) => {
                record.extend_from_slice(data);
                open = Some(record);
            }
            (4, Some(mut record)) => {
                record.extend_from_slice(data);
                records.push(record);
            }
            (_, _) => {
                return Err(format!(
                    "the chunk at byte {offset} does not follow the one before"
                ));
            }
        }
        left -= CHUNK_HEADER + length;
        rest = after;
    }
    Ok((records, open.is_none()))
}

/// Writes updates into a tree of names, and takes out what was removed.
fn apply(tree: &mut Map<String, Value>, items: Option<Items>) -> Result<(), String> {
    let Some(items) = items else { return Ok(()) };
    for item in items.update {
        let value: Value = json::parse(item.value_json.as_bytes())
            .map_err(|problem| format!("a value of the run is no JSON: {problem}"))?;
        let (at, name) = place(tree, item.key, item.nested_key)?;
        at.insert(name, value);
    }
    for item in items.remove {
        let (at, name) = place(tree, item.key, item.nested_key)?;
        at.remove(&name);
    }
    Ok(())
}

/// The object a name stands in, made where it is not yet, and the name there.
fn place(
    tree: &mut Map<String, Value>,
    key: String,
    nested: Vec<String>,
) -> Result<(&mut Map<String, Value>, String), String> {
    let mut names = if nested.is_empty() { vec![key] } else { nested };
    let last = names.pop().filter(|name| !name.is_empty());
    let last = last.ok_or_else(|| "a value of the run has no name".to_owned())?;
    if DEPTH_MAX < names.len() {
        return Err(format!(
            "a name of the run is nested deeper than {DEPTH_MAX}"
        ));
    }
    let mut at = tree;
    for name in names {
        let inner = at.entry(name).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        at = inner
            .as_object_mut()
            .ok_or_else(|| "a name of the run is a value too".to_owned())?;
    }
    Ok((at, last))
}
