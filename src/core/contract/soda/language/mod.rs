//! The Soda Checks Language (SodaCL) of Soda 3: sections of a file, each named by a sentence such as
//! `checks for orders [today]`, with lists of check lines.

mod checks;
mod formats;
mod line;
mod metrics;
mod schema;
mod sections;

use serde_json::{Map, Value};

use super::validity::{Validity, length, list, pattern, scalar};
use super::variables::Variables;
use crate::contract::document::escape;
use crate::contract::problem::Problem;
use crate::contract::rules::{Rule, Rules};
use crate::contract::sql;
use crate::contract::suite::{DatasetPlan, PlanRequest, SuiteFormat, SuiteText};
use crate::evidence::Severity;
use crate::measure::{Condition, keeps};
use sections::{Section, section};

/// The format.
pub(in crate::contract) const FORMAT: SuiteFormat = SuiteFormat {
    id: "sodacl",
    title: "Soda Checks Language (Soda 3)",
    recognises,
    plan,
};

fn recognises(suite: &SuiteText) -> bool {
    let Some(document) = &suite.document else {
        return false;
    };
    let Some(members) = document.value.as_object() else {
        return false;
    };
    members.keys().any(|key| {
        matches!(
            section(key),
            Some(Section::Checks { .. } | Section::ForEachDataset)
        )
    })
}

/// A file being read for one of its tables.
struct Reader<'a> {
    rules: Rules<'a>,
    file: &'a Map<String, Value>,
    table: String,
    variables: Variables,
    /// What the file says of the columns of the table, wherever it says so.
    columns: Vec<(String, Validity)>,
}

fn plan(suite: &SuiteText, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let document = suite.document()?;
    let Some(file) = document.value.as_object() else {
        return Err(vec![
            document.problem("", "a file of Soda checks is a mapping"),
        ]);
    };
    let table = table(suite, file, request)?;
    let mut variables = Variables::default();
    variables.set("NOW", Value::String(request.as_of.to_rfc3339()));
    let declared = file.get("variables").and_then(Value::as_object);
    for (name, value) in declared.into_iter().flatten() {
        variables.set(name, value.clone());
        variables.set(format!("var.{name}"), value.clone());
    }
    let mut reader = Reader {
        rules: Rules::new(document, request, "Soda 3"),
        file,
        table,
        variables,
        columns: Vec::new(),
    };
    reader.configurations();
    reader.sections();
    reader.rules.finish()
}

/// The table to plan for: the one named, or the only one there is.
fn table(
    suite: &SuiteText,
    file: &Map<String, Value>,
    request: &PlanRequest<'_>,
) -> Result<String, Vec<Problem>> {
    let document = suite.document()?;
    let mut tables: Vec<String> = Vec::new();
    let mut any = false;
    for key in file.keys() {
        match section(key) {
            Some(Section::Checks { table, .. }) if !tables.contains(&table) => tables.push(table),
            Some(Section::ForEachDataset) => any = true,
            _ => {}
        }
    }
    let listed = || {
        let names: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
        names.join(", ")
    };
    match (request.object, tables.as_slice()) {
        (Some(wanted), _) if any || tables.iter().any(|table| table == wanted) => {
            Ok(wanted.to_owned())
        }
        (Some(wanted), _) => Err(vec![
            document
                .problem("", format!("the file has no `checks for {wanted}`"))
                .hint(format!(
                    "set `object` of the dataset to one of {}",
                    listed()
                )),
        ]),
        (None, [table]) => Ok(table.clone()),
        (None, []) => Ok(request.dataset.to_owned()),
        (None, _) if tables.iter().any(|table| table == request.dataset) => {
            Ok(request.dataset.to_owned())
        }
        (None, _) => Err(vec![
            document
                .problem(
                    "",
                    format!(
                        "the file checks several tables and dataset `{}` names none",
                        request.dataset
                    ),
                )
                .hint(format!(
                    "set `object` of the dataset to one of {}",
                    listed()
                )),
        ]),
    }
}

impl Reader<'_> {
    /// `configurations for table`: `valid values for column: […]`.
    fn configurations(&mut self) {
        let file = self.file;
        for (header, body) in file {
            let Some(Section::Configurations { table }) = section(header) else {
                continue;
            };
            if table != self.table {
                continue;
            }
            let Some(body) = body.as_object() else {
                self.wrong(
                    &format!("/{}", escape(header)),
                    "expected `valid … for column` keys",
                );
                continue;
            };
            for (key, value) in body {
                let pointer = format!("/{}/{}", escape(header), escape(key));
                let Some((what, column)) = key.split_once(" for ") else {
                    self.wrong(&pointer, "expected `valid values for column` or the like");
                    continue;
                };
                let mut one = Map::new();
                one.insert(what.trim().to_owned(), value.clone());
                let said = match self.variables.resolve(&Value::Object(one)) {
                    Ok(Value::Object(one)) if VALIDITY.contains(&what.trim()) => validity(&one),
                    Ok(_) => Err(format!("`{what}` is nothing a column can have")),
                    Err(why) => Err(why),
                };
                match said {
                    Ok(said) => self.merge_column(column.trim(), said),
                    Err(why) => self.wrong(&pointer, &why),
                }
            }
        }
    }

    fn merge_column(&mut self, column: &str, said: Validity) {
        match self.columns.iter_mut().find(|(name, _)| name == column) {
            Some((_, known)) => *known = merged(known.clone(), said),
            None => self.columns.push((column.to_owned(), said)),
        }
    }

    fn sections(&mut self) {
        let file = self.file;
        for (header, body) in file {
            let pointer = format!("/{}", escape(header));
            match section(header) {
                Some(Section::Checks { table, filter }) => {
                    if table == self.table {
                        let rows = filter.map(|name| self.filter(&name)).transpose();
                        self.checks(&pointer, body, rows);
                    }
                }
                Some(Section::ForEachDataset) => match sections::concerns(body, &self.table) {
                    Ok(true) => {
                        let checks = body.get("checks").unwrap_or(&Value::Null);
                        self.checks(&format!("{pointer}/checks"), checks, Ok(None));
                    }
                    Ok(false) => {}
                    Err(why) => self.wrong(&pointer, &why),
                },
                Some(Section::DataSource) => self.checks(&pointer, body, Ok(None)),
                Some(
                    Section::NotARule | Section::Filter { .. } | Section::Configurations { .. },
                ) => {}
                Some(Section::NeedsCloud(why)) => {
                    let rule = Rule {
                        pointer,
                        ..Rule::default()
                    };
                    let why = format!("`{header}` was not evaluated: {why}");
                    self.rules.unsupported(&rule, Severity::Error, why);
                }
                None => self.wrong(&pointer, "unknown section; expected `checks for table`"),
            }
        }
    }

    /// The rows of `filter table [name]`.
    fn filter(&self, name: &str) -> Result<String, String> {
        let found = self.file.iter().find(|(header, _)| {
            section(header)
                == Some(Section::Filter {
                    table: self.table.clone(),
                    name: name.to_owned(),
                })
        });
        let Some((_, body)) = found else {
            return Err(format!("the filter `{name}` is not declared"));
        };
        match body.get("where").and_then(Value::as_str) {
            Some(rows) => self.variables.resolve_text(rows.trim()),
            None => Err(format!("the filter `{name}` has no `where`")),
        }
    }

    fn checks(&mut self, pointer: &str, body: &Value, rows: Result<Option<String>, String>) {
        let Some(entries) = body.as_array() else {
            return self.wrong(pointer, "expected a list of checks");
        };
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{pointer}/{index}");
            let (text, at, configuration) = match entry {
                Value::String(text) => (text, at, None),
                Value::Object(members) if members.len() == 1 => {
                    let Some((text, configuration)) = members.iter().next() else {
                        continue;
                    };
                    let at = format!("{at}/{}", escape(text));
                    (text, at, Some(configuration))
                }
                _ => {
                    self.wrong(
                        &at,
                        "a check is a line, or a line with what belongs to it below",
                    );
                    continue;
                }
            };
            // Attributes are for Soda Cloud.
            if text == "attributes" {
                continue;
            }
            self.entry(text, &at, configuration, &rows);
        }
    }

    fn wrong(&mut self, pointer: &str, message: &str) {
        let problem = self.rules.document.problem(pointer, message);
        self.rules.problem(problem);
    }
}

/// The rows a filter leaves.
fn condition(text: &str) -> Result<Condition, String> {
    sql::condition(text).map_err(|why| format!("the filter `{text}` {why}"))
}

/// What a check or a configuration may say of missing and invalid values.
const VALIDITY: [&str; 15] = [
    "missing values",
    "missing format",
    "missing regex",
    "valid values",
    "invalid values",
    "valid format",
    "valid regex",
    "invalid format",
    "invalid regex",
    "valid min",
    "valid max",
    "valid length",
    "valid min length",
    "valid max length",
    "include null",
];

/// Reads those keys.
fn validity(body: &Map<String, Value>) -> Result<Validity, String> {
    if body.get("include null").and_then(Value::as_bool) == Some(true) {
        return Err("`include null` is not supported; count nulls with `missing_count`".to_owned());
    }
    let text = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` must be a text")),
    };
    let regex = |regex: &str, format: &str| match (text(regex)?, text(format)?) {
        (Some(_), Some(_)) => Err(format!("`{regex}` beside `{format}` is not supported")),
        (Some(expression), None) => pattern(&expression).map(Some),
        (None, Some(name)) => formats::pattern(&name).map(Some),
        (None, None) => Ok(None),
    };
    let number = |key: &str| match scalar(body, key)? {
        Some(Value::String(text)) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() && !keeps(number, text.trim()) => {
                Err(format!("`{key}` has more digits than a number keeps"))
            }
            Ok(number) => Ok(serde_json::Number::from_f64(number).map(Value::Number)),
            Err(_) => Err(format!("`{key}` must be a number")),
        },
        other => Ok(other),
    };
    Ok(Validity {
        missing_values: list(body, "missing values")?,
        missing_pattern: regex("missing regex", "missing format")?,
        valid_values: list(body, "valid values")?,
        invalid_values: list(body, "invalid values")?,
        valid_pattern: regex("valid regex", "valid format")?,
        invalid_pattern: regex("invalid regex", "invalid format")?,
        minimum: number("valid min")?,
        maximum: number("valid max")?,
        length: length(body, "valid length")?,
        length_minimum: length(body, "valid min length")?,
        length_maximum: length(body, "valid max length")?,
        reference: None,
    })
}

/// What a check says and what the configuration adds: lists together, of all else what the check says.
fn merged(check: Validity, column: Validity) -> Validity {
    let lists = |one: Option<Vec<Value>>, other: Option<Vec<Value>>| match (one, other) {
        (Some(mut one), Some(other)) => {
            one.extend(other);
            Some(one)
        }
        (one, other) => one.or(other),
    };
    Validity {
        missing_values: lists(check.missing_values, column.missing_values),
        missing_pattern: check.missing_pattern.or(column.missing_pattern),
        valid_values: lists(check.valid_values, column.valid_values),
        invalid_values: check.invalid_values.or(column.invalid_values),
        valid_pattern: check.valid_pattern.or(column.valid_pattern),
        invalid_pattern: check.invalid_pattern.or(column.invalid_pattern),
        minimum: check.minimum.or(column.minimum),
        maximum: check.maximum.or(column.maximum),
        length: check.length.or(column.length),
        length_minimum: check.length_minimum.or(column.length_minimum),
        length_maximum: check.length_maximum.or(column.length_maximum),
        reference: None,
    }
}
