//! The policy as it is written: who may state what, and what must have been stated.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::signers::SignerRule;
use crate::evidence::Sha256;
use crate::policy::PolicyProblem;

/// What a model must have behind it to be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationPolicy {
    /// Version of the format of the policy: 1.
    pub version: u32,
    /// Whose signatures are believed at all.
    pub trust: TrustSpec,
    /// Who may state what, by name. A statement by anybody else speaks for nothing.
    pub signers: BTreeMap<String, SignerRule>,
    /// The types of statements there may be, as URIs; of any type when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicate_types: Vec<String>,
    /// What must have been stated.
    pub require: Required,
    /// What is refused whoever speaks for it.
    #[serde(default)]
    pub deny: DenyRule,
}

/// Whose signatures are believed: keys, and authorities that vouch for names. Files are relative to the
/// policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrustSpec {
    /// Public keys: PEM files, or references such as `env://VARIABLE`.
    pub keys: Vec<String>,
    /// Files of certificates (PEM) of authorities that vouch for `certificate`.
    pub certificate_roots: Vec<String>,
    /// Files of certificates (PEM) of authorities for time stamps.
    pub timestamp_roots: Vec<String>,
    /// Files of trusted roots of Sigstore, which vouch for `issuer`; `public` for the public instance.
    pub sigstore_roots: Vec<String>,
    /// Whether bundles of the versions 0.1 and 0.2 count too. They prove less than 0.3, and anybody can make one
    /// of a bundle of 0.3, so this counts on less for every statement.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_old_bundle_versions: bool,
}

/// What must have been stated about the model; what is absent is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Required {
    /// How the model was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<ProvenanceRule>,
    /// That the gate let it pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<ReportRule>,
    /// That the data it was made of is fit. With `provenance`, the same data that names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<ReportRule>,
    /// That all of its files were looked at and are safe to load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanRule>,
    /// What it consists of, under which licences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_of_materials: Option<BillRule>,
    /// That it is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardRule>,
    /// That people approved of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<ApprovalRule>,
    /// That it was verified for an earlier stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_stage: Option<PreviousStageRule>,
    /// That no higher version was promoted already.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_downgrade: bool,
    /// That several verify it independently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifiers: Option<VerifierRule>,
}

/// How the model was made: `https://slsa.dev/provenance/v1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProvenanceRule {
    /// Who may have built it, by `runDetails.builder.id`; anybody when empty.
    pub builders: Vec<String>,
    /// How it may have been built, by `buildDefinition.buildType`; anyhow when empty.
    pub build_types: Vec<String>,
    /// Digests of datasets, all of which must be among the dependencies.
    pub datasets: Vec<Sha256>,
    /// Root digests of base models, all of which must be among the dependencies.
    pub base_models: Vec<Sha256>,
    /// Commits, one of which must be among the dependencies; none need be when empty.
    pub commits: Vec<String>,
}

/// A signed report of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportRule {
    /// SHA-256 of the configuration the step must have read: the bounds in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Sha256>,
    /// Requirements that must have been judged and met, by id.
    pub tests: Vec<String>,
    /// How old the run may be, in days of 86,400 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
}

/// A signed report of a scan that covers every file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanRule {
    /// The least version of the program that scanned: `0.3.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner_at_least: Option<String>,
    /// How old the scan may be, in days of 86,400 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
}

/// A signed bill of materials: CycloneDX, or SPDX 2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BillRule {
    /// SPDX identifiers of licences, one of which every component must have; any when empty.
    pub licences: Vec<String>,
}

/// Documentation: a signed report of the card, or a file of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CardRule {
    /// A file of the model that is the card, instead of a signed report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Approvals by people: `https://in-toto.io/attestation/human-review/v0.1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// How many different people, none of whom built or tested the model.
    pub count: usize,
    /// How old an approval may be, in days of 86,400 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
}

/// A passed verification for an earlier stage: `https://slsa.dev/verification_summary/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousStageRule {
    /// What it was verified as, by `resourceUri`.
    pub resource: String,
    /// How old the verification may be, in days of 86,400 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
}

/// Passed verifications by several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifierRule {
    /// How many different signers.
    pub at_least: usize,
}

/// What is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DenyRule {
    /// Root digests of models, or digests of single files.
    pub digests: Vec<Sha256>,
    /// Names in certificates and fingerprints of keys whose statements must not be there.
    pub identities: Vec<String>,
    /// SHA-256 of certificates that must not have signed.
    pub certificates: Vec<Sha256>,
}

impl VerificationPolicy {
    /// Everything that keeps the policy from being usable, beyond what its shape already forbids.
    #[must_use]
    pub fn problems(&self) -> Vec<PolicyProblem> {
        let mut problems = Vec::new();
        let mut add = |path: &str, message: String| {
            problems.push(PolicyProblem {
                path: path.to_owned(),
                message,
            });
        };
        if self.version != 1 {
            add(
                "version",
                format!("version {} is not known; expected 1", self.version),
            );
        }
        if self.signers.is_empty() {
            add(
                "signers",
                "nobody may state anything, so nothing can pass".to_owned(),
            );
        }
        for (name, rule) in &self.signers {
            if let Some(message) = rule.problem() {
                add(&format!("signers.{name}"), message);
            }
        }
        if self.require == Required::default() && self.deny == DenyRule::default() {
            add(
                "require",
                "the policy asks for nothing, so everything would pass".to_owned(),
            );
        }
        if self
            .require
            .approvals
            .as_ref()
            .is_some_and(|rule| rule.count == 0)
        {
            add(
                "require.approvals.count",
                "no approval is needed; the least is 1".to_owned(),
            );
        }
        if self
            .require
            .verifiers
            .as_ref()
            .is_some_and(|rule| rule.at_least == 0)
        {
            add(
                "require.verifiers.at_least",
                "no verifier is needed; the least is 1".to_owned(),
            );
        }
        let version = self
            .require
            .scan
            .as_ref()
            .and_then(|rule| rule.scanner_at_least.as_ref());
        if let Some(version) = version
            && super::version::Version::parse(version).is_none()
        {
            let message = format!("`{version}` is not a version such as `0.3.0`");
            add("require.scan.scanner_at_least", message);
        }
        problems
    }
}
