//! No slice may vanish, and none may come from nowhere.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::slice_coverage::{combinations, in_words};
use super::{failure, listed, no_columns};
use crate::evidence::{Bound, Evidence, Quantity, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "slice-presence",
    summary: "The slices are those of another dataset: none has vanished, none is new.",
    remedy: "Find the source that stopped delivering the slice; train on new slices before serving them.",
    references: &[],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "A null in a column is a value of the slice. Slices are told apart by their text, case and all; how many rows they have does not matter. More than 10,000 slices are not evaluated.";

/// Bound on the slices that are in one of two datasets only.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlicePresence {
    /// The other dataset, by name.
    pub reference: String,
    /// The columns, with the same names there.
    pub columns: Vec<String>,
    /// Whether slices may be new here.
    #[serde(default)]
    pub may_be_new: bool,
    /// How many slices may be in one only; none by default.
    #[serde(default)]
    pub budget: u64,
}

impl Check for SlicePresence {
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
        let here = combinations(&self.columns);
        vec![
            here.clone(),
            Measure::Elsewhere(self.reference.clone(), Box::new(here)),
        ]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!(
            "slices by {} beside {}",
            self.columns.join(", "),
            self.reference
        ));
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let (here, there) = match measured {
            [Measured::Frequencies(here), Measured::Frequencies(there)] => (here, there),
            [] => return no_columns(&target, &REQUIREMENT),
            _ => return target.something_else(&REQUIREMENT),
        };
        let slices = |pairs: &[(Vec<Option<String>>, u64)]| {
            pairs
                .iter()
                .map(|(values, _)| values.clone())
                .collect::<BTreeSet<_>>()
        };
        let (here, there) = (slices(here), slices(there));
        let names = |one: &BTreeSet<Vec<Option<String>>>, other| {
            one.difference(other)
                .map(|values| in_words(&self.columns, values))
                .collect::<Vec<_>>()
        };
        let vanished = names(&there, &here);
        let new = if self.may_be_new {
            Vec::new()
        } else {
            names(&here, &there)
        };
        let (quantity, bound) = (
            Quantity::new((vanished.len() + new.len()) as f64, Unit::Count),
            Bound::AtMost(self.budget as f64),
        );
        let part = |names: &[String], what: &str| match names {
            [] => format!("none {what}"),
            _ if target.personal => format!("{} {what}", names.len()),
            _ => format!("{} {what}: {}", names.len(), listed(names)),
        };
        let message = format!(
            "{}: {}; {}; required {bound}",
            target.subject(),
            part(&vanished, "vanished"),
            part(&new, "new")
        );
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
