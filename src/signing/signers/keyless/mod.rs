//! Signs by the identity of a job instead of a key: an issuer of the CI system says in a token who runs, and
//! Sigstore makes of it a certificate for a key that is forgotten when the program ends. An authority
//! confirms the time and a log makes the signature known.
//!
//! [`token`] is the proof of identity, [`services`] who is asked, [`authority`] the certificate,
//! [`time`] the time stamp and [`log`] the entry. The requests go through [`io::http`](crate::io::http),
//! so that proxies, roots of trust, limits and repetition are those of every other request.

mod authority;
mod log;
mod services;
mod time;
mod token;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use chrono::TimeDelta;

use self::authority::Holder;
use self::services::Services;
use super::Signer;
use crate::io::World;
use crate::io::http::Http;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::manifest::{Material, Seal, pae};
use crate::signing::error::SigningError;
use crate::signing::keyless::{Identity, TrustedRoots};
use crate::signing::trust::Trust;

/// A certificate that ends sooner is not signed with: its ten minutes may be over before the time stamp.
const REST_MIN: TimeDelta = TimeDelta::minutes(1);

/// How to sign without a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeylessOptions<'a> {
    /// The services to ask, as Sigstore writes them; those of the public instance by default.
    pub signing_config: Option<&'a Path>,
    /// What the signature must verify with before it is given out; the public instance by default.
    pub trusted_root: Option<&'a Path>,
    /// The variable that holds the identity token; what GitLab and GitHub Actions offer by default.
    pub token_variable: Option<&'a str>,
}

/// Why there is no signature by an identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityProblem {
    /// Nothing proves who signs.
    #[error("there is no identity token: {0}")]
    NoToken(String),
    /// The token is none; it is never shown.
    #[error("the identity token is no JSON Web Token that says whom it is about")]
    Token,
    /// The list of services leaves nobody to ask.
    #[error("the signing configuration {0}")]
    Services(String),
    /// A service answered what cannot be used.
    #[error("{0}")]
    Answer(String),
    /// The authority certifies another key than it was asked to.
    #[error("{0}: the certificate is for another key, so nothing is signed with it")]
    OtherKey(String),
    /// What was made does not verify, so it is not given out.
    #[error(
        "the signature just made does not verify, so it is not written: {0}; hint: are the trusted root and the signing configuration of the same instance?"
    )]
    Faulty(String),
}

/// Signs with certificates of Sigstore.
pub struct KeylessSigner {
    world: World,
    http: Http,
    services: Services,
    token_variable: Option<String>,
    roots: TrustedRoots,
    identity: Identity,
    name: String,
    holder: RefCell<Rc<Holder>>,
}

/// Whether this job is offered an identity token, by the variable that is named or by GitLab or GitHub Actions.
#[must_use]
pub fn offers_token(world: &World, variable: Option<&str>) -> bool {
    token::is_offered(world, variable)
}

impl KeylessSigner {
    /// Asks for the first certificate: who signs is known from then on.
    ///
    /// # Errors
    /// When there is no token, a file cannot be used, or the certificate is refused.
    pub fn open(world: &World, options: &KeylessOptions<'_>) -> Result<Self, SigningError> {
        let services = Services::load(options.signing_config, world.now())?;
        let roots = TrustedRoots::load(options.trusted_root)?;
        let http = Http::new(world)?;
        let holder = holder(world, &http, &services, options.token_variable)?;
        let (name, issuer) = holder.named()?;
        Ok(Self {
            world: world.clone(),
            http,
            services,
            token_variable: options.token_variable.map(str::to_owned),
            roots,
            identity: Identity::named(name.clone(), issuer),
            name,
            holder: RefCell::new(Rc::new(holder)),
        })
    }

    /// A key with a certificate that is valid for some time yet; a new one when the old one ends.
    fn holder(&self) -> Result<Rc<Holder>, SigningError> {
        let current = Rc::clone(&self.holder.borrow());
        if self.world.now() + REST_MIN < current.not_after() {
            return Ok(current);
        }
        let variable = self.token_variable.as_deref();
        let renewed = Rc::new(holder(&self.world, &self.http, &self.services, variable)?);
        self.holder.replace(Rc::clone(&renewed));
        Ok(renewed)
    }
}

impl Signer for KeylessSigner {
    fn name(&self) -> String {
        format!("the identity `{}`", self.name)
    }

    fn trust(&self) -> Trust {
        Trust::Identity(self.identity.clone(), self.roots.clone())
    }

    fn seal(&self, payload: &[u8]) -> Result<Seal, SigningError> {
        let holder = self.holder()?;
        let signature = holder.key.sign(&pae(payload))?;
        let stamp = |url: &String| time::stamp(&self.http, url, &signature);
        let timestamps = self.services.time_stamps.iter().map(stamp);
        let timestamps = timestamps.collect::<Result<_, _>>()?;
        let signed = log::Signed {
            payload,
            signature: &signature,
            certificate: holder.certificate.der(),
        };
        let entries = self.services.logs.iter();
        let entries = entries.map(|service| log::enter(&self.http, service, &signed));
        let seal = Seal {
            log_entries: entries.collect::<Result<_, _>>()?,
            timestamps,
            material: Material::Identity(holder.certificate.der().to_vec()),
            signature,
        };
        match self.trust().open(&seal.bundle(payload)) {
            Ok(_) => Ok(seal),
            Err(error) => Err(IdentityProblem::Faulty(error.to_string()).into()),
        }
    }
}

fn holder(
    world: &World,
    http: &Http,
    services: &Services,
    token_variable: Option<&str>,
) -> Result<Holder, SigningError> {
    let token = token::obtain(world, http, token_variable)?;
    authority::certify(http, &services.authority, &token)
}

/// The answer of `endpoint` is not a documented one.
fn not_understood(endpoint: &str, what: &str) -> SigningError {
    RemoteError::new(endpoint, RemoteProblem::Malformed)
        .saying(what)
        .into()
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
