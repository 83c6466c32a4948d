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

#[test]
fn findings_in_other_formats_name_what_they_found() {
    expect_findings(&[
        (
            "gguf-template-cycler.gguf",
            "chat-template",
            "walks to the attribute `__init__` in `tokenizer.chat_template`",
        ),
        (
            "gguf-template-named.gguf",
            "chat-template",
            "in `tokenizer.chat_template.tool_use`",
        ),
        (
            "gguf-truncated.gguf",
            "model-structure",
            "fewer bytes than tensor `q`",
        ),
        (
            "gguf-trailing.gguf",
            "model-structure",
            "bytes behind its last tensor",
        ),
        (
            "gguf-many-keys.gguf",
            "model-structure",
            "4611686018427387904 keys",
        ),
        (
            "gguf-array-overflow.gguf",
            "model-structure",
            "ends before what it announces",
        ),
        (
            "gguf-key-twice.gguf",
            "model-structure",
            "the key `k` twice",
        ),
        (
            "gguf-overlap.gguf",
            "model-structure",
            "does not follow the one before",
        ),
        (
            "gguf-offset-wraps.gguf",
            "model-structure",
            "does not follow the one before",
        ),
        ("template-lipsum.json", "chat-template", "uses `lipsum`"),
        ("template-self.json", "chat-template", "uses `self`"),
        (
            "template-filter-attr.json",
            "chat-template",
            "the filter `attr`",
        ),
        (
            "template-filter-map.json",
            "chat-template",
            "the filter `attr`",
        ),
        (
            "template-subscript.json",
            "chat-template",
            "the attribute `__class__`",
        ),
        ("template-getattr.json", "chat-template", "uses `getattr`"),
        (
            "template-import.json",
            "chat-template",
            "imports a template",
        ),
        (
            "template-include.json",
            "chat-template",
            "includes another template",
        ),
        (
            "template-computed.json",
            "chat-template",
            "calls what an expression gives",
        ),
        (
            "template-assigned.json",
            "chat-template",
            "the unknown function `f`",
        ),
        (
            "template-replaced.json",
            "chat-template",
            "the unknown function `f`",
        ),
        (
            "template-replaced-known.json",
            "chat-template",
            "the unknown function `range`",
        ),
        (
            "template-method-of-own.json",
            "chat-template",
            "the unknown method `strip`",
        ),
        (
            "template-method-set.json",
            "chat-template",
            "the unknown method `strip`",
        ),
        (
            "template-method-in-map.json",
            "chat-template",
            "the unknown method `strip`",
        ),
        (
            "template-method-computed.json",
            "chat-template",
            "computed names",
        ),
        (
            "template-format.json",
            "chat-template",
            "holds the name `__class__`",
        ),
        (
            "template-format-walk.json",
            "chat-template",
            "the unknown method `format`",
        ),
        ("template-listed.json", "chat-template", "in `b`"),
        ("template-cycler.jinja", "chat-template", "uses `cycler`"),
        ("template-without-name", "chat-template", "`__subclasses__`"),
        (
            "hf-auto-map.json",
            "remote-code",
            "runs `modeling_acme.AcmeForCausalLM` of the model as `AutoModelForCausalLM`",
        ),
        (
            "hf-auto-map-other.json",
            "remote-code",
            "of another repository",
        ),
        (
            "hf-trust-remote-code.json",
            "remote-code",
            "asks for `trust_remote_code`",
        ),
        (
            "hf-model-index-part.json",
            "remote-code",
            "imports `acme_unet.Unet` as `unet`",
        ),
        ("hf-modules-own.json", "remote-code", "import `os.path`"),
        (
            "h5-lambda.h5",
            "unsafe-global",
            "code that names id, os, system",
        ),
        ("h5-lambda-latest.h5", "unsafe-global", "Lambda"),
        (
            "h5-module.h5",
            "unknown-global",
            "calls `acme.layers.Dense`",
        ),
        (
            "h5-external-link.h5",
            "external-data",
            "links `w` to the file `/etc/passwd`",
        ),
        ("h5-external-data.h5", "external-data", "external files"),
        ("h5-virtual.h5", "external-data", "from other files"),
        (
            "tf-ReadFile.pb",
            "unsafe-global",
            "calls `tf.raw_ops.ReadFile`",
        ),
        (
            "tf-AcmeCustom.pb",
            "unknown-global",
            "calls `tf.raw_ops.AcmeCustom`",
        ),
        (
            "tf-in-function.pb",
            "unsafe-global",
            "calls `tf.raw_ops.WriteFile`",
        ),
        (
            "tf-save-absolute.pb",
            "unsafe-global",
            "opens `/home/.ssh/authorized_keys` by `SaveV2`",
        ),
        (
            "tf-save-parent.pb",
            "unsafe-global",
            "opens `../../x` by `SaveV2`",
        ),
        (
            "tf-restore-joined.pb",
            "unsafe-global",
            "opens `/etc/` by `RestoreV2`",
        ),
        ("tf-path-to-function.pb", "unsafe-global", "to a function"),
        (
            "tf-print-file.pb",
            "unsafe-global",
            "write to `file:///home/.bashrc`",
        ),
        (
            "tf-asset-parent.pb",
            "unsafe-global",
            "the asset `../../etc/passwd`",
        ),
        ("tf-keras-lambda.pb", "unsafe-global", "Lambda"),
        ("tf-keras-lambda-object.pb", "unsafe-global", "Lambda"),
        (
            "tflite-custom.tflite",
            "unknown-global",
            "calls `tflite.custom.AcmeCustom`",
        ),
        (
            "tflite-flex-write.tflite",
            "unsafe-global",
            "calls `tf.raw_ops.WriteFile`",
        ),
        (
            "tflite-operator.tflite",
            "model-structure",
            "of a kind it does not list",
        ),
        ("tflite-buffer.tflite", "model-structure", "behind its end"),
        (
            "tflite-external.tflite",
            "external-data",
            "`../../etc/passwd`",
        ),
        ("program-llamafile", "executable-content", "an executable"),
        ("program-script-binary", "executable-content", "a script"),
        (
            "onnx-PyOp.onnx",
            "unsafe-global",
            "runs code by the operator `ai.onnx.contrib.PyOp`",
        ),
    ]);
}

pub(super) fn expect_findings(cases: &[(&str, &str, &str)]) {
    let mut missing = Vec::new();
    for (name, requirement, part) in cases {
        let found = malicious(name);
        let mut records = found.evidence.iter();
        let is_found = records.any(|record| {
            record.requirement.as_str() == *requirement
                && record.outcome == Outcome::NotMet
                && record.message.contains(part)
        });
        if !is_found {
            let messages: Vec<_> = found.evidence.iter().map(|e| &e.message).collect();
            missing.push(format!(
                "{name}: {requirement} with `{part}` in {messages:#?}"
            ));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
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
