//! `env://VARIABLE`: a key in PEM as the value of an environment variable, which is how CI systems hand
//! secrets to a job.

use super::{KeyAccess, Scheme, Signer};
use crate::signing::error::SigningError;
use crate::signing::keys::{KeyProblem, PublicKey, SigningKey};
use crate::signing::trust::Trust;

/// `env://VARIABLE`.
pub(super) const SCHEME: Scheme = Scheme {
    prefix: "env://",
    summary: "the environment variable that holds the key in PEM",
    signer,
    trust,
};

fn signer(variable: &str, access: &KeyAccess<'_>) -> Result<Box<dyn Signer>, SigningError> {
    let key = SigningKey::parse(value(variable, access)?, access.password);
    Ok(Box::new(key.map_err(|problem| failed(variable, problem))?))
}

fn trust(variable: &str, access: &KeyAccess<'_>) -> Result<Trust, SigningError> {
    let key = PublicKey::parse(value(variable, access)?);
    Ok(Trust::Key(
        key.map_err(|problem| failed(variable, problem))?,
    ))
}

fn value<'a>(variable: &str, access: &KeyAccess<'a>) -> Result<&'a [u8], SigningError> {
    let value = access.world.variable(variable).map(str::as_bytes);
    value.ok_or_else(|| failed(variable, KeyProblem::VariableNotSet))
}

fn failed(variable: &str, problem: KeyProblem) -> SigningError {
    SigningError::Key {
        key: format!("env://{variable}"),
        problem,
    }
}
