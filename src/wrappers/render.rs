//! Wrappers as files: one composite action, one component and one step each, and the shell library
//! they share. Values are quoted here for the language they are put into.

use serde::Serialize;

use super::WrapperError;
use super::reference;
use super::spec::{CommandSpec, Facts};
use super::wrapper::{Input, Wrapper, own_input_names, wrappers};
use crate::template::render_code;

const LIBRARY: &str = include_str!("../../templates/wrappers/proofmark.sh");
const ACTION: &str = include_str!("../../templates/wrappers/action.yml");
const COMPONENT: &str = include_str!("../../templates/wrappers/template.yml");
const STEP: &str = include_str!("../../templates/wrappers/step.groovy");
const STEPS: &str = include_str!("../../templates/wrappers/proofmark.groovy");

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
    let library = library(&wrappers, facts)?;
    let mut files = vec![
        file("action.yml", umbrella(&wrappers)?),
        file("actions/_lib/proofmark.sh", library.clone()),
        file("actions/README.md", reference::github(&wrappers)?),
        file("gitlab/README.md", reference::gitlab(&wrappers)?),
        file("jenkins/README.md", reference::jenkins(&wrappers)?),
        file("jenkins/resources/proofmark/proofmark.sh", library),
        file("jenkins/vars/proofmark.groovy", STEPS.to_owned()),
        file("jenkins/vars/proofmark.txt", reference::shared_step_help()),
    ];
    for wrapper in &wrappers {
        let (name, step) = (&wrapper.name, &wrapper.step);
        files.extend([
            file(&format!("actions/{name}/action.yml"), action(wrapper)?),
            file(
                &format!("gitlab/templates/{name}/template.yml"),
                component(wrapper, facts)?,
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

/// The shell library with the plans of `wrappers`.
fn library(wrappers: &[Wrapper], facts: &Facts) -> Result<String, WrapperError> {
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
    struct Context<'a> {
        plans: Vec<Plan<'a>>,
        checksums: Vec<&'a str>,
        formats: Vec<Format<'a>>,
        own_inputs: String,
        version: &'a str,
        repository: &'a str,
    }
    let own_inputs: Vec<String> = own_input_names()?
        .iter()
        .map(|name| name.replace('-', "_").to_ascii_uppercase())
        .collect();
    let context = Context {
        plans: wrappers
            .iter()
            .map(|wrapper| Plan {
                name: &wrapper.name,
                lines: &wrapper.plan,
            })
            .collect(),
        checksums: facts.checksums.lines().collect(),
        formats: facts
            .formats
            .iter()
            .map(|format| Format {
                name: &format.name,
                file: format.file_name(),
            })
            .collect(),
        own_inputs: own_inputs.join(" "),
        version: &facts.version,
        repository: &facts.repository,
    };
    Ok(render_code(LIBRARY, context)?)
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
        kind: input.kind,
        options: (!choices.is_empty()).then(|| choices.join(", ")),
        pattern: input.pattern.as_deref().map(quote),
    }
}

/// The inputs only GitHub's wrappers have; the others let the job decide.
pub(super) fn github_inputs() -> Vec<Input> {
    let verdicts = ["error", "warning", "never"].map(str::to_owned).to_vec();
    let switch = ["true", "false"].map(str::to_owned).to_vec();
    let input = |name: &str, summary: &str, kind, default: &str, choices| Input {
        name: name.to_owned(),
        summary: summary.to_owned(),
        kind,
        default: default.to_owned(),
        choices,
        pattern: None,
        flag: None,
    };
    vec![
        input(
            "fail-on",
            "Verdicts that fail the step: error (not passed, pending, rolled back), warning (those and warnings) or never; what is no verdict always fails it",
            "enum",
            "error",
            verdicts,
        ),
        input(
            "annotations",
            "Show the worst findings, at most ten, on the lines that demanded them",
            "bool",
            "true",
            switch.clone(),
        ),
        input(
            "summary",
            "Show the report on the page of the run",
            "bool",
            "true",
            switch,
        ),
    ]
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
    outputs: Vec<OutputView>,
    wrapper: String,
    library: &'static str,
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
    let runs = !wrapper.operations.is_empty();
    let mut inputs = wrapper.inputs.clone();
    if runs {
        inputs.extend(github_inputs());
    }
    let context = ActionContext {
        title: yaml(&format!("Proofmark {}", wrapper.name)),
        description: yaml(&wrapper.summary),
        commands: None,
        inputs: inputs.iter().map(|input| view(input, yaml)).collect(),
        outputs: output_views(runs),
        wrapper: wrapper.name.clone(),
        library: "../_lib/proofmark.sh",
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
        title: yaml("Proofmark"),
        description: yaml(
            "Decide with signed evidence whether a machine-learning model may go live",
        ),
        commands: Some(yaml(&format!("What to run: {}", names.join(", ")))),
        inputs: umbrella_inputs(wrappers)
            .iter()
            .map(|input| view(input, yaml))
            .collect(),
        outputs: output_views(true),
        wrapper: "${{ inputs.command }}".to_owned(),
        library: "actions/_lib/proofmark.sh",
    };
    Ok(render_code(ACTION, context)?)
}

/// The inputs of all wrappers, each once. An input that the chosen command does not take is refused
/// by the shell library, so those of single commands have no default.
pub(super) fn umbrella_inputs(wrappers: &[Wrapper]) -> Vec<Input> {
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
    inputs.extend(github_inputs());
    inputs
}

/// The CI/CD component of one wrapper; its library holds only the plan it needs.
fn component(wrapper: &Wrapper, facts: &Facts) -> Result<String, WrapperError> {
    #[derive(Serialize)]
    struct Context<'a> {
        job: String,
        runs: bool,
        inputs: Vec<InputView>,
        wrapper: &'a str,
        version: &'a str,
        library: String,
        reports: Vec<ReportView>,
    }
    let library = library(std::slice::from_ref(wrapper), facts)?;
    let reports = gitlab_reports(facts);
    let mut inputs = wrapper.inputs.clone();
    for input in inputs
        .iter_mut()
        .filter(|input| input.name == "report-formats")
    {
        for report in &reports {
            if !input.default.lines().any(|name| name == report.format) {
                input.default = format!("{}\n{}", input.default, report.format);
            }
        }
    }
    let context = Context {
        job: yaml(&format!("proofmark-{}", wrapper.name)),
        runs: !wrapper.operations.is_empty(),
        inputs: inputs.iter().map(|input| view(input, yaml)).collect(),
        wrapper: &wrapper.name,
        version: &facts.version,
        library: indent(&library, 6),
        reports,
    };
    Ok(render_code(COMPONENT, context)?)
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
        inputs: wrapper
            .inputs
            .iter()
            .map(|input| view(input, groovy_text))
            .collect(),
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
