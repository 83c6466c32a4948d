//! Attestations kept where others find them: given to GitHub after they were signed, fetched from there
//! before they are verified.
//!
//! What is fetched goes into the same files as what was signed here, and proves nothing until it is verified
//! from there.

use std::path::Path;

use serde_json::Value;

use super::{CommandError, Outputs, sign_step};
use crate::ci::github::GitHub;
use crate::ci::job::Job;
use crate::ci::target::{ForgeKind, NoTarget, Target, Wishes};
use crate::cli::AttestationStore;
use crate::evidence::Sha256;
use crate::io::World;
use crate::io::files;
use crate::io::http::Http;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::manifest::{Bundle, Header, InvalidClaim, Versions, claim_about, claims, oms};
use crate::signing::SigningError;
use crate::signing::trust::Trust;

/// The variable that names another API than that of github.com, as jobs on an Enterprise Server have it.
const API_VARIABLE: &str = "GITHUB_API_URL";

/// Where what is fetched goes.
pub struct Places<'a> {
    /// The file of claims; what is in it stays.
    pub claims: &'a Path,
    /// The signature of the model, and whose counts; only written when there is none.
    pub signature: Option<(&'a Path, &'a Trust)>,
}

/// The repository that keeps attestations.
fn target(store: &AttestationStore, world: &World) -> Result<Target, CommandError> {
    let wishes = Wishes {
        forge: Some(ForgeKind::GitHub),
        repository: store.repository.clone(),
        api_url: world.variable(API_VARIABLE).map(str::to_owned),
        ..Wishes::default()
    };
    Target::resolve(Job::of(world), &wishes).map_err(|why| {
        CommandError::Usage(match why {
            NoTarget::Forge | NoTarget::Repository => {
                "no repository is known here; hint: name it, as in `github:OWNER/NAME`".to_owned()
            }
            NoTarget::Malformed { .. } => why.to_string(),
        })
    })
}

/// Has GitHub keep these bundles, those it does not have yet.
///
/// # Errors
/// When there is no token, GitHub does not take them, or a file cannot be read.
pub fn publish(
    store: &AttestationStore,
    bundles: &[Vec<u8>],
    world: &World,
    outputs: &Outputs,
) -> Result<(), CommandError> {
    let target = target(store, world)?;
    let variable = ForgeKind::GitHub.token_variable();
    let token = Secret::from_variable(world, variable)?.ok_or_else(|| {
        let error = RemoteError::new("publishing", RemoteProblem::NotAuthenticated);
        error.hint(format!(
            "put a token with `attestations: write` into `{variable}`"
        ))
    })?;
    let http = Http::new(world)?;
    let github = GitHub::new(&http, &target, Some(token))?;
    let (mut sent, mut known) = (0, 0);
    for bytes in bundles {
        if is_kept(&github, bytes)? {
            known += 1;
            continue;
        }
        let bundle: Value = serde_json::from_slice(bytes)
            .map_err(|error| SigningError::from(InvalidClaim::Malformed(error.to_string())))?;
        github.create_attestation(&bundle)?;
        sent += 1;
    }
    outputs.console.talk(&format!(
        "attestations in `{}`: {sent} published, {known} there already",
        target.repository
    ));
    Ok(())
}

/// Whether GitHub keeps this very signature over this very statement. How the rest is written may differ.
fn is_kept(github: &GitHub<'_>, bytes: &[u8]) -> Result<bool, CommandError> {
    let bundle = Bundle::parse_of(bytes, Versions::AlsoOld).map_err(SigningError::from)?;
    let header = Header::parse(&bundle.payload).map_err(SigningError::from)?;
    let Some(subject) = header.subjects.first() else {
        return Ok(false);
    };
    let kept = github.attestations(subject.sha256, Some(&header.predicate_type))?;
    Ok(kept.iter().any(|other| {
        Bundle::parse_of(other, Versions::AlsoOld).is_ok_and(|other| {
            (other.payload, other.signature) == (bundle.payload.clone(), bundle.signature.clone())
        })
    }))
}

/// The bundles of a file of claims that are about a model with one of these digests.
///
/// # Errors
/// When the file is there but cannot be read.
pub fn about(path: &Path, digests: &[Sha256]) -> Result<Vec<Vec<u8>>, CommandError> {
    let bytes = sign_step::read_claims(path)?.unwrap_or_default();
    let bundles = claims::parse(&bytes).map_err(SigningError::from)?;
    let about = bundles.into_iter().filter(|bundle| {
        Bundle::parse_of(bundle, Versions::AlsoOld)
            .is_ok_and(|bundle| is_about(&bundle.payload, digests))
    });
    Ok(about.map(<[u8]>::to_vec).collect())
}

fn is_about(payload: &[u8], digests: &[Sha256]) -> bool {
    let mut digests = digests.iter();
    digests.any(|digest| claim_about(payload, *digest).is_ok_and(|about| about.is_some()))
}

/// Fetches what GitHub keeps about a model with one of these digests, and puts it where `verify` looks.
///
/// # Errors
/// When GitHub does not give it, keeps nothing about the model, or gives what is about something else.
pub fn fetch(
    store: &AttestationStore,
    digests: &[Sha256],
    places: &Places<'_>,
    world: &World,
    outputs: &Outputs,
) -> Result<(), CommandError> {
    let target = target(store, world)?;
    let token = Secret::from_variable(world, ForgeKind::GitHub.token_variable())?;
    let http = Http::new(world)?;
    let github = GitHub::new(&http, &target, token)?;
    let mut bundles: Vec<Vec<u8>> = Vec::new();
    for (index, digest) in digests.iter().enumerate() {
        if digests[..index].contains(digest) {
            continue;
        }
        for bundle in github.attestations(*digest, None)? {
            refuse_others(&bundle, *digest, &target.repository)?;
            bundles.push(bundle);
        }
    }
    if bundles.is_empty() {
        let digest = digests.first().map(Sha256::to_string).unwrap_or_default();
        let what = format!("attestations in `{}`", target.repository);
        let error = RemoteError::new(&what, RemoteProblem::NotFound);
        return Err(error
            .saying(&format!("none is about sha256:{digest}"))
            .hint("they are published with `proofmark attest --publish github`")
            .into());
    }
    let (signatures, claimed): (Vec<_>, Vec<_>) =
        bundles.into_iter().partition(|bundle| is_signature(bundle));
    let taken = keep_signature(&signatures, digests, places)?;
    let added = keep_claims(&claimed, places.claims)?;
    outputs.console.talk(&format!(
        "attestations in `{}`: {} found, {added} added to `{}`{taken}",
        target.repository,
        signatures.len() + claimed.len(),
        places.claims.display()
    ));
    Ok(())
}

/// GitHub was asked about one digest. What it gives about another is not what was asked for.
fn refuse_others(bytes: &[u8], digest: Sha256, repository: &str) -> Result<(), CommandError> {
    // What is no bundle at all is not refused here: it is judged like any other line of the file of claims.
    match Bundle::parse_of(bytes, Versions::AlsoOld) {
        Ok(bundle) if !is_about(&bundle.payload, &[digest]) => Err(SigningError::OtherSubject {
            store: format!("GitHub (`{repository}`)"),
            digest,
        }
        .into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn is_signature(bundle: &[u8]) -> bool {
    Bundle::parse_of(bundle, Versions::AlsoOld).is_ok_and(|bundle| {
        Header::parse(&bundle.payload)
            .is_ok_and(|header| header.predicate_type == oms::PREDICATE_TYPE)
    })
}

/// Writes the signature where there is none: the first that counts, or else the first, so that verifying it
/// says why it does not.
fn keep_signature(
    signatures: &[Vec<u8>],
    digests: &[Sha256],
    places: &Places<'_>,
) -> Result<String, CommandError> {
    let Some((path, trust)) = places.signature.filter(|(path, _)| !path.exists()) else {
        return Ok(String::new());
    };
    let counts = |bundle: &&Vec<u8>| {
        let mut digests = digests.iter();
        digests.any(|digest| trust.open_about(bundle, *digest).is_ok())
    };
    let best = signatures.iter().find(counts).or(signatures.first());
    let Some(bundle) = best else {
        return Ok(String::new());
    };
    files::write_atomic(path, bundle)?;
    Ok(format!(", the signature written to `{}`", path.display()))
}

/// Adds to the file of claims what is not in it.
fn keep_claims(bundles: &[Vec<u8>], path: &Path) -> Result<usize, CommandError> {
    let existing = sign_step::read_claims(path)?.unwrap_or_default();
    let (file, added) = claims::add(&existing, bundles).map_err(SigningError::from)?;
    if 0 < added {
        files::write_atomic(path, &file)?;
    }
    Ok(added)
}
