//! The `card` section of the configuration: what only people can say about a model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What people say about the model: the `card` section of `proofmark.yaml`. Text is plain; blank
/// lines part paragraphs, lines that begin with `- ` are list items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// Name of the model for people: `Credit risk scorer`.
    pub title: String,
    /// What the model is, in one paragraph.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who answers for the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// Licence as a Hugging Face id or an SPDX id; `other` needs `license_name` and `license_link`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// Name of the licence when `license` is `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_name: Option<String>,
    /// Where the licence can be read when `license` is `other`: an `https` URL, or `LICENSE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_link: Option<String>,
    /// Languages the model works in, as ISO 639 codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
    /// Library that loads the model: `sklearn`, `transformers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// Task in the words of the Hugging Face Hub: `tabular-classification`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_tag: Option<String>,
    /// Words to find the model by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The model this one was made from, as a Hugging Face id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_model: Option<String>,
    /// What the model is for, and for whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_use: Option<String>,
    /// What it must not be used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_scope: Option<String>,
    /// Where it is known to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limitations: Option<String>,
    /// Whom it may harm, and what was done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethical_considerations: Option<String>,
    /// What it was trained on: origin, period, selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_data: Option<String>,
    /// Datasets as Hugging Face ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
}

/// A person or a team who answers for the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// Name of the person or team.
    pub name: String,
    /// How to reach them: a mail address or an `https` URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// One section of human text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HumanSection<'a> {
    /// Its key in the configuration.
    pub key: &'static str,
    /// Its heading on the card.
    pub heading: &'static str,
    /// Its text; empty when it was left out.
    pub text: &'a str,
}

impl CardSpec {
    /// The sections of human text below the description, in the order of the card.
    #[must_use]
    pub fn sections(&self) -> Vec<HumanSection<'_>> {
        vec![
            section("intended_use", "Intended use", &self.intended_use),
            section("out_of_scope", "Out of scope", &self.out_of_scope),
            section("limitations", "Limitations", &self.limitations),
            section(
                "ethical_considerations",
                "Ethical considerations",
                &self.ethical_considerations,
            ),
            section("training_data", "Training data", &self.training_data),
        ]
    }
}

fn section<'a>(
    key: &'static str,
    heading: &'static str,
    text: &'a Option<String>,
) -> HumanSection<'a> {
    HumanSection {
        key,
        heading,
        text: text.as_deref().unwrap_or_default(),
    }
}
