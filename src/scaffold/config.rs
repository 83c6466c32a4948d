//! A commented `proofmark.yaml` for what was found.

use serde::Serialize;

use super::contract::{self, ContractObject};
use super::inventory::{FoundTool, Inventory};
use super::names::{self, Roles};
use super::{ScaffoldError, yaml};
use crate::measure::LogicalType;
use crate::template;

const TEMPLATE: &str = include_str!("../../templates/scaffold/proofmark.yaml");

/// Rows on either side below which a comparison of distributions is mostly noise, and none is
/// drafted.
const DRIFT_ROWS_MIN: u64 = 200;

/// Columns compared at most; every one more is one more chance of a false alarm.
const DRIFT_COLUMNS_MAX: usize = 30;

/// How far the area under the curve may fall below today's.
const RANKING_SLACK: f64 = 0.05;

/// How far the Brier score may rise above today's.
const BRIER_SLACK: f64 = 0.02;

/// How much worse than the champion the candidate may rank.
const CHAMPION_MARGIN: f64 = 0.02;

/// Model path written when no model was found.
pub const MODEL_PLACEHOLDER: &str = "models/candidate";

/// What the configuration is made of.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Name of the model, from the repository.
    pub name: String,
    /// The model; absent when none was found.
    pub model: Option<String>,
    /// Other models found.
    pub other_models: Vec<String>,
    /// The datasets, in the order they are written.
    pub datasets: Vec<FoundDataset>,
    /// The objects of the contract.
    pub objects: Vec<ContractObject>,
    /// Whether the contract was there already and stays as it is: it has one object only.
    pub contract_kept: bool,
    /// The predictions.
    pub gate: Option<FoundGate>,
    /// Why there is no gate, when there is none.
    pub no_gate: Option<String>,
    /// Tables that were left out, with the reason.
    pub left_out: Vec<(String, String)>,
    /// Tools of others.
    pub tools: Vec<FoundTool>,
}

/// One dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDataset {
    /// Name.
    pub name: String,
    /// File.
    pub path: String,
    /// Object of the contract.
    pub object: String,
    /// Number of rows.
    pub rows: u64,
}

/// The predictions of a candidate, and of a champion.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundGate {
    /// File of the candidate.
    pub candidate: String,
    /// File of the champion.
    pub champion: Option<String>,
    /// Columns of both.
    pub roles: Roles,
    /// The label that counts as positive.
    pub positive: String,
    /// Whether the name of that label says so.
    pub positive_is_sure: bool,
    /// Area under the ROC curve of the candidate today.
    pub roc_auc: Option<f64>,
    /// Brier score of the candidate today; absent when scores are no probabilities.
    pub brier: Option<f64>,
    /// Columns with few values.
    pub slices: Vec<String>,
}

#[derive(Serialize)]
struct DriftView {
    reference: String,
    current: String,
    columns: String,
    /// Columns of texts that hardly repeat.
    left_out: Option<String>,
}

#[derive(Serialize)]
struct MetricView {
    metric: &'static str,
    key: &'static str,
    bound: String,
    today: String,
    margin: Option<String>,
}

/// The steps that can run on what was found, as `run --only` takes them.
#[must_use]
pub fn steps(found: &Found) -> Vec<&'static str> {
    let data = (!found.datasets.is_empty()).then_some("data-validation");
    let gate = (found.gate.is_some() && found.model.is_some()).then_some("gate");
    let scan = found.model.is_some().then_some("scan");
    [data, gate, scan].into_iter().flatten().collect()
}

/// Dataset names for files: the stem, and more of the path where stems repeat.
#[must_use]
pub fn dataset_names(paths: &[String]) -> Vec<String> {
    /// Longest name the configuration takes.
    const CHARACTERS_MAX: usize = 100;
    let stems: Vec<&str> = paths.iter().map(|path| names::stem(path)).collect();
    let mut taken: Vec<String> = Vec::new();
    for (path, stem) in paths.iter().zip(&stems) {
        let repeated = 1 < stems.iter().filter(|other| other == &stem).count();
        let whole: String = if repeated { path.as_str() } else { stem }
            .chars()
            .take(CHARACTERS_MAX - 4)
            .collect();
        let mut name = whole.clone();
        let mut number = 1_u32;
        while taken.contains(&name) {
            number += 1;
            name = format!("{whole}-{number}");
        }
        taken.push(name);
    }
    taken
}

/// The configuration as text.
///
/// # Errors
/// When the template does not render: a mistake in this program.
pub fn draft(found: &Found, contract: &str) -> Result<String, ScaffoldError> {
    let several = 1 < found.objects.len() && !found.contract_kept;
    let datasets: Vec<_> = found
        .datasets
        .iter()
        .map(|dataset| {
            serde_json::json!({
                "name": yaml::scalar(&dataset.name),
                "path": yaml::scalar(&dataset.path),
                "object": several.then(|| yaml::scalar(&dataset.object)),
                "rows": dataset.rows,
            })
        })
        .collect();
    let context = serde_json::json!({
        "name": yaml::scalar(&found.name),
        "model": found.model.as_deref().map(yaml::scalar),
        "placeholder": MODEL_PLACEHOLDER,
        "other_models": comments(&found.other_models),
        "contract": yaml::scalar(contract),
        "contract_kept": found.contract_kept,
        "datasets": datasets,
        "left_out": found.left_out.iter().map(|(path, why)| yaml::comment(&format!("{path}: {why}"))).collect::<Vec<_>>(),
        "drift": drift(found),
        "gate": found.gate.as_ref().map(gate),
        "no_gate": found.no_gate.as_deref().map(yaml::comment),
        "tools": found.tools.iter().map(|found| yaml::comment(&format!("{} ({}): {}", found.tool.name, found.path, found.tool.note))).collect::<Vec<_>>(),
        "requires": format!("[{}]", steps(found).join(", ")),
    });
    template::render("proofmark.yaml.txt", TEMPLATE, context)
}

fn comments(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| yaml::comment(text)).collect()
}

/// A comparison, where two datasets of one object are named like before and after.
fn drift(found: &Found) -> Option<DriftView> {
    let pairs = found.datasets.iter().flat_map(|before| {
        let after = found.datasets.iter();
        after.map(move |after| (before, after))
    });
    let (before, after) = pairs
        .filter(|(before, after)| before.object == after.object && before.name != after.name)
        .filter(|(before, after)| DRIFT_ROWS_MIN <= before.rows && DRIFT_ROWS_MIN <= after.rows)
        .find(|(before, after)| {
            names::is_reference(names::stem(&before.path))
                && names::is_current(names::stem(&after.path))
        })?;
    let object = found
        .objects
        .iter()
        .find(|object| object.name == before.object)?;
    let columns: Vec<&str> = object
        .profile
        .columns
        .iter()
        .filter(|column| contract::is_comparable(column))
        .take(DRIFT_COLUMNS_MAX)
        .map(|column| column.name.as_str())
        .collect();
    let left_out: Vec<&str> = object
        .profile
        .columns
        .iter()
        .filter(|column| column.logical_type == Some(LogicalType::String))
        .filter(|column| !contract::is_comparable(column))
        .map(|column| column.name.as_str())
        .collect();
    (!columns.is_empty()).then(|| DriftView {
        reference: yaml::scalar(&before.name),
        current: yaml::scalar(&after.name),
        columns: yaml::list(columns),
        left_out: (!left_out.is_empty()).then(|| yaml::comment(&left_out.join(", "))),
    })
}

fn gate(gate: &FoundGate) -> serde_json::Value {
    let optional = |text: &Option<String>| text.as_deref().map(yaml::scalar);
    serde_json::json!({
        "candidate": yaml::scalar(&gate.candidate),
        "champion": optional(&gate.champion),
        "id": optional(&gate.roles.id),
        "label": yaml::scalar(&gate.roles.label),
        "score": yaml::scalar(&gate.roles.score),
        "prediction": optional(&gate.roles.prediction),
        "positive": quoted(&gate.positive),
        "positive_is_sure": gate.positive_is_sure,
        "metrics": metrics(gate),
        "slices": (!gate.slices.is_empty()).then(|| yaml::list(gate.slices.iter().map(String::as_str))),
    })
}

/// A text that stays a text: `"1"`.
fn quoted(text: &str) -> String {
    let scalar = yaml::scalar(text);
    if scalar.starts_with('"') {
        scalar
    } else {
        format!("\"{scalar}\"")
    }
}

/// Thresholds a little worse than today.
fn metrics(gate: &FoundGate) -> Vec<MetricView> {
    let champion = gate.champion.is_some();
    let ranking = MetricView {
        metric: "roc_auc",
        key: "at_least",
        // Where today's value is not known, no better than guessing is still refused.
        bound: yaml::number(gate.roc_auc.map_or(0.5, |today| {
            ((today - RANKING_SLACK) * 100.0).floor().max(0.0) / 100.0
        })),
        today: today(gate.roc_auc),
        margin: champion.then(|| yaml::number(CHAMPION_MARGIN)),
    };
    let brier = gate.brier.map(|value| MetricView {
        metric: "brier",
        key: "at_most",
        bound: yaml::number(((value + BRIER_SLACK) * 100.0).ceil().min(100.0) / 100.0),
        today: today(gate.brier),
        margin: None,
    });
    [Some(ranking), brier].into_iter().flatten().collect()
}

fn today(value: Option<f64>) -> String {
    value.map_or_else(
        || "not known today".to_owned(),
        |value| format!("{value:.4} today"),
    )
}

/// What was found, for people: one line each.
#[must_use]
pub fn findings(found: &Found, inventory: &Inventory) -> Vec<String> {
    let mut lines = Vec::new();
    for dataset in &found.datasets {
        lines.push(format!(
            "data         `{}`, {} rows",
            dataset.path, dataset.rows
        ));
    }
    if let Some(gate) = &found.gate {
        lines.push(format!("predictions  `{}`", gate.candidate));
        if let Some(champion) = &gate.champion {
            lines.push(format!("predictions  `{champion}`, of the champion"));
        }
    }
    if let Some(model) = &found.model {
        lines.push(format!("model        `{model}`"));
    }
    for model in &found.other_models {
        lines.push(format!("model        `{model}`, not used"));
    }
    for found in &found.tools {
        lines.push(format!(
            "{}: `{}`; {}",
            found.tool.name, found.path, found.tool.note
        ));
    }
    for system in &inventory.ci {
        lines.push(format!("CI           {}", system.title()));
    }
    for (path, why) in &found.left_out {
        lines.push(format!("left out     `{path}`: {why}"));
    }
    lines.iter().map(|line| yaml::comment(line)).collect()
}
