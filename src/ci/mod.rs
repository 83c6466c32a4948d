//! The build system this program runs in, and the forge that shows what it found.
//!
//! ```text
//! job      the CI job of this process, in the same words for every system
//! target   where to publish: the job and what was said on the command line
//! forge    what GitHub and GitLab can be asked to show · github gitlab  one each
//! sticky   one comment kept up to date · marker  by which it is found again
//! ```

pub mod forge;
pub mod github;
pub mod gitlab;
pub mod job;
mod marker;
pub mod sticky;
pub mod target;

use crate::evidence::CiContext;
use crate::io::World;
use job::Job;

/// The CI job of this process as evidence names it.
#[must_use]
pub fn context(world: &World) -> Option<CiContext> {
    let job = Job::of(world)?;
    Some(CiContext {
        system: job.system.as_str().to_owned(),
        repository: job.repository,
        commit: job.checked_out,
        run_url: job.run_url,
        directory: job.directory,
    })
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

#[cfg(test)]
mod tests;
