//! `dev generate`: the wrappers for CI systems and the reference of rules, written or compared. For
//! those who work on proofmark.

use std::path::Path;

use clap::CommandFactory as _;

use super::command_tree::command_spec;
use super::{CommandError, Outputs};
use crate::checks;
use crate::cli::{Cli, GenerateArguments};
use crate::drift;
use crate::evidence::ExitCode;
use crate::io::files;
use crate::metrics;
use crate::report::Format;
use crate::sources;
use crate::wrappers::{self, Facts, FormatSpec, GeneratedFile};

/// The digests of the archives of each release; `.github/release/record.sh` writes them.
const CHECKSUMS: &str = "templates/wrappers/checksums.txt";

/// Runs `dev generate`. With `--check` nothing is written, and a file that differs is a conflict.
///
/// # Errors
/// When the wrappers cannot be generated, or a file cannot be read or written, or differs.
pub fn generate(
    arguments: &GenerateArguments,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let tree = command_spec(&Cli::command());
    let mut generated = wrappers::generate(&tree, &facts(&arguments.root)?)
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    generated.push(GeneratedFile {
        path: "docs/rules.md".to_owned(),
        text: checks::reference(),
    });
    generated.push(GeneratedFile {
        path: "docs/statistics.md".to_owned(),
        text: drift::reference(),
    });
    generated.push(GeneratedFile {
        path: "docs/metrics.md".to_owned(),
        text: metrics::reference(),
    });
    generated.push(GeneratedFile {
        path: "docs/sources.md".to_owned(),
        text: sources::reference(),
    });
    let stale: Vec<&GeneratedFile> = generated
        .iter()
        .filter(|file| !is_current(&arguments.root, file))
        .collect();
    if arguments.check && !stale.is_empty() {
        let names: Vec<String> = stale
            .iter()
            .map(|file| format!("`{}`", file.path))
            .collect();
        return Err(CommandError::Conflict(format!(
            "{} of {} generated files differ: {}; hint: `proofmark dev generate`",
            stale.len(),
            generated.len(),
            names.join(", ")
        )));
    }
    for file in &stale {
        let path = arguments.root.join(&file.path);
        files::write_atomic(&path, file.text.as_bytes())?;
    }
    outputs.console.talk(&format!(
        "{} of {} files were out of date",
        stale.len(),
        generated.len()
    ));
    Ok(ExitCode::Passed)
}

fn is_current(root: &Path, file: &GeneratedFile) -> bool {
    files::read_text(&root.join(&file.path)).is_ok_and(|text| text == file.text)
}

/// What the wrappers know of this program and its releases.
fn facts(root: &Path) -> Result<Facts, CommandError> {
    let checksums = match files::read_text(&root.join(CHECKSUMS)) {
        Err(error) if error.is_not_found() => String::new(),
        read => read?,
    };
    Ok(Facts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        repository: env!("CARGO_PKG_REPOSITORY").to_owned(),
        checksums,
        formats: Format::ALL
            .iter()
            .map(|format| FormatSpec {
                name: format.as_str().to_owned(),
                extension: format.extension().to_owned(),
            })
            .collect(),
    })
}
