//! What a repository holds, from the paths of its files alone.

use super::names::{self, Standing};

/// Endings of the tables that can be read, the best kept type first.
const TABLES: [&str; 4] = ["parquet", "csv", "jsonl", "ndjson"];

/// Endings of files that hold a trained model.
const MODELS: [&str; 13] = [
    "onnx",
    "safetensors",
    "pkl",
    "pickle",
    "joblib",
    "skops",
    "pt",
    "pth",
    "ckpt",
    "h5",
    "keras",
    "gguf",
    "npz",
];

/// Directories whose tables are results about data or models, not data to validate.
const RESULTS: [&str; 7] = [
    "shap",
    "explanations",
    "metrics",
    "reports",
    "logs",
    "outputs",
    "proofmark-out",
];

/// Words of a directory that is a model, with everything in it.
const MODEL_DIRECTORIES: [&str; 6] = [
    "model",
    "models",
    "artifact",
    "artifacts",
    "mlruns",
    "weights",
];

/// What a repository holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Tables that can be read, by path. Of one table in several formats only the typed one.
    pub tables: Vec<String>,
    /// Models, directories or files, the likeliest candidate first.
    pub models: Vec<String>,
    /// Tools of others, found by their files.
    pub tools: Vec<FoundTool>,
    /// Build systems with a pipeline here.
    pub ci: Vec<CiSystem>,
}

/// A tool of others, found by one of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What is done with it today.
    pub note: &'static str,
}

/// A tool and the file that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTool {
    /// The tool.
    pub tool: Tool,
    /// The file.
    pub path: String,
}

/// A build system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CiSystem {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Jenkins.
    Jenkins,
}

impl CiSystem {
    /// The name people use.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::Jenkins => "Jenkins",
        }
    }
}

/// Data Version Control; CI files need to fetch its files.
pub const DVC: Tool = Tool {
    name: "DVC",
    note: "its pipeline is not read yet; files it keeps elsewhere must be fetched with `dvc pull` first",
};
const MLFLOW: Tool = Tool {
    name: "MLflow",
    note: "model directories are used as they are; projects, runs and registry are not read yet",
};
const GREAT_EXPECTATIONS: Tool = Tool {
    name: "Great Expectations",
    note: "its suites are not read yet; the contract drafted here stands beside them",
};
const SODA: Tool = Tool {
    name: "Soda",
    note: "its checks are not read yet; the contract drafted here stands beside them",
};
const DBT: Tool = Tool {
    name: "dbt",
    note: "its tests are not read yet; the contract drafted here stands beside them",
};
const ODCS: Tool = Tool {
    name: "Open Data Contract",
    note: "can be used as it is: name it as `data.contract`",
};

/// What the files tell. `paths` are relative, with `/` between their parts.
#[must_use]
pub fn take(paths: &[String]) -> Inventory {
    let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    paths.sort_unstable();
    Inventory {
        tables: tables(&paths),
        models: models(&paths),
        tools: tools(&paths),
        ci: ci(&paths),
    }
}

fn extension(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn tables(paths: &[&str]) -> Vec<String> {
    let mut best: Vec<(usize, &str, &str)> = Vec::new();
    for path in paths {
        let Some(rank) = TABLES.iter().position(|known| *known == extension(path)) else {
            continue;
        };
        if directory(path)
            .split('/')
            .any(|part| RESULTS.contains(&part))
        {
            continue;
        }
        let name = path.rsplit_once('.').map_or(*path, |(name, _)| name);
        match best.iter_mut().find(|(_, other, _)| *other == name) {
            Some(known) if rank < known.0 => *known = (rank, name, path),
            Some(_) => {}
            None => best.push((rank, name, path)),
        }
    }
    best.into_iter()
        .map(|(_, _, path)| path.to_owned())
        .collect()
}

fn models(paths: &[&str]) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    let directories: Vec<&str> = paths
        .iter()
        .filter(|path| path.rsplit('/').next() == Some("MLmodel") && path.contains('/'))
        .map(|path| directory(path))
        .collect();
    found.extend(directories.iter().map(|path| (0, (*path).to_owned())));
    let below = |path: &str| {
        directories
            .iter()
            .any(|parent| path.starts_with(&format!("{parent}/")))
    };
    for path in paths {
        if !MODELS.contains(&extension(path).as_str()) || below(path) {
            continue;
        }
        let place = (1, whole_model(path, paths));
        if !found.contains(&place) {
            found.push(place);
        }
    }
    found.sort_by_key(|(rank, path)| (names::standing(path), *rank, path.clone()));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The directory of a model file where it holds one model and nothing else, else the file.
fn whole_model(path: &str, paths: &[&str]) -> String {
    let parent = directory(path);
    let named = parent.split('/').any(|part| {
        names::words(part)
            .iter()
            .any(|word| MODEL_DIRECTORIES.contains(&word.as_str()))
    });
    let others = paths
        .iter()
        .filter(|other| directory(other) == parent && MODELS.contains(&extension(other).as_str()));
    let one = others
        .into_iter()
        .all(|other| names::stem(other) == names::stem(path));
    if named && one && !parent.is_empty() {
        parent.to_owned()
    } else {
        path.to_owned()
    }
}

/// The tool a file belongs to.
fn tool(path: &str) -> Option<Tool> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let within = |name: &str| directory(path).split('/').any(|part| part == name);
    let yaml = matches!(extension(path).as_str(), "yml" | "yaml");
    match file {
        "dvc.yaml" => Some(DVC),
        "MLproject" | "MLmodel" => Some(MLFLOW),
        "great_expectations.yml" | "great_expectations.yaml" => Some(GREAT_EXPECTATIONS),
        "dbt_project.yml" => Some(DBT),
        _ if extension(path) == "dvc" => Some(DVC),
        _ if yaml && (within("soda") || within("soda_core") || file.contains(".soda.")) => {
            Some(SODA)
        }
        _ if yaml && file.contains(".odcs.") => Some(ODCS),
        _ => None,
    }
}

/// Each tool once, by its first file.
fn tools(paths: &[&str]) -> Vec<FoundTool> {
    let mut found: Vec<FoundTool> = Vec::new();
    for path in paths {
        if let Some(tool) = tool(path)
            && !found.iter().any(|other| other.tool == tool)
        {
            let path = (*path).to_owned();
            found.push(FoundTool { tool, path });
        }
    }
    found
}

fn ci(paths: &[&str]) -> Vec<CiSystem> {
    let mut found: Vec<CiSystem> = paths
        .iter()
        .filter_map(|path| match *path {
            ".gitlab-ci.yml" => Some(CiSystem::GitLab),
            "Jenkinsfile" => Some(CiSystem::Jenkins),
            path if directory(path) == ".github/workflows" => Some(CiSystem::GitHub),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Of several tables the ones worth a place in the configuration, in the order of their paths.
#[must_use]
pub fn candidate_and_champion(tables: &[String]) -> (Option<&String>, Option<&String>) {
    let mut ranked: Vec<&String> = tables.iter().collect();
    ranked.sort_by_key(|path| (names::standing(path), path.as_str()));
    let candidate = ranked.first().copied();
    let champion = ranked
        .last()
        .copied()
        .filter(|path| Some(*path) != candidate && names::standing(path) == Standing::Champion);
    (candidate, champion)
}

/// Host and repository of the first remote of `.git/config`: `("git.example.org", "team/churn")`.
/// Of `origin` when there is one.
#[must_use]
pub fn remote(git_config: &str) -> Option<(String, String)> {
    let mut section = "";
    let mut found: Vec<(bool, &str)> = Vec::new();
    for line in git_config.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section.starts_with("[remote ")
            && let Some((key, url)) = line.split_once('=')
            && key.trim() == "url"
        {
            found.push((section.contains("\"origin\""), url.trim()));
        }
    }
    found.sort_by_key(|(origin, _)| !origin);
    found.iter().find_map(|(_, url)| host_and_path(url))
}

/// `https://user:secret@host:port/owner/name.git` and `git@host:owner/name.git`. Nothing before the
/// host is kept: it may be a password.
fn host_and_path(url: &str) -> Option<(String, String)> {
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once(':')?,
    };
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let path = path.trim_matches('/').trim_end_matches(".git");
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._/~".contains(c))
    };
    (plain(host) && host.contains('.') && plain(path))
        .then(|| (host.to_ascii_lowercase(), path.to_owned()))
}

/// The build system a host offers, where its name tells.
#[must_use]
pub fn ci_of_host(host: &str) -> Option<CiSystem> {
    let words = names::words(host);
    if words.iter().any(|word| word == "github") {
        Some(CiSystem::GitHub)
    } else if words.iter().any(|word| word == "gitlab") {
        Some(CiSystem::GitLab)
    } else {
        None
    }
}
