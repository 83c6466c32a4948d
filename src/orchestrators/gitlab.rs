//! A pipeline of GitLab CI, started by `POST /projects/:id/trigger/pipeline` (REST API, "Pipeline
//! trigger tokens") with a trigger token, or with the `CI_JOB_TOKEN` of a project that may.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::post::{self, Post, TokenPlace};
use super::text::{problem_of, run_name};
use super::{Dispatch, DispatchError, Orchestrator, Start, Started, Surroundings};
use crate::io::World;
use crate::io::http::Reply;
use crate::io::remote::{RemoteError, RemoteProblem};

const API_URL: &str = "https://gitlab.com/api/v4";

/// A pipeline of a project.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gitlab {
    /// The project: its id or its whole path, `group/name`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_][A-Za-z0-9._/-]*$"))]
    pub project: String,
    /// Branch or tag it runs on.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1))]
    pub reference: String,
    /// Variables of the pipeline. `${decision}`, `${model}`, `${champion}`, `${causes}` and
    /// `${reason}` stand for what was decided.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The variable that holds the trigger token.
    #[serde(default = "token_variable")]
    #[schemars(length(min = 1))]
    pub token_variable: String,
    /// Address of the REST API; `CI_API_V4_URL` or that of gitlab.com by default.
    #[serde(default)]
    pub api_url: Option<String>,
}

fn token_variable() -> String {
    "CI_JOB_TOKEN".to_owned()
}

impl Orchestrator for Gitlab {
    fn problems(&self) -> Vec<(&'static str, String)> {
        let places = self.variables.values().filter_map(|text| problem_of(text));
        let mut problems: Vec<_> = places.map(|message| ("variables", message)).collect();
        let address = self.api_url.as_deref().and_then(post::problem_of);
        problems.extend(address.map(|message| ("api_url", message)));
        problems
    }

    fn plan(&self, dispatch: &Dispatch, surroundings: Surroundings<'_>) -> String {
        self.post(dispatch, surroundings.world).plan()
    }

    fn prepare<'a>(
        &'a self,
        dispatch: &Dispatch,
        surroundings: Surroundings<'a>,
    ) -> Result<Start<'a>, DispatchError> {
        let ready = self
            .post(dispatch, surroundings.world)
            .prepare(surroundings)?;
        Ok(Box::new(move || match ready.send() {
            Ok(reply) => Ok(started(&reply)),
            Err(error) => Err(self.hinted(error).into()),
        }))
    }
}

impl Gitlab {
    fn post(&self, dispatch: &Dispatch, world: &World) -> Post {
        let api_url = self
            .api_url
            .as_deref()
            .or_else(|| world.variable("CI_API_V4_URL"))
            .unwrap_or(API_URL);
        let segments = ["projects", &self.project, "trigger", "pipeline"];
        let mut fields = vec![("ref".to_owned(), self.reference.clone())];
        fields.extend(
            self.variables
                .iter()
                .map(|(name, text)| (format!("variables[{name}]"), dispatch.fill(text))),
        );
        Post {
            url: post::address(api_url, segments),
            token_variable: self.token_variable.clone(),
            place: TokenPlace::Field("token"),
            fields,
        }
    }

    fn hinted(&self, error: RemoteError) -> RemoteError {
        let hint = match error.problem {
            RemoteProblem::NotFound
            | RemoteProblem::PermissionDenied
            | RemoteProblem::NotAuthenticated => Some(format!(
                "`{}` must hold a trigger token of `{}`, or a job token the project lets in",
                self.token_variable, self.project
            )),
            RemoteProblem::Rejected => Some(format!(
                "`{}` must exist, have a pipeline for triggers and let triggers set variables",
                self.reference
            )),
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

/// The pipeline, where the reply names it. A status below 300 alone says that it was started.
fn started(reply: &Reply) -> Started {
    #[derive(Default, Deserialize)]
    struct Pipeline {
        web_url: Option<String>,
        id: Option<u64>,
    }
    let pipeline: Pipeline = reply.json().unwrap_or_default();
    let address = pipeline.web_url.as_deref().and_then(run_name);
    Started {
        run: address.or(pipeline.id.map(|id| id.to_string())),
    }
}
