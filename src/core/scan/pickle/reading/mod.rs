//! One reading of one pickle: opcode after opcode to STOP, or to where Python would stop.

mod arrays;
mod calls;
mod constants;
mod containers;
mod frames;
mod imports;
mod nested;

pub(super) use nested::resume;

use super::machine::{Halt, Machine};
use super::report::{PickleReport, Problem};
use super::value::Value;
use crate::scan::ScanPolicy;
use crate::scan::source::{ReadError, Source};

/// Opcodes read in one file: hours of a model's life, seconds of ours.
const OPCODES_MAX: u64 = 1 << 28;

/// Which reader is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// joblib's: raw arrays follow their wrappers.
    Joblib,
    /// Python's own.
    Plain,
    /// Python's own, over bytes that may well not be a pickle: only what is certain is reported.
    Probe,
    /// Python's own, over a joblib file from its first array on, where it reads what joblib skips.
    Shadow,
}

/// One reading of one pickle.
pub(super) struct Reading<'r, 's> {
    source: &'r mut Source<'s>,
    report: &'r mut PickleReport,
    policy: &'r ScanPolicy,
    machine: Machine,
    mode: Mode,
    protocol: u8,
    frame_end: Option<u64>,
    depth: usize,
    /// Whether the plain reading from the first array on has been followed.
    shadowed: bool,
    /// Where findings are placed when the bytes read are not those of the file.
    origin: Option<u64>,
    /// Position of the opcode being read.
    at: u64,
    problems: Vec<Problem>,
}

impl<'r, 's> Reading<'r, 's> {
    /// A reading that begins at the position of `source`.
    pub(super) fn new(
        source: &'r mut Source<'s>,
        report: &'r mut PickleReport,
        policy: &'r ScanPolicy,
        mode: Mode,
    ) -> Self {
        Self {
            source,
            report,
            policy,
            machine: Machine::default(),
            mode,
            protocol: 0,
            frame_end: None,
            depth: 0,
            shadowed: false,
            origin: None,
            at: 0,
            problems: Vec::new(),
        }
    }

    /// Reads to STOP.
    pub(super) fn run(mut self) -> Result<(), Halt> {
        let outcome = self.steps();
        let certain = match self.mode {
            Mode::Joblib | Mode::Plain => true,
            Mode::Probe => outcome.is_ok(),
            Mode::Shadow => false,
        };
        if certain {
            for problem in std::mem::take(&mut self.problems) {
                self.report.problem(problem);
            }
        }
        outcome.map_err(|halt| match halt {
            Halt::Malformed(problem) => {
                Halt::Malformed(format!("{problem} (opcode at byte {})", self.offset()))
            }
            Halt::Limit(problem) => {
                Halt::Limit(format!("{problem} (opcode at byte {})", self.offset()))
            }
            Halt::Unreadable(problem) => Halt::Unreadable(problem),
        })
    }

    fn steps(&mut self) -> Result<(), Halt> {
        loop {
            self.at = self.source.position();
            self.report.opcodes += 1;
            if OPCODES_MAX < self.report.opcodes {
                return Err(Halt::Limit(format!(
                    "it has more than {OPCODES_MAX} opcodes"
                )));
            }
            let opcode = self.source.byte()?;
            self.step(opcode)?;
            self.leave_frame(opcode);
            if opcode == b'.' {
                return Ok(());
            }
        }
    }

    fn step(&mut self, opcode: u8) -> Result<(), Halt> {
        match opcode {
            b'.' => self.machine.pop().map(drop),
            b'(' => self.machine.mark(),
            b'0' => self.machine.pop_or_unmark(),
            b'1' => self.machine.pop_to_mark().map(drop),
            b'2' => self.machine.push(self.machine.top()?),
            b'N' | b'I' | b'J' | b'K' | b'M' | b'L' | b'F' | b'G' | 0x88..=0x8b => {
                self.number(opcode)
            }
            b'S' | b'T' | b'U' | b'V' | b'X' | 0x8c | 0x8d => self.text(opcode),
            b'B' | b'C' | 0x8e | 0x96 => self.bytes(opcode),
            b')' | b't' | 0x85..=0x87 | b']' | b'l' | b'}' | b'd' | 0x8f | 0x91 => {
                self.container(opcode)
            }
            b'a' | b'e' | b's' | b'u' | 0x90 => self.fill(opcode),
            b'g' | b'h' | b'j' | b'p' | b'q' | b'r' | 0x94 => self.memo(opcode),
            b'c' | b'i' | 0x93 | 0x82..=0x84 | b'P' | b'Q' => self.import(opcode),
            b'R' | b'o' | 0x81 | 0x92 => self.call(opcode),
            b'b' => self.build(),
            0x80 => self.protocol(),
            0x95 => self.enter_frame(),
            // Buffers out of band: data that the caller of `loads` hands over, never code.
            0x97 => self.machine.push(Value::Unknown),
            0x98 => self.machine.top().map(drop),
            _ => Err(Halt::Malformed(format!(
                "byte {opcode:#04x} is not an opcode"
            ))),
        }
    }

    fn offset(&self) -> u64 {
        self.origin.unwrap_or(self.at)
    }

    fn problem(&mut self, requirement: &'static str, clause: String) {
        // A few suffice; the report drops the rest as well.
        if self.problems.len() < 8 {
            let clause = format!("{clause} (opcode at byte {})", self.offset());
            self.problems.push(Problem {
                requirement,
                clause,
            });
        }
    }
}

impl From<ReadError> for Halt {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::End => Self::Malformed("it ends in the middle of a pickle".to_owned()),
            ReadError::Io(problem) => Self::Unreadable(problem),
        }
    }
}
