//! `verify`: is the model what it was signed as, and is the evidence about it genuine?

use std::path::Path;

use super::context::{Context, identity};
use super::sign_step::{self, CLAIMS, SIGNATURE};
use super::{CommandError, Outputs};
use crate::cli::{Global, VerifyArguments};
use crate::evidence::{
    Evidence, ExitCode, InputRef, Outcome, RunReport, Severity, Sha256, Step, Subject,
    SubjectDigest,
};
use crate::io::World;
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, claims};
use crate::signing::signers::KeyReference;
use crate::signing::trust::Trust;
use crate::signing::verify::{VerifyOptions, verify_attestation, verify_model};
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
    let report = match (&arguments.model, &arguments.signature, &arguments.key) {
        (Some(model), Some(signature), Some(key)) => {
            verify_path(model, signature, key, arguments, world)?
        }
        _ => verify_configured(&Context::load(global, world)?, arguments)?,
    };
    outputs.publish(&report)
}

fn verify_configured(
    context: &Context<'_>,
    arguments: &VerifyArguments,
) -> Result<RunReport, CommandError> {
    let trust = match &arguments.key {
        Some(key) => sign_step::load_trust(key, context.world)?,
        None => sign_step::trust(context)?,
    };
    let signature = arguments
        .signature
        .clone()
        .unwrap_or_else(|| context.output(SIGNATURE));
    let model = context.path(&context.config.model.path);
    let mut evidence = sign_step::verify_signature(context, &signature, &model, &trust)?;
    let claims = arguments
        .claims
        .clone()
        .unwrap_or_else(|| context.output(CLAIMS));
    if arguments.claims.is_some() || claims.exists() {
        evidence.extend(verify_claims(
            &claims,
            context.model_name(),
            context.model_digest(),
            &trust,
        )?);
    }
    Ok(context.report(Step::Sign, Vec::new(), Vec::new(), evidence, Vec::new()))
}

/// Verifies a model without a configuration.
fn verify_path(
    model: &Path,
    signature: &Path,
    key: &KeyReference,
    arguments: &VerifyArguments,
    world: &World,
) -> Result<RunReport, CommandError> {
    let trust = sign_step::load_trust(key, world)?;
    let name = walk::model_name(model)?;
    let own = walk::path_within(model, signature);
    let ignore: Vec<&str> = arguments
        .ignore
        .iter()
        .map(String::as_str)
        .chain(own.as_deref())
        .collect();
    let bundle = files::read(signature, BUNDLE_BYTES_MAX as u64)?;
    let (model_locator, bundle_locator) =
        (model.display().to_string(), signature.display().to_string());
    let options = VerifyOptions {
        model: &name,
        model_locator: &model_locator,
        bundle_locator: &bundle_locator,
        ignore: &ignore,
    };
    let mut evidence = verify_model(&bundle, model, &trust, &options);
    let digest = walk::digest_model(model, &ignore)
        .ok()
        .map(|manifest| manifest.root_digest());
    if let Some(claims) = &arguments.claims {
        evidence.extend(verify_claims(claims, &name, digest, &trust)?);
    }
    let subjects = digest
        .map(|sha256| SubjectDigest { name, sha256 })
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

/// One record per claim in the file: it verifies, and it is about this model.
fn verify_claims(
    path: &Path,
    model: &str,
    digest: Option<Sha256>,
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
        judge_claim(index, bundle, model, digest, trust).from_inputs(std::slice::from_ref(&input))
    });
    Ok(records.collect())
}

fn judge_claim(
    index: usize,
    bundle: &[u8],
    model: &str,
    digest: Option<Sha256>,
    trust: &Trust,
) -> Evidence {
    let number = index + 1;
    let subject = |claim: String| Subject::Signature {
        model: model.to_owned(),
        claim,
    };
    let (claim, _) = match verify_attestation(bundle, trust) {
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
        .any(|subject| Some(subject.sha256) == digest);
    let (outcome, message) = if about {
        let verdict = claim.report.verdict();
        (
            Outcome::Met,
            format!("the signature on the `{step}` evidence verifies; it says {verdict}"),
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
