//! Columns must not be called as if they held personal data, unless the contract says they do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::listed;
use crate::evidence::{Bound, Evidence, Quantity, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "personal-names",
    summary: "No column is named as if it held personal data or secrets, but those that are allowed.",
    remedy: "Drop or mask the column, or classify it in the contract and allow it.",
    references: &["Regulation (EU) 2016/679, articles 4 (1) and 9 (1)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Names are split at underscores, hyphens, points, spaces and where a capital follows a small letter, and compared without case; words are English. Values are not looked at.";

/// Bound on columns whose name says that they hold personal data, whatever is in them: what no pattern
/// can find, such as names, addresses and health.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalNames {
    /// Columns that may be there: those the contract classifies as personal, and those whose name
    /// deceives.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// Words a name holds, each one or several parts that follow each other in it.
const WORDS: &[&str] = &[
    "email",
    "e mail",
    "phone",
    "mobile number",
    "telephone",
    "first name",
    "last name",
    "full name",
    "surname",
    "maiden name",
    "given name",
    "family name",
    "birth date",
    "date of birth",
    "dob",
    "birthday",
    "ssn",
    "social security",
    "passport",
    "driver license",
    "driving licence",
    "tax id",
    "national id",
    "nino",
    "iban",
    "bank account",
    "account number",
    "credit card",
    "card number",
    "cvv",
    "street",
    "street address",
    "home address",
    "postal address",
    "ip address",
    "mac address",
    "latitude",
    "longitude",
    "password",
    "passwd",
    "secret",
    "api key",
    "access token",
    "private key",
    "religion",
    "ethnicity",
    "race",
    "sexual orientation",
    "diagnosis",
    "disability",
    "trade union",
];

/// The words of a name: `homeAddress_2` is `home address 2`.
fn words(name: &str) -> String {
    let mut words = String::from(" ");
    let mut before = ' ';
    for character in name.chars() {
        let starts = character.is_uppercase() && before.is_lowercase();
        if (starts || !character.is_alphanumeric()) && !words.ends_with(' ') {
            words.push(' ');
        }
        if character.is_alphanumeric() {
            words.extend(character.to_lowercase());
        }
        before = character;
    }
    words.push(' ');
    words
}

/// Whether a name says so.
fn is_personal(name: &str) -> bool {
    let spaced = words(name);
    let joined = spaced.replace(' ', "");
    let says =
        |word: &&str| spaced.contains(&format!(" {word} ")) || joined == word.replace(' ', "");
    WORDS.iter().any(says)
}

impl Check for PersonalNames {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, _: &[Measured]) -> Vec<Evidence> {
        let names = facts.columns.iter().map(|column| &column.name);
        let found: Vec<String> = names
            .filter(|name| is_personal(name) && !self.allow.contains(name))
            .cloned()
            .collect();
        let quantity = Quantity::new(found.len() as f64, Unit::Count);
        let bound = Bound::AtMost(0.0);
        let message = match found.as_slice() {
            [] => format!(
                "{}: no column is named as if it held personal data",
                target.subject()
            ),
            found => format!(
                "{}: {} are named as if they held personal data, required none",
                target.subject(),
                listed(found)
            ),
        };
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_their_words() {
        for name in [
            "email",
            "customer_email",
            "homeAddress",
            "FirstName",
            "date-of-birth",
            "DOB",
            "firstname",
            "ip_address_2",
            "user.ssn",
        ] {
            assert!(is_personal(name), "{name}");
        }
        for name in [
            "age",
            "embrace",
            "session",
            "emails_sent_count",
            "tracer",
            "name_length",
            "phonetic",
            "amount",
            "dobro",
        ] {
            assert!(!is_personal(name), "{name}");
        }
    }
}
