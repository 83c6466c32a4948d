//! A check on its target, on some of the rows, or on each slice of them.

use super::masks::{self, Masks};
use super::{Check, Target};
use crate::evidence::{Evidence, Reason};
use crate::measure::{
    Condition, LogicalType, Measure, Measured, RowRule, Slice, TableFacts, Value,
};

/// A check on its target.
#[derive(Debug)]
pub struct PlannedCheck {
    /// Where.
    pub target: Target,
    /// What.
    pub check: Box<dyn Check>,
    /// The rows it speaks of; all when absent.
    pub rows: Option<Condition>,
    /// Columns whose combinations of values are each judged for themselves; none when empty.
    pub slices: Vec<String>,
    /// Whether its column may be absent from the data; then it demands nothing.
    pub optional: bool,
    /// The only columns read as the type the plan gives them, where suites give a type to some rules
    /// only; the rows spoken of are then chosen by what stands in the file. All columns when absent.
    pub typed: Option<Vec<String>>,
    /// Where only some columns are read as their type: those that are also read so where the rows spoken of
    /// are chosen.
    pub typed_rows: Vec<String>,
    /// A column whose values must all be readable as the type, in the rows spoken of; otherwise the rule is
    /// not evaluated.
    pub readable: Option<(String, LogicalType)>,
}

impl PlannedCheck {
    /// A check on all rows.
    #[must_use]
    pub fn new(target: Target, check: Box<dyn Check>) -> Self {
        Self {
            target,
            check,
            rows: None,
            slices: Vec::new(),
            optional: false,
            typed: None,
            typed_rows: Vec::new(),
            readable: None,
        }
    }

    /// What must be measured.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let mut measures = self.check.measures(&self.target);
        if let Some(typed) = &self.typed {
            for measure in &mut measures {
                measure.read_as_written(typed);
            }
        }
        if let Some((column, logical_type)) = &self.readable {
            measures.push(Measure::Failing(unreadable(column, *logical_type)));
        }
        if self.rows.is_none() && self.slices.is_empty() {
            return measures;
        }
        // Fractions are of the rows spoken of.
        measures.push(Measure::RowCount);
        let mut condition = self.rows.clone();
        if let (Some(condition), Some(_)) = (&mut condition, &self.typed) {
            condition.read_as_written(&self.typed_rows);
        }
        let condition = condition.map(std::sync::Arc::new);
        measures
            .into_iter()
            .map(|measure| match &condition {
                Some(condition) => Measure::Where(condition.clone(), Box::new(measure)),
                None => measure,
            })
            .map(|measure| match self.slices.as_slice() {
                [] => measure,
                columns => Measure::By(columns.to_vec(), Box::new(measure)),
            })
            .collect()
    }

    /// Turns what was measured, in the order of [`PlannedCheck::measures`], into evidence: one verdict,
    /// or one for each slice. Values of columns that `masks` hides are in none of it.
    #[must_use]
    pub fn judge(&self, masks: &Masks, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let mut target = self.target.clone();
        target.personal |= masks.hide(&self.measures(), measured, facts);
        let mut evidence = self.judge_slices(&target, facts, measured);
        if target.personal {
            evidence.iter_mut().for_each(masks::strip);
        }
        evidence
    }

    fn judge_slices(
        &self,
        target: &Target,
        facts: &TableFacts,
        measured: &[Measured],
    ) -> Vec<Evidence> {
        if let Some(column) = &target.column
            && self.optional
            && facts.column(column).is_none()
        {
            return target.absent(self.check.requirement());
        }
        let mut target = target.clone();
        if let Some(rows) = &self.rows {
            target.rows.get_or_insert_with(|| rows.to_string());
        }
        if self.slices.is_empty() {
            return self.judge_rows(&target, facts, measured);
        }
        let slices = |measured: &Measured| match measured {
            Measured::Slices(slices) => slices.clone(),
            other => vec![Slice {
                values: Vec::new(),
                measured: other.clone(),
            }],
        };
        let columns: Vec<Vec<Slice>> = measured.iter().map(slices).collect();
        let Some(first) = columns.first() else {
            return self.judge_rows(&target, facts, measured);
        };
        if first.is_empty() {
            // Without rows there is no slice, and a rule that says nothing would pass unseen.
            let why = format!("there is no row, so no slice by {}", self.slices.join(", "));
            return target.failed(self.check.requirement(), Reason::Undefined, &why);
        }
        first
            .iter()
            .enumerate()
            .flat_map(|(index, slice)| {
                let own: Vec<Measured> = columns
                    .iter()
                    .map(|column| {
                        let found = column.iter().find(|other| other.values == slice.values);
                        found.map_or_else(
                            || {
                                Measured::Failed(
                                    Reason::Undefined,
                                    "the slice was measured in part".to_owned(),
                                )
                            },
                            |found| found.measured.clone(),
                        )
                    })
                    .collect();
                let target = Target {
                    rows: Some(self.slice_in_words(&target, slice, index)),
                    ..target.clone()
                };
                self.judge_rows(&target, facts, &own)
            })
            .collect()
    }

    /// Slices whose values are hidden are told apart by their number.
    fn slice_in_words(&self, target: &Target, slice: &Slice, index: usize) -> String {
        let parts = self.slices.iter().zip(&slice.values);
        let mut words: Vec<String> = target.rows.iter().cloned().collect();
        words.extend(parts.map(|(column, value)| match value {
            Some(_) if target.personal => format!("{column} masked, slice {}", index + 1),
            Some(value) => format!("{column}={value}"),
            None => format!("{column} is null"),
        }));
        if words.is_empty() {
            words.push(self.slices.join(", "));
        }
        words.join(", ")
    }

    fn judge_rows(
        &self,
        target: &Target,
        facts: &TableFacts,
        measured: &[Measured],
    ) -> Vec<Evidence> {
        if self.rows.is_none() && self.slices.is_empty() {
            return self.judge_readable(target, facts, measured);
        }
        let Some((row_count, own)) = measured.split_last() else {
            return Vec::new();
        };
        match row_count {
            Measured::Count(row_count) => {
                let facts = TableFacts {
                    row_count: *row_count,
                    ..facts.clone()
                };
                self.judge_readable(target, &facts, own)
            }
            // A rule on rows that cannot be told apart was not looked at, also where it counts nothing else.
            Measured::Failed(reason, why) => target.failed(self.check.requirement(), *reason, why),
            _ => target.something_else(self.check.requirement()),
        }
    }

    /// Judges the check, once every value is found to be readable.
    fn judge_readable(
        &self,
        target: &Target,
        facts: &TableFacts,
        measured: &[Measured],
    ) -> Vec<Evidence> {
        let Some((column, logical_type)) = &self.readable else {
            return self.check.judge(target, facts, measured);
        };
        let requirement = self.check.requirement();
        match measured.split_last() {
            Some((Measured::Failing(unreadable), own)) if unreadable.count == 0 => {
                self.check.judge(target, facts, own)
            }
            Some((Measured::Failing(unreadable), _)) => {
                let why = format!(
                    "{} of {} values of `{column}` cannot be read as `{}`",
                    unreadable.count,
                    unreadable.eligible,
                    logical_type.as_str()
                );
                target.failed(requirement, Reason::Undefined, &why)
            }
            Some((Measured::Failed(reason, why), _)) => target.failed(requirement, *reason, why),
            _ => target.something_else(requirement),
        }
    }
}

/// The values of a column that cannot be read as a type.
fn unreadable(column: &str, logical_type: LogicalType) -> RowRule {
    RowRule {
        fails: Condition::ReadsAs(column.to_owned(), logical_type).negated(),
        eligible: Condition::IsNull(Value::Raw(column.to_owned())).negated(),
        shown: None,
    }
}
