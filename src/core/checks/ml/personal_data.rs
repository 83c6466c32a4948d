//! A column must hold no personal data and no secrets, or only such as are allowed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::{Evidence, FailingRows, RowExample};
use crate::measure::{
    LIKELY_SHARE_MIN_DEFAULT, Measure, Measured, PersonalFound, PersonalKind, TableFacts,
};

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
/// A row counts when its text, or a part of it, holds a kind for sure. Numbers and codes that others look
/// like (a card without groups, a German, French or Spanish number, a UK national insurance number without
/// groups) count when at least `likely_share_min` of what has their form passes their test, and for those
/// with one check digit at least three do: one in ten numbers of other meaning passes, those of this
/// meaning all do, however few of the rows hold one. IPv4 addresses, written as versions are, and
/// coordinates count when that share of all values is one. What has the form and does not count is said.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// Kinds that may be there.
    #[serde(default)]
    pub allow: Vec<PersonalKind>,
    /// Kinds that are looked for; all when empty.
    #[serde(default)]
    pub kinds: Vec<PersonalKind>,
    /// Share of what has a form that must be of the kind for it to count when others have the form too.
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
    LIKELY_SHARE_MIN_DEFAULT
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
            .map(|kind| (kind, found.rows(kind, self.likely_share_min)))
            .filter(|(_, rows)| 0 < *rows)
            .collect();
        counted.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        counted
    }
}

impl PersonalData {
    /// What has the form of a kind and does not count, in words.
    fn doubtful(&self, found: &PersonalFound) -> Vec<String> {
        let likely = found.likely.iter().filter(|(kind, _)| self.wanted(**kind));
        likely
            .filter(|(kind, rows)| {
                let sure = found.sure.get(kind).copied().unwrap_or_default();
                found.rows(**kind, self.likely_share_min) < sure + **rows
            })
            .map(|(kind, rows)| format!("{rows} have the form of {}", kind.in_words()))
            .collect()
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
            is_null: false,
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
        let mut wrong = match kinds.as_slice() {
            [] if self.allow.is_empty() && self.kinds.is_empty() => "hold personal data".to_owned(),
            [] => "hold personal data of a kind looked for".to_owned(),
            kinds => format!("hold {}", kinds.join(", ")),
        };
        let doubtful = self.doubtful(found);
        if !doubtful.is_empty() {
            wrong.push_str(&format!(
                " for sure ({}, which other values have too)",
                doubtful.join(", ")
            ));
        }
        // No value is there to be masked; that the rows are says so already.
        let target = Target {
            personal: false,
            ..target.clone()
        };
        target.judge_rows(&REQUIREMENT, facts, &failing, self.tolerance, &wrong)
    }
}
