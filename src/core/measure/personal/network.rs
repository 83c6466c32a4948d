//! Addresses of devices: IPv4 (RFC 791, dotted decimal, no leading zeros), IPv6 (RFC 4291) and MAC
//! (IEEE EUI-48). Addresses that name no single device are left out.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Detection, PersonalKind};

pub(super) fn whole(text: &str) -> Option<Detection> {
    if let Some(found) = sure(text) {
        return Some(found);
    }
    // A version number of four parts is written the same.
    is_ipv4(text).then(|| Detection::likely(PersonalKind::Ipv4))
}

pub(super) fn sure(text: &str) -> Option<Detection> {
    if is_mac(text) {
        return Some(Detection::sure(PersonalKind::MacAddress));
    }
    is_ipv6(text).then(|| Detection::sure(PersonalKind::Ipv6))
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|address| {
        !(address.is_unspecified()
            || address.is_loopback()
            || address.is_broadcast()
            || address.is_multicast()
            || address.is_documentation()
            || address.octets()[0] == 0)
    })
}

/// At least three colons: `1::2` and times of day such as `12:30:15` are not taken for one.
fn is_ipv6(text: &str) -> bool {
    3 <= text.matches(':').count()
        && text.parse::<Ipv6Addr>().is_ok_and(|address| {
            !(address.is_unspecified() || address.is_loopback() || address.is_multicast())
        })
}

fn is_mac(text: &str) -> bool {
    let separator = if text.contains('-') { '-' } else { ':' };
    let parts: Vec<&str> = text.split(separator).collect();
    let pair = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let telling = !["00", "ff", "FF"]
        .iter()
        .any(|one| parts.iter().all(|part| part == one));
    parts.len() == 6 && parts.iter().all(pair) && telling && !is_pairs_of_digits(&parts, separator)
}

/// `20-24-01-02-10-30` is a date and time.
fn is_pairs_of_digits(parts: &[&str], separator: char) -> bool {
    separator == '-'
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}
