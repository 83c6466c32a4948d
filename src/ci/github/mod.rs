//! GitHub and GitHub Enterprise Server: comments on pull requests, commit statuses and check runs, by
//! octocrab on the client of [`crate::io::http`], which knows proxies, certificates and limits.
//!
//! octocrab builds and authorises requests; what is asked when, and what is asked again, is decided
//! here. Its own stack ignores proxies (octocrab 936) and repeats what must not be repeated.
//! Replies: GitHub's description of its REST API.

mod attestations;
pub mod event;

use octocrab::Octocrab;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::forge::{
    BranchHead, COMMENTS_MAX, CheckRun, Comment, CommitStatus, Forge, Probe, State, Viewer,
};
use super::gitlab::gone;
use super::target::Target;
use crate::io::http::{self, Failure, Http, RawReply, Repeat, Reply};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::report::limits::CHECK_RUN_ANNOTATIONS_PER_REQUEST_MAX;
use crate::report::{Annotation, Level};

/// Comments of one page, the most GitHub gives.
const PAGE: usize = 100;

/// The app whose token every job of GitHub Actions gets.
const ACTIONS_APP: &str = "github-actions[bot]";

/// GitHub, reached with one token.
pub struct GitHub<'a> {
    http: &'a Http,
    client: Octocrab,
    /// Path of the API before every other, such as `/api/v3` of an Enterprise Server.
    api_path: String,
    server: String,
    repository: String,
    has_token: bool,
}

impl<'a> GitHub<'a> {
    /// The GitHub of `target`.
    ///
    /// # Errors
    /// When its address cannot be used.
    pub fn new(
        http: &'a Http,
        target: &Target,
        token: Option<Secret>,
    ) -> Result<Self, RemoteError> {
        Self::at(http, &target.api_url, &target.change_repository, token)
    }

    /// The GitHub whose API is at `api_url`, for what concerns `repository`.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn at(
        http: &'a Http,
        api_url: &str,
        repository: &str,
        token: Option<Secret>,
    ) -> Result<Self, RemoteError> {
        let unusable = |why: &dyn std::fmt::Display| {
            RemoteError::new(api_url, RemoteProblem::Unsupported).saying(&why.to_string())
        };
        let url = Url::parse(api_url).map_err(|error| unusable(&error))?;
        let server = url.origin().ascii_serialization();
        // octocrab starts a worker, for which it needs the runtime.
        let client = http.block_on(async {
            let builder = Octocrab::builder()
                .base_uri(server.as_str())
                .map_err(|error| unusable(&error))?;
            let builder = match &token {
                Some(token) => builder.personal_token(token.expose().to_owned()),
                None => builder,
            };
            builder
                .build_with_reqwest(http.client())
                .map_err(|error| unusable(&error))
        })?;
        Ok(Self {
            http,
            client,
            api_path: url.path().trim_end_matches('/').to_owned(),
            server,
            repository: repository.to_owned(),
            has_token: token.is_some(),
        })
    }

    /// Asks for `path` below the API.
    ///
    /// # Errors
    /// When GitHub does not do it.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Reply, RemoteError> {
        self.send_to(method, &format!("{}{path}", self.api_path), body, repeat)
            .map_err(explained)
    }

    fn send_to(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Reply, RemoteError> {
        let endpoint = http::endpoint(&method, &format!("{}{path}", self.server));
        self.http.exchange(&endpoint, repeat, async || {
            let sent = match method {
                Method::POST => self.client._post(path, body).await,
                Method::PATCH => self.client._patch(path, body).await,
                Method::PUT => self.client._put(path, body).await,
                Method::DELETE => self.client._delete(path, body).await,
                _ => self.client._get(path).await,
            };
            let response = sent.map_err(|error| Failure::of(&error))?;
            let (parts, body) = response.into_parts();
            RawReply::read(parts.status.as_u16(), parts.headers, body).await
        })
    }

    fn repository(&self, path: &str) -> String {
        format!("/repos/{}{path}", self.repository)
    }
}

fn explained(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::PermissionDenied => error.hint(
            "give the job the permission (comments: `pull-requests: write`, statuses: `statuses: write`); pull requests from forks and Dependabot never have it",
        ),
        RemoteProblem::NotFound => {
            error.hint("GitHub also says so of what the token may not know of")
        }
        RemoteProblem::NotAuthenticated => error.hint("the token has ended or is none of this server"),
        RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}

#[derive(Deserialize)]
struct IssueComment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

impl From<IssueComment> for Comment {
    fn from(comment: IssueComment) -> Self {
        Self {
            id: comment.id,
            // The account of a comment can be gone; then it is not ours.
            author: comment.user.map_or_else(String::new, |user| user.login),
            body: comment.body.unwrap_or_default(),
        }
    }
}

impl Forge for GitHub<'_> {
    fn name(&self) -> &'static str {
        "GitHub"
    }

    /// By the rate limit, which costs nothing and is told to anyone.
    fn probe(&self) -> Result<Probe, RemoteError> {
        let reply = self.send(Method::GET, "/rate_limit", None, Repeat::Safe)?;
        let scopes = reply.header("x-oauth-scopes").map(|scopes| {
            let scopes = scopes.split(',').map(str::trim);
            scopes.map(str::to_owned).collect()
        });
        Ok(Probe {
            login: match self.has_token {
                true => Some(self.viewer()?.login),
                false => None,
            },
            scopes,
            time: reply.time(),
        })
    }

    /// By GraphQL, the only interface that says it for the tokens of apps too.
    fn viewer(&self) -> Result<Viewer, RemoteError> {
        #[derive(Deserialize)]
        struct Answer {
            data: Option<Data>,
        }
        #[derive(Deserialize)]
        struct Data {
            viewer: Account,
        }
        let path = match self.api_path.strip_suffix("/v3") {
            Some(enterprise) => format!("{enterprise}/graphql"),
            None => format!("{}/graphql", self.api_path),
        };
        let query = json!({ "query": "query { viewer { login } }" });
        let reply = self
            .send_to(Method::POST, &path, Some(&query), Repeat::Safe)
            .map_err(explained)?;
        let answer: Answer = reply.json()?;
        let data = answer.data.ok_or_else(|| {
            RemoteError::new(&reply.endpoint, RemoteProblem::PermissionDenied)
                .saying(&String::from_utf8_lossy(&reply.body))
        })?;
        Ok(Viewer {
            login: data.viewer.login,
        })
    }

    fn comments(&self, change: u64, marker: &str) -> Result<Vec<Comment>, RemoteError> {
        let mut found = Vec::new();
        for page in 1..=COMMENTS_MAX / PAGE {
            let path = self.repository(&format!(
                "/issues/{change}/comments?per_page={PAGE}&page={page}"
            ));
            let comments: Vec<IssueComment> =
                self.send(Method::GET, &path, None, Repeat::Safe)?.json()?;
            let is_last = comments.len() < PAGE;
            found.extend(
                comments
                    .into_iter()
                    .map(Comment::from)
                    .filter(|comment| comment.body.starts_with(marker)),
            );
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    fn create_comment(&self, change: u64, body: &str) -> Result<Comment, RemoteError> {
        let path = self.repository(&format!("/issues/{change}/comments"));
        let body = json!({ "body": body });
        let comment: IssueComment = self
            .send(Method::POST, &path, Some(&body), Repeat::Never)?
            .json()?;
        Ok(comment.into())
    }

    fn update_comment(&self, _change: u64, id: u64, body: &str) -> Result<(), RemoteError> {
        let path = self.repository(&format!("/issues/comments/{id}"));
        let body = json!({ "body": body });
        self.send(Method::PATCH, &path, Some(&body), Repeat::Safe)
            .map(drop)
    }

    fn delete_comment(&self, _change: u64, id: u64) -> Result<(), RemoteError> {
        let path = self.repository(&format!("/issues/comments/{id}"));
        gone(self.send(Method::DELETE, &path, None, Repeat::Safe))
    }

    fn set_status(&self, commit: &str, status: &CommitStatus) -> Result<(), RemoteError> {
        let mut body = json!({
            "state": match status.state {
                State::Success => "success",
                State::Pending => "pending",
                State::Failure => "failure",
                State::Error => "error",
            },
            "context": status.context,
            "description": status.description,
        });
        if let Some(url) = &status.url {
            body["target_url"] = json!(url);
        }
        let path = self.repository(&format!("/statuses/{commit}"));
        // The newest status of a context counts: twice is as good as once.
        self.send(Method::POST, &path, Some(&body), Repeat::Safe)
            .map(drop)
    }

    fn change_of(&self, branch: &BranchHead) -> Result<Option<u64>, RemoteError> {
        #[derive(Deserialize)]
        struct Pull {
            number: u64,
            head: Head,
        }
        #[derive(Deserialize)]
        struct Head {
            sha: String,
        }
        let head: String = form_value(&format!("{}:{}", branch.owner, branch.branch));
        let path = self.repository(&format!("/pulls?state=open&per_page={PAGE}&head={head}"));
        let pulls: Vec<Pull> = self.send(Method::GET, &path, None, Repeat::Safe)?.json()?;
        Ok(pulls
            .into_iter()
            .find(|pull| pull.head.sha == branch.commit)
            .map(|pull| pull.number))
    }

    /// Refused for the token of the job: GitHub would show the run in whichever workflow comes first
    /// (EnricoMi/publish-unit-test-result-action 12).
    fn add_check_run(&self, commit: &str, run: &CheckRun) -> Result<(), RemoteError> {
        if self.viewer()?.login == ACTIONS_APP {
            let error = RemoteError::new("check run", RemoteProblem::Unsupported);
            return Err(error.hint(
                "GitHub puts check runs made with `GITHUB_TOKEN` into any workflow; give the token of an app of yours, or use `--status commit-status`",
            ));
        }
        let path = self.repository("/check-runs");
        let mut chunks = run
            .annotations
            .chunks(CHECK_RUN_ANNOTATIONS_PER_REQUEST_MAX);
        let mut body = json!({
            "name": run.name,
            "head_sha": commit,
            "status": "completed",
            "conclusion": conclusion(run),
            "output": output(run, chunks.next().unwrap_or_default()),
        });
        if let Some(url) = &run.url {
            body["details_url"] = json!(url);
        }
        #[derive(Deserialize)]
        struct Created {
            id: u64,
        }
        // A second run of the same name replaces the first where it is shown.
        let created: Created = self
            .send(Method::POST, &path, Some(&body), Repeat::Safe)?
            .json()?;
        let path = format!("{path}/{}", created.id);
        for chunk in chunks {
            // Annotations of a later request are added, so one that may have arrived is not repeated.
            let body = json!({ "output": output(run, chunk) });
            self.send(Method::PATCH, &path, Some(&body), Repeat::Never)?;
        }
        Ok(())
    }
}

fn conclusion(run: &CheckRun) -> &'static str {
    match run.state {
        State::Success if run.warns => "neutral",
        State::Success => "success",
        // A check run that is complete knows no "pending"; this one does not let a change in either.
        State::Pending => "action_required",
        State::Failure | State::Error => "failure",
    }
}

fn output(run: &CheckRun, annotations: &[Annotation]) -> Value {
    let annotations: Vec<Value> = annotations
        .iter()
        .map(|annotation| {
            json!({
                "path": annotation.path,
                "start_line": annotation.line,
                "end_line": annotation.line,
                "annotation_level": match annotation.level {
                    Level::Error => "failure",
                    Level::Warning => "warning",
                    Level::Notice => "notice",
                },
                "title": annotation.title,
                "message": annotation.message,
            })
        })
        .collect();
    json!({ "title": run.title, "summary": run.summary, "annotations": annotations })
}

fn form_value(text: &str) -> String {
    let pairs = [("", text)];
    let mut url = Url::parse("form:").expect("a scheme is an address");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query()
        .unwrap_or_default()
        .trim_start_matches('=')
        .to_owned()
}
