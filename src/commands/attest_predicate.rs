//! `attest` of what is no evidence of a step: how a model was made, a review, a bill of materials, whatever
//! has a type.

use std::path::PathBuf;

use super::context::Context;
use super::sign::keyless;
use super::sign_step::{self, CLAIMS};
use super::signatory::{self, load_signer};
use super::{CommandError, Outputs, attestation_store};
use crate::cli::{AttestArguments, Global};
use crate::evidence::{ExitCode, Step, SubjectDigest};
use crate::io::World;
use crate::io::files;
use crate::manifest::claims;
use crate::manifest::predicates::{self, Materials};
use crate::signing::signers::Signer;
use crate::signing::{SigningError, sign, walk};

/// What is stated of which model, by whom, and where it is written.
struct Stating {
    subject: SubjectDigest,
    signer: Box<dyn Signer>,
    claims: PathBuf,
    predicate_type: String,
    predicate: serde_json::Value,
}

/// States a predicate about the model and adds it to the file of claims.
///
/// # Errors
/// When the model or the predicate cannot be read, or signing or writing fails.
pub fn run(
    global: &Global,
    arguments: &AttestArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let stating = match &arguments.predicate.model {
        Some(model) => {
            let claims = arguments.claims.clone().unwrap_or_else(|| CLAIMS.into());
            let own = walk::path_within(model, &claims);
            let ignore: Vec<&str> = own.iter().map(String::as_str).collect();
            let (predicate_type, predicate) = foreign(arguments)?;
            Stating {
                subject: SubjectDigest {
                    name: walk::model_name(model)?,
                    sha256: walk::digest_model(model, &ignore)?.root_digest(),
                },
                signer: given_signer(arguments, world)?.ok_or_else(|| {
                    CommandError::Usage(
                        "--model needs --key or --keyless: who states it".to_owned(),
                    )
                })?,
                claims,
                predicate_type,
                predicate,
            }
        }
        None => configured(&Context::load(global, world)?, arguments)?,
    };
    state(&stating, outputs)?;
    if let Some(store) = &arguments.publish {
        let bundles = attestation_store::about(&stating.claims, &[stating.subject.sha256])?;
        attestation_store::publish(store, &bundles, world, outputs)?;
    }
    Ok(ExitCode::Passed)
}

/// Adds the statement to the file of claims, unless its signer says so there already.
fn state(stating: &Stating, outputs: &Outputs) -> Result<(), CommandError> {
    let about = &stating.subject;
    let existing = sign_step::read_claims(&stating.claims)?.unwrap_or_default();
    let existing = claims::parse(&existing).map_err(SigningError::from)?;
    let statement = predicates::statement(
        std::slice::from_ref(about),
        &stating.predicate_type,
        stating.predicate.clone(),
    )
    .map_err(SigningError::from)?;
    let trust = stating.signer.trust();
    let is_same = |other: &&[u8]| {
        let opened = trust.open_about(other, about.sha256);
        opened.is_ok_and(|opened| predicates::says_the_same(&opened.payload, &statement))
    };
    if existing.iter().any(is_same) {
        outputs.console.talk(&format!(
            "nothing to do: `{}` says so already",
            stating.claims.display()
        ));
        return Ok(());
    }
    let bundle = sign::seal(statement, stating.signer.as_ref())?;
    let all = existing.into_iter().chain([bundle.as_slice()]);
    let rendered = claims::render(all).map_err(SigningError::from)?;
    files::write_atomic(&stating.claims, &rendered)?;
    outputs.console.talk(&format!(
        "stated `{}` of `{}` {}, signed with {}; wrote `{}`",
        stating.predicate_type,
        about.name,
        about.sha256.short(),
        stating.signer.name(),
        stating.claims.display()
    ));
    Ok(())
}

fn configured(context: &Context<'_>, arguments: &AttestArguments) -> Result<Stating, CommandError> {
    if let Err(why) = context.model() {
        return Err(CommandError::Malformed {
            path: context.config.model.path.clone(),
            problem: why.clone(),
        });
    }
    let (predicate_type, predicate) = match arguments.predicate.provenance {
        true => (
            predicates::PROVENANCE.to_owned(),
            provenance(context, arguments)?,
        ),
        false => foreign(arguments)?,
    };
    Ok(Stating {
        subject: context.model_subject().ok_or_else(|| {
            CommandError::Usage("the configuration names no model that can be read".to_owned())
        })?,
        signer: match given_signer(arguments, context.world)? {
            Some(signer) => signer,
            None => signatory::signer(context)?,
        },
        claims: arguments
            .claims
            .clone()
            .unwrap_or_else(|| context.output(CLAIMS)),
        predicate_type,
        predicate,
    })
}

fn given_signer(
    arguments: &AttestArguments,
    world: &World,
) -> Result<Option<Box<dyn Signer>>, CommandError> {
    let Some(key) = &arguments.key else {
        return keyless(&arguments.keyless, world);
    };
    let password = signatory::password(&arguments.password, world)?;
    load_signer(key, password.as_ref(), world).map(Some)
}

/// How the model was made: by this job, of the data that was validated in it.
fn provenance(
    context: &Context<'_>,
    arguments: &AttestArguments,
) -> Result<serde_json::Value, CommandError> {
    let (report, _) = context.read_evidence(Step::DataValidation)?.ok_or_else(|| {
        CommandError::Usage(
            "there is no evidence on the data the model was made of; hint: run `proofmark data validate` first"
                .to_owned(),
        )
    })?;
    let materials = Materials {
        datasets: &report.subjects,
        base_models: &arguments.predicate.base_model,
    };
    Ok(predicates::provenance(context.identity(), materials))
}

fn foreign(arguments: &AttestArguments) -> Result<(String, serde_json::Value), CommandError> {
    let given = &arguments.predicate;
    let (Some(predicate_type), Some(path)) = (&given.predicate_type, &given.predicate) else {
        return Err(CommandError::Usage(
            "--model needs --predicate-type and --predicate".to_owned(),
        ));
    };
    let text = files::read_text(path)?;
    let predicate = serde_json::from_str(&text).map_err(|error| CommandError::Malformed {
        path: path.display().to_string(),
        problem: error.to_string(),
    })?;
    Ok((predicate_type.clone(), predicate))
}
