//! Rows must be accepted by a JSON Schema.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullCondition, Requirement, Target, Tolerance, demanded, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Format, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "json-schema",
    summary: "Every row, as a JSON object, is accepted by the JSON Schema.",
    remedy: "Correct the rows upstream, or adapt the schema.",
    references: &[
        "JSON Schema drafts 4 to 2020-12",
        "Open Data Contract Standard 3.1: nested `properties`, `items`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "A row is an object with one member for each column, null where the value is null; numbers stay numbers, dates and times are texts of ISO 8601. References to other documents are not followed. Empty data is met. For the texts of one column see `value-format`.";

/// The JSON Schema of the rows.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonSchemaRows {
    /// The schema.
    pub schema: serde_json::Value,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// Why a JSON Schema cannot be used, if it cannot.
pub(super) fn problem(schema: &serde_json::Value) -> Option<String> {
    let error = jsonschema::options()
        .with_retriever(Nowhere)
        .build(schema)
        .err()?;
    Some(format!("the JSON Schema cannot be used: {error}"))
}

/// Fetches no document a schema refers to: a rule means the same wherever it is run.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("`{uri}` is another document").into())
    }
}

impl JsonSchemaRows {
    fn plan(&self) -> Result<Vec<Measure>, String> {
        if let Some(why) = problem(&self.schema) {
            return Err(why);
        }
        let accepted = Condition::HasFormat(Value::Row, Format::JsonSchema(self.schema.clone()));
        Ok(vec![demanded(accepted, NullCondition::Fail, None)])
    }
}

impl Check for JsonSchemaRows {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, _target: &Target) -> Option<String> {
        self.plan().err()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        self.plan().unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan() {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = "are not accepted by the schema";
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, wrong)
    }
}
