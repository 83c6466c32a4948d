//! Where a Spark Connect server is: `sc://host:port/;key=value;…`, as the connection strings of Spark's
//! own clients are written ("Connecting to Spark Connect using Clients").
//!
//! A connection string in a file holds no token, only the name of a variable that does
//! (`token=${env:NAME}`); the one in `SPARK_REMOTE` may hold it, as that is a variable itself. What is no
//! parameter goes with every request as a header, as those clients do it: Databricks wants
//! `x-databricks-cluster-id`. A header that is named like a secret is treated as the token is.

use std::fmt;

use crate::contract::schema::closest;
use crate::io::World;
use crate::io::secret::{self, Secret};

/// Environment variable with the connection string that Spark's own clients use.
pub const REMOTE_VARIABLE: &str = "SPARK_REMOTE";

/// The port when none is given.
const PORT: u16 = 15_002;

/// Longest connection string, in bytes: a token of 16 kB and some room.
const BYTES_MAX: usize = 20_480;

/// The parameters there are.
const PARAMETERS: [&str; 6] = [
    "use_ssl",
    "token",
    "user_id",
    "session_id",
    "user_agent",
    "grpc_max_message_size",
];

/// Headers the protocol itself is made of.
const RESERVED: [&str; 8] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    "te",
    "upgrade",
    "user-agent",
];

/// A server and how to be let in.
#[derive(Clone)]
pub struct Address {
    /// `http://host:port` or `https://host:port`.
    pub base: String,
    /// Headers of every request; the token is among them.
    pub headers: Vec<(String, Secret)>,
    /// Who asks.
    pub user_id: String,
    /// The session to use; a new one when absent.
    pub session_id: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({})", self.base)
    }
}

/// A connection string is none. Its text is not repeated: it may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "failed to read the address of Spark: {0}; hint: it is written `sc://host:port/;token=${{env:NAME}};use_ssl=true`"
)]
pub struct AddressError(String);

impl Address {
    /// Reads a connection string of a file, or of `SPARK_REMOTE` when there is none.
    ///
    /// # Errors
    /// When there is neither, it is none, a variable it names is not set, or a token would travel
    /// unencrypted.
    pub fn parse(world: &World, remote: Option<&str>) -> Result<Self, AddressError> {
        match remote {
            Some(text) => read(world, text, false),
            None => match world.variable(REMOTE_VARIABLE) {
                Some(text) => read(world, text, true),
                None => Err(AddressError(format!(
                    "no `remote` is given and `{REMOTE_VARIABLE}` is not set"
                ))),
            },
        }
    }
}

fn read(world: &World, text: &str, may_hold_token: bool) -> Result<Address, AddressError> {
    let bad = |why: &str| AddressError(why.to_owned());
    if BYTES_MAX < text.len() {
        return Err(bad("it is too long"));
    }
    let rest = text
        .trim()
        .strip_prefix("sc://")
        .ok_or_else(|| bad("it does not begin with `sc://`"))?;
    let (authority, parameters) = match rest.split_once('/') {
        Some((authority, path)) => match path.strip_prefix(';') {
            Some(parameters) => (authority, parameters),
            None if path.is_empty() => (authority, ""),
            None => return Err(bad("after `/` come parameters, each after a `;`")),
        },
        None => (rest, ""),
    };
    let (host, port) = host_and_port(authority)?;
    let mut encrypted = None;
    let (mut token, mut user_id, mut session_id) = (None, None, None);
    let mut headers = Vec::new();
    let mut has_secret = false;
    for pair in parameters.split(';').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| bad("a parameter is not written `key=value`"))?;
        let value = value.trim();
        match key.trim() {
            "use_ssl" => {
                encrypted = Some(match value.to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(bad("`use_ssl` is neither `true` nor `false`")),
                });
            }
            "token" => token = Some(secret_of(world, "token", value, may_hold_token)?),
            "user_id" => user_id = Some(plain(world, value)?),
            "session_id" => session_id = Some(plain(world, value)?),
            // Ours are fixed.
            "user_agent" | "grpc_max_message_size" => {}
            name => {
                let name = header(name)?;
                let value = match secret::is_named_like_one(&name) {
                    true => {
                        has_secret = true;
                        secret_of(world, &name, value, may_hold_token)?
                    }
                    false => secret_or_text(world, value)?,
                };
                headers.push((name, value));
            }
        }
    }
    // A token makes the connection encrypted, as in Spark's clients; only to this machine it may be
    // said to go without.
    let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    has_secret |= token.is_some();
    let encrypted = match encrypted {
        Some(false) if has_secret && !local => {
            return Err(bad("a token would be sent unencrypted (`use_ssl=false`)"));
        }
        Some(encrypted) => encrypted,
        None => has_secret,
    };
    if let Some(token) = token {
        let bearer = token.within(|token| format!("Bearer {token}"));
        headers.push(("authorization".to_owned(), bearer));
    }
    let scheme = if encrypted { "https" } else { "http" };
    Ok(Address {
        base: format!("{scheme}://{host}:{port}"),
        headers,
        user_id: user_id.unwrap_or_else(|| "proofmark".to_owned()),
        session_id,
    })
}

fn host_and_port(authority: &str) -> Result<(String, u16), AddressError> {
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are within its brackets.
        Some((host, port)) if !port.ends_with(']') => (
            host,
            port.parse()
                .map_err(|_| AddressError("the port is no number below 65536".to_owned()))?,
        ),
        _ => (authority, PORT),
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let usable = match bracketed {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        }
    };
    match usable {
        true => Ok((host.to_owned(), port)),
        false => Err(AddressError("it names no host".to_owned())),
    }
}

/// The name of a header that is the user's own. What is almost a parameter is a slip, not a header: a
/// connection would not be encrypted for it.
fn header(name: &str) -> Result<String, AddressError> {
    let lower = name.to_ascii_lowercase();
    let is_name = !lower.is_empty()
        && lower
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !is_name {
        return Err(AddressError("a parameter has no usable name".to_owned()));
    }
    if RESERVED.contains(&lower.as_str()) || lower.starts_with("grpc-") {
        return Err(AddressError(format!(
            "the header `{lower}` belongs to the protocol"
        )));
    }
    match closest(&lower, PARAMETERS.into_iter()) {
        Some(known) => Err(AddressError(format!(
            "there is no parameter `{lower}`; did you mean `{known}`?"
        ))),
        None => Ok(lower),
    }
}

fn reference(value: &str) -> Option<&str> {
    value.strip_prefix("${env:")?.strip_suffix('}')
}

fn from_variable(world: &World, name: &str) -> Result<Secret, AddressError> {
    match Secret::from_variable(world, name) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err(AddressError(format!("`{name}` is not set"))),
        Err(error) => Err(AddressError(error.to_string())),
    }
}

fn secret_of(
    world: &World,
    parameter: &str,
    value: &str,
    may_hold: bool,
) -> Result<Secret, AddressError> {
    match reference(value) {
        Some(name) => from_variable(world, name),
        None if may_hold => Ok(Secret::of_text(decoded(value)?)),
        None => Err(AddressError(format!(
            "a secret stands in it, where only the name of a variable may: `{parameter}=${{env:NAME}}`"
        ))),
    }
}

fn secret_or_text(world: &World, value: &str) -> Result<Secret, AddressError> {
    match reference(value) {
        Some(name) => from_variable(world, name),
        None => Ok(Secret::of_text(decoded(value)?)),
    }
}

fn plain(world: &World, value: &str) -> Result<String, AddressError> {
    secret_or_text(world, value).map(|text| text.expose().to_owned())
}

/// Values are percent-encoded; what comes out must fit a header.
fn decoded(value: &str) -> Result<String, AddressError> {
    let bytes = value.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = (byte == b'%')
            .then(|| value.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escaped.unwrap_or(byte));
        index += if escaped.is_some() { 3 } else { 1 };
    }
    let printable = plain
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    match String::from_utf8(plain) {
        Ok(text) if printable && !text.is_empty() => Ok(text),
        Ok(_) | Err(_) => Err(AddressError(
            "the value of a parameter is not printable ASCII".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Address, REMOTE_VARIABLE};
    use crate::io::World;

    fn parse(remote: Option<&str>) -> Result<Address, String> {
        let environment = [
            ("TOKEN", "hunter2"),
            (
                REMOTE_VARIABLE,
                "sc://from-variable:1/;token=in-the-variable",
            ),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let world = World::with(BTreeMap::from(environment), chrono::Utc::now);
        Address::parse(&world, remote).map_err(|error| error.to_string())
    }

    fn headers(address: &Address) -> Vec<(&str, &str)> {
        address
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose()))
            .collect()
    }

    #[test]
    fn addresses_are_read() {
        for (remote, base) in [
            ("sc://localhost", "http://localhost:15002"),
            ("sc://localhost:99/", "http://localhost:99"),
            ("sc://[::1]:99", "http://[::1]:99"),
            ("sc://[::1]", "http://[::1]:15002"),
            ("sc://a.example/;use_ssl=TRUE", "https://a.example:15002"),
            (
                "sc://a.example:443/;token=${env:TOKEN}",
                "https://a.example:443",
            ),
            (
                "sc://127.0.0.1:9/;token=${env:TOKEN};use_ssl=false",
                "http://127.0.0.1:9",
            ),
        ] {
            assert_eq!(parse(Some(remote)).expect(remote).base, base);
        }
        let whole = "sc://h:1/;user_id=ann%20b;x-databricks-cluster-id=12;token=${env:TOKEN}";
        let address = parse(Some(whole)).expect("an address");
        assert_eq!(address.user_id, "ann b");
        assert_eq!(
            headers(&address),
            [
                ("x-databricks-cluster-id", "12"),
                ("authorization", "Bearer hunter2")
            ]
        );
        assert!(!format!("{address:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_parameter_is_a_header() {
        let address = parse(Some("sc://h/;Tenant=a%2Fb;x-route=blue")).expect("an address");
        assert_eq!(headers(&address), [("tenant", "a/b"), ("x-route", "blue")]);
        assert_eq!(address.base, "http://h:15002");
        // A secret makes the connection encrypted, whatever its header is called.
        let address = parse(Some("sc://h/;x-api-key=${env:TOKEN}")).expect("an address");
        assert_eq!(headers(&address), [("x-api-key", "hunter2")]);
        assert_eq!(address.base, "https://h:15002");
        for (remote, said) in [
            ("sc://h/;usessl=true", "did you mean `use_ssl`?"),
            ("sc://h/;te=gzip", "belongs to the protocol"),
            ("sc://h/;grpc-timeout=1S", "belongs to the protocol"),
            ("sc://h/;x-api-key=hunter2", "`x-api-key=${env:NAME}`"),
            (
                "sc://h/;use_ssl=false;authorization=${env:TOKEN}",
                "unencrypted",
            ),
        ] {
            let error = parse(Some(remote)).expect_err(remote);
            assert!(
                error.contains(said) && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_token_stands_in_variables_only() {
        let error = parse(Some("sc://h/;token=hunter2")).expect_err("a token");
        assert!(
            error.contains("${env:NAME}") && !error.contains("hunter2"),
            "{error}"
        );
        let address = parse(None).expect("the variable");
        assert_eq!(
            headers(&address),
            [("authorization", "Bearer in-the-variable")]
        );
    }

    #[test]
    fn what_is_no_address_is_told_without_repeating_it() {
        for remote in [
            "",
            "localhost:1",
            "sc://",
            "sc://:1",
            "sc://h:x",
            "sc://h:70000",
            "sc://ann:hunter2@h",
            "sc://h/path",
            "sc://h/;hunter2",
            "sc://h/;user_id=a%0d%0ab",
            "sc://h/;use_ssl=maybe",
            "sc://h/;X Y=hunter2",
            "sc://h/;token=${env:UNSET}",
            "sc://h/;use_ssl=false;token=${env:TOKEN}",
        ] {
            let error = parse(Some(remote)).expect_err(remote);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
