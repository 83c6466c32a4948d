//! The CI job of this process, in words that mean the same on every system.
//!
//! Variables: GitHub Docs, "Default environment variables"; GitLab Docs, "Predefined CI/CD variables";
//! Jenkins, `env-vars.html` and the documentation of the branch-source plugins.

use std::path::Path;

use super::forge::BranchHead;
use super::github::event::Event;
use crate::io::World;
use crate::io::files;

/// Largest event payload that is read, in bytes: GitHub's end far below (25 MB).
const EVENT_BYTES_MAX: u64 = 32 << 20;

/// A system that runs jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Jenkins.
    Jenkins,
}

impl System {
    /// The system as it is written in evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Jenkins => "jenkins",
        }
    }
}

/// A CI job. What its system does not say is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The system.
    pub system: System,
    /// Name of what started it, in the words of the system.
    pub event: Option<String>,
    /// `owner/name`, the path of the project, or the name of the job on Jenkins.
    pub repository: Option<String>,
    /// The commit that is checked out; on a change this may be a merge nobody has made.
    pub checked_out: Option<String>,
    /// The commit people would name: the head of the change.
    pub commit: Option<String>,
    /// The commit the change is compared with.
    pub base: Option<String>,
    /// Number of the pull or merge request.
    pub change: Option<u64>,
    /// The branch to look the pull request up by, where no number is given.
    pub branch: Option<BranchHead>,
    /// The project the change is proposed to, where it is not [`Job::repository`].
    pub change_repository: Option<String>,
    /// Address of the change, where the system gives one.
    pub change_url: Option<String>,
    /// Whether the code is that of another repository; absent when that cannot be told.
    pub from_fork: Option<bool>,
    /// Address a person can look at the run at.
    pub run_url: Option<String>,
    /// A number that grows with each run.
    pub run: Option<u64>,
    /// Address of the API of the forge.
    pub api_url: Option<String>,
    /// The directory of this process below the top of the repository, with `/` between its parts;
    /// absent at the top.
    pub directory: Option<String>,
}

impl Job {
    /// The job of this process; absent outside of CI.
    #[must_use]
    pub fn of(world: &World) -> Option<Self> {
        if world.variable("GITHUB_ACTIONS").is_some() {
            return Some(Self::github(world));
        }
        if world.variable("GITLAB_CI").is_some() {
            return Some(Self::gitlab(world));
        }
        world
            .variable("JENKINS_URL")
            .is_some()
            .then(|| Self::jenkins(world))
    }

    fn github(world: &World) -> Self {
        let repository = text(world, "GITHUB_REPOSITORY");
        let event = repository
            .as_deref()
            .and_then(|repository| github_event(world, repository));
        let checked_out = text(world, "GITHUB_SHA");
        let event = event.unwrap_or_default();
        Self {
            system: System::GitHub,
            event: text(world, "GITHUB_EVENT_NAME"),
            commit: event.commit.or_else(|| checked_out.clone()),
            checked_out,
            base: event.base,
            change: event.change,
            branch: event.branch,
            change_repository: None,
            change_url: None,
            from_fork: event.from_fork,
            run_url: github_run_url(world),
            run: number(world, "GITHUB_RUN_ID"),
            api_url: text(world, "GITHUB_API_URL"),
            directory: directory(world, "GITHUB_WORKSPACE"),
            repository,
        }
    }

    fn gitlab(world: &World) -> Self {
        let checked_out = text(world, "CI_COMMIT_SHA");
        let source = world.variable("CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
        let target =
            text(world, "CI_MERGE_REQUEST_PROJECT_ID").or_else(|| text(world, "CI_PROJECT_ID"));
        Self {
            system: System::GitLab,
            event: text(world, "CI_PIPELINE_SOURCE"),
            repository: text(world, "CI_PROJECT_PATH"),
            // A pipeline for merged results tests a merge nobody has made.
            commit: text(world, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
                .or_else(|| checked_out.clone()),
            checked_out,
            base: text(world, "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
            change: number(world, "CI_MERGE_REQUEST_IID"),
            branch: None,
            from_fork: Some(source.is_some() && source != target.as_deref()),
            change_repository: source.and(target),
            change_url: None,
            run_url: text(world, "CI_JOB_URL"),
            run: number(world, "CI_PIPELINE_ID"),
            api_url: text(world, "CI_API_V4_URL"),
            directory: directory(world, "CI_PROJECT_DIR"),
        }
    }

    fn jenkins(world: &World) -> Self {
        let commit = text(world, "GIT_COMMIT");
        Self {
            system: System::Jenkins,
            event: None,
            repository: text(world, "JOB_NAME"),
            checked_out: commit.clone(),
            commit,
            base: None,
            change: number(world, "CHANGE_ID"),
            branch: None,
            change_repository: None,
            change_url: text(world, "CHANGE_URL"),
            from_fork: match world.variable("CHANGE_ID") {
                Some(_) => Some(world.variable("CHANGE_FORK").is_some()),
                None => Some(false),
            },
            run_url: text(world, "BUILD_URL"),
            run: number(world, "BUILD_NUMBER"),
            api_url: None,
            directory: directory(world, "WORKSPACE"),
        }
    }
}

fn github_event(world: &World, repository: &str) -> Option<Event> {
    let path = world.variable("GITHUB_EVENT_PATH")?;
    let payload = files::read(Path::new(path), EVENT_BYTES_MAX).ok()?;
    Event::parse(std::str::from_utf8(&payload).ok()?, repository)
}

fn github_run_url(world: &World) -> Option<String> {
    let server = world.variable("GITHUB_SERVER_URL")?;
    let repository = world.variable("GITHUB_REPOSITORY")?;
    let run = world.variable("GITHUB_RUN_ID")?;
    let attempt = world
        .variable("GITHUB_RUN_ATTEMPT")
        .map_or_else(String::new, |attempt| format!("/attempts/{attempt}"));
    Some(format!("{server}/{repository}/actions/runs/{run}{attempt}"))
}

/// Where this process is below the checkout, which a variable names.
fn directory(world: &World, workspace: &str) -> Option<String> {
    let workspace = Path::new(world.variable(workspace)?);
    let here = world.directory()?;
    let below = match here.strip_prefix(workspace) {
        Ok(below) => below.to_owned(),
        // One of the two may be told by way of a link.
        Err(_) => {
            let (here, workspace) = (here.canonicalize().ok()?, workspace.canonicalize().ok()?);
            here.strip_prefix(workspace).ok()?.to_owned()
        }
    };
    let below = below.to_str()?.replace('\\', "/");
    (!below.is_empty()).then_some(below)
}

fn text(world: &World, name: &str) -> Option<String> {
    world.variable(name).map(str::to_owned)
}

fn number(world: &World, name: &str) -> Option<u64> {
    world.variable(name)?.parse().ok()
}
