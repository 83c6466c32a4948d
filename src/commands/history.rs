//! Evidence of earlier gates of the model: from files, and from what was live in a stage of the registry.

use super::context::Context;
use super::{kept, promote_step};
use crate::evidence::{InputRef, RunReport, Sha256};
use crate::gates::EarlierRun;
use crate::io::files;
use crate::policy::StageName;
use crate::sources::SourceError;
use crate::wildcard;

/// Runs read for one place of the configuration; a year of daily gates.
const RUNS_MAX: usize = 400;

const OF_RUN: &str = "evidence of an earlier run";

/// Whether a locator names releases of the registry.
pub(super) fn is_of_registry(locator: &str) -> bool {
    locator.starts_with("registry:")
}

/// The runs that a locator of `gate.history` names. Where a pattern fits nothing and in a registry without
/// releases there are none yet.
///
/// # Errors
/// When a file is missing or is not evidence, or the registry is not what it should be.
pub(super) fn read(context: &Context<'_>, locator: &str) -> Result<Vec<EarlierRun>, SourceError> {
    match locator.strip_prefix("registry:") {
        Some(stage) => releases(context, locator, stage),
        None => names(context, locator)?
            .iter()
            .map(|name| of_file(context, name))
            .collect(),
    }
}

/// The files that a locator names, in the order of their names.
///
/// # Errors
/// When the directory of a pattern cannot be read, or they are too many.
pub(super) fn names(context: &Context<'_>, locator: &str) -> Result<Vec<String>, SourceError> {
    if !wildcard::is_pattern(locator) {
        return Ok(vec![locator.to_owned()]);
    }
    let (directory, pattern) = match locator.rsplit_once('/') {
        Some((directory, pattern)) => (format!("{directory}/"), pattern),
        None => (String::new(), locator),
    };
    let place = context.path(if directory.is_empty() {
        "."
    } else {
        &directory
    });
    if !place.exists() {
        return Ok(Vec::new());
    }
    let mut names = files::names(&place)?;
    names.retain(|name| wildcard::fits(pattern, name));
    if RUNS_MAX < names.len() {
        return Err(SourceError::Setting(format!(
            "failed to read `{locator}`: it names {} files, at most {RUNS_MAX} are read; hint: move older ones away",
            names.len()
        )));
    }
    let full = |name: String| format!("{directory}{name}");
    Ok(names.into_iter().map(full).collect())
}

fn of_file(context: &Context<'_>, locator: &str) -> Result<EarlierRun, SourceError> {
    let text = files::read_text(&context.path(locator))?;
    let report = RunReport::parse(&text).map_err(|error| SourceError::Malformed {
        locator: locator.to_owned(),
        source_title: OF_RUN,
        problem: error.to_string(),
    })?;
    Ok(EarlierRun {
        input: InputRef {
            locator: locator.to_owned(),
            sha256: Sha256::of(text.as_bytes()),
            fetched_at: None,
        },
        report,
    })
}

/// What was judged of each release of a stage, by the evidence the registry keeps with it.
fn releases(
    context: &Context<'_>,
    locator: &str,
    stage: &str,
) -> Result<Vec<EarlierRun>, SourceError> {
    let setting =
        |problem: String| SourceError::Setting(format!("failed to read `{locator}`: {problem}"));
    let damaged = |problem: String| SourceError::Malformed {
        locator: locator.to_owned(),
        source_title: OF_RUN,
        problem,
    };
    let stage: StageName = stage
        .parse()
        .map_err(|error: crate::policy::InvalidName| setting(error.to_string()))?;
    let model = promote_step::model_name(context).map_err(|error| setting(error.to_string()))?;
    let registry = promote_step::registry(context).map_err(|error| setting(error.to_string()))?;
    let releases = registry.history(&model, &stage);
    let releases = releases.map_err(|error| damaged(error.to_string()))?;
    let mut runs = Vec::new();
    for release in releases.iter().rev().take(RUNS_MAX) {
        let found = kept::evidence_of_gate(&registry, release).map_err(damaged)?;
        runs.extend(found.map(|(sha256, report)| EarlierRun {
            input: InputRef {
                locator: format!("{locator}#{}", release.entry.sequence),
                sha256,
                fetched_at: None,
            },
            report,
        }));
    }
    Ok(runs)
}
