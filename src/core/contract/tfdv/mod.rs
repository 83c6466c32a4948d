//! Schemas of TensorFlow Data Validation: `schema.pbtxt`, the text form of
//! `tensorflow.metadata.v0.Schema`. A rule means what `validate_statistics` of the library does with
//! it; `docs/suites/tfdv.md` has the table and the differences.

mod domains;
mod features;
mod text;

use super::document::Position;
use super::draft::Draft;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat, SuiteText};
use crate::contract::problem::Problem;
use text::Message;

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "tfdv",
    title: "TensorFlow Data Validation schema.pbtxt",
    recognises,
    plan,
};

/// Fields of a schema, and whether they demand nothing of the data.
const SCHEMA_FIELDS: [(&str, bool); 11] = [
    ("feature", false),
    ("sparse_feature", false),
    ("weighted_feature", false),
    ("string_domain", true),
    ("float_domain", true),
    ("int_domain", true),
    ("default_environment", true),
    ("represent_variable_length_as_ragged", true),
    ("annotation", true),
    ("dataset_constraints", false),
    ("tensor_representation_group", true),
];

fn recognises(suite: &SuiteText) -> bool {
    // What reads as YAML or JSON may be read as text format too, if barely.
    if suite.file.ends_with(".pbtxt") {
        return true;
    }
    if suite.document.is_some() {
        return false;
    }
    let Ok(schema) = text::parse(&suite.file, &suite.text) else {
        return false;
    };
    let known = |name: &str| SCHEMA_FIELDS.iter().any(|(field, _)| *field == name);
    schema.last("feature").is_some() && schema.fields.iter().all(|field| known(&field.name))
}

fn plan(suite: &SuiteText, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let schema = text::parse(&suite.file, &suite.text).map_err(|problem| vec![problem])?;
    let mut planner = Planner {
        draft: Draft::new(&suite.file, request, Some("TensorFlow Data Validation")),
        schema: &schema,
        environment: request.environment,
    };
    planner.schema();
    planner.draft.finish()
}

struct Planner<'a> {
    draft: Draft<'a>,
    schema: &'a Message,
    environment: Option<&'a str>,
}

impl Planner<'_> {
    fn schema(&mut self) {
        let schema = self.schema;
        self.environment_is_known();
        self.columns();
        for field in &schema.fields {
            match (field.name.as_str(), field.message()) {
                ("feature", Some(feature)) => self.feature(field.position, feature),
                ("dataset_constraints", Some(constraints)) => self.dataset(constraints),
                ("sparse_feature" | "weighted_feature", _) => {
                    let target = self.draft.target(field.position, None);
                    let why = format!(
                        "`{}` speaks of several columns of one example in TensorFlow's form and is not evaluated",
                        field.name
                    );
                    self.draft.unsupported(target, why);
                }
                (name, _) => match SCHEMA_FIELDS.iter().find(|(field, _)| *field == name) {
                    Some((_, true)) => {}
                    Some((_, false)) => self.draft.problem_at(
                        field.position,
                        format!("`{name}` needs a message in braces"),
                    ),
                    None => {
                        let target = self.draft.target(field.position, None);
                        let why = format!("the field `{name}` of the schema is not known");
                        self.draft.unsupported(target, why);
                    }
                },
            }
        }
    }

    /// A misspelled environment would silently demand nothing.
    fn environment_is_known(&mut self) {
        let Some(wanted) = self.environment else {
            return;
        };
        let features = self.schema.all("feature").filter_map(text::Field::message);
        let mut known = self.schema.texts("default_environment");
        for feature in features {
            known.extend(feature.texts("in_environment"));
            known.extend(feature.texts("not_in_environment"));
        }
        known.sort();
        known.dedup();
        if !known.iter().any(|environment| environment == wanted) {
            let listed: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let problem = Problem::new(
                self.draft.file,
                Position::START,
                format!("the schema has no environment `{wanted}`"),
            );
            let problem = if listed.is_empty() {
                problem.hint("the schema names no environments; leave the environment out")
            } else {
                problem.hint(format!("it names {}", listed.join(", ")))
            };
            self.draft.problem(problem);
        }
    }

    /// Whether the feature is expected in the environment of the data; always when none is given.
    fn is_expected(&self, feature: &Message) -> bool {
        let Some(environment) = self.environment else {
            return true;
        };
        let contains = |names: Vec<String>| names.iter().any(|name| name == environment);
        if contains(feature.texts("in_environment")) {
            return true;
        }
        if contains(feature.texts("not_in_environment")) {
            return false;
        }
        contains(self.schema.texts("default_environment"))
    }
}
