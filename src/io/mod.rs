//! The outside world, injected: environment, clock, files and network. Everything that touches it goes
//! through here, so that limits, atomic writes and messages that name the path are had once.

pub mod batch;
pub mod console;
pub mod files;
pub mod git;
pub mod grpc;
pub mod http;
mod names;
pub mod objects;
pub mod output;
pub mod probe;
pub mod process;
pub mod program;
pub mod remote;
pub mod secret;
pub mod sqlite;
pub mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

/// What a command may know of the world around it.
#[derive(Clone)]
pub struct World {
    environment: BTreeMap<String, String>,
    clock: fn() -> DateTime<Utc>,
    directory: Option<PathBuf>,
}

impl World {
    /// The real world. Variables that are not valid Unicode are left out.
    #[must_use]
    pub fn real() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            environment,
            clock: Utc::now,
            directory: std::env::current_dir().ok(),
        }
    }

    /// A world with these variables and this clock, in no directory.
    #[must_use]
    pub fn with(environment: BTreeMap<String, String>, clock: fn() -> DateTime<Utc>) -> Self {
        Self {
            environment,
            clock,
            directory: None,
        }
    }

    /// The same world in a directory.
    #[must_use]
    pub fn in_directory(self, directory: &Path) -> Self {
        Self {
            directory: Some(directory.to_owned()),
            ..self
        }
    }

    /// The directory this process runs in.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// The value of an environment variable; an empty one counts as unset.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All environment variables that are not empty.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.environment.iter();
        variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}
