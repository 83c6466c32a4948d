//! `sign` and `attest`: signatures over models and evidence, with a configuration or without.

use std::path::{Path, PathBuf};

use super::context::{Context, parse_evidence};
use super::sign_step::{self, CLAIMS, SIGNATURE, SignAs};
use super::signatory::{self, load_signer};
use super::verify::digests_of;
use super::{CommandError, Outputs, attest_predicate, attestation_store, digest, progress};
use crate::cli::{AttestArguments, Global, KeylessArguments, SignArguments};
use crate::evidence::ExitCode;
use crate::io::World;
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, Resources, collisions};
use crate::signing::sign;
use crate::signing::signers::Signer;
use crate::signing::signers::keyless::{KeylessOptions, KeylessSigner};
use crate::signing::trust::Trust;
use crate::signing::verify::{Rules, VerifyOptions, verify_model};
use crate::signing::walk::{self, ReadOptions};

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
    if let Some(model) = &arguments.model {
        let signer = signer(arguments, world)?;
        let code = sign_path(model, signer.as_ref(), arguments, outputs)?;
        if let Some(store) = &arguments.publish {
            let bundle = read_signature(&signature_path(arguments))?;
            attestation_store::publish(store, &[bundle], world, outputs)?;
        }
        return Ok(code);
    }
    if arguments.keyless.keyless {
        return Err(CommandError::Usage(
            "--keyless needs --model: the configuration says what signs, `sign.keyless` among others"
                .to_owned(),
        ));
    }
    let context = Context::load(global, world)?;
    let report = sign_step::evaluate(
        &context,
        &SignAs {
            key: arguments.key.as_ref(),
            password: signatory::password(&arguments.password, world)?.as_ref(),
            replace: arguments.replace,
        },
    )?;
    context.write_evidence(&report)?;
    if let Some(store) = arguments
        .publish
        .as_ref()
        .filter(|_| report.verdict().passed())
    {
        let digests = context.model().as_ref().map(digests_of).unwrap_or_default();
        let mut bundles = vec![read_signature(&context.output(SIGNATURE))?];
        bundles.extend(attestation_store::about(&context.output(CLAIMS), &digests)?);
        attestation_store::publish(store, &bundles, world, outputs)?;
    }
    outputs.publish(&report)
}

fn read_signature(path: &Path) -> Result<Vec<u8>, CommandError> {
    Ok(files::read(path, BUNDLE_BYTES_MAX as u64)?)
}

/// Where the signature of a model without a configuration is.
fn signature_path(arguments: &SignArguments) -> PathBuf {
    let given = arguments.signature.clone();
    given.unwrap_or_else(|| SIGNATURE.into())
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
    let key = signatory::generate(private, public, arguments.curve)?;
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
    signer: &dyn Signer,
    arguments: &SignArguments,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let signature = signature_path(arguments);
    // A signature inside the model does not sign itself.
    let own = walk::path_within(model, &signature);
    let ignore: Vec<&str> = arguments
        .ignore
        .iter()
        .map(String::as_str)
        .chain(own.as_deref())
        .collect();
    let name = walk::model_name(model)?;
    if signature.exists() && !arguments.replace {
        let rules = Rules {
            allow_symlinks: arguments.allow_symlinks,
            ..Rules::default()
        };
        let options = VerifyOptions {
            model: &name,
            model_locator: &name,
            bundle_locator: &signature.display().to_string(),
            ignore: &ignore,
            rules,
            progress: &(),
        };
        return keep_or_refuse(model, &signature, &signer.trust(), &options, outputs);
    }
    let resources = read(model, &ignore, arguments, outputs)?;
    let bundle = sign::sign_model(&resources, &name, signer)?;
    files::write_atomic(&signature, &bundle)?;
    outputs.console.talk(&format!(
        "signed {} files of `{name}`, root digest sha256:{}, with {}; wrote `{}`",
        resources.files().len(),
        resources.root_digest(),
        signer.name(),
        signature.display()
    ));
    Ok(ExitCode::Passed)
}

/// What signs: an identity, or a key, with its certificate when one is given.
fn signer(arguments: &SignArguments, world: &World) -> Result<Box<dyn Signer>, CommandError> {
    if let Some(signer) = keyless(&arguments.keyless, world)? {
        return Ok(signer);
    }
    let key = arguments.key.as_ref().ok_or_else(|| {
        CommandError::Usage("--model needs --key or --keyless: what signs".to_owned())
    })?;
    let password = signatory::password(&arguments.password, world)?;
    let key = load_signer(key, password.as_ref(), world)?;
    let Some(path) = &arguments.certificate else {
        return Ok(key);
    };
    let chain = std::iter::once(path).chain(&arguments.certificate_chain);
    let chain: Vec<PathBuf> = chain.cloned().collect();
    signatory::certified(key, &chain, world)
}

/// The identity of the job, when it is to sign.
///
/// # Errors
/// When it has none, or Sigstore gives it no certificate.
pub fn keyless(
    arguments: &KeylessArguments,
    world: &World,
) -> Result<Option<Box<dyn Signer>>, CommandError> {
    if !arguments.keyless {
        return Ok(None);
    }
    let options = KeylessOptions {
        signing_config: arguments.signing_config.as_deref(),
        trusted_root: arguments.trusted_root.as_deref(),
        token_variable: arguments.identity_token_variable.as_deref(),
    };
    Ok(Some(Box::new(KeylessSigner::open(world, &options)?)))
}

/// Digests the model, and warns of names that are one elsewhere.
fn read(
    model: &Path,
    ignore: &[&str],
    arguments: &SignArguments,
    outputs: &Outputs,
) -> Result<Resources, CommandError> {
    let bar = progress::bytes(outputs, "digesting");
    let options = ReadOptions {
        ignore,
        hashing: digest::hashing(&arguments.hashing),
        allow_symlinks: arguments.allow_symlinks,
        progress: &bar,
    };
    let resources = walk::read_model(model, &options)?;
    bar.finish_and_clear();
    let names = resources.files().iter().map(|file| file.path.as_str());
    for (first, second) in collisions(names) {
        outputs.console.talk(&format!(
            "warning: `{first}` and `{second}` are one file on macOS and Windows"
        ));
    }
    let uncovered: Vec<String> = resources
        .uncovered()
        .map(|name| format!("`{name}`"))
        .collect();
    if !uncovered.is_empty() {
        outputs.console.talk(&format!(
            "warning: shards cover no empty files: {}",
            uncovered.join(", ")
        ));
    }
    Ok(resources)
}

/// A signature that still holds is kept; one that does not is not overwritten unseen.
fn keep_or_refuse(
    model: &Path,
    signature: &Path,
    trust: &Trust,
    options: &VerifyOptions<'_>,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let bundle = read_signature(signature)?;
    let (locator, name) = (options.bundle_locator, options.model);
    if verify_model(&bundle, model, trust, options).holds() {
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
    if arguments.predicate.predicate.is_some() || arguments.predicate.provenance {
        return attest_predicate::run(global, arguments, world, outputs);
    }
    let context = Context::load(global, world)?;
    let signer = match (keyless(&arguments.keyless, world)?, &arguments.key) {
        (Some(signer), _) => signer,
        (None, Some(key)) => {
            let password = signatory::password(&arguments.password, world)?;
            load_signer(key, password.as_ref(), world)?
        }
        (None, None) => signatory::signer(&context)?,
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
    if let Some(store) = &arguments.publish {
        let digests = context.model().as_ref().map(digests_of).unwrap_or_default();
        let bundles = attestation_store::about(&path, &digests)?;
        attestation_store::publish(store, &bundles, world, outputs)?;
    }
    Ok(ExitCode::Passed)
}
