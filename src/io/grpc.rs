//! gRPC over HTTP/2 as its protocol document has it (gRPC, "PROTOCOL-HTTP2"), on the client, the roots of
//! trust, the names and the proxies of [`super::http`]: a request is one message, a reply is a stream of
//! messages that ends with a status.
//!
//! Nothing is sent again here: only the caller knows what may be.

use std::time::Duration;

use http_body_util::BodyExt as _;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::World;
use super::http::{self, Failure, HttpSetupError};
use super::remote::{RemoteError, RemoteProblem};
use super::secret::{self, Secret};

/// Largest message taken, in bytes: the limit servers of Spark Connect have by default
/// (`spark.connect.grpc.maxInboundMessageSize`).
pub const MESSAGE_BYTES_MAX: usize = 128 << 20;

/// Longest silence of a server within a reply. Servers of long computations send progress or end the
/// stream long before and have it taken up again.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// How often a connection without traffic is looked after.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Bytes before each message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// A service on a server.
pub struct Grpc {
    client: Client,
    runtime: tokio::runtime::Runtime,
    base: String,
    headers: HeaderMap,
    /// Values that are not to be repeated, even when a server does.
    secrets: Vec<String>,
}

impl Grpc {
    /// Prepares for `base` (`http://host:port` or `https://…`) and asks nothing of it. The headers go
    /// with every request; tokens are among them.
    ///
    /// # Errors
    /// When the additional certificates cannot be used, a header is none, or the system gives no
    /// resources.
    pub fn new(
        world: &World,
        base: &str,
        headers: Vec<(String, Secret)>,
    ) -> Result<Self, HttpSetupError> {
        let client = http::builder(world)?
            .http2_prior_knowledge()
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_while_idle(true)
            .read_timeout(SILENCE_MAX)
            .build()
            .map_err(|error| HttpSetupError::Client(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| HttpSetupError::Client(error.to_string()))?;
        let mut map = HeaderMap::new();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        map.insert("te", HeaderValue::from_static("trailers"));
        let mut secrets = Vec::new();
        for (name, value) in headers {
            if secret::is_named_like_one(&name) {
                let text = value.expose();
                secrets.push(text.strip_prefix("Bearer ").unwrap_or(text).to_owned());
            }
            let bad = |_| HttpSetupError::Client(format!("`{name}` is no header with its value"));
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| HttpSetupError::Client(format!("`{name}` is no name of a header")))?;
            let mut value = HeaderValue::from_str(value.expose()).map_err(bad)?;
            value.set_sensitive(true);
            map.insert(key, value);
        }
        Ok(Self {
            client,
            runtime,
            base: base.trim_end_matches('/').to_owned(),
            headers: map,
            secrets,
        })
    }

    /// Sends `message` to `method` (`/package.Service/Method`) and gives each message of the reply to
    /// `each`, which may end it early.
    ///
    /// # Errors
    /// When the reply breaks off, ends with another status than OK, or `each` fails.
    pub fn call(
        &self,
        method: &str,
        message: &[u8],
        each: &mut dyn FnMut(&[u8]) -> Result<(), RemoteError>,
    ) -> Result<(), RemoteError> {
        let url = format!("{}{method}", self.base);
        let endpoint = http::endpoint(&Method::POST, &url);
        self.runtime.block_on(async {
            let response = self
                .client
                .post(&url)
                .headers(self.headers.clone())
                .body(framed(message))
                .send()
                .await
                .map_err(|error| broken(&endpoint, &Failure::of(&error)))?;
            if !response.status().is_success() {
                return Err(of_http(&endpoint, response.status().as_u16()));
            }
            // A reply without messages may have its status in the headers.
            if response.headers().contains_key("grpc-status") {
                return judge(&endpoint, response.headers(), &self.secrets);
            }
            let mut body = reqwest::Body::from(response);
            let mut waiting = Vec::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| broken(&endpoint, &Failure::of(&error)))?;
                match frame.into_data() {
                    Ok(data) => {
                        waiting.extend_from_slice(&data);
                        unframe(&endpoint, &mut waiting, each)?;
                    }
                    Err(frame) => {
                        if let Some(trailers) = frame.trailers_ref() {
                            return judge(&endpoint, trailers, &self.secrets);
                        }
                    }
                }
            }
            Err(RemoteError::new(&endpoint, RemoteProblem::Unavailable)
                .saying("the reply ended without a status"))
        })
    }

    /// Sends `message` and gives the only message of the reply.
    ///
    /// # Errors
    /// As [`Self::call`], and when there is none.
    pub fn ask(&self, method: &str, message: &[u8]) -> Result<Vec<u8>, RemoteError> {
        let mut reply = None;
        self.call(method, message, &mut |message| {
            reply = Some(message.to_vec());
            Ok(())
        })?;
        reply.ok_or_else(|| {
            let endpoint = http::endpoint(&Method::POST, &format!("{}{method}", self.base));
            RemoteError::new(&endpoint, RemoteProblem::Malformed).saying("the reply is empty")
        })
    }

    /// Waits, where nothing else can be done.
    pub fn wait(&self, time: Duration) {
        self.runtime
            .block_on(async { tokio::time::sleep(time).await });
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(PREFIX_BYTES + message.len());
    framed.push(0);
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// Takes the whole messages off the front of what has come.
fn unframe(
    endpoint: &str,
    waiting: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8]) -> Result<(), RemoteError>,
) -> Result<(), RemoteError> {
    let malformed = |why: &str| RemoteError::new(endpoint, RemoteProblem::Malformed).saying(why);
    let mut begin = 0;
    while let Some(&[compressed, a, b, c, d]) = waiting.get(begin..begin + PREFIX_BYTES) {
        if compressed != 0 {
            return Err(malformed(
                "a message is compressed, which was not asked for",
            ));
        }
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if MESSAGE_BYTES_MAX < length {
            return Err(malformed(&format!(
                "a message of {length} bytes, more than {MESSAGE_BYTES_MAX}"
            )));
        }
        let end = begin + PREFIX_BYTES + length;
        let Some(message) = waiting.get(begin + PREFIX_BYTES..end) else {
            break;
        };
        each(message)?;
        begin = end;
    }
    waiting.drain(..begin);
    Ok(())
}

fn broken(endpoint: &str, failure: &Failure) -> RemoteError {
    http::hinted(
        RemoteError::new(endpoint, RemoteProblem::Unavailable).saying(failure.why()),
        failure.why(),
    )
}

/// What the status of HTTP means where there is none of gRPC ("http-grpc-status-mapping").
fn of_http(endpoint: &str, status: u16) -> RemoteError {
    let problem = match status {
        400 => RemoteProblem::Rejected,
        401 => RemoteProblem::NotAuthenticated,
        403 => RemoteProblem::PermissionDenied,
        404 => RemoteProblem::Unsupported,
        _ => RemoteProblem::Unavailable,
    };
    RemoteError::new(endpoint, problem).saying(&format!("status {status} of HTTP, none of gRPC"))
}

fn judge(endpoint: &str, trailers: &HeaderMap, secrets: &[String]) -> Result<(), RemoteError> {
    let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
    let status = text("grpc-status").and_then(|status| status.parse::<u32>().ok());
    let Some(status) = status else {
        return Err(RemoteError::new(endpoint, RemoteProblem::Malformed)
            .saying("the reply ended without a status"));
    };
    let problem = match status {
        0 => return Ok(()),
        // CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE
        1 | 4 | 14 => RemoteProblem::Unavailable,
        // ALREADY_EXISTS, ABORTED
        6 | 10 => RemoteProblem::Conflict,
        5 => RemoteProblem::NotFound,
        7 => RemoteProblem::PermissionDenied,
        8 => RemoteProblem::RateLimited,
        12 => RemoteProblem::Unsupported,
        16 => RemoteProblem::NotAuthenticated,
        // UNKNOWN, INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, INTERNAL, DATA_LOSS: Spark
        // reports what is wrong with a statement as INTERNAL.
        _ => RemoteProblem::Rejected,
    };
    let mut words = text("grpc-message").map(unescape).unwrap_or_default();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        words = words.replace(secret.as_str(), "***");
    }
    Err(RemoteError::new(endpoint, problem).saying(&words))
}

/// The status message is percent-encoded.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = (byte == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escaped.unwrap_or(byte));
        index += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{framed, judge, unescape, unframe};
    use crate::io::remote::{RemoteError, RemoteProblem};
    use reqwest::header::HeaderMap;

    fn read(chunks: &[&[u8]]) -> Result<Vec<Vec<u8>>, RemoteError> {
        let (mut waiting, mut messages) = (Vec::new(), Vec::new());
        for chunk in chunks {
            waiting.extend_from_slice(chunk);
            unframe("POST x", &mut waiting, &mut |message| {
                messages.push(message.to_vec());
                Ok(())
            })?;
        }
        Ok(messages)
    }

    #[test]
    fn messages_are_found_however_they_are_cut() {
        let both = [framed(b"one"), framed(b"")].concat();
        let expected = Ok(vec![b"one".to_vec(), Vec::new()]);
        assert_eq!(read(&[&both]), expected);
        let bytes: Vec<&[u8]> = both.chunks(1).collect();
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn a_huge_or_compressed_message_is_refused_before_it_has_come() {
        for prefix in [[0, 255, 255, 255, 255], [1, 0, 0, 0, 1]] {
            let error = read(&[&prefix]).expect_err("refused");
            assert_eq!(error.problem, RemoteProblem::Malformed);
        }
    }

    #[test]
    fn a_status_is_a_problem_in_the_words_of_the_server() {
        let trailers = |status: &str| {
            let mut map = HeaderMap::new();
            map.insert("grpc-status", status.parse().expect("a value"));
            map.insert("grpc-message", "not%20today".parse().expect("a value"));
            judge("POST x", &map, &[]).map_err(|error| (error.problem, error.detail))
        };
        let said = || Some("not today".to_owned());
        assert_eq!(trailers("0"), Ok(()));
        assert_eq!(
            trailers("16"),
            Err((RemoteProblem::NotAuthenticated, said()))
        );
        assert_eq!(trailers("14"), Err((RemoteProblem::Unavailable, said())));
        assert_eq!(trailers("13"), Err((RemoteProblem::Rejected, said())));
        assert!(judge("POST x", &HeaderMap::new(), &[]).is_err());
    }

    #[test]
    fn a_server_that_repeats_a_token_is_not_repeated() {
        let mut map = HeaderMap::new();
        map.insert("grpc-status", "16".parse().expect("a value"));
        let said = "no%20such%20token:%20hunter2!";
        map.insert("grpc-message", said.parse().expect("a value"));
        let error = judge("POST x", &map, &["hunter2".to_owned()]).expect_err("refused");
        assert_eq!(error.detail.as_deref(), Some("no such token: ***!"));
    }

    #[test]
    fn a_message_that_is_badly_encoded_is_shown_as_it_is() {
        assert_eq!(unescape("%zz%4"), "%zz%4");
        assert_eq!(unescape("%é"), "%é");
        assert_eq!(unescape("f%C3%BCr"), "für");
    }
}
