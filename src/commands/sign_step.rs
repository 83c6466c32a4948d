//! Signing as a step of the chain: the model, and the evidence about it.

use std::path::Path;

use super::CommandError;
use super::context::{Context, EVIDENCE_STEPS};
use super::signatory::load_or_generate;
use crate::config::SignSpec;
use crate::evidence::{Evidence, InputRef, Reason, RunReport, Sha256, Step, Subject};
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, Bundle, Header, Manifest, Versions, claims, test_result};
use crate::signing::keys::Password;
use crate::signing::signers::{KeyReference, Signer};
use crate::signing::trust::Trust;
use crate::signing::verify::{Rules, VerifyOptions, verify_attestation, verify_model};
use crate::signing::{sign, walk};

/// File name of the signature of the model in the report directory.
pub const SIGNATURE: &str = "model.sig";

/// File name of the signed evidence in the report directory.
pub const CLAIMS: &str = "claims.jsonl";

/// The variable that names the private key where the command line does not.
pub const KEY_VARIABLE: &str = "PROOFMARK_KEY";

/// How to sign, where it differs from the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignAs<'a> {
    /// The private key, instead of the one of the configuration.
    pub key: Option<&'a KeyReference>,
    /// Its password, instead of the one of the configuration.
    pub password: Option<&'a Password>,
    /// Whether a signature over other bytes is replaced.
    pub replace: bool,
}

/// Signs the model and the evidence of the steps before, then verifies what was written.
///
/// # Errors
/// When there is no `sign` section, the key cannot be used, or a signature that does not match the
/// files is in the way.
pub fn evaluate(context: &Context<'_>, sign_as: &SignAs<'_>) -> Result<RunReport, CommandError> {
    let spec = spec(context)?;
    let Ok(manifest) = context.model() else {
        let evidence = context.model_is_readable().into_iter().collect();
        return Ok(context.report(Step::Sign, Vec::new(), Vec::new(), evidence, Vec::new()));
    };
    let (signer, trust) = load_or_generate(context, spec, sign_as)?;
    let model_path = context.path(&context.config.model.path);
    let signature = context.output(SIGNATURE);
    if let Some(refusal) =
        refuse_to_replace(context, &signature, &model_path, &trust, sign_as.replace)?
    {
        return Ok(context.report(Step::Sign, Vec::new(), Vec::new(), refusal, Vec::new()));
    }
    sign_model(
        &signature,
        &model_path,
        manifest,
        context.model_name(),
        signer.as_ref(),
    )?;
    let reports = context_evidence(context)?;
    write_claims(context, &context.output(CLAIMS), &reports, signer.as_ref())?;
    let mut evidence =
        verify_signature(context, &signature, &model_path, &trust, Rules::default())?;
    evidence.extend(verify_claims(context, &reports, &trust)?);
    Ok(context.report(Step::Sign, Vec::new(), Vec::new(), evidence, Vec::new()))
}

/// The `sign` section.
///
/// # Errors
/// When there is none.
pub fn spec<'a>(context: &'a Context<'_>) -> Result<&'a SignSpec, CommandError> {
    context
        .config
        .sign
        .as_ref()
        .ok_or_else(|| CommandError::Usage("the configuration has no section `sign`".to_owned()))
}

/// A signature over other bytes is not overwritten unless asked: either the model was
/// changed after it was signed, which must not go unseen, or it was trained anew, which the caller
/// knows.
fn refuse_to_replace(
    context: &Context<'_>,
    signature: &Path,
    model: &Path,
    trust: &Trust,
    replace: bool,
) -> Result<Option<Vec<Evidence>>, CommandError> {
    if replace || !signature.exists() {
        return Ok(None);
    }
    let evidence = verify_signature(context, signature, model, trust, Rules::default())?;
    if evidence.iter().all(|record| !record.blocks()) {
        return Ok(None);
    }
    let remedy = "Restore the signed files; or, when the model was trained anew, replace the signature with `proofmark run --replace-signature` or `proofmark sign --replace`.";
    Ok(Some(
        evidence
            .into_iter()
            .map(|record| record.remedy(remedy))
            .collect(),
    ))
}

/// Signs the model unless the signature there is one by this signer over these files.
///
/// # Errors
/// When signing or writing fails.
pub fn sign_model(
    signature: &Path,
    model_path: &Path,
    manifest: &Manifest,
    name: &str,
    signer: &dyn Signer,
) -> Result<(), CommandError> {
    if let Ok(bundle) = files::read(signature, BUNDLE_BYTES_MAX as u64) {
        let options = VerifyOptions {
            model: name,
            model_locator: name,
            ..VerifyOptions::default()
        };
        if verify_model(&bundle, model_path, &signer.trust(), &options).holds() {
            return Ok(());
        }
    }
    let bundle = sign::sign_model(&manifest.into(), &walk::model_name(model_path)?, signer)?;
    files::write_atomic(signature, &bundle)?;
    Ok(())
}

/// The evidence files of the steps before, as they are on disk.
///
/// # Errors
/// When one is there but cannot be believed.
pub fn context_evidence(context: &Context<'_>) -> Result<Vec<(RunReport, Sha256)>, CommandError> {
    let mut reports = Vec::new();
    for step in EVIDENCE_STEPS {
        reports.extend(context.read_evidence(step)?);
    }
    Ok(reports)
}

/// Signs each report as an attestation about the model. A claim over the same report that verifies is
/// kept as it is, so that nothing changes when nothing has changed.
///
/// # Errors
/// When signing or writing fails.
pub fn write_claims(
    context: &Context<'_>,
    path: &Path,
    reports: &[(RunReport, Sha256)],
    signer: &dyn Signer,
) -> Result<(), CommandError> {
    let trust = signer.trust();
    let existing = read_claims(path)?.unwrap_or_default();
    let existing: Vec<&[u8]> = claims::parse(&existing).unwrap_or_default();
    let model = context.model_subject();
    let mut bundles: Vec<Vec<u8>> = Vec::new();
    for (report, _) in reports {
        let kept = existing.iter().find(|bundle| {
            verify_attestation(bundle, &trust).is_ok_and(|(claim, _)| {
                claim.report == *report && claim.subjects.first() == model.as_ref()
            })
        });
        bundles.push(match kept {
            Some(bundle) => bundle.to_vec(),
            None => sign::attest(
                report,
                &test_result::subjects_of(report, model.as_ref()),
                signer,
            )?,
        });
    }
    // What others state of the model, or what is no evidence of a step, stays.
    bundles.extend(
        existing
            .iter()
            .filter(|bundle| is_other(bundle))
            .map(|one| one.to_vec()),
    );
    if bundles.is_empty() && existing.is_empty() {
        // A model can be signed before anything is known of it.
        return Ok(());
    }
    let rendered = claims::render(bundles.iter().map(Vec::as_slice))
        .map_err(crate::signing::SigningError::from)?;
    files::write_atomic(path, &rendered)?;
    Ok(())
}

/// Whether a claim is a statement that is no evidence of a step.
fn is_other(bundle: &[u8]) -> bool {
    let payload = Bundle::parse_of(bundle, Versions::AlsoOld).map(|bundle| bundle.payload);
    payload.is_ok_and(|payload| {
        Header::parse(&payload)
            .is_ok_and(|header| header.predicate_type != test_result::PREDICATE_TYPE)
    })
}

/// The file of claims; absent when it is not there.
///
/// # Errors
/// When it is there but cannot be read.
pub fn read_claims(path: &Path) -> Result<Option<Vec<u8>>, CommandError> {
    match files::read(path, BUNDLE_BYTES_MAX as u64) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Verifies the signature of the model; a missing one is evidence too.
///
/// # Errors
/// When the signature is there but cannot be read.
pub fn verify_signature(
    context: &Context<'_>,
    signature: &Path,
    model: &Path,
    trust: &Trust,
    rules: Rules,
) -> Result<Vec<Evidence>, CommandError> {
    let locator = context.output_locator(SIGNATURE);
    let bundle = match files::read(signature, BUNDLE_BYTES_MAX as u64) {
        Ok(bundle) => bundle,
        Err(error) if error.is_not_found() => {
            let subject = Subject::Signature {
                model: context.model_name().to_owned(),
                claim: "model".to_owned(),
            };
            let message = format!("the model has no signature: `{locator}` does not exist");
            return Ok(vec![
                Evidence::not_evaluated("signature", subject, Reason::MissingInput, message)
                    .remedy("Sign the model with `proofmark sign`."),
            ]);
        }
        Err(error) => return Err(error.into()),
    };
    let options = VerifyOptions {
        model: context.model_name(),
        model_locator: &context.config.model.path,
        bundle_locator: &locator,
        rules,
        ..VerifyOptions::default()
    };
    Ok(verify_model(&bundle, model, trust, &options).evidence)
}

/// One record per signed report: the claim is there, verifies, and says what the evidence file says.
fn verify_claims(
    context: &Context<'_>,
    reports: &[(RunReport, Sha256)],
    trust: &Trust,
) -> Result<Vec<Evidence>, CommandError> {
    let bytes = read_claims(&context.output(CLAIMS))?.unwrap_or_default();
    let input = InputRef {
        locator: context.output_locator(CLAIMS),
        sha256: Sha256::of(&bytes),
        fetched_at: None,
    };
    let bundles = claims::parse(&bytes).map_err(crate::signing::SigningError::from)?;
    Ok(reports
        .iter()
        .map(|(report, sha256)| {
            let holds = bundles.iter().any(|bundle| {
                verify_attestation(bundle, trust).is_ok_and(|(claim, _)| claim.report == *report)
            });
            super::verify::claim_record(context.model_name(), report.step.as_str(), *sha256, holds)
                .from_inputs(std::slice::from_ref(&input))
        })
        .collect())
}
