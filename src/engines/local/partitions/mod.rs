//! A table of many files, of which only new and changed ones are read.
//!
//! What a measure keeps of the rows of one file depends on nothing but the file, how it is read and the
//! measure; so it is written to a [`PartitionCache`] under the digest of all of them and added again by a
//! later run. What comes out is the same to the last bit, because the same numbers are added in the same
//! order. Where rows of several files must be seen together (repeated keys, orders, look-ups, rules that
//! compare with a statistic of the whole table) every file is read for these measures, and that is said.

mod cache;
pub(super) mod state;
pub(super) mod vectors;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use super::accumulate::{OfFile, locked};
use super::evaluate::{Evaluated, Problem, Rows};
use super::parts::parts;
use super::patterns::Patterns;
use super::plan::{Running, feed, note};
use super::source::Files;
use super::table::Table;
use crate::engines::{EngineError, Options};
use crate::evidence::Sha256;
use crate::io::files::{self, Stamp};
use crate::measure::{Interpolation, Measure};

pub use cache::PartitionCache;

/// Changes when what is kept, or what it means, does.
const FORMAT: u32 = 3;

/// A file of a table, its digest, and what would change if it were written.
#[derive(Clone, Debug)]
pub struct FileDigest {
    /// The file.
    pub path: PathBuf,
    /// Its digest.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub bytes: u64,
    /// How it stood before its digest was taken.
    pub stamp: Stamp,
}

/// Where the results of files come from and go to.
pub(in crate::engines) struct Partitions<'a> {
    pub(in crate::engines) cache: &'a PartitionCache,
    pub(in crate::engines) files: &'a [FileDigest],
    /// Whether each file was read for a measure that is kept by file.
    read: Mutex<Vec<bool>>,
}

impl<'a> Partitions<'a> {
    pub(in crate::engines) fn new(cache: &'a PartitionCache, files: &'a [FileDigest]) -> Self {
        Self {
            cache,
            files,
            read: Mutex::new(vec![false; files.len()]),
        }
    }

    /// How many files were not read for any measure that is kept by file.
    pub(super) fn reused(&self) -> u64 {
        locked(&self.read).iter().filter(|read| !**read).count() as u64
    }

    fn was_read(&self, index: usize) {
        if let Some(read) = locked(&self.read).get_mut(index) {
            *read = true;
        }
    }
}

/// Measures that keep the same of a file.
struct Group {
    identity: String,
    members: Vec<usize>,
}

/// A group in one file whose rows are read.
struct InFile<'m, 'g> {
    group: &'g Group,
    of_file: Box<dyn OfFile<'m> + 'm>,
    problem: Mutex<Option<Problem>>,
}

/// What is read of every file.
pub(super) struct Scan<'s, 'm> {
    pub(super) table: &'s Table,
    pub(super) files: &'s dyn Files,
    pub(super) partitions: &'s Partitions<'s>,
    pub(super) running: &'s [Running<'m>],
    pub(super) patterns: &'s Patterns,
    pub(super) options: Options,
}

/// Reads the files whose results are not known, and all files for what needs them. Gives the number of
/// rows.
pub(super) fn scan<'m>(scan: &Scan<'_, 'm>, measures: &[&'m Measure]) -> Result<u64, EngineError> {
    let is_running =
        |running: &&Running<'m>| running.accumulator.is_ok() && running.answer.is_none();
    let mut groups: Vec<Group> = Vec::new();
    for (member, (running, measure)) in scan.running.iter().zip(measures).enumerate() {
        if !is_running(&running) || running.needs_all_files {
            continue;
        }
        let identity = identity(measure);
        match groups.iter_mut().find(|group| group.identity == identity) {
            Some(group) => group.members.push(member),
            None => groups.push(Group {
                identity,
                members: vec![member],
            }),
        }
    }
    let mut row_count = 0;
    for index in 0..scan.files.count() {
        row_count += scan.file(index, row_count, &groups)?;
    }
    Ok(row_count)
}

impl<'m> Scan<'_, 'm> {
    /// Adds what is kept of one file, of earlier runs or of this one. Gives its number of rows.
    fn file(&self, index: usize, first_row: u64, groups: &[Group]) -> Result<u64, EngineError> {
        let name = self.entry_name(index);
        let known = name.and_then(|name| self.partitions.cache.load(name));
        let mut known = known.unwrap_or_default();
        let mut in_file = Vec::new();
        let mut used = Vec::new();
        for group in groups {
            if self.has_problem(group) {
                continue;
            }
            match known.states.get(&group.identity) {
                Some(state) => {
                    used.push(group.identity.clone());
                    self.of_group(group, |running| {
                        running.accumulated()?.absorb(state, first_row)
                    })?;
                }
                None => in_file.extend(self.begin(group)),
            }
        }
        let needed = !in_file.is_empty()
            || known.rows.is_none()
            || self.running.iter().any(|running| running.needs_all_files);
        if !in_file.is_empty() || known.rows.is_none() {
            self.partitions.was_read(index);
        }
        if !needed {
            return Ok(known.rows.unwrap_or_default());
        }
        let rows = self.read(index, first_row, &in_file)?;
        for InFile {
            group,
            of_file,
            problem,
        } in in_file
        {
            if let Some(problem) = locked(&problem).clone() {
                self.of_group(group, |_| Err(problem.clone()))?;
                continue;
            }
            let kept = of_file.state(first_row);
            self.of_group(group, |running| {
                running.accumulated()?.absorb(&kept.state, first_row)
            })?;
            if kept.is_whole {
                used.push(group.identity.clone());
                known.states.insert(group.identity.clone(), kept.state);
                known.is_new = true;
            }
        }
        known.is_new |= known.rows != Some(rows);
        known.rows = Some(rows);
        if let Some(name) = name
            && known.is_new
            && self.is_unchanged(index)
        {
            self.partitions.cache.keep(name, known, &used);
        }
        Ok(rows)
    }

    /// A group in a file that is read.
    fn begin<'g>(&self, group: &'g Group) -> Option<InFile<'m, 'g>> {
        let first = group
            .members
            .first()
            .and_then(|first| self.running.get(*first));
        let of_file = first?.accumulated().ok()?.of_file()?;
        Some(InFile {
            group,
            of_file,
            problem: Mutex::default(),
        })
    }

    /// Reads the rows of one file: for what is kept of it, and for what needs the rows of all.
    fn read(
        &self,
        index: usize,
        first_row: u64,
        in_file: &[InFile<'m, '_>],
    ) -> Result<u64, EngineError> {
        let count = self.running.len();
        let columns_of = |place: usize| {
            let member = match place.checked_sub(count) {
                None => Some(place),
                Some(own) => in_file
                    .get(own)
                    .and_then(|own| own.group.members.first().copied()),
            };
            let running = member.and_then(|member| self.running.get(member));
            running.map(|running| running.columns.as_slice())
        };
        let whole = self.running.iter().enumerate();
        let whole = whole.filter(|(_, running)| running.needs_all_files);
        let places = whole
            .map(|(place, _)| place)
            .chain(count..count + in_file.len());
        let parts = parts(places.map(|place| (place, columns_of(place).unwrap_or_default())));
        let columns: Vec<Vec<String>> = parts.iter().map(|part| part.columns.clone()).collect();
        self.table.guard(|| {
            self.files
                .scan_file(index, first_row, &columns, &|part, batch| {
                    let members = parts.get(part).map(|part| part.members.as_slice());
                    let (whole, own): (Vec<usize>, Vec<usize>) = members
                        .unwrap_or_default()
                        .iter()
                        .partition(|place| **place < count);
                    let rows = Rows::new(self.table, &batch, self.patterns);
                    for own in own.iter().filter_map(|place| in_file.get(place - count)) {
                        if locked(&own.problem).is_none() {
                            note(&own.problem, own.of_file.update(&rows, None))?;
                        }
                    }
                    feed(&rows, self.running, &whole)
                })
        })
    }

    /// Does something to the measures of a group; what is wrong with one is wrong with all.
    fn of_group(
        &self,
        group: &Group,
        act: impl Fn(&Running<'m>) -> Evaluated<()>,
    ) -> Result<(), EngineError> {
        let members = group.members.iter();
        for running in members.filter_map(|member| self.running.get(*member)) {
            self.table.guard(|| note(&running.problem, act(running)))?;
        }
        Ok(())
    }

    fn has_problem(&self, group: &Group) -> bool {
        let mut members = group.members.iter();
        members.any(|member| {
            let running = self.running.get(*member);
            running.is_some_and(|running| locked(&running.problem).is_some())
        })
    }

    /// What results of a file are kept under: the digest of all they depend on, but for the measure.
    fn entry_name(&self, index: usize) -> Option<Sha256> {
        let file = self.partitions.files.get(index)?;
        let source = &self.table.source;
        let facts = self.table.facts();
        let text = format!(
            "{FORMAT} {} {}\n{}\n{:?}\n{:?}\n{:?} {:?}\n{}",
            env!("CARGO_PKG_VERSION"),
            self.options.examples_max,
            file.sha256,
            source.reading,
            source.types,
            facts.columns,
            facts.typed,
            self.files.surroundings(index),
        );
        Some(Sha256::of(text.as_bytes()))
    }

    /// Whether a file stands as it stood when its digest was taken.
    fn is_unchanged(&self, index: usize) -> bool {
        let file = self.partitions.files.get(index);
        file.is_some_and(|file| files::stamp(&file.path).is_ok_and(|stamp| stamp == file.stamp))
    }
}

/// What tells a measure from all that keep something else of a file. Quantiles of one value, outside of
/// slices and filters, keep the same.
fn identity(measure: &Measure) -> String {
    let text = match measure {
        Measure::Quantile(value, ..) => {
            format!(
                "{:?}",
                Measure::Quantile(value.clone(), 0.0, Interpolation::Linear)
            )
        }
        other => format!("{other:?}"),
    };
    Sha256::of(text.as_bytes()).to_string()
}

type States = BTreeMap<String, state::State>;
