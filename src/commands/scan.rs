//! `scan`: is the model safe to load?

use std::io::BufReader;
use std::path::Path;

use super::context::{Context, identity};
use super::{CommandError, Outputs, imports_lock};
use crate::catalogue::READABLE_INPUT;
use crate::cli::{Global, ScanArguments};
use crate::evidence::{
    Evidence, ExitCode, Import, InputRef, Outcome, Reason, RunReport, Step, Subject, SubjectDigest,
};
use crate::io::World;
use crate::io::files;
use crate::manifest::{FileDigest, Manifest};
use crate::scan::{self, ScanPolicy};
use crate::signing::walk;

/// Runs the command.
///
/// # Errors
/// When there is no verdict.
pub fn run(
    global: &Global,
    arguments: &ScanArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    if !arguments.paths.is_empty() {
        return outputs.publish(&scan_paths(global, arguments, world)?);
    }
    let context = Context::load(global, world)?;
    let report = evaluate(&context)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

/// Scans the model of the configuration.
///
/// # Errors
/// None yet; unreadable files become evidence.
pub fn evaluate(context: &Context<'_>) -> Result<RunReport, CommandError> {
    let policy = context.config.scan.clone().unwrap_or_default();
    let (mut evidence, imports) = match context.model() {
        Ok(manifest) => {
            let root = context.path(&context.config.model.path);
            let found = scan_model(&root, manifest, &policy);
            (found.evidence, Some(found.imports))
        }
        Err(_) => (context.model_is_readable().into_iter().collect(), None),
    };
    if let (Some(lock), Some(imports)) = (&policy.imports_lock, &imports) {
        evidence.extend(imports_lock::judge(context, lock, imports));
    }
    let mut report = context.report(Step::Scan, Vec::new(), Vec::new(), evidence, Vec::new());
    report.imports = imports;
    Ok(report)
}

/// What is found in a model.
#[derive(Default)]
struct Found {
    evidence: Vec<Evidence>,
    imports: Vec<Import>,
}

/// Scans files and directories without a model of the configuration; its policy is used when there
/// is a configuration.
fn scan_paths(
    global: &Global,
    arguments: &ScanArguments,
    world: &World,
) -> Result<RunReport, CommandError> {
    let (policy, configuration) = match Context::load(global, world) {
        Ok(context) => (
            context.config.scan.clone().unwrap_or_default(),
            context.configuration().to_vec(),
        ),
        Err(_) if !global.config.exists() => (ScanPolicy::default(), Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Found::default();
    let mut subjects = Vec::new();
    for path in &arguments.paths {
        let manifest = walk::digest_model(path, &[])?;
        let of_path = scan_model(path, &manifest, &policy);
        found.evidence.extend(of_path.evidence);
        found.imports.extend(of_path.imports);
        subjects.push(SubjectDigest {
            name: path.display().to_string(),
            sha256: manifest.root_digest(),
        });
    }
    let run = identity(world, configuration);
    let mut report = RunReport::new(Step::Scan, run, subjects, found.evidence, Vec::new());
    report.imports = Some(found.imports);
    Ok(report)
}

fn scan_model(root: &Path, manifest: &Manifest, policy: &ScanPolicy) -> Found {
    let mut found = Found::default();
    for file in manifest.files() {
        let path = if manifest.is_single_file() {
            root.to_owned()
        } else {
            root.join(&file.path)
        };
        scan_file(&path, file, manifest, policy, &mut found);
    }
    found.imports.sort();
    found
}

fn scan_file(
    path: &Path,
    file: &FileDigest,
    manifest: &Manifest,
    policy: &ScanPolicy,
    all: &mut Found,
) {
    let subject = || Subject::File {
        path: file.path.clone(),
    };
    let input = InputRef {
        locator: file.path.clone(),
        sha256: file.sha256,
        fetched_at: None,
    };
    let opened = match files::open(path) {
        Ok(opened) => opened,
        Err(error) => {
            let reason = Reason::UnreadableInput;
            let message = error.to_string();
            let record = Evidence::not_evaluated(READABLE_INPUT.id, subject(), reason, message);
            all.evidence.push(record);
            return;
        }
    };
    let found = scan::scan(&file.path, &mut BufReader::new(opened), file.size, policy);
    all.imports.extend(found.imports());
    let mut evidence = found.evidence;
    for external in &found.external_files {
        evidence.push(judge_external(&file.path, external, manifest));
    }
    if !is_unchanged(path, file.size) {
        let message = format!("`{}` changed while it was scanned", file.path);
        evidence.push(Evidence::new(
            READABLE_INPUT.id,
            subject(),
            Outcome::NotMet,
            message,
        ));
    }
    let records = evidence.into_iter();
    all.evidence
        .extend(records.map(|record| record.from_inputs(std::slice::from_ref(&input))));
}

/// The size is enough here: the digest is verified again when the model is signed and promoted.
fn is_unchanged(path: &Path, size: u64) -> bool {
    files::open(path)
        .ok()
        .and_then(|file| file.metadata().ok())
        .is_some_and(|metadata| metadata.len() == size)
}

/// Weights outside the file must be part of the model, or nobody has signed them.
fn judge_external(file: &str, external: &str, manifest: &Manifest) -> Evidence {
    let directory = file.rfind('/').map_or("", |cut| &file[..=cut]);
    let wanted = format!("{directory}{external}");
    let present = manifest.files().iter().any(|file| file.path == wanted);
    let (outcome, message) = if present {
        (
            Outcome::Met,
            format!("external data `{external}` of `{file}` is part of the model"),
        )
    } else {
        (
            Outcome::NotMet,
            format!("external data `{external}` of `{file}` is not part of the model"),
        )
    };
    Evidence::new(
        "external-data",
        Subject::File { path: wanted },
        outcome,
        message,
    )
}
