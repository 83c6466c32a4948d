//! Answers that must be JSON.

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{InvalidOptions, Kernel, NotComparable, Statistics, TextMetric, parse, plain, python};
use crate::metrics::options::OptionKind;
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Levels that are read, the limit of serde_json.
const DEPTH_MAX: u32 = 128;

const CODE_FENCE: OptionSpec = OptionSpec::flag(
    "code_fence",
    "whether one Markdown code fence around the whole answer is taken off first",
);

/// Valid JSON.
pub const JSON_VALID: TextMetric = TextMetric {
    id: "json_valid",
    title: "Valid JSON",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of answers that are one JSON text, with nothing but white space around it; `NaN`, `Infinity`, comments and trailing commas are not JSON",
    reference: "RFC 8259; Python's `json.loads` but for `NaN` and `Infinity`, which it accepts",
    options: &[CODE_FENCE],
    recorded: false,
    build: plain::<JsonValid>,
};

/// JSON a schema accepts.
pub const JSON_SCHEMA_VALID: TextMetric = TextMetric {
    id: "json_schema_valid",
    title: "Accepted by the JSON Schema",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of answers that are JSON, as `json_valid`, and that the JSON Schema accepts; JSON nested more than 128 levels deep is undefined; numbers beyond a 64-bit float and lone surrogates are not accepted; `format` is an annotation, patterns have neither look-around nor back-references, references to other documents are not followed",
    reference: "JSON Schema drafts 4 to 2020-12",
    options: &[
        OptionSpec {
            name: "schema",
            kind: OptionKind::Object,
            doc: "the JSON Schema",
        },
        CODE_FENCE,
    ],
    recorded: false,
    build: build_schema,
};

/// Options of [`JSON_VALID`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JsonValid {
    /// Whether one Markdown code fence around the whole answer is taken off first.
    pub code_fence: bool,
}

/// Options of [`JSON_SCHEMA_VALID`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonSchemaValid {
    /// The schema.
    pub schema: serde_json::Value,
    /// Whether one Markdown code fence around the whole answer is taken off first.
    #[serde(default)]
    pub code_fence: bool,
}

impl Kernel for JsonValid {
    fn row(&self, _: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        Ok(Statistics::of_bool(is_json(bare(
            hypothesis,
            self.code_fence,
        ))))
    }

    fn needs_references(&self) -> bool {
        false
    }
}

/// A schema, compiled.
struct Compiled {
    validator: Validator,
    code_fence: bool,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JsonSchemaValid")
    }
}

fn build_schema(options: &serde_json::Value) -> Result<Box<dyn Kernel>, InvalidOptions> {
    let options: JsonSchemaValid = parse(options)?;
    let validator = jsonschema::options()
        .with_retriever(Nowhere)
        // Backtracking that gives up would count as no match, which `not` turns into a pass.
        .with_pattern_options(PatternOptions::regex())
        .build(&options.schema);
    Ok(Box::new(Compiled {
        validator: validator.map_err(|error| InvalidOptions(format!("`schema`: {error}")))?,
        code_fence: options.code_fence,
    }))
}

impl Kernel for Compiled {
    fn row(&self, _: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let text = bare(hypothesis, self.code_fence);
        let is_accepted = match serde_json::from_str(text) {
            Ok(value) => self.validator.is_valid(&value),
            // The only way serde_json has to tell this limit from a mistake.
            Err(error) if is_json(text) && error.to_string().starts_with("recursion limit") => {
                return Err(NotComparable::NestedTooDeeply { depth: DEPTH_MAX }.into());
            }
            Err(_) => false,
        };
        Ok(Statistics::of_bool(is_accepted))
    }

    fn needs_references(&self) -> bool {
        false
    }
}

/// Fetches no document a schema refers to: a gate means the same wherever it is run.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("`{uri}` is another document").into())
    }
}

/// Whether the text has the grammar of JSON, however deep; nothing is made of it.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The text in the code fence, when one encloses all of the answer.
fn bare(text: &str, code_fence: bool) -> &str {
    let trimmed = text.trim_matches(python::is_space);
    let inner = trimmed
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"));
    match inner.and_then(|inner| inner.split_once('\n')) {
        Some((_, body)) if code_fence => body,
        _ => text,
    }
}
