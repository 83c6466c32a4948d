//! Judging what is counted and is no row: keys that repeat, different values that are wrong.

use super::{DuplicateCount, Requirement, Target, Tolerance};
use crate::evidence::{Evidence, FailingRows, Quantity, Unit};
use crate::measure::{Groups, TableFacts};

/// Things that were counted.
pub(super) struct Things {
    /// How many are wrong.
    pub(super) count: u64,
    /// The rows they stand in, of those looked at.
    pub(super) rows: FailingRows,
    /// What is said of none, of one and of several; the number stands before the latter two.
    pub(super) words: [String; 3],
}

impl Things {
    /// Keys that occur more than once.
    pub(super) fn keys(groups: &Groups, what: &str) -> Self {
        let rows = groups.rows;
        Self {
            count: groups.repeated,
            rows: FailingRows {
                count: groups.rows_of_repeated,
                eligible: rows,
                examples: groups.examples.clone(),
            },
            words: [
                format!("no {what} occurs more than once in {rows} rows"),
                format!("{what} occurs more than once in {rows} rows"),
                format!("different {what}s occur more than once in {rows} rows"),
            ],
        }
    }
}

impl Target {
    /// Judges repeated keys or the rows that repeat them, whichever are counted; `wrong` reads after a
    /// number of rows.
    pub(super) fn judge_repeated(
        &self,
        requirement: &Requirement,
        facts: &TableFacts,
        groups: &Groups,
        (count, tolerance): (DuplicateCount, Tolerance),
        wrong: &str,
    ) -> Vec<Evidence> {
        match count {
            DuplicateCount::SurplusRows | DuplicateCount::AllRows => {
                self.judge_rows(requirement, facts, &count.of(groups), tolerance, wrong)
            }
            DuplicateCount::Keys => {
                let what = match &self.column {
                    Some(_) => "value",
                    None => "key",
                };
                self.judge_things(requirement, facts, &Things::keys(groups, what), tolerance)
            }
        }
    }

    /// Judges things by their number, or by their number as a fraction of rows.
    pub(super) fn judge_things(
        &self,
        requirement: &Requirement,
        facts: &TableFacts,
        things: &Things,
        tolerance: Tolerance,
    ) -> Vec<Evidence> {
        let counted = FailingRows {
            count: things.count,
            ..things.rows.clone()
        };
        let (quantity, bound) = tolerance.apply(&counted, facts);
        let unit = match quantity.unit {
            Unit::Rows => Unit::Count,
            other => other,
        };
        let nothing_there = counted.eligible == 0 && counted.count == 0;
        let quantity = Quantity {
            unit,
            // Nothing can be wrong with no value; whether there must be values is another check.
            sample_count: quantity.sample_count.filter(|_| !nothing_there),
            ..quantity
        };
        let [none, one, several] = &things.words;
        let said = match things.count {
            0 => none.clone(),
            1 => format!("1 {one}, required {bound}"),
            count => format!("{count} {several}, required {bound}"),
        };
        let subject = self.subject();
        let message = format!("{subject}: {said}");
        self.finish(
            Evidence::new(requirement.id, subject, bound.judge(&quantity), message)
                .measured(quantity, bound)
                .rows(self.mask(&things.rows)),
        )
    }
}
