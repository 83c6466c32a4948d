//! Tests over the corpora that `fixtures/scan/make.py` writes, and over bytes nobody wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::PathBuf;

use proptest::prelude::*;

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
    assert!(10 < files.len(), "the corpus is complete");
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
    let code = ["code.py", "code", "script"];
    for (name, bytes) in corpus("malicious") {
        if code.contains(&name.as_str()) {
            continue;
        }
        for other in [
            "model.safetensors",
            "model.onnx",
            "weights.bin",
            "model.pkl",
            "x",
        ] {
            assert!(
                !blocking(&scanned(other, &bytes)).is_empty(),
                "{name} as {other}"
            );
        }
    }
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
fn formats_are_told_by_content() {
    let cases = [
        ("malicious", "pickle.safetensors", Format::Pickle),
        ("malicious", "pickle.json", Format::Pickle),
        ("malicious", "pickle.txt", Format::Pickle),
        ("malicious", "archive.pt", Format::Torch),
        ("malicious", "compressed.joblib", Format::Zlib),
        ("malicious", "code", Format::Python),
        ("malicious", "script", Format::Script),
        ("benign", "forest.joblib", Format::Joblib),
        ("benign", "forest-4.pkl", Format::Pickle),
        ("benign", "labels.txt", Format::Text),
        ("benign", "README.md", Format::Text),
        ("benign", "config.json", Format::Json),
        ("benign", "linear.onnx", Format::Onnx),
        ("benign", "tensors.safetensors", Format::Safetensors),
        ("benign", "objects.npy", Format::Npy),
        ("benign", "empty.bin", Format::Empty),
    ];
    for (corpus, name, format) in cases {
        let bytes = std::fs::read(folder(corpus).join(name)).expect("the corpus is committed");
        assert_eq!(scanned(name, &bytes).format, format, "{name}");
    }
}

#[test]
fn findings_name_what_they_found() {
    let cases = [
        (
            "call-pip-main.pkl",
            "unsafe-global",
            "calls `pip.main('echo owned')` at byte",
        ),
        (
            "stack-global-memo.pkl",
            "unsafe-global",
            "calls `os.system('id')`",
        ),
        (
            "stack-global-memo-overwritten.pkl",
            "unsafe-global",
            "`os.system('id')`",
        ),
        (
            "stack-global-unicode-escape.pkl",
            "unsafe-global",
            "`os.system('id')`",
        ),
        (
            "stack-global-string-escape.pkl",
            "unsafe-global",
            "`os.system('id')`",
        ),
        ("inst.pkl", "unsafe-global", "calls `os.system('id')`"),
        ("obj-pop.pkl", "unsafe-global", "calls `os.system('id')`"),
        (
            "newobj-ex.pkl",
            "unsafe-global",
            "calls `subprocess.Popen('id')`",
        ),
        (
            "second-pickle.pkl",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "error-after-payload.pkl",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "error-after-payload.pkl",
            "pickle-malformed",
            "byte 0xff is not an opcode",
        ),
        (
            "truncated-after-payload.pkl",
            "pickle-malformed",
            "ends in the middle",
        ),
        ("frame-too-long.pkl", "pickle-malformed", "promises a frame"),
        (
            "frame-in-frame.pkl",
            "pickle-malformed",
            "a frame inside another",
        ),
        (
            "frame-crossing.pkl",
            "pickle-malformed",
            "ends a frame inside an opcode",
        ),
        (
            "nested-in-bytes.pkl",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "nested-twice.pkl",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "nested-in-latin-1.pkl",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        ("extension-1.pkl", "unresolved-import", "extension registry"),
        ("persistent-id.pkl", "unresolved-import", "persistent id"),
        (
            "stack-global-unresolved.pkl",
            "unresolved-import",
            "no constant",
        ),
        (
            "call-of-made-object.pkl",
            "unresolved-import",
            "not an import",
        ),
        (
            "build-on-allowed.pkl",
            "unsafe-global",
            "changes the import `sklearn.base.BaseEstimator`",
        ),
        (
            "call-unknown.pkl",
            "unknown-global",
            "`my_company.models.Churn('echo owned')`",
        ),
        (
            "call-dotted-split.pkl",
            "unknown-global",
            "`sklearn.tree._tree.Tree",
        ),
        (
            "call-dotted-through-allowed.pkl",
            "unsafe-global",
            "`sklearn.base.os.system",
        ),
        (
            "array-is-opcodes.joblib",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "array-second-reading.joblib",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "array-second-pickle.joblib",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "array-object-payload.joblib",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "array-then-payload.joblib",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        (
            "array-inside-frame.joblib",
            "pickle-malformed",
            "an array begins inside a frame",
        ),
        ("objects.npy", "unsafe-global", "`os.system('echo owned')`"),
        (
            "objects-structured.npy",
            "unsafe-global",
            "`os.system('echo owned')`",
        ),
        ("overlap.safetensors", "safetensors-header", "overlaps"),
        ("hole.safetensors", "safetensors-header", "hole"),
        (
            "duplicate.safetensors",
            "safetensors-header",
            "duplicate key a",
        ),
        (
            "duplicate-inside.safetensors",
            "safetensors-header",
            "duplicate field",
        ),
        (
            "trailing.safetensors",
            "safetensors-header",
            "12 bytes of data",
        ),
        (
            "external-parent.onnx",
            "external-data",
            "`../../etc/passwd`",
        ),
        ("external-nested.onnx", "external-data", "`../x`"),
        ("external-sparse.onnx", "external-data", "`../x`"),
        ("external-function.onnx", "external-data", "`../x`"),
        ("external-training.onnx", "external-data", "`../x`"),
        ("external-nowhere.onnx", "external-data", "not where"),
        ("malformed-graph.onnx", "onnx-structure", "not well formed"),
        ("code", "executable-content", "Python code"),
    ];
    for (name, requirement, part) in cases {
        let found = malicious(name);
        let message = not_met(&found, requirement);
        assert!(
            message
                .as_deref()
                .is_some_and(|message| message.contains(part)),
            "{name}: {requirement} with `{part}` in {:#?}",
            found.evidence
        );
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
    let weights = std::fs::read(folder("malicious/weights.gguf")).expect("committed");
    let found = scanned_with("m.bin", &weights, &policy);
    assert_eq!(found.coverage, Coverage::DeclaredOpaque);
    assert!(blocking(&found).is_empty());
    let dangerous = std::fs::read(folder("malicious/inst.pkl")).expect("committed");
    assert!(!blocking(&scanned_with("m.bin", &dangerous, &policy)).is_empty());
    // `G` is BINFLOAT, which takes the rest of the signature: a GGUF file can be a pickle.
    let both = [b"GGUF\x03\0\0\0\0".as_slice(), b"cos\nsystem\n(S'id'\ntR."].concat();
    assert!(!blocking(&scanned_with("m.bin", &both, &policy)).is_empty());
}

#[test]
fn the_wrapper_of_the_hostile_arrays_is_clean_itself() {
    let mut bytes = std::fs::read(folder("malicious/array-old-state.joblib")).expect("committed");
    assert!(!blocking(&scanned("m.joblib", &bytes)).is_empty());
    let place = bytes.windows(3).position(|part| part == b"(K\x01");
    let version = place.expect("the version of the dtype's state") + 2;
    bytes[version] = 3;
    let found = scanned("m.joblib", &bytes);
    assert_eq!(found.format, Format::Joblib);
    assert!(blocking(&found).is_empty(), "{:#?}", found.evidence);
}

#[test]
fn external_files_are_reported() {
    let bytes = std::fs::read(folder("benign/external.onnx")).expect("committed");
    assert_eq!(
        scanned("m.onnx", &bytes).external_files,
        ["weights/linear.bin"]
    );
}

#[test]
fn foreign_operators_are_a_warning() {
    // ir_version 8; graph { node { op_type "PyOp", domain "acme" } }
    let node = b"\x22\x04PyOp\x3a\x04acme";
    let mut bytes = b"\x08\x08\x3a\x0e\x0a\x0c".to_vec();
    bytes.extend_from_slice(node);
    let found = scanned("m.onnx", &bytes);
    assert_eq!(found.format, Format::Onnx);
    assert!(not_met(&found, "onnx-custom-domain").is_some_and(|m| m.contains("`acme.PyOp`")));
    assert!(blocking(&found).is_empty());
}

#[test]
fn a_file_shorter_than_announced_does_not_pass() {
    let bytes = std::fs::read(folder("benign/forest.joblib")).expect("committed");
    for length in [0_usize, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        let mut content = Cursor::new(bytes.get(..length).expect("shorter"));
        let found = scan(
            "m.joblib",
            &mut content,
            bytes.len() as u64,
            &ScanPolicy::default(),
        );
        assert!(!blocking(&found).is_empty(), "{length}");
    }
}

#[test]
fn every_truncated_pickle_is_malformed() {
    let bytes = std::fs::read(folder("benign/pipeline-4.pkl")).expect("committed");
    for length in 1..bytes.len() {
        let part = bytes.get(..length).expect("shorter");
        assert!(!blocking(&scanned("m.pkl", part)).is_empty(), "{length}");
    }
}

#[test]
fn large_payloads_are_jumped_over() {
    /// A pickle of one bytes constant of 64 GiB, of which only the ends exist.
    struct Huge(u64);
    const SIZE: u64 = 64 << 30;
    const HEAD: [u8; 11] = [0x80, 4, 0x8e, 0, 0, 0, 0, 0x10, 0, 0, 0];
    impl std::io::Read for Huge {
        fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
            for (index, byte) in target.iter_mut().enumerate() {
                let at = self.0 + index as u64;
                *byte = match usize::try_from(at).ok().and_then(|at| HEAD.get(at)) {
                    Some(head) => *head,
                    None if at == SIZE + 11 => b'.',
                    None => 0,
                };
            }
            self.0 += target.len() as u64;
            Ok(target.len())
        }
    }
    impl std::io::Seek for Huge {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            if let std::io::SeekFrom::Start(position) = to {
                self.0 = position;
            }
            Ok(self.0)
        }
    }
    let found = scan("m.pkl", &mut Huge(0), SIZE + 12, &ScanPolicy::default());
    assert_eq!(found.coverage, Coverage::Scanned);
    assert!(blocking(&found).is_empty(), "{:#?}", found.evidence);
}

#[test]
fn hostile_text_is_shown_escaped() {
    let bytes = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0ba\x1b[31m\xe2\x80\xaeb`\x85R.";
    let found = scanned("m\u{1b}.pkl", bytes);
    let message = not_met(&found, "unsafe-global").expect("a finding");
    assert!(
        message.contains(r"os.system('a\u{1b}[31m\u{202e}b\u{60}')"),
        "{message}"
    );
    assert!(!message.contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600), name in "[a-z]{1,3}(\\.(pkl|onnx|npy|safetensors|json|py))?") {
        let found = scanned(&name, &bytes);
        prop_assert!(!found.evidence.is_empty());
    }

    #[test]
    fn any_opcodes_are_survived(opcodes in proptest::collection::vec(prop_oneof![
        proptest::sample::select(b"(.012BCFGIJKLMNPQRSTUVX]abcdeghijloprstuq)}\n\n\n".to_vec()), 0x80..=0x98_u8, 0..4_u8,
    ], 0..400)) {
        let found = scanned("m.pkl", &opcodes);
        prop_assert!(!found.evidence.is_empty());
    }

    #[test]
    fn mutated_files_are_survived(pick in any::<proptest::sample::Index>(), edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6), cut in any::<proptest::sample::Index>(), shorten in any::<bool>()) {
        let files: Vec<_> = corpus("benign").into_iter().chain(corpus("malicious")).collect();
        let (name, mut bytes) = pick.get(&files).clone();
        if !bytes.is_empty() {
            for (place, value) in edits {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if shorten {
                bytes.truncate(cut.index(bytes.len()));
            }
        }
        let found = scanned(&name, &bytes);
        prop_assert!(!found.evidence.is_empty());
    }
}
