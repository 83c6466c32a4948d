//! What `dvc metrics show --json` and `dvc metrics diff --json` print.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::named;
use crate::recorded::{RecordedMetric, Recording};
use crate::sources::json;

const EXPECTED: &str =
    "expected what `dvc metrics show --json` or `dvc metrics diff --json` prints";

/// `show`: by revision; the workspace is the empty one.
type Shown = BTreeMap<String, Revision>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revision {
    #[serde(default)]
    data: BTreeMap<String, File>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    data: Value,
    #[serde(default)]
    error: Option<Value>,
}

/// `diff`: by file, by metric.
type Compared = BTreeMap<String, BTreeMap<String, Sides>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    #[serde(default)]
    old: Value,
    #[serde(default)]
    new: Value,
    #[serde(default, rename = "diff")]
    _difference: Value,
}

/// The numbers of one revision, or of one side of a comparison.
///
/// # Errors
/// A sentence.
pub(super) fn parse(bytes: &[u8], part: Option<&str>) -> Result<Recording, String> {
    let value: Value = json::parse(bytes)?;
    if let Ok(shown) = Shown::deserialize(&value)
        && !shown.is_empty()
    {
        return of_revision(shown, part);
    }
    match Compared::deserialize(&value) {
        Ok(compared) if !compared.is_empty() => of_side(compared, part),
        Ok(_) | Err(_) => Err(format!("it is neither; {EXPECTED}")),
    }
}

fn of_revision(mut shown: Shown, part: Option<&str>) -> Result<Recording, String> {
    let only = || {
        (shown.len() == 1)
            .then(|| shown.keys().next().cloned())
            .flatten()
    };
    let workspace = || shown.contains_key("").then(String::new);
    let wanted = match part {
        Some("workspace") if !shown.contains_key("workspace") => Some(String::new()),
        Some(part) => Some(part.to_owned()),
        None => only().or_else(workspace),
    };
    let names = || {
        let names: Vec<String> = shown.keys().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let Some(wanted) = wanted else {
        let why = format!(
            "it holds the revisions {}; write one of them after `#`",
            names()
        );
        return Err(why);
    };
    let unknown = format!("there is no revision `{wanted}` in it, only {}", names());
    let revision = shown.remove(&wanted).ok_or(unknown)?;
    let mut recording = Recording::by(super::TITLE);
    recording.run = (!wanted.is_empty()).then_some(wanted);
    if revision.error.is_some() {
        recording
            .shortfalls
            .push("DVC could not read the revision".to_owned());
    }
    let mut files = BTreeMap::new();
    for (name, file) in revision.data {
        if file.error.is_some() {
            recording
                .shortfalls
                .push(format!("DVC could not read `{name}`"));
        }
        let metrics = json::metrics(&file.data)?;
        files.insert(name, metrics);
    }
    recording.metrics = named(files);
    if recording.metrics.is_empty() && recording.shortfalls.is_empty() {
        return Err(format!("there is no number in it; {EXPECTED}"));
    }
    Ok(recording)
}

fn of_side(compared: Compared, part: Option<&str>) -> Result<Recording, String> {
    let side: fn(Sides) -> Value = match part {
        Some("new") => |sides| sides.new,
        Some("old") => |sides| sides.old,
        Some(_) | None => {
            return Err("it compares two revisions; write `#new` or `#old` after its name to say which of them".to_owned());
        }
    };
    let mut files = BTreeMap::new();
    for (name, metrics) in compared {
        // A metric that is not there on one side is null there.
        let number = |(name, sides)| Some(RecordedMetric::new(name, json::number(&side(sides))?));
        files.insert(name, metrics.into_iter().filter_map(number).collect());
    }
    let mut recording = Recording::by(super::TITLE);
    recording.run = part.map(str::to_owned);
    recording.metrics = named(files);
    if recording.metrics.is_empty() {
        return Err("there is no number on this side of it".to_owned());
    }
    Ok(recording)
}
