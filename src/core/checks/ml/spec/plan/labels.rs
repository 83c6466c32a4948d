//! What labels must be, and what may not tell them.

use super::{MlDataset, Planner, at_most};
use crate::checks::ml::spec::{LabelsSpec, SplitsSpec};
use crate::checks::ml::{
    AgreementStatistic, AnnotatorAgreement, ClassBalance, ClassMeasure, ClassShift,
    ConflictingLabels, LabelDelay, LabelKind, NewCategories, TargetLeakage,
};
use crate::checks::{AcceptedValues, NullFraction, Tolerance};
use crate::evidence::{Bound, Severity};

impl Planner<'_> {
    pub(super) fn labels(&mut self, spec: &LabelsSpec) {
        let Some(splits) = &self.request.spec.splits else {
            self.problem(
                "labels",
                "labels are of splits; say which datasets are in `splits`".to_owned(),
            );
            return;
        };
        let names: Vec<String> = splits.all().map(str::to_owned).collect();
        let training = splits.training.clone();
        let label = spec.column.as_str();
        for name in names {
            let Some(dataset) = self.dataset("splits", &name) else {
                continue;
            };
            if !self.has("labels.column", dataset, std::slice::from_ref(&spec.column)) {
                continue;
            }
            let severity = spec.severity;
            self.add(
                "labels.column",
                severity,
                dataset,
                Some(label),
                NullFraction {
                    rows: Some(Bound::AtMost(0.0)),
                    ..NullFraction::default()
                },
            );
            if !spec.classes.is_empty() {
                let check = AcceptedValues {
                    values: spec.classes.iter().cloned().map(Into::into).collect(),
                    ..AcceptedValues::default()
                };
                self.add("labels.classes", severity, dataset, Some(label), check);
            }
            let features = self.features_of(spec, dataset);
            let check = ConflictingLabels {
                features: features.iter().map(|(name, _)| name.clone()).collect(),
                tolerance: at_most(spec.conflicts_max),
            };
            self.add(
                "labels.conflicts_max",
                severity,
                dataset,
                Some(label),
                check,
            );
            if spec.kind == LabelKind::Classes {
                self.classes(spec, dataset, &training);
            }
            if name == training {
                self.target_leakage(spec, dataset, features);
            }
            self.delay_and_annotators(spec, splits, dataset);
        }
    }

    fn classes(&mut self, spec: &LabelsSpec, dataset: MlDataset<'_>, training: &str) {
        let label = Some(spec.column.as_str());
        let balance = ClassBalance {
            of: ClassMeasure::Share,
            bound: Bound::AtLeast(spec.share_min),
            classes: spec.classes.clone(),
        };
        self.add("labels.share_min", spec.severity, dataset, label, balance);
        if dataset.name == training {
            return;
        }
        let shift = ClassShift {
            reference: training.to_owned(),
            column_there: None,
            bound: Bound::AtMost(spec.shift_max),
        };
        self.add("labels.shift_max", spec.severity, dataset, label, shift);
        let new = NewCategories {
            reference: training.to_owned(),
            column_there: None,
            tolerance: Tolerance::none(),
        };
        self.add("labels.column", spec.severity, dataset, label, new);
    }

    /// The features with whether they are numeric.
    fn features_of(&mut self, spec: &LabelsSpec, dataset: MlDataset<'_>) -> Vec<(String, bool)> {
        if !spec.features.is_empty() && !self.has("labels.features", dataset, &spec.features) {
            return Vec::new();
        }
        let columns = dataset.facts.columns.iter();
        columns
            .filter(|column| self.is_feature(&column.name))
            .filter_map(|column| Some((column.name.clone(), dataset.is_numeric(column)?)))
            .collect()
    }

    fn target_leakage(
        &mut self,
        spec: &LabelsSpec,
        dataset: MlDataset<'_>,
        features: Vec<(String, bool)>,
    ) {
        let (numeric, categorical): (Vec<_>, Vec<_>) =
            features.into_iter().partition(|(_, numeric)| *numeric);
        let names =
            |features: Vec<(String, bool)>| features.into_iter().map(|(name, _)| name).collect();
        let check = TargetLeakage {
            label: spec.column.clone(),
            label_kind: spec.kind,
            numeric: names(numeric),
            categorical: names(categorical),
            power: Bound::AtMost(spec.power_max),
            rows_min: 200,
            unjudged: if spec.features.is_empty() {
                Severity::Info
            } else {
                Severity::Error
            },
        };
        self.add("labels.power_max", spec.severity, dataset, None, check);
    }

    fn delay_and_annotators(
        &mut self,
        spec: &LabelsSpec,
        splits: &SplitsSpec,
        dataset: MlDataset<'_>,
    ) {
        if let Some(days_max) = spec.delay_days_max {
            match (&spec.known_at, &splits.time) {
                (Some(known_at), Some(time)) => {
                    if self.has("labels.known_at", dataset, std::slice::from_ref(known_at)) {
                        let check = LabelDelay {
                            event: time.clone(),
                            quantile: 0.95,
                            days_max,
                        };
                        self.add(
                            "labels.delay_days_max",
                            spec.severity,
                            dataset,
                            Some(known_at),
                            check,
                        );
                    }
                }
                (None, _) | (_, None) => self.problem(
                    "labels.delay_days_max",
                    "needs `labels.known_at` and `splits.time`".to_owned(),
                ),
            }
        }
        if !spec.annotators.is_empty() && self.has("labels.annotators", dataset, &spec.annotators) {
            let check = AnnotatorAgreement {
                columns: spec.annotators.clone(),
                statistic: AgreementStatistic::KrippendorffAlpha,
                bound: spec.agreement,
                rows_min: 30,
            };
            self.add("labels.annotators", spec.severity, dataset, None, check);
        }
    }
}
