//! The corpora of the scanner, and the inputs that fuzzing kept because they reach something new
//! (`tests/fuzz/corpus`), held to what is true of every scan.

use super::*;

/// Larger files have no structure that smaller ones have not.
const FILE_BYTES_MAX: usize = 32 << 10;

/// The corpora, without bombs and large files.
fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let files = corpus("benign").into_iter().chain(corpus("malicious"));
    files.filter(|(name, bytes)| !name.contains("bomb") && bytes.len() <= FILE_BYTES_MAX)
}

#[test]
fn every_file_is_sound_under_any_name() {
    for (name, bytes) in files() {
        invariants::sound(&name, &bytes);
        invariants::same_again(&name, &bytes);
        invariants::sound(invariants::NAME, &bytes);
    }
}

#[test]
fn no_file_is_safer_in_an_archive() {
    files().for_each(|(_, bytes)| invariants::packed_is_no_safer(&bytes));
}

#[test]
fn no_file_is_safer_under_another_name() {
    files().for_each(|(_, bytes)| invariants::renamed_is_no_safer(&bytes));
}

#[test]
fn no_pickle_is_safer_beside_another() {
    let short = files().filter(|(_, bytes)| bytes.len() <= FILE_BYTES_MAX / 8);
    let pickles = short.filter(|(name, _)| {
        [".pkl", ".joblib", ".pt"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    pickles.for_each(|(_, bytes)| invariants::joined_is_no_safer(&bytes));
}

#[test]
fn what_fuzzing_found_stays_sound() {
    let corpora = std::fs::read_dir("../../tests/fuzz/corpus").expect("the corpora are committed");
    let mut count = 0;
    for target in corpora {
        let target = target.expect("a readable entry").path();
        for input in std::fs::read_dir(&target).expect("a folder for each target") {
            let bytes =
                std::fs::read(input.expect("a readable entry").path()).expect("a readable file");
            invariants::sound(invariants::NAME, &bytes);
            invariants::same_again(invariants::NAME, &bytes);
            match target.file_name().and_then(|name| name.to_str()) {
                Some("joined") => invariants::joined_is_no_safer(&bytes),
                Some("packed") => invariants::packed_is_no_safer(&bytes),
                Some("renamed") => invariants::renamed_is_no_safer(&bytes),
                Some(_) | None => {}
            }
            count += 1;
        }
    }
    assert!(100 <= count, "{count} inputs");
}
