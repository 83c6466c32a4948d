//! A job of Jenkins, started by `POST /job/…/buildWithParameters` (Remote Access API). The reply is
//! 201 and names the item of the queue; the number of the build is given out later.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::post::{self, Post, TokenPlace};
use super::text::{problem_of, run_name};
use super::{Dispatch, DispatchError, Orchestrator, Start, Started, Surroundings};
use crate::io::http::Reply;
use crate::io::remote::{RemoteError, RemoteProblem};

/// Always sent. Jenkins takes equal parameters in its queue for one build, and leaves out those the
/// job does not declare.
const DECISION_PARAMETER: &str = "PROOFMARK_DECISION";

/// A job with parameters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jenkins {
    /// Address of the server, with its path if it has one.
    pub url: String,
    /// The job with its folders: `ml/train`.
    #[schemars(regex(pattern = "^[^/?#]+(/[^/?#]+)*$"))]
    pub job: String,
    /// Its parameters, which the job must declare. `${decision}`, `${model}`, `${champion}`,
    /// `${causes}` and `${reason}` stand for what was decided; the decision is also sent as
    /// `PROOFMARK_DECISION`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The user whose token it is.
    #[schemars(regex(pattern = "^[^:]+$"))]
    pub user: String,
    /// The variable that holds the API token of the user.
    #[serde(default = "token_variable")]
    #[schemars(length(min = 1))]
    pub token_variable: String,
}

fn token_variable() -> String {
    "JENKINS_TOKEN".to_owned()
}

impl Orchestrator for Jenkins {
    fn problems(&self) -> Vec<(&'static str, String)> {
        let places = self.parameters.values().filter_map(|text| problem_of(text));
        let mut problems: Vec<_> = places.map(|message| ("parameters", message)).collect();
        problems.extend(post::problem_of(&self.url).map(|message| ("url", message)));
        if self.job.split('/').any(|part| [".", ".."].contains(&part)) {
            problems.push(("job", "`.` and `..` name no job".to_owned()));
        }
        problems
    }

    fn plan(&self, dispatch: &Dispatch, _surroundings: Surroundings<'_>) -> String {
        self.post(dispatch).plan()
    }

    fn prepare<'a>(
        &'a self,
        dispatch: &Dispatch,
        surroundings: Surroundings<'a>,
    ) -> Result<Start<'a>, DispatchError> {
        let ready = self.post(dispatch).prepare(surroundings)?;
        Ok(Box::new(move || match ready.send() {
            Ok(reply) => Ok(started(&reply)),
            Err(error) => Err(self.hinted(error).into()),
        }))
    }
}

impl Jenkins {
    fn post(&self, dispatch: &Dispatch) -> Post {
        let folders = self.job.split('/').flat_map(|part| ["job", part]);
        let mut fields: Vec<(String, String)> = self
            .parameters
            .iter()
            .map(|(name, text)| (name.clone(), dispatch.fill(text)))
            .collect();
        if !self.parameters.contains_key(DECISION_PARAMETER) {
            let decision = dispatch.decision.to_string();
            fields.push((DECISION_PARAMETER.to_owned(), decision));
        }
        Post {
            url: post::address(&self.url, folders.chain(["buildWithParameters"])),
            token_variable: self.token_variable.clone(),
            place: TokenPlace::Basic(self.user.clone()),
            fields,
        }
    }

    fn hinted(&self, error: RemoteError) -> RemoteError {
        let hint = match error.problem {
            RemoteProblem::NotAuthenticated | RemoteProblem::PermissionDenied => Some(format!(
                "`{}` must hold an API token of `{}`, who needs the permission Job/Build; a password \
                 would need a crumb",
                self.token_variable, self.user
            )),
            RemoteProblem::NotFound => Some(format!(
                "is `{}` the job with its folders, and may `{}` see it?",
                self.job, self.user
            )),
            RemoteProblem::Rejected => {
                Some(format!("`{}` must be a job with parameters", self.job))
            }
            RemoteProblem::Conflict
            | RemoteProblem::RateLimited
            | RemoteProblem::Unavailable
            | RemoteProblem::Unsupported
            | RemoteProblem::Malformed => None,
        };
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

fn started(reply: &Reply) -> Started {
    Started {
        run: reply.header("location").and_then(run_name),
    }
}
