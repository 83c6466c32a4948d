//! `gcpkms://projects/…/cryptoKeyVersions/N`: a key of Google Cloud KMS ("Cloud KMS API, v1"), named as
//! cosign or as Google names it. What is asked and answered carries checksums, and both are checked ("Data
//! integrity guidelines").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::service::{self, HeldKey, KeyService, ServiceProblem, Session};
use super::{KeyAccess, Scheme, Signer};
use crate::io::World;
use crate::io::http::Body;
use crate::io::objects::credentials;
use crate::io::secret::Secret;
use crate::signing::error::SigningError;
use crate::signing::keys::PublicKey;

/// `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N`.
pub(super) const SCHEME: Scheme = Scheme {
    prefix: "gcpkms://",
    summary: "a version of a key of Google Cloud KMS: its resource name",
    signer: |key, access| Ok(Box::new(held(key, access)?) as Box<dyn Signer>),
    trust: |key, access| Ok(held(key, access)?.trust()),
};

const FORM: &str = "gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N";

const SERVICE: &str = "https://cloudkms.googleapis.com";

/// Another address of the service, by the variable of `gcloud`.
const ADDRESS_VARIABLE: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS";

/// A version of a key of Google Cloud KMS.
struct GcpKms {
    session: Session,
    token: Secret,
    /// `projects/…/cryptoKeyVersions/N`.
    name: String,
    /// `https://cloudkms.googleapis.com/v1/projects/…/cryptoKeyVersions/N`.
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKeyAnswer {
    name: String,
    pem: String,
    pem_crc32c: Value,
    #[serde(default)]
    algorithm: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignAnswer {
    name: String,
    signature: String,
    signature_crc32c: Value,
    #[serde(default)]
    verified_digest_crc32c: bool,
}

fn held(rest: &str, access: &KeyAccess<'_>) -> Result<HeldKey<GcpKms>, SigningError> {
    HeldKey::open(format!("gcpkms://{rest}"), || open(rest, access.world))
}

fn open(rest: &str, world: &World) -> Result<(GcpKms, PublicKey), ServiceProblem> {
    let name = resource_name(rest).ok_or(ServiceProblem::Reference(FORM))?;
    let url = format!("{}/v1/{name}", address(world)?);
    let session = Session::new(world)?;
    let token = match Secret::from_variable(world, "GOOGLE_OAUTH_ACCESS_TOKEN")? {
        Some(token) => token,
        None => credentials::google_token(world, &session.http, &url)?,
    };
    let kms = GcpKms {
        session,
        token,
        name,
        url,
    };
    let public = kms.fetch()?;
    Ok((kms, public))
}

/// The name Google has for the version of a key; cosign says `versions` for `cryptoKeyVersions`.
fn resource_name(rest: &str) -> Option<String> {
    let parts: Vec<&str> = rest.split('/').collect();
    let [
        "projects",
        project,
        "locations",
        location,
        "keyRings",
        ring,
        "cryptoKeys",
        key,
        "cryptoKeyVersions" | "versions",
        version,
    ] = parts.as_slice()
    else {
        return None;
    };
    let names = [project, location, ring, key, version];
    names.into_iter().all(|name| service::is_name(name)).then(|| {
        format!(
            "projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}/cryptoKeyVersions/{version}"
        )
    })
}

/// Where the service is. A token of Google goes to Google only.
fn address(world: &World) -> Result<String, ServiceProblem> {
    let address = world.variable(ADDRESS_VARIABLE).unwrap_or(SERVICE);
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    match host.ends_with(".googleapis.com") || service::is_loopback(host) {
        true => Ok(address.trim_end_matches('/').to_owned()),
        false => Err(ServiceProblem::Place {
            place: host.to_owned(),
            why: "it is no service of Google; hint: look at `CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS`",
        }),
    }
}

impl GcpKms {
    fn headers(&self) -> Vec<(&'static str, Secret)> {
        let bearer = self.token.within(|token| format!("Bearer {token}"));
        vec![("authorization", bearer)]
    }

    fn fetch(&self) -> Result<PublicKey, ServiceProblem> {
        let url = format!("{}/publicKey", self.url);
        let answer: PublicKeyAnswer =
            self.session
                .ask(Method::GET, &url, self.headers(), Body::Empty)?;
        self.check(&answer.name, answer.pem.as_bytes(), &answer.pem_crc32c)?;
        match answer.algorithm.as_str() {
            "EC_SIGN_P256_SHA256" | "EC_SIGN_P384_SHA384" => {
                service::public_key(&answer.pem, &answer.algorithm)
            }
            _ => Err(ServiceProblem::Kind(answer.algorithm)),
        }
    }

    /// That an answer is about this key and has arrived whole.
    fn check(&self, name: &str, bytes: &[u8], checksum: &Value) -> Result<(), ServiceProblem> {
        if name != self.name {
            return Err(service::malformed(
                &self.url,
                "the answer is about another key",
            ));
        }
        match number(checksum) == Some(crc32c(bytes)) {
            true => Ok(()),
            false => Err(service::malformed(
                &self.url,
                "the answer is damaged: its checksum (CRC32C) is another",
            )),
        }
    }
}

impl KeyService for GcpKms {
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem> {
        let curve = public.curve();
        let digest = service::digest(curve, message);
        let hash = format!("sha{}", service::hash_bits(curve));
        let body = Body::Json(json!({
            "digest": {hash: STANDARD.encode(&digest)},
            "digestCrc32c": crc32c(&digest).to_string(),
        }));
        let url = format!("{}:asymmetricSign", self.url);
        let answer: SignAnswer = self.session.ask(Method::POST, &url, self.headers(), body)?;
        let signature = service::decoded(&url, "signature", &answer.signature)?;
        self.check(&answer.name, &signature, &answer.signature_crc32c)?;
        match answer.verified_digest_crc32c {
            true => Ok(signature),
            false => Err(service::malformed(
                &url,
                "the service does not say that the digest has arrived whole",
            )),
        }
    }
}

/// A 64-bit number of Protocol Buffers, which is a text in JSON.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => u32::try_from(other.as_u64()?).ok(),
    }
}

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), bit by bit: what is checked has a few hundred bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    /// The polynomial, its lowest power in the highest bit.
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let register = bytes.iter().fold(u32::MAX, |register, byte| {
        (0..8).fold(register ^ u32::from(*byte), |register, _| {
            (register >> 1) ^ (POLYNOMIAL * (register & 1))
        })
    });
    !register
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, appendix B.4, and the check value of CRC-32C in the catalogue of CRC algorithms.
        let up: Vec<u8> = (0..32).collect();
        let cases: [(&[u8], u32); 5] = [
            (b"", 0),
            (b"123456789", 0xe306_9283),
            (&[0; 32], 0x8a91_36aa),
            (&[0xff; 32], 0x62a8_ab43),
            (&up, 0x46dd_794e),
        ];
        for (bytes, expected) in cases {
            assert_eq!(crc32c(bytes), expected);
        }
    }
}
