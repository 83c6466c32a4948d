//! The files of a model: how large they are and how many.

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::evidence::{InputRef, Unit};
use crate::io::files;
use crate::io::walk;
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

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let path = asked.path();
    let locator = asked.locator.trim_end_matches('/');
    let mut recording = Recording::by(format!("`{}`", asked.locator));
    let locators = if path.is_dir() {
        let listing = walk::walk(&path)?;
        if listing.cut {
            let found = listing.files.len();
            recording
                .shortfalls
                .push(format!("only the first {found} files were counted"));
        }
        let names = listing.files.iter();
        names.map(|name| format!("{locator}/{name}")).collect()
    } else {
        vec![locator.to_owned()]
    };
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
