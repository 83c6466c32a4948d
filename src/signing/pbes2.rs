//! Private keys encrypted with a password as PKCS#8 says (PBES2, RFC 8018). The cryptography is that of
//! the `pkcs8` crate; here is how much work a file may ask for.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Kdf;

use super::keys::KeyProblem;

/// The PKCS#8 document in an encrypted one (PBES2, RFC 8018): what `openssl pkcs8 -topk8` and
/// `openssl genpkey -aes256` write.
pub(super) fn decrypt(der: &[u8], password: &[u8]) -> Result<Vec<u8>, KeyProblem> {
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeyProblem::NotPem)?;
    if !is_affordable(&encrypted) {
        return Err(KeyProblem::Encryption);
    }
    let plain = encrypted.decrypt(password);
    let plain = plain.map_err(|error| KeyProblem::Refused(error.to_string()))?;
    Ok(plain.as_bytes().to_vec())
}

/// Whether the work the file demands is such as honest tools demand: a file that asks for years of it
/// must not have them.
fn is_affordable(encrypted: &EncryptedPrivateKeyInfoRef<'_>) -> bool {
    /// Ten times what OWASP recommended in 2023.
    const ITERATIONS_MAX: u32 = 6_000_000;
    /// 1 GiB, in blocks of 128 bytes times `r`.
    const SCRYPT_MEMORY_MAX: u64 = 1 << 30;
    let Some(parameters) = encrypted.encryption_algorithm.pbes2() else {
        return false;
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count <= ITERATIONS_MAX,
        Kdf::Scrypt(kdf) => {
            let memory = kdf
                .cost_parameter
                .saturating_mul(128 * u64::from(kdf.block_size));
            memory <= SCRYPT_MEMORY_MAX && kdf.parallelization <= 16
        }
        _ => false,
    }
}
