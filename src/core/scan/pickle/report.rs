//! What reading pickles yields: imports, problems, and how far the reading came.

use std::collections::HashMap;

use super::array::Role;
use super::machine::Halt;
use crate::scan::verdict;
use crate::scan::{Global, GlobalVerdict, ScanPolicy};

/// Different imports in one file: ten times what the largest library exports.
const GLOBALS_MAX: usize = 10_000;
/// Problems reported of one file: more of the same teach nothing.
const PROBLEMS_MAX: usize = 20;

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
    pub(super) roles: Vec<Role>,
    pub(super) opcodes: u64,
    numbers: HashMap<(String, String), u32>,
}

impl PickleReport {
    /// Whether anything was found that a pickle would do. An import alone counts in a pickle that
    /// reaches its end: importing a module runs it.
    pub(in crate::scan) fn acts(&self) -> bool {
        let imports = !self.globals.is_empty()
            || self
                .problems
                .iter()
                .any(|problem| problem.requirement == "unresolved-import");
        let whole = 0 < self.pickles && imports;
        whole
            || self
                .globals
                .iter()
                .any(|global| global.called || global.verdict == GlobalVerdict::Dangerous)
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
        let judged = || verdict::judge(module, name, protocol, policy);
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
            offset,
            arguments: None,
            verdict: judged(),
        });
        self.numbers.insert(key, number);
        Ok(number)
    }

    /// Records a call of an import; the first literal arguments are kept.
    pub(super) fn call(&mut self, number: u32, arguments: impl FnOnce() -> Option<String>) {
        if let Some(global) = self.globals.get_mut(number as usize) {
            global.called = true;
            if global.arguments.is_none() && global.verdict != GlobalVerdict::Allowed {
                global.arguments = arguments();
            }
        }
    }
}
