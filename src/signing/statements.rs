//! Statements by many signers, for a verification policy: each bundle is held against whatever the policy
//! trusts that could have signed it.

use std::path::Path;

use super::SigningError;
use super::certificates::{Certificate, CertificateTrust, Pins, TimestampAuthority};
use super::keyless::{Identity, KeylessError, TrustedRoots};
use super::keys::{KeyProblem, PublicKey};
use super::signers::{self, KeyAccess, KeyReference};
use super::trust::{Opened, Trust};
use crate::evidence::Sha256;
use crate::io::World;
use crate::manifest::{Bundle, Material, Versions};
use crate::policy::verification::{Content, SignerRule, Statement, VerificationPolicy};

/// What stands for the roots of the public instance of Sigstore.
const PUBLIC: &str = "public";

/// Who could have signed, with what their signatures are verified by.
pub struct Signatories {
    keys: Vec<PublicKey>,
    /// Names in certificates, and by which authorities they count.
    certificates: Vec<(String, CertificateTrust)>,
    identities: Vec<(Identity, TrustedRoots)>,
    /// Whether bundles of the versions 0.1 and 0.2 count too.
    old_bundles: bool,
}

impl Signatories {
    /// Loads what the policy trusts; files are relative to `directory`.
    ///
    /// # Errors
    /// When a key or a file of certificates or roots is missing or cannot be used.
    pub fn load(
        policy: &VerificationPolicy,
        directory: &Path,
        world: &World,
    ) -> Result<Self, SigningError> {
        let trust = &policy.trust;
        let access = KeyAccess {
            world,
            password: None,
        };
        let mut keys = Vec::new();
        for key in &trust.keys {
            let reference = KeyReference::from(key.as_str()).within(directory);
            match signers::trust(&reference, &access)? {
                Trust::Key(key) => keys.push(key),
                Trust::Certificates(_) | Trust::Identity(..) | Trust::AlsoOldBundles(_) => {
                    return Err(SigningError::Key {
                        key: key.clone(),
                        problem: KeyProblem::NotPem,
                    });
                }
            }
        }
        let rules = || policy.signers.values();
        let roots = |paths: &[String]| -> Result<Vec<Certificate>, SigningError> {
            let mut roots = Vec::new();
            for path in paths {
                roots.extend(Certificate::load_all(&directory.join(path))?);
            }
            Ok(roots)
        };
        let mut certificates = Vec::new();
        let roots = roots(&trust.certificate_roots)?;
        let authorities = trust.timestamp_roots.iter();
        let authorities = authorities.map(|path| TimestampAuthority::load(&directory.join(path)));
        let authorities: Vec<_> = authorities.collect::<Result<_, _>>()?;
        for name in rules().filter_map(|rule| rule.certificate.as_ref()) {
            let pins = Pins {
                identity: Some(name.clone()),
                ..Pins::default()
            };
            let (roots, authorities) = (roots.clone(), authorities.clone());
            let trust = CertificateTrust::new(roots, pins, authorities, world.now())?;
            certificates.push((name.clone(), trust));
        }
        let mut identities = Vec::new();
        for path in &trust.sigstore_roots {
            let file = (path != PUBLIC).then(|| directory.join(path));
            let roots = TrustedRoots::load(file.as_deref())?;
            let named = rules().filter_map(identity_of);
            identities.extend(named.map(|identity| (identity, roots.clone())));
        }
        Ok(Self {
            keys,
            certificates,
            identities,
            old_bundles: trust.allow_old_bundle_versions,
        })
    }

    /// The statement of a bundle, and whether its signature is one of these. `digests` name the model.
    #[must_use]
    pub fn read(&self, bundle: &[u8], digests: &[Sha256]) -> Statement {
        let versions = match self.old_bundles {
            true => Versions::AlsoOld,
            false => Versions::Current,
        };
        let parsed = Bundle::parse_of(bundle, versions);
        Statement {
            bundle_sha256: Sha256::of(bundle),
            old_version: parsed.as_ref().ok().and_then(|parsed| parsed.old_version),
            content: match parsed {
                Ok(parsed) => self.content(bundle, &parsed, digests),
                Err(error) => Content::Invalid(error.to_string()),
            },
        }
    }

    fn content(&self, bundle: &[u8], parsed: &Bundle, digests: &[Sha256]) -> Content {
        match &parsed.material {
            Material::Key { hint } => self.by_key(bundle, hint.as_deref()),
            Material::Certificates(chain) => match self.by_certificate(bundle, chain) {
                // Before 0.3 the certificate of an identity was a chain, too.
                Content::Unknown(_) if parsed.old_version.is_some() => {
                    self.by_identity(bundle, digests)
                }
                content => content,
            },
            Material::Identity(_) => self.by_identity(bundle, digests),
        }
    }

    fn trusting(&self, trust: Trust) -> Trust {
        trust.with_old_bundles(self.old_bundles)
    }

    /// A key that the bundle names and that is trusted must have signed; where the bundle names none, any
    /// that is trusted may have.
    fn by_key(&self, bundle: &[u8], hint: Option<&str>) -> Content {
        let named =
            |key: &&PublicKey| hint.is_none_or(|hint| hint == key.fingerprint().to_string());
        let mut refused = None;
        for key in self.keys.iter().filter(named) {
            match self.trusting(Trust::Key(key.clone())).open(bundle) {
                Ok(opened) => return signed(opened),
                Err(error) => refused = Some(error.to_string()),
            }
        }
        match (refused, hint) {
            (Some(problem), Some(_)) => Content::Invalid(problem),
            (_, Some(hint)) => Content::Unknown(format!("key {hint:.12} is not trusted")),
            (_, None) => Content::Unknown("no key that is trusted signed it".to_owned()),
        }
    }

    fn by_certificate(&self, bundle: &[u8], chain: &[Vec<u8>]) -> Content {
        let leaf = chain.first().map(|der| Certificate::parse(der));
        let leaf = match leaf {
            Some(Ok(leaf)) => leaf,
            Some(Err(problem)) => return Content::Invalid(problem.to_string()),
            None => return Content::Invalid("it holds no certificate".to_owned()),
        };
        let (subject, names) = (leaf.subject(), leaf.names());
        let mut refused = None;
        let named = |(name, _): &&(String, CertificateTrust)| names.contains(name);
        for (_, trust) in self.certificates.iter().filter(named) {
            match self
                .trusting(Trust::Certificates(trust.clone()))
                .open(bundle)
            {
                Ok(opened) => return signed(opened),
                Err(error) => refused = Some(error.to_string()),
            }
        }
        match refused {
            Some(problem) => Content::Invalid(problem),
            None => Content::Unknown(format!("the certificate of `{subject}` is not trusted")),
        }
    }

    fn by_identity(&self, bundle: &[u8], digests: &[Sha256]) -> Content {
        let mut problem = "no identity is trusted".to_owned();
        for (identity, roots) in &self.identities {
            for digest in digests {
                let trust = Trust::Identity(identity.clone(), roots.clone());
                match self.trusting(trust).open_about(bundle, *digest) {
                    Ok(opened) => return signed(opened),
                    Err(SigningError::Keyless(KeylessError::Invalid(why))) => {
                        return Content::Invalid(why);
                    }
                    Err(error) => problem = error.to_string(),
                }
            }
        }
        Content::Unknown(problem)
    }
}

/// The identity a rule is about, when it is about one.
fn identity_of(rule: &SignerRule) -> Option<Identity> {
    let (name, claims) = (rule.identity.clone(), rule.claims.clone());
    Identity::new(rule.issuer.clone()?, name, claims)
}

fn signed(opened: Opened) -> Content {
    Content::Signed {
        by: opened.by.by,
        at: opened.by.signed_at,
        payload: opened.payload,
    }
}
