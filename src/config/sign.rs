//! The section `sign`: what signs, and whose signatures count.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Sha256;
use crate::policy::verification::BuildClaim;

/// What signs the model and the evidence, and whose signatures count. Files are relative to the configuration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignSpec {
    /// The private key: a PEM file, `env://VARIABLE` or a key service such as `awskms:///alias/NAME`.
    #[serde(default)]
    pub private_key: Option<String>,
    /// The public key whose signatures count, without `certificate` and `keyless`: a PEM file, `env://VARIABLE` or
    /// a key service such as `awskms:///alias/NAME`.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Make the key pair when neither file exists. For trying out: a key made in a CI job dies with it.
    #[serde(default)]
    pub generate: bool,
    /// The environment variable that holds the password of the private key.
    #[serde(default)]
    pub password_variable: Option<String>,
    /// The certificate of the private key (PEM); the signature then says whose it is.
    #[serde(default)]
    pub certificate: Option<String>,
    /// Certificates that lead from `certificate` to a root (PEM).
    #[serde(default)]
    pub certificate_chain: Vec<String>,
    /// Sign by the identity of the job of GitHub Actions or GitLab instead of a key; `{}` for the public instance
    /// of Sigstore.
    #[serde(default)]
    pub keyless: Option<KeylessSpec>,
    /// Whose certificates count, with `certificate` or `keyless`.
    #[serde(default)]
    pub trust: Option<SignTrust>,
}

/// How to sign by an identity.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeylessSpec {
    /// Services of another Sigstore instance (`cosign signing-config create`); needs `trust.trusted_root`.
    #[serde(default)]
    pub signing_config: Option<String>,
    /// The environment variable that holds an identity token for `sigstore`; by default SIGSTORE_ID_TOKEN, or
    /// else GitHub Actions is asked for one.
    #[serde(default)]
    pub identity_token_variable: Option<String>,
}

/// Whose certificates count, all to the letter: an identity `issuer` vouches for, or whom a certificate under
/// `certificate_roots` names.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignTrust {
    /// Who vouches for the identity that signs keyless, such as `https://token.actions.githubusercontent.com`;
    /// needs `identity`, `claims` or both.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The name in the certificate: of an identity the URL of its workflow with the ref it runs at, else an
    /// e-mail address, URI or DNS name.
    #[serde(default)]
    pub identity: Option<String>,
    /// What the certificate of an identity must say of the build, such as `source_repository_identifier`.
    #[serde(default)]
    pub claims: BTreeMap<BuildClaim, String>,
    /// Trusted root of another Sigstore instance (`cosign trusted-root create`, `gh attestation trusted-root`);
    /// the public one by default.
    #[serde(default)]
    pub trusted_root: Option<String>,
    /// Certificates of authorities (PEM); needs `identity`, `subject` or `spki_sha256`.
    #[serde(default)]
    pub certificate_roots: Vec<String>,
    /// The subject of the certificate, such as `CN=trainer,O=Example` (RFC 4514).
    #[serde(default)]
    pub subject: Option<String>,
    /// SHA-256 of the public key of the certificate (SubjectPublicKeyInfo, DER).
    #[serde(default)]
    pub spki_sha256: Option<Sha256>,
    /// Certificates of authorities for time stamps (PEM, one authority a file, its own first, its root last).
    #[serde(default)]
    pub timestamp_roots: Vec<String>,
    /// Whether Sigstore bundles of the versions 0.1 and 0.2, which prove less than 0.3, count too.
    #[serde(default)]
    pub allow_old_bundle_versions: bool,
}

impl SignSpec {
    /// Whether bundles of the versions 0.1 and 0.2 count.
    #[must_use]
    pub fn allows_old_bundles(&self) -> bool {
        let trust = self.trust.as_ref();
        trust.is_some_and(|trust| trust.allow_old_bundle_versions)
    }

    /// The files that say whose signatures count.
    #[must_use]
    pub fn trust_files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = self.public_key.as_deref().into_iter().collect();
        if let Some(trust) = &self.trust {
            files.extend(trust.trusted_root.as_deref());
            let roots = trust.certificate_roots.iter().chain(&trust.timestamp_roots);
            files.extend(roots.map(String::as_str));
        }
        files
    }

    /// What a schema cannot say, each with the key it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        let mut unless = |holds: bool, key, message| {
            if !holds {
                problems.push((key, message));
            }
        };
        let (by_key, by_identity) = (self.private_key.is_some(), self.keyless.is_some());
        unless(
            by_key != by_identity,
            "",
            "exactly one of `private_key` and `keyless` says what signs",
        );
        for (is_there, key) in [
            (self.generate, "generate"),
            (self.password_variable.is_some(), "password_variable"),
            (self.certificate.is_some(), "certificate"),
        ] {
            unless(by_key || !is_there, key, "it needs `private_key`");
        }
        unless(
            self.certificate.is_some() || self.certificate_chain.is_empty(),
            "certificate_chain",
            "it needs `certificate`",
        );
        unless(
            !self.generate || (self.public_key.is_some() && self.certificate.is_none()),
            "generate",
            "only a pair of `private_key` and `public_key` can be made",
        );
        let trust = self.trust.clone().unwrap_or_default();
        let (of_identity, of_roots) = (trust.issuer.is_some(), !trust.certificate_roots.is_empty());
        unless(
            [self.public_key.is_some(), of_identity, of_roots]
                .into_iter()
                .filter(|one| *one)
                .count()
                == 1,
            "",
            "exactly one of `public_key`, `trust.issuer` and `trust.certificate_roots` says whose signatures count",
        );
        unless(
            !by_identity || of_identity,
            "keyless",
            "signatures by an identity count by `trust.issuer` alone",
        );
        unless(
            by_identity || !of_identity,
            "trust.issuer",
            "it is for signatures by an identity: `keyless`",
        );
        unless(
            self.certificate.is_some() == of_roots,
            "trust.certificate_roots",
            "it goes with `certificate`, and `certificate` with it",
        );
        problems.extend(trust.problems());
        let config = self
            .keyless
            .as_ref()
            .and_then(|one| one.signing_config.as_ref());
        if config.is_some() && trust.trusted_root.is_none() {
            problems.push((
                "keyless.signing_config",
                "it needs `trust.trusted_root` of the same instance",
            ));
        }
        problems
    }
}

impl SignTrust {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let named = self.identity.is_some();
        let (of_identity, of_roots) = (self.issuer.is_some(), !self.certificate_roots.is_empty());
        let everybody =
            "everybody this authority vouches for would be trusted: say who must have signed";
        let for_issuer = "it goes with `issuer`";
        let for_roots = "it goes with `certificate_roots`";
        let pinned = self.subject.is_some() || self.spki_sha256.is_some();
        let rules = [
            (
                !of_identity || named || !self.claims.is_empty(),
                "trust.issuer",
                everybody,
            ),
            (
                !of_roots || named || pinned,
                "trust.certificate_roots",
                everybody,
            ),
            (
                of_identity || self.claims.is_empty(),
                "trust.claims",
                for_issuer,
            ),
            (
                of_identity || self.trusted_root.is_none(),
                "trust.trusted_root",
                for_issuer,
            ),
            (
                of_roots || self.subject.is_none(),
                "trust.subject",
                for_roots,
            ),
            (
                of_roots || self.spki_sha256.is_none(),
                "trust.spki_sha256",
                for_roots,
            ),
            (
                of_roots || self.timestamp_roots.is_empty(),
                "trust.timestamp_roots",
                for_roots,
            ),
            (
                of_identity || of_roots || !named,
                "trust.identity",
                "it goes with `issuer` or `certificate_roots`",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, _, _)| !holds);
        broken.map(|(_, key, message)| (key, message)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::SignSpec;

    fn problems(text: &str) -> Vec<&'static str> {
        let spec: SignSpec = serde_saphyr::from_str(text).expect("of the right shape");
        spec.problems().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn each_way_to_sign_goes_with_its_own_way_to_verify() {
        for good in [
            "{private_key: a, public_key: b}",
            "{private_key: a, public_key: b, generate: true, password_variable: P}",
            "{private_key: a, public_key: b, trust: {allow_old_bundle_versions: true}}",
            "{private_key: a, certificate: c, certificate_chain: [d], trust: {certificate_roots: [r], identity: ann}}",
            "{keyless: {}, trust: {issuer: i, identity: w}}",
            "{keyless: {signing_config: s}, trust: {issuer: i, claims: {build_trigger: push}, trusted_root: t}}",
        ] {
            assert_eq!(problems(good), [""; 0], "{good}");
        }
        for (bad, expected) in [
            ("{public_key: b}", vec![""]),
            ("{private_key: a}", vec![""]),
            (
                "{private_key: a, keyless: {}, trust: {issuer: i, identity: w}}",
                vec![""],
            ),
            ("{keyless: {}, public_key: b}", vec!["keyless"]),
            ("{keyless: {}, trust: {issuer: i}}", vec!["trust.issuer"]),
            (
                "{keyless: {signing_config: s}, trust: {issuer: i, identity: w}}",
                vec!["keyless.signing_config"],
            ),
            (
                "{private_key: a, certificate: c, public_key: b}",
                vec!["trust.certificate_roots"],
            ),
            (
                "{private_key: a, certificate: c, trust: {certificate_roots: [r]}}",
                vec!["trust.certificate_roots"],
            ),
            (
                "{private_key: a, public_key: b, certificate_chain: [d]}",
                vec!["certificate_chain"],
            ),
            (
                "{keyless: {}, generate: true, trust: {issuer: i, identity: w}}",
                vec!["generate", "generate"],
            ),
            (
                "{private_key: a, public_key: b, trust: {subject: s, identity: w}}",
                vec!["trust.subject", "trust.identity"],
            ),
        ] {
            assert_eq!(problems(bad), expected, "{bad}");
        }
    }
}
