//! The attestations GitHub keeps about a digest: GitHub's description of its REST API, "Create an
//! attestation" and "List attestations".
//!
//! Version 2026-03-10 of the API lists an address for each bundle instead of the bundle, and since July
//! 2026 the versions before do so as well (`bundle` is null): <https://github.com/cli/cli/pull/10185>,
//! <https://github.com/terraform-linters/tflint/pull/2593>. What is there is the JSON of the bundle in one
//! block of Snappy. Both ways are read.
//!
//! Nothing here is verified: whoever may write to the repository may have put it there.

use std::io::Read as _;

use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GitHub, form_value};
use crate::evidence::Sha256;
use crate::io::http::{Body, Repeat, Reply, Request};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::manifest::BUNDLE_BYTES_MAX;
use crate::manifest::claims::CLAIMS_MAX;

/// Attestations of one page, the most GitHub gives.
const PAGE: usize = 100;

/// Pages followed for one digest, though each may hold few.
const PAGES_MAX: usize = 100;

/// Longest cursor of a page, in bytes: those of GitHub have some forty.
const CURSOR_BYTES_MAX: usize = 1_000;

/// How a stream of Snappy frames begins (framing format, "Stream identifier").
const FRAMES: &[u8] = b"\xff\x06\x00\x00sNaPpY";

#[derive(Deserialize)]
struct Page {
    attestations: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    bundle: Option<Value>,
    #[serde(default)]
    bundle_url: Option<String>,
}

impl GitHub<'_> {
    /// The bundles GitHub keeps about something with this digest, all of them or those of one predicate
    /// type, as it gives them.
    ///
    /// # Errors
    /// When GitHub does not give them, there is no such repository, or there are more than a file of claims
    /// holds.
    pub fn attestations(
        &self,
        digest: Sha256,
        predicate_type: Option<&str>,
    ) -> Result<Vec<Vec<u8>>, RemoteError> {
        let mut path = self.repository(&format!("/attestations/sha256:{digest}?per_page={PAGE}"));
        if let Some(predicate_type) = predicate_type {
            path.push_str(&format!("&predicate_type={}", form_value(predicate_type)));
        }
        let mut found = Vec::new();
        let mut bytes_left = BUNDLE_BYTES_MAX;
        let mut cursor = String::new();
        for _ in 0..PAGES_MAX {
            let reply = match self.send(Method::GET, &format!("{path}{cursor}"), None, Repeat::Safe)
            {
                Ok(reply) => reply,
                Err(error) if error.problem == RemoteProblem::NotFound => {
                    self.is_there()?;
                    return Ok(found);
                }
                Err(error) => return Err(readable(error)),
            };
            let page: Page = reply.json()?;
            for entry in page.attestations {
                if CLAIMS_MAX <= found.len() {
                    return Err(too_much(&reply.endpoint, CLAIMS_MAX, "attestations"));
                }
                let bundle = self.bundle(entry, &reply)?;
                bytes_left = bytes_left.checked_sub(bundle.len()).ok_or_else(|| {
                    too_much(&reply.endpoint, BUNDLE_BYTES_MAX, "bytes of attestations")
                })?;
                found.push(bundle);
            }
            match next_page(&reply)? {
                Some(next) => cursor = format!("&after={}", form_value(&next)),
                None => return Ok(found),
            }
        }
        Err(too_much(&path, PAGES_MAX, "pages of attestations"))
    }

    /// Has GitHub keep a bundle. It keeps what it is sent, as often as it is sent.
    ///
    /// # Errors
    /// When GitHub does not do it.
    pub fn create_attestation(&self, bundle: &Value) -> Result<(), RemoteError> {
        let body = json!({ "bundle": bundle });
        let path = self.repository("/attestations");
        match self.send(Method::POST, &path, Some(&body), Repeat::Never) {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.problem {
                RemoteProblem::PermissionDenied => error.hint(
                    "give the job the permission `attestations: write`; pull requests from forks never have it",
                ),
                RemoteProblem::NotFound => error.hint(
                    "there is no such repository, the token may not know of it, or this server keeps no attestations, as GitHub Enterprise Server does not",
                ),
                RemoteProblem::Rejected => error.hint(
                    "GitHub decides which bundles it keeps; those of `--keyless` are what its own action sends",
                ),
                RemoteProblem::NotAuthenticated
                | RemoteProblem::Conflict
                | RemoteProblem::RateLimited
                | RemoteProblem::Unavailable
                | RemoteProblem::Unsupported
                | RemoteProblem::Malformed => error,
            }),
        }
    }

    /// GitHub says "not found" of a digest nothing is known about, and of a repository that is not there.
    fn is_there(&self) -> Result<(), RemoteError> {
        match self.send(Method::GET, &self.repository(""), None, Repeat::Safe) {
            Ok(_) => Ok(()),
            Err(error) if error.problem == RemoteProblem::NotFound => {
                Err(error.hint("there is no such repository, or the token may not know of it"))
            }
            Err(error) => Err(error),
        }
    }

    fn bundle(&self, entry: Entry, reply: &Reply) -> Result<Vec<u8>, RemoteError> {
        match (entry.bundle, entry.bundle_url) {
            (Some(bundle), _) => Ok(bundle.to_string().into_bytes()),
            (None, Some(url)) => self.bundle_at(&url),
            (None, None) => Err(malformed(
                &reply.endpoint,
                "an attestation without a bundle or its address",
            )),
        }
    }

    /// The bundle at an address that GitHub gave out. The address is itself the permission to read it, and
    /// belongs to another system: the token does not go there.
    fn bundle_at(&self, url: &str) -> Result<Vec<u8>, RemoteError> {
        let is_plain = self.server.starts_with("http://");
        let parsed = Url::parse(url).ok().filter(|url| {
            (url.scheme() == "https" || (is_plain && url.scheme() == "http"))
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        });
        let Some(parsed) = parsed else {
            return Err(malformed(
                &self.server,
                "the address of a bundle is none that can be asked",
            ));
        };
        let reply = self.http.send(&Request {
            method: Method::GET,
            url: parsed.as_str(),
            headers: Vec::new(),
            body: Body::Empty,
            repeat: Repeat::Safe,
        })?;
        unpacked(&reply.body).map_err(|problem| malformed(&reply.endpoint, &problem))
    }
}

/// The bundle in what was sent: a block of Snappy, a stream of its frames, or JSON as it is. What it
/// unpacks to is bounded before there is memory for it.
fn unpacked(body: &[u8]) -> Result<Vec<u8>, String> {
    let too_large = || format!("a bundle of more than {BUNDLE_BYTES_MAX} bytes");
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        return Ok(body.to_vec());
    }
    let no_bundle =
        |error: &dyn std::fmt::Display| format!("a bundle that cannot be unpacked: {error}");
    if body.starts_with(FRAMES) {
        let mut bytes = Vec::new();
        snap::read::FrameDecoder::new(body)
            .take(BUNDLE_BYTES_MAX as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| no_bundle(&error))?;
        return match bytes.len() <= BUNDLE_BYTES_MAX {
            true => Ok(bytes),
            false => Err(too_large()),
        };
    }
    let length = snap::raw::decompress_len(body).map_err(|error| no_bundle(&error))?;
    if BUNDLE_BYTES_MAX < length {
        return Err(too_large());
    }
    let unpacked = snap::raw::Decoder::new().decompress_vec(body);
    unpacked.map_err(|error| no_bundle(&error))
}

/// The cursor of the next page (RFC 8288). Only the cursor is taken: where it is asked is not for the
/// reply to say.
fn next_page(reply: &Reply) -> Result<Option<String>, RemoteError> {
    let links = reply.header("link").unwrap_or_default();
    let next = links.split(',').find_map(|link| {
        let (target, parameters) = link.split_once(';')?;
        let is_next = parameters
            .split(';')
            .any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| target.trim().trim_matches(['<', '>']))
    });
    let Some(next) = next else {
        return Ok(None);
    };
    let url = Url::parse(next).ok();
    let cursor = url.as_ref().and_then(|url| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(name, value)| (name == "after").then(|| value.into_owned()))
    });
    match cursor.filter(|cursor| !cursor.is_empty() && cursor.len() <= CURSOR_BYTES_MAX) {
        Some(cursor) => Ok(Some(cursor)),
        None => Err(malformed(
            &reply.endpoint,
            "a next page without a cursor to it",
        )),
    }
}

fn readable(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::PermissionDenied => {
            error.hint("give the job the permission `attestations: read`")
        }
        RemoteProblem::NotAuthenticated
        | RemoteProblem::NotFound
        | RemoteProblem::Conflict
        | RemoteProblem::Rejected
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}

fn malformed(endpoint: &str, problem: &str) -> RemoteError {
    RemoteError::new(endpoint, RemoteProblem::Malformed).saying(problem)
}

fn too_much(endpoint: &str, limit: usize, what: &str) -> RemoteError {
    RemoteError::new(endpoint, RemoteProblem::Unsupported)
        .saying(&format!("more than {limit} {what} about one digest"))
}

#[cfg(test)]
mod tests {
    use super::{next_page, unpacked};
    use crate::io::http::Reply;
    use crate::manifest::BUNDLE_BYTES_MAX;

    const BUNDLE: &[u8] = br#"{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}"#;

    fn block(bytes: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new()
            .compress_vec(bytes)
            .expect("small")
    }

    fn frames(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).expect("memory");
        encoder.into_inner().expect("whole")
    }

    #[test]
    fn a_bundle_comes_as_a_block_as_frames_or_as_it_is() {
        for body in [BUNDLE.to_vec(), block(BUNDLE), frames(BUNDLE)] {
            assert_eq!(unpacked(&body).as_deref(), Ok(BUNDLE));
        }
        // A block whose length makes it begin as JSON does.
        let looks_like_json = vec![b'a'; 123];
        let packed = block(&looks_like_json);
        assert_eq!(packed[0], b'{');
        assert_eq!(unpacked(&packed), Ok(looks_like_json));
    }

    #[test]
    fn what_is_none_or_unpacks_to_too_much_is_an_error() {
        let mut cut = block(&[b'x'; 5000]);
        cut.truncate(20);
        let mut many = frames(&[b'x'; 5000]);
        many.truncate(30);
        for bad in [b"".to_vec(), b"{".to_vec(), b"<html>".to_vec(), cut, many] {
            assert!(unpacked(&bad).is_err(), "{bad:?}");
        }
        // Says that it unpacks to 4 GiB less one byte.
        let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
        assert!(unpacked(&bomb).expect_err("large").contains("more than"));
        let large = frames(&vec![0; BUNDLE_BYTES_MAX + 1]);
        assert!(unpacked(&large).expect_err("large").contains("more than"));
    }

    #[test]
    fn the_next_page_is_a_cursor_wherever_the_link_leads() {
        let reply = |link: &str| Reply {
            status: 200,
            headers: [(http::header::LINK, link.parse().expect("a header"))]
                .into_iter()
                .collect(),
            body: Vec::new(),
            endpoint: "GET x".to_owned(),
        };
        let cases = [
            (
                r#"<https://api.github.com/x?after=Y3Vy%3D&per_page=100>; rel="next""#,
                Some("Y3Vy="),
            ),
            (
                r#"<https://a.example/x?before=1>; rel="prev", <https://evil.example/?after=2>; rel="next""#,
                Some("2"),
            ),
            (r#"<https://a.example/x?before=1>; rel="prev""#, None),
        ];
        for (link, expected) in cases {
            let next = next_page(&reply(link)).expect("understood");
            assert_eq!(next.as_deref(), expected, "{link}");
        }
        for odd in [
            r#"<https://a.example/x?page=2>; rel="next""#,
            r#"<>; rel="next""#,
        ] {
            assert!(next_page(&reply(odd)).is_err(), "{odd}");
        }
    }
}
