//! The ledger of promotions, as pure functions of the bytes of its entries.
//!
//! Each entry carries the digest of the one before, and a seal: the digest of itself. The state, what
//! is live in which stage, is a fold over the entries. Where the bytes are kept, and how exactly one
//! of many writers wins the next sequence number, is left to the registries.
//!
//! What this withstands: a changed byte in any entry, a missing or exchanged entry. What it cannot
//! see by itself: that somebody removed the latest entries, or wrote all of them anew. Both show
//! against a remembered [`Head`]; every plan and every view remembers one.

mod chain;
mod entry;
mod path;
mod plan;
mod seal;
mod state;

pub use chain::{BrokenChain, ChainFault, ENTRIES_MAX, Head, Ledger, Recorded};
pub(super) use entry::{BY_CHARACTERS_MAX, REASON_CHARACTERS_MAX, validate_text};
pub use entry::{
    ENTRY_BYTES_MAX, Entry, EntryKind, EvidenceRef, FILES_MAX, InvalidEntry, Part, ReleaseFile,
};
pub use path::{FilePath, InvalidPath};
pub use plan::{InvalidPlan, Plan};
pub(super) use seal::{seal, unseal};
pub use state::Release;

/// Version of entries, plans and views; a reader refuses a newer one.
pub const SCHEMA_VERSION: u32 = 1;

/// Refuses text of a newer version before its shape is looked at, so that the reason given is the
/// true one. Returns the version found when it is newer.
pub(super) fn newer_version(text: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let version: Version = serde_json::from_str(text).ok()?;
    (u64::from(SCHEMA_VERSION) < version.schema_version).then_some(version.schema_version)
}

/// JSON with sorted keys, two spaces and a final line feed: one way to write each value.
pub(super) fn canonical(value: &serde_json::Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
