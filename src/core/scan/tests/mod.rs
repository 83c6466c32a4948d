//! Tests over the corpora that `fixtures/scan/make.py` and `torch_files.py` write.

mod disguises;
mod findings;
mod formats;
mod hostile;
mod invariant_corpora;
mod invariants;
mod mutations;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::PathBuf;

use super::*;
use crate::evidence::Outcome;

fn folder(name: &str) -> PathBuf {
    // Tests run in the root of their package.
    PathBuf::from("../../fixtures/scan").join(name)
}

fn corpus(name: &str) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder(name)).expect("the corpus is committed");
    let files: BTreeMap<String, Vec<u8>> = files
        .map(|entry| entry.expect("a readable entry").path())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(path).expect("a readable file"))
        })
        .collect();
    assert!(10 <= files.len(), "the corpus is complete");
    files
}

fn scanned(path: &str, bytes: &[u8]) -> FileScan {
    scanned_with(path, bytes, &ScanPolicy::default())
}

fn scanned_with(path: &str, bytes: &[u8], policy: &ScanPolicy) -> FileScan {
    scan(path, &mut Cursor::new(bytes), bytes.len() as u64, policy)
}

fn blocking(found: &FileScan) -> Vec<&Evidence> {
    found.evidence.iter().filter(|e| e.blocks()).collect()
}

fn malicious(name: &str) -> FileScan {
    let bytes = std::fs::read(folder("malicious").join(name)).expect("the corpus is committed");
    scanned(name, &bytes)
}

fn not_met(found: &FileScan, requirement: &str) -> Option<String> {
    found
        .evidence
        .iter()
        .find(|e| e.requirement.as_str() == requirement && e.outcome == Outcome::NotMet)
        .map(|e| e.message.clone())
}

#[test]
fn every_malicious_file_blocks() {
    let mut passed = Vec::new();
    for (name, bytes) in corpus("malicious") {
        if blocking(&scanned(&name, &bytes)).is_empty() {
            passed.push(name);
        }
    }
    assert_eq!(passed, Vec::<String>::new());
}

#[test]
fn every_malicious_file_blocks_under_any_name() {
    // Text that runs only where its name says so: under another nobody runs it.
    let by_name = |name: &str| {
        ["code.py", "code", "script"].contains(&name)
            || [".jinja", ".pbtxt"]
                .iter()
                .any(|ending| name.ends_with(ending))
    };
    let mut passed = Vec::new();
    for (name, bytes) in corpus("malicious") {
        if by_name(&name) {
            continue;
        }
        for other in [
            "model.safetensors",
            "model.onnx",
            "weights.bin",
            "model.pkl",
            "x",
        ] {
            if blocking(&scanned(other, &bytes)).is_empty() {
                passed.push(format!("{name} as {other}"));
            }
        }
    }
    assert_eq!(passed, Vec::<String>::new());
}

#[test]
fn every_benign_file_is_clean() {
    let mut open = Vec::new();
    for (name, bytes) in corpus("benign").into_iter().chain(corpus("torch")) {
        let found = scanned(&name, &bytes);
        let records = found.evidence.iter();
        open.extend(records.filter(|e| e.outcome != Outcome::Met).cloned());
        assert!(!found.evidence.is_empty(), "{name}");
        assert!(
            found.coverage == Coverage::Scanned || !open.is_empty(),
            "{name} is scanned"
        );
    }
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn the_corpora_are_large_enough_to_mean_something() {
    let benign = corpus("benign").len() + corpus("torch").len();
    assert!(100 <= benign, "{benign} benign files");
    let malicious = corpus("malicious").len();
    assert!(350 <= malicious, "{malicious} malicious files");
}

#[test]
fn imports_are_those_python_asks_for() {
    let benign = corpus("benign");
    let reference: BTreeMap<String, BTreeSet<(String, String)>> =
        serde_json::from_slice(&benign["globals.json"]).expect("the reference is JSON");
    assert!(20 < reference.len());
    for (name, expected) in reference {
        let found: BTreeSet<_> = scanned(&name, &benign[&name])
            .globals
            .into_iter()
            .map(|global| (global.module, global.name))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_requirement_used_is_registered() {
    for (name, bytes) in corpus("malicious").into_iter().chain(corpus("benign")) {
        for evidence in scanned(&name, &bytes).evidence {
            let id = evidence.requirement.as_str().to_owned();
            assert!(REQUIREMENTS.iter().any(|known| known.id == id), "{id}");
        }
    }
}

#[test]
fn the_policy_allows_unknown_imports_only() {
    let policy = ScanPolicy {
        allow: vec!["my_company.models.Churn".into(), "os.system".into()],
        ..ScanPolicy::default()
    };
    let unknown = std::fs::read(folder("malicious/call-unknown.pkl")).expect("committed");
    assert!(blocking(&scanned_with("m.pkl", &unknown, &policy)).is_empty());
    let dangerous = std::fs::read(folder("malicious/global-protocol-0.pkl")).expect("committed");
    assert!(!blocking(&scanned_with("m.pkl", &dangerous, &policy)).is_empty());
}

#[test]
fn an_opaque_declaration_does_not_hide_a_pickle() {
    let policy = ScanPolicy {
        opaque: vec!["m.bin".into()],
        ..ScanPolicy::default()
    };
    let weights = std::fs::read(folder("malicious/gguf-version.gguf")).expect("committed");
    let found = scanned_with("m.bin", &weights, &policy);
    assert_eq!(found.coverage, Coverage::DeclaredOpaque);
    assert!(blocking(&found).is_empty());
    let dangerous = std::fs::read(folder("malicious/inst.pkl")).expect("committed");
    assert!(!blocking(&scanned_with("m.bin", &dangerous, &policy)).is_empty());
    // `G` is BINFLOAT, which takes the rest of the signature: a GGUF file can be a pickle.
    let both = [b"GGUF\x03\0\0\0\0".as_slice(), b"cos\nsystem\n(S'id'\ntR."].concat();
    assert!(!blocking(&scanned_with("m.bin", &both, &policy)).is_empty());
}
