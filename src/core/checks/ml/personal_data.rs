//! A column must hold no personal data and no secrets, or only such as are allowed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::{Evidence, FailingRows, RowExample};
use crate::measure::{Measure, Measured, PersonalFound, PersonalKind, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "personal-data",
    summary: "The column holds no personal data and no secrets but the kinds that are allowed.",
    remedy: "Drop, hash or mask the column upstream; classify it in the contract if it must stay; revoke keys that were found.",
    references: &["Regulation (EU) 2016/679, articles 4 (1) and 5 (1)(c)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count. The text of a value is looked at as a whole and then in its parts, up to 65,536 bytes; a row counts once, for the first kind found. Case matters where the form has it: codes of countries are in capitals. Numbers are read as their text.";

/// Bound on the rows with personal data of a kind that is not allowed. Values are never shown.
///
/// A row counts when its text holds a kind for sure. Numbers whose form other numbers share count when at
/// least `likely_share_min` of the column has it: one in ten numbers of eleven digits passes the test of
/// a German tax number, a column of tax numbers passes it whole.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// Kinds that may be there.
    #[serde(default)]
    pub allow: Vec<PersonalKind>,
    /// Kinds that are looked for; all when empty.
    #[serde(default)]
    pub kinds: Vec<PersonalKind>,
    /// Share of the values that must have a form for it to count when other numbers have it too.
    #[serde(default = "half")]
    pub likely_share_min: f64,
    /// How many rows may hold personal data; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Default for PersonalData {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            kinds: Vec::new(),
            likely_share_min: half(),
            tolerance: Tolerance::none(),
        }
    }
}

fn half() -> f64 {
    0.5
}

impl PersonalData {
    fn wanted(&self, kind: PersonalKind) -> bool {
        !self.allow.contains(&kind) && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }

    /// Rows of each kind that counts, most first.
    fn counted(&self, found: &PersonalFound) -> Vec<(PersonalKind, u64)> {
        let kinds: BTreeSet<PersonalKind> = found
            .sure
            .keys()
            .chain(found.likely.keys())
            .copied()
            .collect();
        let mut counted: Vec<(PersonalKind, u64)> = kinds
            .into_iter()
            .filter(|kind| self.wanted(*kind))
            .map(|kind| {
                let sure = found.sure.get(&kind).copied().unwrap_or_default();
                let likely = found.likely.get(&kind).copied().unwrap_or_default();
                let enough =
                    self.likely_share_min * found.eligible as f64 <= (sure + likely) as f64;
                (kind, if enough { sure + likely } else { sure })
            })
            .filter(|(_, rows)| 0 < *rows)
            .collect();
        counted.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        counted
    }
}

impl Check for PersonalData {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Personal(target.column_name())]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let found = match measured {
            [Measured::Personal(found)] => found,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let counted = self.counted(found);
        let rows: u64 = counted.iter().map(|(_, rows)| rows).sum();
        let example = |row: &u64| RowExample {
            row_number: *row,
            value: None,
            masked: true,
        };
        // Which row holds which kind is not kept: where some kinds are allowed, a row may show one.
        let shown = found.sure.keys().all(|kind| self.wanted(*kind));
        let failing = FailingRows {
            count: rows,
            eligible: found.eligible,
            examples: if shown && 0 < rows {
                found.row_numbers.iter().map(example).collect()
            } else {
                Vec::new()
            },
        };
        let kinds: Vec<String> = counted
            .iter()
            .map(|(kind, rows)| format!("{} ({rows})", kind.in_words()))
            .collect();
        let wrong = match kinds.as_slice() {
            [] => "hold personal data".to_owned(),
            kinds => format!("hold {}", kinds.join(", ")),
        };
        // No value is there to be masked; that the rows are says so already.
        let target = Target {
            personal: false,
            ..target.clone()
        };
        target.judge_rows(&REQUIREMENT, facts, &failing, self.tolerance, &wrong)
    }
}
