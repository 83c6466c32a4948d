//! Rows must not nearly repeat rows of another split, or of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use super::{columns, no_columns};
use crate::evidence::{Evidence, FailingRows, Outcome, Reason};
use crate::measure::{Measure, Measured, Near, NearFound, Shingling, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "near-duplicates",
    summary: "No row nearly repeats a row of another split, or an earlier row of its own.",
    remedy: "Group near duplicates before splitting, so that all of a group are in one split.",
    references: &[
        "Broder 1997, On the resemblance and containment of documents",
        "Lee et al. 2022, Deduplicating training data makes language models better",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Texts are compared in lower case without punctuation; rows whose texts hold no letter and no digit are near nothing but the same row. Null is near null only, and NaN is null. A row counts once however many it is near. A search that ends early, and would decide, is not evaluated.";

/// Bound on the rows that nearly repeat another: texts similar, numbers close, the rest equal.
///
/// A row that is reported has been compared in full. A near row is missed with probability
/// `(1 - s⁴)³²` for texts of similarity `s`, 4 in 10⁸ at 0.8; never for numbers alone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearDuplicates {
    /// The other split, by the name of its dataset; this one when absent.
    #[serde(default)]
    pub other: Option<String>,
    /// Columns of text, compared together.
    #[serde(default)]
    pub texts: Vec<String>,
    /// Columns of numbers with the largest difference that is near.
    #[serde(default)]
    pub numbers: Vec<NearNumber>,
    /// Columns that must be equal.
    #[serde(default)]
    pub equal: Vec<String>,
    /// Least Jaccard similarity of the texts' shingles, in [0.5, 1].
    #[serde(default = "four_fifths")]
    pub similarity_min: f64,
    /// How texts are cut.
    #[serde(default)]
    pub shingles: Shingling,
    /// How many rows may nearly repeat another; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// A number and how close is near.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearNumber {
    /// The column.
    pub column: String,
    /// Largest difference that is near, at least 0.
    pub tolerance: f64,
}

fn four_fifths() -> f64 {
    0.8
}

/// Below this similarity more than one pair in eight would be missed.
const SIMILARITY_MIN: f64 = 0.5;

impl NearDuplicates {
    /// What keeps the parameters from being measured.
    fn problem(&self) -> Option<String> {
        if !(SIMILARITY_MIN..=1.0).contains(&self.similarity_min) {
            return Some(format!(
                "`similarity_min` is {}, required {SIMILARITY_MIN} to 1",
                self.similarity_min
            ));
        }
        let tolerance = self
            .numbers
            .iter()
            .find(|number| !(0.0 <= number.tolerance && number.tolerance.is_finite()));
        if let Some(number) = tolerance {
            return Some(format!(
                "the tolerance of `{}` is {}, required at least 0",
                number.column, number.tolerance
            ));
        }
        (self.texts.is_empty() && self.numbers.is_empty())
            .then(|| "neither `texts` nor `numbers` are named".to_owned())
    }

    /// What is judged is between the rows found and those plus the ones not searched to the end.
    fn settled(&self, target: &Target, facts: &TableFacts, found: &NearFound) -> Vec<Evidence> {
        let wrong = match &self.other {
            Some(other) => format!("nearly repeat a row of `{other}`"),
            None => "nearly repeat an earlier row".to_owned(),
        };
        let first = found.failing.examples.first().zip(found.nearest.first());
        let wrong = match first {
            Some((row, nearest)) => {
                format!("{wrong}, such as row {} row {nearest}", row.row_number)
            }
            None => wrong,
        };
        let judge = |failing: &FailingRows| {
            target.judge_rows(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
        };
        let most = FailingRows {
            count: found.failing.count + found.unfinished,
            ..found.failing.clone()
        };
        let outcome = |evidence: &[Evidence]| evidence.first().map(|record| record.outcome);
        let least = judge(&found.failing);
        if 0 < found.unfinished
            && outcome(&least) == Some(Outcome::Met)
            && outcome(&judge(&most)) != Some(Outcome::Met)
        {
            let why = format!(
                "{} rows have more than {} candidates, none of the first of which is near; compare more columns",
                found.unfinished,
                crate::measure::CANDIDATES_MAX
            );
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        }
        least
    }
}

impl Check for NearDuplicates {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        if self.problem().is_some() {
            return Vec::new();
        }
        let numbers = self.numbers.iter();
        vec![Measure::Near(Near {
            texts: columns(&self.texts),
            numbers: numbers
                .map(|number| (Value::column(&number.column), number.tolerance))
                .collect(),
            equal: columns(&self.equal),
            similarity_min: self.similarity_min,
            shingles: self.shingles,
            dataset: self.other.clone(),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = match &self.other {
            Some(other) => target.narrowed(&format!("near duplicates in {other}")),
            None => target.clone(),
        };
        match measured {
            [Measured::Near(found)] => self.settled(&target, facts, found),
            [Measured::Failed(reason, why)] => target.failed(&REQUIREMENT, *reason, why),
            [] => match self.problem() {
                Some(problem) => target.failed(&REQUIREMENT, Reason::Unsupported, &problem),
                None => no_columns(&target, &REQUIREMENT),
            },
            _ => target.something_else(&REQUIREMENT),
        }
    }
}
