//! `sign` and `attest`: signatures over models and evidence, with a configuration or without.

use std::path::Path;

use super::context::{Context, parse_evidence};
use super::sign_step::{self, CLAIMS, SIGNATURE, SignAs, load_signer};
use super::{CommandError, Outputs};
use crate::cli::{AttestArguments, Global, SignArguments};
use crate::evidence::ExitCode;
use crate::io::World;
use crate::io::files;
use crate::signing::signers::KeyReference;
use crate::signing::trust::Trust;
use crate::signing::verify::{VerifyOptions, verify_model};
use crate::signing::{sign, walk};

/// Runs `sign`.
///
/// # Errors
/// When there is no verdict.
pub fn sign(
    global: &Global,
    arguments: &SignArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    if arguments.generate_key {
        return generate_key(arguments, outputs);
    }
    if let (Some(model), Some(key)) = (&arguments.model, &arguments.key) {
        return sign_path(model, key, arguments, world, outputs);
    }
    let context = Context::load(global, world)?;
    let report = sign_step::evaluate(
        &context,
        &SignAs {
            key: arguments.key.as_ref(),
            password_variable: arguments.password_variable.as_deref(),
            replace: arguments.replace,
        },
    )?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

fn generate_key(arguments: &SignArguments, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let (Some(private), Some(public)) = (&arguments.key, &arguments.public_key) else {
        return Err(CommandError::Usage(
            "--generate-key needs --key and --public-key".to_owned(),
        ));
    };
    let Some(private) = private.file() else {
        return Err(CommandError::Usage(format!(
            "--generate-key writes a file, and `{private}` is none; hint: make the key where it is to stay"
        )));
    };
    let key = sign_step::generate(private, public, arguments.curve)?;
    outputs.console.talk(&format!(
        "wrote `{}` (keep it secret) and `{}`; fingerprint {}",
        private.display(),
        public.display(),
        key.public().fingerprint()
    ));
    Ok(ExitCode::Passed)
}

/// Signs a model without a configuration.
fn sign_path(
    model: &Path,
    key: &KeyReference,
    arguments: &SignArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let signer = load_signer(key, arguments.password_variable.as_deref(), world)?;
    let signature = arguments
        .signature
        .clone()
        .unwrap_or_else(|| SIGNATURE.into());
    // A signature inside the model does not sign itself.
    let own = walk::path_within(model, &signature);
    let ignore: Vec<&str> = arguments
        .ignore
        .iter()
        .map(String::as_str)
        .chain(own.as_deref())
        .collect();
    let manifest = walk::digest_model(model, &ignore)?;
    let name = walk::model_name(model)?;
    if signature.exists() && !arguments.replace {
        let trust = signer.trust();
        return keep_or_refuse(model, &signature, &trust, &name, &ignore, outputs);
    }
    let bundle = sign::sign_model(&manifest, &name, signer.as_ref())?;
    files::write_atomic(&signature, &bundle)?;
    outputs.console.talk(&format!(
        "signed {} files of `{name}`, root digest sha256:{}, with {}; wrote `{}`",
        manifest.files().len(),
        manifest.root_digest(),
        signer.name(),
        signature.display()
    ));
    Ok(ExitCode::Passed)
}

/// A signature that still holds is kept; one that does not is not overwritten unseen.
fn keep_or_refuse(
    model: &Path,
    signature: &Path,
    trust: &Trust,
    name: &str,
    ignore: &[&str],
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let bundle = files::read(signature, crate::manifest::BUNDLE_BYTES_MAX as u64)?;
    let locator = signature.display().to_string();
    let options = VerifyOptions {
        model: name,
        model_locator: name,
        bundle_locator: &locator,
        ignore,
    };
    if verify_model(&bundle, model, trust, &options)
        .iter()
        .all(|record| !record.blocks())
    {
        outputs.console.talk(&format!(
            "nothing to do: `{locator}` is a valid signature of `{name}`"
        ));
        return Ok(ExitCode::Passed);
    }
    Err(CommandError::Conflict(format!(
        "`{locator}` exists and is not a valid signature of `{name}` by this signer; hint: look with `proofmark verify`, replace it with `--replace`"
    )))
}

/// Runs `attest`.
///
/// # Errors
/// When there is no verdict.
pub fn attest(
    global: &Global,
    arguments: &AttestArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let signer = match &arguments.key {
        Some(key) => load_signer(key, arguments.password_variable.as_deref(), world)?,
        None => sign_step::signer(&context)?,
    };
    if let Err(why) = context.model() {
        return Err(CommandError::Malformed {
            path: context.config.model.path.clone(),
            problem: why.clone(),
        });
    }
    let reports = if arguments.evidence.is_empty() {
        sign_step::context_evidence(&context)?
    } else {
        arguments
            .evidence
            .iter()
            .map(|path| parse_evidence(path, &files::read_text(path)?))
            .collect::<Result<_, CommandError>>()?
    };
    if reports.is_empty() {
        return Err(CommandError::Usage(
            "there is no evidence to attest; hint: run the steps first, or name evidence files"
                .to_owned(),
        ));
    }
    let path = arguments
        .claims
        .clone()
        .unwrap_or_else(|| context.output(CLAIMS));
    sign_step::write_claims(&context, &path, &reports, signer.as_ref())?;
    outputs.console.talk(&format!(
        "attested {} about `{}`; wrote `{}`",
        reports
            .iter()
            .map(|(report, _)| report.step.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        context.model_name(),
        path.display()
    ));
    Ok(ExitCode::Passed)
}
