//! Contracts of Soda 4 (`soda_data_contract_json_schema_1_0_0`): columns with their checks, checks of
//! the dataset, filters, scopes and variables.
//!
//! What the file calls `attributes` and a schedule is for Soda Cloud and is not looked at. A check of a
//! declared scope runs on the rows of that scope, which Soda Core leaves to Soda Cloud.

use serde_json::{Map, Value};

use super::columns::Columns;
use super::types::logical_type;
use super::validity::Validity;
use super::variables::Variables;
use crate::contract::document::escape;
use crate::contract::problem::Problem;
use crate::contract::rules::{Rule, Rules};
use crate::contract::sql;
use crate::contract::suite::{DatasetPlan, PlanRequest, SuiteFormat, SuiteText};
use crate::evidence::Severity;
use crate::measure::Condition;

/// The format.
pub(in crate::contract) const FORMAT: SuiteFormat = SuiteFormat {
    id: "soda-contract",
    title: "Soda contract (Soda 4)",
    recognises,
    plan,
};

/// What every check may say besides what its type says.
const COMMON: [&str; 8] = [
    "name",
    "qualifier",
    "scope",
    "attributes",
    "filter",
    "threshold",
    "store_failed_rows",
    "column_expression",
];

fn recognises(suite: &SuiteText) -> bool {
    let Some(document) = &suite.document else {
        return false;
    };
    let has = |key: &str, is: fn(&Value) -> bool| document.value.get(key).is_some_and(is);
    has("dataset", Value::is_string)
        && (has("columns", Value::is_array) || has("checks", Value::is_array))
}

fn plan(suite: &SuiteText, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let document = suite.document()?;
    let Some(contract) = document.value.as_object() else {
        return Err(vec![document.problem("", "a Soda contract is a mapping")]);
    };
    let name = contract
        .get("dataset")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let table = name.rsplit('/').next().unwrap_or(name);
    if let Some(wanted) = request.object
        && wanted != table
        && wanted != name
    {
        let problem = document
            .problem(
                "/dataset",
                format!("the contract is about `{name}`, not `{wanted}`"),
            )
            .hint(format!(
                "set `object` of the dataset to `{table}`, or leave it out"
            ));
        return Err(vec![problem]);
    }
    let mut reader = Reader {
        rules: Rules::new(document, request, "Soda 4"),
        contract,
        table: table.to_owned(),
        variables: variables(contract, request),
        columns: Columns::default(),
    };
    reader.contract();
    reader.rules.finish()
}

fn variables(contract: &Map<String, Value>, request: &PlanRequest<'_>) -> Variables {
    let mut variables = Variables::default();
    variables.set("soda.NOW", Value::String(request.as_of.to_rfc3339()));
    let declared = contract.get("variables").and_then(Value::as_object);
    for (name, variable) in declared.into_iter().flatten() {
        let default = variable.get("default").cloned().unwrap_or(Value::Null);
        variables.set(format!("var.{name}"), default);
    }
    variables
}

/// A check as the file has it, with its variables replaced.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its type.
    pub(super) kind: String,
    /// What it says.
    pub(super) body: Map<String, Value>,
    /// Where it stands, what it speaks of.
    pub(super) rule: Rule,
    /// The rows of the dataset's filter, or of the scope's, as SQL.
    pub(super) filter: Option<String>,
}

/// A contract being read.
pub(super) struct Reader<'a> {
    /// The plan.
    pub(super) rules: Rules<'a>,
    contract: &'a Map<String, Value>,
    /// The table the contract is about.
    pub(super) table: String,
    /// The variables of the contract.
    pub(super) variables: Variables,
    /// The columns it describes.
    pub(super) columns: Columns,
}

impl Reader<'_> {
    fn contract(&mut self) {
        let contract = self.contract;
        self.describe_columns();
        for (index, column) in objects(contract.get("columns")) {
            let Some(name) = column.get("name").and_then(Value::as_str) else {
                continue;
            };
            let said = self
                .resolved(column)
                .and_then(|column| Validity::of_contract(&column));
            let at = format!("/columns/{index}/checks");
            for (pointer, kind, body) in self.entries(&at, column.get("checks")) {
                match &said {
                    Ok(validity) => self.check(&pointer, &kind, &body, Some((name, validity))),
                    Err(why) => {
                        let rule = rule_at(&pointer, Some(name));
                        self.rules.unsupported(&rule, Severity::Error, why.clone());
                    }
                }
            }
        }
        for (pointer, kind, body) in self.entries("/checks", contract.get("checks")) {
            self.check(&pointer, &kind, &body, None);
        }
    }

    /// The names and types of the columns, and every problem with them.
    fn describe_columns(&mut self) {
        let contract = self.contract;
        if contract
            .get("columns")
            .is_some_and(|columns| !columns.is_array())
        {
            let problem = self
                .rules
                .document
                .problem("/columns", "`columns` must be a list");
            self.rules.problem(problem);
        }
        for (index, column) in objects(contract.get("columns")) {
            let pointer = format!("/columns/{index}");
            let Some(name) = column.get("name").and_then(Value::as_str) else {
                let problem = self
                    .rules
                    .document
                    .problem(&pointer, "the column has no `name`");
                self.rules.problem(problem);
                continue;
            };
            if self.columns.has(name) {
                let message = format!("the column `{name}` is described twice");
                let problem = self.rules.document.problem(&pointer, message);
                self.rules.problem(problem);
                continue;
            }
            let data_type = column.get("data_type").and_then(Value::as_str);
            let logical = data_type.and_then(logical_type);
            if let Some(logical) = logical {
                self.rules.give_type(name, logical);
            }
            self.columns.add(name, pointer, data_type, logical);
        }
    }

    /// The checks of a list: where each stands, its type and what it says.
    fn entries(
        &mut self,
        pointer: &str,
        checks: Option<&Value>,
    ) -> Vec<(String, String, Map<String, Value>)> {
        let entries = match checks {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(entries)) if !entries.is_empty() => entries,
            Some(_) => {
                let message = "`checks` must be a list with at least one check";
                let problem = self.rules.document.problem(pointer, message);
                self.rules.problem(problem);
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{pointer}/{index}");
            let named = entry.as_object().filter(|members| members.len() == 1);
            match named.and_then(|members| members.iter().next()) {
                Some((kind, Value::Null)) => {
                    found.push((format!("{at}/{}", escape(kind)), kind.clone(), Map::new()));
                }
                Some((kind, Value::Object(body))) => {
                    found.push((format!("{at}/{}", escape(kind)), kind.clone(), body.clone()));
                }
                Some(_) | None => {
                    let message = "a check is its type with a colon, and what it says below";
                    let problem = self.rules.document.problem(&at, message);
                    self.rules.problem(problem);
                }
            }
        }
        found
    }

    fn check(
        &mut self,
        pointer: &str,
        kind: &str,
        body: &Map<String, Value>,
        column: Option<(&str, &Validity)>,
    ) {
        let rule = rule_at(pointer, column.map(|(name, _)| name));
        let outcome = self
            .entry(kind, body, rule.clone())
            .and_then(|entry| match column {
                Some((_, validity)) => self.column_check(&entry, validity),
                None => self.dataset_check(&entry),
            });
        if let Err(why) = outcome {
            let why = format!("the check `{kind}` was not evaluated: {why}");
            self.rules.unsupported(&rule, severity(body), why);
        }
    }

    fn entry(
        &self,
        kind: &str,
        body: &Map<String, Value>,
        mut rule: Rule,
    ) -> Result<Entry, String> {
        let filter = self.filter_of(body.get("scope"))?;
        let body = self.resolved(body)?;
        if body
            .get("column_expression")
            .is_some_and(|value| !value.is_null())
            || self.column_expression(rule.column.as_deref())
        {
            return Err("a `column_expression` is not supported".to_owned());
        }
        let rows = [
            filter.as_deref(),
            body.get("filter").and_then(Value::as_str),
        ];
        for text in rows.into_iter().flatten() {
            rule.rows = crate::contract::rules::both(rule.rows, Some(condition(text)?));
        }
        Ok(Entry {
            kind: kind.to_owned(),
            body,
            rule,
            filter,
        })
    }

    fn column_expression(&self, column: Option<&str>) -> bool {
        objects(self.contract.get("columns")).any(|(_, described)| {
            described.get("name").and_then(Value::as_str) == column
                && described.contains_key("column_expression")
                && column.is_some()
        })
    }

    /// The filter of the dataset, or of the scope that takes its place.
    fn filter_of(&self, scope: Option<&Value>) -> Result<Option<String>, String> {
        let filter = match scope {
            None | Some(Value::Null) => self.contract.get("filter"),
            Some(Value::String(scope)) => {
                let scopes = self.contract.get("scopes");
                match scopes.and_then(|scopes| scopes.get(scope)) {
                    Some(scope) => scope.get("filter"),
                    None => return Err(format!("the scope `{scope}` is not declared")),
                }
            }
            Some(_) => return Err("`scope` must name a declared scope".to_owned()),
        };
        match filter.and_then(Value::as_str).map(str::trim) {
            None | Some("") => Ok(None),
            Some(filter) => self.variables.resolve_text(filter).map(Some),
        }
    }

    fn resolved(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        // A scope's key is fixed; it is never a variable.
        match self.variables.resolve(&Value::Object(body.clone()))? {
            Value::Object(body) => Ok(body),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Ok(Map::new()),
        }
    }
}

impl Entry {
    /// Nothing but these keys and those every check has.
    pub(super) fn known(&self, keys: &[&str]) -> Result<(), String> {
        let unknown =
            |key: &&String| !COMMON.contains(&key.as_str()) && !keys.contains(&key.as_str());
        match self.body.keys().find(unknown) {
            None => Ok(()),
            Some(key) => Err(format!("it has an unknown key `{key}`")),
        }
    }

    /// A text of the check.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key).and_then(Value::as_str).map(str::trim)
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    sql::condition(text).map_err(|why| format!("the filter `{text}` {why}"))
}

/// How much a check matters that could not be read as a whole.
fn severity(body: &Map<String, Value>) -> Severity {
    let threshold = body.get("threshold");
    let warns = |threshold: &Value| {
        threshold.get("level").and_then(Value::as_str) == Some("warn")
            && threshold.get("additional").is_none()
    };
    if threshold.is_some_and(warns) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn rule_at(pointer: &str, column: Option<&str>) -> Rule {
    Rule {
        pointer: pointer.to_owned(),
        column: column.map(ToOwned::to_owned),
        ..Rule::default()
    }
}

fn objects(list: Option<&Value>) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .enumerate()
        .filter_map(|(index, item)| Some((index, item.as_object()?)))
}
