//! The causes to train a model again.
//!
//! A cause is an evidence record: *met* is no cause, *not met* is one, and what could not be asked is
//! *not evaluated*, never silently no cause. To add one, write a file with a struct of its settings
//! that implements [`Cause`], and add its line to the table below; its configuration, its schema, its
//! place in the decision and `explain` follow.

pub mod data_volume;
pub mod drift;
pub mod performance;
pub mod request;
pub mod staleness;

use schemars::JsonSchema;
use serde::Deserialize;

use super::situation::{Content, EvidenceFile, Situation};
use crate::evidence::{Evidence, Reason, Requirement, RunReport, Subject};

/// A cause with its settings.
pub trait Cause {
    /// The evidence files it reads besides that of the new data, as in the configuration.
    fn reads(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Judges whether it is there: not met when it is.
    fn judge(&self, situation: &Situation<'_>) -> Evidence;

    /// What is wrong with its settings: the key and a sentence.
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Makes the section `retrain.causes` and the list of requirements from the table.
macro_rules! causes {
    ($($(#[$doc:meta])* $key:ident: $type:ty = $requirement:path,)*) => {
        /// The causes that are looked for; those left out never start a training.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Causes {
            $($(#[$doc])* #[serde(default)] pub $key: Option<$type>,)*
        }

        impl Causes {
            /// The causes of the configuration with their keys, in the order they are asked.
            #[must_use]
            pub fn configured(&self) -> Vec<(&'static str, &dyn Cause)> {
                let mut causes: Vec<(&'static str, &dyn Cause)> = Vec::new();
                $(if let Some(cause) = &self.$key {
                    causes.push((stringify!($key), cause));
                })*
                causes
            }
        }

        /// The requirement of each cause.
        pub(super) const REQUIREMENTS: &[&Requirement] =
            &[$(&$requirement,)* &request::REQUIREMENT];
    };
}

causes! {
    /// The new data is distributed otherwise than the reference.
    drift: drift::Drift = drift::REQUIREMENT,
    /// The model in use no longer passes its gate on live data.
    performance: performance::Performance = performance::REQUIREMENT,
    /// The model in use is old.
    staleness: staleness::Staleness = staleness::REQUIREMENT,
    /// There is much more data than the model was trained on.
    data_volume: data_volume::DataVolume = data_volume::REQUIREMENT,
}

/// Why a cause could not be asked.
struct Unknown {
    reason: Reason,
    message: String,
    remedy: Option<&'static str>,
}

impl Unknown {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    /// Of evidence that is not there or cannot be used.
    fn of_evidence(reason: Reason, message: String) -> Self {
        Self {
            remedy: Some(
                "Run the step that makes this evidence, or correct its path in `retrain.causes`.",
            ),
            ..Self::new(reason, message)
        }
    }

    fn record(self, requirement: &Requirement, subject: Subject) -> Evidence {
        let record = Evidence::not_evaluated(requirement.id, subject, self.reason, self.message);
        match self.remedy {
            Some(remedy) => record.remedy(remedy),
            None => record,
        }
    }
}

/// The file with its report, when it holds one.
fn usable(file: Option<&EvidenceFile>) -> Result<(&EvidenceFile, &RunReport), Unknown> {
    let Some(file) = file else {
        let why = "the evidence it needs was not read".to_owned();
        return Err(Unknown::of_evidence(Reason::MissingInput, why));
    };
    match &file.content {
        Content::Report(report, _) => Ok((file, report)),
        Content::Missing => {
            let why = format!("there is no evidence `{}`", file.path);
            Err(Unknown::of_evidence(Reason::MissingInput, why))
        }
        Content::Unreadable(why) => {
            let why = format!("`{}`: {why}", file.path);
            Err(Unknown::of_evidence(Reason::UnreadableInput, why))
        }
    }
}

fn model(situation: &Situation<'_>) -> Subject {
    Subject::Model {
        model: situation.model.to_owned(),
    }
}
