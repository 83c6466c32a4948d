//! What operators of TensorFlow do besides computing.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::scan::{GlobalVerdict, ScanPolicy};

/// Where Python has the operators.
pub(in crate::scan) const MODULE: &str = "tf.raw_ops";

static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../allow/tensorflow.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// Operators that run code of the host, read or write files they are told, or call other machines. Their
/// versions (`V2`, …) and experimental forms are meant as well.
const DANGEROUS: &[&str] = &[
    "CSVDataset",
    "CacheDataset",
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "DataServiceDataset",
    "DatasetToTFRecord",
    "DebugIdentity",
    "DebugNanCount",
    "DebugNumericSummary",
    "DistributedSave",
    "EagerPyFunc",
    "FileSystemSetConfiguration",
    "FixedLengthRecordDataset",
    "FixedLengthRecordReader",
    "ImportEvent",
    "LMDBDataset",
    "LMDBReader",
    "ListDataset",
    "ListSnapshotChunksDataset",
    "LoadAndRemapMatrix",
    "LoadDataset",
    "LoadLibrary",
    "MatchingFiles",
    "MatchingFilesDataset",
    "MergeV2Checkpoints",
    "PyFunc",
    "PyFuncStateless",
    "ReadFile",
    "RecordInput",
    "RegisterDataset",
    "RemoteCall",
    "RpcCall",
    "RpcClient",
    "RpcServer",
    "RpcServerRegister",
    "RpcServerStart",
    "SaveDataset",
    "SnapshotChunkDataset",
    "SnapshotDataset",
    "SnapshotDatasetReader",
    "SnapshotNestedDatasetReader",
    "SqlDataset",
    "TFRecordDataset",
    "TFRecordReader",
    "TextLineDataset",
    "TextLineReader",
    "WholeFileReader",
    "WriteFile",
    "XlaCustomCall",
];

/// Operators that every model has to save and restore itself, to or from a path it is given.
const BY_PATH: &[&str] = &[
    "InitializeTableFromTextFile",
    "Restore",
    "RestoreSlice",
    "Save",
    "SaveSlices",
];

/// Operators through which a path goes on its way.
const PASSING: &[&str] = &["Identity", "ShardedFilename", "StringJoin"];

/// Operators that call functions of the graph.
const CALLING: &[&str] = &[
    "If",
    "PartitionedCall",
    "StatefulPartitionedCall",
    "StatelessIf",
    "StatelessWhile",
    "While",
];

/// What an operator has to do with paths.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    /// It is a constant, and can be one.
    Constant,
    /// It hands one on.
    Passes,
    /// It hands one to a function, which is not followed.
    Calls,
    /// It opens one.
    Opens,
    /// Nothing.
    None,
}

/// What an operator is worth.
pub(in crate::scan) fn judge(name: &str, policy: &ScanPolicy) -> GlobalVerdict {
    if DANGEROUS.contains(&stem(name)) {
        GlobalVerdict::Dangerous
    } else if KNOWN.contains(name) || policy.allow.contains(&format!("{MODULE}.{name}")) {
        GlobalVerdict::Allowed
    } else {
        GlobalVerdict::Unknown
    }
}

/// What an operator has to do with paths.
pub(super) fn paths(name: &str) -> Paths {
    let stem = stem(name);
    if stem == "Const" {
        Paths::Constant
    } else if PASSING.contains(&stem) {
        Paths::Passes
    } else if CALLING.contains(&stem) {
        Paths::Calls
    } else if BY_PATH.contains(&stem) {
        Paths::Opens
    } else {
        Paths::None
    }
}

/// The name without what tells versions of one operator apart.
fn stem(name: &str) -> &str {
    let name = name.strip_prefix("Experimental").unwrap_or(name);
    let digits = name.trim_end_matches(|last: char| last.is_ascii_digit());
    match digits.strip_suffix('V') {
        Some(stem) if digits.len() < name.len() => stem,
        Some(_) | None => name,
    }
}
