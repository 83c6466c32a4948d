//! The way from a signer's certificate to one that is trusted (RFC 5280, section 6).
//!
//! `rustls-webpki`, whose cryptography this uses, finds such ways for web servers. Here they must hold
//! more: authorities need the key usage to be one, and roots a time in which they are valid; and they may
//! hold less: signers' certificates that call themselves authorities exist, the ones in the tests of
//! `model_signing` among them.

use chrono::{DateTime, Utc};

use super::certificate::Certificate;
use super::problem::CertificateProblem;

/// Most authorities between a signer and a root.
const AUTHORITIES_MAX: usize = 6;

/// Most signatures tried: more than any honest list of certificates needs.
const SIGNATURES_MAX: usize = 100;

/// The certificates from `leaf` to one of `roots`, each signed by the next, all valid `at` that time. A
/// leaf that is itself one of the roots needs nobody else.
///
/// # Errors
/// Why the first way tried does not lead there.
pub(super) fn find<'a>(
    leaf: &'a Certificate,
    others: &'a [Certificate],
    roots: &'a [Certificate],
    at: DateTime<Utc>,
) -> Result<Vec<&'a Certificate>, CertificateProblem> {
    leaf.check_time(at)?;
    if roots.contains(leaf) {
        return Ok(vec![leaf]);
    }
    let mut search = Search {
        others,
        roots,
        at,
        path: vec![leaf],
        signatures_left: SIGNATURES_MAX,
        refused: None,
    };
    if search.extend() {
        return Ok(search.path);
    }
    Err(CertificateProblem::NoPath {
        leaf: leaf.subject(),
        why: search.refused.unwrap_or_else(|| {
            "no certificate that is trusted or came with the signature is of its issuer".to_owned()
        }),
    })
}

struct Search<'a> {
    others: &'a [Certificate],
    roots: &'a [Certificate],
    at: DateTime<Utc>,
    path: Vec<&'a Certificate>,
    signatures_left: usize,
    refused: Option<String>,
}

impl<'a> Search<'a> {
    /// Whether the path can be extended to a root; it then is.
    fn extend(&mut self) -> bool {
        let roots = self.roots.iter().map(|root| (root, true));
        let others = self.others.iter().map(|other| (other, false));
        for (issuer, is_root) in roots.chain(others) {
            if !self.is_next(issuer) {
                continue;
            }
            self.path.push(issuer);
            if is_root || (self.path.len() <= AUTHORITIES_MAX && self.extend()) {
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// Whether `issuer` signed the last certificate of the path, and was allowed to.
    fn is_next(&mut self, issuer: &'a Certificate) -> bool {
        let Some(last) = self.path.last() else {
            return false;
        };
        if !last.names_issuer(issuer) || self.path.contains(&issuer) || self.signatures_left == 0 {
            return false;
        }
        let authorities_below = self.path.len() - 1;
        let allowed = issuer
            .check_time(self.at)
            .and_then(|()| issuer.check_authority(authorities_below));
        self.signatures_left -= 1;
        let refused = match (allowed, last.is_signed_by(issuer)) {
            (Ok(()), true) => return true,
            (Err(problem), true) => problem.to_string(),
            (_, false) => format!(
                "`{}` is not signed by the key of `{}`",
                last.subject(),
                issuer.subject()
            ),
        };
        self.refused.get_or_insert(refused);
        false
    }
}
