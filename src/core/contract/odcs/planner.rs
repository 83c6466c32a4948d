//! The checks of one object: its properties, its keys and its rules, in contract order.

use serde_json::{Map, Value};

use super::fields::{column_name, flag, holds_personal, is_public, list_of, logical_type, text};
use super::formats::strftime;
use super::notes::Trap;
use super::{DatasetPlan, PlanRequest};
use crate::checks::{
    Check, ColumnPresence, ColumnType, DateFormat, Masks, NullFraction, PlannedCheck, Target,
    Tolerance, Uniqueness, UnsupportedRule,
};
use crate::contract::convert::{OPTIONAL, READ_AS};
use crate::contract::document::Document;
use crate::contract::problem::Problem;
use crate::evidence::{Bound, Location, Severity};
use crate::measure::LogicalType;

/// The checks of `object`, the one at `index` of the contract's `schema`.
pub(super) fn plan(
    document: &Document,
    request: &PlanRequest<'_>,
    index: usize,
    object: &Map<String, Value>,
) -> Result<DatasetPlan, Vec<Problem>> {
    let mut planner = Planner {
        document,
        request,
        plan: DatasetPlan {
            checks: Vec::new(),
            types: Vec::new(),
            names: ["name", "physicalName"]
                .iter()
                .filter_map(|key| text(object, key))
                .map(str::to_owned)
                .collect(),
            masks: Masks::default(),
        },
        problems: Vec::new(),
        noted: Vec::new(),
    };
    planner.object(&format!("/schema/{index}"), object);
    planner.service_levels(object);
    if planner.problems.is_empty() {
        Ok(planner.plan)
    } else {
        Err(planner.problems)
    }
}

pub(super) struct Planner<'a> {
    pub(super) document: &'a Document,
    pub(super) request: &'a PlanRequest<'a>,
    pub(super) plan: DatasetPlan,
    pub(super) problems: Vec<Problem>,
    pub(super) noted: Vec<Trap>,
}

impl Planner<'_> {
    fn object(&mut self, pointer: &str, object: &Map<String, Value>) {
        let mut key = Vec::new();
        let name = text(object, "name").unwrap_or_default();
        for (index, property) in list_of(object, "properties").enumerate() {
            self.property(&format!("{pointer}/properties/{index}"), property, name);
            if flag(property, "primaryKey") {
                let position = property
                    .get("primaryKeyPosition")
                    .and_then(Value::as_i64)
                    .unwrap_or(-1);
                key.push((
                    position,
                    column_name(property),
                    format!("{pointer}/properties/{index}/primaryKey"),
                ));
            }
        }
        self.primary_key(key);
        self.relationships(pointer, &self.target(pointer, None), object, name);
        for (index, rule) in list_of(object, "quality").enumerate() {
            self.rule(&format!("{pointer}/quality/{index}"), rule, None);
        }
    }

    fn property(&mut self, pointer: &str, property: &Map<String, Value>, object: &str) {
        let target = self.target(pointer, Some(property));
        let column = column_name(property);
        self.classify(&column, property);
        let is_optional = own_property(property, OPTIONAL) == Some(&Value::Bool(true));
        if !is_optional {
            self.add(target.clone(), ColumnPresence {});
        }
        let first = self.plan.checks.len();
        if let Some(read_as) = own_property(property, READ_AS) {
            match serde_json::from_value(read_as.clone()) {
                Ok(logical_type) => self.plan.types.push((column.clone(), logical_type)),
                Err(_) => self.problem(
                    &format!("{pointer}/customProperties"),
                    format!("`{READ_AS}` is not a logical type"),
                ),
            }
        }
        if let Some(logical_type) = logical_type(property) {
            self.plan.types.push((column, logical_type));
            self.column_type(pointer, &target, property, logical_type);
        }
        if flag(property, "required") || flag(property, "primaryKey") {
            let at = if flag(property, "required") {
                "required"
            } else {
                "primaryKey"
            };
            let check = NullFraction {
                fraction: Some(Bound::AtMost(0.0)),
                ..NullFraction::default()
            };
            self.add(self.at(&target, &format!("{pointer}/{at}")), check);
        }
        if flag(property, "unique") {
            self.add(
                self.at(&target, &format!("{pointer}/unique")),
                Uniqueness::default(),
            );
        }
        if let Some(options) = property
            .get("logicalTypeOptions")
            .and_then(Value::as_object)
        {
            let kind = logical_type(property);
            let at = format!("{pointer}/logicalTypeOptions");
            self.type_options(&at, &target, kind, options);
        }
        self.nested(pointer, &target, property);
        self.relationships(pointer, &target, property, object);
        for (index, rule) in list_of(property, "quality").enumerate() {
            self.rule(&format!("{pointer}/quality/{index}"), rule, Some(property));
        }
        if is_optional {
            for planned in self.plan.checks.iter_mut().skip(first) {
                planned.optional = true;
            }
        }
    }

    /// What the contract says of a column and, where it is a structure, of its parts.
    fn classify(&mut self, column: &str, property: &Map<String, Value>) {
        let hidden = holds_personal(property);
        if hidden || is_public(property) {
            let classified = &mut self.plan.masks.classified;
            *classified.entry(column.to_owned()).or_default() |= hidden;
        }
    }

    /// The type of a column; of a date that is written in a form of its own, that form.
    fn column_type(
        &mut self,
        pointer: &str,
        target: &Target,
        property: &Map<String, Value>,
        logical_type: LogicalType,
    ) {
        let options = property
            .get("logicalTypeOptions")
            .and_then(Value::as_object);
        let format = options.and_then(|options| text(options, "format"));
        let is_time = matches!(
            logical_type,
            LogicalType::Date | LogicalType::Timestamp | LogicalType::Time
        );
        let Some(pattern) = format.filter(|_| is_time) else {
            let at = self.at(target, &format!("{pointer}/logicalType"));
            return self.add(at, ColumnType { logical_type });
        };
        let at = self.at(target, &format!("{pointer}/logicalTypeOptions/format"));
        match strftime(pattern) {
            Some(format) => self.add(
                at,
                DateFormat {
                    format,
                    logical_type,
                    tolerance: Tolerance::none(),
                },
            ),
            None => self.unsupported(
                at,
                format!("the pattern `{pattern}` of dates has no equal here"),
            ),
        }
    }

    fn primary_key(&mut self, mut key: Vec<(i64, String, String)>) {
        let Some((_, _, pointer)) = key.first().cloned() else {
            return;
        };
        key.sort_by_key(|(position, ..)| if *position < 0 { i64::MAX } else { *position });
        let columns: Vec<_> = key.into_iter().map(|(_, column, _)| column).collect();
        let mut target = self.target(&pointer, None);
        if let [column] = columns.as_slice() {
            target.column = Some(column.clone());
        }
        self.add(
            target,
            Uniqueness {
                columns,
                ..Uniqueness::default()
            },
        );
    }

    pub(super) fn target(&self, pointer: &str, property: Option<&Map<String, Value>>) -> Target {
        let position = self.document.position(pointer);
        Target {
            dataset: self.request.dataset.to_owned(),
            column: property.map(column_name),
            personal: property.is_some_and(holds_personal),
            severity: Severity::Error,
            location: Some(Location {
                file: self.document.file.clone(),
                line: position.line,
                column: position.column,
            }),
            rows: None,
            counted_as: None,
        }
    }

    pub(super) fn at(&self, target: &Target, pointer: &str) -> Target {
        Target {
            location: self.target(pointer, None).location,
            ..target.clone()
        }
    }

    pub(super) fn add(&mut self, target: Target, check: impl Check + 'static) {
        self.plan
            .checks
            .push(PlannedCheck::new(target, Box::new(check)));
    }

    pub(super) fn unsupported(&mut self, target: Target, why: String) {
        self.add(target, UnsupportedRule { why });
    }

    pub(super) fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(self.document.problem(pointer, message));
    }
}

/// The value of a custom property.
fn own_property<'a>(property: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    list_of(property, "customProperties")
        .find(|own| own.get("property").is_some_and(|key| key == name))?
        .get("value")
}
