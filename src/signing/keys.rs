//! Elliptic-curve keys on the three curves OMS allows: P-256, P-384 and P-521, each with the hash of
//! its size. The cryptography is that of the `sigstore` crate (aws-lc); here is what keys look like in
//! PEM.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::path::Path;

use sigstore::crypto::signing_key::ecdsa::EllipticCurve;
use sigstore::crypto::signing_key::ecdsa::ec::{EcdsaKeys, EcdsaSigner};
use sigstore::crypto::signing_key::{KeyPair as _, Signer as _};
use sigstore::crypto::{CosignVerificationKey, Signature};

use super::error::SigningError;
use super::pbes2;
use super::pem::{self, Block};
use crate::evidence::Sha256;
use crate::io::World;
use crate::io::files::{self, FileError};
use crate::manifest::{Material, Seal, pae};

/// Largest key file read, in bytes: twenty times the largest encrypted P-521 key.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// Longest password read from a descriptor, in bytes.
const PASSWORD_BYTES_MAX: u64 = 4096;

const PUBLIC_LABEL: &str = "PUBLIC KEY";
const PRIVATE_LABEL: &str = "PRIVATE KEY";
const SEC1_LABEL: &str = "EC PRIVATE KEY";

/// A curve of FIPS 186-5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// With SHA-256.
    P256,
    /// With SHA-384.
    P384,
    /// With SHA-512.
    P521,
}

impl Curve {
    /// All of them, smallest first.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// Length of a coordinate in bytes.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

/// The password of a private key. Never printed; comes from an environment variable, because command
/// lines are seen by every user of the machine.
pub struct Password(String);

impl Password {
    /// The value of the environment variable `name`.
    ///
    /// # Errors
    /// When it is not set, or empty.
    pub fn from_variable(world: &World, name: &str) -> Result<Self, SigningError> {
        match world.variable(name) {
            Some(value) => Ok(Self(value.to_owned())),
            None => Err(SigningError::NoPassword(name.to_owned())),
        }
    }

    /// What is read from an open file descriptor, up to a line feed at the end: how a parent process
    /// hands over a secret that no environment and no file holds.
    ///
    /// # Errors
    /// When there is no such descriptor, or what it gives is empty, too long or not UTF-8.
    pub fn from_descriptor(descriptor: u32) -> Result<Self, SigningError> {
        let path = std::path::PathBuf::from(format!("/dev/fd/{descriptor}"));
        let failed = |error| FileError::new("read", &path, error);
        let mut text = String::new();
        std::fs::File::open(&path)
            .and_then(|file| file.take(PASSWORD_BYTES_MAX).read_to_string(&mut text))
            .map_err(failed)?;
        match text.strip_suffix('\n').unwrap_or(&text) {
            "" => Err(SigningError::EmptyPassword(path)),
            password => Ok(Self(password.to_owned())),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(***)")
    }
}

/// A private key.
pub struct SigningKey {
    keys: EcdsaKeys,
    signer: EcdsaSigner,
    public: PublicKey,
}

impl SigningKey {
    /// Reads a private key in PEM: PKCS#8 (`PRIVATE KEY`), SEC1 (`EC PRIVATE KEY`), or encrypted, which
    /// needs `password`: PKCS#8 (`ENCRYPTED PRIVATE KEY`) or as cosign does it (`ENCRYPTED SIGSTORE
    /// PRIVATE KEY`).
    ///
    /// # Errors
    /// When the file cannot be read, is not such a key, or the password is missing, wrong or not
    /// needed.
    pub fn load(path: &Path, password: Option<&Password>) -> Result<Self, SigningError> {
        let bytes = files::read(path, KEY_BYTES_MAX)?;
        Self::parse(&bytes, password).map_err(|problem| key_error(path, problem))
    }

    /// As [`SigningKey::load`], from the content of the file.
    ///
    /// # Errors
    /// When it is not such a key, or the password is missing, wrong or not needed.
    pub fn parse(bytes: &[u8], password: Option<&Password>) -> Result<Self, KeyProblem> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyProblem::NotPem)?;
        let block = Block::find(text, |label| label.ends_with(PRIVATE_LABEL)).ok_or(
            match Block::find(text, |label| label == PUBLIC_LABEL) {
                Some(_) => KeyProblem::Public,
                None => KeyProblem::NotPem,
            },
        )?;
        Self::of_keys(parse_private(&block, password)?)
    }

    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate(curve: Curve) -> Result<Self, SigningError> {
        let failed = |problem: String| SigningError::Cryptography {
            operation: "generate a key",
            problem,
        };
        let curve = match curve {
            Curve::P256 => EllipticCurve::P256,
            Curve::P384 => EllipticCurve::P384,
            Curve::P521 => EllipticCurve::P521,
        };
        let keys = EcdsaKeys::new(curve).map_err(|error| failed(error.to_string()))?;
        Self::of_keys(keys).map_err(|problem| failed(problem.to_string()))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Writes the private key as PKCS#8 PEM to a file that must not exist yet and that only its owner
    /// can read.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), SigningError> {
        let der = self.keys.private_key_to_der();
        let der = der.map_err(|error| key_error(path, KeyProblem::Refused(error.to_string())))?;
        let failed = |error| FileError::new("create", path, error);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(pem::encode(PRIVATE_LABEL, &der).as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        Ok(())
    }

    /// The signature over `message`, ASN.1 DER.
    ///
    /// # Errors
    /// When the library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let signature = self.signer.sign(message);
        signature.map_err(|error| SigningError::Cryptography {
            operation: "sign",
            problem: error.to_string(),
        })
    }

    fn of_keys(keys: EcdsaKeys) -> Result<Self, KeyProblem> {
        let refused =
            |error: sigstore::errors::SigstoreError| KeyProblem::Refused(error.to_string());
        let public = PublicKey::of_der(keys.public_key_to_der().map_err(refused)?)?;
        let signer = EcdsaSigner::from_ecdsa_keys(&keys).map_err(refused)?;
        Ok(Self {
            keys,
            signer,
            public,
        })
    }
}

/// Prints the public half only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

fn parse_private(block: &Block<'_>, password: Option<&Password>) -> Result<EcdsaKeys, KeyProblem> {
    let refused = |error: sigstore::errors::SigstoreError| KeyProblem::Refused(error.to_string());
    match (block.label, password) {
        (PRIVATE_LABEL, None) => {
            let der = block.decode().ok_or(KeyProblem::NotPem)?;
            EcdsaKeys::from_pkcs8_der(&der).map_err(|_| KeyProblem::NotAllowedCurve)
        }
        (SEC1_LABEL, None) if block.text.contains("ENCRYPTED") => Err(KeyProblem::Encryption),
        (SEC1_LABEL, None) => {
            let sec1 = block.decode().ok_or(KeyProblem::NotPem)?;
            let der = pem::pkcs8_of_sec1(&sec1).ok_or(KeyProblem::NotAllowedCurve)?;
            EcdsaKeys::from_pkcs8_der(&der).map_err(|_| KeyProblem::NotAllowedCurve)
        }
        (PRIVATE_LABEL | SEC1_LABEL, Some(_)) => Err(KeyProblem::NotEncrypted),
        ("ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY", Some(password)) => {
            EcdsaKeys::from_encrypted_pem(block.text.as_bytes(), password.0.as_bytes())
                .map_err(refused)
        }
        ("ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY", None) => {
            Err(KeyProblem::PasswordNeeded)
        }
        ("ENCRYPTED PRIVATE KEY", Some(password)) => {
            let der = block.decode().ok_or(KeyProblem::NotPem)?;
            let plain = pbes2::decrypt(&der, password.0.as_bytes())?;
            EcdsaKeys::from_pkcs8_der(&plain).map_err(|_| KeyProblem::NotAllowedCurve)
        }
        ("ENCRYPTED PRIVATE KEY", None) => Err(KeyProblem::PasswordNeeded),
        (_, _) => Err(KeyProblem::NotAllowedCurve),
    }
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    curve: Curve,
    der: Vec<u8>,
}

impl PublicKey {
    /// Reads a public key in PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// When the file cannot be read or is not a public key on one of the three curves.
    pub fn load(path: &Path) -> Result<Self, SigningError> {
        let bytes = files::read(path, KEY_BYTES_MAX)?;
        Self::parse(&bytes).map_err(|problem| key_error(path, problem))
    }

    /// As [`PublicKey::load`], from the content of the file.
    ///
    /// # Errors
    /// When it is not a public key on one of the three curves.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyProblem::NotPem)?;
        let Some(block) = Block::find(text, |label| label == PUBLIC_LABEL) else {
            return Err(
                match Block::find(text, |label| label.ends_with(PRIVATE_LABEL)) {
                    Some(_) => KeyProblem::Private,
                    None => KeyProblem::NotPem,
                },
            );
        };
        Self::of_der(block.decode().ok_or(KeyProblem::NotPem)?)
    }

    pub(super) fn of_der(der: Vec<u8>) -> Result<Self, KeyProblem> {
        let curve = pem::curve_of_public(&der).ok_or(KeyProblem::NotAllowedCurve)?;
        Ok(Self { curve, der })
    }

    /// The curve of the key.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The key as PEM, 64 columns, line feeds.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(PUBLIC_LABEL, &self.der)
    }

    /// SHA-256 over the PEM text: what bundles carry as `hint`, and what `sha256sum` prints for a key
    /// file written by OpenSSL.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256 {
        Sha256::of(self.to_pem().as_bytes())
    }

    /// Writes the key as PEM to a file that must not exist yet.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), SigningError> {
        Ok(files::create_new(path, self.to_pem().as_bytes())?)
    }

    /// The seal of the statement `payload` by a signature of this key, wherever it was made.
    ///
    /// # Errors
    /// When the signature is not one by this key over the statement.
    pub fn seal(&self, payload: &[u8], signature: Vec<u8>) -> Result<Seal, SigningError> {
        if !self.verifies(&pae(payload), &signature) {
            return Err(SigningError::Cryptography {
                operation: "sign",
                problem: "the signature made does not verify".to_owned(),
            });
        }
        let hint = Some(self.fingerprint().to_string());
        Ok(Seal::plain(signature, Material::Key { hint }))
    }

    /// Whether `signature`, ASN.1 DER, is one by this key over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let der = self.der.clone();
        let key = match self.curve {
            Curve::P256 => CosignVerificationKey::ECDSA_P256_SHA256_ASN1(der),
            Curve::P384 => CosignVerificationKey::ECDSA_P384_SHA384_ASN1(der),
            Curve::P521 => CosignVerificationKey::ECDSA_P521_SHA512_ASN1(der),
        };
        key.verify_signature(Signature::Raw(signature), message)
            .is_ok()
    }
}

impl PublicKey {
    /// As [`PublicKey::verifies`], but with SHA-256 whatever the curve, as signatures before OMS 1.0
    /// were made.
    #[must_use]
    pub(super) fn verifies_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        use aws_lc_rs::signature::{
            ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P521_SHA256_ASN1,
            UnparsedPublicKey,
        };
        let algorithm = match self.curve {
            Curve::P256 => &ECDSA_P256_SHA256_ASN1,
            Curve::P384 => &ECDSA_P384_SHA256_ASN1,
            Curve::P521 => &ECDSA_P521_SHA256_ASN1,
        };
        let point = pem::point_of_public(&self.der, self.curve);
        point.is_some_and(|point| {
            UnparsedPublicKey::new(algorithm, point)
                .verify(message, signature)
                .is_ok()
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "PublicKey({}, {})",
            self.curve,
            self.fingerprint()
        )
    }
}

fn key_error(path: &Path, problem: KeyProblem) -> SigningError {
    SigningError::Key {
        key: path.display().to_string(),
        problem,
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// The environment variable that should hold it is not set, or empty.
    #[error("the environment variable is not set")]
    VariableNotSet,
    /// No PEM block with a key in it.
    #[error("it is not a key in PEM")]
    NotPem,
    /// A public key where a private one is needed.
    #[error("it is a public key, required a private key")]
    Public,
    /// A private key where a public one is needed.
    #[error(
        "it is a private key, required a public key; hint: `openssl pkey -in KEY -pubout -out KEY.pub`"
    )]
    Private,
    /// RSA, Ed25519, another curve, or unusual encoding of one of the three.
    #[error(
        "it is not an elliptic-curve key on P-256, P-384 or P-521, the only ones allowed for models; hint: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`"
    )]
    NotAllowedCurve,
    /// Encrypted in a way this program cannot undo.
    #[error(
        "it is encrypted in a way that is not supported; hint: `openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW` decrypts it"
    )]
    Encryption,
    /// Encrypted, and no password given.
    #[error("it is encrypted and no password is given")]
    PasswordNeeded,
    /// Not encrypted, although a password is given.
    #[error("a password is given but the key is not encrypted")]
    NotEncrypted,
    /// The cryptographic library refuses it: damaged, or a wrong password.
    #[error("the key is damaged or the password is wrong: {0}")]
    Refused(String),
}
