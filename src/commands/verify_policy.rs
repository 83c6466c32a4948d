//! `verify --policy`: is enough stated about a model, by those who may state it?

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;

use super::attestation_store::{self, Places};
use super::context::{Context, identity, problems_error};
use super::sign_step::{self, CLAIMS};
use super::verify::digests_of;
use super::{CommandError, Outputs, promote_step};
use crate::cli::{Global, VerifyArguments};
use crate::contract::{Document, Problem, pointer_of, schema};
use crate::evidence::{Evidence, ExitCode, InputRef, RunReport, Sha256, Step, SubjectDigest};
use crate::io::World;
use crate::io::files;
use crate::manifest::predicates::{self, Verification};
use crate::manifest::{Manifest, claims};
use crate::policy::verification::{
    Facts, Statement, VerificationPolicy, Versions, highest, json_schema, judge,
};
use crate::signing::statements::Signatories;
use crate::signing::{SigningError, walk};

static SCHEMA: LazyLock<(serde_json::Value, Validator)> = LazyLock::new(|| {
    let schema = json_schema();
    let validator = jsonschema::validator_for(&schema).expect("our own schema is valid");
    (schema, validator)
});

/// Reads a policy; all problems of the file, each with its place, when it has any.
fn parse(file: &str, text: &str) -> Result<(VerificationPolicy, Document), Vec<Problem>> {
    let document = Document::parse(file, text)?;
    let (schema, validator) = &*SCHEMA;
    let problems = schema::problems(&document, schema, validator);
    if !problems.is_empty() {
        return Err(problems);
    }
    let policy: VerificationPolicy = serde_json::from_value(document.value.clone())
        .map_err(|error| vec![document.problem("", error.to_string())])?;
    let problems = policy.problems();
    if problems.is_empty() {
        return Ok((policy, document));
    }
    let placed = problems.into_iter();
    let placed = placed.map(|one| document.problem(&pointer_of(&one.path), one.message));
    Err(placed.collect())
}

/// What is verified, by the command line or the configuration.
struct Target<'w> {
    name: String,
    model: PathBuf,
    claims: PathBuf,
    context: Option<Context<'w>>,
}

/// A policy as it was read.
struct Policy {
    rules: VerificationPolicy,
    document: Document,
    input: InputRef,
    /// What the files it names start from.
    directory: PathBuf,
}

/// The statements there are, and the file they are from.
struct Stated {
    statements: Vec<Statement>,
    input: InputRef,
}

/// Runs the command.
///
/// # Errors
/// When the policy, what it trusts, the model, the claims or the registry cannot be read.
pub fn run(
    policy: &Path,
    global: &Global,
    arguments: &VerifyArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let target = Target::of(global, arguments, world)?;
    let policy = Policy::load(policy)?;
    let signatories = Signatories::load(&policy.rules, &policy.directory, world)?;
    let manifest = digest(&target, arguments)?;
    let digests = digests_of(&manifest);
    if let Some(store) = &arguments.from {
        let places = Places {
            claims: &target.claims,
            signature: None,
        };
        attestation_store::fetch(store, &digests, &places, world, outputs)?;
    }
    let stated = Stated::read(&target.claims, &signatories, &digests)?;
    let versions = match policy.rules.require.no_downgrade {
        true => promoted_versions(&target, arguments)?,
        false => Err("nobody asks for versions".to_owned()),
    };
    let files = files_of(&manifest);
    let facts = Facts {
        model: &target.name,
        digests: &digests,
        files: &files,
        statements: &stated.statements,
        versions: match &versions {
            Ok((this, highest)) => Ok(Versions {
                this,
                highest_promoted: highest.as_deref(),
            }),
            Err(why) => Err(why),
        },
        now: world.now(),
    };
    let evidence = judge(&policy.rules, &facts, &|path| {
        Some(policy.document.locate(path))
    });
    let report = report(&target, &manifest, &policy, &stated, evidence, world);
    if let Some(path) = &arguments.policy.verification_summary {
        write_summary(path, &report, &target, &policy, &stated, arguments)?;
    }
    outputs.publish(&report)
}

impl<'w> Target<'w> {
    fn of(
        global: &Global,
        arguments: &VerifyArguments,
        world: &'w World,
    ) -> Result<Self, CommandError> {
        if let Some(model) = &arguments.model {
            return Ok(Self {
                name: walk::model_name(model)?,
                model: model.clone(),
                claims: arguments.claims.clone().unwrap_or_else(|| CLAIMS.into()),
                context: None,
            });
        }
        let context = Context::load(global, world)?;
        let claims = arguments.claims.clone();
        Ok(Self {
            name: context.model_name().to_owned(),
            model: context.path(&context.config.model.path),
            claims: claims.unwrap_or_else(|| context.output(CLAIMS)),
            context: Some(context),
        })
    }
}

impl Policy {
    fn load(path: &Path) -> Result<Self, CommandError> {
        let locator = path.display().to_string();
        let text = files::read_text(path)?;
        let (rules, document) = parse(&locator, &text)
            .map_err(|problems| problems_error(&locator, &problems, &text))?;
        Ok(Self {
            rules,
            document,
            input: input(locator, text.as_bytes()),
            directory: path.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }
}

impl Stated {
    fn read(
        claims: &Path,
        signatories: &Signatories,
        digests: &[Sha256],
    ) -> Result<Self, CommandError> {
        let bytes = sign_step::read_claims(claims)?.unwrap_or_default();
        let bundles = claims::parse(&bytes).map_err(SigningError::from)?;
        let statements = bundles.iter();
        let statements = statements.map(|bundle| signatories.read(bundle, digests));
        Ok(Self {
            statements: statements.collect(),
            input: input(claims.display().to_string(), &bytes),
        })
    }
}

fn input(locator: String, bytes: &[u8]) -> InputRef {
    InputRef {
        locator,
        sha256: Sha256::of(bytes),
        fetched_at: None,
    }
}

/// The files of the model; a file of claims within it is none of them.
fn digest(target: &Target<'_>, arguments: &VerifyArguments) -> Result<Manifest, CommandError> {
    let own = walk::path_within(&target.model, &target.claims);
    let ignore = arguments.ignore.iter().chain(&own);
    let ignore: Vec<&str> = ignore.map(String::as_str).collect();
    Ok(walk::digest_model(&target.model, &ignore)?)
}

fn files_of(manifest: &Manifest) -> Vec<(String, Sha256)> {
    let files = manifest.files().iter();
    files.map(|file| (file.path.clone(), file.sha256)).collect()
}

/// The version of the model, and the highest that was promoted, which is none when nothing was; or why they are
/// not known. What the command line says comes before the configuration and its registry.
type KnownVersions = Result<(String, Option<String>), String>;

fn promoted_versions(
    target: &Target<'_>,
    arguments: &VerifyArguments,
) -> Result<KnownVersions, CommandError> {
    let given = &arguments.policy;
    let context = target.context.as_ref();
    let configured = context.and_then(|context| context.config.model.version.clone());
    let Some(this) = given.model_version.clone().or(configured) else {
        let why = "the version of the model is not known: neither `--model-version` nor `model.version` says it";
        return Ok(Err(why.to_owned()));
    };
    if let Some(highest) = &given.promoted_version {
        return Ok(Ok((this, Some(highest.clone()))));
    }
    let Some(context) = context.filter(|context| context.config.promote.is_some()) else {
        let why =
            "there is no registry that tells what was promoted before, and no `--promoted-version`";
        return Ok(Err(why.to_owned()));
    };
    Ok(recorded_versions(context)?.map(|highest| (this, highest)))
}

/// The highest version the registry of the configuration has promoted. A registry that is not there knows
/// nothing, which is not the same as that nothing was promoted: a checkout may lack it.
fn recorded_versions(
    context: &Context<'_>,
) -> Result<Result<Option<String>, String>, CommandError> {
    let place = &promote_step::policy_of(context)?.registry;
    if !context.path(place).exists() {
        return Ok(Err(format!(
            "there is no registry at `{place}`, which would tell what was promoted before"
        )));
    }
    let ledger = promote_step::registry(context)?.entries()?;
    let model = promote_step::model_name(context)?;
    let (versions, without) = ledger.promoted_versions(&model);
    Ok(match highest(&versions) {
        None if without => Err(format!(
            "the ledger of `{place}` names no version of what was promoted; say it with `--promoted-version`"
        )),
        found => Ok(found.map(str::to_owned)),
    })
}

fn report(
    target: &Target<'_>,
    manifest: &Manifest,
    policy: &Policy,
    stated: &Stated,
    evidence: Vec<Evidence>,
    world: &World,
) -> RunReport {
    let judged = std::slice::from_ref(&stated.input);
    let evidence = evidence.into_iter();
    let evidence = evidence.map(|record| record.from_inputs(judged)).collect();
    let subject = SubjectDigest {
        name: target.name.clone(),
        sha256: manifest.root_digest(),
    };
    let run = identity(world, vec![policy.input.clone()]);
    RunReport::new(Step::Sign, run, vec![subject], evidence, Vec::new())
}

fn write_summary(
    path: &Path,
    report: &RunReport,
    target: &Target<'_>,
    policy: &Policy,
    stated: &Stated,
    arguments: &VerifyArguments,
) -> Result<(), CommandError> {
    let bundles = stated.statements.iter().map(|one| one.bundle_sha256);
    let resource = arguments.policy.resource.as_deref();
    let summary = predicates::verification_summary(&Verification {
        resource: resource.unwrap_or(&target.name),
        policy: &policy.input,
        bundles: &bundles.collect::<Vec<_>>(),
        verdict: report.verdict(),
        at: report.run.started_at,
        tool_version: &report.run.tool.version,
    });
    Ok(files::write_atomic(
        path,
        format!("{summary:#}\n").as_bytes(),
    )?)
}
