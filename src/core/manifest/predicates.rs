//! Statements whose predicate is another program's, and the ones of other specifications that this program
//! makes: how a model was made, and what a verification found.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::error::InvalidClaim;
use super::statement::{Document, SUBJECTS_MAX};
use crate::evidence::{InputRef, RunIdentity, Sha256, SubjectDigest, Verdict};

/// How something was built: SLSA provenance v1.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// What a verification found: SLSA verification summary v1.
pub const VERIFICATION_SUMMARY: &str = "https://slsa.dev/verification_summary/v1";
/// What a person found: in-toto human review v0.1.
pub const HUMAN_REVIEW: &str = "https://in-toto.io/attestation/human-review/v0.1";

/// How models are trained by a job of a build system, as a `buildType`.
const BUILD_TYPE: &str = "https://github.com/proofmark/proofmark/training-job/v1";
/// Who made a statement, where nothing else says.
const LOCAL_BUILDER: &str = "https://github.com/proofmark/proofmark/local";
/// Who verified.
const VERIFIER: &str = "https://github.com/proofmark/proofmark/verify";

/// A statement with any predicate about `subjects`, as the bytes to sign.
///
/// # Errors
/// When there is no subject, or too many, or the type is no URI, or the predicate is no object.
pub fn statement(
    subjects: &[SubjectDigest],
    predicate_type: &str,
    predicate: Value,
) -> Result<Vec<u8>, InvalidClaim> {
    match subjects.len() {
        0 => return Err(InvalidClaim::SubjectCount(0, "at least 1")),
        count if SUBJECTS_MAX < count => {
            return Err(InvalidClaim::SubjectCount(count, "at most 1024"));
        }
        _ => {}
    }
    // A type URI as in-toto wants it: a scheme, a colon and no white space.
    let is_uri = predicate_type
        .split_once(':')
        .is_some_and(|(scheme, rest)| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && !rest.is_empty()
        });
    if !is_uri || predicate_type.contains(char::is_whitespace) {
        let problem = format!("the predicate type `{predicate_type}` is no URI");
        return Err(InvalidClaim::Statement(problem));
    }
    if !predicate.is_object() {
        let problem = "the predicate is no JSON object".to_owned();
        return Err(InvalidClaim::Statement(problem));
    }
    Ok(Document::new(subjects, predicate_type, predicate).to_json())
}

/// What a model was made of.
#[derive(Clone, Copy, Debug)]
pub struct Materials<'a> {
    /// The datasets.
    pub datasets: &'a [SubjectDigest],
    /// The models it was made from, by root digest.
    pub base_models: &'a [SubjectDigest],
}

/// The provenance of a model made by this run, from what it was made of: builder and commit are those of
/// the build system the run is a job of.
#[must_use]
pub fn provenance(run: &RunIdentity, materials: Materials<'_>) -> Value {
    let ci = run.ci.as_ref();
    let sha256 = |kind: &'static str| {
        move |one: &SubjectDigest| {
            json!({
                "name": one.name,
                "digest": {"sha256": one.sha256},
                "annotations": {"proofmark_kind": kind},
            })
        }
    };
    let datasets = materials.datasets.iter().map(sha256("dataset"));
    let base_models = materials.base_models.iter().map(sha256("base-model"));
    let configuration = run
        .configuration
        .iter()
        .map(|input: &InputRef| json!({"name": input.locator, "digest": {"sha256": input.sha256}}));
    let source = ci.and_then(|ci| {
        let (repository, commit) = (ci.repository.as_ref()?, ci.commit.as_ref()?);
        Some(json!({"uri": format!("git+{repository}"), "digest": {"gitCommit": commit}}))
    });
    let dependencies: Vec<Value> = source
        .into_iter()
        .chain(datasets)
        .chain(base_models)
        .chain(configuration)
        .collect();
    let builder = ci.map_or_else(
        || LOCAL_BUILDER.to_owned(),
        |ci| format!("https://github.com/proofmark/proofmark/{}", ci.system),
    );
    let mut metadata = json!({"startedOn": time(run.started_at)});
    if let Some(url) = ci.and_then(|ci| ci.run_url.as_ref()) {
        metadata["invocationId"] = json!(url);
    }
    json!({
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "repository": ci.and_then(|ci| ci.repository.as_ref()),
                "directory": ci.and_then(|ci| ci.directory.as_ref()),
            },
            "resolvedDependencies": dependencies,
        },
        "runDetails": {
            "builder": {"id": builder, "version": {run.tool.name.as_str(): run.tool.version}},
            "metadata": metadata,
        },
    })
}

/// Whether two statements say the same: to the letter, or two of how something was built by the same builder,
/// of the same, in the same invocation, which differ only in when that was.
#[must_use]
pub fn says_the_same(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let timeless = |payload: &[u8]| -> Option<Value> {
        let mut statement: Value = serde_json::from_slice(payload).ok()?;
        if statement.get("predicateType")? != PROVENANCE {
            return None;
        }
        let metadata = statement.pointer_mut("/predicate/runDetails/metadata")?;
        for time in ["startedOn", "finishedOn"] {
            metadata.as_object_mut()?.remove(time);
        }
        Some(statement)
    };
    match (timeless(one), timeless(other)) {
        (Some(one), Some(other)) => one == other,
        (_, _) => false,
    }
}

/// What was verified, by which policy.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// What it was verified as: `models/credit-risk/production`.
    pub resource: &'a str,
    /// The policy.
    pub policy: &'a InputRef,
    /// The bundles that were judged.
    pub bundles: &'a [Sha256],
    /// What came of it.
    pub verdict: Verdict,
    /// When.
    pub at: DateTime<Utc>,
    /// The version of this program.
    pub tool_version: &'a str,
}

/// The summary of a verification.
#[must_use]
pub fn verification_summary(verification: &Verification<'_>) -> Value {
    let attestation = |sha256: &Sha256| json!({"digest": {"sha256": sha256}});
    let passed = verification.verdict.passed();
    json!({
        "verifier": {"id": VERIFIER, "version": {"proofmark": verification.tool_version}},
        "timeVerified": time(verification.at),
        "resourceUri": verification.resource,
        "policy": {
            "uri": verification.policy.locator,
            "digest": {"sha256": verification.policy.sha256},
        },
        "inputAttestations": verification.bundles.iter().map(attestation).collect::<Vec<_>>(),
        "verificationResult": if passed { "PASSED" } else { "FAILED" },
        // What was verified is what the policy says; no level of SLSA is claimed.
        "verifiedLevels": if passed { vec!["PROOFMARK_POLICY"] } else { Vec::new() },
        "slsaVersion": "1.0",
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{CiContext, Tool};

    fn subject(name: &str) -> SubjectDigest {
        SubjectDigest {
            name: name.to_owned(),
            sha256: Sha256::of(name.as_bytes()),
        }
    }

    fn run(ci: Option<CiContext>) -> RunIdentity {
        RunIdentity {
            tool: Tool {
                name: "proofmark".to_owned(),
                version: "0.4.0".to_owned(),
            },
            started_at: DateTime::from_timestamp(1_780_000_000, 0).expect("a time"),
            configuration: Vec::new(),
            ci,
            partitions: Vec::new(),
        }
    }

    #[test]
    fn provenance_names_commit_data_and_base_models() {
        let ci = CiContext {
            system: "github".to_owned(),
            repository: Some("acme/credit".to_owned()),
            commit: Some("ab".repeat(20)),
            run_url: Some("https://forge.example/runs/1".to_owned()),
            directory: None,
        };
        let materials = Materials {
            datasets: &[subject("training")],
            base_models: &[subject("base")],
        };
        let found = provenance(&run(Some(ci)), materials);
        let dependency = |index: usize| {
            let pointer = format!("/buildDefinition/resolvedDependencies/{index}/digest");
            found.pointer(&pointer).cloned()
        };
        assert_eq!(dependency(0), Some(json!({"gitCommit": "ab".repeat(20)})));
        assert_eq!(
            dependency(1),
            Some(json!({"sha256": Sha256::of(b"training")}))
        );
        assert_eq!(dependency(2), Some(json!({"sha256": Sha256::of(b"base")})));
        assert_eq!(
            found["runDetails"]["builder"]["id"],
            "https://github.com/proofmark/proofmark/github"
        );
        assert_eq!(
            found["runDetails"]["metadata"]["startedOn"],
            "2026-05-28T20:26:40Z"
        );
        let alone = provenance(
            &run(None),
            Materials {
                datasets: &[],
                base_models: &[],
            },
        );
        assert_eq!(alone["runDetails"]["builder"]["id"], LOCAL_BUILDER);
    }

    #[test]
    fn provenance_at_another_time_says_the_same_and_of_anything_else_does_not() {
        let stated = |at: i64, url: Option<&str>, datasets: &[SubjectDigest]| {
            let ci = url.map(|url| CiContext {
                system: "github".to_owned(),
                repository: Some("acme/credit".to_owned()),
                commit: Some("ab".repeat(20)),
                run_url: Some(url.to_owned()),
                directory: None,
            });
            let mut run = run(ci);
            run.started_at = DateTime::from_timestamp(at, 0).expect("a time");
            let materials = Materials {
                datasets,
                base_models: &[],
            };
            let predicate = provenance(&run, materials);
            statement(&[subject("model")], PROVENANCE, predicate).expect("a statement")
        };
        let data = [subject("training")];
        let first = stated(0, Some("https://forge.example/runs/1"), &data);
        let later = stated(9, Some("https://forge.example/runs/1"), &data);
        assert!(first != later && says_the_same(&first, &later));
        for other in [
            stated(0, Some("https://forge.example/runs/2"), &data),
            stated(0, None, &data),
            stated(0, Some("https://forge.example/runs/1"), &[]),
        ] {
            assert!(!says_the_same(&first, &other));
        }
        // When a person looked is part of what is said.
        let review = |time: &str| {
            let predicate = json!({"runDetails": {"metadata": {"startedOn": time}}});
            statement(&[subject("model")], HUMAN_REVIEW, predicate).expect("a statement")
        };
        assert!(!says_the_same(&review("1"), &review("2")));
        assert!(says_the_same(&review("1"), &review("1")));
        assert!(!says_the_same(b"{", b"["));
    }

    #[test]
    fn a_statement_has_subjects_a_type_and_an_object() {
        let about = [subject("model")];
        assert!(statement(&about, HUMAN_REVIEW, json!({"result": "pass"})).is_ok());
        assert!(statement(&[], HUMAN_REVIEW, json!({})).is_err());
        assert!(statement(&about, "human review", json!({})).is_err());
        assert!(statement(&about, "https://a b", json!({})).is_err());
        assert!(statement(&about, HUMAN_REVIEW, json!([1])).is_err());
    }
}
