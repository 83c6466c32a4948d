//! From what the configuration says to checks on datasets.

mod coverage;
mod features;
mod labels;
mod serving;
mod splits;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::MlSpec;
use crate::checks::{Check, PlannedCheck, Target, Tolerance};
use crate::evidence::{Bound, Location, Severity};
use crate::measure::{ColumnFacts, LogicalType, TableFacts};

/// A dataset as the planner sees it.
#[derive(Clone, Copy, Debug)]
pub struct MlDataset<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its columns.
    pub facts: &'a TableFacts,
    /// The columns the contract classifies as personal.
    pub personal: &'a [String],
    /// The types the contract gives its columns.
    pub types: &'a [(String, LogicalType)],
}

impl MlDataset<'_> {
    /// What a column is read as: what the file says, or the contract where the file says nothing.
    fn kind(&self, column: &ColumnFacts) -> Option<LogicalType> {
        let given = self.types.iter().find(|(name, _)| *name == column.name);
        match given {
            Some((_, kind)) if !self.facts.typed => Some(*kind),
            Some(_) | None => column.logical_type,
        }
    }

    /// Whether a column is compared as a number; `None` for what is neither number nor category.
    fn is_numeric(&self, column: &ColumnFacts) -> Option<bool> {
        match self.kind(column)? {
            LogicalType::Number
            | LogicalType::Integer
            | LogicalType::Date
            | LogicalType::Timestamp
            | LogicalType::Time => Some(true),
            LogicalType::String | LogicalType::Boolean => Some(false),
            LogicalType::Object | LogicalType::Array => None,
        }
    }
}

/// What earlier runs measured, as far as the command has found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MlHistory {
    /// Row counts, by dataset.
    pub row_counts: BTreeMap<String, Vec<f64>>,
    /// Null fractions, by dataset and column.
    pub null_fractions: BTreeMap<(String, String), Vec<f64>>,
}

/// What is planned for.
#[derive(Clone, Copy)]
pub struct MlPlan<'a> {
    /// What the configuration says.
    pub spec: &'a MlSpec,
    /// The datasets there are.
    pub datasets: &'a [MlDataset<'a>],
    /// What earlier runs measured.
    pub history: &'a MlHistory,
    /// The time ages are taken at.
    pub as_of: DateTime<Utc>,
    /// Finds the line of a key: `splits.time`.
    pub locate: &'a dyn Fn(&str) -> Option<Location>,
}

/// Something wrong with the configuration: the key (`splits.training`) and a sentence.
pub type Problem = (String, String);

/// The checks the configuration demands. Each is on the dataset its target names.
///
/// # Errors
/// Every name of a dataset or column that is not there.
pub fn plan(request: &MlPlan<'_>) -> Result<Vec<PlannedCheck>, Vec<Problem>> {
    let mut planner = Planner {
        request,
        checks: Vec::new(),
        problems: Vec::new(),
    };
    let spec = request.spec;
    if let Some(splits) = &spec.splits {
        planner.splits(splits);
    }
    if let Some(labels) = &spec.labels {
        planner.labels(labels);
    }
    if let Some(features) = &spec.features {
        planner.features(features);
    }
    if let Some(serving) = &spec.serving {
        planner.serving(serving);
    }
    if let Some(personal) = &spec.personal {
        planner.personal(personal);
    }
    for (index, slices) in spec.slices.iter().enumerate() {
        planner.slices(&format!("slices[{index}]"), slices);
    }
    for (index, partitions) in spec.partitions.iter().enumerate() {
        planner.partitions(&format!("partitions[{index}]"), partitions);
    }
    if let Some(history) = &spec.history {
        planner.history(history);
    }
    if planner.problems.is_empty() {
        Ok(planner.checks)
    } else {
        Err(planner.problems)
    }
}

struct Planner<'a> {
    request: &'a MlPlan<'a>,
    checks: Vec<PlannedCheck>,
    problems: Vec<Problem>,
}

fn at_most(fraction: f64) -> Tolerance {
    Tolerance {
        fraction: Some(Bound::AtMost(fraction)),
        ..Tolerance::none()
    }
}

impl<'a> Planner<'a> {
    fn problem(&mut self, key: &str, message: String) {
        let problem = (key.to_owned(), message);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn dataset(&mut self, key: &str, name: &str) -> Option<MlDataset<'a>> {
        let found = self
            .request
            .datasets
            .iter()
            .find(|dataset| dataset.name == name)
            .copied();
        if found.is_none() {
            let names: Vec<String> = self
                .request
                .datasets
                .iter()
                .map(|dataset| format!("`{}`", dataset.name))
                .collect();
            self.problem(
                key,
                format!("`{name}` is no dataset; there are {}", names.join(", ")),
            );
        }
        found
    }

    /// Whether all these columns are in a dataset.
    fn has(&mut self, key: &str, dataset: MlDataset<'_>, columns: &[String]) -> bool {
        let missing: Vec<&String> = columns
            .iter()
            .filter(|column| dataset.facts.column(column).is_none())
            .collect();
        for column in &missing {
            self.problem(
                key,
                format!("`{column}` is no column of `{}`", dataset.name),
            );
        }
        missing.is_empty()
    }

    fn add(
        &mut self,
        key: &str,
        severity: Severity,
        dataset: MlDataset<'_>,
        column: Option<&str>,
        check: impl Check + 'static,
    ) {
        let personal = match column {
            Some(column) => dataset.personal.iter().any(|name| name == column),
            None => false,
        };
        let target = Target {
            dataset: dataset.name.to_owned(),
            column: column.map(str::to_owned),
            personal,
            severity,
            location: (self.request.locate)(key),
            ..Target::default()
        };
        self.checks.push(PlannedCheck::new(target, Box::new(check)));
    }
}
