//! JSON Schema
use super::suite::SuiteFormat;
/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "json-schema",
    title: "JSON Schema, drafts 4 to 2020-12",
    recognises: |_| false,
    plan: |_, _| Err(Vec::new()),
};
