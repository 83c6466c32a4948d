//! `verify --policy`: is enough stated about a model, by those who may state it?

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;

use super::context::{Context, identity, problems_error};
use super::sign_step::{self, CLAIMS};
use super::verify::digests_of;
use super::{CommandError, Outputs};
use crate::cli::{Global, VerifyArguments};
use crate::contract::{Document, Problem, pointer_of, schema};
use crate::evidence::{ExitCode, InputRef, RunReport, Sha256, Step, SubjectDigest};
use crate::io::World;
use crate::io::files;
use crate::manifest::claims;
use crate::manifest::predicates::{self, Verification};
use crate::policy::verification::{Facts, VerificationPolicy, Versions, json_schema, judge};
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

/// What is verified.
struct Target {
    name: String,
    model: PathBuf,
    claims: PathBuf,
    version: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the policy, what it trusts, the model or the claims cannot be read.
pub fn run(
    policy: &Path,
    global: &Global,
    arguments: &VerifyArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let target = target(global, arguments, world)?;
    let locator = policy.display().to_string();
    let text = files::read_text(policy)?;
    let (rules, document) =
        parse(&locator, &text).map_err(|problems| problems_error(&locator, &problems, &text))?;
    let directory = policy.parent().unwrap_or(Path::new(""));
    let signatories = Signatories::load(&rules, directory, world)?;
    let own = walk::path_within(&target.model, &target.claims);
    let ignore = arguments.ignore.iter().chain(&own);
    let ignore: Vec<&str> = ignore.map(String::as_str).collect();
    let manifest = walk::digest_model(&target.model, &ignore)?;
    let digests = digests_of(&manifest);
    let bytes = sign_step::read_claims(&target.claims)?.unwrap_or_default();
    let bundles = claims::parse(&bytes).map_err(SigningError::from)?;
    let statements: Vec<_> = bundles
        .iter()
        .map(|bundle| signatories.read(bundle, &digests))
        .collect();
    let given = &arguments.policy;
    let this = given.model_version.as_ref().or(target.version.as_ref());
    let versions = this.zip(given.promoted_version.as_ref());
    let files: Vec<_> = manifest
        .files()
        .iter()
        .map(|file| (file.path.clone(), file.sha256))
        .collect();
    let facts = Facts {
        model: &target.name,
        digests: &digests,
        files: &files,
        statements: &statements,
        versions: versions.map(|(this, highest)| Versions {
            this,
            highest_promoted: Some(highest),
        }),
        now: world.now(),
    };
    let input = |locator: String, bytes: &[u8]| InputRef {
        locator,
        sha256: Sha256::of(bytes),
        fetched_at: None,
    };
    let judged = input(target.claims.display().to_string(), &bytes);
    let evidence = judge(&rules, &facts, &|path| Some(document.locate(path)));
    let evidence = evidence
        .into_iter()
        .map(|record| record.from_inputs(std::slice::from_ref(&judged)))
        .collect();
    let policy = input(locator, text.as_bytes());
    let subject = SubjectDigest {
        name: target.name.clone(),
        sha256: manifest.root_digest(),
    };
    let report = RunReport::new(
        Step::Sign,
        identity(world, vec![policy.clone()]),
        vec![subject],
        evidence,
        Vec::new(),
    );
    if let Some(path) = &given.verification_summary {
        let bundles: Vec<Sha256> = statements.iter().map(|one| one.bundle_sha256).collect();
        let summary = predicates::verification_summary(&Verification {
            resource: given.resource.as_deref().unwrap_or(&target.name),
            policy: &policy,
            bundles: &bundles,
            verdict: report.verdict(),
            at: world.now(),
            tool_version: &report.run.tool.version,
        });
        files::write_atomic(path, format!("{summary:#}\n").as_bytes())?;
    }
    outputs.publish(&report)
}

fn target(
    global: &Global,
    arguments: &VerifyArguments,
    world: &World,
) -> Result<Target, CommandError> {
    if let Some(model) = &arguments.model {
        return Ok(Target {
            name: walk::model_name(model)?,
            model: model.clone(),
            claims: arguments.claims.clone().unwrap_or_else(|| CLAIMS.into()),
            version: None,
        });
    }
    let context = Context::load(global, world)?;
    Ok(Target {
        name: context.model_name().to_owned(),
        model: context.path(&context.config.model.path),
        claims: arguments
            .claims
            .clone()
            .unwrap_or_else(|| context.output(CLAIMS)),
        version: context.config.model.version.clone(),
    })
}
