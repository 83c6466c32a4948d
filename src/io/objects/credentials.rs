//! Who this program is to AWS and Google: settings and credentials as their own tools find them, for
//! their stores and for their other services.

use std::sync::Arc;
use std::time::Duration;

use object_store::RetryConfig;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use object_store::gcp::GoogleCloudStorageBuilder;

use super::aws_profile;
use super::connector::Connector;
use crate::io::World;
use crate::io::http::Http;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;

/// How long credentials are asked for: whoever has none waits this long to hear it.
const RETRY_TIME_MAX: Duration = Duration::from_secs(20);
const RETRIES_MAX: usize = 1;

/// The library wants to know a bucket before it looks for credentials.
const NO_BUCKET: &str = "none";

/// Headers of a request signed by [`AwsKeys::sign`].
const SIGNED: [&str; 4] = [
    "authorization",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-security-token",
];

/// Settings and credentials of AWS, and whether they name a server without encryption; `endpoint` is what
/// messages call it.
pub(super) fn s3(world: &World, endpoint: &str) -> Result<(AmazonS3Builder, bool), RemoteError> {
    let mut plain = is_plain(world, "AWS_ENDPOINT_URL") || is_plain(world, "AWS_ENDPOINT_URL_S3");
    let mut builder = AmazonS3Builder::new();
    let profile = aws_profile::settings(world).map_err(|error| {
        let problem =
            RemoteError::new(endpoint, RemoteProblem::NotAuthenticated).saying(&error.to_string());
        match error.hint() {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    })?;
    for (name, value) in profile {
        plain |= name == "aws_endpoint_url" && value.starts_with("http://");
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    for (name, value) in settings(world, "AWS_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok((builder, plain))
}

/// Settings and credentials of Google.
pub(super) fn google(world: &World) -> GoogleCloudStorageBuilder {
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in settings(world, "GOOGLE_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// Variables that begin with `prefix`, by the names the library has for them.
pub(super) fn settings(
    world: &World,
    prefix: &'static str,
) -> impl Iterator<Item = (String, String)> {
    let variables = world.variables();
    variables
        .filter(move |(name, _)| name.starts_with(prefix))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether a variable names a server by `http://`; whoever does so means it.
pub(super) fn is_plain(world: &World, name: &str) -> bool {
    let value = world.variable(name);
    value.is_some_and(|value| value.starts_with("http://"))
}

/// Keys by which AWS knows who asks.
pub struct AwsKeys {
    credential: Arc<AwsCredential>,
    /// The region the settings name.
    pub region: Option<String>,
}

/// Finds the keys as for `s3://`; `endpoint` is what messages call what they are for.
///
/// # Errors
/// When there are none.
pub fn aws(world: &World, http: &Http, endpoint: &str) -> Result<AwsKeys, RemoteError> {
    let failed = |error: object_store::Error| {
        not_authenticated(endpoint, &error).hint(
            "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (with `AWS_SESSION_TOKEN` when they are temporary), or `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE`",
        )
    };
    let (builder, _) = s3(world, endpoint)?;
    let region = builder.get_config_value(&AmazonS3ConfigKey::Region);
    let store = builder
        .with_bucket_name(NO_BUCKET)
        .with_allow_http(true)
        .with_retry(retry())
        .with_http_connector(Connector(http.client()))
        .build()
        .map_err(failed)?;
    let credential = http.block_on(store.credentials().get_credential());
    let credential = credential.map_err(failed)?;
    // They become headers, which the library takes for granted.
    Secret::parse(&credential.key_id, "AWS_ACCESS_KEY_ID")
        .and_then(|_| match &credential.token {
            Some(token) => Secret::parse(token, "AWS_SESSION_TOKEN").map(drop),
            None => Ok(()),
        })
        .map_err(|error| {
            RemoteError::new(endpoint, RemoteProblem::NotAuthenticated).saying(&error.to_string())
        })?;
    Ok(AwsKeys { credential, region })
}

impl AwsKeys {
    /// The headers that authorise a `POST` of `body` to `url` (Signature Version 4). `headers` are sent
    /// with it too, and signed.
    ///
    /// # Errors
    /// What is wrong with the address or a header.
    pub fn sign(
        &self,
        (service, region): (&str, &str),
        url: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<Vec<(&'static str, Secret)>, http::Error> {
        let mut request = http::Request::post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request: HttpRequest = request.body(HttpRequestBody::from(body.to_owned()))?;
        AwsAuthorizer::new(&self.credential, service, region).authorize(&mut request, None);
        let signed = SIGNED.into_iter().filter_map(|name| {
            let value = request.headers().get(name)?.to_str().ok()?;
            Some((name, Secret::of_text(value)))
        });
        Ok(signed.collect())
    }
}

/// A token for services of Google, from the service account or the machine, as for `gs://`; `endpoint` is
/// what messages call what it is for.
///
/// # Errors
/// When there is none.
pub fn google_token(world: &World, http: &Http, endpoint: &str) -> Result<Secret, RemoteError> {
    let hint = "set `GOOGLE_APPLICATION_CREDENTIALS` to the file of a service account, or `GOOGLE_OAUTH_ACCESS_TOKEN`";
    let failed = |error: object_store::Error| not_authenticated(endpoint, &error).hint(hint);
    let store = google(world)
        .with_bucket_name(NO_BUCKET)
        .with_retry(retry())
        .with_http_connector(Connector(http.client()))
        .build()
        .map_err(failed)?;
    let credential = http.block_on(store.credentials().get_credential());
    let bearer = &credential.map_err(failed)?.bearer;
    Secret::parse(bearer, "the token of Google").map_err(|error| {
        RemoteError::new(endpoint, RemoteProblem::NotAuthenticated)
            .saying(&error.to_string())
            .hint(hint)
    })
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: RETRIES_MAX,
        retry_timeout: RETRY_TIME_MAX,
        ..RetryConfig::default()
    }
}

fn not_authenticated(endpoint: &str, error: &object_store::Error) -> RemoteError {
    RemoteError::new(endpoint, RemoteProblem::NotAuthenticated).saying(&error.to_string())
}
