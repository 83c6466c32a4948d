//! A workflow of GitHub Actions, started by `POST …/actions/workflows/{file}/dispatches` (REST API,
//! "Create a workflow dispatch event"). With `return_run_details` the reply is 200 and names the run;
//! without it, or on a server that does not know it, 204 and nothing. octocrab has a call for it, but
//! without `return_run_details` and without the run, so it is made by its generic one.

use std::collections::BTreeMap;

use reqwest::Method;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::post;
use super::text::{problem_of, run_name};
use super::{Dispatch, DispatchError, Orchestrator, Start, Started, Surroundings};
use crate::ci::github::GitHub;
use crate::io::World;
use crate::io::http::{Http, Repeat, Reply, endpoint};
use crate::io::remote::{RemoteError, RemoteProblem};

/// Most inputs of a workflow, as GitHub documents `workflow_dispatch`.
const INPUTS_MAX: usize = 25;

const API_URL: &str = "https://api.github.com";

/// A workflow with the trigger `workflow_dispatch`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Github {
    /// The repository: `owner/name`.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$"))]
    pub repository: String,
    /// File name of the workflow, as in `.github/workflows`, or its id.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*$"))]
    pub workflow: String,
    /// Branch or tag it runs on.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1))]
    pub reference: String,
    /// Its inputs, which the workflow must declare. `${decision}`, `${model}`, `${champion}`,
    /// `${causes}` and `${reason}` stand for what was decided.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// The variable that holds a token with `actions: write`.
    #[serde(default = "token_variable")]
    #[schemars(length(min = 1))]
    pub token_variable: String,
    /// Address of the REST API; `GITHUB_API_URL` or that of github.com by default.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Ask for the address of the run. Only on github.com and ghe.com by default: a GitHub
    /// Enterprise Server may not know the question.
    #[serde(default)]
    pub run_details: Option<bool>,
}

fn token_variable() -> String {
    "GITHUB_TOKEN".to_owned()
}

impl Orchestrator for Github {
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.repository.ends_with("/.") || self.repository.ends_with("/..") {
            problems.push(("repository", "`.` and `..` name no repository".to_owned()));
        }
        if INPUTS_MAX < self.inputs.len() {
            let message = format!("GitHub takes at most {INPUTS_MAX} inputs");
            problems.push(("inputs", message));
        }
        let places = self.inputs.values().filter_map(|text| problem_of(text));
        problems.extend(places.map(|message| ("inputs", message)));
        let address = self.api_url.as_deref().and_then(post::problem_of);
        problems.extend(address.map(|message| ("api_url", message)));
        problems
    }

    fn plan(&self, dispatch: &Dispatch, surroundings: Surroundings<'_>) -> String {
        let question = self.question(dispatch, surroundings.world);
        let address = format!("{}{}", question.api_url, question.path);
        format!(
            "{}\nauthorization: Bearer *** (`{}`)\n{}",
            endpoint(&Method::POST, &address),
            self.token_variable,
            question.body
        )
    }

    fn prepare<'a>(
        &'a self,
        dispatch: &Dispatch,
        surroundings: Surroundings<'a>,
    ) -> Result<Start<'a>, DispatchError> {
        let question = self.question(dispatch, surroundings.world);
        let token = post::token(surroundings.world, &self.token_variable)?;
        let http = Http::new(surroundings.world)?;
        Ok(Box::new(move || {
            let github = GitHub::at(&http, &question.api_url, &self.repository, Some(token))?;
            let body = Some(&question.body);
            match github.send(Method::POST, &question.path, body, Repeat::Never) {
                Ok(reply) => Ok(started(&reply)),
                Err(error) => Err(self.hinted(error).into()),
            }
        }))
    }
}

/// What is asked of which API.
struct Question {
    api_url: String,
    path: String,
    body: Value,
}

impl Github {
    fn question(&self, dispatch: &Dispatch, world: &World) -> Question {
        let api_url = self
            .api_url
            .as_deref()
            .or_else(|| world.variable("GITHUB_API_URL"))
            .unwrap_or(API_URL)
            .trim_end_matches('/');
        let (repository, workflow) = (&self.repository, &self.workflow);
        let inputs: BTreeMap<&str, String> = self
            .inputs
            .iter()
            .map(|(name, text)| (name.as_str(), dispatch.fill(text)))
            .collect();
        let mut body = json!({ "ref": self.reference, "inputs": inputs });
        let run_details = self.run_details;
        if run_details.unwrap_or_else(|| knows_run_details(api_url)) {
            body["return_run_details"] = true.into();
        }
        Question {
            api_url: api_url.to_owned(),
            // The patterns of both leave nothing to encode.
            path: format!("/repos/{repository}/actions/workflows/{workflow}/dispatches"),
            body,
        }
    }

    fn hinted(&self, error: RemoteError) -> RemoteError {
        let hint = match error.problem {
            RemoteProblem::NotFound => Some(format!(
                "`.github/workflows/{}` must be on the default branch of `{}`, and the token must \
                 see it",
                self.workflow, self.repository
            )),
            RemoteProblem::PermissionDenied | RemoteProblem::NotAuthenticated => Some(format!(
                "the token in `{}` needs `actions: write` on `{}`",
                self.token_variable, self.repository
            )),
            RemoteProblem::Rejected => Some(format!(
                "the workflow must have the trigger `workflow_dispatch` and declare every input, \
                 and `{}` must exist",
                self.reference
            )),
            RemoteProblem::Conflict
            | RemoteProblem::RateLimited
            | RemoteProblem::Unavailable
            | RemoteProblem::Unsupported
            | RemoteProblem::Malformed => None,
        };
        post::said_with_the_claim(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }
}

fn knows_run_details(api_url: &str) -> bool {
    reqwest::Url::parse(api_url).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        host == "api.github.com" || host.ends_with(".ghe.com")
    })
}

/// The run, where the reply names it. A status below 300 alone says that it was started.
fn started(reply: &Reply) -> Started {
    #[derive(Default, Deserialize)]
    struct Details {
        html_url: Option<String>,
        workflow_run_id: Option<u64>,
    }
    let details: Details = reply.json().unwrap_or_default();
    let address = details.html_url.as_deref().and_then(run_name);
    let id = details.workflow_run_id.map(|id| id.to_string());
    Started {
        run: address.or(id),
    }
}
