//! What features must be, and which columns they are.

use super::{MlDataset, Planner, at_most};
use crate::checks::ml::spec::{FeaturesSpec, IdentifiersSpec, SplitsSpec};
use crate::checks::ml::{
    ConstantColumn, FeatureCorrelation, IdLeakage, LabelKind, MixedTypes, Predicted,
    SpecialCharacters, StringVariants,
};
use crate::evidence::{Bound, Severity};
use crate::measure::{ColumnFacts, LogicalType};

/// How much it matters at most that a column cannot be judged: nobody chose those found by default.
fn unjudged(chosen: &[String]) -> Severity {
    if chosen.is_empty() {
        Severity::Info
    } else {
        Severity::Error
    }
}

/// Whether a column may hold numbers beside other texts: texts, and numbers in files without types.
fn may_be_mixed(kind: Option<LogicalType>, typed: bool) -> bool {
    match kind {
        Some(LogicalType::String) => true,
        Some(LogicalType::Number | LogicalType::Integer) => !typed,
        Some(
            LogicalType::Boolean
            | LogicalType::Date
            | LogicalType::Timestamp
            | LogicalType::Time
            | LogicalType::Object
            | LogicalType::Array,
        )
        | None => false,
    }
}

impl<'a> Planner<'a> {
    pub(super) fn features(&mut self, spec: &FeaturesSpec) {
        let request = self.request;
        let splits = request.spec.splits.as_ref();
        let names: Vec<&str> = match splits {
            _ if !spec.datasets.is_empty() => spec.datasets.iter().map(String::as_str).collect(),
            Some(splits) => splits.all().collect(),
            None => request
                .datasets
                .iter()
                .map(|dataset| dataset.name)
                .collect(),
        };
        if spec.mixed_types.rare_max < spec.mixed_types.rare_min {
            let message = format!(
                "`rare_min` {} is above `rare_max` {}, so that nothing would be rare; shares between the two are refused",
                spec.mixed_types.rare_min, spec.mixed_types.rare_max
            );
            self.problem("features.mixed_types.rare_min", message);
        }
        for name in names {
            let Some(dataset) = self.dataset("features.datasets", name) else {
                continue;
            };
            let columns = self.chosen(spec, dataset);
            // What no model is trained on may be constant: a small test split often is, in a rare flag.
            let trained_on = splits.is_none_or(|splits| {
                splits.training == name || !splits.all().any(|split| split == name)
            });
            if trained_on {
                self.telling(spec, dataset, &columns);
            }
            self.spelled(spec, dataset, &columns);
        }
        if spec.identifiers.enabled {
            match splits {
                Some(splits) => self.identifiers(&spec.identifiers, splits),
                None if spec.identifiers.columns.is_empty() => {}
                None => self.problem(
                    "features.identifiers.columns",
                    "identifiers may tell the label or the split; say which datasets are in `splits`"
                        .to_owned(),
                ),
            }
        }
    }

    /// The features of this section: its own, or those of the labels.
    fn chosen(&mut self, spec: &FeaturesSpec, dataset: MlDataset<'a>) -> Vec<&'a ColumnFacts> {
        if !spec.columns.is_empty() && !self.has("features.columns", dataset, &spec.columns) {
            return Vec::new();
        }
        let wanted = |column: &&ColumnFacts| {
            let name = &column.name;
            let chosen = if spec.columns.is_empty() {
                self.is_feature(name)
            } else {
                spec.columns.contains(name)
            };
            chosen && !spec.without.contains(name) && dataset.is_numeric(column).is_some()
        };
        dataset.facts.columns.iter().filter(wanted).collect()
    }

    /// Whether a model may learn from a column, by what labels and splits say of it.
    pub(super) fn is_feature(&self, name: &String) -> bool {
        let spec = self.request.spec;
        let of_labels = spec.labels.as_ref();
        if let Some(labels) = of_labels.filter(|labels| !labels.features.is_empty()) {
            return labels.features.contains(name);
        }
        let told_apart = spec.splits.as_ref().is_some_and(|splits| {
            splits.key.contains(name)
                || splits.entities.contains(name)
                || splits.time.as_ref() == Some(name)
        });
        let labelled = of_labels.is_some_and(|labels| {
            labels.column == *name
                || labels.known_at.as_ref() == Some(name)
                || labels.annotators.contains(name)
                || labels.without.contains(name)
        });
        !told_apart && !labelled
    }

    /// That features vary, and not all in the same way.
    fn telling(&mut self, spec: &FeaturesSpec, dataset: MlDataset<'_>, columns: &[&ColumnFacts]) {
        if spec.constant.enabled {
            let share = spec.constant.share_max;
            let share = share.map_or(Bound::LessThan(1.0), Bound::AtMost);
            for column in columns {
                let (key, severity) = ("features.constant", spec.constant.severity);
                let check = ConstantColumn { share };
                self.add(key, severity, dataset, Some(&column.name), check);
            }
        }
        let numbers = columns.iter().filter(|column| {
            matches!(
                dataset.kind(column),
                Some(LogicalType::Number | LogicalType::Integer)
            )
        });
        let numbers: Vec<String> = numbers.map(|column| column.name.clone()).collect();
        // One feature alone has no other to repeat.
        if spec.correlation.enabled && 1 < numbers.len() {
            let check = FeatureCorrelation {
                columns: numbers,
                bound: Bound::AtMost(spec.correlation.absolute_max),
                unjudged: unjudged(&spec.columns),
            };
            let severity = spec.correlation.severity;
            self.add("features.correlation", severity, dataset, None, check);
        }
    }

    /// That values are of one type, say something, and say it in one way.
    fn spelled(&mut self, spec: &FeaturesSpec, dataset: MlDataset<'_>, columns: &[&ColumnFacts]) {
        for column in columns {
            let name = Some(column.name.as_str());
            let mixed = &spec.mixed_types;
            if mixed.enabled && may_be_mixed(dataset.kind(column), dataset.facts.typed) {
                let check = MixedTypes {
                    rare_min: mixed.rare_min,
                    rare_max: mixed.rare_max,
                };
                let key = "features.mixed_types";
                self.add(key, mixed.severity, dataset, name, check);
            }
            if dataset.kind(column) != Some(LogicalType::String) {
                continue;
            }
            let special = &spec.special_characters;
            if special.enabled {
                let check = SpecialCharacters {
                    tolerance: at_most(special.fraction_max),
                };
                let key = "features.special_characters";
                self.add(key, special.severity, dataset, name, check);
            }
            let variants = &spec.string_variants;
            if variants.enabled {
                let check = StringVariants {
                    tolerance: at_most(variants.fraction_max),
                    unjudged: unjudged(&spec.columns),
                };
                let key = "features.string_variants";
                self.add(key, variants.severity, dataset, name, check);
            }
        }
    }

    fn identifiers(&mut self, spec: &IdentifiersSpec, splits: &SplitsSpec) {
        let key = "features.identifiers.columns";
        let named = !spec.columns.is_empty();
        let candidates = if named { &spec.columns } else { &splits.key };
        for name in candidates {
            let numeric = |dataset: MlDataset<'_>| {
                let column = dataset.facts.column(name);
                column.and_then(|column| dataset.is_numeric(column)) == Some(true)
            };
            let of_splits: Vec<MlDataset<'_>> = splits
                .all()
                .filter_map(|split| self.dataset("splits", split))
                .collect();
            let with_order = of_splits.iter().all(|dataset| numeric(*dataset));
            if !with_order {
                // A text has no order that could tell; whether it is in two splits is asked by `splits.key`.
                if named {
                    for dataset in of_splits {
                        self.ordered(key, dataset, name, numeric(dataset));
                    }
                }
                continue;
            }
            self.identifier(spec, splits, name);
        }
    }

    /// Says what is wrong with an identifier that was named.
    fn ordered(&mut self, key: &str, dataset: MlDataset<'_>, name: &String, numeric: bool) {
        if self.has(key, dataset, std::slice::from_ref(name)) && !numeric {
            let message = format!(
                "`{name}` of `{}` is no number and no time, so it has no order that could tell; what may not be in two splits is named in `splits.key`",
                dataset.name
            );
            self.problem(key, message);
        }
    }

    fn identifier(&mut self, spec: &IdentifiersSpec, splits: &SplitsSpec, name: &str) {
        let check = |predicts| IdLeakage {
            predicts,
            power: Bound::AtMost(spec.power_max),
            rows_min: spec.rows_min,
            unjudged: unjudged(&spec.columns),
        };
        let (key, severity) = ("features.identifiers", spec.severity);
        let labels = self.request.spec.labels.as_ref();
        let label = labels.filter(|labels| labels.kind == LabelKind::Classes);
        if let (Some(labels), Some(training)) = (label, self.dataset("splits", &splits.training)) {
            // A label that is missing is a problem of the labels.
            if training.facts.column(&labels.column).is_some() {
                let check = check(Predicted::Label(labels.column.clone()));
                self.add(key, severity, training, Some(name), check);
            }
        }
        // Splits by time are told by whatever grows with time.
        if splits.time.is_some() {
            return;
        }
        for (split, other) in splits.pairs() {
            if split == other {
                continue;
            }
            if let Some(dataset) = self.dataset("splits", split) {
                let check = check(Predicted::Split(other.to_owned()));
                self.add(key, severity, dataset, Some(name), check);
            }
        }
    }
}
