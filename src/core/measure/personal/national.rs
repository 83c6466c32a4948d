//! Numbers states give to persons, by the rules each state publishes; the check digits agree with
//! python-stdnum 2. What has a form of its own is sure: an Italian tax code, a social security number in
//! its groups of 3, 2 and 4 digits, a national insurance number in groups. What is a bare number, or as
//! other codes are, is likely; [`form`] says which values have its form without being one.

use std::sync::LazyLock;

use regex::Regex;

use super::{Detection, PersonalKind, digits};

static SSN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b").expect("a valid expression"));

static NINO_IN_GROUPS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[A-Z]{2} [0-9]{2} [0-9]{2} [0-9]{2} [A-D]\b").expect("a valid expression")
});

/// Whether a text is a number of one kind.
type Test = fn(&str) -> bool;

pub(super) fn whole(text: &str) -> Option<Detection> {
    if let Some(found) = sure(text) {
        return Some(found);
    }
    likely(text)
}

/// What a text is by a form that others have too.
pub(super) fn likely(text: &str) -> Option<Detection> {
    let likely: [(Test, PersonalKind); 4] = [
        (is_fr_nir, PersonalKind::FrNir),
        (is_de_tax_id, PersonalKind::DeTaxId),
        (is_es_dni, PersonalKind::EsDni),
        (is_uk_nino, PersonalKind::UkNino),
    ];
    likely
        .into_iter()
        .find(|(is, _)| is(text))
        .map(|(_, kind)| Detection::likely(kind))
}

pub(super) fn sure(text: &str) -> Option<Detection> {
    let kind = if is_codice_fiscale(text) {
        PersonalKind::ItCodiceFiscale
    } else if is_us_ssn(text) {
        PersonalKind::UsSsn
    } else if text.contains(' ') && NINO_IN_GROUPS.is_match(text) && is_uk_nino(text) {
        PersonalKind::UkNino
    } else {
        return None;
    };
    Some(Detection::sure(kind))
}

/// What part of a longer text is sure by its groups.
pub(super) fn within(text: &str) -> Option<Detection> {
    let stands_alone = |found: &regex::Match<'_>| {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        // Part of a longer number in groups: a telephone number, an ISBN, an order number.
        !matches!(before, Some('-' | '.' | '+' | '/')) && !matches!(after, Some('-' | '/'))
    };
    let ssn = || {
        let mut all = SSN.find_iter(text);
        all.any(|found| stands_alone(&found) && is_us_ssn(found.as_str()))
    };
    let nino = || {
        let mut all = NINO_IN_GROUPS.find_iter(text);
        all.any(|found| stands_alone(&found) && is_uk_nino(found.as_str()))
    };
    if text.contains('-') && ssn() {
        return Some(Detection::sure(PersonalKind::UsSsn));
    }
    nino().then(|| Detection::sure(PersonalKind::UkNino))
}

/// The kinds of bare numbers and codes whose form a text has, whether it is one or not: what tells a
/// column of them from one of other numbers, of which few pass the test.
pub(super) fn form(text: &str) -> &'static [PersonalKind] {
    let is = |places: std::ops::Range<usize>, test: fn(&u8) -> bool| {
        text.as_bytes()
            .get(places)
            .is_some_and(|bytes| bytes.iter().all(test))
    };
    let (digit, letter) = (u8::is_ascii_digit, u8::is_ascii_uppercase);
    match text.len() {
        11 if is(0..11, digit) => &[PersonalKind::DeTaxId],
        15 if is(0..15, digit) => &[PersonalKind::FrNir, PersonalKind::PaymentCard],
        13..=19 if is(0..text.len(), digit) => &[PersonalKind::PaymentCard],
        9 if is(0..2, letter) && is(2..8, digit) && is(8..9, letter) => &[PersonalKind::UkNino],
        9 if is(1..8, digit) && is(8..9, letter) && is(0..1, u8::is_ascii_alphanumeric) => {
            &[PersonalKind::EsDni]
        }
        _ => &[],
    }
}

/// `AAA-GG-SSSS`. No check digit; areas 000, 666 and 900 and above, group 00 and serial 0000 are never
/// given (Social Security Administration, since 2011).
fn is_us_ssn(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, group, serial] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, length: usize| {
        let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    };
    match (number(area, 3), number(group, 2), number(serial, 4)) {
        (Some(area), Some(group), Some(serial)) => {
            // Numbers of advertisements and samples.
            let sample = matches!(
                (area, group, serial),
                (78, 5, 1120) | (219, 9, 9999) | (457, 55, 5462)
            );
            area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 && !sample
        }
        _ => false,
    }
}

/// Eleven digits, the first not 0; among the first ten one digit occurs two or three times and at least
/// one is missing, no three equal in a row; check digit by ISO 7064 mod 11,10.
fn is_de_tax_id(text: &str) -> bool {
    let Some(digits) = digits(text, " ") else {
        return false;
    };
    if digits.len() != 11 || digits.first() == Some(&0) {
        return false;
    }
    let (number, check) = digits.split_at(10);
    let mut counts = [0_u8; 10];
    for digit in number {
        counts[usize::from(*digit)] += 1;
    }
    let repeated: Vec<u8> = counts.into_iter().filter(|count| 1 < *count).collect();
    let in_a_row = number
        .windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2]);
    let product = number.iter().fold(10_u32, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    let expected = (11 - product) % 10;
    matches!(repeated.as_slice(), [2 | 3])
        && !in_a_row
        && check
            .first()
            .is_some_and(|digit| u32::from(*digit) == expected)
}

/// Thirteen characters and two digits that are 97 less the rest by 97; sex 1 to 4, 7 or 8, month 1 to
/// 12 (or 20 and above where it is not known), Corsica as 2A and 2B (INSEE).
fn is_fr_nir(text: &str) -> bool {
    let compact: String = text.chars().filter(|character| *character != ' ').collect();
    if compact.len() != 15 || !compact.is_ascii() {
        return false;
    }
    let (number, key) = compact.split_at(13);
    // Corsica counts as 19 and 18.
    let number = match &number[5..7] {
        "2A" => format!("{}19{}", &number[..5], &number[7..]),
        "2B" => format!("{}18{}", &number[..5], &number[7..]),
        _ => number.to_owned(),
    };
    let digits_only = number
        .bytes()
        .chain(key.bytes())
        .all(|byte| byte.is_ascii_digit());
    let (Ok(value), Ok(key), Ok(month)) = (
        number.parse::<u64>(),
        key.parse::<u64>(),
        number[3..5].parse::<u32>(),
    ) else {
        return false;
    };
    digits_only
        && matches!(number.as_bytes().first(), Some(b'1'..=b'4' | b'7' | b'8'))
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - value % 97 == key
}

/// Eight digits, or X, Y or Z and seven digits, and a letter told by the rest by 23 (Real Decreto
/// 1553/2005).
fn is_es_dni(text: &str) -> bool {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let compact: String = text.chars().filter(|character| *character != '-').collect();
    let bytes = compact.as_bytes();
    let [first, .., last] = bytes else {
        return false;
    };
    if bytes.len() != 9 || text.starts_with('-') {
        return false;
    }
    let lead = match first {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        b'0'..=b'9' => u32::from(first - b'0'),
        _ => return false,
    };
    let Some(middle) = compact.get(1..8).and_then(|middle| digits(middle, "")) else {
        return false;
    };
    let number = middle
        .iter()
        .fold(lead, |number, digit| number * 10 + u32::from(*digit));
    LETTERS.get((number % 23) as usize) == Some(last)
}

/// Two letters, six digits, A to D, in groups of two or not; letters and prefixes as HMRC gives them
/// (NIM39110).
fn is_uk_nino(text: &str) -> bool {
    let compact: String = text.chars().filter(|character| *character != ' ').collect();
    let [first, second, number @ .., last] = compact.as_bytes() else {
        return false;
    };
    let prefix = [*first, *second];
    number.len() == 6
        && number.iter().all(u8::is_ascii_digit)
        && prefix.iter().all(u8::is_ascii_uppercase)
        && matches!(last, b'A'..=b'D')
        && !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&prefix)
}

/// Sixteen characters: six letters of the name, year, month letter, day (41 and more for women), four
/// of the place, a check letter (Decreto ministeriale 23 December 1976). Numbers of the same person
/// told apart by letters instead of digits are read too.
fn is_codice_fiscale(text: &str) -> bool {
    /// Values of characters in odd places, by their value in base 36 (letters less ten).
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    /// Letters that stand for digits, by digit.
    const AS_DIGIT: &[u8] = b"LMNPQRSTUV";
    let upper = text.to_ascii_uppercase();
    let bytes = upper.as_bytes();
    if bytes.len() != 16 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let digit = |place: usize| match bytes[place] {
        byte @ b'0'..=b'9' => Some(u32::from(byte - b'0')),
        byte => AS_DIGIT
            .iter()
            .position(|letter| *letter == byte)
            .map(|digit| digit as u32),
    };
    let letters = [0, 1, 2, 3, 4, 5, 8, 11, 15];
    let numbers = [6, 7, 9, 10, 12, 13, 14];
    let form = letters
        .iter()
        .all(|place| bytes[*place].is_ascii_alphabetic())
        && numbers.iter().all(|place| digit(*place).is_some())
        && b"ABCDEHLMPRST".contains(&bytes[8]);
    let day = digit(9).zip(digit(10)).map(|(tens, ones)| tens * 10 + ones);
    let day_is_one = day.is_some_and(|day| matches!(day, 1..=31 | 41..=71));
    if !form || !day_is_one {
        return false;
    }
    let value = |byte: u8| match byte {
        b'0'..=b'9' => usize::from(byte - b'0'),
        letter => usize::from(letter - b'A'),
    };
    let sum: u32 = bytes[..15]
        .iter()
        .enumerate()
        .map(|(place, byte)| match place % 2 {
            0 => ODD[value(*byte)],
            _ => value(*byte) as u32,
        })
        .sum();
    sum % 26 == u32::from(bytes[15] - b'A')
}
