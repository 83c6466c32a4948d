//! Secrets, told by the form their issuer documents: private keys in PEM (RFC 7468) and keys of
//! services with a fixed prefix. Keys without one (32 hexadecimal digits) are not told from hashes and
//! are not looked for.

use std::sync::LazyLock;

use regex::Regex;

use super::{Detection, PersonalKind};

/// Prefixes with the characters that follow: AWS access key ids, tokens of GitHub, GitLab, Slack,
/// Stripe, Google, npm, PyPI, Hugging Face, OpenAI and Anthropic, and JSON Web Tokens.
const KEYS: &[&str] = &[
    r"(?:AKIA|ASIA)[A-Z2-7]{16}",
    r"gh[pousr]_[0-9A-Za-z]{36}",
    r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}",
    r"glpat-[0-9A-Za-z_-]{20,}",
    r"xox[abeprs]-[0-9A-Za-z-]{10,}",
    r"[rs]k_(?:live|test)_[0-9A-Za-z]{16,}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"npm_[0-9A-Za-z]{36}",
    r"pypi-[0-9A-Za-z_-]{50,}",
    r"hf_[A-Za-z]{34}",
    r"sk-(?:proj-|ant-)[0-9A-Za-z_-]{20,}",
    r"eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}",
];

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    let keys = KEYS.join("|");
    Regex::new(&format!(
        r"(?:^|[^0-9A-Za-z_-])(?:{keys})(?:$|[^0-9A-Za-z_-])"
    ))
    .expect("a valid expression")
});

/// Nothing shorter is a secret.
const SECRET_BYTES_MIN: usize = 15;

pub(super) fn detect(text: &str) -> Option<Detection> {
    if text.len() < SECRET_BYTES_MIN {
        return None;
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some(Detection::sure(PersonalKind::PrivateKey));
    }
    KEY.is_match(text)
        .then(|| Detection::sure(PersonalKind::ApiKey))
}
