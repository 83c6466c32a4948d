//! The pages that describe the wrappers, and the help texts of the Jenkins steps.

use std::fmt::Write as _;

use super::render::outputs;
use super::spec::Facts;
use super::surfaces::{OptionPermission, System, surfaces};
use super::wrapper::{Input, Wrapper, omitted_globals};
use super::{WrapperError, verdicts};
use crate::evidence::ExitCode;

const GITHUB: &str = include_str!("../../templates/wrappers/github.md");
const GITLAB: &str = include_str!("../../templates/wrappers/gitlab.md");
const JENKINS: &str = include_str!("../../templates/wrappers/jenkins.md");
const AIR_GAPPED: &str = include_str!("../../templates/wrappers/air-gapped.md");

/// The page of the GitHub actions.
///
/// # Errors
/// When its template is malformed.
pub fn github(wrappers: &[Wrapper], facts: &Facts) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        reference.push_str(&section(wrapper, System::Github));
        reference.push_str("\n| output | says |\n|---|---|\n");
        for output in outputs(wrapper.runs()) {
            let _ = writeln!(
                reference,
                "| `{}` | {} |",
                output.name,
                cell(output.description)
            );
        }
        reference.push('\n');
    }
    page(GITHUB, System::Github, wrappers, facts, &reference)
}

/// The page of the GitLab components.
///
/// # Errors
/// When its template is malformed.
pub fn gitlab(wrappers: &[Wrapper], facts: &Facts) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        reference.push_str(&section(wrapper, System::Gitlab));
        reference.push('\n');
    }
    page(GITLAB, System::Gitlab, wrappers, facts, &reference)
}

/// The page of the Jenkins steps.
///
/// # Errors
/// When its template is malformed.
pub fn jenkins(wrappers: &[Wrapper], facts: &Facts) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        reference.push_str(&section(wrapper, System::Jenkins));
        if !wrapper.credentials.is_empty() {
            reference.push_str("\n| credential | kind | bound to |\n|---|---|---|\n");
            for (name, credential) in &wrapper.credentials {
                let _ = writeln!(
                    reference,
                    "| `{name}` | {} | `{}` |",
                    credential.kind, credential.variable
                );
            }
        }
        reference.push('\n');
    }
    page(JENKINS, System::Jenkins, wrappers, facts, &reference)
}

/// The page for machines without a network, of all three systems.
///
/// # Errors
/// When its template is malformed.
pub fn air_gapped(facts: &Facts) -> Result<String, WrapperError> {
    page(AIR_GAPPED, System::Github, &[], facts, "")
}

fn page(
    source: &str,
    system: System,
    wrappers: &[Wrapper],
    facts: &Facts,
    reference: &str,
) -> Result<String, WrapperError> {
    #[derive(serde::Serialize)]
    struct Context<'a> {
        exit_codes: String,
        permissions: String,
        option_permissions: String,
        omitted: String,
        version: &'a str,
        repository: &'a str,
        reference: &'a str,
    }
    let context = Context {
        exit_codes: exit_codes(system),
        permissions: permissions(wrappers),
        option_permissions: option_permissions(&surfaces()?.publishing.permissions, system),
        omitted: omitted_globals()?
            .iter()
            .map(|(flag, reason)| format!(" `--{flag}` is no input: {reason}."))
            .collect(),
        version: &facts.version,
        repository: &facts.repository,
        reference: reference.trim_end(),
    };
    Ok(crate::template::render_code(source, context)?)
}

/// Every exit code, and what a system makes of it.
fn exit_codes(system: System) -> String {
    let column = match system {
        System::Github => "`fail-on` that fails the step",
        System::Gitlab => "the job",
        System::Jenkins => "the build",
    };
    let mut table = format!("| exit code | meaning | verdict | {column} |\n|---|---|---|---|\n");
    for code in ExitCode::ALL {
        let verdict = verdicts::word(code).unwrap_or("error");
        let _ = writeln!(
            table,
            "| {} | {} | `{verdict}` | {} |",
            code.code(),
            code.meaning(),
            outcome(system, code)
        );
    }
    let anything = match system {
        System::Github => "always fails",
        System::Gitlab | System::Jenkins => "fails",
    };
    let _ = writeln!(
        table,
        "| any other | the program was not run to its end | `error` | {anything} |"
    );
    table
}

fn outcome(system: System, code: ExitCode) -> &'static str {
    match (system, verdicts::word(code), code) {
        (System::Github, Some(_), ExitCode::Passed) => "never fails",
        (System::Github, Some(_), ExitCode::PassedWithWarnings) => "`warning`",
        (System::Github, Some(_), _) => "`error`, `warning`",
        (System::Github, None, _) => "always fails",
        (System::Gitlab, Some(_), ExitCode::Passed) => "passes",
        (System::Gitlab, Some(_), ExitCode::PassedWithWarnings) => {
            "warns; fails when not in `allowed_exit_codes`"
        }
        (System::Gitlab, Some(_), _) => "fails; warns when in `allowed_exit_codes`",
        (System::Gitlab, None, _) => "fails",
        (System::Jenkins, Some(_), ExitCode::Passed) => "succeeds",
        (System::Jenkins, Some(_), ExitCode::PassedWithWarnings) => {
            "unstable; fails with `failOn: 'warning'`"
        }
        (System::Jenkins, Some(_), _) => "fails; unstable with `failOn: 'never'`",
        (System::Jenkins, None, _) => "fails",
    }
}

fn permissions(wrappers: &[Wrapper]) -> String {
    let mut table = "| action | permissions of the job |\n|---|---|\n".to_owned();
    for wrapper in wrappers {
        let _ = writeln!(
            table,
            "| `{}` | {} |",
            wrapper.name,
            cell(&wrapper.permissions.join("; "))
        );
    }
    table
}

fn option_permissions(options: &[OptionPermission], system: System) -> String {
    let mut table = "| option | needs |\n|---|---|\n".to_owned();
    for option in options {
        let needs = match system {
            System::Github => &option.github,
            System::Gitlab => &option.gitlab,
            System::Jenkins => &option.jenkins,
        };
        let _ = writeln!(table, "| {} | {} |", cell(&option.option), cell(needs));
    }
    table
}

/// Heading, commands and inputs of a wrapper on a system.
fn section(wrapper: &Wrapper, system: System) -> String {
    let (title, name): (&str, fn(&Input) -> String) = match system {
        System::Github => (&wrapper.name, |input| input.name.clone()),
        System::Gitlab => (&wrapper.name, Input::gitlab),
        System::Jenkins => (&wrapper.step, Input::jenkins),
    };
    format!(
        "### {title}\n\n{}.\n\n{}{}",
        wrapper.summary,
        commands(wrapper),
        inputs_table(&wrapper.inputs_on(system), name)
    )
}

fn commands(wrapper: &Wrapper) -> String {
    let mut text = match wrapper.operations.as_slice() {
        [] => return String::new(),
        [(_, words)] => format!("Runs `proofmark {words}`."),
        several => {
            let named: Vec<String> = several
                .iter()
                .map(|(name, words)| format!("`{name}` runs `proofmark {words}`"))
                .collect();
            format!("The operation {}.", named.join(", "))
        }
    };
    for (flag, reason) in &wrapper.omitted {
        let _ = write!(text, " `--{flag}` is no input: {reason}.");
    }
    text.push_str("\n\n");
    text
}

fn inputs_table(inputs: &[Input], name: fn(&Input) -> String) -> String {
    let mut table = "| input | kind | default | what for |\n|---|---|---|---|\n".to_owned();
    for input in inputs {
        let default = match input.default.as_str() {
            "" => String::new(),
            text => format!("`{}`", text.replace('\n', "`, `")),
        };
        let _ = writeln!(
            table,
            "| `{}` | {} | {default} | {} |",
            name(input),
            input.kind.as_str(),
            cell(&input.summary)
        );
    }
    table
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Help of one Jenkins step, as the Global Variable Reference shows it: HTML.
#[must_use]
pub fn step_help(wrapper: &Wrapper) -> String {
    let mut text = format!(
        "<p>{}. Takes a map of arguments and returns a map with <code>verdict</code>, <code>exitCode</code> and <code>reportDirectory</code>.</p>\n<dl>\n",
        html(&wrapper.summary)
    );
    for input in wrapper.inputs_on(System::Jenkins) {
        let _ = writeln!(
            text,
            "  <dt><code>{}</code> ({})</dt><dd>{}</dd>",
            input.jenkins(),
            input.kind.as_str(),
            html(&input.summary)
        );
    }
    for (name, credential) in &wrapper.credentials {
        let _ = writeln!(
            text,
            "  <dt><code>{name}</code> (id of a {} credential)</dt><dd>Bound to <code>{}</code></dd>",
            credential.kind, credential.variable
        );
    }
    if wrapper.runs() {
        text.push_str(SHOWING);
    }
    text.push_str("</dl>\n");
    text
}

const SHOWING: &str = "  \
  <dt><code>failOn</code></dt><dd><code>error</code> (default), <code>warning</code> or <code>never</code>; what is no verdict always fails</dd>
  <dt><code>junitReport</code></dt><dd>false keeps the JUnit report from being published</dd>
  <dt><code>issues</code></dt><dd>true gives the SARIF report to the Warnings plugin</dd>
  <dt><code>htmlReport</code></dt><dd>true gives the HTML report to the HTML Publisher plugin</dd>
  <dt><code>checks</code></dt><dd>true publishes a check by the Checks API plugin</dd>
  <dt><code>tokenCredential</code> (id of a string credential)</dt><dd>Token for <code>comment</code> and <code>status</code>; only the process that publishes sees it</dd>
  <dt><code>archive</code></dt><dd>false keeps the reports from being archived</dd>
";

/// Help of the step the others share.
#[must_use]
pub fn shared_step_help() -> String {
    "<p>What the proofmark steps share; call those instead: <code>proofmarkGate()</code>, <code>proofmarkRun()</code> …</p>\n".to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
