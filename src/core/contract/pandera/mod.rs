//! Schemas of pandera as YAML or JSON: `schema.to_yaml()` of a `DataFrameSchema` for pandas or polars.
//! A rule means what the pandas backend of pandera 0.35 does with it, and for `api: polars` what the
//! polars backend does; `docs/suites/pandera.md` has the table and the differences.

mod builtin;
mod columns;
mod types;

use serde_json::{Map, Value};

use super::document::{Document, escape};
use super::draft::Draft;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat};

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "pandera",
    title: "pandera schema YAML for pandas and polars",
    recognises: |suite| {
        let document = suite.document.as_ref();
        document
            .and_then(|document| document.value.get("schema_type")?.as_str())
            .is_some_and(|kind| kind == "dataframe" || kind.ends_with("_dataframe"))
    },
    plan: |suite, request| plan(suite.document()?, request),
};

/// The backend whose habits are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backend {
    /// A NaN is a null.
    Pandas,
    /// A NaN is a number.
    Polars,
}

/// Keys of a schema that describe it or say how errors are reported.
const KEYS_WITHOUT_RULE: [&str; 12] = [
    "schema_type",
    "version",
    "api",
    "dataframe_library",
    "name",
    "title",
    "description",
    "metadata",
    "report_duplicates",
    // A file cannot have two columns of one name.
    "unique_column_names",
    // Read with the columns.
    "coerce",
    "add_missing_columns",
];

fn plan(document: &Document, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let Some(schema) = document.value.as_object() else {
        return Err(vec![document.problem("", "expected a mapping")]);
    };
    let kind = schema.get("schema_type").and_then(Value::as_str);
    let backend = match kind {
        Some("polars_dataframe") => Backend::Polars,
        _ => Backend::Pandas,
    };
    let counted_as = match backend {
        Backend::Pandas => "pandera on pandas",
        Backend::Polars => "pandera on polars",
    };
    let mut planner = Planner {
        document,
        draft: Draft::new(&document.file, request, Some(counted_as)),
        schema,
        backend,
    };
    if !matches!(kind, Some("dataframe" | "polars_dataframe")) {
        let target = planner
            .draft
            .target(document.position("/schema_type"), None);
        let why = format!(
            "schemas of the kind `{}` are not evaluated; those for pandas and polars are",
            kind.unwrap_or("?")
        );
        planner.draft.unsupported(target, why);
        return planner.draft.finish();
    }
    planner.schema();
    planner.draft.finish()
}

struct Planner<'a> {
    document: &'a Document,
    draft: Draft<'a>,
    schema: &'a Map<String, Value>,
    backend: Backend,
}

impl Planner<'_> {
    fn schema(&mut self) {
        for (key, value) in self.schema {
            let pointer = format!("/{}", escape(key));
            let is_set = !matches!(value, Value::Null | Value::Bool(false));
            match key.as_str() {
                "columns" => self.columns(value),
                "checks" if is_set => self.frame_checks(&pointer, value),
                "unique" if is_set => self.unique_together(&pointer, value),
                "strict" if value == true => self.strict(&pointer),
                // Columns that are too many are dropped before anything is checked.
                "strict" if value == "filter" => {}
                "ordered" if is_set => self.ordered(&pointer),
                "index" if is_set => self.index(&pointer, value),
                "multiindex" | "dtype" | "drop_invalid_rows" if is_set => {
                    let target = self.draft.target(self.document.position(&pointer), None);
                    self.draft
                        .unsupported(target, format!("`{key}` is not evaluated"));
                }
                "checks" | "unique" | "strict" | "ordered" | "index" | "multiindex" | "dtype"
                | "drop_invalid_rows" => {}
                key if KEYS_WITHOUT_RULE.contains(&key) => {}
                key => {
                    let target = self.draft.target(self.document.position(&pointer), None);
                    let why = format!("the key `{key}` of a pandera schema is not known");
                    self.draft.unsupported(target, why);
                }
            }
        }
    }

    /// The columns with their names and places; a schema writes them as a mapping, or as a list when a
    /// name is no text.
    fn declared(&self) -> Vec<(String, String, Map<String, Value>)> {
        let mut declared: Vec<_> = match self.schema.get("columns") {
            Some(Value::Object(columns)) => columns
                .iter()
                .map(|(name, column)| {
                    let pointer = format!("/columns/{}", escape(name));
                    (name.clone(), pointer, members_of(column))
                })
                .collect(),
            Some(Value::Array(columns)) => columns
                .iter()
                .enumerate()
                .filter_map(|(index, column)| {
                    let name = column.get("name")?.as_str()?;
                    Some((
                        name.to_owned(),
                        format!("/columns/{index}"),
                        members_of(column),
                    ))
                })
                .collect(),
            _ => Vec::new(),
        };
        // In the order they are written, which a mapping in memory does not keep.
        declared.sort_by_key(|(_, pointer, _)| {
            let position = self.document.position(pointer);
            (position.line, position.column)
        });
        declared
    }

    /// An unnamed index of whole numbers without checks is what every file gets when it is read.
    fn index(&mut self, pointer: &str, value: &Value) {
        let levels = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_default = |level: &Map<String, Value>| {
            level.iter().all(|(key, value)| match key.as_str() {
                "dtype" => value.as_str().is_some_and(|dtype| dtype.starts_with("int")),
                "title" | "description" | "coerce" | "unique" | "nullable" | "required"
                | "report_duplicates" => true,
                _ => matches!(value, Value::Null | Value::Bool(false)),
            })
        };
        if let [level] = levels
            && level.as_object().is_some_and(is_default)
        {
            return;
        }
        let target = self.draft.target(self.document.position(pointer), None);
        self.draft.unsupported(
            target,
            "rules on the index are not evaluated: a file has none; make it a column",
        );
    }
}

fn members_of(column: &Value) -> Map<String, Value> {
    column.as_object().cloned().unwrap_or_default()
}

fn flag(map: &Map<String, Value>, key: &str, default: bool) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(default)
}
