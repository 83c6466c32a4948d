//! The checks of one object: its properties, its keys and its rules, in contract order.

use serde_json::{Map, Value};

use super::fields::{column_name, flag, is_personal, list_of, logical_type, text};
use super::formats::strftime;
use super::notes::Trap;
use super::{DatasetPlan, PlanRequest};
use crate::checks::{Check, ColumnPresence, ColumnType, DateFormat, Target, Tolerance, Uniqueness};
use crate::contract::convert::{OPTIONAL, READ_AS};
use crate::contract::document::Document;
use crate::contract::draft::Draft;
use crate::contract::problem::Problem;
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
        draft: Draft::new(&document.file, request, None),
        noted: Vec::new(),
    };
    planner.draft.plan.names = ["name", "physicalName"]
        .iter()
        .filter_map(|key| text(object, key))
        .map(str::to_owned)
        .collect();
    planner.object(&format!("/schema/{index}"), object);
    planner.service_levels(object);
    planner.draft.finish()
}

pub(super) struct Planner<'a> {
    pub(super) document: &'a Document,
    pub(super) draft: Draft<'a>,
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
        let is_optional = own_property(property, OPTIONAL) == Some(&Value::Bool(true));
        if !is_optional {
            self.add(target.clone(), ColumnPresence {});
        }
        let first = self.draft.plan.checks.len();
        if let Some(read_as) = own_property(property, READ_AS) {
            match serde_json::from_value(read_as.clone()) {
                Ok(logical_type) => self.draft.give_type(&column, logical_type),
                Err(_) => self.problem(
                    &format!("{pointer}/customProperties"),
                    format!("`{READ_AS}` is not a logical type"),
                ),
            }
        }
        if let Some(logical_type) = logical_type(property) {
            self.draft.give_type(&column, logical_type);
            self.column_type(pointer, &target, property, logical_type);
        }
        if flag(property, "required") || flag(property, "primaryKey") {
            let at = if flag(property, "required") {
                "required"
            } else {
                "primaryKey"
            };
            self.draft
                .add_not_null(self.at(&target, &format!("{pointer}/{at}")));
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
            self.draft.make_optional(first);
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
            personal: property.is_some_and(is_personal),
            ..self
                .draft
                .target(position, property.map(column_name).as_deref())
        }
    }

    pub(super) fn at(&self, target: &Target, pointer: &str) -> Target {
        Target {
            location: self.target(pointer, None).location,
            ..target.clone()
        }
    }

    pub(super) fn add(&mut self, target: Target, check: impl Check + 'static) {
        self.draft.add(target, check);
    }

    pub(super) fn unsupported(&mut self, target: Target, why: String) {
        self.draft.unsupported(target, why);
    }

    pub(super) fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        self.draft.problem(self.document.problem(pointer, message));
    }
}

/// The value of a custom property.
fn own_property<'a>(property: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    list_of(property, "customProperties")
        .find(|own| own.get("property").is_some_and(|key| key == name))?
        .get("value")
}
