//! Slices, partitions and history.

use super::Planner;
use crate::checks::ml::spec::{HistorySpec, PartitionsSpec, SlicesSpec};
use crate::checks::ml::{
    PartitionFreshness, PartitionSequence, PositiveRows, SliceCoverage, SlicePresence,
    VolumeHistory, VolumeOf,
};
use crate::evidence::Bound;

impl Planner<'_> {
    pub(super) fn slices(&mut self, key: &str, spec: &SlicesSpec) {
        let evaluation = self
            .request
            .spec
            .splits
            .as_ref()
            .map(|splits| splits.evaluation.clone());
        let names = if spec.datasets.is_empty() {
            evaluation.unwrap_or_default()
        } else {
            spec.datasets.clone()
        };
        if names.is_empty() {
            self.problem(
                key,
                "name the `datasets`, or say which are `splits`".to_owned(),
            );
        }
        let label = self
            .request
            .spec
            .labels
            .as_ref()
            .map(|labels| labels.column.clone());
        if spec.positives.is_some() && label.is_none() {
            self.problem(
                &format!("{key}.positives"),
                "needs `labels.column`".to_owned(),
            );
        }
        for name in names {
            let Some(dataset) = self.dataset(&format!("{key}.datasets"), &name) else {
                continue;
            };
            if !self.has(&format!("{key}.columns"), dataset, &spec.columns) {
                continue;
            }
            let positives = spec
                .positives
                .as_ref()
                .zip(label.clone())
                .map(|(positives, label)| PositiveRows {
                    label,
                    positive: positives.positive.clone(),
                    rows_min: positives.rows_min,
                });
            let coverage = SliceCoverage {
                columns: spec.columns.clone(),
                rows_min: spec.rows_min,
                positives,
                slices: Vec::new(),
                budget: spec.budget,
            };
            self.add(key, spec.severity, dataset, None, coverage);
            let Some(reference) = &spec.reference else {
                continue;
            };
            if self
                .dataset(&format!("{key}.reference"), reference)
                .is_some()
            {
                let presence = SlicePresence {
                    reference: reference.clone(),
                    columns: spec.columns.clone(),
                    may_be_new: false,
                    budget: spec.budget,
                };
                self.add(
                    &format!("{key}.reference"),
                    spec.severity,
                    dataset,
                    None,
                    presence,
                );
            }
        }
    }

    pub(super) fn partitions(&mut self, key: &str, spec: &PartitionsSpec) {
        let Some(dataset) = self.dataset(&format!("{key}.dataset"), &spec.dataset) else {
            return;
        };
        if !self.has(
            &format!("{key}.column"),
            dataset,
            std::slice::from_ref(&spec.column),
        ) || !self.has(&format!("{key}.by"), dataset, &spec.by)
        {
            return;
        }
        let as_of = self.request.as_of;
        if let Some(unit) = spec.every {
            let check = PartitionSequence {
                unit,
                as_of,
                lag: spec.lag,
                without: spec.without.clone(),
                budget: 0,
            };
            self.add(
                &format!("{key}.every"),
                spec.severity,
                dataset,
                Some(&spec.column),
                check,
            );
        }
        match (spec.days_max, spec.by.is_empty()) {
            (Some(days_max), false) => {
                let check = PartitionFreshness {
                    partitions: spec.by.clone(),
                    days_max,
                    as_of,
                    budget: 0,
                };
                self.add(
                    &format!("{key}.days_max"),
                    spec.severity,
                    dataset,
                    Some(&spec.column),
                    check,
                );
            }
            (None, true) => {}
            (Some(_), true) | (None, false) => {
                self.problem(key, "`by` and `days_max` go together".to_owned())
            }
        }
    }

    pub(super) fn history(&mut self, spec: &HistorySpec) {
        let history = self.request.history;
        let check = |of, values: Option<&Vec<f64>>| VolumeHistory {
            of,
            history: values.cloned().unwrap_or_default(),
            history_min: spec.runs_min,
            score: Bound::Between(-spec.score_max, spec.score_max),
            change_min: 0.01,
        };
        for dataset in self.request.datasets {
            self.add(
                "history",
                spec.severity,
                *dataset,
                None,
                check(VolumeOf::RowCount, history.row_counts.get(dataset.name)),
            );
            // Columns nobody measured before have no history to be held against.
            for column in &dataset.facts.columns {
                let key = (dataset.name.to_owned(), column.name.clone());
                if let Some(values) = history.null_fractions.get(&key) {
                    self.add(
                        "history",
                        spec.severity,
                        *dataset,
                        Some(&column.name),
                        check(VolumeOf::NullFraction, Some(values)),
                    );
                }
            }
        }
    }
}
