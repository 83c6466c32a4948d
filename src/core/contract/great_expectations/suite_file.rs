//! The file of a suite: what both generations of Great Expectations write, read into one list.
//!
//! 1.x writes `name`, `type`, `id`, `severity` and `suite_parameters`; 0.18 writes
//! `expectation_suite_name`, `expectation_type`, `ge_cloud_id` and `evaluation_parameters`. Either may
//! stand in a JSON or a YAML file.

use serde_json::{Map, Value as Json};

use super::arguments::missing;
use crate::contract::document::Document;
use crate::contract::problem::Problem;
use crate::contract::schema;
use crate::evidence::Severity;

/// Which generation wrote a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// 0.18 and before.
    Legacy,
    /// 1.x.
    Current,
}

/// A suite.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) generation: Generation,
    pub(super) expectations: Vec<Expectation>,
}

/// One expectation as it is written.
#[derive(Debug)]
pub(super) struct Expectation {
    /// Where it stands, as a JSON pointer.
    pub(super) pointer: String,
    /// `expect_column_values_to_be_unique`
    pub(super) kind: String,
    /// Its arguments with parameters put in, or why one has no value.
    pub(super) arguments: Result<Map<String, Json>, String>,
    pub(super) severity: Severity,
}

impl Generation {
    /// The tool, as evidence names it.
    pub(super) fn tool(self) -> &'static str {
        match self {
            Self::Legacy => "Great Expectations 0.18",
            Self::Current => "Great Expectations 1",
        }
    }
}

/// Whether a file looks like a suite.
pub(super) fn recognises(value: &Json) -> bool {
    if value.get("expectation_suite_name").is_some() {
        return true;
    }
    let Some(expectations) = value.get("expectations").and_then(Json::as_array) else {
        return false;
    };
    let written_by = value
        .get("meta")
        .is_some_and(|meta| meta.get("great_expectations_version").is_some());
    let expects = |entry: &Json| {
        kind(entry)
            .is_some_and(|(_, kind)| kind.starts_with("expect_") || kind.starts_with("unexpected_"))
    };
    let is_named = value.get("name").is_some_and(Json::is_string) && value.get("kind").is_none();
    written_by || expectations.iter().any(expects) || (expectations.is_empty() && is_named)
}

/// Reads a suite.
///
/// # Errors
/// Everything that is no expectation where one must be.
pub(super) fn read(document: &Document) -> Result<Suite, Vec<Problem>> {
    let value = &document.value;
    let legacy = value.get("expectation_suite_name").is_some();
    let name = value
        .get(if legacy {
            "expectation_suite_name"
        } else {
            "name"
        })
        .and_then(Json::as_str)
        .unwrap_or_default();
    let Some(entries) = value.get("expectations").and_then(Json::as_array) else {
        return Err(vec![
            document.problem("/expectations", "a suite needs `expectations`, a list"),
        ]);
    };
    let parameters = ["suite_parameters", "evaluation_parameters"]
        .iter()
        .find_map(|key| value.get(key).and_then(Json::as_object));
    let mut expectations = Vec::new();
    let mut problems = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let pointer = format!("/expectations/{index}");
        match expectation(document, &pointer, entry, parameters) {
            Ok(found) => expectations.push(found),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Suite {
        name: name.to_owned(),
        generation: match legacy {
            true => Generation::Legacy,
            false => Generation::Current,
        },
        expectations,
    })
}

fn kind(entry: &Json) -> Option<(&'static str, &str)> {
    ["type", "expectation_type"]
        .into_iter()
        .find_map(|key| Some((key, entry.get(key)?.as_str()?)))
}

fn expectation(
    document: &Document,
    pointer: &str,
    entry: &Json,
    parameters: Option<&Map<String, Json>>,
) -> Result<Expectation, Problem> {
    let Some((_, kind)) = kind(entry) else {
        let message = "an expectation needs a `type` (in 0.18 `expectation_type`), a text";
        return Err(document.problem(pointer, message));
    };
    let arguments = match entry.get("kwargs") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(arguments)) => arguments.clone(),
        Some(_) => {
            let message = "the `kwargs` of an expectation must be an object";
            return Err(document.problem(&format!("{pointer}/kwargs"), message));
        }
    };
    Ok(Expectation {
        pointer: pointer.to_owned(),
        kind: snake_case(kind),
        arguments: with_parameters(arguments, parameters),
        severity: severity(document, pointer, entry)?,
    })
}

/// 1.x reads `ExpectColumnToExist` as it reads `expect_column_to_exist`.
fn snake_case(kind: &str) -> String {
    let mut snake = String::with_capacity(kind.len() + 8);
    for character in kind.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn severity(document: &Document, pointer: &str, entry: &Json) -> Result<Severity, Problem> {
    const WORDS: [&str; 3] = ["critical", "warning", "info"];
    let pointer = format!("{pointer}/severity");
    match entry.get("severity") {
        None | Some(Json::Null) => Ok(Severity::Error),
        Some(Json::String(word)) => match word.as_str() {
            "critical" => Ok(Severity::Error),
            "warning" => Ok(Severity::Warning),
            "info" => Ok(Severity::Info),
            other => {
                let message =
                    format!("the severity `{other}` is not one of `critical`, `warning`, `info`");
                let problem = document.problem(&pointer, message);
                Err(match schema::closest(other, WORDS.into_iter()) {
                    Some(word) => problem.hint(format!("did you mean `{word}`?")),
                    None => problem,
                })
            }
        },
        Some(_) => Err(document.problem(&pointer, "the severity must be a text")),
    }
}

fn with_parameters(
    arguments: Map<String, Json>,
    parameters: Option<&Map<String, Json>>,
) -> Result<Map<String, Json>, String> {
    arguments
        .into_iter()
        .map(|(key, value)| Ok((key, put_in(value, parameters)?)))
        .collect()
}

/// Puts in the value of `{"$PARAMETER": "name"}`: of the suite's own parameters, else the one 0.18 keeps
/// beside it.
fn put_in(value: Json, parameters: Option<&Map<String, Json>>) -> Result<Json, String> {
    match value {
        Json::Object(members) => match members.get("$PARAMETER") {
            Some(Json::String(name)) => parameters
                .and_then(|parameters| parameters.get(name))
                .or_else(|| members.get(&format!("$PARAMETER.{name}")))
                .cloned()
                .ok_or_else(|| parameter_without_value(name)),
            Some(_) => Err("a `$PARAMETER` is not named by a text".to_owned()),
            None => with_parameters(members, parameters).map(Json::Object),
        },
        Json::Array(items) => items
            .into_iter()
            .map(|item| put_in(item, parameters))
            .collect::<Result<_, _>>()
            .map(Json::Array),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(value),
    }
}

fn parameter_without_value(name: &str) -> String {
    let simple = name
        .chars()
        .all(|character| character == '_' || character.is_alphanumeric());
    if simple {
        format!(
            "{}: the suite gives the parameter `{name}` no value",
            missing("$PARAMETER")
        )
    } else {
        format!("the parameter `{name}` is computed from other results, which is not supported")
    }
}
