//! Wrappers as files: one composite action, one component and one step each, and the shell library
//! they share. Values are quoted here for the language they are put into.

use serde::Serialize;

use super::WrapperError;
use super::spec::{CommandSpec, Facts};
use super::surfaces::{Kind, System};
use super::verdicts::verdicts;
use super::wrapper::{Input, Wrapper, on, own_inputs, wrappers};
use super::{publishing, reference};
use crate::template::render_code;

const LIBRARY: &str = include_str!("../../templates/wrappers/proofmark.sh");
const ACTION: &str = include_str!("../../templates/wrappers/action.yml");
const COMPONENT: &str = include_str!("../../templates/wrappers/template.yml");
const STEP: &str = include_str!("../../templates/wrappers/step.groovy");
const STEPS: &str = include_str!("../../templates/wrappers/proofmark.groovy");
const REPORTS: &str = include_str!("../../templates/wrappers/reports.groovy");

/// Arguments of the Jenkins steps that are no inputs: what the Groovy decides itself.
const STEP_ARGUMENTS: [&str; 7] = [
    "failOn",
    "junitReport",
    "issues",
    "htmlReport",
    "checks",
    "archive",
    "tokenCredential",
];

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its path in the repository, with `/`.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// Every file of every wrapper of the program whose commands are `root`, sorted by path.
///
/// # Errors
/// When the annotations do not fit the commands, or a template is malformed.
pub fn generate(root: &CommandSpec, facts: &Facts) -> Result<Vec<GeneratedFile>, WrapperError> {
    let wrappers = wrappers(root)?;
    let shared = Shared::of(root, facts)?;
    let library = shared.library(&wrappers)?;
    let mut files = vec![
        file("action.yml", umbrella(&wrappers)?),
        file("actions/_lib/proofmark.sh", library.clone()),
        file("actions/README.md", reference::github(&wrappers, facts)?),
        file("actions/AIR-GAPPED.md", reference::air_gapped(facts)?),
        file("gitlab/README.md", reference::gitlab(&wrappers, facts)?),
        file("jenkins/README.md", reference::jenkins(&wrappers, facts)?),
        file("jenkins/resources/proofmark/proofmark.sh", library),
        file("jenkins/vars/proofmark.groovy", shared_step()?),
        file("jenkins/vars/proofmark.txt", reference::shared_step_help()),
        file("jenkins/vars/proofmarkReports.groovy", REPORTS.to_owned()),
        file(
            "jenkins/vars/proofmarkReports.txt",
            reference::shared_step_help(),
        ),
    ];
    for wrapper in &wrappers {
        let (name, step) = (&wrapper.name, &wrapper.step);
        files.extend([
            file(&format!("actions/{name}/action.yml"), action(wrapper)?),
            file(
                &format!("gitlab/templates/{name}/template.yml"),
                shared.component(wrapper, Flavour::Component)?,
            ),
            file(
                &format!("gitlab/templates-before-18.7/{name}/template.yml"),
                shared.component(wrapper, Flavour::Template)?,
            ),
            file(&format!("jenkins/vars/{step}.groovy"), groovy(wrapper)?),
            file(
                &format!("jenkins/vars/{step}.txt"),
                reference::step_help(wrapper),
            ),
        ]);
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn file(path: &str, text: String) -> GeneratedFile {
    GeneratedFile {
        path: path.to_owned(),
        text,
    }
}

/// The two forms of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flavour {
    /// Knows its own version; GitLab 18.7 and later, `include: component` only.
    Component,
    /// Any GitLab and any `include`.
    Template,
}

/// What the shell library holds whatever the wrapper.
struct Shared<'a> {
    facts: &'a Facts,
    publish_plan: Vec<String>,
    own_inputs: Vec<Input>,
}

#[derive(Serialize)]
struct Verdict {
    code: u8,
    word: &'static str,
}

fn verdict_views() -> Vec<Verdict> {
    verdicts()
        .map(|(code, word)| Verdict { code, word })
        .collect()
}

impl<'a> Shared<'a> {
    fn of(root: &CommandSpec, facts: &'a Facts) -> Result<Self, WrapperError> {
        Ok(Self {
            facts,
            publish_plan: publishing::plan(root)?,
            own_inputs: own_inputs(root)?,
        })
    }

    /// The shell library with the plans of `wrappers`.
    fn library(&self, wrappers: &[Wrapper]) -> Result<String, WrapperError> {
        #[derive(Serialize)]
        struct Plan<'a> {
            name: &'a str,
            lines: &'a [String],
        }
        #[derive(Serialize)]
        struct Format<'a> {
            name: &'a str,
            file: String,
        }
        #[derive(Serialize)]
        struct Choices {
            variable: String,
            choices: String,
        }
        #[derive(Serialize)]
        struct Context<'a> {
            plans: Vec<Plan<'a>>,
            publish_plan: &'a [String],
            checksums: Vec<&'a str>,
            formats: Vec<Format<'a>>,
            own_inputs: String,
            choices: Vec<Choices>,
            verdicts: Vec<Verdict>,
            version: &'a str,
            repository: &'a str,
        }
        let plans = wrappers.iter().map(|wrapper| Plan {
            name: &wrapper.name,
            lines: &wrapper.plan,
        });
        let formats = self.facts.formats.iter().map(|format| Format {
            name: &format.name,
            file: format.file_name(),
        });
        let own = self.own_inputs.iter();
        let mut own_names: Vec<String> = own.clone().map(Input::variable).collect();
        own_names.push("OPERATION".to_owned());
        let choices = own
            .filter(|input| input.kind == Kind::Enum)
            .map(|input| Choices {
                variable: input.variable(),
                choices: input.choices.join(" "),
            });
        let context = Context {
            plans: plans.collect(),
            publish_plan: &self.publish_plan,
            checksums: self.facts.checksums.lines().collect(),
            formats: formats.collect(),
            own_inputs: own_names.join(" "),
            choices: choices.collect(),
            verdicts: verdict_views(),
            version: &self.facts.version,
            repository: &self.facts.repository,
        };
        Ok(render_code(LIBRARY, context)?)
    }

    /// The CI/CD component of one wrapper; its library holds only the plan it needs.
    fn component(&self, wrapper: &Wrapper, flavour: Flavour) -> Result<String, WrapperError> {
        #[derive(Serialize)]
        struct Context<'a> {
            component: bool,
            description: String,
            job: String,
            runs: bool,
            interruptible: bool,
            deploys: bool,
            inputs: Vec<InputView>,
            wrapper: &'a str,
            version: &'a str,
            library: String,
            reports: Vec<ReportView>,
        }
        let library = self.library(std::slice::from_ref(wrapper))?;
        let reports = gitlab_reports(self.facts);
        let mut inputs = wrapper.inputs_on(System::Gitlab);
        if let Some(formats) = inputs
            .iter_mut()
            .find(|input| input.name == "report-formats")
        {
            for report in &reports {
                if !formats.default.lines().any(|name| name == report.format) {
                    formats.default = format!("{}\n{}", formats.default, report.format);
                }
            }
        }
        let context = Context {
            component: flavour == Flavour::Component,
            description: yaml(&wrapper.summary),
            job: yaml(&format!("proofmark-{}", wrapper.name)),
            runs: wrapper.runs(),
            interruptible: !wrapper.changes,
            deploys: wrapper.deploys,
            inputs: views(&inputs, yaml),
            wrapper: &wrapper.name,
            version: &self.facts.version,
            library: indent(&library, 6),
            reports,
        };
        Ok(render_code(COMPONENT, context)?)
    }
}

/// What the Jenkins steps share.
fn shared_step() -> Result<String, WrapperError> {
    #[derive(Serialize)]
    struct Context {
        verdicts: Vec<Verdict>,
        step_arguments: String,
    }
    let context = Context {
        verdicts: verdict_views(),
        step_arguments: STEP_ARGUMENTS.map(groovy_text).join(", "),
    };
    Ok(render_code(STEPS, context)?)
}

/// An input as the templates see it; every field is quoted for its place.
#[derive(Serialize)]
struct InputView {
    github: String,
    gitlab: String,
    jenkins: String,
    variable: String,
    description: String,
    default: String,
    kind: &'static str,
    options: Option<String>,
    pattern: Option<String>,
}

fn view(input: &Input, quote: fn(&str) -> String) -> InputView {
    let choices: Vec<String> = input.choices.iter().map(|choice| quote(choice)).collect();
    InputView {
        github: input.name.clone(),
        gitlab: input.gitlab(),
        jenkins: input.jenkins(),
        variable: input.variable(),
        description: quote(&input.summary),
        default: quote(&input.default),
        kind: input.kind.as_str(),
        options: (!choices.is_empty()).then(|| choices.join(", ")),
        pattern: input.pattern.as_deref().map(quote),
    }
}

fn views(inputs: &[Input], quote: fn(&str) -> String) -> Vec<InputView> {
    inputs.iter().map(|input| view(input, quote)).collect()
}

/// What a step hands to later steps.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Output {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub description: &'static str,
}

const TOOL_OUTPUTS: [Output; 2] = [
    Output {
        name: "tool-version",
        description: "Version of proofmark that is used",
    },
    Output {
        name: "tool-path",
        description: "Path of proofmark",
    },
];

const RUN_OUTPUTS: [Output; 8] = [
    Output {
        name: "verdict",
        description: "pass, warn, fail, pending, rolled-back, or error when there is no verdict",
    },
    Output {
        name: "exit-code",
        description: "Exit code of proofmark, whatever fail-on makes of it",
    },
    Output {
        name: "model-digest",
        description: "Root digest (SHA-256) of the model the report is about, when it names one",
    },
    Output {
        name: "report-json",
        description: "Path of the JSON report, when it was written",
    },
    Output {
        name: "report-html",
        description: "Path of the HTML report, when it was written",
    },
    Output {
        name: "report-junit",
        description: "Path of the JUnit report, when it was written",
    },
    Output {
        name: "report-sarif",
        description: "Path of the SARIF report, when it was written",
    },
    Output {
        name: "summary-file",
        description: "Path of the Markdown report, when it was written",
    },
];

/// The outputs of a wrapper.
pub(super) fn outputs(runs: bool) -> Vec<Output> {
    let run: &[Output] = if runs { &RUN_OUTPUTS } else { &[] };
    run.iter().chain(&TOOL_OUTPUTS).copied().collect()
}

#[derive(Serialize)]
struct ActionContext {
    title: String,
    description: String,
    commands: Option<String>,
    inputs: Vec<InputView>,
    command_inputs: Vec<InputView>,
    publish_inputs: Vec<InputView>,
    outputs: Vec<OutputView>,
    wrapper: String,
    library: &'static str,
}

impl ActionContext {
    /// The inputs, and which of them each of the two steps is told. The token is an environment
    /// variable of the second alone.
    fn new(title: &str, description: &str, inputs: &[Input], runs: bool) -> Self {
        let of = |wanted: fn(&Input) -> bool| -> Vec<InputView> {
            let found = inputs.iter().filter(|input| wanted(input));
            found.map(|input| view(input, yaml)).collect()
        };
        Self {
            title: yaml(title),
            description: yaml(description),
            commands: None,
            inputs: views(inputs, yaml),
            command_inputs: of(|input| !input.publishing || decides_publishing(input)),
            publish_inputs: if runs { of(is_published) } else { Vec::new() },
            outputs: output_views(runs),
            wrapper: String::new(),
            library: "../_lib/proofmark.sh",
        }
    }
}

/// Whether an input says that something is published at all.
fn decides_publishing(input: &Input) -> bool {
    input.name == "comment" || input.name == "status"
}

/// Whether the second process is told an input.
fn is_published(input: &Input) -> bool {
    let shared = ["config", "baseline", "working-directory"];
    let about = input.publishing && input.kind != Kind::Secret;
    about || shared.contains(&input.name.as_str())
}

#[derive(Serialize)]
struct OutputView {
    name: &'static str,
    description: String,
}

fn output_views(runs: bool) -> Vec<OutputView> {
    outputs(runs)
        .iter()
        .map(|output| OutputView {
            name: output.name,
            description: yaml(output.description),
        })
        .collect()
}

/// The composite action of one wrapper.
fn action(wrapper: &Wrapper) -> Result<String, WrapperError> {
    let context = ActionContext {
        wrapper: wrapper.name.clone(),
        ..ActionContext::new(
            &format!("Proofmark {}", wrapper.name),
            &wrapper.summary,
            &wrapper.inputs_on(System::Github),
            wrapper.runs(),
        )
    };
    Ok(render_code(ACTION, context)?)
}

/// The action at the root of the repository: every command, chosen by an input.
fn umbrella(wrappers: &[Wrapper]) -> Result<String, WrapperError> {
    let names: Vec<&str> = wrappers
        .iter()
        .map(|wrapper| wrapper.name.as_str())
        .collect();
    let context = ActionContext {
        commands: Some(yaml(&format!("What to run: {}", names.join(", ")))),
        wrapper: "${{ inputs.command }}".to_owned(),
        library: "actions/_lib/proofmark.sh",
        ..ActionContext::new(
            "Proofmark",
            "Decide with signed evidence whether a machine-learning model may go live",
            &umbrella_inputs(wrappers),
            true,
        )
    };
    Ok(render_code(ACTION, context)?)
}

/// The inputs of all wrappers, each once. An input that the chosen command does not take is refused
/// by the shell library, so those of single commands have no default.
fn umbrella_inputs(wrappers: &[Wrapper]) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for input in wrappers.iter().flat_map(|wrapper| &wrapper.inputs) {
        if inputs.iter().any(|known| known.name == input.name) {
            continue;
        }
        let takers: Vec<&str> = wrappers
            .iter()
            .filter(|wrapper| wrapper.inputs.iter().any(|other| other.name == input.name))
            .map(|wrapper| wrapper.name.as_str())
            .collect();
        let mut input = input.clone();
        if takers.len() + 1 < wrappers.len() {
            input.summary = format!("{} (only {})", input.summary, takers.join(", "));
        }
        match input.name.as_str() {
            "operation" => {
                input.summary = format!(
                    "What to do, for commands with a choice (only {})",
                    takers.join(", ")
                );
                input.default.clear();
            }
            "report-dir" => input.default.clear(),
            _ => {}
        }
        inputs.push(input);
    }
    on(System::Github, &inputs)
}

/// A report GitLab reads by a keyword of `artifacts:reports`.
#[derive(Serialize)]
struct ReportView {
    keyword: &'static str,
    format: &'static str,
    file: String,
}

/// The formats of this program that GitLab reads without a token.
fn gitlab_reports(facts: &Facts) -> Vec<ReportView> {
    [
        ("junit", "junit"),
        ("codequality", "codequality"),
        ("metrics", "openmetrics"),
    ]
    .into_iter()
    .filter_map(|(keyword, name)| {
        let format = facts.formats.iter().find(|format| format.name == name)?;
        Some(ReportView {
            keyword,
            format: name,
            file: format.file_name(),
        })
    })
    .collect()
}

/// The Jenkins step of one wrapper.
fn groovy(wrapper: &Wrapper) -> Result<String, WrapperError> {
    #[derive(Serialize)]
    struct CredentialView<'a> {
        name: &'a str,
        kind: &'a str,
        variable: &'a str,
        input: String,
    }
    #[derive(Serialize)]
    struct Context<'a> {
        summary: &'a str,
        name: &'a str,
        wrapper: &'a str,
        inputs: Vec<InputView>,
        credentials: Vec<CredentialView<'a>>,
    }
    let credentials = wrapper.credentials.iter();
    let context = Context {
        summary: &wrapper.summary,
        name: &wrapper.step,
        wrapper: &wrapper.name,
        inputs: views(&wrapper.inputs_on(System::Jenkins), groovy_text),
        credentials: credentials
            .map(|(name, credential)| CredentialView {
                name,
                kind: &credential.kind,
                variable: &credential.variable,
                input: credential
                    .input
                    .as_deref()
                    .map(|input| input.replace('-', "_").to_ascii_uppercase())
                    .unwrap_or_default(),
            })
            .collect(),
    };
    Ok(render_code(STEP, context)?)
}

/// A YAML scalar: single-quoted, or double-quoted when it has several lines.
fn yaml(text: &str) -> String {
    if text.contains('\n') {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("\"{}\"", escaped.replace('\n', "\\n"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A Groovy string in which nothing is replaced.
fn groovy_text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", escaped.replace('\n', "\\n"))
}

/// Lines moved right; empty ones stay empty.
fn indent(text: &str, columns: usize) -> String {
    text.lines()
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("{:columns$}{line}", "")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}
