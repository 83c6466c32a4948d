//! Foreign keys: `relationships` of a property or of an object, whose other side is an object of the same
//! contract. The dataset looked up is the one called like that object.

use serde_json::{Map, Value};

use super::fields::{column_name, list, list_of, text};
use super::planner::Planner;
use crate::checks::{ReferentialIntegrity, Target};

/// One side of a relationship.
struct Side {
    object: String,
    column: String,
}

impl Planner<'_> {
    pub(super) fn relationships(
        &mut self,
        pointer: &str,
        target: &Target,
        element: &Map<String, Value>,
        object: &str,
    ) {
        for (index, relationship) in list_of(element, "relationships").enumerate() {
            let at = format!("{pointer}/relationships/{index}");
            self.relationship(&at, target, relationship, object);
        }
    }

    fn relationship(
        &mut self,
        pointer: &str,
        target: &Target,
        relationship: &Map<String, Value>,
        object: &str,
    ) {
        let target = self.at(target, pointer);
        let kind = text(relationship, "type").unwrap_or("foreignKey");
        if kind != "foreignKey" {
            let why = format!("a relationship of the type `{kind}` cannot be evaluated");
            return self.unsupported(target, why);
        }
        let to = references(relationship.get("to"));
        if let Some(elsewhere) = to.iter().find(|reference| reference.contains('#')) {
            let why = format!("`{elsewhere}` is in another document, which is not read");
            return self.unsupported(target, why);
        }
        let Some(there) = self.sides(pointer, "to", &to) else {
            return;
        };
        let columns = match &target.column {
            Some(column) => vec![column.clone()],
            None => {
                let from = references(relationship.get("from"));
                let Some(here) = self.sides(pointer, "from", &from) else {
                    return;
                };
                if let Some(other) = here.iter().find(|side| side.object != object) {
                    let message = format!(
                        "a relationship of `{object}` starts at its own properties, not at `{}.{}`",
                        other.object, other.column
                    );
                    return self.problem(&format!("{pointer}/from"), message);
                }
                here.into_iter().map(|side| side.column).collect()
            }
        };
        let Some(dataset) = there.first().map(|side| side.object.clone()) else {
            return self.problem(pointer, "the key `to` is missing");
        };
        if there.iter().any(|side| side.object != dataset) || there.len() != columns.len() {
            let message =
                "both sides of a relationship need as many properties, of one object each";
            return self.problem(pointer, message);
        }
        self.add(
            target,
            ReferentialIntegrity {
                columns,
                dataset,
                columns_there: there.into_iter().map(|side| side.column).collect(),
                ..ReferentialIntegrity::default()
            },
        );
    }

    /// The objects and columns of references; reports what is not in the contract.
    fn sides(&mut self, pointer: &str, key: &str, references: &[String]) -> Option<Vec<Side>> {
        let mut sides = Vec::new();
        for reference in references {
            match side(&self.document.value, reference) {
                Some(side) => sides.push(side),
                None => {
                    let message = format!("the contract has no property `{reference}`");
                    self.problem(&format!("{pointer}/{key}"), message);
                    return None;
                }
            }
        }
        Some(sides)
    }
}

fn references(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(reference)) => vec![reference.clone()],
        Some(Value::Array(references)) => {
            let references = references.iter().filter_map(Value::as_str);
            references.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// `orders.id` by names, `/schema/orders_id/properties/id_id` by ids.
fn side(contract: &Value, reference: &str) -> Option<Side> {
    let parts: Vec<&str> = reference.trim_start_matches('/').split('/').collect();
    let (key, object, property) = match parts.as_slice() {
        [short] => {
            let (object, property) = short.split_once('.')?;
            ("name", object, property)
        }
        ["schema", object, "properties", property] => ("id", *object, *property),
        _ => return None,
    };
    let is = |element: &&Map<String, Value>, wanted: &str| {
        text(element, key).or_else(|| text(element, "name")) == Some(wanted)
    };
    let object = list(contract, "schema").find(|element| is(element, object))?;
    let property = list_of(object, "properties").find(|element| is(element, property))?;
    Some(Side {
        object: text(object, "name")?.to_owned(),
        column: column_name(property),
    })
}
