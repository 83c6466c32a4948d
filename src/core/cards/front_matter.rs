//! The metadata at the head of a Hugging Face model card (hub-docs, `modelcard.md`).
//!
//! Written by the YAML serialiser and never by a template, so that no name can break out of it.
//! Strings that YAML 1.1 would read as something else (`no`, `1.0`, `2024-01-01`) come out quoted.

use serde::Serialize;

use crate::evidence::Sha256;

use super::document::{CardDocument, MetricRow};
use super::license::License;
use super::text::{link, visible};

/// Requirements whose observed number is the metric itself and not a difference of two.
const ABSOLUTE: [&str; 2] = ["metric-threshold", "metric-recorded"];

/// Our names of metrics that the Hub spells in another way than with underscores.
const HUB_METRICS: [(&str, &str); 6] = [
    ("area-under-roc", "roc_auc"),
    ("brier", "brier_score"),
    ("f1-score", "f1"),
    ("matthews", "matthews_correlation"),
    ("mcc", "matthews_correlation"),
    ("r2", "r_squared"),
];

#[derive(Serialize)]
struct FrontMatter {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    language: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    library_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_model: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    datasets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<String>,
    #[serde(rename = "model-index", skip_serializing_if = "Vec::is_empty")]
    model_index: Vec<IndexEntry>,
}

#[derive(Serialize)]
struct IndexEntry {
    name: String,
    results: Vec<EvalResult>,
}

#[derive(Serialize)]
struct EvalResult {
    task: Task,
    dataset: Dataset,
    metrics: Vec<Metric>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

#[derive(Serialize)]
struct Task {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize)]
struct Dataset {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<DatasetArguments>,
}

#[derive(Serialize)]
struct DatasetArguments {
    sha256: Sha256,
}

#[derive(Serialize)]
struct Metric {
    #[serde(rename = "type")]
    kind: String,
    value: f64,
    name: String,
}

#[derive(Serialize)]
struct Source {
    name: String,
    url: String,
}

/// The front matter with its fences; begins at byte 0 with `---`.
pub(super) fn front_matter(document: &CardDocument) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let yaml = serde_saphyr::to_string_with_options(&metadata(document), options)
        .expect("front matter holds strings and finite numbers only");
    format!("---\n{}\n---\n", yaml.trim_end())
}

fn metadata(document: &CardDocument) -> FrontMatter {
    let about = &document.about;
    let (license, license_name, license_link) = license(document);
    let rows = indexed(document);
    let mut metrics: Vec<String> = Vec::new();
    for (row, _) in &rows {
        let kind = hub_metric(&row.metric);
        if !metrics.contains(&kind) {
            metrics.push(kind);
        }
    }
    FrontMatter {
        language: all_visible(&about.language),
        license,
        license_name,
        license_link,
        library_name: about.library.as_deref().map(visible),
        pipeline_tag: about.pipeline_tag.as_deref().map(visible),
        base_model: about.base_model.as_deref().map(visible),
        tags: all_visible(&about.tags),
        datasets: all_visible(&about.datasets),
        metrics,
        model_index: model_index(document, &rows),
    }
}

fn license(document: &CardDocument) -> (Option<String>, Option<String>, Option<String>) {
    let about = &document.about;
    let name = about.license_name.as_deref().map(visible);
    // An address, or a file of the repository; anything else with a scheme is left out.
    let is_file = |address: &&str| !address.contains([':', '<']);
    let address = about.license_link.as_deref();
    let link = address
        .and_then(link)
        .or_else(|| address.filter(is_file).map(visible));
    match License::parse(&about.license) {
        Some(License::Hub(id)) => (Some(id.to_owned()), name, link),
        Some(License::Spdx(id)) => (
            Some("other".to_owned()),
            name.or_else(|| Some(id.to_lowercase())),
            link.or_else(|| Some(format!("https://spdx.org/licenses/{id}.html"))),
        ),
        Some(License::Other) => (Some("other".to_owned()), name, link),
        Some(License::Unknown) => (Some("unknown".to_owned()), name, link),
        None if about.license.is_empty() => (None, name, link),
        None => (Some(visible(&about.license)), name, link),
    }
}

/// The rows that go into the index: absolute, finite numbers of this model, one for each metric.
fn indexed(document: &CardDocument) -> Vec<(&MetricRow, f64)> {
    let mut rows: Vec<(&MetricRow, f64)> = Vec::new();
    for row in &document.metrics {
        let value = row.claim.quantity.map(|quantity| quantity.value);
        let is_new = !rows.iter().any(|(kept, _)| kept.metric == row.metric);
        if let Some(value) = value
            && value.is_finite()
            && is_new
            && row.model == document.model.name
            && ABSOLUTE.contains(&row.requirement.as_str())
        {
            rows.push((row, value));
        }
    }
    rows
}

fn model_index(document: &CardDocument, rows: &[(&MetricRow, f64)]) -> Vec<IndexEntry> {
    if rows.is_empty() {
        return Vec::new();
    }
    let results = document
        .evidence
        .iter()
        .filter_map(|cited| {
            let metrics: Vec<Metric> = rows
                .iter()
                .filter(|(row, _)| row.claim.source.evidence == cited.sha256)
                .map(|(row, value)| Metric {
                    kind: hub_metric(&row.metric),
                    value: *value,
                    name: visible(&row.metric),
                })
                .collect();
            (!metrics.is_empty()).then(|| EvalResult {
                task: Task {
                    kind: document
                        .about
                        .pipeline_tag
                        .as_deref()
                        .map_or_else(|| "other".to_owned(), visible),
                },
                dataset: dataset(document, cited.sha256),
                metrics,
                source: source(cited.run_url.as_deref()),
            })
        })
        .collect();
    vec![IndexEntry {
        name: visible(&document.model.name),
        results,
    }]
}

/// The Hub requires a dataset; ours is the one evaluated on, and its digest says which bytes.
fn dataset(document: &CardDocument, evidence: Sha256) -> Dataset {
    let evaluated = document
        .evidence
        .iter()
        .find(|cited| cited.sha256 == evidence)
        .and_then(|cited| cited.datasets.first());
    let name = evaluated.map_or("evaluation data", |dataset| dataset.name.as_str());
    Dataset {
        kind: document
            .about
            .datasets
            .first()
            .map_or_else(|| slug(name), |id| visible(id)),
        name: visible(name),
        args: evaluated.map(|dataset| DatasetArguments {
            sha256: dataset.sha256,
        }),
    }
}

fn source(run_url: Option<&str>) -> Option<Source> {
    let url = run_url.and_then(link)?;
    Some(Source {
        name: "proofmark gate".to_owned(),
        url,
    })
}

/// The name of a metric as the Hub spells it.
pub(super) fn hub_metric(name: &str) -> String {
    HUB_METRICS
        .iter()
        .find(|(ours, _)| *ours == name)
        .map_or_else(
            || visible(name).replace('-', "_"),
            |(_, hub)| (*hub).to_owned(),
        )
}

/// Lower-case letters, digits and `-`.
fn slug(name: &str) -> String {
    let dashed: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "evaluation-data".to_owned()
    } else {
        parts.join("-")
    }
}

fn all_visible(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| visible(text)).collect()
}
