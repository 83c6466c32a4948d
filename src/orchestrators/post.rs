//! One POST of a form with a credential: what it would be, for people, and sending it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};

use super::{DispatchError, Surroundings};
use crate::io::World;
use crate::io::http::{Body, Http, Repeat, Reply, Request, endpoint};
use crate::io::remote::RemoteError;
use crate::io::secret::Secret;

/// A POST that starts a training.
pub(super) struct Post {
    /// The whole address.
    pub url: String,
    /// The name of the variable that holds the token.
    pub token_variable: String,
    /// Where the token goes.
    pub place: TokenPlace,
    /// The fields of the form.
    pub fields: Vec<(String, String)>,
}

/// Where a token goes.
pub(super) enum TokenPlace {
    /// `Authorization: Basic …`, as the password of this user.
    Basic(String),
    /// A field of the form.
    Field(&'static str),
}

/// A POST with its token, ready to be sent once.
pub(super) struct ReadyPost {
    http: Http,
    url: String,
    headers: Vec<(&'static str, Secret)>,
    fields: Vec<(String, String)>,
}

impl Post {
    /// The request as a person may read it. The place of the token shows, the token does not.
    pub fn plan(&self) -> String {
        let variable = &self.token_variable;
        let mut lines = vec![endpoint(&Method::POST, &self.url)];
        match &self.place {
            TokenPlace::Basic(user) => {
                lines.push(format!("authorization: Basic {user}:*** (`{variable}`)"));
            }
            TokenPlace::Field(name) => lines.push(format!("{name}=*** (`{variable}`)")),
        }
        let fields = self.fields.iter();
        lines.extend(fields.map(|(name, value)| format!("{name}={value}")));
        lines.join("\n")
    }

    /// Reads the token and prepares for the network. Nothing is sent.
    ///
    /// # Errors
    /// When there is no token, or no network can be used.
    pub fn prepare(self, surroundings: Surroundings<'_>) -> Result<ReadyPost, DispatchError> {
        let token = token(surroundings.world, &self.token_variable)?;
        let mut headers = Vec::new();
        let mut fields = Vec::new();
        match self.place {
            TokenPlace::Basic(user) => {
                let value = token.within(|token| {
                    format!("Basic {}", STANDARD.encode(format!("{user}:{token}")))
                });
                headers.push(("authorization", value));
            }
            TokenPlace::Field(name) => fields.push((name.to_owned(), token.expose().to_owned())),
        }
        fields.extend(self.fields);
        let http = Http::new(surroundings.world)?;
        Ok(ReadyPost {
            http,
            url: self.url,
            headers,
            fields,
        })
    }
}

impl ReadyPost {
    /// Sends it. It is sent again only when it certainly was not taken.
    ///
    /// # Errors
    /// When there is no reply, or one with a status from 300 on.
    pub fn send(self) -> Result<Reply, RemoteError> {
        let request = Request {
            method: Method::POST,
            url: &self.url,
            headers: self.headers,
            body: Body::Form(self.fields),
            repeat: Repeat::Never,
        };
        self.http.send(&request).map_err(said_with_the_claim)
    }
}

/// What to do when it is not known what became of a request is said with the claim, not with the
/// error.
pub(super) fn said_with_the_claim(mut error: RemoteError) -> RemoteError {
    if error.in_doubt {
        error.hint = None;
    }
    error
}

/// The token in a variable.
///
/// # Errors
/// When there is none.
pub(super) fn token(world: &World, variable: &str) -> Result<Secret, DispatchError> {
    Secret::from_variable(world, variable)?
        .ok_or_else(|| DispatchError::NoToken(variable.to_owned()))
}

/// The address of `segments` below `base`, each encoded; `base` as it is when it is no address, which
/// the configuration does not let through.
pub(super) fn address<'a>(base: &str, segments: impl IntoIterator<Item = &'a str>) -> String {
    let Ok(mut url) = Url::parse(base) else {
        return base.to_owned();
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url.to_string()
}

/// What is wrong with the address of a server.
pub(super) fn problem_of(base: &str) -> Option<String> {
    let fine = Url::parse(base).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    (!fine).then(|| {
        "expected the address of a server, such as `https://ci.example.com`, without a name, a \
         password or a query"
            .to_owned()
    })
}
