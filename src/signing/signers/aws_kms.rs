//! `awskms://[ENDPOINT]/ID`: a key of AWS Key Management Service ("AWS KMS API Reference"), named as cosign
//! names it, with the credentials `s3://` uses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::service::{self, HeldKey, KeyService, ServiceProblem, Session};
use super::{KeyAccess, Scheme, Signer};
use crate::io::World;
use crate::io::http::Body;
use crate::io::objects::credentials::{self, AwsKeys};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::signing::error::SigningError;
use crate::signing::keys::{Curve, PublicKey};

/// `awskms://[ENDPOINT]/ID`.
pub(super) const SCHEME: Scheme = Scheme {
    prefix: "awskms://",
    summary: "a key of AWS KMS: its ID, ARN or `alias/NAME`",
    signer: |key, access| Ok(Box::new(held(key, access)?) as Box<dyn Signer>),
    trust: |key, access| Ok(held(key, access)?.trust()),
};

const FORM: &str = "awskms:///ID, awskms:///ARN or awskms:///alias/NAME, with an endpoint before the last `/` where it is another";

const SERVICE: &str = "kms";
const JSON_1_1: &str = "application/x-amz-json-1.1";

/// What the service says of a request it refused with status 400 ("Common errors"; errors of `Sign`).
const REFUSALS: [(&str, RemoteProblem); 6] = [
    ("AccessDeniedException", RemoteProblem::PermissionDenied),
    ("NotFoundException", RemoteProblem::NotFound),
    (
        "UnrecognizedClientException",
        RemoteProblem::NotAuthenticated,
    ),
    ("InvalidSignatureException", RemoteProblem::NotAuthenticated),
    ("ExpiredTokenException", RemoteProblem::NotAuthenticated),
    ("ThrottlingException", RemoteProblem::RateLimited),
];

/// A key of AWS KMS.
struct AwsKms {
    session: Session,
    keys: AwsKeys,
    region: String,
    /// `https://kms.eu-west-1.amazonaws.com/`.
    url: String,
    /// As in the reference.
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKeyAnswer {
    public_key: String,
    key_usage: String,
    #[serde(default)]
    key_spec: String,
    #[serde(default)]
    signing_algorithms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignAnswer {
    signature: String,
}

fn held(rest: &str, access: &KeyAccess<'_>) -> Result<HeldKey<AwsKms>, SigningError> {
    HeldKey::open(format!("awskms://{rest}"), || open(rest, access.world))
}

fn open(rest: &str, world: &World) -> Result<(AwsKms, PublicKey), ServiceProblem> {
    let (endpoint, key) = rest
        .split_once('/')
        .ok_or(ServiceProblem::Reference(FORM))?;
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ServiceProblem::Reference(FORM));
    }
    let named = region_of_arn(key)?;
    let place = place(endpoint, world)?;
    let session = Session::new(world)?;
    let keys = credentials::aws(world, &session.http, &format!("awskms://{rest}"))?;
    let region = named.map(str::to_owned).or_else(|| keys.region.clone());
    let region = region
        .filter(|region| is_region(region))
        .ok_or(ServiceProblem::NotSet {
            what: "the region of the key",
            set: "`AWS_REGION` to one such as `eu-west-1`, or name the key by its ARN",
        })?;
    let kms = AwsKms {
        session,
        keys,
        url: place.unwrap_or_else(|| format!("https://{}/", host(&region))),
        region,
        key: key.to_owned(),
    };
    let public = kms.fetch()?;
    Ok((kms, public))
}

/// The region in `arn:aws:kms:REGION:…`.
fn region_of_arn(key: &str) -> Result<Option<&str>, ServiceProblem> {
    let mut parts = key.split(':');
    if parts.next() != Some("arn") {
        return Ok(None);
    }
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(SERVICE), Some(region)) => Ok(Some(region)),
        _ => Err(ServiceProblem::Reference(FORM)),
    }
}

/// Whether it is the name of a region, such as `us-gov-east-1`: it becomes part of the name of a host,
/// where `kms.s3.amazonaws.com` would be anybody's bucket.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_area =
        |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    parts.next().is_some_and(is_area)
        && parts.next_back().is_some_and(is_number)
        && parts.clone().next().is_some()
        && parts.all(is_word)
}

/// The host of the service in a region.
fn host(region: &str) -> String {
    let domain = match region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    };
    format!("{SERVICE}.{region}.{domain}")
}

/// Whether a host is an endpoint of the service, also a private one ("AWS KMS endpoints and quotas";
/// "Connect to AWS KMS through a VPC endpoint").
fn is_host_of_kms(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        ["kms" | "kms-fips", region, "amazonaws", "com"]
        | ["kms" | "kms-fips", region, "amazonaws", "com", "cn"]
        | ["kms" | "kms-fips", region, "api", "aws"]
        | [_, "kms" | "kms-fips", region, "vpce", "amazonaws", "com"] => is_region(region),
        _ => false,
    }
}

/// The address, where it is not that of the region: by the reference, or by the variables of the tools of
/// AWS. Keys of AWS sign what is sent only there.
fn place(endpoint: &str, world: &World) -> Result<Option<String>, ServiceProblem> {
    let own = ["AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"]
        .into_iter()
        .find_map(|name| world.variable(name));
    if endpoint.is_empty() {
        return Ok(own.map(str::to_owned));
    }
    // cosign has no scheme here; what is on this machine is an emulator, and seldom has a certificate.
    let url = match service::is_loopback_place(endpoint) {
        true => format!("http://{endpoint}/"),
        false => format!("https://{endpoint}/"),
    };
    let parsed = Url::parse(&url).map_err(|_| ServiceProblem::Reference(FORM))?;
    let host = parsed.host_str().unwrap_or_default();
    let own = own.and_then(|own| Url::parse(own).ok());
    let is_own = own.is_some_and(|own| own.origin() == parsed.origin());
    match is_own || is_host_of_kms(host) || service::is_loopback(host) {
        true => Ok(Some(url)),
        false => Err(ServiceProblem::Place {
            place: host.to_owned(),
            why: "it is no endpoint of AWS KMS; hint: name a server of your own in `AWS_ENDPOINT_URL_KMS`",
        }),
    }
}

impl AwsKms {
    fn fetch(&self) -> Result<PublicKey, ServiceProblem> {
        let answer: PublicKeyAnswer = self.call("GetPublicKey", &json!({"KeyId": self.key}))?;
        let der = service::decoded(&self.url, "PublicKey", &answer.public_key)?;
        let kind = format!("{} for {}", answer.key_spec, answer.key_usage);
        let key = PublicKey::of_der(der).map_err(|_| ServiceProblem::Kind(kind.clone()))?;
        let can_sign = answer.key_usage == "SIGN_VERIFY"
            && answer.signing_algorithms.contains(&algorithm(key.curve()));
        can_sign.then_some(key).ok_or(ServiceProblem::Kind(kind))
    }

    fn call<T: DeserializeOwned>(
        &self,
        operation: &str,
        body: &Value,
    ) -> Result<T, ServiceProblem> {
        let target = format!("TrentService.{operation}");
        let headers = [
            ("content-type", JSON_1_1),
            ("x-amz-target", target.as_str()),
        ];
        let body = body.to_string();
        let scope = (SERVICE, self.region.as_str());
        let signed = self.keys.sign(scope, &self.url, &headers, &body);
        let mut signed = signed.map_err(|error| {
            RemoteError::new(&self.url, RemoteProblem::Rejected).saying(&error.to_string())
        })?;
        signed.push(("x-amz-target", Secret::of_text(target)));
        let body = Body::Bytes {
            kind: JSON_1_1,
            bytes: body.into_bytes(),
        };
        let answer = self.session.ask(Method::POST, &self.url, signed, body);
        answer.map_err(|problem| match problem {
            ServiceProblem::Remote(error) => ServiceProblem::Remote(understood(error, operation)),
            other => other,
        })
    }
}

impl KeyService for AwsKms {
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem> {
        let curve = public.curve();
        let request = json!({
            "KeyId": self.key,
            "Message": STANDARD.encode(service::digest(curve, message)),
            // The service itself takes messages of 4,096 bytes at most.
            "MessageType": "DIGEST",
            "SigningAlgorithm": algorithm(curve),
        });
        let answer: SignAnswer = self.call("Sign", &request)?;
        service::decoded(&self.url, "Signature", &answer.signature)
    }
}

fn algorithm(curve: Curve) -> String {
    format!("ECDSA_SHA_{}", service::hash_bits(curve))
}

/// What the service meant by status 400, and which operation it was; without the request that it repeats
/// when a signature is wrong, as a token is in there.
fn understood(mut error: RemoteError, operation: &str) -> RemoteError {
    error.endpoint = format!("{operation} {}", error.endpoint);
    let Some(detail) = &error.detail else {
        return error;
    };
    let refusal = REFUSALS.iter().find(|(name, _)| detail.contains(name));
    if let Some((_, problem)) = refusal {
        error.problem = *problem;
    }
    let end = detail.find("The Canonical String").unwrap_or(detail.len());
    error.detail = detail.get(..end).map(|said| said.trim().to_owned());
    error
}
