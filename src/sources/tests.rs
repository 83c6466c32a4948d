//! What holds of every source.

use std::collections::BTreeSet;

use super::{Content, Reader, SOURCES};

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
