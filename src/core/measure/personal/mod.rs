//! Personal data and secrets in texts: which kind a text holds, told by its form and, where there is
//! one, its check digits. Precision before recall: what has no check digit and no telling form (a name,
//! an address) is not looked for, and a form that numbers of another meaning often have is only
//! [`Certainty::Likely`], to be believed when most of a column has it.
//!
//! One file for each family; each names the document it follows. Engines call [`detect`] once for each
//! different value and keep a [`PersonalFound`]; nothing of the text itself is kept.

mod contact;
mod financial;
mod national;
mod network;
mod secrets;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of one text that are looked at; what is behind them is not.
pub const TEXT_BYTES_MAX: usize = 1 << 16;

/// Row numbers kept as examples.
const EXAMPLES_MAX: usize = 5;

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
    contact::within(text)
        .or_else(|| financial::within(text))
        .or_else(|| {
            words(text).find_map(|word| national::sure(word).or_else(|| network::sure(word)))
        })
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
        let Some(found) = detect(text) else { return };
        match found.certainty {
            Certainty::Sure => {
                *self.sure.entry(found.kind).or_default() += rows;
                self.show(row_number);
            }
            Certainty::Likely => *self.likely.entry(found.kind).or_default() += rows,
        }
    }

    /// Adds what was found in other rows.
    pub fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.cut += other.cut;
        for (mine, others) in [
            (&mut self.sure, &other.sure),
            (&mut self.likely, &other.likely),
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
