//! Texts must have a form: an address, an identifier, a date, JSON.

use chrono::format::{Item, StrftimeItems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Format, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-format",
    summary: "Every text that is not null has the form.",
    remedy: "Correct the values upstream, or adapt the rule in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: logicalTypeOptions `format`",
        "Great Expectations: expect_column_values_to_match_strftime_format, _be_dateutil_parseable, _be_json_parseable, _match_json_schema",
        "Soda: valid_format",
        "Deequ: containsEmail, containsURL, containsCreditCardNumber",
        "Frictionless: ascii-value",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met; the empty text has no form but `ascii`, `lower_case` and `upper_case`. What is no text is looked at as its text. Letter case is that of Unicode; dates in the forms of `strftime` are in the calendar of ISO 8601 and need the whole text.";

/// The form of the texts of a column.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueFormat {
    /// The form.
    pub format: TextFormat,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// A form of texts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// An e-mail address, as the HTML standard has it.
    Email,
    /// A UUID: 8-4-4-4-12 hexadecimal digits in any case.
    Uuid,
    /// An absolute URI with a scheme (RFC 3986).
    Uri,
    /// A host name (RFC 1123).
    Hostname,
    /// An IPv4 address in dotted decimal.
    Ipv4,
    /// An IPv6 address (RFC 4291).
    Ipv6,
    /// A JSON text (RFC 8259).
    Json,
    /// A JSON text the JSON Schema accepts.
    JsonSchema(serde_json::Value),
    /// A date or time in this `strftime` form.
    Strftime(String),
    /// A date or time in any of the common written forms.
    DateOrTime,
    /// The number of a payment card.
    PaymentCard,
    /// No letter of upper case.
    LowerCase,
    /// No letter of lower case.
    UpperCase,
    /// ASCII only.
    Ascii,
}

impl TextFormat {
    fn format(&self) -> Format {
        match self {
            Self::Email => Format::Email,
            Self::Uuid => Format::Uuid,
            Self::Uri => Format::Uri,
            Self::Hostname => Format::Hostname,
            Self::Ipv4 => Format::Ipv4,
            Self::Ipv6 => Format::Ipv6,
            Self::Json => Format::Json,
            Self::JsonSchema(schema) => Format::JsonSchema(schema.clone()),
            Self::Strftime(form) => Format::Strftime(form.clone()),
            Self::DateOrTime => Format::DateOrTime,
            Self::PaymentCard => Format::PaymentCard,
            Self::LowerCase => Format::LowerCase,
            Self::UpperCase => Format::UpperCase,
            Self::Ascii => Format::Ascii,
        }
    }

    /// Why it cannot be looked for, if it cannot.
    fn problem(&self) -> Option<String> {
        match self {
            Self::JsonSchema(schema) => super::json_schema::problem(schema),
            Self::Strftime(form) => StrftimeItems::new(form)
                .any(|item| matches!(item, Item::Error))
                .then(|| format!("`{form}` is not a form of `strftime`")),
            Self::Email
            | Self::Uuid
            | Self::Uri
            | Self::Hostname
            | Self::Ipv4
            | Self::Ipv6
            | Self::Json
            | Self::DateOrTime
            | Self::PaymentCard
            | Self::LowerCase
            | Self::UpperCase
            | Self::Ascii => None,
        }
    }
}

impl ValueFormat {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        if let Some(why) = self.format.problem() {
            return Err(why);
        }
        let value = Value::column(target.column_name());
        let has = Condition::HasFormat(value, self.format.format());
        Ok(failing(target, has.negated()))
    }
}

impl Check for ValueFormat {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("are not {}", self.format.format());
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
