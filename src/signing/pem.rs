//! PEM (RFC 7468) and the few bytes of DER (X.690) that elliptic-curve keys need: telling curves
//! apart, and wrapping a bare `EC PRIVATE KEY` (RFC 5915) into PKCS#8 (RFC 5958).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::Curve;

/// One `-----BEGIN …-----` block.
pub(super) struct Block<'a> {
    pub label: &'a str,
    /// The whole block with its first and last line.
    pub text: &'a str,
    body: &'a str,
}

impl<'a> Block<'a> {
    /// The first block of `text` whose label `accepted` accepts.
    pub(super) fn find(text: &'a str, accepted: impl Fn(&str) -> bool) -> Option<Self> {
        const BEGIN: &str = "-----BEGIN ";
        let mut rest = text;
        loop {
            rest = rest.get(rest.find(BEGIN)?..)?;
            let (label, _) = rest.get(BEGIN.len()..)?.split_once("-----")?;
            let first = BEGIN.len() + label.len() + "-----".len();
            let last = format!("-----END {label}-----");
            let end = rest.find(&last)?;
            if accepted(label) {
                return Some(Self {
                    label,
                    text: rest.get(..end + last.len())?,
                    body: rest.get(first..end)?,
                });
            }
            rest = rest.get(end + last.len()..)?;
        }
    }

    /// All blocks of `text`, in order.
    pub(super) fn all(text: &'a str) -> impl Iterator<Item = Self> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let block = Self::find(rest, |_| true)?;
            let start = rest.find(block.text)?;
            rest = rest.get(start + block.text.len()..)?;
            Some(block)
        })
    }

    /// The bytes, unless they are not base64.
    pub(super) fn decode(&self) -> Option<Vec<u8>> {
        let digits: String = self.body.split_ascii_whitespace().collect();
        STANDARD.decode(digits).ok()
    }
}

/// A PEM block with 64 columns and line feeds: the form whose digest is a key's fingerprint.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, digit) in STANDARD.encode(der).chars().enumerate() {
        if 0 < index && index % 64 == 0 {
            text.push('\n');
        }
        text.push(digit);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

/// The curve of a public key (SubjectPublicKeyInfo, RFC 5480) with a named curve and an uncompressed
/// point: the only form with exactly one encoding, so that a key has one fingerprint.
pub(super) fn curve_of_public(der: &[u8]) -> Option<Curve> {
    Curve::ALL.into_iter().find(|curve| {
        let prefix = public_prefix(*curve);
        let point = 2 * curve.bytes();
        der.starts_with(prefix) && der.len() == prefix.len() + point
    })
}

/// The uncompressed point of a public key of which [`curve_of_public`] said the curve.
pub(super) fn point_of_public(der: &[u8], curve: Curve) -> Option<&[u8]> {
    // The prefix ends with the `04` that the point begins with.
    der.get(public_prefix(curve).len() - 1..)
}

/// The public key with these coordinates, which [`curve_of_public`] accepts.
pub(super) fn public_of_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    let is_whole = x.len() == curve.bytes() && y.len() == curve.bytes();
    is_whole.then(|| [public_prefix(curve), x, y].concat())
}

/// A signature as ASN.1 DER (RFC 3279, 2.2.3), from one that is `r` and `s` side by side as in JOSE
/// (RFC 7518, 3.4).
pub(super) fn signature_of_fixed(curve: Curve, fixed: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = fixed.split_at_checked(curve.bytes())?;
    if s.len() != curve.bytes() {
        return None;
    }
    element(0x30, &[integer(r)?, integer(s)?].concat())
}

/// A DER integer that is not negative: no more leading zeros than its sign needs.
fn integer(bytes: &[u8]) -> Option<Vec<u8>> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..)?;
    match digits.first() {
        Some(0..0x80) => element(0x02, digits),
        Some(_) | None => element(0x02, &[&[0], digits].concat()),
    }
}

/// Everything before the coordinates: lengths, the two object identifiers, the bit string, and the
/// `04` of an uncompressed point.
fn public_prefix(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ],
        Curve::P384 => &[
            0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
        ],
        Curve::P521 => &[
            0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
            0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04,
        ],
    }
}

/// `EC PRIVATE KEY` as PKCS#8. The curve is told by the length of the scalar; the library that
/// imports the result refuses it when the key says something else.
pub(super) fn pkcs8_of_sec1(sec1: &[u8]) -> Option<Vec<u8>> {
    let algorithm: &[u8] = match scalar_bytes(sec1)? {
        32 => public_prefix(Curve::P256).get(2..23)?,
        48 => public_prefix(Curve::P384).get(2..20)?,
        66 => public_prefix(Curve::P521).get(3..21)?,
        _ => return None,
    };
    let mut inner = vec![0x02, 0x01, 0x00];
    inner.extend_from_slice(algorithm);
    inner.extend(element(0x04, sec1)?);
    element(0x30, &inner)
}

/// Length of the scalar: SEQUENCE, INTEGER 1, then an OCTET STRING shorter than 128 bytes.
fn scalar_bytes(sec1: &[u8]) -> Option<u8> {
    let content = match sec1 {
        [0x30, 0x81, _, content @ ..] => content,
        [0x30, 0x82, _, _, content @ ..] => content,
        [0x30, length, content @ ..] if *length < 0x80 => content,
        _ => return None,
    };
    match content {
        [0x02, 0x01, 0x01, 0x04, length, ..] => Some(*length),
        _ => None,
    }
}

/// A DER element of at most 65,535 bytes.
fn element(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let mut bytes = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        (_, _) => vec![tag, 0x82, high, low],
    };
    bytes.extend_from_slice(content);
    Some(bytes)
}
