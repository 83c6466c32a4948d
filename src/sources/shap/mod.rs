//! SHAP values: arrays of numpy, or a table with a column for each feature.
//!
//! Of several classes one is judged: the second of two, otherwise the one that `@class=K` at the end of
//! the path names, from 0.

mod arrays;
mod npy;

use super::{Asked, Gives, Read, Reader, Source, SourceError};
use crate::evidence::InputRef;
use crate::recorded::{Attributions, Recording};

pub(super) const SOURCE: Source = Source {
    id: "shap",
    title: "SHAP",
    summary: "`.npy` of (rows, features) or (rows, features, classes), `.npz` with `values`, `base_values`, `data`, `feature_names`, `outputs`, or a table with a column for each feature and, where known, `base_value` and `output`. `file.npz@class=1` picks a class; of two it is the second.",
    gives: &[Gives::Attributions],
    reference: "numpy `lib/format.py`; written by SHAP as `Explanation`",
    read: Reader::Own(read),
};

/// Columns that are what attributions start from.
const BASES: [&str; 3] = ["base_value", "base_values", "expected_value"];
/// Columns that are the output of the model.
const OUTPUTS: [&str; 2] = ["output", "outputs"];
/// Names pandas gives the index of a frame.
const INDEXES: [&str; 3] = ["", "Unnamed: 0", "__index_level_0__"];

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (locator, class) = asked.option("class");
    let malformed = |problem: String| asked.malformed(SOURCE.title, problem);
    let class = class
        .map(|class| {
            let problem =
                |_| malformed(format!("`@class={class}` is no number of a class, from 0"));
            class.parse::<usize>().map_err(problem)
        })
        .transpose()?;
    let (attributions, input) = match locator.rsplit_once('.') {
        Some((_, "npy")) => {
            let (bytes, input) = asked.content_of(locator)?;
            (arrays::of_array(&bytes, class).map_err(malformed)?, input)
        }
        Some((_, "npz")) => {
            let (bytes, input) = asked.content_of(locator)?;
            (arrays::of_archive(&bytes, class).map_err(malformed)?, input)
        }
        _ if class.is_some() => {
            let problem = "a table has no classes; write one for the class that matters";
            return Err(malformed(problem.to_owned()));
        }
        _ => of_table(asked, locator)?,
    };
    Ok(Read {
        recording: Recording {
            attributions: Some(attributions),
            ..Recording::by("SHAP")
        },
        inputs: vec![input],
    })
}

fn of_table(asked: &Asked<'_>, locator: &str) -> Result<(Attributions, InputRef), SourceError> {
    let (columns, input) = asked.columns(locator, None)?;
    let (mut bases, mut outputs) = (None, None);
    let (mut features, mut by_feature) = (Vec::new(), Vec::new());
    for name in columns.names() {
        if INDEXES.contains(&name.as_str()) {
            continue;
        }
        let numbers = columns.numbers(name)?;
        if BASES.contains(&name.as_str()) {
            bases = Some(numbers);
        } else if OUTPUTS.contains(&name.as_str()) {
            outputs = Some(numbers);
        } else {
            features.push(name.clone());
            by_feature.push(numbers);
        }
    }
    let rows = columns.rows();
    if rows == 0 || features.is_empty() {
        let problem = "there are no attributions in it; expected a column for each feature";
        return Err(asked.malformed(SOURCE.title, problem.to_owned()));
    }
    let mut values = Vec::with_capacity(rows.saturating_mul(features.len()));
    for row in 0..rows {
        let of_row = by_feature.iter();
        values.extend(of_row.map(|numbers| numbers.get(row).copied().unwrap_or(f64::NAN)));
    }
    let attributions = Attributions {
        features,
        values,
        data: None,
        bases,
        outputs,
        fits: None,
    };
    Ok((attributions, input))
}

#[cfg(test)]
mod tests;
