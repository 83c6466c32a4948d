//! MLflow: runs and registered models, from its server, its database or its directory.
//!
//! The three stores of one tracking server say the same ([`rest`], [`sqlite`], [`files`]); what they say
//! becomes one [`Run`] and one [`LoggedModel`], and these a recording ([`run`]). The rows of
//! `mlflow.genai.evaluate` are a source of their own, `mlflow_genai`. What rules ask of the history of a
//! metric is found by [`history`]. Written for MLflow 3.17; MLflow Docs, "REST API".

mod files;
mod history;
mod locator;
mod rest;
mod run;
mod sqlite;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use locator::{Named, Tracking};
use run::{LoggedModel, Point, Run, Version};

const TITLE: &str = "MLflow";

/// Variable that names the store where the configuration does not.
const URI_VARIABLE: &str = "MLFLOW_TRACKING_URI";

/// Most entries of one kind (metrics, parameters, datasets) of a run or model.
const ENTRIES_MAX: usize = 100_000;

pub(super) const SOURCE: Source = Source {
    id: "mlflow",
    title: TITLE,
    summary: "A run `runs:/ID` (or its bare id), a registered model `models:/NAME/VERSION` or `models:/NAME@ALIAS`, or a logged model `models:/m-ID`; of a model the numbers of its run and its own, which also stand on slices `dataset=NAME`. `auc` is the last value of a metric; `auc@max` and `auc@min` are the best of its history, `auc@step=100` is the value of a step. `server` or `MLFLOW_TRACKING_URI` names the server (`https://…`; `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, or `MLFLOW_TRACKING_TOKEN`), the database (`sqlite:///mlflow.db`) or the directory (`mlruns`).",
    gives: &[Gives::Metrics, Gives::Slices],
    reference: "[MLflow REST API 2.0](https://mlflow.org/docs/latest/api_reference/rest-api.html); 3.17.2",
    read: Reader::Own(read),
};

/// Where MLflow keeps runs and models.
trait Store {
    /// The run of this id.
    fn run(&mut self, id: &str) -> Result<Run, SourceError>;
    /// Every value of a metric of a run; none when it was never logged.
    fn history(&mut self, run: &Run, key: &str) -> Result<Vec<Point>, SourceError>;
    /// The number of the version an alias of a registered model stands for.
    fn alias(&mut self, model: &str, alias: &str) -> Result<String, SourceError>;
    /// A version of a registered model.
    fn version(&mut self, model: &str, version: &str) -> Result<Version, SourceError>;
    /// A logged model.
    fn model(&mut self, id: &str) -> Result<LoggedModel, SourceError>;
    /// What was read so far.
    fn inputs(&self) -> Result<Vec<crate::evidence::InputRef>, SourceError>;
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let wrong = |problem| asked.malformed(TITLE, problem);
    let named = Named::parse(asked.locator).map_err(wrong)?;
    let chosen = history::chosen(asked)?;
    let server = asked
        .server
        .or_else(|| asked.world.variable(URI_VARIABLE))
        .ok_or_else(|| {
            SourceError::Setting(format!(
                "failed to read `{}` from MLflow: nothing says where it is; hint: name the server, database or directory in `server` or `{URI_VARIABLE}`",
                asked.locator
            ))
        })?;
    let mut store: Box<dyn Store + '_> =
        match Tracking::parse(server).map_err(SourceError::Setting)? {
            Tracking::Server(base) => Box::new(rest::Server::new(asked, base)?),
            Tracking::Path(path) => {
                let place = asked.root.join(&path);
                match place.is_file() {
                    true => Box::new(sqlite::Tables::open(asked, &place, path)?),
                    false => Box::new(files::Directory::open(asked, place, path)?),
                }
            }
        };
    let recording = run::recording(store.as_mut(), &named, &chosen)?;
    Ok(Read {
        recording,
        inputs: store.inputs()?,
    })
}

/// There is no such run, model or alias.
fn missing(asked: &Asked<'_>, what: &str) -> SourceError {
    SourceError::Missing(format!(
        "failed to read `{}` from MLflow: there is no {what}",
        asked.locator
    ))
}

#[cfg(test)]
mod tests;
