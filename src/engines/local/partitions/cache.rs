//! Results of single files, kept in a directory from one run to the next.
//!
//! ```text
//! <directory>/<name>      proofmark-partition 1 <HMAC-SHA-256 of name, line end, body>
//!                         body: JSON, the rows of the file and a state for each measure
//! ```
//!
//! A state stands for rows that are not looked at again: who can write one decides what is found. So an
//! entry counts only with a code made with a key that is not in the directory; one without, one that is
//! damaged, and one that was written under another name are as if they were not there, and that is said.
//! Entries are written whole and then renamed, so that runs at the same time do not disturb one another.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};

use super::States;
use crate::engines::local::accumulate::locked;
use crate::evidence::Sha256;
use crate::io::files;
use crate::io::secret::Secret;

/// Bytes of one entry: a few columns of many different values.
const ENTRY_BYTES_MAX: u64 = 32 << 20;

/// The first words of every entry.
const MAGIC: &str = "proofmark-partition 1 ";

/// Results of single files in a directory.
pub struct PartitionCache {
    directory: PathBuf,
    key: Secret,
    troubles: Mutex<Troubles>,
}

/// What went wrong without being an error.
#[derive(Default)]
struct Troubles {
    ignored: u64,
    first_ignored: Option<PathBuf>,
    not_written: Option<String>,
}

/// What is known of a file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) rows: Option<u64>,
    /// By what tells measures apart.
    pub(super) states: States,
    /// Whether it says more than what is written.
    #[serde(skip)]
    pub(super) is_new: bool,
}

impl PartitionCache {
    /// The results in a directory, which need not be there, under a key.
    #[must_use]
    pub fn new(directory: PathBuf, key: Secret) -> Self {
        Self {
            directory,
            key,
            troubles: Mutex::default(),
        }
    }

    /// Sentences on entries that were ignored, or could not be written; told once.
    #[must_use]
    pub fn take_troubles(&self) -> Vec<String> {
        let troubles = std::mem::take(&mut *locked(&self.troubles));
        let ignored = troubles.first_ignored.map(|first| {
            format!(
                "{} of the cache of partitions ignored, `{}` the first: damaged, or not written with this key; the files were read again",
                match troubles.ignored {
                    1 => "1 entry".to_owned(),
                    count => format!("{count} entries"),
                },
                first.display()
            )
        });
        let not_written = troubles
            .not_written
            .map(|why| format!("results of partitions are not kept for the next run: {why}"));
        ignored.into_iter().chain(not_written).collect()
    }

    fn path(&self, name: Sha256) -> PathBuf {
        self.directory.join(name.to_string())
    }

    /// What is known of a file, when it is to be believed.
    pub(super) fn load(&self, name: Sha256) -> Option<Entry> {
        let path = self.path(name);
        let bytes = match files::read(&path, ENTRY_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => {
                if !error.is_not_found() {
                    self.ignore(&path);
                }
                return None;
            }
        };
        let entry = self.parse(name, &bytes);
        if entry.is_none() {
            self.ignore(&path);
        }
        entry
    }

    fn parse(&self, name: Sha256, bytes: &[u8]) -> Option<Entry> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = bytes.split_at_checked(end)?;
        let body = body.get(1..)?;
        let code: Sha256 = std::str::from_utf8(head)
            .ok()?
            .strip_prefix(MAGIC)?
            .parse()
            .ok()?;
        let known = self.code(name, body);
        known.verify_slice(code.as_bytes()).ok()?;
        serde_json::from_slice(body).ok()
    }

    fn code(&self, name: Sha256, body: &[u8]) -> Hmac<sha2::Sha256> {
        let mut code = Hmac::<sha2::Sha256>::new_from_slice(self.key.expose().as_bytes())
            .expect("any length is a key");
        code.update(format!("{name}\n").as_bytes());
        code.update(body);
        code
    }

    /// Writes what is known of a file for the next run: all of it while it is not too much, else what
    /// was `used` in this one, else nothing.
    pub(super) fn keep(&self, name: Sha256, mut entry: Entry, used: &[String]) {
        let mut body = json(&entry);
        if ENTRY_BYTES_MAX / 2 < body.len() as u64 {
            entry.states.retain(|identity, _| used.contains(identity));
            body = json(&entry);
        }
        if ENTRY_BYTES_MAX / 2 < body.len() as u64 {
            return;
        }
        let code: [u8; 32] = self.code(name, &body).finalize().into_bytes().into();
        let mut bytes = format!("{MAGIC}{}\n", Sha256::from_bytes(code)).into_bytes();
        bytes.append(&mut body);
        if let Err(error) = files::write_atomic(&self.path(name), &bytes) {
            let mut troubles = locked(&self.troubles);
            troubles
                .not_written
                .get_or_insert_with(|| error.to_string());
        }
    }

    fn ignore(&self, path: &Path) {
        let mut troubles = locked(&self.troubles);
        troubles.ignored += 1;
        troubles
            .first_ignored
            .get_or_insert_with(|| path.to_owned());
    }
}

fn json(entry: &Entry) -> Vec<u8> {
    serde_json::to_vec(entry).expect("states are plain data")
}
