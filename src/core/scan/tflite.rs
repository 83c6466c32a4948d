//! TensorFlow Lite: a FlatBuffer with the identifier `TFL3`. Its operators are judged; everything that is led to
//! must lie in the file. Slots are those of `schema.fbs` (TensorFlow 2.21); weights are not read.
//!
//! A custom operator is code of the program that loads the model; one that begins with `Flex` is an operator of
//! TensorFlow (`tensorflow/lite/delegates/flex`).

use std::collections::BTreeSet;

use super::job::Job;
use super::judge::joined;
use super::pickle::escape;
use super::source::{ReadError, Source};
use super::structure::{self, Trouble, malformed};
use super::{Format, Global, GlobalVerdict, ScanPolicy, location, tensorflow};
use crate::evidence::Outcome;

/// The identifier of the schema, behind the offset of the root.
const IDENTIFIER: &[u8] = b"TFL3";
/// Tables visited of one file.
const TABLES_MAX: u32 = 1_000_000;
/// Longest name that is read.
const NAME_BYTES_MAX: u64 = 4096;
/// The number of custom operators among the built-in ones.
const CUSTOM: i32 = 32;
/// Where messages and `scan.allow` have custom operators.
const MODULE: &str = "tflite.custom";
/// How operators of TensorFlow are named.
const FLEX: &str = "Flex";
/// Custom operators that come with TensorFlow Lite (`tensorflow/lite/kernels/custom_ops_register.h`,
/// `register.cc`) and only compute.
const KNOWN: &[&str] = &[
    "AudioSpectrogram",
    "Mfcc",
    "NumericVerify",
    "TFLite_Detection_PostProcess",
];

/// Whether a file that begins with `head` has the identifier.
pub(super) fn looks_like(head: &[u8]) -> bool {
    head.get(4..8) == Some(IDENTIFIER)
}

/// Judges the model.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let mut model = Model::default();
    let outcome = model.read(&mut Tables::new(&mut job.source));
    let complete = outcome.is_ok();
    let parts = outcome.map(|()| format!("{} kinds of operators", model.operators));
    let sound = "leads to nothing outside the file";
    structure::judge(&mut job.judgement, Format::Tflite, parts, sound);
    let named = model
        .custom
        .iter()
        .map(|code| global(code, job.policy))
        .collect();
    let title = complete.then_some("TensorFlow Lite model");
    job.judgement.named(title, named, &[]);
    model.externals(job);
    Format::Tflite
}

/// A custom operator as what it names.
fn global(code: &str, policy: &ScanPolicy) -> Global {
    let (module, name, verdict) = match code.strip_prefix(FLEX) {
        Some(operator) => {
            let verdict = tensorflow::judge_operator(operator, policy);
            (tensorflow::MODULE, operator, verdict)
        }
        None => {
            let listed = policy.allow.contains(&format!("{MODULE}.{code}"));
            let verdict = match listed || KNOWN.contains(&code) {
                true => GlobalVerdict::Allowed,
                false => GlobalVerdict::Unknown,
            };
            (MODULE, code, verdict)
        }
    };
    Global {
        module: module.to_owned(),
        name: name.to_owned(),
        called: true,
        offset: None,
        calls: Vec::new(),
        member: None,
        verdict,
    }
}

/// What is found in a model.
#[derive(Default)]
struct Model {
    /// Kinds of operators.
    operators: u32,
    custom: BTreeSet<String>,
    /// Files of external buffers.
    files: BTreeSet<String>,
}

impl Model {
    fn read(&mut self, tables: &mut Tables<'_, '_>) -> Result<(), Trouble> {
        let root = tables.follow(0)?;
        let model = tables.table(root)?;
        let codes = tables.tables(model, 1)?;
        self.operators = codes.len() as u32;
        for code in codes {
            self.operator_code(tables, code)?;
        }
        for graph in tables.tables(model, 2)? {
            self.graph(tables, graph)?;
        }
        for buffer in tables.tables(model, 4)? {
            buffer_in_file(tables, buffer)?;
        }
        for group in tables.tables(model, 8)? {
            let group = tables.table(group)?;
            self.files.extend(tables.text(group, 0)?);
        }
        Ok(())
    }

    fn operator_code(&mut self, tables: &mut Tables<'_, '_>, place: u64) -> Result<(), Trouble> {
        let code = tables.table(place)?;
        // The number was one byte until there were too many operators.
        let old = match tables.field(code, 0)? {
            Some(place) => i32::from(tables.at(place).byte()? as i8),
            None => 0,
        };
        let new = match tables.field(code, 3)? {
            Some(place) => i32::from_le_bytes(tables.at(place).array()?),
            None => 0,
        };
        let name = tables.text(code, 1)?;
        if old == CUSTOM || new == CUSTOM {
            self.custom.insert(name.unwrap_or_default());
        }
        Ok(())
    }

    /// Operators of a graph are of the kinds that were listed.
    fn graph(&self, tables: &mut Tables<'_, '_>, place: u64) -> Result<(), Trouble> {
        let graph = tables.table(place)?;
        for operator in tables.tables(graph, 3)? {
            let operator = tables.table(operator)?;
            let index = match tables.field(operator, 0)? {
                Some(place) => tables.u32(place)?,
                None => 0,
            };
            if self.operators <= index {
                return malformed("has an operator of a kind it does not list");
            }
        }
        Ok(())
    }

    /// Weights in other files.
    fn externals(self, job: &mut Job<'_>) {
        let mut escapes = Vec::new();
        let mut files = Vec::new();
        for file in self.files {
            match location::problem(&file) {
                Some(problem) => {
                    let shown = escape(&file.chars().take(100).collect::<String>());
                    escapes.push(format!("keeps weights in `{shown}`, which {problem}"));
                }
                None => files.push(file),
            }
        }
        if !escapes.is_empty() {
            let clause = joined(&escapes);
            job.judgement
                .record("external-data", Outcome::NotMet, &clause);
        }
        job.judgement.external_files(files);
    }
}

/// A buffer is in the FlatBuffer, or behind it at a place of the file.
fn buffer_in_file(tables: &mut Tables<'_, '_>, place: u64) -> Result<(), Trouble> {
    let buffer = tables.table(place)?;
    tables.vector(buffer, 0, 1)?;
    let mut numbers = [0; 2];
    for (slot, number) in [1, 2].into_iter().zip(&mut numbers) {
        if let Some(place) = tables.field(buffer, slot)? {
            *number = u64::from_le_bytes(tables.at(place).array()?);
        }
    }
    let [offset, size] = numbers;
    // Zero and one are written before the places are known.
    let end = offset.saturating_add(size);
    if 1 < offset && tables.source.end() < end {
        return malformed("keeps weights behind its end");
    }
    Ok(())
}

/// A table: where it is, and where the places of its fields are, with their count.
#[derive(Clone, Copy)]
struct Table {
    place: u64,
    slots: u64,
    count: u64,
}

/// Tables of a FlatBuffer (<https://flatbuffers.dev/internals/>), each read checked against the file.
struct Tables<'s, 'a> {
    source: &'s mut Source<'a>,
    visited: u32,
}

impl<'s, 'a> Tables<'s, 'a> {
    fn new(source: &'s mut Source<'a>) -> Self {
        Self { source, visited: 0 }
    }

    fn at(&mut self, place: u64) -> &mut Source<'a> {
        self.source.seek(place);
        self.source
    }

    fn u32(&mut self, place: u64) -> Result<u32, ReadError> {
        Ok(u32::from_le_bytes(self.at(place).array()?))
    }

    fn u16(&mut self, place: u64) -> Result<u16, ReadError> {
        Ok(u16::from_le_bytes(self.at(place).array()?))
    }

    /// The place that an offset at `place` leads to.
    fn follow(&mut self, place: u64) -> Result<u64, Trouble> {
        let offset = self.u32(place)?;
        let target = place.saturating_add(u64::from(offset));
        if offset == 0 || self.source.end() <= target {
            return malformed("has an offset that leads out of it");
        }
        Ok(target)
    }

    fn table(&mut self, place: u64) -> Result<Table, Trouble> {
        self.visited += 1;
        if TABLES_MAX < self.visited {
            return Err(Trouble::Limit(format!(
                "it has more than {TABLES_MAX} tables"
            )));
        }
        let back = i32::from_le_bytes(self.at(place).array()?);
        let Some(slots) = place.checked_add_signed(-i64::from(back)) else {
            return malformed("has a table without a description");
        };
        let size = u64::from(self.u16(slots)?);
        if size < 4 || self.source.end().saturating_sub(slots) < size {
            return malformed("has a table with a damaged description");
        }
        Ok(Table {
            place,
            slots,
            count: (size - 4) / 2,
        })
    }

    /// Where a field of a table is, when it is there.
    fn field(&mut self, table: Table, slot: u64) -> Result<Option<u64>, Trouble> {
        if table.count <= slot {
            return Ok(None);
        }
        let offset = self.u16(table.slots + 4 + 2 * slot)?;
        Ok((offset != 0).then(|| table.place.saturating_add(u64::from(offset))))
    }

    /// Where the elements of a vector are, of `width` bytes each, and their count.
    fn vector(&mut self, table: Table, slot: u64, width: u64) -> Result<(u64, u64), Trouble> {
        let Some(place) = self.field(table, slot)? else {
            return Ok((0, 0));
        };
        let start = self.follow(place)?;
        let count = u64::from(self.u32(start)?);
        if self.source.remaining() < count * width {
            return malformed("has a vector that is longer than the file");
        }
        Ok((start.saturating_add(4), count))
    }

    /// The places of the tables of a vector.
    fn tables(&mut self, table: Table, slot: u64) -> Result<Vec<u64>, Trouble> {
        let (start, count) = self.vector(table, slot, 4)?;
        if u64::from(TABLES_MAX) < count {
            return Err(Trouble::Limit(format!(
                "it has more than {TABLES_MAX} tables"
            )));
        }
        (0..count)
            .map(|index| self.follow(start.saturating_add(4 * index)))
            .collect()
    }

    fn text(&mut self, table: Table, slot: u64) -> Result<Option<String>, Trouble> {
        let (start, count) = self.vector(table, slot, 1)?;
        if start == 0 {
            return Ok(None);
        }
        if NAME_BYTES_MAX < count {
            return malformed("has a name that is too long");
        }
        let bytes = self.at(start).prefix(count, NAME_BYTES_MAX as usize)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}
