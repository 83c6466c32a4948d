//! How many rows may fail a rule, and how repeated keys are counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Bound, FailingRows, Quantity, Unit};
use crate::measure::{Groups, TableFacts};

/// How many rows may fail: at most a number, or at most a fraction of the eligible ones. None by
/// default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Bound on the number of failing rows.
    #[serde(default)]
    pub rows: Option<Bound>,
    /// Bound on the fraction of failing rows, in [0, 1].
    #[serde(default)]
    pub fraction: Option<Bound>,
    /// Bound on the fraction of rows that pass, in [0, 1]. Said apart from `fraction` because
    /// `1 - 0.9` is not `0.1` in binary: "at least 0.9 pass" is decided exactly.
    #[serde(default)]
    pub passing: Option<Bound>,
    /// What the fractions are of.
    #[serde(default)]
    pub of: Denominator,
}

/// What a fraction of rows is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The rows the rule speaks of: mostly those whose value is not null.
    #[default]
    EligibleRows,
    /// All rows, also those whose value is null.
    AllRows,
}

/// What is counted when keys repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateCount {
    /// Rows that repeat an earlier row.
    #[default]
    SurplusRows,
    /// All rows whose key occurs more than once, the first one too.
    AllRows,
    /// Keys that occur more than once.
    Keys,
}

impl DuplicateCount {
    /// The repeated keys as failing rows.
    pub(super) fn of(self, groups: &Groups) -> FailingRows {
        FailingRows {
            count: match self {
                Self::SurplusRows => groups.surplus(),
                Self::AllRows => groups.rows_of_repeated,
                Self::Keys => groups.repeated,
            },
            eligible: groups.rows,
            examples: groups.examples.clone(),
        }
    }
}

impl Tolerance {
    /// No row may fail.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// At least this fraction of the eligible rows passes, as `mostly` of Great Expectations.
    #[must_use]
    pub fn mostly(fraction: f64) -> Self {
        Self {
            passing: Some(Bound::AtLeast(fraction)),
            ..Self::default()
        }
    }

    /// What the bound speaks of where that is not the number of failing rows, as part of a sentence.
    pub(super) fn said(self, judged: &Quantity, bound: Bound) -> String {
        let shown = bound.beside(judged.value);
        match (self.rows, self.fraction, self.passing) {
            (Some(_), ..) | (None, None, None) => String::new(),
            (None, Some(_), _) => format!(", a fraction of {shown}"),
            (None, None, Some(_)) => format!(", so that a fraction of {shown} passes"),
        }
    }

    pub(super) fn apply(self, failing: &FailingRows, facts: &TableFacts) -> (Quantity, Bound) {
        let rows = Quantity::rows(failing.count).of(failing.eligible);
        let of = match self.of {
            Denominator::EligibleRows => failing.eligible,
            Denominator::AllRows => facts.row_count,
        };
        let fraction =
            |count: u64| Quantity::new(count as f64 / of.max(1) as f64, Unit::Fraction).of(of);
        match (self.rows, self.fraction, self.passing) {
            (Some(bound), ..) => (rows, bound),
            (None, Some(bound), _) => (fraction(failing.count), bound),
            // Where nothing is looked at, everything that is passes.
            (None, None, Some(bound)) if of == 0 => {
                (Quantity::new(1.0, Unit::Fraction).of(of), bound)
            }
            (None, None, Some(bound)) => (fraction(of.saturating_sub(failing.count)), bound),
            (None, None, None) => (rows, Bound::AtMost(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_on_a_fraction_stands_beside_a_fraction() {
        let failing = FailingRows {
            count: 6,
            eligible: 10,
            ..FailingRows::default()
        };
        let facts = TableFacts {
            row_count: 10,
            columns: Vec::new(),
            typed: true,
        };
        let said = |tolerance: Tolerance| {
            let (quantity, bound) = tolerance.apply(&failing, &facts);
            tolerance.said(&quantity, bound)
        };
        assert_eq!(said(Tolerance::none()), "");
        assert_eq!(
            said(Tolerance::mostly(0.9)),
            ", so that a fraction of 0.4 passes"
        );
        let fraction = Tolerance {
            fraction: Some(Bound::AtMost(0.5)),
            ..Tolerance::none()
        };
        assert_eq!(said(fraction), ", a fraction of 0.6");
    }
}
