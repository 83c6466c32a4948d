//! Imports that ordinary models need and that run nothing but themselves, by exact name.
//!
//! The lists are text files under `allow/`, one `module name` pair a line, so that a change of one
//! is read as what it is. Those of scikit-learn are written by `fixtures/scan/make_allow.py`, which
//! names the versions; the others were reviewed by hand. A name with a dot in it is never on these
//! lists: `a` `b.c` and `a.b` `c` can be two different objects.

use std::collections::HashSet;
use std::sync::LazyLock;

static ALLOWED: LazyLock<HashSet<(&'static str, &'static str)>> = LazyLock::new(|| {
    [
        include_str!("allow/python.txt"),
        include_str!("allow/arrays.txt"),
        include_str!("allow/boosting.txt"),
        include_str!("allow/scikit-learn.txt"),
    ]
    .iter()
    .flat_map(|list| list.lines())
    .filter(|line| !line.starts_with('#'))
    .filter_map(|line| line.split_once(' '))
    .collect()
});

/// Whether an import is on one of the lists.
pub(super) fn is_allowed(module: &str, name: &str) -> bool {
    ALLOWED.contains(&(module, name))
}
