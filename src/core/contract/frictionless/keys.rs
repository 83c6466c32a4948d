//! Keys of a schema: primary, unique, foreign.

use serde_json::Value;

use super::{Planner, names};
use crate::checks::{CompleteRows, Fails, Filled, ReferentialIntegrity, Tolerance, Uniqueness};
use crate::measure::NullKeys;

impl Planner<'_> {
    /// The parts together: some may have no value, but not all.
    pub(super) fn primary_key(&mut self, pointer: &str, value: &Value) {
        let columns = names(value);
        if columns.is_empty() {
            return;
        }
        let target = self.draft.target(self.document.position(pointer), None);
        let some = CompleteRows {
            columns: columns.clone(),
            filled: Filled::Any,
            tolerance: Tolerance::none(),
        };
        self.draft.add(target.clone(), some);
        let check = Uniqueness {
            columns,
            nulls: NullKeys::SkipAll,
            ..Uniqueness::default()
        };
        self.draft.add(target, check);
    }

    pub(super) fn unique_keys(&mut self, pointer: &str, value: &Value) {
        let keys = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, key) in keys.iter().enumerate() {
            let at = format!("{pointer}/{index}");
            let target = self.draft.target(self.document.position(&at), None);
            let check = Uniqueness {
                columns: names(key),
                ..Uniqueness::default()
            };
            self.draft.add(target, check);
        }
    }

    pub(super) fn foreign_keys(&mut self, pointer: &str, value: &Value) {
        let keys = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, key) in keys.iter().enumerate() {
            let at = format!("{pointer}/{index}");
            let target = self.draft.target(self.document.position(&at), None);
            let here = key.get("fields").map(names).unwrap_or_default();
            let there = key
                .pointer("/reference/fields")
                .map(names)
                .unwrap_or_default();
            let resource = key
                .pointer("/reference/resource")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if here.is_empty() || here.len() != there.len() {
                let position = self.document.position(&at);
                self.draft.problem_at(
                    position,
                    "a foreign key needs as many `fields` as its `reference` has",
                );
                continue;
            }
            let dataset = if resource.is_empty() || resource == "self" {
                self.draft.request.dataset.to_owned()
            } else {
                resource.to_owned()
            };
            let check = ReferentialIntegrity {
                columns: here,
                dataset,
                columns_there: there,
                rows_there: None,
                fails: Fails::Absent,
                nulls: NullKeys::SkipAll,
                tolerance: Tolerance::none(),
            };
            self.draft.add(target, check);
        }
    }
}
