//! `self verify`: what is this program, and is it the one that was released?

use std::path::{Path, PathBuf};

use super::context::identity;
use super::{CommandError, Outputs};
use crate::cli::SelfVerifyArguments;
use crate::evidence::{Evidence, ExitCode, Outcome, RunReport, Step, SubjectDigest};
use crate::io::{World, files, program};
use crate::manifest::BUNDLE_BYTES_MAX;
use crate::manifest::checksums::CHECKSUMS_BYTES_MAX;
use crate::signing::keyless::{GITHUB_ISSUER, Identity, TrustedRoots};
use crate::signing::keys::PublicKey;
use crate::signing::release::{self, PROVENANCE_TYPE, Released};
use crate::signing::trust::Trust;

const CHECKSUMS: &str = "SHA256SUMS";
const BUNDLE_SUFFIX: &str = ".sigstore.json";

/// Most bundles taken from beside the program.
const BUNDLES_FOUND_MAX: usize = 16;

/// What is judged: the running program, or a file of a release.
struct Target {
    name: String,
    path: PathBuf,
    file: Released,
}

/// Runs the command.
///
/// # Errors
/// When a file that was named cannot be read, or the report cannot be written.
pub fn run(
    arguments: &SelfVerifyArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let target = target(arguments)?;
    let evidence = judge(arguments, &target)?;
    if outputs.for_a_person() {
        outputs.say(&described(&target, &evidence))?;
    }
    let subject = SubjectDigest {
        name: target.name,
        sha256: target.file.sha256,
    };
    let run = identity(world, Vec::new());
    let report = RunReport::new(Step::SelfVerify, run, vec![subject], evidence, Vec::new());
    outputs.publish(&report)
}

/// What the file is, and what was found to hold: who signed it is the answer here, which reports keep
/// to the requirements that do not hold.
fn described(target: &Target, evidence: &[Evidence]) -> String {
    let Released { locator, sha256 } = &target.file;
    let mut text = format!("{}\npath    {locator}\nsha256  {sha256}\n", target.name);
    for record in evidence {
        if record.outcome == Outcome::Met {
            text.push_str(&format!("met     {}\n", record.message));
        }
    }
    text.push('\n');
    text
}

fn target(arguments: &SelfVerifyArguments) -> Result<Target, CommandError> {
    let (name, path, image) = match &arguments.file {
        Some(path) => {
            let name = path.file_name().unwrap_or_default();
            (
                name.to_string_lossy().into_owned(),
                path.clone(),
                path.clone(),
            )
        }
        None => {
            let running = program::running()?;
            let version = env!("CARGO_PKG_VERSION");
            let name = format!("proofmark-{version}-{}", program::target());
            (name, running.path, running.image)
        }
    };
    let (sha256, _) = files::digest(&image)?;
    let locator = path.display().to_string();
    Ok(Target {
        name,
        path,
        file: Released { locator, sha256 },
    })
}

fn judge(arguments: &SelfVerifyArguments, target: &Target) -> Result<Vec<Evidence>, CommandError> {
    let sources = Sources::of(arguments, &beside(&target.path));
    let mut evidence = Vec::new();
    if let Some(path) = &sources.checksums {
        let bytes = files::read(path, CHECKSUMS_BYTES_MAX)?;
        evidence.push(release::judge_checksums(&target.file, &shown(path), &bytes));
    }
    evidence.extend(judge_bundles(arguments, target, &sources.bundles)?);
    let place = format!("`{}`", shown(&beside(&target.path)));
    if sources.bundles.is_empty() {
        if evidence.is_empty() || asks_who_signed(arguments) {
            evidence.push(release::nothing_to_verify_with(&target.file, &place));
        } else if arguments.checksums.is_none() {
            evidence.push(release::only_checksums(&target.file, &place));
        }
    }
    Ok(evidence)
}

fn judge_bundles(
    arguments: &SelfVerifyArguments,
    target: &Target,
    bundles: &[PathBuf],
) -> Result<Vec<Evidence>, CommandError> {
    let key = arguments.key.as_deref().map(PublicKey::load).transpose()?;
    let trust = match key {
        Some(key) => Trust::Key(key),
        None => {
            let roots = TrustedRoots::load(arguments.trusted_root.as_deref())?;
            Trust::Identity(released_by(arguments), roots)
        }
    };
    let wanted = arguments
        .predicate_type
        .as_deref()
        .unwrap_or(PROVENANCE_TYPE);
    let judge = |path: &PathBuf| {
        let bytes = files::read(path, BUNDLE_BYTES_MAX as u64)?;
        let locator = shown(path);
        Ok(release::judge_bundles(
            &target.file,
            &locator,
            &bytes,
            &trust,
            wanted,
        ))
    };
    bundles.iter().map(judge).collect()
}

/// Whether the command line says who must have signed what: then checksums alone are no answer.
fn asks_who_signed(arguments: &SelfVerifyArguments) -> bool {
    arguments.key.is_some()
        || arguments.identity.is_some()
        || arguments.issuer.is_some()
        || arguments.trusted_root.is_some()
        || arguments.predicate_type.is_some()
}

/// By default the release workflow of this repository, at the tag of this version: an older program
/// with its own, genuine bundle does not pass for this one.
fn released_by(arguments: &SelfVerifyArguments) -> Identity {
    let built_by = || {
        format!(
            "{}/.github/workflows/release.yml@refs/tags/v{}",
            env!("CARGO_PKG_REPOSITORY"),
            env!("CARGO_PKG_VERSION")
        )
    };
    let issuer = arguments.issuer.as_deref().unwrap_or(GITHUB_ISSUER);
    Identity::named(arguments.identity.clone().unwrap_or_else(built_by), issuer)
}

/// What the file is held against.
struct Sources {
    checksums: Option<PathBuf>,
    bundles: Vec<PathBuf>,
}

impl Sources {
    /// What the command line names; what it does not ask for by name is looked for beside the file.
    fn of(arguments: &SelfVerifyArguments, directory: &Path) -> Self {
        let (checksums, bundles) = (&arguments.checksums, &arguments.bundle);
        let found = directory.join(CHECKSUMS);
        let look_for_checksums = bundles.is_empty() && found.exists();
        let look_for_bundles = checksums.is_none() || asks_who_signed(arguments);
        Self {
            checksums: checksums.clone().or(look_for_checksums.then_some(found)),
            bundles: if bundles.is_empty() && look_for_bundles {
                bundles_in(directory, arguments.key.is_some())
            } else {
                bundles.clone()
            },
        }
    }
}

/// The bundles of proofmark that are signed in the way asked for: a release has some of both.
fn bundles_in(directory: &Path, by_key: bool) -> Vec<PathBuf> {
    let mut bundles: Vec<PathBuf> = files::names(directory)
        .unwrap_or_default()
        .into_iter()
        .filter(|name| name.starts_with("proofmark") && name.ends_with(BUNDLE_SUFFIX))
        .map(|name| directory.join(name))
        .take(BUNDLES_FOUND_MAX)
        .collect();
    bundles.retain(|path| {
        // What cannot be read is judged, and reported, like any other.
        files::read(path, BUNDLE_BYTES_MAX as u64)
            .map_or(true, |bytes| release::is_signed_by_key(&bytes) == by_key)
    });
    bundles
}

fn beside(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
