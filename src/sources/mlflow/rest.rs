//! A tracking server, by its REST API 2.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::history::POINTS_MAX;
use super::run::{LoggedModel, Point, Run, Version};
use super::{Asked, ENTRIES_MAX, SourceError, Store, TITLE, locator};
use crate::evidence::{InputRef, Sha256};
use crate::io::http::{Body, Http, Repeat, Request};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::recorded::RecordedDataset;
use crate::sources::json;

/// Values of a history asked for at once, as the client of MLflow does (`GET_METRIC_HISTORY_MAX_RESULTS`).
/// A server from before there were pages answers with all of them.
const PAGE: &str = "25000";

/// A tracking server.
pub(super) struct Server<'a> {
    asked: &'a Asked<'a>,
    http: Http,
    base: String,
    token: Option<Secret>,
    inputs: Vec<InputRef>,
}

#[derive(Deserialize)]
struct RunReply {
    run: RunEntity,
}

#[derive(Deserialize)]
struct RunEntity {
    info: RunInfo,
    #[serde(default)]
    data: Data,
    #[serde(default)]
    inputs: Inputs,
}

#[derive(Deserialize)]
struct RunInfo {
    run_id: String,
    status: String,
    #[serde(default)]
    lifecycle_stage: Option<String>,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    metrics: Vec<Metric>,
    #[serde(default)]
    params: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Metric {
    key: String,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    timestamp: Value,
    #[serde(default)]
    step: Value,
    #[serde(default)]
    dataset_name: Option<String>,
}

#[derive(Deserialize)]
struct HistoryReply {
    #[serde(default)]
    metrics: Vec<Metric>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Parameter {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Default, Deserialize)]
struct Inputs {
    #[serde(default)]
    dataset_inputs: Vec<DatasetInput>,
}

#[derive(Deserialize)]
struct DatasetInput {
    dataset: Dataset,
}

#[derive(Deserialize)]
struct Dataset {
    name: String,
    #[serde(default)]
    digest: Option<String>,
}

#[derive(Deserialize)]
struct VersionReply {
    model_version: VersionEntity,
}

#[derive(Deserialize)]
struct VersionEntity {
    version: String,
    #[serde(default)]
    run_id: Option<String>,
    #[serde(default)]
    model_id: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Deserialize)]
struct ModelReply {
    model: ModelEntity,
}

#[derive(Deserialize)]
struct ModelEntity {
    info: ModelInfo,
    #[serde(default)]
    data: Data,
}

#[derive(Deserialize)]
struct ModelInfo {
    model_id: String,
    #[serde(default)]
    source_run_id: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

impl<'a> Server<'a> {
    /// Prepares for the server and asks nothing of it.
    pub(super) fn new(asked: &'a Asked<'a>, base: String) -> Result<Self, SourceError> {
        Ok(Self {
            asked,
            http: Http::new(asked.world).map_err(setting)?,
            base,
            token: token(asked)?,
            inputs: Vec::new(),
        })
    }

    fn get<T: DeserializeOwned>(
        &mut self,
        path: &str,
        query: &[(&str, &str)],
        what: &str,
    ) -> Result<T, SourceError> {
        let address = format!("{}/api/2.0/mlflow/{path}", self.base);
        let mut url = Url::parse(&address).map_err(setting)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = self.token.iter();
        let reply = self.http.send(&Request {
            method: Method::GET,
            url: url.as_str(),
            headers: token
                .map(|token| ("authorization", token.clone()))
                .collect(),
            body: Body::Empty,
            repeat: Repeat::Safe,
        });
        let reply = reply.map_err(|error| match is_missing(&error) {
            true => super::missing(self.asked, &format!("{what} on it: {error}")),
            false => explained(error).into(),
        })?;
        self.inputs.push(InputRef {
            locator: url.to_string(),
            sha256: Sha256::of(&reply.body),
            fetched_at: Some(self.asked.world.now()),
        });
        json::parse(&reply.body).map_err(|problem| {
            let problem = format!(
                "the reply to {} is not of MLflow: {problem}",
                reply.endpoint
            );
            self.asked.malformed(TITLE, problem)
        })
    }

    fn metrics(&self, metrics: Vec<Metric>) -> Result<Vec<Point>, SourceError> {
        if ENTRIES_MAX < metrics.len() {
            let problem = format!("there are more than {ENTRIES_MAX} metrics");
            return Err(self.asked.malformed(TITLE, problem));
        }
        self.points(metrics)
    }

    fn points(&self, metrics: Vec<Metric>) -> Result<Vec<Point>, SourceError> {
        let point = |metric: Metric| {
            let value = json::number(&metric.value).ok_or_else(|| {
                let problem = format!("metric `{}` has no number", metric.key);
                self.asked.malformed(TITLE, problem)
            })?;
            Ok(Point {
                value,
                step: integer(&metric.step),
                timestamp: integer(&metric.timestamp),
                dataset: metric.dataset_name.filter(|name| !name.is_empty()),
                key: metric.key,
            })
        };
        metrics.into_iter().map(point).collect()
    }
}

impl Store for Server<'_> {
    fn run(&mut self, id: &str) -> Result<Run, SourceError> {
        let reply: RunReply = self.get("runs/get", &[("run_id", id)], &format!("run `{id}`"))?;
        let run = reply.run;
        let datasets = run.inputs.dataset_inputs.into_iter();
        Ok(Run {
            id: run.info.run_id,
            status: run.info.status,
            deleted: run
                .info
                .lifecycle_stage
                .is_some_and(|stage| stage != "active"),
            points: self.metrics(run.data.metrics)?,
            parameters: pairs(run.data.params),
            datasets: datasets
                .map(|input| RecordedDataset {
                    name: input.dataset.name,
                    digest: input.dataset.digest,
                })
                .collect(),
        })
    }

    fn history(&mut self, run: &Run, key: &str) -> Result<Vec<Point>, SourceError> {
        let what = format!("history of metric `{key}` of run `{}`", run.id);
        let mut points = Vec::new();
        let mut page = None;
        loop {
            let mut query = vec![
                ("run_id", run.id.as_str()),
                ("metric_key", key),
                ("max_results", PAGE),
            ];
            query.extend(page.as_deref().map(|token| ("page_token", token)));
            let reply: HistoryReply = self.get("metrics/get-history", &query, &what)?;
            let found = self.points(reply.metrics)?;
            let next = reply.next_page_token.filter(|token| !token.is_empty());
            // A page without a value that names a next one would never end.
            let is_endless = next.is_some() && found.is_empty();
            points.extend(found);
            if is_endless || POINTS_MAX < points.len() {
                let problem = format!("the {what} has no end, or more than {POINTS_MAX} values");
                return Err(self.asked.malformed(TITLE, problem));
            }
            match next {
                None => return Ok(points),
                Some(next) => page = Some(next),
            }
        }
    }

    fn alias(&mut self, model: &str, alias: &str) -> Result<String, SourceError> {
        let query = [("name", model), ("alias", alias)];
        let what = format!("alias `{alias}` of a model `{model}`");
        let reply: VersionReply = self.get("registered-models/alias", &query, &what)?;
        Ok(reply.model_version.version)
    }

    fn version(&mut self, model: &str, version: &str) -> Result<Version, SourceError> {
        let query = [("name", model), ("version", version)];
        let what = format!("version {version} of a model `{model}`");
        let reply: VersionReply = self.get("model-versions/get", &query, &what)?;
        let found = reply.model_version;
        let logged = found.model_id.as_deref().filter(|id| !id.is_empty());
        Ok(Version {
            model: super::run::model_of(logged, found.source.as_deref()),
            run: found.run_id.filter(|id| !id.is_empty()),
            ready: found.status.is_none_or(|status| status == "READY"),
        })
    }

    fn model(&mut self, id: &str) -> Result<LoggedModel, SourceError> {
        if !locator::is_id(id) {
            let problem = format!("`{id}` is not the id of a logged model");
            return Err(self.asked.malformed(TITLE, problem));
        }
        let path = format!("logged-models/{id}");
        let reply: ModelReply = self.get(&path, &[], &format!("logged model `{id}`"))?;
        let model = reply.model;
        Ok(LoggedModel {
            id: model.info.model_id,
            run: model.info.source_run_id.filter(|id| !id.is_empty()),
            ready: model
                .info
                .status
                .is_none_or(|status| status == "LOGGED_MODEL_READY"),
            points: self.metrics(model.data.metrics)?,
            parameters: pairs(model.data.params),
        })
    }

    fn inputs(&self) -> Result<Vec<InputRef>, SourceError> {
        Ok(self.inputs.clone())
    }
}

/// What authorises: a name and a password before a token, as the client of MLflow has it.
fn token(asked: &Asked<'_>) -> Result<Option<Secret>, SourceError> {
    let secret = |name| Secret::from_variable(asked.world, name).map_err(setting);
    let user = asked.world.variable("MLFLOW_TRACKING_USERNAME");
    if let (Some(user), Some(password)) = (user, secret("MLFLOW_TRACKING_PASSWORD")?) {
        let basic =
            |password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        return Ok(Some(password.within(basic)));
    }
    let token = secret("MLFLOW_TRACKING_TOKEN")?;
    Ok(token.map(|token| token.within(|token| format!("Bearer {token}"))))
}

fn setting(error: impl std::fmt::Display) -> SourceError {
    SourceError::Setting(error.to_string())
}

/// Whether MLflow itself says that there is no such thing. A server that is not MLflow, or another path
/// of one, also answers 404, but not in these words; an alias that is not there is a 400.
fn is_missing(error: &RemoteError) -> bool {
    let answered = matches!(
        error.problem,
        RemoteProblem::NotFound | RemoteProblem::Rejected
    );
    let words = error.detail.as_deref().unwrap_or_default();
    answered && words.to_ascii_lowercase().contains("not found")
}

fn explained(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::NotAuthenticated | RemoteProblem::PermissionDenied => error.hint(
            "set `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, or `MLFLOW_TRACKING_TOKEN`, of somebody who may read it",
        ),
        RemoteProblem::NotFound => error.hint("is it the address of a tracking server of MLflow?"),
        RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}

fn pairs(parameters: Vec<Parameter>) -> Vec<(String, String)> {
    let parameters = parameters.into_iter();
    parameters.map(|one| (one.key, one.value)).collect()
}

/// An integer as JSON or, as protocol buffers have it, as its digits; 0 where there is none.
fn integer(value: &Value) -> i64 {
    match value {
        Value::String(text) => text.parse().unwrap_or(0),
        other => other.as_i64().unwrap_or(0),
    }
}
