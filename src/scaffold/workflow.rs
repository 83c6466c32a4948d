//! The pipeline file for the build system found, running the binary directly. It is got in the same
//! order as by the wrappers, by one script for the three systems.

use super::inventory::CiSystem;
use super::{Draft, ScaffoldError, yaml};
use crate::template;

const GITHUB: &str = include_str!("../../templates/scaffold/github.yml");
const GITLAB: &str = include_str!("../../templates/scaffold/gitlab.yml");
const JENKINS: &str = include_str!("../../templates/scaffold/Jenkinsfile");
const GET: &str = include_str!("../../templates/scaffold/get.sh");

/// Releases are below it.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What a pipeline needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The steps to run, as `run --only` takes them.
    pub steps: Vec<&'static str>,
    /// The configuration, relative to the top of the repository.
    pub config: String,
    /// Version of the program.
    pub version: &'static str,
    /// Whether files must be fetched with DVC first.
    pub dvc: bool,
    /// Whether `.gitlab-ci.yml` is there already and only needs an `include`.
    pub gitlab_exists: bool,
}

/// The pipeline file of a build system.
///
/// # Errors
/// When the template does not render: a mistake in this program.
pub fn draft(system: CiSystem, pipeline: &Pipeline) -> Result<Draft, ScaffoldError> {
    let (path, source) = match system {
        CiSystem::GitHub => (".github/workflows/proofmark.yml", GITHUB),
        CiSystem::GitLab if pipeline.gitlab_exists => (".gitlab/proofmark.yml", GITLAB),
        CiSystem::GitLab => (".gitlab-ci.yml", GITLAB),
        CiSystem::Jenkins => ("proofmark.Jenkinsfile", JENKINS),
    };
    let get = template::render(
        "get.txt",
        GET,
        serde_json::json!({"version": pipeline.version, "repository": REPOSITORY}),
    )?;
    let columns = match system {
        CiSystem::GitHub | CiSystem::Jenkins => 10,
        CiSystem::GitLab => 6,
    };
    let context = serde_json::json!({
        "get_proofmark": indented(&get, columns),
        "steps": pipeline.steps.join(","),
        "config": yaml::scalar(&pipeline.config),
        "config_groovy": groovy(&pipeline.config),
        "version": pipeline.version,
        "dvc": pipeline.dvc,
    });
    Ok(Draft {
        path: path.to_owned(),
        text: template::render("pipeline.txt", source, context)?,
    })
}

/// What is left to do by hand for a pipeline file, as sentences.
#[must_use]
pub fn next_steps(system: CiSystem, pipeline: &Pipeline) -> Vec<String> {
    let mut steps = vec![format!(
        "set `PROOFMARK_SHA256` in it to the digest of `proofmark-{0}-x86_64-unknown-linux-musl.tar.gz` in `SHA256SUMS` of release v{0}; without it the job downloads nothing and fails",
        pipeline.version
    )];
    match system {
        CiSystem::GitHub => {}
        CiSystem::GitLab if pipeline.gitlab_exists => steps.push(
            "add `include: [{local: .gitlab/proofmark.yml}]` to `.gitlab-ci.yml`".to_owned(),
        ),
        CiSystem::GitLab => {}
        CiSystem::Jenkins => steps.push(
            "make a Multibranch Pipeline with the script path `proofmark.Jenkinsfile`, or copy its stage into your `Jenkinsfile`".to_owned(),
        ),
    }
    steps
}

/// Lines moved right, without a line break at the end.
fn indented(text: &str, columns: usize) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("{:columns$}{line}", ""))
        .collect();
    lines.join("\n")
}

/// A Groovy string in single quotes.
fn groovy(text: &str) -> String {
    let text = yaml::comment(text);
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
