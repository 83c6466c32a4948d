//! What a schema demands of its features and of the dataset: presence, type, number of values.

use super::Planner;
use super::text::{Field, Message};
use crate::checks::{
    ColumnPresence, ColumnType, NullFraction, RowCount, Target, Tolerance, ValueType,
};
use crate::contract::document::Position;
use crate::evidence::{Bound, Severity};
use crate::measure::{Condition, LogicalType};

/// Stages of a feature's life in which it is not validated.
const STAGES_IGNORED: [&str; 6] = [
    "PLANNED",
    "ALPHA",
    "DEPRECATED",
    "DEBUG_ONLY",
    "DISABLED",
    "VALIDATION_DERIVED",
];

/// Fields of a feature that demand nothing of its values, and those that are read with another one.
const FIELDS_WITHOUT_RULE: [&str; 17] = [
    "name",
    "deprecated",
    "type",
    "annotation",
    "lifecycle_stage",
    "in_environment",
    "not_in_environment",
    "distribution_constraints",
    "sequence_metadata",
    // `validate_statistics` does not look at these semantic domains.
    "natural_language_domain",
    "mid_domain",
    "url_domain",
    "time_domain",
    "time_of_day_domain",
    "audio_domain",
    "video_domain",
    "content_chunk_domain",
];

impl Planner<'_> {
    pub(super) fn dataset(&mut self, constraints: &Message) {
        for field in &constraints.fields {
            let target = self.draft.target(field.position, None);
            let number = constraints.number(&field.name);
            match (field.name.as_str(), number) {
                ("min_examples_count", Some(count)) => self.draft.add(
                    target,
                    RowCount {
                        rows: Bound::AtLeast(count),
                    },
                ),
                ("max_examples_count", Some(count)) => self.draft.add(
                    target,
                    RowCount {
                        rows: Bound::AtMost(count),
                    },
                ),
                ("num_examples_drift_comparator" | "num_examples_version_comparator", _) => {
                    self.comparator(target, &field.name);
                }
                (name, _) => {
                    let why = format!("`{name}` of the dataset constraints is not known");
                    self.draft.unsupported(target, why);
                }
            }
        }
    }

    pub(super) fn feature(&mut self, position: Position, feature: &Message) {
        let Some(name) = feature.text("name") else {
            return self
                .draft
                .problem_at(position, "this feature has no `name`");
        };
        if is_ignored(feature) {
            return;
        }
        let at = feature
            .last("name")
            .map_or(position, |field| field.position);
        let optional = !self.is_required(feature);
        if !self.is_expected(feature) {
            // Present though not expected is an anomaly, found with the names of the columns; absent,
            // there is nothing to look at.
            return;
        }
        if !optional {
            let target = self.draft.target(at, Some(name));
            self.draft.add(target, ColumnPresence {});
        }
        let first = self.draft.plan.checks.len();
        self.value_type(at, name, feature);
        for field in &feature.fields {
            self.feature_field(name, feature, field);
        }
        if optional {
            self.draft.make_optional(first);
        }
    }

    fn feature_field(&mut self, name: &str, feature: &Message, field: &Field) {
        let target = self.draft.target(field.position, Some(name));
        match (field.name.as_str(), field.message()) {
            ("presence", Some(presence)) => self.presence(name, presence),
            ("shape", Some(shape)) => self.shape(target, shape),
            ("value_count", Some(count)) => self.value_count(target, count),
            ("unique_constraints", Some(unique)) => self.distinct(target, unique),
            ("domain", _) => self.shared_domain(target, feature, field),
            ("int_domain", Some(domain)) => self.int_domain(target, feature, domain),
            ("float_domain", Some(domain)) => self.float_domain(target, feature, domain),
            ("string_domain", Some(domain)) => self.string_domain(target, feature, domain),
            ("bool_domain", Some(domain)) => self.bool_domain(target, feature, domain),
            ("skew_comparator" | "drift_comparator", _) => self.comparator(target, &field.name),
            ("struct_domain" | "value_counts" | "group_presence" | "image_domain", _) => {
                let why = format!(
                    "`{}` is not evaluated: it speaks of nested values or of images",
                    field.name
                );
                self.draft.unsupported(target, why);
            }
            (other, _) if FIELDS_WITHOUT_RULE.contains(&other) => {}
            (other, _) => {
                let why = format!("the field `{other}` of a feature is not known");
                self.draft.unsupported(target, why);
            }
        }
    }

    /// Whether the column must be there: `IsExistenceRequired` of the library.
    fn is_required(&self, feature: &Message) -> bool {
        let Some(presence) = feature.message("presence") else {
            return false;
        };
        let positive = |field| presence.number(field).is_some_and(|number| 0.0 < number);
        (positive("min_count") || positive("min_fraction")) && self.is_expected(feature)
    }

    fn value_type(&mut self, at: Position, name: &str, feature: &Message) {
        let kind = feature.last("type");
        let at = kind.map_or(at, |field| field.position);
        let target = self.draft.target(at, Some(name));
        let logical_type = match kind.and_then(Field::text) {
            Some("BYTES" | "1") => LogicalType::String,
            // A boolean is a whole number for TensorFlow.
            Some("INT" | "2") if feature.last("bool_domain").is_some() => {
                let types = vec![LogicalType::Integer, LogicalType::Boolean];
                let tolerance = Tolerance::none();
                return self.draft.add(target, ValueType { types, tolerance });
            }
            Some("INT" | "2") => LogicalType::Integer,
            Some("FLOAT" | "3") => LogicalType::Number,
            Some("STRUCT" | "4") => return,
            Some(other) => {
                let problem = format!("`{other}` is not one of `BYTES`, `INT`, `FLOAT`, `STRUCT`");
                return self.draft.problem_at(at, problem);
            }
            None => return,
        };
        self.draft.give_type(name, logical_type);
        self.draft.add(target, ColumnType { logical_type });
    }

    fn presence(&mut self, name: &str, presence: &Message) {
        for field in &presence.fields {
            let target = self.draft.target(field.position, Some(name));
            let Some(number) = presence.number(&field.name) else {
                self.draft.problem_at(field.position, "expected a number");
                continue;
            };
            match field.name.as_str() {
                "min_fraction" if 0.0 < number => {
                    let check = NullFraction {
                        complete: Some(Bound::AtLeast(number)),
                        ..NullFraction::default()
                    };
                    self.draft.add(target, check);
                }
                "min_count" if 0.0 < number => self.present_rows(target, name, number),
                "min_fraction" | "min_count" => {}
                other => {
                    let why = format!("`{other}` of the presence is not known");
                    self.draft.unsupported(target, why);
                }
            }
        }
    }

    fn present_rows(&mut self, target: Target, name: &str, count: f64) {
        let check = RowCount {
            rows: Bound::AtLeast(count),
        };
        let present = Condition::present(name);
        self.draft.add_where(target, Some(present), check);
    }

    /// A fixed shape demands a value in every example; of one value, where columns hold one each.
    fn shape(&mut self, target: Target, shape: &Message) {
        let sizes = shape.all("dim").filter_map(Field::message);
        let values: f64 = sizes
            .map(|dimension| dimension.number("size").unwrap_or(1.0))
            .product();
        if values == 1.0 {
            self.draft.add_not_null(target);
        } else {
            let why = format!("a shape of {values} values in each row is not evaluated");
            self.draft.unsupported(target, why);
        }
    }

    /// A column holds one value where it is not null, which is what nearly every schema demands.
    fn value_count(&mut self, target: Target, count: &Message) {
        let (least, most) = (count.number("min"), count.number("max"));
        let one = least.is_none_or(|least| least <= 1.0) && most.is_none_or(|most| 1.0 <= most);
        if !one {
            self.draft.unsupported(
                target,
                "a number of values in each row other than one is not evaluated",
            );
        }
    }

    /// The library compares with other statistics only when it is given some; so does `data.drift`.
    pub(super) fn comparator(&mut self, target: Target, name: &str) {
        let target = Target {
            severity: Severity::Warning,
            ..target
        };
        let why = format!(
            "`{name}` compares with other data, which this command does not have; set it as `data.drift` with the method `tfdv`"
        );
        self.draft.unsupported(target, why);
    }
}

/// Whether `validate_statistics` does not look at the feature at all.
pub(super) fn is_ignored(feature: &Message) -> bool {
    let stage = feature.text("lifecycle_stage");
    feature.flag("deprecated") || stage.is_some_and(|stage| STAGES_IGNORED.contains(&stage))
}
