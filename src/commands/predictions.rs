//! The files of predictions a gate judges, and what is in the images where objects are to be found.

use std::path::PathBuf;

use super::context::Context;
use super::kept;
use super::prediction_columns::{champion_columns, columns, detection_columns};
use crate::engines::{self, EngineError, ImageTruth, PredictionRows, TableSource};
use crate::evidence::InputRef;
use crate::gates::{GateSpec, Predictions};
use crate::io::files::{self, FileError, FileProblem};
use crate::sources::SourceError;

/// Whose predictions are read.
#[derive(Clone, Copy)]
pub(super) enum Side {
    /// Those that are judged.
    Candidate,
    /// Those they are compared with.
    Champion,
}

/// Reads what is in the images.
///
/// # Errors
/// When the file cannot be read as such.
pub(super) fn load_truth(
    context: &Context<'_>,
    spec: &GateSpec,
    locator: &str,
) -> Result<(ImageTruth, InputRef), SourceError> {
    read(context.path(locator), locator, |source| {
        ImageTruth::load(source, &detection_columns(spec))
    })
}

/// Reads the predictions of a model; those of objects beside what is in the images.
///
/// # Errors
/// When the file cannot be read, or is not what the configuration says.
pub(super) fn load(
    context: &Context<'_>,
    spec: &GateSpec,
    truth: Option<&ImageTruth>,
    locator: &str,
    side: Side,
) -> Result<(Predictions, InputRef), SourceError> {
    let (model, columns) = match side {
        Side::Candidate => (context.model_name(), columns(spec)),
        Side::Champion => ("champion", champion_columns(spec)),
    };
    let candidate = spec.candidate.as_deref().unwrap_or(locator);
    let kept = kept::fetch(context, locator, candidate)?;
    let path = match &kept {
        Some(kept) => kept.path(),
        None => context.path(locator),
    };
    read(path, locator, |source| {
        let rows = match truth {
            Some(truth) => truth.load_detections(source, &detection_columns(spec))?,
            None => engines::load_predictions(source, &columns)?,
        };
        predictions(model, locator, rows)
    })
}

fn predictions(
    model: &str,
    locator: &str,
    rows: PredictionRows,
) -> Result<Predictions, EngineError> {
    Predictions::new(model, rows.ids, rows.sample, rows.groups).map_err(|error| {
        EngineError::Column {
            path: locator.to_owned(),
            problem: error.to_string(),
        }
    })
}

/// Reads a file that must not change meanwhile, with its digest.
fn read<T>(
    path: PathBuf,
    locator: &str,
    read: impl FnOnce(&TableSource) -> Result<T, EngineError>,
) -> Result<(T, InputRef), SourceError> {
    let before = files::stamp(&path)?;
    let (sha256, _) = files::digest(&path)?;
    let source = TableSource {
        path,
        locator: locator.to_owned(),
        types: Vec::new(),
        ..TableSource::default()
    };
    let found = read(&source)?;
    if files::stamp(&source.path)? != before {
        return Err(FileError::because("read", &source.path, FileProblem::Changed).into());
    }
    let input = InputRef {
        locator: locator.to_owned(),
        sha256,
        fetched_at: None,
    };
    Ok((found, input))
}
