//! Which values are not shown. A mask is a property of columns, and is put on where a planned check
//! becomes evidence: no check decides by itself whether what it shows may be seen.
//!
//! Hidden are the columns a contract classifies as personal; where it classifies nothing, as suites of
//! other tools do not, those whose names say so; and, whatever a column is called, values that are
//! personal data by their form, unless the contract classifies the column as public.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Evidence, FailingRows};
use crate::measure::{
    Distribution, Measure, Measured, PersonalFound, Scalar, Shown, TableFacts, is_personal_name,
};

/// Values looked at in one measurement; more are looked at as far as this.
const VALUES_MAX: usize = 1_000;

/// What is known of the columns of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// Columns the contract speaks of: true where values must not be shown, false where anybody may see them.
    pub classified: BTreeMap<String, bool>,
    /// Columns that another dataset of the run hides.
    pub elsewhere: BTreeSet<String>,
    /// Whether names decide where nothing is classified.
    pub by_name: bool,
}

impl Masks {
    /// Whether values of a column must not be shown.
    #[must_use]
    pub fn hides(&self, column: &str) -> bool {
        match self.classified.get(column) {
            Some(is_personal) => *is_personal,
            None => self.elsewhere.contains(column) || (self.by_name && is_personal_name(column)),
        }
    }

    /// The columns that are hidden by their classification.
    #[must_use]
    pub fn personal(&self) -> Vec<String> {
        let personal = self.classified.iter().filter(|(_, hidden)| **hidden);
        personal.map(|(column, _)| column.clone()).collect()
    }

    /// Whether what these measures found must not be shown.
    pub(super) fn hide(
        &self,
        measures: &[Measure],
        measured: &[Measured],
        facts: &TableFacts,
    ) -> bool {
        measures.iter().enumerate().any(|(index, measure)| {
            let found = measured.get(index);
            match measure.shows() {
                Shown::Columns(columns) if columns.is_empty() => false,
                Shown::Columns(columns) => {
                    columns.iter().any(|column| self.hides(column))
                        || (columns
                            .iter()
                            .any(|column| !self.classified.contains_key(column))
                            && found.is_some_and(holds_personal))
                }
                Shown::Anything => {
                    self.classified.values().any(|hidden| *hidden)
                        || facts.columns.iter().any(|column| self.hides(&column.name))
                        || found.is_some_and(holds_personal)
                }
            }
        })
    }
}

/// Takes the values out of evidence that must not show them.
pub(super) fn strip(evidence: &mut Evidence) {
    if let Some(failing) = &mut evidence.failing_rows {
        mask(failing);
    }
}

/// Takes the values out of failing rows.
pub(super) fn mask(failing: &mut FailingRows) {
    for example in &mut failing.examples {
        example.masked |= example.value.take().is_some();
    }
}

/// Whether values that would be shown are personal data by their form.
fn holds_personal(measured: &Measured) -> bool {
    let mut found = PersonalFound::default();
    let mut left = VALUES_MAX;
    look(measured, &mut |text| {
        if 0 < left {
            left -= 1;
            found.update(text, 1, 1);
        }
    });
    found.holds_any()
}

/// Calls `see` with every text of a measurement.
fn look(measured: &Measured, see: &mut impl FnMut(&str)) {
    match measured {
        Measured::Failing(failing) => look_at_rows(&failing.examples, see),
        Measured::Groups(groups) => look_at_rows(&groups.examples, see),
        Measured::Paired(paired) => look_at_rows(&paired.failing.examples, see),
        Measured::Near(near) => look_at_rows(&near.failing.examples, see),
        Measured::Extremes(Some((least, most))) => {
            for scalar in [least, most] {
                if let Scalar::Text(text) = scalar {
                    see(text);
                }
            }
        }
        Measured::Frequencies(combinations) => {
            let texts = combinations.iter().flat_map(|(values, _)| values).flatten();
            texts.for_each(|text| see(text));
        }
        Measured::Distribution(Distribution::Categorical(distribution)) => {
            distribution.counts.keys().for_each(|text| see(text));
        }
        Measured::Answer(answer) => {
            let texts = answer.rows.iter().flatten().flatten();
            texts.for_each(|text| see(text));
            look_at_rows(&answer.examples, see);
        }
        Measured::Slices(slices) => {
            for slice in slices {
                slice.values.iter().flatten().for_each(|text| see(text));
                look(&slice.measured, see);
            }
        }
        Measured::Count(_)
        | Measured::Number(_)
        | Measured::Between(_)
        | Measured::Newest(_)
        | Measured::Moments(_)
        | Measured::Comoments(_)
        | Measured::Vectors(_)
        | Measured::Extremes(None)
        | Measured::Distribution(Distribution::Numeric(_))
        | Measured::Personal(_)
        | Measured::Failed(..) => {}
    }
}

fn look_at_rows(examples: &[crate::evidence::RowExample], see: &mut impl FnMut(&str)) {
    let texts = examples
        .iter()
        .filter_map(|example| example.value.as_deref());
    texts.for_each(see);
}
