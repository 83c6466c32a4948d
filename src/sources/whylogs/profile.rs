//! A profile itself (`profile.view().write()`): what was counted and measured of each column, by the names of
//! its table (`whylogs_messages.proto` of whylogs 1.6).
//!
//! The magic, a header of segments, a header with the place of each column and the names of metrics, then
//! the columns. Of sketches those of quantiles are read; how many values are distinct and which are frequent
//! is left to whylogs.

use std::collections::BTreeMap;

use super::{TITLE, kll::Sketch, unit};
use crate::recorded::{RecordedMetric, Recording};
use crate::sources::protobuf::{Value, delimited, fields, last, varint};

/// The first bytes of a profile.
pub(super) const MAGIC: &[u8] = b"WHY1";

/// Quantiles as the table of whylogs names them.
const QUANTILES: [(&str, f64); 9] = [
    ("q_01", 0.01),
    ("q_05", 0.05),
    ("q_10", 0.1),
    ("q_25", 0.25),
    ("median", 0.5),
    ("q_75", 0.75),
    ("q_90", 0.9),
    ("q_95", 0.95),
    ("q_99", 0.99),
];

/// What is in the header of a profile.
#[derive(Default)]
struct Header {
    /// Where the parts of each column are, in bytes after the headers.
    columns: BTreeMap<String, Vec<u64>>,
    /// The names of metrics by the number they have in columns.
    paths: BTreeMap<u64, String>,
}

/// A number or sketch of a column.
enum Component {
    Count(i64),
    Number(f64),
    Quantiles(Sketch),
}

/// What a profile holds.
///
/// # Errors
/// A sentence.
pub(super) fn parse(file: &[u8]) -> Result<Recording, String> {
    let mut rest = file
        .strip_prefix(MAGIC)
        .ok_or_else(|| "it is no profile: it does not begin with `WHY1`".to_owned())?;
    let segments = segments(delimited(&mut rest)?)?;
    let header = header(delimited(&mut rest)?)?;
    let mut recording = Recording::by(TITLE);
    if 1 < segments {
        let why = format!("only the first of its {segments} segments is read");
        recording.shortfalls.push(why);
    }
    // Columns that share their bytes could make a small file long to read.
    let mut unread = rest.len();
    for (column, places) in &header.columns {
        let mut components = BTreeMap::new();
        for place in places {
            let chunk =
                chunk(rest, *place).map_err(|problem| format!("column `{column}`: {problem}"))?;
            unread = unread
                .checked_sub(chunk.len())
                .ok_or_else(|| format!("column `{column}` shares its bytes with others"))?;
            for (index, component) in of_chunk(chunk)? {
                let path = header.paths.get(&index);
                let path =
                    path.ok_or_else(|| format!("metric {index} of `{column}` has no name"))?;
                components.insert(path.as_str(), component);
            }
        }
        recording.metrics.extend(numbers(column, &components));
    }
    Ok(recording)
}

/// How many segments there are.
fn segments(header: &[u8]) -> Result<usize, String> {
    let mut segments = 0;
    for field in fields(header) {
        let (number, _) = field?;
        segments += usize::from(number == 5);
    }
    Ok(segments)
}

fn header(message: &[u8]) -> Result<Header, String> {
    let mut header = Header::default();
    for field in fields(message) {
        match field? {
            (2, entry) => {
                let entry = entry.bytes()?;
                let column = last(entry, 1)?.map_or(Ok(""), |name| name.text())?;
                let places = last(entry, 2)?.map_or(Ok(&[][..]), |places| places.bytes())?;
                header.columns.insert(column.to_owned(), offsets(places)?);
            }
            (5, entry) => {
                let entry = entry.bytes()?;
                let index = last(entry, 1)?.map_or(Ok(0), |index| index.integer())?;
                let path = last(entry, 2)?.map_or(Ok(""), |path| path.text())?;
                header.paths.insert(index, path.to_owned());
            }
            (_, _) => {}
        }
    }
    Ok(header)
}

/// `ChunkOffsets`: repeated numbers stand in one field, or each in its own.
fn offsets(message: &[u8]) -> Result<Vec<u64>, String> {
    let mut offsets = Vec::new();
    for field in fields(message) {
        match field? {
            (1, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    offsets.push(varint(&mut packed)?);
                }
            }
            (1, value) => offsets.push(value.integer()?),
            (_, _) => {}
        }
    }
    Ok(offsets)
}

/// The part of a column at this place: a header with its length, then the part.
fn chunk(rest: &[u8], place: u64) -> Result<&[u8], String> {
    let nowhere = || "it is not where the header says".to_owned();
    let place = usize::try_from(place).map_err(|_| nowhere())?;
    let mut rest = rest.get(place..).ok_or_else(nowhere)?;
    let header = delimited(&mut rest)?;
    let length = last(header, 3)?.map_or(Ok(0), |length| length.integer())?;
    let length = usize::try_from(length).map_err(|_| nowhere())?;
    rest.get(..length).ok_or_else(nowhere)
}

/// The components of a `ChunkMessage` that are read, by the numbers of their names.
fn of_chunk(chunk: &[u8]) -> Result<Vec<(u64, Component)>, String> {
    let mut components = Vec::new();
    for field in fields(chunk) {
        if let (1, entry) = field? {
            let entry = entry.bytes()?;
            let index = last(entry, 1)?.map_or(Ok(0), |index| index.integer())?;
            let message = last(entry, 2)?.map_or(Ok(&[][..]), |message| message.bytes())?;
            components.extend(component(message)?.map(|component| (index, component)));
        }
    }
    Ok(components)
}

fn component(message: &[u8]) -> Result<Option<Component>, String> {
    let mut found = None;
    for field in fields(message) {
        match field? {
            (2, count) => found = Some(Component::Count(count.signed()?)),
            (3, number) => found = Some(Component::Number(number.double()?)),
            (6, sketch) => {
                let sketch =
                    last(sketch.bytes()?, 1)?.map_or(Ok(&[][..]), |bytes| bytes.bytes())?;
                found = Some(Component::Quantiles(Sketch::parse(sketch)?));
            }
            (_, _) => {}
        }
    }
    Ok(found)
}

/// The numbers of a column as the table of whylogs has them.
fn numbers(column: &str, components: &BTreeMap<&str, Component>) -> Vec<RecordedMetric> {
    let rows = match components.get("counts/n") {
        Some(Component::Count(count)) => u64::try_from(*count).ok(),
        Some(Component::Number(_) | Component::Quantiles(_)) | None => None,
    };
    let values = match components.get("distribution/kll") {
        Some(Component::Quantiles(sketch)) => sketch.count,
        Some(Component::Count(_) | Component::Number(_)) | None => 0,
    };
    let mut numbers: Vec<(String, f64)> = Vec::new();
    for (path, component) in components {
        match component {
            // What no integer was compared with yet.
            Component::Count(i64::MIN | i64::MAX) => {}
            Component::Count(count) => numbers.push(((*path).to_owned(), *count as f64)),
            // Moments of no value are not zero.
            Component::Number(_) if path.starts_with("distribution/") && values == 0 => {}
            Component::Number(squares) if *path == "distribution/m2" => {
                let variance = squares / values.saturating_sub(1).max(1) as f64;
                numbers.push(("distribution/stddev".to_owned(), variance.sqrt()));
            }
            Component::Number(number) => numbers.push(((*path).to_owned(), *number)),
            Component::Quantiles(sketch) => numbers.extend(quantiles(path, sketch)),
        }
    }
    let named = |(path, number): (String, f64)| RecordedMetric {
        rows,
        ..RecordedMetric::new(format!("{column}.{path}"), number).unit(unit(&path))
    };
    numbers.into_iter().map(named).collect()
}

fn quantiles(path: &str, sketch: &Sketch) -> Vec<(String, f64)> {
    let metric = path.rsplit_once('/').map_or(path, |(metric, _)| metric);
    let mut numbers = vec![(format!("{metric}/n"), sketch.count as f64)];
    if let Some((least, most)) = sketch.extremes {
        numbers.push((format!("{metric}/min"), least));
        numbers.push((format!("{metric}/max"), most));
    }
    let quantiles = QUANTILES.iter().filter_map(|(name, fraction)| {
        Some((format!("{metric}/{name}"), sketch.quantile(*fraction)?))
    });
    numbers.extend(quantiles);
    numbers
}
