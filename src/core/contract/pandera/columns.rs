//! What a schema demands of its columns: presence, type, nulls, uniqueness, order.

use serde_json::{Map, Value};

use super::types::{Named, named};
use super::{Backend, Planner, flag};
use crate::checks::{
    ColumnOrder, ColumnPresence, ColumnRelation, ColumnSet, ColumnType, DuplicateCount,
    FiniteValues, Target, Tolerance, Uniqueness, ValueType,
};
use crate::measure::{LogicalType, NullKeys};

/// Keys of a column that demand nothing, or are read with another one.
const KEYS_WITHOUT_RULE: [&str; 12] = [
    "title",
    "description",
    "name",
    "dtype",
    "nullable",
    "unique",
    "coerce",
    "required",
    "regex",
    "default",
    "report_duplicates",
    "drop_invalid_rows",
];

/// A column and what its rules need to know of it.
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) pointer: &'a str,
    /// Whether values may be NaN, so that a rule has to say what it means by it.
    pub(super) may_be_nan: bool,
    /// Whether values are texts, which have an order of their own.
    pub(super) is_text: bool,
}

impl Planner<'_> {
    pub(super) fn columns(&mut self, value: &Value) {
        if !matches!(value, Value::Object(_) | Value::Array(_) | Value::Null) {
            let position = self.document.position("/columns");
            return self
                .draft
                .problem_at(position, "expected a mapping of columns");
        }
        let declared = self.declared();
        for (name, pointer, column) in &declared {
            self.column(name, pointer, column);
        }
    }

    fn column(&mut self, name: &str, pointer: &str, column: &Map<String, Value>) {
        let target = self
            .draft
            .target(self.document.position(pointer), Some(name));
        if flag(column, "regex", false) {
            let target = Target {
                column: None,
                ..target
            };
            let why = format!(
                "columns found by the pattern `{name}` are not evaluated; name them one by one"
            );
            return self.draft.unsupported(target, why);
        }
        let added = flag(self.schema, "add_missing_columns", false)
            && (flag(column, "nullable", false) || is_set(column, "default"));
        let optional = !flag(column, "required", true) || added;
        if !optional {
            self.draft.add(target.clone(), ColumnPresence {});
        }
        let first = self.draft.plan.checks.len();
        self.rules(name, pointer, column, &target);
        if optional {
            self.draft.make_optional(first);
        }
    }

    fn rules(&mut self, name: &str, pointer: &str, column: &Map<String, Value>, target: &Target) {
        let logical_type = self.value_type(name, pointer, column);
        let may_be_nan = matches!(logical_type, None | Some(LogicalType::Number));
        let own = Column {
            name,
            pointer,
            may_be_nan: may_be_nan && self.backend == Backend::Pandas,
            is_text: logical_type == Some(LogicalType::String),
        };
        if !flag(column, "nullable", false) && !is_set(column, "default") {
            self.not_null(&own, column, target);
        }
        if flag(column, "unique", false) {
            let target = self.at(&own, "unique");
            self.unique(target, Vec::new(), column.get("report_duplicates"));
        }
        if flag(column, "drop_invalid_rows", false) {
            let target = self.at(&own, "drop_invalid_rows");
            self.draft.unsupported(
                target,
                "`drop_invalid_rows` changes the data instead of checking it",
            );
        }
        self.column_checks(&own, column, &KEYS_WITHOUT_RULE);
    }

    pub(super) fn at(&self, column: &Column<'_>, key: &str) -> Target {
        let pointer = format!("{}/{key}", column.pointer);
        self.draft
            .target(self.document.position(&pointer), Some(column.name))
    }

    fn value_type(
        &mut self,
        name: &str,
        pointer: &str,
        column: &Map<String, Value>,
    ) -> Option<LogicalType> {
        let dtype = column.get("dtype").and_then(Value::as_str)?;
        let at = format!("{pointer}/dtype");
        let target = self.draft.target(self.document.position(&at), Some(name));
        let logical_type = match named(dtype) {
            Named::Logical(logical_type) => logical_type,
            Named::Any => return None,
            Named::Unknown => {
                let why =
                    format!("whether values are of the type `{dtype}` cannot be seen in a file");
                self.draft.unsupported(target, why);
                return None;
            }
        };
        self.draft.give_type(name, logical_type);
        let coerce = flag(column, "coerce", false) || flag(self.schema, "coerce", false);
        match (coerce, logical_type) {
            // Anything can be made a text.
            (true, LogicalType::String) => {}
            (true, _) => {
                let types = vec![logical_type];
                let tolerance = Tolerance::none();
                self.draft.add(target, ValueType { types, tolerance });
            }
            (false, _) => self.draft.add(target, ColumnType { logical_type }),
        }
        Some(logical_type)
    }

    fn not_null(&mut self, column: &Column<'_>, keys: &Map<String, Value>, target: &Target) {
        let target = if keys.contains_key("nullable") {
            self.at(column, "nullable")
        } else {
            target.clone()
        };
        if column.may_be_nan {
            let check = FiniteValues {
                nan_allowed: false,
                infinite_allowed: true,
                tolerance: Tolerance::none(),
            };
            self.draft.add(target.clone(), check);
        }
        self.draft.add_not_null(target);
    }

    /// Nulls are equal to one another, and so are NaNs: two nulls in a unique column fail it.
    fn unique(&mut self, target: Target, columns: Vec<String>, report: Option<&Value>) {
        let count = match report.and_then(Value::as_str) {
            Some("exclude_first" | "exclude_last") => DuplicateCount::SurplusRows,
            _ => DuplicateCount::AllRows,
        };
        let check = Uniqueness {
            columns,
            count,
            nulls: NullKeys::Equal,
            ..Uniqueness::default()
        };
        self.draft.add(target, check);
    }

    /// `unique` of the schema: the columns together.
    pub(super) fn unique_together(&mut self, pointer: &str, value: &Value) {
        let columns: Vec<String> = match value {
            Value::String(column) => vec![column.clone()],
            Value::Array(columns) => columns
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        if columns.is_empty() {
            let position = self.document.position(pointer);
            return self
                .draft
                .problem_at(position, "expected the name of a column or a list of names");
        }
        let target = self.draft.target(self.document.position(pointer), None);
        let report = self.schema.get("report_duplicates");
        self.unique(target, columns, report);
    }
}

impl Planner<'_> {
    fn names(&self) -> Vec<String> {
        self.declared().into_iter().map(|(name, ..)| name).collect()
    }

    /// `strict: true`: no column but those of the schema.
    pub(super) fn strict(&mut self, pointer: &str) {
        let target = self.draft.target(self.document.position(pointer), None);
        let check = ColumnSet {
            columns: self.names(),
            relation: ColumnRelation::Within,
            ignore_case: false,
        };
        self.draft.add(target, check);
    }

    /// The columns of the schema come in its order; others may stand among them.
    pub(super) fn ordered(&mut self, pointer: &str) {
        let target = self.draft.target(self.document.position(pointer), None);
        let optional = self
            .declared()
            .iter()
            .any(|(_, _, column)| !flag(column, "required", true));
        if optional {
            return self.draft.unsupported(
                target,
                "the order of columns of which some need not be there is not evaluated",
            );
        }
        let check = ColumnOrder {
            columns: self.names(),
            others_allowed: true,
            ignore_case: false,
        };
        self.draft.add(target, check);
    }
}

fn is_set(column: &Map<String, Value>, key: &str) -> bool {
    column.get(key).is_some_and(|value| !value.is_null())
}
