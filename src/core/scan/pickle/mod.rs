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
mod text;
mod value;

pub(in crate::scan) use report::{PickleReport, Problem};
pub(in crate::scan) use text::escape;

use super::ScanPolicy;
use super::source::Source;
use machine::Halt;
use reading::{Mode, Reading};

/// Reads the pickles that follow one another from the position of `source` to its end.
pub(in crate::scan) fn read(source: &mut Source<'_>, policy: &ScanPolicy) -> PickleReport {
    let mut report = PickleReport::default();
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
        if source.remaining() == 0 {
            return Ok(());
        }
    }
}

/// Whether a byte is an opcode of any protocol.
pub(in crate::scan) fn is_opcode(byte: u8) -> bool {
    const LETTERS: &[u8] = b"(.012BCFGIJKLMNPQRSTUVX]abcdeghijloprstuq)}";
    LETTERS.contains(&byte) || (0x80..=0x98).contains(&byte)
}
