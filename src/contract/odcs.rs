//! Data contracts of the Open Data Contract Standard v3.1: text in, planned checks out.
//!
//! `odcs-3.1.0.schema.json` is the official JSON Schema (bitol-io/open-data-contract-standard,
//! Apache-2.0). Where the standard is silent or contradicts itself: `mustBeBetween` includes its
//! ends, as datacontract-cli does; a percentage counts all rows for missing values and the rows that
//! are not null for invalid ones; `duplicateValues` counts rows that repeat an earlier one.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::document::{Document, escape};
use super::problem::Problem;
use super::schema;
use crate::checks::{
    self, AcceptedValues, Check, ColumnPresence, ColumnType, DuplicateRows, Freshness,
    MissingValues, NullFraction, PlannedCheck, RowCount, Target, Tolerance, Uniqueness,
    UnsupportedRule, ValueLength, ValuePattern, ValueRange,
};
use crate::evidence::{Bound, Severity};
use crate::measure::LogicalType;

static SCHEMA: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("odcs-3.1.0.schema.json"))
        .expect("the official schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the official schema is a schema");
    (schema, validator)
});

/// Classifications whose values are never shown. The standard leaves the words to the organisation;
/// these are the ones in use.
const PERSONAL: [&str; 7] = [
    "personal",
    "pii",
    "sensitive",
    "confidential",
    "restricted",
    "secret",
    "phi",
];

/// A data contract.
#[derive(Debug)]
pub struct Contract {
    document: Document,
}

/// The checks of one dataset and the types its columns must have.
#[derive(Debug)]
pub struct DatasetPlan {
    /// The checks, in contract order.
    pub checks: Vec<PlannedCheck>,
    /// Columns with the logical type the contract gives them, for files that have no types.
    pub types: Vec<(String, LogicalType)>,
}

/// Which dataset to plan for.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// Name of the dataset.
    pub dataset: &'a str,
    /// Object of the contract's `schema`; `None` when there is one only.
    pub object: Option<&'a str>,
    /// The time freshness is taken at.
    pub as_of: DateTime<Utc>,
}

impl Contract {
    /// Reads a contract and holds it against the official schema.
    ///
    /// # Errors
    /// All problems of the file, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let document = Document::parse(file, text)?;
        let (schema, validator) = &*SCHEMA;
        let problems = schema::problems(&document, schema, validator);
        if problems.is_empty() {
            Ok(Self { document })
        } else {
            Err(problems)
        }
    }

    /// The text of the contract.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// The checks the contract demands of a dataset.
    ///
    /// # Errors
    /// All problems the official schema does not see: no such object, a rule without parameters, a
    /// value of the wrong kind.
    pub fn plan(&self, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
        let (index, object) = self.object(request).map_err(|problem| vec![problem])?;
        let mut planner = Planner {
            document: &self.document,
            request,
            plan: DatasetPlan {
                checks: Vec::new(),
                types: Vec::new(),
            },
            problems: Vec::new(),
        };
        planner.object(&format!("/schema/{index}"), object);
        planner.service_levels(object);
        if planner.problems.is_empty() {
            Ok(planner.plan)
        } else {
            Err(planner.problems)
        }
    }

    fn object(&self, request: &PlanRequest<'_>) -> Result<(usize, &Map<String, Value>), Problem> {
        let objects: Vec<_> = list(&self.document.value, "schema").collect();
        let names: Vec<_> = objects
            .iter()
            .filter_map(|object| text(object, "name"))
            .collect();
        let found = match request.object {
            Some(wanted) => names.iter().position(|name| *name == wanted),
            None if objects.len() == 1 => Some(0),
            None => None,
        };
        let listed = names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        match found.and_then(|index| Some((index, *objects.get(index)?))) {
            Some(found) => Ok(found),
            None if objects.is_empty() => Err(self.document.problem(
                "/schema",
                "the contract describes no object; `schema` is missing or empty",
            )),
            None => {
                let message = match request.object {
                    Some(wanted) => format!("the contract has no object `{wanted}`"),
                    None => format!(
                        "the contract has several objects and dataset `{}` names none",
                        request.dataset
                    ),
                };
                Err(self
                    .document
                    .problem("/schema", message)
                    .hint(format!("set `object` of the dataset to one of {listed}")))
            }
        }
    }
}

struct Planner<'a> {
    document: &'a Document,
    request: &'a PlanRequest<'a>,
    plan: DatasetPlan,
    problems: Vec<Problem>,
}

impl Planner<'_> {
    fn object(&mut self, pointer: &str, object: &Map<String, Value>) {
        let mut key = Vec::new();
        for (index, property) in list_of(object, "properties").enumerate() {
            self.property(&format!("{pointer}/properties/{index}"), property);
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
        for (index, rule) in list_of(object, "quality").enumerate() {
            self.rule(&format!("{pointer}/quality/{index}"), rule, None);
        }
    }

    fn property(&mut self, pointer: &str, property: &Map<String, Value>) {
        let target = self.target(pointer, Some(property));
        let column = column_name(property);
        self.add(target.clone(), ColumnPresence {});
        if let Some(logical_type) = logical_type(property) {
            self.plan.types.push((column, logical_type));
            self.add(
                self.at(&target, &format!("{pointer}/logicalType")),
                ColumnType { logical_type },
            );
        }
        if flag(property, "required") || flag(property, "primaryKey") {
            let at = if flag(property, "required") {
                "required"
            } else {
                "primaryKey"
            };
            let check = NullFraction {
                fraction: Some(Bound::AtMost(0.0)),
                rows: None,
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
            self.type_options(&format!("{pointer}/logicalTypeOptions"), &target, options);
        }
        for (index, rule) in list_of(property, "quality").enumerate() {
            self.rule(&format!("{pointer}/quality/{index}"), rule, Some(property));
        }
    }

    fn type_options(&mut self, pointer: &str, target: &Target, options: &Map<String, Value>) {
        for key in options.keys() {
            let at = self.at(target, &format!("{pointer}/{}", escape(key)));
            let value = |key: &str| options.get(key).cloned();
            match key.as_str() {
                "minLength" | "maxLength" => {
                    let length = |key| options.get(key).and_then(Value::as_u64);
                    let (minimum, maximum) = (length("minLength"), length("maxLength"));
                    if key == "minLength" || minimum.is_none() {
                        self.add(
                            at,
                            ValueLength {
                                minimum,
                                maximum,
                                tolerance: Tolerance::none(),
                            },
                        );
                    }
                }
                "pattern" => match options.get(key).and_then(Value::as_str) {
                    Some(pattern) => self.add(
                        at,
                        ValuePattern {
                            pattern: pattern.to_owned(),
                            tolerance: Tolerance::none(),
                        },
                    ),
                    None => self.problem(&format!("{pointer}/pattern"), "expected a text"),
                },
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                    let first = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]
                        .into_iter()
                        .find(|key| options.contains_key(*key));
                    if first != Some(key.as_str()) {
                        continue;
                    }
                    let check = ValueRange {
                        minimum: value("minimum"),
                        maximum: value("maximum"),
                        exclusive_minimum: value("exclusiveMinimum"),
                        exclusive_maximum: value("exclusiveMaximum"),
                        tolerance: Tolerance::none(),
                    };
                    match check.range() {
                        Ok(_) => self.add(at, check),
                        Err(end) => self.problem(
                            &format!("{pointer}/{key}"),
                            format!("`{end}` is neither a number nor an ISO 8601 date"),
                        ),
                    }
                }
                // Facts about the text form, not about the values read from a typed file.
                "timezone" | "defaultTimezone" => {}
                other => self.unsupported(
                    at,
                    format!("the type option `{other}` is not evaluated yet"),
                ),
            }
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
                tolerance: Tolerance::none(),
            },
        );
    }

    fn rule(
        &mut self,
        pointer: &str,
        rule: &Map<String, Value>,
        property: Option<&Map<String, Value>>,
    ) {
        let mut target = self.target(pointer, property);
        match severity(rule) {
            Ok(severity) => target.severity = severity,
            Err(word) => self.problem(
                &format!("{pointer}/severity"),
                format!("the severity `{word}` is not one of `info`, `warning`, `error`"),
            ),
        }
        match text(rule, "type").unwrap_or("library") {
            "library" => self.library_rule(pointer, target, rule),
            "custom" if text(rule, "engine") == Some("proofmark") => {
                self.own_rule(pointer, target, rule)
            }
            "custom" => {
                let engine = text(rule, "engine").unwrap_or("?");
                self.unsupported(
                    target,
                    format!("a rule of the engine `{engine}` cannot be run here"),
                );
            }
            "sql" => self.unsupported(target, "an SQL rule cannot be run on a file".to_owned()),
            // A text rule is documentation for people.
            _ => {
                target.severity = Severity::Info;
                let what = text(rule, "description").unwrap_or("a rule in words");
                self.unsupported(target, format!("written for people, not evaluated: {what}"));
            }
        }
    }

    fn library_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let bound = match operator(rule) {
            Ok(bound) => bound,
            Err(message) => return self.problem(pointer, message),
        };
        let percent = text(rule, "unit") == Some("percent");
        let tolerance = if percent {
            Tolerance {
                rows: None,
                fraction: Some(hundredth(bound)),
            }
        } else {
            Tolerance {
                rows: Some(bound),
                fraction: None,
            }
        };
        let empty = Map::new();
        let arguments = rule
            .get("arguments")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        match text(rule, "metric").or_else(|| text(rule, "rule")) {
            Some("rowCount") => self.add(
                Target {
                    column: None,
                    ..target
                },
                RowCount { rows: bound },
            ),
            Some("nullValues") => {
                self.add(
                    target,
                    NullFraction {
                        fraction: tolerance.fraction,
                        rows: tolerance.rows,
                    },
                );
            }
            Some("missingValues") => {
                let values = texts(arguments, "missingValues");
                self.add(target, MissingValues { values, tolerance });
            }
            Some("duplicateValues") if target.column.is_some() => {
                self.add(
                    target,
                    Uniqueness {
                        columns: Vec::new(),
                        tolerance,
                    },
                );
            }
            Some("duplicateValues") => {
                self.add(
                    target,
                    DuplicateRows {
                        columns: texts(arguments, "properties"),
                        tolerance,
                    },
                );
            }
            Some("invalidValues") => self.invalid_values(pointer, target, arguments, tolerance),
            Some(other) => self.problem(
                &format!("{pointer}/metric"),
                format!("unknown metric `{other}`"),
            ),
            None => self.problem(
                pointer,
                "this rule has neither `metric` nor `type`, so it checks nothing",
            ),
        }
    }

    fn invalid_values(
        &mut self,
        pointer: &str,
        target: Target,
        arguments: &Map<String, Value>,
        tolerance: Tolerance,
    ) {
        let values = texts(arguments, "validValues");
        let pattern = text(arguments, "pattern");
        if values.is_empty() && pattern.is_none() {
            return self.problem(
                pointer,
                "`invalidValues` needs `arguments` with `validValues` or `pattern`",
            );
        }
        if !values.is_empty() {
            self.add(target.clone(), AcceptedValues { values, tolerance });
        }
        if let Some(pattern) = pattern {
            self.add(
                target,
                ValuePattern {
                    pattern: pattern.to_owned(),
                    tolerance,
                },
            );
        }
    }

    /// A rule of our own engine: `implementation: {check: mean, bound: {between: [1, 2]}}`.
    fn own_rule(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let at = format!("{pointer}/implementation");
        let Some(mut parameters) = rule
            .get("implementation")
            .and_then(Value::as_object)
            .cloned()
        else {
            return self.problem(&at, "expected a mapping with `check` and its parameters");
        };
        let Some(Value::String(id)) = parameters.remove("check") else {
            return self.problem(
                &at,
                "the key `check` is missing: the id of the check to run",
            );
        };
        let Some(kind) = checks::find(&id) else {
            let ids = checks::requirements().map(|requirement| requirement.id);
            let problem = self
                .document
                .problem(&format!("{at}/check"), format!("unknown check `{id}`"));
            let problem = match schema::closest(&id, ids) {
                Some(known) => problem.hint(format!("did you mean `{known}`?")),
                None => problem,
            };
            return self.problems.push(problem);
        };
        match (kind.parse)(Value::Object(parameters)) {
            Ok(check) => self.plan.checks.push(PlannedCheck { target, check }),
            Err(error) => self.problem(&at, format!("parameters of `{id}`: {error}")),
        }
    }

    fn service_levels(&mut self, object: &Map<String, Value>) {
        let document = self.document;
        for (index, level) in list(&document.value, "slaProperties").enumerate() {
            if text(level, "property") == Some("freshness") {
                self.freshness(&format!("/slaProperties/{index}"), level, object);
            }
        }
    }

    fn freshness(
        &mut self,
        pointer: &str,
        level: &Map<String, Value>,
        object: &Map<String, Value>,
    ) {
        let element = text(level, "element").unwrap_or_default();
        let (table, column) = element.split_once('.').unwrap_or(("", element));
        if column.is_empty() {
            return self.problem(
                pointer,
                "`freshness` needs `element`: the column, as `object.column`",
            );
        }
        if !table.is_empty() && text(object, "name") != Some(table) {
            return;
        }
        let value = level.get("value").and_then(|value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        let seconds_per_unit = match text(level, "unit").unwrap_or("d") {
            "d" | "day" | "days" => Some(86_400.0),
            "h" | "hour" | "hours" => Some(3_600.0),
            "m" | "min" | "minute" | "minutes" => Some(60.0),
            "y" | "yr" | "year" | "years" => Some(365.25 * 86_400.0),
            _ => None,
        };
        let (Some(value), Some(seconds)) = (value, seconds_per_unit) else {
            return self.problem(
                pointer,
                "`freshness` needs a number as `value` and `d`, `h`, `m` or `y` as `unit`",
            );
        };
        let mut target = self.target(pointer, None);
        target.column = Some(column.to_owned());
        let days_max = value * seconds / 86_400.0;
        self.add(
            target,
            Freshness {
                days_max,
                as_of: self.request.as_of,
            },
        );
    }

    fn target(&self, pointer: &str, property: Option<&Map<String, Value>>) -> Target {
        let position = self.document.position(pointer);
        Target {
            dataset: self.request.dataset.to_owned(),
            column: property.map(column_name),
            personal: property.is_some_and(is_personal),
            severity: Severity::Error,
            location: Some(crate::evidence::Location {
                file: self.document.file.clone(),
                line: position.line,
                column: position.column,
            }),
        }
    }

    fn at(&self, target: &Target, pointer: &str) -> Target {
        Target {
            location: self.target(pointer, None).location,
            ..target.clone()
        }
    }

    fn add(&mut self, target: Target, check: impl Check + 'static) {
        self.plan.checks.push(PlannedCheck {
            target,
            check: Box::new(check),
        });
    }

    fn unsupported(&mut self, target: Target, why: String) {
        self.add(target, UnsupportedRule { why });
    }

    fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(self.document.problem(pointer, message));
    }
}

fn operator(rule: &Map<String, Value>) -> Result<Bound, String> {
    let number = |key: &str| rule.get(key).and_then(Value::as_f64);
    let pair = |key: &str| {
        let [lower, upper] = rule.get(key)?.as_array()?.as_slice() else {
            return None;
        };
        Some((lower.as_f64()?, upper.as_f64()?))
    };
    let bounds = [
        number("mustBe").map(Bound::Exactly),
        number("mustNotBe").map(Bound::Not),
        number("mustBeGreaterThan").map(Bound::MoreThan),
        number("mustBeGreaterOrEqualTo").map(Bound::AtLeast),
        number("mustBeLessThan").map(Bound::LessThan),
        number("mustBeLessOrEqualTo").map(Bound::AtMost),
        pair("mustBeBetween").map(|(lower, upper)| Bound::Between(lower, upper)),
        pair("mustNotBeBetween").map(|(lower, upper)| Bound::Outside(lower, upper)),
    ];
    match bounds.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [Bound::Between(lower, upper) | Bound::Outside(lower, upper)] if upper < lower => {
            Err("the smaller number comes first in a range".to_owned())
        }
        [bound] => Ok(*bound),
        _ => Err(
            "this rule needs exactly one operator with a number, such as `mustBeLessThan: 10`"
                .to_owned(),
        ),
    }
}

/// The same bound on a fraction instead of a percentage.
fn hundredth(bound: Bound) -> Bound {
    match bound {
        Bound::AtLeast(percent) => Bound::AtLeast(percent / 100.0),
        Bound::AtMost(percent) => Bound::AtMost(percent / 100.0),
        Bound::MoreThan(percent) => Bound::MoreThan(percent / 100.0),
        Bound::LessThan(percent) => Bound::LessThan(percent / 100.0),
        Bound::Exactly(percent) => Bound::Exactly(percent / 100.0),
        Bound::Not(percent) => Bound::Not(percent / 100.0),
        Bound::Between(lower, upper) => Bound::Between(lower / 100.0, upper / 100.0),
        Bound::Outside(lower, upper) => Bound::Outside(lower / 100.0, upper / 100.0),
    }
}

fn severity(rule: &Map<String, Value>) -> Result<Severity, &str> {
    match text(rule, "severity") {
        None => Ok(Severity::Error),
        Some(word) => match word.to_lowercase().as_str() {
            "error" | "critical" | "fatal" => Ok(Severity::Error),
            "warning" | "warn" => Ok(Severity::Warning),
            "info" => Ok(Severity::Info),
            _ => Err(word),
        },
    }
}

fn is_personal(property: &Map<String, Value>) -> bool {
    text(property, "classification")
        .is_some_and(|word| PERSONAL.contains(&word.to_lowercase().as_str()))
}

/// The name the column has in the file.
fn column_name(property: &Map<String, Value>) -> String {
    text(property, "physicalName")
        .or_else(|| text(property, "name"))
        .unwrap_or_default()
        .to_owned()
}

fn logical_type(property: &Map<String, Value>) -> Option<LogicalType> {
    serde_json::from_value(property.get("logicalType")?.clone()).ok()
}

fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// The scalars of a list as the texts they are written with.
fn texts(map: &Map<String, Value>, key: &str) -> Vec<String> {
    let items = map
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .map(|item| match item {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn list_of<'a>(
    map: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    map.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}
