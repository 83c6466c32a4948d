//! `claims.jsonl`: everything that is claimed about one model, one bundle per line.
//!
//! The proposal of the OMS authors for several attestations beside one model (model-transparency
//! issues 586 and 587). Which claims hold is for the verifier; this only cuts lines.

use super::bundle::{BUNDLE_BYTES_MAX, Bundle, Versions};
use super::error::InvalidClaim;

/// Most claims about one model: ten steps, each signed by a hundred parties.
pub const CLAIMS_MAX: usize = 1000;

/// The bundles in a file of claims, as bytes. Empty lines are skipped; lines are not looked into.
///
/// # Errors
/// When the file or the number of claims is too large.
pub fn parse(bytes: &[u8]) -> Result<Vec<&[u8]>, InvalidClaim> {
    if BUNDLE_BYTES_MAX < bytes.len() {
        return Err(InvalidClaim::TooLarge(BUNDLE_BYTES_MAX));
    }
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let claims: Vec<&[u8]> = lines.by_ref().take(CLAIMS_MAX).collect();
    match lines.next() {
        None => Ok(claims),
        Some(_) => Err(InvalidClaim::Unsupported(format!(
            "the file holds more than {CLAIMS_MAX} claims"
        ))),
    }
}

/// A file of claims with those of `bundles` added that are not in it, and how many those are. Lines that are
/// there stay as they are, and bundles are not looked into: which claims hold is for the verifier.
///
/// # Errors
/// When the file gets too large, holds too many, or one to add is no JSON.
pub fn add(existing: &[u8], bundles: &[Vec<u8>]) -> Result<(Vec<u8>, usize), InvalidClaim> {
    let mut known: Vec<Vec<u8>> = parse(existing)?.into_iter().map(identity).collect();
    let mut file = existing.to_vec();
    let before = known.len();
    for bytes in bundles {
        let identity = identity(bytes);
        if known.contains(&identity) {
            continue;
        }
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(InvalidClaim::malformed)?;
        if file.last().is_some_and(|last| *last != b'\n') {
            file.push(b'\n');
        }
        file.extend(serde_json::to_vec(&value).map_err(InvalidClaim::malformed)?);
        file.push(b'\n');
        known.push(identity);
    }
    parse(&file)?;
    Ok((file, known.len() - before))
}

/// What makes a bundle the one it is: the same signature over the same statement may be written in many ways.
fn identity(bundle: &[u8]) -> Vec<u8> {
    match Bundle::parse_of(bundle, Versions::AlsoOld) {
        Ok(parsed) => [parsed.signature, parsed.payload].concat(),
        Err(_) => bundle.to_vec(),
    }
}

/// A file of claims, each bundle on a line of its own. Bundles are checked and written without
/// white space; the signed payload in them stays as it is.
///
/// # Errors
/// When there are too many, or one of them is not a bundle.
pub fn render<'a>(bundles: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, InvalidClaim> {
    let mut file = Vec::new();
    for (index, bytes) in bundles.into_iter().enumerate() {
        if CLAIMS_MAX <= index {
            return Err(InvalidClaim::Unsupported(format!(
                "more than {CLAIMS_MAX} claims about one model"
            )));
        }
        Bundle::parse_of(bytes, Versions::AlsoOld)?;
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(InvalidClaim::malformed)?;
        file.extend(serde_json::to_vec(&value).map_err(InvalidClaim::malformed)?);
        file.push(b'\n');
    }
    Ok(file)
}
