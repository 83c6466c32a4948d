//! Files that are one thing to the scanner's first look and another to the program that loads them.

use super::findings::expect_findings;
use super::*;

const PAYLOAD: &str = "calls `os.system('echo owned')`";

#[test]
fn an_archive_behind_another_format_is_found() {
    expect_findings(&[
        ("zip-end-in-end.npy", "unsafe-global", PAYLOAD),
        ("tar-in-array.npy", "unsafe-global", PAYLOAD),
        (
            "tar-in-array.npy",
            "archive-structure",
            "can also be read as a tar archive",
        ),
    ]);
    assert!(not_scanned("h5-in-array.npy").contains("an HDF5 file from byte 1024 on"));
}

#[test]
fn an_archive_that_two_readers_see_differently_is_found() {
    expect_findings(&[
        ("zip-two-ends.zip", "unsafe-global", PAYLOAD),
        (
            "zip-two-ends.zip",
            "archive-structure",
            "a wide end record in two places",
        ),
        (
            "zip-second-name.zip",
            "archive-structure",
            "`m.pkl` and also `n.pkl`",
        ),
        ("tar-size-of-name.tar", "unsafe-global", PAYLOAD),
        (
            "tar-size-of-all.tar",
            "archive-structure",
            "one name or one size",
        ),
        ("tar-size-twice.tar", "archive-structure", "two sizes"),
        ("tar-name-twice.tar", "archive-structure", "two names"),
        (
            "tar-folder-with-bytes.tar",
            "archive-structure",
            "a folder with bytes",
        ),
        ("tar-holes.tar", "archive-structure", "with holes"),
        (
            "tar-pax-damaged.tar",
            "archive-structure",
            "a damaged pax header",
        ),
    ]);
}

#[test]
fn members_over_one_another_are_not_looked_at_for_ever() {
    assert!(not_scanned("zip-overlap-many.zip").contains("lie over one another"));
}

#[test]
fn a_configuration_behind_blank_lines_is_seen() {
    assert!(not_scanned("keras-nan-below.json").contains("is not valid JSON"));
}

#[test]
fn a_path_that_a_graph_opens_is_found_however_it_is_given() {
    expect_findings(&[
        ("tf-save-packed.pb", "unsafe-global", "/etc/passwd"),
        ("tf-save-late-input.pb", "unsafe-global", "/etc/passwd"),
    ]);
}

/// What keeps the file from having been scanned.
fn not_scanned(name: &str) -> String {
    let found = malicious(name);
    assert_eq!(found.coverage, Coverage::Unsupported, "{name}");
    let mut open = found.evidence.iter().filter(|record| {
        record.requirement.as_str() == "scan-coverage" && record.outcome != Outcome::Met
    });
    open.next()
        .map(|record| record.message.clone())
        .unwrap_or_default()
}
