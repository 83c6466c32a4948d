//! No feature alone may nearly tell the label: such a feature is mostly known only after the label is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::no_columns;
use super::power::{CELL_ROWS_MIN, CELLS, Cells, NoPower, cells_of_numbers};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Severity, Subject, Unit};
use crate::measure::{
    Comparison, Condition, Distribution, Measure, Measured, NumericDistribution, Operator,
    Statistic, TableFacts, Value,
};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "target-leakage",
    summary: "No feature alone predicts the label better than the bound.",
    remedy: "Find out when the feature becomes known; leave it out when that is after the prediction is needed.",
    references: &[
        "Kaufman et al. 2012, Leakage in data mining",
        "Deepchecks 0.19 `FeatureLabelCorrelation` (predictive power score below 0.8)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows without a label are left out. Null and NaN of a numeric feature are a value below all others; null of a category is a category. Ties count half. Classes with fewer than 10 rows, or beside fewer others, are left out of the mean, and when none is left it is not evaluated.";

/// Combinations of a category and a class that are counted before a feature has too many values.
const COMBINATIONS_MAX: usize = 200_000;

/// Bound on how well each feature alone predicts the label.
///
/// For classes: the area under the ROC curve, the mean over the classes of one against the rest; 0.5
/// says nothing, 1 everything. Numbers count by rank or by the share of the class in 20 cells, whichever
/// says more, null being lowest; categories by the share of the class in the other rows of the category.
/// For numbers as label: the adjusted R² of the label's rank, both in 20 cells. A feature most of whose
/// rows have a value that fewer than 20 rows have is not judged.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetLeakage {
    /// The column of the label.
    pub label: String,
    /// What the label is.
    #[serde(default)]
    pub label_kind: LabelKind,
    /// Features that are numbers, dates or times.
    #[serde(default)]
    pub numeric: Vec<String>,
    /// Features that are anything else.
    #[serde(default)]
    pub categorical: Vec<String>,
    /// What the power of each must be; at most 0.95 by default.
    #[serde(default = "high")]
    pub power: Bound,
    /// Rows with a label below which nothing is judged.
    #[serde(default = "rows_min")]
    pub rows_min: u64,
    /// How much it matters at most that a feature cannot be judged: columns of names among features that
    /// nobody chose say nothing.
    #[serde(default)]
    pub unjudged: Severity,
}

/// What a label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// One of a few classes.
    #[default]
    Classes,
    /// A number.
    Number,
}

fn high() -> Bound {
    Bound::AtMost(0.95)
}

fn rows_min() -> u64 {
    200
}

impl TargetLeakage {
    fn measure(&self, feature: &str, numeric: bool) -> Measure {
        let label = || Value::column(&self.label);
        let value = if numeric {
            cell(&Value::column(feature))
        } else {
            Value::Text(Box::new(Value::column(feature)))
        };
        let labelled = std::sync::Arc::new(Condition::present(&self.label));
        let measure = match (self.label_kind, numeric) {
            (LabelKind::Classes, true) => Measure::By(
                vec![self.label.clone()],
                Box::new(Measure::Distribution(feature.to_owned())),
            ),
            (LabelKind::Classes, false) => Measure::Frequencies {
                values: vec![value, Value::Text(Box::new(label()))],
                combinations_max: COMBINATIONS_MAX,
            },
            (LabelKind::Number, _) => Measure::Frequencies {
                values: vec![value, cell(&label())],
                combinations_max: COMBINATIONS_MAX,
            },
        };
        Measure::Where(labelled, Box::new(measure))
    }

    fn features(&self) -> impl Iterator<Item = (&str, bool)> {
        let numeric = self.numeric.iter().map(|name| (name.as_str(), true));
        numeric.chain(self.categorical.iter().map(|name| (name.as_str(), false)))
    }

    /// The power of one feature and the rows it was found in.
    fn power_of(&self, numeric: bool, measured: &Measured) -> Result<(f64, u64), (Reason, String)> {
        let cells = match measured {
            Measured::Failed(reason, why) => return Err((*reason, why.clone())),
            Measured::Slices(slices) => {
                let classes: Option<Vec<&NumericDistribution>> = slices
                    .iter()
                    .map(|slice| numbers(&slice.measured))
                    .collect();
                cells_of_numbers(&classes.ok_or((
                    Reason::Unsupported,
                    "it is measured as something else than numbers".to_owned(),
                ))?)
            }
            Measured::Frequencies(pairs) => cells_of(pairs, self.label_kind),
            _ => {
                return Err((
                    Reason::Unsupported,
                    "the engine measured something else".to_owned(),
                ));
            }
        };
        let rows = cells.rows();
        if rows < self.rows_min {
            return Err((
                Reason::TooFewRows,
                format!(
                    "there are {rows} rows with a label, required at least {}",
                    self.rows_min
                ),
            ));
        }
        if !(numeric && self.label_kind == LabelKind::Classes) && RARE_MAX < cells.rare_share() {
            let why =
                format!("most of its rows have a value that fewer than {CELL_ROWS_MIN} rows have");
            return Err((Reason::TooFewRows, why));
        }
        let power = match (self.label_kind, numeric) {
            (LabelKind::Classes, true) => cells.ordered_power(CLASS_ROWS_MIN),
            (LabelKind::Classes, false) => cells.categorical_power(CLASS_ROWS_MIN),
            (LabelKind::Number, _) => cells.explained(),
        };
        let power = power.map_err(|none| match none {
            NoPower::OneClass => (Reason::Undefined, "all rows have the same label".to_owned()),
            NoPower::TooFewRows => (
                Reason::TooFewRows,
                format!("no class has {CLASS_ROWS_MIN} rows beside as many others"),
            ),
        })?;
        Ok((power, rows))
    }
}

/// The largest share of rows with rare values at which the others still tell.
const RARE_MAX: f64 = 0.5;

/// Rows a class must have: the area of fewer is more chance than power.
const CLASS_ROWS_MIN: u64 = 10;

/// The number of the cell of 20 a number lies in: how many of the quantiles 0.05, 0.10 … 0.95 are below
/// it. Null stays null.
fn cell(value: &Value) -> Value {
    (1..CELLS)
        .map(|step| {
            let quantile = Value::Statistic(
                Statistic::Quantile(step as f64 / CELLS as f64),
                Box::new(value.clone()),
            );
            Value::Indicator(Box::new(Condition::Compare(
                value.clone(),
                Comparison::Greater,
                quantile,
            )))
        })
        .reduce(|sum, next| Value::Arithmetic(Box::new(sum), Operator::Add, Box::new(next)))
        .unwrap_or(Value::Null)
}

fn numbers(measured: &Measured) -> Option<&NumericDistribution> {
    match measured {
        Measured::Distribution(Distribution::Numeric(numbers)) => Some(numbers),
        _ => None,
    }
}

/// Cells from pairs of a feature's value and a label's; numeric labels in their order.
fn cells_of(pairs: &[(Vec<Option<String>>, u64)], label: LabelKind) -> Cells {
    let label_of = |values: &Vec<Option<String>>| values.get(1).cloned().flatten();
    let mut labels: Vec<String> = pairs
        .iter()
        .filter_map(|(values, _)| label_of(values))
        .collect();
    labels.sort_unstable();
    labels.dedup();
    if label == LabelKind::Number {
        labels.sort_by_key(|text| text.parse::<f64>().map_or(i64::MAX, |cell| cell as i64));
    }
    let classes: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
    let known = pairs.iter().filter_map(|(values, rows)| {
        let label = values.get(1)?.as_deref()?;
        Some((values.first()?.as_deref(), *classes.get(label)?, *rows))
    });
    Cells::of_categories(known, classes.len())
}

impl Check for TargetLeakage {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        self.features()
            .map(|(name, numeric)| self.measure(name, numeric))
            .collect()
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if measured.is_empty() {
            return no_columns(target, &REQUIREMENT);
        }
        let mut found: Vec<(f64, Evidence)> = Vec::new();
        for ((feature, numeric), measured) in self.features().zip(measured) {
            let target = Target {
                column: Some(feature.to_owned()),
                ..target.clone()
            };
            let record = match self.power_of(numeric, measured) {
                Ok((power, rows)) => (power, self.record(&target, power, rows)),
                Err((reason, why)) => {
                    let target = target.at_most(self.unjudged);
                    (-1.0, target.failed(&REQUIREMENT, reason, &why))
                }
            };
            found.extend(record.1.into_iter().map(|evidence| (record.0, evidence)));
        }
        // The most telling feature first.
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        found.into_iter().map(|(_, evidence)| evidence).collect()
    }
}

impl TargetLeakage {
    fn record(&self, target: &Target, power: f64, rows: u64) -> Vec<Evidence> {
        let subject: Subject = target.subject();
        let quantity = Quantity::new(power, Unit::Number).of(rows);
        let what = match self.label_kind {
            LabelKind::Classes => "an area under the ROC curve",
            LabelKind::Number => "an adjusted R²",
        };
        let message = format!(
            "{subject} alone predicts `{}` with {what} of {}, required {}",
            self.label,
            self.power.beside(power),
            self.power
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                subject,
                self.power.judge(&quantity),
                message,
            )
            .measured(quantity, self.power),
        )
    }
}
