//! Where the standard is silent or contradicts itself, a contract that steps there is told what was
//! understood: one note of severity info for each kind of trap, at its first place.

use super::planner::Planner;
use crate::checks::{ContractNote, Target};
use crate::evidence::Severity;

/// A place where contracts are read differently by different tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trap {
    /// `mustBeBetween`: with or without its ends.
    Between,
    /// `duplicateValues`: what is counted.
    Duplicates,
    /// `unit: percent`: of which rows.
    Percent,
}

impl Trap {
    fn note(self) -> &'static str {
        match self {
            Self::Between => {
                "`mustBeBetween` is read with its ends, as datacontract-cli does; the text of the standard says without"
            }
            Self::Duplicates => {
                "`duplicateValues` counts rows that repeat an earlier one; the standard does not say, and datacontract-cli counts values that occur more than once"
            }
            Self::Percent => {
                "percent is of the rows that are not null; the standard does not say, and datacontract-cli divides by all rows"
            }
        }
    }
}

impl Planner<'_> {
    pub(super) fn note(&mut self, pointer: &str, target: &Target, trap: Trap) {
        if self.noted.contains(&trap) {
            return;
        }
        self.noted.push(trap);
        let target = Target {
            severity: Severity::Info,
            ..self.at(target, pointer)
        };
        let note = trap.note().to_owned();
        self.add(target, ContractNote { note });
    }
}
