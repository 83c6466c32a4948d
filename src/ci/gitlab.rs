//! GitLab: notes on merge requests and commit statuses, by its REST API v4.
//!
//! GitLab Docs, "Notes API", "Commits API: Set commit pipeline status". The token of a job
//! (`CI_JOB_TOKEN`) may do neither (gitlab-org/gitlab 464591, 545150): it takes the token of a project,
//! group or person with the scope `api`.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::forge::{
    BranchHead, COMMENTS_MAX, CheckRun, Comment, CommitStatus, Forge, Probe, State, Viewer,
};
use super::target::Target;
use crate::io::http::{Body, Http, Repeat, Reply, Request};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;

/// Notes of one page, the most GitLab gives.
const PAGE: usize = 100;

/// A GitLab instance, reached with one token.
pub struct GitLab<'a> {
    http: &'a Http,
    token: Option<Secret>,
    api_url: String,
    project: String,
    change_project: String,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    body: String,
    author: User,
}

impl From<Note> for Comment {
    fn from(note: Note) -> Self {
        Self {
            id: note.id,
            author: note.author.username,
            body: note.body,
        }
    }
}

impl<'a> GitLab<'a> {
    /// The instance of `target`.
    #[must_use]
    pub fn new(http: &'a Http, target: &Target, token: Option<Secret>) -> Self {
        Self {
            http,
            token,
            api_url: target.api_url.clone(),
            // A path of a project is one segment of the address.
            project: target.repository.replace('/', "%2F"),
            change_project: target.change_repository.replace('/', "%2F"),
        }
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        repeat: Repeat,
    ) -> Result<Reply, RemoteError> {
        let request = Request {
            method,
            url: &format!("{}{path}", self.api_url),
            headers: self
                .token
                .iter()
                .map(|token| ("private-token", token.clone()))
                .collect(),
            body: body.map_or(Body::Empty, Body::Json),
            repeat,
        };
        self.http.send(&request).map_err(explained)
    }

    fn notes(&self, change: u64) -> String {
        format!(
            "/projects/{}/merge_requests/{change}/notes",
            self.change_project
        )
    }
}

fn explained(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::NotAuthenticated | RemoteProblem::PermissionDenied => error.hint(
            "it takes an access token with the scope `api` and the role Developer; the token of a job cannot comment",
        ),
        RemoteProblem::NotFound => {
            error.hint("GitLab also says so of what the token may not know of")
        }
        RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}

impl Forge for GitLab<'_> {
    fn name(&self) -> &'static str {
        "GitLab"
    }

    fn probe(&self) -> Result<Probe, RemoteError> {
        #[derive(Deserialize)]
        struct Token {
            scopes: Vec<String>,
        }
        if self.token.is_none() {
            // What is not public is not found: that is an answer too.
            let path = format!("/projects/{}", self.project);
            return match self.send(Method::GET, &path, None, Repeat::Safe) {
                Ok(reply) => Ok(Probe {
                    time: reply.time(),
                    ..Probe::default()
                }),
                Err(error) if error.problem.is_temporary() => Err(error),
                Err(_) => Ok(Probe::default()),
            };
        }
        let path = "/personal_access_tokens/self";
        let reply = self.send(Method::GET, path, None, Repeat::Safe)?;
        Ok(Probe {
            login: Some(self.viewer()?.login),
            scopes: Some(reply.json::<Token>()?.scopes),
            time: reply.time(),
        })
    }

    fn viewer(&self) -> Result<Viewer, RemoteError> {
        let user: User = self
            .send(Method::GET, "/user", None, Repeat::Safe)?
            .json()?;
        Ok(Viewer {
            login: user.username,
        })
    }

    fn comments(&self, change: u64, marker: &str) -> Result<Vec<Comment>, RemoteError> {
        let mut found = Vec::new();
        for page in 1..=COMMENTS_MAX / PAGE {
            let path = format!(
                "{}?sort=asc&order_by=created_at&per_page={PAGE}&page={page}",
                self.notes(change)
            );
            let notes: Vec<Note> = self.send(Method::GET, &path, None, Repeat::Safe)?.json()?;
            let is_last = notes.len() < PAGE;
            found.extend(
                notes
                    .into_iter()
                    .filter(|note| note.body.starts_with(marker))
                    .map(Comment::from),
            );
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    fn create_comment(&self, change: u64, body: &str) -> Result<Comment, RemoteError> {
        let path = self.notes(change);
        let note: Note = self
            .send(
                Method::POST,
                &path,
                Some(json!({ "body": body })),
                Repeat::Never,
            )?
            .json()?;
        Ok(note.into())
    }

    fn update_comment(&self, change: u64, id: u64, body: &str) -> Result<(), RemoteError> {
        let path = format!("{}/{id}", self.notes(change));
        self.send(
            Method::PUT,
            &path,
            Some(json!({ "body": body })),
            Repeat::Safe,
        )
        .map(drop)
    }

    fn delete_comment(&self, change: u64, id: u64) -> Result<(), RemoteError> {
        let path = format!("{}/{id}", self.notes(change));
        gone(self.send(Method::DELETE, &path, None, Repeat::Safe))
    }

    fn set_status(&self, commit: &str, status: &CommitStatus) -> Result<(), RemoteError> {
        let state = match status.state {
            State::Success => "success",
            State::Pending => "pending",
            // GitLab knows no error.
            State::Failure | State::Error => "failed",
        };
        let mut body = json!({
            "state": state,
            "name": status.context,
            "description": status.description,
        });
        if let Some(url) = &status.url {
            body["target_url"] = json!(url);
        }
        let path = format!("/projects/{}/statuses/{commit}", self.project);
        // The same status again is refused: "Cannot transition status" (gitlab-org/gitlab 30723).
        match self.send(Method::POST, &path, Some(body), Repeat::Safe) {
            Err(error) if is_repeated(&error) => Ok(()),
            result => result.map(drop),
        }
    }

    fn change_of(&self, branch: &BranchHead) -> Result<Option<u64>, RemoteError> {
        #[derive(Deserialize)]
        struct MergeRequest {
            iid: u64,
            sha: Option<String>,
            state: String,
        }
        let path = format!(
            "/projects/{}/repository/commits/{}/merge_requests",
            self.change_project, branch.commit
        );
        let changes: Vec<MergeRequest> =
            self.send(Method::GET, &path, None, Repeat::Safe)?.json()?;
        Ok(changes
            .into_iter()
            .find(|change| {
                change.state == "opened" && change.sha.as_deref() == Some(&branch.commit)
            })
            .map(|change| change.iid))
    }

    fn add_check_run(&self, _commit: &str, _run: &CheckRun) -> Result<(), RemoteError> {
        let error = RemoteError::new("GitLab", RemoteProblem::Unsupported);
        Err(error.hint("GitLab has no check runs; use `--status commit-status`"))
    }
}

fn is_repeated(error: &RemoteError) -> bool {
    error.problem == RemoteProblem::Rejected
        && error
            .detail
            .as_ref()
            .is_some_and(|words| words.contains("Cannot transition status"))
}

/// What is gone already need not be taken away.
pub(super) fn gone(outcome: Result<Reply, RemoteError>) -> Result<(), RemoteError> {
    match outcome {
        Err(error) if error.problem == RemoteProblem::NotFound => Ok(()),
        result => result.map(drop),
    }
}
