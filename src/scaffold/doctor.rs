//! What `doctor` says: from facts about this machine, this repository and this job to evidence.
//!
//! Nothing here passes a model; it says whether the other commands can do their work. What a forge
//! answers comes in as a fact, like everything else.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use super::one_line;
use crate::evidence::{Evidence, Location, Outcome, Requirement, RunReport, Severity, Subject};

/// The year this program was written in; a clock before it is wrong.
const YEAR_MIN: i32 = 2026;

/// Years ahead from which a clock is taken to be wrong.
const YEARS_AHEAD_MAX: i32 = 20;

/// How far clocks of two machines may differ.
const SKEW_MINUTES_MAX: i64 = 5;

/// Everything that can be said.
pub const REQUIREMENTS: &[Requirement] = &[
    CONFIGURATION,
    CONTRACT,
    INPUT,
    MODEL,
    KEY_PAIR,
    SIGNATORY,
    KEY_PERMISSIONS,
    REPORT_DIRECTORY,
    REGISTRY,
    CLOCK,
    CI_CONTEXT,
    FORGE,
    VERSION,
];

const CONFIGURATION: Requirement = Requirement {
    id: "doctor-configuration",
    summary: "The configuration exists and has no problem.",
    remedy: "Mend the line shown, or write a configuration with `proofmark init`.",
    references: &[],
};
const CONTRACT: Requirement = Requirement {
    id: "doctor-contract",
    summary: "The data contract exists, is a valid Open Data Contract and can be planned for every dataset.",
    remedy: "Mend the line shown; `proofmark init` drafts a contract from data.",
    references: &["Open Data Contract Standard 3.1"],
};
const INPUT: Requirement = Requirement {
    id: "doctor-input",
    summary: "Every file of data, of predictions and of what is versioned beside the model can be opened.",
    remedy: "Correct the path, or fetch or produce the file before proofmark runs.",
    references: &[],
};
const MODEL: Requirement = Requirement {
    id: "doctor-model",
    summary: "The files of the model exist and can be digested.",
    remedy: "Correct `model.path`, or fetch or train the model before proofmark runs.",
    references: &[],
};
const KEY_PAIR: Requirement = Requirement {
    id: "doctor-key-pair",
    summary: "The private key can be used, and the public key is its other half.",
    remedy: "Make a pair with `proofmark sign --generate-key`, or correct `sign`.",
    references: &[],
};
const SIGNATORY: Requirement = Requirement {
    id: "doctor-signatory",
    summary: "This job can sign with its certificate or identity, and it is known whose signatures count.",
    remedy: "Correct `sign`; a job of GitHub Actions needs the permission `id-token: write`, one of GitLab `id_tokens` with `SIGSTORE_ID_TOKEN`.",
    references: &["https://docs.sigstore.dev/certificate_authority/oidc-in-fulcio/"],
};
const KEY_PERMISSIONS: Requirement = Requirement {
    id: "doctor-key-permissions",
    summary: "Nobody but its owner can read the private key.",
    remedy: "Take the rights of others away with `chmod 600`, and make a new key if somebody may have read it.",
    references: &[],
};
const REPORT_DIRECTORY: Requirement = Requirement {
    id: "doctor-report-directory",
    summary: "The report directory can be written, or made.",
    remedy: "Give this user the right to write there, or set `report.directory`.",
    references: &[],
};
const REGISTRY: Requirement = Requirement {
    id: "doctor-registry",
    summary: "The registry can be read and its file system can keep a ledger.",
    remedy: "Keep the registry on a local file system or on NFS; look at it with `proofmark promote status`.",
    references: &[],
};
const CLOCK: Requirement = Requirement {
    id: "doctor-clock",
    summary: "The clock is plausible, not behind the evidence in the report directory, and agrees with that of the forge.",
    remedy: "Set the clock: ages of evidence and times in the ledger depend on it.",
    references: &[],
};
const CI_CONTEXT: Requirement = Requirement {
    id: "doctor-ci-context",
    summary: "The CI job is one in which what the configuration asks for can work.",
    remedy: "Run signing and promotion only on protected branches, never for pull requests of forks.",
    references: &["https://docs.github.com/actions/reference/secure-use-reference"],
};
const FORGE: Requirement = Requirement {
    id: "doctor-forge",
    summary: "The forge the job is for is reached, takes the token, and gives it the scopes comments and statuses need.",
    remedy: "Set `HTTPS_PROXY` or `PROOFMARK_CA_FILE` where the network demands it, and give the job a token that may comment.",
    references: &[
        "https://docs.github.com/rest/authentication/authenticating-to-the-rest-api",
        "https://docs.gitlab.com/user/profile/personal_access_tokens/",
    ],
};
const VERSION: Requirement = Requirement {
    id: "doctor-version",
    summary: "The program knows its version, and wrote or can read the evidence that is there.",
    remedy: "Use the version that wrote the evidence, or a newer one.",
    references: &[],
};

/// One problem of a file, as the reader of the file puts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// What is wrong, with its hint.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
}

/// What became of looking at something.
pub type Looked<T> = Result<T, String>;

fn file(path: &str) -> Subject {
    Subject::File {
        path: path.to_owned(),
    }
}

fn met(requirement: &Requirement, subject: Subject, message: String) -> Evidence {
    Evidence::new(requirement.id, subject, Outcome::Met, message)
}

fn not_met(requirement: &Requirement, subject: Subject, message: String) -> Evidence {
    Evidence::new(requirement.id, subject, Outcome::NotMet, message)
}

/// The configuration.
#[must_use]
pub fn configuration(path: &str, problems: &[FileProblem]) -> Vec<Evidence> {
    of_problems(&CONFIGURATION, path, problems)
}

/// The contract.
#[must_use]
pub fn contract(path: &str, problems: &[FileProblem]) -> Vec<Evidence> {
    of_problems(&CONTRACT, path, problems)
}

fn of_problems(requirement: &Requirement, path: &str, problems: &[FileProblem]) -> Vec<Evidence> {
    if problems.is_empty() {
        let message = format!("`{path}` has no problem");
        return vec![met(requirement, file(path), message)];
    }
    problems
        .iter()
        .map(|problem| {
            not_met(requirement, file(path), problem.message.clone()).at(problem.location.clone())
        })
        .collect()
}

/// A file of data or predictions: its size in bytes, or why it cannot be opened.
#[must_use]
pub fn input(path: &str, looked: &Looked<u64>) -> Evidence {
    match looked {
        Ok(0) => not_met(&INPUT, file(path), format!("`{path}` is empty")),
        Ok(bytes) => met(
            &INPUT,
            file(path),
            format!("`{path}` can be read, {bytes} bytes"),
        ),
        Err(why) => not_met(&INPUT, file(path), why.clone()),
    }
}

/// A directory that is versioned beside the model: how many entries it has, or why it cannot be read.
#[must_use]
pub fn directory(path: &str, looked: &Looked<usize>) -> Evidence {
    match looked {
        Ok(0) => not_met(&INPUT, file(path), format!("directory `{path}` is empty")),
        Ok(entries) => met(
            &INPUT,
            file(path),
            format!("directory `{path}` can be read, {entries} entries"),
        ),
        Err(why) => not_met(&INPUT, file(path), why.clone()),
    }
}

/// What is versioned beside the model and lies outside of the directory of the configuration: a warning,
/// for it may be in the same repository all the same.
#[must_use]
pub fn outside(path: &str) -> Evidence {
    let message = format!(
        "`{path}` is outside of the project, whose history may not say which version was judged"
    );
    not_met(&INPUT, file(path), message).severity(Severity::Warning)
}

/// The model: how many files it has, or why it cannot be digested.
#[must_use]
pub fn model(name: &str, looked: &Looked<usize>) -> Evidence {
    let subject = Subject::Model {
        model: name.to_owned(),
    };
    match looked {
        Ok(files) => {
            let noun = if *files == 1 { "file" } else { "files" };
            met(
                &MODEL,
                subject,
                format!("`{name}` has {files} {noun}, all readable"),
            )
        }
        Err(why) => not_met(&MODEL, subject, why.clone()),
    }
}

/// What is known of the key pair of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Path of the private key.
    pub private: String,
    /// Path of the public key.
    pub public: String,
    /// Whether the private key file exists.
    pub private_exists: bool,
    /// Whether the public key file exists.
    pub public_exists: bool,
    /// Whether the configuration lets a missing pair be made.
    pub generate: bool,
    /// The fingerprint of the private key, or why it cannot be used. Absent when it does not exist.
    pub private_key: Option<Looked<String>>,
    /// The fingerprint of the public key, or why it cannot be used. Absent when it does not exist.
    pub public_key: Option<Looked<String>>,
    /// The permission bits of the private key file, where the system has them.
    pub mode: Option<u32>,
    /// Whether this is a CI job.
    pub in_ci: bool,
}

/// What is known of who signs with a certificate, and whose certificates count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatoryFacts {
    /// The model.
    pub model: String,
    /// What signs, or why nothing does here.
    pub signer: Looked<String>,
    /// Whose signatures count, or why that cannot be told.
    pub trusted: Looked<String>,
}

/// Whether this job can sign with a certificate, and its signatures can be verified.
#[must_use]
pub fn signatory(facts: &SignatoryFacts) -> Evidence {
    let subject = Subject::Signature {
        model: facts.model.clone(),
        claim: "signer".to_owned(),
    };
    match (&facts.trusted, &facts.signer) {
        (Err(why), _) => not_met(&SIGNATORY, subject, why.clone()),
        (Ok(trusted), Err(why)) => {
            let message = format!("{why}: this job can verify signatures by {trusted}, not sign");
            not_met(&SIGNATORY, subject, message).severity(Severity::Warning)
        }
        (Ok(trusted), Ok(signer)) => {
            let message = format!("{signer} signs here; signatures by {trusted} count");
            met(&SIGNATORY, subject, message)
        }
    }
}

/// The key pair and who can read its secret half.
#[must_use]
pub fn keys(facts: &KeyFacts) -> Vec<Evidence> {
    let mut evidence = vec![key_pair(facts)];
    if let Some(mode) = facts.mode.filter(|_| facts.private_exists) {
        let subject = file(&facts.private);
        let private = &facts.private;
        evidence.push(if mode & 0o077 == 0 {
            let message = format!("only its owner can read `{private}`");
            met(&KEY_PERMISSIONS, subject, message)
        } else {
            let message = format!(
                "others can use `{private}`: its mode is {:03o}, required 600",
                mode & 0o777
            );
            not_met(&KEY_PERMISSIONS, subject, message).severity(Severity::Warning)
        });
    }
    evidence
}

fn key_pair(facts: &KeyFacts) -> Evidence {
    let KeyFacts {
        private, public, ..
    } = facts;
    let about = |path: &str| file(path);
    match (&facts.private_key, &facts.public_key) {
        (Some(Err(why)), _) => not_met(&KEY_PAIR, about(private), why.clone()),
        (_, Some(Err(why))) => not_met(&KEY_PAIR, about(public), why.clone()),
        (Some(Ok(one)), Some(Ok(two))) if one == two => {
            let short: String = one.chars().take(12).collect();
            let message = format!("`{private}` and `{public}` are a pair, fingerprint {short}");
            met(&KEY_PAIR, about(private), message)
        }
        (Some(Ok(_)), Some(Ok(_))) => {
            let message = format!("`{public}` is not the public half of `{private}`");
            not_met(&KEY_PAIR, about(public), message)
        }
        (Some(Ok(_)), None) => {
            let message =
                format!("the private key `{private}` is there, the public key `{public}` is not");
            not_met(&KEY_PAIR, about(public), message)
        }
        (None, Some(Ok(_))) => {
            let message =
                format!("the private key `{private}` is not here: this job can verify, not sign");
            not_met(&KEY_PAIR, about(private), message).severity(Severity::Warning)
        }
        (None, None) if facts.generate && facts.in_ci => {
            let message = format!(
                "`{private}` does not exist and would be made by this job: nobody can verify with it afterwards"
            );
            not_met(&KEY_PAIR, about(private), message).severity(Severity::Warning)
        }
        (None, None) if facts.generate => {
            let message = format!("`{private}` does not exist yet; the first signing makes it");
            met(&KEY_PAIR, about(private), message)
        }
        (None, None) => {
            let message = format!("neither `{private}` nor `{public}` exists");
            not_met(&KEY_PAIR, about(private), message)
        }
    }
}

/// The report directory: whether it exists and can be written, or why not.
#[must_use]
pub fn report_directory(path: &str, exists: bool, writable: &Looked<()>) -> Evidence {
    match writable {
        Ok(()) if exists => met(
            &REPORT_DIRECTORY,
            file(path),
            format!("`{path}` can be written"),
        ),
        Ok(()) => met(
            &REPORT_DIRECTORY,
            file(path),
            format!("`{path}` does not exist yet and can be made"),
        ),
        Err(why) => not_met(&REPORT_DIRECTORY, file(path), why.clone()),
    }
}

/// What is known of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryFacts {
    /// Its directory.
    pub path: String,
    /// Whether it exists.
    pub exists: bool,
    /// How many entries its ledger has, or why it cannot be read.
    pub entries: Looked<usize>,
    /// Whether links that fail when the name exists can be made there; absent when not tried.
    pub links: Option<Looked<()>>,
}

/// The registry.
#[must_use]
pub fn registry(facts: &RegistryFacts) -> Evidence {
    let path = &facts.path;
    let subject = file(path);
    match (&facts.entries, &facts.links) {
        (Err(why), _) | (Ok(_), Some(Err(why))) => not_met(&REGISTRY, subject, why.clone()),
        (Ok(_), _) if !facts.exists => {
            let message = format!("`{path}` does not exist yet; the first promotion makes it");
            met(&REGISTRY, subject, message)
        }
        (Ok(entries), Some(Ok(()))) => {
            let message = format!("`{path}` has {}, and links work", counted(*entries));
            met(&REGISTRY, subject, message)
        }
        (Ok(entries), None) => {
            let message = format!("`{path}` has {}", counted(*entries));
            met(&REGISTRY, subject, message)
        }
    }
}

fn counted(entries: usize) -> String {
    match entries {
        1 => "1 entry".to_owned(),
        entries => format!("{entries} entries"),
    }
}

/// The clock, against itself and against the evidence that is there: path and time of each.
#[must_use]
pub fn clock(
    config: &str,
    now: DateTime<Utc>,
    evidence: &[(String, DateTime<Utc>)],
) -> Vec<Evidence> {
    let shown = now.format("%Y-%m-%d %H:%M UTC");
    if !(YEAR_MIN..=YEAR_MIN + YEARS_AHEAD_MAX).contains(&now.year()) {
        let message = format!("the clock says {shown}, which cannot be");
        return vec![not_met(&CLOCK, file(config), message)];
    }
    let latest = now + TimeDelta::minutes(SKEW_MINUTES_MAX);
    let ahead: Vec<Evidence> = evidence
        .iter()
        .filter(|(_, started_at)| latest < *started_at)
        .map(|(path, started_at)| {
            let message = format!(
                "`{path}` was written at {}, but the clock says {shown}",
                started_at.format("%Y-%m-%d %H:%M UTC")
            );
            not_met(&CLOCK, file(path), message)
        })
        .collect();
    if ahead.is_empty() {
        vec![met(&CLOCK, file(config), format!("it is {shown}"))]
    } else {
        ahead
    }
}

/// What is known of the CI job. Names of variables only, never a value that may be secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CiFacts {
    /// `github`, `gitlab` or `jenkins`; absent outside of CI.
    pub system: Option<String>,
    /// Name of the event that started the job.
    pub event: Option<String>,
    /// Whether the job runs for a change from a fork; absent when that cannot be told.
    pub fork: Option<bool>,
    /// Names of the variables that hold a token.
    pub tokens: Vec<&'static str>,
    /// Whether the configuration signs or promotes.
    pub signs: bool,
}

/// The CI job.
#[must_use]
pub fn ci(config: &str, facts: &CiFacts) -> Evidence {
    let subject = file(config);
    let Some(system) = &facts.system else {
        let message = "this is no CI job of GitHub, GitLab or Jenkins".to_owned();
        return met(&CI_CONTEXT, subject, message);
    };
    let event = match &facts.event {
        Some(event) => format!(" started by `{event}`"),
        None => String::new(),
    };
    let tokens = match facts.tokens.as_slice() {
        [] => "no token is set".to_owned(),
        names => format!("tokens are set in `{}`", names.join("`, `")),
    };
    let fork = match facts.fork {
        Some(true) => "for a fork",
        Some(false) => "not for a fork",
        None => "whether for a fork is not known",
    };
    let message = format!("a {system} job{event}, {fork}; {tokens}");
    let privileged = facts.event.as_deref() == Some("pull_request_target");
    if privileged {
        let message = format!(
            "{message}: `pull_request_target` gives the code of anyone the rights of this repository"
        );
        return not_met(&CI_CONTEXT, subject, message)
            .severity(Severity::Warning)
            .remedy("Use `pull_request`; publish from a workflow of its own.");
    }
    if facts.fork == Some(true) && facts.signs {
        let message = format!("{message}: secrets are not given to forks, so it cannot sign");
        return not_met(&CI_CONTEXT, subject, message).severity(Severity::Warning);
    }
    met(&CI_CONTEXT, subject, message)
}

/// What is known of the forge of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgeFacts {
    /// Address of its API.
    pub api_url: String,
    /// The variable a token is looked for in.
    pub token_variable: String,
    /// What it answered, or why there is no answer.
    pub answer: Looked<ForgeAnswer>,
}

/// What a forge answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgeAnswer {
    /// Account of the token, when there is one.
    pub login: Option<String>,
    /// Scopes of the token, for kinds of tokens that have some.
    pub scopes: Option<Vec<String>>,
    /// The time there.
    pub time: Option<DateTime<Utc>>,
}

/// Scopes of which one is enough to comment: `repo` and `public_repo` of GitHub, `api` of GitLab.
const SCOPES: [&str; 3] = ["repo", "public_repo", "api"];

/// The forge and its clock. Nothing here blocks: evidence is made without it.
#[must_use]
pub fn forge(config: &str, now: DateTime<Utc>, facts: &ForgeFacts) -> Vec<Evidence> {
    let (url, variable) = (&facts.api_url, &facts.token_variable);
    let answer = match &facts.answer {
        Ok(answer) => answer,
        Err(why) => {
            let record = not_met(&FORGE, file(config), format!("`{url}`: {why}"));
            return vec![record.severity(Severity::Warning)];
        }
    };
    let lacks = answer
        .scopes
        .as_ref()
        .is_some_and(|scopes| !scopes.iter().any(|scope| SCOPES.contains(&scope.as_str())));
    let record = match &answer.login {
        None => met(
            &FORGE,
            file(config),
            format!(
                "`{url}` is reached; `{variable}` holds no token, so nothing is published there"
            ),
        ),
        Some(login) if lacks => {
            let scopes = answer.scopes.clone().unwrap_or_default().join("`, `");
            let message = format!(
                "`{url}` takes the token of `{login}` in `{variable}`, which may not comment: its scopes are `{scopes}`"
            );
            not_met(&FORGE, file(config), message).severity(Severity::Warning)
        }
        Some(login) => met(
            &FORGE,
            file(config),
            format!("`{url}` is reached and takes the token of `{login}` in `{variable}`"),
        ),
    };
    let mut evidence = vec![record];
    evidence.extend(answer.time.and_then(|time| skew(config, now, time, url)));
    evidence
}

fn skew(config: &str, now: DateTime<Utc>, time: DateTime<Utc>, url: &str) -> Option<Evidence> {
    let apart = (now - time).abs();
    if apart <= TimeDelta::minutes(SKEW_MINUTES_MAX) {
        return None;
    }
    let message = format!(
        "the clock says {}, that of `{url}` says {}: {} minutes apart",
        now.format("%Y-%m-%d %H:%M UTC"),
        time.format("%Y-%m-%d %H:%M UTC"),
        apart.num_minutes()
    );
    Some(not_met(&CLOCK, file(config), message))
}

/// The version, against those that wrote the evidence that is there: path and version of each, or
/// why a file cannot be read.
#[must_use]
pub fn version(config: &str, version: &str, unreadable: &[(String, String)]) -> Vec<Evidence> {
    let mut evidence = vec![met(
        &VERSION,
        file(config),
        format!(
            "this is proofmark {version} for {} on {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    )];
    evidence.extend(unreadable.iter().map(|(path, why)| {
        not_met(&VERSION, file(path), format!("`{path}`: {why}")).severity(Severity::Warning)
    }));
    evidence
}

/// The report for a person: one line for each record, and what to do where there is something.
#[must_use]
pub fn lines(report: &RunReport) -> String {
    let mut text = String::new();
    for record in &report.evidence {
        let word = if record.blocks() {
            "problem"
        } else if record.warns() {
            "warning"
        } else {
            "ok"
        };
        let what = record.requirement.as_str();
        let what = what.strip_prefix("doctor-").unwrap_or(what);
        let place = record.location.as_ref().filter(|_| word != "ok");
        let place = place.map_or_else(String::new, |place| {
            format!(" ({}:{}:{})", place.file, place.line, place.column)
        });
        let message = one_line(&format!("{}{place}", record.message));
        text.push_str(&format!("{word:<8} {what:<17} {message}\n"));
        if word != "ok" {
            let remedy = record.remedy.as_deref().or_else(|| {
                let known = REQUIREMENTS.iter();
                let mut known = known.filter(|known| known.id == record.requirement.as_str());
                known.next().map(|known| known.remedy)
            });
            if let Some(remedy) = remedy {
                text.push_str(&format!("{:<26} fix: {}\n", "", one_line(remedy)));
            }
        }
    }
    text.push_str(&format!("{}\n", closing(report)));
    text
}

fn closing(report: &RunReport) -> String {
    let count = |matches: fn(&Evidence) -> bool| {
        report
            .evidence
            .iter()
            .filter(|record| matches(record))
            .count()
    };
    match (count(Evidence::blocks), count(Evidence::warns)) {
        (0, 0) => "everything needed is in place".to_owned(),
        (0, 1) => "1 warning, no problem".to_owned(),
        (0, warnings) => format!("{warnings} warnings, no problem"),
        (1, warnings) => format!("1 problem, warnings: {warnings}"),
        (problems, warnings) => format!("{problems} problems, warnings: {warnings}"),
    }
}
