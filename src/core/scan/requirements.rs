//! Everything this family of requirements can say.

use crate::evidence::Requirement;

/// Requirements on model files.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "scan-coverage",
        summary: "Every model file is looked at completely, or declared opaque.",
        remedy: "Convert the file to a format that can be scanned (safetensors, ONNX, an \
                 uncompressed joblib file), or list it under `scan.opaque` after review.",
        references: &["https://docs.python.org/3/library/pickle.html"],
    },
    Requirement {
        id: "unsafe-global",
        summary: "No model imports or calls anything known to run commands, code or files.",
        remedy: "Do not load the file; write the model anew from a source you trust, or export it to \
                 a format without code.",
        references: &[
            "https://docs.python.org/3/library/pickle.html#restricting-globals",
            "CWE-502",
        ],
    },
    Requirement {
        id: "unknown-global",
        summary: "Everything a model imports or calls is on the allow-list.",
        remedy: "Review what the import does when called with any arguments, then add it to \
                 `scan.allow` as `module.name`.",
        references: &["https://docs.python.org/3/library/pickle.html#restricting-globals"],
    },
    Requirement {
        id: "unresolved-import",
        summary: "Everything a pickle imports or calls can be named without running it.",
        remedy: "Write the model anew with `pickle.dump` or `joblib.dump` of the standard library; \
                 ordinary models name their imports as constants.",
        references: &["https://docs.python.org/3/library/pickletools.html"],
    },
    Requirement {
        id: "pickle-malformed",
        summary: "A pickle is well formed from its first byte to the end of the file.",
        remedy: "Do not load the file: Python runs everything before the bad byte. Fetch or write it \
                 anew.",
        references: &[
            "https://docs.python.org/3/library/pickletools.html",
            "PEP 3154",
        ],
    },
    Requirement {
        id: "executable-content",
        summary: "A model holds no programs.",
        remedy: "Remove the program from the model; deliver code as a reviewed package instead.",
        references: &["CWE-829"],
    },
    Requirement {
        id: "safetensors-header",
        summary: "The header of a safetensors file describes its bytes exactly.",
        remedy: "Write the file anew with the safetensors library.",
        references: &["https://github.com/huggingface/safetensors#format"],
    },
    Requirement {
        id: "onnx-structure",
        summary: "An ONNX model is a well formed message.",
        remedy: "Export the model anew, and check it with `onnx.checker`.",
        references: &["https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"],
    },
    Requirement {
        id: "external-data",
        summary: "A model keeps weights only in itself or in files beside it.",
        remedy: "Save the model with its external data in its own folder, under plain relative names.",
        references: &[
            "https://onnx.ai/onnx/repo-docs/ExternalData.html",
            "CVE-2022-25882",
            "CVE-2024-27318",
        ],
    },
    Requirement {
        id: "onnx-custom-domain",
        summary: "An ONNX model uses only operators that come with ONNX and ONNX Runtime.",
        remedy: "Find out which library provides the operators, and review it as code.",
        references: &["https://onnx.ai/onnx/intro/concepts.html"],
    },
    Requirement {
        id: "model-structure",
        summary: "Everything in a model file lies where the file says, and nothing else is in it.",
        remedy: "Do not load the file: readers in C trust its counts and offsets. Fetch or write it anew.",
        references: &[
            "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",
            "https://flatbuffers.dev/internals/",
            "CWE-125",
        ],
    },
    Requirement {
        id: "chat-template",
        summary: "A chat template only formats a conversation.",
        remedy: "Do not render the template; take the one of the model's author, and give it to the server by \
                 yourself.",
        references: &["CVE-2024-34359", "CWE-1336"],
    },
    Requirement {
        id: "remote-code",
        summary: "A configuration asks for no code beside that of the libraries.",
        remedy: "Use the class of the library where it has one; otherwise review the code, deliver it as a package, \
                 and take the entry out.",
        references: &[
            "https://huggingface.co/docs/transformers/custom_models",
            "CWE-829",
        ],
    },
    Requirement {
        id: "base-model",
        summary: "An adapter names the model it adapts by something that can be scanned.",
        remedy: "Name the base model by its repository, and scan it as well.",
        references: &["https://huggingface.co/docs/peft"],
    },
    Requirement {
        id: "archive-structure",
        summary: "An archive holds the same members for every program that reads it.",
        remedy: "Pack the model anew with the library that made it; do not repair the archive by hand.",
        references: &[
            "https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT",
            "CVE-2025-1944",
            "CVE-2025-1945",
            "CVE-2025-10156",
        ],
    },
    Requirement {
        id: "archive-path",
        summary: "The members of an archive are files inside its folder.",
        remedy: "Do not unpack the archive; pack the model anew without links and with plain relative names.",
        references: &["CWE-22", "CWE-59"],
    },
    Requirement {
        id: "archive-bomb",
        summary: "An archive is not far larger unpacked than packed.",
        remedy: "Do not unpack the archive; write the model anew, uncompressed where it is mostly one value.",
        references: &["CWE-409"],
    },
    Requirement {
        id: super::imports_lock::IMPORTS_LOCK,
        summary: "A model imports nothing that the signed scan of an earlier version does not name.",
        remedy: "Find out why the model needs the import; when it is meant, waive this for the file once, and \
                 the next version is held against the scan of this one.",
        references: &[
            "https://docs.python.org/3/library/pickle.html#restricting-globals",
            "CWE-502",
        ],
    },
];
