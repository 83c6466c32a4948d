//! Personal data and secrets in texts: which kind a text holds, told by its form and, where there is
//! one, its check digits. Precision before recall: what has no check digit and no telling form (a name,
//! an address) is not looked for, and a form that numbers of another meaning often have is only
//! [`Certainty::Likely`], to be believed when most of those in a column that look like it are one.
//!
//! One file for each family; each names the document it follows. Engines call [`detect`] once for each
//! different value and keep a [`PersonalFound`]; nothing of the text itself is kept.

mod contact;
mod financial;
mod names;
mod national;
mod network;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

pub use names::{is_key, is_personal as is_personal_name, words as words_of_name};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LogicalType;

/// Bytes of one text that are looked at; what is behind them is not.
pub const TEXT_BYTES_MAX: usize = 1 << 16;

/// Row numbers kept as examples.
const EXAMPLES_MAX: usize = 5;

/// Share of what has a form that must pass its test, unless a rule says otherwise.
pub const LIKELY_SHARE_MIN_DEFAULT: f64 = 0.5;

/// Numbers that must pass a test one in ten pass by chance, when most of a column is something else: one
/// in a thousand times three in a row do.
const PASSED_MIN: u64 = 3;

/// A kind of personal data, or of secret.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PersonalKind {
    /// A private key in PEM form.
    PrivateKey,
    /// A key of a service, told by its prefix.
    ApiKey,
    /// An e-mail address.
    Email,
    /// A telephone number with its country code, E.164.
    Phone,
    /// An international bank account number, ISO 13616.
    Iban,
    /// The number of a payment card, ISO/IEC 7812.
    PaymentCard,
    /// A social security number of the United States.
    UsSsn,
    /// A tax identification number of Germany.
    DeTaxId,
    /// A social security number of France (NIR).
    FrNir,
    /// An identity number of Spain: DNI, and NIE of foreigners.
    EsDni,
    /// A tax code of Italy (codice fiscale).
    ItCodiceFiscale,
    /// A national insurance number of the United Kingdom.
    UkNino,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A MAC address, EUI-48.
    MacAddress,
    /// Latitude and longitude with at least four decimals each, that is to about ten metres.
    Coordinates,
}

impl PersonalKind {
    /// As it reads in a sentence, in the plural.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::PrivateKey => "private keys",
            Self::ApiKey => "keys of services",
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::Iban => "bank account numbers",
            Self::PaymentCard => "payment card numbers",
            Self::UsSsn => "US social security numbers",
            Self::DeTaxId => "German tax numbers",
            Self::FrNir => "French social security numbers",
            Self::EsDni => "Spanish identity numbers",
            Self::ItCodiceFiscale => "Italian tax codes",
            Self::UkNino => "UK national insurance numbers",
            Self::Ipv4 => "IPv4 addresses",
            Self::Ipv6 => "IPv6 addresses",
            Self::MacAddress => "MAC addresses",
            Self::Coordinates => "coordinates",
        }
    }
}

/// How sure the form of a single text makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Numbers of another meaning have this form too, one in ten to one in a thousand of them.
    Likely,
    /// Hardly anything else has this form.
    Sure,
}

/// What a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// Which kind.
    pub kind: PersonalKind,
    /// How sure.
    pub certainty: Certainty,
}

impl Detection {
    fn sure(kind: PersonalKind) -> Self {
        Self {
            kind,
            certainty: Certainty::Sure,
        }
    }

    fn likely(kind: PersonalKind) -> Self {
        Self {
            kind,
            certainty: Certainty::Likely,
        }
    }
}

/// Whether values of a type can be personal data by their form: texts, and numbers as long as a card's.
#[must_use]
pub fn may_be_personal(kind: Option<LogicalType>) -> bool {
    match kind {
        Some(
            LogicalType::String | LogicalType::Integer | LogicalType::Object | LogicalType::Array,
        )
        | None => true,
        Some(
            LogicalType::Number
            | LogicalType::Boolean
            | LogicalType::Date
            | LogicalType::Timestamp
            | LogicalType::Time,
        ) => false,
    }
}

/// What a text holds: the text as a whole, without the white space around it, or else the first of its
/// parts that is sure. `None` when nothing is recognised.
#[must_use]
pub fn detect(text: &str) -> Option<Detection> {
    let text = cut(text).trim();
    if text.len() < TEXT_BYTES_MIN {
        return None;
    }
    secrets::detect(text)
        .or_else(|| contact::whole(text))
        .or_else(|| network::whole(text))
        .or_else(|| financial::whole(text))
        .or_else(|| national::whole(text))
        .or_else(|| within(text))
}

/// Nothing that is recognised is shorter: `1.1.1.1` is the shortest.
const TEXT_BYTES_MIN: usize = 5;

/// What part of a longer text is sure.
fn within(text: &str) -> Option<Detection> {
    let sure = contact::within(text)
        .or_else(|| financial::within(text))
        .or_else(|| national::within(text))
        .or_else(|| {
            words(text).find_map(|word| national::sure(word).or_else(|| network::sure(word)))
        });
    // In a list of numbers one that passes a test by chance says nothing.
    sure.or_else(|| {
        let mut words = words(text).filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
        words
            .find_map(|word| national::likely(word).or_else(|| network::whole(word)))
            .filter(|_| is_sentence(text))
    })
}

/// Whether a text has at least two words of letters.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| {
        let letters = word.chars().filter(|character| character.is_alphabetic());
        2 <= letters.count() && !word.bytes().any(|byte| byte.is_ascii_digit())
    };
    2 <= text.split_whitespace().filter(is_word).count()
}

/// The kinds whose form a text, or one of its words, has.
fn forms(text: &str) -> BTreeSet<PersonalKind> {
    let text = cut(text).trim();
    let form = |word: &str| national::form(word).iter().copied();
    let mut found: BTreeSet<PersonalKind> = form(text).collect();
    if found.is_empty() && text.bytes().any(|byte| byte.is_ascii_digit()) {
        found.extend(words(text).flat_map(form));
    }
    found
}

/// The parts of a text between white space and punctuation that no kind has at its ends.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || ",;|<>()[]{}\"'=".contains(character))
        .map(|word| word.trim_matches(|character: char| ".:!?".contains(character)))
        .filter(|word| TEXT_BYTES_MIN <= word.len() && word.len() < text.len())
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The digits of a text without the separators; `None` when anything else is in it.
fn digits(text: &str, separators: &str) -> Option<Vec<u8>> {
    let mut found = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => found.push(byte - b'0'),
            other if separators.as_bytes().contains(&other) => {}
            _ => return None,
        }
    }
    Some(found)
}

/// What a column holds: counts, and numbers of rows to look at. A sketch: [`Self::update`] with each
/// row or each different value, [`Self::merge`] over parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonalFound {
    /// Rows with a text.
    pub eligible: u64,
    /// How many rows hold each kind for sure.
    pub sure: BTreeMap<PersonalKind, u64>,
    /// How many rows likely hold each kind.
    pub likely: BTreeMap<PersonalKind, u64>,
    /// How many rows hold what has the form of a kind that is never sure, and does not pass its test.
    pub alike: BTreeMap<PersonalKind, u64>,
    /// Rows with a text of more than [`TEXT_BYTES_MAX`] bytes, the rest of which was not looked at.
    pub cut: u64,
    /// The first few rows that hold a kind for sure, from 1.
    pub row_numbers: Vec<u64>,
}

impl PersonalFound {
    /// Adds a text that stands in `rows` rows, the first of which is `row_number`.
    pub fn update(&mut self, text: &str, rows: u64, row_number: u64) {
        self.eligible += rows;
        if TEXT_BYTES_MAX < text.len() {
            self.cut += rows;
        }
        let found = detect(text);
        for kind in forms(text) {
            if found.is_none_or(|found| found.kind != kind) {
                *self.alike.entry(kind).or_default() += rows;
            }
        }
        let Some(found) = found else { return };
        match found.certainty {
            Certainty::Sure => {
                *self.sure.entry(found.kind).or_default() += rows;
                self.show(row_number);
            }
            Certainty::Likely => *self.likely.entry(found.kind).or_default() += rows,
        }
    }

    /// Rows that hold a kind: those that do for sure, and those that likely do where they are enough to be
    /// believed: at least `share_min` of what has the form, and where one in ten pass the test by chance
    /// at least [`PASSED_MIN`] of them. What has no form to be compared with is held against all values.
    #[must_use]
    pub fn rows(&self, kind: PersonalKind, share_min: f64) -> u64 {
        let of = |counts: &BTreeMap<PersonalKind, u64>| counts.get(&kind).copied().unwrap_or(0);
        let (sure, likely) = (of(&self.sure), of(&self.likely));
        let all = sure + likely;
        let enough_of = |whole: u64| share_min * whole as f64 <= all as f64;
        let believed = match kind {
            PersonalKind::DeTaxId
            | PersonalKind::FrNir
            | PersonalKind::EsDni
            | PersonalKind::PaymentCard => {
                enough_of(self.eligible) || (PASSED_MIN <= all && enough_of(all + of(&self.alike)))
            }
            PersonalKind::UkNino => enough_of(all + of(&self.alike)),
            PersonalKind::Ipv4
            | PersonalKind::Coordinates
            | PersonalKind::PrivateKey
            | PersonalKind::ApiKey
            | PersonalKind::Email
            | PersonalKind::Phone
            | PersonalKind::Iban
            | PersonalKind::UsSsn
            | PersonalKind::ItCodiceFiscale
            | PersonalKind::Ipv6
            | PersonalKind::MacAddress => enough_of(self.eligible),
        };
        if believed { all } else { sure }
    }

    /// Whether anything is found that is to be believed, with the share rules have by default.
    #[must_use]
    pub fn holds_any(&self) -> bool {
        let mut kinds = self.sure.keys().chain(self.likely.keys());
        kinds.any(|kind| 0 < self.rows(*kind, LIKELY_SHARE_MIN_DEFAULT))
    }

    /// Adds what was found in other rows.
    pub fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.cut += other.cut;
        for (mine, others) in [
            (&mut self.sure, &other.sure),
            (&mut self.likely, &other.likely),
            (&mut self.alike, &other.alike),
        ] {
            for (kind, rows) in others {
                *mine.entry(*kind).or_default() += rows;
            }
        }
        other.row_numbers.iter().for_each(|row| self.show(*row));
    }

    fn show(&mut self, row_number: u64) {
        let place = self.row_numbers.partition_point(|row| *row < row_number);
        if place < EXAMPLES_MAX {
            self.row_numbers.insert(place, row_number);
            self.row_numbers.truncate(EXAMPLES_MAX);
        }
    }
}

#[cfg(test)]
mod tests;
