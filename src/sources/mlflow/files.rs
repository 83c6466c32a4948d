//! A directory of runs (`mlruns`), as MLflow wrote it before databases became its default in 3.13.

use std::path::PathBuf;

use serde::Deserialize;

use super::run::{LoggedModel, Point, Run, Version, model_of};
use super::{Asked, ENTRIES_MAX, SourceError, Store, TITLE, locator};
use crate::evidence::{InputRef, Sha256};
use crate::io::files::{self, FileError, FileProblem};
use crate::recorded::RecordedDataset;

/// Largest file read: the history of one metric, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Most bytes read of one run.
const BYTES_MAX: u64 = 512 << 20;

/// Most directories looked through for a run: an experiment each.
const EXPERIMENTS_MAX: usize = 10_000;

/// Deepest key of a metric: each `/` in it is a directory.
const DEPTH_MAX: usize = 16;

/// `RunStatus` and `ModelVersionStatus`, as the files keep them (MLflow, `service.proto`).
const STATUS: [&str; 6] = [
    "UNKNOWN",
    "RUNNING",
    "SCHEDULED",
    "FINISHED",
    "FAILED",
    "KILLED",
];

/// A directory of runs.
pub(super) struct Directory<'a> {
    asked: &'a Asked<'a>,
    root: PathBuf,
    locator: String,
    /// What was read, by its path below the root.
    read: Vec<(String, Sha256)>,
    bytes: u64,
}

#[derive(Deserialize)]
struct RunMeta {
    #[serde(alias = "run_uuid")]
    run_id: String,
    status: usize,
    #[serde(default)]
    lifecycle_stage: Option<String>,
}

#[derive(Deserialize)]
struct InputMeta {
    source_type: String,
    source_id: String,
}

#[derive(Deserialize)]
struct DatasetMeta {
    name: String,
    #[serde(default)]
    digest: Option<String>,
}

#[derive(Deserialize)]
struct VersionMeta {
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
struct ModelMeta {
    model_id: String,
    #[serde(default)]
    source_run_id: Option<String>,
    status: i64,
    #[serde(default)]
    lifecycle_stage: Option<String>,
}

impl<'a> Directory<'a> {
    /// Opens the directory at `root`, which the configuration calls `locator`.
    pub(super) fn open(
        asked: &'a Asked<'a>,
        root: PathBuf,
        locator: String,
    ) -> Result<Self, SourceError> {
        if !root.is_dir() {
            // Not that a run is missing: the place is wrong.
            return Err(SourceError::Setting(format!(
                "failed to read `{}` from MLflow: there is no directory and no database `{locator}`",
                asked.locator
            )));
        }
        Ok(Self {
            asked,
            root,
            locator,
            read: Vec::new(),
            bytes: 0,
        })
    }

    fn malformed(&self, path: &str, problem: &str) -> SourceError {
        let problem = format!("`{}/{path}`: {problem}", self.locator);
        self.asked.malformed(TITLE, problem)
    }

    /// A file below the root; its path is made of names that were checked or listed.
    fn text(&mut self, path: &str) -> Result<String, SourceError> {
        let place = self.root.join(path);
        let bytes =
            files::read(&place, FILE_BYTES_MAX).map_err(|error| match error.is_not_found() {
                // A part of what is there; only what was named can be absent.
                true => self.malformed(path, "it is not there"),
                false => error.into(),
            })?;
        self.bytes += bytes.len() as u64;
        if BYTES_MAX < self.bytes {
            let problem = FileProblem::TooLarge(BYTES_MAX);
            return Err(FileError::because("read", &self.root, problem).into());
        }
        self.read.push((path.to_owned(), Sha256::of(&bytes)));
        String::from_utf8(bytes).map_err(|_| self.malformed(path, "it is not UTF-8"))
    }

    fn meta<T: for<'de> Deserialize<'de>>(&mut self, directory: &str) -> Result<T, SourceError> {
        let path = format!("{directory}/meta.yaml");
        let text = self.text(&path)?;
        serde_saphyr::from_str(&text).map_err(|error| self.malformed(&path, &error.to_string()))
    }

    /// The directory of an experiment that holds `below`, and its path; absent when there is none.
    fn find(&self, below: &str) -> Result<Option<String>, SourceError> {
        let experiments = files::names(&self.root)?;
        if EXPERIMENTS_MAX < experiments.len() {
            return Err(self.malformed("", "there are more experiments than are looked through"));
        }
        let mut experiments = experiments.into_iter().filter(|name| locator::is_id(name));
        let found = experiments.find(|name| self.root.join(name).join(below).is_dir());
        Ok(found.map(|name| format!("{name}/{below}")))
    }

    /// The files below a directory, by their paths in it: a key with `/` is a directory. None when the
    /// directory is not there. Links are refused: they may lead anywhere.
    fn listed(&self, directory: &str) -> Result<Vec<String>, SourceError> {
        let mut found = Vec::new();
        let mut waiting = vec![(String::new(), 0)];
        let top = self.root.join(directory);
        if !top.is_dir() {
            return Ok(found);
        }
        while let Some((prefix, depth)) = waiting.pop() {
            for name in files::names(&top.join(&prefix))? {
                let path = format!("{prefix}{name}");
                let kind = std::fs::symlink_metadata(top.join(&path))
                    .map_err(|error| FileError::new("read", &top.join(&path), error))?
                    .file_type();
                if kind.is_dir() && depth < DEPTH_MAX {
                    waiting.push((format!("{path}/"), depth + 1));
                } else if kind.is_file() && found.len() < ENTRIES_MAX {
                    found.push(path);
                } else {
                    let why = "it is a link, too deep, or one of too many";
                    return Err(self.malformed(&format!("{directory}/{path}"), why));
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn points(&mut self, directory: &str) -> Result<Vec<Point>, SourceError> {
        let mut points = Vec::new();
        for key in self.listed(directory)? {
            let path = format!("{directory}/{key}");
            let text = self.text(&path)?;
            for (index, line) in text.lines().enumerate() {
                let point = point(&key, line).ok_or_else(|| {
                    let why = format!("line {} is not `TIMESTAMP VALUE STEP`", index + 1);
                    self.malformed(&path, &why)
                })?;
                points.push(point);
            }
        }
        Ok(points)
    }

    fn parameters(&mut self, directory: &str) -> Result<Vec<(String, String)>, SourceError> {
        let keys = self.listed(directory)?;
        let read = |key: String| Ok((key.clone(), self.text(&format!("{directory}/{key}"))?));
        keys.into_iter().map(read).collect()
    }

    fn datasets(&mut self, run: &str) -> Result<Vec<RecordedDataset>, SourceError> {
        let directory = format!("{run}/inputs");
        let experiment = run.split('/').next().unwrap_or_default().to_owned();
        let mut datasets = Vec::new();
        for path in self.listed(&directory)? {
            let Some(input) = path.strip_suffix("/meta.yaml") else {
                continue;
            };
            let input: InputMeta = self.meta(&format!("{directory}/{input}"))?;
            if input.source_type != "DATASET" {
                continue;
            }
            if !locator::is_id(&input.source_id) {
                return Err(self.malformed(&directory, "the id of a dataset is none"));
            }
            let dataset = format!("{experiment}/datasets/{}", input.source_id);
            let dataset: DatasetMeta = self.meta(&dataset)?;
            datasets.push(RecordedDataset {
                name: dataset.name,
                digest: dataset.digest,
            });
        }
        datasets.sort_by(|one, other| (&one.name, &one.digest).cmp(&(&other.name, &other.digest)));
        datasets.dedup();
        Ok(datasets)
    }

    fn missing(&self, what: &str) -> SourceError {
        super::missing(self.asked, &format!("{what} in `{}`", self.locator))
    }
}

impl Store for Directory<'_> {
    fn run(&mut self, id: &str) -> Result<Run, SourceError> {
        if !locator::is_id(id) {
            return Err(self.malformed("", &format!("`{id}` is not the id of a run")));
        }
        let what = format!("run `{id}`");
        let run = self.find(id)?.ok_or_else(|| self.missing(&what))?;
        let meta: RunMeta = self.meta(&run)?;
        Ok(Run {
            id: meta.run_id,
            status: STATUS.get(meta.status).unwrap_or(&"UNKNOWN").to_string(),
            deleted: meta.lifecycle_stage.is_some_and(|stage| stage != "active"),
            points: self.points(&format!("{run}/metrics"))?,
            parameters: self.parameters(&format!("{run}/params"))?,
            datasets: self.datasets(&run)?,
        })
    }

    /// The files of a run hold all its values.
    fn history(&mut self, run: &Run, key: &str) -> Result<Vec<Point>, SourceError> {
        let of_key = run.points.iter().filter(|point| point.key == key);
        Ok(of_key.cloned().collect())
    }

    fn alias(&mut self, model: &str, alias: &str) -> Result<String, SourceError> {
        let path = format!("models/{model}/aliases/{alias}");
        if !self.root.join(&path).exists() {
            return Err(self.missing(&format!("alias `{alias}` of a model `{model}`")));
        }
        Ok(self.text(&path)?.trim().to_owned())
    }

    fn version(&mut self, model: &str, version: &str) -> Result<Version, SourceError> {
        if version.parse::<u64>().is_err() {
            return Err(self.malformed(&format!("models/{model}"), "an alias names no version"));
        }
        let directory = format!("models/{model}/version-{version}");
        if !self.root.join(&directory).is_dir() {
            return Err(self.missing(&format!("version {version} of a model `{model}`")));
        }
        let meta: VersionMeta = self.meta(&directory)?;
        let logged = meta.model_id.as_deref().filter(|id| !id.is_empty());
        Ok(Version {
            model: model_of(logged, meta.source.as_deref()),
            run: meta.run_id.filter(|id| !id.is_empty()),
            ready: meta.status.is_none_or(|status| status == "READY"),
        })
    }

    fn model(&mut self, id: &str) -> Result<LoggedModel, SourceError> {
        if !locator::is_id(id) {
            return Err(self.malformed("", &format!("`{id}` is not the id of a logged model")));
        }
        let what = format!("logged model `{id}`");
        let found = self.find(&format!("models/{id}"))?;
        let directory = found.ok_or_else(|| self.missing(&what))?;
        let meta: ModelMeta = self.meta(&directory)?;
        let deleted = meta.lifecycle_stage.is_some_and(|stage| stage != "active");
        Ok(LoggedModel {
            id: meta.model_id,
            run: meta.source_run_id.filter(|id| !id.is_empty()),
            ready: meta.status == 2 && !deleted,
            points: self.points(&format!("{directory}/metrics"))?,
            parameters: self.parameters(&format!("{directory}/params"))?,
        })
    }

    /// One digest for all files that were read: of the lines `sha256sum` would print for them.
    fn inputs(&self) -> Result<Vec<InputRef>, SourceError> {
        let mut lines: Vec<String> = self
            .read
            .iter()
            .map(|(path, sha256)| format!("{sha256}  {path}\n"))
            .collect();
        lines.sort_unstable();
        lines.dedup();
        Ok(vec![InputRef {
            locator: format!("{} {}", self.locator, self.asked.locator),
            sha256: Sha256::of(lines.concat().as_bytes()),
            fetched_at: None,
        }])
    }
}

/// A line of a metric: of a run `TIMESTAMP VALUE [STEP [DATASET DIGEST]]`, of a logged model
/// `TIMESTAMP VALUE STEP RUN [DATASET DIGEST]`. The step counts also beside a dataset, as in the
/// database (MLflow 3.17 takes it for 0 then).
fn point(key: &str, line: &str) -> Option<Point> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let (timestamp, value, step, dataset) = match parts.as_slice() {
        [timestamp, value] => (timestamp, value, "0", None),
        [timestamp, value, step] | [timestamp, value, step, _] => (timestamp, value, *step, None),
        [timestamp, value, step, dataset, _] | [timestamp, value, step, _, dataset, _] => {
            (timestamp, value, *step, Some((*dataset).to_owned()))
        }
        _ => return None,
    };
    Some(Point {
        key: key.to_owned(),
        value: value.parse().ok()?,
        step: step.parse().ok()?,
        timestamp: timestamp.parse().ok()?,
        dataset,
    })
}
