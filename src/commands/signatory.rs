//! What signs, and whose signatures count: by the command line or the section `sign` of the configuration.

use std::path::{Path, PathBuf};

use super::CommandError;
use super::context::Context;
use super::sign_step::{SignAs, spec};
use crate::cli::PasswordArguments;
use crate::config::{SignSpec, SignTrust};
use crate::io::World;
use crate::io::files;
use crate::signing::SigningError;
use crate::signing::certificates::{
    Certificate, CertificateProblem, CertificateTrust, Pins, TimestampAuthority,
};
use crate::signing::keyless::{Identity, TrustedRoots};
use crate::signing::keys::{Curve, Password, PublicKey, SigningKey};
use crate::signing::signers::keyless::{KeylessOptions, KeylessSigner};
use crate::signing::signers::{self, CertificateSigner, KeyAccess, KeyReference, Signer};
use crate::signing::trust::Trust;

/// Whose signatures the configuration trusts.
///
/// # Errors
/// When what it trusts is missing or cannot be used.
pub fn trust(context: &Context<'_>) -> Result<Trust, CommandError> {
    let spec = spec(context)?;
    let trust = match (&spec.public_key, &spec.trust) {
        (Some(key), _) => load_trust(&reference(context, key), context.world)?,
        (None, Some(trust)) => certified_trust(context, trust)?,
        (None, None) => return Err(says_not("whose signatures count")),
    };
    Ok(trust.with_old_bundles(spec.allows_old_bundles()))
}

/// Trust in an identity, or in whom a certificate names.
fn certified_trust(context: &Context<'_>, spec: &SignTrust) -> Result<Trust, CommandError> {
    let paths = |paths: &[String]| -> Vec<PathBuf> {
        paths.iter().map(|path| context.path(path)).collect()
    };
    let Some(issuer) = &spec.issuer else {
        let pins = Pins {
            identity: spec.identity.clone(),
            subject: spec.subject.clone(),
            spki_sha256: spec.spki_sha256,
        };
        let (roots, authorities) = (paths(&spec.certificate_roots), paths(&spec.timestamp_roots));
        let trust = certificate_trust(&roots, pins, &authorities, context.world)?;
        return trust.map_err(|problem| SigningError::from(problem).into());
    };
    let (name, claims) = (spec.identity.clone(), spec.claims.clone());
    let identity = Identity::new(issuer.clone(), name, claims)
        .ok_or_else(|| says_not("which identity must have signed"))?;
    let root = spec.trusted_root.as_ref().map(|path| context.path(path));
    Ok(Trust::Identity(
        identity,
        TrustedRoots::load(root.as_deref())?,
    ))
}

/// Trust in certificates under `roots` that name whom `pins` say, or why everybody would be trusted.
///
/// # Errors
/// When a file cannot be read.
pub fn certificate_trust(
    roots: &[PathBuf],
    pins: Pins,
    authorities: &[PathBuf],
    world: &World,
) -> Result<Result<Trust, CertificateProblem>, CommandError> {
    let roots = load_certificates(roots)?;
    let authorities = authorities
        .iter()
        .map(|path| TimestampAuthority::load(path));
    let authorities = authorities.collect::<Result<_, SigningError>>()?;
    let trust = CertificateTrust::new(roots, pins, authorities, world.now());
    Ok(trust.map(Trust::Certificates))
}

fn load_certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, SigningError> {
    let mut certificates = Vec::new();
    for path in paths {
        certificates.extend(Certificate::load_all(path)?);
    }
    Ok(certificates)
}

/// What signs by the configuration.
///
/// # Errors
/// When the key is missing, is not one, or its password is wrong; when the certificate is not that of the key;
/// when the job has no identity.
pub fn signer(context: &Context<'_>) -> Result<Box<dyn Signer>, CommandError> {
    let spec = spec(context)?;
    if let Some(keyless) = &spec.keyless {
        let path = |path: &String| context.path(path);
        let config = keyless.signing_config.as_ref().map(path);
        let trust = spec.trust.as_ref();
        let root = trust
            .and_then(|trust| trust.trusted_root.as_ref())
            .map(path);
        let options = KeylessOptions {
            signing_config: config.as_deref(),
            trusted_root: root.as_deref(),
            token_variable: keyless.identity_token_variable.as_deref(),
        };
        return Ok(Box::new(KeylessSigner::open(context.world, &options)?));
    }
    let key = spec
        .private_key
        .as_ref()
        .ok_or_else(|| says_not("what signs"))?;
    let password = configured_password(context, spec)?;
    let key = load_signer(&reference(context, key), password.as_ref(), context.world)?;
    let Some(certificate) = &spec.certificate else {
        return Ok(key);
    };
    let chain = std::iter::once(certificate).chain(&spec.certificate_chain);
    let chain: Vec<PathBuf> = chain.map(|path| context.path(path)).collect();
    certified(key, &chain, context.world)
}

/// The key with its certificate, which is in the first of these files, and those of the authorities.
///
/// # Errors
/// When a file cannot be read, or nobody could verify signatures with them.
pub fn certified(
    key: Box<dyn Signer>,
    certificates: &[PathBuf],
    world: &World,
) -> Result<Box<dyn Signer>, CommandError> {
    let certificates = load_certificates(certificates)?;
    let signer = CertificateSigner::new(key, certificates, world.now())?;
    Ok(Box::new(signer))
}

/// Only for what reading the configuration makes sure of.
fn says_not(what: &str) -> CommandError {
    CommandError::Usage(format!("the section `sign` does not say {what}"))
}

fn configured_password(
    context: &Context<'_>,
    spec: &SignSpec,
) -> Result<Option<Password>, CommandError> {
    let variable = spec.password_variable.as_deref();
    let password = variable.map(|name| Password::from_variable(context.world, name));
    Ok(password.transpose()?)
}

/// The password the command line says where to find.
///
/// # Errors
/// When it is not there.
pub fn password(
    arguments: &PasswordArguments,
    world: &World,
) -> Result<Option<Password>, CommandError> {
    Ok(
        match (&arguments.password_variable, arguments.password_fd) {
            (Some(variable), _) => Some(Password::from_variable(world, variable)?),
            (None, Some(descriptor)) => Some(Password::from_descriptor(descriptor)?),
            (None, None) => None,
        },
    )
}

/// A key of the configuration, whose relative paths start there.
pub fn reference(context: &Context<'_>, key: &str) -> KeyReference {
    KeyReference::from(key).within(context.root())
}

/// Opens what signs.
///
/// # Errors
/// When the key is missing, is not one, or its password is wrong.
pub fn load_signer(
    key: &KeyReference,
    password: Option<&Password>,
    world: &World,
) -> Result<Box<dyn Signer>, CommandError> {
    let access = KeyAccess { world, password };
    Ok(signers::open(key, &access)?)
}

/// Finds the public key whose signatures count.
///
/// # Errors
/// When it is missing or is not a key.
pub fn load_trust(key: &KeyReference, world: &World) -> Result<Trust, CommandError> {
    let access = KeyAccess {
        world,
        password: None,
    };
    Ok(signers::trust(key, &access)?)
}

/// Opens what signs, and says whose signatures count; makes a key pair first when the configuration
/// asks for that and neither half exists. A key that is given takes the place of the pair: whoever
/// gives it says with which to verify.
///
/// # Errors
/// When the key, its certificate or what is trusted is missing or cannot be used, or they do not go together.
pub fn load_or_generate(
    context: &Context<'_>,
    spec: &SignSpec,
    sign_as: &SignAs<'_>,
) -> Result<(Box<dyn Signer>, Trust), CommandError> {
    let missing = missing_pair(context, spec);
    if let Some(given) = sign_as.key {
        let configured = match sign_as.password {
            Some(_) => None,
            None => configured_password(context, spec)?,
        };
        let password = sign_as.password.or(configured.as_ref());
        let signer = load_signer(given, password, context.world)?;
        let trust = signer.trust();
        if let (Some((_, public)), Trust::Key(key)) = (missing, &trust) {
            write_public(&public, key)?;
        }
        return Ok((signer, trust));
    }
    if let Some((private, public)) = missing {
        generate(&private, &public, Curve::P256)?;
    }
    let (signer, stated) = (signer(context)?, trust(context)?);
    // Of keys the name is the fingerprint.
    if let (Trust::Key(key), Some(private), Some(public)) =
        (signer.trust(), &spec.private_key, &spec.public_key)
        && key.fingerprint().to_string() != stated.id()
    {
        return Err(CommandError::Usage(format!(
            "`{public}` is not the public half of `{private}`; hint: correct `sign.public_key`"
        )));
    }
    Ok((signer, stated))
}

/// The files of the key pair to make: when the configuration asks for one and neither half exists.
fn missing_pair(context: &Context<'_>, spec: &SignSpec) -> Option<(PathBuf, PathBuf)> {
    let file = |key: &str| reference(context, key).file().map(Path::to_owned);
    let private = file(spec.private_key.as_deref()?)?;
    let public = file(spec.public_key.as_deref()?)?;
    (spec.generate && !private.exists() && !public.exists()).then_some((private, public))
}

/// Makes a key pair. The private half is written first: without it the public one is worth nothing.
///
/// # Errors
/// When a file exists or cannot be written.
pub fn generate(private: &Path, public: &Path, curve: Curve) -> Result<SigningKey, CommandError> {
    let key = SigningKey::generate(curve)?;
    if let Some(parent) = parent_of(private) {
        files::create_directory(parent)?;
    }
    key.write(private)?;
    write_public(public, key.public())?;
    Ok(key)
}

fn write_public(public: &Path, key: &PublicKey) -> Result<(), CommandError> {
    if let Some(parent) = parent_of(public) {
        files::create_directory(parent)?;
    }
    key.write(public)?;
    Ok(())
}

fn parent_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|parent| *parent != Path::new(""))
}
