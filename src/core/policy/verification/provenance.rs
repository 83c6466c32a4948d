//! How the model was made: SLSA provenance v1.

use serde_json::Value;

use super::signers::Role;
use super::spec::ProvenanceRule;
use super::{Question, statement::Known};
use crate::evidence::{Evidence, Sha256};

pub(super) fn judge(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.provenance else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    let mut stated = question.by(Role::Provenance);
    let found = stated.find_map(|known| match problem(rule, known.value()) {
        None => Some(format!(
            "made by `{}`, says {}",
            text(known.value(), "/runDetails/builder/id"),
            known.read.signer
        )),
        Some(problem) => {
            problems.push(problem);
            None
        }
    });
    let why = || match problems.first() {
        Some(problem) => problem.clone(),
        None => {
            "nobody who may states how the model was made; attest `https://slsa.dev/provenance/v1`"
                .to_owned()
        }
    };
    vec![question.record("provenance", Role::Provenance.name(), found.ok_or_else(why))]
}

/// What keeps a provenance from being the one that is asked for.
fn problem(rule: &ProvenanceRule, predicate: &Value) -> Option<String> {
    let one_of = |wanted: &[String], pointer: &str, what: &str| {
        let found = text(predicate, pointer);
        (!wanted.is_empty() && !wanted.contains(&found))
            .then(|| format!("the {what} is `{found}`, required {}", listed(wanted)))
    };
    if let Some(problem) =
        one_of(&rule.builders, "/runDetails/builder/id", "builder").or_else(|| {
            one_of(
                &rule.build_types,
                "/buildDefinition/buildType",
                "type of build",
            )
        })
    {
        return Some(problem);
    }
    let dependencies = digests(predicate);
    let all = [
        ("dataset", &rule.datasets),
        ("base model", &rule.base_models),
    ];
    for (what, wanted) in all {
        let missing = wanted
            .iter()
            .find(|digest| !dependencies.contains(&digest.to_string()));
        if let Some(digest) = missing {
            return Some(format!(
                "{what} {} is not among the resolved dependencies",
                digest.short()
            ));
        }
    }
    let has_commit = rule
        .commits
        .iter()
        .any(|commit| dependencies.contains(commit));
    (!rule.commits.is_empty() && !has_commit).then(|| {
        format!(
            "no commit among the resolved dependencies is {}",
            listed(&rule.commits)
        )
    })
}

/// The digests of everything the build read, by any algorithm.
fn digests(predicate: &Value) -> Vec<String> {
    let dependencies = predicate.pointer("/buildDefinition/resolvedDependencies");
    let dependencies = dependencies.and_then(Value::as_array).into_iter().flatten();
    let of_one = dependencies.filter_map(|dependency| dependency.get("digest")?.as_object());
    let values = of_one.flat_map(|digests| digests.values());
    values
        .filter_map(Value::as_str)
        .map(str::to_lowercase)
        .collect()
}

/// Whether one of the provenances that count names this dataset.
pub(super) fn names_dataset(question: &Question<'_>, dataset: Sha256) -> bool {
    let names = |known: &Known<'_>| digests(known.value()).contains(&dataset.to_string());
    question.by(Role::Provenance).any(names)
}

/// A text at a place of a predicate; empty where there is none.
pub(super) fn text(predicate: &Value, pointer: &str) -> String {
    let found = predicate.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn listed(wanted: &[String]) -> String {
    let all: Vec<String> = wanted.iter().map(|wanted| format!("`{wanted}`")).collect();
    all.join(" or ")
}
