//! HTTP to other systems, with the limits no caller may forget: time, size, redirects, repetition.
//!
//! - The roots of trust are those of the system, those bundled with this program and those of
//!   `PROOFMARK_CA_FILE`, together: a minimal image has no store, a company has one certificate more.
//!   `SSL_CERT_FILE` and `SSL_CERT_DIR` name the system's store as they do for OpenSSL. Verification
//!   cannot be turned off.
//! - Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
//! - Names are resolved by [`super::names`], without the libraries of the system.
//! - A redirect is never followed: a token must not travel to where a reply points.
//! - A request is sent again only when that can do no harm; see [`Repeat`].
//! - What another system says is repeated without the secrets it was sent.

use std::error::Error;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt as _, Limited};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, Method};
use serde::de::DeserializeOwned;

use super::World;
use super::files::{self, FileError};
use super::names::Names;
use super::remote::{RemoteError, RemoteProblem};
use super::secret::{self, Secret};

/// Largest reply read, in bytes: a page of a hundred comments of 65,536 characters.
pub const REPLY_BYTES_MAX: usize = 32 << 20;

/// Time to reach a system, and time for one exchange with it.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
const EXCHANGE_TIME_MAX: Duration = Duration::from_secs(60);

/// How often a request is sent at most, and how long all of it may take.
const ATTEMPTS_MAX: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(180);

/// The first wait before sending again.
const WAIT: Duration = Duration::from_millis(500);

/// The longest wait another system may ask for in `Retry-After`.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Largest file of additional certificates, in bytes.
const CERTIFICATES_BYTES_MAX: u64 = 4 << 20;

/// Environment variable that names a PEM file of additional certificates.
pub const CA_FILE_VARIABLE: &str = "PROOFMARK_CA_FILE";

/// Whether a request may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Sending it twice does what sending it once does.
    Safe,
    /// It may have been received: sending it again could do it twice. It is sent again only when it
    /// certainly was not taken: no connection was made, or the reply says to come back later.
    Never,
}

/// What another system answered, with a status below 400.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, of at most [`REPLY_BYTES_MAX`] bytes.
    pub body: Vec<u8>,
    /// What was asked.
    pub endpoint: String,
}

impl Reply {
    /// The body as JSON of this shape.
    ///
    /// # Errors
    /// When it is not: then nothing is known of what the other system did.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, RemoteError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let said = without_values(&error.to_string());
            RemoteError::new(&self.endpoint, RemoteProblem::Malformed).saying(&said)
        })
    }

    /// The time at which the other system answered, as it says (`Date`, RFC 9110).
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let time = DateTime::parse_from_rfc2822(self.header("date")?).ok()?;
        Some(time.with_timezone(&Utc))
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A request to a system without a client library.
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: &'a str,
    /// Headers besides those of the body; tokens among them.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body.
    pub body: Body,
    /// Whether it may be sent again.
    pub repeat: Repeat,
}

/// The body of a request.
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(serde_json::Value),
    /// A form; values may be secret, and are never shown.
    Form(Vec<(String, String)>),
    /// Anything else, byte for byte.
    Bytes {
        /// What it is, as `Content-Type` has it.
        kind: &'static str,
        /// The content.
        bytes: Vec<u8>,
    },
}

/// Something that can send requests, one at a time.
pub struct Http {
    client: Client,
    runtime: tokio::runtime::Runtime,
    /// The first wait before sending again; each further one is twice as long.
    wait: Duration,
}

/// The network cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// The file of additional certificates cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file of additional certificates holds none, or one that is none.
    #[error(
        "failed to read `{path}`: {problem}; hint: `{CA_FILE_VARIABLE}` names a file of PEM certificates"
    )]
    Certificates {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The client cannot be made.
    #[error("failed to prepare for the network: {0}")]
    Client(String),
}

impl Http {
    /// Prepares for the network and asks nothing of it.
    ///
    /// # Errors
    /// When the additional certificates cannot be used, or the system gives no resources.
    pub fn new(world: &World) -> Result<Self, HttpSetupError> {
        Self::within(world, EXCHANGE_TIME_MAX, WAIT)
    }

    /// As [`Http::new`], with another limit on the time of one exchange and another first wait before sending
    /// again.
    pub(crate) fn within(
        world: &World,
        exchange_time_max: Duration,
        wait: Duration,
    ) -> Result<Self, HttpSetupError> {
        let client = builder(world)?
            .timeout(exchange_time_max)
            .build()
            .map_err(|error| HttpSetupError::Client(chain(&error)))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| HttpSetupError::Client(error.to_string()))?;
        Ok(Self {
            client,
            runtime,
            wait,
        })
    }

    /// The client, for libraries that are built on one.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Runs what a client library makes, where it finds its runtime.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When there is no reply, or one with a status from 300 on.
    pub fn send(&self, request: &Request<'_>) -> Result<Reply, RemoteError> {
        let endpoint = endpoint(&request.method, request.url);
        let secrets = secrets(request);
        let ask = async || {
            let mut builder = self.client.request(request.method.clone(), request.url);
            for (name, value) in &request.headers {
                let mut value = reqwest::header::HeaderValue::from_str(value.expose())
                    .map_err(|error| Failure::unsent(&error))?;
                value.set_sensitive(true);
                builder = builder.header(*name, value);
            }
            let (kind, bytes) = match &request.body {
                Body::Empty => return received(builder.send().await).await,
                Body::Json(value) => ("application/json", value.to_string().into_bytes()),
                Body::Form(fields) => (
                    "application/x-www-form-urlencoded",
                    form(fields).into_bytes(),
                ),
                Body::Bytes { kind, bytes } => (*kind, bytes.clone()),
            };
            let builder = builder.header(reqwest::header::CONTENT_TYPE, kind);
            received(builder.body(bytes).send().await).await
        };
        self.exchange(&endpoint, request.repeat, async || {
            let mut reply = ask().await?;
            reply.secrets.clone_from(&secrets);
            Ok(reply)
        })
    }

    /// Makes an exchange, again where that is safe, and judges the reply. `endpoint` is what messages
    /// call it; `attempt` sends the request once.
    ///
    /// # Errors
    /// When there is no reply, or one with a status from 300 on.
    pub fn exchange(
        &self,
        endpoint: &str,
        repeat: Repeat,
        attempt: impl AsyncFn() -> Result<RawReply, Failure>,
    ) -> Result<Reply, RemoteError> {
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = self.runtime.block_on(attempt());
            let (wait, error) = match judge(endpoint, repeat, outcome) {
                Judged::Done(reply) => return Ok(reply),
                Judged::Failed(error) => return Err(error),
                Judged::Again(wait, error) => (wait, error),
            };
            let wait = wait.unwrap_or_else(|| backoff(self.wait, attempts));
            if ATTEMPTS_MAX <= attempts
                || WAIT_MAX < wait
                || PATIENCE < begun.elapsed().saturating_add(wait)
            {
                return Err(error);
            }
            self.runtime
                .block_on(async { tokio::time::sleep(wait).await });
        }
    }
}

/// A client with everything but a limit on the time of an exchange.
pub(super) fn builder(world: &World) -> Result<reqwest::ClientBuilder, HttpSetupError> {
    let user_agent = concat!("proofmark/", env!("CARGO_PKG_VERSION"));
    Ok(Client::builder()
        .user_agent(user_agent)
        .connect_timeout(CONNECT_TIME_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_merge(roots(world)?)
        .dns_resolver(Arc::new(Names::default())))
}

/// A reply that has not been judged.
pub struct RawReply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// What was sent to get it and must not be shown.
    secrets: Vec<String>,
}

/// There is no reply.
pub struct Failure {
    /// Whether the other system cannot have seen the request.
    unsent: bool,
    why: String,
}

impl Failure {
    fn unsent(error: &dyn Error) -> Self {
        Self {
            unsent: true,
            why: chain(error),
        }
    }

    /// What is known of it.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// What a client library says about a request that got no reply.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(current) = cause {
            if let Some(known) = current.downcast_ref::<reqwest::Error>() {
                return Self {
                    unsent: known.is_connect() || known.is_builder(),
                    why: causes(known),
                };
            }
            cause = current.source();
        }
        Self {
            unsent: false,
            why: chain(error),
        }
    }
}

impl RawReply {
    /// Reads the body of a reply, up to [`REPLY_BYTES_MAX`].
    ///
    /// # Errors
    /// When it breaks off or is larger.
    pub async fn read<B>(status: u16, headers: HeaderMap, body: B) -> Result<Self, Failure>
    where
        B: http_body_util::BodyExt,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let body = Limited::new(body, REPLY_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| Failure {
                unsent: false,
                why: chain(error.as_ref()),
            })?
            .to_bytes()
            .to_vec();
        Ok(Self {
            status,
            headers,
            body,
            secrets: Vec::new(),
        })
    }
}

async fn received(sent: Result<reqwest::Response, reqwest::Error>) -> Result<RawReply, Failure> {
    let response = sent.map_err(|error| Failure::of(&error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    RawReply::read(status, headers, reqwest::Body::from(response)).await
}

enum Judged {
    Done(Reply),
    /// After this wait, or after one of our own; with the error when there is no patience left.
    Again(Option<Duration>, RemoteError),
    Failed(RemoteError),
}

fn judge(endpoint: &str, repeat: Repeat, outcome: Result<RawReply, Failure>) -> Judged {
    let reply = match outcome {
        Ok(reply) => reply,
        Err(failure) => return judge_failure(endpoint, repeat, &failure),
    };
    if reply.status < 300 {
        return Judged::Done(Reply {
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
            endpoint: endpoint.to_owned(),
        });
    }
    let error = error_of(endpoint, &reply);
    let wait = retry_after(&reply.headers);
    match error.problem {
        // The other system says itself that it did not do it.
        RemoteProblem::RateLimited => Judged::Again(wait, error),
        RemoteProblem::Unavailable if repeat == Repeat::Safe => Judged::Again(wait, error),
        RemoteProblem::Unavailable => Judged::Failed(
            error
                .in_doubt()
                .hint("it may have been done all the same; look before you ask again"),
        ),
        RemoteProblem::NotAuthenticated
        | RemoteProblem::PermissionDenied
        | RemoteProblem::NotFound
        | RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => Judged::Failed(error),
    }
}

fn judge_failure(endpoint: &str, repeat: Repeat, failure: &Failure) -> Judged {
    let error = RemoteError::new(endpoint, RemoteProblem::Unavailable).saying(&failure.why);
    if failure.why.contains("certificate") {
        return Judged::Failed(hinted(error, &failure.why));
    }
    if failure.unsent || repeat == Repeat::Safe {
        return Judged::Again(None, hinted(error, &failure.why));
    }
    let hint = "it may have been received; look before you ask again";
    Judged::Failed(error.in_doubt().hint(hint))
}

/// What people have to do about the failures of networks that are not the other system's fault.
pub(super) fn hinted(error: RemoteError, why: &str) -> RemoteError {
    let why = why.to_ascii_lowercase();
    if why.contains("certificate") {
        return error.hint(format!(
            "name the certificate of your company or server in `{CA_FILE_VARIABLE}`"
        ));
    }
    if why.contains("407") || why.contains("proxy auth") {
        return error.hint("the proxy wants a name and a password in `HTTPS_PROXY`");
    }
    if why.contains("dns") || why.contains("lookup") || why.contains("resolve") {
        return error.hint("the name cannot be resolved here; is a proxy needed (`HTTPS_PROXY`)?");
    }
    error
}

fn error_of(endpoint: &str, reply: &RawReply) -> RemoteError {
    let limited = reply.status == 429
        || (reply.status == 403
            && (reply.headers.contains_key("retry-after")
                || header(&reply.headers, "x-ratelimit-remaining") == Some("0")));
    let problem = match reply.status {
        _ if limited => RemoteProblem::RateLimited,
        401 => RemoteProblem::NotAuthenticated,
        403 => RemoteProblem::PermissionDenied,
        404 | 410 => RemoteProblem::NotFound,
        409 | 412 => RemoteProblem::Conflict,
        405 | 501 => RemoteProblem::Unsupported,
        300..=399 => RemoteProblem::Unsupported,
        400..=499 => RemoteProblem::Rejected,
        _ => RemoteProblem::Unavailable,
    };
    // Before it is shortened: half a token is no longer found.
    let said = secret::without(&reply.secrets, words(reply));
    let error = RemoteError::new(endpoint, problem).saying(&said);
    match (reply.status, header(&reply.headers, "location")) {
        (300..=399, place) => error.hint(format!(
            "it has moved{}; no redirect is followed with a token, so name the new place",
            place.map_or_else(String::new, |place| {
                let place = match place.starts_with('/') && !place.starts_with("//") {
                    // On the same server.
                    true => place
                        .split(['?', '#'])
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    false => shown(place),
                };
                format!(" to `{}`", secret::without(&reply.secrets, place))
            })
        )),
        _ => error,
    }
}

/// The other system's own words: `message`, `error` or `detail` of a JSON reply, else its status. AWS says
/// in `__type` what became of a request, Vault in `errors`.
fn words(reply: &RawReply) -> String {
    let status = format!("status {}", reply.status);
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&reply.body) else {
        return status;
    };
    let kind = body.get("__type").and_then(serde_json::Value::as_str);
    let kind = kind.and_then(|kind| kind.rsplit('#').next());
    let said = [
        "message",
        "Message",
        "error_description",
        "error",
        "errors",
        "detail",
    ]
    .into_iter()
    .find_map(|key| body.get(key))
    .map(|said| match said {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(several) if several.iter().all(serde_json::Value::is_string) => {
            let several = several.iter().filter_map(serde_json::Value::as_str);
            several.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    });
    let parts = [Some(status.as_str()), kind, said.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After` in seconds; a date is not read, then the wait is ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header(headers, "retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Twice as long each time, and half of it by chance, so that many jobs do not come back at once.
fn backoff(first: Duration, attempts: u32) -> Duration {
    let whole = first.saturating_mul(1 << (attempts - 1).min(16));
    let chance = RandomState::new().hash_one(attempts) % 1_000;
    whole.mul_f64(0.5 + f64::from(chance as u32) / 2_000.0)
}

/// The method and the address, without query and credentials: what may be said aloud.
#[must_use]
pub fn endpoint(method: &Method, url: &str) -> String {
    format!("{method} {}", shown(url))
}

/// An address without query and credentials.
fn shown(url: &str) -> String {
    match reqwest::Url::parse(url) {
        Ok(url) if url.has_host() => {
            let host = url.host_str().unwrap_or_default();
            let port = url
                .port()
                .map_or_else(String::new, |port| format!(":{port}"));
            format!("{}://{host}{port}{}", url.scheme(), url.path())
        }
        // What cannot be read may be anything, also a password.
        Ok(_) | Err(_) => "an address that is none".to_owned(),
    }
}

/// What is in a request to prove who asks.
fn secrets(request: &Request<'_>) -> Vec<String> {
    let headers = request.headers.iter();
    let headers = headers.filter(|(name, _)| secret::is_named_like_one(name));
    let mut secrets: Vec<String> = headers
        // `Bearer …`: what follows the kind.
        .map(|(_, value)| match value.expose().split_once(' ') {
            Some((_, token)) if !token.contains(' ') => token.to_owned(),
            Some(_) | None => value.expose().to_owned(),
        })
        .collect();
    match &request.body {
        Body::Empty | Body::Bytes { .. } => {}
        Body::Json(value) => secrets_in(value, &mut secrets),
        Body::Form(fields) => {
            let fields = fields.iter();
            let fields = fields.filter(|(name, _)| secret::is_field_of_one(name));
            secrets.extend(fields.map(|(_, value)| value.clone()));
        }
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

fn secrets_in(value: &serde_json::Value, secrets: &mut Vec<String>) {
    let fields = value.as_object().into_iter().flatten();
    for (name, value) in fields {
        match value {
            serde_json::Value::String(text) if secret::is_field_of_one(name) => {
                secrets.push(text.clone());
            }
            _ => secrets_in(value, secrets),
        }
    }
}

/// What a parser says without the text it quotes, which may be a token: `invalid type: string "…"`.
fn without_values(said: &str) -> String {
    match (said.find("string \""), said.rfind('"')) {
        (Some(start), Some(end)) if start + 8 <= end => {
            format!("{}…{}", &said[..start + 8], &said[end..])
        }
        (_, _) => said.to_owned(),
    }
}

fn form(fields: &[(String, String)]) -> String {
    let mut url = reqwest::Url::parse("form:").expect("a scheme is an address");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

fn roots(world: &World) -> Result<Vec<Certificate>, HttpSetupError> {
    let mut roots: Vec<Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    if let Some(file) = world.variable(CA_FILE_VARIABLE) {
        let bad = |problem: String| HttpSetupError::Certificates {
            path: file.to_owned(),
            problem,
        };
        let pem = files::read(Path::new(file), CERTIFICATES_BYTES_MAX)?;
        let own = Certificate::from_pem_bundle(&pem).map_err(|error| bad(chain(&error)))?;
        if own.is_empty() {
            return Err(bad("it holds no certificate".to_owned()));
        }
        roots.extend(own);
    }
    Ok(roots)
}

/// An error of the client without the address, which may hold what must not be shown.
fn causes(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    if error.is_timeout() {
        parts.push("no answer in time".to_owned());
    }
    let mut cause = error.source();
    while let Some(current) = cause {
        parts.push(current.to_string());
        cause = current.source();
    }
    if parts.is_empty() {
        parts.push("the request could not be made".to_owned());
    }
    parts.dedup();
    parts.join(": ")
}

fn chain(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(current) = cause {
        parts.push(current.to_string());
        cause = current.source();
    }
    parts.dedup();
    parts.join(": ")
}

#[cfg(test)]
mod tests;
