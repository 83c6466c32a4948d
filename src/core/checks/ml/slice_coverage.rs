//! Every slice must have enough rows to be judged.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::{columns, failure, listed, no_columns};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Comparison, Condition, Measure, Measured, Scalar, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "slice-coverage",
    summary: "Every slice has enough rows, and enough with a positive label, but for a budget.",
    remedy: "Collect more rows of the slices named, merge slices, or say in the model card that they are not covered.",
    references: &["Barocas et al. 2021, Designing disaggregated evaluations of AI systems"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "A null in a column is a value of the slice. Values are told apart by their text, case and all. More than 10,000 slices are not evaluated, as are no rows at all. With `positives`, a slice must have enough of both.";

/// Slices above this are no slices.
pub(super) const SLICES_MAX: usize = 10_000;

/// Bound on the rows of each combination of values of the columns: one column for slices, two for pairs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SliceCoverage {
    /// The columns.
    pub columns: Vec<String>,
    /// Rows each slice must have.
    #[serde(default = "thirty")]
    pub rows_min: u64,
    /// Rows with a positive label each slice must have.
    #[serde(default)]
    pub positives: Option<PositiveRows>,
    /// Slices that must be there, each by its values in the order of the columns; one that is absent has
    /// no rows.
    #[serde(default)]
    pub slices: Vec<Vec<String>>,
    /// How many slices may have fewer; none by default.
    #[serde(default)]
    pub budget: u64,
}

/// Rows with a positive label.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PositiveRows {
    /// The column of the label.
    pub label: String,
    /// The value that is positive, as text.
    pub positive: String,
    /// Rows each slice must have.
    pub rows_min: u64,
}

fn thirty() -> u64 {
    30
}

/// How often each combination of values of the columns occurs.
pub(super) fn combinations(names: &[String]) -> Measure {
    let text = |value| Value::Text(Box::new(value));
    Measure::Frequencies {
        values: columns(names).into_iter().map(text).collect(),
        combinations_max: SLICES_MAX,
    }
}

/// A slice in words.
pub(super) fn in_words(columns: &[String], values: &[Option<String>]) -> String {
    let part = |(column, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{column}={value}"),
        None => format!("{column} is null"),
    };
    columns
        .iter()
        .zip(values)
        .map(part)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Check for SliceCoverage {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let mut measures = vec![combinations(&self.columns)];
        if let Some(positives) = &self.positives {
            let label = Value::Text(Box::new(Value::column(&positives.label)));
            let value = Value::Literal(Scalar::Text(positives.positive.clone()));
            let positive = Condition::Compare(label, Comparison::Equal, value);
            measures.push(Measure::Where(
                positive.into(),
                Box::new(combinations(&self.columns)),
            ));
        }
        measures
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("slices by {}", self.columns.join(", ")));
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let (all, positive) = match measured {
            [Measured::Frequencies(all)] => (all, None),
            [Measured::Frequencies(all), Measured::Frequencies(positive)] => (all, Some(positive)),
            [] => return no_columns(&target, &REQUIREMENT),
            _ => return target.something_else(&REQUIREMENT),
        };
        let mut slices: BTreeMap<Vec<Option<String>>, (u64, u64)> = BTreeMap::new();
        for values in &self.slices {
            slices
                .entry(values.iter().cloned().map(Some).collect())
                .or_default();
        }
        all.iter()
            .for_each(|(values, rows)| slices.entry(values.clone()).or_default().0 += rows);
        for (values, rows) in positive.into_iter().flatten() {
            slices.entry(values.clone()).or_default().1 += rows;
        }
        if slices.is_empty() {
            return target.failed(&REQUIREMENT, Reason::Undefined, "there are no rows");
        }
        let positives_min = self
            .positives
            .as_ref()
            .map_or(0, |positives| positives.rows_min);
        let short = slices
            .iter()
            .filter(|(_, (rows, positives))| *rows < self.rows_min || *positives < positives_min);
        let mut short: Vec<(u64, String)> = short
            .map(|(values, (rows, positives))| {
                let positives = if positive.is_some() {
                    format!(", {positives} positive")
                } else {
                    String::new()
                };
                (
                    *rows,
                    format!(
                        "{} ({rows} rows{positives})",
                        in_words(&self.columns, values)
                    ),
                )
            })
            .collect();
        short.sort();
        let names: Vec<String> = short.into_iter().map(|(_, name)| name).collect();
        self.record(&target, &names, slices.len(), positives_min)
    }
}

impl SliceCoverage {
    fn record(
        &self,
        target: &Target,
        short: &[String],
        slices: usize,
        positives_min: u64,
    ) -> Vec<Evidence> {
        let bound = Bound::AtMost(self.budget as f64);
        let quantity = Quantity::new(short.len() as f64, Unit::Count);
        let needed = match positives_min {
            0 => format!("{} rows", self.rows_min),
            positives => format!(
                "{} rows and {positives} with a positive label",
                self.rows_min
            ),
        };
        let message = match short {
            [] => format!("{}: all {slices} slices have {needed}", target.subject()),
            _ if target.personal => format!(
                "{}: {} of {slices} slices have fewer than {needed}, required {bound}",
                target.subject(),
                short.len()
            ),
            _ => format!(
                "{}: {} of {slices} slices have fewer than {needed}: {}, required {bound}",
                target.subject(),
                short.len(),
                listed(short)
            ),
        };
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}
