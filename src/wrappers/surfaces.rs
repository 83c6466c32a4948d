//! The annotation file `templates/wrappers/surfaces.yaml`: what the command tree cannot know.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::WrapperError;

const ANNOTATIONS: &str = include_str!("../../templates/wrappers/surfaces.yaml");

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surfaces {
    /// Inputs about getting the program.
    pub acquisition: Ordered<OwnInput>,
    /// Inputs about running a command.
    pub execution: Ordered<OwnInput>,
    /// What is published after a command.
    pub publishing: PublishingNotes,
    /// Flags every command takes.
    pub globals: GlobalFlags,
    /// Inputs that are gone, `wrapper input`, and what to use instead.
    #[serde(default)]
    pub deprecated: BTreeMap<String, String>,
    /// The wrappers, by name.
    pub wrappers: Ordered<WrapperNotes>,
}

/// A YAML mapping in the order it is written, which is the order inputs are listed in.
#[derive(Debug)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Ordered<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Ordered<T>;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a mapping")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

/// The systems wrappers are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Jenkins.
    Jenkins,
}

impl System {
    /// Every system.
    pub const ALL: [Self; 3] = [Self::Github, Self::Gitlab, Self::Jenkins];
}

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file or directory.
    Path,
    /// Any text.
    Text,
    /// One of a closed list.
    Enum,
    /// A whole number.
    Number,
    /// True or false.
    Bool,
    /// Items, one a line.
    List,
    /// A token; it is shown to nothing but the process that publishes.
    Secret,
}

impl Kind {
    /// The kind as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Text => "text",
            Self::Enum => "enum",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::List => "list",
            Self::Secret => "secret",
        }
    }
}

/// An input of the wrappers themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnInput {
    /// Its kind.
    pub kind: Kind,
    /// What it is for; the help of its flag when it has one.
    #[serde(default)]
    pub summary: String,
    /// The flag of the publishing command it becomes.
    #[serde(default)]
    pub flag: Option<String>,
    /// Its default; several items for a list.
    #[serde(default)]
    pub default: Vec<String>,
    /// Values it accepts, when they are a closed list; those of its flag when it has one.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Choices that mean nothing on a system.
    #[serde(default)]
    pub without: BTreeMap<System, Vec<String>>,
    /// Regular expression GitLab holds it to.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The systems that have it.
    #[serde(default = "all_systems")]
    pub systems: Vec<System>,
}

fn all_systems() -> Vec<System> {
    System::ALL.to_vec()
}

/// What is published after a command, and what for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishingNotes {
    /// The command that publishes.
    pub command: String,
    /// Inputs about it.
    pub inputs: Ordered<OwnInput>,
    /// Flags that are no inputs, with the reason.
    pub omit: BTreeMap<String, String>,
    /// What each option needs.
    pub permissions: Vec<OptionPermission>,
}

/// What an option needs beyond what every job needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionPermission {
    /// The option, as Markdown.
    pub option: String,
    /// On GitHub.
    pub github: String,
    /// On GitLab.
    pub gitlab: String,
    /// On Jenkins.
    pub jenkins: String,
}

/// Flags every command takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalFlags {
    /// Those that are inputs.
    pub inputs: Ordered<Kind>,
    /// Those that are not, with the reason.
    pub omit: BTreeMap<String, String>,
}

/// What is noted about one wrapper.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapperNotes {
    /// Name of the Jenkins step after `proofmark`.
    pub step: String,
    /// What it does, in one line.
    pub summary: String,
    /// Operation → command; none for a wrapper that runs nothing. The first is the default.
    #[serde(default)]
    pub operations: Ordered<String>,
    /// Flags that are inputs.
    #[serde(default)]
    pub inputs: Ordered<Kind>,
    /// Flags that are not, with the reason.
    #[serde(default)]
    pub omit: BTreeMap<String, String>,
    /// Jenkins credentials that can be bound.
    #[serde(default)]
    pub credentials: Ordered<Credential>,
    /// Whether it changes what others rely on.
    #[serde(default)]
    pub changes: bool,
    /// Whether it is a deployment.
    #[serde(default)]
    pub deploys: bool,
    /// Operation → environment variables with tokens its command needs.
    #[serde(default)]
    pub tokens: BTreeMap<String, Vec<String>>,
    /// Permissions the job needs.
    pub permissions: Vec<String>,
}

/// A Jenkins credential.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// `file` or `string`, as `withCredentials` names them.
    pub kind: String,
    /// Environment variable it is bound to.
    pub variable: String,
    /// Input that is set to the name of that variable.
    #[serde(default)]
    pub input: Option<String>,
}

/// Reads the annotation file.
pub fn surfaces() -> Result<Surfaces, WrapperError> {
    serde_saphyr::from_str(ANNOTATIONS)
        .map_err(|error| WrapperError::Annotations(error.to_string()))
}
