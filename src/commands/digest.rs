//! `digest`: the digests that name a model.

use std::fmt::Write as _;

use serde::Serialize;

use super::{CommandError, Outputs, progress};
use crate::cli::{DigestArguments, HashingArguments};
use crate::evidence::ExitCode;
use crate::manifest::{Hashing, Resources};
use crate::signing::walk::{self, ReadOptions};

/// Runs the command.
///
/// # Errors
/// When the model cannot be read.
pub fn run(arguments: &DigestArguments, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let ignore: Vec<&str> = arguments.ignore.iter().map(String::as_str).collect();
    let bar = progress::bytes(outputs, "digesting");
    let options = ReadOptions {
        ignore: &ignore,
        hashing: hashing(&arguments.hashing),
        allow_symlinks: arguments.allow_symlinks,
        progress: &bar,
    };
    let resources = walk::read_model(&arguments.model, &options)?;
    bar.finish_and_clear();
    let name = walk::model_name(&arguments.model)?;
    let text = match outputs.wants_json() {
        true => json(&resources, &name),
        false => text(&resources),
    };
    outputs.data(&text)?;
    Ok(ExitCode::Passed)
}

/// How files are digested, as the command line says.
#[must_use]
pub fn hashing(arguments: &HashingArguments) -> Hashing {
    Hashing {
        algorithm: arguments.hash,
        shard_size: arguments.shard_size,
    }
}

fn text(resources: &Resources) -> String {
    let (specification, component) = (
        resources.root_digest(),
        resources.root_digest_by_component(),
    );
    let mut text = format!("sha256:{specification}  by code point (OMS 1.0)\n");
    let same = match specification == component {
        true => ", the same",
        false => "",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "sha256:{component}  by path component (model_signing 1.1){same}"
    );
    text
}

#[derive(Serialize)]
struct Digests<'a> {
    schema_version: u32,
    model: &'a str,
    root_digest: String,
    root_digest_by_component: String,
    hash: &'static str,
    shard_size: Option<u64>,
    files: usize,
    bytes: u64,
    ignored: &'a [String],
}

fn json(resources: &Resources, name: &str) -> String {
    let sizes = resources.files().iter().filter_map(|file| file.size);
    let digests = Digests {
        schema_version: 1,
        model: name,
        root_digest: format!("sha256:{}", resources.root_digest()),
        root_digest_by_component: format!("sha256:{}", resources.root_digest_by_component()),
        hash: resources.hashing.algorithm.id(),
        shard_size: resources.hashing.shard_size.map(u64::from),
        files: resources.files().len(),
        bytes: sizes.fold(0, u64::saturating_add),
        ignored: resources.ignored(),
    };
    let text = serde_json::to_string_pretty(&digests);
    text.expect("strings and numbers are always JSON") + "\n"
}
