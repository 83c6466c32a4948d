//! Classes must be as frequent here as in another dataset.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::class_balance::{classes_of, counted};
use super::failure;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "class-shift",
    summary: "No class has a share that differs from that in another dataset by more than the bound.",
    remedy: "Find out whether the world or the labelling changed; stratify the split, or train again.",
    references: &["TensorFlow Data Validation: L-infinity distance of the `skew_comparator`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows without a label do not count on either side; a class that one side lacks has a share of 0 there. A side without labels is not evaluated. Classes are told apart by their text, case and all.";

/// Bound on the largest difference of the shares of a class (the L-infinity distance), in [0, 1]. Rows
/// without a label do not count.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassShift {
    /// The other dataset, by name.
    pub reference: String,
    /// The column there; the same name when absent.
    #[serde(default)]
    pub column_there: Option<String>,
    /// What the largest difference must be; at most 0.05 by default.
    #[serde(default = "close")]
    pub bound: Bound,
}

fn close() -> Bound {
    Bound::AtMost(0.05)
}

impl Check for ClassShift {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let here = target.column_name();
        let there = self.column_there.clone().unwrap_or_else(|| here.clone());
        let elsewhere = Measure::Elsewhere(self.reference.clone(), Box::new(classes_of(there)));
        vec![classes_of(here), elsewhere]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("classes beside {}", self.reference));
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let [Measured::Frequencies(here), Measured::Frequencies(there)] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        let (here, there) = (counted(here), counted(there));
        let rows = |classes: &[(String, u64)]| classes.iter().map(|(_, rows)| rows).sum::<u64>();
        let (all, all_there) = (rows(&here), rows(&there));
        if all == 0 || all_there == 0 {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "one of the datasets has no labels",
            );
        }
        let mut shares: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for (class, rows) in here {
            shares.entry(class).or_default().0 = rows as f64 / all as f64;
        }
        for (class, rows) in there {
            shares.entry(class).or_default().1 = rows as f64 / all_there as f64;
        }
        let difference = |shares: &(f64, f64)| (shares.0 - shares.1).abs();
        let largest = shares
            .iter()
            .max_by(|one, other| difference(one.1).total_cmp(&difference(other.1)));
        let Some((class, shares)) = largest else {
            return target.something_else(&REQUIREMENT);
        };
        let quantity = Quantity::new(difference(shares), Unit::Fraction).of(all);
        let shown = if target.personal {
            "a class".to_owned()
        } else {
            format!("class `{class}`")
        };
        let message = format!(
            "{}: {shown} has a share of {:.4} here and {:.4} in `{}`, a difference of {}, required {}",
            target.subject(),
            shares.0,
            shares.1,
            self.reference,
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
