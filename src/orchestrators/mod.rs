//! Who starts a training: one file per system, one table of all of them.
//!
//! An orchestrator is its settings, as they stand in `retrain.orchestrator`. It says what it would
//! ask, without secrets; it gets ready, which reads the secrets by the names of their variables and
//! sends nothing; then it asks once. Whether to ask is decided in `retrain`; that a decision is
//! carried out at most once is the business of the log in `registries`.
//!
//! To add one, write a file with a struct that implements [`Orchestrator`], and add its line to the
//! table below.

mod command;
mod error;
mod github;
mod gitlab;
mod jenkins;
mod post;
mod text;

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Sha256;
use crate::io::World;

pub use error::DispatchError;

/// The decision that is carried out, as the training may want to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Id of the decision.
    pub decision: Sha256,
    /// Name of the model.
    pub model: String,
    /// Digest of the champion, when it is known.
    pub champion: Option<Sha256>,
    /// The causes, by their keys in the configuration.
    pub causes: Vec<String>,
    /// What a person gave as the reason, when one asks.
    pub reason: Option<String>,
}

/// What was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// Address of the run, else its id; absent where the system does not tell.
    pub run: Option<String>,
}

/// Where an orchestrator works.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The world: secrets are read from its variables.
    pub world: &'a World,
    /// The directory of the configuration.
    pub root: &'a Path,
}

/// Asks once. Calling it is the only thing that reaches the other system.
pub type Start<'a> = Box<dyn FnOnce() -> Result<Started, DispatchError> + 'a>;

/// A system that starts trainings, by its settings.
pub trait Orchestrator {
    /// What is wrong with the settings: the key and a sentence.
    fn problems(&self) -> Vec<(&'static str, String)>;

    /// What it would ask, for people; holds no secret.
    fn plan(&self, dispatch: &Dispatch, surroundings: Surroundings<'_>) -> String;

    /// Gets ready: everything that can fail before the other system is asked fails here.
    ///
    /// # Errors
    /// When a secret is missing or the network cannot be used at all.
    fn prepare<'a>(
        &'a self,
        dispatch: &Dispatch,
        surroundings: Surroundings<'a>,
    ) -> Result<Start<'a>, DispatchError>;
}

/// Makes the section `retrain.orchestrator` from the table.
macro_rules! orchestrators {
    ($($(#[$doc:meta])* $key:ident: $type:ty,)*) => {
        /// The system that starts the training, with its settings: one of these.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct OrchestratorSpec {
            $($(#[$doc])* #[serde(default)] pub $key: Option<$type>,)*
        }

        impl OrchestratorSpec {
            /// The keys of all systems.
            const KEYS: &[&str] = &[$(stringify!($key),)*];

            fn named(&self) -> Vec<(&'static str, &dyn Orchestrator)> {
                let mut named: Vec<(&'static str, &dyn Orchestrator)> = Vec::new();
                $(if let Some(system) = &self.$key {
                    named.push((stringify!($key), system));
                })*
                named
            }
        }
    };
}

orchestrators! {
    /// A program on this machine.
    command: command::Command,
    /// A workflow of GitHub Actions.
    github: github::Github,
    /// A pipeline of GitLab CI.
    gitlab: gitlab::Gitlab,
    /// A job of Jenkins.
    jenkins: jenkins::Jenkins,
}

impl OrchestratorSpec {
    /// The system with its key in the configuration; absent when none is named, which the
    /// configuration does not let through.
    #[must_use]
    pub fn system(&self) -> Option<(&'static str, &dyn Orchestrator)> {
        self.named().first().copied()
    }

    /// What is wrong with the settings: the path below `retrain` and a sentence.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let named = self.named();
        let mut problems = Vec::new();
        if named.len() != 1 {
            let keys: Vec<String> = Self::KEYS.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("name one of {}, and only one", keys.join(", "));
            problems.push(("orchestrator".to_owned(), message));
        }
        for (name, system) in named {
            let found = system.problems().into_iter();
            problems.extend(
                found.map(|(key, message)| (format!("orchestrator.{name}.{key}"), message)),
            );
        }
        problems
    }
}

#[cfg(test)]
mod tests;
