//! The pages that describe the wrappers, and the help texts of the Jenkins steps.

use std::fmt::Write as _;

use super::WrapperError;
use super::render::{github_inputs, outputs};
use super::wrapper::{Input, Wrapper, omitted_globals};

const GITHUB: &str = include_str!("../../templates/wrappers/github.md");
const GITLAB: &str = include_str!("../../templates/wrappers/gitlab.md");
const JENKINS: &str = include_str!("../../templates/wrappers/jenkins.md");

/// The exit codes as every page shows them.
const EXIT_CODES: &str = "\
| exit code | verdict | GitHub `fail-on` that fails the step | GitLab | Jenkins |
|---|---|---|---|---|
| 0 | `pass` | never fails | passed | success |
| 10 | `fail` | `error`, `warning` | failed, unless in `allowed_exit_codes` | failed; unstable with `failOn: 'never'` |
| 11 | `warn` | `warning` | warning; failed when not in `allowed_exit_codes` | unstable; failed with `failOn: 'warning'` |
| 12 | `pending` | `error`, `warning` | failed, unless in `allowed_exit_codes` | failed; unstable with `failOn: 'never'` |
| 13 | `rolled-back` | `error`, `warning` | failed, unless in `allowed_exit_codes` | failed; unstable with `failOn: 'never'` |
| 2 to 7, 70, any other | `error` | always fails | failed | failed |
";

/// The page of the GitHub actions.
///
/// # Errors
/// When its template is malformed.
pub fn github(wrappers: &[Wrapper]) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        let runs = !wrapper.operations.is_empty();
        let mut inputs = wrapper.inputs.clone();
        if runs {
            inputs.extend(github_inputs());
        }
        let _ = writeln!(reference, "### {}\n\n{}.\n", wrapper.name, wrapper.summary);
        reference.push_str(&commands(wrapper));
        reference.push_str(&inputs_table(&inputs, |input| input.name.clone()));
        reference.push_str("\n| output | says |\n|---|---|\n");
        for output in outputs(runs) {
            let _ = writeln!(
                reference,
                "| `{}` | {} |",
                output.name,
                cell(output.description)
            );
        }
        reference.push('\n');
    }
    page(GITHUB, wrappers, &reference)
}

/// The page of the GitLab components.
///
/// # Errors
/// When its template is malformed.
pub fn gitlab(wrappers: &[Wrapper]) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        let _ = writeln!(reference, "### {}\n\n{}.\n", wrapper.name, wrapper.summary);
        reference.push_str(&commands(wrapper));
        reference.push_str(&inputs_table(&wrapper.inputs, Input::gitlab));
        reference.push('\n');
    }
    page(GITLAB, wrappers, &reference)
}

/// The page of the Jenkins steps.
///
/// # Errors
/// When its template is malformed.
pub fn jenkins(wrappers: &[Wrapper]) -> Result<String, WrapperError> {
    let mut reference = String::new();
    for wrapper in wrappers {
        let _ = writeln!(reference, "### {}\n\n{}.\n", wrapper.step, wrapper.summary);
        reference.push_str(&commands(wrapper));
        reference.push_str(&inputs_table(&wrapper.inputs, Input::jenkins));
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
    page(JENKINS, wrappers, &reference)
}

fn page(source: &str, wrappers: &[Wrapper], reference: &str) -> Result<String, WrapperError> {
    #[derive(serde::Serialize)]
    struct Context<'a> {
        exit_codes: &'a str,
        permissions: String,
        omitted: String,
        reference: &'a str,
    }
    let context = Context {
        exit_codes: EXIT_CODES,
        permissions: permissions(wrappers),
        omitted: omitted_globals()?
            .iter()
            .map(|(flag, reason)| format!(" `--{flag}` is no input: {reason}."))
            .collect(),
        reference: reference.trim_end(),
    };
    Ok(crate::template::render_code(source, context)?)
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
            input.kind,
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
    for input in &wrapper.inputs {
        let _ = writeln!(
            text,
            "  <dt><code>{}</code> ({})</dt><dd>{}</dd>",
            input.jenkins(),
            input.kind,
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
    if !wrapper.operations.is_empty() {
        text.push_str(SHOWING);
    }
    text.push_str("</dl>\n");
    text
}

const SHOWING: &str = "  \
  <dt><code>failOn</code></dt><dd><code>error</code> (default), <code>warning</code> or <code>never</code>; what is no verdict always fails</dd>
  <dt><code>junitReport</code></dt><dd>false keeps the JUnit report from being published</dd>
  <dt><code>issues</code></dt><dd>true gives the SARIF report to the Warnings plugin</dd>
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
