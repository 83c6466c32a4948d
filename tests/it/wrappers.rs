//! The wrappers for GitHub Actions, GitLab CI and Jenkins, run with a program that records how it was
//! called: the same arguments, environment and verdicts on the three, whatever the values are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::CommandFactory as _;
use proofmark::cli::Cli;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::forge::Forge;
use crate::support::{Project, Said, program, repository, said};

/// An operation of a wrapper, with the inputs it takes.
type Operation = (&'static str, &'static [&'static str]);

/// Wrapper, Jenkins step and operations.
const WRAPPERS: &[(&str, &str, &[Operation])] = &[
    (
        "data-validate",
        "proofmarkDataValidate",
        &[(
            "",
            &[
                "files",
                "contract",
                "suite-format",
                "object",
                "reference",
                "environment",
                "input-format",
                "encoding",
                "delimiter",
                "no-header",
                "as-of",
                "examples",
                "no-metadata-shortcuts",
                "no-cache",
            ],
        )],
    ),
    ("model-gate", "proofmarkGate", &[("", &[])]),
    (
        "model-card",
        "proofmarkCard",
        &[
            ("build", &["output-directory"]),
            ("lint", &["output-directory"]),
        ],
    ),
    (
        "sign-model",
        "proofmarkSign",
        &[
            (
                "sign",
                &[
                    "model",
                    "key",
                    "certificate",
                    "certificate-chain",
                    "signature",
                    "ignore",
                    "hash",
                    "shard-size",
                    "allow-symlinks",
                    "keyless",
                    "signing-config",
                    "trusted-root",
                    "identity-token-variable",
                    "password-variable",
                    "replace",
                    "publish",
                ],
            ),
            (
                "attest",
                &[
                    "evidence",
                    "key",
                    "keyless",
                    "signing-config",
                    "trusted-root",
                    "identity-token-variable",
                    "predicate-type",
                    "predicate",
                    "provenance",
                    "base-model",
                    "claims",
                    "publish",
                    "password-variable",
                ],
            ),
        ],
    ),
    (
        "verify-model",
        "proofmarkVerify",
        &[(
            "",
            &[
                "model",
                "signature",
                "key",
                "trust-root",
                "certificate-identity",
                "certificate-oidc-issuer",
                "certificate-claim",
                "trusted-root",
                "certificate-subject",
                "certificate-spki-sha256",
                "timestamp-root",
                "from",
                "policy",
                "verification-summary",
                "resource",
                "model-version",
                "promoted-version",
                "claims",
                "ignore",
                "strict",
                "allow-legacy",
                "allow-old-bundle-versions",
                "allow-symlinks",
            ],
        )],
    ),
    (
        "promote-model",
        "proofmarkPromote",
        &[
            ("plan", &["stage", "plan"]),
            ("apply", &["stage", "plan"]),
            ("rollback", &["stage", "to", "reason"]),
            ("status", &[]),
        ],
    ),
    (
        "retrain",
        "proofmarkRetrain",
        &[
            ("decide", &["data-evidence", "reason", "decision"]),
            (
                "dispatch",
                &["data-evidence", "reason", "decision", "dry-run"],
            ),
        ],
    ),
    (
        "run",
        "proofmarkRun",
        &[(
            "",
            &["only", "stage", "force", "replace-signature", "no-cache"],
        )],
    ),
];

/// Values that break out of careless quoting, or mean something to one of the systems.
const HOSTILE: &[&str] = &[
    "plain",
    "two words",
    " leading and trailing ",
    "it's \"quoted\"",
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME} $PATH $$",
    "; touch pwned #",
    "a && touch pwned || b | c > d",
    "*",
    "-rf",
    "--force",
    "back\\slash\\n",
    "%PATH%",
    "${{ github.token }}",
    "$[[ inputs.stage ]]",
    "EOF",
    "PLAN",
    "::error::forged",
    "é ü 模型",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    GitHub,
    GitLab,
    Jenkins,
}

const SYSTEMS: [System; 3] = [System::GitHub, System::GitLab, System::Jenkins];

pub type Inputs = BTreeMap<String, String>;

/// A workspace with a program that records its arguments and environment.
pub struct Bench {
    folder: TempDir,
}

/// What a run of a wrapper came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stderr: String,
    pub stdout: String,
    /// Arguments of the program; `None` when it was not started.
    arguments: Option<Vec<String>>,
    environment: Vec<String>,
    pub outputs: BTreeMap<String, String>,
    summary: String,
    /// What the step that publishes ended with; on GitLab there is one step for both.
    publish_code: i32,
    /// What published, when the stub did.
    published: Option<Published>,
}

/// How the second process was called.
#[derive(Clone, Debug)]
pub struct Published {
    arguments: Vec<String>,
    environment: Vec<String>,
}

const STUB: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo "proofmark 0.1.0"; exit 0; fi
[ "$1 $2" != "report publish" ] || RECORD=$RECORD.publish
printf '%s\0' "$@" >"$RECORD"
env -0 >"$RECORD.environment"
case $RECORD in
  *.publish) echo "::error::from the evidence"; exit "${PUBLISH_EXIT:-0}" ;;
esac
for argument in "$@"; do
  case $argument in
    --output=dotenv=*)
      digest=$(printf '%064d' 7)
      printf 'PROOFMARK_VERDICT=forged\nPROOFMARK_MODEL_DIGEST=%s\nX=$(id)\n' "$digest" >"${argument#--output=*=}" ;;
    --output=github=*) echo '::error title=ours::found' >"${argument#--output=*=}" ;;
    --output=*=*) printf 'report' >"${argument#--output=*=}" ;;
  esac
done
echo "::error::from the data"
exit "${STUB_EXIT:-0}"
"#;

impl Bench {
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let bench = Self { folder };
        fs::create_dir_all(bench.path("work")).expect("a folder");
        bench.install(&bench.path("bin"));
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn install(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        let stub = folder.join("proofmark");
        fs::write(&stub, STUB).expect("written");
        let made = Command::new("chmod").arg("+x").arg(&stub).status();
        assert!(made.expect("chmod").success());
    }

    /// Whether an action takes these inputs; otherwise the first it does not.
    pub fn takes(&self, wrapper: &str, inputs: &Inputs) -> Result<(), String> {
        let path = repository()
            .join("actions")
            .join(wrapper)
            .join("action.yml");
        let action = yaml(&fs::read_to_string(path).expect("an action"));
        let unknown = inputs.keys().find(|name| action["inputs"][*name].is_null());
        unknown.map_or(Ok(()), |name| Err(name.clone()))
    }

    pub fn run(&self, system: System, wrapper: &str, inputs: &Inputs) -> Ran {
        self.run_with(system, wrapper, inputs, &[("PATH", &self.standard_path())])
    }

    pub fn standard_path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.path("bin").display())
    }

    fn run_with(
        &self,
        system: System,
        wrapper: &str,
        inputs: &Inputs,
        extra: &[(&str, &str)],
    ) -> Ran {
        for name in [
            "record",
            "record.environment",
            "record.publish",
            "record.publish.environment",
            "output",
            "summary",
            "added",
            "handover",
        ] {
            let _ = fs::remove_file(self.path(name));
        }
        let (first, second) = match system {
            System::GitHub => {
                let first = self.start(&mut self.github(wrapper, inputs, 0), extra);
                let second = asks_to_publish(inputs)
                    .then(|| self.start(&mut self.github(wrapper, inputs, 1), extra));
                (first, second)
            }
            System::GitLab => (self.start(&mut self.gitlab(wrapper, inputs), extra), None),
            System::Jenkins => {
                let mut command = self.jenkins(wrapper, inputs, "proofmark_main");
                let first = self.start(&mut command, extra);
                let second = asks_to_publish(inputs).then(|| {
                    let mut command = self.jenkins(wrapper, inputs, "proofmark_publish");
                    command.env("PROOFMARK_TOKEN", TOKEN);
                    command.env("PROOFMARK_INPUT_TOKEN_VARIABLE", "PROOFMARK_TOKEN");
                    self.start(&mut command, extra)
                });
                (first, second)
            }
        };
        self.ran(first, second)
    }

    pub fn start(&self, command: &mut Command, extra: &[(&str, &str)]) -> Said {
        command
            .current_dir(self.path("work"))
            .env("RECORD", self.path("record"))
            .envs(extra.iter().copied());
        said(command)
    }

    /// What the records and files of a run say.
    fn ran(&self, first: Said, second: Option<Said>) -> Ran {
        let read = |name: &str| fs::read_to_string(self.path(name)).ok();
        let split = |text: String| -> Vec<String> {
            text.split_terminator('\0').map(str::to_owned).collect()
        };
        let publish_code = second.as_ref().map_or(first.code, |second| second.code);
        let published = read("record.publish").map(|arguments| Published {
            arguments: split(arguments),
            environment: read("record.publish.environment")
                .map(split)
                .expect("an environment"),
        });
        let mut stderr = first.stderr;
        let mut stdout = first.stdout;
        if let Some(second) = second {
            stderr.push_str(&second.stderr);
            stdout.push_str(&second.stdout);
        }
        Ran {
            code: first.code,
            stdout,
            stderr,
            arguments: read("record").map(split),
            environment: read("record.environment").map(split).unwrap_or_default(),
            outputs: read("output")
                .map(|text| github_outputs(&text))
                .unwrap_or_default(),
            summary: read("summary").unwrap_or_default(),
            publish_code,
            published,
        }
    }

    /// A step of a composite action, with the expressions of its `env` evaluated.
    pub fn github(&self, wrapper: &str, inputs: &Inputs, step: usize) -> Command {
        let folder = match wrapper {
            "" => repository(),
            name => repository().join("actions").join(name),
        };
        let action = yaml(&fs::read_to_string(folder.join("action.yml")).expect("an action"));
        let step = &action["runs"]["steps"][step];
        let script = self.path("step.sh");
        fs::write(&script, step["run"].as_str().expect("a script")).expect("written");
        let shell = step["shell"].as_str().expect("a shell");
        let mut words = shell
            .split(' ')
            .map(|word| word.replace("{0}", script.to_str().expect("UTF-8")));
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env_clear();
        for (name, value) in step["env"].as_object().expect("env") {
            command.env(
                name,
                self.evaluated(&action, inputs, value.as_str().expect("text")),
            );
        }
        command
            .env("GITHUB_ACTION_PATH", folder)
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_PATH", self.path("added"))
            .env("RUNNER_TEMP", self.path(""));
        command
    }

    /// A value of `env`: text, an input or an output of the step before.
    fn evaluated(&self, action: &Value, inputs: &Inputs, value: &str) -> String {
        let Some(expression) = value.strip_prefix("${{ ") else {
            return value.to_owned();
        };
        let expression = expression.trim_end_matches(" }}");
        if let Some(input) = expression.strip_prefix("inputs.") {
            let default = match action["inputs"][input]["default"].as_str() {
                Some("${{ github.token }}") => TOKEN,
                default => default.unwrap_or_default(),
            };
            return inputs.get(input).map_or(default, String::as_str).to_owned();
        }
        let output = expression.strip_prefix("steps.proofmark.outputs.");
        let output = output.unwrap_or_else(|| panic!("`{expression}` is not known"));
        let outputs = fs::read_to_string(self.path("output")).unwrap_or_default();
        github_outputs(&outputs).remove(output).unwrap_or_default()
    }

    /// The script of a component, with its inputs interpolated as GitLab does it.
    fn gitlab(&self, wrapper: &str, inputs: &Inputs) -> Command {
        self.gitlab_flavour("templates-before-18.7", wrapper, inputs)
    }

    pub fn gitlab_flavour(&self, flavour: &str, wrapper: &str, inputs: &Inputs) -> Command {
        let (specification, body) = component(flavour, wrapper);
        let job = &body["$[[ inputs.job_name ]]"];
        let lines = job["script"].as_array().expect("a script").iter();
        let script: Vec<_> = lines.map(|line| line.as_str().expect("text")).collect();
        assert!(
            !script.join("\n").contains("$[["),
            "{wrapper} pastes an input into its script"
        );
        let mut command = Command::new("sh");
        command.args(["-e", "-c", &script.join("\n")]).env_clear();
        for (name, value) in job["variables"].as_object().expect("variables") {
            let Some(raw) = value["value"].as_str() else {
                let text = value.as_str().expect("text");
                let folder = self.path("work");
                command.env(
                    name,
                    text.replace("$CI_PROJECT_DIR", folder.to_str().expect("UTF-8")),
                );
                continue;
            };
            assert_eq!(value["expand"], false, "{name}");
            if raw.contains("$[[ component.") {
                let known = raw.replace("$[[ component.name ]]", wrapper);
                let known = known.replace("$[[ component.sha ]]", &"a".repeat(40));
                let version = inputs.get("(component)").map_or("", String::as_str);
                command.env(name, known.replace("$[[ component.version ]]", version));
                continue;
            }
            let input = raw
                .trim_start_matches("$[[ inputs.")
                .trim_end_matches(" ]]");
            let default = &specification["spec"]["inputs"][input]["default"];
            let given = inputs.get(&input.replace('_', "-"));
            command.env(
                name,
                given.map_or(default.as_str().expect("text"), String::as_str),
            );
        }
        command
            .env("TMPDIR", self.path(""))
            .env("GITLAB_TOKEN", TOKEN)
            .env("CI_JOB_TOKEN", "job-token");
        command
    }

    /// What the Jenkins step hands to `sh`: the table of its inputs, and the library. The Groovy
    /// itself is run by the interop lane.
    pub fn jenkins(&self, wrapper: &str, inputs: &Inputs, function: &str) -> Command {
        let library = repository().join("jenkins/resources/proofmark/proofmark.sh");
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!(". \"$PROOFMARK_LIBRARY\" && {function}")])
            .env_clear()
            .env("PROOFMARK_SURFACE", "jenkins")
            .env("PROOFMARK_WRAPPER", wrapper)
            .env("PROOFMARK_LIBRARY", library)
            .env("PROOFMARK_HANDOVER", self.path("handover"))
            .env("PROOFMARK_TEMPORARY", self.path(""));
        for (argument, variable, fallback) in jenkins_inputs(wrapper) {
            let given = inputs.iter().find(|(name, _)| camel(name) == argument);
            let value = given.map_or(fallback.as_str(), |(_, value)| value);
            command.env(format!("PROOFMARK_INPUT_{variable}"), value);
        }
        command
    }
}

/// The token of the tests; it may be in no argument and in no environment but that of the publisher.
const TOKEN: &str = "ghs_s3cret";

/// Whether the second step runs: the condition that stands in every action, and in the Groovy.
fn asks_to_publish(inputs: &Inputs) -> bool {
    let asked = |name: &str| inputs.get(name).is_some_and(|value| value != "off");
    asked("comment") || asked("status")
}

pub fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

/// The wrappers that run a command.
pub fn component_names() -> Vec<&'static str> {
    WRAPPERS.iter().map(|(name, ..)| *name).collect()
}

pub fn component(flavour: &str, wrapper: &str) -> (Value, Value) {
    let path = repository().join(format!("gitlab/{flavour}/{wrapper}/template.yml"));
    let text = fs::read_to_string(path).expect("a component");
    let (specification, body) = text.split_once("\n---\n").expect("two documents");
    (yaml(specification), yaml(body))
}

/// Argument, variable and default of every input of a Jenkins step.
fn jenkins_inputs(wrapper: &str) -> Vec<(String, String, String)> {
    let step = WRAPPERS
        .iter()
        .find(|(name, ..)| *name == wrapper)
        .map_or("proofmarkSetup", |(_, step, _)| step);
    let path = repository().join(format!("jenkins/vars/{step}.groovy"));
    let text = fs::read_to_string(path).expect("a step");
    text.lines()
        .filter_map(|line| {
            let (argument, rest) = line.trim().split_once(": [variable: '")?;
            let (variable, rest) = rest.split_once('\'')?;
            let fallback = rest.split_once("fallback: '")?.1.trim_end_matches("'],");
            Some((
                argument.to_owned(),
                variable.to_owned(),
                fallback.replace("\\n", "\n"),
            ))
        })
        .collect()
}

/// `fail-on` → `failOn`.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_ascii_uppercase() + &word[1..]
    })
}

/// Reads a file of outputs as the runner does.
fn github_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("name and delimiter");
        let value: Vec<_> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

fn inputs(pairs: &[(&str, &str)]) -> Inputs {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A value an input accepts that is as hostile as its kind allows.
fn value_for(input: &str, hostile: &str) -> String {
    match input {
        "only" => "gate\nscan".to_owned(),
        "to" | "shard-size" => "3".to_owned(),
        "hash" => "blake3".to_owned(),
        "certificate-spki-sha256" => "ab".repeat(32),
        "base-model" => format!("base=sha256:{}", "ab".repeat(32)),
        "certificate-claim" => format!("build_trigger={}", hostile.replace('\n', " ")),
        "publish" | "from" => format!("github:{hostile}"),
        "dry-run" | "force" | "replace" | "replace-signature" => "true".to_owned(),
        "files" | "ignore" | "evidence" => HOSTILE.join("\n\n"),
        "no-metadata-shortcuts" | "no-cache" | "no-header" => "true".to_owned(),
        "keyless"
        | "provenance"
        | "strict"
        | "allow-legacy"
        | "allow-symlinks"
        | "allow-old-bundle-versions" => "true".to_owned(),
        "encoding" => "latin-1".to_owned(),
        "delimiter" => ";".to_owned(),
        "suite-format" => "soda-contract".to_owned(),
        "input-format" => "arrow-ipc".to_owned(),
        "as-of" => "2026-11-01T12:00:00+01:00".to_owned(),
        "examples" => "3".to_owned(),
        "reference" => {
            let pairs = HOSTILE.iter().map(|hostile| format!("a={hostile}"));
            pairs.collect::<Vec<_>>().join("\n")
        }
        _ => hostile.to_owned(),
    }
}

/// The arguments without those every call has.
fn own_arguments(ran: &Ran) -> Vec<String> {
    let arguments = ran
        .arguments
        .as_ref()
        .unwrap_or_else(|| panic!("not started: {ran:?}"));
    let common = |argument: &&String| !argument.starts_with("--output=");
    arguments.iter().filter(common).cloned().collect()
}

#[test]
fn committed_wrappers_are_those_generated() {
    let root = repository();
    let check = said(
        program()
            .args(["dev", "generate", "--check", "--root"])
            .arg(root),
    );
    assert_eq!(check.code, 0, "{}", check.stderr);
}

/// Inputs of which a call takes one set or another, by wrapper and operation.
const APART: [(&str, &str, &[&[&str]]); 3] = [
    ("sign-model", "sign", &[OF_KEYS, OF_JOBS]),
    (
        "sign-model",
        "attest",
        &[
            &["evidence", "key", "password-variable"],
            &[
                "predicate-type",
                "predicate",
                "keyless",
                "signing-config",
                "trusted-root",
                "identity-token-variable",
            ],
            &["provenance", "base-model", "key", "password-variable"],
        ],
    ),
    (
        "verify-model",
        "",
        &[
            &[
                "signature",
                "trust-root",
                "certificate-identity",
                "certificate-subject",
                "certificate-spki-sha256",
                "timestamp-root",
                "allow-old-bundle-versions",
            ],
            &[
                "signature",
                "certificate-oidc-issuer",
                "certificate-claim",
                "trusted-root",
                "certificate-identity",
                "allow-old-bundle-versions",
            ],
            &[
                "policy",
                "verification-summary",
                "resource",
                "model-version",
                "promoted-version",
            ],
        ],
    ),
];

const OF_KEYS: &[&str] = &[
    "key",
    "certificate",
    "certificate-chain",
    "password-variable",
];
const OF_JOBS: &[&str] = &[
    "keyless",
    "signing-config",
    "trusted-root",
    "identity-token-variable",
];

/// The inputs without those that do not go with the set that has its turn.
fn together<'a>(wrapper: &str, operation: &str, names: &[&'a str], round: usize) -> Vec<&'a str> {
    let apart = APART
        .iter()
        .find(|(of, at, _)| (*of, *at) == (wrapper, operation));
    let sets = apart.map_or(&[][..], |(_, _, sets)| sets);
    let goes = |name: &&&str| match sets.get(round % sets.len().max(1)) {
        Some(set) => set.contains(*name) || !sets.iter().any(|other| other.contains(*name)),
        None => true,
    };
    names.iter().filter(goes).copied().collect()
}

/// The inputs of one call; the hostile values go round, and lists carry all of them.
fn hostile_inputs(operation: &str, names: &[&str], turn: usize) -> Inputs {
    let mut given = Inputs::new();
    if !operation.is_empty() {
        given.insert("operation".to_owned(), operation.to_owned());
    }
    for (index, name) in names.iter().chain(&["config", "baseline"]).enumerate() {
        let hostile = HOSTILE[(turn + index) % HOSTILE.len()];
        given.insert((*name).to_owned(), value_for(name, hostile));
    }
    given
}

#[test]
fn generating_writes_what_differs_and_checking_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let generate = |arguments: &[&str]| {
        let mut command = program();
        command
            .args(["dev", "generate", "--root"])
            .arg(folder.path())
            .args(arguments);
        said(&mut command)
    };
    let checked = generate(&["--check"]);
    assert_eq!(checked.code, 7, "{}", checked.stderr);
    assert!(!folder.path().join("action.yml").exists());
    assert_eq!(generate(&[]).code, 0);
    assert_eq!(generate(&["--check"]).code, 0);
}

#[test]
fn the_three_systems_call_the_program_with_the_same_arguments() {
    let bench = Bench::new();
    let mut turn = 0;
    for (wrapper, _, operations) in WRAPPERS {
        for (operation, names) in *operations {
            for round in 0..3 {
                let names = &together(wrapper, operation, names, round);
                let given = hostile_inputs(operation, names, turn);
                turn += 1 + names.len();
                let called = SYSTEMS.map(|system| {
                    let ran = bench.run(system, wrapper, &given);
                    assert_eq!(ran.code, 0, "{system:?} {wrapper} {given:?} {}", ran.stderr);
                    own_arguments(&ran)
                });
                assert_eq!(called[0], called[1], "{wrapper} {operation}");
                assert_eq!(called[0], called[2], "{wrapper} {operation}");
                arrived(wrapper, &given, &called[0]);
            }
        }
    }
    assert!(HOSTILE.len() < turn, "not every hostile value was used");
    assert!(!bench.path("work/pwned").exists());
}

/// The program itself reads every value back as it was given.
fn arrived(wrapper: &str, given: &Inputs, arguments: &[String]) {
    let mut line = vec!["proofmark".to_owned()];
    line.extend_from_slice(arguments);
    let matches = Cli::command()
        .try_get_matches_from(line)
        .unwrap_or_else(|error| panic!("{wrapper} {arguments:?}: {error}"));
    let mut innermost = &matches;
    while let Some((_, below)) = innermost.subcommand() {
        innermost = below;
    }
    for (name, value) in given.iter().filter(|(name, _)| *name != "operation") {
        let id = name.replace('-', "_");
        let read: Vec<String> = innermost
            .get_raw(&id)
            .unwrap_or_else(|| panic!("{wrapper}: `{name}` did not arrive in {arguments:?}"))
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let expected: Vec<&str> = match name.as_str() {
            "files" | "ignore" | "evidence" | "only" | "reference" => {
                value.split('\n').filter(|line| !line.is_empty()).collect()
            }
            _ => vec![value],
        };
        assert_eq!(read, expected, "{wrapper} {name}");
    }
}

#[test]
fn a_value_of_several_lines_stays_one_value() {
    let bench = Bench::new();
    let reason = "first\nsecond; exit 1\n--to=1\n";
    let given = inputs(&[("operation", "rollback"), ("reason", reason)]);
    for system in SYSTEMS {
        let ran = bench.run(system, "promote-model", &given);
        assert!(
            own_arguments(&ran).contains(&format!("--reason={reason}")),
            "{system:?}"
        );
    }
}

#[test]
fn verdicts_are_told_apart_from_errors_on_every_system() {
    let bench = Bench::new();
    let path = bench.standard_path();
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 70, 130] {
        for fail_on in ["error", "warning", "never"] {
            let tolerated = matches!((fail_on, code), (_, 0) | ("error", 11) | ("never", 10..=13));
            let given = inputs(&[("fail-on", fail_on)]);
            let environment = [("STUB_EXIT", &*code.to_string()), ("PATH", &*path)];
            let ran = bench.run_with(System::GitHub, "model-gate", &given, &environment);
            assert_eq!(
                ran.code,
                if tolerated { 0 } else { code },
                "{fail_on} {code}"
            );
            assert_eq!(ran.outputs["verdict"], verdict(code), "{code}");
            assert_eq!(ran.outputs["exit-code"], code.to_string());
        }
        for system in [System::GitLab, System::Jenkins] {
            let environment = [("STUB_EXIT", &*code.to_string()), ("PATH", &*path)];
            let ran = bench.run_with(system, "model-gate", &Inputs::new(), &environment);
            assert_eq!(ran.code, code, "{system:?}");
            let dotenv =
                fs::read_to_string(bench.path("work/proofmark-reports/model-gate/proofmark.env"));
            assert_eq!(
                dotenv.expect("a dotenv file"),
                format!(
                    "PROOFMARK_TOOL_VERSION=0.1.0\nPROOFMARK_MODEL_DIGEST={:064}\nPROOFMARK_VERDICT={}\nPROOFMARK_EXIT_CODE={code}
",
                    7,
                    verdict(code)
                )
            );
        }
    }
}

fn verdict(code: i32) -> &'static str {
    match code {
        0 => "pass",
        10 => "fail",
        11 => "warn",
        12 => "pending",
        13 => "rolled-back",
        _ => "error",
    }
}

#[test]
fn the_program_sees_the_same_environment_and_nothing_of_the_wrapper() {
    let bench = Bench::new();
    let path = bench.standard_path();
    let extra = [
        ("PATH", &*path),
        ("HOME", "/nowhere"),
        ("PROOFMARK_KEY", "key.pem"),
        ("BASH_ENV", "/nowhere/startup"),
        ("ENV", "/nowhere/startup"),
        ("BASH_FUNC_proofmark_main%%", "() { echo taken over; }"),
        ("SHELLOPTS", "xtrace"),
    ];
    let given = inputs(&[("config", "$HOME\nPROOFMARK_INPUT_X=1")]);
    let mut seen = Vec::new();
    for system in SYSTEMS {
        let ran = bench.run_with(system, "model-gate", &given, &extra);
        assert_eq!(ran.code, 0, "{system:?} {}", ran.stderr);
        let leaked = [
            "PROOFMARK_INPUT_",
            "PROOFMARK_WRAPPER=",
            "BASH_ENV=",
            "ENV=",
            "CDPATH=",
        ];
        for line in &ran.environment {
            assert!(
                !leaked.iter().any(|name| line.starts_with(name)),
                "{system:?} {line}"
            );
        }
        let own = ["PATH=", "HOME=", "PROOFMARK_KEY="];
        let mut kept: Vec<String> = ran.environment.clone();
        kept.retain(|line| own.iter().any(|name| line.starts_with(name)));
        kept.sort();
        seen.push(kept);
    }
    assert_eq!(seen[0].len(), 3);
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

/// The same inputs about publishing, as each system takes them.
fn publishing_inputs(system: System, hostile: &str) -> Inputs {
    let mut given = inputs(&[("comment", "always"), ("status", "commit-status")]);
    given.insert("publish-key".to_owned(), hostile.to_owned());
    given.insert(
        "report-url".to_owned(),
        "https://ci.example.com/1?a=b&c".to_owned(),
    );
    given.insert("config".to_owned(), hostile.to_owned());
    given.insert("baseline".to_owned(), "base.json".to_owned());
    if system == System::Jenkins {
        for name in ["repository", "commit", "api-url"] {
            given.insert(name.to_owned(), hostile.to_owned());
        }
        given.insert("forge".to_owned(), "gitlab".to_owned());
        given.insert("change".to_owned(), "7".to_owned());
    }
    given
}

#[test]
fn the_three_systems_publish_with_the_same_arguments() {
    let bench = Bench::new();
    for hostile in HOSTILE {
        let mut shared = Vec::new();
        for system in SYSTEMS {
            let given = publishing_inputs(system, hostile);
            let ran = bench.run(system, "model-gate", &given);
            let published = ran
                .published
                .clone()
                .unwrap_or_else(|| panic!("{system:?} {ran:?}"));
            assert_eq!(
                (ran.code, ran.publish_code),
                (0, 0),
                "{system:?} {}",
                ran.stderr
            );
            publisher_reads(&given, &published.arguments);
            let name = |argument: &&String| {
                let only = [
                    "--token-variable=",
                    "--forge=",
                    "--repository=",
                    "--commit=",
                    "--change=",
                    "--api-url=",
                ];
                !only.iter().any(|start| argument.starts_with(start))
            };
            shared.push(
                published
                    .arguments
                    .iter()
                    .filter(name)
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(shared[0], shared[1]);
        assert_eq!(shared[0], shared[2]);
    }
    assert!(!bench.path("work/pwned").exists());
}

/// The program reads every value back as it was given, and the report is the one that was written.
fn publisher_reads(given: &Inputs, arguments: &[String]) {
    let line = ["proofmark".to_owned()]
        .into_iter()
        .chain(arguments.iter().cloned());
    let matches = Cli::command().try_get_matches_from(line);
    let matches = matches.unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    let (_, report) = matches.subcommand().expect("report");
    let (name, publish) = report.subcommand().expect("publish");
    assert_eq!(name, "publish");
    for (input, value) in given {
        let id = match input.as_str() {
            "publish-key" => "key".to_owned(),
            other => other.replace('-', "_"),
        };
        let read: Vec<_> = publish.get_raw(&id).expect("given").collect();
        assert_eq!(read, [value.as_str()], "{input}");
    }
    let evidence: Vec<_> = publish.get_raw("evidence").expect("evidence").collect();
    let [evidence] = evidence.as_slice() else {
        panic!("{evidence:?}")
    };
    let written = fs::read_to_string(Path::new(evidence)).expect("the JSON report");
    assert_eq!(written, "report");
}

#[test]
fn only_the_process_that_publishes_sees_the_token() {
    let bench = Bench::new();
    let path = bench.standard_path();
    for (system, variable) in [
        (System::GitHub, "GITHUB_TOKEN"),
        (System::GitLab, "GITLAB_TOKEN"),
        (System::Jenkins, "PROOFMARK_TOKEN"),
    ] {
        let given = inputs(&[("comment", "auto")]);
        let extra = [("PATH", &*path), ("GH_TOKEN", "ghs_s3cret-other")];
        let ran = bench.run_with(system, "model-gate", &given, &extra);
        let published = ran.published.clone().expect("published");
        let secret = |line: &&String| line.contains("s3cret") || line.contains("job-token");
        assert_eq!(ran.environment.iter().find(secret), None, "{system:?}");
        let seen: Vec<_> = published.environment.iter().filter(secret).collect();
        assert_eq!(seen, [&format!("{variable}={TOKEN}")], "{system:?}");
        let own = |line: &&String| {
            line.starts_with("PROOFMARK_") && !line.starts_with("PROOFMARK_TOKEN=")
        };
        assert_eq!(published.environment.iter().find(own), None, "{system:?}");
        let everything = format!(
            "{:?}{:?}{}{}",
            ran.arguments, published.arguments, ran.stdout, ran.stderr
        );
        assert!(!everything.contains("s3cret"), "{system:?} {everything}");
    }
    let named = inputs(&[("comment", "auto"), ("token-variable", "MY_TOKEN")]);
    let extra = [("PATH", &*path), ("MY_TOKEN", "s3cret of mine")];
    let ran = bench.run_with(System::GitLab, "model-gate", &named, &extra);
    let published = ran.published.expect("published");
    assert!(!ran.environment.iter().any(|line| line.contains("s3cret")));
    let secrets = published
        .environment
        .iter()
        .filter(|line| line.contains("s3cret"));
    assert_eq!(secrets.collect::<Vec<_>>(), ["MY_TOKEN=s3cret of mine"]);
    assert!(
        published
            .arguments
            .contains(&"--token-variable=MY_TOKEN".to_owned())
    );
    let wrong = inputs(&[("comment", "auto"), ("token-variable", "A;touch pwned")]);
    let ran = bench.run(System::GitLab, "model-gate", &wrong);
    assert_eq!((ran.code, ran.arguments), (2, None));
}

#[test]
fn a_command_keeps_only_the_tokens_its_operation_needs() {
    let bench = Bench::new();
    let library = fs::read_to_string(repository().join("actions/_lib/proofmark.sh"));
    let kept =
        "run gate gate\nkeep gate GITHUB_TOKEN\nkeep gate CI_JOB_TOKEN\nkeep other GITLAB_TOKEN\n";
    let library = library
        .expect("the library")
        .replacen("run gate gate\n", kept, 1);
    fs::write(bench.path("library.sh"), library).expect("written");
    let mut command = bench.jenkins("model-gate", &Inputs::new(), "proofmark_main");
    let library = bench.path("library.sh").display().to_string();
    let path = bench.standard_path();
    let environment = [
        ("PATH", &*path),
        ("PROOFMARK_LIBRARY", &*library),
        ("GITHUB_TOKEN", "a"),
        ("CI_JOB_TOKEN", "b"),
        ("GITLAB_TOKEN", "c"),
        ("GH_TOKEN", "d"),
    ];
    let first = bench.start(&mut command, &environment);
    let mut seen = bench.ran(first, None).environment;
    seen.retain(|line| line.contains("_TOKEN="));
    seen.sort();
    assert_eq!(seen, ["CI_JOB_TOKEN=b", "GITHUB_TOKEN=a"]);
}

#[test]
fn nothing_is_published_unless_asked_for() {
    let bench = Bench::new();
    for system in SYSTEMS {
        for (wrapper, ..) in WRAPPERS {
            let ran = bench.run(system, wrapper, &Inputs::new());
            assert!(
                ran.arguments.is_some() && ran.published.is_none(),
                "{system:?} {wrapper}"
            );
        }
        let wrong = bench.run(system, "model-gate", &inputs(&[("comment", "sometimes")]));
        assert_eq!((wrong.code, &wrong.arguments), (2, &None), "{system:?}");
        assert!(wrong.published.is_none() && wrong.stderr.contains("`comment` is none of `off`"));
        let unread = inputs(&[("comment", "auto"), ("binary-path", "missing")]);
        let ran = bench.run(system, "model-gate", &unread);
        assert!(
            ran.code == 3 && ran.published.is_none(),
            "{system:?} {ran:?}"
        );
    }
    for entry in fs::read_dir(repository().join("actions")).expect("actions") {
        let path = entry.expect("an entry").path().join("action.yml");
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let action = yaml(&text);
        let steps = action["runs"]["steps"].as_array().expect("steps");
        let first = steps[0].to_string();
        assert!(
            !first.contains("github-token") && !first.contains("github.token"),
            "{first}"
        );
        if let Some(second) = steps.get(1) {
            let condition =
                "${{ !cancelled() && (inputs.comment != 'off' || inputs.status != 'off') }}";
            assert_eq!(second["if"], condition, "{}", path.display());
            assert_eq!(second["env"]["GITHUB_TOKEN"], "${{ inputs.github-token }}");
        }
    }
}

#[test]
fn the_report_to_publish_is_written_though_no_format_asks_for_it() {
    let bench = Bench::new();
    for system in SYSTEMS {
        let given = inputs(&[("comment", "on-failure"), ("report-formats", "junit")]);
        let ran = bench.run(system, "model-gate", &given);
        let published = ran.published.expect("published");
        assert_eq!((ran.code, ran.publish_code), (0, 0), "{system:?}");
        let report = &published.arguments[2];
        assert!(report.ends_with("/report.json"), "{report}");
    }
}

#[test]
fn a_verdict_survives_what_publishing_comes_to() {
    let bench = Bench::new();
    let path = bench.standard_path();
    // Comment, status, verdict, end of the publisher, end of the command's step, end of publishing.
    let cases = [
        ("auto", "off", 10, 0, 10, 0),
        ("auto", "off", 0, 4, 0, 0),
        ("auto", "off", 10, 5, 10, 0),
        ("on-failure", "off", 11, 5, 11, 0),
        ("auto", "off", 0, 2, 0, 2),
        ("always", "off", 0, 4, 0, 4),
        ("always", "off", 10, 5, 10, 5),
        ("off", "commit-status", 0, 4, 0, 4),
        ("auto", "commit-status", 11, 5, 11, 5),
        ("always", "off", 3, 4, 3, 4),
        // The verdict is for the command to give, whatever the publisher says of the evidence.
        ("always", "off", 10, 10, 10, 0),
    ];
    for (comment, status, verdict_code, publish_code, command, publishing) in cases {
        let given = inputs(&[
            ("comment", comment),
            ("status", status),
            ("fail-on", "warning"),
        ]);
        let codes = [verdict_code, publish_code].map(|code: i32| code.to_string());
        let environment = [
            ("PATH", &*path),
            ("STUB_EXIT", &*codes[0]),
            ("PUBLISH_EXIT", &*codes[1]),
        ];
        for system in SYSTEMS {
            let ran = bench.run_with(system, "model-gate", &given, &environment);
            let code = ran.publish_code;
            let case = format!("{system:?} {comment} {status} {codes:?}: {}", ran.stderr);
            if system == System::GitLab {
                // One job: what could not be published takes the place of a verdict, never of an error.
                let takes_over = publishing != 0 && verdict(command) != "error";
                assert_eq!(
                    code,
                    if takes_over { publishing } else { command },
                    "{case}"
                );
            } else {
                assert_eq!((ran.code, code), (command, publishing), "{case}");
            }
            if system == System::GitHub {
                assert_eq!(ran.outputs["verdict"], verdict(command), "{case}");
            }
            let stands = ran.stderr.contains("the verdict stands");
            assert_eq!(
                stands,
                publishing == 0 && ![0, 10].contains(&publish_code),
                "{case}"
            );
        }
    }
}

#[test]
fn the_page_of_a_gitlab_job_links_to_the_report() {
    let bench = Bench::new();
    let path = bench.standard_path();
    let file = bench.path("work/proofmark-reports/model-gate/annotations.json");
    let linked = |address: &str, given: &Inputs| {
        let _ = fs::remove_dir_all(bench.path("work/proofmark-reports"));
        let extra = [
            ("PATH", &*path),
            ("CI_JOB_URL", address),
            ("STUB_EXIT", "10"),
        ];
        bench.run_with(System::GitLab, "model-gate", given, &extra);
        fs::read_to_string(&file).ok()
    };
    let text = linked("https://gitlab.example.com/g/p/-/jobs/7", &Inputs::new()).expect("a link");
    assert_eq!(
        serde_json::from_str::<Value>(&text).expect("JSON"),
        serde_json::json!({"proofmark": [{"external_link": {
            "label": "model-gate: fail",
            "url": "https://gitlab.example.com/g/p/-/jobs/7/artifacts/file/proofmark-reports/model-gate/report.html",
        }}]})
    );
    let without = inputs(&[("report-formats", "json")]);
    assert_eq!(
        linked("https://gitlab.example.com/g/p/-/jobs/7", &without),
        None
    );
    for address in [
        "",
        "javascript:alert(1)",
        "https://x/\"}]}",
        "https://x/$(id)",
        "https://x/\n",
    ] {
        assert_eq!(linked(address, &Inputs::new()), None, "{address}");
    }
    let outside = inputs(&[("report-dir", "../out")]);
    linked("https://gitlab.example.com/g/p/-/jobs/7", &outside);
    assert!(!bench.path("out/annotations.json").exists());
}

#[test]
fn reports_summary_and_outputs_are_handed_on() {
    let bench = Bench::new();
    let ran = bench.run(System::GitHub, "model-gate", &Inputs::new());
    for name in [
        "report-json",
        "report-html",
        "report-junit",
        "report-sarif",
        "summary-file",
    ] {
        let path = &ran.outputs[name];
        assert!(Path::new(path).is_file(), "{name} {path}");
    }
    assert_eq!(ran.summary, "report");
    assert_eq!(ran.outputs["tool-version"], "0.1.0");
    assert_eq!(ran.outputs["model-digest"], format!("{:064}", 7));
    let annotation = ran
        .stdout
        .rfind("::error title=ours::found")
        .expect("annotated");
    let resumed = ran.stdout.rfind("::\n").expect("resumed");
    assert!(ran.stdout.find("::error::from the data").expect("said") < resumed);
    assert!(resumed < annotation, "{}", ran.stdout);
    let plain = inputs(&[
        ("summary", "false"),
        ("annotations", "false"),
        ("report-formats", ""),
    ]);
    let ran = bench.run(System::GitHub, "model-gate", &plain);
    let arguments = ran.arguments.clone().expect("started");
    let written = arguments
        .iter()
        .filter(|argument| argument.starts_with("--output="));
    assert_eq!(written.count(), 1, "the dotenv report is always written");
    assert!(ran.summary.is_empty() && !ran.outputs.contains_key("report-json"));
}

#[test]
fn data_cannot_forge_outputs_or_workflow_commands() {
    let bench = Bench::new();
    let given = inputs(&[("report-dir", "x\nverdict<<EOF\npass\nEOF")]);
    let path = bench.standard_path();
    let environment = [("STUB_EXIT", "10"), ("PATH", &*path)];
    let ran = bench.run_with(System::GitHub, "model-gate", &given, &environment);
    assert_eq!(ran.outputs["verdict"], "fail");
    let token = ran
        .stdout
        .strip_prefix("::stop-commands::")
        .expect("paused first");
    let token = token.lines().next().expect("a token");
    assert_eq!(token.len(), 32);
    let end = ran
        .stdout
        .find(&format!("\n::{token}::\n"))
        .expect("resumed");
    assert!(ran.stdout.find("::error::").expect("said") < end);
}

#[test]
fn an_input_the_command_does_not_take_is_refused() {
    let bench = Bench::new();
    let wrong = inputs(&[("operation", "plan"), ("reason", "why")]);
    for system in SYSTEMS {
        let ran = bench.run(system, "promote-model", &wrong);
        assert_eq!((ran.code, ran.arguments), (2, None), "{system:?}");
        assert!(
            ran.stderr.contains("`reason` has no meaning"),
            "{}",
            ran.stderr
        );
    }
    let wrong = inputs(&[("command", "model-gate"), ("stage", "production")]);
    let ran = bench.run(System::GitHub, "", &wrong);
    assert_eq!((ran.code, ran.arguments), (2, None));
    let right = inputs(&[
        ("command", "run"),
        ("stage", "production"),
        ("only", "gate\nscan"),
    ]);
    let ran = bench.run(System::GitHub, "", &right);
    let expected = [
        "run",
        "--exit-on-warn",
        "--only=gate",
        "--only=scan",
        "--stage=production",
    ];
    assert_eq!(own_arguments(&ran), expected);
    for command in ["", "gate; touch pwned", "*"] {
        let ran = bench.run(System::GitHub, "", &inputs(&[("command", command)]));
        assert_eq!((ran.code, ran.arguments), (2, None), "{command}");
    }
}

#[test]
fn wrong_values_are_errors_and_never_ignored() {
    let bench = Bench::new();
    for (name, value) in [
        ("verbose", "yes"),
        ("fail-on", "nothing"),
        ("report-formats", "json\npdf"),
        ("binary-path", "missing/proofmark"),
        ("working-directory", "missing"),
    ] {
        let ran = bench.run(System::GitHub, "model-gate", &inputs(&[(name, value)]));
        assert!([2, 3].contains(&ran.code), "{name} {ran:?}");
        assert_eq!(ran.arguments, None, "{name}");
        assert_eq!(ran.outputs["verdict"], "error", "{name}");
    }
    let wrong = inputs(&[("operation", "p.*")]);
    assert_eq!(bench.run(System::GitHub, "promote-model", &wrong).code, 2);
}

#[test]
fn an_unknown_version_without_a_checksum_is_refused() {
    let bench = Bench::new();
    for system in SYSTEMS {
        for version in ["", "9.9.9", "../../etc", "1;touch pwned"] {
            let given = inputs(&[("version", version), ("mirror-url", "file:///nowhere")]);
            let ran = bench.run_with(system, "model-gate", &given, &[("PATH", "/usr/bin:/bin")]);
            assert_eq!(
                (ran.code, ran.arguments),
                (2, None),
                "{system:?} {}",
                ran.stderr
            );
            let said = ["no SHA-256 is known for", "is not a version"];
            assert!(
                said.iter().any(|why| ran.stderr.contains(why)),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn an_archive_from_a_mirror_is_verified_each_time() {
    let bench = Bench::new();
    let archive = format!(
        "proofmark-0.1.0-{}-unknown-linux-musl.tar.gz",
        std::env::consts::ARCH
    );
    bench.install(&bench.path("mirror"));
    let packed = Command::new("tar")
        .args(["-czf", &archive, "proofmark"])
        .current_dir(bench.path("mirror"))
        .status();
    assert!(packed.expect("tar").success());
    let bytes = fs::read(bench.path("mirror").join(&archive)).expect("an archive");
    let checksum = proofmark::evidence::Sha256::of(&bytes).to_string();
    let mirror = format!("file://{}", bench.path("mirror").display());
    let cache = bench.path("cache");
    let cached = cache.join("proofmark/0.1.0").join(&archive);
    let environment = [
        ("PATH", "/usr/bin:/bin"),
        ("RUNNER_TOOL_CACHE", cache.to_str().expect("UTF-8")),
    ];
    let right = inputs(&[("checksum", &checksum), ("mirror-url", &mirror)]);
    let wrong = inputs(&[("checksum", &"0".repeat(64)), ("mirror-url", &mirror)]);

    let ran = bench.run_with(System::GitHub, "model-gate", &wrong, &environment);
    assert_eq!((ran.code, &ran.arguments), (6, &None), "{}", ran.stderr);
    assert!(!cached.exists());
    let ran = bench.run_with(System::GitHub, "model-gate", &right, &environment);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read(&cached).expect("kept"), bytes);

    let gone = inputs(&[("checksum", &checksum), ("mirror-url", "file:///nowhere")]);
    let ran = bench.run_with(System::GitHub, "model-gate", &gone, &environment);
    assert_eq!(ran.code, 0, "from the cache: {}", ran.stderr);
    fs::write(&cached, "something else").expect("written");
    let ran = bench.run_with(System::GitHub, "model-gate", &gone, &environment);
    assert_eq!(
        (ran.code, ran.arguments),
        (5, None),
        "a damaged cache is not used"
    );
}

#[test]
fn the_real_program_speaks_through_every_system() {
    let bench = Bench::new();
    for system in SYSTEMS {
        let project = Project::credit();
        let folder = project.path("").display().to_string();
        let given = inputs(&[
            ("binary-path", env!("CARGO_BIN_EXE_proofmark")),
            ("working-directory", &folder),
            ("fail-on", "warning"),
        ]);
        let judge = |code: i32, why: &str| {
            let ran = bench.run(system, "model-gate", &given);
            assert_eq!(
                ran.code, code,
                "{system:?} {why}: {} {}",
                ran.stdout, ran.stderr
            );
            ran
        };
        // Applicants under 26 are granted fewer credits: a warning.
        let warned = judge(11, "warnings");
        if system == System::GitHub {
            assert_eq!(warned.outputs["verdict"], "warn");
            assert_eq!(warned.outputs["model-digest"].len(), 64);
            assert!(warned.summary.contains("credit-risk"), "{}", warned.summary);
            assert!(warned.stdout.contains("::warning "), "{}", warned.stdout);
        }
        project.edit("proofmark.yaml", "severity: warning", "severity: error");
        judge(10, "not passed");
        project.edit(
            "proofmark.yaml",
            "at_most: 0.20, severity: error",
            "at_most: 0.90",
        );
        judge(0, "passed");
        project.edit("proofmark.yaml", "  metrics:", "  metrcs:");
        judge(2, "misspelt");
    }
}

#[test]
fn the_real_program_comments_through_every_system() {
    let bench = Bench::new();
    let path = bench.standard_path();
    let project = Project::credit();
    let folder = project.path("").display().to_string();
    let event = bench.path("event.json");
    let pull = serde_json::json!({"pull_request": {
        "number": 7,
        "head": {"sha": "b".repeat(40), "ref": "x", "repo": {"full_name": "acme/churn"}},
        "base": {"sha": "c".repeat(40), "repo": {"full_name": "acme/churn"}},
    }});
    fs::write(&event, pull.to_string()).expect("written");
    for system in SYSTEMS {
        let forge = Forge::start();
        let address = forge.url();
        let gitlab_address = format!("{address}/api/v4");
        let mut given = inputs(&[
            ("binary-path", env!("CARGO_BIN_EXE_proofmark")),
            ("working-directory", &folder),
            ("comment", "always"),
        ]);
        let extra: &[(&str, &str)] = match system {
            System::GitHub => &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "acme/churn"),
                ("GITHUB_EVENT_NAME", "pull_request"),
                ("GITHUB_EVENT_PATH", event.to_str().expect("UTF-8")),
                ("GITHUB_API_URL", &address),
            ],
            System::GitLab => &[
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_PATH", "acme/churn"),
                ("CI_MERGE_REQUEST_IID", "7"),
                ("CI_API_V4_URL", &gitlab_address),
            ],
            System::Jenkins => {
                for (name, value) in [
                    ("forge", "github"),
                    ("repository", "acme/churn"),
                    ("change", "7"),
                    ("api-url", &*address),
                ] {
                    given.insert(name.to_owned(), value.to_owned());
                }
                &[
                    ("JENKINS_URL", "https://ci.example.com"),
                    ("JOB_NAME", "churn"),
                ]
            }
        };
        let extra = [&[("PATH", &*path)], extra].concat();
        // A second run changes the comment it finds, and makes no other.
        for _ in 0..2 {
            let ran = bench.run_with(system, "model-gate", &given, &extra);
            let verdict = if system == System::GitHub { 0 } else { 11 };
            assert_eq!(ran.code, verdict, "{system:?} {}", ran.stderr);
            let state = forge.state();
            assert_eq!(
                state.comments.len(),
                1,
                "{system:?} {:?} {}",
                state.asked,
                ran.stderr
            );
            assert!(
                state.comments[0].body.contains("credit-risk"),
                "{}",
                state.comments[0].body
            );
            assert!(state.headers.contains(TOKEN), "{}", state.headers);
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(TOKEN));
        }
        // What was demanded and is refused fails the step that publishes, and the verdict stays known.
        for path in ["/comments", "/notes"] {
            let refusal = r#"{"message":"Resource not accessible by integration"}"#;
            forge.state().faults.push((path, 403, refusal));
        }
        let ran = bench.run_with(system, "model-gate", &given, &extra);
        assert_eq!(ran.publish_code, 4, "{system:?} {}", ran.stderr);
        assert_eq!(forge.state().comments.len(), 1);
        if system == System::GitHub {
            assert_eq!(ran.outputs["verdict"], "warn");
        }
    }
}

#[test]
fn setup_puts_the_program_where_later_steps_find_it() {
    let bench = Bench::new();
    let ran = bench.run(System::GitHub, "setup", &Inputs::new());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let added = fs::read_to_string(bench.path("added")).expect("a path");
    assert_eq!(added.trim_end(), bench.path("bin").to_str().expect("UTF-8"));
    for system in [System::GitLab, System::Jenkins] {
        let ran = bench.run(system, "setup", &Inputs::new());
        assert_eq!(
            (ran.code, ran.arguments),
            (0, None),
            "{system:?} {}",
            ran.stderr
        );
        assert!(bench.path("work/.proofmark/proofmark").is_file());
        fs::remove_dir_all(bench.path("work/.proofmark")).expect("removed");
    }
}

/// The inputs of the wrappers themselves with the systems that have them, from the annotations.
fn own_inputs() -> BTreeMap<String, Vec<String>> {
    let annotations = fs::read_to_string(repository().join("templates/wrappers/surfaces.yaml"));
    let annotations = yaml(&annotations.expect("annotations"));
    let parts = [
        &annotations["acquisition"],
        &annotations["execution"],
        &annotations["publishing"]["inputs"],
    ];
    let all = || ["github", "gitlab", "jenkins"].map(str::to_owned).to_vec();
    parts
        .iter()
        .flat_map(|part| part.as_object().expect("a mapping"))
        .map(|(name, input)| {
            let listed = input["systems"].as_array().map(|systems| {
                let names = systems.iter().map(|name| name.as_str().expect("a name"));
                names.map(str::to_owned).collect()
            });
            (name.clone(), listed.unwrap_or_else(all))
        })
        .collect()
}

#[test]
fn every_input_is_a_flag_and_every_flag_an_input_or_left_out_on_purpose() {
    let own = own_inputs();
    let globals = ["operation", "config", "baseline", "verbose"];
    for (wrapper, _, operations) in WRAPPERS {
        let action = fs::read_to_string(repository().join(format!("actions/{wrapper}/action.yml")));
        let action = yaml(&action.expect("an action"));
        let names = |value: &Value| -> Vec<String> {
            value.as_object().expect("inputs").keys().cloned().collect()
        };
        let github = names(&action["inputs"]);
        let gitlab = names(&component("templates", wrapper).0["spec"]["inputs"]);
        let jenkins: Vec<String> = jenkins_inputs(wrapper)
            .into_iter()
            .map(|(name, ..)| name)
            .collect();
        let there = |name: &str| {
            [
                ("github", github.contains(&name.to_owned())),
                ("gitlab", gitlab.contains(&name.replace('-', "_"))),
                ("jenkins", jenkins.contains(&camel(name))),
            ]
        };
        for (name, systems) in &own {
            for (system, has) in there(name) {
                let should = systems.iter().any(|known| known == system);
                assert_eq!(has, should, "{wrapper} {name} on {system}");
            }
        }
        let flags = operations.iter().flat_map(|(_, names)| names.iter());
        for name in flags.clone() {
            assert!(there(name).iter().all(|(_, has)| *has), "{wrapper} {name}");
        }
        for name in &github {
            let known = own.contains_key(name)
                || globals.contains(&name.as_str())
                || flags.clone().any(|flag| flag == name);
            assert!(known, "`{name}` of {wrapper} is in no test");
        }
    }
}

#[test]
fn a_value_of_gitlab_is_held_to_a_list_or_a_pattern_and_goes_into_variables_only() {
    for flavour in FLAVOURS {
        for (wrapper, ..) in WRAPPERS.iter().chain(&[("setup", "", &[][..])]) {
            let (specification, body) = component(flavour, wrapper);
            for (name, input) in specification["spec"]["inputs"].as_object().expect("inputs") {
                if input["type"].is_null() {
                    let held = input["options"].is_array() || input["regex"].is_string();
                    assert!(held, "{flavour} {wrapper} {name}");
                    check_default(input, name);
                }
            }
            let job = &body["$[[ inputs.job_name ]]"];
            assert!(!job["script"].to_string().contains("$[["), "{wrapper}");
            assert_eq!(body.as_object().expect("jobs").len(), 1, "{wrapper}");
            assert_eq!(
                job["retry"]["when"],
                serde_json::json!(["runner_system_failure"])
            );
        }
    }
}

/// The default of an input is one of its options, and its pattern is a regular expression that takes
/// the default and no control character.
fn check_default(input: &Value, name: &str) {
    let default = input["default"].as_str().expect("text");
    if let Some(options) = input["options"].as_array() {
        let listed = options.iter().any(|option| option == default);
        assert!(listed || default.is_empty(), "{name}");
    }
    if let Some(pattern) = input["regex"].as_str() {
        let pattern = regex::Regex::new(pattern).expect("a pattern");
        assert!(pattern.is_match(default), "{name}: {default:?}");
        for hostile in ["a\u{0}b", "a\u{1b}[31mb", "a\rb"] {
            assert!(!pattern.is_match(hostile), "{name} takes {hostile:?}");
        }
    }
}

/// The two forms of every component.
const FLAVOURS: [&str; 2] = ["templates", "templates-before-18.7"];

#[test]
fn the_flavours_of_a_component_differ_only_in_what_they_know_of_themselves() {
    let read = |flavour: &str, wrapper: &str| {
        let path = format!("gitlab/{flavour}/{wrapper}/template.yml");
        fs::read_to_string(repository().join(path)).expect("a template")
    };
    for (wrapper, ..) in WRAPPERS {
        let (new, old) = (
            read("templates", wrapper),
            read("templates-before-18.7", wrapper),
        );
        let new: Vec<&str> = new.lines().collect();
        let only_new: Vec<&&str> = new
            .iter()
            .filter(|line| !old.lines().any(|other| other == **line))
            .collect();
        for line in &only_new {
            let known = [
                "#",
                "description:",
                "component:",
                "PROOFMARK_COMPONENT",
                "value: $[[ component.",
                "value: v$[[ component.",
            ];
            assert!(
                known.iter().any(|start| line.trim().starts_with(start)),
                "{line}"
            );
        }
        assert!(only_new.len() <= 10, "{only_new:?}");
        assert!(!old.contains("$[[ component."), "{wrapper}");
    }
}

#[test]
fn a_component_of_a_release_takes_the_program_of_that_release() {
    let bench = Bench::new();
    let wanted = |version: &str| {
        let given = inputs(&[("(component)", version), ("mirror-url", "file:///nowhere")]);
        let mut command = bench.gitlab_flavour("templates", "model-gate", &given);
        bench
            .start(&mut command, &[("PATH", "/usr/bin:/bin")])
            .stderr
    };
    for (component, archive) in [
        ("9.8.7", "proofmark-9.8.7-"),
        ("v9.8.7-rc.1", "proofmark-9.8.7-rc.1-"),
        ("", "proofmark-0.1.0-"),
        ("main", "proofmark-0.1.0-"),
        ("1.2", "proofmark-0.1.0-"),
        ("9.8.7;touch pwned", "proofmark-0.1.0-"),
        ("$[[ component.version ]]", "proofmark-0.1.0-"),
    ] {
        let said = wanted(component);
        assert!(said.contains(archive), "{component}: {said}");
    }
}

#[test]
fn an_input_that_was_released_stays_or_is_deprecated() {
    let known = fs::read_to_string(repository().join("fixtures/wrappers/inputs.txt"));
    let annotations = fs::read_to_string(repository().join("templates/wrappers/surfaces.yaml"));
    let deprecated = yaml(&annotations.expect("annotations"))["deprecated"].clone();
    let mut released = 0;
    for line in known.expect("the inputs of the last release").lines() {
        let Some((wrapper, input)) = line.split_once(' ').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        released += 1;
        let action = fs::read_to_string(repository().join(format!("actions/{wrapper}/action.yml")));
        let there = action.is_ok_and(|text| yaml(&text)["inputs"].get(input).is_some());
        let excused = deprecated[line].is_string();
        assert!(
            there || excused,
            "`{line}` is gone and not in `deprecated` of surfaces.yaml"
        );
    }
    assert!(80 <= released, "the list of inputs has only {released}");
}

#[test]
fn no_expression_stands_in_a_script() {
    let mut actions = vec![repository().join("action.yml")];
    for entry in fs::read_dir(repository().join("actions")).expect("actions") {
        let path = entry.expect("an entry").path().join("action.yml");
        if path.is_file() {
            actions.push(path);
        }
    }
    assert!(9 <= actions.len());
    for path in actions {
        let action = yaml(&fs::read_to_string(&path).expect("an action"));
        for step in action["runs"]["steps"].as_array().expect("steps") {
            let script = step["run"].as_str().expect("a script");
            assert!(!script.contains("${{"), "{}", path.display());
        }
    }
}

#[test]
fn the_library_runs_in_the_shells_of_small_images() {
    let library = repository().join("actions/_lib/proofmark.sh");
    let jenkins = repository().join("jenkins/resources/proofmark/proofmark.sh");
    let text = fs::read_to_string(&library).expect("the library");
    assert_eq!(text, fs::read_to_string(jenkins).expect("the library"));
    for shell in ["sh", "bash"] {
        let parsed = Command::new(shell).arg("-n").arg(&library).status();
        assert!(parsed.expect("a shell").success(), "{shell}");
    }
}
