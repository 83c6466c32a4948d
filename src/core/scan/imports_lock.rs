//! The imports lock: a version of a model imports nothing that the signed scan of an earlier one does not
//! name. An allow-list says what may be imported by any model; the lock says what this one needs.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::judge::joined;
use super::{pickle, verdict};
use crate::evidence::{Evidence, Import, Outcome, Severity, Subject};

/// The requirement.
pub const IMPORTS_LOCK: &str = "imports-lock";

/// The earlier scan that imports are held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportsLock {
    /// Where its signed evidence is: `registry:STAGE` for the model that is live in a stage, or the path of a
    /// file of claims (`claims.jsonl`) or of one signed claim.
    pub earlier: String,
    /// What becomes of the lock when there is no earlier scan.
    #[serde(default)]
    pub first_model: FirstScan,
}

/// What becomes of the lock when there is no earlier scan yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirstScan {
    /// It is not evaluated, so the scan does not pass.
    #[default]
    Fail,
    /// It is left out, and evidence says so.
    Pass,
}

/// Holds the imports of a model against those of an earlier scan: one record for each file that imports
/// something new, or one that nothing is new.
#[must_use]
pub fn judge(model: &str, imports: &[Import], earlier: &[Import], locator: &str) -> Vec<Evidence> {
    let known: BTreeSet<(&str, &str)> = earlier.iter().map(key).collect();
    let mut new: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for import in imports
        .iter()
        .filter(|import| !known.contains(&key(import)))
    {
        let shown = pickle::escape(&format!("{}.{}", import.module, import.name));
        new.entry(&import.file)
            .or_default()
            .insert(format!("`{shown}`"));
    }
    if new.is_empty() {
        let subject = Subject::Model {
            model: model.to_owned(),
        };
        let count: BTreeSet<_> = imports.iter().map(key).collect();
        let message = format!(
            "all {} imports of `{model}` are in the signed scan of `{locator}`",
            count.len()
        );
        return vec![Evidence::new(IMPORTS_LOCK, subject, Outcome::Met, message)];
    }
    let records = new.into_iter().map(|(file, names)| {
        let names: Vec<String> = names.into_iter().collect();
        let message = format!(
            "`{}` imports {}, which the signed scan of `{locator}` does not name",
            pickle::escape(file),
            joined(&names)
        );
        let subject = Subject::File {
            path: file.to_owned(),
        };
        Evidence::new(IMPORTS_LOCK, subject, Outcome::NotMet, message).severity(Severity::Error)
    });
    records.collect()
}

/// The same import has two names in Python 2 and 3, and protocols decide which is written.
fn key(import: &Import) -> (&str, &str) {
    verdict::python3_name(&import.module, &import.name, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(file: &str, module: &str, name: &str) -> Import {
        Import {
            file: file.to_owned(),
            module: module.to_owned(),
            name: name.to_owned(),
            called: true,
            calls: Vec::new(),
        }
    }

    #[test]
    fn what_is_known_may_move_to_another_file_and_protocol() {
        let earlier = [import("a.pkl", "copyreg", "_reconstructor")];
        let now = [import("b.pkl", "copy_reg", "_reconstructor")];
        let records = judge("churn", &now, &earlier, "registry:production");
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].outcome, Outcome::Met);
    }

    #[test]
    fn a_new_import_is_named_for_its_file() {
        let earlier = [import("a.pkl", "numpy", "dtype")];
        let now = [
            import("a.pkl", "numpy", "dtype"),
            import("a.pkl", "numpy", "ndarray"),
            import("b.pt!data.pkl", "torch", "Size"),
        ];
        let records = judge("churn", &now, &earlier, "claims.jsonl");
        let messages: Vec<&str> = records
            .iter()
            .map(|record| record.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "`a.pkl` imports `numpy.ndarray`, which the signed scan of `claims.jsonl` does not name",
                "`b.pt!data.pkl` imports `torch.Size`, which the signed scan of `claims.jsonl` does not name",
            ]
        );
        assert!(records.iter().all(Evidence::blocks));
    }

    #[test]
    fn a_lock_of_nothing_lets_nothing_in() {
        let records = judge("churn", &[import("a", "numpy", "dtype")], &[], "x");
        assert!(records[0].blocks());
    }
}
