//! Runs of Neptune, as `neptune-exporter` wrote them before the service ended: Parquet, an attribute a row.

use std::collections::BTreeMap;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::engines::Columns;
use crate::io::files;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "neptune",
    title: "Neptune",
    summary: "Parquet of `neptune-exporter`: a file, or the directory of a project. `directory@run=RUN-7` picks a run where there are several. Numbers are called by the path of their attribute; of a series it is the last by step.",
    gives: &[Gives::Metrics],
    reference: "neptune-exporter `model.py`",
    read: Reader::Own(read),
};

/// Files of a directory that are read.
const FILES_MAX: usize = 200;
/// Attributes of a run that are kept.
const ATTRIBUTES_MAX: usize = 100_000;
/// Columns that are read.
const COLUMNS: [&str; 8] = [
    "run_id",
    "attribute_path",
    "attribute_type",
    "step",
    "int_value",
    "float_value",
    "bool_value",
    "string_value",
];

/// What is known of one run.
#[derive(Default)]
struct Run {
    /// Number and step by path; a number that is no series has the lowest step.
    numbers: BTreeMap<String, (f64, f64)>,
    texts: BTreeMap<String, String>,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (locator, run) = asked.option("run");
    let malformed = |problem: String| asked.malformed(SOURCE.title, problem);
    let mut runs: BTreeMap<String, Run> = BTreeMap::new();
    let mut inputs = Vec::new();
    for file in parts(asked, locator)? {
        let (columns, input) = asked.columns(&file, Some(&COLUMNS))?;
        collect(&columns, run, &mut runs)?;
        if ATTRIBUTES_MAX < runs.values().map(Run::len).sum() {
            return Err(malformed(format!(
                "there are more than {ATTRIBUTES_MAX} attributes in it"
            )));
        }
        inputs.push(input);
    }
    let names: Vec<&str> = runs.keys().map(String::as_str).collect();
    let named = names.join("`, `");
    match (names.len(), run) {
        (1, _) => {}
        (0, None) => return Err(malformed("there is no run in it".to_owned())),
        (_, Some(run)) => return Err(malformed(format!("there is no run `{run}` in it"))),
        (_, None) => {
            return Err(malformed(format!(
                "there are several runs in it; say which one with `@run=` at the end of the path: `{named}`"
            )));
        }
    }
    let mut recordings = runs.into_iter().map(|(id, run)| run.recording(id));
    let recording = recordings
        .next()
        .ok_or_else(|| malformed("there is no run in it".to_owned()))?;
    Ok(Read { recording, inputs })
}

/// The file itself, or the Parquet files of a directory.
fn parts(asked: &Asked<'_>, locator: &str) -> Result<Vec<String>, SourceError> {
    let path = asked.root.join(locator);
    if !path.is_dir() {
        return Ok(vec![locator.to_owned()]);
    }
    let mut names = files::names(&path)?;
    names.retain(|name| name.ends_with(".parquet"));
    names.sort_unstable();
    if names.is_empty() || FILES_MAX < names.len() {
        let problem = format!(
            "there are {} Parquet files in the directory, expected 1 to {FILES_MAX}: the directory of a project",
            names.len()
        );
        return Err(asked.malformed(SOURCE.title, problem));
    }
    let base = locator.trim_end_matches('/');
    Ok(names.iter().map(|name| format!("{base}/{name}")).collect())
}

fn collect(
    columns: &Columns,
    asked: Option<&str>,
    runs: &mut BTreeMap<String, Run>,
) -> Result<(), SourceError> {
    let ids = columns.texts("run_id")?;
    let paths = columns.texts("attribute_path")?;
    let kinds = columns.texts("attribute_type")?;
    let texts = columns.texts("string_value")?;
    let steps = columns.numbers("step")?;
    let integers = columns.numbers("int_value")?;
    let floats = columns.numbers("float_value")?;
    let flags = columns.numbers("bool_value")?;
    let numbers = steps.iter().zip(&integers).zip(floats.iter().zip(&flags));
    let rows = ids.iter().zip(&paths).zip(kinds.iter().zip(&texts));
    for (((id, path), (kind, text)), ((step, integer), (float, flag))) in rows.zip(numbers) {
        let (Some(id), Some(path), Some(kind)) = (id, path, kind) else {
            continue;
        };
        if asked.is_some_and(|asked| asked != id) {
            continue;
        }
        let run = runs.entry(id.clone()).or_default();
        let number = match kind.as_str() {
            "float_series" | "float" => *float,
            "int" => *integer,
            "bool" => *flag,
            "string" => {
                let text = text.clone().unwrap_or_default();
                run.texts.insert(path.clone(), text);
                continue;
            }
            _ => continue,
        };
        let step = if step.is_finite() {
            *step
        } else {
            f64::NEG_INFINITY
        };
        let last = run.numbers.entry(path.clone()).or_insert((number, step));
        if last.1 <= step {
            *last = (number, step);
        }
    }
    Ok(())
}

impl Run {
    fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    fn recording(self, id: String) -> Recording {
        let mut shortfalls = Vec::new();
        if self
            .numbers
            .get("sys/failed")
            .is_some_and(|(failed, _)| *failed == 1.0)
        {
            shortfalls.push("the run failed".to_owned());
        }
        if self
            .texts
            .get("sys/state")
            .is_some_and(|state| ["active", "running"].contains(&state.to_lowercase().as_str()))
        {
            shortfalls.push("the run was not over when it was exported".to_owned());
        }
        let numbers = self.numbers.into_iter();
        Recording {
            run: Some(id),
            metrics: numbers
                .map(|(path, (number, _))| RecordedMetric::new(path, number))
                .collect(),
            parameters: self.texts.into_iter().collect(),
            shortfalls,
            ..Recording::by("Neptune")
        }
    }
}
