//! What holds of every source.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asked, Content, Reader, SOURCES};
use crate::io::World;

#[test]
fn sources_have_names_of_their_own_and_say_what_they_read() {
    let ids: BTreeSet<_> = SOURCES.iter().map(|source| source.id).collect();
    assert_eq!(ids.len(), SOURCES.len());
    for source in SOURCES {
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(source.id.chars().all(plain), "{}", source.id);
        assert!(source.summary.ends_with('.'), "{}", source.id);
        assert!(!source.gives.is_empty(), "{}", source.id);
    }
}

#[test]
fn no_source_takes_rubbish_for_results() {
    let rubbish: [&[u8]; 8] = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b"{\"a\": ",
        b"PK\x03\x04",
        b"<html>",
    ];
    for source in SOURCES {
        let Reader::File(parse) = source.read else {
            continue;
        };
        for bytes in rubbish {
            let content = Content {
                name: "results",
                bytes,
            };
            assert!(parse(&content).is_err(), "{} takes {bytes:?}", source.id);
        }
    }
}

/// The same of sources that read in a way of their own; what a file weighs is known of any file.
#[test]
fn no_source_of_its_own_way_takes_rubbish_for_results() {
    let rubbish: [&[u8]; 6] = [
        b"",
        b"{}",
        b"[]",
        b"\x93NUMPY\x01\x00\xff\xff",
        b"PK\x03\x04",
        b"a,b\n",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    let endings = [
        "json", "jsonl", "csv", "npy", "npz", "parquet", "db", "wandb",
    ];
    for source in SOURCES {
        if !matches!(source.read, Reader::Own(_)) || source.id == "model_files" {
            continue;
        }
        for (ending, bytes) in endings
            .iter()
            .flat_map(|ending| rubbish.map(|bytes| (ending, bytes)))
        {
            let name = format!("results.{ending}");
            std::fs::write(folder.path().join(&name), bytes).expect("writes");
            let read = source.read(&Asked {
                world: &world,
                root: folder.path(),
                locator: &name,
                server: None,
                metrics: &[],
            });
            assert!(read.is_err(), "{} takes {bytes:?} in {name}", source.id);
        }
    }
}
