//! What an archive is for, told by the names of its members.

use crate::scan::format::Format;
use crate::scan::job::Role;
use crate::scan::pickle::Storages;

/// What an archive is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Files, in a zip archive or one of another format.
    Files(Format),
    /// One compressed stream.
    Stream(Format),
    /// Tensors and pickles of PyTorch, all below this folder.
    Torch(String),
}

impl Kind {
    /// The format of the whole.
    pub(super) fn format(&self) -> Format {
        match self {
            Self::Files(format) | Self::Stream(format) => *format,
            Self::Torch(_) => Format::Torch,
        }
    }

    /// Whether its members have names of their own.
    pub(super) fn has_paths(&self) -> bool {
        match self {
            Self::Files(_) | Self::Torch(_) => true,
            Self::Stream(_) => false,
        }
    }
}

/// The kind of a zip archive with these members. PyTorch writes `NAME/data.pkl`, and takes the folder of the
/// first member for the name.
pub(super) fn of_zip<'n>(names: impl Iterator<Item = &'n [u8]>) -> Kind {
    let mut root = None;
    for name in names {
        let name = String::from_utf8_lossy(name);
        let (folder, _) = name.split_once('/').unwrap_or(("", &name));
        let root: &String = root.get_or_insert_with(|| folder.to_owned());
        if !root.is_empty() && name == format!("{root}/data.pkl") {
            return Kind::Torch(root.clone());
        }
    }
    Kind::Files(Format::Zip)
}

/// What reads the member `name`.
pub(super) fn role(kind: &Kind, name: &str, storages: &Storages) -> Role {
    let Kind::Torch(root) = kind else {
        return Role::Any;
    };
    let Some(name) = name
        .strip_prefix(root.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return Role::Any;
    };
    if let Some(key) = name
        .strip_prefix("data/")
        .or_else(|| name.strip_prefix("constants/"))
        && storages.contains(key)
    {
        return Role::TorchStorage;
    }
    if name.starts_with("code/") && name.ends_with(".py") {
        return Role::TorchScript;
    }
    if name.ends_with(".pkl") || name.ends_with(".debug_pkl") {
        return Role::TorchPickle;
    }
    Role::Any
}

/// Whether the member is read before the others, because it says what they are.
pub(super) fn is_first(name: &[u8]) -> bool {
    name.ends_with(b".pkl")
}
