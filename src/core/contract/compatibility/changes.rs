//! The differences between two contracts, found object by object and column by column.

use serde_json::{Map, Value};

use super::bounds::{self, Step, option_step, values_step};
use super::{Change, Effect};
use crate::contract::document::Document;
use crate::contract::odcs::rules::operator;
use crate::evidence::Location;

pub(super) fn between(old: &Document, new: &Document) -> Vec<Change> {
    let mut comparison = Comparison {
        new,
        object: String::new(),
        column: None,
        changes: Vec::new(),
    };
    comparison.contract(&old.value, &new.value);
    comparison.changes
}

pub(super) struct Comparison<'a> {
    new: &'a Document,
    pub(super) object: String,
    /// The column spoken of; fields of a structure follow a dot, elements of a list `[]`.
    pub(super) column: Option<String>,
    changes: Vec<Change>,
}

/// A named entry of a list with its JSON pointer.
pub(super) type Entry<'a> = (String, &'a Map<String, Value>);

impl Comparison<'_> {
    pub(super) fn add(
        &mut self,
        pointer: &str,
        message: String,
        readers: Effect,
        writers: Effect,
        loosens: bool,
    ) {
        let position = self.new.position(pointer);
        self.changes.push(Change {
            object: self.object.clone(),
            column: self.column.clone(),
            message,
            location: Location {
                file: self.new.file.clone(),
                line: position.line,
                column: position.column,
            },
            readers,
            writers,
            loosens,
        });
    }

    /// A demand on the data that was changed: what is looser breaks readers, what is tighter writers.
    pub(super) fn step(&mut self, pointer: &str, step: Step, message: String) {
        let (readers, writers) = match step {
            Step::Same => return,
            Step::Tighter => (Effect::Compatible, Effect::Breaking),
            Step::Looser => (Effect::Breaking, Effect::Compatible),
            Step::Other => (Effect::Breaking, Effect::Breaking),
        };
        let loosens = matches!(step, Step::Looser | Step::Other);
        self.add(pointer, message, readers, writers, loosens);
    }

    fn contract(&mut self, old: &Value, new: &Value) {
        let (before, after) = (entries(old, "schema", ""), entries(new, "schema", ""));
        for (pointer, object) in &after {
            self.object = name(object);
            match find(&before, &self.object) {
                Some((_, earlier)) => self.object(pointer, earlier, object),
                None => {
                    let message = "the object was added".to_owned();
                    self.add(
                        pointer,
                        message,
                        Effect::Compatible,
                        Effect::Breaking,
                        false,
                    );
                }
            }
        }
        for (_, object) in &before {
            self.object = name(object);
            if find(&after, &self.object).is_none() {
                let message = "the object was removed".to_owned();
                self.add(
                    "/schema",
                    message,
                    Effect::Breaking,
                    Effect::Compatible,
                    true,
                );
            }
        }
        self.service_levels(old, new);
    }

    fn object(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.columns(pointer, old, new);
        self.parts(pointer, old, new);
        self.rules(pointer, old, new);
    }

    /// The columns of an object, or the fields of a structure.
    fn columns(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let before = entries_of(old, "properties", pointer);
        let after = entries_of(new, "properties", pointer);
        let outer = self.column.clone();
        let path = |property: &Map<String, Value>| match &outer {
            Some(outer) => format!("{outer}.{}", name(property)),
            None => name(property),
        };
        let what = if outer.is_some() { "field" } else { "column" };
        for (pointer, property) in &after {
            self.column = Some(path(property));
            match find(&before, &name(property)) {
                Some((_, earlier)) => self.property(pointer, earlier, property),
                None => self.step(pointer, Step::Tighter, format!("the {what} was added")),
            }
        }
        for (_, property) in &before {
            if find(&after, &name(property)).is_none() {
                self.column = Some(path(property));
                let at = format!("{pointer}/properties");
                self.step(&at, Step::Looser, format!("the {what} was removed"));
            }
        }
        self.column = outer;
    }

    /// What the elements of a list must be.
    fn items(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let empty = Map::new();
        let items = |map: &Map<String, Value>| {
            let items = map.get("items").and_then(Value::as_object);
            items.unwrap_or(&empty).clone()
        };
        let (old, new) = (items(old), items(new));
        if old != new {
            let outer = self.column.clone();
            self.column = outer.as_ref().map(|outer| format!("{outer}[]"));
            self.property(&format!("{pointer}/items"), &old, &new);
            self.column = outer;
        }
    }

    fn property(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.value_type(pointer, old, new);
        for key in ["required", "unique", "primaryKey"] {
            let flag = |map: &Map<String, Value>| map.get(key) == Some(&Value::Bool(true));
            let step = match (flag(old), flag(new)) {
                (false, true) => Step::Tighter,
                (true, false) => Step::Looser,
                (true, true) | (false, false) => Step::Same,
            };
            let words = if step == Step::Tighter {
                "is now"
            } else {
                "is no longer"
            };
            self.step(
                &format!("{pointer}/{key}"),
                step,
                format!("`{key}` {words} demanded"),
            );
        }
        self.options(&format!("{pointer}/logicalTypeOptions"), old, new);
        self.columns(pointer, old, new);
        self.items(pointer, old, new);
        self.parts(pointer, old, new);
        self.rules(pointer, old, new);
    }

    fn value_type(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let kind = |map: &Map<String, Value>| {
            map.get("logicalType")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let step = match (kind(old).as_deref(), kind(new).as_deref()) {
            (one, other) if one == other => Step::Same,
            (None, _) | (Some("number"), Some("integer")) => Step::Tighter,
            (_, None) | (Some("integer"), Some("number")) => Step::Looser,
            _ => Step::Other,
        };
        let shown = |kind: Option<String>| kind.unwrap_or_else(|| "any".to_owned());
        let message = format!(
            "the type `{}` became `{}`",
            shown(kind(old)),
            shown(kind(new))
        );
        self.step(&format!("{pointer}/logicalType"), step, message);
    }

    fn options(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let empty = Map::new();
        let options = |map: &Map<String, Value>| {
            let options = map.get("logicalTypeOptions").and_then(Value::as_object);
            options.unwrap_or(&empty).clone()
        };
        let (old, new) = (options(old), options(new));
        let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let (before, after) = (old.get(key), new.get(key));
            let step = option_step(key, before, after);
            let shown =
                |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            let message = format!("`{key}` changed from {} to {}", shown(before), shown(after));
            self.step(&format!("{pointer}/{key}"), step, message);
        }
    }

    /// Rules are the same rule when they measure the same.
    fn rules(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let before = entries_of(old, "quality", pointer);
        let after = entries_of(new, "quality", pointer);
        let mut unmatched: Vec<&Entry<'_>> = before.iter().collect();
        for (at, rule) in &after {
            let own = identity(rule);
            // Of rules that measure the same, the one that did not change first.
            let unchanged = unmatched.iter().position(|(_, earlier)| earlier == rule);
            let similar = || {
                let mut earlier = unmatched.iter();
                earlier.position(|(_, earlier)| identity(earlier) == own)
            };
            match unchanged.or_else(similar) {
                Some(index) => {
                    let (_, earlier) = unmatched.remove(index);
                    self.rule(at, &own, earlier, rule);
                }
                None => self.step(at, Step::Tighter, format!("the rule {own} was added")),
            }
        }
        for (_, rule) in unmatched {
            let at = format!("{pointer}/quality");
            self.step(
                &at,
                Step::Looser,
                format!("the rule {} was removed", identity(rule)),
            );
        }
    }

    fn rule(&mut self, at: &str, own: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let severity = |rule: &Map<String, Value>| {
            let word = rule
                .get("severity")
                .and_then(Value::as_str)
                .unwrap_or("error");
            match word.to_lowercase().as_str() {
                "info" => 0,
                "warning" | "warn" => 1,
                _ => 2,
            }
        };
        let (before, after) = (severity(old), severity(new));
        let step = Step::of(after <= before, before <= after);
        self.step(
            &format!("{at}/severity"),
            step,
            format!("the severity of the rule {own} changed"),
        );
        let step = match (operator(old), operator(new)) {
            (Ok(before), Ok(after)) if old.get("unit") == new.get("unit") => {
                bounds::compare(before, after)
            }
            (Err(_), Err(_)) => Step::Same,
            _ => Step::Other,
        };
        let parts = [
            "arguments",
            "implementation",
            "query",
            "metric",
            "engine",
            "type",
        ];
        let step = parts.into_iter().fold(step, |step, key| {
            step.and(values_step(key, old.get(key), new.get(key)))
        });
        let word = match step {
            Step::Same => return,
            Step::Tighter => "demands more",
            Step::Looser => "demands less",
            Step::Other => "demands something else",
        };
        self.step(at, step, format!("the rule {own} {word}"));
    }
}

/// What a rule measures, for people too.
fn identity(rule: &Map<String, Value>) -> String {
    let text = |key: &str| rule.get(key).and_then(Value::as_str);
    let own = text("metric")
        .or_else(|| text("rule"))
        .or_else(|| rule.get("implementation")?.get("check")?.as_str())
        .or_else(|| text("query"))
        .or_else(|| text("description"))
        .unwrap_or("without a name");
    match text("id").or_else(|| text("name")) {
        Some(name) => format!("`{name}` ({own})"),
        None => format!("`{own}`"),
    }
}

pub(super) fn name(map: &Map<String, Value>) -> String {
    map.get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn find<'e, 'a>(entries: &'e [Entry<'a>], wanted: &str) -> Option<&'e Entry<'a>> {
    entries.iter().find(|(_, entry)| name(entry) == wanted)
}

pub(super) fn entries<'a>(value: &'a Value, key: &str, pointer: &str) -> Vec<Entry<'a>> {
    value
        .as_object()
        .map(|map| entries_of(map, key, pointer))
        .unwrap_or_default()
}

fn entries_of<'a>(map: &'a Map<String, Value>, key: &str, pointer: &str) -> Vec<Entry<'a>> {
    let items = map.get(key).and_then(Value::as_array);
    let items = items
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .enumerate();
    items
        .filter_map(|(index, item)| Some((format!("{pointer}/{key}/{index}"), item.as_object()?)))
        .collect()
}
