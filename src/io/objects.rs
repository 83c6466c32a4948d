//! Objects in stores, fetched into files: `s3://`, `gs://`, `az://`, `abfs://`, `abfss://` and `https://`.
//!
//! - Credentials are those of the vendors' own tools, from the environment: `AWS_ACCESS_KEY_ID`,
//!   `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, a web-identity token, a profile with keys
//!   (`AWS_PROFILE`, [`aws_profile`]), the credentials of a container or machine; `GOOGLE_APPLICATION_CREDENTIALS`; `AZURE_STORAGE_ACCOUNT_NAME` with a key, a
//!   shared access signature, a client secret or a federated token. `AWS_ENDPOINT_URL`,
//!   `GOOGLE_BASE_URL` and `AZURE_STORAGE_ENDPOINT` name another server; `AWS_SKIP_SIGNATURE=true` and its
//!   siblings read what is public.
//! - Requests go through this program's own client, with its certificates, proxies and name resolution. The
//!   stores' requests, which carry credentials, never follow a redirect. `https://` carries none and follows
//!   a few, to `https://` only.
//! - A whole object is fetched into a file: what is validated is exactly what was hashed.

mod aws_profile;
mod connector;
pub mod credentials;

use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use reqwest::Url;

use self::connector::Connector;
use super::World;
use super::files;
use super::http::Http;
use super::remote::{RemoteError, RemoteProblem};

/// Bytes fetched for one table: what fits on the disk of a build machine.
const BYTES_MAX: u64 = 64 << 30;

/// Objects fetched for one table.
const OBJECTS_MAX: usize = 100_000;

/// How long an exchange may take, and how long nothing may come of it.
const TRANSFER_TIME_MAX: Duration = Duration::from_secs(3600);
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// How often a store is asked again, and for how long.
const RETRIES_MAX: usize = 3;
const RETRY_TIME_MAX: Duration = Duration::from_secs(60);

/// Redirects followed where there are no credentials.
const REDIRECTS_MAX: usize = 5;

/// Whether a locator names objects in a store, or data on a web server.
#[must_use]
pub fn is_remote(locator: &str) -> bool {
    let scheme = locator.split_once("://").map(|(scheme, _)| scheme);
    matches!(
        scheme,
        Some("s3" | "s3a" | "gs" | "az" | "azure" | "abfs" | "abfss" | "https" | "http")
    )
}

/// Fetches an object into `directory`, or every object below a prefix that ends with `/`, or every one that
/// is below the fixed part of a pattern with `*`. Gives the path that stands for the locator in there.
///
/// # Errors
/// When it is not there, not permitted, too much, or the store is not reached.
pub fn fetch(world: &World, locator: &str, directory: &Path) -> Result<PathBuf, RemoteError> {
    let http = Http::new(world).map_err(|error| {
        RemoteError::new(locator, RemoteProblem::Unavailable).saying(&error.to_string())
    })?;
    let url = Url::parse(locator).map_err(|error| {
        RemoteError::new(locator, RemoteProblem::Rejected).saying(&error.to_string())
    })?;
    let fetching = Fetching {
        world,
        client: http.client(),
        endpoint: endpoint(&url),
        directory,
    };
    match url.scheme() {
        "https" | "http" => http.block_on(fetching.page(url)),
        _ => http.block_on(fetching.objects(&url)),
    }
}

/// A locator without what may be secret: user, password and query.
fn endpoint(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    // An Azure container stands where a user does.
    if matches!(url.scheme(), "https" | "http") {
        // Both fail only for addresses without a host, which have no user.
        let _ = shown.set_username("");
    }
    let _ = shown.set_password(None);
    shown.to_string()
}

struct Fetching<'a> {
    world: &'a World,
    client: reqwest::Client,
    endpoint: String,
    directory: &'a Path,
}

impl Fetching<'_> {
    fn problem(&self, problem: RemoteProblem) -> RemoteError {
        RemoteError::new(&self.endpoint, problem)
    }

    fn failed(&self, error: &object_store::Error) -> RemoteError {
        use object_store::Error;
        let problem = match error {
            Error::NotFound { .. } => RemoteProblem::NotFound,
            Error::PermissionDenied { .. } => RemoteProblem::PermissionDenied,
            Error::Unauthenticated { .. } => RemoteProblem::NotAuthenticated,
            Error::NotSupported { .. } | Error::NotImplemented { .. } => RemoteProblem::Unsupported,
            Error::InvalidPath { .. }
            | Error::UnknownConfigurationKey { .. }
            | Error::AlreadyExists { .. } => RemoteProblem::Rejected,
            Error::Precondition { .. } | Error::NotModified { .. } => RemoteProblem::Conflict,
            _ => RemoteProblem::Unavailable,
        };
        self.problem(problem).saying(&error.to_string())
    }

    fn unwritable(&self, error: &std::io::Error) -> RemoteError {
        self.problem(RemoteProblem::Unavailable)
            .saying(&format!("the temporary file cannot be written: {error}"))
    }

    /// A place for an object, below the directory whatever its key says.
    fn place(&self, name: &str) -> Result<PathBuf, RemoteError> {
        let relative = Path::new(name);
        let is_below = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !is_below || name.is_empty() {
            return Err(self
                .problem(RemoteProblem::Malformed)
                .saying("an object has a name that is no file"));
        }
        Ok(self.directory.join(relative))
    }

    fn create(&self, path: &Path) -> Result<File, RemoteError> {
        if let Some(parent) = path.parent() {
            files::create_directory(parent).map_err(|error| {
                self.problem(RemoteProblem::Unavailable)
                    .saying(&error.to_string())
            })?;
        }
        File::create_new(path).map_err(|error| self.unwritable(&error))
    }

    /// Data on a web server.
    async fn page(&self, mut url: Url) -> Result<PathBuf, RemoteError> {
        let name = url
            .path_segments()
            .and_then(Iterator::last)
            .filter(|name| !name.is_empty())
            .unwrap_or("data")
            .to_owned();
        let path = self.place(&percent_encoding::percent_decode_str(&name).decode_utf8_lossy())?;
        for _ in 0..=REDIRECTS_MAX {
            self.check_scheme(&url)?;
            let sent = self
                .client
                .get(url.clone())
                .timeout(TRANSFER_TIME_MAX)
                .send()
                .await;
            let mut response = sent.map_err(|error| {
                self.problem(RemoteProblem::Unavailable)
                    .saying(&error.without_url().to_string())
            })?;
            let status = response.status();
            if status.is_redirection() {
                let location = response.headers().get(reqwest::header::LOCATION);
                let next = location
                    .and_then(|location| location.to_str().ok())
                    .and_then(|location| url.join(location).ok());
                url = next.ok_or_else(|| self.problem(RemoteProblem::Malformed))?;
                continue;
            }
            if !status.is_success() {
                return Err(self.problem(of_status(status.as_u16())));
            }
            let mut file = self.create(&path)?;
            let mut left = BYTES_MAX;
            loop {
                let next = tokio::time::timeout(SILENCE_MAX, response.chunk()).await;
                let chunk = next.map_err(|_| self.silent())?.map_err(|error| {
                    self.problem(RemoteProblem::Unavailable)
                        .saying(&error.without_url().to_string())
                })?;
                let Some(chunk) = chunk else {
                    return Ok(path);
                };
                self.append(&mut file, &chunk, &mut left)?;
            }
        }
        Err(self
            .problem(RemoteProblem::Malformed)
            .saying("it redirects again and again"))
    }

    /// Only encrypted, but on this machine.
    fn check_scheme(&self, url: &Url) -> Result<(), RemoteError> {
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_local => Ok(()),
            _ => Err(self
                .problem(RemoteProblem::Rejected)
                .saying("data is fetched over `https://` only")),
        }
    }

    fn silent(&self) -> RemoteError {
        self.problem(RemoteProblem::Unavailable)
            .saying("nothing came for a minute")
    }

    fn append(&self, file: &mut File, bytes: &[u8], left: &mut u64) -> Result<(), RemoteError> {
        *left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            self.problem(RemoteProblem::Rejected)
                .saying(&format!("it is larger than {BYTES_MAX} bytes"))
        })?;
        file.write_all(bytes)
            .map_err(|error| self.unwritable(&error))
    }

    /// Objects in a store.
    async fn objects(&self, url: &Url) -> Result<PathBuf, RemoteError> {
        let store = self.store(url)?;
        let key = percent_encoding::percent_decode_str(url.path().trim_start_matches('/'));
        let key = key
            .decode_utf8()
            .map_err(|_| self.problem(RemoteProblem::Rejected))?
            .into_owned();
        let mut left = BYTES_MAX;
        let special = key.find(['*', '?']);
        if special.is_none() && !key.is_empty() && !key.ends_with('/') {
            let name = key.rsplit('/').next().unwrap_or_default();
            let path = self.place(name)?;
            self.object(store.as_ref(), &parsed(self, &key)?, &path, &mut left)
                .await?;
            return Ok(path);
        }
        let fixed = key.get(..special.unwrap_or(key.len())).unwrap_or_default();
        let prefix = fixed.rfind('/').map_or("", |at| fixed.split_at(at).0);
        let below = key
            .strip_prefix(prefix)
            .unwrap_or(&key)
            .trim_start_matches('/');
        let prefix = parsed(self, prefix)?;
        let mut listed = store.list(Some(&prefix));
        let mut count = 0;
        while let Some(object) = listed
            .try_next()
            .await
            .map_err(|error| self.failed(&error))?
        {
            let Some(parts) = object.location.prefix_match(&prefix) else {
                continue;
            };
            let name: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
            // Consoles make "directories" of empty objects.
            if name.is_empty() || object.size == 0 {
                continue;
            }
            count += 1;
            if OBJECTS_MAX < count {
                return Err(self
                    .problem(RemoteProblem::Rejected)
                    .saying(&format!("there are more than {OBJECTS_MAX} objects")));
            }
            let path = self.place(&name.join("/"))?;
            self.object(store.as_ref(), &object.location, &path, &mut left)
                .await?;
        }
        if count == 0 {
            return Err(self.problem(RemoteProblem::NotFound));
        }
        Ok(self.directory.join(below))
    }

    async fn object(
        &self,
        store: &dyn ObjectStore,
        key: &Key,
        path: &Path,
        left: &mut u64,
    ) -> Result<(), RemoteError> {
        let found = store.get(key).await.map_err(|error| self.failed(&error))?;
        let mut stream = found.into_stream();
        let mut file = self.create(path)?;
        loop {
            let next = tokio::time::timeout(SILENCE_MAX, stream.try_next()).await;
            let chunk = next
                .map_err(|_| self.silent())?
                .map_err(|error| self.failed(&error))?;
            let Some(chunk) = chunk else {
                return Ok(());
            };
            self.append(&mut file, &chunk, left)?;
        }
    }

    fn store(&self, url: &Url) -> Result<Box<dyn ObjectStore>, RemoteError> {
        let connector = Connector(self.client.clone());
        let retry = RetryConfig {
            max_retries: RETRIES_MAX,
            retry_timeout: RETRY_TIME_MAX,
            ..RetryConfig::default()
        };
        let place = url.as_str();
        let built: object_store::Result<Box<dyn ObjectStore>> = match url.scheme() {
            "s3" | "s3a" => {
                let (builder, plain) = credentials::s3(self.world, &self.endpoint)?;
                builder
                    .with_url(place)
                    .with_allow_http(plain)
                    .with_retry(retry)
                    .with_http_connector(connector)
                    .build()
                    .map(|store| Box::new(store) as Box<dyn ObjectStore>)
            }
            "gs" => {
                let plain = credentials::is_plain(self.world, "GOOGLE_BASE_URL");
                credentials::google(self.world)
                    .with_url(place)
                    .with_client_options(ClientOptions::new().with_allow_http(plain))
                    .with_retry(retry)
                    .with_http_connector(connector)
                    .build()
                    .map(|store| Box::new(store) as Box<dyn ObjectStore>)
            }
            _ => {
                let mut builder = MicrosoftAzureBuilder::new();
                for (name, value) in credentials::settings(self.world, "AZURE_") {
                    if let Ok(key) = name.parse() {
                        builder = builder.with_config(key, value);
                    }
                }
                let plain = credentials::is_plain(self.world, "AZURE_STORAGE_ENDPOINT");
                builder
                    .with_url(place)
                    .with_allow_http(plain)
                    .with_retry(retry)
                    .with_http_connector(connector)
                    .build()
                    .map(|store| Box::new(store) as Box<dyn ObjectStore>)
            }
        };
        built.map_err(|error| {
            self.problem(RemoteProblem::Rejected)
                .saying(&error.to_string())
        })
    }
}

fn parsed(fetching: &Fetching<'_>, key: &str) -> Result<Key, RemoteError> {
    Key::parse(key).map_err(|error| {
        fetching
            .problem(RemoteProblem::Rejected)
            .saying(&error.to_string())
    })
}

fn of_status(status: u16) -> RemoteProblem {
    match status {
        401 => RemoteProblem::NotAuthenticated,
        403 => RemoteProblem::PermissionDenied,
        404 | 410 => RemoteProblem::NotFound,
        429 => RemoteProblem::RateLimited,
        500.. => RemoteProblem::Unavailable,
        _ => RemoteProblem::Rejected,
    }
}

#[cfg(test)]
mod tests;
