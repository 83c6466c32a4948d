//! The files of a model: how large they are and how many.

use std::path::Path;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::evidence::{InputRef, Unit};
use crate::io::files;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "model_files",
    title: "files of a model",
    summary: "A file, or a directory with all below it; `size` in bytes, `files` is how many.",
    gives: &[Gives::Metrics],
    reference: "measured by this program",
    read: Reader::Own(read),
};

/// Files counted; a model of more is none.
const FILES_MAX: usize = 100_000;

/// How deep directories may be nested.
const DEPTH_MAX: usize = 32;

/// Lists every file below a directory, hidden ones too. What is not counted is a shortfall.
fn list(
    root: &Path,
    directory: &str,
    depth: usize,
    found: &mut Vec<String>,
    shortfalls: &mut Vec<String>,
) -> Result<(), SourceError> {
    for name in files::names(&root.join(directory))? {
        let locator = format!("{directory}/{name}");
        let path = root.join(&locator);
        if path.is_symlink() {
            shortfalls.push(format!("`{locator}` is a link, which is not followed"));
        } else if path.is_dir() && depth < DEPTH_MAX {
            list(root, &locator, depth + 1, found, shortfalls)?;
        } else if path.is_dir() || FILES_MAX <= found.len() {
            shortfalls.push(format!("`{locator}` and what follows are not counted"));
            return Ok(());
        } else {
            found.push(locator);
        }
    }
    Ok(())
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let path = asked.path();
    let locator = asked.locator.trim_end_matches('/');
    let mut recording = Recording::by(format!("`{}`", asked.locator));
    let mut locators = Vec::new();
    if path.is_dir() {
        list(
            asked.root,
            locator,
            0,
            &mut locators,
            &mut recording.shortfalls,
        )?;
    } else {
        locators.push(locator.to_owned());
    }
    if locators.is_empty() {
        let problem = "there is no file in the directory".to_owned();
        return Err(asked.malformed(SOURCE.title, problem));
    }
    let mut inputs = Vec::new();
    let mut size = 0;
    for locator in locators {
        let (sha256, bytes) = files::digest(&asked.root.join(&locator))?;
        size += bytes;
        inputs.push(InputRef {
            locator,
            sha256,
            fetched_at: None,
        });
    }
    recording.metrics = vec![
        RecordedMetric::new("size", size as f64)
            .unit(Unit::Bytes)
            .direction(Direction::LowerIsBetter),
        RecordedMetric::new("files", inputs.len() as f64).unit(Unit::Files),
    ];
    Ok(Read { recording, inputs })
}
