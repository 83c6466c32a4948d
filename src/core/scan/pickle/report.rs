//! What reading pickles yields: imports, problems, and how far the reading came.

use std::collections::HashMap;

use super::Persistent;
use super::array::Role;
use super::machine::Halt;
use super::storages::Storages;
use super::text::is_path;
use crate::scan::verdict;
use crate::scan::{Global, GlobalVerdict, ScanPolicy};

/// Different imports in one file: ten times what the largest library exports.
const GLOBALS_MAX: usize = 10_000;
/// Problems reported of one file: more of the same teach nothing.
const PROBLEMS_MAX: usize = 20;

/// Different calls of one import that are shown.
const CALLS_MAX: usize = 3;

/// Something wrong with a pickle, beside what it imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scan) struct Problem {
    /// The requirement it breaks.
    pub(in crate::scan) requirement: &'static str,
    /// What is wrong, as a clause that reads after the name of the file.
    pub(in crate::scan) clause: String,
}

/// What reading pickles yields.
#[derive(Default)]
pub(in crate::scan) struct PickleReport {
    /// Every import, in order of first appearance.
    pub(in crate::scan) globals: Vec<Global>,
    /// What is wrong beside them.
    pub(in crate::scan) problems: Vec<Problem>,
    /// Whether everything was read to the end of the file.
    pub(in crate::scan) complete: bool,
    /// The limit or the unsupported construct that ended the reading.
    pub(in crate::scan) limit: Option<String>,
    /// The error that ended the reading.
    pub(in crate::scan) unreadable: Option<String>,
    /// Pickles read to their end, one after another.
    pub(in crate::scan) pickles: u64,
    /// Arrays of joblib that were skipped.
    pub(in crate::scan) arrays: u64,
    /// Whether the file is of PyTorch's older format.
    pub(in crate::scan) is_torch_file: bool,
    /// The tensors that persistent ids name.
    pub(in crate::scan) storages: Storages,
    pub(super) persistent: Persistent,
    /// Bytes of constants that were taken for something else, decoded.
    pub(super) nested_bytes: usize,
    pub(super) roles: Vec<Role>,
    pub(super) opcodes: u64,
    numbers: HashMap<(String, String), u32>,
}

impl PickleReport {
    /// Nothing read yet, by a reader that resolves persistent ids so.
    pub(super) fn new(persistent: Persistent) -> Self {
        Self {
            persistent,
            ..Self::default()
        }
    }

    /// Nothing read yet of a pickle inside this one, of which it is not known that it is one at all. What it
    /// costs counts.
    pub(super) fn inside(&self) -> Self {
        Self {
            opcodes: self.opcodes,
            nested_bytes: self.nested_bytes,
            ..Self::default()
        }
    }

    /// Whether anything was found that a pickle would do. An import alone counts in a pickle that
    /// reaches its end: importing a module runs it. What cannot be the name of a module does nothing.
    pub(in crate::scan) fn acts(&self) -> bool {
        let mut possible = self.globals.iter().filter(|global| is_path(&global.module));
        let imports = possible.clone().next().is_some()
            || self
                .problems
                .iter()
                .any(|problem| problem.requirement == "unresolved-import");
        let whole = 0 < self.pickles && imports;
        whole || possible.any(|global| global.called || global.verdict == GlobalVerdict::Dangerous)
    }

    /// Adds a problem.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Adds the problem that the stream is not a pickle.
    pub(super) fn malformed(&mut self, clause: String) {
        self.problem(Problem {
            requirement: "pickle-malformed",
            clause,
        });
    }

    /// The number of an import, which is added when it is new.
    pub(super) fn import(
        &mut self,
        (module, name): (&str, &str),
        protocol: u8,
        offset: u64,
        policy: &ScanPolicy,
    ) -> Result<u32, Halt> {
        // The classes of TorchScript are made of the code in the same archive, which is read itself.
        let is_own = self.persistent == Persistent::Torch
            && (module == "__torch__" || module.starts_with("__torch__."))
            && !module.starts_with("__torch__.torch.classes");
        let judged = || match is_own {
            true => GlobalVerdict::Allowed,
            false => verdict::judge(module, name, protocol, policy),
        };
        let key = (module.to_owned(), name.to_owned());
        if let Some(number) = self.numbers.get(&key).copied() {
            // The same name can mean another thing in another protocol.
            if let Some(global) = self.globals.get_mut(number as usize) {
                global.verdict = global.verdict.max(judged());
            }
            return Ok(number);
        }
        if GLOBALS_MAX <= self.globals.len() {
            return Err(Halt::Limit(format!(
                "it imports more than {GLOBALS_MAX} different names"
            )));
        }
        let number = self.globals.len() as u32;
        let (module3, name3) = verdict::python3_name(module, name, protocol);
        self.roles.push(Role::of(module3, name3));
        self.globals.push(Global {
            module: module.to_owned(),
            name: name.to_owned(),
            called: false,
            offset: Some(offset),
            calls: Vec::new(),
            member: None,
            verdict: judged(),
        });
        self.numbers.insert(key, number);
        Ok(number)
    }

    /// Whether the arguments of another call of an import are worth showing.
    pub(super) fn wants_call(&self, number: u32) -> bool {
        let global = self.globals.get(number as usize);
        global.is_some_and(|global| {
            global.verdict != GlobalVerdict::Allowed && global.calls.len() < CALLS_MAX
        })
    }

    /// Records a call of an import, and its arguments when they are to be shown.
    pub(super) fn call(&mut self, number: u32, arguments: Option<String>) {
        if let Some(global) = self.globals.get_mut(number as usize) {
            global.called = true;
            if let Some(arguments) = arguments.filter(|shown| !global.calls.contains(shown)) {
                global.calls.push(arguments);
            }
        }
    }

    /// Whether something known to be dangerous was imported.
    pub(super) fn does_harm(&self) -> bool {
        let globals = self.globals.iter();
        globals.map(|global| global.verdict).max() == Some(GlobalVerdict::Dangerous)
    }

    /// Whether anything was imported.
    pub(super) fn names_imports(&self) -> bool {
        !self.globals.is_empty()
    }

    /// Takes over what a pickle inside this one holds.
    pub(super) fn adopt(&mut self, inner: Self) {
        for global in inner.globals {
            let key = (global.module.clone(), global.name.clone());
            if let Some(number) = self.numbers.get(&key) {
                if let Some(known) = self.globals.get_mut(*number as usize) {
                    known.verdict = known.verdict.max(global.verdict);
                    known.called |= global.called;
                    let room = CALLS_MAX.saturating_sub(known.calls.len());
                    known.calls.extend(global.calls.into_iter().take(room));
                }
            } else if self.globals.len() < GLOBALS_MAX {
                self.numbers.insert(key, self.globals.len() as u32);
                // Arrays are not skipped on the word of an import that stands elsewhere.
                self.roles.push(Role::Other);
                self.globals.push(global);
            }
        }
        for problem in inner.problems {
            self.problem(problem);
        }
    }
}
