//! Pickles, protocols 0 to 5, read the way Python would run them, without running anything.
//!
//! Every opcode is interpreted on a stack, marks and a memo of abstract values, so that imports are
//! named also when their names come from the memo, and calls are told from mere references. Nothing
//! is trusted that CPython does not trust: frames are a promise about buffering only, and what
//! stands before a bad byte has run when Python meets it. The reference is CPython 3.14
//! (`_pickle.c`, `pickle.py`, `pickletools.py`); for arrays inside pickles see [`array`].
//!
//! Where two readers would see different opcodes (joblib skips an array, `pickle` reads on into it)
//! both readings are followed.

mod array;
mod machine;
mod reading;
mod report;
mod storages;
mod text;
mod value;

pub(in crate::scan) use report::{PickleReport, Problem};
pub(in crate::scan) use storages::Storages;
pub(in crate::scan) use text::escape;

use super::ScanPolicy;
use super::format::Format;
use super::job::{Job, Role};
use super::source::Source;
use machine::Halt;
use reading::{Mode, Reading};

/// How the first pickle of PyTorch's older format begins and ends: its magic number.
const TORCH_MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// Pickles in a file of that format: magic number, version, machine, object, keys of its tensors.
const TORCH_PICKLES: u64 = 5;
/// Whether the reader of the pickle resolves persistent ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::scan) enum Persistent {
    /// No; Python's own does not.
    #[default]
    Refused,
    /// As PyTorch does: each names the bytes of a tensor. TorchScript's classes have names there too.
    Torch,
}

/// Judges the pickles of a file.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let persistent = match job.role {
        Role::TorchPickle => Persistent::Torch,
        Role::Any | Role::TorchStorage | Role::TorchScript => Persistent::Refused,
    };
    let mut report = read(&mut job.source, job.policy, persistent);
    if !report.complete {
        reading::resume(&mut job.source, &mut report, job.policy);
    }
    job.storages = std::mem::take(&mut report.storages);
    let format = match (report.is_torch_file, report.arrays) {
        (true, _) => Format::TorchLegacy,
        (false, 0) => Format::Pickle,
        (false, _) => Format::Joblib,
    };
    job.judgement.pickle(report, format);
    format
}

/// Reads the pickles that follow one another from the position of `source` to its end.
pub(in crate::scan) fn read(
    source: &mut Source<'_>,
    policy: &ScanPolicy,
    persistent: Persistent,
) -> PickleReport {
    let mut report = PickleReport::new(persistent);
    match stream(source, &mut report, policy) {
        Ok(()) => report.complete = true,
        Err(Halt::Malformed(problem)) => report.malformed(problem),
        Err(Halt::Limit(problem)) => report.limit = Some(problem),
        Err(Halt::Unreadable(problem)) => report.unreadable = Some(problem),
    }
    report
}

fn stream(
    source: &mut Source<'_>,
    report: &mut PickleReport,
    policy: &ScanPolicy,
) -> Result<(), Halt> {
    if begins_like_torch(source)? {
        report.is_torch_file = true;
        report.persistent = Persistent::Torch;
    }
    loop {
        let start = source.position();
        let outcome = Reading::new(source, report, policy, Mode::Joblib).run();
        match outcome {
            Ok(()) => report.pickles += 1,
            Err(Halt::Malformed(_)) if 0 < report.pickles => {
                let count = source.end().saturating_sub(start);
                return Err(Halt::Malformed(format!(
                    "{count} bytes from byte {start} on follow the end of the pickle and are not a \
                     pickle themselves"
                )));
            }
            Err(halt) => return Err(halt),
        }
        if report.is_torch_file && report.pickles == TORCH_PICKLES {
            return storages::skip(source, &report.storages);
        }
        if source.remaining() == 0 {
            return Ok(());
        }
    }
}

fn begins_like_torch(source: &mut Source<'_>) -> Result<bool, Halt> {
    let start = source.position();
    let length = source.remaining().min(TORCH_MAGIC.len() as u64);
    let head = source.prefix(length, TORCH_MAGIC.len())?;
    source.seek(start);
    Ok(head == TORCH_MAGIC)
}

/// Whether a byte is an opcode of any protocol.
pub(in crate::scan) fn is_opcode(byte: u8) -> bool {
    const LETTERS: &[u8] = b"(.012BCFGIJKLMNPQRSTUVX]abcdeghijloprstuq)}";
    LETTERS.contains(&byte) || (0x80..=0x98).contains(&byte)
}
