//! What is found in an archive: its own faults, and what its members hold, as evidence on the one file.

use std::collections::BTreeMap;

use super::decoded::Decoded;
use super::kind::Kind;
use super::limits::{DEPTH_MAX, Limits, Reached};
use super::section::Shared;
use crate::evidence::{Evidence, Outcome};
use crate::scan::format::Format;
use crate::scan::job::Job;
use crate::scan::judge::{Judgement, counted, joined};
use crate::scan::pickle::Storages;
use crate::scan::source::ReadSeek;
use crate::scan::{Coverage, FileScan, Global, ScanPolicy};

/// Records on members that are kept; what is beyond them is counted.
const RECORDS_MAX: usize = 200;
/// Imports of all members that are kept.
const GLOBALS_MAX: usize = 100_000;

/// An archive whose members are being scanned.
pub(super) struct Members<'x, 'a> {
    judgement: &'x mut Judgement<'a>,
    policy: &'a ScanPolicy,
    limits: &'x mut Limits,
    depth: usize,
    kind: Kind,
    /// The tensors that the pickles seen so far name.
    storages: Storages,
    count: u64,
    /// Members that were not looked at completely.
    open_count: u64,
    structure: Vec<String>,
    paths: Vec<String>,
    bombs: Vec<String>,
    limit: Option<String>,
    met: BTreeMap<String, u64>,
    records: Vec<Evidence>,
    more_records: u64,
    globals: Vec<Global>,
    external_files: Vec<String>,
}

impl<'x, 'a> Members<'x, 'a> {
    /// Shares the bytes of the archive with its members.
    pub(super) fn begin(job: &'x mut Job<'a>, kind: Kind) -> (Shared<'x>, Self) {
        let members = Self {
            judgement: &mut job.judgement,
            policy: job.policy,
            limits: job.limits,
            depth: job.depth,
            kind,
            storages: Storages::default(),
            count: 0,
            open_count: 0,
            structure: Vec::new(),
            paths: Vec::new(),
            bombs: Vec::new(),
            limit: None,
            met: BTreeMap::new(),
            records: Vec::new(),
            more_records: 0,
            globals: Vec::new(),
            external_files: Vec::new(),
        };
        (Shared::new(&mut job.source), members)
    }

    /// What may still be spent.
    pub(super) fn limits(&mut self) -> &mut Limits {
        self.limits
    }

    /// Whether there is anything left to spend.
    pub(super) fn goes_on(&self) -> bool {
        self.limit.is_none() && self.bombs.is_empty()
    }

    /// Adds a fault of the archive's structure, as a clause that reads after its name.
    pub(super) fn structure(&mut self, clause: &str) {
        self.structure.push(clause.to_owned());
    }

    /// Adds a member that does not stay in its place.
    pub(super) fn path(&mut self, clause: &str) {
        self.paths.push(clause.to_owned());
    }

    /// Says what was not looked at.
    pub(super) fn incomplete(&mut self, problem: &str) {
        self.limit.get_or_insert_with(|| problem.to_owned());
    }

    /// Scans a member that was decoded.
    pub(super) fn decoded(&mut self, name: &str, mut decoded: Decoded<'_>) {
        if let Some(reached) = decoded.reached {
            self.reached(reached);
        }
        let length = decoded.length;
        self.member(name, &mut decoded.content, length);
    }

    /// Counts bytes that were decoded elsewhere.
    pub(super) fn spend(&mut self, bytes: u64) {
        if let Err(reached) = self.limits.decoded(bytes) {
            self.reached(reached);
        }
    }

    /// Counts the bytes of a member as they stand in the archive; says whether they may be looked at.
    pub(super) fn affords(&mut self, packed_bytes: u64) -> bool {
        let counted = self.limits.packed(packed_bytes);
        if let Err(reached) = counted {
            self.reached(reached);
        }
        counted.is_ok()
    }

    fn reached(&mut self, reached: Reached) {
        let clause = reached.clause();
        match reached {
            Reached::Bomb => self.bombs.push(clause),
            Reached::Size | Reached::Overlap => self.incomplete(&clause),
        }
    }

    /// Scans a member of `length` bytes.
    pub(super) fn member(&mut self, name: &str, content: &mut dyn ReadSeek, length: u64) {
        if let Err(problem) = self.limits.member() {
            self.incomplete(&problem);
            return;
        }
        if DEPTH_MAX <= self.depth {
            self.incomplete(&format!("it holds archives more than {DEPTH_MAX} deep"));
            return;
        }
        let path = format!("{}!{name}", self.judgement.path());
        let mut job = Job::new(&path, content, length, self.policy, self.limits);
        job.depth = self.depth + 1;
        job.role = super::kind::role(&self.kind, name, &self.storages);
        let found = job.run();
        self.storages.extend(found.storages);
        self.absorb(found.scan);
    }

    fn absorb(&mut self, found: FileScan) {
        self.count += 1;
        if found.coverage == Coverage::Unsupported {
            self.open_count += 1;
        }
        for record in found.evidence {
            if record.outcome == Outcome::Met {
                let requirement = record.requirement.as_str().to_owned();
                *self.met.entry(requirement).or_default() += 1;
            } else if self.records.len() < RECORDS_MAX {
                self.records.push(record);
            } else {
                self.more_records += 1;
            }
        }
        if GLOBALS_MAX < self.globals.len() + found.globals.len() {
            self.incomplete("its members import too many names");
        } else {
            let member = found.path;
            self.globals
                .extend(found.globals.into_iter().map(|global| Global {
                    member: Some(global.member.unwrap_or_else(|| member.clone())),
                    ..global
                }));
        }
        self.external_files.extend(found.external_files);
    }

    /// Turns everything into evidence on the archive.
    pub(super) fn finish(mut self) -> Format {
        let format = self.kind.format();
        let members = counted(self.count, "member", "members");
        if 0 < self.more_records {
            let clause = format!("has {} more findings in its members", self.more_records);
            self.structure.push(clause);
        }
        if let Some(problem) = &self.limit {
            self.judgement.incomplete(problem);
        } else if 0 < self.open_count && self.depth == 0 {
            let open = self.open_count;
            self.judgement
                .incomplete(&format!("{open} of its members could not be scanned"));
        } else if 0 < self.open_count {
            self.judgement.uncovered();
        } else {
            self.judgement
                .covered(&format!("{}, {members} read", format.title()));
        }
        self.own(
            "archive-structure",
            &self.structure.clone(),
            "means the same to every reader",
        );
        if self.kind.has_paths() {
            self.own(
                "archive-path",
                &self.paths.clone(),
                "keeps its members inside its folder",
            );
        }
        self.own(
            "archive-bomb",
            &self.bombs.clone(),
            "is not much larger unpacked than packed",
        );
        for (requirement, count) in std::mem::take(&mut self.met) {
            let open = self
                .records
                .iter()
                .any(|record| record.requirement.as_str() == requirement);
            let own = [
                "archive-structure",
                "archive-path",
                "archive-bomb",
                "scan-coverage",
            ];
            if !open && !own.contains(&requirement.as_str()) {
                let members = counted(count, "member", "members");
                self.judgement.member_met(
                    requirement,
                    &format!("meets it in {members}, all that it concerns"),
                );
            }
        }
        self.judgement
            .absorb(self.records, self.globals, self.external_files);
        format
    }

    fn own(&mut self, requirement: &'static str, clauses: &[String], met: &str) {
        if clauses.is_empty() {
            self.judgement.record(requirement, Outcome::Met, met);
        } else {
            self.judgement
                .record(requirement, Outcome::NotMet, &joined(clauses));
        }
    }
}
