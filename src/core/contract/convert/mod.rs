//! Any suite written as a data contract of the Open Data Contract Standard v3.1: library metrics where
//! the meaning is exactly the same, our own checks as `custom` rules where it is not, and a note for each
//! rule that does not carry over. Read back, the contract measures the same.

mod rules;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::Document;
use super::odcs;
use super::suite::DatasetPlan;
use crate::checks::{PlannedCheck, Target};
use crate::evidence::{Location, Severity};
use crate::measure::LogicalType;
use rules::Written;

/// Names a property that need not be there; every rule on it speaks of it only if it is.
pub(super) const OPTIONAL: &str = "proofmarkOptional";

/// Names the type a property is read as in files without types, where no rule demands it.
pub(super) const READ_AS: &str = "proofmarkReadAs";

/// What the contract is called.
#[derive(Clone, Copy, Debug)]
pub struct ContractName<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The object, table or model it describes.
    pub object: &'a str,
    /// The format and file it was made from, in words.
    pub made_from: &'a str,
}

/// A contract made from a suite.
#[derive(Debug)]
pub struct Conversion {
    /// The contract as YAML.
    pub text: String,
    /// What does not carry over, in the order of the suite.
    pub notes: Vec<ConversionNote>,
}

/// A rule that does not carry over as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversionNote {
    /// Where the rule stands in the suite.
    pub location: Option<Location>,
    /// What becomes of it, as a sentence without a full stop.
    pub message: String,
}

/// Writes the plan of a suite as a contract.
///
/// # Errors
/// Says why the contract that was written is none; a bug.
pub fn convert(plan: &DatasetPlan, name: &ContractName<'_>) -> Result<Conversion, String> {
    let mut writer = Writer {
        object: name.object,
        properties: BTreeMap::new(),
        order: Vec::new(),
        rules: Vec::new(),
        levels: Vec::new(),
        notes: Vec::new(),
    };
    writer.plan(plan);
    let notes = std::mem::take(&mut writer.notes);
    let contract = writer.contract(name);
    let text = serde_saphyr::to_string(&contract).map_err(|error| error.to_string())?;
    // Names and texts of a suite are anyone's: what is written must say what was meant, and nothing else.
    let read = Document::parse("contract", &text)
        .map_err(|problems| super::problem::render(&problems, &text))?;
    if !same(&read.value, &contract) {
        return Err("the contract does not read back as it was written".to_owned());
    }
    odcs::validate(&read).map_err(|problems| super::problem::render(&problems, &text))?;
    Ok(Conversion { text, notes })
}

/// Whether two documents say the same; `1` and `1.0` are one number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        (one, other) => one == other,
    }
}

struct Writer<'a> {
    object: &'a str,
    properties: BTreeMap<String, Property>,
    /// The properties in the order they are first spoken of.
    order: Vec<String>,
    rules: Vec<Value>,
    levels: Vec<Value>,
    notes: Vec<ConversionNote>,
}

#[derive(Default)]
struct Property {
    keys: Map<String, Value>,
    rules: Vec<Value>,
    is_present: bool,
    is_personal: bool,
    read_as: Option<LogicalType>,
    optional: Vec<bool>,
}

impl Writer<'_> {
    fn plan(&mut self, plan: &DatasetPlan) {
        for (column, logical_type) in &plan.types {
            self.property(column).read_as = Some(*logical_type);
        }
        // A column some rule insists on cannot be optional.
        let mut seen: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for planned in &plan.checks {
            if let Some(column) = &planned.target.column {
                let (optional, firm) = seen.entry(column).or_default();
                *optional |= planned.optional;
                *firm |= !planned.optional;
            }
        }
        for planned in &plan.checks {
            let mixed = planned.target.column.as_deref().is_some_and(|column| {
                planned.optional && seen.get(column).is_some_and(|(_, firm)| *firm)
            });
            if mixed {
                self.note(
                    &planned.target,
                    "the rule spoke of the column only if it was there; other rules need it, so now it always does",
                );
            }
            self.check(planned);
        }
    }

    fn property(&mut self, column: &str) -> &mut Property {
        if !self.properties.contains_key(column) {
            self.order.push(column.to_owned());
        }
        self.properties.entry(column.to_owned()).or_default()
    }

    fn check(&mut self, planned: &PlannedCheck) {
        let target = &planned.target;
        let written = rules::write(planned, self.object);
        if let Some(why) = &written.note {
            self.note(target, why.clone());
        }
        let Some(column) = target.column.clone() else {
            match written.rule {
                Written::Rule(rule) => self.rules.push(with_severity(rule, target.severity)),
                Written::Level(level) => self.levels.push(level),
                Written::Presence | Written::Key(..) => {}
            }
            return;
        };
        let (optional, personal) = (planned.optional, target.personal);
        let property = self.property(&column);
        property.optional.push(optional);
        property.is_personal |= personal;
        match written.rule {
            Written::Presence => property.is_present = true,
            // Each key is said once; said again, the rule is one of its own.
            Written::Key(key, value, rule) => {
                if property.keys.contains_key(key) || target.severity != Severity::Error {
                    property.rules.push(with_severity(rule, target.severity));
                } else {
                    property.keys.insert(key.to_owned(), value);
                }
            }
            Written::Rule(rule) => property.rules.push(with_severity(rule, target.severity)),
            Written::Level(level) => self.levels.push(level),
        }
    }

    fn note(&mut self, target: &Target, message: impl Into<String>) {
        self.notes.push(ConversionNote {
            location: target.location.clone(),
            message: format!("{}: {}", target.subject(), message.into()),
        });
    }

    fn contract(mut self, name: &ContractName<'_>) -> Value {
        let properties: Vec<Value> = self
            .order
            .iter()
            .filter_map(|column| Some(self.properties.remove(column)?.write(column)))
            .collect();
        let mut object = Map::new();
        object.insert("name".to_owned(), self.object.into());
        if !properties.is_empty() {
            object.insert("properties".to_owned(), properties.into());
        }
        if !self.rules.is_empty() {
            object.insert("quality".to_owned(), self.rules.into());
        }
        let mut contract = json!({
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": name.id,
            "version": name.version,
            "status": "draft",
            "description": {"purpose": format!("Made from {}", name.made_from)},
            "schema": [object],
        });
        if let (Some(contract), false) = (contract.as_object_mut(), self.levels.is_empty()) {
            contract.insert("slaProperties".to_owned(), self.levels.into());
        }
        contract
    }
}

impl Property {
    fn write(self, column: &str) -> Value {
        let mut property = Map::new();
        property.insert("name".to_owned(), column.into());
        let demands_type = self.keys.contains_key("logicalType");
        property.extend(self.keys);
        if self.is_personal {
            property.insert("classification".to_owned(), "personal".into());
        }
        let mut own = Vec::new();
        // A rule on a column that is not there cannot be evaluated, so a column with firm rules must be.
        let is_optional = !self.is_present && self.optional.iter().all(|optional| *optional);
        if is_optional {
            own.push(json!({"property": OPTIONAL, "value": true}));
        }
        if let (Some(read_as), false) = (self.read_as, demands_type) {
            own.push(json!({"property": READ_AS, "value": read_as.as_str()}));
        }
        if !own.is_empty() {
            property.insert("customProperties".to_owned(), own.into());
        }
        if !self.rules.is_empty() {
            property.insert("quality".to_owned(), self.rules.into());
        }
        property.into()
    }
}

fn with_severity(mut rule: Value, severity: Severity) -> Value {
    let word = match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        // What an absent severity means.
        Severity::Error | Severity::Integrity => return rule,
    };
    if let Some(rule) = rule.as_object_mut() {
        rule.insert("severity".to_owned(), word.into());
    }
    rule
}
