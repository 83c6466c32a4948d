//! The architecture, held: who may use whom, who may name polars, which modules are pure.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::repository;

/// The layer of every module of the crate. A module uses modules of lower layers only.
const LAYERS: &[(&str, u8)] = &[
    ("evidence", 0),
    ("measure", 1),
    ("plot", 1),
    ("statistics", 1),
    ("template", 1),
    ("wildcard", 1),
    ("cards", 2),
    ("checks", 2),
    ("drift", 2),
    ("gates", 2),
    ("manifest", 2),
    ("metrics", 2),
    ("policy", 2),
    ("profile", 2),
    ("recorded", 2),
    ("report", 2),
    ("retrain", 2),
    ("scaffold", 2),
    ("scan", 2),
    ("wrappers", 2),
    ("catalogue", 3),
    ("config", 3),
    ("contract", 3),
    ("ci", 4),
    ("engines", 4),
    ("io", 4),
    ("orchestrators", 4),
    ("registries", 4),
    ("signing", 4),
    ("sources", 4),
    ("commands", 5),
    ("cli", 6),
];

/// Uses within a layer, or against the order, that are meant.
const ALLOWED: &[(&str, &str)] = &[
    // Labels of a plot are untrusted text like any other.
    ("plot", "template"),
    // What a sample of rows is drawn by is the same everywhere.
    ("measure", "statistics"),
    // Conditions over metrics need metrics.
    ("gates", "metrics"),
    // What other systems recorded is judged beside what is computed, and may say which way is better.
    ("gates", "recorded"),
    ("recorded", "metrics"),
    // What is stated of a model is read as the manifest reads it.
    ("policy", "manifest"),
    // The catalogue lists the requirements of what verifies, not what it does.
    ("catalogue", "signing"),
    // What the command line says is types; commands read them.
    ("commands", "cli"),
    // Everything that touches files goes through `io`.
    ("engines", "io"),
    ("registries", "io"),
    ("signing", "io"),
    ("sources", "io"),
    // Results that are tables are read like any table.
    ("sources", "engines"),
    ("ci", "io"),
    ("orchestrators", "io"),
    // GitHub is reached in one way, whatever it is asked.
    ("orchestrators", "ci"),
    // The configuration names the settings of each orchestrator; what it does with them is not used.
    ("retrain", "orchestrators"),
    // The configuration names the systems that can be read; how they are read is not used.
    ("config", "sources"),
    // A waived requirement is looked up by its closest name.
    ("config", "catalogue"),
    // The configuration is a YAML file like a contract.
    ("config", "contract"),
];

/// Layers up to this one are pure.
const PURE_MAX: u8 = 3;

fn layer_of(module: &str) -> u8 {
    let found = LAYERS.iter().find(|(name, _)| *name == module);
    found
        .unwrap_or_else(|| panic!("`{module}` is in no layer; add it to LAYERS"))
        .1
}

/// Every source file with the module it belongs to, tests left out.
fn sources() -> Vec<(String, String, String)> {
    fn visit(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(directory).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = repository().join("src");
    let mut paths = Vec::new();
    visit(&root, &mut paths);
    paths
        .into_iter()
        .filter_map(|path| {
            let relative = path
                .strip_prefix(&root)
                .expect("below")
                .to_str()
                .expect("UTF-8")
                .replace('\\', "/");
            // The pure half is a crate of its own in `core/`.
            let relative = relative.trim_start_matches("core/").to_owned();
            let module = relative
                .split('/')
                .next()
                .expect("a part")
                .trim_end_matches(".rs")
                .to_owned();
            let is_test = relative.ends_with("tests.rs") || relative.contains("/tests/");
            if ["main", "lib"].contains(&module.as_str()) || is_test {
                return None;
            }
            let text = fs::read_to_string(&path).expect("readable");
            let code = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .expect("a part")
                .to_owned();
            Some((module, relative, code))
        })
        .collect()
}

/// The modules of this crate that a line of code names.
fn uses(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list
                .split(',')
                .map(|name| name.trim().split("::").next().unwrap_or_default())
                .collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name
                .chars()
                .take_while(|character| character.is_alphanumeric() || *character == '_')
                .collect();
            if LAYERS.iter().any(|(module, _)| *module == name) {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn modules_use_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        let layer = layer_of(&module);
        for (number, line) in code.lines().enumerate() {
            for used in uses(line) {
                let allowed = used == module
                    || layer_of(&used) < layer
                    || ALLOWED.contains(&(module.as_str(), used.as_str()));
                if !allowed {
                    wrong.push(format!(
                        "src/{file}:{}: {module} must not use {used}",
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_engines_name_polars() {
    for (module, file, code) in sources() {
        let names = code.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            // pandera's dialect of the same name is a text.
            code.contains("polars::") || code.contains("use polars")
        });
        assert!(!names || module == "engines", "src/{file} names polars");
    }
}

#[test]
fn pure_modules_deny_what_touches_the_world() {
    let mut roots: BTreeMap<String, bool> = BTreeMap::new();
    for (module, _, code) in sources() {
        if layer_of(&module) <= PURE_MAX {
            *roots.entry(module).or_default() |= code.contains("deny(clippy::disallowed_methods)");
        }
    }
    let missing: Vec<_> = roots
        .iter()
        .filter(|(_, denies)| !**denies)
        .map(|(module, _)| module)
        .collect();
    assert!(
        missing.is_empty(),
        "deny `clippy::disallowed_methods` in {missing:?}"
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    for (_, file, code) in sources() {
        assert!(code.starts_with("//!"), "src/{file} has no header");
    }
}

#[test]
fn requirement_ids_are_unique_kebab_case_nouns() {
    let mut seen = std::collections::BTreeSet::new();
    for requirement in proofmark::catalogue::requirements() {
        let id = requirement.id;
        assert!(seen.insert(id), "`{id}` is listed twice");
        assert!(
            id.chars().all(|character| {
                character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
            }),
            "{id}"
        );
        assert!(
            requirement.summary.ends_with('.') && requirement.remedy.ends_with('.'),
            "{id}"
        );
    }
}
