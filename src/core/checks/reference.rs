//! The rule reference: every check with its parameters, its semantics and the rules of other tools it
//! stands for, as Markdown. The table of other tools is data, `fixtures/rules/mapping.json`.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::{CHECKS, CheckKind};

/// The rules of other tools with the check that stands for each.
pub(super) static FOREIGN_RULES: LazyLock<Vec<ForeignRule>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../fixtures/rules/mapping.json"))
        .expect("the table is JSON of this form")
});

/// A rule of another tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignRule {
    /// The tool, in kebab case.
    pub(super) tool: String,
    /// The rule as the tool calls it.
    pub(super) rule: String,
    /// The id of the check; absent where there is none.
    pub(super) requirement: Option<String>,
    /// What differs, or why there is none.
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// What holds for all rules.
const GENERAL: &str = "\
Every rule can be written in a data contract as a quality rule of the type `custom` and the engine
`proofmark`, at a property or at an object, with the id as `check` and the parameters beside it:

```yaml
quality:
  - type: custom
    engine: proofmark
    implementation:
      check: value-range
      minimum: 0
      tolerance: {passing: {at_least: 0.99}}
      where: country = 'NO'   # the rows it speaks of, as an SQL expression
      by: [region]            # each region is judged for itself
```

What is said here holds for all rules; what a rule decides otherwise stands with it.

- In a file without types (CSV, TSV, JSON Lines) a column is read as the type the contract gives it. A value
  that cannot be read as that is null for every rule but `column-type`, `value-type` and `null-fraction`,
  which look at the file.
- A file or table with types (Parquet, Arrow, Avro, Delta Lake, Iceberg, a table on Spark) keeps them,
  whatever the contract says: text in a column that should hold numbers is text, `column-type` says so, and a
  mean of it is not evaluated. Only where a text stands beside a number, a date or a boolean is it read as
  one. It is the same here and on Spark.
- A comparison with null is neither true nor false; a comparison with NaN is false. Numbers follow IEEE 754,
  decimals are read as the nearest floating-point number: beyond 15 digits neighbours become equal.
- A bound is one of `at_least`, `at_most`, `more_than`, `less_than`, `exactly`, `not` with a number, or
  `between`, `outside` with two, ends included. A bound on values also takes ISO 8601 times and texts.
- A tolerance says how many rows may fail: `rows`, a bound on their number; `fraction`, on their share;
  `passing`, on the share that passes; `of: all_rows` counts rows whose value is null in the share. None may
  fail when nothing is said.
- Texts are compared by Unicode scalar value, case and all, without normalisation.
- Dates are midnight UTC; times without an offset are UTC; times with one are instants.
- What cannot be evaluated is reported as not evaluated, with the reason, and does not pass.
";

/// Types that are explained once for all rules.
const EXPLAINED: [(&str, &str); 3] = [
    ("Bound", "bound"),
    ("ScalarBound", "bound on values"),
    ("Tolerance", "tolerance"),
];

/// All rules as one Markdown document, in the order of their ids.
#[must_use]
pub fn reference() -> String {
    let mut text = format!("# Rules\n\n{GENERAL}");
    for kind in CHECKS {
        section(&mut text, kind);
    }
    let without: Vec<&ForeignRule> = FOREIGN_RULES
        .iter()
        .filter(|rule| rule.requirement.is_none())
        .collect();
    text.push_str("\n## Rules of other tools without one of ours\n\n");
    for rule in without {
        let why = rule.note.as_deref().unwrap_or_default();
        text.push_str(&format!("- {} `{}`: {why}\n", rule.tool, rule.rule));
    }
    text
}

fn section(text: &mut String, kind: &CheckKind) {
    let requirement = kind.requirement;
    text.push_str(&format!(
        "\n## `{}`\n\n{}\n\n{}\n\nWhen it is not met: {}\n",
        requirement.id, requirement.summary, kind.semantics, requirement.remedy
    ));
    let schema = (kind.schema)().to_value();
    let rows = parameters(&schema);
    if !rows.is_empty() {
        text.push_str("\n| parameter | value | default | meaning |\n|---|---|---|---|\n");
        rows.iter().for_each(|row| text.push_str(row));
    }
    let foreign: Vec<String> = FOREIGN_RULES
        .iter()
        .filter(|rule| rule.requirement.as_deref() == Some(requirement.id))
        .map(|rule| match &rule.note {
            Some(note) => format!("{} `{}` ({note})", rule.tool, rule.rule),
            None => format!("{} `{}`", rule.tool, rule.rule),
        })
        .collect();
    if !foreign.is_empty() {
        text.push_str(&format!("\nStands for: {}.\n", foreign.join(", ")));
    }
    if !requirement.references.is_empty() {
        text.push_str(&format!(
            "\nFollows: {}.\n",
            requirement.references.join("; ")
        ));
    }
}

/// One row of a table for each parameter.
fn parameters(schema: &Value) -> Vec<String> {
    let required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|names| names.iter().any(|other| other == name))
    };
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    properties
        .iter()
        .map(|(name, property)| {
            let default = match &property["default"] {
                _ if required(name) => "required".to_owned(),
                Value::Null | Value::Object(_) => String::new(),
                default => format!("`{default}`"),
            };
            let meaning = property["description"].as_str().unwrap_or_default();
            format!(
                "| `{name}` | {} | {default} | {} |\n",
                cell(&kind_of(schema, property)),
                cell(meaning)
            )
        })
        .collect()
}

/// What a parameter may be, in words.
fn kind_of(schema: &Value, property: &Value) -> String {
    if let Some(target) = property["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or(target);
        if let Some((_, word)) = EXPLAINED.iter().find(|(explained, _)| *explained == name) {
            return (*word).to_owned();
        }
        return match choices(&schema["$defs"][name]) {
            Some(choices) => choices,
            None => name.to_lowercase(),
        };
    }
    if let Some(alternatives) = property["anyOf"].as_array() {
        let kinds = alternatives.iter().map(|kind| kind_of(schema, kind));
        let kinds: Vec<String> = kinds.filter(|kind| kind != "null").collect();
        return kinds.join(" or ");
    }
    match &property["type"] {
        Value::String(kind) if kind == "array" => match &property["items"] {
            Value::Object(_) => format!("list of {}", kind_of(schema, &property["items"])),
            _ => "list".to_owned(),
        },
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str);
            let kinds: Vec<&str> = kinds.filter(|kind| *kind != "null").collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

/// The words or keys of which one must be chosen.
fn choices(definition: &Value) -> Option<String> {
    let of_word = |word: &Value| Some(format!("`{}`", word.as_str()?));
    if let Some(words) = definition["enum"].as_array() {
        return Some(
            words
                .iter()
                .filter_map(of_word)
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    let alternatives = definition["oneOf"].as_array()?.iter();
    let words = alternatives.flat_map(|alternative| {
        let constant = of_word(&alternative["const"]);
        let listed = alternative["enum"].as_array().into_iter().flatten();
        let keys = alternative["required"].as_array().into_iter().flatten();
        let words: Vec<String> = constant
            .into_iter()
            .chain(listed.filter_map(of_word))
            .chain(keys.filter_map(of_word).map(|key| format!("{key}: …")))
            .collect();
        words
    });
    Some(words.collect::<Vec<_>>().join(", "))
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
