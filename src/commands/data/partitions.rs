//! Validating only the new and changed files of a dataset: where results of the others are kept, under
//! which key, and what is said of it.

use std::path::PathBuf;

use crate::commands::CommandError;
use crate::engines::PartitionCache;
use crate::evidence::DatasetPartitions;
use crate::io::World;
use crate::io::console::Console;
use crate::io::secret::Secret;

/// The variable with the key that results are kept under; without it none are.
pub(super) const KEY_VARIABLE: &str = "PROOFMARK_CACHE_KEY";

/// Below the report directory.
pub(super) const DIRECTORY: &str = "cache/partitions";

/// Shortest key in bytes: 128 bits in hexadecimal would be 32, and a text that can be guessed is shorter.
const KEY_BYTES_MIN: usize = 16;

/// The results of earlier runs; `None` when they are not wanted, or there is no key to tell them from
/// forged ones.
///
/// # Errors
/// When the key is none.
pub(super) fn cache(
    world: &World,
    directory: PathBuf,
    is_wanted: bool,
) -> Result<Option<PartitionCache>, CommandError> {
    if !is_wanted {
        return Ok(None);
    }
    let Some(key) = Secret::from_variable(world, KEY_VARIABLE)? else {
        return Ok(None);
    };
    if key.expose().len() < KEY_BYTES_MIN {
        return Err(CommandError::Usage(format!(
            "the value of `{KEY_VARIABLE}` is shorter than {KEY_BYTES_MIN} bytes; hint: `openssl rand -hex 32`"
        )));
    }
    Ok(Some(PartitionCache::new(directory, key)))
}

/// Says what was reused and what was read, and what was wrong with the cache.
pub(super) fn say(console: &Console, cache: Option<&PartitionCache>, used: &[DatasetPartitions]) {
    for one in used {
        console.talk(&sentence(one));
    }
    for trouble in cache.map(PartitionCache::take_troubles).unwrap_or_default() {
        console.talk(&format!("note: {trouble}"));
    }
}

/// "`orders`: 11 of 12 files reused from an earlier run, 1 read; `uniqueness` needed the rows of all"
fn sentence(used: &DatasetPartitions) -> String {
    let mut text = format!(
        "`{}`: {} of {} files reused from an earlier run, {} read",
        used.dataset,
        used.reused,
        used.files,
        used.files.saturating_sub(used.reused)
    );
    if !used.needing_all.is_empty() {
        let ids = used.needing_all.iter().map(|id| format!("`{id}`"));
        text += &format!(
            "; {} needed the rows of all",
            ids.collect::<Vec<_>>().join(", ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn with(key: &str) -> Result<bool, String> {
        let variables = BTreeMap::from([(KEY_VARIABLE.to_owned(), key.to_owned())]);
        let world = World::with(variables, chrono::Utc::now);
        cache(&world, PathBuf::new(), true)
            .map(|cache| cache.is_some())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_key_nothing_is_kept_and_a_short_one_is_none() {
        assert_eq!(with(""), Ok(false));
        assert_eq!(with("0123456789abcdef"), Ok(true));
        let problem = with("0123456789abcde").expect_err("too short");
        assert!(problem.contains("shorter than 16 bytes"), "{problem}");
        assert!(!problem.contains("0123"), "{problem}");
        assert!(with("a key with spaces in it").is_err());
    }

    #[test]
    fn a_sentence_says_what_was_read() {
        let used = DatasetPartitions {
            dataset: "orders".to_owned(),
            files: 12,
            reused: 11,
            needing_all: vec!["uniqueness".into()],
        };
        assert_eq!(
            sentence(&used),
            "`orders`: 11 of 12 files reused from an earlier run, 1 read; `uniqueness` needed the rows of all"
        );
    }
}
