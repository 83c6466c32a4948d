//! The proof of who runs: an OpenID token of the CI system, for Sigstore (`aud` is `sigstore`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use serde::Deserialize;

use super::IdentityProblem;
use crate::io::World;
use crate::io::http::{Body, Http, Repeat, Request};
use crate::io::secret::Secret;
use crate::signing::error::SigningError;

/// Whom tokens must be for.
const AUDIENCE: &str = "sigstore";

/// Where GitLab puts a token that the job asks for: `id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore`.
pub(super) const GITLAB_VARIABLE: &str = "SIGSTORE_ID_TOKEN";

/// Where GitHub Actions says that a job with `id-token: write` may ask for tokens, and with what.
pub(super) const GITHUB_URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(super) const GITHUB_TOKEN_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// The token in the variable that is named, or else what GitLab or GitHub Actions offers the job.
///
/// # Errors
/// When there is none, or GitHub does not give it.
pub(super) fn obtain(
    world: &World,
    http: &Http,
    variable: Option<&str>,
) -> Result<Secret, SigningError> {
    let named = variable.unwrap_or(GITLAB_VARIABLE);
    if let Some(token) = Secret::from_variable(world, named)? {
        return Ok(token);
    }
    if let Some(name) = variable {
        let why = format!("environment variable `{name}` is not set");
        return Err(IdentityProblem::NoToken(why).into());
    }
    let url = world.variable(GITHUB_URL_VARIABLE);
    match (url, Secret::from_variable(world, GITHUB_TOKEN_VARIABLE)?) {
        (Some(url), Some(authorisation)) => ask_github(http, url, &authorisation),
        (_, _) => Err(IdentityProblem::NoToken(what_to_do(world).to_owned()).into()),
    }
}

/// Whether [`obtain`] would find a token, or whom to ask for one.
pub(super) fn is_offered(world: &World, variable: Option<&str>) -> bool {
    let is_set = |name: &str| world.variable(name).is_some();
    let of_github = is_set(GITHUB_URL_VARIABLE) && is_set(GITHUB_TOKEN_VARIABLE);
    is_set(variable.unwrap_or(GITLAB_VARIABLE)) || (variable.is_none() && of_github)
}

fn what_to_do(world: &World) -> &'static str {
    if world.variable("GITHUB_ACTIONS").is_some() {
        return "GitHub Actions offers the job none; hint: give it `permissions: id-token: write`";
    }
    if world.variable("GITLAB_CI").is_some() {
        return "GitLab offers the job none; hint: give it `id_tokens:` with `SIGSTORE_ID_TOKEN:` and `aud: sigstore`";
    }
    "this is no job of GitHub Actions or GitLab; hint: name the variable that holds one with `--identity-token-variable`"
}

#[derive(Deserialize)]
struct GitHubReply {
    value: String,
}

fn ask_github(http: &Http, url: &str, authorisation: &Secret) -> Result<Secret, SigningError> {
    let mut address = Url::parse(url).map_err(|_| {
        IdentityProblem::NoToken(format!("`{GITHUB_URL_VARIABLE}` holds no address"))
    })?;
    address.query_pairs_mut().append_pair("audience", AUDIENCE);
    let bearer = authorisation.within(|token| format!("bearer {token}"));
    let reply = http.send(&Request {
        method: Method::GET,
        url: address.as_str(),
        headers: vec![("Authorization", bearer)],
        body: Body::Empty,
        repeat: Repeat::Safe,
    })?;
    let reply: GitHubReply = reply.json()?;
    Ok(Secret::of_text(reply.value))
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    email: Option<String>,
    email_verified: Option<bool>,
}

/// Whom a token is about, as Fulcio asks to have it signed: the e-mail address of a person, else the
/// subject. What it says is not verified; Fulcio does that.
///
/// # Errors
/// When it is no token.
pub(super) fn subject(token: &Secret) -> Result<String, IdentityProblem> {
    let mut parts = token.expose().split('.');
    let (_, payload) = (parts.next(), parts.next().unwrap_or_default());
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('='));
    let claims = payload
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    let claims: Claims = claims.ok_or(IdentityProblem::Token)?;
    Ok(match (claims.email, claims.email_verified) {
        (Some(email), Some(true)) => email,
        (Some(_) | None, _) => claims.sub,
    })
}
