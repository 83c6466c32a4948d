//! No class may be too rare.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "class-balance",
    summary: "The rarest class is not rarer than the bound.",
    remedy: "Collect more of the rare class, or weigh it; check that no class was lost in a join.",
    references: &["Deepchecks 0.19 `ClassImbalance` (ratio above 0.1)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows without a label do not count. Classes are told apart by their text, case and all; a class of the list that no row has counts with no rows. One class alone, or no label at all, is not evaluated; so are more than 10,000 classes.";

/// More classes than this are no classes.
pub(super) const CLASSES_MAX: usize = 10_000;

/// Bound on the rarest class. Rows without a label do not count.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassBalance {
    /// What is bounded.
    #[serde(default)]
    pub of: ClassMeasure,
    /// What it must be; at least 0.01 by default.
    #[serde(default = "one_in_a_hundred")]
    pub bound: Bound,
    /// Classes there must be; one that is absent has no rows.
    #[serde(default)]
    pub classes: Vec<String>,
}

/// What is bounded of the rarest class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassMeasure {
    /// Its share of the rows, in [0, 1].
    #[default]
    Share,
    /// Its rows by the rows of the most frequent class, in [0, 1].
    Ratio,
    /// Its rows.
    Rows,
}

fn one_in_a_hundred() -> Bound {
    Bound::AtLeast(0.01)
}

/// How often each value of the column occurs, as text.
pub(super) fn classes_of(column: String) -> Measure {
    Measure::Frequencies {
        values: vec![Value::Text(Box::new(Value::Column(column)))],
        combinations_max: CLASSES_MAX,
    }
}

/// The classes of what was measured with their rows, null left out.
pub(super) fn counted(pairs: &[(Vec<Option<String>>, u64)]) -> Vec<(String, u64)> {
    let class = |values: &[Option<String>]| values.first().cloned().flatten();
    pairs
        .iter()
        .filter_map(|(values, rows)| Some((class(values)?, *rows)))
        .collect()
}

impl Check for ClassBalance {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![classes_of(target.column_name())]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let mut classes = match measured {
            [Measured::Frequencies(pairs)] => counted(pairs),
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        for class in &self.classes {
            if !classes.iter().any(|(known, _)| known == class) {
                classes.push((class.clone(), 0));
            }
        }
        let all: u64 = classes.iter().map(|(_, rows)| rows).sum();
        let largest = classes
            .iter()
            .map(|(_, rows)| *rows)
            .max()
            .unwrap_or_default();
        let Some((name, rows)) = classes.iter().min_by_key(|(name, rows)| (*rows, name)) else {
            return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a label");
        };
        if classes.len() < 2 {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "all rows have the same label",
            );
        }
        if all == 0 {
            return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a label");
        }
        let (quantity, what) = match self.of {
            ClassMeasure::Share => (
                Quantity::new(*rows as f64 / all as f64, Unit::Fraction),
                "a share of",
            ),
            ClassMeasure::Ratio => (
                Quantity::new(*rows as f64 / largest as f64, Unit::Number),
                "a ratio to the largest of",
            ),
            ClassMeasure::Rows => (Quantity::rows(*rows), "rows:"),
        };
        let quantity = quantity.of(all);
        let shown = if target.personal {
            "the rarest class".to_owned()
        } else {
            format!("the rarest class `{name}`")
        };
        let message = format!(
            "{shown} of {} has {what} {}, required {}",
            target.subject(),
            self.bound.beside(quantity.value),
            self.bound
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.bound.judge(&quantity),
                message,
            )
            .measured(quantity, self.bound),
        )
    }
}
