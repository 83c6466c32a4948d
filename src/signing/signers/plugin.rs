//! `SCHEME://…` of any other kind: the plug-in `sigstore-kms-SCHEME` on `PATH`, by version 1 of the protocol
//! of Sigstore (sigstore/sigstore, `pkg/signature/kms/cliplugin`). Such plug-ins reach what this program,
//! which loads no libraries, cannot: PKCS#11 tokens among them.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::service::{self, HeldKey, KeyService, ServiceProblem};
use super::{KeyAccess, Signer};
use crate::io::World;
use crate::io::process::{self, Program};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::signing::error::SigningError;
use crate::signing::keys::{Curve, PublicKey};
use crate::signing::trust::Trust;

const PREFIX: &str = "sigstore-kms-";

/// The version of the protocol.
const PROTOCOL: &str = "1";

/// How long a plug-in may take: somebody may have to touch a token.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Largest answer read, in bytes: a key or a signature takes a few hundred.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// Longest name of a plug-in.
const NAME_BYTES_MAX: usize = 64;

/// A key that a plug-in knows.
struct Plugin {
    program: String,
    /// Where it is.
    path: String,
    /// What follows `://`.
    key: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    error_message: String,
    public_key: Option<PublicKeyAnswer>,
    sign_message: Option<SignAnswer>,
}

#[derive(Deserialize)]
struct PublicKeyAnswer {
    #[serde(rename = "publicKeyPEM")]
    pem: String,
}

#[derive(Deserialize)]
struct SignAnswer {
    signature: String,
}

/// Opens what signs by the plug-in, where `reference` names one that is there.
pub(super) fn signer(
    reference: &str,
    access: &KeyAccess<'_>,
) -> Result<Option<Box<dyn Signer>>, SigningError> {
    let held = held(reference, access)?;
    Ok(held.map(|key| Box::new(key) as Box<dyn Signer>))
}

/// Finds what verifies by the plug-in, where `reference` names one that is there.
pub(super) fn trust(
    reference: &str,
    access: &KeyAccess<'_>,
) -> Result<Option<Trust>, SigningError> {
    Ok(held(reference, access)?.map(|key| key.trust()))
}

/// What the plug-in for `reference` is called; none when it cannot name one.
pub(super) fn program(reference: &str) -> Option<String> {
    let (scheme, _) = reference.split_once("://")?;
    let is_name = scheme.len() <= NAME_BYTES_MAX
        && scheme.starts_with(|first: char| first.is_ascii_alphanumeric())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte));
    is_name.then(|| format!("{PREFIX}{scheme}"))
}

fn held(reference: &str, access: &KeyAccess<'_>) -> Result<Option<HeldKey<Plugin>>, SigningError> {
    let Some(program) = program(reference) else {
        return Ok(None);
    };
    let Some(path) = find(&program, access.world) else {
        return Ok(None);
    };
    let key = reference.split_once("://").map_or("", |(_, key)| key);
    let plugin = Plugin {
        program,
        path,
        key: key.to_owned(),
    };
    HeldKey::open(reference.to_owned(), || {
        let public = plugin.fetch()?;
        Ok((plugin, public))
    })
    .map(Some)
}

/// Where a program is, by the absolute folders of `PATH`: the folder this runs in holds what is to be
/// signed, not what signs.
fn find(program: &str, world: &World) -> Option<String> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let folders = world.variable("PATH").unwrap_or_default();
    std::env::split_paths(folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
        .map(|path| path.display().to_string())
}

impl Plugin {
    fn fetch(&self) -> Result<PublicKey, ServiceProblem> {
        let arguments = json!({"publicKeyOptions": {"rpcOptions": {}}});
        // Which hash the key needs is not known before the key is.
        let answer = self.ask("publicKey", arguments, Curve::P256, &[])?;
        let field = "publicKey.publicKeyPEM";
        let text = self.required(field, answer.public_key.map(|key| key.pem))?;
        let pem = service::decoded(&self.program, field, &text)?;
        let pem = String::from_utf8_lossy(&pem);
        let first = pem.lines().next().unwrap_or_default();
        service::public_key(&pem, first)
    }

    fn ask(
        &self,
        method: &str,
        arguments: Value,
        curve: Curve,
        message: &[u8],
    ) -> Result<Answer, ServiceProblem> {
        let question = json!({
            "initOptions": {
                "protocolVersion": PROTOCOL,
                "keyResourceID": self.key,
                "hashFunc": hash_func(curve),
            },
            "methodName": method,
            method: arguments,
        });
        let argv = [self.path.as_str(), PROTOCOL, &question.to_string()].map(str::to_owned);
        // The status is not part of the protocol, only the answer is.
        let ended = process::ask(
            &Program {
                argv: &argv,
                directory: Path::new(""),
                environment: &[],
                time_max: TIME_MAX,
            },
            message,
            ANSWER_BYTES_MAX,
        )?;
        let answer: Answer = serde_json::from_slice(&ended.stdout).map_err(|error| {
            let (status, said) = (ended.status, &ended.said);
            let why = format!("its answer is not that of a plug-in ({error}); {status}{said}");
            service::malformed(&self.program, &why)
        })?;
        match answer.error_message.is_empty() {
            true => Ok(answer),
            false => Err(RemoteError::new(&self.program, RemoteProblem::Rejected)
                .saying(&answer.error_message)
                .into()),
        }
    }

    fn required(&self, field: &str, value: Option<String>) -> Result<String, ServiceProblem> {
        let missing = format!("its answer has no `{field}`");
        value.ok_or_else(|| service::malformed(&self.program, &missing))
    }
}

impl KeyService for Plugin {
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem> {
        let arguments = json!({"signOptions": {"rpcOptions": {}, "messageOptions": {}}});
        let answer = self.ask("signMessage", arguments, public.curve(), message)?;
        let field = "signMessage.signature";
        let text = self.required(field, answer.sign_message.map(|signed| signed.signature))?;
        service::decoded(&self.program, field, &text)
    }
}

/// The number of a hash in the protocol, which is that of Go's package `crypto`.
fn hash_func(curve: Curve) -> u8 {
    match curve {
        Curve::P256 => 5,
        Curve::P384 => 6,
        Curve::P521 => 7,
    }
}
