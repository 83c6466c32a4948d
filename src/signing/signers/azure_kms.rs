//! `azurekms://VAULT.vault.azure.net/KEY[/VERSION]`: a key of Azure Key Vault or a managed HSM ("Azure Key
//! Vault REST API, Keys", 7.4), named as cosign names it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::json;

use super::service::{self, HeldKey, KeyService, ServiceProblem, Session};
use super::{KeyAccess, Scheme, Signer};
use crate::io::World;
use crate::io::files;
use crate::io::http::Body;
use crate::io::secret::Secret;
use crate::signing::error::SigningError;
use crate::signing::keys::{Curve, PublicKey};
use crate::signing::pem;

/// `azurekms://VAULT.vault.azure.net/KEY[/VERSION]`.
pub(super) const SCHEME: Scheme = Scheme {
    prefix: "azurekms://",
    summary: "a key of Azure Key Vault: `VAULT.vault.azure.net/KEY`",
    signer: |key, access| Ok(Box::new(held(key, access)?) as Box<dyn Signer>),
    trust: |key, access| Ok(held(key, access)?.trust()),
};

const FORM: &str = "azurekms://VAULT.vault.azure.net/KEY[/VERSION]";
const API: &str = "api-version=7.4";

/// Largest file with a federated token, in bytes.
const TOKEN_BYTES_MAX: u64 = 16 << 10;

/// A cloud of Azure: what the hosts of its vaults end with, the resource its tokens are for, and who gives
/// them ("Azure Key Vault security worlds"; "National clouds").
struct Cloud {
    vaults: &'static str,
    resource: &'static str,
    authority: &'static str,
}

const CLOUDS: [Cloud; 4] = [
    Cloud {
        vaults: ".vault.azure.net",
        resource: "https://vault.azure.net",
        authority: "https://login.microsoftonline.com",
    },
    Cloud {
        vaults: ".managedhsm.azure.net",
        resource: "https://managedhsm.azure.net",
        authority: "https://login.microsoftonline.com",
    },
    Cloud {
        vaults: ".vault.usgovcloudapi.net",
        resource: "https://vault.usgovcloudapi.net",
        authority: "https://login.microsoftonline.us",
    },
    Cloud {
        vaults: ".vault.azure.cn",
        resource: "https://vault.azure.cn",
        authority: "https://login.chinacloudapi.cn",
    },
];

/// A key of Azure Key Vault, in one version.
struct AzureKms {
    session: Session,
    token: Secret,
    /// `https://VAULT.vault.azure.net/keys/KEY/VERSION`, which is also what the service calls it.
    key: String,
}

/// `GET {vault}/keys/{name}/{version}`.
#[derive(Deserialize)]
struct KeyAnswer {
    key: Jwk,
}

/// JSON Web Key (RFC 7517), as far as it is needed.
#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

/// `POST {vault}/keys/{name}/{version}/sign`.
#[derive(Deserialize)]
struct SignAnswer {
    kid: String,
    value: String,
}

/// `POST {authority}/{tenant}/oauth2/v2.0/token`.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

fn held(rest: &str, access: &KeyAccess<'_>) -> Result<HeldKey<AzureKms>, SigningError> {
    HeldKey::open(format!("azurekms://{rest}"), || open(rest, access.world))
}

fn open(rest: &str, world: &World) -> Result<(AzureKms, PublicKey), ServiceProblem> {
    let parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    let (host, name, version) = match parts.as_slice() {
        [host, name] => (*host, *name, None),
        [host, name, version] => (*host, *name, Some(*version)),
        _ => return Err(ServiceProblem::Reference(FORM)),
    };
    if ![host, name, version.unwrap_or(name)]
        .into_iter()
        .all(service::is_name)
    {
        return Err(ServiceProblem::Reference(FORM));
    }
    let (address, cloud) = vault(host, world)?;
    let session = Session::new(world)?;
    let token = token(world, &session, cloud)?;
    let keys = format!("{address}/keys/{name}/");
    let mut kms = AzureKms {
        session,
        token,
        key: format!("{keys}{}", version.unwrap_or_default()),
    };
    let public = kms.fetch(&keys)?;
    Ok((kms, public))
}

/// The address of a vault and the cloud it belongs to: a token for vaults goes to vaults only, whatever a
/// reference says. On this machine it is an emulator, and gets a token of this machine.
fn vault(host: &str, world: &World) -> Result<(String, &'static Cloud), ServiceProblem> {
    let host = host.to_ascii_lowercase();
    let is_in = |cloud: &&Cloud| {
        let name = host.strip_suffix(cloud.vaults);
        name.is_some_and(|name| !name.is_empty() && !name.contains(['.', ':']))
    };
    if let Some(cloud) = CLOUDS.iter().find(is_in) {
        return Ok((format!("https://{host}"), cloud));
    }
    let authority = world.variable("AZURE_AUTHORITY_HOST").map(Url::parse);
    let is_local = authority.is_some_and(|url| {
        url.is_ok_and(|url| service::is_loopback(url.host_str().unwrap_or_default()))
    });
    match (
        CLOUDS.first(),
        is_local && service::is_loopback_place(&host),
    ) {
        (Some(cloud), true) => Ok((format!("http://{host}"), cloud)),
        (Some(_) | None, _) => Err(ServiceProblem::Place {
            place: host,
            why: "it is no vault of Azure, such as `VAULT.vault.azure.net`",
        }),
    }
}

/// A token for vaults, by the secret of an application or by a token of the CI system that Azure trusts
/// ("Microsoft identity platform and the OAuth 2.0 client credentials flow").
fn token(world: &World, session: &Session, cloud: &Cloud) -> Result<Secret, ServiceProblem> {
    let not_set = || ServiceProblem::NotSet {
        what: "who asks Azure",
        set: "`AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE`",
    };
    let named = |name: &str| world.variable(name).ok_or_else(not_set);
    let (tenant, client) = (named("AZURE_TENANT_ID")?, named("AZURE_CLIENT_ID")?);
    if !service::is_name(tenant) {
        return Err(not_set());
    }
    let mut form = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", client.to_owned()),
        ("scope", format!("{}/.default", cloud.resource)),
    ];
    if let Some(secret) = world.variable("AZURE_CLIENT_SECRET") {
        form.push(("client_secret", secret.to_owned()));
    } else {
        let file = named("AZURE_FEDERATED_TOKEN_FILE")?;
        let text = files::read(file.as_ref(), TOKEN_BYTES_MAX)?;
        let assertion = Secret::parse(&String::from_utf8_lossy(&text), file)?;
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        form.push(("client_assertion_type", kind.to_owned()));
        form.push(("client_assertion", assertion.expose().to_owned()));
    }
    let authority = world
        .variable("AZURE_AUTHORITY_HOST")
        .unwrap_or(cloud.authority)
        .trim_end_matches('/');
    let url = format!("{authority}/{tenant}/oauth2/v2.0/token");
    let form = form
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    let body = Body::Form(form.collect());
    let answer: TokenAnswer = session.log_in(&url, Vec::new(), body)?;
    Ok(Secret::parse(&answer.access_token, "access_token")?)
}

impl AzureKms {
    fn headers(&self) -> Vec<(&'static str, Secret)> {
        let bearer = self.token.within(|token| format!("Bearer {token}"));
        vec![("authorization", bearer)]
    }

    /// The public key, and its version where the reference names none. `keys` is what the names of all
    /// versions begin with.
    fn fetch(&mut self, keys: &str) -> Result<PublicKey, ServiceProblem> {
        let url = format!("{}?{API}", self.key);
        let answer: KeyAnswer = self
            .session
            .ask(Method::GET, &url, self.headers(), Body::Empty)?;
        let Jwk {
            kid,
            kty,
            crv,
            x,
            y,
        } = answer.key;
        // Names of keys are the same in capitals and in small letters.
        let is_among = kid
            .get(..keys.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(keys));
        let version = kid.get(keys.len()..).unwrap_or_default();
        let is_asked = self.key == keys || self.key.eq_ignore_ascii_case(&kid);
        if !(is_among && service::is_name(version) && is_asked) {
            return Err(service::malformed(&self.key, "it is another key"));
        }
        let kind = format!("{kty} {crv}");
        let curve = match (kty.as_str(), crv.as_str()) {
            ("EC" | "EC-HSM", "P-256") => Curve::P256,
            ("EC" | "EC-HSM", "P-384") => Curve::P384,
            ("EC" | "EC-HSM", "P-521") => Curve::P521,
            _ => return Err(ServiceProblem::Kind(kind)),
        };
        let (x, y) = (self.decoded("x", &x)?, self.decoded("y", &y)?);
        let der = pem::public_of_coordinates(curve, &x, &y);
        let der =
            der.ok_or_else(|| service::malformed(&self.key, "`x` or `y` has another length"))?;
        self.key = kid;
        PublicKey::of_der(der).map_err(|_| ServiceProblem::Kind(kind))
    }

    fn decoded(&self, field: &str, text: &str) -> Result<Vec<u8>, ServiceProblem> {
        URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| service::malformed(&self.key, &format!("`{field}` is not base64url")))
    }
}

impl KeyService for AzureKms {
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem> {
        let curve = public.curve();
        let url = format!("{}/sign?{API}", self.key);
        let body = Body::Json(json!({
            "alg": format!("ES{}", service::hash_bits(curve)),
            "value": URL_SAFE_NO_PAD.encode(service::digest(curve, message)),
        }));
        let answer: SignAnswer = self.session.ask(Method::POST, &url, self.headers(), body)?;
        if answer.kid != self.key {
            return Err(service::malformed(&self.key, "another key has signed"));
        }
        let fixed = self.decoded("value", &answer.value)?;
        pem::signature_of_fixed(curve, &fixed)
            .ok_or_else(|| service::malformed(&self.key, "the signature has another length"))
    }
}
