//! `doctor`: can the other commands do their work here? Looks, tries what leaves nothing behind, and
//! says what to do. Asks the network only for the forge of a CI job.

use std::path::Path;

use super::context::{Context, identity, parse_evidence};
use super::{CommandError, Outputs, kept, signatory};
use crate::ci::target::{Target, Wishes};
use crate::ci::{self, job::Job};
use crate::cli::{DoctorArguments, Global};
use crate::config::{Config, DataSpec, SignSpec};
use crate::contract::{self, Contract, PlanRequest, Problem};
use crate::evidence::{Evidence, ExitCode, Location, Outcome, RunReport, Step};
use crate::io::http::Http;
use crate::io::secret::Secret;
use crate::io::{World, files, probe};
use crate::registries::folder::FolderRegistry;
use crate::scaffold::doctor::{
    self, CiFacts, FileProblem, ForgeAnswer, ForgeFacts, KeyFacts, RegistryFacts, SignatoryFacts,
};
use crate::signing::signers::KeyReference;
use crate::signing::signers::keyless::offers_token;
use crate::sources;
use crate::wildcard;

/// Variables that hold a token, by name.
const TOKENS: [&str; 6] = [
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "CI_JOB_TOKEN",
    "GITLAB_TOKEN",
    "SIGSTORE_ID_TOKEN",
];

/// Runs the command.
///
/// # Errors
/// When the report cannot be written.
pub fn run(
    global: &Global,
    arguments: &DoctorArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let config = global.config.display().to_string().replace('\\', "/");
    let mut evidence = doctor::configuration(&config, &config_problems(&global.config, &config));
    let context = Context::load(global, world).ok();
    if let Some(context) = &context {
        evidence.extend(contract(context));
        evidence.extend(inputs(context));
        evidence.extend(versioned(context));
        evidence.push(model(context));
        evidence.extend(keys(context));
        let directory = context.output("");
        evidence.push(doctor::report_directory(
            &context.config.report.directory,
            directory.exists(),
            &probe::writable(&directory).map_err(|error| error.to_string()),
        ));
        evidence.extend(registry(context));
    }
    let (written, unreadable) = context.as_ref().map(written).unwrap_or_default();
    evidence.extend(doctor::clock(&config, world.now(), &written));
    evidence.push(doctor::ci(&config, &ci_facts(world, context.as_ref())));
    if !arguments.offline
        && let Some(facts) = forge_facts(world)
    {
        evidence.extend(doctor::forge(&config, world.now(), &facts));
    }
    let version = env!("CARGO_PKG_VERSION");
    evidence.extend(doctor::version(&config, version, &unreadable));
    let run = context.as_ref().map_or_else(
        || identity(world, Vec::new()),
        |context| context.identity().clone(),
    );
    let report = RunReport::new(Step::Doctor, run, Vec::new(), evidence, Vec::new());
    outputs.publish_with(&report, || doctor::lines(&report))
}

fn config_problems(path: &Path, name: &str) -> Vec<FileProblem> {
    match files::read_text(path) {
        Err(error) => vec![whole_file(error.to_string())],
        Ok(text) => Config::parse(name, &text)
            .err()
            .map(as_problems)
            .unwrap_or_default(),
    }
}

fn whole_file(message: String) -> FileProblem {
    FileProblem {
        message,
        location: None,
    }
}

fn as_problems(problems: Vec<Problem>) -> Vec<FileProblem> {
    problems
        .into_iter()
        .map(|problem| FileProblem {
            message: match &problem.hint {
                Some(hint) => format!("{}; hint: {hint}", problem.message),
                None => problem.message.clone(),
            },
            location: Some(Location {
                file: problem.file,
                line: problem.position.line,
                column: problem.position.column,
            }),
        })
        .collect()
}

fn contract(context: &Context<'_>) -> Vec<Evidence> {
    let Some(data) = &context.config.data else {
        return Vec::new();
    };
    doctor::contract(&data.contract, &contract_problems(context, data))
}

fn contract_problems(context: &Context<'_>, data: &DataSpec) -> Vec<FileProblem> {
    let path = context.path(&data.contract);
    let text = match files::read_text(&path) {
        Ok(text) => text,
        Err(error) => return vec![whole_file(error.to_string())],
    };
    let contract: Contract = match contract::Contract::parse(&path.display().to_string(), &text) {
        Ok(contract) => contract,
        Err(problems) => return as_problems(problems),
    };
    let mut problems: Vec<FileProblem> = Vec::new();
    for dataset in &data.datasets {
        let request = PlanRequest {
            dataset: &dataset.name,
            object: dataset.object.as_deref(),
            environment: None,
            as_of: context.world.now(),
        };
        // Several datasets of one object have the same problems.
        for problem in as_problems(contract.plan(&request).err().unwrap_or_default()) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The files of data and predictions: opened, not read.
fn inputs(context: &Context<'_>) -> Vec<Evidence> {
    let datasets = context.config.data.iter().flat_map(|data| &data.datasets);
    let mut paths: Vec<&str> = datasets.map(|dataset| dataset.path.as_str()).collect();
    if let Some(gate) = &context.config.gate {
        paths.extend(gate.candidate.as_deref());
        paths.extend(gate.truth.as_deref());
        paths.extend(gate.champion.as_deref());
        let named = gate.history.iter().map(String::as_str);
        paths.extend(named.filter(|locator| !wildcard::is_pattern(locator)));
        let of_files = gate.recorded.iter();
        for recorded in of_files.filter(|recorded| sources::is_of_one_file(&recorded.source)) {
            paths.push(&recorded.candidate);
            paths.extend(recorded.champion.as_deref());
        }
    }
    // What is kept elsewhere is looked for when it is read.
    paths.retain(|path| !kept::is_elsewhere(path));
    paths
        .into_iter()
        .map(|path| doctor::input(path, &size(&context.path(path))))
        .collect()
}

/// What is versioned beside the model: there, and part of the project, whose history versions it.
fn versioned(context: &Context<'_>) -> Vec<Evidence> {
    let gate = context.config.gate.iter();
    let inputs = gate.flat_map(|gate| gate.versioned.iter().enumerate());
    inputs
        .filter_map(|(index, input)| Some((index, input.path.as_deref()?)))
        .map(|(index, locator)| {
            let place = context.locate(&format!("gate.versioned[{index}].path"));
            versioned_input(context, locator).at(place)
        })
        .collect()
}

fn versioned_input(context: &Context<'_>, locator: &str) -> Evidence {
    let path = context.path(locator);
    let record = if path.is_dir() {
        let names = files::names(&path).map_err(|error| error.to_string());
        doctor::directory(locator, &names.map(|names| names.len()))
    } else {
        doctor::input(locator, &size(&path))
    };
    let is_outside = probe::is_within(&path, context.root()).is_ok_and(|within| !within);
    if record.outcome == Outcome::Met && is_outside {
        return doctor::outside(locator);
    }
    record
}

/// The bytes of a file that can be opened.
fn size(path: &Path) -> Result<u64, String> {
    let file = files::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    Ok(metadata.len())
}

fn model(context: &Context<'_>) -> Evidence {
    let looked = match context.model() {
        Ok(manifest) => Ok(manifest.files().len()),
        Err(why) => Err(why.clone()),
    };
    doctor::model(context.model_name(), &looked).at(context.locate("model.path"))
}

fn keys(context: &Context<'_>) -> Vec<Evidence> {
    let Some(spec) = &context.config.sign else {
        return Vec::new();
    };
    let (Some(private_key), Some(public_key)) = (&spec.private_key, &spec.public_key) else {
        let record = doctor::signatory(&signatory_facts(context, spec));
        return vec![record.at(context.locate("sign"))];
    };
    let private = signatory::reference(context, private_key);
    let public = signatory::reference(context, public_key);
    // Whether a key that is in no file exists is found out by opening it.
    let exists = |key: &KeyReference| key.file().is_none_or(Path::exists);
    let (private_exists, public_exists) = (exists(&private), exists(&public));
    let facts = KeyFacts {
        private: private_key.clone(),
        public: public_key.clone(),
        private_exists,
        public_exists,
        generate: spec.generate,
        private_key: private_exists.then(|| {
            signatory::signer(context)
                .map(|signer| signer.trust().id())
                .map_err(|error| said(&error))
        }),
        public_key: public_exists.then(|| {
            signatory::trust(context)
                .map(|trust| trust.id())
                .map_err(|error| said(&error))
        }),
        mode: private.file().and_then(probe::mode),
        in_ci: ci::context(context.world).is_some(),
    };
    doctor::keys(&facts)
        .into_iter()
        .map(|record| record.at(context.locate("sign.private_key")))
        .collect()
}

/// What is known of who signs with a certificate. Nobody is asked for one of an identity: that it was given out
/// would be public for ever.
fn signatory_facts(context: &Context<'_>, spec: &SignSpec) -> SignatoryFacts {
    let signer = match &spec.keyless {
        Some(keyless) => {
            let variable = keyless.identity_token_variable.as_deref();
            match offers_token(context.world, variable) {
                true => Ok("the identity of this job".to_owned()),
                false => Err("this job has no identity token".to_owned()),
            }
        }
        None => signatory::signer(context)
            .map(|signer| signer.name())
            .map_err(|error| said(&error)),
    };
    SignatoryFacts {
        model: context.model_name().to_owned(),
        signer,
        trusted: signatory::trust(context)
            .map(|trust| trust.id())
            .map_err(|error| said(&error)),
    }
}

fn said(error: &CommandError) -> String {
    let text = error.to_string();
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

fn registry(context: &Context<'_>) -> Option<Evidence> {
    let policy = context.config.promote.as_ref()?;
    let path = context.path(&policy.registry);
    let log = path.join("log");
    let entries = FolderRegistry::open(&path).and_then(|registry| registry.entries());
    let facts = RegistryFacts {
        path: policy.registry.clone(),
        exists: path.exists(),
        entries: entries
            .map(|ledger| ledger.recorded().len())
            .map_err(|error| error.to_string()),
        links: log.is_dir().then(|| match probe::exclusive_links(&log) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!(
                "the file system of `{}` has no links that fail when the name exists",
                policy.registry
            )),
            Err(error) => Err(error.to_string()),
        }),
    };
    Some(doctor::registry(&facts).at(context.locate("promote.registry")))
}

type Written = (
    Vec<(String, chrono::DateTime<chrono::Utc>)>,
    Vec<(String, String)>,
);

/// The evidence that is there: when each file was written, and what cannot be read.
fn written(context: &Context<'_>) -> Written {
    let steps = super::context::EVIDENCE_STEPS
        .into_iter()
        .chain([Step::Sign, Step::Promote]);
    let mut found = Written::default();
    for step in steps {
        let locator = context.output_locator(&format!("evidence/{}.json", step.as_str()));
        let path = context.evidence_path(step);
        let Ok(text) = files::read_text(&path) else {
            continue;
        };
        match parse_evidence(&path, &text) {
            Ok((report, _)) => found.0.push((locator, report.run.started_at)),
            Err(error) => found.1.push((locator, said(&error))),
        }
    }
    found
}

fn ci_facts(world: &World, context: Option<&Context<'_>>) -> CiFacts {
    let job = Job::of(world);
    CiFacts {
        system: job.as_ref().map(|job| job.system.as_str().to_owned()),
        fork: job.as_ref().and_then(|job| job.from_fork),
        event: job.and_then(|job| job.event),
        tokens: TOKENS
            .into_iter()
            .filter(|name| world.variable(name).is_some())
            .collect(),
        signs: context.is_some_and(|context| {
            context.config.sign.is_some() || context.config.promote.is_some()
        }),
    }
}

/// What the forge of this job answers; nothing outside of a job, or where no forge is known.
fn forge_facts(world: &World) -> Option<ForgeFacts> {
    let target = Target::resolve(Job::of(world), &Wishes::default()).ok()?;
    let token_variable = target.forge.token_variable().to_owned();
    Some(ForgeFacts {
        answer: ask(world, &target, &token_variable),
        api_url: target.api_url,
        token_variable,
    })
}

fn ask(world: &World, target: &Target, token_variable: &str) -> Result<ForgeAnswer, String> {
    let token = Secret::from_variable(world, token_variable).map_err(|error| error.to_string())?;
    let http = Http::new(world).map_err(|error| error.to_string())?;
    let forge = target
        .reach(&http, token)
        .map_err(|error| error.to_string())?;
    let probe = forge.probe().map_err(|error| error.to_string())?;
    Ok(ForgeAnswer {
        login: probe.login,
        scopes: probe.scopes,
        time: probe.time,
    })
}
