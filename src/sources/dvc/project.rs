//! A directory with `dvc.yaml`: the metrics files it declares, and what `dvc.lock` says of the data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{TITLE, named};
use crate::evidence::InputRef;
use crate::recorded::{RecordedDataset, RecordedMetric, Recording};
use crate::sources::{Asked, Content, Read, SourceError, json, values};

/// Most metrics files read.
const FILES_MAX: usize = 1_000;

#[derive(Deserialize)]
struct Pipeline {
    #[serde(default)]
    stages: BTreeMap<String, Stage>,
    #[serde(default)]
    metrics: Vec<Output>,
}

#[derive(Deserialize)]
struct Stage {
    #[serde(default)]
    metrics: Vec<Output>,
    #[serde(default)]
    wdir: Option<String>,
    /// What a stage made by `foreach` or `matrix` is made of.
    #[serde(default, rename = "do")]
    made: Option<Box<Stage>>,
}

/// A path, or a path with what DVC is to do with it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Output {
    Path(String),
    With(BTreeMap<String, Value>),
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    stages: BTreeMap<String, Locked>,
}

#[derive(Default, Deserialize)]
struct Locked {
    #[serde(default)]
    deps: Vec<Artifact>,
    #[serde(default)]
    outs: Vec<Artifact>,
    #[serde(default)]
    params: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Artifact {
    path: String,
    #[serde(default)]
    hash: Option<String>,
    #[serde(default)]
    size: Option<u64>,
    /// The digest by the name of its kind: `md5`, `etag`, `checksum`.
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// The directory, when the locator names one or its `dvc.yaml`; with a slash at its end.
pub(super) fn directory(asked: &Asked<'_>) -> Option<String> {
    let locator = asked.locator;
    if asked.path().is_dir() {
        return Some(format!("{}/", locator.trim_end_matches('/')));
    }
    let directory = locator.strip_suffix("dvc.yaml")?;
    (directory.is_empty() || directory.ends_with('/')).then(|| directory.to_owned())
}

/// What is read of a directory.
struct Project<'a> {
    asked: &'a Asked<'a>,
    directory: &'a str,
    recording: Recording,
    inputs: Vec<InputRef>,
}

pub(super) fn read(asked: &Asked<'_>, directory: &str) -> Result<Read, SourceError> {
    let mut project = Project {
        asked,
        directory,
        recording: Recording::by(TITLE),
        inputs: Vec::new(),
    };
    let pipeline: Pipeline = project.yaml("dvc.yaml")?;
    let paths = declared(&pipeline);
    if paths.is_empty() || FILES_MAX < paths.len() {
        let problem = format!(
            "`dvc.yaml` declares {} metrics files, expected 1 to {FILES_MAX} under `metrics`",
            paths.len()
        );
        return Err(asked.malformed(TITLE, problem));
    }
    let sizes = match project.yaml::<Lock>("dvc.lock") {
        Ok(lock) => project.locked(lock),
        Err(error) if error.is_absent() => {
            let why = "there is no `dvc.lock`: the pipeline has not been run".to_owned();
            project.recording.shortfalls.push(why);
            BTreeMap::new()
        }
        Err(error) => return Err(error),
    };
    let mut files = BTreeMap::new();
    for path in paths {
        let metrics = project.metrics(&path, sizes.get(&path).copied())?;
        files.insert(path, metrics);
    }
    project.recording.metrics = named(files);
    Ok(Read {
        recording: project.recording,
        inputs: project.inputs,
    })
}

impl Project<'_> {
    fn yaml<T: for<'de> Deserialize<'de>>(&mut self, name: &str) -> Result<T, SourceError> {
        let (bytes, input) = self
            .asked
            .content_of(&format!("{}{name}", self.directory))?;
        self.inputs.push(input);
        let wrong = |problem: String| self.asked.malformed(TITLE, format!("`{name}`: {problem}"));
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(error.to_string()))?;
        serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))
    }

    /// Takes data and parameters from the lock; gives the sizes of what was made, by path.
    fn locked(&mut self, lock: Lock) -> BTreeMap<String, u64> {
        let mut datasets = BTreeMap::new();
        let mut sizes = BTreeMap::new();
        for stage in lock.stages.into_values() {
            for artifact in stage.outs.iter().chain(&stage.deps) {
                datasets.insert(artifact.path.clone(), artifact.digest());
            }
            let made = stage.outs.into_iter();
            sizes.extend(made.filter_map(|made| Some((made.path, made.size?))));
            for (file, parameters) in stage.params {
                let named = parameters.into_iter().map(|(name, value)| {
                    let value = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    (format!("{file}:{name}"), value)
                });
                self.recording.parameters.extend(named);
            }
        }
        self.recording.parameters.sort();
        self.recording.parameters.dedup();
        let named = datasets.into_iter();
        self.recording.datasets = named
            .map(|(name, digest)| RecordedDataset { name, digest })
            .collect();
        sizes
    }

    fn metrics(
        &mut self,
        path: &str,
        size: Option<u64>,
    ) -> Result<Vec<RecordedMetric>, SourceError> {
        if let Err(why) = inside(path) {
            self.recording.shortfalls.push(why);
            return Ok(Vec::new());
        }
        let (bytes, input) = match self.asked.content_of(&format!("{}{path}", self.directory)) {
            Ok(found) => found,
            Err(error) if error.is_absent() => {
                let why = format!("`{path}` is declared in `dvc.yaml` and is not there");
                self.recording.shortfalls.push(why);
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        self.inputs.push(input);
        if size.is_some_and(|size| size != bytes.len() as u64) {
            let why = format!(
                "`{path}` is not the file `dvc.lock` speaks of: its size differs; run `dvc repro`"
            );
            self.recording.shortfalls.push(why);
        }
        let content = Content {
            name: path,
            bytes: &bytes,
        };
        values::value(&content)
            .and_then(|value| json::metrics(&value))
            .map_err(|problem| self.asked.malformed(TITLE, format!("`{path}`: {problem}")))
    }
}

impl Artifact {
    /// `md5:5b99…`.
    fn digest(&self) -> Option<String> {
        let kinds = self
            .hash
            .as_deref()
            .into_iter()
            .chain(["md5", "etag", "checksum"]);
        kinds.into_iter().find_map(|kind| {
            let digest = self.rest.get(kind)?.as_str()?;
            Some(format!("{kind}:{digest}"))
        })
    }
}

/// The paths of the metrics files, from the directory.
fn declared(pipeline: &Pipeline) -> BTreeSet<String> {
    let mut paths: BTreeSet<String> = pipeline.metrics.iter().flat_map(Output::paths).collect();
    for stage in pipeline.stages.values() {
        let stage = stage.made.as_deref().unwrap_or(stage);
        let within = |path: String| match stage.wdir.as_deref() {
            None | Some("." | "./") => path,
            Some(directory) => format!("{}/{path}", directory.trim_end_matches('/')),
        };
        paths.extend(stage.metrics.iter().flat_map(Output::paths).map(within));
    }
    paths
}

impl Output {
    fn paths(&self) -> Vec<String> {
        match self {
            Self::Path(path) => vec![path.clone()],
            Self::With(paths) => paths.keys().cloned().collect(),
        }
    }
}

/// Why a metrics file cannot be read, when that can be told from its name.
fn inside(path: &str) -> Result<(), String> {
    if path.contains("${") {
        return Err(format!(
            "`{path}` is a template, which is not filled in; use what `dvc metrics show --json` prints"
        ));
    }
    let leaves =
        path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == "..");
    if leaves {
        return Err(format!(
            "`{path}` leads out of the directory, and is not read"
        ));
    }
    let known = [".json", ".yaml", ".yml", ".toml"];
    if !known.iter().any(|end| path.ends_with(end)) {
        return Err(format!(
            "`{path}` is neither JSON, YAML nor TOML; use what `dvc metrics show --json` prints"
        ));
    }
    Ok(())
}
