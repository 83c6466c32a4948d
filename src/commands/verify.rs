//! `verify`: is the model what it was signed as, and is the evidence about it genuine?

use std::collections::BTreeMap;
use std::path::Path;

use super::attestation_store::{self, Places};
use super::context::{Context, identity};
use super::sign_step::{self, CLAIMS, SIGNATURE as SIGNATURE_FILE};
use super::{CommandError, Outputs, progress, signatory, verify_policy};
use crate::cli::{CertificateArguments, Global, VerifyArguments};
use crate::evidence::{
    Evidence, ExitCode, InputRef, Outcome, Reason, RunReport, Severity, Sha256, Step, Subject,
    SubjectDigest,
};
use crate::io::World;
use crate::io::files;
use crate::manifest::{
    BUNDLE_BYTES_MAX, Bundle, Hashing, Header, Manifest, Resources, Versions, claims, test_result,
};
use crate::signing::certificates::Pins;
use crate::signing::keyless::{Identity, TrustedRoots};
use crate::signing::trust::Trust;
use crate::signing::verify::{
    Rules, SIGNATURE, SIGNATURE_EXCLUSIONS, Verified, VerifyOptions, verify_attestation,
    verify_model,
};
use crate::signing::{SigningError, walk};

/// Runs the command.
///
/// # Errors
/// When there is no verdict.
pub fn run(
    global: &Global,
    arguments: &VerifyArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    if let Some(policy) = &arguments.policy.policy {
        return verify_policy::run(policy, global, arguments, world, outputs);
    }
    let report = match (&arguments.model, &arguments.signature) {
        (Some(_), None) if arguments.from.is_none() => {
            let message = "--model needs --signature, --from or --policy".to_owned();
            return Err(CommandError::Usage(message));
        }
        (Some(model), signature) => {
            let signature = signature.clone().unwrap_or_else(|| SIGNATURE_FILE.into());
            verify_path(model, &signature, arguments, world, outputs)?
        }
        (None, _) => verify_configured(&Context::load(global, world)?, arguments, outputs)?,
    };
    tell(&report, outputs);
    outputs.publish(&report)
}

/// Reports show what is wrong. Who signed, by which certificates, and what they left out must be seen
/// also when all is well.
fn tell(report: &RunReport, outputs: &Outputs) {
    for requirement in [SIGNATURE, SIGNATURE_EXCLUSIONS] {
        let mut records = report.evidence.iter();
        let record = records.find(|record| record.requirement.as_str() == requirement);
        if let Some(record) = record.filter(|record| record.outcome == Outcome::Met) {
            outputs.console.talk(&record.message);
        }
    }
}

/// Whose signatures count by the command line; nothing when it does not say.
fn trust_of(arguments: &VerifyArguments, world: &World) -> Result<Option<Trust>, CommandError> {
    let certificates = &arguments.certificates;
    if let Some(issuer) = &certificates.certificate_oidc_issuer {
        return identity_trust(issuer, certificates).map(Some);
    }
    if certificates.trust_root.is_empty() {
        let key = arguments.key.as_ref();
        return key.map(|key| signatory::load_trust(key, world)).transpose();
    }
    let pins = Pins {
        identity: certificates.certificate_identity.clone(),
        subject: certificates.certificate_subject.clone(),
        spki_sha256: certificates.certificate_spki_sha256,
    };
    let (roots, authorities) = (&certificates.trust_root, &certificates.timestamp_root);
    match signatory::certificate_trust(roots, pins, authorities, world)? {
        Ok(trust) => Ok(Some(trust)),
        Err(problem) => Err(CommandError::Usage(format!(
            "{problem}: `--certificate-identity`, `--certificate-subject` or `--certificate-spki-sha256`"
        ))),
    }
}

/// Trust in an identity for which `issuer` vouches.
fn identity_trust(issuer: &str, arguments: &CertificateArguments) -> Result<Trust, CommandError> {
    let mut claims = BTreeMap::new();
    for (claim, value) in &arguments.certificate_claim {
        if claims.insert(*claim, value.clone()).is_some() {
            let message = format!("--certificate-claim says twice what `{claim}` must be");
            return Err(CommandError::Usage(message));
        }
    }
    let name = arguments.certificate_identity.clone();
    let identity = Identity::new(issuer.to_owned(), name, claims).ok_or_else(|| {
        CommandError::Usage(
            "everybody this issuer vouches for would be trusted: add `--certificate-identity` or `--certificate-claim`"
                .to_owned(),
        )
    })?;
    let roots = TrustedRoots::load(arguments.trusted_root.as_deref())?;
    Ok(Trust::Identity(identity, roots))
}

fn rules(arguments: &VerifyArguments) -> Rules {
    Rules {
        strict: arguments.strict,
        allow_legacy: arguments.allow_legacy,
        allow_symlinks: arguments.allow_symlinks,
    }
}

fn verify_configured(
    context: &Context<'_>,
    arguments: &VerifyArguments,
    outputs: &Outputs,
) -> Result<RunReport, CommandError> {
    let trust = match trust_of(arguments, context.world)? {
        Some(trust) => trust,
        None => signatory::trust(context)?,
    };
    let trust = trust.with_old_bundles(arguments.allow_old_bundle_versions);
    let signature = arguments
        .signature
        .clone()
        .unwrap_or_else(|| context.output(sign_step::SIGNATURE));
    let model = context.path(&context.config.model.path);
    let claims = arguments
        .claims
        .clone()
        .unwrap_or_else(|| context.output(CLAIMS));
    if let Some(store) = &arguments.from {
        let places = Places {
            claims: &claims,
            signature: Some((&signature, &trust)),
        };
        let digests = digests_of(readable_model(context)?);
        attestation_store::fetch(store, &digests, &places, context.world, outputs)?;
    }
    let mut evidence =
        sign_step::verify_signature(context, &signature, &model, &trust, rules(arguments))?;
    if arguments.claims.is_some() || claims.exists() {
        let digests = context.model().as_ref().map(digests_of).unwrap_or_default();
        evidence.extend(verify_claims(
            &claims,
            context.model_name(),
            &digests,
            &trust,
        )?);
    }
    Ok(context.report(Step::Sign, Vec::new(), Vec::new(), evidence, Vec::new()))
}

/// The model of the configuration, without which nobody can be asked about it.
fn readable_model<'a>(context: &'a Context<'_>) -> Result<&'a Manifest, CommandError> {
    context
        .model()
        .as_ref()
        .map_err(|why| CommandError::Malformed {
            path: context.config.model.path.clone(),
            problem: why.clone(),
        })
}

/// Verifies a model without a configuration.
fn verify_path(
    model: &Path,
    signature: &Path,
    arguments: &VerifyArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<RunReport, CommandError> {
    let trust = trust_of(arguments, world)?.ok_or_else(|| {
        CommandError::Usage(
            "--model needs --key, --trust-root or --certificate-oidc-issuer: whose signature counts"
                .to_owned(),
        )
    })?;
    let trust = trust.with_old_bundles(arguments.allow_old_bundle_versions);
    let name = walk::model_name(model)?;
    let own = walk::path_within(model, signature);
    let ignore: Vec<&str> = arguments
        .ignore
        .iter()
        .map(String::as_str)
        .chain(own.as_deref())
        .collect();
    let claims = match (&arguments.claims, &arguments.from) {
        (Some(claims), _) => Some(claims.clone()),
        (None, Some(_)) => Some(CLAIMS.into()),
        (None, None) => None,
    };
    if let (Some(store), Some(claims)) = (&arguments.from, &claims) {
        let places = Places {
            claims,
            signature: Some((signature, &trust)),
        };
        let digests = digests_of(&walk::digest_model(model, &ignore)?);
        attestation_store::fetch(store, &digests, &places, world, outputs)?;
    }
    let bundle = files::read(signature, BUNDLE_BYTES_MAX as u64)?;
    let (model_locator, bundle_locator) =
        (model.display().to_string(), signature.display().to_string());
    let bar = progress::bytes(outputs, "verifying");
    let options = VerifyOptions {
        model: &name,
        model_locator: &model_locator,
        bundle_locator: &bundle_locator,
        ignore: &ignore,
        rules: rules(arguments),
        progress: &bar,
    };
    let Verified {
        mut evidence,
        found,
    } = verify_model(&bundle, model, &trust, &options);
    bar.finish_and_clear();
    let claims = claims.filter(|claims| arguments.claims.is_some() || claims.exists());
    let digests = found_digests(found.as_ref(), model, &ignore, claims.is_some());
    if let Some(claims) = &claims {
        evidence.extend(verify_claims(claims, &name, &digests, &trust)?);
    }
    let subjects = digests
        .first()
        .map(|sha256| SubjectDigest {
            name,
            sha256: *sha256,
        })
        .into_iter()
        .collect();
    Ok(RunReport::new(
        Step::Sign,
        identity(world, Vec::new()),
        subjects,
        evidence,
        Vec::new(),
    ))
}

/// The digests that name a model whose files are these, the one of the specification first.
pub(super) fn digests_of(manifest: &Manifest) -> Vec<Sha256> {
    vec![manifest.root_digest(), manifest.root_digest_by_component()]
}

/// The digests that name the model. It is read once more only when claims may name it by another digest
/// than the signature, or when the signature was so bad that it was not read at all.
fn found_digests(
    found: Option<&Resources>,
    model: &Path,
    ignore: &[&str],
    has_claims: bool,
) -> Vec<Sha256> {
    let mut digests: Vec<Sha256> = found
        .into_iter()
        .flat_map(|found| [found.root_digest(), found.root_digest_by_component()])
        .collect();
    let by_evidence = found.is_some_and(|found| found.hashing == Hashing::default());
    if found.is_none() || (has_claims && !by_evidence) {
        let manifest = walk::digest_model(model, ignore);
        digests.extend(manifest.iter().flat_map(digests_of));
    }
    digests
}

/// One record per claim in the file: it verifies, and it is about this model.
fn verify_claims(
    path: &Path,
    model: &str,
    digests: &[Sha256],
    trust: &Trust,
) -> Result<Vec<Evidence>, CommandError> {
    let bytes = files::read(path, BUNDLE_BYTES_MAX as u64)?;
    let input = InputRef {
        locator: path.display().to_string(),
        sha256: Sha256::of(&bytes),
        fetched_at: None,
    };
    let bundles = claims::parse(&bytes).map_err(SigningError::from)?;
    if bundles.is_empty() {
        let subject = Subject::Signature {
            model: model.to_owned(),
            claim: "claims".to_owned(),
        };
        let message = format!("`{}` holds no claim", input.locator);
        return Ok(vec![Evidence::new(
            "signature",
            subject,
            Outcome::NotMet,
            message,
        )]);
    }
    let records = bundles.iter().enumerate().map(|(index, bundle)| {
        judge_claim(index, bundle, model, digests, trust).from_inputs(std::slice::from_ref(&input))
    });
    Ok(records.collect())
}

fn judge_claim(
    index: usize,
    bundle: &[u8],
    model: &str,
    digests: &[Sha256],
    trust: &Trust,
) -> Evidence {
    let number = index + 1;
    let subject = |claim: String| Subject::Signature {
        model: model.to_owned(),
        claim,
    };
    if let Some(record) = of_others(bundle, number, &subject) {
        return record;
    }
    let (claim, by) = match verify_attestation(bundle, trust) {
        Ok(verified) => verified,
        Err(error) => {
            let message = format!("claim {number}: {error}");
            return Evidence::new(
                "signature",
                subject(format!("claim {number}")),
                Outcome::NotMet,
                message,
            )
            .severity(Severity::Integrity);
        }
    };
    let step = claim.report.step.as_str();
    let about = claim
        .subjects
        .iter()
        .any(|subject| digests.contains(&subject.sha256));
    let (outcome, message) = if about {
        let verdict = claim.report.verdict();
        let old = by.old_version.map_or_else(String::new, |version| {
            format!(", in a bundle of version {version}, which counts by consent")
        });
        (
            Outcome::Met,
            format!("the signature on the `{step}` evidence verifies{old}; it says {verdict}"),
        )
    } else {
        (
            Outcome::NotMet,
            format!("the signed `{step}` evidence is about another model"),
        )
    };
    Evidence::new("signature", subject(step.to_owned()), outcome, message)
        .severity(Severity::Integrity)
}

/// What is stated by other programs or people has signers of its own, which a policy names.
fn of_others(
    bundle: &[u8],
    number: usize,
    subject: &impl Fn(String) -> Subject,
) -> Option<Evidence> {
    let payload = Bundle::parse_of(bundle, Versions::AlsoOld).ok()?.payload;
    let kind = Header::parse(&payload).ok()?.predicate_type;
    if kind == test_result::PREDICATE_TYPE {
        return None;
    }
    let message = format!(
        "claim {number} is no evidence of a step and was not verified; `verify --policy` judges it"
    );
    let subject = subject(format!("claim {number}"));
    let record = Evidence::not_evaluated("signature", subject, Reason::Unsupported, message);
    Some(record.severity(Severity::Info))
}

/// The record that a step's evidence is attested.
#[must_use]
pub fn claim_record(model: &str, step: &str, evidence: Sha256, holds: bool) -> Evidence {
    let subject = Subject::Signature {
        model: model.to_owned(),
        claim: step.to_owned(),
    };
    let (outcome, message) = if holds {
        (
            Outcome::Met,
            format!("the `{step}` evidence {} is signed", evidence.short()),
        )
    } else {
        (
            Outcome::NotMet,
            format!("the `{step}` evidence {} is not signed", evidence.short()),
        )
    };
    Evidence::new("signature", subject, outcome, message).severity(Severity::Integrity)
}
