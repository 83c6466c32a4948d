//! Promotion as a step of the chain: verify every claim, judge the policy, apply.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tempfile::TempDir;

use super::CommandError;
use super::context::{Context, EVIDENCE_STEPS};
use super::sign_step::{self, CLAIMS, SIGNATURE};
use super::signatory;
use crate::catalogue::RELEASE;
use crate::ci;
use crate::evidence::{Evidence, Outcome, RunReport, Sha256, Step, Subject};
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, Bundle, Manifest, claims, test_result};
use crate::policy::{self, Claim, ClaimSignature, ModelName, PromotionPolicy, Proposal, StageName};
use crate::registries::folder::{Applied, FolderRegistry, PlanRequest, Sources};
use crate::registries::ledger::{EvidenceRef, Plan, ReleaseFile};
use crate::registries::{RegistryError, RegistryErrorKind};
use crate::signing::SigningError;
use crate::signing::trust::Trust;
use crate::signing::verify::{Rules, verify_attestation};

/// A promotion thought through: what the policy says, and all that is needed to carry it out.
pub struct Promotion {
    /// What the policy says about it.
    pub report: RunReport,
    /// The plan; absent when the model cannot be read.
    pub plan: Option<Plan>,
    registry: FolderRegistry,
    sources: Sources,
    /// Holds the bundles until they are stored.
    _bundles: TempDir,
}

/// Plans and carries out a promotion.
///
/// # Errors
/// When there is no `promote` section or no such stage, or the registry cannot do it.
pub fn evaluate(context: &Context<'_>, stage: Option<&str>) -> Result<RunReport, CommandError> {
    let promotion = plan(context, stage)?;
    let (report, _) = apply(context, promotion)?;
    Ok(report)
}

/// Judges the policy of a stage on the claims at hand. Changes nothing.
///
/// # Errors
/// When there is no `promote` section or no such stage, or a file that is there cannot be read.
pub fn plan(context: &Context<'_>, stage: Option<&str>) -> Result<Promotion, CommandError> {
    let policy = policy_of(context)?;
    let stage = stage_name(policy, stage)?;
    let model = model_name(context)?;
    let registry = registry(context)?;
    let bundles = TempDir::new()
        .map_err(|error| files::FileError::new("create", &std::env::temp_dir(), error))?;
    let mut sources = Sources {
        model: None,
        bundles: BTreeMap::new(),
    };
    let Ok(manifest) = context.model() else {
        let evidence = context.model_is_readable().into_iter().collect();
        let report = context.report(Step::Promote, Vec::new(), Vec::new(), evidence, Vec::new());
        return Ok(Promotion {
            report,
            plan: None,
            registry,
            sources,
            _bundles: bundles,
        });
    };
    let trust = signatory::trust(context)?;
    let model_path = context.path(&context.config.model.path);
    let signature_path = context.output(SIGNATURE);
    let signature = sign_step::verify_signature(
        context,
        &signature_path,
        &model_path,
        &trust,
        Rules::default(),
    )?;
    let claims = load_claims(context, &trust)?;
    let rules = policy
        .stage(&stage)
        .ok_or_else(|| CommandError::Usage(format!("there is no stage `{stage}`")))?;
    let history = registry.past_releases(&model)?;
    let evidence = policy::judge(
        &Proposal {
            model: &model,
            digest: manifest.root_digest(),
            rules: &rules,
            model_signature: &signature,
            claims: &claims
                .iter()
                .map(|loaded| loaded.claim.clone())
                .collect::<Vec<_>>(),
            configuration: context.configuration().first().map(|input| input.sha256),
            history: &history,
            now: context.world.now(),
        },
        &|path| context.locate(path),
    );
    let report = context.report(Step::Promote, Vec::new(), Vec::new(), evidence, Vec::new());
    sources.model = Some(if manifest.is_single_file() {
        model_path.parent().map(PathBuf::from).unwrap_or_default()
    } else {
        model_path
    });
    let required: Vec<&LoadedClaim> = claims
        .iter()
        .filter(|loaded| {
            speaks_of(&loaded.claim, &rules.policy.requires)
                && matches!(loaded.claim.signature, ClaimSignature::Verified { .. })
                && loaded.claim.model_digests.contains(&manifest.root_digest())
        })
        .collect();
    let references = keep_bundles(&required, &bundles, &mut sources)?;
    let signature = files::read(&signature_path, BUNDLE_BYTES_MAX as u64)
        .ok()
        .map(|bytes| Sha256::of(&bytes));
    if let Some(sha256) = signature {
        sources.bundles.insert(sha256, signature_path);
    }
    let plan = registry.plan(PlanRequest {
        model,
        stage,
        digest: manifest.root_digest(),
        version: context.config.model.version.clone(),
        files: release_files(manifest)?,
        evidence: references,
        signature,
        policy: report.evidence.clone(),
        now: context.world.now(),
    })?;
    Ok(Promotion {
        report,
        plan: Some(plan),
        registry,
        sources,
        _bundles: bundles,
    })
}

/// Writes the bundle of each claim to a file of its own, for the registry to store, and refers to it.
fn keep_bundles(
    claims: &[&LoadedClaim],
    folder: &TempDir,
    sources: &mut Sources,
) -> Result<Vec<EvidenceRef>, CommandError> {
    let mut references = Vec::new();
    for loaded in claims {
        let sha256 = loaded.claim.bundle_sha256;
        let path = folder.path().join(sha256.to_string());
        files::write_atomic(&path, &loaded.bundle)?;
        sources.bundles.insert(sha256, path);
        references.push(EvidenceRef {
            step: loaded.claim.report.step,
            sha256,
        });
    }
    Ok(references)
}

/// Whether a claim is about one of these steps; a report of a whole run is about each of its own.
fn speaks_of(claim: &Claim, steps: &[Step]) -> bool {
    claim
        .report
        .sections()
        .iter()
        .any(|section| steps.contains(&section.step))
}

/// Carries out a promotion whose policy is met; otherwise says why not and changes nothing.
///
/// # Errors
/// When the registry cannot do it.
pub fn apply(
    context: &Context<'_>,
    promotion: Promotion,
) -> Result<(RunReport, Option<Applied>), CommandError> {
    let Promotion {
        report,
        plan,
        registry,
        sources,
        ..
    } = promotion;
    let Some(plan) = plan.filter(|_| report.verdict().passed()) else {
        return Ok((report, None));
    };
    let by = ci::actor(context.world);
    let applied = registry.apply(&plan, &sources, &by, context.world.now())?;
    let mut evidence = report.evidence;
    evidence.push(release_record(&plan, applied));
    let report = context.report(
        Step::Promote,
        Vec::new(),
        Vec::new(),
        evidence,
        report.figures,
    );
    Ok((report, Some(applied)))
}

fn release_record(plan: &Plan, applied: Applied) -> Evidence {
    let subject = Subject::Release {
        model: plan.model.to_string(),
        stage: plan.stage.to_string(),
    };
    let digest = plan.digest.short();
    let message = match applied {
        Applied::Promoted(entry) => {
            format!(
                "`{}` {digest} is live in `{}` by ledger entry {entry}",
                plan.model, plan.stage
            )
        }
        Applied::RolledBack(entry) => {
            format!(
                "`{}` {digest} is live again in `{}` by ledger entry {entry}",
                plan.model, plan.stage
            )
        }
        Applied::AlreadyLive(entry) => {
            format!(
                "`{}` {digest} was live in `{}` already, by ledger entry {entry}",
                plan.model, plan.stage
            )
        }
    };
    Evidence::new(RELEASE.id, subject, Outcome::Met, message)
}

/// The `promote` section.
///
/// # Errors
/// When there is none.
pub fn policy_of<'a>(context: &'a Context<'_>) -> Result<&'a PromotionPolicy, CommandError> {
    context
        .config
        .promote
        .as_ref()
        .ok_or_else(|| CommandError::Usage("the configuration has no section `promote`".to_owned()))
}

/// The registry of the configuration.
///
/// # Errors
/// When it cannot be opened.
pub fn registry(context: &Context<'_>) -> Result<FolderRegistry, CommandError> {
    Ok(FolderRegistry::open(
        &context.path(&policy_of(context)?.registry),
    )?)
}

/// The name of the model.
///
/// # Errors
/// When it cannot be used in a registry.
pub fn model_name(context: &Context<'_>) -> Result<ModelName, CommandError> {
    context
        .model_name()
        .parse()
        .map_err(|error: policy::InvalidName| CommandError::Usage(error.to_string()))
}

/// The stage asked for, or the first of the configuration.
///
/// # Errors
/// When there is no such stage.
pub fn stage_name(
    policy: &PromotionPolicy,
    asked: Option<&str>,
) -> Result<StageName, CommandError> {
    let names: Vec<&StageName> = policy.stages.iter().map(|stage| &stage.name).collect();
    let found = match asked {
        None => names.first().copied(),
        Some(asked) => names.iter().find(|name| name.as_str() == asked).copied(),
    };
    found.cloned().ok_or_else(|| {
        let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let asked = asked.unwrap_or_default();
        CommandError::Usage(format!(
            "there is no stage `{asked}`; there are {}",
            listed.join(", ")
        ))
    })
}

fn release_files(manifest: &Manifest) -> Result<Vec<ReleaseFile>, CommandError> {
    manifest
        .files()
        .iter()
        .map(|file| {
            let path =
                file.path
                    .parse()
                    .map_err(|error: crate::registries::ledger::InvalidPath| {
                        let kind = RegistryErrorKind::Unsupported;
                        RegistryError::new(
                            kind,
                            "promote",
                            format!("`{}`", file.path),
                            error.to_string(),
                        )
                    })?;
            Ok(ReleaseFile {
                path,
                sha256: file.sha256,
                size: file.size,
            })
        })
        .collect()
}

/// A claim with the bytes it was read from.
struct LoadedClaim {
    claim: Claim,
    bundle: Vec<u8>,
}

/// Every claim about the model: those in the file of claims, verified or not, and the evidence files
/// nobody has signed.
fn load_claims(context: &Context<'_>, trust: &Trust) -> Result<Vec<LoadedClaim>, CommandError> {
    let bytes = sign_step::read_claims(&context.output(CLAIMS))?.unwrap_or_default();
    let bundles = claims::parse(&bytes).map_err(SigningError::from)?;
    let mut loaded: Vec<LoadedClaim> = bundles
        .into_iter()
        .filter_map(|bundle| read_claim(bundle, trust))
        .collect();
    for step in EVIDENCE_STEPS {
        let signed = loaded.iter().any(|loaded| loaded.claim.report.step == step);
        if let (false, Some((report, sha256))) = (signed, context.read_evidence(step)?) {
            let model_digests = report.digest_of(context.model_name()).into_iter().collect();
            let claim = Claim {
                report,
                model_digests,
                bundle_sha256: sha256,
                signature: ClaimSignature::Unsigned,
            };
            loaded.push(LoadedClaim {
                claim,
                bundle: Vec::new(),
            });
        }
    }
    Ok(loaded)
}

/// A claim of the file. One that does not verify is kept when it can be read, so that the policy can
/// say which step it was; one that cannot be read claims nothing.
fn read_claim(bundle: &[u8], trust: &Trust) -> Option<LoadedClaim> {
    let (attestation, signature) = match verify_attestation(bundle, trust) {
        Ok((attestation, by)) => (attestation, ClaimSignature::Verified { by: by.id }),
        Err(error) => {
            let payload = Bundle::parse(bundle).ok()?.payload;
            let attestation = test_result::parse(&payload).ok()?;
            (
                attestation,
                ClaimSignature::Invalid {
                    problem: error.to_string(),
                },
            )
        }
    };
    let claim = Claim {
        model_digests: attestation
            .subjects
            .iter()
            .map(|subject| subject.sha256)
            .collect(),
        report: attestation.report,
        bundle_sha256: Sha256::of(bundle),
        signature,
    };
    Some(LoadedClaim {
        claim,
        bundle: bundle.to_vec(),
    })
}
