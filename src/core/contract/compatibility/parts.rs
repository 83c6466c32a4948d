//! The parts of a contract beside types, flags and rules: what a column is called in the file, whether it
//! may be absent or is masked, references, service levels. Keys that say nothing of the data are listed;
//! any other key that changed is a change, so that none is missed because nobody thought of it.

use serde_json::{Map, Value};

use super::Effect;
use super::bounds::Step;
use super::changes::{Comparison, Entry, entries, name};
use crate::contract::convert::OPTIONAL;
use crate::contract::odcs::fields::{column_name, is_personal, list_of, text};
use crate::contract::odcs::service_levels::days;

/// Keys of an object or a property that have a comparison of their own.
const COMPARED: [&str; 13] = [
    "name",
    "physicalName",
    "logicalType",
    "logicalTypeOptions",
    "required",
    "unique",
    "primaryKey",
    "classification",
    "customProperties",
    "properties",
    "items",
    "relationships",
    "quality",
];

/// Keys that tell people about an object or a property and demand nothing of its values.
const WORDS: [&str; 15] = [
    "id",
    "description",
    "businessName",
    "authoritativeDefinitions",
    "tags",
    "dataGranularityDescription",
    "examples",
    "transformSourceObjects",
    "transformLogic",
    "transformDescription",
    "encryptedName",
    "criticalDataElement",
    "partitioned",
    "partitionKeyPosition",
    "primaryKeyPosition",
];

/// How custom properties that Proofmark reads begin.
const OWN: &str = "proofmark";

impl Comparison<'_> {
    /// Everything of an object or a property that is neither a type, a flag, a rule nor a column.
    pub(super) fn parts(
        &mut self,
        pointer: &str,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) {
        self.name_in_file(pointer, old, new);
        self.masking(pointer, old, new);
        self.custom_properties(pointer, old, new);
        self.relationships(pointer, old, new);
        for key in keys(old, new) {
            if !COMPARED.contains(&key) && !WORDS.contains(&key) {
                self.presence(
                    &format!("{pointer}/{key}"),
                    &format!("`{key}`"),
                    old.get(key),
                    new.get(key),
                );
            }
        }
    }

    /// What appeared demands more, what went demands less, and what changed demands something else.
    fn presence(&mut self, pointer: &str, what: &str, old: Option<&Value>, new: Option<&Value>) {
        let (step, message) = match (old, new) {
            (None, None) => return,
            (Some(old), Some(new)) if old == new => return,
            (None, Some(new)) => (Step::Tighter, format!("{what} was added: {new}")),
            (Some(old), None) => (Step::Looser, format!("{what} was removed: {old}")),
            (Some(old), Some(new)) => (Step::Other, format!("{what} changed from {old} to {new}")),
        };
        self.step(pointer, step, message);
    }

    fn name_in_file(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, after) = (column_name(old), column_name(new));
        if before != after {
            let message = format!("its name in the data became `{after}`, before `{before}`");
            self.step(&format!("{pointer}/physicalName"), Step::Other, message);
        }
    }

    /// Values that were masked in reports and are shown now: nobody's data breaks, and somebody should ask.
    fn masking(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let message = match (is_personal(old), is_personal(new)) {
            (true, false) => "its values are no longer masked in reports",
            (false, true) => "its values are now masked in reports",
            (true, true) | (false, false) => return,
        };
        let class = |map| text(map, "classification").unwrap_or("nothing").to_owned();
        let message = format!(
            "the classification changed from `{}` to `{}`: {message}",
            class(old),
            class(new)
        );
        let loosens = is_personal(old);
        let at = format!("{pointer}/classification");
        self.add(
            &at,
            message,
            Effect::Compatible,
            Effect::Compatible,
            loosens,
        );
    }

    fn custom_properties(
        &mut self,
        pointer: &str,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) {
        let own = |map: &Map<String, Value>| -> Map<String, Value> {
            list_of(map, "customProperties")
                .filter_map(|entry| {
                    let name = text(entry, "property").filter(|name| name.starts_with(OWN))?;
                    Some((name.to_owned(), entry.get("value")?.clone()))
                })
                .collect()
        };
        let (old, new) = (own(old), own(new));
        let at = format!("{pointer}/customProperties");
        for key in keys(&old, &new) {
            if key != OPTIONAL {
                self.presence(&at, &format!("`{key}`"), old.get(key), new.get(key));
                continue;
            }
            let may_be_absent = |map: &Map<String, Value>| map.get(key) == Some(&Value::Bool(true));
            match (may_be_absent(&old), may_be_absent(&new)) {
                (false, true) => {
                    self.step(&at, Step::Looser, "the column may now be absent".to_owned());
                }
                (true, false) => {
                    let message = "the column may no longer be absent".to_owned();
                    self.step(&at, Step::Tighter, message);
                }
                (true, true) | (false, false) => {}
            }
        }
    }

    /// A reference is the same when it leads from the same columns to the same.
    fn relationships(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        type Reference = (String, Option<Value>, Option<Value>);
        let references = |map: &Map<String, Value>| -> Vec<Reference> {
            list_of(map, "relationships")
                .map(|one| {
                    let kind = text(one, "type").unwrap_or("foreignKey").to_owned();
                    (kind, one.get("from").cloned(), one.get("to").cloned())
                })
                .collect()
        };
        let (before, after) = (references(old), references(new));
        let shown = |(_, _, to): &Reference| to.clone().unwrap_or_default().to_string();
        for (index, reference) in after.iter().enumerate() {
            if !before.contains(reference) {
                let message = format!("the relationship to {} was added", shown(reference));
                let at = format!("{pointer}/relationships/{index}");
                self.step(&at, Step::Tighter, message);
            }
        }
        for reference in before.iter().filter(|one| !after.contains(one)) {
            let message = format!("the relationship to {} was removed", shown(reference));
            let at = format!("{pointer}/relationships");
            self.step(&at, Step::Looser, message);
        }
    }

    /// The service levels of the contract, told apart by what they speak of.
    pub(super) fn service_levels(&mut self, old: &Value, new: &Value) {
        let (before, after) = (
            entries(old, "slaProperties", ""),
            entries(new, "slaProperties", ""),
        );
        for (at, level) in &after {
            self.of_element(new, level);
            let what = service_level(level);
            match before
                .iter()
                .find(|(_, earlier)| service_level(earlier) == what)
            {
                None => self.step(at, Step::Tighter, format!("{what} was added")),
                Some((_, earlier)) => {
                    let (old, new) = (amount(earlier), amount(level));
                    let message = format!("{what} changed from {old} to {new}");
                    self.step(at, level_step(earlier, level), message);
                }
            }
        }
        let is_gone = |level: &Entry<'_>| {
            let what = service_level(level.1);
            !after.iter().any(|(_, later)| service_level(later) == what)
        };
        for (_, level) in before.iter().filter(|level| is_gone(level)) {
            self.of_element(old, level);
            let message = format!("{} was removed: {}", service_level(level), amount(level));
            self.step("/slaProperties", Step::Looser, message);
        }
        self.column = None;
    }

    /// Speaks of the element of a service level; without one, of the contract's first object.
    fn of_element(&mut self, contract: &Value, level: &Map<String, Value>) {
        let first = entries(contract, "schema", "");
        let first = first.first().map(|(_, object)| name(object));
        let element = text(level, "element").unwrap_or_default();
        let (object, column) = match element.split_once('.') {
            Some((object, column)) => (Some(object.to_owned()), column),
            None => (first, element),
        };
        self.object = object.unwrap_or_default();
        self.column = Some(column.to_owned()).filter(|column| !column.is_empty());
    }
}

fn service_level(level: &Map<String, Value>) -> String {
    let property = text(level, "property").unwrap_or_default();
    match text(level, "element") {
        Some(element) => format!("the service level `{property}` of `{element}`"),
        None => format!("the service level `{property}`"),
    }
}

fn amount(level: &Map<String, Value>) -> String {
    let parts = ["value", "valueExt", "unit"].map(|key| level.get(key));
    let parts = parts.into_iter().flatten().map(|part| match part {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// An age that is checked may grow or shrink; of other levels it is not known which way is the better.
fn level_step(old: &Map<String, Value>, new: &Map<String, Value>) -> Step {
    let is_age = matches!(text(new, "property"), Some("freshness" | "retention"));
    match (days(old), days(new)) {
        (Some(old), Some(new)) if is_age => Step::of(old <= new, new <= old),
        _ if amount(old) == amount(new) => Step::Same,
        _ => Step::Other,
    }
}

/// The keys of either, in order.
fn keys<'m>(old: &'m Map<String, Value>, new: &'m Map<String, Value>) -> Vec<&'m str> {
    let mut keys: Vec<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
