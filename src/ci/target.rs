//! Where to publish: what was said on the command line, else what the CI job says.

use super::forge::{BranchHead, Forge};
use super::github::GitHub;
use super::gitlab::GitLab;
use super::job::{Job, System};
use crate::io::http::Http;
use crate::io::remote::RemoteError;
use crate::io::secret::Secret;

/// The forges there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub and GitHub Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
}

impl ForgeKind {
    /// The variable a token is looked for in.
    #[must_use]
    pub fn token_variable(self) -> &'static str {
        match self {
            Self::GitHub => "GITHUB_TOKEN",
            Self::GitLab => "GITLAB_TOKEN",
        }
    }

    /// The address of the API of the public instance.
    fn public_api(self) -> &'static str {
        match self {
            Self::GitHub => "https://api.github.com",
            Self::GitLab => "https://gitlab.com/api/v4",
        }
    }
}

impl Target {
    /// The forge of this target, reached with `token`, or as anyone without one.
    ///
    /// # Errors
    /// When its address cannot be used.
    pub fn reach<'a>(
        &self,
        http: &'a Http,
        token: Option<Secret>,
    ) -> Result<Box<dyn Forge + 'a>, RemoteError> {
        Ok(match self.forge {
            ForgeKind::GitHub => Box::new(GitHub::new(http, self, token)?),
            ForgeKind::GitLab => Box::new(GitLab::new(http, self, token)),
        })
    }
}

/// What was said on the command line.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The forge.
    pub forge: Option<ForgeKind>,
    /// The repository.
    pub repository: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// Number of the change.
    pub change: Option<u64>,
    /// Address of the API.
    pub api_url: Option<String>,
}

/// Where to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The forge.
    pub forge: ForgeKind,
    /// Address of its API, without a slash at the end.
    pub api_url: String,
    /// The repository whose commits are marked.
    pub repository: String,
    /// The repository the change is proposed to.
    pub change_repository: String,
    /// The commit to mark.
    pub commit: Option<String>,
    /// The change to comment on.
    pub change: Option<Change>,
    /// Number of the CI run, which grows with each run.
    pub run: Option<u64>,
    /// Where a person can look at the run.
    pub run_url: Option<String>,
    /// Whether the code is that of another repository; absent when that cannot be told.
    pub from_fork: Option<bool>,
}

/// A change, by number or by what it can be looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its number.
    Number(u64),
    /// The head of its branch.
    Branch(BranchHead),
}

/// Why there is no place to publish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTarget {
    /// Neither the job nor the command line names a forge.
    #[error("no forge is known here; hint: name one with `--forge github` or `--forge gitlab`")]
    Forge,
    /// No repository is known.
    #[error("no repository is known here; hint: name one with `--repository OWNER/NAME`")]
    Repository,
    /// Something given cannot be what it is meant to be.
    #[error("`{value}` is not {expected}")]
    Malformed {
        /// What was given.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl Target {
    /// Where to publish, for `job` and what was said.
    ///
    /// # Errors
    /// When no forge or repository is known, or one given cannot be one.
    pub fn resolve(job: Option<Job>, wishes: &Wishes) -> Result<Self, NoTarget> {
        let place = job
            .as_ref()
            .and_then(|job| Place::of_url(job.change_url.as_deref()?));
        let forge = wishes
            .forge
            .or_else(|| job.as_ref().and_then(|job| forge_of(job.system)))
            .or_else(|| place.as_ref().map(|place| place.forge))
            .ok_or(NoTarget::Forge)?;
        // What a job says of another forge is not meant for this one.
        let native = job.filter(|job| forge_of(job.system).is_none_or(|native| native == forge));
        let place = place.filter(|place| place.forge == forge);
        let is_native = native
            .as_ref()
            .is_some_and(|job| forge_of(job.system) == Some(forge));
        let of_job = native.as_ref().filter(|_| is_native);
        let repository = wishes
            .repository
            .clone()
            .or_else(|| of_job.and_then(|job| job.repository.clone()))
            .or_else(|| place.as_ref().map(|place| place.repository.clone()))
            .ok_or(NoTarget::Repository)?;
        let api_url = wishes
            .api_url
            .clone()
            .or_else(|| of_job.and_then(|job| job.api_url.clone()))
            .or_else(|| place.map(|place| place.api_url))
            .unwrap_or_else(|| forge.public_api().to_owned());
        let change_repository = of_job
            .filter(|_| wishes.repository.is_none())
            .and_then(|job| job.change_repository.clone())
            .unwrap_or_else(|| repository.clone());
        let number = wishes.change.or_else(|| native.as_ref()?.change);
        let branch = native.as_ref().and_then(|job| job.branch.clone());
        let target = Self {
            forge,
            api_url: api_url.trim_end_matches('/').to_owned(),
            repository,
            change_repository,
            commit: wishes
                .commit
                .clone()
                .or_else(|| native.as_ref()?.commit.clone()),
            change: number.map(Change::Number).or(branch.map(Change::Branch)),
            run: native.as_ref().and_then(|job| job.run),
            run_url: native.as_ref().and_then(|job| job.run_url.clone()),
            from_fork: native.and_then(|job| job.from_fork),
        };
        target.check()
    }

    /// What goes into addresses must not be able to change where they lead.
    fn check(self) -> Result<Self, NoTarget> {
        let malformed = |value: &str, expected| {
            Err(NoTarget::Malformed {
                value: value.to_owned(),
                expected,
            })
        };
        let url = reqwest::Url::parse(&self.api_url);
        let is_web = url.is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if !is_web {
            return malformed(
                "the address of the API",
                "an https address without credentials",
            );
        }
        for repository in [&self.repository, &self.change_repository] {
            if !is_repository(self.forge, repository) {
                return malformed(repository, "a repository: expected `owner/name`");
            }
        }
        match &self.commit {
            Some(commit) if !is_commit(commit) => {
                malformed(commit, "a commit: expected 40 or 64 hexadecimal digits")
            }
            Some(_) | None => Ok(self),
        }
    }
}

fn forge_of(system: System) -> Option<ForgeKind> {
    match system {
        System::GitHub => Some(ForgeKind::GitHub),
        System::GitLab => Some(ForgeKind::GitLab),
        System::Jenkins => None,
    }
}

fn is_repository(forge: ForgeKind, name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~')
            })
    };
    let parts: Vec<&str> = name.split('/').collect();
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty();
    match forge {
        ForgeKind::GitHub => parts.len() == 2 && parts.into_iter().all(plain),
        ForgeKind::GitLab => is_number || (2 <= parts.len() && parts.into_iter().all(plain)),
    }
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What the address of a change says of where it is.
#[derive(Debug)]
struct Place {
    forge: ForgeKind,
    repository: String,
    api_url: String,
}

impl Place {
    /// `https://github.com/acme/churn/pull/7`, `https://gitlab.com/acme/churn/-/merge_requests/7`.
    fn of_url(url: &str) -> Option<Self> {
        let url = reqwest::Url::parse(url).ok()?;
        let host = url.host_str()?;
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        let server = format!("{}://{host}{port}", url.scheme());
        let path = url.path().trim_matches('/');
        if let Some((project, _)) = path.split_once("/-/merge_requests/") {
            return Some(Self {
                forge: ForgeKind::GitLab,
                repository: project.to_owned(),
                api_url: format!("{server}/api/v4"),
            });
        }
        let (repository, _) = path.split_once("/pull/")?;
        Some(Self {
            forge: ForgeKind::GitHub,
            repository: repository.to_owned(),
            api_url: match host {
                "github.com" => ForgeKind::GitHub.public_api().to_owned(),
                _ => format!("{server}/api/v3"),
            },
        })
    }
}
