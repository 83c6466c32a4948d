//! The check `schema`: columns that must be there, must not, their types and their places.

use serde_json::Value;

use super::Reader;
use super::checks::Entry;
use crate::checks::{
    ColumnNamePattern, ColumnPresence, ColumnRelation, ColumnSet, ColumnType, PatternSyntax,
};
use crate::contract::document::escape;
use crate::contract::rules::{Rule, ours};
use crate::contract::soda::types::logical_type;
use crate::evidence::Severity;
use crate::measure::Anchor;

impl Reader<'_> {
    pub(super) fn schema(&mut self, entry: &Entry<'_>) -> Result<(), String> {
        entry.known(&["fail", "warn"])?;
        for (key, severity) in [("fail", Severity::Error), ("warn", Severity::Warning)] {
            match entry.body.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::Object(demands)) => {
                    for (demand, value) in demands {
                        let mut rule = entry.rule.clone();
                        rule.rows = None;
                        rule.pointer = format!("{}/{key}/{}", rule.pointer, escape(demand));
                        if let Err(why) = self.demand(&rule, severity, demand, value) {
                            let why = format!("`{demand}` was not evaluated: {why}");
                            self.rules.unsupported(&rule, severity, why);
                        }
                    }
                }
                Some(_) => return Err(format!("`{key}` must be a mapping")),
            }
        }
        Ok(())
    }

    fn demand(
        &mut self,
        rule: &Rule,
        severity: Severity,
        demand: &str,
        value: &Value,
    ) -> Result<(), String> {
        match demand {
            "when required column missing" => {
                for name in names(value)? {
                    self.presence(rule, severity, &name);
                }
            }
            "when forbidden column present" => {
                let names = names(value)?;
                if names.iter().any(|name| name.contains(['%', '*'])) {
                    self.rules.add(rule, severity, ours(no_name_like(&names)));
                    return Ok(());
                }
                let set = ColumnSet {
                    columns: names,
                    relation: ColumnRelation::Disjoint,
                    ..ColumnSet::default()
                };
                self.rules.add(rule, severity, ours(set));
            }
            "when wrong column type" => {
                for (name, kind) in pairs(value)? {
                    self.presence(rule, severity, &name);
                    self.kind(rule, severity, &name, kind.as_ref())?;
                }
            }
            "when mismatching columns" => {
                let mut all = Vec::new();
                for (name, kind) in pairs(value)? {
                    self.presence(rule, severity, &name);
                    self.kind(rule, severity, &name, kind.as_ref())?;
                    all.push(name);
                }
                let set = ColumnSet {
                    columns: all,
                    relation: ColumnRelation::Within,
                    ..ColumnSet::default()
                };
                self.rules.add(rule, severity, ours(set));
            }
            "when wrong column index" => {
                return Err("the place of a single column is not supported; the order of columns is, with `proofmark` rules".to_owned());
            }
            "when schema changes" => {
                return Err("it needs the schema of the last run, which Soda Cloud keeps; `data diff` compares schemas".to_owned());
            }
            _ => return Err("Soda has no such demand".to_owned()),
        }
        Ok(())
    }

    fn presence(&mut self, rule: &Rule, severity: Severity, column: &str) {
        let rule = Rule {
            column: Some(column.to_owned()),
            ..rule.clone()
        };
        self.rules.add(&rule, severity, ours(ColumnPresence {}));
    }

    fn kind(
        &mut self,
        rule: &Rule,
        severity: Severity,
        column: &str,
        kind: Option<&String>,
    ) -> Result<(), String> {
        let Some(kind) = kind else {
            return Ok(());
        };
        let Some(logical_type) = logical_type(kind) else {
            return Err(format!(
                "the type `{kind}` of a database has no counterpart here"
            ));
        };
        let rule = Rule {
            column: Some(column.to_owned()),
            ..rule.clone()
        };
        self.rules
            .add(&rule, severity, ours(ColumnType { logical_type }));
        Ok(())
    }
}

/// No column has a name that starts like one of these; `%` and `*` are any text. Soda looks at the start
/// of a name only, and lets more follow.
fn no_name_like(names: &[String]) -> ColumnNamePattern {
    let starts: Vec<String> = names
        .iter()
        .map(|name| {
            let parts: Vec<String> = name.split(['%', '*']).map(regex::escape).collect();
            parts.join(".*")
        })
        .collect();
    ColumnNamePattern {
        pattern: format!("(?!{})", starts.join("|")),
        syntax: PatternSyntax::Regex,
        anchor: Anchor::Start,
        ignore_case: false,
    }
}

fn names(value: &Value) -> Result<Vec<String>, String> {
    let name = |item: &Value| item.as_str().map(ToOwned::to_owned);
    value
        .as_array()
        .and_then(|items| items.iter().map(name).collect())
        .ok_or_else(|| "expected a list of names".to_owned())
}

fn pairs(value: &Value) -> Result<Vec<(String, Option<String>)>, String> {
    let Some(members) = value.as_object() else {
        return Err("expected names of columns with their types".to_owned());
    };
    members
        .iter()
        .map(|(name, kind)| match kind {
            Value::Null => Ok((name.clone(), None)),
            Value::String(kind) => Ok((name.clone(), Some(kind.clone()))),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(format!("the type of `{name}` must be a text"))
            }
        })
        .collect()
}
