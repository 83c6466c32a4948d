//! Imports that ordinary models need and that run nothing but themselves, by exact name.
//!
//! The lists are text files under `allow/`, one `module name` pair a line, so that a change of one
//! is read as what it is. Those of scikit-learn and Keras are written by `fixtures/scan/make_allow.py` and
//! `make_allow_keras.py`, which name the versions; the others were reviewed by hand. A name with a dot in it is never on these
//! lists: `a` `b.c` and `a.b` `c` can be two different objects.

use std::collections::HashSet;
use std::sync::LazyLock;

type Pairs = HashSet<(&'static str, &'static str)>;

static ALLOWED: LazyLock<Pairs> = LazyLock::new(|| {
    pairs(&[
        include_str!("allow/python.txt"),
        include_str!("allow/arrays.txt"),
        include_str!("allow/boosting.txt"),
        include_str!("allow/scikit-learn.txt"),
        include_str!("allow/torch.txt"),
    ])
});

static KERAS: LazyLock<Pairs> = LazyLock::new(|| pairs(&[include_str!("allow/keras.txt")]));

fn pairs(lists: &[&'static str]) -> Pairs {
    let lines = lists.iter().flat_map(|list| list.lines());
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect()
}

/// Whether an import is on one of the lists.
pub(super) fn is_allowed(module: &str, name: &str) -> bool {
    ALLOWED.contains(&(module, name))
}

/// Whether a configuration of Keras may name it: one of its classes or functions.
pub(super) fn is_keras(module: &str, name: &str) -> bool {
    KERAS.contains(&(module, name))
}

/// Whether Keras has a class or function of this name that a configuration may name.
pub(super) fn is_keras_name(name: &str) -> bool {
    KERAS.iter().any(|(_, known)| *known == name)
}
