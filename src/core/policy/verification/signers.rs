//! Who signed, and who may say what.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Question;
use crate::evidence::{Evidence, Sha256};

/// Who signed a statement, as its signature proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// Whoever holds a key.
    Key {
        /// SHA-256 of the public key, as hexadecimal digits.
        fingerprint: String,
    },
    /// Whoever holds the key of a certificate, which an authority vouches for.
    Certificate {
        /// The subject, as RFC 4514 writes it.
        subject: String,
        /// The alternative names: e-mail addresses, URIs, host names.
        names: Vec<String>,
        /// SHA-256 of the certificate.
        sha256: Sha256,
    },
    /// Somebody or something that proved who it is to an OpenID provider.
    Identity {
        /// The provider.
        issuer: String,
        /// The name in the certificate.
        name: String,
        /// What the provider says of the build.
        claims: BTreeMap<BuildClaim, String>,
        /// SHA-256 of the certificate.
        sha256: Sha256,
    },
}

/// What a certificate of Fulcio says of the build that asked for it (extensions 1.3.6.1.4.1.57264.1.9 to
/// .24).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuildClaim {
    /// .9: the workflow that signed, with its ref.
    BuildSignerUri,
    /// .10: the commit of that workflow.
    BuildSignerDigest,
    /// .11: `github-hosted` or `self-hosted`.
    RunnerEnvironment,
    /// .12: the repository, as a URL.
    SourceRepositoryUri,
    /// .13: the commit that was built.
    SourceRepositoryDigest,
    /// .14: the ref that was built.
    SourceRepositoryRef,
    /// .15: the number of the repository, which renaming does not change.
    SourceRepositoryIdentifier,
    /// .16: the owner, as a URL.
    SourceRepositoryOwnerUri,
    /// .17: the number of the owner.
    SourceRepositoryOwnerIdentifier,
    /// .18: the workflow that was started, with its ref.
    BuildConfigUri,
    /// .19: the commit of that workflow.
    BuildConfigDigest,
    /// .20: what started it: `push`, `workflow_dispatch`.
    BuildTrigger,
    /// .21: the run, as a URL.
    RunInvocationUri,
    /// .22: `public`, `private` or `internal`.
    SourceRepositoryVisibility,
    /// .23: the deployment environment.
    DeploymentEnvironment,
    /// .24: the subject of the token.
    TokenSubject,
}

impl BuildClaim {
    /// Every claim with the last arc of its object identifier.
    pub const ALL: [(Self, u32); 16] = [
        (Self::BuildSignerUri, 9),
        (Self::BuildSignerDigest, 10),
        (Self::RunnerEnvironment, 11),
        (Self::SourceRepositoryUri, 12),
        (Self::SourceRepositoryDigest, 13),
        (Self::SourceRepositoryRef, 14),
        (Self::SourceRepositoryIdentifier, 15),
        (Self::SourceRepositoryOwnerUri, 16),
        (Self::SourceRepositoryOwnerIdentifier, 17),
        (Self::BuildConfigUri, 18),
        (Self::BuildConfigDigest, 19),
        (Self::BuildTrigger, 20),
        (Self::RunInvocationUri, 21),
        (Self::SourceRepositoryVisibility, 22),
        (Self::DeploymentEnvironment, 23),
        (Self::TokenSubject, 24),
    ];
}

/// As the policy and the command line write it: `source_repository_identifier`.
impl fmt::Display for BuildClaim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

impl std::str::FromStr for BuildClaim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut known = Self::ALL.into_iter().map(|(claim, _)| claim);
        known
            .find(|claim| claim.to_string() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(|(claim, _)| format!("`{claim}`"));
                format!(
                    "`{text}` is nothing a certificate says of a build: expected one of {}",
                    names.join(", ")
                )
            })
    }
}

impl fmt::Display for SignedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { fingerprint } => write!(formatter, "key {}", short(fingerprint)),
            Self::Certificate { subject, names, .. } => match names.first() {
                Some(name) => write!(formatter, "certificate of `{name}`"),
                None => write!(formatter, "certificate of `{subject}`"),
            },
            Self::Identity { issuer, name, .. } => {
                write!(formatter, "`{name}`, vouched for by {issuer}")
            }
        }
    }
}

fn short(fingerprint: &str) -> String {
    fingerprint.chars().take(12).collect()
}

/// What a signer speaks of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// How the model was made.
    Provenance,
    /// Whether the gate let it pass.
    Gate,
    /// Whether the data is fit.
    Data,
    /// Whether it is safe to load.
    Scan,
    /// What it consists of.
    BillOfMaterials,
    /// Whether it is documented.
    Card,
    /// Whether a person approves of it.
    Approval,
    /// Whether it was verified, for a stage or altogether.
    Verification,
}

impl Role {
    /// As the policy writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Provenance => "provenance",
            Self::Gate => "gate",
            Self::Data => "data",
            Self::Scan => "scan",
            Self::BillOfMaterials => "bill_of_materials",
            Self::Card => "card",
            Self::Approval => "approval",
            Self::Verification => "verification",
        }
    }
}

/// Somebody who may state something: by a key, a certificate, or an identity, exactly one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerRule {
    /// What the signer may speak of.
    pub may: Vec<Role>,
    /// SHA-256 of the public key, as `verify` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Sha256>,
    /// A name in a certificate that an authority the command line trusts vouches for, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Who vouches for the identity, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The name of the identity, to the letter; with `issuer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What the certificate must say of the build, to the letter; with `issuer`. Numbers of repositories
    /// and owners stay when these are renamed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<BuildClaim, String>,
}

impl SignerRule {
    /// Why the rule cannot be meant as it is written.
    pub(super) fn problem(&self) -> Option<String> {
        let ways = [
            self.key.is_some(),
            self.certificate.is_some(),
            self.issuer.is_some(),
        ];
        if ways.iter().filter(|given| **given).count() != 1 {
            return Some("expected exactly one of `key`, `certificate` and `issuer`".to_owned());
        }
        let narrowed = self.identity.is_some() || !self.claims.is_empty();
        match (self.issuer.is_some(), narrowed) {
            (true, false) => Some(
                "everybody this issuer vouches for would be trusted; add `identity` or `claims`"
                    .to_owned(),
            ),
            (false, true) => Some("`identity` and `claims` need `issuer`".to_owned()),
            (_, _) if self.may.is_empty() => Some("the signer may say nothing".to_owned()),
            (_, _) => None,
        }
    }

    /// Whether it is about this signer.
    pub(super) fn names(&self, signer: &SignedBy) -> bool {
        match signer {
            SignedBy::Key { fingerprint } => self
                .key
                .is_some_and(|key| key.to_string().eq_ignore_ascii_case(fingerprint)),
            SignedBy::Certificate { subject, names, .. } => self
                .certificate
                .as_ref()
                .is_some_and(|wanted| wanted == subject || names.contains(wanted)),
            SignedBy::Identity {
                issuer,
                name,
                claims,
                ..
            } => {
                self.issuer.as_ref() == Some(issuer)
                    && self.identity.as_ref().is_none_or(|wanted| wanted == name)
                    && self
                        .claims
                        .iter()
                        .all(|(claim, wanted)| claims.get(claim) == Some(wanted))
                    && (self.identity.is_some() || !self.claims.is_empty())
            }
        }
    }
}

/// Every statement about the model that is of a kind the policy speaks of is by somebody who may say so.
pub(super) fn judge(question: &Question<'_>) -> Vec<Evidence> {
    let records = question.about.iter().filter_map(|read| {
        let role = read.role?;
        let signer = read.signer;
        let rules = question.policy.signers.iter();
        let mut named = rules.filter(|(_, rule)| rule.names(signer));
        let found = match named.clone().find(|(_, rule)| rule.may.contains(&role)) {
            Some((name, _)) => Ok(format!("`{}` is stated by `{name}` ({signer})", role.name())),
            None => Err(match named.next() {
                Some((name, _)) => format!(
                    "`{}` is stated by `{name}` ({signer}), who may not; add it to `signers.{name}.may`, or remove the statement",
                    role.name()
                ),
                None => format!(
                    "`{}` is stated by {signer}, whom the policy does not name; it speaks for nothing",
                    role.name()
                ),
            }),
        };
        Some(question.record("attestation-signer", role.name(), found))
    });
    records.collect()
}
