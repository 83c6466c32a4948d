//! HDF5, as Keras 1 to 3 write models (`.h5`): the configuration of the model is an attribute, and may hold code.
//!
//! Every object of the file is visited; its attributes that configure Keras are judged as a `.keras` archive is,
//! and data or links that lead to other files are findings (CVE-2026-1669). What of the format is not read here
//! (dense storage of many links or attributes) is not passed. Weights are not read.
//! (<https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>)

mod file;
mod message;

use std::collections::BTreeSet;

use serde_json::Value;

use super::job::Job;
use super::judge::joined;
use super::pickle::escape;
use super::{Format, json_value, keras};
use crate::evidence::Outcome;

use file::File;
use message::{Attribute, Message};

/// How a file begins.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// Objects visited of one file.
const OBJECTS_MAX: usize = 100_000;
/// Attributes by which Keras is configured (`keras/src/legacy/saving/legacy_h5_format.py`).
const CONFIGURATIONS: &[&str] = &["model_config", "training_config"];
/// The attribute that says PyTables wrote the file: it keeps pickles in others, and loads them.
const PICKLING: &str = "PYTABLES_FORMAT_VERSION";

/// Why a file is not read further.
pub(super) enum Trouble {
    /// A structure of it that is not read here, as it reads after "it".
    NotRead(String),
    Unreadable(String),
}

/// Judges the file.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let mut seen = Seen::default();
    let outcome = File::open(&mut job.source).and_then(|mut file| seen.read(&mut file));
    match outcome {
        Ok(objects) => {
            let clause = format!("an HDF5 file of {objects} objects");
            job.judgement.covered(&clause);
        }
        Err(Trouble::NotRead(problem)) => job
            .judgement
            .not_read(Format::Hdf5, &format!("it {problem}")),
        Err(Trouble::Unreadable(problem)) => job.judgement.unreadable(&problem),
    }
    match seen.outside.as_slice() {
        [] => {
            let clause = "keeps all its data in itself";
            job.judgement.record("external-data", Outcome::Met, clause);
        }
        outside => job
            .judgement
            .record("external-data", Outcome::NotMet, &joined(outside)),
    }
    if !seen.configurations.is_empty() {
        keras::judge_all(&seen.configurations, job);
    }
    Format::Hdf5
}

/// A file of another format that has the signature at one of the places where the library of HDF5 looks for it
/// (section II.A) is one to that library.
pub(super) fn hidden(job: &mut Job<'_>, format: Format) {
    if format == Format::Hdf5 {
        return;
    }
    let length = job.source.end();
    let mut place = 512_u64;
    while place < length {
        job.source.seek(place);
        if matches!(job.source.array(), Ok(SIGNATURE)) {
            let problem = format!("it can also be read as an HDF5 file from byte {place} on");
            job.judgement.incomplete(&problem);
            return;
        }
        place = place.saturating_mul(2);
    }
}

/// What is found in a file.
#[derive(Default)]
struct Seen {
    configurations: Vec<Value>,
    memory: json_value::Memory,
    /// What leads out of the file.
    outside: Vec<String>,
}

impl Seen {
    /// Visits every object; gives back how many there are.
    fn read(&mut self, file: &mut File<'_, '_>) -> Result<usize, Trouble> {
        let mut visited = BTreeSet::new();
        let mut pending = vec![file.root()];
        while let Some(address) = pending.pop() {
            if !visited.insert(address) {
                continue;
            }
            if OBJECTS_MAX < visited.len() + pending.len() {
                let problem = format!("has more than {OBJECTS_MAX} objects");
                return Err(Trouble::NotRead(problem));
            }
            for message in file.messages(address)? {
                self.message(file, &message, &mut pending)?;
            }
        }
        Ok(visited.len())
    }

    fn message(
        &mut self,
        file: &mut File<'_, '_>,
        message: &Message,
        pending: &mut Vec<u64>,
    ) -> Result<(), Trouble> {
        match message {
            Message::Attribute(attribute) => self.attribute(file, attribute),
            Message::Object(address) => {
                pending.push(*address);
                Ok(())
            }
            Message::Group { tree } => {
                pending.extend(file.members(*tree)?);
                Ok(())
            }
            Message::Outside(what) => {
                self.outside.push(what.clone());
                Ok(())
            }
        }
    }

    fn attribute(&mut self, file: &mut File<'_, '_>, found: &Attribute) -> Result<(), Trouble> {
        if found.name == PICKLING {
            let problem = "is written by PyTables, which keeps pickles in attributes";
            return Err(Trouble::NotRead(problem.to_owned()));
        }
        if !CONFIGURATIONS.contains(&found.name.as_str()) {
            return Ok(());
        }
        let name = escape(&found.name);
        let bytes = file.text(found)?;
        match json_value::parse(&bytes, &mut self.memory) {
            Ok(value) => {
                self.configurations.push(value);
                Ok(())
            }
            Err(error) => {
                let problem = format!("has an attribute `{name}` that is no JSON: {error}");
                Err(Trouble::NotRead(problem))
            }
        }
    }
}
