//! Tokens and passwords: read from variables that are named, never from the command line, and shown
//! as `***`.

use std::fmt;

use super::World;

/// Longest token taken, in bytes: an OIDC token is a few thousand.
const BYTES_MAX: usize = 16_384;

/// A token or password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why the value of a variable is no token. The value is never shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the value of `{0}` is not a token: expected printable ASCII without spaces; hint: look for a line break or quotes around it"
)]
pub struct NotASecret(pub String);

impl Secret {
    /// The secret in an environment variable, without the line break a file often ends with; absent
    /// when it is not set.
    ///
    /// # Errors
    /// When it cannot be a token: then a header made of it would be refused, or be two.
    pub fn from_variable(world: &World, name: &str) -> Result<Option<Self>, NotASecret> {
        let value = world.variable(name);
        value.map(|value| Self::parse(value, name)).transpose()
    }

    /// The secret that is the whole of `value`, without the line break a file often ends with; `name` is
    /// what holds it.
    ///
    /// # Errors
    /// As [`Secret::from_variable`].
    pub fn parse(value: &str, name: &str) -> Result<Self, NotASecret> {
        let value = value.trim_end_matches(['\r', '\n']);
        let is_token = !value.is_empty()
            && value.len() <= BYTES_MAX
            && value.bytes().all(|byte| byte.is_ascii_graphic());
        match is_token {
            true => Ok(Self(value.to_owned())),
            false => Err(NotASecret(name.to_owned())),
        }
    }

    /// Something that is no secret where a secret may stand: a header with the name of a cluster.
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What is made of the secret for a header, no less secret: `Bearer …`.
    #[must_use]
    pub fn within(&self, text: impl FnOnce(&str) -> String) -> Self {
        Self(text(&self.0))
    }

    /// The text, for the request it authorises and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether the field of a body with this name is likely a secret: `client_secret`, `oidcIdentityToken`, `jwt`.
/// Fewer than headers: a `key` in a body is the name of something.
#[must_use]
pub fn is_field_of_one(name: &str) -> bool {
    /// Parts of such names.
    const PARTS: [&str; 5] = ["token", "secret", "password", "jwt", "client_assertion"];
    let name = name.to_ascii_lowercase();
    // `client_assertion_type` says what kind of secret follows.
    !name.ends_with("_type") && PARTS.iter().any(|part| name.contains(part))
}

/// `text` without any of `secrets`, as they are or as JSON writes them.
#[must_use]
pub fn without(secrets: &[String], text: String) -> String {
    secrets.iter().fold(text, |text, secret| {
        let written = secret.replace('\\', "\\\\").replace('"', "\\\"");
        text.replace(secret, "***").replace(&written, "***")
    })
}

/// Whether what has this name is likely a secret: `authorization`, `x-api-key`, `proxy_token`.
#[must_use]
pub fn is_named_like_one(name: &str) -> bool {
    /// Parts of such names.
    const PARTS: [&str; 7] = [
        "auth",
        "token",
        "secret",
        "password",
        "cookie",
        "key",
        "credential",
    ];
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Secret;
    use crate::io::World;

    fn read(value: &str) -> Result<Option<String>, String> {
        let environment = BTreeMap::from([("TOKEN".to_owned(), value.to_owned())]);
        let world = World::with(environment, chrono::Utc::now);
        Secret::from_variable(&world, "TOKEN")
            .map(|secret| secret.map(|secret| secret.expose().to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_taken_whole_or_not_at_all() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("ghs_abc\n"), Ok(Some("ghs_abc".to_owned())));
        assert_eq!(read("ghs_abc\r\n"), Ok(Some("ghs_abc".to_owned())));
        for bad in ["a b", "a\nX-Header: b", "\"tö\"", "\n", "\u{7f}"] {
            let error = read(bad).expect_err(bad);
            assert!(error.contains("`TOKEN`") && !error.contains(bad), "{error}");
        }
        assert!(read(&"x".repeat(20_000)).is_err());
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret("hunter2".to_owned())), "***");
    }
}
