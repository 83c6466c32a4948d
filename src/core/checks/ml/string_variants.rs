//! One thing must be written in one way: `New York`, `new york` and `New-York` are three categories to a
//! model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use super::class_balance::{classes_of, counted};
use super::listed;
use crate::evidence::{Evidence, FailingRows, Severity};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "string-variants",
    summary: "No two values of the column are the same but for case, spaces and punctuation.",
    remedy: "Write each value in one way upstream, or normalise it before training and serving alike.",
    references: &["Deepchecks 0.19 `StringMismatch`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; values without a letter and a digit are of no form. Lower case is that of Unicode without normalisation: composed and decomposed accents differ. More than 10,000 values are not evaluated.";

/// Bound on the rows with a rarer spelling of a value that is spelled in several ways. Two spellings are
/// of the same value when their letters and digits are, in lower case (Unicode).
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StringVariants {
    /// How many rows may fail; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// How much it matters at most that there are too many values to compare.
    #[serde(default)]
    pub unjudged: Severity,
}

/// The letters and digits of a text in lower case.
fn base_form(text: &str) -> String {
    let letters = text.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

impl Check for StringVariants {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![classes_of(target.column_name())]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let values = match measured {
            [Measured::Frequencies(pairs)] => counted(pairs),
            [Measured::Failed(reason, why)] => {
                return target
                    .at_most(self.unjudged)
                    .failed(&REQUIREMENT, *reason, why);
            }
            _ => return target.something_else(&REQUIREMENT),
        };
        let eligible = values.iter().map(|(_, rows)| rows).sum();
        let mut forms: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
        for (value, rows) in values {
            let form = base_form(&value);
            // Punctuation alone has no form.
            if !form.is_empty() {
                forms.entry(form).or_default().push((value, rows));
            }
        }
        let several: Vec<&Vec<(String, u64)>> =
            forms.values().filter(|values| 1 < values.len()).collect();
        let rarer = |values: &&Vec<(String, u64)>| {
            let rows = values.iter().map(|(_, rows)| rows);
            rows.clone().sum::<u64>() - rows.max().copied().unwrap_or_default()
        };
        let failing = FailingRows {
            count: several.iter().map(rarer).sum(),
            eligible,
            examples: Vec::new(),
        };
        let example = several.first().filter(|_| !target.personal).map(|values| {
            let names: Vec<String> = values.iter().map(|(value, _)| value.clone()).collect();
            format!(", such as {}", listed(&names))
        });
        let wrong = format!(
            "are a rarer spelling of {} values{}",
            several.len(),
            example.unwrap_or_default()
        );
        target.judge_rows(&REQUIREMENT, facts, &failing, self.tolerance, &wrong)
    }
}
