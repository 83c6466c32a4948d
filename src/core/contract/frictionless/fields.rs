//! The fields of a schema: which columns there must be, of which type.

use serde_json::{Map, Value};

use super::values::{DATETIME, Field, Kind, YEAR};
use super::{Planner, names, text};
use crate::checks::{
    AcceptedValues, Check, ColumnOrder, ColumnPresence, ColumnRelation, ColumnSet, ColumnType,
    CompleteRows, Filled, MissingValues, PlannedCheck, TextFormat, Tolerance, ValueFormat,
    ValuePattern, ValueType,
};
use crate::measure::{Anchor, LogicalType};

const YEAR_AND_MONTH: &str = r"\s*[+-]?\d+\s*-\s*(?:0?[1-9]|1[0-2])\s*";

/// ISO 8601: at least one part, and one after a `T`.
const DURATION: &str = r"[+-]?P(?=.)(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?W)?(?:\d+(?:[.,]\d+)?D)?(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?";

const TRUE_VALUES: [&str; 4] = ["true", "True", "TRUE", "1"];

const FALSE_VALUES: [&str; 4] = ["false", "False", "FALSE", "0"];

impl Planner<'_> {
    /// Which columns there must be, by `fieldsMatch`.
    pub(super) fn header(&mut self, fields: &[Value]) {
        let declared: Vec<String> = fields
            .iter()
            .filter_map(|field| field.get("name")?.as_str())
            .map(str::to_owned)
            .collect();
        let key = self.schema.get("primaryKey").map(names).unwrap_or_default();
        let pointer = format!("{}/fields", self.pointer);
        let target = self.draft.target(self.document.position(&pointer), None);
        match self.fields_match() {
            "equal" | "superset" => {
                let check = ColumnSet {
                    columns: declared,
                    relation: ColumnRelation::Within,
                    ignore_case: false,
                };
                self.draft.add(target, check);
            }
            "subset" => {}
            "partial" => {
                let required = fields.iter().any(|field| {
                    let name = field.get("name").and_then(Value::as_str);
                    is_required(field) || name.is_some_and(|name| key.iter().any(|k| k == name))
                });
                if !required {
                    let why = "that at least one field is there (`fieldsMatch: partial`) is not evaluated";
                    self.draft.unsupported(target, why);
                }
            }
            "exact" => {
                let check = ColumnOrder {
                    columns: declared,
                    others_allowed: false,
                    ignore_case: false,
                };
                self.draft.add(target, check);
            }
            other => {
                let message = format!(
                    "`{other}` is not one of `exact`, `equal`, `subset`, `superset`, `partial`"
                );
                let position = self
                    .document
                    .position(&format!("{}/fieldsMatch", self.pointer));
                self.draft.problem_at(position, message);
            }
        }
        self.blank_rows(fields);
    }

    fn fields_match(&self) -> &str {
        text(self.schema, "fieldsMatch").unwrap_or("exact")
    }

    /// A row without any value is an error of its own for Frictionless.
    fn blank_rows(&mut self, fields: &[Value]) {
        let blank: Vec<String> = fields
            .iter()
            .filter_map(|field| field.get("name")?.as_str())
            .map(str::to_owned)
            .collect();
        // With fields that may be absent, the other columns are not known here.
        let all_are_there = matches!(self.fields_match(), "exact" | "equal");
        if all_are_there && !blank.is_empty() {
            let pointer = format!("{}/fields", self.pointer);
            let target = self.draft.target(self.document.position(&pointer), None);
            let check = CompleteRows {
                columns: blank,
                filled: Filled::Any,
                tolerance: Tolerance::none(),
            };
            self.draft.add(target, check);
        }
    }

    pub(super) fn field(&mut self, pointer: &str, field: &Value) {
        let Some(members) = field.as_object() else {
            let position = self.document.position(pointer);
            return self.draft.problem_at(position, "a field must be a mapping");
        };
        let Some(name) = text(members, "name") else {
            let position = self.document.position(pointer);
            return self.draft.problem_at(position, "this field has no `name`");
        };
        let at = |key: &str| format!("{pointer}/{key}");
        let key = self.schema.get("primaryKey").map(names).unwrap_or_default();
        let optional = matches!(self.fields_match(), "superset" | "partial")
            && !is_required(field)
            && !key.iter().any(|one| one == name);
        if !optional {
            let target = self
                .draft
                .target(self.document.position(&at("name")), Some(name));
            self.draft.add(target, ColumnPresence {});
        }
        let first = self.draft.plan.checks.len();
        let missing = members
            .get("missingValues")
            .or_else(|| self.schema.get("missingValues"));
        let mut own = Field::new(name, pointer, missing);
        self.value_type(&mut own, members);
        self.constraints(&own, members);
        if optional {
            self.draft.make_optional(first);
        }
    }

    fn value_type(&mut self, field: &mut Field<'_>, members: &Map<String, Value>) {
        let kind = text(members, "type").unwrap_or("string");
        let format = text(members, "format").unwrap_or("default");
        let at = if members.contains_key("type") {
            "type"
        } else {
            "name"
        };
        let target = self.target(field, at);
        let as_text = |field: &mut Field<'_>, check: Box<dyn Check>| {
            field.kind = Kind::String;
            check
        };
        let check: Box<dyn Check> = match (kind, format) {
            ("integer" | "number", _) => {
                field.kind = if kind == "integer" {
                    Kind::Integer
                } else {
                    Kind::Number
                };
                return self.number(field, members);
            }
            ("string", _) => return self.string(field, format),
            ("boolean", _) => as_text(field, Box::new(booleans(members))),
            ("date", "default") => {
                field.kind = Kind::Date;
                read_as(LogicalType::Date)
            }
            ("datetime", "default") => {
                field.kind = Kind::Timestamp;
                whole(DATETIME)
            }
            ("time", "default") => {
                field.kind = Kind::Time;
                read_as(LogicalType::Time)
            }
            ("date" | "datetime" | "time", "any") => form(field, TextFormat::DateOrTime),
            ("date" | "datetime" | "time", format) => {
                form(field, TextFormat::Strftime(format.to_owned()))
            }
            ("year", _) => {
                field.kind = Kind::Year;
                whole(YEAR)
            }
            ("yearmonth", _) => as_unread(field, whole(YEAR_AND_MONTH)),
            ("duration", _) => as_unread(field, whole(DURATION)),
            ("array", _) => as_unread(field, whole(r"(?s)\s*\[.*\]\s*")),
            ("object", _) => as_unread(field, whole(r"(?s)\s*\{.*\}\s*")),
            // A list of texts is any text; any value is any value.
            ("list", _) if text(members, "itemType").is_none_or(|item| item == "string") => return,
            ("any", _) => {
                field.kind = Kind::String;
                return;
            }
            ("list" | "geopoint" | "geojson", _) => {
                let why = format!("values of the type `{kind}` are not evaluated");
                return self.draft.unsupported(target, why);
            }
            (other, _) => {
                let position = self.document.position(&format!("{}/type", field.pointer));
                let message = format!("the type `{other}` is not one of Table Schema");
                return self.draft.problem_at(position, message);
            }
        };
        let logical_type = field.kind.logical_type();
        self.draft.give_type(field.name, logical_type);
        if field.kind == Kind::Timestamp {
            let types = vec![LogicalType::Timestamp];
            let tolerance = Tolerance::none();
            self.draft.add_where(
                target.clone(),
                field.present(),
                ValueType { types, tolerance },
            );
        }
        let is_json = matches!(kind, "array" | "object");
        let rows = match field.kind {
            Kind::Date | Kind::Time => field.present_as_written(),
            Kind::Integer
            | Kind::Number
            | Kind::String
            | Kind::Timestamp
            | Kind::Year
            | Kind::Unread => field.present_in_any_form(),
        };
        let mut planned = PlannedCheck::new(target.clone(), check);
        planned.rows.clone_from(&rows);
        self.draft.push(planned);
        if is_json {
            let check = ValueFormat {
                format: TextFormat::Json,
                tolerance: Tolerance::none(),
            };
            self.draft.add_where(target, rows, check);
        }
    }

    /// Numbers in a written form of their own cannot be read by the reader of the file.
    fn number(&mut self, field: &mut Field<'_>, members: &Map<String, Value>) {
        let plain = |key: &str, plain: &Value| members.get(key).is_none_or(|value| value == plain);
        let is_plain = plain("decimalChar", &".".into())
            && plain("groupChar", &"".into())
            && plain("bareNumber", &true.into());
        let target = self.target(field, "type");
        if !is_plain {
            field.kind = Kind::Unread;
            return self.draft.unsupported(
                target,
                "numbers with `decimalChar`, `groupChar` or `bareNumber: false` are not read from their written form",
            );
        }
        let logical_type = match field.kind {
            Kind::Integer => LogicalType::Integer,
            Kind::Number
            | Kind::String
            | Kind::Date
            | Kind::Timestamp
            | Kind::Time
            | Kind::Year
            | Kind::Unread => LogicalType::Number,
        };
        self.draft.give_type(field.name, logical_type);
        let rows = field.present_as_written();
        self.draft
            .add_where(target, rows, ColumnType { logical_type });
    }

    fn string(&mut self, field: &mut Field<'_>, format: &str) {
        field.kind = Kind::String;
        let logical_type = LogicalType::String;
        self.draft.give_type(field.name, logical_type);
        let target = self.target(field, "type");
        self.draft.add(target, ColumnType { logical_type });
        let target = self.target(field, "format");
        let format = match format {
            "default" => return,
            "email" => TextFormat::Email,
            "uri" => TextFormat::Uri,
            "uuid" => TextFormat::Uuid,
            other => {
                let why = format!("texts in the format `{other}` are not evaluated");
                return self.draft.unsupported(target, why);
            }
        };
        let tolerance = Tolerance::none();
        let rows = field.present();
        self.draft
            .add_where(target, rows, ValueFormat { format, tolerance });
    }

    pub(super) fn required(&mut self, field: &Field<'_>) {
        let target = self.target(field, "constraints/required");
        let check = MissingValues {
            values: field.missing.clone(),
            tolerance: Tolerance::none(),
        };
        self.draft.add(target, check);
    }

    pub(super) fn target(&self, field: &Field<'_>, key: &str) -> crate::checks::Target {
        let pointer = format!("{}/{key}", field.pointer);
        self.draft
            .target(self.document.position(&pointer), Some(field.name))
    }
}

fn read_as(logical_type: LogicalType) -> Box<dyn Check> {
    Box::new(ColumnType { logical_type })
}

fn whole(pattern: &str) -> Box<dyn Check> {
    Box::new(ValuePattern {
        pattern: pattern.to_owned(),
        anchor: Anchor::Whole,
        ..ValuePattern::default()
    })
}

fn form(field: &mut Field<'_>, format: TextFormat) -> Box<dyn Check> {
    let tolerance = Tolerance::none();
    as_unread(field, Box::new(ValueFormat { format, tolerance }))
}

/// Values that are held to a form as texts, and not compared with anything.
fn as_unread(field: &mut Field<'_>, check: Box<dyn Check>) -> Box<dyn Check> {
    field.kind = Kind::Unread;
    check
}

fn booleans(members: &Map<String, Value>) -> AcceptedValues {
    let values = |key: &str, default: [&str; 4]| match members.get(key) {
        Some(values) => names(values),
        None => default.map(str::to_owned).to_vec(),
    };
    let mut accepted = values("trueValues", TRUE_VALUES);
    accepted.extend(values("falseValues", FALSE_VALUES));
    AcceptedValues {
        values: accepted.into_iter().map(Value::from).collect(),
        ..AcceptedValues::default()
    }
}

fn is_required(field: &Value) -> bool {
    field
        .pointer("/constraints/required")
        .and_then(Value::as_bool)
        == Some(true)
}
