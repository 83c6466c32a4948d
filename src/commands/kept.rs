//! Files that are kept elsewhere than on disk: at a revision of the repository, in a release that is live.
//!
//! `git:REVISION:PATH`, `registry:STAGE:PATH` (a file of the model that is live in a stage) and
//! `registry:STAGE` (what that model was judged on in the place of the candidate). Each is brought to a
//! file of its own name for as long as it is read.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::context::Context;
use super::promote_step;
use crate::evidence::{RunReport, Sha256, Step};
use crate::io::files;
use crate::io::git::{self, GitError};
use crate::manifest::{BUNDLE_BYTES_MAX, Bundle, test_result};
use crate::policy::StageName;
use crate::registries::folder::FolderRegistry;
use crate::registries::ledger::Release;
use crate::sources::SourceError;

const OF_GIT: &str = "a file at a Git revision";
const OF_RELEASE: &str = "a file of a release";

/// A file that was brought.
pub(super) struct Kept {
    folder: TempDir,
    name: String,
}

impl Kept {
    /// The directory it is in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its name there.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its path.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    fn make(path: &str) -> Result<Self, SourceError> {
        let folder = tempfile::tempdir().map_err(|error| {
            SourceError::Setting(format!("failed to make a temporary directory: {error}"))
        })?;
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(Self { folder, name })
    }
}

/// Whether a locator names a file that is kept elsewhere.
pub(super) fn is_elsewhere(locator: &str) -> bool {
    locator.starts_with("git:") || locator.starts_with("registry:")
}

/// Brings the file a locator names; nothing when it names none of the above. `candidate` is the locator
/// of the candidate in the same place of the configuration.
///
/// # Errors
/// When it is not there, or cannot be had.
pub(super) fn fetch(
    context: &Context<'_>,
    locator: &str,
    candidate: &str,
) -> Result<Option<Kept>, SourceError> {
    if let Some(rest) = locator.strip_prefix("git:") {
        return of_revision(context, locator, rest).map(Some);
    }
    if let Some(rest) = locator.strip_prefix("registry:") {
        let (stage, path) = match rest.split_once(':') {
            Some((stage, path)) => (stage, Some(path)),
            None => (rest, None),
        };
        return of_release(context, locator, stage, path, candidate).map(Some);
    }
    Ok(None)
}

fn of_revision(context: &Context<'_>, locator: &str, rest: &str) -> Result<Kept, SourceError> {
    let Some((revision, path)) = rest.split_once(':') else {
        return Err(SourceError::Setting(format!(
            "failed to read `{locator}`: expected `git:REVISION:PATH`"
        )));
    };
    let found = git::file_at(context.root(), revision, path).map_err(|error| match error {
        GitError::NoRevision(_) | GitError::NoFile { .. } => {
            SourceError::Missing(format!("failed to read `{locator}`: {error}"))
        }
        GitError::Name(_) => SourceError::Setting(format!("failed to read `{locator}`: {error}")),
        GitError::Unreadable(_) | GitError::Program(_) => {
            malformed(locator, OF_GIT, error.to_string())
        }
    })?;
    let kept = Kept::make(path)?;
    files::write_atomic(&kept.path(), &found.bytes)?;
    Ok(kept)
}

fn of_release(
    context: &Context<'_>,
    locator: &str,
    stage: &str,
    path: Option<&str>,
    candidate: &str,
) -> Result<Kept, SourceError> {
    let damaged = |problem: String| malformed(locator, OF_RELEASE, problem);
    let (registry, live) = live(context, locator, stage)?;
    let (path, sha256) = match path {
        Some(path) => {
            let file = live
                .entry
                .files
                .iter()
                .find(|file| file.path.as_str() == path);
            let sha256 = file.map(|file| file.sha256).ok_or_else(|| {
                damaged(format!(
                    "entry {} of the registry has no file `{path}`",
                    live.entry.sequence
                ))
            })?;
            (path, sha256)
        }
        None => {
            let sha256 = judged_on(&registry, &live, candidate).map_err(damaged)?;
            (candidate, sha256)
        }
    };
    let kept = Kept::make(path)?;
    let place = registry.blob_path(&sha256);
    if !place.is_file() {
        return Err(damaged(format!(
            "the model of entry {} was judged on `{candidate}` with SHA-256 {sha256}, which the registry does not keep; hint: name the file with this digest as `champion`, or release it with the model and name it by `registry:{stage}:PATH`",
            live.entry.sequence
        )));
    }
    files::copy(&place, &kept.path())?;
    match files::digest(&kept.path())? {
        (found, _) if found == sha256 => Ok(kept),
        _ => Err(damaged(format!(
            "`{}` is not what its name says: it was changed",
            place.display()
        ))),
    }
}

/// The digest of what was judged as the candidate when the release went live, by its evidence.
fn judged_on(registry: &FolderRegistry, live: &Release, candidate: &str) -> Result<Sha256, String> {
    let sequence = live.entry.sequence;
    let (_, report) = evidence_of_gate(registry, live)?.ok_or_else(|| {
        format!("entry {sequence} of the registry holds no evidence of a gate; name a file of it, `registry:{}:PATH`", live.entry.stage)
    })?;
    let subjects = &report.subjects;
    let found = subjects.iter().find(|subject| subject.name == candidate);
    found.map(|subject| subject.sha256).ok_or_else(|| {
        let names: Vec<String> = subjects
            .iter()
            .map(|subject| format!("`{}`", subject.name))
            .collect();
        format!(
            "the evidence of entry {sequence} speaks of {} and not of `{candidate}`",
            names.join(", ")
        )
    })
}

/// The evidence of the gate that a release was judged by, with the digest of the bundle it is signed in;
/// nothing when the release has none.
///
/// # Errors
/// When the registry does not keep it, or keeps something else under its name.
pub(super) fn evidence_of_gate(
    registry: &FolderRegistry,
    release: &Release,
) -> Result<Option<(Sha256, RunReport)>, String> {
    let Some((sha256, bytes)) = bundle_of(registry, release, Step::Gate)? else {
        return Ok(None);
    };
    let bundle = Bundle::parse(&bytes).map_err(|error| error.to_string())?;
    let attestation = test_result::parse(&bundle.payload).map_err(|error| error.to_string())?;
    Ok(Some((sha256, attestation.report)))
}

/// The bundle with the evidence of a step that a release went live on, with its digest; nothing when there
/// is none.
fn bundle_of(
    registry: &FolderRegistry,
    release: &Release,
    step: Step,
) -> Result<Option<(Sha256, Vec<u8>)>, String> {
    let mut evidence = release.entry.evidence.iter();
    let Some(claim) = evidence.find(|claim| claim.step == step) else {
        return Ok(None);
    };
    let place = registry.blob_path(&claim.sha256);
    let bytes = files::read(&place, BUNDLE_BYTES_MAX as u64).map_err(|error| error.to_string())?;
    if Sha256::of(&bytes) != claim.sha256 {
        return Err(format!(
            "`{}` is not what its name says: it was changed",
            place.display()
        ));
    }
    Ok(Some((claim.sha256, bytes)))
}

/// The bundle with the evidence of a step that the model live in `stage` went live on.
///
/// # Errors
/// When nothing is live there, or its evidence cannot be had.
pub(super) fn bundle_of_live(
    context: &Context<'_>,
    locator: &str,
    stage: &str,
    step: Step,
) -> Result<Vec<u8>, SourceError> {
    let damaged = |problem: String| malformed(locator, OF_RELEASE, problem);
    let (registry, live) = live(context, locator, stage)?;
    let found = bundle_of(&registry, &live, step).map_err(damaged)?;
    let (_, bundle) = found.ok_or_else(|| {
        damaged(format!(
            "entry {} of the registry holds no evidence of the step `{}`",
            live.entry.sequence,
            step.as_str()
        ))
    })?;
    Ok(bundle)
}

/// What is live in a stage, and the registry it is in.
fn live(
    context: &Context<'_>,
    locator: &str,
    stage: &str,
) -> Result<(FolderRegistry, Release), SourceError> {
    let setting =
        |problem: String| SourceError::Setting(format!("failed to read `{locator}`: {problem}"));
    let registry = promote_step::registry(context).map_err(|error| setting(error.to_string()))?;
    let model = promote_step::model_name(context).map_err(|error| setting(error.to_string()))?;
    let stage: StageName = stage
        .parse()
        .map_err(|error: crate::policy::InvalidName| setting(error.to_string()))?;
    let live = registry
        .state(&model, &stage)
        .map_err(|error| malformed(locator, OF_RELEASE, error.to_string()))?;
    match live {
        Some(live) => Ok((registry, live)),
        None => Err(SourceError::Missing(format!(
            "failed to read `{locator}`: nothing of `{model}` is live in `{stage}`"
        ))),
    }
}

fn malformed(locator: &str, source_title: &'static str, problem: String) -> SourceError {
    SourceError::Malformed {
        locator: locator.to_owned(),
        source_title,
        problem,
    }
}
