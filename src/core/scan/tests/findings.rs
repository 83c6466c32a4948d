//! What findings say.

use super::*;

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
    expect_findings(&cases);
}

#[test]
fn findings_in_archives_name_what_they_found() {
    const PAYLOAD: &str = "calls `os.system('echo owned')`";
    expect_findings(&[
        ("zip-name-mismatch.pt", "unsafe-global", PAYLOAD),
        (
            "zip-name-mismatch.pt",
            "archive-structure",
            "where it stands, `archive/data.pkl`",
        ),
        ("zip-flag-0.pt", "unsafe-global", PAYLOAD),
        ("zip-flag-13.pt", "archive-structure", "as encrypted"),
        ("zip-bad-crc.pt", "unsafe-global", PAYLOAD),
        ("zip-bad-crc.pt", "archive-structure", "a wrong checksum"),
        ("zip-unlisted.pt", "unsafe-global", PAYLOAD),
        ("zip-unlisted-after-gap.zip", "unsafe-global", PAYLOAD),
        ("zip-duplicate.zip", "unsafe-global", PAYLOAD),
        ("zip-no-directory.zip", "unsafe-global", PAYLOAD),
        ("zip-comment.zip", "unsafe-global", PAYLOAD),
        (
            "zip-after-safetensors.safetensors",
            "unsafe-global",
            PAYLOAD,
        ),
        (
            "zip-overlap.zip",
            "archive-structure",
            "two members in the bytes",
        ),
        ("zip-deflated-damaged.pt", "unsafe-global", PAYLOAD),
        (
            "zip-in-zip.zip",
            "unsafe-global",
            "`zip-in-zip.zip!inner.zip!m.pkl` calls",
        ),
        ("zip-object-array.npz", "unsafe-global", PAYLOAD),
        ("zip-link.zip", "archive-path", "a link or a device"),
        (
            "zip-bomb.zip",
            "archive-bomb",
            "more than 200 times its size",
        ),
        (
            "zip-byte-code.zip",
            "executable-content",
            "names `id`, `os`, `system`",
        ),
        ("torch-payload.bin", "unsafe-global", PAYLOAD),
        (
            "torch-script-file.pt",
            "unsafe-global",
            "calls `torch.from_file`",
        ),
        (
            "torch-script-library.pt",
            "unknown-global",
            "calls `ops.acme.run`",
        ),
        ("torch-legacy-payload.pt", "unsafe-global", PAYLOAD),
        (
            "torch-legacy-tail.pt",
            "pickle-malformed",
            "follow its last tensor",
        ),
        (
            "torch-load-from-bytes.pt",
            "unsafe-global",
            "torch.storage._load_from_bytes",
        ),
        ("stream-cut.pkl.gz", "unsafe-global", PAYLOAD),
        ("stream-second-member.pkl.gz", "unsafe-global", PAYLOAD),
        (
            "stream-tail.joblib",
            "archive-structure",
            "30 bytes after its end",
        ),
        (
            "tar-torch.nemo",
            "unsafe-global",
            "!./w.ckpt!w/data.pkl` calls",
        ),
        ("tar-after-end.tar", "unsafe-global", PAYLOAD),
        ("tar-bad-header.tar", "archive-structure", "damaged header"),
        (
            "tar-slip-pax.tar",
            "archive-path",
            "leads out of the folder",
        ),
        (
            "tar-slip-long.tar",
            "archive-path",
            "leads out of the folder",
        ),
        ("sevenzip-payload.7z", "unsafe-global", PAYLOAD),
        ("constant-base64-zlib.pkl", "unsafe-global", PAYLOAD),
        ("constant-old-text.pkl", "unsafe-global", PAYLOAD),
        ("constant-code.pkl", "executable-content", "`os`, `system`"),
        ("after-error.pkl", "unsafe-global", PAYLOAD),
        (
            "function-cloudpickle.pkl",
            "executable-content",
            "`os`, `id`, `__import__`, `system`",
        ),
        (
            "function-dill.pkl",
            "executable-content",
            "`os`, `id`, `__import__`, `system`",
        ),
        (
            "keras-lambda.keras",
            "unsafe-global",
            "code that names __import__, os, system",
        ),
        ("keras-registered.json", "unknown-global", "acme>Dense"),
        ("skops-inside.skops", "unsafe-global", "`os.system`"),
        ("skops-method.skops", "unsafe-global", "`MethodNode`"),
    ]);
}

fn expect_findings(cases: &[(&str, &str, &str)]) {
    for (name, requirement, part) in cases {
        let found = malicious(name);
        let mut records = found.evidence.iter();
        assert!(
            records.any(|record| record.requirement.as_str() == *requirement
                && record.outcome == Outcome::NotMet
                && record.message.contains(part)),
            "{name}: {requirement} with `{part}` in {:#?}",
            found.evidence
        );
    }
}

#[test]
fn calls_are_shown_with_the_calls_they_are_made_of() {
    let found = malicious("getattr-chain.pkl");
    let message = not_met(&found, "unsafe-global").expect("a finding");
    assert!(
        message.contains("`builtins.getattr(builtins.__import__('os'), 'system')`"),
        "{message}"
    );
    let message = not_met(&found, "unresolved-import").expect("a finding");
    assert!(
        message
            .contains("calls what `builtins.getattr(builtins.__import__('os'), 'system')` gives"),
        "{message}"
    );
}

#[test]
fn secrets_in_arguments_are_not_shown() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let mut bytes = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c".to_vec();
    bytes.push(token.len() as u8);
    bytes.extend_from_slice(token.as_bytes());
    bytes.extend_from_slice(b"\x85R.");
    let found = scanned("m.pkl", &bytes);
    let message = not_met(&found, "unsafe-global").expect("a finding");
    assert!(message.contains("os.system('*** (a secret)')"), "{message}");
    assert!(!format!("{found:?}").contains(&token));
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
