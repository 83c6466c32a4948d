//! The build system this program runs in. For now only who and where; publishing comes with the
//! surfaces.

use crate::evidence::CiContext;
use crate::io::World;

/// The CI job of this process, from the variables its system documents.
#[must_use]
pub fn context(world: &World) -> Option<CiContext> {
    let text = |name: &str| world.variable(name).map(str::to_owned);
    if world.variable("GITHUB_ACTIONS").is_some() {
        let run_url = match (
            text("GITHUB_SERVER_URL"),
            text("GITHUB_REPOSITORY"),
            text("GITHUB_RUN_ID"),
        ) {
            (Some(server), Some(repository), Some(run)) => {
                Some(format!("{server}/{repository}/actions/runs/{run}"))
            }
            _ => None,
        };
        return Some(CiContext {
            system: "github".to_owned(),
            repository: text("GITHUB_REPOSITORY"),
            commit: text("GITHUB_SHA"),
            run_url,
        });
    }
    if world.variable("GITLAB_CI").is_some() {
        return Some(CiContext {
            system: "gitlab".to_owned(),
            repository: text("CI_PROJECT_PATH"),
            commit: text("CI_COMMIT_SHA"),
            run_url: text("CI_JOB_URL"),
        });
    }
    if world.variable("JENKINS_URL").is_some() {
        return Some(CiContext {
            system: "jenkins".to_owned(),
            repository: text("JOB_NAME"),
            commit: text("GIT_COMMIT"),
            run_url: text("BUILD_URL"),
        });
    }
    None
}

/// Who runs this process: the actor of the CI job, else the user.
#[must_use]
pub fn actor(world: &World) -> String {
    [
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "BUILD_USER_ID",
        "USER",
        "USERNAME",
    ]
    .into_iter()
    .find_map(|name| world.variable(name))
    .unwrap_or("unknown")
    .to_owned()
}
