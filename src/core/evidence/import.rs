//! What a model file imports when it is loaded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something a model file imports when it is loaded, allowed or not.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Import {
    /// The file by its path in the model, with `!` and the member where it is in an archive.
    pub file: String,
    /// The module as the file names it.
    pub module: String,
    /// The name in the module, which can be dotted.
    pub name: String,
    /// Whether loading calls it, rather than only refers to it.
    pub called: bool,
    /// The arguments of its first different calls, when it is not on an allow-list. Shortened and escaped
    /// for people; secrets are not shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
}
