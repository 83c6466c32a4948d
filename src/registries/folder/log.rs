//! The ledger on disk: reading it, and adding the next entry before anyone else does.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::time::Duration;

use super::FolderRegistry;
use crate::io::files::{self, FileError, FileProblem};
use crate::registries::ledger::{
    BrokenChain, ChainFault, ENTRY_BYTES_MAX, Entry, InvalidEntry, Ledger,
};
use crate::registries::{RegistryError, RegistryErrorKind};

/// How often a writer that was too slow tries again. Each time somebody else was fast enough, so
/// this is how many others may write at once, each one release, before the last gives up.
const ATTEMPTS_MAX: u32 = 64;

/// Longest pause before another attempt: about what one durable write takes, so that writers that
/// started together come apart.
const PAUSE_MAX: Duration = Duration::from_millis(4);

/// Digits of a sequence number in a file name: listed by name, entries come in order.
const SEQUENCE_DIGITS: usize = 16;

/// Why the ledger could not be read to its end.
#[derive(Debug)]
pub(super) enum LogError {
    Broken(BrokenChain),
    File(FileError),
}

/// What a writer wants to do, given the ledger as it is.
pub(super) enum Next {
    /// Add this entry.
    Append(Box<Entry>),
    /// Nothing: the entry with this number did it already.
    Settled(u64),
}

/// What became of it.
pub(super) enum Appended {
    /// The entry was added with this number.
    Now(u64),
    /// The entry with this number did it already.
    Before(u64),
}

impl FolderRegistry {
    /// Path of the entry with this number.
    pub(super) fn entry_path(&self, sequence: u64) -> PathBuf {
        self.log()
            .join(format!("{sequence:0SEQUENCE_DIGITS$}.json"))
    }

    /// The whole ledger.
    pub(super) fn read_log(&self) -> Result<Ledger, LogError> {
        let mut ledger = Ledger::default();
        self.read_log_into(&mut ledger)?;
        Ok(ledger)
    }

    /// Reads the whole ledger; on an error `ledger` holds the entries before the bad one.
    pub(super) fn read_log_into(&self, ledger: &mut Ledger) -> Result<(), LogError> {
        self.extend(ledger)?;
        if self.has_entry_from(ledger.next_sequence())? {
            // The entry may have come between the two looks. One that is missing while a later one
            // exists will never come.
            let sequence = ledger.next_sequence();
            self.extend(ledger)?;
            if ledger.next_sequence() == sequence {
                let fault = ChainFault::Missing;
                return Err(LogError::Broken(BrokenChain { sequence, fault }));
            }
        }
        Ok(())
    }

    /// Reads the entries that came since.
    pub(super) fn extend(&self, ledger: &mut Ledger) -> Result<(), LogError> {
        loop {
            let sequence = ledger.next_sequence();
            match files::read(&self.entry_path(sequence), ENTRY_BYTES_MAX) {
                Ok(bytes) => ledger.push(&bytes).map_err(LogError::Broken)?,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(unreadable_entry(sequence, error)),
            }
        }
    }

    fn has_entry_from(&self, sequence: u64) -> Result<bool, LogError> {
        let log = self.log();
        let failed = |error| LogError::File(FileError::new("list", &log, error));
        let listing = match std::fs::read_dir(&log) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        for item in listing {
            let name = item.map_err(failed)?.file_name();
            if name
                .to_str()
                .and_then(sequence_of)
                .is_some_and(|found| sequence <= found)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds the entry that `next` asks for, on top of whatever others add meanwhile. `next` is asked
    /// again with every ledger somebody else has changed.
    pub(super) fn append(
        &self,
        ledger: &mut Ledger,
        operation: &'static str,
        next: impl Fn(&Ledger) -> Result<Next, RegistryError>,
    ) -> Result<Appended, RegistryError> {
        for _ in 0..ATTEMPTS_MAX {
            let entry = match next(ledger)? {
                Next::Settled(sequence) => return Ok(Appended::Before(sequence)),
                Next::Append(entry) => entry,
            };
            let bytes = self.bytes_of(&entry, operation)?;
            match files::create_new(&self.entry_path(entry.sequence), &bytes) {
                Ok(()) => {
                    ledger
                        .push(&bytes)
                        .map_err(|error| RegistryError::from(LogError::Broken(error)))?;
                    return Ok(Appended::Now(entry.sequence));
                }
                Err(error) if matches!(error.problem, FileProblem::AlreadyExists) => {
                    std::thread::sleep(pause());
                    self.extend(ledger)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(RegistryError::new(
            RegistryErrorKind::Unavailable,
            operation,
            format!("in `{}`", self.root.display()),
            format!("others were faster {ATTEMPTS_MAX} times"),
        )
        .hint("run it again"))
    }

    fn bytes_of(&self, entry: &Entry, operation: &'static str) -> Result<Vec<u8>, RegistryError> {
        let malformed = |problem: String| {
            let subject = format!("`{}` in `{}`", entry.model, entry.stage);
            RegistryError::new(RegistryErrorKind::Malformed, operation, subject, problem)
        };
        entry.validate().map_err(malformed)?;
        let bytes = entry.to_json().into_bytes();
        if ENTRY_BYTES_MAX < bytes.len() as u64 {
            return Err(malformed(format!(
                "its entry would be larger than {ENTRY_BYTES_MAX} bytes"
            )));
        }
        Ok(bytes)
    }
}

impl From<LogError> for RegistryError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::File(error) => error.into(),
            LogError::Broken(broken) => {
                let (kind, hint) = match &broken.fault {
                    ChainFault::Invalid(InvalidEntry::Newer(_)) => {
                        (RegistryErrorKind::Unsupported, "update proofmark")
                    }
                    ChainFault::TooMany => (
                        RegistryErrorKind::Unsupported,
                        "begin a new registry; the old one stays readable",
                    ),
                    ChainFault::Missing
                    | ChainFault::Invalid(_)
                    | ChainFault::Misplaced(_)
                    | ChainFault::Unlinked
                    | ChainFault::Contradiction
                    | ChainFault::Truncated(_)
                    | ChainFault::Rewritten(_) => (
                        RegistryErrorKind::Integrity,
                        "restore `log` from a copy and find out who could write to it",
                    ),
                };
                Self::new(kind, "verify", "the ledger", broken.to_string()).hint(hint)
            }
        }
    }
}

/// What nobody could have written as an entry was put there by somebody else.
fn unreadable_entry(sequence: u64, error: FileError) -> LogError {
    match error.problem {
        FileProblem::TooLarge(_) | FileProblem::NotRegular => LogError::Broken(BrokenChain {
            sequence,
            fault: InvalidEntry::Malformed(error.problem.to_string()).into(),
        }),
        FileProblem::NotFound
        | FileProblem::AlreadyExists
        | FileProblem::IsInput
        | FileProblem::PermissionDenied
        | FileProblem::NotUtf8(_)
        | FileProblem::Changed
        | FileProblem::Other(_) => LogError::File(error),
    }
}

/// The number in a name such as `0000000000000007.json`; other names are none of ours.
fn sequence_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    let plain = digits.len() == SEQUENCE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A random pause: the keys of a new hasher differ every time, and nothing here needs more.
fn pause() -> Duration {
    let random = RandomState::new().hash_one(()) % (PAUSE_MAX.as_micros() as u64).max(1);
    Duration::from_micros(random)
}
