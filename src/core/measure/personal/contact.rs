//! Where a person can be reached or found: e-mail addresses (RFC 5321, without quoted local parts and
//! address literals), telephone numbers (ITU-T E.164, with their plus sign) and coordinates (WGS 84, in
//! decimal degrees).

use std::sync::LazyLock;

use regex::Regex;

use super::{Detection, PersonalKind, digits};

/// Longest local part and domain, RFC 5321 §4.5.3.1.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;

/// Digits of a telephone number with its country code; fewer are short numbers of a country.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\w.+-])(\+[1-9](?:[ ().-]{0,2}[0-9]){7,14})(?:$|[^\w])")
        .expect("a valid expression")
});

static COORDINATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[(\[]?(-?[0-9]{1,2}\.[0-9]{4,})\s*[,; ]\s*(-?[0-9]{1,3}\.[0-9]{4,})[)\]]?$")
        .expect("a valid expression")
});

pub(super) fn whole(text: &str) -> Option<Detection> {
    if is_email(text) {
        return Some(Detection::sure(PersonalKind::Email));
    }
    if text.starts_with('+') && is_phone(text) {
        return Some(Detection::sure(PersonalKind::Phone));
    }
    is_coordinates(text).then(|| Detection::likely(PersonalKind::Coordinates))
}

pub(super) fn within(text: &str) -> Option<Detection> {
    if text.contains('@') && super::words(text).any(|word| is_email(without_scheme(word))) {
        return Some(Detection::sure(PersonalKind::Email));
    }
    if !text.contains('+') {
        return None;
    }
    PHONE
        .captures_iter(text)
        .any(|found| is_phone(&found[1]))
        .then(|| Detection::sure(PersonalKind::Phone))
}

fn without_scheme(word: &str) -> &str {
    word.strip_prefix("mailto:").unwrap_or(word)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let local_is_fine = (1..=LOCAL_BYTES_MAX).contains(&local.len())
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    local_is_fine && is_domain(domain)
}

/// At least two labels, the last of letters only (or an internationalised one).
fn is_domain(domain: &str) -> bool {
    if DOMAIN_BYTES_MAX < domain.len() {
        return false;
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let label_is_fine = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last = labels.last().copied().unwrap_or_default();
    let last_is_fine = last.starts_with("xn--")
        || (2 <= last.len() && last.bytes().all(|byte| byte.is_ascii_alphabetic()));
    2 <= labels.len() && last_is_fine && labels.iter().all(label_is_fine)
}

fn is_phone(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else {
        return false;
    };
    let Some(digits) = digits(number, " ().-") else {
        return false;
    };
    let spread = number.len() - digits.len();
    // More than one separator for each two digits, or a single point, is arithmetic or a decimal.
    let decimal = number.matches('.').count() == 1 && spread == 1;
    PHONE_DIGITS.contains(&digits.len())
        && digits.first().is_some_and(|first| *first != 0)
        && spread <= digits.len() / 2
        && !decimal
        && digits.iter().any(|digit| Some(digit) != digits.first())
}

fn is_coordinates(text: &str) -> bool {
    let Some(found) = COORDINATES.captures(text) else {
        return false;
    };
    let within = |text: &str, most: f64| text.parse::<f64>().is_ok_and(|value| value.abs() <= most);
    within(&found[1], 90.0) && within(&found[2], 180.0)
}
