//! What one import is worth: on the allow-list, known to be dangerous, or unknown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ScanPolicy, allow, dangerous};

/// What an import is worth. Ordered: a later value weighs more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GlobalVerdict {
    /// On the built-in allow-list, or on that of the policy.
    Allowed,
    /// On no list.
    Unknown,
    /// Known to run commands, code or files. A policy cannot allow it.
    Dangerous,
}

/// Modules Python 3 knows under another name when a pickle of protocol 0 to 2 asks for them. Only
/// those that matter to either list: the rest is unknown under both names (`_compat_pickle` of
/// CPython has the full table).
const RENAMED_MODULES: &[(&str, &str)] = &[
    ("__builtin__", "builtins"),
    ("copy_reg", "copyreg"),
    ("exceptions", "builtins"),
    ("commands", "subprocess"),
    ("cPickle", "pickle"),
    ("StringIO", "io"),
    ("cStringIO", "io"),
    ("urllib2", "urllib.request"),
    ("xmlrpclib", "xmlrpc.client"),
    ("_winreg", "winreg"),
    ("anydbm", "dbm"),
    ("whichdb", "dbm"),
];

/// Names of Python 2's `__builtin__` that became others.
const RENAMED_NAMES: &[(&str, &str)] = &[
    ("xrange", "range"),
    ("unicode", "str"),
    ("long", "int"),
    ("basestring", "str"),
];

/// The module and name under which Python 3 imports what a pickle of `protocol` asks for.
pub(super) fn python3_name<'a>(module: &'a str, name: &'a str, protocol: u8) -> (&'a str, &'a str) {
    if 2 < protocol {
        return (module, name);
    }
    let renamed = |table: &[(&str, &'static str)], key: &str| {
        table
            .iter()
            .find(|(old, _)| *old == key)
            .map(|(_, new)| *new)
    };
    if module == "__builtin__" {
        return ("builtins", renamed(RENAMED_NAMES, name).unwrap_or(name));
    }
    (renamed(RENAMED_MODULES, module).unwrap_or(module), name)
}

/// The verdict on one import as the pickle of `protocol` writes it.
pub(super) fn judge(module: &str, name: &str, protocol: u8, policy: &ScanPolicy) -> GlobalVerdict {
    let (module3, name3) = python3_name(module, name, protocol);
    if allow::is_allowed(module3, name3) {
        return GlobalVerdict::Allowed;
    }
    if dangerous::is_dangerous(module3, name3) || dangerous::is_dangerous(module, name) {
        return GlobalVerdict::Dangerous;
    }
    let listed = |module: &str, name: &str| {
        policy.allow.iter().any(|entry| {
            entry
                .strip_suffix(name)
                .and_then(|rest| rest.strip_suffix('.'))
                == Some(module)
        })
    };
    if listed(module3, name3) || listed(module, name) {
        GlobalVerdict::Allowed
    } else {
        GlobalVerdict::Unknown
    }
}
