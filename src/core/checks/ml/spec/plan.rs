//! From what the configuration says to checks on datasets.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    HistorySpec, LabelsSpec, MlSpec, PartitionsSpec, PersonalSpec, ServingSpec, SlicesSpec,
    SplitsSpec,
};
use crate::checks::ml::{
    AgreementStatistic, AnnotatorAgreement, ClassBalance, ClassMeasure, ClassShift,
    ConflictingLabels, ExpectedColumn, LabelDelay, LabelKind, MissingnessSkew, NearDuplicates,
    NewCategories, PartitionFreshness, PartitionSequence, PersonalData, PersonalNames,
    PositiveRows, SchemaSkew, SliceCoverage, SlicePresence, SplitLeakage, TargetLeakage,
    TimeLeakage, ValueSkew, VolumeHistory, VolumeOf,
};
use crate::checks::{AcceptedValues, Check, NullFraction, PlannedCheck, Target, Tolerance};
use crate::evidence::{Bound, Location, Severity};
use crate::measure::{ColumnFacts, LogicalType, NullKeys, TableFacts};

/// A dataset as the planner sees it.
#[derive(Clone, Copy, Debug)]
pub struct MlDataset<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its columns.
    pub facts: &'a TableFacts,
    /// The columns the contract classifies as personal.
    pub personal: &'a [String],
}

/// What earlier runs measured, as far as the command has found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MlHistory {
    /// Row counts, by dataset.
    pub row_counts: BTreeMap<String, Vec<f64>>,
    /// Null fractions, by dataset and column.
    pub null_fractions: BTreeMap<(String, String), Vec<f64>>,
}

/// What is planned for.
#[derive(Clone, Copy)]
pub struct MlPlan<'a> {
    /// What the configuration says.
    pub spec: &'a MlSpec,
    /// The datasets there are.
    pub datasets: &'a [MlDataset<'a>],
    /// What earlier runs measured.
    pub history: &'a MlHistory,
    /// The time ages are taken at.
    pub as_of: DateTime<Utc>,
    /// Finds the line of a key: `splits.time`.
    pub locate: &'a dyn Fn(&str) -> Option<Location>,
}

/// Something wrong with the configuration: the key (`splits.training`) and a sentence.
pub type Problem = (String, String);

/// The checks the configuration demands. Each is on the dataset its target names.
///
/// # Errors
/// Every name of a dataset or column that is not there.
pub fn plan(request: &MlPlan<'_>) -> Result<Vec<PlannedCheck>, Vec<Problem>> {
    let mut planner = Planner {
        request,
        checks: Vec::new(),
        problems: Vec::new(),
    };
    let spec = request.spec;
    if let Some(splits) = &spec.splits {
        planner.splits(splits);
    }
    if let Some(labels) = &spec.labels {
        planner.labels(labels);
    }
    if let Some(serving) = &spec.serving {
        planner.serving(serving);
    }
    if let Some(personal) = &spec.personal {
        planner.personal(personal);
    }
    for (index, slices) in spec.slices.iter().enumerate() {
        planner.slices(&format!("slices[{index}]"), slices);
    }
    for (index, partitions) in spec.partitions.iter().enumerate() {
        planner.partitions(&format!("partitions[{index}]"), partitions);
    }
    if let Some(history) = &spec.history {
        planner.history(history);
    }
    if planner.problems.is_empty() {
        Ok(planner.checks)
    } else {
        Err(planner.problems)
    }
}

struct Planner<'a> {
    request: &'a MlPlan<'a>,
    checks: Vec<PlannedCheck>,
    problems: Vec<Problem>,
}

fn at_most(fraction: f64) -> Tolerance {
    Tolerance {
        fraction: Some(Bound::AtMost(fraction)),
        ..Tolerance::none()
    }
}

/// Whether a column is compared as a number; `None` for what is neither number nor category.
fn is_numeric(column: &ColumnFacts) -> Option<bool> {
    match column.logical_type? {
        LogicalType::Number
        | LogicalType::Integer
        | LogicalType::Date
        | LogicalType::Timestamp
        | LogicalType::Time => Some(true),
        LogicalType::String | LogicalType::Boolean => Some(false),
        LogicalType::Object | LogicalType::Array => None,
    }
}

impl<'a> Planner<'a> {
    fn problem(&mut self, key: &str, message: String) {
        let problem = (key.to_owned(), message);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn dataset(&mut self, key: &str, name: &str) -> Option<MlDataset<'a>> {
        let found = self
            .request
            .datasets
            .iter()
            .find(|dataset| dataset.name == name)
            .copied();
        if found.is_none() {
            let names: Vec<String> = self
                .request
                .datasets
                .iter()
                .map(|dataset| format!("`{}`", dataset.name))
                .collect();
            self.problem(
                key,
                format!("`{name}` is no dataset; there are {}", names.join(", ")),
            );
        }
        found
    }

    /// Whether all these columns are in a dataset.
    fn has(&mut self, key: &str, dataset: MlDataset<'_>, columns: &[String]) -> bool {
        let missing: Vec<&String> = columns
            .iter()
            .filter(|column| dataset.facts.column(column).is_none())
            .collect();
        for column in &missing {
            self.problem(
                key,
                format!("`{column}` is no column of `{}`", dataset.name),
            );
        }
        missing.is_empty()
    }

    fn add(
        &mut self,
        key: &str,
        severity: Severity,
        dataset: MlDataset<'_>,
        column: Option<&str>,
        check: impl Check + 'static,
    ) {
        let personal = match column {
            Some(column) => dataset.personal.iter().any(|name| name == column),
            None => false,
        };
        let target = Target {
            dataset: dataset.name.to_owned(),
            column: column.map(str::to_owned),
            personal,
            severity,
            location: (self.request.locate)(key),
            ..Target::default()
        };
        self.checks.push(PlannedCheck::new(target, Box::new(check)));
    }

    fn splits(&mut self, spec: &SplitsSpec) {
        let Some(training) = self.dataset("splits.training", &spec.training) else {
            return;
        };
        let known = spec
            .evaluation
            .iter()
            .filter_map(|name| self.dataset("splits.evaluation", name))
            .count();
        if known < spec.evaluation.len() {
            return;
        }
        for (split, other) in spec.pairs() {
            let (Some(split), Some(other)) =
                (self.dataset("splits", split), self.dataset("splits", other))
            else {
                continue;
            };
            let leakage = |key: Vec<String>, name: Option<&str>, nulls| SplitLeakage {
                other: other.name.to_owned(),
                key,
                key_there: Vec::new(),
                name: name.map(str::to_owned),
                nulls,
                tolerance: at_most(spec.shared_max),
            };
            if spec.rows {
                let shared = split.facts.columns.iter().map(|column| column.name.clone());
                let shared: Vec<String> = shared
                    .filter(|name| other.facts.column(name).is_some())
                    .collect();
                self.add(
                    "splits.rows",
                    spec.severity,
                    split,
                    None,
                    leakage(shared, Some("row"), NullKeys::Equal),
                );
            }
            let keys =
                std::iter::once((&spec.key[..], "splits.key")).filter(|(key, _)| !key.is_empty());
            let entities = spec
                .entities
                .iter()
                .map(|entity| (std::slice::from_ref(entity), "splits.entities"));
            for (key, place) in keys.chain(entities) {
                if self.has(place, split, key) && self.has(place, other, key) {
                    self.add(
                        place,
                        spec.severity,
                        split,
                        None,
                        leakage(key.to_vec(), None, NullKeys::SkipAny),
                    );
                }
            }
            if let Some(near) = &spec.near {
                let columns: Vec<String> = near
                    .texts
                    .iter()
                    .chain(near.numbers.keys())
                    .chain(&near.equal)
                    .cloned()
                    .collect();
                if self.has("splits.near", split, &columns)
                    && self.has("splits.near", other, &columns)
                {
                    let check = NearDuplicates {
                        other: Some(other.name.to_owned()),
                        texts: near.texts.clone(),
                        numbers: near.numbers(),
                        equal: near.equal.clone(),
                        similarity_min: near.similarity_min,
                        shingles: near.shingles,
                        tolerance: at_most(spec.shared_max),
                    };
                    self.add("splits.near", spec.severity, split, None, check);
                }
            }
            if other.name == training.name {
                self.times(spec, split, training);
            }
        }
    }

    fn times(&mut self, spec: &SplitsSpec, split: MlDataset<'_>, training: MlDataset<'_>) {
        let Some(time) = &spec.time else { return };
        let column = std::slice::from_ref(time);
        if !(self.has("splits.time", split, column) && self.has("splits.time", training, column)) {
            return;
        }
        let entities = spec
            .entities
            .iter()
            .filter(|_| spec.time_by_entity)
            .map(|entity| Some(entity.clone()));
        for entity in std::iter::once(None).chain(entities) {
            let check = TimeLeakage {
                training: training.name.to_owned(),
                column_there: None,
                entity,
                may_touch: false,
                overlap: Bound::AtMost(0.0),
            };
            self.add("splits.time", spec.severity, split, Some(time), check);
        }
    }

    fn labels(&mut self, spec: &LabelsSpec) {
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
                    fraction: None,
                    rows: Some(Bound::AtMost(0.0)),
                },
            );
            if !spec.classes.is_empty() {
                let check = AcceptedValues {
                    values: spec.classes.clone(),
                    tolerance: Tolerance::none(),
                };
                self.add("labels.classes", severity, dataset, Some(label), check);
            }
            let features = self.features(spec, splits, dataset);
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

    /// The features with whether each is a number.
    fn features(
        &mut self,
        spec: &LabelsSpec,
        splits: &SplitsSpec,
        dataset: MlDataset<'_>,
    ) -> Vec<(String, bool)> {
        if !spec.features.is_empty() && !self.has("labels.features", dataset, &spec.features) {
            return Vec::new();
        }
        let others = [
            &splits.key,
            &splits.entities,
            &spec.annotators,
            &spec.without,
        ];
        let is_other = |name: &String| {
            *name == spec.column
                || splits.time.as_ref() == Some(name)
                || spec.known_at.as_ref() == Some(name)
                || others.iter().any(|names| names.contains(name))
        };
        let wanted = |name: &String| {
            if spec.features.is_empty() {
                !is_other(name)
            } else {
                spec.features.contains(name)
            }
        };
        let columns = dataset
            .facts
            .columns
            .iter()
            .filter(|column| wanted(&column.name));
        columns
            .filter_map(|column| Some((column.name.clone(), is_numeric(column)?)))
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

    fn serving(&mut self, spec: &ServingSpec) {
        let (Some(served), Some(reference)) = (
            self.dataset("serving.dataset", &spec.dataset),
            self.dataset("serving.reference", &spec.reference),
        ) else {
            return;
        };
        let expected = reference.facts.columns.iter().map(|column| ExpectedColumn {
            name: column.name.clone(),
            logical_type: column.logical_type.filter(|_| reference.facts.typed),
        });
        let schema = SchemaSkew {
            reference: reference.name.to_owned(),
            columns: expected.collect(),
            without: spec.without.clone(),
            may_have_more: true,
        };
        self.add("serving", spec.severity, served, None, schema);
        self.has("serving.key", served, &spec.key);
        self.has("serving.key", reference, &spec.key);
        let shared: Vec<&ColumnFacts> = reference
            .facts
            .columns
            .iter()
            .filter(|column| {
                !spec.without.contains(&column.name)
                    && !spec.key.contains(&column.name)
                    && served.facts.column(&column.name).is_some()
            })
            .collect();
        for column in shared {
            self.served_column(spec, served, reference, column);
        }
    }

    fn served_column(
        &mut self,
        spec: &ServingSpec,
        served: MlDataset<'_>,
        reference: MlDataset<'_>,
        column: &ColumnFacts,
    ) {
        let name = Some(column.name.as_str());
        let nulls = MissingnessSkew {
            reference: reference.name.to_owned(),
            difference: Bound::Between(-spec.nulls_max, spec.nulls_max),
        };
        self.add("serving.nulls_max", spec.severity, served, name, nulls);
        if is_numeric(column) == Some(false) {
            let new = NewCategories {
                reference: reference.name.to_owned(),
                column_there: None,
                tolerance: at_most(spec.new_categories_max),
            };
            self.add(
                "serving.new_categories_max",
                spec.severity,
                served,
                name,
                new,
            );
        }
        if !spec.key.is_empty() && is_numeric(column).is_some() {
            let value = ValueSkew {
                reference: reference.name.to_owned(),
                key: spec.key.clone(),
                key_there: Vec::new(),
                column_there: None,
                closeness: spec
                    .closeness
                    .get(&column.name)
                    .copied()
                    .unwrap_or_default(),
                joined_min: 0.5,
                tolerance: at_most(spec.differing_max),
            };
            self.add("serving.key", spec.severity, served, name, value);
        }
    }

    fn personal(&mut self, spec: &PersonalSpec) {
        for dataset in self.request.datasets {
            let allowed = |name: &str| {
                spec.allow_columns
                    .iter()
                    .any(|column| column == name || *column == format!("{}.{name}", dataset.name))
            };
            let is_allowed = |column: &&ColumnFacts| {
                allowed(&column.name) || dataset.personal.contains(&column.name)
            };
            if spec.names {
                let names = PersonalNames {
                    allow: dataset
                        .facts
                        .columns
                        .iter()
                        .filter(is_allowed)
                        .map(|column| column.name.clone())
                        .collect(),
                };
                self.add("personal.names", spec.severity, *dataset, None, names);
            }
            let readable = |column: &&ColumnFacts| {
                matches!(
                    column.logical_type,
                    Some(LogicalType::String | LogicalType::Integer)
                )
            };
            for column in dataset
                .facts
                .columns
                .iter()
                .filter(readable)
                .filter(|column| !is_allowed(column))
            {
                let check = PersonalData {
                    allow: spec.allow.clone(),
                    ..PersonalData::default()
                };
                self.add(
                    "personal",
                    spec.severity,
                    *dataset,
                    Some(&column.name),
                    check,
                );
            }
        }
    }

    fn slices(&mut self, key: &str, spec: &SlicesSpec) {
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

    fn partitions(&mut self, key: &str, spec: &PartitionsSpec) {
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

    fn history(&mut self, spec: &HistorySpec) {
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
