//! `hashivault://KEY`: a key of the Transit engine of HashiCorp Vault or OpenBao ("Transit secrets engine
//! (API)"), by the variables cosign and GitLab have for it, and those of OpenBao's own client, which come first
//! there too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::service::{self, HeldKey, KeyService, ServiceProblem, Session};
use super::{KeyAccess, Scheme, Signer};
use crate::io::World;
use crate::io::files;
use crate::io::http::Body;
use crate::io::secret::Secret;
use crate::signing::error::SigningError;
use crate::signing::keys::PublicKey;

/// `hashivault://KEY`.
pub(super) const SCHEME: Scheme = Scheme {
    prefix: "hashivault://",
    summary: "a key of HashiCorp Vault or OpenBao (Transit)",
    signer: |key, access| Ok(Box::new(held(key, access)?) as Box<dyn Signer>),
    trust: |key, access| Ok(held(key, access)?.trust()),
};

const FORM: &str = "hashivault://KEY";

/// Largest `~/.vault-token`, in bytes.
const TOKEN_BYTES_MAX: u64 = 16 << 10;

/// A key of a Transit engine, in one version.
struct Transit {
    session: Session,
    /// The engine: `https://vault.example.com/v1/transit`.
    engine: String,
    key: String,
    version: u64,
    headers: Vec<(&'static str, Secret)>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

/// `GET /transit/keys/:name`.
#[derive(Deserialize)]
struct KeyData {
    r#type: String,
    latest_version: u64,
    /// By version; only the time of their making for keys that are not asymmetric.
    keys: BTreeMap<String, serde_json::Value>,
}

/// `POST /transit/sign/:name`.
#[derive(Deserialize)]
struct SignData {
    signature: String,
}

/// `POST /auth/jwt/login`.
#[derive(Deserialize)]
struct Login {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: String,
}

fn held(key: &str, access: &KeyAccess<'_>) -> Result<HeldKey<Transit>, SigningError> {
    HeldKey::open(format!("hashivault://{key}"), || open(key, access.world))
}

fn open(key: &str, world: &World) -> Result<(Transit, PublicKey), ServiceProblem> {
    if !service::is_name(key) {
        return Err(ServiceProblem::Reference(FORM));
    }
    let address = variable(world, "ADDR").ok_or(ServiceProblem::NotSet {
        what: "the address of the service",
        set: "`VAULT_ADDR`",
    })?;
    let api = format!("{}/v1", address.trim_end_matches('/'));
    let mount = path(world, "TRANSIT_SECRET_ENGINE_PATH", "transit")?;
    let session = Session::new(world)?;
    let mut headers = namespace(world)?;
    headers.push(("x-vault-token", token(world, &session, &api)?));
    let mut transit = Transit {
        session,
        engine: format!("{api}/{mount}"),
        key: key.to_owned(),
        version: 0,
        headers,
    };
    let public = transit.fetch()?;
    Ok((transit, public))
}

/// `BAO_NAME`, or else `VAULT_NAME`.
fn variable<'a>(world: &'a World, name: &str) -> Option<&'a str> {
    let names = [format!("BAO_{name}"), format!("VAULT_{name}")];
    names.iter().find_map(|name| world.variable(name))
}

fn secret(world: &World, name: &str) -> Result<Option<Secret>, ServiceProblem> {
    let own = Secret::from_variable(world, &format!("BAO_{name}"))?;
    let other = || Secret::from_variable(world, &format!("VAULT_{name}"));
    Ok(own.map_or_else(other, |own| Ok(Some(own)))?)
}

/// The namespace, of Vault Enterprise and OpenBao.
fn namespace(world: &World) -> Result<Vec<(&'static str, Secret)>, ServiceProblem> {
    let namespace = secret(world, "NAMESPACE")?;
    Ok(namespace
        .map(|namespace| ("x-vault-namespace", namespace))
        .into_iter()
        .collect())
}

/// Where something is mounted, by a variable that holds a path.
fn path(world: &World, variable: &str, default: &str) -> Result<String, ServiceProblem> {
    let path = world
        .variable(variable)
        .unwrap_or(default)
        .trim_matches('/');
    match path.split('/').all(service::is_name) {
        true => Ok(path.to_owned()),
        false => Err(ServiceProblem::NotSet {
            what: "where the engine is mounted",
            set: "`TRANSIT_SECRET_ENGINE_PATH` and `VAULT_AUTH_PATH` to plain paths such as `transit`",
        }),
    }
}

/// The token: `BAO_TOKEN`, `VAULT_TOKEN`, one for an identity token of the CI system, or that of `vault login`.
fn token(world: &World, session: &Session, api: &str) -> Result<Secret, ServiceProblem> {
    if let Some(token) = secret(world, "TOKEN")? {
        return Ok(token);
    }
    if let Some(role) = world.variable("VAULT_AUTH_ROLE") {
        return login(world, session, api, role);
    }
    let not_set = ServiceProblem::NotSet {
        what: "the token for the service",
        set: "`VAULT_TOKEN`, or `VAULT_AUTH_ROLE` and `VAULT_ID_TOKEN`",
    };
    let Some(home) = world.variable("HOME") else {
        return Err(not_set);
    };
    let file = PathBuf::from(home).join(".vault-token");
    match files::read(&file, TOKEN_BYTES_MAX) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(Secret::parse(&text, &file.display().to_string())?)
        }
        Err(error) if error.is_not_found() => Err(not_set),
        Err(error) => Err(error.into()),
    }
}

fn login(
    world: &World,
    session: &Session,
    api: &str,
    role: &str,
) -> Result<Secret, ServiceProblem> {
    let identity =
        Secret::from_variable(world, "VAULT_ID_TOKEN")?.ok_or(ServiceProblem::NotSet {
            what: "the identity token for `VAULT_AUTH_ROLE`",
            set: "`VAULT_ID_TOKEN`",
        })?;
    let mount = path(world, "VAULT_AUTH_PATH", "jwt")?;
    let url = format!("{api}/auth/{mount}/login");
    let body = Body::Json(json!({"role": role, "jwt": identity.expose()}));
    let login: Login = session.log_in(&url, namespace(world)?, body)?;
    Ok(Secret::parse(&login.auth.client_token, "client_token")?)
}

impl Transit {
    /// The public key of the latest version, which is what signs from now on.
    fn fetch(&mut self) -> Result<PublicKey, ServiceProblem> {
        let url = format!("{}/keys/{}", self.engine, self.key);
        let answer: Answer<KeyData> =
            self.session
                .ask(Method::GET, &url, self.headers.clone(), Body::Empty)?;
        let KeyData {
            r#type,
            latest_version,
            keys,
        } = answer.data;
        if !matches!(r#type.as_str(), "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521") {
            return Err(ServiceProblem::Kind(r#type));
        }
        let latest = keys.get(&latest_version.to_string());
        let pem = latest.and_then(|key| key.get("public_key")?.as_str());
        let pem = pem.ok_or_else(|| service::malformed(&url, "there is no public key"))?;
        self.version = latest_version;
        service::public_key(pem, &r#type)
    }
}

impl KeyService for Transit {
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem> {
        let curve = public.curve();
        let url = format!("{}/sign/{}", self.engine, self.key);
        let body = json!({
            "input": STANDARD.encode(service::digest(curve, message)),
            "prehashed": true,
            "hash_algorithm": format!("sha2-{}", service::hash_bits(curve)),
            "marshaling_algorithm": "asn1",
            "key_version": self.version,
        });
        let headers = self.headers.clone();
        let answer: Answer<SignData> =
            self.session
                .ask(Method::POST, &url, headers, Body::Json(body))?;
        // `vault:v1:BASE64`, also from OpenBao.
        let signature = answer
            .data
            .signature
            .strip_prefix(&format!("vault:v{}:", self.version))
            .ok_or_else(|| {
                let expected = format!(
                    "the signature does not begin with `vault:v{}:`",
                    self.version
                );
                service::malformed(&url, &expected)
            })?
            .to_owned();
        service::decoded(&url, "signature", &signature)
    }
}
