//! What files are taken for.

use super::*;

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
        ("benign", "gguf-llama.gguf", Format::Gguf),
        ("benign", "gguf-big-endian.gguf", Format::Gguf),
        ("benign", "h5-keras.h5", Format::Hdf5),
        ("benign", "tf-saved_model.pb", Format::SavedModel),
        ("benign", "tf-graph.pb", Format::TensorflowGraph),
        ("benign", "tf-keras_metadata.pb", Format::KerasMetadata),
        ("benign", "tflite-dense.tflite", Format::Tflite),
        ("benign", "hf-chat_template.jinja", Format::Template),
        ("malicious", "template-without-name", Format::Template),
        ("malicious", "program-java", Format::Executable),
    ];
    for (corpus, name, format) in cases {
        let bytes = std::fs::read(folder(corpus).join(name)).expect("the corpus is committed");
        assert_eq!(scanned(name, &bytes).format, format, "{name}");
    }
}

#[test]
fn every_format_has_a_row_of_its_own() {
    let schema = serde_json::to_value(schemars::schema_for!(Format)).expect("a schema");
    let variants = schema["oneOf"].as_array().expect("variants");
    assert!(25 < variants.len());
    for variant in variants {
        let format: Format = serde_json::from_value(variant["const"].clone()).expect("a format");
        let is_unknown = format.title() == Format::Unknown.title();
        assert_eq!(is_unknown, format == Format::Unknown, "{format:?}");
    }
}

#[test]
fn imports_of_an_archive_are_named_with_their_member() {
    let bytes = std::fs::read(folder("torch/state.pt")).expect("committed");
    let found = scanned("state.pt", &bytes);
    assert_eq!(
        (found.format, found.coverage),
        (Format::Torch, Coverage::Scanned)
    );
    let imports: Vec<String> = found
        .imports()
        .map(|import| format!("{} {}.{}", import.file, import.module, import.name))
        .collect();
    // `torch.save` of 1.13 writes these for tensors of floats and a counter.
    assert_eq!(
        imports,
        [
            "state.pt!state/data.pkl collections.OrderedDict",
            "state.pt!state/data.pkl torch._utils._rebuild_tensor_v2",
            "state.pt!state/data.pkl torch.FloatStorage",
            "state.pt!state/data.pkl torch.LongStorage",
        ]
    );
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
    let node = b"\x22\x04Sort\x3a\x04acme";
    let mut bytes = b"\x08\x08\x3a\x0e\x0a\x0c".to_vec();
    bytes.extend_from_slice(node);
    let found = scanned("m.onnx", &bytes);
    assert_eq!(found.format, Format::Onnx);
    assert!(not_met(&found, "onnx-custom-domain").is_some_and(|m| m.contains("`acme.Sort`")));
    assert!(blocking(&found).is_empty());
}
