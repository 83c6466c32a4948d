//! Holds a document against a JSON Schema and turns every violation into a [`Problem`] a person can
//! act on: the place, what was found, what is expected, the closest valid key.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::document::{Document, escape};
use super::problem::Problem;

/// Violations reported for one document.
const PROBLEMS_MAX: usize = 200;

/// Characters of an offending value shown.
const VALUE_CHARACTERS_MAX: usize = 60;

/// Every violation of `schema` by `document`.
#[must_use]
pub fn problems(document: &Document, schema: &Value, validator: &Validator) -> Vec<Problem> {
    let mut problems = Vec::new();
    for error in validator.iter_errors(&document.value).take(PROBLEMS_MAX) {
        explain(document, schema, &error, &mut problems);
    }
    problems.dedup();
    problems
}

fn explain(
    document: &Document,
    schema: &Value,
    error: &ValidationError<'_>,
    problems: &mut Vec<Problem>,
) {
    let pointer = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(schema, error);
            // A part of the schema that fails leaves keys it knows unevaluated; its own violation
            // is reported besides.
            for key in unexpected.iter().filter(|key| !known.contains(key)) {
                problems.push(unknown_key(document, pointer, key, &known));
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            if let Some(keys) = alternative_keys(context) {
                let message = format!("one of the keys {} is missing", listed(&keys));
                return problems.push(document.problem(pointer, message));
            }
            if let Some(keys) = tags(context, pointer) {
                let found = error.instance().as_object();
                let unknown = found.into_iter().flat_map(serde_json::Map::keys);
                let unknown = unknown.filter(|key| !keys.contains(key));
                let mut unknown = unknown.peekable();
                if unknown.peek().is_some() {
                    problems.extend(unknown.map(|key| unknown_key(document, pointer, key, &keys)));
                    return;
                }
            }
            match closest_branch(context, pointer) {
                Some(branch) => {
                    for error in branch {
                        explain(document, schema, error, problems);
                    }
                }
                None => problems.push(document.problem(pointer, sentence(error))),
            }
        }
        ValidationErrorKind::Required { .. } => {
            problems.push(document.problem(pointer, sentence(error)));
        }
        _ => {
            let position = document.value_position(pointer);
            let problem = Problem::new(&document.file, position, sentence(error));
            problems.push(with_choice(problem, error));
        }
    }
}

fn unknown_key(document: &Document, pointer: &str, key: &str, known: &[String]) -> Problem {
    let at = format!("{pointer}/{}", escape(key));
    let problem = document.problem(&at, format!("unknown key `{key}`"));
    match closest(key, known.iter().map(String::as_str)) {
        Some(known) => problem.hint(format!("did you mean `{known}`?")),
        None if known.is_empty() => problem,
        None => problem.hint(format!("valid keys are {}", listed(known))),
    }
}

/// The keys the object at fault may have, from the schema that refused the key and those it is
/// composed of.
fn known_keys(schema: &Value, error: &ValidationError<'_>) -> Vec<String> {
    let path = error.schema_path().as_str();
    let parent = path.rfind('/').map_or("", |cut| &path[..cut]);
    let mut keys = Vec::new();
    collect_keys(schema, resolve(schema, parent), &mut keys, 0);
    keys.sort();
    keys.dedup();
    keys
}

fn collect_keys(root: &Value, schema: Option<&Value>, keys: &mut Vec<String>, depth: usize) {
    const DEPTH_MAX: usize = 8;
    let Some(schema) = schema.filter(|_| depth < DEPTH_MAX) else {
        return;
    };
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        keys.extend(properties.keys().cloned());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        collect_keys(
            root,
            resolve(root, target.trim_start_matches('#')),
            keys,
            depth + 1,
        );
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        for part in schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            collect_keys(root, Some(part), keys, depth + 1);
        }
    }
    for keyword in ["if", "then", "else"] {
        collect_keys(root, schema.get(keyword), keys, depth + 1);
    }
}

/// Follows a schema path, which runs through `$ref` as if it were a key.
fn resolve<'schema>(root: &'schema Value, path: &str) -> Option<&'schema Value> {
    let mut node = root;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part == "$ref" {
            let target = node.get("$ref")?.as_str()?.trim_start_matches('#');
            node = root.pointer(target)?;
            continue;
        }
        node = match node {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(&part)?,
        };
    }
    Some(node)
}

/// The keys of which one is needed, when every alternative lacks nothing but a key.
fn alternative_keys(context: &[Vec<ValidationError<'static>>]) -> Option<Vec<String>> {
    context
        .iter()
        .map(|errors| match errors.as_slice() {
            [error] => match error.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The keys of which exactly one names the alternative, when every alternative lacks its own.
fn tags(context: &[Vec<ValidationError<'static>>], pointer: &str) -> Option<Vec<String>> {
    context
        .iter()
        .map(|errors| {
            errors.iter().find_map(|error| match error.kind() {
                ValidationErrorKind::Required { property }
                    if error.instance_path().as_str() == pointer =>
                {
                    property.as_str().map(str::to_owned)
                }
                _ => None,
            })
        })
        // An optional value may also be nothing, which is no key.
        .zip(context)
        .filter(|(tag, errors)| {
            let refuses = |error: &ValidationError<'_>| {
                matches!(error.kind(), ValidationErrorKind::Type { .. })
                    && error.instance_path().as_str() == pointer
            };
            tag.is_some() || !errors.iter().any(refuses)
        })
        .map(|(tag, _)| tag)
        .collect::<Option<Vec<String>>>()
        .filter(|tags| 1 < tags.len())
}

/// Of several alternatives that all fail, the one the author most likely meant: the one that gets
/// furthest into the value. An optional section is "this or nothing"; nothing is never what was meant.
fn closest_branch<'e>(
    context: &'e [Vec<ValidationError<'static>>],
    pointer: &str,
) -> Option<&'e [ValidationError<'static>]> {
    let refuses_the_type = |errors: &&Vec<ValidationError<'static>>| {
        errors.iter().any(|error| {
            matches!(error.kind(), ValidationErrorKind::Type { .. })
                && error.instance_path().as_str() == pointer
        })
    };
    let furthest = context
        .iter()
        .filter(|errors| !refuses_the_type(errors))
        .max_by_key(|errors| {
            let deepest = errors
                .iter()
                .map(|error| error.instance_path().as_str().len())
                .max();
            (deepest, std::cmp::Reverse(errors.len()))
        });
    furthest.or_else(|| context.first()).map(Vec::as_slice)
}

fn sentence(error: &ValidationError<'_>) -> String {
    let found = shown(error.instance());
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let expected = format!("{kind:?}");
            format!("expected {}, found {found}", type_words(&expected))
        }
        ValidationErrorKind::Required { property } => {
            format!(
                "the key `{}` is missing",
                property.as_str().unwrap_or_default()
            )
        }
        ValidationErrorKind::Enum { options } => {
            format!("{found} is not one of {}", listed_values(options))
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("expected {}, found {found}", shown(expected_value))
        }
        ValidationErrorKind::Minimum { limit } => format!("{found} is less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("{found} is more than {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("{found} is not more than {limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("{found} is not less than {limit}")
        }
        ValidationErrorKind::MinItems { limit } => format!("needs at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("has more than {limit} entries"),
        ValidationErrorKind::UniqueItems => "an entry is repeated".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("{found} does not match `{pattern}`"),
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            format!("{found} has none of the shapes allowed here")
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "keys that exclude one another are given together; keep one".to_owned()
        }
        _ => error.masked().to_string(),
    }
}

fn with_choice(problem: Problem, error: &ValidationError<'_>) -> Problem {
    let (ValidationErrorKind::Enum { options }, Some(found)) =
        (error.kind(), error.instance().as_str())
    else {
        return problem;
    };
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    match closest(found, options.iter().filter_map(Value::as_str)) {
        Some(option) => problem.hint(format!("did you mean `{option}`?")),
        None => problem,
    }
}

/// The closest candidate, if one differs in few enough characters to be what was meant.
pub fn closest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&text.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 2).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn type_words(debug: &str) -> String {
    let lower = debug.to_lowercase();
    let names = [
        ("string", "a text"),
        ("integer", "a whole number"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("array", "a list"),
        ("object", "a mapping"),
    ];
    let words: Vec<_> = names
        .iter()
        .filter(|(name, _)| lower.contains(name))
        .map(|(_, word)| *word)
        .collect();
    if words.is_empty() {
        "null".to_owned()
    } else {
        words.join(" or ")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => {
            let cut: String = text.chars().take(VALUE_CHARACTERS_MAX).collect();
            let dots = if cut.len() < text.len() { "…" } else { "" };
            format!("`{cut}{dots}`")
        }
    }
}

fn listed(keys: &[String]) -> String {
    keys.iter()
        .map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn listed_values(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().map(shown).collect::<Vec<_>>().join(", ")
}
