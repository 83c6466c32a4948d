//! What machine learning demands of datasets beyond their contract: `splits`, `labels`, `serving` and
//! their like in the section `data`.

use super::dataset::{Dataset, Place};
use crate::checks::ml::spec::{self, HistorySpec, MlDataset, MlHistory, MlPlan, MlSpec};
use crate::commands::CommandError;
use crate::commands::context::{Context, parse_evidence, problems_error};
use crate::config::DataSpec;
use crate::evidence::{Evidence, RunReport, Subject, Unit};
use crate::io::files;

/// Evidence files read as history.
const HISTORY_FILES_MAX: usize = 1_000;

/// Adds the checks the configuration demands to the datasets they speak of.
///
/// # Errors
/// When it names what is not there.
pub(super) fn add_checks(
    context: &Context<'_>,
    data: &DataSpec,
    datasets: &mut [Dataset],
) -> Result<(), CommandError> {
    let spec = MlSpec {
        splits: data.splits.clone(),
        labels: data.labels.clone(),
        features: data.features.clone(),
        serving: data.serving.clone(),
        personal: data.personal.clone(),
        slices: data.slices.clone(),
        partitions: data.partitions.clone(),
        history: data.history.clone(),
    };
    if spec == MlSpec::default() {
        return Ok(());
    }
    if datasets
        .iter()
        .any(|dataset| matches!(dataset.place, Place::Spark { .. }))
    {
        return Err(CommandError::Usage(
            "`splits`, `labels`, `features`, `serving`, `personal`, `slices`, `partitions` and `history` need datasets in files, not on a Spark".to_owned(),
        ));
    }
    if datasets.iter().any(|dataset| dataset.facts().is_none()) {
        // A dataset that cannot be read blocks the run by itself; its columns are not known to be missing.
        return Ok(());
    }
    let known: Vec<_> = datasets
        .iter()
        .filter_map(|dataset| {
            Some((
                dataset.name.clone(),
                dataset.facts()?,
                dataset.plan.masks.personal(),
                dataset.plan.types.clone(),
            ))
        })
        .collect();
    let described: Vec<MlDataset<'_>> = known
        .iter()
        .map(|(name, facts, personal, types)| MlDataset {
            name,
            facts,
            personal,
            types,
        })
        .collect();
    let history = match &spec.history {
        Some(history) => load_history(context, history)?,
        None => MlHistory::default(),
    };
    let plan = MlPlan {
        spec: &spec,
        datasets: &described,
        history: &history,
        as_of: context.world.now(),
        locate: &|key| context.locate(&format!("data.{key}")),
    };
    let checks = spec::plan(&plan).map_err(|problems| {
        let problems: Vec<_> = problems
            .into_iter()
            .map(|(key, message)| context.problem(&format!("data.{key}"), message))
            .collect();
        let document = context.document();
        problems_error(&document.file, &problems, &document.text)
    })?;
    for planned in checks {
        let of = |dataset: &&mut Dataset| dataset.name == planned.target.dataset;
        if let Some(dataset) = datasets.iter_mut().find(of) {
            dataset.plan.checks.push(planned);
        }
    }
    Ok(())
}

/// What earlier evidence says of rows and nulls. Files that are no evidence are errors: a history with
/// holes would call the usual unusual.
fn load_history(context: &Context<'_>, spec: &HistorySpec) -> Result<MlHistory, CommandError> {
    let mut history = MlHistory::default();
    for pattern in &spec.evidence {
        let pattern = context.path(pattern);
        let unusable = |problem: String| CommandError::Malformed {
            path: pattern.display().to_string(),
            problem,
        };
        let found =
            glob::glob(&pattern.to_string_lossy()).map_err(|error| unusable(error.to_string()))?;
        for path in found.take(HISTORY_FILES_MAX) {
            let path = path.map_err(|error| unusable(error.to_string()))?;
            let text = files::read_text(&path)?;
            let (report, _) = parse_evidence(&path, &text)?;
            add(&mut history, &report);
        }
    }
    Ok(history)
}

fn add(history: &mut MlHistory, report: &RunReport) {
    for (_, record) in report.records() {
        let Evidence {
            subject,
            observed: Some(observed),
            ..
        } = record
        else {
            continue;
        };
        match (record.requirement.as_str(), subject) {
            ("row-count", Subject::Dataset { dataset }) => {
                history
                    .row_counts
                    .entry(dataset.clone())
                    .or_default()
                    .push(observed.value);
            }
            ("null-fraction", Subject::Column { dataset, column })
                if observed.unit == Unit::Fraction =>
            {
                let key = (dataset.clone(), column.clone());
                history
                    .null_fractions
                    .entry(key)
                    .or_default()
                    .push(observed.value);
            }
            _ => {}
        }
    }
}
