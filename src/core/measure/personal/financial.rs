//! Numbers of accounts and cards: IBAN (ISO 13616, check digits by ISO 7064 mod 97-10, lengths of the
//! SWIFT registry, release 99) and payment cards (ISO/IEC 7812-1: issuer ranges, Luhn's check digit).

use std::sync::LazyLock;

use regex::Regex;

use super::{Detection, PersonalKind, digits};

/// Length of an IBAN by country, SWIFT IBAN registry release 99.
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

static IBAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9A-Za-z])([A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){10,30})")
        .expect("a valid expression")
});

static CARD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^0-9A-Za-z.-])([0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}|[0-9]{13,19})(?:$|[^0-9A-Za-z-])",
    )
    .expect("a valid expression")
});

pub(super) fn whole(text: &str) -> Option<Detection> {
    if is_iban(text) {
        return Some(Detection::sure(PersonalKind::Iban));
    }
    if !is_card(text) {
        return None;
    }
    // Written in groups it is a card; one in ten numbers of the same length passes the test too.
    if text.contains([' ', '-']) {
        return Some(Detection::sure(PersonalKind::PaymentCard));
    }
    Some(Detection::likely(PersonalKind::PaymentCard))
}

pub(super) fn within(text: &str) -> Option<Detection> {
    let iban = || {
        IBAN.captures_iter(text)
            .any(|found| starts_with_iban(&found[1]))
    };
    if iban() {
        return Some(Detection::sure(PersonalKind::Iban));
    }
    // A bare number in a list of numbers is no sentence.
    let card =
        |found: &str| is_card(found) && (super::is_sentence(text) || found.contains([' ', '-']));
    CARD.captures_iter(text)
        .any(|found| card(&found[1]))
        .then(|| Detection::sure(PersonalKind::PaymentCard))
}

fn iban_length(country: &str) -> Option<usize> {
    IBAN_LENGTHS
        .split(' ')
        .find_map(|entry| entry.strip_prefix(country))
        .and_then(|length| length.parse().ok())
}

fn is_iban(text: &str) -> bool {
    let compact: String = text.chars().filter(|character| *character != ' ').collect();
    let country = compact.get(..2).unwrap_or_default();
    country.bytes().all(|byte| byte.is_ascii_uppercase())
        && iban_length(country) == Some(compact.len())
        && mod_97(&compact) == Some(1)
}

/// The number may be followed by a word in capitals: the country tells where it ends.
fn starts_with_iban(text: &str) -> bool {
    let length = iban_length(text.get(..2).unwrap_or_default()).unwrap_or_default();
    let compact: String = text
        .chars()
        .filter(|character| *character != ' ')
        .take(length)
        .collect();
    0 < length && is_iban(&compact)
}

/// ISO 7064 mod 97-10 of an IBAN, its first four characters moved to its end.
fn mod_97(compact: &str) -> Option<u32> {
    let (head, tail) = compact.split_at_checked(4)?;
    tail.chars()
        .chain(head.chars())
        .try_fold(0_u32, |rest, character| {
            let value = character.to_digit(36)?;
            let shifted = if value < 10 { rest * 10 } else { rest * 100 };
            Some((shifted + value) % 97)
        })
}

fn is_card(text: &str) -> bool {
    let Some(digits) = digits(text, " -") else {
        return false;
    };
    let all_equal = digits.iter().all(|digit| Some(digit) == digits.first());
    !all_equal && is_issued(&digits) && luhn(&digits)
}

/// Whether the number lies in the range of an issuer and has the length of its cards.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |length: usize| {
        let digits = digits.iter().take(length);
        digits.fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let length = digits.len();
    match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        (4, ..) => [13, 16, 19].contains(&length),
        (_, 51..=55, ..) | (_, _, _, 2221..=2720) => length == 16,
        (_, 34 | 37, ..) => length == 15,
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => (14..=19).contains(&length),
        (_, 65 | 62, ..) | (_, _, 644..=649, _) | (_, _, _, 6011 | 3528..=3589) => {
            (16..=19).contains(&length)
        }
        _ => false,
    }
}

/// Luhn's test, ISO/IEC 7812-1 annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}
