//! A run on a server, by the GraphQL API that the client of wandb asks (`wandb/apis/public/runs.py`).
//!
//! The server answers 200 also when it refuses: what it says is then in `errors`. A project that is not
//! there and one that may not be seen are both null, a run that is not there is null in its project.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{TITLE, summary};
use crate::evidence::{InputRef, Sha256};
use crate::io::http::{Body, Http, Repeat, Reply, Request};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::recorded::Recording;
use crate::sources::{Asked, Read, SourceError, json};

/// The server where nothing names one.
const PUBLIC: &str = "https://api.wandb.ai";

const BASE: &str = "WANDB_BASE_URL";
const KEY: &str = "WANDB_API_KEY";

/// Longest name of an entity, project or run, in bytes: that of a run, the longest, is of 128 characters.
const NAME_BYTES_MAX: usize = 512;

const QUERY: &str = "query Run($entity: String!, $project: String!, $name: String!) { project(name: $project, entityName: $entity) { run(name: $name) { name state config summaryMetrics } } }";

/// A run by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named<'a> {
    entity: &'a str,
    project: &'a str,
    run: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Data {
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    run: Option<Run>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

/// A run; `config` and `summaryMetrics` are texts of JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    name: String,
    state: String,
    #[serde(default)]
    config: Option<String>,
    #[serde(default)]
    summary_metrics: Option<String>,
}

pub(super) fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let named = Named::parse(asked.locator).ok_or_else(|| {
        let expected = "expected `ENTITY/PROJECT/RUN`, or a file named `….wandb` or `….json`";
        asked.malformed(TITLE, expected.to_owned())
    })?;
    let url = address(asked)?;
    let reply = ask(asked, &url, named)?;
    let input = InputRef {
        locator: format!("{url} {}/{}/{}", named.entity, named.project, named.run),
        sha256: Sha256::of(&reply.body),
        fetched_at: Some(asked.world.now()),
    };
    let run = run(asked, &reply, named)?;
    let recording = recording(run).map_err(|problem| asked.malformed(TITLE, problem))?;
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

impl<'a> Named<'a> {
    /// Parses `ENTITY/PROJECT/RUN`, also with `runs` before the run as in the address of its page.
    fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (entity, project, run) = match parts.as_slice() {
            [entity, project, run] | [entity, project, "runs", run] => (*entity, *project, *run),
            _ => return None,
        };
        let is_name = |name: &str| {
            !name.trim().is_empty()
                && name.len() <= NAME_BYTES_MAX
                && !name.contains(char::is_control)
        };
        [entity, project, run]
            .into_iter()
            .all(is_name)
            .then_some(Self {
                entity,
                project,
                run,
            })
    }
}

/// Where questions go: `https://HOST/graphql`.
fn address(asked: &Asked<'_>) -> Result<String, SourceError> {
    let base = asked.server.or_else(|| asked.world.variable(BASE));
    let base = base.unwrap_or(PUBLIC).trim_end_matches('/');
    let wrong = |why: &str| {
        SourceError::Setting(format!(
            "the address of the server of Weights & Biases {why}; hint: `server` or `{BASE}` is like `{PUBLIC}`"
        ))
    };
    let url = Url::parse(base).map_err(|_| wrong("is none"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is not one of HTTP"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(&format!(
            "holds a name or a password, which belongs into `{KEY}`"
        )));
    }
    Ok(format!("{base}/graphql"))
}

fn ask(asked: &Asked<'_>, url: &str, named: Named<'_>) -> Result<Reply, SourceError> {
    let setting = |error: &dyn std::fmt::Display| SourceError::Setting(error.to_string());
    let key = Secret::from_variable(asked.world, KEY).map_err(|error| setting(&error))?;
    // As the client does: the name is always `api`, the key is the password.
    let basic = |key: &str| format!("Basic {}", STANDARD.encode(format!("api:{key}")));
    let authorization = key.iter().map(|key| ("authorization", key.within(basic)));
    let http = Http::new(asked.world).map_err(|error| setting(&error))?;
    let variables = serde_json::json!({
        "entity": named.entity,
        "project": named.project,
        "name": named.run,
    });
    let reply = http.send(&Request {
        method: Method::POST,
        url,
        headers: authorization.collect(),
        body: Body::Json(serde_json::json!({"query": QUERY, "variables": variables})),
        // It is a question, though it is posted.
        repeat: Repeat::Safe,
    });
    reply.map_err(|error| explained(error).into())
}

/// The run in a reply.
fn run(asked: &Asked<'_>, reply: &Reply, named: Named<'_>) -> Result<Run, SourceError> {
    let answer: Answer = reply.json()?;
    if !answer.errors.is_empty() {
        let words: Vec<&str> = answer
            .errors
            .iter()
            .map(|error| error.message.as_str())
            .collect();
        let error = RemoteError::new(&reply.endpoint, RemoteProblem::Rejected);
        return Err(explained(error.saying(&words.join("; "))).into());
    }
    let Some(data) = answer.data else {
        let problem = format!(
            "the reply to {} holds neither `data` nor `errors`",
            reply.endpoint
        );
        return Err(asked.malformed(TITLE, problem));
    };
    let Named {
        entity,
        project,
        run,
    } = named;
    let Some(found) = data.project else {
        // Not that the run is missing: perhaps it may only not be seen.
        return Err(SourceError::Setting(format!(
            "failed to read `{}` from Weights & Biases: there is no project `{project}` of `{entity}`, or the key may not see it; hint: set `{KEY}` to the key of somebody who may read it",
            asked.locator
        )));
    };
    found.run.ok_or_else(|| {
        SourceError::Missing(format!(
            "failed to read `{}` from Weights & Biases: there is no run `{run}` in `{entity}/{project}`",
            asked.locator
        ))
    })
}

fn recording(run: Run) -> Result<Recording, String> {
    let object = |name: &str, text: Option<String>| -> Result<Map<String, Value>, String> {
        let text = text.unwrap_or_default();
        match text.trim() {
            "" | "null" => Ok(Map::new()),
            text => json::parse(text.as_bytes())
                .map_err(|problem| format!("`{name}` of the run: {problem}")),
        }
    };
    let mut recording = Recording::by(TITLE);
    if run.state != "finished" {
        let why = format!("the run is {}, not finished", run.state);
        recording.shortfalls.push(why);
    }
    recording.metrics = summary::metrics(object("summaryMetrics", run.summary_metrics)?)?;
    let config = object("config", run.config)?;
    let mine = config.into_iter().filter(|(name, _)| name != "_wandb");
    recording.parameters = mine.map(|(name, value)| (name, setting(value))).collect();
    recording.run = Some(run.name);
    Ok(recording)
}

/// A value of the configuration, which the server keeps beside its description: `{"value": 0.1}`.
fn setting(mut kept: Value) -> String {
    let value = kept
        .get_mut("value")
        .map_or_else(Value::default, Value::take);
    match (value, kept) {
        (Value::Null, Value::Object(_)) => "null".to_owned(),
        (Value::Null, Value::String(text)) | (Value::String(text), _) => text,
        (Value::Null, other) | (other, _) => other.to_string(),
    }
}

fn explained(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::NotAuthenticated | RemoteProblem::PermissionDenied => error.hint(format!(
            "set `{KEY}` to the key of somebody who may read the run"
        )),
        RemoteProblem::NotFound => {
            error.hint("is it the address of the API of Weights & Biases, not of its pages?")
        }
        RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}
